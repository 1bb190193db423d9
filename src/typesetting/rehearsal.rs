//! A rehearsal: an empty page that imports what all layouts share, set before there is a document. Parsing and evaluating those files is a
//! good part of what the first document of a process costs, and Typst remembers it; a worker has time for it while the program that
//! started it still opens the office. An office whose own files differ pays a few milliseconds for nothing.

use std::collections::HashMap;

use typst::diag::FileResult;
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, Source};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, World};
use typst_layout::PagedDocument;

use super::world::{LIBRARY, MAIN, id, not_found};

/// What each document imports; the usual house is named where it stands.
const IMPORTS: &str = "#import \"/_shared/house.typ\": laid-out\n#import \"/_shared/houses/modern.typ\" as ground\n";

/// Evaluates the files. What is wrong with them is said of the document that meets with it.
pub(super) fn run(shared: Vec<(String, &'static str)>) {
    let typst = shared.into_iter().filter(|(path, _)| path.ends_with(".typ"));
    let files = typst.filter_map(|(path, text)| Some((id(&path)?, text))).collect();
    let _ = typst::compile::<PagedDocument>(&Empty { book: LazyHash::new(FontBook::new()), files });
}

/// A world of those files and no fonts.
struct Empty {
    book: LazyHash<FontBook>,
    files: HashMap<FileId, &'static str>,
}

impl World for Empty {
    fn library(&self) -> &LazyHash<Library> {
        &LIBRARY
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }

    fn main(&self) -> FileId {
        *MAIN
    }

    fn source(&self, file: FileId) -> FileResult<Source> {
        if file == *MAIN {
            return Ok(Source::new(file, IMPORTS.to_owned()));
        }
        self.files.get(&file).map(|text| Source::new(file, (*text).to_owned())).ok_or_else(|| not_found(file))
    }

    fn file(&self, file: FileId) -> FileResult<Bytes> {
        Err(not_found(file))
    }

    fn font(&self, _: usize) -> Option<Font> {
        None
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

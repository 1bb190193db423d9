//! The world that Typst sees: the manuscript's files, the fonts, and the document's date as today.

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::Datelike;
use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};

use super::fonts::Fonts;
use crate::composition::Manuscript;

/// Made once: its hash is part of every memo key.
static LIBRARY: LazyLock<LazyHash<Library>> = LazyLock::new(|| LazyHash::new(<Library as LibraryExt>::default()));

static MAIN: LazyLock<FileId> = LazyLock::new(|| id("/main.typ").unwrap_or_else(|| unreachable!("/main.typ is a valid path")));

/// A file of a manuscript.
enum Held {
    Source(Source),
    Bytes(Bytes),
}

/// One manuscript's world.
pub(super) struct SealedWorld<'a> {
    fonts: &'a Fonts,
    files: HashMap<FileId, Held>,
    today: Option<Datetime>,
}

impl<'a> SealedWorld<'a> {
    /// Holds every file of the manuscript. Paths are few and constant, since Typst never forgets one.
    pub(super) fn new(fonts: &'a Fonts, manuscript: &Manuscript) -> Self {
        let mut files = HashMap::with_capacity(manuscript.files.len());
        for (path, bytes) in &manuscript.files {
            let Some(id) = id(path) else { continue };
            let source = if path.ends_with(".typ") { std::str::from_utf8(bytes).ok() } else { None };
            let held = match source {
                Some(text) => Held::Source(Source::new(id, text.to_owned())),
                None => Held::Bytes(Bytes::new(bytes.clone())),
            };
            files.insert(id, held);
        }
        let today = manuscript.today;
        // A month has at most 12 and a day at most 31: neither is cut.
        let today = Datetime::from_ymd(today.year(), today.month() as u8, today.day() as u8);
        Self { fonts, files, today }
    }
}

impl SealedWorld<'_> {
    /// The fonts in use.
    pub(super) fn fonts(&self) -> &Fonts {
        self.fonts
    }
}

impl World for SealedWorld<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &LIBRARY
    }

    fn book(&self) -> &LazyHash<FontBook> {
        self.fonts.book()
    }

    fn main(&self) -> FileId {
        *MAIN
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        match self.files.get(&id) {
            Some(Held::Source(source)) => Ok(source.clone()),
            Some(Held::Bytes(_)) => Err(FileError::NotSource),
            None => Err(not_found(id)),
        }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        match self.files.get(&id) {
            Some(Held::Source(source)) => Ok(Bytes::from_string(source.clone())),
            Some(Held::Bytes(bytes)) => Ok(bytes.clone()),
            None => Err(not_found(id)),
        }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.font(index)
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        self.today
    }
}

fn id(path: &str) -> Option<FileId> {
    Some(RootedPath::new(VirtualRoot::Project, VirtualPath::new(path).ok()?).intern())
}

fn not_found(id: FileId) -> FileError {
    FileError::NotFound(id.get().vpath().get_without_slash().into())
}

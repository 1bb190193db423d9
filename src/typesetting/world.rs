//! The world that Typst sees: the manuscript's files, the fonts, and the document's date as today.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, OnceLock, PoisonError};

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
pub(super) static LIBRARY: LazyLock<LazyHash<Library>> = LazyLock::new(|| LazyHash::new(<Library as LibraryExt>::default()));

pub(super) static MAIN: LazyLock<FileId> = LazyLock::new(|| id("/main.typ").unwrap_or_else(|| unreachable!("/main.typ is a valid path")));

/// Files as they were parsed last, by path. Templates are the same in one manuscript after the other, and most of them are for
/// other houses and forms than a manuscript's own.
#[derive(Debug, Default)]
pub(super) struct Parsed(Mutex<HashMap<FileId, Source>>);

impl Parsed {
    fn source(&self, id: FileId, text: &str) -> Source {
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(&id).filter(|known| known.text() == text) {
            return known.clone();
        }
        let source = Source::new(id, text.to_owned());
        lock().insert(id, source.clone());
        source
    }
}

/// A file of a manuscript.
enum Held<'a> {
    /// Typst, parsed when it is first asked for.
    Source(&'a str, OnceLock<Source>),
    Bytes(Bytes),
}

/// One manuscript's world.
pub(super) struct SealedWorld<'a> {
    fonts: &'a Fonts,
    parsed: &'a Parsed,
    files: HashMap<FileId, Held<'a>>,
    today: Option<Datetime>,
}

impl<'a> SealedWorld<'a> {
    /// Holds every file of the manuscript. Paths are few and constant, since Typst never forgets one.
    pub(super) fn new(fonts: &'a Fonts, parsed: &'a Parsed, manuscript: &'a Manuscript) -> Self {
        let mut files = HashMap::with_capacity(manuscript.files.len());
        for (path, bytes) in &manuscript.files {
            let Some(id) = id(path) else { continue };
            let source = if path.ends_with(".typ") { std::str::from_utf8(bytes).ok() } else { None };
            let held = match source {
                Some(text) => Held::Source(text, OnceLock::new()),
                None => Held::Bytes(Bytes::new(bytes.clone())),
            };
            files.insert(id, held);
        }
        let today = manuscript.today;
        // A month has at most 12 and a day at most 31: neither is cut.
        let today = Datetime::from_ymd(today.year(), today.month() as u8, today.day() as u8);
        Self { fonts, parsed, files, today }
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
            Some(Held::Source(text, source)) => Ok(source.get_or_init(|| self.parsed.source(id, text)).clone()),
            Some(Held::Bytes(_)) => Err(FileError::NotSource),
            None => Err(not_found(id)),
        }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        match self.files.get(&id) {
            Some(Held::Source(text, _)) => Ok(Bytes::from_string((*text).to_owned())),
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

pub(super) fn id(path: &str) -> Option<FileId> {
    Some(RootedPath::new(VirtualRoot::Project, VirtualPath::new(path).ok()?).intern())
}

pub(super) fn not_found(id: FileId) -> FileError {
    FileError::NotFound(id.get().vpath().get_without_slash().into())
}

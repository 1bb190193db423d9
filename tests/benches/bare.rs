//! Typst alone: the least that any program pays for the same page, with the same files, fonts and options.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Mutex;

use chancery::composition::Manuscript;
use chrono::{Datelike as _, Timelike as _};
use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt as _, World};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

/// Fonts and library, loaded once.
pub struct Bare {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    /// What was parsed last, by path: templates are parsed once.
    parsed: Mutex<HashMap<FileId, Source>>,
}

impl Bare {
    /// With the repository's fonts.
    pub fn new() -> Self {
        Self::with_fonts("")
    }

    /// With those of the repository's fonts whose file names begin so.
    pub fn with_fonts(prefix: &str) -> Self {
        let mut files: Vec<_> =
            std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("fonts")).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        let is_font = |path: &Path| path.extension().is_some_and(|extension| extension == "ttf" || extension == "otf");
        let is_wanted = |path: &Path| is_font(path) && path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(prefix));
        let read = |path: &std::path::PathBuf| Font::iter(Bytes::new(std::fs::read(path).unwrap())).collect::<Vec<_>>();
        let fonts: Vec<Font> = files.iter().filter(|path| is_wanted(path)).flat_map(read).collect();
        Self {
            library: LazyHash::new(Library::default()),
            book: LazyHash::new(FontBook::from_fonts(&fonts)),
            fonts,
            parsed: Mutex::default(),
        }
    }

    /// Compiles only; gives the number of pages.
    pub fn compile(&self, manuscript: &Manuscript) -> usize {
        let pages = typst::compile::<PagedDocument>(&self.prepared(manuscript)).output.unwrap().pages().len();
        typst::comemo::evict(1);
        pages
    }

    /// Compiles and exports; gives the number of bytes.
    pub fn set(&self, manuscript: &Manuscript) -> usize {
        self.pdf(&self.prepared(manuscript)).len()
    }

    /// The manuscript's files as Typst wants them, so that only Typst is measured after it.
    pub fn prepared<'a>(&'a self, manuscript: &'a Manuscript) -> BareWorld<'a> {
        BareWorld::new(self, manuscript)
    }

    /// Compiles and exports.
    pub fn pdf(&self, world: &BareWorld<'_>) -> Vec<u8> {
        let manuscript = world.manuscript;
        let mut document = typst::compile::<PagedDocument>(world).output.unwrap();
        document.info_mut().title = Some(manuscript.title.as_str().into());
        let at = manuscript.created;
        let moment =
            Datetime::from_ymd_hms(at.year(), at.month() as u8, at.day() as u8, at.hour() as u8, at.minute() as u8, at.second() as u8);
        let options = PdfOptions {
            ident: Smart::Custom(manuscript.identity.clone()),
            timestamp: Timestamp::new_local(moment.unwrap(), at.offset().local_minus_utc() / 60),
            standards: PdfStandards::new(&[PdfStandard::A_3a, PdfStandard::Ua_1]).unwrap(),
            ..PdfOptions::default()
        };
        let pdf = typst_pdf::pdf(&document, &options).unwrap();
        typst::comemo::evict(1);
        pdf
    }
}

/// One manuscript's files.
pub struct BareWorld<'a> {
    bare: &'a Bare,
    manuscript: &'a Manuscript,
    main: FileId,
    sources: HashMap<FileId, Held>,
    files: HashMap<FileId, Bytes>,
    today: Option<Datetime>,
}

/// A Typst file: the same as in the manuscript before, or still to be parsed.
enum Held {
    Parsed(Source),
    Text(String),
}

impl<'a> BareWorld<'a> {
    fn new(bare: &'a Bare, manuscript: &'a Manuscript) -> Self {
        let parsed = bare.parsed.lock().unwrap();
        let (mut sources, mut files) = (HashMap::new(), HashMap::new());
        for (path, bytes) in &manuscript.files {
            let id = id(path);
            match std::str::from_utf8(bytes) {
                Ok(text) if path.ends_with(".typ") => {
                    let known = parsed.get(&id).filter(|known| known.text() == text);
                    sources.insert(id, known.map_or_else(|| Held::Text(text.to_owned()), |known| Held::Parsed(known.clone())));
                }
                _ => drop(files.insert(id, Bytes::new(bytes.clone()))),
            }
        }
        drop(parsed);
        let today = manuscript.today;
        let today = Datetime::from_ymd(today.year(), today.month() as u8, today.day() as u8);
        Self { bare, manuscript, main: id("/main.typ"), sources, files, today }
    }
}

fn id(path: &str) -> FileId {
    RootedPath::new(VirtualRoot::Project, VirtualPath::new(path).unwrap()).intern()
}

impl World for BareWorld<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.bare.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.bare.book
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        let text = match self.sources.get(&id).ok_or(FileError::AccessDenied)? {
            Held::Parsed(source) => return Ok(source.clone()),
            Held::Text(text) => text,
        };
        let mut parsed = self.bare.parsed.lock().unwrap();
        if let Some(known) = parsed.get(&id).filter(|known| known.text() == text) {
            return Ok(known.clone());
        }
        let source = Source::new(id, text.clone());
        parsed.insert(id, source.clone());
        Ok(source)
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        self.files.get(&id).cloned().ok_or(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.bare.fonts.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        self.today
    }
}

//! Fonts: those compiled into the program, then those of the configured folders. Bytes of the latter are read when a
//! document first needs them; their properties are remembered between runs, as reading them takes seconds.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, OnceLock};
use std::thread;
use std::time::UNIX_EPOCH;

use include_dir::{Dir, include_dir};
use serde::{Deserialize, Serialize};

use typst::foundations::Bytes;
use typst::text::{Font, FontBook, FontInfo};
use typst::utils::LazyHash;

use super::font_file::bytes_of;
use crate::model::sha256_hex;
use crate::parallel;

/// The fonts of the repository.
static BUILT_IN: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/fonts");

/// A built-in font file: its path, its bytes, and what its faces are.
type BuiltIn = (&'static Path, &'static [u8], Vec<FontInfo>);

/// The built-in font files in the order of their names, with what their faces are.
static BUILT_IN_FACES: LazyLock<Vec<BuiltIn>> = LazyLock::new(|| {
    let mut files: Vec<_> = BUILT_IN.files().filter(|file| is_font(file.path())).collect();
    files.sort_by_key(|file| file.path());
    files.into_iter().map(|file| (file.path(), file.contents(), FontInfo::iter(file.contents()).collect())).collect()
});

/// Reads what the built-in faces are.
pub(super) fn warm() {
    LazyLock::force(&BUILT_IN_FACES);
}

/// Folders deeper than this are not looked into.
const MAX_DEPTH: usize = 8;
/// A font file larger than this is passed over.
const MAX_FONT_BYTES: u64 = 128 << 20;
/// The cache's own version: another one is made anew.
const CACHE_VERSION: u32 = 2;

/// Every font that documents may use. The first that has a character prints it.
pub struct Fonts {
    book: LazyHash<FontBook>,
    slots: Vec<Slot>,
    sha256: String,
}

impl fmt::Debug for Fonts {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Fonts").field("faces", &self.slots.len()).finish_non_exhaustive()
    }
}

/// Where a face's bytes are.
struct Slot {
    place: Place,
    index: u32,
    font: OnceLock<Option<Font>>,
}

enum Place {
    BuiltIn(&'static [u8]),
    File(PathBuf),
}

/// The faces of one file, remembered.
#[derive(Clone, Serialize, Deserialize)]
struct Remembered {
    bytes: u64,
    modified_ns: u128,
    sha256: String,
    faces: Vec<FontInfo>,
}

#[derive(Serialize, Deserialize)]
struct Cache {
    version: u32,
    files: BTreeMap<PathBuf, Remembered>,
}

impl Fonts {
    /// The built-in fonts and those of `folders`.
    pub(super) fn load(folders: &[PathBuf], cache: Option<&Path>) -> Self {
        let mut fonts = Self { book: LazyHash::new(FontBook::new()), slots: Vec::new(), sha256: String::new() };
        let mut stamp = String::new();
        for (path, bytes, faces) in BUILT_IN_FACES.iter() {
            stamp.push_str(&format!("{}\0{}\n", path.display(), bytes.len()));
            for (index, info) in faces.iter().enumerate() {
                fonts.add(info.clone(), Place::BuiltIn(bytes), index);
            }
        }
        for (path, remembered) in scan(folders, cache) {
            stamp.push_str(&format!("{}\0{}\n", path.file_name().unwrap_or_default().display(), remembered.sha256));
            for (index, info) in remembered.faces.into_iter().enumerate() {
                fonts.add(info, Place::File(path.clone()), index);
            }
        }
        fonts.sha256 = sha256_hex(stamp.as_bytes());
        fonts
    }

    /// The folders in which font files lie that may still have to be read, links followed.
    pub fn folders(&self) -> Vec<PathBuf> {
        let file = |slot: &Slot| match &slot.place {
            Place::BuiltIn(_) => None,
            Place::File(path) => path.canonicalize().ok(),
        };
        let folders: BTreeSet<PathBuf> = self.slots.iter().filter_map(file).filter_map(|path| Some(path.parent()?.to_owned())).collect();
        folders.into_iter().collect()
    }

    /// Names, content and order of all font files, hashed: two runs of one program with the same value have the same fonts to choose
    /// from. Of the built-in ones, which come with the program, the names and sizes.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// The families, each once, in the order in which they are tried.
    pub fn families(&self) -> Vec<String> {
        self.book.families().map(|(family, _)| family.to_owned()).collect()
    }

    /// Whether any font has a glyph for a character.
    pub(super) fn have(&self, c: char) -> bool {
        (0..self.slots.len()).filter_map(|index| self.book.info(index)).any(|face| face.coverage.contains(c as u32))
    }

    pub(super) fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }

    pub(super) fn font(&self, index: usize) -> Option<Font> {
        let slot = self.slots.get(index)?;
        let load = || match &slot.place {
            Place::BuiltIn(bytes) => Font::new(Bytes::new(*bytes), slot.index),
            Place::File(path) => Font::new(bytes_of(path).ok()?, slot.index),
        };
        slot.font.get_or_init(load).clone()
    }

    /// The file of a face; `None` if it is built in.
    pub(super) fn file_of(&self, font: &Font) -> Option<PathBuf> {
        let slot = self.slots.iter().find(|slot| slot.font.get().and_then(Option::as_ref) == Some(font))?;
        match &slot.place {
            Place::BuiltIn(_) => None,
            Place::File(path) => Some(path.clone()),
        }
    }

    fn add(&mut self, info: FontInfo, place: Place, index: usize) {
        self.book.push(info);
        self.slots.push(Slot { place, index: u32::try_from(index).unwrap_or(0), font: OnceLock::new() });
    }
}

fn is_font(path: &Path) -> bool {
    path.extension().is_some_and(|extension| ["ttf", "otf", "ttc", "otc"].iter().any(|known| extension.eq_ignore_ascii_case(known)))
}

/// The font files of the folders in the order of their paths, read anew only where they changed.
fn scan(folders: &[PathBuf], cache: Option<&Path>) -> Vec<(PathBuf, Remembered)> {
    let cache_file = cache.map(|folder| folder.join("fonts.json"));
    let remembered = cache_file.as_deref().and_then(read_cache).unwrap_or_default();
    let mut found = BTreeMap::new();
    let mut seen = HashSet::new();
    for folder in folders {
        walk(folder, 0, &mut seen, &mut found);
    }
    let is_known = |path: &PathBuf, (bytes, modified_ns): &(u64, u128)| {
        remembered.get(path).filter(|known| known.bytes == *bytes && known.modified_ns == *modified_ns).cloned()
    };
    let changed = found.len() != remembered.len() || found.iter().any(|(path, state)| is_known(path, state).is_none());
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let files: BTreeMap<PathBuf, Remembered> = parallel::map(found.into_iter().collect(), threads, |(path, state)| {
        let entry = is_known(&path, &state).unwrap_or_else(|| looked_at(&path, state));
        (path, entry)
    })
    .into_iter()
    .collect();
    if let Some(file) = cache_file.filter(|_| changed) {
        write_cache(&file, &files);
    }
    files.into_iter().collect()
}

/// Reads what a font file is.
fn looked_at(path: &Path, (bytes, modified_ns): (u64, u128)) -> Remembered {
    let data = fs::read(path).unwrap_or_default();
    Remembered { bytes, modified_ns, sha256: sha256_hex(&data), faces: FontInfo::iter(&data).collect() }
}

fn walk(folder: &Path, depth: usize, seen: &mut HashSet<PathBuf>, found: &mut BTreeMap<PathBuf, (u64, u128)>) {
    let Ok(real) = folder.canonicalize() else { return };
    if depth > MAX_DEPTH || !seen.insert(real) {
        return;
    }
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let Ok(metadata) = fs::metadata(&path) else { continue };
        if metadata.is_dir() {
            walk(&path, depth + 1, seen, found);
        } else if metadata.is_file() && is_font(&path) && metadata.len() <= MAX_FONT_BYTES {
            let modified = metadata.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
            found.insert(path, (metadata.len(), modified.map_or(0, |since| since.as_nanos())));
        }
    }
}

fn read_cache(file: &Path) -> Option<HashMap<PathBuf, Remembered>> {
    let cache: Cache = serde_json::from_slice(&fs::read(file).ok()?).ok()?;
    (cache.version == CACHE_VERSION).then(|| cache.files.into_iter().collect())
}

/// A cache that cannot be written only costs time.
fn write_cache(file: &Path, files: &BTreeMap<PathBuf, Remembered>) {
    let write = || -> std::io::Result<()> {
        let folder = file.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        let bytes = serde_json::to_vec(&Cache { version: CACHE_VERSION, files: files.clone() })?;
        let temporary = tempfile::NamedTempFile::new_in(folder)?;
        fs::write(temporary.path(), bytes)?;
        temporary.persist(file).map_err(|error| error.error)?;
        Ok(())
    };
    if let Err(error) = write() {
        tracing::debug!("the font cache could not be written: {error}");
    }
}

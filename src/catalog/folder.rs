//! The files that types are made of: the compiled-in ones, and those of the office's `templates/` folder.
//!
//! Of the office's folder nothing is read that lies outside it, whatever links stand in it.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use include_dir::{Dir, include_dir};

use super::Files;
use crate::failure::{Blame, Checked, Problem};

static BUILTIN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// A larger file is no template, and no picture for a letterhead either.
const MAX_FILE_BYTES: u64 = 8 * 1024 * 1024;
/// More files than any office's templates have; a folder that somebody put there by mistake.
const MAX_FILES: usize = 2_000;
/// Deeper folders are not looked into: links can make them endless.
const MAX_DEPTH: usize = 8;

/// What the office's `templates/` folder holds.
#[derive(Debug, Default)]
pub(super) struct OfficeFolder {
    /// Its files by path relative to it.
    pub files: Files,
    /// Files that are left out, and why.
    pub skipped: BTreeMap<String, String>,
    /// Files that could not be read; blame: machine.
    pub unreadable: BTreeMap<String, Problem>,
}

/// What a folder's files looked like; equal as long as nobody changes them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fingerprint(Vec<(String, u64, Option<SystemTime>)>);

/// Where the houses stand, below `templates/`: one file for each.
const HOUSES: &str = "_shared/houses";

/// The names of all houses: the built-in ones, and what the office's `templates/` folder adds. Sorted.
pub fn houses(templates: &Path) -> Vec<String> {
    let built_in = BUILTIN.get_dir(HOUSES).into_iter().flat_map(Dir::files).map(|file| file.path().to_owned());
    let own = std::fs::read_dir(templates.join(HOUSES)).into_iter().flatten().flatten().map(|entry| entry.path());
    let name = |path: PathBuf| Some(path.file_name()?.to_str()?.strip_suffix(".typ")?.to_owned());
    let mut names: Vec<String> = built_in.chain(own).filter_map(name).filter(|name| is_house(name)).collect();
    names.sort();
    names.dedup();
    names
}

/// Whether a file's name may be a house's; others (`official-parts.typ` is one of them) are what houses import.
fn is_house(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// The files compiled into the program.
pub(super) fn builtin() -> Files {
    let mut files = Files::new();
    let mut folders = vec![&BUILTIN];
    while let Some(folder) = folders.pop() {
        folders.extend(folder.dirs());
        for file in folder.files() {
            let parts: Vec<_> = file.path().iter().map(|part| part.to_string_lossy()).collect();
            if !parts.iter().any(|part| is_passed_over(part)) {
                files.insert(parts.join("/"), Arc::from(file.contents()));
            }
        }
    }
    files
}

/// The built-in files that layouts share, by the paths under which layouts know them.
pub fn shared() -> Vec<(String, &'static str)> {
    let mut files = Vec::new();
    let mut folders: Vec<_> = BUILTIN.get_dir("_shared").into_iter().collect();
    while let Some(folder) = folders.pop() {
        folders.extend(folder.dirs());
        let path = |file: &include_dir::File<'_>| {
            format!("/{}", file.path().iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/"))
        };
        files.extend(folder.files().filter_map(|file| Some((path(file), file.contents_utf8()?))));
    }
    files
}

/// Reads the office's folder. One that is not there is empty.
pub(super) fn read(root: &Path) -> Checked<OfficeFolder> {
    let found = walk(root)?;
    let mut folder = OfficeFolder { skipped: found.skipped, ..OfficeFolder::default() };
    for entry in found.files {
        match std::fs::read(&entry.path) {
            Ok(bytes) => _ = folder.files.insert(entry.name, bytes.into()),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => _ = folder.unreadable.insert(entry.name, Problem::machine("read", &entry.path, &error)),
        }
    }
    Ok(folder)
}

/// The stamp of the folder's files. A folder that cannot be read has the stamp of an empty one.
pub(super) fn fingerprint(root: &Path) -> Fingerprint {
    let found = walk(root).unwrap_or_default();
    let stamp = |entry: Entry| (entry.name, entry.metadata.len(), entry.metadata.modified().ok());
    let mut stamps: Vec<_> = found.files.into_iter().map(stamp).collect();
    stamps.extend(found.skipped.into_keys().map(|name| (name, u64::MAX, None)));
    stamps.sort();
    Fingerprint(stamps)
}

#[derive(Default)]
struct Found {
    files: Vec<Entry>,
    skipped: BTreeMap<String, String>,
}

struct Entry {
    name: String,
    path: PathBuf,
    metadata: Metadata,
}

/// Lists the files below `root`, without reading them.
fn walk(root: &Path) -> Checked<Found> {
    let mut found = Found::default();
    let real_root = match root.canonicalize() {
        Ok(path) => path,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(found),
        Err(error) => return Err(Problem::machine("open the folder", root, &error).into()),
    };
    let mut folders = vec![(root.to_owned(), String::new(), 0)];
    while let Some((folder, prefix, depth)) = folders.pop() {
        let entries = std::fs::read_dir(&folder).map_err(|error| Problem::machine("open the folder", &folder, &error))?;
        for entry in entries {
            let entry = entry.map_err(|error| Problem::machine("list the folder", &folder, &error))?;
            let file_name = entry.file_name();
            let name = file_name.to_string_lossy();
            if is_passed_over(&name) {
                continue;
            }
            let name = format!("{prefix}{name}");
            match look(&entry.path(), &real_root, depth) {
                Look::Folder => folders.push((entry.path(), format!("{name}/"), depth + 1)),
                Look::File(metadata) => found.files.push(Entry { name, path: entry.path(), metadata }),
                Look::Skip(reason) => _ = found.skipped.insert(name, reason),
                Look::Gone => {}
            }
        }
        if found.files.len() > MAX_FILES {
            return Err(too_many(root).into());
        }
    }
    Ok(found)
}

enum Look {
    Folder,
    File(Metadata),
    Skip(String),
    Gone,
}

fn look(path: &Path, real_root: &Path, depth: usize) -> Look {
    let leaves = |path: &Path| path.canonicalize().map(|real| !real.starts_with(real_root));
    let is_link = path.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink());
    if is_link && leaves(path).unwrap_or(true) {
        return Look::Skip("is a link that leaves the folder".to_owned());
    }
    match path.metadata() {
        Ok(metadata) if metadata.is_dir() && depth >= MAX_DEPTH => Look::Skip(format!("lies more than {MAX_DEPTH} folders deep")),
        Ok(metadata) if metadata.is_dir() => Look::Folder,
        Ok(metadata) if !metadata.is_file() => Look::Skip("is no file".to_owned()),
        Ok(metadata) if metadata.len() > MAX_FILE_BYTES => Look::Skip(format!("is larger than {} MiB", MAX_FILE_BYTES / 1024 / 1024)),
        Ok(metadata) => Look::File(metadata),
        Err(_) => Look::Gone,
    }
}

/// Hidden files and those that editors leave behind are nobody's template.
fn is_passed_over(name: &str) -> bool {
    name.starts_with('.') || name.ends_with('~') || name == "4913"
}

fn too_many(root: &Path) -> Problem {
    let message = format!("{} holds more than {MAX_FILES} files", root.display());
    let help = "Only document types belong there: move everything else out of that folder.";
    Problem::new("too-many-templates", message, help).blaming(Blame::Template)
}

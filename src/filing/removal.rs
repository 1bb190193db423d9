//! Removal: a filed arrival leaves the inbox, and only that.
//!
//! Each file is renamed to a hidden name in its folder, read again, and deleted only if it is what was filed. If any
//! file of the set was changed meanwhile, all are put back and the set is a new submission. The hidden name carries
//! the writer's name and the file's own, so that recovery can put it back after a crash.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use crate::failure::{Checked, Problem};
use crate::intake::Arrival;
use crate::model::{Dropped, sha256_hex};
use crate::register::{Register, Removed, SourceFile};
use crate::storage::{WriterLock, crash_point, hash_file, parent, rename_new, sync_dir};

/// What became of an arrival's files in the inbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cleared {
    /// They are gone.
    Gone,
    /// One of these files was changed meanwhile: the set stays in the inbox and is a new submission.
    Edited(Vec<PathBuf>),
}

/// The files of an arrival that leave the inbox once it is filed, the note first; empty if the note is not in it.
pub fn inbox_files(inbox: &Path, arrival: &Arrival) -> Vec<SourceFile> {
    let leaving = leaving(arrival).map(|file| Some(SourceFile { name: relative(inbox, &file.path)?, sha256: sha256_hex(&file.bytes) }));
    leaving.collect::<Option<Vec<_>>>().unwrap_or_default()
}

/// Removes a settled arrival from the inbox. `records` are the `seq` of its `filed` lines (not of one that it merely
/// repeats); the `removed` line goes with the next commit. Empty sub-folders of `folder` go too, and itself, if the
/// arrival was a folder of its own.
///
/// # Errors
/// The machine's; then everything that is left stands under its own name again, and it can be tried again.
pub fn clear_inbox(inbox: &Path, arrival: &Arrival, register: &Register, records: &[u64], folder: Option<&Path>) -> Checked<Cleared> {
    let writer = register.writer()?;
    let files: Vec<(PathBuf, String)> = leaving(arrival).map(|file| (file.path.clone(), sha256_hex(&file.bytes))).collect();
    let removal = remove_set(&files, &writer)?;
    let source = relative(inbox, &arrival.note.path).unwrap_or_else(|| arrival.note.name.clone());
    if !records.is_empty() {
        let outcome = removal.outcome().to_owned();
        register.settle(Removed { of: records.to_vec(), source, outcome });
    }
    if let Some(folder) = folder.filter(|folder| folder.starts_with(inbox) && *folder != inbox) {
        remove_empty(folder, 0);
    }
    Ok(if removal.edited.is_empty() { Cleared::Gone } else { Cleared::Edited(removal.edited) })
}

/// What happened to a set of files.
#[derive(Debug, Default)]
pub(super) struct Removal {
    pub(super) edited: Vec<PathBuf>,
    pub(super) deleted: usize,
}

impl Removal {
    /// The word for the `removed` line.
    pub(super) fn outcome(&self) -> &'static str {
        match (self.edited.is_empty(), self.deleted) {
            (false, _) => "edited",
            (true, 0) => "gone",
            (true, _) => "deleted",
        }
    }
}

/// Removes files that should have these hashes, all or none. A file that is not there any more counts as removed.
pub(super) fn remove_set(files: &[(PathBuf, String)], writer: &str) -> Checked<Removal> {
    let mut hidden: Vec<Hidden> = Vec::new();
    for (path, sha256) in files {
        match hide(path, writer) {
            Ok(Some(place)) => hidden.push(Hidden { path: path.clone(), place, sha256: sha256.clone() }),
            Ok(None) => {}
            Err(error) => {
                put_all_back(&hidden);
                return Err(Problem::machine("remove from the inbox", path, &error).into());
            }
        }
    }
    crash_point("filing::hidden");
    let mut edited = Vec::new();
    for file in &hidden {
        match file.is_as_filed() {
            Ok(true) => {}
            Ok(false) => edited.push(file.path.clone()),
            // Nobody knows whether it was edited: it is neither deleted nor called a new submission.
            Err(error) => {
                put_all_back(&hidden);
                return Err(Problem::machine("read", &file.path, &error).into());
            }
        }
    }
    crash_point("filing::hashed");
    if !edited.is_empty() {
        put_all_back(&hidden);
        return Ok(Removal { edited, deleted: 0 });
    }
    for (count, file) in hidden.iter().enumerate() {
        if let Err(error) = std::fs::remove_file(&file.place) {
            put_all_back(&hidden[count..]);
            return Err(Problem::machine("remove from the inbox", &file.path, &error).into());
        }
        crash_point("filing::partly-deleted");
    }
    sync_each_folder(&hidden)?;
    crash_point("filing::deleted");
    Ok(Removal { edited, deleted: hidden.len() })
}

struct Hidden {
    path: PathBuf,
    place: PathBuf,
    sha256: String,
}

impl Hidden {
    /// A file that was written to while it was read is not as filed, whatever was read.
    fn is_as_filed(&self) -> io::Result<bool> {
        let state = || std::fs::symlink_metadata(&self.place).and_then(|data| Ok((data.len(), data.modified()?)));
        let before = state()?;
        Ok(hash_file(&self.place)? == self.sha256 && before == state()?)
    }
}

/// Renames a file to its hidden name; `None` if it is gone.
fn hide(path: &Path, writer: &str) -> io::Result<Option<PathBuf>> {
    let name = path.file_name().unwrap_or_default();
    for count in 0..=MAX_TRIES {
        let place = path.with_file_name(hidden_name(name, writer, count));
        match rename_new(path, &place) {
            Ok(()) => return Ok(Some(place)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && count < MAX_TRIES => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

/// How often another name is tried where one is taken.
const MAX_TRIES: u32 = 1_000;

/// What every hidden name begins with; then come the writer's name, a count, and the file's own name.
const PREFIX: &str = ".removing-";

/// File systems allow 255 bytes; of a longer name, the beginning goes: its end says what the file is.
const MAX_NAME_BYTES: usize = 250;

fn hidden_name(name: &std::ffi::OsStr, writer: &str, count: u32) -> OsString {
    let prefix = format!("{PREFIX}{writer}-{count}-");
    let mut hidden = OsString::from(&prefix);
    if prefix.len() + name.len() <= MAX_NAME_BYTES {
        hidden.push(name);
    } else {
        let text = name.to_string_lossy();
        let mut start = text.len() - (MAX_NAME_BYTES - prefix.len()).min(text.len());
        while !text.is_char_boundary(start) {
            start += 1;
        }
        hidden.push(&text[start..]);
    }
    hidden
}

/// The writer and the file's own name, if this is a hidden name of ours.
pub(super) fn hidden_by(name: &str) -> Option<(&str, &str)> {
    let rest = name.strip_prefix(PREFIX)?;
    let (writer, rest) = rest.split_at_checked(WriterLock::NAME_LENGTH)?;
    let (count, own) = rest.strip_prefix('-')?.split_once('-')?;
    let ours = WriterLock::is_name(writer) && count.parse::<u32>().is_ok() && !own.is_empty();
    ours.then_some((writer, own))
}

fn put_all_back(hidden: &[Hidden]) {
    for file in hidden {
        // What cannot be put back keeps its hidden name, which recovery settles.
        let _ = put_back(&file.place, &file.path);
    }
    // The hidden names must not come back with the power when their writer is gone.
    let _ = sync_each_folder(hidden);
}

/// Gives a hidden file its own name back, or `name (2)` if another was saved there meanwhile. Gives the path it has.
pub(super) fn put_back(place: &Path, path: &Path) -> io::Result<PathBuf> {
    for count in 1..=MAX_TRIES {
        let free = if count == 1 { path.to_owned() } else { counted(path, count) };
        match rename_new(place, &free) {
            Ok(()) => return Ok(free),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

fn counted(path: &Path, count: u32) -> PathBuf {
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(format!(" ({count})"));
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}

fn sync_each_folder(hidden: &[Hidden]) -> Checked<()> {
    let folders: std::collections::BTreeSet<&Path> = hidden.iter().map(|file| parent(&file.path)).collect();
    folders.into_iter().filter(|folder| folder.is_dir()).try_for_each(sync_dir)
}

/// Removes a folder with nothing but empty folders in it.
fn remove_empty(folder: &Path, depth: usize) {
    if depth > MAX_DEPTH {
        return;
    }
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove_empty(&entry.path(), depth + 1);
        }
    }
    // Only an empty one can be removed, which is what is wanted.
    let _ = std::fs::remove_dir(folder);
}

/// Folders in an inbox are not walked deeper than this.
pub(super) const MAX_DEPTH: usize = 32;

fn leaving(arrival: &Arrival) -> impl Iterator<Item = &Dropped> {
    let files = std::iter::once(&arrival.note).chain(&arrival.company);
    files.filter(|file| arrival.takes_along(&file.path))
}

/// The path relative to the inbox with `/`; `None` if it is elsewhere.
pub(super) fn relative(inbox: &Path, path: &Path) -> Option<String> {
    let parts = path.strip_prefix(inbox).ok()?.components().map(|part| part.as_os_str().to_string_lossy().into_owned());
    let name = parts.collect::<Vec<_>>().join("/");
    (!name.is_empty()).then_some(name)
}

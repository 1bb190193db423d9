//! Walks the archive and hashes every file, on as many threads as are given.
//!
//! Opens files for reading only. The walk is far ahead of the hashing by a few hundred names at most, so that memory does not grow with
//! the archive.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::{DirEntry, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use sha2::{Digest as _, Sha256};

use crate::failure::Problem;
use crate::storage::{TEMPORARY_PREFIX, WriterLock};

use super::table::Hash;

/// What operating systems and version control put into folders: nobody's document.
const DEBRIS: [&str; 4] = [".DS_Store", "Thumbs.db", "desktop.ini", ".gitkeep"];

/// How many folders deep the archive is followed.
const MAX_DEPTH: usize = 64;

/// How many names wait to be hashed.
const AHEAD: usize = 512;

/// How much of a file is read at once.
const PIECE_BYTES: usize = 256 * 1024;

/// A file that was found.
#[derive(Debug)]
pub(super) struct Found {
    /// Relative to `archive/`, with `/`.
    pub(super) path: String,
    /// Its hash; `None` of a temporary file, what is no file, or one whose name is no text.
    pub(super) sha256: Option<Hash>,
    pub(super) bytes: u64,
}

/// What the walk tells.
pub(super) enum Step {
    File(Found),
    Trouble(Problem),
}

/// Walks and hashes; each file is handed to `take` on this thread as soon as its hash is known, in no order.
pub(super) fn walk(archive: &Path, threads: usize, stop: &AtomicBool, take: &mut dyn FnMut(Step)) {
    let (names, waiting) = sync_channel::<(String, PathBuf)>(AHEAD);
    let (steps, found) = channel::<Step>();
    let waiting = Mutex::new(waiting);
    thread::scope(|scope| {
        let troubles = steps.clone();
        scope.spawn(move || {
            let mut walker = Walker { archive, names, troubles, linked: HashSet::new() };
            walker.folder(archive, "", 0, stop);
        });
        for _ in 0..threads.max(1) {
            let (steps, waiting) = (steps.clone(), &waiting);
            scope.spawn(move || hash_all(waiting, &steps));
        }
        drop(steps);
        for step in found {
            take(step);
        }
    });
}

struct Walker<'a> {
    archive: &'a Path,
    names: SyncSender<(String, PathBuf)>,
    troubles: Sender<Step>,
    /// Folders that were entered by a link.
    linked: HashSet<PathBuf>,
}

impl Walker<'_> {
    fn folder(&mut self, folder: &Path, above: &str, depth: usize, stop: &AtomicBool) {
        let entries = match std::fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return,
            Err(error) => return self.trouble("read the folder", folder, &error),
        };
        for entry in entries {
            if stop.load(Ordering::Relaxed) {
                return;
            }
            match entry {
                Ok(entry) => self.entry(&entry, above, depth, stop),
                Err(error) => return self.trouble("read the folder", folder, &error),
            }
        }
    }

    fn entry(&mut self, entry: &DirEntry, above: &str, depth: usize, stop: &AtomicBool) {
        let (name, path) = (entry.file_name(), entry.path());
        let is_folder = match entry.file_type() {
            Ok(kind) if kind.is_symlink() => self.leads_to_new_folder(&path),
            kind => kind.is_ok_and(|kind| kind.is_dir()),
        };
        // A pipe would never end; a link may lead to one, or in a circle.
        let is_file = std::fs::metadata(&path).is_ok_and(|data| data.is_file());
        if is_ours(above, &name, is_folder) {
            return;
        }
        let text = name.to_str().map(str::to_owned);
        let shown = text.clone().unwrap_or_else(|| name.to_string_lossy().into_owned());
        let relative = if above.is_empty() { shown } else { format!("{above}/{shown}") };
        if is_folder && depth == MAX_DEPTH {
            self.trouble("follow", &path, &io::Error::other(format!("it lies more than {MAX_DEPTH} folders deep")));
        } else if is_folder {
            self.folder(&path, &relative, depth + 1, stop);
        } else if text.is_none() || !is_file || is_temporary(&relative) {
            let _ = self.troubles.send(Step::File(Found { path: relative, sha256: None, bytes: 0 }));
        } else {
            let _ = self.names.send((relative, path));
        }
    }

    /// A link to a folder is followed once, and never upward.
    fn leads_to_new_folder(&mut self, path: &Path) -> bool {
        let Ok(target) = path.canonicalize() else { return false };
        let upward = self.archive.canonicalize().is_ok_and(|archive| archive.starts_with(&target));
        target.is_dir() && !upward && self.linked.insert(target)
    }

    fn trouble(&self, action: &str, path: &Path, error: &io::Error) {
        let _ = self.troubles.send(Step::Trouble(Problem::machine(action, path, error)));
    }
}

/// The lock, the living and the register's own files, which are looked at elsewhere.
fn is_ours(above: &str, name: &OsStr, is_folder: bool) -> bool {
    let Some(name) = name.to_str() else { return false };
    match above {
        "" if is_folder => name == "register",
        "" => name == ".lock" || DEBRIS.contains(&name),
        ".writers" => WriterLock::is_name(name) || DEBRIS.contains(&name),
        _ => DEBRIS.contains(&name) && !is_folder,
    }
}

/// A file that nobody wrote as a document.
pub(super) fn is_debris(name: &str) -> bool {
    DEBRIS.contains(&name)
}

/// A file under the name that ours have before they are finished.
pub(super) fn is_temporary(path: &str) -> bool {
    path.rsplit('/').next().unwrap_or(path).starts_with(TEMPORARY_PREFIX)
}

fn hash_all(waiting: &Mutex<Receiver<(String, PathBuf)>>, steps: &Sender<Step>) {
    let mut buffer = vec![0; PIECE_BYTES];
    loop {
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((path, place)) = next else { return };
        let step = match hash(&place, &mut buffer) {
            Ok((sha256, bytes)) => Step::File(Found { path, sha256: Some(sha256), bytes }),
            // It had another name when the folder was read, or has another by now.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => Step::Trouble(Problem::machine("read", &place, &error)),
        };
        if steps.send(step).is_err() {
            return;
        }
    }
}

/// A file's hash and how long it is.
pub(super) fn hash(path: &Path, buffer: &mut [u8]) -> io::Result<(Hash, u64)> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut bytes = 0;
    loop {
        match file.read(buffer) {
            Ok(0) => return Ok((hasher.finalize().into(), bytes)),
            Ok(read) => {
                hasher.update(&buffer[..read]);
                bytes += read as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// The same with a buffer of its own.
pub(super) fn hash_one(path: &Path) -> io::Result<Hash> {
    hash(path, &mut vec![0; PIECE_BYTES]).map(|(hash, _)| hash)
}

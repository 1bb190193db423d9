//! Walks the archive and reads every file, on as many threads as are given.
//!
//! Opens files for reading only. The walk is ahead of the reading by a few hundred names at most, so that memory does not grow with
//! the archive.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::{DirEntry, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use sha2::{Digest as _, Sha256};

use crate::failure::Problem;
use crate::register::REBUILDING;
use crate::storage::{IMPORT_LOCK, TEMPORARY_PREFIX, WriterLock};

use super::fingerprint::Hash;

/// What operating systems and version control put into folders: nobody's document.
const DEBRIS: [&str; 4] = [".DS_Store", "Thumbs.db", "desktop.ini", ".gitkeep"];

/// How many folders deep the archive is followed.
const MAX_DEPTH: usize = 64;

/// How many names wait to be hashed.
const AHEAD: usize = 512;

/// How much of a file is read at once.
const PIECE_BYTES: usize = 256 * 1024;

/// What the walk tells.
pub(super) enum Step<T> {
    /// A file, relative to `archive/` with `/`, and what was read of it.
    File(String, T),
    /// A temporary file, what is no file, or one whose name is no text.
    Odd(String),
    /// Something that cannot be read.
    Trouble(Problem),
}

/// Reads a file with a buffer that it may use.
pub(super) type Work<'a, T> = &'a (dyn Fn(&str, &Path, &mut [u8]) -> io::Result<T> + Sync);

/// Walks, does `work` on each file, and hands what came of it to `take` on this thread, in no order.
pub(super) fn walk<T: Send>(archive: &Path, threads: usize, stop: &AtomicBool, work: Work<'_, T>, take: &mut dyn FnMut(Step<T>)) {
    let (names, waiting) = sync_channel::<(String, PathBuf)>(AHEAD);
    let (steps, found) = sync_channel::<Step<T>>(AHEAD);
    let waiting = Mutex::new(waiting);
    thread::scope(|scope| {
        let others = steps.clone();
        scope.spawn(move || {
            let mut walker = Walker { archive, names, others, linked: HashSet::new() };
            walker.folder(archive, "", 0, stop);
        });
        for _ in 0..threads.max(1) {
            let (steps, waiting) = (steps.clone(), &waiting);
            scope.spawn(move || read_all(waiting, work, &steps));
        }
        drop(steps);
        for step in found {
            take(step);
        }
    });
}

struct Walker<'a, T> {
    archive: &'a Path,
    names: SyncSender<(String, PathBuf)>,
    others: SyncSender<Step<T>>,
    /// Folders that were entered by a link.
    linked: HashSet<PathBuf>,
}

impl<T> Walker<'_, T> {
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
            let _ = self.others.send(Step::Odd(relative));
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
        let _ = self.others.send(Step::Trouble(Problem::machine(action, path, error)));
    }
}

/// The lock, the living and the register's own files, which are looked at elsewhere.
fn is_ours(above: &str, name: &OsStr, is_folder: bool) -> bool {
    let Some(name) = name.to_str() else { return false };
    match above {
        "" if is_folder => name == "register" || name == REBUILDING,
        "" => name == ".lock" || name == IMPORT_LOCK || DEBRIS.contains(&name),
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

fn read_all<T>(waiting: &Mutex<Receiver<(String, PathBuf)>>, work: Work<'_, T>, steps: &SyncSender<Step<T>>) {
    let mut buffer = vec![0; PIECE_BYTES];
    loop {
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((path, place)) = next else { return };
        let step = match work(&path, &place, &mut buffer) {
            Ok(read) => Step::File(path, read),
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

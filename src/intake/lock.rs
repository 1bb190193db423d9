//! One watcher at a time: `inbox/.watcher` is locked as long as it runs.
//!
//! The lock is the open file's and ends with the process, however it ends; the file itself stays and says who
//! held it last.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use crate::failure::{Blame, Checked, Problem};
use crate::storage::lock_refused;

/// The name of the lock file in the inbox.
const NAME: &str = ".watcher";

/// The right to watch an inbox; given up when dropped.
#[derive(Debug)]
pub struct WatcherLock {
    _file: File,
}

impl WatcherLock {
    /// Takes the right to watch `inbox`. Where nothing can be written there, the lock lies in `state`.
    ///
    /// # Errors
    /// `second-watcher`, naming the process that has it; or the machine's.
    pub fn take(inbox: &Path, state: &Path) -> Checked<Self> {
        let (path, file) = open(inbox, state)?;
        match file.try_lock() {
            Ok(()) => {
                let mut file = file;
                // Only for people who ask who it is: failing to write it does not matter.
                let _ = sign(&mut file);
                Ok(Self { _file: file })
            }
            Err(TryLockError::WouldBlock) => Err(held(&path, file).into()),
            Err(TryLockError::Error(error)) => Err(lock_refused(&path, &error).into()),
        }
    }

    /// The process that watches `inbox` now, as far as it says: `Some(None)` if somebody does who does not say.
    pub fn holder(inbox: &Path, state: &Path) -> Option<Option<u32>> {
        [inbox.join(NAME), in_state(state)].iter().find_map(|path| {
            let mut file = File::open(path).ok()?;
            let held = matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock));
            held.then(|| signature(&mut file))
        })
    }
}

fn open(inbox: &Path, state: &Path) -> Checked<(PathBuf, File)> {
    let path = inbox.join(NAME);
    let error = match writable(&path).or_else(|error| File::open(&path).map_err(|_| error)) {
        Ok(file) => return Ok((path, file)),
        Err(error) => error,
    };
    let refused = matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem);
    if !refused {
        return Err(Problem::machine("make the lock file", &path, &error).into());
    }
    let path = in_state(state);
    let made = fs::create_dir_all(state).and_then(|()| writable(&path));
    made.map(|file| (path.clone(), file)).map_err(|error| Problem::machine("make the lock file", &path, &error).into())
}

fn writable(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
}

fn in_state(state: &Path) -> PathBuf {
    state.join("inbox.watcher")
}

fn sign(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())
}

fn signature(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(32).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

fn held(path: &Path, mut file: File) -> Problem {
    let who = signature(&mut file).map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"));
    let message = format!("This inbox is being watched already, by {who} ({} is locked).", path.display());
    let help = "One watcher is enough: leave that one running, or stop it first. `chancery file` works beside it.";
    Problem::new("second-watcher", message, help).blaming(Blame::Machine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_watcher_is_told_who_is_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join(".chancery");
        let first = WatcherLock::take(folder.path(), &state).unwrap();
        let problems = WatcherLock::take(folder.path(), &state).unwrap_err();
        assert_eq!(problems.first().code, "second-watcher");
        assert_eq!(problems.first().blame, Blame::Machine);
        let pid = std::process::id();
        assert!(problems.first().message.contains(&format!("process {pid}")), "{problems}");
        assert_eq!(WatcherLock::holder(folder.path(), &state), Some(Some(pid)));
        drop(first);
        assert_eq!(WatcherLock::holder(folder.path(), &state), None);
        WatcherLock::take(folder.path(), &state).unwrap();
    }
}

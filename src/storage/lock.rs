//! Locks between processes: the office's, which is held only to admit and to commit, and one for each writer.
//!
//! They are advisory locks on open files, so that they are free the moment their process ends, however it ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use rand::Rng as _;

use crate::failure::{Blame, Checked, Problem};

use super::{make_folders, sync_dir};

/// A lock on one file; free when dropped. The file itself stays.
#[derive(Debug)]
pub struct FileLock {
    _file: File,
}

impl FileLock {
    /// Waits until the lock is ours.
    ///
    /// # Errors
    /// The machine's: the file cannot be made or the file system has no locks.
    pub fn wait(path: &Path) -> Checked<Self> {
        let file = open(path)?;
        loop {
            match file.lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(lock_refused(path, &error).into()),
            }
        }
    }

    /// Takes the lock if it is free; `None` if another holds it.
    ///
    /// # Errors
    /// The machine's.
    pub fn take(path: &Path) -> Checked<Option<Self>> {
        let file = open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(lock_refused(path, &error).into()),
        }
    }
}

/// The system gave no lock. Without locks two programs would give the same number and take each other for dead, so
/// nothing is filed there.
pub fn lock_refused(path: &Path, error: &io::Error) -> Problem {
    if !has_no_locks(error) {
        return Problem::machine("lock", path, error);
    }
    let message =
        format!("The drive of {} has no locks ({error}), so nothing is filed: two programs could give one number.", path.display());
    let help = "Have it connected with locks (NFS: without `nolock` and with its lock service running; SMB: without `nobrl`), or \
                put the office on a disk of this machine.";
    Problem::new("no-locks", message, help).blaming(Blame::Machine)
}

#[cfg(unix)]
fn has_no_locks(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let without = [Errno::NOLCK, Errno::NOTSUP, Errno::OPNOTSUPP, Errno::NOSYS, Errno::INVAL];
    Errno::from_io_error(error).is_some_and(|errno| without.contains(&errno))
}

#[cfg(not(unix))]
fn has_no_locks(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::Unsupported
}

fn open(path: &Path) -> Checked<File> {
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
    file.map_err(|error| Problem::machine("open the lock", path, &error).into())
}

/// `archive/.lock`: held by every writer, only to admit and to commit.
#[derive(Debug)]
pub struct OfficeLock {
    _lock: FileLock,
}

impl OfficeLock {
    /// Waits for it; makes the archive's folder if there is none.
    ///
    /// # Errors
    /// The machine's.
    pub fn wait(archive: &Path) -> Checked<Self> {
        make_folders(archive)?;
        Ok(Self { _lock: FileLock::wait(&archive.join(".lock"))? })
    }
}

impl OfficeLock {
    /// For a reader, who makes nothing: while it is held, nobody is in the midst of writing. `None` where there is no lock yet, or no
    /// lock is to be had.
    pub fn quiet(archive: &Path) -> Option<Self> {
        let file = File::open(archive.join(".lock")).ok()?;
        file.lock_shared().ok()?;
        Some(Self { _lock: FileLock { _file: file } })
    }
}

/// `archive/.writers/<random>`: held while its writer lives; its name stands in the writer's `reserve` lines and
/// temporary files, so that another knows whose they are and whether they are abandoned.
#[derive(Debug)]
pub struct WriterLock {
    name: String,
    path: PathBuf,
    lock: FileLock,
}

impl WriterLock {
    /// How long a writer's name is, in characters (each a byte).
    pub const NAME_LENGTH: usize = 10;

    /// A new writer. The office's lock must be held: a file that is not yet locked would look abandoned.
    ///
    /// # Errors
    /// The machine's.
    pub fn new(archive: &Path, _office: &OfficeLock) -> Checked<Self> {
        let folder = archive.join(WRITERS);
        make_folders(&folder)?;
        let mut random = rand::rng();
        loop {
            let name: String = (0..Self::NAME_LENGTH).map(|_| char::from(LETTERS[random.random_range(0..LETTERS.len())])).collect();
            let path = folder.join(&name);
            if path.exists() {
                continue;
            }
            if let Some(lock) = FileLock::take(&path)? {
                // After a power cut recovery finds by it what the writer left.
                sync_dir(&folder)?;
                return Ok(Self { name, path, lock });
            }
        }
    }

    /// Leaves the file of a writer that is gone, and whose own was lost, so that what it left undone is seen to. The office's
    /// lock must be held.
    ///
    /// # Errors
    /// The machine's.
    pub fn announce(archive: &Path, name: &str, _office: &OfficeLock) -> Checked<()> {
        if !Self::is_name(name) {
            return Ok(());
        }
        let folder = archive.join(WRITERS);
        make_folders(&folder)?;
        open(&folder.join(name)).map(drop)
    }

    /// The writers whose processes are gone, each now locked by us. The office's lock must be held.
    ///
    /// # Errors
    /// The machine's.
    pub fn abandoned(archive: &Path, _office: &OfficeLock) -> Checked<Vec<Self>> {
        let folder = archive.join(WRITERS);
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(Problem::machine("read the folder", &folder, &error).into()),
        };
        let mut found = Vec::new();
        for entry in entries.flatten() {
            let Some(name) = entry.file_name().to_str().filter(|name| Self::is_name(name)).map(str::to_owned) else { continue };
            if let Some(lock) = FileLock::take(&entry.path())? {
                found.push(Self { name, path: entry.path(), lock });
            }
        }
        found.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(found)
    }

    /// Whether the writer of that name still lives.
    pub fn lives(archive: &Path, name: &str) -> bool {
        if !Self::is_name(name) {
            return false;
        }
        match OpenOptions::new().read(true).open(archive.join(WRITERS).join(name)) {
            // In doubt it lives: a living writer that is taken for dead loses its work, the other way only waits.
            Ok(file) => !matches!(file.try_lock_shared(), Ok(())),
            Err(error) => error.kind() != io::ErrorKind::NotFound,
        }
    }

    /// Whether any writer lives.
    pub fn any_lives(archive: &Path) -> bool {
        let entries = std::fs::read_dir(archive.join(WRITERS)).into_iter().flatten().flatten();
        entries.filter_map(|entry| entry.file_name().into_string().ok()).any(|name| Self::lives(archive, &name))
    }

    /// Whether recovery will see to what the writer of that name left, if it is gone.
    pub fn is_known(archive: &Path, name: &str) -> bool {
        Self::is_name(name) && archive.join(WRITERS).join(name).exists()
    }

    /// Whether a file name can be a writer's.
    pub fn is_name(name: &str) -> bool {
        name.len() == Self::NAME_LENGTH && name.bytes().all(|byte| LETTERS.contains(&byte))
    }

    /// The writer's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Nothing is left to recover: takes the writer's file away.
    ///
    /// # Errors
    /// The machine's.
    pub fn retire(self) -> Checked<()> {
        let removed = std::fs::remove_file(&self.path);
        drop(self.lock);
        match removed {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Problem::machine("remove", &self.path, &error).into()),
            _ => Ok(()),
        }
    }
}

/// The folder of the writers in the archive.
const WRITERS: &str = ".writers";

/// Letters and digits that nobody takes for one another.
const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_writer_is_abandoned_only_when_its_lock_is_free() {
        let archive = tempfile::tempdir().unwrap();
        let office = OfficeLock::wait(archive.path()).unwrap();
        let living = WriterLock::new(archive.path(), &office).unwrap();
        let gone = WriterLock::new(archive.path(), &office).unwrap().name().to_owned();
        assert!(WriterLock::lives(archive.path(), living.name()));
        assert!(!WriterLock::lives(archive.path(), &gone));
        assert!(!WriterLock::lives(archive.path(), "../../etc/passwd"));
        let found = WriterLock::abandoned(archive.path(), &office).unwrap();
        assert_eq!(found.iter().map(WriterLock::name).collect::<Vec<_>>(), [gone.as_str()]);
        // Whoever recovers holds it, so that nobody else does the same.
        assert!(WriterLock::abandoned(archive.path(), &office).unwrap().is_empty());
        for writer in found {
            writer.retire().unwrap();
        }
        assert!(!archive.path().join(WRITERS).join(gone).exists());
    }

    #[test]
    fn a_lock_is_taken_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".watcher");
        let first = FileLock::take(&path).unwrap();
        assert!(first.is_some());
        assert!(FileLock::take(&path).unwrap().is_none());
        drop(first);
        assert!(FileLock::take(&path).unwrap().is_some());
    }
}

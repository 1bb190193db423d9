//! Durable writes, locks and names: what stands on the disk after a power cut, and what does not.
//!
//! A new file is written under a temporary name, synced, renamed without ever replacing another, and its folder is
//! synced. No I/O error loses its path: each becomes a [`Problem`] of the machine. Nothing here knows the register.

mod crash;
mod lock;
pub mod name;

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};

use crate::failure::{Checked, Problem};

#[cfg(feature = "failpoints")]
pub(crate) use crash::crash_setup;
pub use crash::{CRASH_POINTS, KEEPING_CRASH_POINTS, UNDO_CRASH_POINTS, crash_point};
pub use lock::{FileLock, OfficeLock, WriterLock, lock_refused};

/// What the names of all our temporary files begin with; they are hidden, so intake and `verify` pass them over.
pub const TEMPORARY_PREFIX: &str = ".chancery-";

/// In the archive: locked by the one import that runs. The file stays.
pub const IMPORT_LOCK: &str = ".chancery-import.lock";

/// Writes a new file durably under its final name; it is there whole or not at all.
///
/// # Errors
/// The machine's, also if something stands there already: nothing is ever replaced.
pub fn write_new(path: &Path, bytes: &[u8]) -> Checked<()> {
    write_new_by(path, "new", bytes)
}

/// The same; until it has its name, the file is called after `owner`.
///
/// # Errors
/// As [`write_new`].
pub fn write_new_by(path: &Path, owner: &str, bytes: &[u8]) -> Checked<()> {
    let folder = parent(path);
    let temporary = write_temporary(folder, owner, bytes)?;
    let placed = rename_new(&temporary, path).map_err(|error| Problem::machine("write", path, &error));
    if let Err(problem) = placed {
        let _ = std::fs::remove_file(&temporary);
        return Err(problem.into());
    }
    sync_dir(folder)
}

/// Writes and syncs a hidden temporary file in `folder`, named after `owner`, and gives its path.
///
/// # Errors
/// The machine's; what was written until then is taken away again.
pub fn write_temporary(folder: &Path, owner: &str, bytes: &[u8]) -> Checked<PathBuf> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let path = folder.join(format!("{TEMPORARY_PREFIX}{owner}-{}-{count}.tmp", std::process::id()));
    let written = (|| {
        let mut file = OpenOptions::new().write(true).create_new(true).open(&path)?;
        let half = bytes.len() / 2;
        file.write_all(&bytes[..half])?;
        crash_point("filing::half-written");
        file.write_all(&bytes[half..])?;
        crash_point("filing::written");
        file.sync_all()
    })();
    match written {
        Ok(()) => Ok(path),
        Err(error) => {
            if error.kind() != io::ErrorKind::AlreadyExists {
                let _ = std::fs::remove_file(&path);
            }
            Err(Problem::machine("write to", folder, &error).into())
        }
    }
}

/// Renames without replacing: fails with [`io::ErrorKind::AlreadyExists`] if something stands at `to`.
///
/// # Errors
/// The system's.
pub fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        use rustix::io::Errno;
        match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
            Ok(()) => return Ok(()),
            // The kernel or the file system does not know the flag (NFS, FUSE): the link below does the same.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
    link_new(from, to)
}

/// Exchanges two names at once: at no moment is there nothing under either.
///
/// # Errors
/// The system's; [`io::ErrorKind::Unsupported`] where it cannot be done.
pub fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        use rustix::io::Errno;
        match renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE) {
            Ok(()) => return Ok(()),
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
    let _ = (one, other);
    Err(io::ErrorKind::Unsupported.into())
}

/// The same with a hard link; where there are none (FAT), with a look beforehand.
fn link_new(from: &Path, to: &Path) -> io::Result<()> {
    match std::fs::hard_link(from, to) {
        Ok(()) => std::fs::remove_file(from),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(error),
        Err(_) => match std::fs::symlink_metadata(to) {
            Err(missing) if missing.kind() == io::ErrorKind::NotFound => std::fs::rename(from, to),
            Err(other) => Err(other),
            Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
        },
    }
}

/// Makes a folder and its parents, and syncs the folder above each one that it made.
///
/// # Errors
/// The machine's.
pub fn make_folders(folder: &Path) -> Checked<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let above = parent(folder);
    make_folders(above)?;
    match std::fs::create_dir(folder) {
        Ok(()) => sync_dir(above),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        Err(error) => Err(Problem::machine("make the folder", folder, &error).into()),
    }
}

/// Syncs a folder, so that the names in it survive a power cut. Windows does so by itself.
///
/// # Errors
/// The machine's.
pub fn sync_dir(folder: &Path) -> Checked<()> {
    #[cfg(unix)]
    File::open(folder).and_then(|file| file.sync_all()).map_err(|error| Problem::machine("sync the folder", folder, &error))?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

/// SHA-256 of a file's content in hexadecimal, read in pieces.
///
/// # Errors
/// The system's; a folder or a link that leads nowhere is one.
pub fn hash_file(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0_u8; 64 * 1024];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(crate::model::hex(&hasher.finalize())),
            Ok(read) => hasher.update(&buffer[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// The folder that a path lies in; `.` for a bare name.
pub fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Whether the folder lies on a file system that other machines may share.
#[cfg(target_os = "linux")]
pub(crate) fn is_remote(folder: &Path) -> bool {
    // From linux/magic.h and statfs(2): NFS, SMB, CIFS, SMB2, FUSE, 9P, AFS, Ceph, Coda, VirtualBox, VMware.
    const REMOTE: &[u32] = &[
        0x6969,
        0x517b,
        0xff53_4d42,
        0xfe53_4d42,
        0x6573_5546,
        0x0102_1997,
        0x5346_414f,
        0x00c3_6400,
        0x7375_7245,
        0x786f_4256,
        0xbacb_acbc,
    ];
    // The field's width and sign differ between machines; the numbers fit 32 bits.
    rustix::fs::statfs(folder).is_ok_and(|answer| REMOTE.contains(&(answer.f_type as u32)))
}

/// Whether the folder lies on a file system that other machines may share.
#[cfg(not(target_os = "linux"))]
pub(crate) fn is_remote(_: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_file_never_replaces_another_and_leaves_nothing_beside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.pdf");
        write_new(&path, b"one").unwrap();
        let problems = write_new(&path, b"two").unwrap_err();
        assert_eq!(problems.first().blame, crate::failure::Blame::Machine);
        assert!(problems.first().message.contains("a.pdf"), "{}", problems.first().message);
        assert_eq!(std::fs::read(&path).unwrap(), b"one");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn the_way_by_hard_link_does_not_replace_either() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        std::fs::write(&from, "new").unwrap();
        std::fs::write(&to, "old").unwrap();
        assert_eq!(link_new(&from, &to).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        std::fs::remove_file(&to).unwrap();
        link_new(&from, &to).unwrap();
        assert!(!from.exists());
        assert_eq!(std::fs::read(&to).unwrap(), b"new");
    }

    #[test]
    fn folders_are_made_with_their_parents_and_a_file_in_the_way_is_named() {
        let folder = tempfile::tempdir().unwrap();
        make_folders(&folder.path().join("2026/11/minutes")).unwrap();
        make_folders(&folder.path().join("2026/11/minutes")).unwrap();
        std::fs::write(folder.path().join("file"), "").unwrap();
        let problems = make_folders(&folder.path().join("file/below")).unwrap_err();
        assert!(problems.first().message.contains("file"), "{}", problems.first().message);
    }
}

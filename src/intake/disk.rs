//! The inbox on the disk: what lies there, looked at without following a link and without opening anything special.

use std::collections::BTreeMap;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::tracker::Stamp;

/// Folders in the inbox are not walked deeper than this.
pub(crate) const MAX_DEPTH: usize = 32;

/// The inbox folder.
#[derive(Clone, Debug)]
pub(crate) struct Disk {
    root: PathBuf,
    /// Inode numbers mean nothing where the file system makes them up as it goes.
    inodes: bool,
}

/// What lies at a path.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Lies {
    /// A file that can be taken.
    File(Stamp),
    /// A folder.
    Folder,
    /// A link: it may lead anywhere, so it is never followed.
    Link,
    /// A pipe, socket or device, which is never opened.
    Special,
    /// Nothing, or nothing that can be looked at.
    Nothing,
}

/// Why a file was not read.
#[derive(Debug)]
pub(crate) enum Unread {
    /// It is not as it was: gone, replaced, or still written to.
    Changed,
    /// The machine refuses.
    Failed(io::Error),
}

impl Disk {
    /// The inbox at `root`. Without `inodes`, files are told apart by size and time alone.
    pub fn new(root: PathBuf, inodes: bool) -> Self {
        Self { root, inodes }
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What lies at `path`, relative to the inbox. Behind a link lies nothing.
    pub fn look(&self, path: &Path) -> Lies {
        let mut full = self.root.clone();
        let mut lies = Lies::Folder;
        for part in path.components() {
            if lies != Lies::Folder {
                return Lies::Nothing;
            }
            full.push(part);
            lies = fs::symlink_metadata(&full).map_or(Lies::Nothing, |data| self.classify(&data));
        }
        lies
    }

    /// Every file in the folder `path` and below, relative to the inbox; hidden ones and those behind links are left out.
    ///
    /// # Errors
    /// `path` itself cannot be read. A folder below that cannot be read is as if it were empty.
    pub fn walk(&self, path: &Path) -> io::Result<BTreeMap<PathBuf, Stamp>> {
        let mut found = BTreeMap::new();
        self.walk_into(path, &mut |path, lies| {
            if let Lies::File(stamp) = lies {
                found.insert(path, stamp);
            }
        })?;
        Ok(found)
    }

    /// As [`Disk::walk`], with everything that is no folder.
    pub fn walk_all(&self) -> io::Result<BTreeMap<PathBuf, Lies>> {
        let mut found = BTreeMap::new();
        self.walk_into(Path::new(""), &mut |path, lies| {
            found.insert(path, lies);
        })?;
        Ok(found)
    }

    /// The files right in a folder.
    pub fn files_in(&self, folder: &Path) -> Vec<(PathBuf, Stamp)> {
        let entries = fs::read_dir(self.root.join(folder)).into_iter().flatten().flatten();
        let files = entries.filter_map(|entry| match self.classify(&entry.metadata().ok()?) {
            Lies::File(stamp) => Some((folder.join(entry.file_name()), stamp)),
            _ => None,
        });
        files.collect()
    }

    /// Reads a file that is as `stamp` says, at most one byte more than `limit`.
    pub fn read(&self, path: &Path, stamp: Stamp, limit: u64) -> Result<Vec<u8>, Unread> {
        let failed = |error: io::Error| match error.kind() {
            io::ErrorKind::NotFound => Unread::Changed,
            _ => Unread::Failed(error),
        };
        let mut file = open(&self.root.join(path)).map_err(failed)?;
        let is_as_it_was = |file: &File| -> Result<bool, Unread> {
            let data = file.metadata().map_err(Unread::Failed)?;
            Ok(self.classify(&data) == Lies::File(stamp))
        };
        if !is_as_it_was(&file)? {
            return Err(Unread::Changed);
        }
        let mut bytes = Vec::with_capacity(usize::try_from(stamp.size.min(limit) + 1).unwrap_or_default());
        (&mut file).take(limit + 1).read_to_end(&mut bytes).map_err(Unread::Failed)?;
        let whole = bytes.len() as u64 == stamp.size.min(limit + 1);
        if whole && is_as_it_was(&file)? { Ok(bytes) } else { Err(Unread::Changed) }
    }

    /// Whether a file can be read, as far as permissions tell.
    pub fn can_read(&self, path: &Path) -> io::Result<()> {
        open(&self.root.join(path)).map(drop)
    }

    /// Whether files in the folder of `path` can be removed, as far as permissions tell.
    pub fn can_remove(&self, path: &Path) -> io::Result<()> {
        let folder = self.root.join(path.parent().unwrap_or(Path::new("")));
        can_write(&folder)
    }

    fn walk_into(&self, path: &Path, found: &mut dyn FnMut(PathBuf, Lies)) -> io::Result<()> {
        for entry in fs::read_dir(self.root.join(path))? {
            let Ok(entry) = entry else { continue };
            let name = entry.file_name();
            if name.to_string_lossy().starts_with('.') {
                continue;
            }
            let path = path.join(name);
            match entry.metadata().map_or(Lies::Nothing, |data| self.classify(&data)) {
                Lies::Folder if path.components().count() < MAX_DEPTH => {
                    let _ = self.walk_into(&path, found);
                }
                Lies::Folder | Lies::Nothing => {}
                lies => found(path, lies),
            }
        }
        Ok(())
    }

    fn classify(&self, data: &Metadata) -> Lies {
        let kind = data.file_type();
        if kind.is_dir() {
            Lies::Folder
        } else if kind.is_symlink() {
            Lies::Link
        } else if kind.is_file() {
            let modified = data.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            Lies::File(Stamp { size: data.len(), modified, inode: if self.inodes { inode(data) } else { (0, 0) } })
        } else {
            Lies::Special
        }
    }
}

#[cfg(unix)]
fn inode(data: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt as _;
    (data.dev(), data.ino())
}

#[cfg(not(unix))]
fn inode(_: &Metadata) -> (u64, u64) {
    (0, 0)
}

/// Opens to read; neither follows a link nor waits on a pipe.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
    OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).open(path)
}

#[cfg(unix)]
fn can_write(folder: &Path) -> io::Result<()> {
    use rustix::fs::{Access, access};
    access(folder, Access::WRITE_OK | Access::EXEC_OK).map_err(io::Error::from)
}

#[cfg(not(unix))]
fn can_write(folder: &Path) -> io::Result<()> {
    let read_only = fs::metadata(folder)?.permissions().readonly();
    if read_only { Err(io::ErrorKind::PermissionDenied.into()) } else { Ok(()) }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn links_and_special_files_are_told_and_never_opened() {
        let folder = tempfile::tempdir().unwrap();
        let disk = Disk::new(folder.path().to_owned(), true);
        let pipe = folder.path().join("pipe.md");
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU, 0).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", folder.path().join("link.md")).unwrap();
        std::os::unix::fs::symlink("/etc", folder.path().join("etc")).unwrap();
        fs::create_dir(folder.path().join("sub")).unwrap();
        fs::write(folder.path().join("sub/a.md"), "a").unwrap();
        assert_eq!(disk.look(Path::new("pipe.md")), Lies::Special);
        assert_eq!(disk.look(Path::new("link.md")), Lies::Link);
        assert_eq!(disk.look(Path::new("etc")), Lies::Link);
        assert_eq!(disk.look(Path::new("etc/passwd")), Lies::Nothing);
        assert_eq!(disk.walk(Path::new("")).unwrap().keys().collect::<Vec<_>>(), [Path::new("sub/a.md")]);
        assert_eq!(disk.walk_all().unwrap().len(), 4);
    }

    #[test]
    fn only_what_was_seen_is_read_and_never_more_than_the_limit() {
        let folder = tempfile::tempdir().unwrap();
        let disk = Disk::new(folder.path().to_owned(), true);
        let (path, name) = (folder.path().join("a.md"), Path::new("a.md"));
        fs::write(&path, "hello").unwrap();
        let Lies::File(stamp) = disk.look(name) else { panic!() };
        assert_eq!(disk.read(name, stamp, 5).unwrap(), b"hello");
        assert_eq!(disk.read(name, stamp, 3).unwrap(), b"hell");
        fs::write(&path, "hello again").unwrap();
        assert!(matches!(disk.read(name, stamp, 99), Err(Unread::Changed)));
        fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", &path).unwrap();
        assert!(disk.read(name, stamp, 99).is_err());
    }
}

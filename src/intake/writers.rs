//! Who is writing: the files that some program has open for writing now.
//!
//! Events tell of writers that began while we watched. A file that was there before may have a writer that began
//! earlier and pauses; only the system knows. Asking costs a few milliseconds, so it is asked once for many files.

use std::collections::HashSet;

use super::tracker::Stamp;

/// The files that programs which we may look into have open for writing.
#[derive(Debug, Default)]
pub(crate) struct Writers(HashSet<(u64, u64)>);

impl Writers {
    /// Whether some program has the file open for writing.
    pub fn have_open(&self, stamp: Stamp) -> bool {
        self.0.contains(&stamp.inode)
    }

    /// Asks the system. Where it does not tell, nobody writes.
    #[cfg(target_os = "linux")]
    pub fn now() -> Self {
        let own = std::process::id().to_string();
        let mut open = HashSet::new();
        for process in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
            let name = process.file_name();
            let name = name.to_string_lossy();
            if name.starts_with(|c: char| c.is_ascii_digit()) && name != own {
                add_open_files(&process.path().join("fd"), &mut open);
            }
        }
        Self(open)
    }

    /// Asks the system. Where it does not tell, nobody writes.
    #[cfg(not(target_os = "linux"))]
    pub fn now() -> Self {
        Self::default()
    }
}

/// The link's own permissions say how a file is open: its owner may write through it or not.
#[cfg(target_os = "linux")]
fn add_open_files(folder: &std::path::Path, open: &mut HashSet<(u64, u64)>) {
    use std::os::unix::fs::MetadataExt as _;
    for link in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = link.path();
        let for_writing = std::fs::symlink_metadata(&path).is_ok_and(|data| data.mode() & 0o200 != 0);
        if let Some(data) = for_writing.then(|| std::fs::metadata(&path).ok()).flatten().filter(std::fs::Metadata::is_file) {
            open.insert((data.dev(), data.ino()));
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::os::unix::fs::MetadataExt as _;

    use super::*;

    #[test]
    fn a_file_that_another_program_has_open_for_writing_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let stamp = |name: &str| {
            let path = folder.path().join(name);
            let data = std::fs::metadata(&path).unwrap();
            Stamp { size: data.len(), modified: data.modified().unwrap(), inode: (data.dev(), data.ino()) }
        };
        for name in ["read", "written", "closed"] {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        let file = |name: &str| std::fs::OpenOptions::new().append(true).open(folder.path().join(name)).unwrap();
        let mut program = std::process::Command::new("cat");
        let mut program = program
            .stdin(std::fs::File::open(folder.path().join("read")).unwrap())
            .stdout(file("written"))
            .stdin(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let writers = Writers::now();
        assert!(writers.have_open(stamp("written")));
        assert!(!writers.have_open(stamp("read")));
        assert!(!writers.have_open(stamp("closed")));
        drop(program.stdin.take());
        program.wait().unwrap();
        assert!(!Writers::now().have_open(stamp("written")));
    }
}

//! Whether an archive holds documents of ours although its register says nothing: then the register was lost.

use std::path::{Path, PathBuf};

use super::identity::identity;
use super::walk::is_debris;

/// So many files are looked into at most: an archive without a register is either new, or all its PDFs are ours.
const MAX_LOOKED_INTO: usize = 200;

/// A document of ours that stands in the archive, relative to it.
pub fn document_in(archive: &Path) -> Option<PathBuf> {
    let mut left = MAX_LOOKED_INTO;
    let found = search(archive, true, &mut left)?;
    found.strip_prefix(archive).ok().map(Path::to_path_buf)
}

fn search(folder: &Path, top: bool, left: &mut usize) -> Option<PathBuf> {
    let mut entries: Vec<_> = std::fs::read_dir(folder).ok()?.flatten().collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let ours = top && name == "register";
        if *left == 0 || ours || name.starts_with('.') || is_debris(&name) {
            continue;
        }
        let path = entry.path();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            if let Some(found) = search(&path, false, left) {
                return Some(found);
            }
        } else {
            *left -= 1;
            if identity(&path).is_some() {
                return Some(path);
            }
        }
    }
    None
}

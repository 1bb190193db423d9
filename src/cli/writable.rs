//! Where a command may write what its user wants: nowhere among what the program keeps, and over nothing that it reads.

use std::path::{Path, PathBuf};

use super::ending::Stop;
use super::session::{Session, nearest_office};
use super::targets::folder_of;
use crate::config::FILE_NAME;

/// Looks whether results may stand at `path`, a file or a folder; `reads`: the files that the command reads.
///
/// # Errors
/// Usage: it lies in the office's `archive/`, `inbox/`, `templates/` or `.chancery/`, or is one of the files that are read, or the
/// office's configuration.
pub fn check(session: &Session, path: &Path, reads: &[PathBuf]) -> Result<(), Stop> {
    let asked = real(path);
    let shown = session.shown(path);
    // The office of the command, and the one that the place is in.
    let offices = session.find_root()?.into_iter().chain(nearest_office(&asked));
    for root in offices {
        let kept = ["archive", "inbox", "templates", ".chancery"].into_iter().find(|name| asked.starts_with(real(&root.join(name))));
        if let Some(kept) = kept {
            let message = format!("{shown} lies in {kept}/ of the office, where only the program itself and what is dropped belongs.");
            let help = if path.is_dir() { "Name a place outside of it with `-o`." } else { "Name a place outside of it." };
            return Err(Stop::usage("output-place", message, help));
        }
        if asked == real(&root.join(FILE_NAME)) {
            return Err(Stop::usage("output-place", format!("{shown} is the office's configuration."), "Name another file."));
        }
    }
    if reads.iter().any(|read| !read.is_dir() && asked == real(read)) {
        let message = format!("{shown} is read by this command, and would be written over.");
        return Err(Stop::usage("output-place", message, "Name another file."));
    }
    Ok(())
}

/// Those of the files that lie in the folder, as paths that begin as the folder's does, however either was named.
pub fn within(folder: &Path, files: &[PathBuf]) -> Vec<PathBuf> {
    let place = real(folder);
    let lies_there = |file: &&PathBuf| file.parent().is_some_and(|parent| real(parent) == place);
    files.iter().filter(lies_there).filter_map(|file| Some(folder.join(file.file_name()?))).collect()
}

/// A path without links, also of what is not there yet.
fn real(path: &Path) -> PathBuf {
    let mut missing = Vec::new();
    let mut here = path;
    loop {
        if let Ok(found) = here.canonicalize() {
            return missing.iter().rev().fold(found, |path, name| if name == ".." { folder_of(&path).to_owned() } else { path.join(name) });
        }
        // Of `new/..` nothing is there; both are gone together.
        match (here.components().next_back(), here.parent()) {
            (Some(last), Some(parent)) => {
                missing.push(last.as_os_str().to_owned());
                here = parent;
            }
            _ => return path.to_owned(),
        }
    }
}

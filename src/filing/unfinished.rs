//! Documents of which only the reservation can be read: their files go, unless they may have been filed all the same.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::failure::{Checked, Problem};
use crate::register::{OpenLeft, SourceFile};
use crate::storage::name::is_archives_own;
use crate::storage::{hash_file, parent, sync_dir};

use super::identity::identity;
use super::recovery::remove_empty;

/// Those that may have been filed, and those that were not: a line after the reservation is damaged, or the note has left the
/// inbox, which it does only when the document is filed, and the file calls itself what was reserved.
///
/// # Errors
/// The machine does not let us look for the note. That is not the same as gone.
pub(super) fn sort<'a>(
    archive: &Path,
    open: &'a [OpenLeft],
    inbox: &Path,
    hidden: &[PathBuf],
) -> Checked<(Vec<&'a OpenLeft>, Vec<&'a OpenLeft>)> {
    let (mut doubtful, mut unfinished) = (Vec::new(), Vec::new());
    for open in open {
        let may_be_filed = open.is_doubtful
            || match &open.note {
                Some(note) if !standing(archive, open).is_empty() => !is_in_inbox(note, inbox, hidden)? && calls_itself_so(archive, open),
                _ => false,
            };
        if may_be_filed { doubtful.push(open) } else { unfinished.push(open) }
    }
    Ok((doubtful, unfinished))
}

/// In doubt it does: a file that cannot be read now may be what was filed.
fn calls_itself_so(archive: &Path, open: &OpenLeft) -> bool {
    standing(archive, open).iter().map(|path| archive.join(path)).any(|path| match identity(&path) {
        Some(found) => found.id == open.place.1 && found.version == open.version && found.filed_at == Some(open.filed_at),
        None => std::fs::File::open(&path).and_then(|mut file| io::copy(&mut file, &mut io::sink())).is_err(),
    })
}

/// Whether a note is still there: under its name, be it changed since, or as it was under a name that one about to leave gets.
fn is_in_inbox(note: &SourceFile, inbox: &Path, hidden: &[PathBuf]) -> Checked<bool> {
    let path = inbox.join(&note.name);
    match path.symlink_metadata() {
        Ok(_) => return Ok(true),
        Err(error) if !is_no_file(&error) => return Err(Problem::machine("read", &path, &error).into()),
        Err(_) => {}
    }
    for path in hidden {
        match hash_file(path) {
            Ok(hash) if hash == note.sha256 => return Ok(true),
            Err(error) if !is_no_file(&error) => return Err(Problem::machine("read", path, &error).into()),
            _ => {}
        }
    }
    Ok(false)
}

fn is_no_file(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::IsADirectory)
}

/// Its files that stand, relative to the archive; also those that the machine does not let us see.
pub(super) fn standing(archive: &Path, open: &OpenLeft) -> Vec<String> {
    let stands = |path: &String| !archive.join(path).symlink_metadata().is_err_and(|error| is_no_file(&error));
    open.files.iter().map(|place| place.path.clone()).filter(stands).collect()
}

/// A file that stands at a reserved place was never committed: only its reservation could have put it there.
pub(super) fn take_back(archive: &Path, open: &OpenLeft) -> Checked<()> {
    for place in open.files.iter().filter(|place| !is_archives_own(&place.path)) {
        let path = archive.join(&place.path);
        if remove_if_there(&path)? {
            // Before its reservation is void: nobody would know the file if it came back with the power.
            sync_dir(remove_empty(archive, parent(&path)))?;
        }
    }
    Ok(())
}

/// Gives whether it was there.
pub(super) fn remove_if_there(path: &Path) -> Checked<bool> {
    match std::fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(false),
        Err(error) => Err(Problem::machine("remove", path, &error).into()),
    }
}

//! What is left of records whose content was disposed of: their files go.
//!
//! The line in the register comes first; so whoever is interrupted here is finished by the next.

use std::collections::BTreeSet;
use std::path::Path;

use crate::failure::{Checked, Problem, Problems};
use crate::register::{Record, Register};
use crate::storage::name::is_archives_own;
use crate::storage::{crash_point, hash_file, parent, sync_dir};

use super::recovery::remove_empty;

/// How many records are asked for at a time.
const PAGE: usize = 500;

/// Removes the files of a record that was disposed of: they stand in its places, whatever their bytes are by now. Gives how many
/// there were.
///
/// # Errors
/// A line names what is the archive's own as the record's file: then nothing goes. The machine's; what still stands is removed by
/// the next.
pub fn remove_content(archive: &Path, record: &Record) -> Checked<usize> {
    Problems::none_or(foreign_content(record), ())?;
    let (mut removed, mut folders) = (0, BTreeSet::new());
    for file in &record.files {
        let path = archive.join(&file.path);
        match std::fs::remove_file(&path) {
            Ok(()) => removed += 1,
            Err(error) if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => continue,
            Err(error) => return Err(Problem::machine("remove", &path, &error).into()),
        }
        crash_point("disposal::removed");
        folders.insert(parent(&path).to_owned());
    }
    for folder in folders {
        sync_dir(&folder)?;
        remove_empty(archive, &folder);
    }
    Ok(removed)
}

/// What a record names as its files and is no document's: whatever line says so, it is not removed.
pub fn foreign_content(record: &Record) -> Vec<Problem> {
    let own = record.files.iter().filter(|file| is_archives_own(&file.path));
    own.map(|file| {
        let message = format!("The lines of {} name archive/{} as its file, which is no document's place.", record.id, file.path);
        let help = "It is not removed. Look where the record came from with `chancery show`. A document that was moved into a hidden \
                    folder has to be moved out of it first, and `chancery verify --record-moves` run.";
        Problem::new("archives-own", message, help)
    })
    .collect()
}

/// Finishes what was interrupted: removes each file of a disposed record that still stands with the bytes that were filed.
///
/// # Errors
/// The machine's.
pub(super) fn finish(archive: &Path, register: &Register) -> Checked<()> {
    let mut after = 0;
    loop {
        let page = register.filed_after(after, PAGE)?;
        let Some(newest) = page.last() else { return Ok(()) };
        after = newest.record.seq;
        for state in page.iter().filter(|state| state.disposed.is_some()) {
            // What is the archive's own stays, and nobody's start fails for it.
            let stands =
                |path: &str, sha256: &str| !is_archives_own(path) && hash_file(&archive.join(path)).is_ok_and(|hash| hash == sha256);
            if state.record.files.iter().any(|file| stands(&file.path, &file.sha256)) {
                let mut record = state.record.clone();
                record.files.retain(|file| stands(&file.path, &file.sha256));
                remove_content(archive, &record)?;
            }
        }
    }
}

//! What is left of records whose content was disposed of: their files go.
//!
//! The line in the register comes first; so whoever is interrupted here is finished by the next. A place that another record's
//! file has by now is left alone.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use crate::failure::{Checked, Problem, Problems};
use crate::register::{FiledFile, Record, Register};
use crate::storage::name::{fold, is_archives_own};
use crate::storage::{crash_point, hash_file, parent, sync_dir};

use super::identity::identity;
use super::recovery::remove_empty;

/// How many records are asked for at a time.
const PAGE: usize = 500;

/// Removes files of records that were disposed of.
pub struct Disposing<'a> {
    archive: &'a Path,
    /// The places that are another record's by now.
    taken: HashSet<String>,
}

impl<'a> Disposing<'a> {
    /// Looks which places are not to be touched.
    ///
    /// # Errors
    /// The machine's.
    pub fn new(register: &'a Register) -> Checked<Self> {
        Ok(Self { archive: register.archive(), taken: register.moved_places()? })
    }

    /// Removes the files of a record that is being disposed of: they stand in its places, whatever their bytes are by now; only
    /// a document that calls itself another is not its own. Gives how many there were.
    ///
    /// # Errors
    /// A line names what is the archive's own as the record's file: then nothing goes. The machine's; what still stands is removed by
    /// the next.
    pub fn remove(&self, record: &Record) -> Checked<usize> {
        Problems::none_or(foreign_content(record), ())?;
        self.remove_that(record, |file, path| self.is_filed(file) || identity(path).is_none_or(|found| found.id == record.id))
    }

    /// Removes what still stands of a record that was disposed of before, if it is what was filed. Gives how many files there were.
    ///
    /// # Errors
    /// The machine's.
    pub fn remove_rest(&self, record: &Record) -> Checked<usize> {
        // What is the archive's own stays, and nobody's start fails for it.
        self.remove_that(record, |file, _| !is_archives_own(&file.path) && self.is_filed(file))
    }

    fn is_filed(&self, file: &FiledFile) -> bool {
        hash_file(&self.archive.join(&file.path)).is_ok_and(|hash| hash == file.sha256)
    }

    fn remove_that(&self, record: &Record, is_own: impl Fn(&FiledFile, &Path) -> bool) -> Checked<usize> {
        let (mut removed, mut folders) = (0, BTreeSet::new());
        for file in &record.files {
            let path = self.archive.join(&file.path);
            if self.taken.contains(&fold(&file.path)) || !is_own(file, &path) {
                continue;
            }
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
            remove_empty(self.archive, &folder);
        }
        Ok(removed)
    }
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
pub(super) fn finish(register: &Register) -> Checked<()> {
    let (mut after, mut disposing) = (0, None);
    loop {
        let page = register.filed_after(after, PAGE)?;
        let Some(newest) = page.last() else { return Ok(()) };
        after = newest.record.seq;
        for state in page.iter().filter(|state| state.disposed.is_some()) {
            let disposing = match &mut disposing {
                Some(disposing) => disposing,
                none => none.insert(Disposing::new(register)?),
            };
            disposing.remove_rest(&state.record)?;
        }
    }
}

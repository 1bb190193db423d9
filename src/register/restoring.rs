//! Restoring: the year files of a register come back where there is none, byte for byte.

use std::path::Path;

use crate::failure::{Checked, Problem};
use crate::storage::{OfficeLock, WriterLock, rename_new, sync_dir};

use super::Register;
use super::index::Index;

impl Register {
    /// Puts the folder `staged`, which holds year files and lies on the same disk, where the register's folder is to be. It
    /// is there whole or not at all.
    ///
    /// # Errors
    /// A line was written meanwhile; the machine's.
    pub(crate) fn restore(&self, staged: &Path) -> Checked<()> {
        let archive = self.archive();
        let mut inner = self.lock();
        let office = OfficeLock::wait(archive)?;
        let folder = inner.book.journal.folder().to_owned();
        let not_empty = || {
            let message = format!("There is something in {} already.", folder.display());
            Problem::new("register-not-empty", message, "Import again: then what is missing is added to what is there.")
        };
        if !inner.book.journal.list()?.is_empty() {
            return Err(not_empty().into());
        }
        match std::fs::remove_dir(&folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(Problem::machine("remove", &folder, &error).into()),
            _ => {}
        }
        rename_new(staged, &folder).map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => not_empty(),
            _ => Problem::machine("write", &folder, &error),
        })?;
        sync_dir(archive)?;
        inner.book.follow()?;
        // What was being filed when the copy was made has no writer here: recovery must find one to see to it.
        let writers = inner.book.ask(Index::open_writers)?;
        writers.iter().try_for_each(|name| WriterLock::announce(archive, name, &office))
    }
}

//! Keeping the index up with the journal: follows what others append, and turns to another index where one fails.
//!
//! Nothing that is wrong with the index is ever an error of whoever files: a broken one is made anew from the journal, and
//! where none can stand in `.chancery`, a private one does.

use std::path::{Path, PathBuf};

use crate::failure::{Blame, Checked, Problem, Problems};
use crate::storage::is_remote;

use super::index::{Fault, Index, fault};
use super::journal::{Journal, Reach};

/// So many lines are read in one transaction: others get their turn between, and a killed process goes on from there.
const BATCH: u64 = 20_000;

/// So often it is tried to begin while the journal changes, which under the lock it should not.
const TRIES: usize = 5;

/// The journal and its index.
#[derive(Debug)]
pub(super) struct Book {
    pub(super) journal: Journal,
    pub(super) index: Index,
    /// The folder `.chancery`, while the index may stand there.
    state: Option<PathBuf>,
    /// A register was there when it was last looked at.
    seen: bool,
}

impl Book {
    /// Nothing is read yet.
    pub(super) fn new(archive: &Path, state: Option<&Path>) -> Checked<Self> {
        let state = state.filter(|state| !is_remote(existing(state))).map(Path::to_path_buf);
        Ok(Self { journal: Journal::new(archive), index: Index::private()?, state, seen: false })
    }

    /// Reads what was appended; everything anew where the files are not what was read before.
    pub(super) fn follow(&mut self) -> Checked<()> {
        self.settle_down()?;
        self.enduring(Self::read_to_the_end)?;
        if self.index.seq == 0 {
            // An index that was just begun knows of no file that it could miss.
            self.refuse_if_gone()?;
        }
        self.seen = self.index.seq > 0;
        Ok(())
    }

    /// Does something with the index. If that fails for the index's sake, it is done with another.
    pub(super) fn enduring<T>(&mut self, mut work: impl FnMut(&mut Self) -> Checked<T>) -> Checked<T> {
        for _ in 0..2 {
            match work(self) {
                Err(problems) if self.index.is_shared() && fault(&problems).is_some() => self.replace_index(&problems)?,
                done => return done,
            }
        }
        work(self)
    }

    /// Asks the index: one state of it, whatever others write meanwhile, and none older than what was known before.
    pub(super) fn ask<T>(&mut self, mut question: impl FnMut(&Index) -> Checked<T>) -> Checked<T> {
        let known = self.index.seq;
        self.enduring(|book| {
            book.index.begin_reading()?;
            let mut loaded = book.index.load(&mut book.journal);
            if loaded.is_ok() && (!book.index.indexed || book.index.seq < known) {
                book.index.rollback();
                book.read_to_the_end()?;
                book.index.begin_reading()?;
                loaded = book.index.load(&mut book.journal);
            }
            let answer = loaded.and_then(|()| question(&book.index));
            book.index.rollback();
            answer
        })
    }

    /// An office that has a register has its index beside it. Where nothing is filed, nothing is made.
    fn settle_down(&mut self) -> Checked<()> {
        if self.index.is_shared() || self.state.is_none() || self.journal.paths()?.is_empty() {
            return Ok(());
        }
        let Some(state) = self.state.take() else { return Ok(()) };
        match Index::in_folder(&state) {
            Ok(index) => {
                (self.index, self.state) = (index, Some(state));
                return self.enduring(Self::distrust_changed_files);
            }
            Err(problems) => tracing::warn!("the index of the register is kept by this process alone: {problems}"),
        }
        Ok(())
    }

    /// A line that was changed by hand after it was read is noticed when a program starts, and not only by who verifies: then
    /// every line is read again. The time of a file is enough for that; whoever sets it back is found by verifying.
    fn distrust_changed_files(&mut self) -> Checked<()> {
        self.index.load(&mut self.journal)?;
        if !self.index.stamps()?.iter().any(|stamp| self.journal.was_changed(stamp)) {
            return Ok(());
        }
        tracing::info!("a file of the register was touched since it was read: its index is made anew");
        self.index.begin()?;
        let cleared = self.index.clear().and_then(|()| self.index.commit());
        if cleared.is_err() {
            self.index.rollback();
        }
        cleared
    }

    /// Turns to an index that works: the same file, emptied, or from now on one of our own.
    fn replace_index(&mut self, problems: &Problems) -> Checked<()> {
        self.index.rollback();
        if fault(problems) == Some(Fault::Broken) && self.index.mend().is_ok() {
            tracing::warn!("the index of the register is made anew: {problems}");
            return Ok(());
        }
        tracing::warn!("the index of the register is kept by this process alone: {problems}");
        (self.index, self.state) = (Index::private()?, None);
        Ok(())
    }

    fn read_to_the_end(&mut self) -> Checked<()> {
        if self.read_a_batch()? {
            return Ok(());
        }
        self.index.make_room(true);
        let read = loop {
            match self.read_a_batch() {
                Ok(false) => {}
                ended => break ended.map(drop),
            }
        };
        self.index.make_room(false);
        read
    }

    /// Reads some lines, if there are any, and tells whether all were read.
    fn read_a_batch(&mut self) -> Checked<bool> {
        self.index.load(&mut self.journal)?;
        if self.is_ready()? {
            return Ok(true);
        }
        self.written(Self::read_some)
    }

    /// Whether there is nothing to read.
    pub(super) fn is_ready(&self) -> Checked<bool> {
        Ok(self.index.indexed && self.journal.is_current()?)
    }

    /// Does something in one transaction, which is committed if all went well.
    fn written<T>(&mut self, work: impl FnOnce(&mut Self) -> Checked<T>) -> Checked<T> {
        self.index.begin()?;
        let done = work(self).and_then(|done| self.index.store(&self.journal).and_then(|()| self.index.commit()).map(|()| done));
        if done.is_err() {
            self.index.rollback();
        }
        done
    }

    /// Reads some lines, and tells whether they were the last.
    fn read_some(&mut self) -> Checked<bool> {
        // Others may have read on meanwhile.
        self.index.load(&mut self.journal)?;
        match self.journal.read_on(&mut self.index, BATCH)? {
            Reach::Some => return Ok(false),
            Reach::All => self.index.finish()?,
            Reach::Replaced => {
                self.refuse_if_gone()?;
                tracing::info!("the register is not the one that was read before: its index is made anew");
                self.index.clear()?;
                self.index.load(&mut self.journal)?;
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// A register that was read and is not there any more was moved, or its disk is not connected: a new one in its place
    /// would give the same numbers again.
    pub(super) fn refuse_if_gone(&self) -> Checked<()> {
        if !self.seen || !self.journal.paths()?.is_empty() {
            return Ok(());
        }
        let message = format!("The register is no longer at {}, where it was a moment ago.", self.journal.folder().display());
        let help = "Put the archive folder back, or connect its disk again: it is tried again by itself. \
                    To begin a new archive on purpose, stop the program and start it again.";
        Err(Problem::new("register-gone", message, help).blaming(Blame::Machine).into())
    }

    /// Begins to write lines, under the office's lock and with everything read. Ends with `commit` or `rollback`.
    pub(super) fn begin(&mut self) -> Checked<()> {
        for _ in 0..TRIES {
            self.index.begin()?;
            self.index.load(&mut self.journal)?;
            if self.is_ready()? {
                return Ok(());
            }
            // A tail was mended, or another process found the index broken and emptied it.
            self.index.rollback();
            self.read_to_the_end()?;
        }
        let message = format!("Something writes to {} that does not wait for its turn.", self.journal.folder().display());
        let help = "Let only this program write there; it is tried again by itself.";
        Err(Problem::new("register-restless", message, help).blaming(Blame::Machine).into())
    }

    /// The lines are in the journal: from here on nothing of the index may fail them. What it misses, it reads later.
    pub(super) fn commit(&mut self) {
        let noted = self.index.store(&self.journal).and_then(|()| self.index.commit());
        if let Err(problems) = noted {
            tracing::warn!("the index of the register is behind: {problems}");
            self.rollback();
        }
        self.seen = self.index.seq > 0;
    }

    /// Forgets what was not written.
    pub(super) fn rollback(&mut self) {
        self.index.rollback();
        // If that fails too, the next look at the index does.
        let _ = self.index.load(&mut self.journal);
    }
}

/// The nearest folder upward that is there: where the path would be made.
fn existing(path: &Path) -> &Path {
    path.ancestors().find(|folder| folder.is_dir()).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first document has been filed, the index is about to move to its folder, and at this moment the archive is moved away.
    #[test]
    fn a_register_that_goes_while_its_index_is_begun_is_gone() {
        let office = tempfile::tempdir().unwrap();
        let mut book = Book::new(&office.path().join("archive"), Some(&office.path().join(".chancery"))).unwrap();
        book.follow().unwrap();
        book.seen = true;
        assert_eq!(book.follow().unwrap_err().first().code, "register-gone");
        assert_eq!(book.follow().unwrap_err().first().code, "register-gone", "and it stays so");
    }
}

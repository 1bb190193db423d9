//! A session: the office's lock, the tail read anew and mended, some lines, one sync.
//!
//! What could not be written earlier (a `void` on a full disk, a `removed` that was not urgent) goes first.

use std::path::Path;

use chrono::{DateTime, FixedOffset};

use crate::failure::{Blame, Checked, Problem, Problems};
use crate::storage::{OfficeLock, WriterLock, hash_file};

use super::Record;
use super::append::UNCERTAIN;
use super::chain::seal;
use super::event::{Happening, Line, Removed, Torn, VERSION, Void};
use super::index::Index;
use super::journal::Journal;
use super::key::bounded_text;

/// What a [`super::Register`] guards with its mutex.
#[derive(Debug)]
pub(super) struct Inner {
    pub(super) journal: Journal,
    pub(super) index: Index,
    pub(super) writer: Option<WriterLock>,
    pub(super) pending: Vec<Pending>,
    /// The latest time that was handed in: of lines that come with none.
    pub(super) latest: DateTime<FixedOffset>,
    /// Whether people may be named in lines.
    pub(super) names: bool,
    torn_checked: bool,
    /// Recovery has to see to this writer once it is gone.
    pub(super) unfinished: bool,
}

/// A line that goes with the next session.
#[derive(Clone, Debug)]
pub(super) enum Pending {
    Removed(Removed),
    Void { reserve: u64, id: String, reason: String },
}

impl Inner {
    pub(super) fn new(archive: &Path) -> Self {
        Self {
            journal: Journal::new(archive),
            index: Index::default(),
            writer: None,
            pending: Vec::new(),
            latest: DateTime::UNIX_EPOCH.fixed_offset(),
            names: true,
            torn_checked: false,
            unfinished: false,
        }
    }

    /// Reads what others appended; everything anew where the files are not what was read before.
    pub(super) fn refresh(&mut self, archive: &Path) -> Checked<()> {
        if !self.journal.read_on(&mut self.index)? {
            self.refuse_if_gone()?;
            self.forget(archive);
            self.journal.read_on(&mut self.index)?;
        }
        Ok(())
    }

    /// A register that was read and is not there any more was moved, or its disk is not connected: a new one in its place
    /// would give the same numbers again.
    fn refuse_if_gone(&self) -> Checked<()> {
        if self.index.seq == 0 || !self.journal.paths()?.is_empty() {
            return Ok(());
        }
        let message = format!("The register is no longer at {}, where it was a moment ago.", self.journal.folder().display());
        let help = "Put the archive folder back, or connect its disk again: it is tried again by itself. \
                    To begin a new archive on purpose, stop the program and start it again.";
        Err(Problem::new("register-gone", message, help).blaming(Blame::Machine).into())
    }

    /// Forgets what was read: the next session reads from the beginning.
    pub(super) fn forget(&mut self, archive: &Path) {
        (self.journal, self.index) = (Journal::new(archive), Index::default());
    }

    /// Runs `work` under the office's lock; what it pushed is appended with one sync, also if it ends with a problem.
    ///
    /// `event` names the crash points of the append.
    pub(super) fn session<T>(
        &mut self,
        archive: &Path,
        now: DateTime<FixedOffset>,
        event: &str,
        work: impl FnOnce(&mut Session<'_>) -> Checked<T>,
    ) -> Checked<T> {
        self.latest = now;
        // Before the lock is taken, which would make the folder.
        self.refuse_if_gone()?;
        let office = OfficeLock::wait(archive)?;
        self.refresh(archive)?;
        refuse_newer(&self.index)?;
        if self.writer.is_none() {
            self.writer = Some(WriterLock::new(archive, &office)?);
        }
        let moved = self.journal.mend_tail(now)?;
        let pending = std::mem::take(&mut self.pending);
        let mut session = Session { inner: self, now, lines: Vec::new() };
        if let Err(problems) = session.begin(moved, &pending) {
            self.forget(archive);
            self.pending = pending;
            return Err(problems);
        }
        let done = work(&mut session);
        let lines = session.lines;
        if !lines.is_empty()
            && let Err(problems) = self.journal.append(&lines, now, event)
        {
            self.forget(archive);
            self.pending.extend(pending);
            return Err(problems);
        }
        drop(office);
        done
    }
}

/// Lines that are being written.
pub(super) struct Session<'a> {
    pub(super) inner: &'a mut Inner,
    pub(super) now: DateTime<FixedOffset>,
    lines: Vec<u8>,
}

impl Session<'_> {
    /// The `seq` that the next line will have.
    pub(super) fn next_seq(&self) -> u64 {
        self.inner.index.seq + 1
    }

    /// The name of this writer.
    pub(super) fn writer(&self) -> String {
        self.inner.writer.as_ref().map(|writer| writer.name().to_owned()).unwrap_or_default()
    }

    /// The record whose `filed` line has this `seq`.
    pub(super) fn record(&self, seq: u64) -> Option<Record> {
        self.inner.index.entry(seq).map(|entry| entry.record.clone())
    }

    /// Adds a line and takes it into the index.
    pub(super) fn push(&mut self, happening: Happening) -> Checked<u64> {
        let happening = if self.inner.names { happening } else { happening.without_names() };
        let seq = self.write(&happening)?;
        self.inner.index.apply(seq, happening);
        Ok(seq)
    }

    /// Adds a line whose meaning the index has already.
    pub(super) fn write(&mut self, happening: &Happening) -> Checked<u64> {
        let seq = self.next_seq();
        let object = serde_json::to_string(&Line { v: VERSION, seq, time: self.now, event: happening }).map_err(|error| {
            let message = format!("A line of the register could not be written: {error}");
            Problem::new("register-line", message, "This should not happen; please tell whoever makes the program.").blaming(Blame::Machine)
        })?;
        let (line, hash) = seal(&self.inner.index.head, &object);
        self.lines.extend_from_slice(line.as_bytes());
        self.lines.push(b'\n');
        (self.inner.index.seq, self.inner.index.head) = (seq, hash);
        Ok(seq)
    }

    /// Closes an open reservation; its number is free again if it is the last one given.
    pub(super) fn void(&mut self, reserve: u64, id: &str, reason: &str) -> Checked<()> {
        let index = &self.inner.index;
        let Some(open) = index.open.get(&(reserve, id.to_owned())) else { return Ok(()) };
        let reserved = &open.reserved;
        let last = reserved.series.as_ref().zip(reserved.year).map(|(series, year)| index.last_number(series, year));
        let reusable = reserved.n.is_some() && reserved.n == last;
        // A new version keeps the number of its record, which is not void.
        let number = reserved.n.and(reserved.number.clone());
        let void = Void { reserve: Some(reserve), id: id.to_owned(), number, reusable, reason: bounded_text(reason), ..Void::default() };
        self.push(Happening::Void(void)).map(|_| ())
    }

    /// What goes before anything else: torn bytes that no line names, and what was put off.
    fn begin(&mut self, moved: Option<(String, u64)>, pending: &[Pending]) -> Checked<()> {
        if moved.is_some() || !self.inner.torn_checked {
            self.inner.journal.sweep();
            for file in self.inner.journal.torn_files()? {
                if !self.inner.index.torn.contains(&file) {
                    let path = self.inner.journal.folder().join(&file);
                    let bytes = std::fs::metadata(&path).map_or(0, |data| data.len());
                    self.push(Happening::Torn(Torn { file, bytes, sha256: hash_file(&path).ok() }))?;
                }
            }
            self.inner.torn_checked = true;
        }
        for pending in pending {
            match pending {
                Pending::Removed(removed) => {
                    self.push(Happening::Removed(removed.clone()))?;
                }
                Pending::Void { reserve, id, reason } => self.void(*reserve, id, reason)?,
            }
        }
        Ok(())
    }
}

/// Whether it is not known if the lines of a failed append are durable: their files must then stay.
pub(crate) fn is_uncertain(problems: &Problems) -> bool {
    problems.iter().any(|problem| problem.code == UNCERTAIN)
}

fn refuse_newer(index: &Index) -> Checked<()> {
    let Some((version, file)) = &index.newer else { return Ok(()) };
    let message = format!("A newer version of the program wrote to the register (register/{file} has lines of format {version}).");
    let help = "Use that version, or a newer one, to file; this one can only list and show.";
    Err(Problem::new("register-newer", message, help).blaming(Blame::Machine).into())
}

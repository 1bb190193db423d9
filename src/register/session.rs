//! A session: the office's lock, the tail read anew and mended, some lines, one sync.
//!
//! What could not be written earlier (a `void` on a full disk, a `removed` that was not urgent) goes first.

use std::path::Path;

use chrono::{DateTime, FixedOffset};

use crate::failure::{Blame, Checked, Problem, Problems};
use crate::storage::{OfficeLock, WriterLock, hash_file};

use super::append::UNCERTAIN;
use super::chain::seal;
use super::event::{Happening, Line, Removed, Torn, VERSION, Void};
use super::follow::Book;
use super::index::{Index, fault};
use super::key::bounded_text;
use super::swapping::refuse_if_rebuilding;
use super::{DocumentIn, Record};

/// What a [`super::Register`] guards with its mutex.
#[derive(Debug)]
pub(super) struct Inner {
    pub(super) book: Book,
    pub(super) writer: Option<WriterLock>,
    pub(super) pending: Vec<Pending>,
    /// The latest time that was handed in: of lines that come with none.
    pub(super) latest: DateTime<FixedOffset>,
    /// Whether people may be named in lines.
    pub(super) names: bool,
    /// Looks for documents where the register is empty; without it, nobody looks.
    pub(super) documents: Option<DocumentIn>,
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
    pub(super) fn new(book: Book) -> Self {
        let latest = DateTime::UNIX_EPOCH.fixed_offset();
        Self { book, writer: None, pending: Vec::new(), latest, names: true, documents: None, torn_checked: false, unfinished: false }
    }

    /// What the lines mean.
    pub(super) fn index(&self) -> &Index {
        &self.book.index
    }

    /// Runs `work` under the office's lock; what it pushed is appended with one sync, also if it ends with a problem. If
    /// the index fails, nothing was written, and `work` is done once more with another.
    ///
    /// `event` names the crash points of the append.
    pub(super) fn session<T>(
        &mut self,
        archive: &Path,
        now: DateTime<FixedOffset>,
        event: &str,
        mut work: impl FnMut(&mut Session<'_>) -> Checked<T>,
    ) -> Checked<T> {
        self.latest = now;
        // Before the lock is taken, which would make the folder.
        self.book.refuse_if_gone()?;
        let office = OfficeLock::wait(archive)?;
        refuse_if_rebuilding(archive)?;
        self.book.follow()?;
        refuse_newer(&self.book.index)?;
        self.refuse_if_missing(archive)?;
        if self.writer.is_none() {
            self.writer = Some(WriterLock::new(archive, &office)?);
        }
        if self.book.journal.mend_tail(now)?.is_some() {
            self.torn_checked = false;
        }
        let pending = std::mem::take(&mut self.pending);
        let writer = self.writer.as_ref().map(|writer| writer.name().to_owned()).unwrap_or_default();
        let (book, torn_checked, names) = (&mut self.book, self.torn_checked, self.names);
        let ended = book.enduring(|book| {
            book.begin()?;
            let mut session = Session { book, writer: &writer, names, now, lines: Vec::new() };
            let begun = session.begin(torn_checked, &pending);
            let done = begun.map(|()| work(&mut session));
            let lines = session.lines;
            let written = done.and_then(|done| match &done {
                Err(problems) if fault(problems).is_some() => Err(problems.clone()),
                _ if lines.is_empty() => Ok(done),
                _ => book.journal.append(&lines, now, event).map(|()| done),
            });
            match written {
                Ok(_) => book.commit(),
                Err(_) => book.rollback(),
            }
            written
        });
        drop(office);
        match ended {
            Ok(done) => {
                self.torn_checked = true;
                done
            }
            Err(problems) => {
                self.pending.extend(pending);
                Err(problems)
            }
        }
    }
}

/// Lines that are being written.
pub(super) struct Session<'a> {
    pub(super) book: &'a mut Book,
    writer: &'a str,
    names: bool,
    pub(super) now: DateTime<FixedOffset>,
    lines: Vec<u8>,
}

impl Session<'_> {
    /// What the lines mean, with those of this session.
    pub(super) fn index(&self) -> &Index {
        &self.book.index
    }

    /// The `seq` that the next line will have.
    pub(super) fn next_seq(&self) -> u64 {
        self.book.index.seq + 1
    }

    /// The name of this writer.
    pub(super) fn writer(&self) -> String {
        self.writer.to_owned()
    }

    /// The record whose `filed` line has this `seq`.
    pub(super) fn record(&self, seq: u64) -> Checked<Option<Record>> {
        Ok(self.index().entry(seq)?.map(|entry| entry.record))
    }

    /// Adds a line and takes it into the index.
    pub(super) fn push(&mut self, happening: Happening) -> Checked<u64> {
        let happening = if self.names { happening } else { happening.without_names() };
        let start = self.lines.len();
        let seq = self.write(&happening)?;
        let line = self.lines[start..].trim_ascii_end();
        self.book.index.apply(seq, &happening, line)?;
        Ok(seq)
    }

    /// Adds a line whose meaning the index has already.
    pub(super) fn write(&mut self, happening: &Happening) -> Checked<u64> {
        let seq = self.next_seq();
        let object = serde_json::to_string(&Line { v: VERSION, seq, time: self.now, event: happening }).map_err(|error| {
            let message = format!("A line of the register could not be written: {error}");
            Problem::new("register-line", message, "This should not happen; please tell whoever makes the program.").blaming(Blame::Machine)
        })?;
        let (line, hash) = seal(&self.book.index.head, &object);
        self.lines.extend_from_slice(line.as_bytes());
        self.lines.push(b'\n');
        (self.book.index.seq, self.book.index.head) = (seq, hash);
        Ok(seq)
    }

    /// Closes an open reservation; its number is free again if it is the last one given.
    pub(super) fn void(&mut self, reserve: u64, id: &str, reason: &str) -> Checked<()> {
        let Some(open) = self.index().open(reserve, id)? else { return Ok(()) };
        let reserved = &open.reserved;
        let last = reserved.series.as_ref().zip(reserved.year).map(|(series, year)| self.index().last_number(series, year)).transpose()?;
        let reusable = reserved.n.is_some() && reserved.n == last;
        // A new version keeps the number of its record, which is not void.
        let number = reserved.n.and(reserved.number.clone());
        let void = Void { reserve: Some(reserve), id: id.to_owned(), number, reusable, reason: bounded_text(reason), ..Void::default() };
        self.push(Happening::Void(void)).map(|_| ())
    }

    /// What goes before anything else: torn bytes that no line names, and what was put off.
    fn begin(&mut self, torn_checked: bool, pending: &[Pending]) -> Checked<()> {
        if !torn_checked {
            self.book.journal.sweep();
            for file in self.book.journal.torn_files()? {
                if !self.index().is_torn_named(&file)? {
                    let path = self.book.journal.folder().join(&file);
                    let bytes = std::fs::metadata(&path).map_or(0, |data| data.len());
                    self.push(Happening::Torn(Torn { file, bytes, sha256: hash_file(&path).ok() }))?;
                }
            }
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

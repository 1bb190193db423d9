//! [`Register`]: what is written to the register. Everything goes through one session at a time.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, FixedOffset};

use crate::failure::{Blame, Checked, Problem};
use crate::model::Clock;
use crate::storage::crash_point;

use super::admission::{Decision, Situation, decide};
use super::endings::endings;
use super::event::{Answered, Filed, Happening, Removed};
use super::follow::Book;
use super::index::{Index, fault};
use super::key::bounded_text;
use super::range::{Range, duplicate_line};
use super::relations;
use super::session::{Inner, Pending, Session};
use super::{Admission, Answer, Record, Request, SourceText, Ticket};

/// The register of one archive. Shared by threads; other processes may use the same archive at the same time.
#[derive(Debug)]
pub struct Register {
    archive: PathBuf,
    clock: Option<Clock>,
    sources: Option<SourceText>,
    inner: Mutex<Inner>,
}

impl Register {
    /// Reads the register of `archive` from its beginning; one that does not exist is empty, and nothing is made before the
    /// first write.
    ///
    /// # Errors
    /// The machine's. Damaged lines are none: see [`Register::damage`].
    pub fn open(archive: &Path) -> Checked<Self> {
        Self::with_index(archive, None)
    }

    /// The same with an index in the office's folder `.chancery`, which is brought up to date: a start takes as long as what
    /// was appended since the last. It may be deleted. Where it cannot be written, nothing is different but the time.
    ///
    /// # Errors
    /// As [`Register::open`]; nothing that is wrong with the index is one.
    pub fn open_in(archive: &Path, state: &Path) -> Checked<Self> {
        Self::with_index(archive, Some(state))
    }

    fn with_index(archive: &Path, state: Option<&Path>) -> Checked<Self> {
        let mut book = Book::new(archive, state)?;
        book.follow()?;
        Ok(Self { archive: archive.to_owned(), clock: None, sources: None, inner: Mutex::new(Inner::new(book)) })
    }

    /// Dates each line by this clock; without it, by the latest time that a request came with.
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Compares what is filed with what was filed before by these texts; without them, no text is like another.
    #[must_use]
    pub fn with_sources(mut self, sources: SourceText) -> Self {
        self.sources = Some(sources);
        self
    }

    /// The folder `archive/`.
    pub fn archive(&self) -> &Path {
        &self.archive
    }

    /// Reads what others appended since.
    ///
    /// # Errors
    /// The machine's.
    pub fn refresh(&self) -> Checked<()> {
        self.lock().book.follow()
    }

    /// Decides about one part of an arrival, and reserves its record durably if it is to be made.
    ///
    /// # Errors
    /// It is being filed by another at this moment ([`super::BEING_FILED`]), a number pattern that does not work, a
    /// newer program's register, the machine's.
    pub fn admit(&self, request: &Request) -> Checked<Admission> {
        let nothing = || Problem::new("register", "Nothing was admitted.", "Try again.").blaming(Blame::Machine).into();
        self.admit_many(std::slice::from_ref(request)).pop().unwrap_or_else(|| Err(nothing()))
    }

    /// The same for many at once, with one sync; one answer for each request, in order.
    pub fn admit_many(&self, requests: &[Request]) -> Vec<Checked<Admission>> {
        let Some(now) = requests.iter().map(|request| request.now).max() else { return Vec::new() };
        crash_point("register::before-reserve");
        let admitted = self.session(Some(now), "reserve", |session| {
            let mut range = Range::default();
            let answers = requests.iter().map(|request| self.admit_one(request, session, &mut range)).collect::<Vec<_>>();
            // What is wrong with the index is no answer.
            if let Some(problems) = answers.iter().find_map(|answer| answer.as_ref().err().filter(|problems| fault(problems).is_some())) {
                return Err(problems.clone());
            }
            range.close(session)?;
            for (request, of) in range.notes {
                session.push(duplicate_line(&request, &of, session.writer()))?;
            }
            Ok(answers)
        });
        crash_point("register::reserved");
        admitted.unwrap_or_else(|problems| requests.iter().map(|_| Err(problems.clone())).collect())
    }

    fn admit_one(&self, request: &Request, session: &mut Session<'_>, range: &mut Range) -> Checked<Admission> {
        let (archive, index) = (self.archive.as_path(), session.index());
        let mut situation = Situation { archive, index, folders: &mut range.folders, sources: self.sources };
        match decide(request, &mut situation)? {
            Decision::Duplicate(record) => Ok(Admission::Duplicate(record)),
            Decision::Already { record, note } => {
                if note {
                    range.notes.push((request.clone(), record.clone()));
                }
                Ok(Admission::Already(record))
            }
            Decision::Reserve(reserved, resembles) => {
                let ticket = range.add(request, *reserved, session)?;
                Ok(Admission::Ticket(Ticket { resembles, ..ticket }))
            }
        }
    }

    /// Closes a reservation for which nothing could be made. On an error the line goes with the next commit.
    ///
    /// # Errors
    /// The machine's.
    pub fn void(&self, ticket: &Ticket, reason: &str) -> Checked<()> {
        self.void_many(&[(ticket.reserve, ticket.id.clone())], reason)
    }

    /// The same for several, given as the `seq` of the `reserve` line and the id. The last number goes first, so that
    /// all of a range can be given again.
    pub(crate) fn void_many(&self, reservations: &[(u64, String)], reason: &str) -> Checked<()> {
        let done = self.session(None, "void", |session| {
            let mut sorted = Vec::new();
            for place in reservations {
                sorted.extend(session.index().open(place.0, &place.1)?.map(|open| (open.reserved.n, place)));
            }
            sorted.sort_by(|a, b| b.cmp(a));
            for (_, (reserve, id)) in sorted {
                session.void(*reserve, id, reason)?;
            }
            Ok(())
        });
        if done.is_err() {
            let void = |(reserve, id): &(u64, String)| Pending::Void { reserve: *reserve, id: id.clone(), reason: reason.to_owned() };
            self.lock().pending.extend(reservations.iter().rev().map(void));
        }
        done
    }

    /// Commits: appends a `filed` line for each with one sync. One answer for each, in order.
    ///
    /// # Errors
    /// The machine's, for all of them; see [`super::is_uncertain`].
    pub(crate) fn commit(&self, filed: Vec<Filed>) -> Checked<Vec<Checked<Record>>> {
        self.session(None, "filed", |session| {
            let mut records = Vec::new();
            for filed in &filed {
                if session.index().open(filed.reserve, &filed.id)?.is_some() {
                    let endings = endings(filed, session.next_seq(), session.index())?;
                    let seq = session.push(Happening::Filed(filed.clone()))?;
                    for ending in endings {
                        session.push(ending)?;
                    }
                    relations::write(session, seq, filed)?;
                    records.push(Ok(filed.clone().into_record(seq)));
                } else {
                    let message = format!("The reservation of {} is no longer open.", filed.id);
                    let help = "It is tried again by itself.";
                    records.push(Err(Problem::new("reservation-closed", message, help).blaming(Blame::Machine).into()));
                }
            }
            Ok(records)
        })
    }

    /// Writes durably that what was dropped stands already, which lets it leave the inbox.
    ///
    /// # Errors
    /// The machine's.
    pub fn record_duplicate(&self, request: &Request, of: &Record) -> Checked<()> {
        self.session(Some(request.now), "duplicate", |session| {
            let line = duplicate_line(request, of, session.writer());
            session.push(line).map(|_| ())
        })
    }

    /// Writes an answer to what a problem note asks about the submission with that hash.
    ///
    /// # Errors
    /// The machine's.
    pub fn answer(&self, source_sha256: &str, name: &str, answer: &Answer) -> Checked<()> {
        let Answer { document_type, date, reason, again } = answer.clone();
        let reason = reason.as_deref().map(bounded_text);
        let (source, source_sha256) = (bounded_text(name), source_sha256.to_owned());
        let answered = Answered { source, source_sha256, document_type, date, reason, again };
        self.session(None, "", |session| session.push(Happening::Answer(answered.clone())).map(|_| ()))
    }

    /// Notes that an arrival's files are settled; the line goes with the next commit, or [`Register::flush`].
    pub(crate) fn settle(&self, removed: Removed) {
        self.lock().pending.push(Pending::Removed(removed));
    }

    /// Writes what was put off. Call it when there is nothing else to do, and at the end.
    ///
    /// # Errors
    /// The machine's; nothing is lost, recovery finds it out again.
    pub fn flush(&self) -> Checked<()> {
        if self.lock().pending.is_empty() { Ok(()) } else { self.session(None, "removed", |_| Ok(())) }
    }

    /// The same, and puts right what a write that was cut off left at the end of the register.
    ///
    /// # Errors
    /// The machine's.
    pub(crate) fn mend(&self) -> Checked<()> {
        self.session(None, "removed", |_| Ok(()))
    }

    /// The name that this register's reservations and temporary files carry; takes up the writer's lock.
    ///
    /// # Errors
    /// The machine's.
    pub(crate) fn writer(&self) -> Checked<String> {
        if let Some(writer) = &self.lock().writer {
            return Ok(writer.name().to_owned());
        }
        self.session(None, "", |session| Ok(session.writer()))
    }

    /// Something of this writer's is not finished: its name stays when it ends, so that recovery sees to it.
    pub(crate) fn leave_to_recovery(&self) {
        self.lock().unfinished = true;
    }

    pub(super) fn session<T>(
        &self,
        now: Option<DateTime<FixedOffset>>,
        event: &str,
        work: impl FnMut(&mut Session<'_>) -> Checked<T>,
    ) -> Checked<T> {
        let mut inner = self.lock();
        let now = self.clock.as_ref().map(Clock::now).or(now).unwrap_or(inner.latest);
        inner.session(&self.archive, now, event, work)
    }

    /// Asks the index, which is brought up to what was known before if another process made it anew meanwhile.
    pub(super) fn ask<T>(&self, question: impl FnMut(&Index) -> Checked<T>) -> Checked<T> {
        self.lock().book.ask(question)
    }

    /// Ends as a killed process does: nothing is written, the writer's file stays, its lock is free.
    #[cfg(test)]
    pub(crate) fn die(self) {
        let mut inner = self.lock();
        inner.pending.clear();
        inner.writer = None;
    }

    /// A thread that panicked leaves nothing half done that the next session would not read anew.
    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Register {
    /// Writes what was put off, and takes the writer's file away if nothing of it is left open. What fails here,
    /// recovery does.
    fn drop(&mut self) {
        let _ = self.flush();
        let mut inner = self.lock();
        let Some(writer) = inner.writer.take() else { return };
        // In doubt something is left: then recovery looks.
        let nothing_open = inner.book.ask(|index| index.open_of(writer.name())).is_ok_and(|open| open.is_empty());
        let left = inner.unfinished || !inner.pending.is_empty() || !nothing_open;
        if !left {
            let _ = writer.retire();
        }
    }
}

//! The follower: brings the index up to date with the register, from where its last commit stands.
//!
//! One at a time. It may be stopped or killed anywhere: what was not committed is read again. It only reads the register
//! and the archive, and never runs on a thread that files.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tantivy::indexer::IndexWriterOptions;
use tantivy::merge_policy::LogMergePolicy;
use tantivy::{Index, IndexWriter, TantivyError};

use crate::failure::Checked;
use crate::register::{Changed, Record, RecordState, Register};
use crate::storage::FileLock;

use super::fields::{FORMAT, Fields};
use super::home::{Home, Position, TextIndex};
use super::source;

/// Memory in which the index gathers new documents.
const GATHERED_BYTES: usize = 40_000_000;
/// So many records are taken from the register at a time,
const PAGE: usize = 512;
/// and texts of so many bytes.
const PAGE_BYTES: usize = 32 << 20;
/// While there is much to do, it is committed after so long, or so many bytes of text.
const COMMIT_EVERY: Duration = Duration::from_secs(3);
const COMMIT_BYTES: usize = 96 << 20;
/// How many threads read the archive.
const READERS: usize = 2;

/// How far a follower came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reached {
    /// Everything that the register had is in the index.
    End,
    /// It was told to stop before.
    Stopped,
}

/// The one writer of an index.
pub struct Follower {
    home: TextIndex,
    fields: Fields,
    writer: IndexWriter,
    position: Position,
    /// Why the index was made anew, if it was there before.
    remade: Option<&'static str>,
    /// What was put in or taken out since the last commit; of an index that was just made, that it has none.
    uncommitted: bool,
    text_bytes: usize,
    committed: Instant,
    _lock: FileLock,
}

impl Follower {
    /// Takes up the work on an office's index; makes it if it is not there, or cannot be followed on. `None` if another
    /// process or thread is at it.
    ///
    /// # Errors
    /// The machine's.
    pub fn take(home: &TextIndex, register: &Register) -> Checked<Option<Self>> {
        let Some(lock) = home.lock()? else { return Ok(None) };
        let fields = Fields::new();
        let (index, position, remade) = match home.open(&fields) {
            Home::Sound(opened) if follows(&opened.position, register)? => (opened.index, opened.position, None),
            Home::Sound(opened) => {
                drop(opened);
                (home.make(&fields)?, Position::default(), Some("the register is not the one that it was made from"))
            }
            Home::Unusable(why) => (home.make(&fields)?, Position::default(), Some(why)),
            Home::Nothing => (home.make(&fields)?, Position::default(), None),
        };
        let writer = writer(&index).map_err(|error| home.trouble(&error))?;
        let uncommitted = position == Position::default();
        let position = Position { format: FORMAT, ..position };
        let (home, committed) = (home.clone(), Instant::now());
        Ok(Some(Self { home, fields, writer, position, remade, uncommitted, text_bytes: 0, committed, _lock: lock }))
    }

    /// Why the index that was there had to be made anew.
    pub fn remade(&self) -> Option<&'static str> {
        self.remade
    }

    /// Whether the register still is the one that is followed.
    ///
    /// # Errors
    /// The machine's.
    pub fn follows(&self, register: &Register) -> Checked<bool> {
        follows(&self.position, register)
    }

    /// Puts in what was filed or has changed since, as far as the register was last refreshed.
    ///
    /// # Errors
    /// The machine's. What was committed until then stands.
    pub fn advance(&mut self, register: &Register, archive: &Path, stop: &dyn Fn() -> bool) -> Checked<Reached> {
        let (head, _) = register.head();
        let known = self.position.filed;
        if known == 0 && self.position.changed == 0 {
            // Of an empty index nothing has changed: what is read from now on is as it is now.
            self.position.changed = head;
        }
        self.committed = Instant::now();
        let reached = self.filed(register, archive, stop)?;
        if reached == Reached::End && self.position.changed < head {
            self.changed(register, archive, known)?;
            self.position.changed = head;
        }
        // A line that says nothing of a record is no reason to write: it is read again after the next start.
        if self.uncommitted {
            self.commit()?;
        }
        Ok(reached)
    }

    /// New records, oldest first.
    fn filed(&mut self, register: &Register, archive: &Path, stop: &dyn Fn() -> bool) -> Checked<Reached> {
        loop {
            let page = register.filed_after(self.position.filed, PAGE)?;
            let mut rest = page.as_slice();
            while !rest.is_empty() {
                if stop() {
                    return Ok(Reached::Stopped);
                }
                let texts = texts(archive, rest);
                let (done, left) = rest.split_at(texts.len());
                for (state, text) in done.iter().zip(&texts) {
                    self.add(state, text)?;
                }
                rest = left;
                if self.committed.elapsed() >= COMMIT_EVERY || self.text_bytes >= COMMIT_BYTES {
                    self.commit()?;
                }
            }
            if page.is_empty() {
                return Ok(Reached::End);
            }
        }
    }

    /// Records that were in the index before, of which later lines said something.
    fn changed(&mut self, register: &Register, archive: &Path, known: u64) -> Checked<()> {
        let mut is_disposed = false;
        loop {
            let page = register.changed_after(self.position.changed, PAGE)?;
            for Changed { at, state } in &page {
                self.position.changed = *at;
                if state.record.seq > known {
                    continue;
                }
                self.uncommitted = true;
                is_disposed |= state.disposed.is_some();
                self.writer.delete_term(self.fields.of_seq(state.record.seq));
                let text = if state.disposed.is_some() { String::new() } else { source::words(archive, &state.record) };
                self.put(state, &text)?;
            }
            if page.is_empty() {
                break;
            }
        }
        if is_disposed {
            self.commit()?;
            self.purge()?;
        }
        Ok(())
    }

    /// A new record with its text, read elsewhere: for whoever has the texts at hand.
    ///
    /// # Errors
    /// The machine's.
    pub fn add(&mut self, state: &RecordState, text: &str) -> Checked<()> {
        self.put(state, text)?;
        self.uncommitted = true;
        self.position.filed = state.record.seq;
        self.position.last = mark(&state.record);
        Ok(())
    }

    fn put(&mut self, state: &RecordState, text: &str) -> Checked<()> {
        // A signed copy is a file of another record and has no words of its own.
        if state.record.joins.is_none() {
            let added = self.writer.add_document(self.fields.document(state, text));
            added.map_err(|error| self.home.trouble(&error))?;
            self.text_bytes += text.len();
        }
        Ok(())
    }

    /// Makes what was put in durable, and found from now on.
    ///
    /// # Errors
    /// The machine's.
    pub fn commit(&mut self) -> Checked<()> {
        let payload = serde_json::to_string(&self.position).unwrap_or_default();
        let committed = self.writer.prepare_commit().and_then(|mut prepared| {
            prepared.set_payload(&payload);
            prepared.commit()
        });
        committed.map_err(|error| self.home.trouble(&error))?;
        (self.uncommitted, self.text_bytes, self.committed) = (false, 0, Instant::now());
        Ok(())
    }

    /// Writes every part of the index anew in which something was taken out: a word of what was disposed of must stand
    /// in no file of it.
    fn purge(&mut self) -> Checked<()> {
        let purged = (|| {
            for segment in self.writer.index().searchable_segment_metas()? {
                if segment.num_deleted_docs() > 0 {
                    self.writer.merge(&[segment.id()]).wait()?;
                }
            }
            self.writer.garbage_collect_files().wait().map(drop)
        })();
        purged.map_err(|error| self.home.trouble(&error))
    }

    /// Waits until the parts of the index that are being merged are, and ends.
    ///
    /// # Errors
    /// The machine's.
    pub fn close(self) -> Checked<()> {
        let Self { writer, home, .. } = self;
        writer.wait_merging_threads().map_err(|error| home.trouble(&error))
    }
}

fn writer(index: &Index) -> Result<IndexWriter, TantivyError> {
    let options = IndexWriterOptions::builder().memory_budget_per_thread(GATHERED_BYTES).num_worker_threads(1).num_merge_threads(1).build();
    let writer: IndexWriter = index.writer_with_options(options)?;
    writer.set_merge_policy(Box::new(LogMergePolicy::default()));
    Ok(writer)
}

/// Whether an index at this position was made from this register.
pub(super) fn follows(position: &Position, register: &Register) -> Checked<bool> {
    let (head, _) = register.head();
    if position.filed > head || position.changed > head {
        return Ok(false);
    }
    let is_same = |state: RecordState| mark(&state.record) == position.last;
    Ok(position.filed == 0 || register.record(position.filed)?.is_some_and(is_same))
}

/// What tells a record from every other.
fn mark(record: &Record) -> String {
    format!("{}@{} {}", record.id, record.version, record.content_sha256)
}

/// The texts of the first of these records, as many as fit into memory; at least one.
fn texts(archive: &Path, states: &[RecordState]) -> Vec<String> {
    let next = AtomicUsize::new(0);
    let bytes = AtomicUsize::new(0);
    let read: Mutex<Vec<(usize, String)>> = Mutex::new(Vec::with_capacity(states.len()));
    let work = || {
        while bytes.load(Ordering::Relaxed) < PAGE_BYTES {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(state) = states.get(at) else { break };
            let is_read = state.disposed.is_none() && state.record.joins.is_none();
            let text = if is_read { source::words(archive, &state.record) } else { String::new() };
            bytes.fetch_add(text.len(), Ordering::Relaxed);
            read.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((at, text));
        }
    };
    if states.len() < 8 {
        work();
    } else {
        std::thread::scope(|scope| (0..READERS).for_each(|_| drop(scope.spawn(work))));
    }
    // Each number below the highest was taken by a thread that then did its work.
    let mut read = read.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    read.sort_unstable_by_key(|(at, _)| *at);
    read.into_iter().map(|(_, text)| text).collect()
}

/// How many records are not yet in an index at this position, counted up to `most`.
pub(super) fn missing(position: &Position, register: &Register, most: usize) -> Checked<usize> {
    let filed = register.filed_after(position.filed, most)?.len();
    let changed = register.changed_after(position.changed, most)?;
    let known: HashSet<u64> = changed.iter().map(|changed| changed.state.record.seq).filter(|seq| *seq <= position.filed).collect();
    Ok((filed + known.len()).min(most))
}

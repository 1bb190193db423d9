//! Lines that came from another register, or from an earlier state of this one: what they say, without any of it
//! being ours.

use std::collections::HashMap;
use std::io::{self, BufRead, Read as _};

use super::afterwards::{HELD, RELEASED};
use super::event::{Happening, Header, Line, VERSION};
use super::trespass::trespasses;
use super::{Damage, RecordState, Relation, Said, chain};

/// A longer line is none of ours.
const MAX_LINE_BYTES: u64 = 16 << 20;

/// At most this many lines of a kind are named: half a million empty ones take a kilobyte in a ZIP.
const MAX_TOLD: usize = 50;

/// What foreign lines say.
#[derive(Debug, Default)]
pub(crate) struct Foreign {
    /// Every version that was filed, in order.
    pub(crate) records: Vec<RecordState>,
    /// The hash of the last line.
    pub(crate) head: String,
    /// Lines that are not what was written.
    pub(crate) damage: Vec<Damage>,
    /// How many more there are than are named.
    pub(crate) more_damage: u64,
    /// Lines that name as a document's what is the archive's own: whoever made them wants it written over, or removed.
    pub(crate) trespasses: Vec<Damage>,
    /// The newest format of any line, if it is newer than ours.
    pub(crate) newer: Option<u32>,
    by_seq: HashMap<u64, usize>,
    seq: u64,
}

impl Foreign {
    /// Reads the lines of a file; `chained` if they are all of a register, in order, so that their hashes can be checked.
    ///
    /// # Errors
    /// The reader's.
    pub(crate) fn read(&mut self, file: &str, mut lines: impl BufRead, chained: bool) -> io::Result<()> {
        let mut bytes = Vec::new();
        for number in 1.. {
            bytes.clear();
            if lines.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut bytes)? == 0 {
                break;
            }
            if bytes.last() == Some(&b'\n') {
                bytes.pop();
            }
            let (sound, trespass) = self.line(&bytes, chained);
            if !sound && self.damage.len() == MAX_TOLD {
                self.more_damage += 1;
            } else if !sound {
                let message = "This is no line of a register, or it was changed, or one before it is missing.";
                self.damage.push(Damage { file: file.to_owned(), line: number, message: message.to_owned() });
            }
            if let Some(path) = trespass.filter(|_| self.trespasses.len() < MAX_TOLD) {
                let message = format!("It names {path:?} as a place of documents, which it is not.");
                self.trespasses.push(Damage { file: file.to_owned(), line: number, message });
            }
        }
        Ok(())
    }

    /// Takes a line. Gives whether it is what was written, and a path in it at which no document stands.
    fn line(&mut self, bytes: &[u8], chained: bool) -> (bool, Option<String>) {
        let header = serde_json::from_slice::<Header>(bytes).ok();
        let stated = chain::split(bytes).map(|(_, hash)| hash.to_owned());
        let follows = header.as_ref().is_some_and(|header| header.seq == self.seq + 1) && chain::is_sound(&self.head, bytes);
        if let Some(header) = &header {
            self.seq = header.seq;
            self.newer = self.newer.max(Some(header.v).filter(|version| *version > VERSION));
        }
        self.head = stated.clone().unwrap_or_default();
        let mut trespass = None;
        if let Ok(line) = serde_json::from_slice::<Line<Happening>>(bytes) {
            trespass = trespasses(&line.event).map(str::to_owned);
            self.apply(line.seq, line.event);
        }
        (header.is_some() && stated.is_some() && (follows || !chained), trespass)
    }

    fn apply(&mut self, seq: u64, happening: Happening) {
        match happening {
            Happening::Filed(filed) => {
                let held = self.end(filed.instead_of, &filed.id);
                let record = filed.into_record(seq);
                if let Some(older) = record.supersedes.and_then(|older| self.state(older)) {
                    older.superseded_by = Some(seq);
                }
                self.by_seq.insert(seq, self.records.len());
                self.records.push(RecordState {
                    record,
                    superseded_by: None,
                    void: None,
                    held,
                    disposed: None,
                    joined: Vec::new(),
                    relations: Vec::new(),
                });
            }
            Happening::Void(void) => {
                if let Some(state) = void.of.and_then(|of| self.state(of)) {
                    state.void = Some(void.reason);
                }
            }
            Happening::Status(status) => match (status.status.as_str(), self.state(status.of)) {
                (HELD, Some(state)) => state.held = Some(status.said),
                (RELEASED, Some(state)) => state.held = None,
                _ => {}
            },
            Happening::Relates(relates) => {
                if let Some(state) = self.state(relates.of) {
                    state.relations.push(Relation { to: relates.to, relation: relates.relation });
                }
            }
            Happening::Moved(moved) => {
                let Some(state) = self.state(moved.of) else { return };
                for file in &mut state.record.files {
                    if let Some(now) = moved.files.iter().find(|moved| moved.from == file.path) {
                        file.path.clone_from(&now.to);
                    }
                }
            }
            Happening::Disposed(disposed) => {
                for seq in disposed.of {
                    if let Some(state) = self.state(seq) {
                        state.disposed = Some(disposed.said.clone());
                    }
                }
            }
            _ => {}
        }
    }

    /// A record turned out to be a version of another, for which its hold goes on.
    fn end(&mut self, instead_of: Option<u64>, id: &str) -> Option<Said> {
        let ended = instead_of.and_then(|seq| self.state(seq)).map(|state| state.record.id.clone())?;
        let mut held = None;
        for state in self.records.iter_mut().filter(|state| state.record.id == ended) {
            state.void.get_or_insert_with(|| format!("it is a version of {id}"));
            held = state.held.clone().or(held);
        }
        held
    }

    fn state(&mut self, seq: u64) -> Option<&mut RecordState> {
        self.by_seq.get(&seq).and_then(|&index| self.records.get_mut(index))
    }
}

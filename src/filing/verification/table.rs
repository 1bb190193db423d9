//! What the register says stands, as a table that stays small: of each file a fingerprint of its path, its hash and its record, 64 bytes.
//!
//! The words of a path are read from the register again where something is wrong with it, which is rare.

use std::cell::Cell;
use std::collections::HashMap;

use crate::filing::fingerprint::{Fingerprint, Hash, fingerprint, hash_of};
use crate::register::Told;

/// Whether a file is to stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It is.
    Stands,
    /// Its record is void: it may.
    Void,
    /// Its content was disposed of: it is not.
    Disposed,
}

/// A file that a `filed` line names.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) path: Fingerprint,
    pub(super) sha256: Hash,
    pub(super) seq: u64,
    pub(super) state: State,
    seen: Cell<bool>,
}

impl Entry {
    /// It was found where it is to stand, whole or changed.
    pub(super) fn see(&self) {
        self.seen.set(true);
    }

    pub(super) fn is_seen(&self) -> bool {
        self.seen.get()
    }
}

/// A reservation that is open.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) writer: String,
    pub(super) places: Vec<String>,
}

/// Everything that the register says of files.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// By path, once [`Table::settle`] was called.
    entries: Vec<Entry>,
    open: HashMap<(u64, String), Open>,
    /// What later lines say of earlier ones, until it is settled.
    later: Vec<Later>,
    /// The files of torn bytes: name, size, hash.
    pub(super) torn: Vec<(String, u64, Option<String>)>,
    /// Where old registers were put.
    pub(super) old: Vec<String>,
}

#[derive(Debug)]
enum Later {
    State(u64, State),
    Moved(u64, Fingerprint, Fingerprint),
}

impl Table {
    /// Takes in what a line says.
    pub(super) fn take(&mut self, told: Told) {
        match told {
            Told::Filed(claim) => {
                self.open.remove(&(claim.reserve, claim.id));
                for (path, sha256) in &claim.files {
                    let (path, sha256) = (fingerprint(path), hash_of(sha256));
                    self.entries.push(Entry { path, sha256, seq: claim.seq, state: State::Stands, seen: Cell::new(false) });
                }
            }
            Told::Reserved { seq, writer, records } => {
                for (id, places) in records {
                    self.open.insert((seq, id), Open { writer: writer.clone(), places });
                }
            }
            Told::Closed { reserve, id } => drop(self.open.remove(&(reserve, id))),
            Told::Void { of, files } => {
                self.later.push(Later::State(of, State::Void));
                let moved = files.iter().map(|(from, to)| Later::Moved(of, fingerprint(from), fingerprint(to)));
                self.later.extend(moved);
            }
            Told::Disposed(of) => self.later.extend(of.into_iter().map(|seq| Later::State(seq, State::Disposed))),
            Told::Moved { of, files, .. } => {
                let moved = files.iter().map(|(from, to)| Later::Moved(of, fingerprint(from), fingerprint(to)));
                self.later.extend(moved);
            }
            Told::Torn { file, bytes, sha256 } => self.torn.push((file, bytes, sha256)),
            Told::Rebuilt(old) => self.old.extend(old),
            Told::Nothing => {}
        }
    }

    /// Applies what later lines say, and sorts by path.
    pub(super) fn settle(&mut self) {
        if !self.later.is_empty() {
            self.entries.sort_unstable_by_key(|entry| entry.seq);
            for later in std::mem::take(&mut self.later) {
                let seq = match later {
                    Later::State(seq, _) | Later::Moved(seq, ..) => seq,
                };
                let start = self.entries.partition_point(|entry| entry.seq < seq);
                for entry in self.entries[start..].iter_mut().take_while(|entry| entry.seq == seq) {
                    match later {
                        Later::State(_, state) => entry.state = state,
                        Later::Moved(_, from, to) if entry.path == from => {
                            entry.path = to;
                            entry.seen.set(false);
                        }
                        Later::Moved(..) => {}
                    }
                }
            }
        }
        self.entries.sort_unstable_by(|a, b| a.path.cmp(&b.path).then(a.seq.cmp(&b.seq)));
    }

    /// Every record's file that is to stand at this path; mostly one, or none.
    pub(super) fn at(&self, path: Fingerprint) -> &[Entry] {
        let start = self.entries.partition_point(|entry| entry.path < path);
        let count = self.entries[start..].iter().take_while(|entry| entry.path == path).count();
        &self.entries[start..start + count]
    }

    /// Whether the register says what is with this place: also that a void record's file may stand there.
    pub(super) fn is_expected(&self, path: Fingerprint) -> bool {
        self.at(path).iter().any(|entry| entry.state != State::Disposed)
    }

    /// How many files are to stand.
    pub(super) fn standing(&self) -> usize {
        self.entries.iter().filter(|entry| entry.state == State::Stands).count()
    }

    /// Whether some file that is to stand was not found where it should.
    pub(super) fn lacks_any(&self) -> bool {
        self.entries.iter().any(|entry| entry.state == State::Stands && !entry.is_seen())
    }

    /// The writer of the open reservation that has this place.
    pub(super) fn reserved_by(&self, path: &str) -> Option<&str> {
        let open = self.open.values().find(|open| open.places.iter().any(|place| place == path))?;
        Some(&open.writer)
    }
}

//! What the lines mean, in memory: records, open reservations, numbers given, paths taken, answers.
//!
//! It is built by reading the lines in order and by nothing else; a line that was just sealed goes the same way. A
//! damaged line that can still be read is taken at its word: a number or a path that it names stays taken.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::model::TypeName;
use crate::storage::name::fold;

use super::chain;
use super::entry::Entry;
use super::event::{Duplicate, Filed, Happening, Header, Line, Removed, Reserve, Reserved, VERSION, Void};
use super::journal::{Damage, Reader};
use super::key::{Key, keys};
use super::series::Given;
use super::undoing::{Same, same};
use super::{Answer, Record, SourceFile};

/// The meaning of every line read so far.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// The `seq` and the hash of the last line; `0` and nothing before the first.
    pub(super) seq: u64,
    pub(super) head: String,
    /// The newest format of any line, if it is newer than ours, and the file it stands in.
    pub(super) newer: Option<(u32, String)>,
    pub(super) damage: Vec<Damage>,
    /// Every `filed` line, in order.
    pub(super) entries: Vec<Entry>,
    pub(super) answers: HashMap<String, Answer>,
    /// What was taken back and lies in the inbox again.
    pub(super) returned: HashSet<Same>,
    /// The files of torn bytes that a line names.
    pub(super) torn: HashSet<String>,
    /// Open reservations by `seq` of their line and id.
    pub(super) open: BTreeMap<(u64, String), Open>,
    pub(super) by_seq: HashMap<u64, usize>,
    by_id: HashMap<String, Vec<usize>>,
    by_key: HashMap<Key, Vec<usize>>,
    open_keys: HashMap<Key, Vec<(u64, String)>>,
    pub(super) series: HashMap<(String, i32), Given>,
    pub(super) paths: HashSet<String>,
    /// The parts that stand, by arrival and type.
    sets: HashMap<(String, TypeName), HashSet<Option<String>>>,
}

/// A reservation without `filed` or `void` line.
#[derive(Clone, Debug)]
pub(super) struct Open {
    pub(super) reserved: Reserved,
    pub(super) writer: String,
    pub(super) inbox: Vec<SourceFile>,
    keys: Vec<Key>,
}

impl Reader for Index {
    fn take(&mut self, file: &str, line: u64, bytes: &[u8]) {
        let sound = chain::is_sound(&self.head, bytes);
        let line_of_ours = serde_json::from_slice::<Line<Happening>>(bytes);
        let header = match &line_of_ours {
            Ok(line) => Some(Header { v: line.v, seq: line.seq }),
            Err(_) => serde_json::from_slice(bytes).ok(),
        };
        if let Some(header) = header.as_ref().filter(|header| header.v > VERSION && sound) {
            self.newer = Some((header.v.max(self.newer.as_ref().map_or(0, |newer| newer.0)), file.to_owned()));
        }
        let stated = chain::split(bytes).map(|(_, hash)| hash.to_owned());
        let expected = self.seq + 1;
        let message = match (&header, &stated) {
            (_, None) => Some("This is no line of the register: nothing of ours stands in it."),
            (None, Some(_)) => Some("This line was changed: it can no longer be read."),
            (Some(_), Some(_)) if !sound => Some("This line or the one before it was changed: its hash is not right."),
            (Some(header), _) if header.seq != expected => Some("A line before this one is missing: the numbering jumps."),
            _ => None,
        };
        if let Some(message) = message {
            self.damage.push(Damage { file: format!("register/{file}"), line, message: message.to_owned() });
        }
        // The chain goes on from what a line states, so that one changed line is one finding. Foreign text is no link.
        let Some(stated) = stated else { return };
        self.seq = header.filter(|_| sound).map_or(expected, |header| header.seq);
        self.head = stated;
        // A line whose form is not known is kept and skipped, like an unknown event.
        if let Ok(line) = line_of_ours {
            self.apply(self.seq, line.event);
        }
    }

    fn is_next(&self, bytes: &[u8]) -> bool {
        chain::is_sound(&self.head, bytes) && serde_json::from_slice::<Header>(bytes).is_ok()
    }
}

impl Index {
    /// What a line with this `seq` says.
    pub(super) fn apply(&mut self, seq: u64, happening: Happening) {
        match happening {
            Happening::Reserve(reserve) => self.reserve(seq, &reserve),
            Happening::Filed(filed) => self.filed(seq, filed),
            Happening::Removed(Removed { of, .. }) => {
                for seq in of {
                    if let Some(&index) = self.by_seq.get(&seq) {
                        self.entries[index].settled = true;
                    }
                }
            }
            Happening::Void(void) => self.void(seq, &void),
            Happening::Duplicate(duplicate) => self.duplicate(duplicate),
            Happening::Answer(answer) => self.answer(answer),
            Happening::Torn(torn) => {
                self.torn.insert(torn.file);
            }
            Happening::Status(status) => self.status(seq, status),
            Happening::Relates(relates) => self.relates(seq, relates),
            Happening::Moved(moved) => self.moved(seq, &moved),
            Happening::Disposed(disposed) => self.disposed(seq, &disposed),
            Happening::Rebuilt(_) | Happening::Imported(_) | Happening::Unknown => {}
        }
    }

    fn reserve(&mut self, seq: u64, reserve: &Reserve) {
        for reserved in reserve.reserved() {
            self.give_number(reserved);
            self.paths.extend(reserved.files.iter().map(|place| fold(&place.path)));
            let mut keys = vec![Key::Source(reserve.source_sha256.clone(), reserve.document_type.clone(), reserved.part.clone())];
            keys.push(Key::Id(reserved.id.to_lowercase()));
            keys.extend(reserved.note_id.clone().map(|id| Key::Note(id, reserve.document_type.clone(), reserved.part.clone())));
            let place = (seq, reserved.id.clone());
            for key in &keys {
                self.open_keys.entry(key.clone()).or_default().push(place.clone());
            }
            let open = Open { reserved: reserved.clone(), writer: reserve.writer.clone(), inbox: reserve.inbox.clone(), keys };
            self.open.insert(place, open);
        }
    }

    fn close(&mut self, reserve: u64, id: &str) -> Option<Open> {
        let place = (reserve, id.to_owned());
        let open = self.open.remove(&place)?;
        for key in &open.keys {
            if let Some(places) = self.open_keys.get_mut(key) {
                places.retain(|other| *other != place);
                if places.is_empty() {
                    self.open_keys.remove(key);
                }
            }
        }
        Some(open)
    }

    fn filed(&mut self, seq: u64, filed: Filed) {
        self.end(seq, &filed);
        self.returned.remove(&same(&filed.source_sha256, &filed.document_type, &filed.template_sha256));
        let open = self.close(filed.reserve, &filed.id);
        let record = filed.into_record(seq);
        let index = self.entries.len();
        if let Some(&older) = record.supersedes.and_then(|older| self.by_seq.get(&older)) {
            self.entries[older].superseded_by = Some(seq);
            self.entries[older].changed = seq;
        }
        self.by_seq.insert(seq, index);
        if let Some(&whole) = record.joins.and_then(|whole| self.by_seq.get(&whole)) {
            self.entries[whole].joined.push(seq);
            self.entries[whole].changed = seq;
        } else {
            self.by_id.entry(record.id.to_lowercase()).or_default().push(index);
        }
        for key in keys(&record) {
            self.by_key.entry(key).or_default().push(index);
        }
        self.paths.extend(record.files.iter().map(|file| fold(&file.path)));
        self.set(&record.source_sha256, &record.document_type).insert(record.part.clone());
        let inbox = open.map(|open| open.inbox).unwrap_or_default();
        let settled = inbox.is_empty();
        self.entries.push(Entry {
            record,
            inbox,
            settled,
            void: None,
            superseded_by: None,
            held: None,
            disposed: None,
            joined: Vec::new(),
            relations: Vec::new(),
            changed: 0,
        });
    }

    pub(super) fn void(&mut self, seq: u64, void: &Void) {
        if let Some(open) = void.reserve.and_then(|reserve| self.close(reserve, &void.id)) {
            for place in &open.reserved.files {
                self.paths.remove(&fold(&place.path));
            }
            if let (true, Some(series), Some(year), Some(n)) = (void.reusable, open.reserved.series, open.reserved.year, open.reserved.n) {
                self.free_number((series, year), n, open.reserved.number.as_deref());
            }
        }
        let Some(&index) = void.of.and_then(|seq| self.by_seq.get(&seq)) else { return };
        if self.entries[index].void.is_some() {
            return;
        }
        self.entries[index].void = Some(void.reason.clone());
        self.entries[index].changed = seq;
        self.taken_back(index, void);
        let record = self.entries[index].record.clone();
        if let Some(&older) = record.supersedes.and_then(|older| self.by_seq.get(&older))
            && self.entries[older].superseded_by == Some(record.seq)
        {
            // The version before it stands again.
            self.entries[older].superseded_by = None;
            self.entries[older].changed = seq;
        }
        if let Some(parts) = self.sets.get_mut(&(record.source_sha256, record.document_type)) {
            parts.remove(&record.part);
        }
    }

    fn duplicate(&mut self, duplicate: Duplicate) {
        if duplicate.part.is_some() {
            self.set(&duplicate.source_sha256, &duplicate.document_type).insert(duplicate.part);
        }
    }

    fn set(&mut self, source_sha256: &str, document_type: &TypeName) -> &mut HashSet<Option<String>> {
        self.sets.entry((source_sha256.to_owned(), document_type.clone())).or_default()
    }

    /// The standing records (not void) that have this in common, oldest first.
    pub(super) fn standing(&self, key: &Key) -> impl DoubleEndedIterator<Item = &Entry> {
        self.by_key
            .get(key)
            .into_iter()
            .flatten()
            .map(|&index| &self.entries[index])
            .filter(|entry| entry.void.is_none() && entry.disposed.is_none())
    }

    /// Every version under this id, void or not, oldest first; upper and lower case are one.
    pub(super) fn versions(&self, id: &str) -> impl DoubleEndedIterator<Item = &Entry> {
        self.by_id.get(&id.to_lowercase()).into_iter().flatten().map(|&index| &self.entries[index])
    }

    /// The open reservations that have this in common.
    pub(super) fn reserved(&self, key: &Key) -> impl Iterator<Item = (&(u64, String), &Open)> {
        let places = self.open_keys.get(key).into_iter().flatten();
        places.filter_map(|place| self.open.get_key_value(place))
    }

    /// The record with this `seq`.
    pub(super) fn entry(&self, seq: u64) -> Option<&Entry> {
        self.by_seq.get(&seq).map(|&index| &self.entries[index])
    }

    /// Whether every part of the arrival that this record came from stands.
    pub(super) fn is_complete(&self, record: &Record) -> bool {
        self.stands_complete(&record.source_sha256, &record.document_type, record.parts)
    }

    /// Whether that many parts of an arrival stand.
    pub(super) fn stands_complete(&self, source_sha256: &str, document_type: &TypeName, parts: usize) -> bool {
        let set = self.sets.get(&(source_sha256.to_owned(), document_type.clone()));
        set.is_some_and(|standing| !standing.is_empty() && standing.len() >= parts)
    }

    /// Whether a record or an open reservation has this path, as the least exact file system compares.
    pub(super) fn is_path_taken(&self, folded: &str) -> bool {
        self.paths.contains(folded)
    }

    /// Whether an open reservation has this id.
    pub(super) fn is_id_reserved(&self, id: &str) -> bool {
        self.open_keys.contains_key(&Key::Id(id.to_lowercase()))
    }
}

//! What the register is asked. Nothing here writes; [`Register::refresh`] first to see what others wrote.

use std::collections::HashSet;
use std::io::BufRead as _;

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::failure::{Checked, Problem};
use crate::model::TypeName;

use super::admission::stands_whole;
use super::entry::Entry;
use super::index::Index;
use super::key::Key;
use super::query::Query;
use super::session::Pending;
use super::{Damage, Record, Register, Said, SourceFile};

/// What somebody answered to a problem note.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The document type.
    pub document_type: Option<TypeName>,
    /// The document's date.
    pub date: Option<NaiveDate>,
    /// Why a record that is approved or signed is changed.
    pub reason: Option<String>,
    /// It is to be filed although it was taken back.
    pub again: bool,
}

/// A record and what became of it since.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordState {
    /// The record.
    pub record: Record,
    /// The `seq` of the version that replaced it.
    pub superseded_by: Option<u64>,
    /// Why it no longer stands.
    pub void: Option<String>,
    /// Who wants it kept, if somebody does: then it is not disposed of.
    pub held: Option<Said>,
    /// Who had its content disposed of: its files stand no longer.
    pub disposed: Option<Said>,
    /// The `seq` of each further file that joined it: signed copies.
    pub joined: Vec<u64>,
    /// What it has to do with other records.
    pub relations: Vec<Relation>,
}

/// What a record has to do with another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relation {
    /// The id of the other.
    pub to: String,
    /// How: `signs`, `relates` …
    pub relation: String,
}

/// A line of the register, as it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Its place in the chain.
    pub seq: u64,
    /// When it was written.
    pub time: DateTime<FixedOffset>,
    /// `reserve`, `filed`, `removed`, `void`, `duplicate`, `answer`, `torn`, or one that a later program writes.
    pub event: String,
    /// Everything else.
    #[serde(flatten)]
    pub fields: Map<String, Value>,
}

impl Register {
    /// The records that stand, each in its newest version, in the order in which they were filed. Of a large register that is
    /// a large answer: [`Register::query`] and [`Register::each`] give less.
    ///
    /// # Errors
    /// The machine's.
    pub fn records(&self) -> Checked<Vec<Record>> {
        let mut records: Vec<Record> = self.query(&Query::default())?.into_iter().map(|state| state.record).collect();
        records.reverse();
        Ok(records)
    }

    /// Every version that was ever filed, and every signed copy, in order. Of a large register that is a large answer.
    ///
    /// # Errors
    /// The machine's.
    pub fn all(&self) -> Checked<Vec<RecordState>> {
        self.filed_after(0, usize::MAX)
    }

    /// The versions of a record, oldest first.
    ///
    /// # Errors
    /// The machine's.
    pub fn versions(&self, id: &str) -> Checked<Vec<RecordState>> {
        self.ask(|index| Ok(index.versions(id)?.into_iter().map(Entry::into_state).collect()))
    }

    /// What a user calls a record: its id (the newest version that stands), `ID@VERSION`, its number, or the `id:` of
    /// its note. Several where a number or a note's `id:` is not unique; upper and lower case are one. A record that no longer
    /// stands is found by its number if no other bears it.
    ///
    /// # Errors
    /// The machine's.
    pub fn find(&self, name: &str) -> Checked<Vec<Record>> {
        self.ask(|index| find(index, name.trim()))
    }

    /// The record whose `filed` line has this `seq`.
    ///
    /// # Errors
    /// The machine's.
    pub fn record(&self, seq: u64) -> Checked<Option<RecordState>> {
        self.ask(|index| Ok(index.entry(seq)?.map(Entry::into_state)))
    }

    /// The records of the arrival with that hash, if it was filed whole, stands so in the archive, and this note of it
    /// only waits to leave the inbox: whatever its type or template would be now, nothing is to be made. The same bytes under another name, or
    /// dropped again once they were gone, are another matter: a duplicate.
    ///
    /// # Errors
    /// The machine's.
    pub fn awaiting_removal(&self, source_sha256: &str, note: &SourceFile) -> Checked<Vec<Record>> {
        let arrival = Key::Arrival(source_sha256.to_owned());
        let waits = |entry: &Entry| !entry.settled && entry.inbox.first() == Some(note);
        let mut waiting = self.ask(|index| {
            let mut waiting = Vec::new();
            for entry in index.standing(&arrival)?.into_iter().filter(waits) {
                if index.is_complete(&entry.record)? {
                    waiting.push(entry.record);
                }
            }
            Ok(waiting)
        })?;
        let inner = self.lock();
        let gone = |seq: u64| inner.pending.iter().any(|pending| matches!(pending, Pending::Removed(removed) if removed.of.contains(&seq)));
        waiting.retain(|record| !gone(record.seq));
        drop(inner);
        // What was lost from the archive is made anew, each part by itself.
        for record in &waiting {
            if !stands_whole(self.archive(), record)? {
                return Ok(Vec::new());
            }
        }
        Ok(waiting)
    }

    /// What was answered about the submission with that hash; of each question the last answer counts.
    ///
    /// # Errors
    /// The machine's.
    pub fn answer_for(&self, source_sha256: &str) -> Checked<Option<Answer>> {
        self.ask(|index| index.answer(source_sha256))
    }

    /// The lines that are not what was written. Filing goes on; `verify` names them.
    ///
    /// # Errors
    /// The machine's.
    pub fn damage(&self) -> Checked<Vec<Damage>> {
        self.ask(Index::damage)
    }

    /// The `seq` and the hash of the last line: kept elsewhere, they show whether lines were cut off.
    pub fn head(&self) -> (u64, String) {
        let inner = self.lock();
        (inner.index().seq, inner.index().head.clone())
    }

    /// Every line that can be read, in order, as it stands on the disk. Of a large register that is a large answer.
    ///
    /// # Errors
    /// The machine's.
    pub fn events(&self) -> Checked<Vec<Event>> {
        self.events_where(|_| true, |_| true)
    }

    /// The lines that tell; only those are read whose text may matter.
    fn events_where(&self, matters: impl Fn(&str) -> bool, tells: impl Fn(&Event) -> bool) -> Checked<Vec<Event>> {
        let mut events = Vec::new();
        self.each_line(|line| {
            let line = std::str::from_utf8(line).ok().filter(|line| matters(line));
            events.extend(line.and_then(event).filter(&tells));
        })?;
        Ok(events)
    }

    /// The lines that tell of a record: its reservations, versions, voids, duplicates, and its removal. All lines are looked
    /// through for it, and few read.
    ///
    /// # Errors
    /// The machine's.
    pub fn history(&self, id: &str) -> Checked<Vec<Event>> {
        // A line names the record by its id, as it stands in JSON; one that tells of a removal, by its place alone.
        let written = serde_json::to_string(id).unwrap_or_default();
        let filed: HashSet<u64> = self.versions(id)?.iter().map(|state| state.record.seq).collect();
        let places: Vec<String> = filed.iter().map(u64::to_string).collect();
        let removed = |line: &str| line.contains("\"event\":\"removed\"") && places.iter().any(|place| line.contains(place));
        let may_tell = |line: &str| line.contains(&written) || removed(line);
        let is_id = |fields: &Map<String, Value>| fields.get("id").and_then(Value::as_str).is_some_and(|other| other == id);
        let tells = |event: &Event| {
            let mut of = event.fields.get("of").into_iter().flat_map(|of| of.as_array().map_or(std::slice::from_ref(of), Vec::as_slice));
            let mut range = event.fields.get("records").and_then(Value::as_array).into_iter().flatten();
            is_id(&event.fields)
                || of.any(|seq| seq.as_u64().is_some_and(|seq| filed.contains(&seq)))
                || range.any(|record| record.as_object().is_some_and(is_id))
        };
        self.events_where(may_tell, tells)
    }

    /// Hands each complete line of the year files to `take`, oldest first.
    pub(super) fn each_line(&self, mut take: impl FnMut(&[u8])) -> Checked<()> {
        for path in self.lock().book.journal.paths()? {
            let file = std::fs::File::open(&path).map_err(|error| Problem::machine("read", &path, &error))?;
            for line in std::io::BufReader::new(file).split(b'\n') {
                take(&line.map_err(|error| Problem::machine("read", &path, &error))?);
            }
        }
        Ok(())
    }
}

/// A line as users see it: without what only seals it.
fn event(line: &str) -> Option<Event> {
    let mut event: Event = serde_json::from_str(line).ok()?;
    event.fields.shift_remove("hash");
    event.fields.shift_remove("v");
    Some(event)
}

fn find(index: &Index, name: &str) -> Checked<Vec<Record>> {
    let by_id = |id: &str| -> Checked<Option<Record>> {
        let mut versions = index.versions(id)?;
        let newest = versions.iter().rposition(Entry::stands).or(versions.len().checked_sub(1));
        Ok(newest.map(|newest| versions.swap_remove(newest).record))
    };
    if let Some(record) = by_id(name)? {
        return Ok(vec![record]);
    }
    if let Some((id, version)) = name.rsplit_once('@')
        && let Ok(version) = version.trim_start_matches('v').parse::<u32>()
        && let Some(entry) = index.versions(id)?.into_iter().find(|entry| entry.record.version == version)
    {
        return Ok(vec![entry.record]);
    }
    let (mut seen, mut found) = (HashSet::new(), Vec::new());
    for key in [Key::Number(name.to_owned()), Key::NoteId(name.to_owned())] {
        for entry in index.standing(&key)? {
            if seen.insert(entry.record.id.clone()) {
                found.extend(by_id(&entry.record.id)?);
            }
        }
    }
    if !found.is_empty() {
        return Ok(found);
    }
    // A number that is on paper somewhere is asked for long after: what became of its record is the answer.
    for written in [name.to_owned(), name.to_uppercase()] {
        for entry in index.numbered(&written)? {
            if seen.insert(entry.record.id.clone()) {
                found.extend(by_id(&entry.record.id)?);
            }
        }
        if !found.is_empty() {
            break;
        }
    }
    Ok(found)
}

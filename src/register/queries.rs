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
use super::key::Key;
use super::session::Pending;
use super::{Damage, Record, Register, Said, SourceFile};

/// What somebody answered to a problem note.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
    /// The records that stand, each in its newest version, in the order in which they were filed.
    ///
    /// # Errors
    /// The machine's.
    pub fn records(&self) -> Checked<Vec<Record>> {
        let inner = self.lock();
        let newest = inner.index.entries.iter().filter(|entry| stands(entry) && entry.superseded_by.is_none());
        Ok(newest.map(|entry| entry.record.clone()).collect())
    }

    /// Every version that was ever filed, in order.
    ///
    /// # Errors
    /// The machine's.
    pub fn all(&self) -> Checked<Vec<RecordState>> {
        Ok(self.lock().index.entries.iter().map(state).collect())
    }

    /// The versions of a record, oldest first.
    ///
    /// # Errors
    /// The machine's.
    pub fn versions(&self, id: &str) -> Checked<Vec<RecordState>> {
        Ok(self.lock().index.versions(id).map(state).collect())
    }

    /// What a user calls a record: its id (the newest version that stands), `ID@VERSION`, its number, or the `id:` of
    /// its note. Several where a number or a note's `id:` is not unique; upper and lower case of an id are one.
    ///
    /// # Errors
    /// The machine's.
    pub fn find(&self, name: &str) -> Checked<Vec<Record>> {
        let inner = self.lock();
        let index = &inner.index;
        let name = name.trim();
        let by_id = |id: &str| index.versions(id).rfind(|entry| stands(entry)).or_else(|| index.versions(id).next_back());
        if let Some(entry) = by_id(name) {
            return Ok(vec![entry.record.clone()]);
        }
        if let Some((id, version)) = name.rsplit_once('@')
            && let Ok(version) = version.trim_start_matches('v').parse::<u32>()
            && let Some(entry) = index.versions(id).find(|entry| entry.record.version == version)
        {
            return Ok(vec![entry.record.clone()]);
        }
        let mut seen = HashSet::new();
        let keys = [Key::Number(name.to_owned()), Key::NoteId(name.to_owned())];
        let found = keys.iter().flat_map(|key| index.standing(key)).filter(|entry| seen.insert(entry.record.id.clone()));
        Ok(found.filter_map(|entry| by_id(&entry.record.id)).map(|entry| entry.record.clone()).collect())
    }

    /// The record whose `filed` line has this `seq`.
    ///
    /// # Errors
    /// The machine's.
    pub fn record(&self, seq: u64) -> Checked<Option<RecordState>> {
        Ok(self.lock().index.entry(seq).map(state))
    }

    /// The records of the arrival with that hash, if it was filed whole, stands so in the archive, and this note of it
    /// only waits to leave the inbox: whatever its type or template would be now, nothing is to be made. The same bytes under another name, or
    /// dropped again once they were gone, are another matter: a duplicate.
    ///
    /// # Errors
    /// The machine's.
    pub fn awaiting_removal(&self, source_sha256: &str, note: &SourceFile) -> Checked<Vec<Record>> {
        let inner = self.lock();
        let arrival = Key::Arrival(source_sha256.to_owned());
        let gone = |seq: u64| inner.pending.iter().any(|pending| matches!(pending, Pending::Removed(removed) if removed.of.contains(&seq)));
        let waits = |entry: &&Entry| !entry.settled && entry.inbox.first() == Some(note) && !gone(entry.record.seq);
        let waiting = inner.index.standing(&arrival).filter(waits).filter(|entry| inner.index.is_complete(&entry.record));
        let waiting: Vec<Record> = waiting.map(|entry| entry.record.clone()).collect();
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
        Ok(self.lock().index.answers.get(source_sha256).cloned())
    }

    /// The lines that are not what was written. Filing goes on; `verify` names them.
    ///
    /// # Errors
    /// The machine's.
    pub fn damage(&self) -> Checked<Vec<Damage>> {
        Ok(self.lock().index.damage.clone())
    }

    /// The `seq` and the hash of the last line: kept elsewhere, they show whether lines were cut off.
    pub fn head(&self) -> (u64, String) {
        let inner = self.lock();
        (inner.index.seq, inner.index.head.clone())
    }

    /// Every line that can be read, in order, as it stands on the disk.
    ///
    /// # Errors
    /// The machine's.
    pub fn events(&self) -> Checked<Vec<Event>> {
        self.events_where(|_| true)
    }

    /// The lines whose text may matter.
    fn events_where(&self, matters: impl Fn(&str) -> bool) -> Checked<Vec<Event>> {
        let mut events = Vec::new();
        self.each_line(|line| {
            let line = std::str::from_utf8(line).ok().filter(|line| matters(line));
            events.extend(line.and_then(|line| serde_json::from_str(line).ok()));
        })?;
        for event in &mut events {
            let event: &mut Event = event;
            event.fields.shift_remove("hash");
            event.fields.shift_remove("v");
        }
        Ok(events)
    }

    /// The lines that tell of a record: its reservations, versions, voids, duplicates, and its removal.
    ///
    /// # Errors
    /// The machine's.
    pub fn history(&self, id: &str) -> Checked<Vec<Event>> {
        // A line names the record by its id, as it stands in JSON; one that tells of a removal, by its place alone.
        let written = serde_json::to_string(id).unwrap_or_default();
        let may_tell = |line: &str| line.contains(&written) || line.contains("\"event\":\"removed\"");
        let filed: HashSet<u64> = self.versions(id)?.iter().map(|state| state.record.seq).collect();
        let is_id = |fields: &Map<String, Value>| fields.get("id").and_then(Value::as_str).is_some_and(|other| other == id);
        let tells = |event: &Event| {
            let mut of = event.fields.get("of").into_iter().flat_map(|of| of.as_array().map_or(std::slice::from_ref(of), Vec::as_slice));
            let mut range = event.fields.get("records").and_then(Value::as_array).into_iter().flatten();
            is_id(&event.fields)
                || of.any(|seq| seq.as_u64().is_some_and(|seq| filed.contains(&seq)))
                || range.any(|record| record.as_object().is_some_and(is_id))
        };
        Ok(self.events_where(may_tell)?.into_iter().filter(tells).collect())
    }

    /// Hands each complete line of the year files to `take`, oldest first.
    pub(super) fn each_line(&self, mut take: impl FnMut(&[u8])) -> Checked<()> {
        for path in self.lock().journal.paths()? {
            let file = std::fs::File::open(&path).map_err(|error| Problem::machine("read", &path, &error))?;
            for line in std::io::BufReader::new(file).split(b'\n') {
                take(&line.map_err(|error| Problem::machine("read", &path, &error))?);
            }
        }
        Ok(())
    }
}

fn stands(entry: &Entry) -> bool {
    entry.void.is_none() && entry.disposed.is_none() && entry.record.joins.is_none()
}

fn state(entry: &Entry) -> RecordState {
    entry.state()
}

//! The next version of a record out of its own source: an approval, or a correction by hand.
//!
//! It goes the same way as a drop (admission, composition, typesetting, filing), so that nothing but its `filed` line makes
//! it stand; before that line nothing of the old version has changed.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;

use super::admission::request;
use super::group::Group;
use super::parts::{PartInHand, Parts};
use super::{Outcome, Wishes};
use crate::classification::Hints;
use crate::composition::merge::{self, ROW_FILE};
use crate::failure::{Checked, Problem, Problems};
use crate::filing::{self, Original, Originals};
use crate::intake::Arrival;
use crate::model::{Dropped, TypeName};
use crate::office::Office;
use crate::reading::{self, Row, Submission, Table};
use crate::register::{Part, Record, RecordState, Said, bounded_text, is_settled, key_of};

/// An approval.
#[derive(Clone, Debug)]
pub struct Approval {
    /// Who approved.
    pub by: String,
    /// The day.
    pub on: NaiveDate,
}

/// A correction by hand.
#[derive(Clone, Debug, Default)]
pub struct Correction {
    /// What is to be different.
    pub change: Change,
    /// The record of which this one is another version.
    pub version_of: Option<RecordState>,
    /// Why.
    pub reason: String,
}

/// What a correction makes different.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Its document type.
    pub document_type: Option<TypeName>,
    /// Its own date.
    pub date: Option<NaiveDate>,
    /// Its title.
    pub title: Option<String>,
}

/// Makes the approved version of a record: the same source, without what marks a draft.
///
/// # Errors
/// It no longer stands, is approved or signed already, or the day is before its own date; its source is not at hand. What
/// keeps the version from being made stands in the outcome.
pub fn approve(state: &RecordState, approval: &Approval, office: &Office) -> Checked<Outcome> {
    let record = &state.record;
    refuse_if_not_current(state)?;
    refuse_if_settled(state)?;
    if approval.on < record.date {
        let message = format!("{} is of {}; it cannot have been approved on {}, before that day.", name(record), record.date, approval.on);
        return Err(Problem::new("approved-before", message, "Check the day after `--on`.").into());
    }
    let mut made = part_of(record, &Change::default(), office)?;
    made.said = Said { by: Some(approval.by.clone()), on: Some(approval.on), reason: None };
    mark(&mut made, APPROVED);
    Ok(file(made, record, None, office))
}

/// Makes a version of a record with another type, date or title, or of another record.
///
/// # Errors
/// One of the two no longer stands, or they are the same; the source is not at hand. What keeps the version from being made
/// stands in the outcome.
pub fn refile(state: &RecordState, correction: &Correction, office: &Office) -> Checked<Outcome> {
    refuse_if_not_current(state)?;
    if let Some(other) = &correction.version_of {
        refuse_if_not_current(other)?;
        if other.record.id == state.record.id {
            let help = "Name the record that it is a version of: `chancery list` shows their IDs.";
            let message = format!("{} cannot be made a version of itself.", name(&state.record));
            return Err(Problem::new("version-of-itself", message, help).into());
        }
    }
    let record = &state.record;
    let mut made = part_of(record, &correction.change, office)?;
    if record.status.as_deref().is_some_and(is_settled) && record.said != Said::default() {
        // Its text stays, and so does its approval.
        made.said = record.said.clone();
        mark(&mut made, record.status.as_deref().unwrap_or(APPROVED));
    }
    made.said.reason = Some(correction.reason.clone());
    Ok(file(made, record, correction.version_of.as_ref(), office))
}

/// What an approved record says of itself.
const APPROVED: &str = "approved";

/// How people know a record.
pub(super) fn name(record: &Record) -> String {
    format!("{} (“{}”)", record.number.as_ref().unwrap_or(&record.id), record.title)
}

pub(super) fn refuse_if_not_current(state: &RecordState) -> Checked<()> {
    let record = &state.record;
    let named = format!("Version {} of {}", record.version, name(record));
    let (message, help) = if let Some(reason) = &state.void {
        (format!("{} does not stand any more: {reason}.", name(record)), "`chancery show ID` tells what became of it.".to_owned())
    } else if state.disposed.is_some() {
        (format!("The content of {} was disposed of.", name(record)), "`chancery show ID` tells when and why.".to_owned())
    } else if state.superseded_by.is_some() {
        (format!("{named} was replaced by a later one."), format!("Name the record by its ID alone, {}.", record.id))
    } else {
        return Ok(());
    };
    Err(Problem::new("does-not-stand", message, help).into())
}

fn refuse_if_settled(state: &RecordState) -> Checked<()> {
    let record = &state.record;
    let said = &record.said;
    if record.status.as_deref().is_some_and(is_settled) && (said.by.is_some() || said.on.is_some()) {
        let by = said.by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
        let on = said.on.map(|on| format!(" on {on}")).unwrap_or_default();
        let message = format!("{} was {}{by}{on} already.", name(record), record.status.as_deref().unwrap_or(APPROVED));
        let help = "If that has to be changed: `chancery file NOTE --reason \"…\"` files another version, which can be approved.";
        return Err(Problem::new("approved-already", message, help).into());
    }
    if !state.joined.is_empty() {
        let help = "A signed document is approved by its signatures.";
        return Err(Problem::new("signed-already", format!("{} is signed already.", name(record)), help).into());
    }
    Ok(())
}

/// Writes the state into the fields, where words and layout of the types look for it.
fn mark(made: &mut PartInHand, status: &str) {
    made.status = Some(status.to_owned());
    let texts = [
        ("status", Some(status.to_owned())),
        ("approved_by", made.said.by.clone()),
        ("approved_on", made.said.on.map(|on| on.to_string())),
    ];
    for (key, text) in texts {
        let Some(text) = text else { continue };
        made.classification.fields.insert(key.to_owned(), Value::String(text.clone()));
        made.submission.fields.values.insert(key.to_owned(), Value::String(text));
    }
}

/// Files the part as the next version of its record, or of `another`, with which its own then ends.
fn file(made: PartInHand, record: &Record, another: Option<&RecordState>, office: &Office) -> Outcome {
    let part = made.part.clone();
    let wishes = Wishes { again: true, by_hand: true, ..Wishes::default() };
    let mut request = match request(&made, &record.source_sha256, office, &wishes, &[]) {
        Ok(request) => request,
        Err(problems) => return Outcome::attention(part, problems),
    };
    request.version_of = Some(another.map_or(record.seq, |another| another.record.seq));
    request.instead_of = another.map(|_| record.seq);
    let outcome = Group::make(vec![Ok((request, made))], office, 1).file(office).pop();
    outcome.unwrap_or_else(|| Outcome::attention(part, Problem::internal(&"it gave no result").into()))
}

/// The part that a record was made from, understood as it was then but for the change.
fn part_of(record: &Record, change: &Change, office: &Office) -> Checked<PartInHand> {
    let originals = filing::originals(&office.archive(), record)?;
    let hints = Hints {
        document_type: Some(change.document_type.clone().unwrap_or_else(|| record.document_type.clone())),
        date: Some(change.date.unwrap_or(record.date)),
        guess: false,
    };
    let wishes = Wishes { hints, as_filed: true, ..Wishes::default() };
    let (submission, row_of) = submission(record, originals)?;
    let parts = Parts::of(&submission, row_of.as_ref(), office, &wishes)?;
    let is_it = |index: &usize| key_of(parts.name(*index).as_ref()) == record.part;
    let index = (0..parts.len()).find(is_it).ok_or_else(|| not_as_filed(record))?;
    let mut made = parts.get(index, office, &wishes)?;
    // As many parts as the arrival had then.
    made.part = made.part.map(|part| Part { of: record.parts, ..part });
    let title = &mut made.classification.title;
    match &change.title {
        Some(new) => title.clone_from(new),
        // It was given another title before.
        None if bounded_text(title) != record.title => title.clone_from(&record.title),
        None => {}
    }
    Ok(made)
}

/// Reads the originals; of a row of a table, the note with that row put in, and the part that it is.
fn submission(record: &Record, originals: Originals) -> Checked<(Submission, Option<Part>)> {
    let row = originals.owned.iter().find(|file| file.name == ROW_FILE && record.part.is_some()).cloned();
    let mut arrival = arrival(record, originals);
    let Some(row) = row else {
        let read = reading::read(&arrival)?;
        return if read.sha256() == record.source_sha256 { Ok((read, None)) } else { Err(not_as_filed(record)) };
    };
    arrival.company.retain(|file| file.name != ROW_FILE);
    let note = reading::read_without_table(&arrival)?;
    let cells: serde_json::Map<String, Value> = serde_json::from_slice(&row.bytes).map_err(|_| not_as_filed(record))?;
    let table = Table::of_columns(ROW_FILE, cells.keys().cloned());
    let row = Row { line: 1, cells: cells.into_iter().map(|(_, cell)| cell).collect() };
    let merged = merge::merge(&note, &table, &row)?;
    Ok((merged, Some(Part { key: merge::row_key(&table, &row), of: record.parts })))
}

fn arrival(record: &Record, originals: Originals) -> Arrival {
    let mut arrival = Arrival::alone(dropped(record, originals.note));
    arrival.company = originals.owned.into_iter().map(|file| dropped(record, file)).collect();
    arrival
}

fn dropped(record: &Record, original: Original) -> Dropped {
    let modified: DateTime<Utc> = record.filed_at.to_utc();
    Dropped { path: original.name.clone().into(), name: original.name, modified, bytes: Arc::from(original.bytes) }
}

fn not_as_filed(record: &Record) -> Problems {
    let message = format!("The source of {} as the archive holds it does not give the same document again.", name(record));
    Problem::new("source-incomplete", message, "File the corrected note instead: `chancery file NOTE --reason \"…\"`.").into()
}

//! Disposal: the content of records whose time is over goes, with all its versions; their lines stay, and a certificate says what went.
//!
//! The certificate is filed first, like any document. Then the `disposed` lines are written and synced, and then the files
//! are removed. So nothing goes without a trace, and whoever is interrupted is finished by the next start.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate};
use serde_json::{Value, json};

use super::retention::{Retained, Term, retained};
use crate::failure::{Checked, Problem, Problems};
use crate::filing::{Disposing, foreign_content};
use crate::intake::Arrival;
use crate::model::{Dropped, TypeName, sha256_hex};
use crate::office::Office;
use crate::pipeline::{self, Fate, Wishes};
use crate::register::{self, Record, RecordState, Said};
use crate::storage::crash_point;

/// One certificate names at most this many records.
pub const MAX_RECORDS: usize = 500;

/// What a person says who disposes of records.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Who.
    pub by: String,
    /// Why; needed where the time is not over.
    pub reason: Option<String>,
    /// Also what has to be kept longer, or of which nothing is said.
    pub early: bool,
    /// Today.
    pub on: NaiveDate,
}

/// A record that can be disposed of.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// What retention says of it.
    pub retained: Retained,
    /// All its versions, also those that do not stand any more, and what joined them.
    pub content: Vec<RecordState>,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Disposed {
    /// The certificate.
    pub certificate: Record,
    /// How many files were removed.
    pub removed: usize,
}

/// Looks at records, given by id: what would go. Changes nothing.
///
/// # Errors
/// Every record that may not be disposed of, and why; the machine's.
pub fn plan(office: &Office, ids: &[String], wish: &Wish) -> Checked<Vec<Planned>> {
    let (mut planned, mut problems) = (Vec::new(), Vec::new());
    for id in ids {
        let content = office.register().content(id)?;
        // One that was undone altogether is judged by its last version.
        let own = || content.iter().rev().filter(|state| state.record.id == *id && state.record.joins.is_none());
        let newest = own().find(|state| state.void.is_none()).or_else(|| own().next()).cloned();
        let Some(newest) = newest else {
            problems.push(not_by_itself(office, id)?);
            continue;
        };
        let retained = retained(office, newest)?;
        match refusal(&retained, wish) {
            Some(problem) => problems.push(problem),
            None => {
                problems.extend(content.iter().flat_map(|state| foreign_content(&state.record)));
                planned.push(Planned { retained, content });
            }
        }
    }
    if planned.len() > MAX_RECORDS {
        let message = format!("These are {} records; {MAX_RECORDS} is the most for one certificate.", planned.len());
        problems.push(Problem::new("too-many", message, "Dispose of them in several goes."));
    }
    Problems::none_or(problems, planned)
}

fn not_by_itself(office: &Office, id: &str) -> Checked<Problem> {
    Ok(match office.register().became(id)? {
        Some(other) => {
            let message = format!("The record {id} turned out to be a version of {other}, and goes with it.");
            Problem::new("disposed-of", message, format!("Dispose of {other}."))
        }
        None => Problem::new("disposed-of", format!("The record {id} does not stand any more."), "Leave it out."),
    })
}

/// Why a record may not be disposed of.
fn refusal(retained: &Retained, wish: &Wish) -> Option<Problem> {
    let record = &retained.state.record;
    let name = record.number.as_ref().unwrap_or(&record.id);
    if let Some(said) = &retained.held {
        let by = said.by.as_ref().map_or_else(String::new, |by| format!(" by {by}"));
        let why = said.reason.as_ref().map_or_else(String::new, |reason| format!(": {reason}"));
        let help = format!("`chancery release {name} --by NAME` ends that, if it may.");
        return Some(Problem::new("held", format!("{name} is held{by}{why}"), help));
    }
    if retained.term == Term::Permanent {
        let help = "What is to be kept for how long stands under [retention] in the type's manifest.toml.";
        return Some(Problem::new("permanent", format!("{name} is kept for ever, as its type says."), help));
    }
    if retained.is_over(wish.on) || (wish.early && wish.reason.is_some()) {
        return None;
    }
    let message = match &retained.term {
        Term::Until(day) => format!("{name} has to be kept until {day}."),
        Term::Unknown(why) => format!("It is not known how long {name} has to be kept. {why}"),
        _ => format!("Nothing says how long {name} has to be kept: its type has no [retention]."),
    };
    Some(Problem::new("not-due", message, "To dispose of it all the same, add `--early --reason TEXT`."))
}

/// Disposes of what was planned.
///
/// # Errors
/// The certificate could not be made: then nothing has gone. One of them was held or changed meanwhile; the machine's: then the next
/// start removes the rest.
pub fn dispose(office: &Office, planned: &[Planned], wish: &Wish) -> Checked<Disposed> {
    let certificate = certify(office, planned, wish)?;
    crash_point("disposal::certified");
    let said = Said { by: Some(wish.by.clone()), on: Some(wish.on), reason: wish.reason.clone() };
    let disposals = planned.iter().map(|record| register::Disposal {
        id: record.retained.state.record.id.clone(),
        of: record.content.iter().map(|state| state.record.seq).collect::<BTreeSet<_>>(),
        said: said.clone(),
        certificate: certificate.id.clone(),
    });
    office.register().dispose(&disposals.collect::<Vec<_>>())?;
    crash_point("disposal::committed");
    let (disposing, mut removed) = (Disposing::new(office.register())?, 0);
    for state in planned.iter().flat_map(|record| &record.content) {
        removed += disposing.remove(&state.record)?;
    }
    Ok(Disposed { certificate, removed })
}

/// Removes what still stands of a record that was disposed of before, and is what was filed: an interrupted disposal. Gives how many files there were.
///
/// # Errors
/// The machine's.
pub fn finish(office: &Office, id: &str) -> Checked<usize> {
    let (disposing, mut removed) = (Disposing::new(office.register())?, 0);
    for version in office.register().versions(id)?.iter().filter(|state| state.disposed.is_some()) {
        removed += disposing.remove_rest(&version.record)?;
        for seq in &version.joined {
            removed += office.register().record(*seq)?.map_or(Ok(0), |joined| disposing.remove_rest(&joined.record))?;
        }
    }
    Ok(removed)
}

/// Files the certificate; the one of an attempt that was interrupted is found again, or replaced.
fn certify(office: &Office, planned: &[Planned], wish: &Wish) -> Checked<Record> {
    let note = note(office, planned, wish);
    let bytes = serde_json::to_vec_pretty(&note).unwrap_or_default();
    let name = "disposal.json".to_owned();
    let dropped = Dropped { path: PathBuf::from(&name), name, modified: DateTime::UNIX_EPOCH, bytes: Arc::from(bytes) };
    let mut wishes = Wishes::default();
    wishes.hints.document_type = Some(TypeName::disposal_certificate());
    wishes.hints.date = Some(wish.on);
    let outcome = pipeline::process(&Arrival::alone(dropped), office, &wishes).pop();
    match outcome.map(|outcome| outcome.fate) {
        Some(Fate::Filed(record) | Fate::Duplicate(record)) => Ok(record),
        Some(Fate::Attention(problems)) => Err(problems),
        None => Err(Problem::new("certificate", "The certificate came to nothing.", "Try again.").into()),
    }
}

/// The certificate's note. The same records, person and reason have the same `id`, so that a second attempt is no second certificate.
fn note(office: &Office, planned: &[Planned], wish: &Wish) -> Value {
    let ids: Vec<&str> = planned.iter().map(|record| record.retained.state.record.id.as_str()).collect();
    let same = sha256_hex(json!([ids, wish.by, wish.reason]).to_string().as_bytes());
    let language = &office.settings().language;
    let labels = office.catalog().get(&TypeName::disposal_certificate()).map(|found| found.labels(language));
    let title = labels.and_then(|labels| labels.get("disposal_title").cloned());
    json!({
        "id": format!("disposal-{}", &same[..12]),
        "title": title,
        "date": wish.on.to_string(),
        "language": language.0,
        "disposed_by": wish.by,
        "reason": wish.reason,
        "records": planned.iter().map(|record| row(record, wish)).collect::<Vec<_>>(),
    })
}

fn row(planned: &Planned, wish: &Wish) -> Value {
    let record = &planned.retained.state.record;
    let since = match planned.retained.term {
        Term::Until(day) => Some(day.to_string()),
        _ => None,
    };
    let file = |state: &RecordState, file: &register::FiledFile| json!({ "version": state.record.version, "role": file.role, "sha256": file.sha256 });
    let files = planned.content.iter().flat_map(|state| state.record.files.iter().map(move |found| file(state, found)));
    json!({
        "id": record.id,
        "number": record.number,
        "title": record.title,
        "type": record.document_type.as_str(),
        "dated": record.date.to_string(),
        "filed": record.filed_at.date_naive().to_string(),
        "years": planned.retained.rule.as_ref().and_then(|rule| rule.years),
        "from": planned.retained.rule.as_ref().map(|rule| rule.from.as_deref().unwrap_or("date")),
        "since": since,
        "early": !planned.retained.is_over(wish.on),
        "files": files.collect::<Vec<_>>(),
    })
}

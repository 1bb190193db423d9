//! Retention: until when a record has to be kept, from the rule of its type, and what keeps it longer.
//!
//! The rule is that of the manifest now, not of the day of filing: law changes, and so does what a house does. What cannot
//! be known is never taken for over.

use chrono::{Months, NaiveDate};

use crate::catalog::{RetentionFrom, RetentionRule};
use crate::classification::read_date;
use crate::failure::Checked;
use crate::filing::attached;
use crate::office::Office;
use crate::register::{Query, RecordState, Said, Standing};

/// What retention says of a record.
#[derive(Clone, Debug, PartialEq)]
pub struct Retained {
    /// Its newest version.
    pub state: RecordState,
    /// The rule of its type.
    pub rule: Option<RetentionRule>,
    /// Until when it has to be kept.
    pub term: Term,
    /// Who wants it kept beyond that: of any of its versions.
    pub held: Option<Said>,
}

/// How long a record has to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Term {
    /// It need not be kept from this day on.
    Until(NaiveDate),
    /// For ever.
    Permanent,
    /// Its type says nothing, or is not there any more.
    NoRule,
    /// The day from which its time counts is not known: why, as a sentence.
    Unknown(String),
}

impl Retained {
    /// Whether it may be disposed of on that day.
    pub fn is_due(&self, on: NaiveDate) -> bool {
        self.is_over(on) && self.held.is_none()
    }

    /// Whether its time is over on that day, held or not.
    pub fn is_over(&self, on: NaiveDate) -> bool {
        matches!(self.term, Term::Until(day) if day <= on)
    }
}

/// Hands on what retention says of each record that stands, newest filed first.
///
/// # Errors
/// The machine's.
pub fn each_retained(office: &Office, mut take: impl FnMut(Retained)) -> Checked<()> {
    office.register().each(&Query::default(), |state| {
        take(retained(office, state)?);
        Ok(())
    })
}

/// What retention says of a record, given in its newest version.
///
/// # Errors
/// The machine's.
pub fn retained(office: &Office, state: RecordState) -> Checked<Retained> {
    let document_type = office.catalog().get(&state.record.document_type);
    let rule = document_type.and_then(|found| found.manifest.retention.as_ref());
    let term = rule.map_or(Term::NoRule, |rule| term(office, &state, rule));
    let versions = office.register().versions(&state.record.id)?;
    let held = versions.into_iter().rev().find_map(|version| version.held);
    Ok(Retained { rule: rule.cloned(), term, held, state })
}

fn term(office: &Office, state: &RecordState, rule: &RetentionRule) -> Term {
    let Some(years) = rule.years.filter(|_| !rule.permanent) else { return Term::Permanent };
    let from = match rule.start() {
        RetentionFrom::Date => Ok(state.record.date),
        RetentionFrom::Filed => Ok(state.record.filed_at.date_naive()),
        RetentionFrom::Approved => approved(state),
        RetentionFrom::Field(name) => in_field(office, state, name),
    };
    match from.map(|from| from.checked_add_months(Months::new(years.saturating_mul(12)))) {
        Ok(Some(day)) => Term::Until(day),
        Ok(None) => Term::Permanent,
        Err(why) => Term::Unknown(why),
    }
}

fn approved(state: &RecordState) -> Result<NaiveDate, String> {
    let day = state.record.said.on.filter(|_| state.is(Standing::Approved));
    day.ok_or_else(|| "It counts from the approval, and it is not approved.".to_owned())
}

/// The day that a field names: the register does not have it, the PDF does.
fn in_field(office: &Office, state: &RecordState, name: &str) -> Result<NaiveDate, String> {
    let nothing = || format!("It counts from `{name}`, and the document has no such day, or does not carry it.");
    let file = state.record.files.first().ok_or_else(nothing)?;
    let pdf = std::fs::read(office.archive().join(&file.path)).map_err(|_| nothing())?;
    let attached = attached::files(&pdf).map_err(|_| nothing())?;
    let record = attached.iter().find(|file| file.name == "record.json").ok_or_else(nothing)?;
    let record: serde_json::Value = serde_json::from_slice(&record.bytes).map_err(|_| nothing())?;
    let text = record["fields"][name].as_str().ok_or_else(nothing)?;
    read_date(text, office.settings().date_order).ok_or_else(nothing)
}

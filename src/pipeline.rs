//! The way of a document: calls the stages in order. The only place that knows them all.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::classification::{Classification, Hints};
use crate::failure::{Problems, Warning};
use crate::intake::Arrival;
use crate::office::Office;
use crate::reading::Submission;
use crate::register::{Part, Record, Ticket};
use crate::typesetting::Rendition;

/// What the caller wants of one arrival.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// Type and date that are given, and whether to guess.
    pub hints: Hints,
    /// Make the next version although nothing changed.
    pub again: bool,
}

/// What became of one part of an arrival.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Which part; `None` for an arrival that is one record.
    pub part: Option<Part>,
    /// What became of it.
    pub fate: Fate,
    /// What was understood, where it got that far.
    pub classification: Option<Classification>,
    /// What the user should know.
    pub warnings: Vec<Warning>,
    /// Milliseconds by stage.
    pub stage_ms: StageTimes,
}

/// The three ends that a part can come to.
#[derive(Clone, Debug)]
pub enum Fate {
    /// It stands in the archive.
    Filed(Record),
    /// It stood in the archive already, as this record.
    Duplicate(Record),
    /// It needs somebody.
    Attention(Problems),
}

/// Milliseconds by stage name.
#[derive(Clone, Debug, Default, Serialize)]
pub struct StageTimes(pub BTreeMap<&'static str, f64>);

/// A part that is set and waits to be committed.
#[derive(Debug)]
pub struct Prepared {
    /// Admission's leave.
    pub ticket: Ticket,
    /// What it is.
    pub classification: Classification,
    /// Its files.
    pub renditions: Vec<Rendition>,
    /// What the user should know.
    pub warnings: Vec<Warning>,
    /// Milliseconds by stage.
    pub stage_ms: StageTimes,
}

/// A part set for looking at: no number, not filed.
#[derive(Debug)]
pub struct Preview {
    /// Which part.
    pub part: Option<Part>,
    /// What it is.
    pub classification: Classification,
    /// Its files, or why there are none.
    pub result: Result<Vec<Rendition>, Problems>,
    /// What the user should know.
    pub warnings: Vec<Warning>,
    /// Milliseconds by stage.
    pub stage_ms: StageTimes,
}

/// Files an arrival: one outcome for each of its records, in order.
pub fn process(_arrival: &Arrival, _office: &Office, _wishes: &Wishes) -> Vec<Outcome> {
    unimplemented!()
}

/// Files what was read, or one row of a table put into it: one outcome for each of its records, in order. `part` says
/// which row of how many it is.
pub fn process_submission(_submission: &Submission, _part: Option<&Part>, _office: &Office, _wishes: &Wishes) -> Vec<Outcome> {
    unimplemented!()
}

/// Sets what was read, or one row of a table put into it, without filing it.
///
/// # Errors
/// As [`preview`].
pub fn preview_submission(_submission: &Submission, _office: &Office, _wishes: &Wishes) -> Result<Vec<Preview>, Problems> {
    unimplemented!()
}

/// Sets an arrival without filing it.
///
/// # Errors
/// What stops the whole arrival; what stops one part stands in its [`Preview::result`].
pub fn preview(_arrival: &Arrival, _office: &Office, _wishes: &Wishes) -> Result<Vec<Preview>, Problems> {
    unimplemented!()
}

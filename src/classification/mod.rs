//! Classification: which document type a submission is, its title, date and language, and what stands in its
//! text (attendance, resolutions, actions), each with the evidence for it.
//!
//! Rules come from the types' manifests, never from code that knows a type. Pure: no file system, no clock.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::catalog::Catalog;
use crate::config::Settings;
use crate::failure::{Checked, Warning};
use crate::model::{Language, TypeName};
use crate::reading::Submission;

/// A document type that a submission may be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// The document type.
    #[serde(rename = "type")]
    pub document_type: TypeName,
    /// From 0 to 1.
    pub confidence: f64,
}

/// What the user or the situation says beforehand.
#[derive(Clone, Debug, Default)]
pub struct Hints {
    /// `--type`, or an `answer` in the register.
    pub document_type: Option<TypeName>,
    /// The date of an `answer`.
    pub date: Option<NaiveDate>,
    /// Take the best guess with a warning instead of asking (`render`, `batch -o`, `classify`).
    pub guess: bool,
}

/// What a submission is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Classification {
    /// Its document type.
    pub document_type: TypeName,
    /// From 0 to 1; 1 where somebody said so.
    pub confidence: f64,
    /// Whether it may be filed without asking.
    pub sure: bool,
    /// Every type that came into question, best first.
    pub candidates: Vec<Candidate>,
    /// Plain text, one line.
    pub title: String,
    /// Where the title stands.
    pub title_source: TitleSource,
    /// The document's own date.
    pub date: NaiveDate,
    /// Of its labels and dates.
    pub language: Language,
    /// Why: one line each, in words a secretary understands.
    pub evidence: Vec<String>,
    /// The manifest's fields under their declared names (aliases resolved), values as written.
    pub fields: Map<String, Value>,
    /// What was picked out of the text, by the names that the manifest's `find` gives: `attendance`, `resolutions`, …
    pub findings: Map<String, Value>,
    /// What the user should know.
    pub warnings: Vec<Warning>,
}

/// Where a title was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TitleSource {
    /// A `title:` field.
    Field,
    /// The first heading, at this line of the body (from 1): the page prints it as the title, not again.
    Heading(u32),
    /// A heading further down, at this line of the body (from 1): it stays where it stands.
    Line(u32),
    /// The file's name.
    FileName,
}

/// What a text can look like, for `signs` in a manifest's `[recognise]`:
/// `attendance` (a list of who was there), `speakers` (who said what), `decisions`, `actions` (with their owners),
/// `prose` (long paragraphs, hardly a list), `spoken` (prose that says I, we and you), `year` (a year alone in the
/// title), `dated-end` (a date alone in the last lines), `timetable` (items that begin with a time of day).
pub const SIGNS: [&str; 9] = ["attendance", "speakers", "decisions", "actions", "prose", "spoken", "year", "dated-end", "timetable"];

/// Says what a submission is.
///
/// # Errors
/// A `type:` that is a near miss, two types about equally likely, an ambiguous date: each asks the user.
pub fn classify(_submission: &Submission, _catalog: &Catalog, _settings: &Settings, _hints: &Hints) -> Checked<Classification> {
    unimplemented!()
}

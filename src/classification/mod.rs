//! Classification: which document type a submission is, its title, date and language, and what stands in its
//! text (attendance, resolutions, actions), each with the evidence for it.
//!
//! Rules come from the types' manifests, never from code that knows a type. Pure: no file system, no clock.

mod answering;
mod dates;
mod fields;
mod figures;
mod findings;
mod fold;
mod kind;
mod language;
mod outline;
mod plain;
mod recognition;
mod signs;
mod title;
mod vocabulary;

#[cfg(test)]
mod tests;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::catalog::{Catalog, DocumentType};
use crate::config::Settings;
use crate::failure::{Checked, Problems, Warning};
use crate::model::{Language, TypeName};
use crate::reading::Submission;

pub use answering::{command as answer_command, shell_word};
pub use dates::read_date;
pub use figures::read_number;
pub use language::languages_named;
use outline::Outline;
pub use title::title_in;
pub use vocabulary::Vocabulary;

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
    /// Which body it is of: its field `committee`, else what the head of the text says. Only of types that have that field.
    pub committee: Option<String>,
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

/// What a text can look like, for `signs` in a manifest's `[recognise]`.
///
/// `attendance` (a list of who was there), `speakers` (who said what), `decisions`, `actions` (with their owners),
/// `prose` (long paragraphs, hardly a list), `spoken` (prose that says I, we and you to many), `personal` (such prose
/// after a greeting to one), `addressed` (begins or ends as a letter does), `salutation` and `valediction` (each of the two alone), `rules` (shall,
/// must, should), `year` (a year alone in the title), `dated-title` (a title that is a date), `dated-end` (a date alone in the last lines), `timetable` (points that begin with a time of day).
pub const SIGNS: [&str; 15] = [
    "attendance",
    "speakers",
    "decisions",
    "actions",
    "prose",
    "spoken",
    "personal",
    "addressed",
    "salutation",
    "valediction",
    "rules",
    "year",
    "dated-title",
    "dated-end",
    "timetable",
];

/// Says what a submission is.
///
/// # Errors
/// A `type:` that is a near miss, two types about equally likely, an ambiguous date: each asks the user.
pub fn classify(note: &Submission, catalog: &Catalog, settings: &Settings, hints: &Hints) -> Checked<Classification> {
    let outline = Outline::of(note);
    // The title that the note has without knowing its type: manifests may add names for the field.
    let plain_title = title::find(note, &outline, &[], &mut Vec::new());
    let kind = kind::find(note, &outline, &plain_title, catalog, hints);
    let document_type = catalog.require(&kind.document_type)?;
    complete(kind, note, &outline, document_type, settings, hints)
}

/// All the rest, once the type is known.
fn complete(
    kind: kind::Kind,
    note: &Submission,
    outline: &Outline<'_>,
    document_type: &DocumentType,
    settings: &Settings,
    hints: &Hints,
) -> Checked<Classification> {
    let DocumentType { manifest, vocabulary, .. } = document_type;
    let mut warnings = kind.warnings;
    let title = title::find(note, outline, fields::names_of(manifest, "title"), &mut warnings);
    let known = dates::Known { note, outline, settings, hints, document_type: &kind.document_type, vocabulary, title: &title.text };
    let date = dates::find(known);
    let (language, why_language) = language::find(note, &title.text, settings, &mut warnings);
    let resolved = fields::resolve(note, manifest, vocabulary);
    warnings.extend(date.warnings.into_iter().chain(resolved.warnings));
    let has_decimal_comma = language::has_decimal_comma(&language);
    let source = findings::Source { outline, fields: &resolved.values, settings, language: language.primary(), has_decimal_comma };
    let findings = findings::run(&manifest.find, &source, &mut warnings);
    let has_committee = manifest.fields.iter().any(|field| field.name == "committee");
    let stated = resolved.values.get("committee").and_then(Value::as_str).map(str::to_owned);
    let committee = stated.or_else(|| findings::committee(outline).filter(|_| has_committee));
    warnings.extend(outline.cut.then(searched_in_part));
    let problems = kind.problems.into_iter().chain(date.problems).chain(resolved.problems).collect();
    let classification = Classification {
        document_type: kind.document_type,
        confidence: kind.confidence,
        sure: kind.sure,
        candidates: kind.candidates,
        title: title.text,
        title_source: title.source,
        date: date.day,
        language,
        evidence: kind.evidence.into_iter().chain([title.evidence, date.evidence]).chain(why_language).collect(),
        fields: resolved.values,
        committee,
        findings,
        warnings,
    };
    Problems::none_or(problems, classification)
}

fn searched_in_part() -> Warning {
    let message = format!(
        "The text is long: title, date and lists were looked for in its first {} lines ({} MiB) only. It prints whole.",
        outline::MAX_LINES,
        outline::MAX_BYTES >> 20
    );
    Warning::new("searched-in-part", message)
}

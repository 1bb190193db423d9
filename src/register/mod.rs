//! The register: the book of records, and the only truth. One chain of event lines in `archive/register/YYYY.jsonl`.
//!
//! Admission decides, before anything is printed, whether a part is a duplicate, which record and version it is,
//! where it will stand and under which number. The appended and synced line is the commit point.

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::model::TypeName;

/// What admission must know of one part of an arrival.
#[derive(Clone, Debug)]
pub struct Request {
    /// Its document type.
    pub document_type: TypeName,
    /// Its title.
    pub title: String,
    /// Its own date.
    pub date: NaiveDate,
    /// The note's own `id:`, if it has one.
    pub id: Option<String>,
    /// The name of the note's file without folder.
    pub file_name: String,
    /// [`crate::reading::Submission::sha256`] of the whole arrival.
    pub source_sha256: String,
    /// Hash of what this part alone is made of: fields, body, owned files.
    pub content_sha256: String,
    /// [`crate::catalog::DocumentType::sha256`].
    pub template_sha256: String,
    /// `None` for an arrival that is one record; else which part this is.
    pub part: Option<Part>,
    /// The names for each of the record's files, relative to `archive/`, from the manifest's pattern; `{number}`
    /// in it stands for the number, which only admission knows. Collisions never overwrite: admission may change them.
    pub places: Vec<Place>,
    /// The series that numbers it, if its type has one.
    pub series: Option<Series>,
    /// `file --again`: make the next version although nothing changed.
    pub again: bool,
    /// Now.
    pub now: DateTime<FixedOffset>,
}

/// Which part of an arrival a record is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The part's own name: a row's key, or its position from 1.
    pub key: String,
    /// How many parts the arrival has.
    pub of: usize,
}

/// Where one of a record's files goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// `document`, `reading`, `press`, `source`.
    pub role: String,
    /// Relative to `archive/`, with `/`.
    pub path: String,
}

/// A series of numbers, counted by the document's year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// Its name in the register, e.g. `minutes`.
    pub name: String,
    /// The Tera pattern: `MIN-{{ year }}-{{ seq }}`.
    pub pattern: String,
}

/// Admission's leave to make one record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ticket {
    /// The record's id; it stays over the versions.
    pub id: String,
    /// Its number, where the type has a series.
    pub number: Option<String>,
    /// From 1.
    pub version: u32,
    /// The `seq` of the `filed` line that this version replaces.
    pub supersedes: Option<u64>,
    /// Printed in the record: the time of admission.
    pub filed_at: DateTime<FixedOffset>,
    /// Where its files will stand, relative to `archive/`.
    pub places: Vec<Place>,
    /// The `seq` of its `reserve` line.
    pub reserve: u64,
    /// Which part of an arrival it is.
    pub part: Option<Part>,
}

/// What admission decided.
#[derive(Clone, Debug)]
pub enum Admission {
    /// Go on and make it.
    Ticket(Ticket),
    /// The same bytes stand as this record already.
    Duplicate(Record),
    /// This part of an unfinished set was filed before a crash or a correction: nothing to do.
    Already(Record),
}

/// A `filed` event: what stands in the archive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The line's place in the chain.
    pub seq: u64,
    /// The record's id.
    pub id: String,
    /// Its document type.
    #[serde(rename = "type")]
    pub document_type: TypeName,
    /// Its title.
    pub title: String,
    /// Its own date.
    pub date: NaiveDate,
    /// Its series and number.
    pub series: Option<String>,
    /// Its number.
    pub number: Option<String>,
    /// From 1.
    pub version: u32,
    /// The `seq` of the version it replaces.
    pub supersedes: Option<u64>,
    /// Over all files of the arrival.
    pub source_sha256: String,
    /// Of what this part is made of.
    pub content_sha256: String,
    /// The name of the dropped file, without folder.
    pub source: String,
    /// Which part.
    pub part: Option<String>,
    /// How many parts the arrival has.
    pub parts: usize,
    /// Of the type's files.
    pub template_sha256: String,
    /// What stands in the archive.
    pub files: Vec<FiledFile>,
    /// Pages of the first file.
    pub pages: u32,
    /// The time of admission.
    pub filed_at: DateTime<FixedOffset>,
}

/// A file in the archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FiledFile {
    /// `document`, `reading`, `press`, `source`.
    pub role: String,
    /// Relative to `archive/`, with `/`.
    pub path: String,
    /// SHA-256, hexadecimal.
    pub sha256: String,
}

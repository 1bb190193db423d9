//! The register: the book of records, and the only truth. One chain of event lines in `archive/register/YYYY.jsonl`.
//!
//! Admission decides, before anything is printed, whether a part is a duplicate, which record and version it is,
//! where it will stand and under which number. The appended and synced line is the commit point.
//!
//! | file | what it does |
//! |---|---|
//! | `event` | the events and their fields as they stand on disk |
//! | `afterwards` | the same for events about a record that stands |
//! | `chain` | seals a line with its hash and checks one |
//! | `journal`, `append` | reads the year files; appends to them, mends a torn tail |
//! | `audit`, `head` | reads everything without trusting an index, for `verify`; the last line |
//! | `index`, `entry`, `key` | what the lines mean, as tables in `.chancery/register.sqlite`: records, open reservations, numbers, paths |
//! | `follow`, `stamps` | keeps the index up with the journal, and turns to another where one fails; notices year files changed by hand |
//! | `request` | what somebody wants to have filed |
//! | `admission`, `likeness`, `identity` | the decisions: duplicate, version, id, number, place |
//! | `joining` | signed copies, which join a record |
//! | `range` | reservations that stand in one line |
//! | `undoing` | a filing that is taken back |
//! | `endings` | the numbers and records that end with a `filed` line |
//! | `session`, `missing` | one lock, the tail read anew, some lines, one sync; none where the register is gone |
//! | `book`, `queries` | [`Register`], the door: what is written and what is asked |
//! | `query` | [`Query`]: lists of records |
//! | `relations`, `names` | what relates to what; keeping people out of the lines |
//! | `numbers` | the numbers of each series, in order, with what became of each |
//! | `moving` | where files stand that a person moved |
//! | `copying` | the lines as they stand, for a copy that is taken away |
//! | `foreign`, `trespass`, `adoption`, `restoring` | lines of another register: what they say; their records become ours; all come back |
//! | `holding` | what is held, and what was disposed of |
//! | `remaking`, `swapping`, `adopting` | a register made anew from what PDFs say; put in place at once; lines for single PDFs |
//! | `leftovers` | what a writer that is gone left undone |
//!
//! Nothing here ever changes or removes a line, and nothing depends on a file outside `archive/`: the index is made from it.

mod admission;
mod adopting;
mod adoption;
mod afterwards;
mod append;
mod audit;
mod book;
mod chain;
mod copying;
mod endings;
mod entry;
mod event;
mod follow;
mod foreign;
mod head;
mod holding;
mod identity;
mod index;
mod joining;
mod journal;
mod key;
mod leftovers;
mod likeness;
mod missing;
mod moving;
mod names;
mod numbers;
mod queries;
mod query;
mod range;
mod relations;
mod remaking;
mod request;
mod restoring;
mod session;
mod stamps;
mod swapping;
#[cfg(test)]
pub(crate) mod tests;
mod trespass;
mod undoing;

use std::path::Path;

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::model::TypeName;

pub use admission::{BEING_FILED, LOCKED, is_settled, settled};
pub(crate) use adopting::{Adopted, Counted};
pub(crate) use adoption::{Adoption, Imported, Newcomer};
pub(crate) use afterwards::Rebuilt;
pub(crate) use audit::{Audit, Claim, Snapshot, Told};
pub use book::Register;
pub(crate) use copying::{Extent, Moment};
pub(crate) use event::{Filed, Removed};
pub(crate) use foreign::Foreign;
pub use head::{Head, LastLine, last_line};
pub(crate) use holding::Disposal;
pub use joining::Called;
pub use journal::Damage;
pub(crate) use key::{bounded_text, key_of, note_id};
pub(crate) use leftovers::{Leftovers, OpenLeft, SetLeft};
pub use moving::Move;
pub use numbers::{NumberEntry, NumberState};
pub use queries::{Answer, Event, RecordState, Relation};
pub use query::{Changed, Query, Standing};
pub(crate) use remaking::Remaking;
pub use request::Request;
pub(crate) use session::is_uncertain;
pub(crate) use swapping::{REBUILDING, resume, swap};
pub(crate) use undoing::Came;
pub use undoing::TAKEN_BACK;

/// Who wanted something done, when and why.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// Who approved, asked for the correction, or confirmed; nothing under `[register] names = false`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The day that was stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<NaiveDate>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Which part of an arrival a record is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The part's own name: a row's key, or its position from 1.
    pub key: String,
    /// How many parts the arrival has.
    pub of: usize,
}

/// A file of an arrival as it lay in the inbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFile {
    /// Relative to the inbox, with `/`.
    pub name: String,
    /// SHA-256 of its content, hexadecimal.
    pub sha256: String,
}

/// Where one of a record's files goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// `document`, `reading`, `press`, `source`, `signed`.
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
    /// What `{{ code }}` in it stands for: the short name under which the house issues documents (`国发`).
    pub code: Option<String>,
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
    /// A record that it could be taken for a version of, and is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resembles: Option<Resemblance>,
    /// What its line will say beside: the PDF carries it, so that a register that is lost can be made again.
    #[serde(default)]
    pub origin: Box<Origin>,
}

/// What a record was made from, as its line says it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Origin {
    /// The name of the dropped file, without folder.
    #[serde(default)]
    pub source: String,
    /// Over all files of the arrival.
    #[serde(default)]
    pub source_sha256: String,
    /// Of what this part is made of.
    #[serde(default)]
    pub content_sha256: String,
    /// How many parts the arrival has.
    #[serde(default)]
    pub parts: usize,
    /// The name of its number series.
    #[serde(default)]
    pub series: Option<String>,
    /// The note's own `id:`.
    #[serde(default)]
    pub note_id: Option<String>,
    /// Its committee or board.
    #[serde(default)]
    pub committee: Option<String>,
    /// Whom it names.
    #[serde(default)]
    pub people: Vec<String>,
}

/// Why a record could be taken for a version of another, and is not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resemblance {
    /// The other's id.
    pub id: String,
    /// The other's number.
    pub number: Option<String>,
    /// What tells the two apart, as the end of a sentence.
    pub why: String,
}

/// Gives the text of the note that a record in this archive was made from; nothing where it is not at hand. The register
/// itself reads no PDF.
pub type SourceText = fn(archive: &Path, record: &Record) -> Option<String>;

/// Finds a document of ours in an archive, relative to it, if there is one.
pub type DocumentIn = fn(archive: &Path) -> Option<std::path::PathBuf>;

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
    /// The note's own `id:`, as written.
    pub note_id: Option<String>,
    /// Its committee or board.
    pub committee: Option<String>,
    /// Whom it names.
    #[serde(default)]
    pub people: Vec<String>,
    /// What the document says of itself: `draft`, `approved` …
    #[serde(default)]
    pub status: Option<String>,
    /// What a person said who had this version made.
    #[serde(default)]
    pub said: Said,
    /// The `seq` of the record that it belongs to as a further file (a signed copy): it is no version of its own.
    #[serde(default)]
    pub joins: Option<u64>,
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

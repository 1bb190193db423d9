//! The events of the register, as they stand on disk. What is here is never renamed; later programs only add.
//!
//! A `filed` line has all its fields, `null` where there is nothing; elsewhere what is not there is left out. An event
//! that this program does not know is kept and skipped.

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::model::TypeName;

use super::adoption::Imported;
use super::afterwards::{Disposed, Found, Moved, MovedFile, Rebuilt, Relates, Status};
use super::{FiledFile, Place, Record, Said, SourceFile};

/// The format of the lines that this program writes, and the newest that it may append to.
pub(super) const VERSION: u32 = 1;

/// A line without its hash.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Line<E> {
    pub(super) v: u32,
    pub(super) seq: u64,
    pub(super) time: DateTime<FixedOffset>,
    #[serde(flatten)]
    pub(super) event: E,
}

/// The first keys of a line, which every format has.
#[derive(Debug, Deserialize)]
pub(super) struct Header {
    pub(super) v: u32,
    pub(super) seq: u64,
}

/// What happened.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub(super) enum Happening {
    Reserve(Reserve),
    Filed(Filed),
    Removed(Removed),
    Void(Void),
    Duplicate(Duplicate),
    Answer(Answered),
    Torn(Torn),
    Status(Status),
    Relates(Relates),
    Moved(Moved),
    Disposed(Disposed),
    Rebuilt(Rebuilt),
    Imported(Imported),
    Found(Found),
    #[serde(other)]
    Unknown,
}

/// One record is about to be made (its fields stand in the line), or a range of them (`records`).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Reserve {
    #[serde(flatten)]
    pub(super) one: Option<Reserved>,
    #[serde(rename = "type")]
    pub(super) document_type: TypeName,
    pub(super) source: String,
    pub(super) source_sha256: String,
    pub(super) template_sha256: String,
    pub(super) parts: usize,
    pub(super) filed_at: DateTime<FixedOffset>,
    pub(super) writer: String,
    /// The files that will leave the inbox, the note first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) inbox: Vec<SourceFile>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) records: Vec<Reserved>,
    /// The `seq` of the `imported` line, where the record comes from another archive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) imported: Option<u64>,
}

/// A record that is about to be made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Reserved {
    pub(super) id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) series: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) number: Option<String>,
    /// The year in which the series counts; with `n` only where this line gives the number, not where a new version
    /// keeps its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) year: Option<i32>,
    /// The number's place in its series and year, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) n: Option<u64>,
    /// How many places right before `n` were passed over, because records from another archive bear those numbers.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) passed: u64,
    pub(super) version: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) supersedes: Option<u64>,
    pub(super) title: String,
    pub(super) date: NaiveDate,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) note_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) committee: Option<String>,
    pub(super) content_sha256: String,
    #[serde(default)]
    pub(super) part: Option<String>,
    /// Of its main file.
    #[serde(default)]
    pub(super) path: String,
    pub(super) files: Vec<Place>,
}

/// A record stands in the archive.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Filed {
    /// The ids that it relates to; each gets a line of its own after this one.
    #[serde(skip)]
    pub(crate) relates: Vec<String>,
    pub(crate) id: String,
    #[serde(rename = "type")]
    pub(crate) document_type: TypeName,
    pub(crate) title: String,
    pub(crate) date: NaiveDate,
    #[serde(default)]
    pub(crate) series: Option<String>,
    #[serde(default)]
    pub(crate) number: Option<String>,
    pub(crate) version: u32,
    #[serde(default)]
    pub(crate) supersedes: Option<u64>,
    pub(crate) source: String,
    pub(crate) source_sha256: String,
    pub(crate) content_sha256: String,
    #[serde(default)]
    pub(crate) part: Option<String>,
    pub(crate) parts: usize,
    pub(crate) template_sha256: String,
    pub(crate) files: Vec<FiledFile>,
    pub(crate) pages: u32,
    pub(crate) filed_at: DateTime<FixedOffset>,
    /// The `seq` of its `reserve` line.
    pub(crate) reserve: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) note_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) committee: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) people: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<String>,
    #[serde(flatten)]
    pub(crate) said: Said,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) joins: Option<u64>,
    /// The `seq` of the newest version of a record that ends with this line: it was the same document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) instead_of: Option<u64>,
}

impl Filed {
    /// The record that a `filed` line with this `seq` states.
    pub(super) fn into_record(self, seq: u64) -> Record {
        Record {
            seq,
            id: self.id,
            document_type: self.document_type,
            title: self.title,
            date: self.date,
            series: self.series,
            number: self.number,
            version: self.version,
            supersedes: self.supersedes,
            source_sha256: self.source_sha256,
            content_sha256: self.content_sha256,
            source: self.source,
            part: self.part,
            parts: self.parts,
            template_sha256: self.template_sha256,
            files: self.files,
            pages: self.pages,
            filed_at: self.filed_at,
            note_id: self.note_id,
            committee: self.committee,
            people: self.people,
            status: self.status,
            said: self.said,
            joins: self.joins,
        }
    }
}

/// The files of an arrival no longer wait to be removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Removed {
    /// The `seq` of each `filed` line whose arrival this was.
    pub(crate) of: Vec<u64>,
    /// The note's name in the inbox.
    pub(crate) source: String,
    /// `deleted`; `edited`: it was changed meanwhile, stays, and is a new submission; `gone`: somebody took it away.
    pub(crate) outcome: String,
}

/// A reservation is closed without a record, or (with `of`) a record no longer stands.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Void {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) reserve: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) of: Option<u64>,
    pub(super) id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) number: Option<String>,
    /// The number was the last one given and will be given again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) reusable: bool,
    pub(super) reason: String,
    /// Of a record whose number is free again: the number's place, as in the `reserve` line that gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) series: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) year: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) n: Option<u64>,
    /// Of a record that was taken back: where its files stand from now on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) files: Vec<MovedFile>,
    /// What lies in the inbox again, the note first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) returned: Vec<String>,
    /// Who moves the files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) writer: Option<String>,
}

/// What was dropped stands already.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Duplicate {
    /// The `seq` of the `filed` line.
    pub(super) of: u64,
    pub(super) id: String,
    #[serde(rename = "type")]
    pub(super) document_type: TypeName,
    pub(super) source: String,
    pub(super) source_sha256: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) part: Option<String>,
    pub(super) parts: usize,
    pub(super) writer: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) inbox: Vec<SourceFile>,
}

/// Somebody answered what a problem note asked.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Answered {
    pub(super) source: String,
    pub(super) source_sha256: String,
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub(super) document_type: Option<TypeName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) date: Option<NaiveDate>,
    /// Why a record that is approved or signed is changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
    /// It is to be filed although it was taken back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) again: bool,
}

/// Bytes after the last newline were moved away.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Torn {
    /// The file in `archive/register/` that holds them.
    pub(super) file: String,
    pub(super) bytes: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) sha256: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl Reserve {
    /// The records that it stands for.
    pub(super) fn reserved(&self) -> impl Iterator<Item = &Reserved> {
        self.one.iter().chain(&self.records)
    }
}

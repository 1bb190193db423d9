//! [`Request`]: what somebody wants to have filed, as admission is asked for it.

use std::sync::Arc;

use chrono::{DateTime, FixedOffset, NaiveDate};

use crate::model::TypeName;

use super::{Part, Place, Said, Series, SourceFile};

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
    /// The note's text, to be compared with that of an earlier version.
    pub text: Arc<str>,
    /// Hash of what this part alone is made of: fields, body, owned files.
    pub content_sha256: String,
    /// [`crate::catalog::DocumentType::sha256`].
    pub template_sha256: String,
    /// The ids of the records that it relates to.
    pub relates: Vec<String>,
    /// `None` for an arrival that is one record; else which part this is.
    pub part: Option<Part>,
    /// The names for each of the record's files, relative to `archive/`, from the manifest's pattern; `{number}`
    /// in it stands for the number, which only admission knows. Collisions never overwrite: admission may change them.
    pub places: Vec<Place>,
    /// The series that numbers it, if its type has one.
    pub series: Option<Series>,
    /// Its committee or board, if it names one: part of what makes two records versions of each other.
    pub committee: Option<String>,
    /// The files that leave the inbox once it is filed ([`crate::filing::inbox_files`]); empty where the originals
    /// stay. Recovery finishes a removal by them.
    pub inbox: Vec<SourceFile>,
    /// Whom it names, for lists by person; empty under `[register] names = false`.
    pub people: Vec<String>,
    /// What the document says of itself: `draft`, `approved` …
    pub status: Option<String>,
    /// What a person said who had this version made: an approval, a correction.
    pub said: Said,
    /// The `seq` of the version that this one replaces, where a person named it.
    pub version_of: Option<u64>,
    /// The `seq` of the newest version of another record, which ends with this version: it was the same document.
    pub instead_of: Option<u64>,
    /// The `seq` of the record that this file joins (a signed copy) instead of being a record of its own.
    pub joins: Option<u64>,
    /// `file --again`: make the next version although nothing changed.
    pub again: bool,
    /// Somebody asked for this filing by hand: what was taken back is filed again all the same.
    pub by_hand: bool,
    /// An earlier run of the same filing goes on: what it filed is passed over, whatever its template is now, and not noted as a duplicate.
    pub resumed: bool,
    /// Now.
    pub now: DateTime<FixedOffset>,
}

impl Request {
    /// A request of which only this is known: one record with nothing that joins, replaces or numbers it.
    pub fn new(document_type: TypeName, title: &str, date: NaiveDate, now: DateTime<FixedOffset>) -> Self {
        Self {
            document_type,
            title: title.to_owned(),
            date,
            id: None,
            file_name: String::new(),
            source_sha256: String::new(),
            text: Arc::from(""),
            content_sha256: String::new(),
            template_sha256: String::new(),
            relates: Vec::new(),
            part: None,
            places: Vec::new(),
            series: None,
            committee: None,
            inbox: Vec::new(),
            people: Vec::new(),
            status: None,
            said: Said::default(),
            version_of: None,
            instead_of: None,
            joins: None,
            again: false,
            by_hand: false,
            resumed: false,
            now,
        }
    }
}

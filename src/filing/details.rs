//! [`Details`]: what a `filed` line says beside what the ticket and the files say.

use chrono::NaiveDate;

use crate::model::TypeName;
use crate::register::{self, Request, Said};

/// What a record is made from, as its request stated it.
#[derive(Clone, Debug, PartialEq)]
pub struct Details {
    /// Its document type.
    pub document_type: TypeName,
    /// Its title.
    pub title: String,
    /// Its own date.
    pub date: NaiveDate,
    /// The name of the dropped file, without folder.
    pub source: String,
    /// Over all files of the arrival.
    pub source_sha256: String,
    /// Of what this part is made of.
    pub content_sha256: String,
    /// Of the type's files.
    pub template_sha256: String,
    /// How many parts the arrival has.
    pub parts: usize,
    /// The name of its number series.
    pub series: Option<String>,
    /// The note's own `id:`.
    pub note_id: Option<String>,
    /// Its committee or board.
    pub committee: Option<String>,
    /// The ids of the records that it relates to.
    pub relates: Vec<String>,
    /// Whom it names.
    pub people: Vec<String>,
    /// What the document says of itself.
    pub status: Option<String>,
    /// What a person said who had it made.
    pub said: Said,
    /// The record that it joins.
    pub joins: Option<u64>,
    /// The record that ends with it.
    pub instead_of: Option<u64>,
}

impl Details {
    /// What stands in a request.
    pub fn of(request: &Request) -> Self {
        Self {
            document_type: request.document_type.clone(),
            title: register::bounded_text(&request.title),
            date: request.date,
            source: request.file_name.clone(),
            source_sha256: request.source_sha256.clone(),
            content_sha256: request.content_sha256.clone(),
            template_sha256: request.template_sha256.clone(),
            parts: request.part.as_ref().map_or(1, |part| part.of),
            series: request.series.as_ref().map(|series| series.name.clone()),
            note_id: register::note_id(request),
            committee: request.committee.as_deref().map(register::bounded_text),
            relates: request.relates.clone(),
            people: request.people.iter().map(|name| register::bounded_text(name)).collect(),
            status: request.status.as_deref().map(register::bounded_text),
            said: request.said.clone(),
            joins: request.joins,
            instead_of: request.instead_of,
        }
    }
}

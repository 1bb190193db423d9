//! What makes two submissions the same, or alike, or of one name: the keys under which the index finds records.

use unicode_normalization::UnicodeNormalization as _;

use crate::model::TypeName;

use super::{Part, Record, Request};

/// What two submissions may have in common.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    /// The same bytes of all files, as the same type and part.
    Source(String, TypeName, Option<String>),
    /// The same `id:` in the note, as the same type and part.
    Note(String, TypeName, Option<String>),
    /// The same content of one part, as the same type and part.
    Content(String, TypeName, Option<String>),
    /// The same bytes of all files, whatever the type and part.
    Arrival(String),
    /// The same number, whatever the series.
    Number(String),
    /// The same `id:`, whatever the type and part.
    NoteId(String),
    /// The same id of an open reservation, in lower case.
    Id(String),
}

impl Key {
    pub(super) fn source(request: &Request) -> Self {
        Self::Source(request.source_sha256.clone(), request.document_type.clone(), key_of(request.part.as_ref()))
    }

    pub(super) fn note(request: &Request) -> Option<Self> {
        Some(Self::Note(note_id(request)?, request.document_type.clone(), key_of(request.part.as_ref())))
    }

    pub(super) fn content(request: &Request) -> Self {
        Self::Content(request.content_sha256.clone(), request.document_type.clone(), key_of(request.part.as_ref()))
    }
}

/// The note's own `id:` as it is compared and written: composed, without space around it; not an empty one.
pub(crate) fn note_id(request: &Request) -> Option<String> {
    let id: String = request.id.as_deref()?.trim().nfc().collect();
    (!id.is_empty()).then_some(id)
}

fn key_of(part: Option<&Part>) -> Option<String> {
    part.map(|part| part.key.clone())
}

/// The keys of a record that was filed.
pub(super) fn keys(record: &Record) -> Vec<Key> {
    let (document_type, part) = (&record.document_type, &record.part);
    let mut keys = vec![
        Key::Source(record.source_sha256.clone(), document_type.clone(), part.clone()),
        Key::Content(record.content_sha256.clone(), document_type.clone(), part.clone()),
        Key::Arrival(record.source_sha256.clone()),
    ];
    keys.extend(record.note_id.iter().map(|id| Key::Note(id.clone(), document_type.clone(), part.clone())));
    keys.extend(record.note_id.iter().map(|id| Key::NoteId(id.clone())));
    keys.extend(record.number.iter().map(|number| Key::Number(number.clone())));
    keys
}

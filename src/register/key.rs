//! What makes two submissions the same, or alike, or of one name: the keys under which the index finds records.

use chrono::NaiveDate;
use unicode_normalization::UnicodeNormalization as _;

use crate::model::{TypeName, sha256_hex};

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
    /// The same type, part, date and title.
    Title(TypeName, Option<String>, NaiveDate, String),
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

    pub(super) fn title(request: &Request) -> Self {
        Self::Title(request.document_type.clone(), key_of(request.part.as_ref()), request.date, bounded_text(&request.title))
    }

    pub(super) fn content(request: &Request) -> Self {
        Self::Content(request.content_sha256.clone(), request.document_type.clone(), key_of(request.part.as_ref()))
    }
}

/// The note's own `id:` as it is compared and written: composed, without space around it; not an empty one.
pub(crate) fn note_id(request: &Request) -> Option<String> {
    let id = bounded_name(&request.id.as_deref()?.trim().nfc().collect::<String>());
    (!id.is_empty()).then_some(id)
}

/// A line of the register stays short whatever a note holds: of a longer text only the beginning is written.
pub(crate) fn bounded_text(text: &str) -> String {
    text.chars().take(MAX_TEXT_CHARS).collect()
}

/// The same for what tells two things apart: of a longer name, its beginning and the hash of the whole.
pub(crate) fn bounded_name(name: &str) -> String {
    match name.char_indices().nth(MAX_NAME_CHARS) {
        None => name.to_owned(),
        Some((end, _)) => format!("{}… {}", &name[..end], sha256_hex(name.as_bytes())),
    }
}

/// A title, a committee or a reason has at most this many characters in the register.
const MAX_TEXT_CHARS: usize = 1_000;

/// A note's `id:` or a part's key of more characters is written as its beginning and its hash.
const MAX_NAME_CHARS: usize = 200;

/// The key of the part of an arrival, as it is written.
pub(crate) fn key_of(part: Option<&Part>) -> Option<String> {
    part.map(|part| bounded_name(&part.key))
}

/// The keys of a record that was filed.
pub(super) fn keys(record: &Record) -> Vec<Key> {
    let (document_type, part) = (&record.document_type, &record.part);
    let mut keys = vec![
        Key::Source(record.source_sha256.clone(), document_type.clone(), part.clone()),
        Key::Content(record.content_sha256.clone(), document_type.clone(), part.clone()),
        Key::Title(document_type.clone(), part.clone(), record.date, record.title.clone()),
        Key::Arrival(record.source_sha256.clone()),
    ];
    keys.extend(record.note_id.iter().map(|id| Key::Note(id.clone(), document_type.clone(), part.clone())));
    keys.extend(record.note_id.iter().map(|id| Key::NoteId(id.clone())));
    keys.extend(record.number.iter().map(|number| Key::Number(number.clone())));
    keys
}

//! A note by itself, as far as it can be read: for finding its words again, not for making a document of it.

use super::note;
use super::{Body, Fields, Format};

/// What stands in a note, whatever is wrong with it or missing beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct Alone {
    /// What kind of file it is.
    pub format: Format,
    /// Front matter or the data file's fields, as far as they could be read.
    pub fields: Fields,
    /// The running text.
    pub body: Body,
}

/// Reads a note without the files that it owns. `None` for what is no text.
pub fn alone(name: &str, bytes: &[u8]) -> Option<Alone> {
    let note = note::parse(name, bytes).ok()?;
    Some(Alone { format: note.format, fields: note.fields, body: note.body })
}

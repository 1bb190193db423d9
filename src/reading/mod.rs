//! Reading: turns the bytes of an arrival into text, fields and tables. One file per format.
//!
//! Touches nothing but what it is handed: no file system, no clock. Encodings, byte-order marks and line ends
//! are absorbed with a warning; what cannot be read is a problem with line, column and the line itself.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::failure::{Checked, Problem, Problems, Warning};
use crate::intake::Arrival;

mod alone;
mod arrived;
mod autolinks;
mod characters;
mod company;
mod elements;
mod encoding;
mod format;
mod front_matter;
mod json;
mod limits;
mod markdown;
mod mentions;
mod note;
mod scalar;
mod scan;
mod signed;
mod spreadsheet;
mod table;
mod toml;
mod tree;
mod yaml;
mod yaml_build;
mod yaml_mend;
mod yaml_words;

pub use alone::{Alone, alone};
pub(crate) use arrived::sha256_of_set;
pub use arrived::{Read, read_any};
pub use elements::html_element;
pub use markdown::{Dialect, markdown_events};
pub use mentions::{img_sources, owned_name};
pub use signed::SignedCopy;
pub use table::{Row, Table};

/// What a note holds, as read; nothing is understood yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Submission {
    /// The note's name, as its user knows it ([`crate::model::Dropped::name`]).
    pub name: String,
    /// What kind of file it is.
    pub format: Format,
    /// The whole file as text, line ends as `\n`, without byte-order mark: for quoting lines.
    pub text: String,
    /// Front matter or the data file's fields, without `body`.
    pub fields: Fields,
    /// The running text.
    pub body: Body,
    /// The table that `rows:` names, or that a batch was given.
    pub rows: Option<Table>,
    /// The files that the note owns.
    pub company: Vec<OwnedFile>,
    /// The note's own bytes, to be attached to the PDF.
    #[serde(with = "bytes_as_base64")]
    pub source: Vec<u8>,
    /// When the note was last changed.
    pub modified: DateTime<Utc>,
    /// The inbox sub-folder it lay in.
    pub folder: Option<String>,
    /// What was absorbed.
    pub warnings: Vec<Warning>,
}

impl Submission {
    /// SHA-256 over all its files: the same drop gives the same value, whatever its name.
    ///
    /// For a note alone the hash of its bytes; with company the hash over the note's hash and, sorted by name,
    /// `name`, NUL and hash of each other file, one per line.
    pub fn sha256(&self) -> String {
        arrived::sha256_of(&self.source, &self.company)
    }

    /// The line of the note's file (from 1) where line `body_line` (from 1) of the body stands.
    pub fn file_line(&self, body_line: u32) -> u32 {
        self.body.first_line + body_line.saturating_sub(1)
    }
}

/// What kind of file a note is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Markdown, with or without front matter.
    Markdown,
    /// Plain text: nothing in it is markup, and its line breaks are kept but those of paragraphs that were wrapped to the paper's width.
    Text,
    /// A YAML data file.
    Yaml,
    /// A TOML data file.
    Toml,
    /// A JSON data file.
    Json,
}

/// Named values in the order in which they were written. Dates and money stay text.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Fields {
    /// The values.
    pub values: Map<String, Value>,
    /// The line of the note's file (from 1) where each key stands; a nested key as `people.0.name` where known.
    pub lines: BTreeMap<String, u32>,
}

impl Fields {
    /// A field's text, if it is a string, number or truth value that is not empty.
    pub fn text(&self, key: &str) -> Option<String> {
        match self.values.get(key)? {
            Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(value) => Some(value.to_string()),
            _ => None,
        }
    }

    /// Whether a field is there and true.
    pub fn is_true(&self, key: &str) -> bool {
        self.values.get(key) == Some(&Value::Bool(true))
    }
}

/// The running text of a note.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Body {
    /// Markdown, or plain text for [`Format::Text`].
    pub text: String,
    /// The line of the note's file (from 1) where it begins.
    pub first_line: u32,
}

/// A file that a note owns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OwnedFile {
    /// As the note names it: a relative path with `/`.
    pub name: String,
    /// Its content.
    #[serde(with = "bytes_as_base64")]
    pub bytes: Vec<u8>,
    /// SHA-256 of its content, hexadecimal.
    pub sha256: String,
}

/// How a note names another file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Use {
    /// `![](photo.png)`: without it the alternative text prints.
    Image,
    /// `rows: guests.csv`: nothing can be made without it.
    Rows,
    /// `attachments: [plan.pdf]`: nothing can be made without it.
    Attachment,
}

/// A file that a note names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mention {
    /// The relative path as written, `%20` and the like decoded: in the note's folder or below, without `..`.
    pub name: String,
    /// What for.
    pub used_as: Use,
    /// The line of the note's file, from 1.
    pub line: u32,
}

/// What intake must know of a file before its set can be complete.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Glance {
    /// Whether it is a note (Markdown, text) or a data file that can be a document.
    pub is_note: bool,
    /// `draft: true` stands in it: it is left where it lies.
    pub is_draft: bool,
    /// The files it names.
    pub mentions: Vec<Mention>,
}

/// Looks at a file just long enough to see which files belong to it. Agrees with what [`read`] then asks for.
pub fn glance(name: &str, bytes: &[u8]) -> Glance {
    match note::parse(name, bytes) {
        Ok(note) => {
            let mut mentions = mentions::mentions(&note);
            mentions.truncate(limits::MENTIONS);
            Glance { is_note: note.is_document, is_draft: is_draft(&note.fields), mentions }
        }
        // A note that cannot be read is one all the same: what is wrong with it must be told.
        Err(_) => {
            let is_note = matches!(format::by_name(name), Some(Format::Markdown | Format::Text));
            Glance { is_note, ..Glance::default() }
        }
    }
}

/// A file's bytes as text, as [`read`] decodes them.
pub fn text_of(bytes: &[u8]) -> String {
    encoding::decode(bytes).text
}

/// `draft: true`, also as people write it.
fn is_draft(fields: &Fields) -> bool {
    let words = ["true", "yes", "on"];
    fields.is_true("draft") || fields.text("draft").is_some_and(|text| words.contains(&text.to_lowercase().as_str()))
}

/// Reads an arrival as a note.
///
/// # Errors
/// Every problem of the file at once: a format that cannot be read, front matter that does not parse, a limit, a
/// file under `rows:` or `attachments:` that is not there, a row that cannot be read.
pub fn read(arrival: &Arrival) -> Checked<Submission> {
    read_with(arrival, true)
}

/// Reads an arrival as a note whose table did not come with it: of a record made of one row, that row alone was kept.
///
/// # Errors
/// Those of [`read`], but none about what `rows:` names.
pub fn read_without_table(arrival: &Arrival) -> Checked<Submission> {
    read_with(arrival, false)
}

fn read_with(arrival: &Arrival, with_table: bool) -> Checked<Submission> {
    let name = &arrival.note.name;
    let mut note = note::parse(name, &arrival.note.bytes).map_err(|problems| problems.in_file(name))?;
    let mut problems = std::mem::take(&mut note.problems);
    let mut named = mentions::named_in_fields(&note);
    named.retain(|named| with_table || named.used_as != Use::Rows);
    if mentions::mentions(&note).len() > limits::MENTIONS {
        problems.push(limits::too_many_files());
    }
    let missing = company::missing(&named, &arrival.company, name);
    problems.extend(missing.map(|(problem, line)| problem.at(&note.text, line, None)));
    let company = collect(company::own(&arrival.company), &mut problems).unwrap_or_default();
    let table = named.iter().find(|named| named.used_as == Use::Rows).and_then(|named| mentions::safe_path(&named.written));
    let table = table.and_then(|table| company.iter().find(|file| file.name == table));
    let rows = table.and_then(|file| collect(read_table(&file.name, &file.bytes), &mut problems)).map(|(table, warnings)| {
        note.warnings.extend(warnings);
        table
    });
    let submission = Submission {
        name: name.clone(),
        format: note.format,
        text: note.text,
        fields: note.fields,
        body: note.body,
        rows,
        company,
        source: arrival.note.bytes.to_vec(),
        modified: arrival.note.modified,
        folder: arrival.folder.clone(),
        warnings: note.warnings,
    };
    Problems::none_or(problems, submission).map_err(|problems| problems.in_file(name))
}

/// A result, or its problems put to the others.
fn collect<T>(result: Checked<T>, problems: &mut Vec<Problem>) -> Option<T> {
    result.map_err(|found| problems.extend(found.into_vec())).ok()
}

/// Reads a table of rows from a CSV, JSON-lines or JSON file or a spreadsheet; each warning begins with the file's name.
///
/// # Errors
/// Every line that cannot be read, each naming the table's own line.
pub fn read_table(name: &str, bytes: &[u8]) -> Checked<(Table, Vec<Warning>)> {
    table::read(name, bytes).map_err(|problems| problems.in_file(name))
}

#[cfg(test)]
mod tests;

mod bytes_as_base64 {
    //! Bytes in a serialised submission: base64 in formats that people read, as they are in others.
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], out: S) -> Result<S::Ok, S::Error> {
        if out.is_human_readable() { out.serialize_str(&STANDARD.encode(bytes)) } else { out.serialize_bytes(bytes) }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<Vec<u8>, D::Error> {
        if !input.is_human_readable() {
            return serde_bytes::deserialize(input);
        }
        STANDARD.decode(String::deserialize(input)?).map_err(D::Error::custom)
    }
}

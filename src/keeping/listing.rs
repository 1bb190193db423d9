//! The lists that go with packed documents: a page to read, and a table to compute with. Written as they come.

use std::io::{self, Write};

use serde::Serialize;

use crate::register::{FiledFile, Record};

/// A row of both.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Entry {
    /// The record's id.
    pub id: String,
    /// Its document type.
    #[serde(rename = "type")]
    pub document_type: String,
    /// Its number, or nothing.
    pub number: String,
    /// Its version; none of what is not filed.
    pub version: Option<u32>,
    /// Its own date.
    pub date: String,
    /// Its title.
    pub title: String,
    /// Its pages.
    pub pages: u32,
    /// Which of the record's files this is.
    pub role: String,
    /// Where it is from the lists, with `/`.
    pub file: String,
    /// Of the file.
    pub sha256: String,
}

impl Entry {
    /// The row of one of a record's files, which stands below `folder`.
    pub fn of(record: &Record, file: &FiledFile, folder: &str) -> Self {
        Self {
            id: record.id.clone(),
            document_type: record.document_type.to_string(),
            number: record.number.clone().unwrap_or_default(),
            version: Some(record.version),
            date: record.date.to_string(),
            title: record.title.clone(),
            pages: record.pages,
            role: file.role.clone(),
            file: format!("{folder}{}", file.path),
            sha256: file.sha256.clone(),
        }
    }
}

/// Both lists, being written.
pub struct Listing<C: Write, H: Write> {
    csv: csv::Writer<C>,
    html: H,
}

impl<C: Write, H: Write> Listing<C, H> {
    /// Begins both.
    ///
    /// # Errors
    /// The system's.
    pub fn new(mut csv: C, mut html: H) -> io::Result<Self> {
        // Without the mark a spreadsheet takes the table for another encoding.
        csv.write_all("\u{feff}".as_bytes())?;
        html.write_all(HEAD.as_bytes())?;
        Ok(Self { csv: csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(csv), html })
    }

    /// Adds a row to both.
    ///
    /// # Errors
    /// The system's.
    pub fn add(&mut self, entry: &Entry) -> io::Result<()> {
        self.csv
            .serialize(Entry { title: harmless(&entry.title), file: harmless(&entry.file), ..entry.clone() })
            .map_err(io::Error::other)?;
        writeln!(
            self.html,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td><a href=\"{}\">{}</a></td><td>{}</td></tr>",
            escaped(&entry.date),
            escaped(&entry.document_type),
            escaped(&entry.number),
            linked(&entry.file),
            escaped(&entry.title),
            entry.pages
        )
    }

    /// Ends both and gives back what they were written to.
    ///
    /// # Errors
    /// The system's.
    pub fn finish(mut self) -> io::Result<(C, H)> {
        self.html.write_all(b"</table>\n")?;
        Ok((self.csv.into_inner().map_err(|error| io::Error::other(error.to_string()))?, self.html))
    }
}

const HEAD: &str = "<!doctype html>\n<meta charset=\"utf-8\">\n<title>Documents</title>\n\
<style>body{font-family:sans-serif}td,th{text-align:left;padding:.2em .8em}</style>\n<h1>Documents</h1>\n<table>\n\
<tr><th>Date</th><th>Type</th><th>Number</th><th>Title</th><th>Pages</th></tr>\n";

/// A text that a spreadsheet does not take for a formula.
pub fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text.to_owned() }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A path as a link: everything but plain letters, digits and `/` by its bytes.
fn linked(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    path.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

//! One zip of several records: their PDFs under their archive paths, and an index to read and one to compute with.
//!
//! The same records give the same bytes: fixed times, fixed order, nothing of the machine.

use std::io::{Seek, Write};

use serde::Serialize;
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// A row of the index.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Entry {
    pub id: String,
    #[serde(rename = "type")]
    pub document_type: String,
    pub number: String,
    pub version: u32,
    pub date: String,
    pub title: String,
    pub pages: u32,
    /// Which of the record's files this is.
    pub role: String,
    /// In the bundle, with `/`.
    pub file: String,
    pub sha256: String,
}

/// A zip being written.
pub struct Bundle<W: Write + Seek> {
    zip: ZipWriter<W>,
    entries: Vec<Entry>,
}

impl<W: Write + Seek> Bundle<W> {
    /// An empty bundle.
    pub fn new(out: W) -> Self {
        Self { zip: ZipWriter::new(out), entries: Vec::new() }
    }

    /// Adds a PDF under the entry's name.
    ///
    /// # Errors
    /// What the system answers while writing.
    pub fn add(&mut self, entry: Entry, pdf: &[u8]) -> Result<(), ZipError> {
        self.zip.start_file(&entry.file, options(CompressionMethod::Stored))?;
        self.zip.write_all(pdf)?;
        self.entries.push(entry);
        Ok(())
    }

    /// Adds the indexes and gives back what was written to.
    ///
    /// # Errors
    /// What the system answers while writing.
    pub fn finish(mut self) -> Result<W, ZipError> {
        for (name, text) in [("index.csv", csv(&self.entries)?), ("index.html", html(&self.entries))] {
            self.zip.start_file(name, options(CompressionMethod::Deflated))?;
            self.zip.write_all(text.as_bytes())?;
        }
        self.zip.finish()
    }
}

/// PDFs are packed already, so only the indexes are.
fn options(method: CompressionMethod) -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(method).last_modified_time(DateTime::default()).unix_permissions(0o644)
}

/// With a byte-order mark, without which a spreadsheet takes it for another encoding.
fn csv(entries: &[Entry]) -> Result<String, ZipError> {
    let mut out = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for entry in entries {
        out.serialize(Entry { title: harmless(&entry.title), ..entry.clone() }).map_err(std::io::Error::other)?;
    }
    let bytes = out.into_inner().map_err(|error| std::io::Error::other(error.to_string()))?;
    Ok(format!("\u{feff}{}", String::from_utf8_lossy(&bytes)))
}

/// A text that a spreadsheet does not take for a formula.
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text.to_owned() }
}

fn html(entries: &[Entry]) -> String {
    let row = |entry: &Entry| {
        format!(
            "<tr><td>{}</td><td>{}</td><td>{}</td><td><a href=\"{}\">{}</a></td><td>{}</td></tr>\n",
            escaped(&entry.date),
            escaped(&entry.document_type),
            escaped(&entry.number),
            linked(&entry.file),
            escaped(&entry.title),
            entry.pages
        )
    };
    let rows: String = entries.iter().map(row).collect();
    format!(
        "<!doctype html>\n<meta charset=\"utf-8\">\n<title>Documents</title>\n<style>body{{font-family:sans-serif}}td,th{{text-align:left;padding:.2em .8em}}</style>\n\
         <h1>Documents</h1>\n<table>\n<tr><th>Date</th><th>Type</th><th>Number</th><th>Title</th><th>Pages</th></tr>\n{rows}</table>\n"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A path as a link: everything but plain letters, digits and `/` by its bytes.
fn linked(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    path.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read as _};

    use super::*;

    fn bundle() -> Vec<u8> {
        let mut bundle = Bundle::new(Cursor::new(Vec::new()));
        let entry = Entry { id: "a1".into(), title: "=1+1 <b>".into(), file: "2026/11/通知 1.pdf".into(), ..Entry::default() };
        bundle.add(entry, b"%PDF").unwrap();
        bundle.finish().unwrap().into_inner()
    }

    #[test]
    fn the_same_records_give_the_same_bytes() {
        assert_eq!(bundle(), bundle());
    }

    #[test]
    fn the_bundle_holds_the_pdfs_and_harmless_indexes() {
        let mut zip = zip::ZipArchive::new(Cursor::new(bundle())).unwrap();
        let mut pdf = Vec::new();
        zip.by_name("2026/11/通知 1.pdf").unwrap().read_to_end(&mut pdf).unwrap();
        assert_eq!(pdf, b"%PDF");
        let mut text = String::new();
        zip.by_name("index.csv").unwrap().read_to_string(&mut text).unwrap();
        assert!(text.starts_with("\u{feff}id,type,") && text.contains("'=1+1"), "{text}");
        text.clear();
        zip.by_name("index.html").unwrap().read_to_string(&mut text).unwrap();
        assert!(text.contains("%E9%80%9A") && text.contains("&lt;b&gt;"), "{text}");
    }
}

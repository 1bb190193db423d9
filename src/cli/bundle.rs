//! One zip of several records: their PDFs under their archive paths, and an index to read and one to compute with.
//!
//! The same records give the same bytes: fixed times, fixed order, nothing of the machine.

use std::io::{Seek, Write};

use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::keeping::listing::{Entry, Listing};

/// A zip being written.
pub struct Bundle<W: Write + Seek> {
    zip: ZipWriter<W>,
    listing: Listing<Vec<u8>, Vec<u8>>,
}

impl<W: Write + Seek> Bundle<W> {
    /// An empty bundle.
    ///
    /// # Errors
    /// What the system answers while writing.
    pub fn new(out: W) -> Result<Self, ZipError> {
        Ok(Self { zip: ZipWriter::new(out), listing: Listing::new(Vec::new(), Vec::new())? })
    }

    /// Adds a PDF under the entry's name.
    ///
    /// # Errors
    /// What the system answers while writing.
    pub fn add(&mut self, entry: &Entry, pdf: &[u8]) -> Result<(), ZipError> {
        self.zip.start_file(&entry.file, options(CompressionMethod::Stored))?;
        self.zip.write_all(pdf)?;
        Ok(self.listing.add(entry)?)
    }

    /// Adds the indexes and gives back what was written to.
    ///
    /// # Errors
    /// What the system answers while writing.
    pub fn finish(mut self) -> Result<W, ZipError> {
        let (csv, html) = self.listing.finish()?;
        for (name, text) in [("index.csv", csv), ("index.html", html)] {
            self.zip.start_file(name, options(CompressionMethod::Deflated))?;
            self.zip.write_all(&text)?;
        }
        self.zip.finish()
    }
}

/// PDFs are packed already, so only the indexes are.
fn options(method: CompressionMethod) -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(method).last_modified_time(DateTime::default()).unix_permissions(0o644)
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read as _};

    use super::*;

    fn bundle() -> Vec<u8> {
        let mut bundle = Bundle::new(Cursor::new(Vec::new())).unwrap();
        let entry = Entry { id: "a1".into(), title: "=1+1 <b>".into(), file: "2026/11/通知 1.pdf".into(), ..Entry::default() };
        bundle.add(&entry, b"%PDF").unwrap();
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

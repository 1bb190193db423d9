//! One zip of several documents: their PDFs, and an index to read and one to compute with. Written as they come.
//!
//! The same documents give the same bytes: fixed times, fixed order, nothing of the machine.

use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, SpooledTempFile, spooled_tempfile};
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::targets;
use crate::keeping::listing::{Entry, Listing};

/// A zip being written.
pub struct Bundle<W: Write + Seek> {
    zip: ZipWriter<W>,
    listing: Listing<SpooledTempFile, SpooledTempFile>,
}

impl<W: Write + Seek> Bundle<W> {
    /// An empty bundle.
    ///
    /// # Errors
    /// What the system answers while writing.
    pub fn new(out: W) -> Result<Self, ZipError> {
        // They come last in the zip, and are kept on the disk if they are long.
        let list = || spooled_tempfile(MAX_IN_MEMORY);
        Ok(Self { zip: ZipWriter::new(out), listing: Listing::new(list(), list())? })
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
        for (name, mut list) in [("index.csv", csv), ("index.html", html)] {
            self.zip.start_file(name, options(CompressionMethod::Deflated))?;
            list.seek(SeekFrom::Start(0))?;
            io::copy(&mut list, &mut self.zip)?;
        }
        self.zip.finish()
    }
}

/// Lists of so many bytes are kept in memory.
const MAX_IN_MEMORY: usize = 1 << 20;

/// A bundle that is written beside its final name first: it is there whole or not at all.
pub struct BundleFile {
    path: PathBuf,
    bundle: Bundle<Silent<BufWriter<NamedTempFile>>>,
}

impl BundleFile {
    /// Begins one that is to stand at `path`.
    ///
    /// # Errors
    /// The system's.
    pub fn begin(path: &Path) -> io::Result<Self> {
        let file = targets::temporary_in(targets::folder_of(path), targets::TEMPORARY)?;
        Ok(Self { path: path.to_owned(), bundle: Bundle::new(Silent { out: BufWriter::new(file), at: 0, has_failed: false })? })
    }

    /// Where it is to stand.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds a PDF under the entry's name.
    ///
    /// # Errors
    /// The system's; then it cannot be finished.
    pub fn add(&mut self, entry: &Entry, pdf: &[u8]) -> io::Result<()> {
        Ok(self.bundle.add(entry, pdf)?)
    }

    /// Gives it its name.
    ///
    /// # Errors
    /// The system's.
    pub fn finish(self) -> io::Result<PathBuf> {
        let out = self.bundle.finish()?;
        if out.has_failed {
            return Err(io::Error::other("an earlier document could not be written"));
        }
        let file = out.out.into_inner().map_err(|error| error.into_error())?;
        file.as_file().sync_all()?;
        file.persist(&self.path).map_err(|error| error.error)?;
        Ok(self.path)
    }
}

/// Fails once and then takes all that it is given: what is given up is ended by [`ZipWriter`] all the same, which would write on standard
/// error that it cannot.
struct Silent<W> {
    out: W,
    at: u64,
    has_failed: bool,
}

impl<W> Silent<W> {
    /// Does it, unless something has failed: then it is as if it had been done.
    fn attempt<T>(&mut self, work: impl FnOnce(&mut W) -> io::Result<T>) -> io::Result<Option<T>> {
        if self.has_failed {
            return Ok(None);
        }
        work(&mut self.out).map(Some).inspect_err(|_| self.has_failed = true)
    }
}

impl<W: Write> Write for Silent<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.attempt(|out| out.write(bytes))?.unwrap_or(bytes.len());
        self.at += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.attempt(Write::flush).map(|_| ())
    }
}

impl<W: Seek> Seek for Silent<W> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let otherwise = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::Current(by) | SeekFrom::End(by) => self.at.saturating_add_signed(by),
        };
        self.at = self.attempt(|out| out.seek(to))?.unwrap_or(otherwise);
        Ok(self.at)
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

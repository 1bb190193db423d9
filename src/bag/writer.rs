//! Writes a bag: the payload as it comes, then what describes it. Memory does not grow with the files' sizes.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::{DECLARATION, DECLARATION_FILE, INFO_FILE, MANIFEST_FILE, PAYLOAD, PIECE, TAG_MANIFEST_FILE, encoded};
use crate::model::hex;

/// A bag being written.
pub struct BagWriter<W: Write + Seek> {
    zip: ZipWriter<W>,
    /// The one folder at the top of the ZIP.
    base: String,
    manifest: BufWriter<File>,
    files: u64,
    octets: u64,
    buffer: Vec<u8>,
}

/// What was copied into a bag, or out of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// SHA-256 of its content, hexadecimal.
    pub sha256: String,
    /// Its length in bytes.
    pub octets: u64,
}

/// Why a file could not be copied.
#[derive(Debug)]
pub enum CopyError {
    /// It could not be read.
    Read(io::Error),
    /// What it is copied to could not be written.
    Write(io::Error),
}

impl<W: Write + Seek> BagWriter<W> {
    /// An empty bag whose folder is called `base`; what it has to note meanwhile goes to files without a name in `scratch`.
    ///
    /// # Errors
    /// The system's.
    pub fn new(out: W, base: &str, scratch: &Path) -> io::Result<Self> {
        let manifest = BufWriter::new(tempfile::tempfile_in(scratch)?);
        Ok(Self { zip: ZipWriter::new(out), base: base.to_owned(), manifest, files: 0, octets: 0, buffer: vec![0; PIECE] })
    }

    /// Adds a file to the payload under `path`, relative to it; `length` is how long it is thought to be. PDFs are packed
    /// already: `squeeze` is for text.
    ///
    /// # Errors
    /// The system's; a file of which nothing could be read is not in the bag, one that ended with an error spoils it.
    pub fn add(&mut self, path: &str, length: u64, squeeze: bool, from: &mut dyn Read) -> Result<Copied, CopyError> {
        let path = format!("{PAYLOAD}{path}");
        let name = format!("{}/{path}", self.base);
        let copied = entry(&mut self.zip, &name, options(length, squeeze), from, &mut self.buffer)?;
        writeln!(self.manifest, "{}  {}", copied.sha256, encoded(&path)).map_err(CopyError::Write)?;
        self.files += 1;
        self.octets += copied.octets;
        Ok(copied)
    }

    /// Adds what describes the bag and gives back what was written to. `info`: names and values of `bag-info.txt`; the
    /// size of the payload is added.
    ///
    /// # Errors
    /// The system's.
    pub fn finish(self, info: &[(&str, String)]) -> io::Result<W> {
        let Self { mut zip, base, manifest, files, octets, mut buffer } = self;
        let mut text: String = info.iter().map(|(name, value)| format!("{name}: {}\n", one_line(value))).collect();
        text.push_str(&format!("Payload-Oxum: {octets}.{files}\n"));
        let mut manifest = manifest.into_inner().map_err(io::IntoInnerError::into_error)?;
        let length = manifest.stream_position()?;
        manifest.seek(SeekFrom::Start(0))?;
        let mut tag = |name: &str, length: u64, from: &mut dyn Read| {
            let done = entry(&mut zip, &format!("{base}/{name}"), options(length, true), from, &mut buffer);
            done.map(|copied| format!("{}  {name}\n", copied.sha256)).map_err(CopyError::into_error)
        };
        let mut tags = tag(INFO_FILE, text.len() as u64, &mut text.as_bytes())?;
        tags.push_str(&tag(DECLARATION_FILE, DECLARATION.len() as u64, &mut DECLARATION.as_bytes())?);
        tags.push_str(&tag(MANIFEST_FILE, length, &mut BufReader::new(manifest))?);
        tag(TAG_MANIFEST_FILE, tags.len() as u64, &mut tags.as_bytes())?;
        Ok(zip.finish()?)
    }
}

fn entry(
    zip: &mut ZipWriter<impl Write + Seek>,
    name: &str,
    options: SimpleFileOptions,
    from: &mut dyn Read,
    buffer: &mut [u8],
) -> Result<Copied, CopyError> {
    zip.start_file(name, options).map_err(|error| CopyError::Write(error.into()))?;
    copy(from, zip, buffer)
}

impl CopyError {
    /// The system's own error.
    pub fn into_error(self) -> io::Error {
        match self {
            Self::Read(error) | Self::Write(error) => error,
        }
    }
}

/// Copies all of `from` and hashes it on the way.
pub(super) fn copy(from: &mut dyn Read, to: &mut dyn Write, buffer: &mut [u8]) -> Result<Copied, CopyError> {
    let mut hasher = Sha256::new();
    let mut octets = 0;
    loop {
        match from.read(buffer) {
            Ok(0) => return Ok(Copied { sha256: hex(&hasher.finalize()), octets }),
            Ok(read) => {
                hasher.update(&buffer[..read]);
                to.write_all(&buffer[..read]).map_err(CopyError::Write)?;
                octets += read as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(CopyError::Read(error)),
        }
    }
}

/// Beyond this length a file needs the wider form of a ZIP's entry; some room is left for a file that grows, and for one
/// that packing makes longer.
const WIDE_FROM: u64 = 0xffff_ffff - (64 << 20);

fn options(length: u64, squeeze: bool) -> SimpleFileOptions {
    let method = if squeeze { CompressionMethod::Deflated } else { CompressionMethod::Stored };
    let options = SimpleFileOptions::default().compression_method(method).last_modified_time(DateTime::default());
    options.unix_permissions(0o644).large_file(length >= WIDE_FROM)
}

/// A value of `bag-info.txt` stands on one line.
fn one_line(value: &str) -> String {
    value.split(|c: char| c.is_control()).map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

//! Everything that stands in the archive, gathered: PDFs with a record of their own, and other files.
//!
//! What they say waits in a file of its own (a spool), so that memory holds some dozen bytes for each.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::atomic::AtomicBool;

use serde::{Deserialize, Serialize};

use super::numbers::Series;
use super::print::{self, Print};
use crate::failure::{Checked, Problem};
use crate::filing::UNDONE;
use crate::filing::fingerprint::{Fingerprint, Hash, fingerprint, hash_of};
use crate::filing::walk::{self, Step};

/// A larger file is not looked into: its hash is all that is known of it.
const MAX_PDF_BYTES: u64 = 512 << 20;

/// A PDF with a record, where it stands.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Sheet {
    pub(super) path: String,
    pub(super) sha256: String,
    pub(super) print: Box<Print>,
}

/// Where a sheet waits, and what it is sorted by.
#[derive(Clone, Copy, Debug)]
struct Key {
    /// When it was filed, in microseconds; never before the version that it replaces.
    filed_at: i64,
    version: u32,
    id: Fingerprint,
    offset: u64,
}

/// A file that is no PDF of ours.
#[derive(Debug)]
pub(super) struct Other {
    path: Fingerprint,
    pub(super) sha256: Hash,
    offset: u64,
    /// A record has it.
    pub(super) used: bool,
}

/// What was gathered.
#[derive(Debug)]
pub(super) struct Harvest {
    spool: BufWriter<File>,
    written: u64,
    keys: Vec<Key>,
    others: Vec<Other>,
    by_hash: HashMap<Hash, Vec<usize>>,
    pub(super) series: HashMap<(String, i32), Series>,
    /// Temporary files, links and the like.
    pub(super) odd: Vec<String>,
    pub(super) troubles: Vec<Problem>,
}

/// What is gathered, and how.
pub(super) struct Field<'a> {
    pub(super) archive: &'a Path,
    pub(super) threads: usize,
    pub(super) stop: &'a AtomicBool,
    /// Places that need not be looked at.
    pub(super) known: &'a [Fingerprint],
    /// The series that numbers a type, where the PDF does not say.
    pub(super) series_of: &'a dyn Fn(&Print) -> Option<String>,
}

impl Harvest {
    /// Walks the archive; `spool` is an empty file that nobody else has.
    ///
    /// # Errors
    /// The machine's; what of the archive cannot be read stands in [`Harvest::troubles`].
    pub(super) fn gather(field: &Field<'_>, spool: File, progress: &mut dyn FnMut(&str)) -> Checked<Self> {
        let mut harvest = Self {
            spool: BufWriter::with_capacity(1 << 20, spool),
            written: 0,
            keys: Vec::new(),
            others: Vec::new(),
            by_hash: HashMap::new(),
            series: HashMap::new(),
            odd: Vec::new(),
            troubles: Vec::new(),
        };
        let mut failed = None;
        let read = |path: &str, place: &Path, buffer: &mut [u8]| read(path, place, buffer, field.known);
        walk::walk(field.archive, field.threads, field.stop, &read, &mut |step| match step {
            Step::File(path, Some((sha256, print))) => {
                progress(&path);
                let taken = match print.filter(|_| !path.starts_with(UNDONE)) {
                    Some(print) => harvest.sheet(Sheet { path, sha256, print }, field),
                    None => harvest.other(&path, &sha256),
                };
                failed = failed.take().or(taken.err());
            }
            Step::File(_, None) => {}
            Step::Odd(path) => harvest.odd.push(path),
            Step::Trouble(problem) => harvest.troubles.push(problem),
        });
        if let Some(error) = failed {
            return Err(Problem::machine("write to", &field.archive.join(crate::register::REBUILDING), &error).into());
        }
        harvest.sort();
        Ok(harvest)
    }

    fn sheet(&mut self, mut sheet: Sheet, field: &Field<'_>) -> io::Result<()> {
        let series = sheet.print.origin.as_ref().and_then(|origin| origin.series.clone()).or_else(|| (field.series_of)(&sheet.print));
        if let (Some(series), Some(number)) = (&series, &sheet.print.number)
            && gives_number(&sheet.print)
        {
            use chrono::Datelike as _;
            let key = (series.clone(), sheet.print.date.year());
            self.series.entry(key).or_insert_with(|| Series::new(sheet.print.document_type.clone())).add(number);
        }
        if let Some(origin) = &mut sheet.print.origin {
            origin.series = series;
        }
        let Print { filed_at, version, id, .. } = &*sheet.print;
        let key = Key { filed_at: filed_at.timestamp_micros(), version: *version, id: fingerprint(id), offset: self.written };
        self.keys.push(key);
        self.spool_line(&serde_json::to_vec(&sheet)?)
    }

    fn other(&mut self, path: &str, sha256: &str) -> io::Result<()> {
        let sha256 = hash_of(sha256);
        self.by_hash.entry(sha256).or_default().push(self.others.len());
        self.others.push(Other { path: fingerprint(path), sha256, offset: self.written, used: false });
        self.spool_line(&serde_json::to_vec(path)?)
    }

    fn spool_line(&mut self, line: &[u8]) -> io::Result<()> {
        let length = u32::try_from(line.len()).map_err(io::Error::other)?;
        self.written += 4 + u64::from(length);
        self.spool.write_all(&length.to_le_bytes())?;
        self.spool.write_all(line)
    }

    /// In the order in which they were filed, and no version before the one that it replaces, whatever the clock said.
    fn sort(&mut self) {
        self.keys.sort_unstable_by_key(|key| (key.id, key.version, key.filed_at, key.offset));
        let mut latest: Option<Key> = None;
        for key in &mut self.keys {
            if let Some(before) = latest.filter(|before| before.id == key.id) {
                key.filed_at = key.filed_at.max(before.filed_at);
            }
            latest = Some(*key);
        }
        self.keys.sort_unstable_by_key(|key| (key.filed_at, key.version, key.id, key.offset));
        let mut at: Vec<usize> = (0..self.others.len()).collect();
        at.sort_unstable_by_key(|&index| self.others[index].path);
        let mut place = vec![0; at.len()];
        for (new, &old) in at.iter().enumerate() {
            place[old] = new;
        }
        self.others.sort_unstable_by_key(|other| other.path);
        self.by_hash.values_mut().flatten().for_each(|index| *index = place[*index]);
    }

    /// How many records there are, counting each version.
    pub(super) fn count(&self) -> usize {
        self.groups().len()
    }

    /// The sheets of each version of a record, in order, as ranges of keys.
    pub(super) fn groups(&self) -> Vec<std::ops::Range<usize>> {
        let mut groups: Vec<std::ops::Range<usize>> = Vec::new();
        for (index, key) in self.keys.iter().enumerate() {
            match groups.last_mut() {
                Some(group) if (self.keys[group.start].id, self.keys[group.start].version) == (key.id, key.version) => {
                    group.end = index + 1
                }
                _ => groups.push(index..index + 1),
            }
        }
        groups
    }

    /// The sheets of a group, by path.
    ///
    /// # Errors
    /// The machine's.
    pub(super) fn sheets(&mut self, group: std::ops::Range<usize>) -> io::Result<Vec<Sheet>> {
        let mut sheets = Vec::new();
        for index in group {
            let line = self.read_back(self.keys[index].offset)?;
            sheets.push(serde_json::from_slice::<Sheet>(&line)?);
        }
        sheets.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(sheets)
    }

    /// The file that stands at this path.
    pub(super) fn at(&self, path: &str) -> Option<usize> {
        let path = fingerprint(path);
        self.others.binary_search_by_key(&path, |other| other.path).ok().filter(|&index| !self.others[index].used)
    }

    /// The files that have this content.
    pub(super) fn with_hash(&self, sha256: &str) -> Vec<usize> {
        let found = self.by_hash.get(&hash_of(sha256)).into_iter().flatten();
        found.copied().filter(|&index| !self.others[index].used).collect()
    }

    /// A file that is no PDF of ours.
    pub(super) fn file(&mut self, index: usize) -> &mut Other {
        &mut self.others[index]
    }

    /// Its path.
    ///
    /// # Errors
    /// The machine's.
    pub(super) fn path_of(&mut self, index: usize) -> io::Result<String> {
        let line = self.read_back(self.others[index].offset)?;
        Ok(serde_json::from_slice(&line)?)
    }

    /// Those that no record has.
    pub(super) fn unused(&self) -> Vec<usize> {
        (0..self.others.len()).filter(|&index| !self.others[index].used).collect()
    }

    fn read_back(&mut self, offset: u64) -> io::Result<Vec<u8>> {
        self.spool.flush()?;
        let file = self.spool.get_mut();
        file.seek(SeekFrom::Start(offset))?;
        let mut length = [0; 4];
        file.read_exact(&mut length)?;
        let mut line = vec![0; u32::from_le_bytes(length) as usize];
        file.read_exact(&mut line)?;
        Ok(line)
    }
}

/// A later version mostly keeps its number; one that moved to another series or year has a number of that year.
fn gives_number(print: &Print) -> bool {
    print.version == 1 || print.number.as_ref().is_some_and(|number| number.contains(&print.date.format("%Y").to_string()))
}

/// What is read of a file; nothing of one whose place is known.
type Read = Option<(String, Option<Box<Print>>)>;

fn read(path: &str, place: &Path, buffer: &mut [u8], known: &[Fingerprint]) -> io::Result<Read> {
    if known.binary_search(&fingerprint(path)).is_ok() {
        return Ok(None);
    }
    if std::fs::metadata(place)?.len() > MAX_PDF_BYTES || !print::is_pdf(path) {
        return Ok(Some((walk::hash(place, buffer).map(|(hash, _)| crate::model::hex(&hash))?, None)));
    }
    let bytes = std::fs::read(place)?;
    Ok(Some((crate::model::sha256_hex(&bytes), Print::of(&bytes).map(Box::new))))
}

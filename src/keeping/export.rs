//! Export: the archive, or some of its records, as one bag (see [`crate::bag`]).
//!
//! Unpacked, its folder `data/` is an archive again, with the same paths: whole, with the register's year files byte for
//! byte, or in part, with the lines of what was taken. Every file is checked while it is copied. The same records give
//! the same bytes: no clock, no names of machines, everything sorted.

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::description::{WHOLE, info};
use super::listing::{Entry, Listing};
use super::selection::{Selection, chosen};
use crate::bag::{BagWriter, CopyError};
use crate::failure::{Blame, Checked, Problem, Problems};
use crate::register::{Extent, Record, RecordState, Register};
use crate::storage::{crash_point, parent, sync_dir};

/// What an export came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Exported {
    /// How many records are in it, whatever their versions.
    pub records: usize,
    /// How many of their files.
    pub files: usize,
    /// The `seq` and the hash of the last line of the register that is in it.
    pub head: (u64, String),
    /// What was missing or changed; a ZIP with any was made only on demand.
    pub damaged: Vec<Problem>,
}

/// Writes what `selection` takes to `out`, which must not be there yet; `None` if nothing stands that fits. `organisation`
/// is whose archive it is, `told` is called for each file. With `damaged_too` a ZIP is also made of an archive in which
/// files are missing or changed, and says so.
///
/// # Errors
/// Every file that is missing or changed; something stands at `out`; the machine's. Then there is no ZIP.
pub fn export(
    register: &Register,
    selection: &Selection,
    organisation: &str,
    out: &Path,
    damaged_too: bool,
    mut told: impl FnMut(&str),
) -> Checked<Option<Exported>> {
    if out.symlink_metadata().is_ok() {
        return Err(already_there(out).into());
    }
    attempt(register, selection, (organisation, out), damaged_too, &mut told, true)
}

/// Packs what stands now. A file that is disposed of, taken back or moved before it is copied looks lost: then it is begun `again`.
fn attempt(
    register: &Register,
    selection: &Selection,
    (organisation, out): (&str, &Path),
    damaged_too: bool,
    told: &mut dyn FnMut(&str),
    again: bool,
) -> Checked<Option<Exported>> {
    let (extent, chosen) = register.extent(|moment| chosen(moment, selection))?;
    if chosen.is_empty() && !(selection.is_whole() && extent.seq > 0) {
        return Ok(None);
    }
    let mut work = Work::begin(register.archive(), out, &chosen, &extent)?;
    if selection.is_whole() {
        work.whole_register(&extent);
    } else {
        work.own_lines(register, &chosen)?;
    }
    work.copy_all(told)?;
    if again && !work.damaged.is_empty() {
        register.refresh()?;
        if register.head().0 > extent.seq {
            drop(work);
            return attempt(register, selection, (organisation, out), damaged_too, told, false);
        }
    }
    let damage = extent.damage.iter().filter(|_| selection.is_whole());
    work.damaged.extend(damage.map(|damage| changed(&format!("archive/{}, line {}", damage.file, damage.line))));
    if !damaged_too && let Some(problems) = Problems::of(std::mem::take(&mut work.damaged)) {
        return Err(problems);
    }
    let kind = if selection.is_whole() { WHOLE } else { "part" };
    work.finish(organisation, kind).map(Some)
}

/// Where a file of the payload comes from.
enum Source<'a> {
    /// A file of a record, by its place in the record.
    Filed(&'a Record, usize),
    /// So many bytes of a file.
    Beginning(PathBuf, u64),
    /// What was written here meanwhile.
    Made(File),
}

/// An export in hand.
struct Work<'a> {
    archive: &'a Path,
    out: &'a Path,
    chosen: &'a [RecordState],
    bag: BagWriter<BufWriter<tempfile::NamedTempFile>>,
    listing: Listing<BufWriter<File>, BufWriter<File>>,
    sources: BTreeMap<String, Source<'a>>,
    head: (u64, String),
    files: usize,
    damaged: Vec<Problem>,
}

impl<'a> Work<'a> {
    fn begin(archive: &'a Path, out: &'a Path, chosen: &'a [RecordState], extent: &Extent) -> Checked<Self> {
        let folder = parent(out);
        let failed = |error: io::Error| Problem::machine("write to", folder, &error);
        let file = tempfile::Builder::new().prefix(".chancery-").tempfile_in(folder).map_err(failed)?;
        // The same records give the same name, whatever the ZIP is called.
        let newest = chosen.iter().map(|state| state.record.seq).max().unwrap_or_default();
        let base = format!("chancery-export-{}-{newest}", chosen.len());
        let bag = BagWriter::new(BufWriter::new(file), &base, folder).map_err(failed)?;
        let listing = Listing::new(scratch(folder)?, scratch(folder)?).map_err(failed)?;
        let mut sources = BTreeMap::new();
        for state in chosen {
            let record = &state.record;
            let files = record.files.iter().enumerate();
            sources.extend(files.map(|(index, file)| (format!("{ARCHIVE}{}", file.path), Source::Filed(record, index))));
        }
        let head = (extent.seq, extent.head.clone());
        Ok(Self { archive, out, chosen, bag, listing, sources, head, files: 0, damaged: Vec::new() })
    }

    /// The year files as far as they were read, and what was torn off them.
    fn whole_register(&mut self, extent: &Extent) {
        let place = |path: &Path| format!("{ARCHIVE}register/{}", path.file_name().unwrap_or_default().to_string_lossy());
        for (path, length) in &extent.files {
            self.sources.insert(place(path), Source::Beginning(path.clone(), *length));
        }
        for path in &extent.torn {
            self.sources.insert(place(path), Source::Beginning(path.clone(), u64::MAX));
        }
    }

    /// The lines that tell of the chosen records, as they stand.
    fn own_lines(&mut self, register: &Register, chosen: &[RecordState]) -> Checked<()> {
        let ids = chosen.iter().map(|state| state.record.id.clone()).collect();
        let seqs = chosen.iter().map(|state| state.record.seq).collect();
        let mut lines = scratch(parent(self.out))?;
        let (mut last, mut written) = ((0, String::new()), Ok(()));
        register.own_lines((&ids, &seqs), self.head.0, |line| {
            last = (line.seq, line.hash.to_owned());
            if written.is_ok() {
                written = lines.write_all(line.bytes).and_then(|()| lines.write_all(b"\n"));
            }
        })?;
        self.head = last;
        let lines = written.and_then(|()| lines.into_inner().map_err(io::IntoInnerError::into_error));
        self.sources.insert(LINES.to_owned(), Source::Made(lines.map_err(|error| self.unwritten(&error))?));
        Ok(())
    }

    fn copy_all(&mut self, told: &mut dyn FnMut(&str)) -> Checked<()> {
        for (path, source) in std::mem::take(&mut self.sources) {
            told(&path);
            match source {
                Source::Filed(record, index) => self.copy_filed(&path, record, index)?,
                Source::Beginning(from, length) => self.copy_beginning(&path, &from, length)?,
                Source::Made(file) => add_made(&mut self.bag, &path, file).map_err(|error| self.unwritten(&error))?,
            }
        }
        Ok(())
    }

    /// A file of a record: it is what was filed, or it is told.
    fn copy_filed(&mut self, path: &str, record: &Record, index: usize) -> Checked<()> {
        let filed = &record.files[index];
        let from = self.archive.join(&filed.path);
        let shown = format!("archive/{}", filed.path);
        let (mut file, length) = match open(&from) {
            Ok(opened) => opened,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.damaged.push(missing(&shown));
                return Ok(());
            }
            Err(error) => return Err(Problem::machine("read", &from, &error).into()),
        };
        let copied = self.bag.add(path, length, false, &mut file).map_err(|error| self.uncopied(&from, error))?;
        let mut entry = Entry::of(record, filed, ARCHIVE);
        if copied.sha256 != filed.sha256 {
            self.damaged.push(changed(&shown));
            entry.sha256 = copied.sha256;
        }
        self.listing.add(&entry).map_err(|error| self.unwritten(&error))?;
        self.files += 1;
        crash_point("export::copied");
        Ok(())
    }

    fn copy_beginning(&mut self, path: &str, from: &Path, most: u64) -> Checked<()> {
        let (file, length) = open(from).map_err(|error| Problem::machine("read", from, &error))?;
        let added = self.bag.add(path, length.min(most), true, &mut file.take(most));
        added.map(drop).map_err(|error| self.uncopied(from, error))
    }

    /// Adds the lists and what describes the bag, and gives the ZIP its name.
    fn finish(self, organisation: &str, kind: &str) -> Checked<Exported> {
        let Self { out, chosen, mut bag, listing, head, files, damaged, .. } = self;
        let failed = |error: io::Error| Problems::from(Problem::machine("write", out, &error));
        let (csv, html) = listing.finish().map_err(failed)?;
        for (name, list) in [(TABLE, csv), (PAGE, html)] {
            let list = list.into_inner().map_err(io::IntoInnerError::into_error);
            list.and_then(|list| add_made(&mut bag, name, list)).map_err(failed)?;
        }
        let records = chosen.iter().map(|state| state.record.id.as_str()).collect::<HashSet<_>>().len();
        let info = info((organisation, kind), chosen, &head, &damaged);
        let file = bag.finish(&info).map_err(failed)?.into_inner().map_err(|error| failed(error.into_error()))?;
        crash_point("export::written");
        file.as_file().sync_all().map_err(failed)?;
        file.persist_noclobber(out).map_err(|error| match error.error.kind() {
            io::ErrorKind::AlreadyExists => Problems::from(already_there(out)),
            _ => failed(error.error),
        })?;
        sync_dir(parent(out))?;
        Ok(Exported { records, files, head, damaged })
    }

    fn unwritten(&self, error: &io::Error) -> Problems {
        Problem::machine("write", self.out, error).into()
    }

    fn uncopied(&self, from: &Path, error: CopyError) -> Problems {
        match error {
            CopyError::Read(error) => Problem::machine("read", from, &error).into(),
            CopyError::Write(error) => self.unwritten(&error),
        }
    }
}

/// Adds what was written to a file of ours.
fn add_made(bag: &mut BagWriter<impl Write + Seek>, path: &str, mut file: File) -> io::Result<()> {
    let length = file.stream_position()?;
    file.seek(SeekFrom::Start(0))?;
    bag.add(path, length, true, &mut BufReader::new(file)).map(drop).map_err(CopyError::into_error)
}

/// The folder of the payload that is the archive.
pub(super) const ARCHIVE: &str = "archive/";

/// The lines of a part of an archive.
pub(super) const LINES: &str = "records.jsonl";

/// The lists.
pub(super) const TABLE: &str = "index.csv";
pub(super) const PAGE: &str = "index.html";

fn open(path: &Path) -> io::Result<(File, u64)> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    Ok((file, length))
}

/// A file without a name, gone when it is closed.
fn scratch(folder: &Path) -> Checked<BufWriter<File>> {
    let file = tempfile::tempfile_in(folder).map_err(|error| Problem::machine("write to", folder, &error))?;
    Ok(BufWriter::new(file))
}

fn already_there(out: &Path) -> Problem {
    let message = format!("{} is there already; it was not overwritten.", out.display());
    Problem::new("already-there", message, "Choose another name.").blaming(Blame::Configuration)
}

fn missing(what: &str) -> Problem {
    Problem::new("missing", format!("{what} is not there any more."), BACKUP)
}

fn changed(what: &str) -> Problem {
    Problem::new("changed", format!("{what} is not what was filed: its bytes were changed."), BACKUP)
}

const BACKUP: &str = "Bring it back from a backup of the archive. To take away what is there all the same, add `--damaged-too`.";

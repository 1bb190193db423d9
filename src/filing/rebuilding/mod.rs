//! Rebuilding: a register from what the archive's PDFs say of themselves, and lines for PDFs that have none.
//!
//! It never changes or erases a document, nor a line of an old register, which is kept beside the new one. What a PDF does not say
//! does not come back; files of which nothing is known are named, and held to their bytes from then on.

mod harvest;
mod numbers;
mod print;
mod records;

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, FixedOffset};

use crate::catalog::Catalog;
use crate::failure::{Blame, Checked, Problem, Problems};
use crate::register::{self, Adopted, Audit, Counted, Filed, FiledFile, REBUILDING, Rebuilt, Register, Remaking, Said, Told};
use crate::storage::{OfficeLock, WriterLock, make_folders};

use self::harvest::{Field, Harvest};
use self::print::Print;
use self::records::{Assembled, FOUND, assemble};
use super::fingerprint::{Fingerprint, fingerprint};
use super::walk::is_temporary;

/// How it is to be done.
#[derive(Debug)]
pub struct Wishes<'a> {
    /// The document types: of PDFs that do not say it, the series and the names of their files.
    pub catalog: &'a Catalog,
    /// How many files are read at once.
    pub threads: usize,
    /// Now.
    pub now: DateTime<FixedOffset>,
    /// Whether people are named in the register's lines.
    pub names: bool,
    /// Who has it done.
    pub by: Option<String>,
    /// Set, it ends early and leaves all as it was.
    pub stop: &'a AtomicBool,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rebuild {
    /// Versions of records that have a line now.
    pub records: u64,
    /// Of these, how many were made by an earlier program, whose PDFs say less: their notes are not known again.
    pub partial: u64,
    /// Files that no record has, relative to `archive/`.
    pub found: Vec<String>,
    /// Numbers below the highest of their series that no PDF bears.
    pub numbers: Vec<String>,
    /// PDFs that could not get a line, and why.
    pub refused: Vec<(String, String)>,
    /// Where the old register is kept, relative to `archive/`.
    pub old: Option<String>,
    /// What of the machine kept files from being read.
    pub troubles: Vec<Problem>,
}

/// Looks that nobody else is at work, and finishes a rebuild that was interrupted, if there is one. Gives whether its register was
/// whole and is in place now.
///
/// # Errors
/// Another program writes to the archive; the machine's.
pub fn begin(archive: &Path) -> Checked<bool> {
    if !archive.is_dir() {
        return Ok(false);
    }
    let _office = alone(archive)?;
    register::resume(archive)
}

/// Makes a new register from the PDFs, and puts it in the place of the old one.
///
/// # Errors
/// Another program writes to the archive; it was stopped; the machine's. Then the old register stands as it was, or the next run puts the new one in place.
pub fn from_pdfs(archive: &Path, wishes: &Wishes<'_>, progress: &mut dyn FnMut(&str)) -> Checked<Rebuild> {
    let _office = alone(archive)?;
    register::resume(archive)?;
    let workshop = archive.join(REBUILDING);
    make_folders(&workshop)?;
    let failed = |error: io::Error| Problems::from(Problem::machine("write to", &workshop, &error));
    let spool = tempfile::tempfile_in(&workshop).map_err(failed)?;
    let series_of = |print: &Print| series_of(wishes.catalog, print);
    let field = Field { archive, threads: wishes.threads, stop: wishes.stop, known: &[], series_of: &series_of };
    let mut harvest = Harvest::gather(&field, spool, progress)?;
    refuse_if_unread(&mut harvest, archive, wishes)?;

    let old = old_register(archive, wishes.now)?;
    let mut rebuild = Rebuild { old: old.clone(), ..Rebuild::default() };
    let said = Said { by: wishes.by.clone(), ..Said::default() };
    let begun = Rebuilt { records: harvest.count() as u64, old: old.clone(), said };
    let mut remaking = Remaking::begin(&workshop.join("register"), wishes.now, wishes.names, begun)?;
    let surplus = write_records(&mut remaking, &mut harvest, wishes, &mut rebuild).map_err(|error| error.or(&failed))?;
    write_rest(&mut remaking, &mut harvest, surplus, &mut rebuild).map_err(|error| error.or(&failed))?;
    let first = remaking.finish()?;
    clear_temporaries(archive, &harvest);
    rebuild.troubles = harvest.troubles;
    register::swap(archive, &first, old.as_deref())?;
    Ok(rebuild)
}

/// Gives lines to PDFs of ours that stand in the archive without one.
///
/// # Errors
/// The machine's.
pub fn adopt(register: &Register, wishes: &Wishes<'_>, progress: &mut dyn FnMut(&str)) -> Checked<Rebuild> {
    let archive = register.archive();
    let snapshot = Audit::snapshot(archive)?;
    let mut known: Vec<Fingerprint> = Vec::new();
    Audit::new(archive, None).read_to(&snapshot, &mut |told, _| match told {
        Told::Filed(claim) => known.extend(claim.files.iter().map(|(path, _)| fingerprint(path))),
        Told::Moved { files, .. } => known.extend(files.iter().map(|(_, to)| fingerprint(to))),
        _ => {}
    })?;
    known.sort_unstable();
    let failed = |error: io::Error| Problems::from(Problem::machine("write to", archive, &error));
    let spool = tempfile::tempfile().map_err(failed)?;
    let series_of = |print: &Print| series_of(wishes.catalog, print);
    let field = Field { archive, threads: wishes.threads, stop: wishes.stop, known: &known, series_of: &series_of };
    let mut harvest = Harvest::gather(&field, spool, progress)?;
    let mut rebuild = Rebuild::default();
    let mut orphans = Vec::new();
    for group in harvest.groups() {
        let sheets = harvest.sheets(group).map_err(failed)?;
        let Some(record) = sheets.first().map(|sheet| roles(wishes.catalog, &sheet.print)) else { continue };
        let Some(Assembled { filed, is_partial, .. }) = assemble(sheets, &record, &mut harvest).map_err(failed)? else { continue };
        rebuild.partial += u64::from(is_partial);
        let counted = counted(&filed, &harvest);
        orphans.push((filed, counted));
    }
    if !orphans.is_empty() && !wishes.stop.load(Ordering::Relaxed) {
        let names: Vec<String> = orphans.iter().map(|(filed, _)| main_path(filed)).collect();
        for (path, adopted) in names.into_iter().zip(register.adopt(&orphans)?) {
            match adopted {
                Adopted::Filed => rebuild.records += 1,
                Adopted::Refused(why) => rebuild.refused.push((path, why)),
            }
        }
    }
    rebuild.troubles = harvest.troubles;
    Ok(rebuild)
}

/// A line could not be written, or what was gathered could not be read back.
enum Failure {
    Register(Problems),
    Spool(io::Error),
}

impl Failure {
    fn or(self, failed: &dyn Fn(io::Error) -> Problems) -> Problems {
        match self {
            Self::Register(problems) => problems,
            Self::Spool(error) => failed(error),
        }
    }
}

impl From<Problems> for Failure {
    fn from(problems: Problems) -> Self {
        Self::Register(problems)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Spool(error)
    }
}

/// Writes every record in the order in which it was filed; gives the PDFs that are no record's.
fn write_records(
    remaking: &mut Remaking,
    harvest: &mut Harvest,
    wishes: &Wishes<'_>,
    rebuild: &mut Rebuild,
) -> Result<Vec<FiledFile>, Failure> {
    // The newest version of each id: its place and its number.
    let mut versions: HashMap<Fingerprint, (u64, Fingerprint)> = HashMap::new();
    let mut numbered: HashMap<(Fingerprint, Counted), ()> = HashMap::new();
    let mut surplus = Vec::new();
    for group in harvest.groups() {
        let sheets = harvest.sheets(group)?;
        let Some(roles) = sheets.first().map(|sheet| roles(wishes.catalog, &sheet.print)) else { continue };
        let Some(Assembled { mut filed, surplus: more, is_partial }) = assemble(sheets, &roles, harvest)? else { continue };
        surplus.extend(more);
        if filed.files.is_empty() {
            continue;
        }
        let id = fingerprint(&filed.id.to_lowercase());
        let number = fingerprint(filed.number.as_deref().unwrap_or_default());
        let previous = versions.get(&id);
        filed.supersedes = previous.map(|(seq, _)| *seq);
        let counted = counted(&filed, harvest).filter(|_| previous.is_none_or(|(_, before)| *before != number));
        let series = fingerprint(filed.series.as_deref().unwrap_or_default());
        let counted = counted.filter(|counted| numbered.insert((series, *counted), ()).is_none());
        let seq = remaking.filed(filed, counted)?;
        versions.insert(id, (seq, number));
        (rebuild.records, rebuild.partial) = (rebuild.records + 1, rebuild.partial + u64::from(is_partial));
    }
    Ok(surplus)
}

/// What no record explains: numbers that nobody bears, and files.
fn write_rest(remaking: &mut Remaking, harvest: &mut Harvest, mut found: Vec<FiledFile>, rebuild: &mut Rebuild) -> Result<(), Failure> {
    let mut series: Vec<_> = std::mem::take(&mut harvest.series).into_iter().collect();
    series.sort_by(|(a, _), (b, _)| a.cmp(b));
    for ((name, year), numbers) in &series {
        for (counted, number) in numbers.gaps(*year) {
            remaking.lost_number(&numbers.document_type, name, counted, &number)?;
            rebuild.numbers.push(number);
        }
    }
    for index in harvest.unused() {
        let (path, sha256) = (harvest.path_of(index)?, crate::model::hex(&harvest.file(index).sha256));
        found.push(FiledFile { role: FOUND.to_owned(), path, sha256 });
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    remaking.found(&found)?;
    rebuild.found = found.into_iter().map(|file| file.path).collect();
    Ok(())
}

/// Where a record's number counts; nothing for one without.
fn counted(filed: &Filed, harvest: &Harvest) -> Option<Counted> {
    use chrono::Datelike as _;
    let year = filed.date.year();
    harvest.series.get(&(filed.series.clone()?, year))?.place(filed.number.as_ref()?, year)
}

fn series_of(catalog: &Catalog, print: &Print) -> Option<String> {
    print.number.as_ref()?;
    let rule = catalog.get(&print.document_type).and_then(|found| found.manifest.number.as_ref().and_then(|rule| rule.series.clone()));
    Some(rule.unwrap_or_else(|| print.document_type.to_string()))
}

fn roles(catalog: &Catalog, print: &Print) -> Vec<String> {
    let found = catalog.get(&print.document_type);
    found.map(|found| found.manifest.files.iter().map(|file| file.role.clone()).collect()).unwrap_or_default()
}

fn main_path(filed: &Filed) -> String {
    filed.files.first().map(|file| file.path.clone()).unwrap_or_default()
}

/// The lock, if nobody else writes to the archive.
fn alone(archive: &Path) -> Checked<OfficeLock> {
    let office = OfficeLock::wait(archive)?;
    if WriterLock::any_lives(archive) {
        let message = "Another program is filing into this archive at this moment.";
        let help = "Stop it, or wait until it is done, and then run `chancery rebuild` again.";
        return Err(Problem::new("archive-in-use", message, help).blaming(Blame::Machine).into());
    }
    Ok(office)
}

/// A register that lacks what could not be read would be worse than none; and none is made where it was stopped.
fn refuse_if_unread(harvest: &mut Harvest, archive: &Path, wishes: &Wishes<'_>) -> Checked<()> {
    let stopped = wishes.stop.load(Ordering::Relaxed);
    let troubles = std::mem::take(&mut harvest.troubles);
    if !stopped && troubles.is_empty() {
        return Ok(());
    }
    register::resume(archive)?;
    let stopped = || {
        Problem::new("stopped", "It was stopped; the register is as it was.", "Run it again when there is time.").blaming(Blame::Machine)
    };
    Err(Problems::of(troubles).unwrap_or_else(|| stopped().into()))
}

/// Where the old register will be kept; nothing if there is none.
fn old_register(archive: &Path, now: DateTime<FixedOffset>) -> Checked<Option<String>> {
    let folder = archive.join("register");
    let is_empty = match std::fs::read_dir(&folder) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => true,
        Err(error) => return Err(Problem::machine("read the folder", &folder, &error).into()),
    };
    Ok((!is_empty).then(|| format!("register/old-{}", now.to_utc().format("%Y%m%dT%H%M%SZ"))))
}

/// Unfinished files of writers that are gone: they were never filed.
fn clear_temporaries(archive: &Path, harvest: &Harvest) {
    for path in harvest.odd.iter().filter(|path| is_temporary(path) && !path.starts_with(REBUILDING)) {
        let _ = std::fs::remove_file(archive.join(path));
    }
}

//! Verification: holds every byte of the archive against the register, and the register against itself.
//!
//! It trusts no index and changes nothing. It runs beside a watcher: what was filed or moved while it read is read in the register again
//! before anything is said of it, and what a living writer has in hand is left alone.

mod extras;
mod judgement;
mod report;
mod table;

use std::path::Path;
use std::sync::atomic::AtomicBool;

use crate::failure::{Checked, Problem};
use crate::register::{Audit, Head, Snapshot};

use self::extras::Extras;
use self::judgement::Judge;
use self::table::{Entry, State, Table};
use super::fingerprint::{Hash, fingerprint};
use super::walk::{self, Step};

pub use self::report::{Finding, Report, Wrong};

/// How it is to be done.
#[derive(Debug)]
pub struct Wishes<'a> {
    /// A head that was written down earlier: its line must be in the chain.
    pub head: Option<Head>,
    /// How many files are hashed at once.
    pub threads: usize,
    /// Set, it ends early, and says nothing of what it has not read.
    pub stop: &'a AtomicBool,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress<'a> {
    /// So many files are to be read.
    Files(usize),
    /// This one was.
    Read(&'a str),
}

/// A file that was found.
#[derive(Debug)]
struct Found {
    /// Relative to `archive/`, with `/`.
    path: String,
    /// Its hash; `None` of a temporary file, what is no file, or one whose name is no text.
    sha256: Option<Hash>,
}

/// More faults of the machine than this are the same fault.
const MAX_TROUBLES: usize = 20;

/// Verifies the archive with its register. Each finding is handed to `tell`; none of them is an error.
///
/// # Errors
/// The register cannot be read. What else cannot be read stands in [`Report::troubles`].
pub fn verify(
    archive: &Path,
    wishes: &Wishes<'_>,
    progress: &mut dyn FnMut(Progress<'_>),
    tell: &mut dyn FnMut(Finding),
) -> Checked<Report> {
    if !archive.is_dir() {
        let help = "Put the archive folder back, or connect its disk again.";
        tell(Finding::new(Wrong::Missing, "", "There is no archive folder.", help));
        return Ok(Report::default());
    }
    let mut table = Table::default();
    let mut audit = Audit::new(archive, wishes.head.clone());
    let snapshot = Audit::snapshot(archive)?;
    read_on(&mut audit, &snapshot, &mut table, tell)?;
    progress(Progress::Files(table.standing()));

    let mut report = Report::default();
    let mut changed = Vec::new();
    let mut extra = Vec::new();
    let hash = |_: &str, place: &Path, buffer: &mut [u8]| walk::hash(place, buffer);
    walk::walk(archive, wishes.threads, wishes.stop, &hash, &mut |step| match step {
        Step::Trouble(problem) => trouble(&mut report, problem),
        Step::Odd(path) => extra.push(Found { path, sha256: None }),
        Step::File(path, (sha256, bytes)) => {
            progress(Progress::Read(&path));
            (report.files, report.bytes) = (report.files + 1, report.bytes + bytes);
            match hold_against(&table, &path, &sha256) {
                Held::Right => {}
                Held::Changed(seq) => changed.push((seq, path)),
                Held::Extra => extra.push(Found { path, sha256: Some(sha256) }),
            }
        }
    });

    // What others wrote meanwhile.
    let snapshot = Audit::snapshot(archive)?;
    read_on(&mut audit, &snapshot, &mut table, tell)?;
    audit.read_tail(&snapshot, &mut |told, damage| {
        table.take(told);
        damage.into_iter().for_each(|damage| tell(Finding::of_damage(damage)));
    })?;
    table.settle();
    audit.proof().into_iter().for_each(|damage| tell(judgement::cut_off(damage)));
    (report.lines, report.head) = (audit.lines, audit.head().clone());
    if wishes.stop.load(std::sync::atomic::Ordering::Relaxed) {
        return Ok(report);
    }
    if report.files > 0 && snapshot.is_empty() {
        tell(judgement::no_register());
    }
    judgement::register_folder(archive, &snapshot, &table, tell);
    let mut judge = Judge { archive, table: &table, changed, extras: Extras::of(extra, &table), troubles: Vec::new(), tell };
    judge.places(&snapshot)?;
    judge.extras(&mut audit)?;
    judge.troubles.into_iter().for_each(|problem| trouble(&mut report, problem));
    Ok(report)
}

fn read_on(audit: &mut Audit, snapshot: &Snapshot, table: &mut Table, tell: &mut dyn FnMut(Finding)) -> Checked<()> {
    audit.read_to(snapshot, &mut |told, damage| {
        table.take(told);
        damage.into_iter().for_each(|damage| tell(Finding::of_damage(damage)));
    })?;
    table.settle();
    Ok(())
}

enum Held {
    Right,
    /// It is not what this line says.
    Changed(u64),
    Extra,
}

/// A file against what the register says of its place.
fn hold_against(table: &Table, path: &str, sha256: &Hash) -> Held {
    let entries = table.at(fingerprint(path));
    let in_state = |state: State| entries.iter().filter(move |entry| entry.state == state);
    let differs = |entry: &&Entry| entry.sha256 != *sha256;
    in_state(State::Stands).for_each(Entry::see);
    // A void record says nothing of a place that another has now.
    let state = if in_state(State::Stands).next().is_some() { State::Stands } else { State::Void };
    match (in_state(state).find(differs), in_state(state).next()) {
        (Some(wrong), _) => Held::Changed(wrong.seq),
        (None, Some(_)) => Held::Right,
        (None, None) => Held::Extra,
    }
}

fn trouble(report: &mut Report, problem: Problem) {
    if report.troubles.len() < MAX_TROUBLES {
        report.troubles.push(problem);
    }
}

#[cfg(test)]
mod tests;

//! Records of another archive, one by one: reserved, placed and committed as every record is, some at a time.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::PathBuf;

use super::import::{Imported, Work, by_seq};
use crate::failure::{Checked, Problem, Problems};
use crate::register::{self, Adoption, Newcomer, RecordState, Said};
use crate::storage::{crash_point, parent, sync_dir};

/// How many records are reserved, and then committed, with one sync each.
const GROUP: usize = 32;

/// Adopts each record that is not there yet.
///
/// # Errors
/// The machine's; what was not committed is taken back.
pub(super) fn adopt(work: &mut Work<'_>) -> Checked<Imported> {
    let wanted = std::mem::take(&mut work.wanted);
    let origin = register::Imported {
        source: work.name.to_owned(),
        organisation: work.bag.info("Source-Organization").map(str::to_owned),
        identifier: work.bag.info("External-Identifier").map(str::to_owned),
        said: Said::default(),
    };
    let mut adopting = Adopting { origin, line: None, there: by_seq(&wanted), here: HashMap::new(), imported: Imported::default() };
    let mut group: Vec<&RecordState> = Vec::new();
    for state in &wanted {
        let own = [state.record.supersedes, state.record.joins];
        // What it belongs to must have its own line first.
        if group.len() == GROUP || group.iter().any(|other| own.contains(&Some(other.record.seq))) {
            adopting.group(work, &std::mem::take(&mut group))?;
        }
        group.push(state);
    }
    adopting.group(work, &group)?;
    let mut imported = adopting.imported;
    imported.skipped.splice(0..0, std::mem::take(&mut work.skipped));
    Ok(imported)
}

struct Adopting {
    origin: register::Imported,
    /// The `seq` of the `imported` line, once it is written.
    line: Option<u64>,
    /// The versions in the ZIP, by `seq` there.
    there: HashMap<u64, usize>,
    /// What they are here, by `seq` there.
    here: HashMap<u64, u64>,
    imported: Imported,
}

impl Adopting {
    fn group(&mut self, work: &mut Work<'_>, states: &[&RecordState]) -> Checked<()> {
        let mut newcomers = Vec::new();
        for state in states {
            match self.newcomer(state) {
                Ok(newcomer) => newcomers.push(newcomer),
                Err(why) => self.imported.skipped.push(not_taken(state, why)),
            }
        }
        if newcomers.is_empty() {
            return Ok(());
        }
        let decided = work.register.reserve_adopted(&self.origin, &mut self.line, &newcomers)?;
        crash_point("import::reserved");
        let mut reserved = Vec::new();
        let mut same = Vec::new();
        for (newcomer, adoption) in newcomers.iter().zip(decided) {
            match adoption {
                Adoption::Reserved { reserve, missing } => reserved.push((reserve, newcomer, missing)),
                Adoption::Taken(why) => self.imported.skipped.push(not_taken(newcomer.state, &why)),
                Adoption::Same(seq) => {
                    self.here.insert(newcomer.state.record.seq, seq);
                    self.imported.same += 1;
                    same.push((seq, newcomer.state));
                }
            }
        }
        work.register.hold_adopted(&same)?;
        if reserved.is_empty() {
            return Ok(());
        }
        let mut placed = Vec::new();
        let committed = place_all(work, &reserved, &mut placed).and_then(|()| {
            let lines: Vec<_> = reserved.iter().map(|(reserve, newcomer, _)| (*reserve, *newcomer)).collect();
            work.register.commit_adopted(&lines)
        });
        let records = committed.map_err(|problems| take_back(work, &reserved, &placed, problems))?;
        crash_point("import::committed");
        for ((_, newcomer, _), record) in reserved.iter().zip(&records) {
            self.here.insert(newcomer.state.record.seq, record.seq);
        }
        self.imported.adopted.extend(records);
        Ok(())
    }

    /// The record with what its relatives are called here; or why it cannot come without them.
    fn newcomer<'s>(&self, state: &'s RecordState) -> Result<Newcomer<'s>, &'static str> {
        let here = |there: Option<u64>| match there {
            Some(seq) if self.there.contains_key(&seq) => match self.here.get(&seq) {
                Some(here) => Ok(Some(*here)),
                None => Err("What it belongs to, or replaces, was not taken."),
            },
            _ => Ok(None),
        };
        let (supersedes, joins) = (here(state.record.supersedes)?, here(state.record.joins)?);
        if state.record.joins.is_some() && joins.is_none() {
            return Err("The record that it belongs to is not in the ZIP.");
        }
        Ok(Newcomer { state, supersedes, joins })
    }
}

type Reserved<'r> = (u64, &'r Newcomer<'r>, Vec<usize>);

fn place_all(work: &mut Work<'_>, reserved: &[Reserved<'_>], placed: &mut Vec<PathBuf>) -> Checked<()> {
    for (_, newcomer, missing) in reserved {
        for index in missing {
            placed.push(work.place(&newcomer.state.record.files[*index].path)?);
        }
    }
    let folders: BTreeSet<&std::path::Path> = placed.iter().map(|path| parent(path)).collect();
    folders.into_iter().try_for_each(sync_dir)?;
    crash_point("import::files-synced");
    Ok(())
}

/// Closes the reservations of what could not be finished. If it is not known whether it was committed, all stays: the next
/// start sees to it.
fn take_back(work: &Work<'_>, reserved: &[Reserved<'_>], placed: &[PathBuf], problems: Problems) -> Problems {
    if !register::is_uncertain(&problems) {
        for path in placed.iter().collect::<HashSet<_>>() {
            let _ = std::fs::remove_file(path);
        }
        let places: Vec<_> = reserved.iter().map(|(reserve, newcomer, _)| (*reserve, newcomer.state.record.id.clone())).collect();
        let _ = work.register.void_many(&places, &format!("not imported: {}", problems.first().message));
    }
    problems
}

fn not_taken(state: &RecordState, why: &str) -> Problem {
    let record = &state.record;
    let number = record.number.as_deref().map_or_else(String::new, |number| format!("{number}, "));
    let message = format!("“{}” ({number}{}, version {}) was not taken. {why}", record.title, record.id, record.version);
    let help = "Look at both with `chancery show` and `chancery list`; what stands here was not changed.";
    Problem::new("not-imported", message, help)
}

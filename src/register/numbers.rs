//! The numbers of each series and year, in order, and what became of each: for showing that none is missing.
//!
//! Read from the lines alone, once, and nothing of a line is kept but where it stands: a few bytes for each number. Never
//! asks the index, so that what it shows is what stands on the disk.

mod slots;

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;

use chrono::NaiveDate;
use serde::Deserialize;

use crate::failure::{Blame, Checked, Problem};

use super::Register;
use slots::{At, Slot, Slots};

/// What became of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberState {
    /// It stands on a record.
    Filed,
    /// The content of its record was disposed of; the line stays.
    Disposed,
    /// Its document is being filed at this moment, or its writer is gone and nobody has recovered it yet.
    Open,
    /// It was given out and stands on no record; the line says why.
    Void,
    /// A record from another archive bears it.
    Imported,
    /// It was given back as the last one, and the next document gets it.
    Free,
    /// Two lines give it out.
    Twice,
    /// No line tells of it, although a later one was given.
    Missing,
}

/// A number of a series, or (only where they are missing) a run of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberEntry {
    /// The series' name.
    pub series: String,
    /// The year in which it counts.
    pub year: i32,
    /// Its place in the series and year, from 1.
    pub n: u64,
    /// The last of a run of missing numbers; else the same as `n`.
    pub through: u64,
    /// As it is printed; not known of a missing one.
    pub number: Option<String>,
    /// What became of it.
    pub state: NumberState,
    /// Of the record that has or had it.
    pub id: Option<String>,
    /// That record's title.
    pub title: Option<String>,
    /// That record's date.
    pub date: Option<NaiveDate>,
    /// The newest version that has this number.
    pub version: Option<u32>,
    /// Why it is void, or was given back.
    pub reason: Option<String>,
}

impl NumberEntry {
    /// Whether no honest line explains it: the register was changed by something else.
    pub fn is_fault(&self) -> bool {
        matches!(self.state, NumberState::Missing | NumberState::Twice)
    }
}

impl Register {
    /// Hands the numbers of the series and year that are asked for (all, where `None`) to `take`, in order: by series,
    /// year and number. Gives the names of all series.
    ///
    /// # Errors
    /// The machine's.
    pub fn numbers(&self, series: Option<&str>, year: Option<i32>, mut take: impl FnMut(&NumberEntry)) -> Checked<Vec<String>> {
        let paths = self.lock().book.journal.paths()?;
        let mut given = Slots::default();
        for (file, path) in paths.iter().enumerate() {
            given.read(file, path)?;
        }
        let mut lines = Lines::of(&paths);
        for ((name, counted_in), slots) in &given.series {
            if series.is_none_or(|series| series == name) && year.is_none_or(|year| year == *counted_in) {
                for entry in Walk::over(name, *counted_in, slots) {
                    take(&given.told(entry, &mut lines)?);
                }
            }
        }
        let mut names: Vec<String> = given.series.into_keys().map(|(name, _)| name).collect();
        names.dedup();
        Ok(names)
    }
}

/// What is shown of a line.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Told {
    seq: u64,
    id: Option<String>,
    number: Option<String>,
    title: Option<String>,
    date: Option<NaiveDate>,
    version: Option<u32>,
    reason: Option<String>,
    n: Option<u64>,
    series: Option<String>,
    year: Option<i32>,
    records: Vec<Told>,
}

impl Slots {
    /// The entry with what its line says, or the line of the newest version that still has the number.
    fn told(&self, (mut entry, at): (NumberEntry, Option<At>), lines: &mut Lines<'_>) -> Checked<NumberEntry> {
        // Of a number that was passed over, the line tells only that.
        let Some(at) = at.filter(|_| entry.state != NumberState::Imported) else { return Ok(entry) };
        let mut told = lines.at(at)?;
        if entry.state == NumberState::Filed {
            told = self.newest(&mut entry, told, lines)?;
        }
        let is_it = |told: &Told| told.n == Some(entry.n) && told.series.as_ref() == Some(&entry.series) && told.year == Some(entry.year);
        if let Some(index) = told.records.iter().position(is_it) {
            told = told.records.swap_remove(index);
        }
        let Told { id, number, title, date, version, reason, .. } = told;
        Ok(NumberEntry { id, number, title, date, version, reason: reason.filter(|_| explains(entry.state)), ..entry })
    }

    /// Follows a filed number to the newest version that stands; if none does, it is void for the reason given last.
    fn newest(&self, entry: &mut NumberEntry, first: Told, lines: &mut Lines<'_>) -> Checked<Told> {
        let (mut newest, mut void, mut moved) = (None, None::<(At, Told)>, None::<Told>);
        let mut next = Some(first);
        while let Some(version) = next.take() {
            let seq = version.seq;
            if let Some((later, at)) = self.later.get(&seq).filter(|(later, _)| *later > seq) {
                let later = Told { seq: *later, ..lines.at(*at)? };
                match later.number == version.number {
                    true => next = Some(later),
                    false => moved = Some(later).filter(|later| !self.voided.contains_key(&later.seq)),
                }
            }
            match self.voided.get(&seq) {
                Some(at) => void = void.filter(|(last, _)| last > at).or(Some((*at, version))),
                None => newest = Some(version),
            }
        }
        let Some(newest) = newest else {
            entry.state = NumberState::Void;
            let Some((at, version)) = void else { return Ok(Told::default()) };
            return Ok(Told { reason: lines.at(at)?.reason, ..version });
        };
        if let Some(moved) = moved {
            entry.state = NumberState::Void;
            let now = moved.number.map_or_else(|| "it has no number now".to_owned(), |number| format!("it is numbered {number} now"));
            let reason = moved.reason.map_or(now.clone(), |reason| format!("{now}: {reason}"));
            return Ok(Told { reason: Some(reason), ..newest });
        }
        // Given up for the number of a version that stands: one that was taken back gives up nothing.
        let replaced = self.later.get(&newest.seq).is_some_and(|(later, _)| !self.voided.contains_key(later));
        let name = newest.id.clone().zip(newest.number.clone()).filter(|_| replaced);
        if let Some(at) = name.and_then(|name| self.given_up.get(&name)) {
            entry.state = NumberState::Void;
            return Ok(Told { reason: lines.at(*at)?.reason, ..newest });
        }
        if self.disposed.contains(&newest.seq) {
            entry.state = NumberState::Disposed;
        }
        Ok(newest)
    }
}

/// A `filed` line has a reason too, of the version and not of the number.
fn explains(state: NumberState) -> bool {
    matches!(state, NumberState::Void | NumberState::Free)
}

/// The numbers of one series and year in order, with the runs between them that are missing.
struct Walk<'l> {
    series: &'l str,
    year: i32,
    slots: &'l [Slot],
    next: u64,
    at: usize,
}

impl<'l> Walk<'l> {
    fn over(series: &'l str, year: i32, slots: &'l [Slot]) -> Self {
        Self { series, year, slots, next: 1, at: 0 }
    }
}

impl Iterator for Walk<'_> {
    type Item = (NumberEntry, Option<At>);

    fn next(&mut self) -> Option<Self::Item> {
        let slot = self.slots.get(self.at)?;
        let n = self.next.min(slot.n);
        let missing = n < slot.n;
        let through = if missing { slot.n - 1 } else { slot.n };
        self.next = through.saturating_add(1);
        self.at += usize::from(!missing);
        let state = if missing { NumberState::Missing } else { slot.state };
        let (series, year) = (self.series.to_owned(), self.year);
        let nothing =
            NumberEntry { series, year, n, through, number: None, state, id: None, title: None, date: None, version: None, reason: None };
        Some((nothing, (!missing).then_some(slot.at)))
    }
}

/// Single lines of the year files, read again where they stand: most follow each other.
struct Lines<'p> {
    paths: &'p [PathBuf],
    open: Option<(u32, BufReader<File>, u64)>,
}

impl<'p> Lines<'p> {
    fn of(paths: &'p [PathBuf]) -> Self {
        Self { paths, open: None }
    }

    fn at(&mut self, at: At) -> Checked<Told> {
        let changed = || {
            let help = "Somebody writes to its files at this moment, or changed them by hand: try again.";
            Problem::new("register-changed", "The register changed while it was read.", help).blaming(Blame::Machine)
        };
        let path = self.paths.get(at.file as usize).ok_or_else(changed)?;
        let failed = |error: std::io::Error| Problem::machine("read", path, &error);
        let (_, lines, place) = match self.open.take().filter(|(file, _, _)| *file == at.file) {
            Some(open) => self.open.insert(open),
            None => self.open.insert((at.file, BufReader::new(File::open(path).map_err(failed)?), 0)),
        };
        let distance = i64::try_from(at.byte).ok().zip(i64::try_from(*place).ok()).map(|(to, from)| to - from).ok_or_else(changed)?;
        lines.seek_relative(distance).map_err(failed)?;
        let mut line = Vec::new();
        *place = at.byte + lines.read_until(b'\n', &mut line).map_err(failed)? as u64;
        Ok(serde_json::from_slice(&line).map_err(|_| changed())?)
    }
}

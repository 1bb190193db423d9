//! The pass over all lines: which numbers they give, and where the line stands that says what became of each.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use serde::Deserialize;

use super::NumberState;
use crate::failure::{Checked, Problem};

/// Where a line stands: the year file's place in the list, and the byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct At {
    pub(super) file: u32,
    pub(super) byte: u64,
}

/// A number that some line gives.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    pub(super) n: u64,
    pub(super) state: NumberState,
    /// The line that says so.
    pub(super) at: At,
}

/// More places than this no line passes over.
const MAX_PASSED: u64 = 1_000_000;

/// What the lines say of numbers.
#[derive(Default)]
pub(super) struct Slots {
    pub(super) series: BTreeMap<(String, i32), Vec<Slot>>,
    /// The numbers of open reservations, by the `seq` of their line and the id.
    open: HashMap<(u64, String), (String, i32, u64)>,
    /// Filed lines that no longer stand, by `seq`, and the line that says why.
    pub(super) voided: HashMap<u64, At>,
    /// The version after this one: its `seq` and line.
    pub(super) later: HashMap<u64, (u64, At)>,
    pub(super) disposed: HashSet<u64>,
    /// Numbers that a record gave up for another, by its id, and the line that says why.
    pub(super) given_up: HashMap<(String, String), At>,
}

/// As much of a line as the pass over all of them needs.
#[derive(Deserialize)]
struct Trace {
    seq: u64,
    event: String,
    id: Option<String>,
    series: Option<String>,
    year: Option<i32>,
    n: Option<u64>,
    number: Option<String>,
    #[serde(default)]
    passed: u64,
    #[serde(default)]
    records: Vec<Given>,
    reserve: Option<u64>,
    of: Option<Of>,
    supersedes: Option<u64>,
    #[serde(default)]
    reusable: bool,
}

/// A number as a line gives it out.
#[derive(Deserialize)]
struct Given {
    id: String,
    series: Option<String>,
    year: Option<i32>,
    n: Option<u64>,
    #[serde(default)]
    passed: u64,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Of {
    One(u64),
    Many(Vec<u64>),
}

impl Slots {
    /// Takes in the lines of a year file.
    pub(super) fn read(&mut self, file: usize, path: &Path) -> Checked<()> {
        let failed = |error: &std::io::Error| Problem::machine("read", path, error);
        let mut lines = BufReader::new(File::open(path).map_err(|error| failed(&error))?);
        let (mut line, mut byte) = (Vec::new(), 0);
        loop {
            line.clear();
            let length = lines.read_until(b'\n', &mut line).map_err(|error| failed(&error))?;
            if length == 0 {
                return Ok(());
            }
            // What cannot be read tells of no number: what it gave out is missing.
            if let Ok(trace) = serde_json::from_slice::<Trace>(&line) {
                self.take(trace, At { file: u32::try_from(file).unwrap_or(u32::MAX), byte });
            }
            byte += length as u64;
        }
    }

    fn take(&mut self, trace: Trace, at: At) {
        match trace.event.as_str() {
            "reserve" => {
                let one = trace.id.map(|id| Given { id, series: trace.series, year: trace.year, n: trace.n, passed: trace.passed });
                for given in one.into_iter().chain(trace.records) {
                    self.give(trace.seq, given, at);
                }
            }
            "filed" => {
                let place = trace.reserve.zip(trace.id);
                if let Some(number) = place.and_then(|place| self.open.remove(&place)) {
                    self.set(number, NumberState::Filed, at);
                }
                if let Some(older) = trace.supersedes {
                    self.later.insert(older, (trace.seq, at));
                }
            }
            "void" => {
                if let Some(Of::One(seq)) = trace.of {
                    self.voided.insert(seq, at);
                    if let (true, Some(series), Some(year), Some(n)) = (trace.reusable, trace.series, trace.year, trace.n) {
                        self.free(&(series, year), n, at);
                    }
                }
                let state = if trace.reusable { NumberState::Free } else { NumberState::Void };
                match (trace.id, trace.reserve, trace.of, trace.number) {
                    (Some(id), Some(reserve), _, _) => {
                        if let Some(number) = self.open.remove(&(reserve, id)) {
                            self.set(number, state, at);
                        }
                    }
                    (Some(id), None, None, Some(number)) => drop(self.given_up.insert((id, number), at)),
                    _ => {}
                }
            }
            "disposed" => match trace.of {
                Some(Of::One(seq)) => drop(self.disposed.insert(seq)),
                Some(Of::Many(all)) => self.disposed.extend(all),
                None => {}
            },
            _ => {}
        }
    }

    fn give(&mut self, seq: u64, given: Given, at: At) {
        let (Some(series), Some(year), Some(n)) = (given.series, given.year, given.n) else { return };
        self.open.insert((seq, given.id), (series.clone(), year, n));
        let slots = self.series.entry((series, year)).or_default();
        for n in n.saturating_sub(given.passed.min(MAX_PASSED)).max(1)..n {
            if let Err(index) = slots.binary_search_by_key(&n, |slot| slot.n) {
                slots.insert(index, Slot { n, state: NumberState::Imported, at });
            }
        }
        match slots.binary_search_by_key(&n, |slot| slot.n) {
            Ok(index) if slots[index].state == NumberState::Free => slots[index] = Slot { n, state: NumberState::Open, at },
            Ok(index) => slots[index].state = NumberState::Twice,
            Err(index) => slots.insert(index, Slot { n, state: NumberState::Open, at }),
        }
    }

    /// A number that a record had, and that is given again.
    fn free(&mut self, series: &(String, i32), n: u64, at: At) {
        let Some(slots) = self.series.get_mut(series) else { return };
        if let Ok(index) = slots.binary_search_by_key(&n, |slot| slot.n)
            && slots[index].state == NumberState::Filed
        {
            slots[index] = Slot { n, state: NumberState::Free, at };
        }
    }

    fn set(&mut self, (series, year, n): (String, i32, u64), state: NumberState, at: At) {
        let Some(slots) = self.series.get_mut(&(series, year)) else { return };
        if let Ok(index) = slots.binary_search_by_key(&n, |slot| slot.n)
            && slots[index].state == NumberState::Open
        {
            slots[index] = Slot { n, state, at };
        }
    }
}

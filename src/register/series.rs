//! The numbers that were given in each series and year, in memory.

use std::collections::HashMap;

use super::event::Reserved;
use super::index::Index;

/// The numbers of a series in one year.
#[derive(Debug, Default)]
pub(super) struct Given {
    last: u64,
    numbers: HashMap<String, u64>,
}

impl Index {
    /// A reservation gives its number, unless a new version keeps the one it has.
    pub(super) fn give_number(&mut self, reserved: &Reserved) {
        if let (Some(series), Some(year), Some(n)) = (&reserved.series, reserved.year, reserved.n) {
            let given = self.series.entry((series.clone(), year)).or_default();
            given.last = given.last.max(n);
            given.numbers.extend(reserved.number.clone().map(|number| (number, n)));
        }
    }

    /// The last number of a series is given again.
    pub(super) fn free_number(&mut self, series: (String, i32), n: u64, number: Option<&str>) {
        let given = self.series.entry(series).or_default();
        if given.last == n {
            given.last = n - 1;
        }
        if let Some(number) = number {
            given.numbers.remove(number);
        }
    }

    /// The last number given in a series and year; 0 if none was.
    pub(super) fn last_number(&self, series: &str, year: i32) -> u64 {
        self.series.get(&(series.to_owned(), year)).map_or(0, |given| given.last)
    }

    /// Whether a number was given in that series and year.
    pub(super) fn is_number_given(&self, series: &str, year: i32, number: &str) -> bool {
        self.given(series, year, number).is_some()
    }

    /// The place of a number that was given in that series and year.
    pub(super) fn given(&self, series: &str, year: i32, number: &str) -> Option<u64> {
        self.series.get(&(series.to_owned(), year))?.numbers.get(number).copied()
    }
}

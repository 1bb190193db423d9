//! Where the numbers of a series count, read from the numbers themselves: of `MIN-2026-014` the digits that differ from one to the next.

use std::collections::BTreeSet;

use crate::model::TypeName;
use crate::register::Counted;

/// More numbers than these are not explained one by one.
const MAX_GAPS: u64 = 10_000;

/// The numbers of a series in one year.
#[derive(Debug)]
pub(super) struct Series {
    pub(super) document_type: TypeName,
    /// One of them, and how wide the digits are that count, at the least.
    sample: String,
    /// Of each run of digits, the values seen; only of numbers of the same shape.
    runs: Vec<BTreeSet<u64>>,
}

impl Series {
    pub(super) fn new(document_type: TypeName) -> Self {
        Self { document_type, sample: String::new(), runs: Vec::new() }
    }

    /// Takes in a number that was given.
    pub(super) fn add(&mut self, number: &str) {
        let runs = digits(number);
        if self.sample.is_empty() {
            number.clone_into(&mut self.sample);
            self.runs = vec![BTreeSet::new(); runs.len()];
        }
        if number.len() < self.sample.len() {
            number.clone_into(&mut self.sample);
        }
        if runs.len() == self.runs.len() {
            for (seen, (_, value)) in self.runs.iter_mut().zip(&runs) {
                seen.extend(*value);
            }
        }
    }

    /// Which run of digits counts: the last that differs; of a single number the last that is not the year.
    fn counting(&self, year: i32) -> Option<usize> {
        let is_year = |run: &BTreeSet<u64>| run.len() == 1 && run.first().copied() == u64::try_from(year).ok();
        let last = |fits: &dyn Fn(&BTreeSet<u64>) -> bool| self.runs.iter().rposition(fits);
        last(&|run| run.len() > 1).or_else(|| last(&|run| run.len() == 1 && !is_year(run))).or_else(|| last(&|run| !run.is_empty()))
    }

    /// Where a number counts.
    pub(super) fn place(&self, number: &str, year: i32) -> Option<Counted> {
        let runs = digits(number);
        let (_, n) = runs.get(self.counting(year).filter(|_| runs.len() == self.runs.len())?)?;
        n.filter(|n| *n > 0).map(|n| Counted { year, n })
    }

    /// The numbers below the highest that nobody bears, with their text.
    pub(super) fn gaps(&self, year: i32) -> Vec<(Counted, String)> {
        let Some(run) = self.counting(year) else { return Vec::new() };
        let (Some(highest), Some((place, _))) = (self.runs[run].last(), digits(&self.sample).get(run).cloned()) else { return Vec::new() };
        let width = place.len();
        let missing = (1..*highest).filter(|n| !self.runs[run].contains(n)).take(usize::try_from(MAX_GAPS).unwrap_or(usize::MAX));
        let text = |n: u64| format!("{}{n:0width$}{}", &self.sample[..place.start], &self.sample[place.end..]);
        missing.map(|n| (Counted { year, n }, text(n))).collect()
    }
}

/// The runs of digits in a number: where each stands, and its value if that is one.
fn digits(number: &str) -> Vec<(std::ops::Range<usize>, Option<u64>)> {
    let bytes = number.as_bytes();
    let mut runs: Vec<std::ops::Range<usize>> = Vec::new();
    for (at, byte) in bytes.iter().enumerate() {
        match runs.last_mut() {
            _ if !byte.is_ascii_digit() => {}
            Some(run) if run.end == at => run.end = at + 1,
            _ => runs.push(at..at + 1),
        }
    }
    runs.into_iter().map(|run| (run.clone(), number[run].parse().ok())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(numbers: &[&str]) -> Series {
        let mut series = Series::new(TypeName::document());
        numbers.iter().for_each(|number| series.add(number));
        series
    }

    #[test]
    fn the_digits_that_count_are_found() {
        let place = |numbers: &[&str], number: &str| series(numbers).place(number, 2026).map(|counted| counted.n);
        assert_eq!(place(&["MIN-2026-001", "MIN-2026-014"], "MIN-2026-014"), Some(14));
        assert_eq!(place(&["国发〔2026〕3号"], "国发〔2026〕3号"), Some(3));
        assert_eq!(place(&["7/2026"], "7/2026"), Some(7));
        assert_eq!(place(&["A2-2026-1", "A2-2026-2"], "A2-2026-2"), Some(2));
        assert_eq!(place(&["2026"], "2026"), Some(2026));
        assert_eq!(place(&["none"], "none"), None);
    }

    #[test]
    fn numbers_that_nobody_bears_are_told_as_they_would_be_printed() {
        let gaps = |numbers: &[&str]| series(numbers).gaps(2026).into_iter().map(|(_, text)| text).collect::<Vec<_>>();
        assert_eq!(gaps(&["MIN-2026-002", "MIN-2026-004"]), ["MIN-2026-001", "MIN-2026-003"]);
        assert_eq!(gaps(&["国发〔2026〕3号", "国发〔2026〕1号"]), ["国发〔2026〕2号"]);
        assert_eq!(gaps(&["N-999", "N-1001"]).last().map(String::as_str), Some("N-1000"));
        assert!(gaps(&["MIN-2026-001"]).is_empty());
        assert_eq!(gaps(&["N-9999999"]).len(), 10_000);
    }
}

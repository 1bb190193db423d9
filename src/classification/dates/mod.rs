//! The document's own date: where it may stand, which place wins, and what is asked when it is ambiguous.
//!
//! Stated places come first (the `date` field, the title, a line `Date: …`, a line that is nothing but a date, the
//! file's name); a date within a sentence, say the year of a foundation, never wins over them.

mod finder;
mod forms;
mod tokens;
mod weekdays;

#[cfg(test)]
mod tests;

use chrono::NaiveDate;

pub(super) use finder::{Known, find};
pub(super) use forms::{Reading, dates_in};

use super::fold::fold;
use super::plain::floor;
use crate::config::DateOrder;

/// How much of a field or name is looked at.
const MAX_VALUE_BYTES: usize = 1_000;

/// Reads a text that should be a date, in any of the forms known here: for fields of that kind.
pub fn read_date(text: &str, order: Option<DateOrder>) -> Option<NaiveDate> {
    let found = dates_in(floor(text, MAX_VALUE_BYTES));
    found.first()?.reading.day(order)
}

/// The file's name without folders and extension.
pub(super) fn file_stem(name: &str) -> &str {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    match name.rfind('.') {
        Some(at) if at > 0 && name.len() - at <= 9 => &name[..at],
        _ => name,
    }
}

/// A year that stands in a text without day and month: `2023`, `2018-19`, `2026年`.
pub(super) fn year_alone(text: &str) -> Option<u32> {
    let folded = fold(floor(text, MAX_VALUE_BYTES));
    let runs = folded.split(|c: char| !c.is_ascii_digit()).filter(|run| run.len() == 4);
    runs.filter_map(|run| run.parse().ok()).find(|year| (1900..2100).contains(year))
}

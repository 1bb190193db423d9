//! Weekdays that disagree with the date beside them.

use chrono::{Datelike as _, Weekday};

use super::MAX_VALUE_BYTES;
use super::finder::readable;
use super::forms::{Reading, dates_in};
use crate::classification::outline::Outline;
use crate::failure::Warning;
use crate::reading::Submission;

/// How many lines are checked for weekdays that disagree with their date.
const CHECKED_LINES: usize = 2_000;
/// How many fields are.
const CHECKED_FIELDS: usize = 100;
/// How many of those are told.
const MAX_WEEKDAY_WARNINGS: usize = 3;

/// Tells of each, in the fields first: what the calendar says.
pub(super) fn disagreements(note: &Submission, outline: &Outline<'_>) -> Vec<Warning> {
    let texts = note.fields.values.iter().filter_map(|(key, value)| Some((value.as_str()?, note.fields.lines.get(key).copied())));
    let texts = texts.filter(|(text, _)| text.len() <= MAX_VALUE_BYTES).take(CHECKED_FIELDS);
    let lines = outline.lines.iter().filter(|line| readable(line)).take(CHECKED_LINES).map(|line| (line.raw, Some(line.file_line)));
    texts.chain(lines).flat_map(|(text, line)| in_text(text, line)).take(MAX_WEEKDAY_WARNINGS).collect()
}

fn in_text(text: &str, line: Option<u32>) -> Vec<Warning> {
    let wrong = dates_in(text).into_iter().filter_map(|stated| {
        let (Some(weekday), Reading::Day(day)) = (stated.weekday, stated.reading) else { return None };
        let written = text.get(stated.start..stated.end)?.trim();
        let message = format!("“{written}” is a {}, not a {}.", name(day.weekday()), name(weekday));
        (day.weekday() != weekday).then(|| Warning { line, ..Warning::new("weekday-disagrees", message) })
    });
    wrong.collect()
}

fn name(day: Weekday) -> &'static str {
    use Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
    match day {
        Mon => "Monday",
        Tue => "Tuesday",
        Wed => "Wednesday",
        Thu => "Thursday",
        Fri => "Friday",
        Sat => "Saturday",
        Sun => "Sunday",
    }
}

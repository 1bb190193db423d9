//! Tables of rows: CSV with its delimiter detected, JSON lines, a JSON list, or a spreadsheet. Every cell of a text stays as
//! it was written.
//!
//! A table is its text and where each row begins in it. All of it is read once, so that every problem is told at once;
//! then a row is read again when it is asked for, so that a long table takes hardly more memory than its file.

use super::{encoding, format, limits, spreadsheet};
use crate::failure::{Checked, Problem, Problems, Warning};

mod compact;
mod objects;
mod separated;
#[cfg(test)]
mod tests;

pub(super) use compact::{Form, Place, Records, in_sheet};
pub use compact::{Row, Table};

/// Reads a table.
///
/// # Errors
/// Every line that cannot be read; a format that is no table; a limit.
pub(super) fn read(name: &str, bytes: &[u8]) -> Checked<(Table, Vec<Warning>)> {
    if bytes.len() > limits::OWNED_BYTES {
        return Err(limits::too_large("The table", limits::OWNED_BYTES).into());
    }
    let ending = format::ending(name).unwrap_or_default();
    if let Some(problem) = no_table(&ending, bytes) {
        return Err(problem.into());
    }
    if spreadsheet::is_readable(&ending) {
        let (columns, records, warnings) = spreadsheet::read(bytes)?;
        return Ok((whole(name, columns, records)?, warnings.iter().map(|warning| in_table(name, warning)).collect()));
    }
    let decoded = encoding::decode(bytes);
    let first = decoded.text.trim_start().chars().next();
    let is_json = matches!(ending.as_str(), "json" | "jsonl" | "ndjson") || (first == Some('{') && ending != "csv");
    let warnings = decoded.warnings.iter().map(|warning| in_table(name, warning)).collect();
    let (columns, records) = if is_json { objects::read(decoded.text)? } else { separated::read(decoded.text)? };
    Ok((whole(name, columns, records)?, warnings))
}

/// The table, if it has a row.
fn whole(name: &str, columns: Vec<String>, records: Records) -> Checked<Table> {
    if records.places.is_empty() {
        let help = "Write at least one row below the names of the columns.";
        return Err(Problem::new("no-rows", "The table has no rows.", help).into());
    }
    Ok(Table::new(name, columns, records))
}

/// A warning about a table's line, told about the note that uses it.
fn in_table(name: &str, warning: &Warning) -> Warning {
    Warning::new(&warning.code, format!("{name}: {}", warning.message))
}

/// The problem of a file that is no table at all.
fn no_table(ending: &str, bytes: &[u8]) -> Option<Problem> {
    let is_text = matches!(ending, "" | "csv" | "tsv" | "tab" | "txt" | "json" | "jsonl" | "ndjson");
    if spreadsheet::is_readable(ending) || (is_text && format::binary(bytes).is_none()) {
        return None;
    }
    let other = || {
        Problem::new(
            "format-unknown",
            "This is no table that can be read: rows come from CSV, JSON lines, a JSON list, .xlsx or .ods.",
            "Open it in the program that made it, save it as .xlsx or CSV and name that file.",
        )
    };
    Some(spreadsheet::other_form(ending).unwrap_or_else(other))
}

/// What is wrong with a table's column names.
pub(super) fn check_columns(names: &[String]) -> Vec<Problem> {
    if names.len() > limits::COLUMNS {
        let message = format!("The table has {} columns and may have at most {}.", names.len(), limits::COLUMNS);
        return vec![Problem::new("too-many-columns", message, "Leave out the columns that the note does not use.")];
    }
    let mut problems = Vec::new();
    for (index, name) in names.iter().enumerate() {
        if name.is_empty() {
            let message = format!("Column {} has no name.", index + 1);
            problems.push(Problem::new("column-unnamed", message, "Write a name for each column into the table's first line."));
        } else if names[..index].contains(name) {
            let message = format!("Two columns are called `{name}`.");
            problems.push(Problem::new("duplicate-column", message, "Give one of the two another name."));
        }
    }
    problems
}

/// The problem of one row or cell more than a table may have; `None` while there is room.
pub(super) fn too_many(rows: usize, columns: usize) -> Option<Problem> {
    let message = if rows > limits::ROWS {
        format!("The table has more than {} rows, which is the limit.", limits::grouped(limits::ROWS))
    } else if rows.saturating_mul(columns) > limits::CELLS {
        format!("The table has more than {} cells, which is the limit.", limits::grouped(limits::CELLS))
    } else {
        return None;
    };
    Some(Problem::new("too-many-rows", message, "Split the table and make a batch of each part."))
}

/// Problems as they are found: as many as are told, the others counted.
#[derive(Debug, Default)]
pub(super) struct Found {
    told: Vec<Problem>,
    untold: usize,
}

impl Found {
    /// Takes one; it is worded only if it is told.
    pub(super) fn add(&mut self, problem: impl FnOnce() -> Problem) {
        if self.told.len() < limits::PROBLEMS { self.told.push(problem()) } else { self.untold += 1 }
    }

    /// Whether there is one.
    pub(super) fn is_any(&self) -> bool {
        !self.told.is_empty()
    }

    /// Whether there is no use in looking for more.
    pub(super) fn is_plenty(&self) -> bool {
        self.untold > 0
    }

    /// The result, or the problems.
    pub(super) fn none_or<T>(self, value: T) -> Checked<T> {
        Problems::none_or(limits::cut_short(self.told, self.untold), value)
    }
}

/// Names the line of a record that begins at byte `start` of `text`, and quotes it.
fn at_record(problem: Problem, text: &str, start: usize, line: u32) -> Problem {
    let column = problem.column;
    Problem { line: Some(line), ..problem.at(text.get(start..).unwrap_or_default(), 1, column) }
}

//! Merging: a row of a table is put into a note. The only place where a note is a template.
//!
//! Runs after the note was read: Tera goes over each text of the front matter and over the body with `row` alone,
//! so that nothing in a cell can become front matter, markup or code. No includes, no functions but `range`, no
//! loop within a loop; what a template may make is bounded. Pure: no file system, no clock.

use serde_json::{Map, Value};

use crate::failure::{Checked, Problem, Problems};
use crate::model::sha256_hex;
use crate::reading::{Format, OwnedFile, Row, Submission, Table, Use, glance};

mod engine;
mod repeats;
mod tags;

use engine::{Engine, Place};

pub use repeats::Repeats;

/// The file in which a merged note carries its row.
pub const ROW_FILE: &str = "row.json";

/// Text in all cells of one row, in bytes: expressions can repeat a cell, so it is bounded more tightly than files.
const MAX_ROW_BYTES: usize = 1 << 20;

/// Texts in a note's front matter over which Tera runs, within each other at most so deep.
const MAX_DEPTH: usize = 64;

/// Puts a row into a note.
///
/// The result's source is the note and this row only: its [`OwnedFile`]s lose the table and gain [`ROW_FILE`].
/// Cells print letter for letter: they are escaped for Markdown in the body and stand plain in fields.
///
/// # Errors
/// A template's slip at its line of the note; each empty or unknown cell that is used, by row and column.
pub fn merge(note: &Submission, table: &Table, row: &Row) -> Checked<Submission> {
    let cells = cells(table, row);
    check_size(&cells).map_err(|problems| table.place_all_in(problems, row))?;
    let mut engine = Engine::new(note, table, row, &cells);
    let mut merged = without_company(note);
    merged.fields.values.shift_remove("rows");
    for (key, value) in &mut merged.fields.values {
        merge_value(&mut engine, key, value, 0);
    }
    let place = if note.format == Format::Text { Place::PlainBody } else { Place::MarkdownBody };
    merged.body.text = engine.render(&note.body.text, note.body.first_line, place);
    Problems::none_or(engine.into_problems(), ())?;
    merged.company = company(note, &cells);
    Ok(merged)
}

/// A note without its table and its other files: those can be large, and there is a copy of the note for each row.
fn without_company(note: &Submission) -> Submission {
    Submission {
        name: note.name.clone(),
        format: note.format,
        text: note.text.clone(),
        fields: note.fields.clone(),
        body: note.body.clone(),
        rows: None,
        company: Vec::new(),
        source: note.source.clone(),
        modified: note.modified,
        folder: note.folder.clone(),
        warnings: note.warnings.clone(),
    }
}

/// What tells a row from the others of its table: its `id` cell, else a hash of its content.
pub fn row_key(table: &Table, row: &Row) -> String {
    let id = table.columns.iter().position(|column| column.eq_ignore_ascii_case("id")).and_then(|index| row.cells.get(index));
    match id.and_then(cell_text) {
        Some(id) => id.trim().to_owned(),
        None => sha256_hex(Value::Object(cells(table, row)).to_string().as_bytes())[..12].to_owned(),
    }
}

/// What people call a row: its cell in the column `name`, `recipient` or `to`, else in the first one; empty if that is.
pub fn row_name(table: &Table, row: &Row) -> String {
    let column = |name: &str| table.columns.iter().position(|column| column.trim().eq_ignore_ascii_case(name));
    let index = ["name", "recipient", "to"].into_iter().find_map(column).unwrap_or(0);
    row.cells.get(index).and_then(cell_text).map(|text| text.trim().to_owned()).unwrap_or_default()
}

/// A row by column name.
fn cells(table: &Table, row: &Row) -> Map<String, Value> {
    table.columns.iter().cloned().zip(row.cells.iter().cloned()).collect()
}

/// A cell's text; `None` if it is empty.
fn cell_text(cell: &Value) -> Option<String> {
    match cell {
        Value::Null => None,
        Value::String(text) => (!text.trim().is_empty()).then(|| text.clone()),
        other => Some(other.to_string()),
    }
}

fn check_size(cells: &Map<String, Value>) -> Checked<()> {
    let size: usize = cells.values().filter_map(cell_text).map(|text| text.len()).sum();
    if size <= MAX_ROW_BYTES {
        return Ok(());
    }
    let message = format!("The row's cells hold more than {} MiB of text.", MAX_ROW_BYTES >> 20);
    Err(Problem::new("row-too-large", message, "Shorten the cells, or put long texts into the note itself.").into())
}

/// Merges into each text of a field's value.
fn merge_value(engine: &mut Engine<'_>, path: &str, value: &mut Value, depth: usize) {
    match value {
        Value::String(text) => *text = engine.render_field(text, path),
        Value::Array(items) if depth < MAX_DEPTH => {
            for (index, item) in items.iter_mut().enumerate() {
                merge_value(engine, &format!("{path}.{index}"), item, depth + 1);
            }
        }
        Value::Object(map) if depth < MAX_DEPTH => {
            for (key, item) in map {
                merge_value(engine, &format!("{path}.{key}"), item, depth + 1);
            }
        }
        _ => {}
    }
}

/// The note's files without the table, with the row.
fn company(note: &Submission, cells: &Map<String, Value>) -> Vec<OwnedFile> {
    let mentions = glance(&note.name, &note.source).mentions;
    let as_table = |name: &str| mentions.iter().any(|mention| mention.used_as == Use::Rows && mention.name == name);
    let mut company: Vec<OwnedFile> = note.company.iter().filter(|file| !as_table(&file.name) && file.name != ROW_FILE).cloned().collect();
    let bytes = format!("{:#}\n", Value::Object(cells.clone())).into_bytes();
    company.push(OwnedFile { name: ROW_FILE.to_owned(), sha256: sha256_hex(&bytes), bytes });
    company
}

#[cfg(test)]
mod tests;

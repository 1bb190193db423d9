//! Pipe tables of a note, for finders: a header and rows of plain texts.

use crate::classification::fold::{fold, has_phrase, is_listed, listed};
use crate::classification::outline::{Kind, Line, Outline};

/// How many columns are looked at.
const MAX_COLUMNS: usize = 60;

/// A table.
pub(super) struct Table {
    /// Its header, folded for comparing.
    pub header: Vec<String>,
    /// Its rows, with the line of the note's file.
    pub rows: Vec<(u32, Vec<String>)>,
    /// Where it begins in the outline's lines.
    pub start: usize,
}

impl Table {
    /// The first column whose header has one of the names, whole or as a word.
    pub(super) fn column(&self, names: &'static str) -> Option<usize> {
        let whole = self.header.iter().position(|head| is_listed(names, head));
        whole.or_else(|| self.header.iter().position(|head| listed(names).any(|name| has_phrase(head, name))))
    }

    /// A cell's text, empty where the row is short.
    pub(super) fn cell(row: &[String], column: Option<usize>) -> &str {
        column.and_then(|column| row.get(column)).map_or("", String::as_str)
    }
}

/// All tables of a note: rows in a run, the second of which rules off the header.
pub(super) fn tables(outline: &Outline<'_>) -> Vec<Table> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < outline.lines.len() {
        let length = outline.lines[at..].iter().take_while(|line| line.kind == Kind::Row).count();
        if length >= 3 && is_delimiter(outline.lines[at + 1].raw) {
            let rows = &outline.lines[at..at + length];
            found.push(Table {
                header: cells(outline, &rows[0]).iter().map(|cell| fold(cell)).collect(),
                rows: rows[2..].iter().map(|row| (row.file_line, cells(outline, row))).collect(),
                start: at,
            });
        }
        at += length.max(1);
    }
    found
}

/// Whether a row is `|---|:--:|`.
fn is_delimiter(raw: &str) -> bool {
    raw.contains('-') && raw.chars().all(|c| matches!(c, '|' | '-' | ':' | ' ' | '\t'))
}

/// The plain cells of a row; `\|` is no border.
fn cells(outline: &Outline<'_>, row: &Line<'_>) -> Vec<String> {
    let text = row.raw.trim();
    let text = text.strip_prefix('|').unwrap_or(text);
    let text = text.strip_suffix('|').filter(|inner| !inner.ends_with('\\')).unwrap_or(text);
    let mut cells = vec![String::new()];
    let mut escaped = false;
    for c in text.chars() {
        if c == '|' && !escaped {
            if cells.len() == MAX_COLUMNS {
                break;
            }
            cells.push(String::new());
        } else if let Some(cell) = cells.last_mut() {
            cell.push(c);
        }
        escaped = c == '\\' && !escaped;
    }
    cells.iter().map(|cell| outline.plain_text(cell)).collect()
}

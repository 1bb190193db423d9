//! Tables whose cells are separated by a character: CSV and its kin.

use csv::{ReaderBuilder, StringRecord};
use serde_json::Value;

use super::compact::Place;
use super::{Form, Found, Records, at_record, check_columns, too_many};
use crate::failure::{Checked, Problem};

/// Records that are looked at to find the delimiter.
const SAMPLE_RECORDS: usize = 20;
/// Bytes that are looked at to find the delimiter.
const SAMPLE_BYTES: usize = 64 << 10;
/// Bytes that are read at once of a single row.
const ROW_BUFFER: usize = 1 << 10;

/// Reads column names and finds the rows.
///
/// # Errors
/// Every row that does not fit, every column that has no name of its own.
pub(super) fn read(text: String) -> Checked<(Vec<String>, Records)> {
    let (begin, delimiter) = dialect(&text);
    let mut walk = Walk { text: &text, found: Found::default(), columns: None, places: Vec::new() };
    let last = walk.walk(begin, delimiter);
    let Walk { mut found, columns, places, .. } = walk;
    if let Some((start, line)) = last.filter(|(start, _)| has_unclosed_quote(&text[*start..], delimiter)) {
        // That the swallowed rest does not fit is a consequence.
        found.told.retain(|other| other.line != Some(line));
        let help = "Close it, or write it twice (\"\") where it belongs to the text.";
        let problem = Problem::new("quote-unclosed", "A quotation mark opens in this row and is never closed.", help);
        found.add(|| at_record(problem, &text, start, line));
    }
    let records = Records { form: Form::Separated(delimiter), sheet: None, text, places };
    found.none_or((columns.unwrap_or_default(), records))
}

/// The cells of one record: as many as there are columns, if it has them.
pub(super) fn cells(record: &str, delimiter: u8, columns: usize) -> Vec<Value> {
    if let Some(cells) = plain_cells(record, delimiter, columns) {
        return cells;
    }
    // A reader takes a byte-order mark at its beginning for none of the text, but here one belongs to the cell.
    let source = std::io::Read::chain(&b"\n"[..], record.as_bytes());
    let mut reader = builder(delimiter).buffer_capacity(ROW_BUFFER).from_reader(source);
    let mut cells = StringRecord::new();
    let is_read = reader.read_record(&mut cells).unwrap_or(false);
    let cells = cells.iter().take(if is_read { columns } else { 0 });
    cells.map(|cell| Value::String(cell.to_owned())).collect()
}

/// The same of a record without quotation marks, which most are: setting up a reader takes longer than reading it.
fn plain_cells(record: &str, delimiter: u8, columns: usize) -> Option<Vec<Value>> {
    let line = record.strip_suffix('\n').unwrap_or(record);
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.is_empty() || line.contains(['"', '\n', '\r']) {
        return None;
    }
    Some(line.split(char::from(delimiter)).take(columns).map(|cell| Value::String(cell.to_owned())).collect())
}

fn builder(delimiter: u8) -> ReaderBuilder {
    let mut builder = ReaderBuilder::new();
    builder.has_headers(false).flexible(true).delimiter(delimiter);
    builder
}

/// The way over a table's text.
struct Walk<'a> {
    text: &'a str,
    found: Found,
    columns: Option<Vec<String>>,
    places: Vec<Place>,
}

impl Walk<'_> {
    /// Goes over all records; gives byte and line of the last one.
    fn walk(&mut self, begin: usize, delimiter: u8) -> Option<(usize, u32)> {
        let mut reader = builder(delimiter).from_reader(&self.text.as_bytes()[begin..]);
        // The line that names the delimiter is one of the file's.
        let first_line = u32::from(begin > 0);
        let mut record = StringRecord::new();
        let mut last = None;
        loop {
            let before = reader.position().clone();
            match reader.read_record(&mut record) {
                Ok(true) => {}
                Ok(false) => return last,
                Err(error) => {
                    let (start, line) = self.place(begin + before.byte() as usize, first_line + before.line() as u32);
                    let message = format!("This line cannot be read ({error}).");
                    let problem = || Problem::new("table-syntax", message, "Save the table again as CSV (UTF-8).");
                    self.found.add(|| at_record(problem(), self.text, start, line));
                    return last;
                }
            }
            let (start, line) = self.place(begin + before.byte() as usize, first_line + before.line() as u32);
            last = Some((start, line));
            if record.iter().any(|cell| !cell.trim().is_empty()) && !self.take(&record, start, line) {
                return None;
            }
        }
    }

    /// Where a record's first character stands: the reader counts blank lines before it as its own.
    fn place(&self, start: usize, line: u32) -> (usize, u32) {
        let blank = self.text.as_bytes()[start.min(self.text.len())..].iter().take_while(|byte| **byte == b'\n').count();
        (start + blank, line + blank as u32)
    }

    /// Takes a record that is not empty; false once there are too many.
    fn take(&mut self, record: &StringRecord, start: usize, line: u32) -> bool {
        let Some(columns) = &self.columns else {
            let names = names(record);
            for problem in check_columns(&names) {
                self.found.add(|| at_record(problem, self.text, start, line));
            }
            self.columns = Some(names);
            return true;
        };
        if let Some(problem) = too_many(self.places.len() + 1, columns.len()) {
            self.found.add(|| problem);
            return false;
        }
        if fits(record, columns.len()) {
            self.places.push(Place { start: start as u32, line });
        } else {
            self.found.add(|| at_record(ragged(record.len(), columns.len()), self.text, start, line));
        }
        true
    }
}

/// The names of the columns, without empty cells at the end.
fn names(record: &StringRecord) -> Vec<String> {
    let mut names: Vec<String> = record.iter().map(|cell| cell.trim().to_owned()).collect();
    while names.last().is_some_and(String::is_empty) {
        names.pop();
    }
    names
}

/// Whether a row has a cell for each column, and nothing beyond them.
fn fits(record: &StringRecord, columns: usize) -> bool {
    record.len() >= columns && record.iter().skip(columns).all(|cell| cell.trim().is_empty())
}

fn ragged(cells: usize, columns: usize) -> Problem {
    let cells = if cells == 1 { "one cell".to_owned() } else { format!("{cells} cells") };
    let message = format!("This row has {cells}, but the first line names {columns} columns.");
    let help = "Add or remove cells so that the row fits; put a text that holds the separator into quotation marks.";
    Problem::new("ragged-row", message, help)
}

/// Where the records begin, after the line `sep=;` that Excel writes, and the delimiter.
fn dialect(text: &str) -> (usize, u8) {
    let first = text.split('\n').next().unwrap_or("");
    if let Some(delimiter) = first.strip_prefix("sep=").filter(|rest| rest.len() == 1).and_then(|rest| rest.bytes().next()) {
        return ((first.len() + 1).min(text.len()), delimiter);
    }
    let mut end = text.len().min(SAMPLE_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let sample = &text[..end];
    // Of two that fit alike, the earlier is meant.
    let best = [b',', b';', b'\t', b'|'].into_iter().rev().max_by_key(|delimiter| fitness(sample, *delimiter));
    (0, best.unwrap_or(b','))
}

/// How well a delimiter fits: how many records have as many cells as the first, and how many that are.
fn fitness(sample: &str, delimiter: u8) -> (usize, usize) {
    let mut reader = builder(delimiter).from_reader(sample.as_bytes());
    let widths: Vec<usize> = reader.records().take(SAMPLE_RECORDS).map_while(Result::ok).map(|record| record.len()).collect();
    let Some(first) = widths.first().copied().filter(|width| *width > 1) else { return (0, 0) };
    let alike = widths.iter().filter(|width| **width == first).count();
    (alike * 100 / widths.len(), first)
}

/// Whether a quotation mark in the last record is never closed: it swallows the rest of the file.
fn has_unclosed_quote(record: &str, delimiter: u8) -> bool {
    let odd = record.matches('"').count() % 2 == 1;
    odd && (record.trim_start().starts_with('"') || record.contains(&format!("{}\"", char::from(delimiter))))
}

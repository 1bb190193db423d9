//! Tables of rows: CSV with its delimiter detected, JSON lines, or a JSON list. Every cell stays as it was written.

use csv::{ReaderBuilder, StringRecord};
use serde_json::Value;

use super::table_json;
use super::{Row, Table, encoding, format, limits};
use crate::failure::{Checked, Problem, Problems, Warning};

/// Records that are looked at to find the delimiter.
const SAMPLE_RECORDS: usize = 20;
/// Bytes that are looked at to find the delimiter.
const SAMPLE_BYTES: usize = 64 << 10;

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
    let decoded = encoding::decode(bytes);
    let first = decoded.text.trim_start().chars().next();
    let is_json = matches!(ending.as_str(), "json" | "jsonl" | "ndjson") || (first == Some('{') && ending != "csv");
    let (columns, rows) = if is_json { table_json::read(&decoded.text)? } else { read_csv(&decoded.text)? };
    if rows.is_empty() {
        let help = "Write at least one row below the names of the columns.";
        return Err(Problem::new("no-rows", "The table has no rows.", help).into());
    }
    let warnings = decoded.warnings.into_iter().map(|warning| in_table(name, &warning)).collect();
    Ok((Table { name: name.to_owned(), columns, rows }, warnings))
}

/// A warning about a table's line, told about the note that uses it.
fn in_table(name: &str, warning: &Warning) -> Warning {
    Warning::new(&warning.code, format!("{name}: {}", warning.message))
}

/// The problem of a file that is a spreadsheet or the like.
fn no_table(ending: &str, bytes: &[u8]) -> Option<Problem> {
    let readable = matches!(ending, "" | "csv" | "tsv" | "tab" | "txt" | "json" | "jsonl" | "ndjson");
    if readable && format::binary(bytes).is_none() {
        return None;
    }
    Some(Problem::new(
        "format-unknown",
        "This is no table that can be read: rows come from CSV, JSON lines or a JSON list.",
        "Open it in the program that made it, save it as CSV and name that file under `rows:`.",
    ))
}

fn read_csv(text: &str) -> Checked<(Vec<String>, Vec<Row>)> {
    let (text, line_offset, delimiter) = dialect(text);
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let mut problems = Vec::new();
    let mut columns: Option<Vec<String>> = None;
    let mut rows = Vec::new();
    let (mut record, mut start) = (StringRecord::new(), 0);
    loop {
        let line = reader.position().line() as u32;
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                problems.push(unreadable(&error).at(text, line, None));
                break;
            }
        }
        let position = record.position().map_or((line, start), |position| (position.line() as u32, position.byte() as usize));
        start = position.1;
        let line = line_of_record(text, position);
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        match &columns {
            None => columns = Some(header(&record, line, text, &mut problems)),
            Some(columns) if rows.len() == limits::ROWS || rows.len() * columns.len() > limits::CELLS => {
                problems.push(too_many_rows());
                break;
            }
            Some(columns) => match row(&record, columns.len()) {
                Ok(cells) => rows.push(Row { line: line + line_offset, cells }),
                Err(found) => problems.extend(found.into_vec().into_iter().map(|problem| problem.at(text, line, None))),
            },
        }
    }
    if let Some(problem) = unclosed_quote(text, start, delimiter) {
        // That the swallowed rest does not fit is a consequence.
        problems.retain(|other| other.line != problem.line);
        problems.push(problem);
    }
    let mut problems = limits::cut_short(problems);
    problems.iter_mut().for_each(|problem| problem.line = problem.line.map(|line| line + line_offset));
    Problems::none_or(problems, (columns.unwrap_or_default(), rows))
}

/// The line where a record's first character stands: the reader counts blank lines before it as its own.
fn line_of_record(text: &str, (line, byte): (u32, usize)) -> u32 {
    let blank = text[byte.min(text.len())..].bytes().take_while(|byte| *byte == b'\n').count();
    line + blank as u32
}

/// The text without the line `sep=;` that Excel writes, how many lines that took, and the delimiter.
fn dialect(text: &str) -> (&str, u32, u8) {
    let first = text.lines().next().unwrap_or("");
    if let Some(delimiter) = first.strip_prefix("sep=").filter(|rest| rest.len() == 1).and_then(|rest| rest.bytes().next()) {
        return (text.split_once('\n').map_or("", |(_, rest)| rest), 1, delimiter);
    }
    let mut end = text.len().min(SAMPLE_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let sample = &text[..end];
    // Of two that fit alike, the earlier is meant.
    let best = [b',', b';', b'\t', b'|'].into_iter().rev().max_by_key(|delimiter| fitness(sample, *delimiter));
    (text, 0, best.unwrap_or(b','))
}

/// How well a delimiter fits: how many records have as many cells as the first, and how many that are.
fn fitness(sample: &str, delimiter: u8) -> (usize, usize) {
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(sample.as_bytes());
    let widths: Vec<usize> = reader.records().take(SAMPLE_RECORDS).map_while(Result::ok).map(|record| record.len()).collect();
    let Some(first) = widths.first().copied().filter(|width| *width > 1) else { return (0, 0) };
    let alike = widths.iter().filter(|width| **width == first).count();
    (alike * 100 / widths.len(), first)
}

fn header(record: &StringRecord, line: u32, text: &str, problems: &mut Vec<Problem>) -> Vec<String> {
    let mut names: Vec<String> = record.iter().map(|cell| cell.trim().to_owned()).collect();
    while names.last().is_some_and(String::is_empty) {
        names.pop();
    }
    problems.extend(check_columns(&names).into_iter().map(|problem| problem.at(text, line, None)));
    names
}

/// What is wrong with a table's column names.
pub(super) fn check_columns(names: &[String]) -> Vec<Problem> {
    let mut problems = Vec::new();
    if names.len() > limits::COLUMNS {
        let message = format!("The table has {} columns and may have at most {}.", names.len(), limits::COLUMNS);
        return vec![Problem::new("too-many-columns", message, "Leave out the columns that the note does not use.")];
    }
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

/// The cells of a row, as many as there are columns.
fn row(record: &StringRecord, width: usize) -> Checked<Vec<Value>> {
    let extra = record.iter().skip(width).any(|cell| !cell.trim().is_empty());
    if record.len() < width || extra {
        let cells = if record.len() == 1 { "one cell".to_owned() } else { format!("{} cells", record.len()) };
        let message = format!("This row has {cells}, but the first line names {width} columns.");
        let help = "Add or remove cells so that the row fits; put a text that holds the separator into quotation marks.";
        return Err(Problem::new("ragged-row", message, help).into());
    }
    Ok(record.iter().take(width).map(|cell| Value::String(cell.to_owned())).collect())
}

/// The problem of one row more than a table may have.
pub(super) fn too_many_rows() -> Problem {
    let message = format!("The table has more than {} rows or {} cells.", limits::ROWS, limits::CELLS);
    Problem::new("too-many-rows", message, "Split the table and make a batch of each part.")
}

fn unreadable(error: &csv::Error) -> Problem {
    Problem::new("table-syntax", format!("This line cannot be read ({error})."), "Save the table again as CSV (UTF-8).")
}

/// A quotation mark in the last record that is never closed swallows the rest of the file.
fn unclosed_quote(text: &str, start: usize, delimiter: u8) -> Option<Problem> {
    let record = text.get(start..)?;
    let odd = record.matches('"').count() % 2 == 1;
    let opened = record.trim_start().starts_with('"') || record.contains(&format!("{}\"", char::from(delimiter)));
    let line = text[..start].matches('\n').count() as u32 + 1;
    let line = line_of_record(text, (line, start));
    (odd && opened).then(|| {
        let help = "Close it, or write it twice (\"\") where it belongs to the text.";
        Problem::new("quote-unclosed", "A quotation mark opens in this row and is never closed.", help).at(text, line, None)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: &str, text: &str) -> Table {
        read(name, text.as_bytes()).unwrap_or_else(|problems| panic!("{problems}")).0
    }

    fn wrong(name: &str, text: &str) -> Vec<(String, Option<u32>)> {
        let problems = read(name, text.as_bytes()).expect_err("problems").into_vec();
        problems.into_iter().map(|problem| (problem.code, problem.line)).collect()
    }

    fn lines(table: &Table) -> Vec<u32> {
        table.rows.iter().map(|row| row.line).collect()
    }

    #[test]
    fn delimiters_are_detected_and_rows_keep_their_lines() {
        for (text, columns) in [
            ("a;b\n1,5;2\n\n3;\"x\ny\"\n5;6\n", 2),
            ("a\tb\n1,5\t2\n\n3\t\"x\ny\"\n5\t6\n", 2),
            ("a|b\n1|2\n\n3|\"x\ny\"\n5|6\n", 2),
            ("name\n1\n\n\"x\ny\"\n5\n", 1),
        ] {
            let table = table("t.csv", text);
            assert_eq!((table.columns.len(), lines(&table)), (columns, vec![2, 4, 6]), "{text:?}");
        }
        let table = table("t.csv", "sep=;\na;b\n1;2,3\n;\n4;5;;\n");
        assert_eq!((table.columns, table.rows[0].cells[1].as_str()), (vec!["a".to_owned(), "b".to_owned()], Some("2,3")));
        assert_eq!(table.rows.iter().map(|row| row.line).collect::<Vec<_>>(), [3, 5]);
    }

    #[test]
    fn every_line_that_does_not_fit_is_told() {
        let ragged = "ragged-row".to_owned();
        assert_eq!(wrong("t.csv", "a,b\n1,2\n3\n4,5,6\n7,8\n"), [(ragged.clone(), Some(3)), (ragged.clone(), Some(4))]);
        assert_eq!(wrong("t.csv", "sep=;\na;b\n1\n"), [(ragged.clone(), Some(3))]);
        assert_eq!(wrong("t.csv", "a,,b,a\n1,2,3,4\n"), [("column-unnamed".to_owned(), Some(1)), ("duplicate-column".to_owned(), Some(1))]);
        assert_eq!(wrong("t.csv", "a,b\n1,2\n3,\"open\n4,5\n").last(), Some(&("quote-unclosed".to_owned(), Some(3))));
        assert_eq!(wrong("t.csv", "a,b\n"), [("no-rows".to_owned(), None)]);
        assert_eq!(wrong("t.xlsx", "PK"), [("format-unknown".to_owned(), None)]);
        assert_eq!(wrong("t.jsonl", "{\"a\": 1}\n[2]\n{\"a\": \n"), [(ragged, Some(2)), ("data-syntax".to_owned(), Some(3))]);
    }

    #[test]
    fn json_rows_have_the_columns_of_all() {
        for (name, text) in [("t.jsonl", "{\"a\": 1.50}\n\n{\"b\": \"x\"}\n"), ("t.json", "[{\"a\": 1.50},\n\n{\"b\": \"x\"}]")] {
            let table = table(name, text);
            assert_eq!(table.columns, ["a", "b"]);
            assert_eq!(lines(&table), [1, 3]);
            assert_eq!(table.rows[0].cells, [Value::String("1.50".to_owned()), Value::Null]);
        }
    }
}

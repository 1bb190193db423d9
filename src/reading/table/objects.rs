//! Rows out of JSON: one object per line, or a list of objects.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::compact::Place;
use super::{Form, Found, Records, at_record, check_columns, too_many};
use crate::failure::{Checked, Problem};
use crate::reading::json::{self, Json};
use crate::reading::limits;
use crate::reading::tree::{Tree, clean};

/// Finds the rows; a column is any name that some row has, and a row without it has an empty cell.
///
/// # Errors
/// Every line that is no object.
pub(super) fn read(text: String) -> Checked<(Vec<String>, Records)> {
    let mut walk = Walk { text: &text, found: Found::default(), columns: Vec::new(), known: HashSet::new(), places: Vec::new() };
    if text.trim_start().starts_with('[') {
        walk.list()
    } else {
        walk.lines()
    }
    let Walk { mut found, columns, places, .. } = walk;
    let whole = check_columns(&columns).into_iter().chain(too_many(places.len(), columns.len()).filter(|_| places.len() <= limits::ROWS));
    whole.for_each(|problem| found.add(|| problem));
    found.none_or((columns, Records { form: Form::Object, sheet: None, text, places }))
}

/// The cells of the object with which `record` begins, one for each column; none if it begins with no object.
pub(super) fn cells(record: &str, columns: &[String]) -> Vec<Value> {
    let mut object = cleaned(json::first_object(record).unwrap_or_default());
    columns.iter().map(|column| object.get_mut(column).map_or(Value::Null, Value::take)).collect()
}

/// The way over a table's text.
struct Walk<'a> {
    text: &'a str,
    found: Found,
    columns: Vec<String>,
    known: HashSet<String>,
    places: Vec<Place>,
}

impl Walk<'_> {
    fn lines(&mut self) {
        let mut start = 0;
        for (number, line) in (1..).zip(self.text.split('\n')) {
            let here = start;
            start += line.len() + 1;
            if line.trim().is_empty() {
                continue;
            }
            match json::read_row(line) {
                Json::Mapping(Tree { values, problems, .. }) => {
                    for problem in problems {
                        self.found.add(|| at_record(problem, self.text, here, number));
                    }
                    if !self.take(here, number, values) {
                        return;
                    }
                }
                Json::Other(_) => self.found.add(|| at_record(no_object(), self.text, here, number)),
            }
            if self.found.is_plenty() {
                return;
            }
        }
    }

    fn list(&mut self) {
        let text = self.text;
        let read = json::each_item(text, |start, line, item| match item {
            Value::Object(object) => self.take(start, line, object),
            _ => {
                self.found.add(|| at_record(no_object(), text, start, line));
                !self.found.is_plenty()
            }
        });
        for problem in read.err().unwrap_or_default() {
            let (line, column) = (problem.line.unwrap_or(1), problem.column);
            self.found.add(|| problem.at(text, line, column));
        }
    }

    /// Takes a row; false if there are too many.
    fn take(&mut self, start: usize, line: u32, object: Map<String, Value>) -> bool {
        if let Some(problem) = too_many(self.places.len() + 1, 0) {
            self.found.add(|| problem);
            return false;
        }
        for name in cleaned(object).into_iter().map(|(name, _)| name) {
            if self.columns.len() <= limits::COLUMNS && !self.known.contains(&name) {
                self.known.insert(name.clone());
                self.columns.push(name);
            }
        }
        self.places.push(Place { start: start as u32, line });
        true
    }
}

fn cleaned(object: Map<String, Value>) -> Map<String, Value> {
    object.into_iter().map(|(key, value)| (key.trim().to_owned(), clean(value))).collect()
}

fn no_object() -> Problem {
    let help = "Write each row as `{\"column\": \"text\", …}`.";
    Problem::new("ragged-row", "This row is no object with named cells.", help)
}

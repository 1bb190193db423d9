//! Rows out of JSON: one object per line, or a list of objects.

use serde_json::{Map, Value};

use super::json::{self, Json};
use super::table::{check_columns, too_many_rows};
use super::tree::{Tree, clean};
use super::{Row, limits};
use crate::failure::{Checked, Problem, Problems};

/// Reads rows; a column is any name that some row has, and a row without it has an empty cell.
///
/// # Errors
/// Every line that is no object.
pub(super) fn read(text: &str) -> Checked<(Vec<String>, Vec<Row>)> {
    let mut problems = Vec::new();
    let objects = if text.trim_start().starts_with('[') { list(text, &mut problems) } else { lines(text, &mut problems) };
    let mut columns: Vec<String> = Vec::new();
    let mut known = std::collections::HashSet::new();
    for (_, object) in &objects {
        columns.extend(object.keys().filter(|key| known.insert((*key).clone())).cloned());
        if columns.len() > limits::COLUMNS {
            break;
        }
    }
    problems.extend(check_columns(&columns));
    let problems = limits::cut_short(problems);
    let rows = objects.into_iter().map(|(line, mut object)| {
        let cells = columns.iter().map(|column| object.get_mut(column).map_or(Value::Null, Value::take)).collect();
        Row { line, cells }
    });
    let rows = if problems.is_empty() { rows.collect() } else { Vec::new() };
    Problems::none_or(problems, (columns, rows))
}

fn lines(text: &str, problems: &mut Vec<Problem>) -> Vec<(u32, Map<String, Value>)> {
    let mut objects = Vec::new();
    for (number, line) in (1..).zip(text.split('\n')) {
        if line.trim().is_empty() {
            continue;
        }
        if objects.len() == limits::ROWS {
            problems.push(too_many_rows());
            break;
        }
        match json::read(line) {
            Json::Mapping(Tree { values, problems: found, .. }) => {
                problems.extend(found.into_iter().map(|problem| {
                    let column = problem.column;
                    problem.at(text, number, column)
                }));
                objects.push((number, cleaned(values)));
            }
            Json::Other(_) => problems.push(no_object().at(text, number, None)),
        }
        if problems.len() > limits::PROBLEMS {
            break;
        }
    }
    objects
}

fn list(text: &str, problems: &mut Vec<Problem>) -> Vec<(u32, Map<String, Value>)> {
    let items = match json::read_list(text) {
        Ok(list) => list,
        Err(found) => {
            problems.extend(found.into_iter().map(|problem| match (problem.line, problem.column) {
                (Some(line), column) => problem.at(text, line, column),
                _ => problem,
            }));
            return Vec::new();
        }
    };
    if items.len() > limits::ROWS {
        problems.push(too_many_rows());
        return Vec::new();
    }
    let mut objects = Vec::new();
    for (line, item) in items {
        match item {
            Value::Object(object) => objects.push((line, cleaned(object))),
            _ => problems.push(no_object().at(text, line, None)),
        }
    }
    objects
}

fn cleaned(object: Map<String, Value>) -> Map<String, Value> {
    object.into_iter().map(|(key, value)| (key.trim().to_owned(), clean(value))).collect()
}

fn no_object() -> Problem {
    let help = "Write each row as `{\"column\": \"text\", …}`.";
    Problem::new("ragged-row", "This row is no object with named cells.", help)
}

//! What front matter or a data file holds, whatever it is written in: fields with their lines, and what was wrong.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::characters::clean_value;
use super::limits;
use crate::failure::{Problem, Warning};

/// The fields of a file, as far as they could be read, with every problem that was found.
#[derive(Debug, Default)]
pub(super) struct Tree {
    /// The values in the order in which they were written.
    pub(super) values: Map<String, Value>,
    /// The line of the file (from 1) of each key; a nested one as `people.0.name`.
    pub(super) lines: BTreeMap<String, u32>,
    /// The line where the text of `body` begins.
    pub(super) body_line: Option<u32>,
    /// What was absorbed.
    pub(super) warnings: Vec<Warning>,
    /// What has to be mended.
    pub(super) problems: Vec<Problem>,
}

/// Counts values while a tree is built, so that a small file cannot become a large one.
#[derive(Debug)]
pub(super) struct Count {
    left: usize,
}

impl Count {
    /// Counts up to a limit.
    pub(super) fn up_to(limit: usize) -> Self {
        Self { left: limit }
    }

    /// Counts some more; false once there are too many.
    pub(super) fn add(&mut self, values: usize) -> bool {
        let left = self.left.checked_sub(values);
        self.left = left.unwrap_or(0);
        left.is_some()
    }
}

/// The problem of more values than a file may hold.
pub(super) fn too_many_values() -> Problem {
    Problem::new(
        "too-many-values",
        format!("The data holds more than {} values.", limits::VALUES),
        "Put long lists into a table of their own (CSV) and name it with `rows:`; references (`*name`) count each time.",
    )
}

/// The problem of data nested too deep.
pub(super) fn too_deep() -> Problem {
    Problem::new(
        "too-deep",
        format!("Lists and mappings stand within each other more than {} deep.", limits::DEPTH),
        "Write the data flatter: a document needs two or three levels.",
    )
}

/// The problem of a name that stands twice, at its second place; `first` is the line of the other.
pub(super) fn duplicate(key: &str, first: Option<u32>) -> Problem {
    let before = first.map_or(String::new(), |line| format!(" (already in line {line})"));
    Problem::new(
        "duplicate-key",
        format!("`{key}` stands here a second time{before}; only one of the two can count."),
        "Delete one of the two lines, or give it another name.",
    )
}

/// `people` and `0` make `people.0`.
pub(super) fn join_path(path: &str, step: &str) -> String {
    if path.is_empty() { step.to_owned() } else { format!("{path}.{step}") }
}

/// Cleans every text in a value of characters that cannot be printed.
pub(super) fn clean(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(clean_value(text)),
        Value::Array(items) => Value::Array(items.into_iter().map(clean).collect()),
        Value::Object(map) => Value::Object(map.into_iter().map(|(key, value)| (clean_value(key), clean(value))).collect()),
        other => other,
    }
}

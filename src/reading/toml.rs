//! TOML: front matter between `+++` and data files. Every error at once; dates, times and numbers as written.

use std::borrow::Cow;

use serde_json::{Map, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue, Error};

use super::limits;
use super::scalar::bare;
use super::tree::{self, Count, Tree, join_path};
use crate::failure::Problem;

/// Reads TOML that begins at line `first_line` of the file.
pub(super) fn read(source: &str, first_line: u32) -> Tree {
    let (table, mut errors) = DeTable::parse_recoverable(source);
    if errors.is_empty() {
        // Some numbers are looked at only when they are made.
        errors.extend(source.parse::<toml::Table>().err());
    }
    let mut builder = Builder { lines: Lines::new(source, first_line), source, count: Count::up_to(limits::VALUES), tree: Tree::default() };
    builder.tree.problems = errors.iter().take(limits::PROBLEMS + 1).map(|error| builder.problem(error)).collect();
    builder.tree.values = builder.table(table.get_ref(), "", 0);
    builder.tree
}

struct Builder<'a> {
    source: &'a str,
    lines: Lines,
    count: Count,
    tree: Tree,
}

impl Builder<'_> {
    fn table(&mut self, table: &DeTable<'_>, path: &str, depth: usize) -> Map<String, Value> {
        let mut map = Map::new();
        for (key, value) in table {
            let path = join_path(path, key.get_ref());
            self.tree.lines.insert(path.clone(), self.lines.place(self.source, key.span().start).0);
            if depth == 0 && path == "body" {
                self.tree.body_line = Some(self.body_line(value));
            }
            map.insert(key.get_ref().clone().into_owned(), self.value(value, &path, depth + 1));
        }
        map
    }

    /// The line where a text begins; a `"""` alone in its line is not yet part of it.
    fn body_line(&self, value: &Spanned<DeValue<'_>>) -> u32 {
        let span = value.span();
        let opened = self.source.get(span.clone()).is_some_and(|text| text.starts_with("\"\"\"\n") || text.starts_with("'''\n"));
        self.lines.place(self.source, span.start).0 + u32::from(opened)
    }

    fn value(&mut self, value: &Spanned<DeValue<'_>>, path: &str, depth: usize) -> Value {
        if depth > limits::DEPTH || !self.count.add(1) {
            let problem = if depth > limits::DEPTH { tree::too_deep() } else { tree::too_many_values() };
            if self.tree.problems.iter().all(|other| other.code != problem.code) {
                let (line, column) = self.lines.place(self.source, value.span().start);
                self.tree.problems.push(Problem { line: Some(line), column: Some(column), ..problem });
            }
            return Value::Null;
        }
        match value.get_ref() {
            DeValue::String(text) => Value::String(text.clone().into_owned()),
            DeValue::Boolean(value) => Value::Bool(*value),
            DeValue::Integer(_) | DeValue::Float(_) | DeValue::Datetime(_) => {
                self.source.get(value.span()).map_or(Value::Null, |written| bare(written.trim()))
            }
            DeValue::Array(items) => {
                let items = items.iter().enumerate().map(|(index, item)| {
                    let path = join_path(path, &index.to_string());
                    self.tree.lines.insert(path.clone(), self.lines.place(self.source, item.span().start).0);
                    self.value(item, &path, depth + 1)
                });
                Value::Array(items.collect())
            }
            DeValue::Table(table) => Value::Object(self.table(table, path, depth)),
        }
    }

    fn problem(&self, error: &Error) -> Problem {
        let words = error.message();
        let (code, message, help) = if words.contains("duplicate key") {
            (
                "duplicate-key",
                Cow::Borrowed("This name stands here a second time; only one of the two can count."),
                "Delete one of the two lines, or give it another name.",
            )
        } else if words.contains("recursion limit") {
            return tree::too_deep();
        } else {
            let message = Cow::Owned(format!("This cannot be understood as TOML: {}.", words.lines().next().unwrap_or("syntax")));
            ("front-matter-syntax", message, "Write `name = \"text\"`: an equals sign between name and value, text in quotation marks.")
        };
        let mut problem = Problem::new(code, message, help);
        if let Some(span) = error.span() {
            let (line, column) = self.lines.place(self.source, span.start);
            (problem.line, problem.column) = (Some(line), Some(column));
        }
        problem
    }
}

/// Where the lines of a text begin: byte offsets to lines and columns.
pub(super) struct Lines {
    starts: Vec<usize>,
    first_line: u32,
}

impl Lines {
    /// For a text that begins at line `first_line` of its file.
    pub(super) fn new(text: &str, first_line: u32) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { starts, first_line }
    }

    /// The line of the file and the column in characters, both from 1, of a byte of `text`.
    pub(super) fn place(&self, text: &str, byte: usize) -> (u32, u32) {
        let index = self.starts.partition_point(|start| *start <= byte).saturating_sub(1);
        let start = self.starts[index];
        let column = text.get(start..byte).map_or(0, |before| before.chars().count());
        (self.first_line + index as u32, column as u32 + 1)
    }
}

//! JSON data files. serde_json judges the syntax; the values are then picked out of the text that it found good,
//! because only so numbers stay as written, duplicate names are seen and each key keeps its line.

use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use super::limits;
use super::scalar::bare;
use super::toml::Lines;
use super::tree::{self, Count, Tree, join_path};
use crate::failure::Problem;

/// A JSON text's top level.
pub(super) enum Json {
    Mapping(Tree),
    /// A list, text, number or truth value: no document.
    Other(Tree),
}

/// Reads a whole JSON text.
pub(super) fn read(source: &str) -> Json {
    let mut walker = Walker::new(source, limits::VALUES, limits::DEPTH);
    if let Err(error) = serde_json::from_str::<IgnoredAny>(source) {
        walker.tree.problems.push(syntax(&error));
        return Json::Mapping(walker.tree);
    }
    match walker.value("", 0) {
        Value::Object(values) => {
            walker.tree.values = values;
            Json::Mapping(walker.tree)
        }
        _ => Json::Other(walker.tree),
    }
}

/// Reads a JSON list of rows: each with its line.
///
/// # Errors
/// What is wrong with its syntax; anything but a list.
pub(super) fn read_list(source: &str) -> Result<Vec<(u32, Value)>, Vec<Problem>> {
    let mut walker = Walker::new(source, limits::CELLS, 1);
    if let Err(error) = serde_json::from_str::<IgnoredAny>(source) {
        return Err(vec![syntax(&error)]);
    }
    let value = walker.value("", 0);
    let Walker { tree: Tree { lines, problems, .. }, .. } = walker;
    match value {
        Value::Array(items) if problems.is_empty() => {
            let line = |index: usize| lines.get(&index.to_string()).copied().unwrap_or(1);
            Ok(items.into_iter().enumerate().map(|(index, item)| (line(index), item)).collect())
        }
        _ => Err(problems),
    }
}

fn syntax(error: &serde_json::Error) -> Problem {
    let words = error.to_string();
    let words = words.split(" at line ").next().unwrap_or("syntax");
    let help = "Check quotation marks, commas and brackets at this place: `{\"title\": \"…\", \"date\": \"…\"}`, no comma after the last.";
    let mut problem = Problem::new("data-syntax", format!("This cannot be understood as JSON: {words}."), help);
    problem.line = Some(error.line().max(1) as u32);
    problem.column = Some(error.column().max(1) as u32);
    problem
}

/// Walks over text that is known to be JSON.
struct Walker<'a> {
    source: &'a str,
    at: usize,
    lines: Lines,
    count: Count,
    tree: Tree,
    /// Lines are kept of keys that stand less deep than this.
    lines_to: usize,
    gave_up: bool,
}

impl<'a> Walker<'a> {
    fn new(source: &'a str, values: usize, lines_to: usize) -> Self {
        let (lines, count) = (Lines::new(source, 1), Count::up_to(values));
        Self { source, at: 0, lines, count, tree: Tree::default(), lines_to, gave_up: false }
    }

    fn value(&mut self, path: &str, depth: usize) -> Value {
        self.blank();
        if depth > limits::DEPTH || !self.count.add(1) {
            if !self.gave_up {
                let problem = if depth > limits::DEPTH { tree::too_deep() } else { tree::too_many_values() };
                self.report(problem);
            }
            self.gave_up = true;
            return Value::Null;
        }
        match self.peek() {
            b'{' => self.object(path, depth),
            b'[' => self.array(path, depth),
            b'"' => Value::String(self.text()),
            _ => match self.word() {
                "null" => Value::Null,
                word => bare(word),
            },
        }
    }

    fn object(&mut self, path: &str, depth: usize) -> Value {
        let mut map = Map::new();
        self.at += 1;
        while !self.gave_up {
            self.blank();
            match self.peek() {
                b'"' => {}
                b',' => {
                    self.at += 1;
                    continue;
                }
                _ => {
                    self.at += 1;
                    break;
                }
            }
            let (start, key) = (self.at, self.text());
            let path = join_path(path, &key);
            self.blank();
            self.at += 1;
            if map.contains_key(&key) {
                let first = self.tree.lines.get(&path).copied();
                let after = std::mem::replace(&mut self.at, start);
                self.report(tree::duplicate(&key, first));
                self.at = after;
                self.value(&format!("{path} (again)"), depth + 1);
                continue;
            }
            let line = self.lines.place(self.source, start).0;
            if depth < self.lines_to {
                self.tree.lines.insert(path.clone(), line);
            }
            if depth == 0 && key == "body" {
                self.tree.body_line = Some(line);
            }
            let value = self.value(&path, depth + 1);
            map.insert(key, value);
        }
        Value::Object(map)
    }

    fn array(&mut self, path: &str, depth: usize) -> Value {
        let mut items = Vec::new();
        self.at += 1;
        while !self.gave_up {
            self.blank();
            match self.peek() {
                b',' => self.at += 1,
                b']' | 0 => {
                    self.at += 1;
                    break;
                }
                _ => {
                    let path = join_path(path, &items.len().to_string());
                    if depth < self.lines_to {
                        self.tree.lines.insert(path.clone(), self.lines.place(self.source, self.at).0);
                    }
                    let value = self.value(&path, depth + 1);
                    items.push(value);
                }
            }
        }
        Value::Array(items)
    }

    fn text(&mut self) -> String {
        let start = self.at;
        let bytes = self.source.as_bytes();
        self.at += 1;
        while self.at < bytes.len() && bytes[self.at] != b'"' {
            self.at += if bytes[self.at] == b'\\' { 2 } else { 1 };
        }
        self.at = (self.at + 1).min(bytes.len());
        let written = self.source.get(start..self.at).unwrap_or("\"\"");
        serde_json::from_str(written).unwrap_or_else(|_| {
            let after = std::mem::replace(&mut self.at, start);
            self.report(Problem::new(
                "data-syntax",
                "This text has a `\\u` escape that is no character.",
                "Write the character itself instead of its number.",
            ));
            self.at = after;
            written.trim_matches('"').to_owned()
        })
    }

    fn word(&mut self) -> &str {
        let rest = &self.source[self.at..];
        let length = rest.find([',', ']', '}', ' ', '\n', '\t', '\r']).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    fn blank(&mut self) {
        while matches!(self.peek(), b' ' | b'\n' | b'\t' | b'\r') {
            self.at += 1;
        }
    }

    /// The byte at hand; NUL at the end.
    fn peek(&self) -> u8 {
        self.source.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    fn report(&mut self, problem: Problem) {
        if self.tree.problems.len() <= limits::PROBLEMS {
            let (line, column) = self.lines.place(self.source, self.at);
            self.tree.problems.push(Problem { line: Some(line), column: Some(column), ..problem });
        }
    }
}

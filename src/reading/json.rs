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
    read_to(source, limits::DEPTH)
}

fn read_to(source: &str, lines_to: usize) -> Json {
    let mut walker = Walker::new(source, limits::VALUES, lines_to);
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

/// Reads a JSON text that is one row of a table: no key keeps its line.
pub(super) fn read_row(source: &str) -> Json {
    read_to(source, 0)
}

/// The object with which a text begins, whatever comes after it.
pub(super) fn first_object(source: &str) -> Option<Map<String, Value>> {
    serde_json::Deserializer::from_str(source).into_iter::<IgnoredAny>().next()?.ok()?;
    match Walker::new(source, limits::VALUES, 0).value("", 0) {
        Value::Object(object) => Some(object),
        _ => None,
    }
}

/// Goes over the items of a JSON list: `take` is handed each with the byte and the line where it begins, until it says no.
///
/// # Errors
/// What is wrong with its syntax, or within its items.
pub(super) fn each_item(source: &str, mut take: impl FnMut(usize, u32, Value) -> bool) -> Result<(), Vec<Problem>> {
    let mut walker = Walker::new(source, limits::VALUES, 0);
    if let Err(error) = serde_json::from_str::<IgnoredAny>(source) {
        return Err(vec![syntax(&error)]);
    }
    walker.blank();
    walker.at += 1;
    let (mut line, mut counted) = (1, 0);
    while walker.next_item() {
        line += source[counted..walker.at].matches('\n').count() as u32;
        counted = walker.at;
        walker.count = Count::up_to(limits::VALUES);
        let item = walker.value("", 1);
        if walker.gave_up || !take(counted, line, item) {
            break;
        }
    }
    let problems = walker.tree.problems;
    if problems.is_empty() { Ok(()) } else { Err(problems) }
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
    /// Where lines begin, once somebody has asked.
    lines: Option<Lines>,
    count: Count,
    tree: Tree,
    /// Lines are kept of keys that stand less deep than this.
    lines_to: usize,
    gave_up: bool,
}

impl<'a> Walker<'a> {
    fn new(source: &'a str, values: usize, lines_to: usize) -> Self {
        let count = Count::up_to(values);
        Self { source, at: 0, lines: None, count, tree: Tree::default(), lines_to, gave_up: false }
    }

    /// Line and column of a byte, both from 1.
    fn place(&mut self, byte: usize) -> (u32, u32) {
        self.lines.get_or_insert_with(|| Lines::new(self.source, 1)).place(self.source, byte)
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
            let path = if self.lines_to > 0 { join_path(path, &key) } else { String::new() };
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
            if depth < self.lines_to {
                let line = self.place(start).0;
                self.tree.lines.insert(path.clone(), line);
                if depth == 0 && key == "body" {
                    self.tree.body_line = Some(line);
                }
            }
            let value = self.value(&path, depth + 1);
            map.insert(key, value);
        }
        Value::Object(map)
    }

    fn array(&mut self, path: &str, depth: usize) -> Value {
        let mut items = Vec::new();
        self.at += 1;
        while self.next_item() {
            let path = if self.lines_to > 0 { join_path(path, &items.len().to_string()) } else { String::new() };
            if depth < self.lines_to {
                let line = self.place(self.at).0;
                self.tree.lines.insert(path.clone(), line);
            }
            let value = self.value(&path, depth + 1);
            items.push(value);
        }
        Value::Array(items)
    }

    /// Goes on to the next item of a list; false after the last one, behind its bracket.
    fn next_item(&mut self) -> bool {
        while !self.gave_up {
            self.blank();
            match self.peek() {
                b',' => self.at += 1,
                b']' | 0 => {
                    self.at += 1;
                    return false;
                }
                _ => return true,
            }
        }
        false
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
            let (line, column) = self.place(self.at);
            self.tree.problems.push(Problem { line: Some(line), column: Some(column), ..problem });
        }
    }
}

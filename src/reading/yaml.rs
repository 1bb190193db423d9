//! YAML: front matter and data files.
//!
//! Built on the events of serde-saphyr's own parser instead of its serde side, because only there the text as it
//! was written, the line of each key and every duplicate at once can be had. No tag is obeyed and nothing is
//! included; what YAML would take for an anchor, a tag or a comment inside somebody's words stays text.

use std::collections::HashSet;

use serde_json::Value;
use serde_saphyr::granit_parser::{Event, Parser, ScanError, Span, options};

use super::limits;
use super::tree::{self, Tree};
use super::yaml_build::Builder;
use super::{yaml_mend, yaml_words};
use crate::failure::Problem;

/// What a stretch of YAML turned out to be.
#[derive(Debug)]
pub(super) enum Yaml {
    /// Nothing but comments and blank lines.
    Empty,
    /// Named values, perhaps with problems.
    Mapping(Tree),
    /// A list or plain text.
    Other,
}

/// Reads YAML that begins at line `first_line` of the file.
///
/// What people write and YAML does not allow (`owner: @zhang`, a full-width colon, tabs) is absorbed with a
/// warning; only a text that does not parse is touched for it, so valid YAML is never reinterpreted.
pub(super) fn read(source: &str, first_line: u32) -> Yaml {
    let (plain, clean) = read_as_written(source, first_line, &HashSet::new());
    if clean && !matches!(plain, Yaml::Other) {
        return plain;
    }
    let Some(mended) = yaml_mend::mend(source, matches!(plain, Yaml::Other)) else { return plain };
    let touched = mended.notes.iter().map(|note| note.line).collect();
    match read_as_written(&mended.text, first_line, &touched) {
        (Yaml::Mapping(mut tree), _) => {
            tree.warnings.extend(mended.notes.iter().map(|note| note.warning(first_line)));
            Yaml::Mapping(tree)
        }
        _ => plain,
    }
}

/// Reads YAML; false if its syntax is wrong. After an error it goes on at the next top-level name, so that all
/// problems of a file are told at once. In `touched` lines (from 1 in `source`) columns are not told.
fn read_as_written(source: &str, first_line: u32, touched: &HashSet<u32>) -> (Yaml, bool) {
    let mut whole = Tree::default();
    let (mut rest, mut line) = (source, 1u32);
    let mut clean = true;
    let mut is_mapping = false;
    loop {
        let (events, stopped) = events(rest);
        let mut builder = Builder::new(rest, first_line + line - 1, &events);
        match builder.document() {
            Some(Value::Object(values)) => {
                is_mapping = true;
                builder.tree.values = values;
                absorb(&mut whole, builder.tree);
            }
            None if stopped.is_none() && clean => return (Yaml::Empty, true),
            _ if stopped.is_none() && clean => return (Yaml::Other, true),
            _ => {}
        }
        let Some(stop) = stopped else { break };
        clean = false;
        let (problem, line_in_rest) = stop.problem(rest);
        whole.problems.push(place(problem, line + line_in_rest - 1, first_line, touched));
        let Some(skipped) = yaml_words::next_name(rest, line_in_rest).filter(|_| whole.problems.len() <= limits::PROBLEMS) else { break };
        line += skipped.lines;
        rest = &rest[skipped.bytes..];
        is_mapping = true;
    }
    if is_mapping || yaml_words::begins_with_name(source) { (Yaml::Mapping(whole), clean) } else { (Yaml::Other, clean) }
}

/// Puts a problem at its line of the file.
fn place(mut problem: Problem, line: u32, first_line: u32, touched: &HashSet<u32>) -> Problem {
    if touched.contains(&line) {
        problem.column = None;
    }
    problem.line = Some(first_line + line - 1);
    problem
}

/// Joins what was read after an error to what was read before; names on both sides are duplicates.
fn absorb(whole: &mut Tree, part: Tree) {
    for (key, value) in part.values {
        whole.values.entry(key).or_insert(value);
    }
    for (path, line) in part.lines {
        whole.lines.entry(path).or_insert(line);
    }
    whole.body_line = whole.body_line.or(part.body_line);
    whole.warnings.extend(part.warnings);
    whole.problems.extend(part.problems);
}

/// Why the events ended early.
enum Stop {
    Syntax(ScanError),
    TooMany,
}

impl Stop {
    /// The problem with its column, and the line in `source` (from 1).
    fn problem(&self, source: &str) -> (Problem, u32) {
        match self {
            Self::TooMany => (tree::too_many_values(), source.split('\n').count() as u32),
            Self::Syntax(error) => {
                let (line, column) = (error.marker().line().max(1) as u32, error.marker().col() as u32 + 1);
                let words = source.split('\n').nth(line as usize - 1).unwrap_or("");
                let mut problem = yaml_words::problem(error.kind(), words);
                problem.column = Some(column);
                (problem, line)
            }
        }
    }
}

fn events(source: &str) -> (Vec<(Event<'_>, Span)>, Option<Stop>) {
    let options = options! { emit_anchor_events: true, emit_unresolved_aliases: true };
    let mut events = Vec::new();
    for event in Parser::new_from_str_with_options(source, options) {
        match event {
            // Each value has at most an anchor, a comment and an end beside it.
            Ok(_) if events.len() > limits::VALUES * 4 => return (events, Some(Stop::TooMany)),
            Ok(event) => events.push(event),
            Err(error) => return (events, Some(Stop::Syntax(error))),
        }
    }
    (events, None)
}

//! YAML: front matter and data files.
//!
//! Built on the events of serde-saphyr's own parser instead of its serde side, because only there the text as it
//! was written, the line of each key and every duplicate at once can be had. No tag is obeyed and nothing is
//! included; what YAML would take for an anchor, a tag or a comment inside somebody's words stays text.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};
use serde_saphyr::granit_parser::{Event, Parser, ScalarStyle, ScanError, Span, options};

use super::limits;
use super::scalar::bare;
use super::tree::{self, Count, Tree, join_path};
use super::{yaml_mend, yaml_words};
use crate::failure::{Problem, Warning};

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

/// Builds values from events; ends quietly where they end, so that it serves broken files too.
struct Builder<'a> {
    source: &'a str,
    first_line: u32,
    events: &'a [(Event<'a>, Span)],
    next: usize,
    /// The anchors that some alias names: others are somebody's words (`&Co KG`).
    referred: HashSet<usize>,
    /// Value and number of values by anchor.
    anchors: HashMap<usize, (Value, usize)>,
    count: Count,
    built: usize,
    tree: Tree,
}

impl<'a> Builder<'a> {
    fn new(source: &'a str, first_line: u32, events: &'a [(Event<'a>, Span)]) -> Self {
        let referred = events.iter().filter_map(|(event, _)| event.alias_id()).collect();
        let (anchors, count, tree) = (HashMap::new(), Count::up_to(limits::VALUES), Tree::default());
        Self { source, first_line, events, next: 0, referred, anchors, count, built: 0, tree }
    }

    /// The first document's value; `None` if there is none.
    fn document(&mut self) -> Option<Value> {
        let mut value = None;
        while let Some((event, span)) = self.events.get(self.next) {
            if event.is_node() {
                if value.is_some() {
                    let problem = Problem::new(
                        "several-documents",
                        "A line of three hyphens begins a second document here; a file holds one.",
                        "Make it a file of its own, or delete the line `---`.",
                    );
                    self.report(problem, span);
                    break;
                }
                value = Some(self.node("", 0));
            } else {
                self.next += 1;
            }
        }
        value
    }

    fn node(&mut self, path: &str, depth: usize) -> Value {
        let Some((event, span)) = self.events.get(self.next) else { return Value::Null };
        let start = self.built;
        self.next += 1;
        self.built += 1;
        if depth > limits::DEPTH {
            self.report_once(tree::too_deep(), span);
            self.skip(event);
            return Value::Null;
        }
        if !self.count.add(1) {
            self.report_once(tree::too_many_values(), span);
            self.next = self.events.len();
            return Value::Null;
        }
        let value = match event {
            Event::Scalar(text, style, ..) => self.scalar(text, *style, event, span),
            Event::SequenceStart(..) => self.sequence(path, depth),
            Event::MappingStart(..) => self.mapping(path, depth),
            Event::Alias(id) => self.alias(*id, span),
            Event::UnresolvedAlias(name) => {
                let warning =
                    Warning::new("reserved-character", format!("`*{name}` was read as text; YAML keeps `*` at the start for itself."));
                self.tree.warnings.push(warning.at_line(self.line(span)));
                Value::String(format!("*{name}"))
            }
            _ => Value::Null,
        };
        if let Some(id) = event.anchor_id().filter(|id| self.referred.contains(id)) {
            self.anchors.insert(id, (value.clone(), self.built - start));
        }
        value
    }

    fn sequence(&mut self, path: &str, depth: usize) -> Value {
        let mut items = Vec::new();
        while let Some((event, span)) = self.events.get(self.next) {
            if event.is_node() {
                let path = join_path(path, &items.len().to_string());
                self.tree.lines.insert(path.clone(), self.line(span));
                items.push(self.node(&path, depth + 1));
                continue;
            }
            self.next += 1;
            if matches!(event, Event::SequenceEnd) {
                break;
            }
        }
        Value::Array(items)
    }

    fn mapping(&mut self, path: &str, depth: usize) -> Value {
        let mut map = Map::new();
        let mut merged = Vec::new();
        while let Some((event, span)) = self.events.get(self.next) {
            if !event.is_node() {
                self.next += 1;
                if matches!(event, Event::MappingEnd) {
                    break;
                }
                continue;
            }
            let key = self.key(path, depth);
            let name = key.clone().unwrap_or_default();
            let path = join_path(path, &name);
            self.skip_presentation();
            if depth == 0 && name == "body" {
                self.tree.body_line = self.events.get(self.next).map(|(_, span)| self.line(span));
            }
            if key.is_some() && name == "<<" {
                merged.push(self.node(&path, depth + 1));
            } else if key.is_some() && map.contains_key(&name) {
                self.report(tree::duplicate(&name, self.tree.lines.get(&path).copied()), span);
                self.node(&format!("{path} (again)"), depth + 1);
            } else {
                self.tree.lines.entry(path.clone()).or_insert(self.first_line + span.start.line() as u32 - 1);
                let value = self.node(&path, depth + 1);
                if key.is_some() {
                    map.insert(name, value);
                }
            }
        }
        merged.into_iter().for_each(|value| merge(&mut map, value));
        Value::Object(map)
    }

    /// A mapping's key as text; anything else is a problem.
    fn key(&mut self, path: &str, depth: usize) -> Option<String> {
        let (event, span) = self.events.get(self.next)?;
        let value = match event {
            Event::Scalar(text, ..) => {
                self.next += 1;
                Value::String(text.clone().into_owned())
            }
            _ => self.node(path, depth + 1),
        };
        match value {
            Value::String(name) if !name.trim().is_empty() => Some(name),
            _ => {
                let help = "Write a name before the colon: `title: …`; put text that begins with a bracket into quotation marks.";
                self.report(Problem::new("key-not-text", "What stands before the colon is no name.", help), span);
                None
            }
        }
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, event: &Event<'_>, span: &Span) -> Value {
        let tag = span.tag_span().filter(|_| event.tag().is_some_and(|tag| tag.is_custom()));
        let anchor = event.anchor_id().filter(|id| !self.referred.contains(id)).and_then(|_| self.anchor_start());
        let comment = self.numbered_comment(style, span);
        let starts = [anchor, tag.and_then(|tag| tag.start.byte_offset())];
        let start = starts.into_iter().flatten().min();
        if style != ScalarStyle::Plain {
            return Value::String(text.to_owned());
        }
        if start.is_none() && comment.is_none() {
            // An explicit `!!str` makes text of anything.
            let as_text = event.tag().is_some_and(|tag| tag.core_suffix() == Some("str"));
            return match text {
                _ if as_text => Value::String(text.to_owned()),
                "" | "~" | "null" => Value::Null,
                _ => bare(text),
            };
        }
        let written = span.byte_range().and_then(|range| self.source.get(start.unwrap_or(range.start)..comment.unwrap_or(range.end)));
        match written.map(str::trim).filter(|written| !written.contains('\n')) {
            Some(written) => {
                let warning = Warning::new(
                    "reserved-character",
                    format!("`{written}` was read as text, all of it; quotation marks around it make sure."),
                );
                self.tree.warnings.push(warning.at_line(self.line(span)));
                Value::String(written.to_owned())
            }
            None => bare(text),
        }
    }

    /// Where the anchor of the scalar just taken begins.
    fn anchor_start(&self) -> Option<usize> {
        match self.events.get(self.next)? {
            (Event::Anchor(..), span) => span.start.byte_offset(),
            _ => None,
        }
    }

    /// Where a comment such as `#4` in `Meeting #4` ends: it is part of the words.
    fn numbered_comment(&self, style: ScalarStyle, span: &Span) -> Option<usize> {
        let after = self.events.get(self.next..)?.iter().find(|(event, _)| !matches!(event, Event::Anchor(..)))?;
        match after {
            (Event::Comment(text, _), comment) if style == ScalarStyle::Plain && !span.is_empty() => {
                let same_line = comment.start.line() == span.end.line() && text.starts_with(|c: char| c.is_ascii_digit());
                comment.byte_range().filter(|_| same_line).map(|range| range.end)
            }
            _ => None,
        }
    }

    fn alias(&mut self, id: usize, span: &Span) -> Value {
        let Some((value, values)) = self.anchors.get(&id) else { return Value::Null };
        self.built += values;
        if self.count.add(*values) {
            return value.clone();
        }
        self.report_once(tree::too_many_values(), span);
        self.next = self.events.len();
        Value::Null
    }

    /// Passes over anchors and comments.
    fn skip_presentation(&mut self) {
        while matches!(self.events.get(self.next), Some((Event::Anchor(..) | Event::Comment(..), _))) {
            self.next += 1;
        }
    }

    /// Passes over the rest of a list or mapping.
    fn skip(&mut self, event: &Event<'_>) {
        let mut open = usize::from(matches!(event, Event::SequenceStart(..) | Event::MappingStart(..)));
        while open > 0 && self.next < self.events.len() {
            match self.events[self.next].0 {
                Event::SequenceStart(..) | Event::MappingStart(..) => open += 1,
                Event::SequenceEnd | Event::MappingEnd => open -= 1,
                _ => {}
            }
            self.next += 1;
        }
    }

    fn line(&self, span: &Span) -> u32 {
        self.first_line + (span.start.line() as u32).saturating_sub(1)
    }

    fn report(&mut self, mut problem: Problem, span: &Span) {
        problem.line = Some(self.line(span));
        problem.column = Some(span.start.col() as u32 + 1);
        if self.tree.problems.len() <= limits::PROBLEMS {
            self.tree.problems.push(problem);
        }
    }

    fn report_once(&mut self, problem: Problem, span: &Span) {
        if self.tree.problems.iter().all(|other| other.code != problem.code) {
            self.report(problem, span);
        }
    }
}

/// `<<`: takes over what the mapping does not say itself.
fn merge(map: &mut Map<String, Value>, value: Value) {
    match value {
        Value::Object(other) => {
            for (key, value) in other {
                map.entry(key).or_insert(value);
            }
        }
        Value::Array(items) => items.into_iter().for_each(|item| merge(map, item)),
        _ => {}
    }
}

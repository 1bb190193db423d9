//! Values out of the events of the YAML parser, each as it was written and each key with its line.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};
use serde_saphyr::granit_parser::{Event, ScalarStyle, Span};

use super::limits;
use super::scalar::bare;
use super::tree::{self, Count, Tree, join_path};
use crate::failure::{Problem, Warning};

/// Builds values from events; ends quietly where they end, so that it serves broken files too.
pub(super) struct Builder<'a> {
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
    /// What was found besides the values.
    pub(super) tree: Tree,
}

impl<'a> Builder<'a> {
    /// For the events of `source`, which begins at line `first_line` of the file.
    pub(super) fn new(source: &'a str, first_line: u32, events: &'a [(Event<'a>, Span)]) -> Self {
        let referred = events.iter().filter_map(|(event, _)| event.alias_id()).collect();
        let (anchors, count, tree) = (HashMap::new(), Count::up_to(limits::VALUES), Tree::default());
        Self { source, first_line, events, next: 0, referred, anchors, count, built: 0, tree }
    }

    /// The first document's value; `None` if there is none.
    pub(super) fn document(&mut self) -> Option<Value> {
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

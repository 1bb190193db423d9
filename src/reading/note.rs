//! A note or data file by itself: decoded, cut into fields and body. What `glance` and `read` have in common.

use serde_json::Value;

use super::front_matter::{self, BLOCK_LINE, Language};
use super::json::{self, Json};
use super::tree::{Tree, clean};
use super::yaml::{self, Yaml};
use super::{Body, Fields, Format, encoding, format, limits, toml, yaml_words};
use crate::failure::{Checked, Problem, Problems, Warning};

/// A file as far as it could be read, with what has to be mended.
#[derive(Debug)]
pub(super) struct Note {
    pub(super) format: Format,
    pub(super) text: String,
    pub(super) fields: Fields,
    pub(super) body: Body,
    pub(super) warnings: Vec<Warning>,
    /// Each with its line quoted; while there is one, there is no submission.
    pub(super) problems: Vec<Problem>,
    /// Whether it can be a document: not a JSON list, for instance.
    pub(super) is_document: bool,
}

/// Reads a note by itself.
///
/// # Errors
/// What leaves nothing to go on with: a format that cannot be read, a size over the limit, bytes that are no text.
pub(super) fn parse(name: &str, bytes: &[u8]) -> Checked<Note> {
    let Some(format) = format::by_name(name) else { return Err(format::unknown(name, bytes).into()) };
    if bytes.len() > limits::NOTE_BYTES {
        return Err(limits::too_large("The file", limits::NOTE_BYTES).into());
    }
    if let Some(problem) = format::binary(bytes) {
        return Err(problem.into());
    }
    let decoded = encoding::decode(bytes);
    if decoded.text.chars().all(invisible) {
        let problem = Problem::new("empty", "The file is empty.", "Write something into it and save it, or delete it.");
        return Err(Problems::from(problem));
    }
    let mut note = match format {
        Format::Markdown | Format::Text => with_front_matter(format, decoded.text),
        Format::Yaml | Format::Toml | Format::Json => data(format, decoded.text),
    };
    note.warnings.splice(0..0, decoded.warnings);
    note.finish();
    Ok(note)
}

fn with_front_matter(format: Format, text: String) -> Note {
    let mut warnings = Vec::new();
    let Some(cut) = front_matter::cut(&text) else {
        warnings.extend(unclosed(&text));
        return Note::of_text(format, text, warnings);
    };
    let tree = match cut.language {
        Language::Toml => toml::read(cut.block, BLOCK_LINE),
        Language::Yaml => match yaml::read(cut.block, BLOCK_LINE) {
            Yaml::Mapping(tree) => tree,
            Yaml::Empty => Tree::default(),
            // Two rules with text between them: all of it is body.
            Yaml::Other => {
                if yaml_words::has_name(cut.block) {
                    let message = "What stands between the first two lines `---` was read as text, since not all of it is `name: value`.";
                    warnings.push(Warning::new("front-matter-as-text", message).at_line(1));
                }
                return Note::of_text(format, text, warnings);
            }
        },
    };
    let body = Body { text: cut.body.to_owned(), first_line: cut.body_line };
    Note::of_tree(format, text, tree, body)
}

/// Front matter that was begun and never closed is text, but hardly meant so.
fn unclosed(text: &str) -> Option<Warning> {
    let (fence, sign) = match front_matter::opening(text)? {
        Language::Yaml => ("---", ':'),
        Language::Toml => ("+++", '='),
    };
    let second = text.lines().nth(1)?;
    let (name, _) = second.split_once(sign)?;
    let named = !name.trim().is_empty() && name.len() <= 40 && name.trim().chars().all(|c| c.is_alphanumeric() || "_-".contains(c));
    named.then(|| {
        let message = format!("The first line opens front matter, but no line `{fence}` closes it: all of it was read as text.");
        Warning::new("front-matter-unclosed", message).at_line(1)
    })
}

fn data(format: Format, text: String) -> Note {
    let (tree, is_document) = match format {
        Format::Toml => (toml::read(&text, 1), true),
        Format::Json => match json::read(&text) {
            Json::Mapping(tree) => (tree, true),
            Json::Other(tree) => (tree, false),
        },
        _ => match yaml::read(&text, 1) {
            Yaml::Mapping(tree) => (tree, true),
            Yaml::Empty | Yaml::Other => (Tree::default(), false),
        },
    };
    let mut note = Note::of_tree(format, text, tree, Body { text: String::new(), first_line: 1 });
    note.is_document = is_document;
    if !is_document {
        note.problems.push(Problem::new(
            "no-fields",
            "The file holds no `name: value` at its top level, so no document can be made of it.",
            "Give each part a name (`title: …`, `body: …`); a list of rows belongs to a note that names it with `rows:`.",
        ));
    }
    note
}

impl Note {
    fn of_text(format: Format, text: String, warnings: Vec<Warning>) -> Self {
        let body = Body { text: text.clone(), first_line: 1 };
        let (fields, problems) = (Fields::default(), Vec::new());
        Self { format, text, fields, body, warnings, problems, is_document: true }
    }

    fn of_tree(format: Format, text: String, tree: Tree, body: Body) -> Self {
        let Tree { values, lines, body_line, warnings, problems } = tree;
        let values = values.into_iter().map(|(key, value)| (key, clean(value))).collect();
        let mut note = Self { format, text, fields: Fields { values, lines }, body, warnings, problems, is_document: true };
        if matches!(format, Format::Yaml | Format::Toml | Format::Json) {
            note.take_body(body_line.unwrap_or(1));
        }
        note
    }

    /// Makes a data file's `body` the running text.
    fn take_body(&mut self, line: u32) {
        match self.fields.values.shift_remove("body") {
            Some(Value::String(text)) => self.body = Body { text, first_line: line },
            Some(Value::Null) | None => {}
            Some(_) => {
                let help = "Write `body: |` and the text below it, each line indented by two spaces.";
                let problem = Problem::new("body-not-text", "`body` holds no text.", help);
                self.problems.push(Problem { line: Some(line), ..problem });
            }
        }
        self.fields.lines.remove("body");
    }

    /// Quotes the line of each problem and cuts the list.
    fn finish(&mut self) {
        limits::cut_warnings(&mut self.warnings);
        let problems = limits::cut_short(std::mem::take(&mut self.problems), 0);
        let text = &self.text;
        let last = text.lines().count().max(1) as u32;
        self.problems = problems
            .into_iter()
            .map(|problem| match (problem.line, problem.column) {
                // What is missed at the very end is told at the last line that says something.
                (Some(line), _) if line > last => problem.at(text, last, None),
                (Some(line), column) => problem.at(text, line, column),
                (None, _) => problem,
            })
            .collect();
    }
}

/// White space, zero-width characters and marks without text.
fn invisible(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | char::REPLACEMENT_CHARACTER)
}

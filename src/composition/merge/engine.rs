//! Runs Tera over the texts of one note with one row, and words what goes wrong.

use std::collections::BTreeSet;
use std::io::Write;

use serde_json::{Map, Value};
use tera::{Context, Error, ErrorKind, Kwargs, ReportError, State, Tera, TeraResult};

use super::tags::{self, Template};
use crate::failure::Problem;
use crate::reading::{Row, Submission, Table};

/// Bytes that a note can become, fields and body together.
const MAX_OUTPUT: usize = 4 << 20;
/// Numbers that `range` gives.
const MAX_RANGE: i128 = 10_000;

/// Where a text stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// A field: cells stand plain.
    Field,
    /// The body of a Markdown note: cells are escaped.
    MarkdownBody,
    /// The body of a text note: nothing in it is markup.
    PlainBody,
}

/// Renders texts and gathers their problems.
pub(super) struct Engine<'a> {
    note: &'a Submission,
    table: &'a Table,
    row: &'a Row,
    /// The cells that are not empty; those that were reported get a stand-in, so that the next is found.
    filled: Map<String, Value>,
    reported: BTreeSet<String>,
    problems: Vec<Problem>,
    output_left: usize,
}

impl<'a> Engine<'a> {
    pub(super) fn new(note: &'a Submission, table: &'a Table, row: &'a Row, cells: &Map<String, Value>) -> Self {
        let filled = cells.iter().filter(|(_, cell)| super::cell_text(cell).is_some());
        let filled = filled.map(|(column, cell)| (column.clone(), cell.clone())).collect();
        Self { note, table, row, filled, reported: BTreeSet::new(), problems: Vec::new(), output_left: MAX_OUTPUT }
    }

    /// Everything that went wrong.
    pub(super) fn into_problems(self) -> Vec<Problem> {
        self.problems
    }

    /// Merges a field's text.
    pub(super) fn render_field(&mut self, text: &str, path: &str) -> String {
        let mut known = path;
        let line = loop {
            match (self.note.fields.lines.get(known), known.rsplit_once('.')) {
                (Some(line), _) => break *line,
                (None, Some((parent, _))) => known = parent,
                (None, None) => break 1,
            }
        };
        self.render(text, line, Place::Field)
    }

    /// Merges a text that begins at line `first_line` of the note; gives it back as it is where it went wrong.
    pub(super) fn render(&mut self, text: &str, first_line: u32, place: Place) -> String {
        if !tags::is_template(text) {
            return text.to_owned();
        }
        let rendered = match tags::prepare(text) {
            Ok(mut template) => {
                if place == Place::MarkdownBody {
                    template.leave_code_alone();
                }
                self.render_template(&template, first_line, place)
            }
            Err(refusal) => {
                self.report(refusal.0, first_line + refusal.1 - 1);
                None
            }
        };
        rendered.unwrap_or_else(|| text.to_owned())
    }

    fn render_template(&mut self, template: &Template, first_line: u32, place: Place) -> Option<String> {
        self.check_columns(template, first_line);
        let name = if place == Place::MarkdownBody { "note.md" } else { "note" };
        let mut tera = tera();
        if let Err(error) = tera.add_raw_template(name, &template.text) {
            let (message, line) = words(&error);
            let help = "Write `{{ row.name }}` with two braces on each side; the name is that of a column.";
            self.report(
                Problem::new("template-syntax", format!("The template cannot be understood here: {message}."), help),
                first_line + line - 1,
            );
            return None;
        }
        // Each round reports at least one more column, so it ends.
        loop {
            let mut context = Context::new();
            context.insert("row", &self.filled);
            let mut output = Bounded { bytes: Vec::new(), left: self.output_left, is_full: false };
            let Err(error) = tera.render_to(name, &context, &mut output) else {
                self.output_left = output.left;
                return String::from_utf8(output.bytes).ok();
            };
            if output.is_full || !self.report_empty(template, &error, first_line) {
                self.report_rendering(&error, output.is_full, first_line);
                return None;
            }
        }
    }

    /// Reports columns that the table does not have: a slip even where the tag copes with empty cells.
    fn check_columns(&mut self, template: &Template, first_line: u32) {
        for tag in template.tags.iter().filter(|tag| !tag.copes) {
            for column in tag.columns.iter().filter(|column| !self.table.columns.contains(column)) {
                self.report_cell(column, first_line + tag.line - 1);
            }
        }
    }

    /// Reports the empty cells of the tag in which an error stands; false if there are none.
    fn report_empty(&mut self, template: &Template, error: &Error, first_line: u32) -> bool {
        let ErrorKind::RenderingError(report) = error.kind() else { return false };
        let Some(tag) = template.tag_at(report.span().range.start) else { return false };
        let empty: Vec<&String> = tag.columns.iter().filter(|column| !self.filled.contains_key(*column)).collect();
        for column in &empty {
            self.report_cell(column, first_line + tag.line - 1);
        }
        !empty.is_empty()
    }

    /// Reports an empty or unknown cell once.
    fn report_cell(&mut self, column: &str, note_line: u32) {
        self.filled.insert(column.to_owned(), Value::String("x".to_owned()));
        if !self.reported.insert(column.to_owned()) {
            return;
        }
        let written = if column.contains(' ') { format!("row[\"{column}\"]") } else { format!("row.{column}") };
        let problem = if self.table.columns.iter().any(|known| known == column) {
            let help = format!(
                "Fill the cell in; or write `{{{{ {written} | default(value=\"\") }}}}` in the note (line {note_line}) where it may be empty."
            );
            Problem::new("cell-empty", format!("the column \"{column}\" is empty"), help)
        } else {
            let columns = self.table.columns.iter().take(20).map(String::as_str).collect::<Vec<_>>().join(", ");
            let help = format!("Correct line {note_line} of the note, or add the column; the table has: {columns}.");
            Problem::new("column-unknown", format!("the table has no column \"{column}\""), help)
        };
        self.problems.push(self.table.place_in(problem, self.row));
    }

    fn report_rendering(&mut self, error: &Error, is_full: bool, first_line: u32) {
        if is_full {
            let message = format!("The merged note is longer than {} MiB.", MAX_OUTPUT >> 20);
            self.report(Problem::new("template-too-long", message, "Shorten the loops in the note, or the cells."), first_line);
            return;
        }
        let (message, line) = words(error);
        let help = "A note can use the row's columns (`row.name`) and Tera's own filters, nothing else.";
        self.report(
            Problem::new("template-failed", format!("The template cannot be filled in here: {message}."), help),
            first_line + line - 1,
        );
    }

    fn report(&mut self, problem: Problem, line: u32) {
        self.problems.push(problem.in_file(&self.note.name).at(&self.note.text, line, None));
    }
}

/// What Tera says and the line in the template.
fn words(error: &Error) -> (String, u32) {
    let trimmed = |message: &str| message.trim_end_matches('.').to_owned();
    match error.kind() {
        ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) => (trimmed(report.message()), line(report)),
        other => {
            // An unknown filter comes as a whole report: `error: …`, then ` --> note:LINE:COLUMN`.
            let report = other.to_string();
            let message = report.lines().next().unwrap_or("").trim_start_matches("error: ");
            let place = report.lines().find_map(|line| line.trim_start().strip_prefix("--> ")).and_then(|place| place.split(':').nth(1));
            (trimmed(message), place.and_then(|line| line.parse().ok()).unwrap_or(1))
        }
    }
}

fn line(report: &ReportError) -> u32 {
    report.span().start_line.max(1) as u32
}

/// Tera with nothing that a note could use to harm: filters that multiply text are bounded.
fn tera() -> Tera {
    let mut tera = Tera::new();
    tera.set_escape_fn(|text, output| output.write_all(escape_markdown(text).as_bytes()));
    tera.autoescape_on(vec![".md"]);
    tera.register_function("range", range);
    tera.register_filter("replace", replace);
    tera.register_filter("join", join);
    tera.register_filter("indent", |_: &str, _: Kwargs, _: &State| -> TeraResult<String> {
        Err(Error::message("`indent` cannot be used in a note"))
    });
    tera.register_filter("verbatim", |value: tera::Value, _: Kwargs, _: &State| -> TeraResult<tera::Value> {
        // A line end could end the code around it.
        if value.is_undefined() {
            Err(Error::message("a cell is empty"))
        } else {
            Ok(tera::Value::safe_string(&value.to_string().replace('\n', " ")))
        }
    });
    tera.register_filter("needed", |value: tera::Value, _: Kwargs, _: &State| -> TeraResult<tera::Value> {
        if value.is_undefined() { Err(Error::message("a cell is empty")) } else { Ok(value) }
    });
    tera
}

fn range(kwargs: Kwargs, _: &State) -> TeraResult<Vec<i128>> {
    let start = kwargs.get::<i128>("start")?.unwrap_or(0);
    let end = kwargs.must_get::<i128>("end")?;
    let step = kwargs.get::<i128>("step_by")?.unwrap_or(1);
    if step < 1 || end.checked_sub(start).is_none_or(|length| length / step > MAX_RANGE) {
        return Err(Error::message(format!("`range` gives at most {MAX_RANGE} numbers, upwards")));
    }
    Ok((0..).map(|index| start + index * step).take_while(|number| *number < end).collect())
}

fn replace(text: &str, kwargs: Kwargs, _: &State) -> TeraResult<String> {
    let (from, to) = (kwargs.must_get::<&str>("from")?, kwargs.must_get::<&str>("to")?);
    bounded(text.len().saturating_add(text.matches(from).count().saturating_mul(to.len())))?;
    Ok(text.replace(from, to))
}

fn join(items: Vec<tera::Value>, kwargs: Kwargs, _: &State) -> TeraResult<String> {
    let separator = kwargs.get::<&str>("sep")?.unwrap_or("");
    let parts: Vec<String> = items.iter().filter(|item| !item.is_undefined()).map(ToString::to_string).collect();
    bounded(parts.iter().map(|part| part.len().saturating_add(separator.len())).sum())?;
    Ok(parts.join(separator))
}

fn bounded(length: usize) -> TeraResult<()> {
    if length <= MAX_OUTPUT { Ok(()) } else { Err(Error::message(format!("the text would be longer than {} MiB", MAX_OUTPUT >> 20))) }
}

/// A cell as Markdown that prints it letter for letter, wherever it stands: in a heading or a table cell too.
fn escape_markdown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    let last = text.chars().count().saturating_sub(1);
    for (index, c) in text.chars().enumerate() {
        match c {
            // A line break within a cell must not end the paragraph, the heading or the table row around it.
            '\n' => escaped.push_str("&#10;"),
            '\r' => {}
            // White space at the edges would be dropped, or be an indentation that means code.
            ' ' | '\t' if index == 0 || index == last => escaped.push_str(if c == ' ' { "&#32;" } else { "&#9;" }),
            c => {
                if c.is_ascii_punctuation() {
                    escaped.push('\\');
                }
                escaped.push(c);
            }
        }
    }
    escaped
}

/// Output that ends in an error when it grows too long.
struct Bounded {
    bytes: Vec<u8>,
    left: usize,
    is_full: bool,
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let Some(left) = self.left.checked_sub(bytes.len()) else {
            self.is_full = true;
            return Err(std::io::ErrorKind::FileTooLarge.into());
        };
        self.left = left;
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

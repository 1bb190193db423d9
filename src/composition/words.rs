//! The words: a type's `words.md` run through Tera, every value escaped for Markdown.

use std::collections::HashMap;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::NaiveDate;
use serde_json::Map;
use tera::{Context, ErrorKind, Kwargs, State, Tera, Value};

use super::bilingual::{self, Tongues};
use super::{dates, money, numbers, people};
use crate::catalog::DocumentType;
use crate::classification::read_number;
use crate::failure::{Blame, Checked, Problem};
use crate::model::Language;

/// Stands for the note's own text where `{{ body }}` is written; no note can hold it, as reading lets no control
/// character through.
pub(super) const BODY_MARK: &str = "\u{1}body\u{1}";

/// Parsed templates by type and language, kept while the type's files stay the same.
#[derive(Debug, Default)]
pub(crate) struct Words {
    parsed: Mutex<HashMap<(String, Tongues), Arc<Tera>>>,
}

/// More parsed templates than this are not kept: a house that edits templates all day stays small.
const MAX_KEPT: usize = 256;

impl Words {
    /// Runs a words file.
    ///
    /// # Errors
    /// A syntax error, an undefined variable or an unknown filter, at the template's line; blame: template.
    pub(super) fn render(&self, document_type: &DocumentType, file: &str, tongues: &Tongues, context: &Context) -> Checked<String> {
        let tera = self.engine(document_type, tongues)?;
        tera.render(file, context).map_err(|error| problem(document_type, file, &error).into())
    }

    fn engine(&self, document_type: &DocumentType, tongues: &Tongues) -> Checked<Arc<Tera>> {
        let key = (document_type.sha256.clone(), tongues.clone());
        let mut parsed = self.parsed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tera) = parsed.get(&key) {
            return Ok(tera.clone());
        }
        let tera = Arc::new(engine(document_type, tongues)?);
        if parsed.len() >= MAX_KEPT {
            parsed.clear();
        }
        parsed.insert(key, tera.clone());
        Ok(tera)
    }
}

/// Parses all Markdown templates of a type; the shared ones are there to be included.
fn engine(document_type: &DocumentType, tongues: &Tongues) -> Checked<Tera> {
    let mut tera = Tera::default();
    tera.set_escape_fn(escape_markdown);
    tera.autoescape_on([".md"]);
    register_filters(&mut tera, tongues, document_type);
    let shared = document_type.shared.iter().map(|(path, bytes)| (format!("_shared/{path}"), bytes));
    let own = document_type.files.iter().map(|(path, bytes)| (path.clone(), bytes));
    let mut templates = Vec::new();
    for (path, bytes) in shared.chain(own).filter(|(path, _)| path.ends_with(".md")) {
        let text = std::str::from_utf8(bytes).map_err(|_| {
            Problem::new("template-encoding", "This template is not UTF-8 text.", "Save it as UTF-8.")
                .blaming(Blame::Template)
                .in_file(shown_path(document_type, &path))
        })?;
        templates.push((path, text.to_owned()));
    }
    let first = templates.first().map(|(path, _)| path.clone()).unwrap_or_default();
    tera.add_raw_templates(templates).map_err(|error| problem(document_type, &first, &error))?;
    Ok(tera)
}

/// A template's error in a secretary's words, at the template's own line.
fn problem(document_type: &DocumentType, file: &str, error: &tera::Error) -> Problem {
    let help = "Mend the template (chancery types shows where it comes from) and save it; waiting notes are tried again by themselves.";
    match error.kind() {
        ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) => {
            let span = report.span();
            let name = if report.filename().is_empty() { file } else { report.filename() };
            let (line, column) = (u32::try_from(span.start_line).unwrap_or(1), u32::try_from(span.start_col + 1).ok());
            Problem::new("template-words", report.message(), help).blaming(Blame::Template).in_file(shown_path(document_type, name)).at(
                &source(document_type, name),
                line,
                column,
            )
        }
        other => {
            // An unknown filter, function or template comes as a whole report: `error: …`, then ` --> words.md:3:12`.
            let report = other.to_string();
            let message = report.lines().next().unwrap_or_default().trim_start_matches("error: ");
            let mut place = report.lines().find_map(|line| line.trim_start().strip_prefix("--> ")).unwrap_or_default().rsplitn(3, ':');
            let (column, line, name) = (number(place.next()), number(place.next()), place.next().unwrap_or(file));
            let told = Problem::new("template-words", message, help).blaming(Blame::Template).in_file(shown_path(document_type, name));
            line.map_or(told.clone(), |line| told.at(&source(document_type, name), line, column))
        }
    }
}

fn number(text: Option<&str>) -> Option<u32> {
    text?.trim().parse().ok()
}

/// A template's text, for quoting its lines.
fn source(document_type: &DocumentType, name: &str) -> String {
    let shared = || document_type.shared.get(name.strip_prefix("_shared/")?);
    let bytes = document_type.files.get(name).or_else(shared);
    bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default()
}

/// A template's path as people know it.
pub(super) fn shown_path(document_type: &DocumentType, file: &str) -> String {
    if file.starts_with("_shared/") { format!("templates/{file}") } else { format!("templates/{}/{file}", document_type.name) }
}

/// Escapes a value so that Markdown prints it letter for letter on one line.
pub(crate) fn escape_markdown(text: &str, out: &mut dyn Write) -> std::io::Result<()> {
    for c in text.chars() {
        match c {
            '\n' | '\r' => out.write_all(b" ")?,
            // No value stands in for the note's own text.
            '\u{1}' => {}
            c if c.is_ascii_punctuation() => write!(out, "\\{c}")?,
            c => write!(out, "{c}")?,
        }
    }
    Ok(())
}

fn register_filters(tera: &mut Tera, tongues: &Tongues, document_type: &DocumentType) {
    let language = &tongues.first;
    let labels = document_type.labels(language);
    let others = tongues.second.as_ref().map(|second| document_type.labels(second)).unwrap_or_default();
    let both = tongues.clone();
    tera.register_filter("date", move |text: &str, _: Kwargs, _: &State| in_words(text, &both, dates::long_date));
    let both = tongues.clone();
    tera.register_filter("weekday", move |text: &str, _: Kwargs, _: &State| in_words(text, &both, dates::weekday));
    let (both, own, other) = (tongues.clone(), labels.clone(), others.clone());
    tera.register_filter("full_date", move |text: &str, _: Kwargs, _: &State| {
        in_words(text, &both, |date, of| dates::full_date(date, of, if *of == both.first { &own } else { &other }))
    });
    tera.register_filter("replace", |value: Value, kwargs: Kwargs, _: &State| bilingual::replace(&value, &kwargs));
    tera.register_filter("markdown", |text: &str, _: Kwargs, _: &State| Value::safe_string(&own_markdown(text)));
    let of = language.clone();
    tera.register_filter("clock", move |seconds: u64, _: Kwargs, _: &State| numbers::in_digits(&dates::clock(seconds), &of));
    let of = language.clone();
    tera.register_filter("digits", move |value: Value, _: Kwargs, _: &State| numbers::in_digits(&value.to_string(), &of));
    let of = language.clone();
    tera.register_filter("code", move |code: &str, _: Kwargs, _: &State| numbers::left_to_right(code, &of));
    tera.register_filter("sentence", |text: &str, _: Kwargs, _: &State| as_sentence(text));
    let of = language.clone();
    tera.register_filter("decimal", move |value: Value, kwargs: Kwargs, _: &State| decimal(&value, &kwargs, &of));
    let (of, own) = (language.clone(), labels.clone());
    tera.register_filter("currency", move |value: Value, kwargs: Kwargs, _: &State| currency(&value, &kwargs, &own, &of));
    let (both, own) = (tongues.clone(), labels.clone());
    tera.register_filter("count", move |value: Value, kwargs: Kwargs, _: &State| count(&value, &kwargs, [&own, &others], &both));
    let of = language.clone();
    tera.register_filter("names", move |people: Vec<Value>, _: Kwargs, _: &State| numbers::list(&names(&people), &of));
    tera.register_filter("people", move |listed: Vec<Value>, _: Kwargs, _: &State| with_titles(&listed, &labels));
}

/// Markdown of a note among the template's own: it neither opens nor closes the template's blocks, nor holds the body's
/// place.
fn own_markdown(text: &str) -> String {
    let text = text.replace('\u{1}', "");
    let lines = text.split('\n').map(|line| if line.starts_with(":::") { format!("\\{line}") } else { line.to_owned() });
    lines.collect::<Vec<_>>().join("\n")
}

/// A text that begins with a small letter, as what stands after a colon may, with a large one. Names that are spelled otherwise
/// (`iPhone`, `e-mail`) stay as they are.
fn as_sentence(text: &str) -> String {
    let first = text.split_whitespace().next().unwrap_or_default();
    let mut letters = text.chars();
    match letters.next() {
        Some(c) if first.chars().all(|c| c.is_lowercase() || matches!(c, '\'' | '’' | ',')) => c.to_uppercase().chain(letters).collect(),
        _ => text.to_owned(),
    }
}

fn in_words(text: &str, tongues: &Tongues, write: impl Fn(NaiveDate, &Language) -> String) -> Value {
    text.parse().map_or_else(|_| Value::from(text), |date| tongues.in_both(|of| write(date, of)))
}

fn decimal(value: &Value, kwargs: &Kwargs, language: &Language) -> tera::TeraResult<String> {
    let places = kwargs.get::<usize>("places")?.unwrap_or(0).min(12);
    Ok(number_of(value, language).map_or_else(|| value.to_string(), |number| numbers::decimal(number, places, language)))
}

/// `1250000 | currency(code="HKD")`: an amount as the language writes it; with `form="code"` the code stands for the sign.
fn currency(value: &Value, kwargs: &Kwargs, labels: &Map<String, serde_json::Value>, language: &Language) -> tera::TeraResult<String> {
    let code = kwargs.must_get::<&str>("code")?;
    let form = match kwargs.get::<&str>("form")?.unwrap_or("sign") {
        "sign" => money::Form::Sign,
        "code" => money::Form::Code,
        other => return Err(tera::Error::message(format!("The `form` of a currency is \"sign\" or \"code\", not \"{other}\""))),
    };
    let Some(amount) = number_of(value, language) else { return Ok(value.to_string()) };
    let unknown = || tera::Error::message(format!("`{code}` is no code of a currency: three letters, such as EUR or HKD"));
    money::written(amount, code, form, labels, language).ok_or_else(unknown)
}

/// A number, or a text that says one in the way of the language.
fn number_of(value: &Value, language: &Language) -> Option<f64> {
    if value.is_number() { numbers::number_in(&value.to_string()) } else { read_number(&value.to_string(), language) }
}

/// `5 | count(of="years")`: the number and its word, of the labels `years_one`, `years_other` …
fn count(value: &Value, kwargs: &Kwargs, labels: [&Map<String, serde_json::Value>; 2], tongues: &Tongues) -> tera::TeraResult<Value> {
    let of = kwargs.must_get::<&str>("of")?;
    let Some(number) = number_of(value, &tongues.first) else { return Ok(value.clone()) };
    let missing = || tera::Error::message(format!("There is no label `{of}_other`"));
    let first = numbers::counted(number, of, labels[0], &tongues.first).ok_or_else(missing)?;
    let second = tongues.second.as_ref().and_then(|second| numbers::counted(number, of, labels[1], second));
    Ok(tongues.marked(&first, second.as_deref(), " / "))
}

/// A part of a person; of what is a plain text, the text as their name.
fn part(person: &Value, key: &'static str) -> String {
    match person.as_map() {
        Some(map) => map.get(&tera::value::Key::Str(key)).filter(|part| !part.is_none()).map(ToString::to_string).unwrap_or_default(),
        None if key == "name" => person.to_string(),
        None => String::new(),
    }
}

fn names(people: &[Value]) -> Vec<String> {
    people.iter().map(|person| part(person, "name")).filter(|name| !name.is_empty()).collect()
}

fn with_titles(listed: &[Value], labels: &Map<String, serde_json::Value>) -> String {
    let parts = |person: &Value| ["name", "title", "note", "organisation"].map(|key| part(person, key));
    people::with_titles(listed.iter().map(parts), labels)
}

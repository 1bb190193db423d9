//! Documents in two languages: labels, dates and counts in both, the second marked as what it is.

use serde_json::{Map, Value};
use tera::Kwargs;

use super::dates::is_right_to_left;
use super::words::escape_markdown;
use crate::catalog::DocumentType;
use crate::classification::languages_named;
use crate::model::Language;
use crate::reading::Submission;

/// The languages of a document.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Tongues {
    /// The language of the document, with the figures that it is written in.
    pub first: Language,
    /// The one that says the same, if the note names two.
    pub second: Option<Language>,
}

impl Tongues {
    /// The languages that a note names, `first` being its own.
    pub(super) fn of(note: &Submission, first: Language) -> Self {
        Self { first, second: languages_named(note).into_iter().nth(1) }
    }

    /// What both say, the second in its mark; once where they say the same. Markdown.
    pub(super) fn marked(&self, one: &str, other: Option<&str>, between: &str) -> tera::Value {
        match (&self.second, other.filter(|other| !other.eq_ignore_ascii_case(one))) {
            (Some(second), Some(other)) => {
                let (tag, other) = (&second.0, escaped(other));
                tera::Value::safe_string(&format!("{}{between}<span lang=\"{tag}\">{other}</span>", escaped(one)))
            }
            _ => tera::Value::from(one),
        }
    }

    /// The same as text.
    pub(super) fn joined(one: &str, other: Option<&str>, between: &str) -> String {
        match other.filter(|other| !other.eq_ignore_ascii_case(one)) {
            Some(other) => format!("{one}{between}{other}"),
            None => one.to_owned(),
        }
    }

    /// What a writer of both languages gives, marked, with a stroke between.
    pub(super) fn in_both(&self, write: impl Fn(&Language) -> String) -> tera::Value {
        self.marked(&write(&self.first), self.second.as_ref().map(write).as_deref(), " / ")
    }

    /// The same as text.
    pub(super) fn in_both_as_text(&self, write: impl Fn(&Language) -> String) -> String {
        Self::joined(&write(&self.first), self.second.as_ref().map(write).as_deref(), " / ")
    }

    /// The labels of the document, in both languages where they are words, and the same as Markdown.
    pub(super) fn labels(&self, document_type: &DocumentType) -> (Map<String, Value>, tera::Value) {
        let mut labels = (*document_type.labels(&self.first)).clone();
        let mut marked: std::collections::BTreeMap<String, tera::Value> =
            labels.iter().map(|(key, label)| (key.clone(), tera::Value::from_serializable(label))).collect();
        let Some(second) = &self.second else { return (labels, marked.into()) };
        let between = if script(&self.first) == script(second) { " / " } else { " " };
        for (key, other) in document_type.labels(second).iter() {
            let (Some(Value::String(one)), Value::String(other)) = (labels.get(key).cloned(), other) else { continue };
            if is_of_words(key, &one, other) {
                marked.insert(key.clone(), self.marked(&one, Some(other), between));
                labels.insert(key.clone(), Value::String(Self::joined(&one, Some(other), between)));
            }
        }
        (labels, marked.into())
    }
}

/// Whether a label is words that stand for themselves: not a mark between values, nor a pattern that is filled in.
fn is_of_words(key: &str, one: &str, other: &str) -> bool {
    let is_form = ["_zero", "_one", "_two", "_few", "_many", "_other"].iter().any(|form| key.ends_with(form));
    let is_pattern = one.contains('{') && key != "page_of";
    let has_words = |text: &str| text.contains(char::is_alphabetic);
    !is_form && !is_pattern && key != "weekday_after" && has_words(one) && has_words(other)
}

/// The kind of letters of a language, as far as words of two kinds need nothing between them.
fn script(language: &Language) -> u8 {
    match language.primary() {
        "zh" | "ja" | "ko" => 1,
        _ if is_right_to_left(language) => 2,
        "ru" | "uk" | "bg" | "sr" | "el" | "hi" | "th" => 3,
        _ => 0,
    }
}

fn escaped(text: &str) -> String {
    let mut out = Vec::new();
    // Nothing can go wrong in memory.
    let _ = escape_markdown(text, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

/// `label | replace(from=…, to=…)`, as Tera has it; what is marked stays marked.
pub(super) fn replace(value: &tera::Value, kwargs: &Kwargs) -> tera::TeraResult<tera::Value> {
    let (from, to) = (kwargs.must_get::<&str>("from")?, kwargs.must_get::<tera::Value>("to")?);
    if !value.is_safe() && !to.is_safe() {
        return Ok(value.to_string().replace(from, &to.to_string()).into());
    }
    let as_markdown = |value: &tera::Value| if value.is_safe() { value.to_string() } else { escaped(&value.to_string()) };
    let from = if value.is_safe() { from.to_owned() } else { escaped(from) };
    Ok(tera::Value::safe_string(&as_markdown(value).replace(&from, &as_markdown(&to))))
}

//! Names of people as notes write them, made readable: no handles, addresses, boxes or brackets.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::Value;

use super::Source;
use crate::classification::fold::{fold, is_ideograph};
use crate::classification::outline::{Kind, Outline, floor, plain, tidy};

/// The longest name or note, in characters.
const MAX_CHARS: usize = 80;
/// The most words of a name.
const MAX_WORDS: usize = 6;

/// Somebody who was there, or was not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(in crate::classification) struct Attendee {
    /// As a person reads it.
    pub name: String,
    /// Role, organisation; empty if none is given.
    pub note: String,
}

/// An entry of a list: `Jane Doe (@jane) - Treasurer`, `Doe, Example Ltd`, `张三（主任）`.
pub(super) fn attendee(text: &str) -> Option<Attendee> {
    let (text, inner) = without_brackets(&tidy(text));
    let mut note = inner;
    let mut name = text;
    for mark in [" - ", " – ", " — ", "：", ": ", ", ", "，", " / ", "; "] {
        if let Some((before, after)) = name.clone().split_once(mark) {
            let after = after.trim();
            if !after.is_empty() && !after.starts_with("http") {
                note = if note.is_empty() { after.to_owned() } else { format!("{after}, {note}") };
            }
            name = before.trim().to_owned();
            break;
        }
    }
    named(&name).map(|name| Attendee { name, note: note.chars().take(MAX_CHARS).collect() })
}

/// Several names in one line: `A, B and C`, `A、B、C`.
pub(super) fn attendees(text: &str) -> Vec<Attendee> {
    split_names(text)
        .iter()
        .filter_map(|part| {
            let (name, note) = without_brackets(part);
            named(&name).map(|name| Attendee { name, note })
        })
        .collect()
}

/// A readable name, if the text can be one.
fn named(text: &str) -> Option<String> {
    let name: String = text
        .trim_matches(|c: char| {
            c.is_whitespace() || matches!(c, '@' | '*' | '_' | '.' | ',' | ';' | '-' | '–' | '、' | '，' | '。' | ':' | '：' | '|')
        })
        .to_owned();
    let name = name.strip_prefix("and ").unwrap_or(&name);
    let letters = name.chars().filter(|c| c.is_alphabetic()).count();
    let long = name.chars().count() > MAX_CHARS || name.split_whitespace().count() > MAX_WORDS;
    let nobody = matches!(
        fold(name).as_str(),
        "" | "none"
            | "no one"
            | "nobody"
            | "n a"
            | "na"
            | "tbd"
            | "tba"
            | "无"
            | "暂无"
            | "本次无"
            | "etc"
            | "all"
            | "others"
            | "keine"
            | "aucun"
            | "name"
    );
    let words: Vec<&str> = name.split_whitespace().collect();
    let capitals = words.iter().filter(|word| word.starts_with(|c: char| !c.is_lowercase())).count();
    // Three words and more are a sentence unless most of them begin with capitals: "van der Berg" is let pass.
    let sentence =
        words.len() > 2 && (capitals * 2 < words.len() || words[0].starts_with(char::is_lowercase) && capitals * 2 <= words.len());
    (letters >= 1 && !long && !sentence && !nobody && !name.contains(['<', '>', '"', '=', '/', '|']) && !name.contains("]("))
        .then(|| name.to_owned())
}

/// A text without what stands in brackets, and what stood there if it is no handle.
fn without_brackets(text: &str) -> (String, String) {
    let mut out = String::new();
    let mut inner = String::new();
    let mut depth = 0_u32;
    for c in text.chars() {
        match c {
            '(' | '（' | '[' | '<' => {
                depth += 1;
                if !inner.is_empty() && !inner.ends_with(' ') {
                    inner.push_str(", ");
                }
            }
            ')' | '）' | ']' | '>' if depth > 0 => depth -= 1,
            _ if depth > 0 => inner.push(c),
            _ => out.push(c),
        }
    }
    let kept: Vec<&str> = inner
        .split(", ")
        .map(str::trim)
        .filter(|part| !part.is_empty() && !part.starts_with('@') && !part.contains("://") && !part.contains('@'))
        .collect();
    let words: Vec<&str> = out.split_whitespace().filter(|word| !(word.starts_with('@') && out.trim() != *word)).collect();
    (words.join(" "), kept.join(", ").chars().take(MAX_CHARS).collect())
}

/// The parts of a line of names; commas in brackets part nothing.
fn split_names(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0_i32;
    for c in text.chars() {
        match c {
            '(' | '（' | '[' => depth += 1,
            ')' | '）' | ']' => depth = (depth - 1).max(0),
            _ => {}
        }
        let parts_here = depth == 0 && matches!(c, ',' | '，' | '、' | ';' | '；');
        match parts.last_mut() {
            Some(part) if !parts_here => part.push(c),
            _ => parts.push(String::new()),
        }
    }
    let parts: Vec<String> = parts
        .iter()
        .flat_map(|part| part.split(" and ").flat_map(|part| part.split(" & ")))
        .map(|part| part.trim().to_owned())
        .filter(|part| !part.is_empty())
        .collect();
    // `张三 李四 王五`: Chinese names in a row, parted by spaces.
    if parts.len() == 1 {
        let words: Vec<&str> = parts[0].split_whitespace().collect();
        let chinese = |word: &&str| (2..=4).contains(&word.chars().count()) && word.chars().all(is_ideograph);
        if words.len() >= 2 && words.iter().all(chinese) {
            return words.into_iter().map(str::to_owned).collect();
        }
    }
    parts
}

/// People as a field holds them: names, `@keys` of the configuration, mappings, one line with commas.
pub(super) fn from_field(value: &Value, source: &Source<'_>) -> Vec<Attendee> {
    match value {
        Value::Array(list) => list.iter().flat_map(|entry| one_of_field(entry, source)).collect(),
        Value::String(text) if text.starts_with('@') && !text.contains([',', '，', '、']) => one_of_field(value, source),
        Value::String(text) => split_names(text).into_iter().flat_map(|part| one_of_field(&Value::String(part), source)).collect(),
        Value::Object(_) => one_of_field(value, source),
        _ => Vec::new(),
    }
}

fn one_of_field(entry: &Value, source: &Source<'_>) -> Vec<Attendee> {
    match entry {
        Value::String(text) => {
            let known = text.trim().strip_prefix('@').and_then(|key| source.settings.people.get(key));
            let of_office = known.and_then(|person| {
                let name = in_language(&person.name, source.language)?;
                Some(Attendee { name, note: in_language(&person.title, source.language).unwrap_or_default() })
            });
            of_office.or_else(|| attendee(&plain(floor(text, 500)))).into_iter().collect()
        }
        Value::Object(map) => {
            let text = |keys: &[&str]| keys.iter().find_map(|key| map.get(*key)?.as_str()).map(tidy).unwrap_or_default();
            let name = text(&["name", "姓名", "名字"]);
            let note = [
                text(&["title", "role", "note", "职务", "职位"]),
                text(&["organisation", "organization", "company", "unit", "单位", "部门"]),
            ];
            let note = note.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
            if name.is_empty() { Vec::new() } else { vec![Attendee { name, note }] }
        }
        _ => Vec::new(),
    }
}

fn in_language(names: &std::collections::BTreeMap<String, String>, language: &str) -> Option<String> {
    names.get(language).or_else(|| names.get("")).or_else(|| names.values().next()).cloned()
}

/// Whether the text says again and again who said what: `Dan: …`, `<dan> …`, `张三：…`.
pub(in crate::classification) fn has_speakers(outline: &Outline<'_>) -> bool {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for line in outline.lines.iter().filter(|line| matches!(line.kind, Kind::Text | Kind::Item)).take(5_000) {
        if let Some(name) = speaker(line.content()) {
            *counts.entry(name).or_default() += 1;
        }
    }
    let again: usize = counts.values().filter(|count| **count >= 2).sum();
    again >= 5 && counts.values().filter(|count| **count >= 2).count() >= 2
}

/// The name before the colon of a line that goes on behind it.
fn speaker(text: &str) -> Option<String> {
    let text = floor(text, 200).trim_start_matches(['*', '_', '>', '<', '\\', ' ']);
    let at = text.find([':', '：', '>']).filter(|at| *at > 0).or_else(|| text.find(" -> ").or_else(|| text.find(" – ")))?;
    let rest = text[at..].trim_start_matches(|c: char| !c.is_alphanumeric() && !is_ideograph(c));
    let name = text[..at].trim_matches(|c: char| matches!(c, '*' | '_' | ' ' | '`'));
    let words = name.split_whitespace().count();
    let starts = name.chars().next().is_some_and(char::is_alphabetic);
    let fits = starts
        && (1..=3).contains(&words)
        && name.chars().count() <= 30
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '.' | '-' | '_' | '\'' | '’' | '(' | ')' | '@'));
    let label = LABELS.contains(&fold(name).as_str());
    if rest.starts_with("http") {
        return None;
    }
    let goes_on = rest.split_whitespace().count() >= 2 || rest.chars().filter(|c| is_ideograph(*c)).count() >= 4;
    (fits && goes_on && !label).then(|| fold(name))
}

/// Words before a colon that are no speaker.
const LABELS: [&str; 40] = [
    "note",
    "notes",
    "agenda",
    "date",
    "time",
    "where",
    "when",
    "chair",
    "scribe",
    "present",
    "regrets",
    "action",
    "resolution",
    "resolved",
    "topic",
    "link",
    "links",
    "issue",
    "status",
    "update",
    "goal",
    "question",
    "answer",
    "example",
    "subject",
    "http",
    "https",
    "decision",
    "author",
    "version",
    "q",
    "a",
    "todo",
    "summary",
    "proposal",
    "pros",
    "cons",
    "name",
    "email",
    "see",
];

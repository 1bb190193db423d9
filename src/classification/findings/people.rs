//! Names of people as notes write them, made readable: no handles, addresses, boxes or brackets.

use serde::Serialize;
use serde_json::Value;

use super::Source;
use crate::classification::fold::{fold, is_ideograph};
use crate::classification::plain::{floor, plain, tidy};

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

//! People in a note's fields: names, `@keys` of the configuration, or mappings become `{name, title, organisation,
//! note}` in the document's language.

use serde_json::{Map, Value, json};

use crate::config::{Person, Settings};
use crate::model::Language;

/// The parts of a person that a mapping may give, each under the names that notes use.
const PARTS: &[(&str, &[&str])] = &[
    ("name", &["name", "姓名", "名字"]),
    ("title", &["title", "position", "role", "职务", "职位"]),
    ("organisation", &["organisation", "organization", "company", "unit", "单位", "公司"]),
    ("note", &["note", "remark", "备注"]),
];

/// A field's people, in order.
pub(super) fn people(value: &Value, settings: &Settings, language: &Language) -> Vec<Value> {
    match value {
        Value::Array(items) => items.iter().flat_map(|item| people_of_item(item, settings, language)).collect(),
        other => people_of_item(other, settings, language),
    }
}

fn people_of_item(value: &Value, settings: &Settings, language: &Language) -> Vec<Value> {
    match value {
        Value::String(text) => split_names(text).map(|name| person_named(name, settings, language)).collect(),
        Value::Object(mapping) => vec![person_of_mapping(mapping, settings, language)],
        Value::Null => Vec::new(),
        other => vec![person_named(&other.to_string(), settings, language)],
    }
}

/// `Zhang Wei, Li Na; Wang Fang` and `张伟、李娜`; a comma inside brackets parts nothing.
fn split_names(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0i32;
    text.split(move |c: char| {
        depth += i32::from(matches!(c, '(' | '（')) - i32::from(matches!(c, ')' | '）'));
        depth <= 0 && matches!(c, ',' | ';' | '，' | '、' | '；' | '\n')
    })
    .map(str::trim)
    .filter(|name| !name.is_empty())
}

fn person_named(name: &str, settings: &Settings, language: &Language) -> Value {
    if let Some(person) = known(name, settings) {
        return json!({ "name": localised(&person.name, language, name), "title": localised(&person.title, language, ""), "organisation": "", "note": "" });
    }
    // `Zhang Wei (General Manager)`: what stands in brackets says what they are.
    let (name, title) = in_brackets(name).unwrap_or((name, ""));
    json!({ "name": name, "title": title, "organisation": "", "note": "" })
}

/// A text that ends in its only pair of brackets: what stands before, and what within them.
fn in_brackets(text: &str) -> Option<(&str, &str)> {
    let text = text.trim();
    let (before, within) = text.strip_suffix([')', '）'])?.split_once(['(', '（'])?;
    // `f(x)` is one word; a full-width bracket brings its own room.
    let stands_apart = before.ends_with(char::is_whitespace) || text[before.len()..].starts_with('（');
    let is_pair = stands_apart && !within.contains(['(', '（', ')', '）']) && !before.trim().is_empty() && !within.trim().is_empty();
    is_pair.then(|| (before.trim(), within.trim()))
}

fn person_of_mapping(mapping: &Map<String, Value>, settings: &Settings, language: &Language) -> Value {
    let mut person = mapping.clone();
    for (part, names) in PARTS {
        let found = names.iter().find_map(|name| mapping.get(*name)).map(plain).unwrap_or_default();
        person.insert((*part).to_owned(), Value::String(found));
    }
    let name = plain(&person["name"]);
    if let Some(known) = known(&name, settings) {
        person.insert("name".to_owned(), Value::String(localised(&known.name, language, &name)));
        if plain(&person["title"]).is_empty() {
            person.insert("title".to_owned(), Value::String(localised(&known.title, language, "")));
        }
    }
    Value::Object(person)
}

/// The person of the configuration whom a text means: by `@key`, or by another name that they go by.
fn known<'a>(name: &str, settings: &'a Settings) -> Option<&'a Person> {
    let key = name.trim_start_matches('@');
    settings
        .people
        .get(key)
        .filter(|_| name.starts_with('@'))
        .or_else(|| settings.people.values().find(|person| person.aliases.iter().any(|alias| alias == name)))
}

/// A text by language: its own, the one for all languages, any.
pub(super) fn localised(texts: &std::collections::BTreeMap<String, String>, language: &Language, otherwise: &str) -> String {
    let found =
        texts.get(&language.0).or_else(|| texts.get(language.primary())).or_else(|| texts.get("")).or_else(|| texts.values().next());
    found.cloned().unwrap_or_else(|| otherwise.to_owned())
}

/// People as a line names them, each as name, title, note and organisation: one with their title (`Zhang Wei, Chair`), of
/// several each with what is known of them in brackets, so that no title is taken for a name.
pub(super) fn with_titles(people: impl Iterator<Item = [String; 4]>, labels: &Map<String, Value>) -> String {
    let label = |key: &str| labels.get(key).and_then(Value::as_str).unwrap_or_default();
    let people: Vec<[String; 4]> = people.filter(|[name, ..]| !name.is_empty()).collect();
    if let [[name, title, note, organisation]] = people.as_slice() {
        if !title.is_empty() {
            return label("person").replace("{title}", "\u{1}").replace("{name}", name).replace('\u{1}', title);
        }
        return bracketed(name, &[note, organisation], label("open"), label("close"));
    }
    let one =
        |[name, title, note, organisation]: &[String; 4]| bracketed(name, &[title, note, organisation], label("open"), label("close"));
    people.iter().map(one).collect::<Vec<_>>().join(label("list_comma"))
}

fn bracketed(name: &str, parts: &[&String], open: &str, close: &str) -> String {
    match parts.iter().find(|part| !part.is_empty()) {
        Some(part) => format!("{name}{open}{part}{close}"),
        None => name.to_owned(),
    }
}

/// A value as one text: what was written, lists joined by commas.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.trim().to_owned(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

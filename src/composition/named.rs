//! Whom a record names: the people of its fields, those who were there, and those who have something to do.
//!
//! For lists by person. Nothing is guessed: only what a field or a finder has told to be somebody counts.

use std::collections::HashSet;

use serde_json::Value;

use super::data;
use super::people::people;
use crate::catalog::{DocumentType, FieldKind};
use crate::classification::Classification;
use crate::config::Settings;
use crate::reading::Submission;

/// A record names at most so many people; who comes later in the document is left out.
const MAX_PEOPLE: usize = 200;

/// The people whom a part names, as the page calls them, each once, in the order of the document: fields first. Of
/// several recipients only the one whose part it is.
pub(crate) fn people_named(
    submission: &Submission,
    classification: &Classification,
    document_type: &DocumentType,
    settings: &Settings,
) -> Vec<String> {
    let manifest = &document_type.manifest;
    let is_people = |key: &String| manifest.fields.iter().any(|field| field.name == *key && field.kind == FieldKind::People);
    let recipient = submission.fields.values.get("recipient");
    let own_part = |key: &String| recipient.filter(|_| manifest.one_per.as_ref() == Some(key));
    let fields = classification.fields.iter().filter(|(key, _)| is_people(key)).map(|(key, value)| own_part(key).unwrap_or(value));
    let named = fields.flat_map(|value| people(value, settings, &classification.language)).filter_map(|person| text(person.get("name")));
    let found = data::found(classification, settings);
    let groups = ["present", "in_attendance", "apologies"];
    let attendance = groups.iter().filter_map(|group| found.get("attendance")?.get(group)).flat_map(entries);
    let attendance = attendance.filter_map(|person| text(person.get("name")));
    let owners = found.get("actions").into_iter().flat_map(entries).filter_map(|action| text(action.get("owner")));
    let mut seen = HashSet::new();
    named.chain(attendance).chain(owners).filter(|name| seen.insert(name.to_lowercase())).take(MAX_PEOPLE).collect()
}

fn entries(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

fn text(value: Option<&Value>) -> Option<String> {
    let text = value?.as_str()?.split_whitespace().collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then_some(text)
}

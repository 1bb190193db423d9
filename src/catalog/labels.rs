//! Labels: the fixed words of a document by language, from `languages/<tag>.toml` files of `key = "text"` lines.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::Files;
use crate::failure::{Blame, Problem};
use crate::model::Language;
use crate::toml_file::{TomlFile, nearest};

/// Labels by language tag.
pub(super) type Labels = BTreeMap<String, Map<String, Value>>;

/// The language in which every label must be there.
const COMPLETE: &str = "en";

/// The forms in which languages count; English has the first two.
const FORMS: [&str; 6] = ["_one", "_other", "_zero", "_two", "_few", "_many"];

/// Reads a folder's `languages/*.toml`; `prefix` is the folder as its user knows it (`templates/_shared`).
pub(super) fn read(files: &Files, prefix: &str) -> (Labels, Vec<Problem>) {
    let (mut labels, mut problems) = (Labels::new(), Vec::new());
    for (path, bytes) in files {
        let Some(tag) = path.strip_prefix("languages/").and_then(|name| name.strip_suffix(".toml")) else { continue };
        let (read, found) = read_one(tag, bytes);
        problems.extend(found.into_iter().map(|problem| problem.in_file(format!("{prefix}/{path}")).blaming(Blame::Template)));
        labels.insert(tag.to_owned(), read);
    }
    (labels, problems)
}

/// The shared labels with a type's own, which win.
pub(super) fn merged(shared: &Labels, own: Labels) -> Labels {
    let mut merged = shared.clone();
    for (tag, labels) in own {
        merged.entry(tag).or_default().extend(labels);
    }
    merged.entry(COMPLETE.to_owned()).or_default();
    merged
}

/// A label that English lacks could not be printed in any other language: each is a problem.
pub(super) fn gaps(labels: &Labels, file_of: impl Fn(&str) -> String) -> Vec<Problem> {
    let Some(complete) = labels.get(COMPLETE) else { return Vec::new() };
    let others = labels.iter().filter(|(tag, _)| *tag != COMPLETE);
    // A form that English does not count in stands for the one that it has.
    let is_form =
        |key: &str| FORMS.iter().any(|form| key.strip_suffix(form).is_some_and(|word| complete.contains_key(&format!("{word}_other"))));
    let is_missing = |key: &&String| !complete.contains_key(*key) && !is_form(key);
    let missing = others.flat_map(|(tag, labels)| labels.keys().filter(is_missing).map(move |key| (tag, key)));
    let problem = |(tag, key): (&String, &String)| {
        let help = match nearest(key, complete.keys().map(String::as_str)) {
            Some(near) => format!("Did you mean `{near}`? Else add a line `{key} = \"…\"` to `languages/{COMPLETE}.toml`."),
            None => format!("Add a line `{key} = \"…\"` to `languages/{COMPLETE}.toml`."),
        };
        let message = format!("The label `{key}` is not there in English");
        Problem::new("label-without-english", message, help).in_file(file_of(tag)).blaming(Blame::Template)
    };
    missing.map(problem).collect()
}

fn read_one(tag: &str, bytes: &[u8]) -> (Map<String, Value>, Vec<Problem>) {
    let mut problems = Vec::new();
    if !Language::is_tag(tag) {
        let help = "Name the file after the language, such as `zh.toml`.";
        problems.push(Problem::new("language", format!("`{tag}` is no language"), help));
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        problems.push(super::check::not_utf8());
        return (Map::new(), problems);
    };
    let text = text.trim_start_matches('\u{feff}');
    let (_, labels, found) = TomlFile::read::<BTreeMap<String, String>>(text);
    problems.extend(found);
    (labels.into_iter().map(|(key, text)| (key, Value::String(text))).collect(), problems)
}

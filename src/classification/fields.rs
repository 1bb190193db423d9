//! A type's fields found among a note's own: under their names or aliases, however spelt.
//!
//! Values are handed on as written. Keys that no one declared are told once, all together.

use serde_json::{Map, Value};

use super::Vocabulary;
use super::fold::{fold, fold_key, is_listed};
use crate::catalog::Manifest;
use crate::failure::{Problem, Warning};
use crate::reading::Submission;
use crate::toml_file::did_you_mean;

/// Keys that every type understands, and those of other programs, which say nothing to us. Folded.
const LET_BE: &str = "title|subject|标题|题目|主题|題目|件名|titel|betreff|titre|objet|titulo|asunto|date|日期|会议日期|发文日期|成文日期|\
    datum|fecha|日時|日付|type|类型|documenttype|doctype|lang|language|languages|locale|语言|语种|id|draft|rows|relates|recipients|\
    attachments|附件|body|number|version|status|layout|tags|tag|aliases|permalink|categories|category|keywords|\
    description|summary|slug|path|url|weight|parent|grandparent|haschildren|hastoc|navorder|navexclude|toc|comments|\
    comment|published|author|authors|image|images|cover|template|extra|taxonomies|series|cssclass|cssclasses|created|\
    updated|modified|lastmod|lastupdated|publishdate|expirydate|uuid|uid|public|publish|sidebar|sidebarposition|hide|kind|\
    outputs|resources|jsonld|excerpt|robots|redirectfrom|output|format|class|style|math|smartpunctuation|\
    house|access|stamp|confidential";
/// How many unknown keys are named.
const MAX_NAMED: usize = 20;

/// The fields of a note under their declared names.
pub(super) struct Resolved {
    pub values: Map<String, Value>,
    pub warnings: Vec<Warning>,
    pub problems: Vec<Problem>,
}

/// Finds a manifest's fields in a note.
pub(super) fn resolve(note: &Submission, manifest: &Manifest, vocabulary: &Vocabulary) -> Resolved {
    let mut resolved = Resolved { values: Map::new(), warnings: Vec::new(), problems: Vec::new() };
    let mut unknown: Vec<&str> = Vec::new();
    for (key, value) in &note.fields.values {
        match vocabulary.declared(key) {
            Some(name) if resolved.values.contains_key(name) => {
                let message = format!("`{key}` says the same as `{name}`, which stands above it; the first was taken.");
                resolved.warnings.push(placed(Warning::new("field-twice", message), note, key));
            }
            Some(name) => match choice(name, value, manifest) {
                Ok(value) => {
                    resolved.values.insert(name.to_owned(), value);
                }
                Err(message) => resolved.warnings.push(placed(Warning::new("field-choice", message), note, key)),
            },
            None if is_listed(LET_BE, &fold_key(key)) => {}
            None => unknown.push(key),
        }
    }
    resolved.warnings.extend(unknown_keys(&unknown, note, manifest));
    resolved.problems.extend(missing(&resolved.values, note, manifest));
    resolved
}

/// A field's value, as its manifest spells it where it lists what may be said there; else what it could say.
fn choice(name: &str, value: &Value, manifest: &Manifest) -> Result<Value, String> {
    let choices = manifest.fields.iter().find(|field| field.name == name).map_or(&[][..], |field| &field.choices);
    if choices.is_empty() || is_empty(value) {
        return Ok(value.clone());
    }
    let written = value.as_str().map(fold).unwrap_or_default();
    if let Some(choice) = choices.iter().find(|choice| fold(choice) == written) {
        return Ok(Value::String(choice.clone()));
    }
    let known: Vec<&str> = choices.iter().map(String::as_str).collect();
    let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    Err(format!("`{name}` cannot be `{}` and was left out. {}", short(&shown), did_you_mean(&shown, &known)))
}

/// Every name that a declared field goes by, for finding title and date.
pub(super) fn names_of<'m>(manifest: &'m Manifest, name: &str) -> &'m [String] {
    manifest.fields.iter().find(|field| field.name == name).map_or(&[], |field| &field.aliases)
}

/// One warning for all keys that nobody declared.
fn unknown_keys(unknown: &[&str], note: &Submission, manifest: &Manifest) -> Option<Warning> {
    let first = unknown.first()?;
    let named = unknown.iter().take(MAX_NAMED).map(|key| match near(key, manifest) {
        Some(name) => format!("`{}` (did you mean `{name}`?)", short(key)),
        None => format!("`{}`", short(key)),
    });
    let list = named.collect::<Vec<_>>().join(", ");
    let more = unknown.len().saturating_sub(MAX_NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let verb = if unknown.len() == 1 { "is no field" } else { "are no fields" };
    Some(placed(
        Warning::new("field-unknown", format!("{list}{more} {verb} of this type of document and will not be printed.")),
        note,
        first,
    ))
}

/// A declared name that is almost the key.
fn near<'m>(key: &str, manifest: &'m Manifest) -> Option<&'m str> {
    let key = fold(short(key));
    let names = manifest.fields.iter().flat_map(|field| field.aliases.iter().chain([&field.name]).map(move |name| (name, field)));
    let (_, field) =
        names.filter(|(name, _)| is_near(&key, &fold(name))).min_by_key(|(name, _)| strsim::damerau_levenshtein(&key, &fold(name)))?;
    Some(&field.name)
}

/// Whether a word is another with a slip of the pen: one in a short word, two in a long one.
pub(super) fn is_near(written: &str, meant: &str) -> bool {
    let length = meant.chars().count();
    let slips = match length {
        0..=2 => return false,
        3..=5 => 1,
        _ => 2,
    };
    written != meant && written.chars().count().abs_diff(length) <= slips && strsim::damerau_levenshtein(written, meant) <= slips
}

fn missing(values: &Map<String, Value>, note: &Submission, manifest: &Manifest) -> Vec<Problem> {
    let wanted = manifest.fields.iter().filter(|field| field.required && values.get(&field.name).is_none_or(is_empty));
    wanted
        .map(|field| {
            let example = field.example.as_deref().map(|example| format!(", such as `{}: {example}`", field.name)).unwrap_or_default();
            let message = format!("The field `{}` is missing ({}).", field.name, field.help.trim_end_matches('.'));
            let problem =
                Problem::new("field-missing", message, format!("Write it between the `---` lines at the top of the note{example}."));
            match note.fields.lines.get(&field.name) {
                Some(line) => problem.at(&note.text, *line, None),
                None => problem,
            }
        })
        .collect()
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

fn short(key: &str) -> &str {
    super::plain::floor(key, 60)
}

fn placed(warning: Warning, note: &Submission, key: &str) -> Warning {
    Warning { line: note.fields.lines.get(key).copied(), ..warning }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_note_says_of_its_markdown_and_its_look_is_known_to_every_type() {
        for key in ["math", "smart_punctuation", "house", "access", "stamp", "confidential"] {
            assert!(is_listed(LET_BE, &fold_key(key)), "{key}");
        }
    }
}

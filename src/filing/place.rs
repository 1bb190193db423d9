//! Places: where a record's files go, from the pattern in the type's manifest. Safe on every file system.
//!
//! The number and the id are not known before admission: `{{ number }}` and `{{ id }}` come out as `{number}` and
//! `{id}`, which admission fills in before it looks for a free place.

use chrono::{Datelike as _, NaiveDate};
use serde_json::{Map, Value};

use crate::catalog::{ArchiveRule, fill_in};
use crate::failure::{Blame, Checked, Problem};
use crate::model::TypeName;
use crate::register::Place;
use crate::storage::name::{safe_path, safe_value};

/// What a pattern may use.
#[derive(Clone, Debug)]
pub struct Naming<'a> {
    /// `{{ type }}`.
    pub document_type: &'a TypeName,
    /// `{{ title }}`.
    pub title: &'a str,
    /// `{{ date }}`, `{{ year }}`, `{{ month }}`, `{{ day }}`.
    pub date: NaiveDate,
    /// `{{ lang }}`.
    pub language: &'a str,
    /// Each declared field of the type under its own name, empty where the note has none, and `recipient`: texts, or a
    /// mapping of texts.
    pub values: &'a Map<String, Value>,
}

/// The places of a record's files, given as role and extension, the main file first; the name of each other one says
/// its role, unless the pattern does.
///
/// # Errors
/// A pattern that does not work; blame: template.
pub fn places(rule: &ArchiveRule, naming: &Naming<'_>, files: &[(&str, &str)]) -> Checked<Vec<Place>> {
    let mut places: Vec<Place> = Vec::new();
    for (role, extension) in files {
        let mut path = place(rule, naming, role, extension)?;
        if !places.is_empty() && places.iter().any(|other| stem(&other.path) == stem(&path)) {
            path = crate::storage::name::with_suffix(&path, &format!(" ({})", safe_value(role)));
        }
        places.push(Place { role: (*role).to_owned(), path });
    }
    Ok(places)
}

/// The place of one file, relative to `archive/`: never absolute, never empty, never outside.
///
/// # Errors
/// A pattern that does not work; blame: template.
pub fn place(rule: &ArchiveRule, naming: &Naming<'_>, role: &str, extension: &str) -> Checked<String> {
    let mut context = tera::Context::new();
    for (name, value) in naming.values {
        context.insert(name.clone(), &harmless_value(value));
    }
    let mut value = |name: &'static str, text: &str| context.insert(name, &harmless(text));
    value("year", &naming.date.format("%Y").to_string());
    value("month", &naming.date.format("%m").to_string());
    value("day", &naming.date.format("%d").to_string());
    value("date", &naming.date.format("%Y-%m-%d").to_string());
    value("type", naming.document_type.as_str());
    value("title", naming.title);
    value("lang", naming.language);
    value("role", role);
    context.insert("number", "{number}");
    context.insert("id", "{id}");
    let path = fill_in(&rule.path, &context).map_err(|error| {
        let message = format!("The place in the archive `{}` does not work: {error}", rule.path);
        let help = "Mend `path` under [archive] in the type's manifest.toml; it knows year, month, day, date, type, title, \
                    lang, number, recipient and the type's own fields.";
        Problem::new("archive-path", message, help).blaming(Blame::Template)
    })?;
    let fallback = format!("{} {}", naming.date.year(), naming.document_type);
    let extension: String = extension.chars().filter(char::is_ascii_alphanumeric).take(16).collect();
    Ok(format!("{}.{extension}", safe_path(&path, &fallback)))
}

/// The place of a file that a note owns, beside the note's own place `source`: its name follows the note's.
pub fn place_of_owned(source: &str, name: &str) -> String {
    let name = harmless(name);
    let is_extension = |text: &str| (1..=16).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric());
    let (own, extension) = name.rsplit_once('.').filter(|(_, extension)| is_extension(extension)).unwrap_or((&name, "bin"));
    format!("{} {own}.{extension}", stem(source))
}

/// The name that a file beside its note has of its own: what [`place_of_owned`] put after the note's.
pub(super) fn name_beside(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.split_once("(source) ").map_or(name, |(_, own)| own)
}

/// The place of a signed copy beside the document at `path`: the document's name, marked, with the ending of `name`.
pub fn place_of_signed(path: &str, name: &str) -> String {
    let extension: String =
        name.rsplit_once('.').map_or("bin", |(_, extension)| extension).chars().filter(char::is_ascii_alphanumeric).take(16).collect();
    format!("{} (signed).{}", stem(path), extension.to_lowercase())
}

/// A value that makes no folder and is not taken for the number or the id.
fn harmless(text: &str) -> String {
    safe_value(text).replace("{number}", "(number)").replace("{id}", "(id)")
}

fn harmless_value(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(harmless(text)),
        Value::Object(map) => Value::Object(map.iter().map(|(name, value)| (name.clone(), harmless_value(value))).collect()),
        other => other.clone(),
    }
}

fn stem(path: &str) -> &str {
    path.rsplit_once('.').map_or(path, |(stem, _)| stem)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rule(path: &str) -> ArchiveRule {
        ArchiveRule { path: path.to_owned(), attach: None }
    }

    fn naming<'a>(title: &'a str, document_type: &'a TypeName) -> Naming<'a> {
        static NONE: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
        Naming { document_type, title, date: NaiveDate::from_ymd_opt(2026, 3, 4).unwrap(), language: "en", values: &NONE }
    }

    #[test]
    fn a_pattern_becomes_a_path() {
        let document_type: TypeName = "minutes".parse().unwrap();
        let naming = naming("Executive Committee", &document_type);
        let usual = rule("{{ year }}/{{ month }}/{{ type }}/{{ date }} {{ title }}");
        assert_eq!(place(&usual, &naming, "document", "pdf").unwrap(), "2026/03/minutes/2026-03-04 Executive Committee.pdf");
        let numbered = rule("{{ type }}/{{ lang }} {{ number }} {{ title }} {{ id }}");
        assert_eq!(place(&numbered, &naming, "document", "pdf").unwrap(), "minutes/en {number} Executive Committee {id}.pdf");
    }

    #[test]
    fn a_field_is_one_part_of_a_path_at_most() {
        let document_type: TypeName = "letter".parse().unwrap();
        let values = serde_json::json!({"to": "../Anna/Bo {id}", "from": "", "recipient": {"name": "周敏 / A"}});
        let naming = Naming { values: values.as_object().unwrap(), ..naming("Visit", &document_type) };
        let pattern = rule("{% if to %}{{ to }}/{% endif %}{% if from %}{{ from }}/{% endif %}{{ title }} - {{ recipient.name }}");
        assert_eq!(place(&pattern, &naming, "document", "pdf").unwrap(), "-Anna-Bo (id)/Visit - 周敏 - A.pdf");
    }

    #[test]
    fn a_title_stays_in_its_folder() {
        let document_type = TypeName::document();
        let usual = rule("{{ year }}/{{ title }}");
        for (title, expected) in [
            ("../../../etc/passwd", "2026/-..-..-etc-passwd.pdf"),
            ("/etc", "2026/-etc.pdf"),
            ("...", "2026/2026 document.pdf"),
            ("{number}", "2026/(number).pdf"),
            ("", "2026/2026 document.pdf"),
        ] {
            assert_eq!(place(&usual, &naming(title, &document_type), "document", "pdf").unwrap(), expected, "{title:?}");
        }
    }

    #[test]
    fn each_file_of_a_record_has_its_own_name() {
        let document_type: TypeName = "speech".parse().unwrap();
        let naming = naming("Opening", &document_type);
        let places = places(&rule("{{ title }}"), &naming, &[("reading", "pdf"), ("press", "pdf"), ("source", "md")]).unwrap();
        let paths: Vec<&str> = places.iter().map(|place| place.path.as_str()).collect();
        assert_eq!(paths, ["Opening.pdf", "Opening (press).pdf", "Opening (source).md"]);
    }

    #[test]
    fn what_a_note_owns_stands_beside_it_and_makes_no_folder() {
        assert_eq!(place_of_owned("2026/Visit (source).md", "img/plan.v2.png"), "2026/Visit (source) img-plan.v2.png");
        assert_eq!(place_of_owned("2026/Visit (source).md", "../LICENSE"), "2026/Visit (source) -LICENSE.bin");
    }

    #[test]
    fn a_pattern_that_does_not_work_blames_the_template() {
        let document_type = TypeName::document();
        let problems = place(&rule("{{ yeer }}"), &naming("x", &document_type), "document", "pdf").unwrap_err();
        assert_eq!(problems.first().blame, Blame::Template);
        assert!(problems.first().message.contains("yeer"));
    }

    proptest! {
        #[test]
        fn no_title_leaves_the_archive(title in any::<String>()) {
            let document_type = TypeName::document();
            let path = place(&rule("{{ year }}/{{ title }}"), &naming(&title, &document_type), "document", "pdf").unwrap();
            prop_assert!(path.starts_with("2026/"));
            prop_assert_eq!(path.matches('/').count(), 1);
            prop_assert!(path.len() < 140);
        }
    }
}

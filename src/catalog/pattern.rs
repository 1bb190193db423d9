//! The small Tera patterns of a manifest: a number (`MIN-{{ year }}-{{ seq }}`) and a place in the archive.
//!
//! They are tried with made-up values when a type is loaded, with every field given and with none, so that no
//! document finds out too late.

use std::fmt;
use std::sync::LazyLock;

use serde_json::{Map, Value, json};
use tera::{Context, ErrorKind, Tera, TeraResult};

use super::{Field, FieldKind};

/// What a number pattern may name: the document's year, the running number padded to three digits and unpadded, the
/// type's name, and the code under which the house issues documents.
pub const NUMBER_VARIABLES: [&str; 5] = ["year", "seq", "n", "type", "code"];

/// What an archive path may name beside the type's own fields and `recipient`: texts; month and day have two digits.
/// `number` is empty for a type without a series.
pub const PATH_VARIABLES: [&str; 8] = ["year", "month", "day", "date", "type", "title", "lang", "number"];

/// Why a pattern cannot be filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternError {
    /// In Tera's words.
    pub message: String,
    /// The character of the pattern, from 1, where known.
    pub column: Option<u32>,
}

impl fmt::Display for PatternError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.column {
            Some(column) => write!(out, "{} (at character {column})", self.message),
            None => out.write_str(&self.message),
        }
    }
}

impl std::error::Error for PatternError {}

/// Fills in a pattern. Values stand as they are given: whoever calls makes them safe for what they become.
///
/// # Errors
/// The pattern is no valid Tera, or names a value that is not there.
pub fn render_pattern(pattern: &str, values: &Map<String, Value>) -> Result<String, PatternError> {
    let context = Context::from_serialize(values).map_err(|error| pattern_error(&error))?;
    fill_in(pattern, &context).map_err(|error| pattern_error(&error))
}

/// The same with values that are ready. All patterns are filled in by one engine: making one takes longer than filling in.
///
/// # Errors
/// Tera's own.
pub fn fill_in(pattern: &str, context: &Context) -> TeraResult<String> {
    static ENGINE: LazyLock<Tera> = LazyLock::new(Tera::default);
    ENGINE.render_str(pattern, context, false)
}

/// What is wrong with a number pattern; `None` if nothing.
pub(super) fn number_fault(pattern: &str) -> Option<(String, String)> {
    let number = |year: i32, n: u32| {
        let values = json!({"year": year.to_string(), "seq": format!("{n:03}"), "n": n, "type": "order", "code": "国发"});
        render_pattern(pattern, values.as_object()?).map(Some).map_err(|error| fault(&error, &NUMBER_VARIABLES)).transpose()
    };
    let (first, second, next_year) = match (number(2026, 1)?, number(2026, 2)?, number(2027, 1)?) {
        (Ok(first), Ok(second), Ok(next_year)) => (first, second, next_year),
        (Err(fault), _, _) | (_, Err(fault), _) | (_, _, Err(fault)) => return Some(fault),
    };
    let repeated = |what: &str, name: &str| {
        let message = format!("This pattern gives the same number, {first}, to {what}");
        Some((message, format!("Put `{{{{ {name} }}}}` into the pattern.")))
    };
    if first == second {
        repeated("every document", "seq")
    } else if first == next_year {
        repeated("a document of each year", "year")
    } else {
        None
    }
}

/// What is wrong with an archive path; `None` if nothing.
pub(super) fn path_fault(pattern: &str, type_name: &str, fields: &[Field]) -> Option<(String, String)> {
    [true, false].into_iter().find_map(|given| {
        let values = sample(type_name, fields, given);
        let known: Vec<&str> = values.keys().map(String::as_str).collect();
        match render_pattern(pattern, &values) {
            Err(error) => Some(fault(&error, &known)),
            Ok(path) => place_fault(&path),
        }
    })
}

fn place_fault(path: &str) -> Option<(String, String)> {
    let wrong = if path.contains('\\') || path.contains(char::is_control) {
        "has a character in it that cannot stand in a path"
    } else if path.starts_with('/') {
        "begins with `/`: a place in the archive is relative"
    } else if path.split('/').any(|part| part.trim().is_empty()) {
        "has a folder or file without a name"
    } else if path.split('/').any(|part| part.trim() == "." || part.trim() == "..") {
        "leaves its folder"
    } else if path.split('/').next().is_some_and(|part| part.starts_with('.') || part == "register") {
        "lies in a folder that the archive needs for itself"
    } else {
        return None;
    };
    let help = "Write folders and a name, such as `{{ year }}/{{ month }}/{{ type }}/{{ date }} {{ title }}`; guard \
                what may be missing with `{% if … %}`.";
    Some((format!("With this pattern a document is filed as `{path}`, which {wrong}"), help.to_owned()))
}

/// Made-up values: with every field given, or with those alone that every document has.
fn sample(type_name: &str, fields: &[Field], given: bool) -> Map<String, Value> {
    let mut values = Map::new();
    for field in fields {
        let value = match field.kind {
            _ if !given => Value::Null,
            FieldKind::Flag => Value::Bool(true),
            FieldKind::Date => Value::from("2026-11-23"),
            _ => Value::from(field.name.as_str()),
        };
        values.insert(field.name.clone(), value);
    }
    let recipient = if given { json!({"name": "Anna Berg", "title": "", "organisation": "", "note": ""}) } else { Value::Null };
    values.insert("recipient".to_owned(), recipient);
    let texts = ["2026", "03", "09", "2026-03-09", type_name, "Executive Committee", "en", if given { "MIN-2026-001" } else { "" }];
    values.extend(PATH_VARIABLES.into_iter().zip(texts).map(|(name, text)| (name.to_owned(), Value::from(text))));
    values
}

/// Message and help for a pattern that cannot be filled in.
fn fault(error: &PatternError, known: &[&str]) -> (String, String) {
    let message = format!("This pattern cannot be filled in: {error}");
    let unknown = error.message.split('`').nth(1).filter(|word| error.message.contains("not") && !known.contains(word));
    let help = match unknown {
        Some(word) => crate::toml_file::did_you_mean(word, known),
        None => format!("A value is written `{{{{ name }}}}`. Possible here: {}.", crate::toml_file::listed(known)),
    };
    (message, help)
}

fn pattern_error(error: &tera::Error) -> PatternError {
    match error.kind() {
        ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) => {
            PatternError { message: report.message().to_owned(), column: u32::try_from(report.span().start_col + 1).ok() }
        }
        kind => PatternError { message: kind.to_string(), column: None },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str) -> Field {
        Field {
            name: name.to_owned(),
            kind: FieldKind::Text,
            aliases: Vec::new(),
            required: false,
            choices: Vec::new(),
            help: String::new(),
            example: None,
        }
    }

    #[test]
    fn a_number_differs_by_document_and_year() {
        let message = |pattern: &str| number_fault(pattern).map(|(message, _)| message);
        assert_eq!(message("MIN-{{ year }}-{{ seq }}"), None);
        assert_eq!(message("国发〔{{ year }}〕{{ n }}号"), None);
        assert_eq!(message("{{ code }}〔{{ year }}〕{{ seq }}号"), None);
        assert!(message("MIN-{{ year }}").is_some_and(|text| text.contains("every document")));
        assert!(message("MIN-{{ seq }}").is_some_and(|text| text.contains("each year")));
    }

    #[test]
    fn an_unknown_name_is_told_with_the_nearest() {
        let (message, help) = number_fault("MIN-{{ yaer }}-{{ seq }}").expect("a fault");
        assert!(message.contains("yaer") && help == "Did you mean `year`?", "{message} {help}");
        let (message, _) = number_fault("MIN-{{ year").expect("a fault");
        assert!(message.starts_with("This pattern cannot be filled in"), "{message}");
        assert!(number_fault("{{ seq | nosuch }}{{ year }}").is_some());
    }

    #[test]
    fn a_place_holds_with_and_without_fields() {
        let fields = [field("committee")];
        let check = |pattern: &str| path_fault(pattern, "minutes", &fields).map(|(message, _)| message);
        assert_eq!(check("{{ year }}/{{ month }}/{{ type }}/{{ date }} {{ title }}"), None);
        assert_eq!(check("{{ year }}/{% if committee %}{{ committee }}/{% endif %}{{ title }}"), None);
        assert_eq!(check("{{ year }}/{{ title }}{% if recipient %} {{ recipient.name }}{% endif %}"), None);
        assert!(check("{{ year }}/{{ committee }}/{{ title }}").is_some_and(|text| text.contains("without a name")));
        for wrong in ["/{{ title }}", "../{{ title }}", "a//b", "", "register/x", ".lock/x", "{{ title }}\n", "{{ nothing }}"] {
            assert!(check(wrong).is_some(), "{wrong}");
        }
    }
}

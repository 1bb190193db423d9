//! The data of a record, as its words (Tera) and its layout (`/data.json`) both see it.

use chrono::{Datelike, NaiveDate};
use serde_json::{Map, Value, json};

use super::bilingual::Tongues;
use super::people::{localised, people, plain};
use super::writer::printable;
use super::{Commission, approval, dates, numbers};
use crate::catalog::{DocumentType, Field, FieldKind, FileRule};
use crate::classification::{Classification, TitleSource, title_in};
use crate::config::Settings;
use crate::model::Language;
use crate::reading::{Dialect, Submission};
use crate::register::settled;

/// Builds the data of one file of a record; `figures` is its language with the digits it is written in. Attachments and
/// timing are added by whoever knows them.
pub(super) fn data(commission: &Commission<'_>, rule: &FileRule, tongues: &Tongues, labels: Map<String, Value>) -> Map<String, Value> {
    let figures = &tongues.first;
    let Commission { classification, document_type, settings, ticket, .. } = commission;
    let language = &classification.language;
    let date = classification.date;
    let organisation = &settings.organisation;
    let mut data = Map::new();
    let mut put = |key: &str, value: Value| data.insert(key.to_owned(), value);
    put("type", json!(document_type.name));
    put("role", json!(rule.role));
    put("title", json!(classification.title));
    put("untitled", json!(classification.title_source == TitleSource::FileName));
    put("lang", json!(language.0));
    put("second", second(commission, tongues));
    put("date", json!(date.to_string()));
    put("date_text", json!(tongues.in_both_as_text(|of| dates::long_date(date, of))));
    put("full_date", json!(tongues.in_both_as_text(|of| dates::full_date(date, of, &document_type.labels(of)))));
    put("weekday", json!(tongues.in_both_as_text(|of| dates::weekday(date, of))));
    put("digits", json!(numbers::digits(figures).map(|digits| digits.into_iter().collect::<String>())));
    put("year", json!(date.year()));
    put("month", json!(date.month()));
    put("day", json!(date.day()));
    put("id", json!(ticket.map(|ticket| &ticket.id)));
    put("number", json!(ticket.and_then(|ticket| ticket.number.as_ref())));
    put("version", json!(ticket.map_or(1, |ticket| ticket.version)));
    put("preview", json!(ticket.is_none()));
    put("approval", approval::data(commission));
    put("settled", json!(commission.status.and_then(settled)));
    put("style", Value::Object(settings.style.clone()));
    put("fonts", json!(settings.fonts.scripts));
    put(
        "organisation",
        json!({
            "name": localised(&organisation.name, language, ""),
            "address": organisation.address,
            "contact": organisation.contact,
            "registration": organisation.registration.as_deref().unwrap_or(""),
            "country": organisation.country.as_deref().map(str::to_ascii_uppercase),
        }),
    );
    put("recipient", recipient(commission));
    let fields = fields(commission);
    put("dates", dates_in_words(&fields, document_type, figures));
    put("fields", Value::Object(fields));
    let mut found = found(commission.classification, commission.settings);
    found.get_mut("kpis").into_iter().for_each(|kpis| write_rates(kpis, &labels, figures));
    put("found", Value::Object(found));
    put("label", Value::Object(labels));
    data.values_mut().for_each(make_printable);
    data
}

/// The second language of the document and its title in that language, empty where the note has none; null of a document in
/// one language.
fn second(commission: &Commission<'_>, tongues: &Tongues) -> Value {
    let Some(second) = &tongues.second else { return Value::Null };
    json!({ "lang": second.0, "title": title_in(commission.submission, second).unwrap_or_default() })
}

/// The dates of a document in two languages, for its words: the second is marked as what it is.
pub(super) fn insert_dates(context: &mut tera::Context, commission: &Commission<'_>, tongues: &Tongues) {
    let (date, kind) = (commission.classification.date, commission.document_type);
    context.insert_value("date_text", tongues.in_both(|of| dates::long_date(date, of)));
    context.insert_value("full_date", tongues.in_both(|of| dates::full_date(date, of, &kind.labels(of))));
    context.insert_value("weekday", tongues.in_both(|of| dates::weekday(date, of)));
}

/// How the note's Markdown is to be read: `math: true` and `smart_punctuation: false` are the note's own to say, the latter
/// also the house's, in `[style]`.
pub(super) fn dialect(commission: &Commission<'_>) -> Dialect {
    let fields = &commission.submission.fields;
    let house = commission.settings.style.get("smart_punctuation");
    let straight = fields.values.get("smart_punctuation").or(house) == Some(&Value::Bool(false));
    Dialect { math: fields.is_true("math"), straight }
}

/// What was found in the text. Owners of actions and those who were there, named by a key or an alias of the configuration
/// (`@amelia`), get the name that people know them by; a name stays as it was written.
pub(super) fn found(classification: &Classification, settings: &Settings) -> Map<String, Value> {
    let mut found = classification.findings.clone();
    let name_of = |text: &str| {
        let (_, person) = settings.person(text)?;
        let is_a_name = person.name.values().any(|name| name == text);
        (!is_a_name).then(|| localised(&person.name, &classification.language, text))
    };
    let entries = |value: &mut Value, key: &str| {
        for entry in value.as_array_mut().into_iter().flatten() {
            if let Some(name) = entry.get(key).and_then(Value::as_str).and_then(name_of) {
                entry[key] = Value::String(name);
            }
        }
    };
    if let Some(actions) = found.get_mut("actions") {
        entries(actions, "owner");
    }
    for people in found.get_mut("attendance").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut) {
        entries(people, "name");
    }
    found
}

/// Writes each key figure's rate and change as the language writes per cent; its figures too, where they are numbers. What was
/// given as text stays as it was written.
fn write_rates(kpis: &mut Value, labels: &Map<String, Value>, language: &Language) {
    let pattern = labels.get("percent").and_then(Value::as_str).unwrap_or("{n} %");
    for kpi in kpis.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
        let numeric = kpi.get("numeric") == Some(&Value::Bool(true));
        for key in ["plan", "actual", "previous"].into_iter().filter(|_| numeric) {
            let Some(text) = kpi.get(key).and_then(Value::as_str) else { continue };
            let Ok(value) = text.parse::<f64>() else { continue };
            let places = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
            let written = numbers::decimal(value, places, language);
            kpi.insert(key.to_owned(), Value::String(written));
        }
        for (key, text, plus) in [("rate", "rate_text", ""), ("change", "change_text", numbers::plus(language))] {
            let Some(value) = kpi.get(key).and_then(Value::as_f64) else { continue };
            let sign = if value > 0.0 { plus } else { "" };
            let written = pattern.replace("{n}", &format!("{sign}{}", numbers::decimal(value, 1, language)));
            kpi.insert(text.to_owned(), Value::String(written));
        }
    }
}

/// Takes out what no page can hold, for layouts print values as they are.
fn make_printable(value: &mut Value) {
    match value {
        Value::String(text) if text.chars().any(|c| printable(c) != Some(c)) => *text = text.chars().filter_map(printable).collect(),
        Value::Array(items) => items.iter_mut().for_each(make_printable),
        Value::Object(map) => map.values_mut().for_each(make_printable),
        _ => {}
    }
}

/// What a record's place in the archive may say of it: each declared field as one text, empty where the note has none,
/// and the recipient.
pub(crate) fn place_values(
    submission: &Submission,
    classification: &Classification,
    document_type: &DocumentType,
    settings: &Settings,
) -> Map<String, Value> {
    let named = |value: &Value| people(value, settings, &classification.language);
    let mut values = Map::new();
    for field in &document_type.manifest.fields {
        let written = classification.fields.get(&field.name).unwrap_or(&Value::Null);
        let text = match field.kind {
            FieldKind::People if !settings.names => String::new(),
            FieldKind::People => named(written).iter().filter_map(|person| person.get("name")).map(plain).collect::<Vec<_>>().join(", "),
            FieldKind::Date => date_text(&plain(written), settings),
            _ => plain(written),
        };
        values.insert(field.name.clone(), Value::String(text));
    }
    let recipient = submission.fields.values.get("recipient").or_else(|| classification.fields.get("recipient"));
    let recipient = recipient.and_then(|value| named(value).into_iter().next());
    values.insert("recipient".to_owned(), recipient.filter(|_| settings.names).unwrap_or(Value::Null));
    values
}

/// Every declared field by its kind, null where the note has none; undeclared ones as written.
fn fields(commission: &Commission<'_>) -> Map<String, Value> {
    let mut fields = Map::new();
    for field in &commission.document_type.manifest.fields {
        let written = commission.classification.fields.get(&field.name);
        let value = written.filter(|value| !plain(value).is_empty()).map_or(Value::Null, |value| by_kind(commission, field, value));
        fields.insert(field.name.clone(), value);
    }
    for (key, value) in &commission.submission.fields.values {
        if !fields.contains_key(key) {
            fields.insert(key.clone(), value.clone());
        }
    }
    fields
}

/// The fields of kind `date` as the language writes a date, for layouts, which have no filters.
fn dates_in_words(fields: &Map<String, Value>, document_type: &DocumentType, figures: &Language) -> Value {
    let dates = document_type.manifest.fields.iter().filter(|field| field.kind == FieldKind::Date);
    let written = dates.filter_map(|field| {
        let text = fields.get(&field.name)?.as_str()?;
        let words = text.parse().map_or_else(|_| text.to_owned(), |date| dates::long_date(date, figures));
        Some((field.name.clone(), Value::String(words)))
    });
    Value::Object(written.collect())
}

fn by_kind(commission: &Commission<'_>, field: &Field, value: &Value) -> Value {
    match field.kind {
        FieldKind::Text | FieldKind::Time | FieldKind::Number | FieldKind::Markdown => json!(plain(value)),
        FieldKind::Date => json!(date_text(&plain(value), commission.settings)),
        FieldKind::Flag => json!(matches!(plain(value).to_lowercase().as_str(), "true" | "yes" | "1" | "是")),
        FieldKind::List => json!(list(value)),
        FieldKind::Lines => json!(lines(value)),
        FieldKind::People => Value::Array(people(value, commission.settings, &commission.classification.language)),
        FieldKind::Table => match value {
            Value::Array(_) => value.clone(),
            single => json!([single]),
        },
    }
}

/// A date in any form that is understood becomes ISO; anything else stays as written.
fn date_text(text: &str, settings: &Settings) -> String {
    let date: Option<NaiveDate> = crate::classification::read_date(text, settings.date_order);
    date.map_or_else(|| text.to_owned(), |date| date.to_string())
}

fn list(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().map(plain).filter(|item| !item.is_empty()).collect(),
        Value::String(text) => {
            text.split([',', ';', '，', '、', '；', '\n']).map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()).collect()
        }
        other => vec![plain(other)],
    }
}

/// The lines of a text, or a list of them; commas part nothing, as in `Springfield, IL 62701`.
fn lines(value: &Value) -> Vec<String> {
    let texts = match value {
        Value::Array(items) => items.iter().map(plain).collect(),
        other => vec![plain(other)],
    };
    texts.iter().flat_map(|text| text.lines()).map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
}

/// The one whom this part of the arrival is for, else the one whom a field `recipient` names, under whatever alias.
fn recipient(commission: &Commission<'_>) -> Value {
    let Commission { submission, classification, .. } = commission;
    let value = submission.fields.values.get("recipient").or_else(|| classification.fields.get("recipient")).unwrap_or(&Value::Null);
    people(value, commission.settings, &commission.classification.language).into_iter().next().unwrap_or(Value::Null)
}

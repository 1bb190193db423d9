//! How this one record is to look: the house's style with what its note says of it, the stamps on its pages, the logo.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::Commission;
use super::people::plain;
use crate::catalog::{DocumentType, Files};
use crate::failure::Warning;
use crate::reading::Submission;
use crate::toml_file::{listed, nearest};

/// Where the logo stands for layouts. The path is constant, because Typst never forgets one.
pub(crate) const LOGO: &str = "/logo";
/// The words of a stamp that labels translate.
const STAMPS: [&str; 3] = ["draft", "confidential", "copy"];
/// A longer stamp would fill the header.
const MAX_STAMP_CHARS: usize = 40;

/// What a note may say for itself of what else `[style]` says: the values stay few, so that styles stay shared.
const OWN: [&str; 2] = ["house", "access"];

/// Puts `style`, `stamps` and the logo's path among the data.
pub(super) fn put(data: &mut Map<String, Value>, commission: &Commission<'_>, warnings: &mut Vec<Warning>) {
    let stamps = stamps(data, commission, warnings);
    data.insert("stamps".to_owned(), json!(stamps));
    if let Some(style) = data.get_mut("style").and_then(Value::as_object_mut) {
        own_style(style, commission, warnings);
    }
    if let Some(organisation) = data.get_mut("organisation").and_then(Value::as_object_mut) {
        organisation.insert("logo".to_owned(), json!(commission.settings.logo.as_ref().map(|_| LOGO)));
    }
}

/// Puts the logo among the files that Typst may read.
pub(super) fn put_logo(commission: &Commission<'_>, files: &mut Files, shown: &mut BTreeMap<String, String>) {
    if let Some(logo) = &commission.settings.logo {
        let mut bytes = logo.bytes.clone();
        super::svg::without_links(&mut bytes);
        files.insert(LOGO.to_owned(), bytes.into());
        shown.insert(LOGO.to_owned(), logo.name.clone());
    }
}

/// `house: plain` and `access: large` of a note win over the configuration; what is none of the choices is told and left.
fn own_style(style: &mut Map<String, Value>, commission: &Commission<'_>, warnings: &mut Vec<Warning>) {
    for key in OWN {
        let Some(wanted) = own(commission, key).map(plain).filter(|wanted| !wanted.is_empty()) else { continue };
        let choices = if key == "house" { houses(commission.document_type) } else { vec!["clear", "large"] };
        let wanted = wanted.trim().to_lowercase();
        if choices.contains(&wanted.as_str()) {
            style.insert(key.to_owned(), Value::String(wanted));
            continue;
        }
        let near = nearest(&wanted, choices.iter().copied()).map(|near| format!(" Did you mean `{near}`?")).unwrap_or_default();
        let message =
            format!("`{key}: {wanted}` is not known, and the look of the house stays.{near} Possible here: {}.", listed(&choices));
        warnings.push(placed(Warning::new("look-unknown", message), commission.submission, key));
    }
}

/// A field of the note itself, unless its type has one of that name, which means something else.
fn own<'c>(commission: &Commission<'c>, key: &str) -> Option<&'c Value> {
    let declared = commission.document_type.manifest.fields.iter().any(|field| field.name == key);
    commission.submission.fields.values.get(key).filter(|_| !declared)
}

/// The houses whose files the type sees.
fn houses(document_type: &DocumentType) -> Vec<&str> {
    let paths = document_type.shared.keys();
    let names = paths.filter_map(|path| path.strip_prefix("houses/")?.strip_suffix(".typ"));
    names.filter(|name| !name.contains(['/', '-'])).collect()
}

/// The words that are stamped on every page: of `confidential: yes` and `stamp: COPY`, in the document's language. What is no
/// known word is printed as it was written.
fn stamps(data: &Map<String, Value>, commission: &Commission<'_>, warnings: &mut Vec<Warning>) -> Vec<String> {
    let label = |key: &str| data.get("label").and_then(|labels| labels.get(key)).and_then(Value::as_str).unwrap_or(key).to_owned();
    let mut stamps: Vec<String> = Vec::new();
    for key in ["confidential", "stamp"] {
        let Some(value) = own(commission, key) else { continue };
        let texts = value.as_array().map_or_else(|| vec![plain(value)], |items| items.iter().map(plain).collect());
        let says_nothing = |text: &str| text.is_empty() || key == "confidential" && is_no(text);
        for text in texts.iter().map(|text| text.trim()).filter(|text| !says_nothing(text)) {
            let known = if key == "confidential" && is_yes(text) {
                Some(&key)
            } else {
                STAMPS.iter().find(|known| text.eq_ignore_ascii_case(known))
            };
            let stamp = known.map_or_else(|| text.to_owned(), |known| label(known));
            if stamp.chars().count() > MAX_STAMP_CHARS {
                let message = format!("a stamp has room for {MAX_STAMP_CHARS} characters: `{stamp}` is cut off");
                warnings.push(placed(Warning::new("stamp-long", message), commission.submission, key));
            }
            let stamp = shortened(&stamp);
            if !stamps.contains(&stamp) {
                stamps.push(stamp);
            }
        }
    }
    stamps
}

fn shortened(stamp: &str) -> String {
    if stamp.chars().count() <= MAX_STAMP_CHARS {
        return stamp.to_owned();
    }
    stamp.chars().take(MAX_STAMP_CHARS - 1).chain(['…']).collect()
}

fn is_yes(text: &str) -> bool {
    matches!(text.to_lowercase().as_str(), "true" | "yes" | "y" | "1" | "是" | "ja" | "oui" | "sí" | "si" | "نعم" | "はい")
}

fn is_no(text: &str) -> bool {
    matches!(text.to_lowercase().as_str(), "false" | "no" | "n" | "0" | "否" | "不" | "nein" | "non" | "لا" | "いいえ")
}

fn placed(warning: Warning, note: &Submission, key: &str) -> Warning {
    match note.fields.lines.get(key) {
        Some(line) => warning.at_line(*line),
        None => warning,
    }
}

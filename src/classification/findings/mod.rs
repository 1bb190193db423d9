//! Findings: what stands in a text already and belongs into tables of its own. One finder per file; a manifest's
//! `find` names those that run.
//!
//! All are copies: nothing is taken out of the text or changed in it, and what is not found is simply not listed.

mod actions;
mod attendance;
mod committee;
mod groups;
mod kpis;
mod people;
mod resolutions;
mod speakers;
mod table;
mod tasks;
#[cfg(test)]
mod tests;
mod votes;

use serde_json::{Map, Value};

pub(super) use actions::find as actions;
use attendance::find as attendance;
pub(super) use attendance::in_text as attendance_in;
pub(super) use committee::find as committee;
pub(super) use resolutions::find as resolutions;
pub(super) use speakers::has_speakers;

use super::outline::Outline;
use crate::config::Settings;
use crate::failure::Warning;

/// The longest text of one finding, in characters; the note itself prints whole.
const MAX_TEXT_CHARS: usize = 2_000;
/// How many findings of a kind are listed.
const MAX_FINDINGS: usize = 2_000;

/// What finders look at.
pub(super) struct Source<'a> {
    pub outline: &'a Outline<'a>,
    /// The note's fields under their declared names.
    pub fields: &'a Map<String, Value>,
    pub settings: &'a Settings,
    /// The primary tag of the document's language.
    pub language: &'a str,
    /// Whether its numbers have a comma before their decimals.
    pub has_decimal_comma: bool,
}

/// Runs the finders that a manifest names; names of other stages are let be.
pub(super) fn run(names: &[String], source: &Source<'_>, warnings: &mut Vec<Warning>) -> Map<String, Value> {
    let mut found = Map::new();
    for name in names {
        let value = match name.as_str() {
            "attendance" => serde_json::to_value(attendance(source)),
            "resolutions" => serde_json::to_value(resolutions(source.outline)),
            "actions" => {
                let actions = actions(source.outline, source.settings.date_order);
                warnings.extend(actions::gaps(&actions));
                serde_json::to_value(actions)
            }
            "kpis" => serde_json::to_value(kpis::find(source)),
            _ => continue,
        };
        found.insert(name.clone(), value.unwrap_or(Value::Null));
    }
    found
}

/// At most [`MAX_TEXT_CHARS`] of a text.
fn limited(text: &str) -> String {
    match text.char_indices().nth(MAX_TEXT_CHARS) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}

/// The text behind a keyword at the beginning of a line, without the marks between: `**DECISION**: text` → `text`.
fn after_mark(text: &str) -> &str {
    text.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '_' | ':' | '：' | '-' | '–' | '—' | '.' | '>' | ']' | ')'))
}

//! The records that a note says it has to do with: `relates:` with numbers or ids.

use serde_json::Value;

use crate::failure::{Checked, Warning};
use crate::office::Office;
use crate::reading::Submission;
use crate::register::Record;

/// The field.
const FIELD: &str = "relates";

/// A note names at most so many records.
const MAX_RELATIONS: usize = 200;

/// The ids of the records that a note relates to, and a warning about those that nobody knows.
///
/// # Errors
/// The machine's.
pub(super) fn relations(submission: &Submission, office: &Office) -> Checked<(Vec<String>, Option<Warning>)> {
    let (mut ids, mut unknown) = (Vec::new(), Vec::new());
    let written = submission.fields.values.get(FIELD).map(names).unwrap_or_default();
    let too_many = written.len().saturating_sub(MAX_RELATIONS);
    for name in written.into_iter().take(MAX_RELATIONS) {
        let found: Vec<Record> = office.register().find(&name)?;
        match found.as_slice() {
            [one] if ids.contains(&one.id) => {}
            [one] => ids.push(one.id.clone()),
            [] => unknown.push(format!("`{name}`")),
            several => {
                let several: Vec<&str> = several.iter().map(|record| record.id.as_str()).collect();
                unknown.push(format!("`{name}` (which means any of {})", several.join(", ")));
            }
        }
    }
    if too_many > 0 {
        unknown.push(format!("{too_many} more: {MAX_RELATIONS} are the most"));
    }
    let message = format!("`relates` names what is no record of this register, or not one alone: {}. It was left out.", unknown.join(", "));
    let warning = (!unknown.is_empty()).then(|| Warning::new("relates-unknown", message));
    Ok((
        ids,
        warning.map(|warning| match submission.fields.lines.get(FIELD) {
            Some(line) => warning.at_line(*line),
            None => warning,
        }),
    ))
}

/// A list's entries, or those of one line.
fn names(value: &Value) -> Vec<String> {
    let text = |text: &str| {
        let parts = text.split([',', ';', '，', '、', '；', '\n']).map(|name| name.trim().to_owned());
        parts.filter(|name| !name.is_empty()).collect::<Vec<_>>()
    };
    match value {
        Value::String(one) => text(one),
        Value::Number(number) => vec![number.to_string()],
        Value::Array(items) => items.iter().flat_map(names).collect(),
        _ => Vec::new(),
    }
}

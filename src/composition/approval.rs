//! An approval, as the page prints it: by the type itself, if it has a field for who approved, else by the house at the end.

use serde_json::{Value, json};

use super::Commission;
use super::bilingual::Tongues;
use super::words::Words;
use crate::failure::Checked;
use crate::register::is_settled;

/// The field by which a type tells that it prints approvals itself.
const FIELD: &str = "approved_by";

/// The words of the house, which say who approved and when.
const WORDS: &str = "_shared/approval.md";

/// `approval` in the data: who and when; null of what nobody approved.
pub(super) fn data(commission: &Commission<'_>) -> Value {
    if is_approved(commission) { json!({ "by": commission.said.by, "on": commission.said.on }) } else { Value::Null }
}

/// What follows the type's own words.
///
/// # Errors
/// The words of the house do not render; blame: template.
pub(super) fn words(words: &Words, commission: &Commission<'_>, tongues: &Tongues, context: &tera::Context) -> Checked<String> {
    let document_type = commission.document_type;
    if !is_approved(commission) || document_type.manifest.fields.iter().any(|field| field.name == FIELD) {
        return Ok(String::new());
    }
    Ok(format!("\n\n{}\n", words.render(document_type, WORDS, tongues, context)?))
}

fn is_approved(commission: &Commission<'_>) -> bool {
    let said = commission.said.by.is_some() || commission.said.on.is_some();
    said && commission.status.is_some_and(is_settled)
}

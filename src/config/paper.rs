//! The paper of an office that names none: that of its country.

use serde_json::{Map, Value};

use super::Organisation;

/// Countries whose offices write on US letter paper (CLDR, territory information; all others on A4).
const LETTER_PAPER: [&str; 14] = ["BZ", "CA", "CL", "CO", "CR", "GT", "MX", "NI", "PA", "PH", "PR", "SV", "US", "VE"];

/// The style with the paper of the organisation's country, where it names none.
pub(super) fn of_country(mut style: Map<String, Value>, organisation: &Organisation) -> Map<String, Value> {
    let country = organisation.country.as_deref().unwrap_or_default();
    if LETTER_PAPER.iter().any(|letter| country.eq_ignore_ascii_case(letter)) {
        style.entry("paper").or_insert_with(|| Value::from("us-letter"));
    }
    style
}

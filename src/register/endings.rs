//! What ends with a `filed` line: the number that a version gives up, and the record that turned out to be a version of another.
//!
//! The `filed` line alone decides; the `void` lines beside it say so to whoever reads the register or its numbers.

use crate::failure::Checked;

use super::Said;
use super::entry::Entry;
use super::event::{Filed, Void};
use super::index::Index;

/// The lines that follow a `filed` line in the same commit.
pub(super) fn endings(filed: &Filed, index: &Index) -> Checked<Vec<Void>> {
    Ok(given_up(filed, index)?.into_iter().chain(ended(filed, index)?).collect())
}

/// A version that moved to another series or year has another number; the old one keeps its line.
fn given_up(filed: &Filed, index: &Index) -> Checked<Option<Void>> {
    let previous = filed.supersedes.map(|seq| index.entry(seq)).transpose()?.flatten();
    let number = previous.and_then(|previous| previous.record.number);
    let Some(number) = number.filter(|number| Some(number) != filed.number.as_ref()) else { return Ok(None) };
    let now = match &filed.number {
        Some(new) => format!("{} is numbered {new} now", filed.id),
        None => format!("{} has no number now", filed.id),
    };
    let reason = with_reason(now, &filed.said);
    Ok(Some(Void { id: filed.id.clone(), number: Some(number), reason, ..Void::default() }))
}

/// Every version of the record that ends; the newest names the number. The `filed` line means that also if no other line was
/// written after it.
pub(super) fn ended(filed: &Filed, index: &Index) -> Checked<Vec<Void>> {
    let ends = filed.instead_of.map(|seq| index.entry(seq)).transpose()?.flatten();
    let Some(ends) = ends else { return Ok(Vec::new()) };
    let reason = with_reason(format!("it is version {} of {}", filed.version, filed.id), &filed.said);
    let versions = index.versions(&ends.record.id)?.into_iter().filter(|entry| entry.after.void.is_none()).rev();
    let void = |(place, entry): (usize, Entry)| Void {
        of: Some(entry.record.seq),
        id: entry.record.id,
        number: entry.record.number.filter(|_| place == 0),
        reason: reason.clone(),
        ..Void::default()
    };
    Ok(versions.enumerate().map(void).collect())
}

fn with_reason(what: String, said: &Said) -> String {
    match &said.reason {
        Some(reason) => super::bounded_text(&format!("{what}: {reason}")),
        None => what,
    }
}

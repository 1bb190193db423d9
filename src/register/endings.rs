//! What ends with a `filed` line: the number that a version gives up, and the record that turned out to be a version of another,
//! whose hold goes on.
//!
//! The `filed` line alone decides; the lines beside it say so to whoever reads the register or its numbers.

use crate::failure::Checked;

use super::Said;
use super::afterwards::{HELD, Status};
use super::entry::Entry;
use super::event::{Filed, Happening, Void};
use super::index::Index;

/// The lines that follow a `filed` line with this `seq` in the same commit. Made before that line has its meaning.
pub(super) fn endings(filed: &Filed, seq: u64, index: &Index) -> Checked<Vec<Happening>> {
    let voids = given_up(filed, index)?.into_iter().chain(ended(filed, index)?).map(Happening::Void);
    let hold = |said| Happening::Status(Status { of: seq, id: filed.id.clone(), status: HELD.to_owned(), said });
    Ok(voids.chain(held(filed, index)?.map(hold)).collect())
}

/// The hold on the record that ends: it goes on for the one that it is a version of. The `filed` line means that also if no
/// other line was written after it.
pub(super) fn held(filed: &Filed, index: &Index) -> Checked<Option<Said>> {
    Ok(ended_versions(filed, index)?.into_iter().rev().find_map(|entry| entry.after.held))
}

/// Every version of the record that ends, void or not, oldest first.
pub(super) fn ended_versions(filed: &Filed, index: &Index) -> Checked<Vec<Entry>> {
    let ends = filed.instead_of.map(|seq| index.entry(seq)).transpose()?.flatten();
    ends.map_or(Ok(Vec::new()), |ends| index.versions(&ends.record.id))
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
    let reason = with_reason(format!("it is version {} of {}", filed.version, filed.id), &filed.said);
    let versions = ended_versions(filed, index)?.into_iter().filter(|entry| entry.after.void.is_none()).rev();
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

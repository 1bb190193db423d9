//! What ends with a `filed` line: the number that a version gives up, and the record that turned out to be a version of another.
//!
//! The `filed` line alone decides; the `void` lines beside it say so to whoever reads the register or its numbers.

use super::Said;
use super::event::{Filed, Void};
use super::index::Index;

/// The lines that follow a `filed` line in the same commit.
pub(super) fn endings(filed: &Filed, index: &Index) -> Vec<Void> {
    given_up(filed, index).into_iter().chain(ended(filed, index)).collect()
}

/// A version that moved to another series or year has another number; the old one keeps its line.
fn given_up(filed: &Filed, index: &Index) -> Option<Void> {
    let previous = &index.entry(filed.supersedes?)?.record;
    let number = previous.number.clone().filter(|number| Some(number) != filed.number.as_ref())?;
    let now = match &filed.number {
        Some(new) => format!("{} is numbered {new} now", filed.id),
        None => format!("{} has no number now", filed.id),
    };
    let reason = with_reason(now, &filed.said);
    Some(Void { id: filed.id.clone(), number: Some(number), reason, ..Void::default() })
}

/// Every version of the record that ends; the newest names the number.
fn ended(filed: &Filed, index: &Index) -> Vec<Void> {
    let Some(ends) = filed.instead_of.and_then(|seq| index.entry(seq)) else { return Vec::new() };
    let reason = with_reason(format!("it is version {} of {}", filed.version, filed.id), &filed.said);
    let versions = index.versions(&ends.record.id).filter(|entry| entry.void.is_none()).rev();
    let void = |(place, seq, id, number): (usize, u64, String, Option<String>)| Void {
        of: Some(seq),
        id,
        number: number.filter(|_| place == 0),
        reason: reason.clone(),
        ..Void::default()
    };
    let named = versions.enumerate().map(|(place, entry)| (place, entry.record.seq, entry.record.id.clone(), entry.record.number.clone()));
    named.map(void).collect()
}

fn with_reason(what: String, said: &Said) -> String {
    match &said.reason {
        Some(reason) => super::bounded_text(&format!("{what}: {reason}")),
        None => what,
    }
}

impl Index {
    /// What the line means beside its own record, also if no other line was written after it.
    pub(super) fn end(&mut self, seq: u64, filed: &Filed) {
        for void in ended(filed, self) {
            self.void(seq, &void);
        }
    }
}

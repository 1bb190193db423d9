//! What an export says of itself, in its `bag-info.txt`.

use std::collections::HashSet;

use crate::failure::Problem;
use crate::register::RecordState;

/// What `bag-info.txt` says.
pub(super) fn info(
    (organisation, kind): (&str, &str),
    chosen: &[RecordState],
    head: &(u64, String),
    damaged: &[Problem],
) -> Vec<(&'static str, String)> {
    let records = chosen.iter().map(|state| state.record.id.as_str()).collect::<HashSet<_>>().len();
    let mut info = Vec::new();
    if !organisation.is_empty() {
        info.push(("Source-Organization", organisation.to_owned()));
    }
    if let Some(newest) = chosen.iter().map(|state| state.record.filed_at).max() {
        info.push(("Bagging-Date", newest.format("%Y-%m-%d").to_string()));
    }
    info.push(("External-Identifier", format!("{}:{}", head.0, head.1)));
    let what = if kind == WHOLE { "The whole archive" } else { "A part of the archive" };
    info.push(("External-Description", format!("{what}: {records} records, with their lines of the register")));
    info.push(("Bag-Software-Agent", format!("chancery {}", env!("CARGO_PKG_VERSION"))));
    info.push((KIND, kind.to_owned()));
    info.extend(damaged.iter().map(|problem| (DAMAGED, problem.message.clone())));
    info
}

/// In `bag-info.txt`: [`WHOLE`] or `part`.
pub(super) const KIND: &str = "Chancery-Export";
pub(super) const WHOLE: &str = "whole";

/// In `bag-info.txt`: what was missing or changed when it was exported.
const DAMAGED: &str = "Chancery-Damaged";

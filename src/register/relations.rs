//! What records have to do with each other, seen from the one that is named.

use crate::failure::Checked;

use super::afterwards::Relates;
use super::event::{Filed, Happening};
use super::session::Session;
use super::{RecordState, Register};

/// How a note's `relates:` is called in the lines.
const RELATES: &str = "relates";

impl Register {
    /// The records whose newest version that stands names this one, in the order in which they were filed.
    ///
    /// # Errors
    /// The machine's.
    pub fn relating_to(&self, id: &str) -> Checked<Vec<RecordState>> {
        let inner = self.lock();
        let stands = |state: &RecordState| state.void.is_none() && state.superseded_by.is_none() && state.record.joins.is_none();
        let names = |state: &RecordState| state.relations.iter().any(|relation| relation.to.eq_ignore_ascii_case(id));
        let related = inner.index.entries.iter().filter(|entry| !entry.relations.is_empty()).map(super::entry::Entry::state);
        Ok(related.filter(stands).filter(names).collect())
    }
}

/// Writes what a record that was just filed relates to; never to itself.
pub(super) fn write(session: &mut Session<'_>, of: u64, filed: &Filed) -> Checked<()> {
    for to in filed.relates.iter().filter(|to| **to != filed.id) {
        let relates = Relates { of, id: filed.id.clone(), to: to.clone(), relation: RELATES.to_owned() };
        session.push(Happening::Relates(relates))?;
    }
    Ok(())
}

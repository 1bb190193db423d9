//! What records have to do with each other, seen from the one that is named.

use crate::failure::Checked;

use super::afterwards::Relates;
use super::entry::Entry;
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
        let stands = |entry: &Entry| entry.after.void.is_none() && entry.superseded_by.is_none() && entry.record.joins.is_none();
        let relating = self.ask(|index| index.relating_to(id))?;
        Ok(relating.into_iter().filter(stands).map(Entry::into_state).collect())
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

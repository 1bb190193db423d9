//! Which records a copy of the archive takes.

use std::collections::HashSet;

use crate::failure::Checked;
use crate::register::{Moment, Query, Record, RecordState};

/// Which records are taken; everything if it says nothing.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// These, by id.
    pub ids: Option<HashSet<String>>,
    /// Those that fit.
    pub query: Query,
}

impl Selection {
    /// Whether everything is taken.
    pub fn is_whole(&self) -> bool {
        self.ids.is_none() && self.query == Query::default()
    }
}

/// The versions that stand of every record of which the newest fits, and what joined them, oldest first.
pub(super) fn chosen(moment: &Moment<'_>, selection: &Selection) -> Checked<Vec<RecordState>> {
    let (mut chosen, mut ids, mut seqs) = (Vec::new(), HashSet::new(), HashSet::new());
    moment.each(&selection.query, |state| {
        if selection.ids.as_ref().is_none_or(|wanted| wanted.contains(&state.record.id)) {
            ids.insert(state.record.id);
        }
    })?;
    let whole = selection.is_whole();
    let mut after = 0;
    loop {
        let page = moment.filed_after(after)?;
        let Some(newest) = page.last() else { return Ok(chosen) };
        after = newest.record.seq;
        for state in page.into_iter().filter(|state| state.void.is_none() && state.disposed.is_none()) {
            let own = |record: &Record| match record.joins {
                None => ids.contains(&record.id),
                Some(whole) => seqs.contains(&whole),
            };
            if whole || own(&state.record) {
                seqs.insert(state.record.seq);
                chosen.push(state);
            }
        }
    }
}

//! How the index answers a [`Query`].

use chrono::Datelike as _;

use crate::failure::Checked;
use crate::storage::name::fold;

use super::RecordState;
use super::entry::Entry;
use super::index::Index;
use super::query::{Changed, Query, Standing};

impl Index {
    pub(super) fn query(&self, query: &Query) -> Checked<Vec<RecordState>> {
        let found = self.entries.iter().rev().filter(|entry| entry.record.joins.is_none()).map(Entry::state);
        let fitting = found.filter(|state| fits(state, query)).skip(query.offset);
        Ok(fitting.take(query.limit.unwrap_or(usize::MAX)).collect())
    }

    pub(super) fn count(&self) -> Checked<usize> {
        self.query(&Query::default()).map(|found| found.len())
    }

    pub(super) fn filed_after(&self, seq: u64, limit: usize) -> Checked<Vec<RecordState>> {
        let after = self.entries.iter().filter(|entry| entry.record.seq > seq);
        Ok(after.take(limit).map(Entry::state).collect())
    }

    pub(super) fn changed_after(&self, seq: u64, limit: usize) -> Checked<Vec<Changed>> {
        let changed = self.entries.iter().filter(|entry| entry.changed > seq);
        let mut changed: Vec<Changed> = changed.map(|entry| Changed { at: entry.changed, state: entry.state() }).collect();
        changed.sort_by_key(|changed| changed.at);
        changed.truncate(limit);
        Ok(changed)
    }
}

fn fits(state: &RecordState, query: &Query) -> bool {
    let record = &state.record;
    let past = |standing: &Standing| standing.is_past() && state.is(*standing) && Some(*standing) != query.standing;
    let names = |person: &String| record.people.iter().any(|name| fold(name).contains(&fold(person.trim())));
    (query.all || !Standing::ALL.iter().any(past))
        && query.document_type.as_ref().is_none_or(|name| record.document_type == *name)
        && query.from.is_none_or(|from| record.date >= from)
        && query.to.is_none_or(|to| record.date <= to)
        && query.year.is_none_or(|year| record.date.year() == year)
        && query.number.as_ref().is_none_or(|number| record.number.as_deref() == Some(number.trim()))
        && query.person.as_ref().is_none_or(names)
        && query.standing.is_none_or(|standing| state.is(standing))
}

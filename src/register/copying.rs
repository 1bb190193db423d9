//! The register's lines as they stand, for a copy that is taken away: the year files up to now, or the lines of some
//! records.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::path::PathBuf;

use serde_json::Value;

use crate::failure::{Checked, Problem};

use super::index::Index;
use super::{Damage, Event, Query, RecordState, Register, chain};

/// The year files up to a line.
#[derive(Clone, Debug)]
pub(crate) struct Extent {
    /// Each file and how many of its bytes count, oldest first. Lines are only ever added after them.
    pub(crate) files: Vec<(PathBuf, u64)>,
    /// The files of torn bytes.
    pub(crate) torn: Vec<PathBuf>,
    /// The `seq` and the hash of the last line.
    pub(crate) seq: u64,
    pub(crate) head: String,
    pub(crate) damage: Vec<Damage>,
}

impl Register {
    /// What stands in the register now, and what is asked of that very moment, whatever others write meanwhile. It may be
    /// asked twice, and then the second answer counts.
    ///
    /// # Errors
    /// The machine's; the question's.
    pub(crate) fn extent<T>(&self, mut question: impl FnMut(&Moment<'_>) -> Checked<T>) -> Checked<(Extent, T)> {
        let mut inner = self.lock();
        inner.book.follow()?;
        let asked = inner.book.ask(|index| Ok((index.seq, index.head.clone(), index.damage()?, question(&Moment { index })?)));
        let (seq, head, damage, answer) = asked?;
        // The journal stands where the index did that was asked: nobody else has the lock.
        let journal = &inner.book.journal;
        let mut files = Vec::new();
        for name in journal.files()? {
            let path = journal.folder().join(&name);
            match journal.file.as_ref().map(|newest| name.cmp(newest)) {
                Some(Ordering::Less) => {
                    let length = std::fs::metadata(&path).map_err(|error| Problem::machine("read", &path, &error))?.len();
                    files.push((path, length));
                }
                Some(Ordering::Equal) => files.push((path, journal.offset)),
                // A year that began since.
                _ => {}
            }
        }
        let torn = journal.torn_files()?.into_iter().map(|name| journal.folder().join(name)).collect();
        Ok((Extent { files, torn, seq, head, damage }, answer))
    }

    /// Hands on the lines up to `last` that tell of these records and of no other: by id, or by the `seq` of a `filed`
    /// line. A range of reservations is left out, since it names what the others are.
    ///
    /// # Errors
    /// The machine's.
    pub(crate) fn own_lines(
        &self,
        (ids, filed): (&HashSet<String>, &HashSet<u64>),
        last: u64,
        mut take: impl FnMut(&OwnLine<'_>),
    ) -> Checked<()> {
        self.each_line(|bytes| {
            let Ok(event) = serde_json::from_slice::<Event>(bytes) else { return };
            let own_id = event.fields.get("id").and_then(Value::as_str).is_some_and(|id| ids.contains(id));
            let mut of = event.fields.get("of").into_iter().flat_map(|of| of.as_array().map_or(std::slice::from_ref(of), Vec::as_slice));
            let own = own_id || filed.contains(&event.seq) || of.any(|seq| seq.as_u64().is_some_and(|seq| filed.contains(&seq)));
            if event.seq <= last && own && !event.fields.contains_key("records") {
                let hash = chain::split(bytes).map_or("", |(_, hash)| hash);
                take(&OwnLine { seq: event.seq, hash, bytes });
            }
        })
    }
}

/// The register as it stood when its extent was taken.
pub(crate) struct Moment<'a> {
    index: &'a Index,
}

impl Moment<'_> {
    /// Hands on each record that fits, newest filed first.
    ///
    /// # Errors
    /// The machine's.
    pub(crate) fn each(&self, query: &Query, mut take: impl FnMut(RecordState)) -> Checked<()> {
        let (mut before, mut left, mut offset) = (i64::MAX, query.limit.unwrap_or(usize::MAX), query.offset);
        while left > 0 {
            let page = self.index.page(query, before, left.min(PAGE), offset)?;
            let Some(&(last, _)) = page.last() else { break };
            (before, left, offset) = (last, left - page.len(), 0);
            page.into_iter().for_each(|(_, state)| take(state));
        }
        Ok(())
    }

    /// As [`Register::filed_after`].
    ///
    /// # Errors
    /// The machine's.
    pub(crate) fn filed_after(&self, seq: u64) -> Checked<Vec<RecordState>> {
        self.index.filed_after(seq, PAGE)
    }
}

/// How many records are taken from the index at a time.
const PAGE: usize = 500;

/// A line that tells of a record.
pub(crate) struct OwnLine<'a> {
    pub(crate) seq: u64,
    pub(crate) hash: &'a str,
    /// Without its newline.
    pub(crate) bytes: &'a [u8],
}

//! The register's lines as they stand, for a copy that is taken away: the year files up to now, or the lines of some
//! records.

use std::collections::HashSet;
use std::path::PathBuf;

use serde_json::Value;

use crate::failure::{Checked, Problem};

use super::{Damage, Event, Register, chain};

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
    /// What stands in the register now.
    ///
    /// # Errors
    /// The machine's.
    pub(crate) fn extent(&self) -> Checked<Extent> {
        self.refresh()?;
        let (seq, head) = self.head();
        let damage = self.damage()?;
        let inner = self.lock();
        let mut files = Vec::new();
        for path in inner.book.journal.paths()? {
            let newest = inner.book.journal.file.as_deref() == path.file_name().and_then(|name| name.to_str());
            let length = std::fs::metadata(&path).map_err(|error| Problem::machine("read", &path, &error))?.len();
            files.push((path, if newest { inner.book.journal.offset } else { length }));
        }
        let torn = inner.book.journal.torn_files()?.into_iter().map(|name| inner.book.journal.folder().join(name));
        Ok(Extent { files, torn: torn.collect(), seq, head, damage })
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

/// A line that tells of a record.
pub(crate) struct OwnLine<'a> {
    pub(crate) seq: u64,
    pub(crate) hash: &'a str,
    /// Without its newline.
    pub(crate) bytes: &'a [u8],
}

//! What the system says of the year files: by this it is seen, without reading, that one was changed by hand.

use std::time::SystemTime;

use crate::failure::Checked;

use super::journal::Journal;

/// A year file as the system describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) file: String,
    pub(super) length: u64,
    /// When it was last written, in nanoseconds since 1970.
    pub(super) modified: i64,
}

impl Journal {
    /// The files that were read to their ends; the newest of them only while nothing follows what was read.
    pub(super) fn stamps(&self) -> Checked<Vec<Stamp>> {
        let Some(current) = &self.file else { return Ok(Vec::new()) };
        let files = self.files()?.into_iter().filter(|file| file <= current);
        let stamps = files.filter_map(|file| self.stamp(file)).filter(|stamp| stamp.file != *current || stamp.length == self.offset);
        Ok(stamps.collect())
    }

    /// Whether a file is no longer what it was, other than by lines that were appended to the newest.
    pub(super) fn was_changed(&self, before: &Stamp) -> bool {
        let appendable = self.file.as_ref() == Some(&before.file);
        self.stamp(before.file.clone()).is_none_or(|now| now != *before && !(appendable && now.length > before.length))
    }

    /// Nothing where the system does not say.
    fn stamp(&self, file: String) -> Option<Stamp> {
        let data = std::fs::metadata(self.folder.join(&file)).ok()?;
        let modified = data.modified().ok()?.duration_since(SystemTime::UNIX_EPOCH).ok()?;
        Some(Stamp { file, length: data.len(), modified: i64::try_from(modified.as_nanos()).ok()? })
    }
}

//! Intake: sees what is dropped into the inbox and hands over whole sets of files, never half-written ones.
//!
//! Events only wake it; the folder is the truth. It decides when a set is quiet and complete, and which files
//! belong together; it never looks into the archive and never changes a dropped file.

mod disk;
mod inbox;
mod lock;
mod names;
mod problem_notes;
mod tracker;
mod waiting;
mod watch;
mod writers;

use std::path::{Path, PathBuf};

use crate::failure::Checked;
use crate::model::Dropped;
use crate::reading::{self, Glance};

pub use inbox::{Fate, Found, Inbox, MAX_SET_BYTES, MAX_SET_FILES, Next, Places, Rules};
pub use lock::WatcherLock;
pub use problem_notes::ProblemNotes;
pub use waiting::{Waiting, Why, is_named, waiting};

/// Says which files a file names, from its name and its bytes: [`crate::reading::glance`], here or in another process, which may
/// have come to harm by it.
pub type Glancing<'a> = &'a dyn Fn(&str, &[u8]) -> Checked<Glance>;

/// Looks in this process.
///
/// # Errors
/// None: it is one of those that may have some.
pub fn glance_here(name: &str, bytes: &[u8]) -> Checked<Glance> {
    Ok(reading::glance(name, bytes))
}

/// A note of more bytes is handed over cut off after one byte more, so that reading sees that it is too long.
pub const MAX_NOTE_BYTES: u64 = 16 << 20;

/// A file that a note owns, with more bytes, is handed over cut off after one byte more.
pub const MAX_OWNED_BYTES: u64 = 64 << 20;

/// How much of a file is read that is dropped by itself: scans are larger than notes.
pub fn most_bytes(path: &Path) -> u64 {
    if names::may_be_note(path) { MAX_NOTE_BYTES } else { MAX_OWNED_BYTES }
}

/// A set of files that is one submission: the note and the files it owns.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// The file that is the document: a note, a data file, or anything else that was dropped.
    pub note: Dropped,
    /// The files that the note names and owns, each [`Dropped::name`] as the note names it.
    pub company: Vec<Dropped>,
    /// The inbox sub-folder that may name a document type (`minutes` in `inbox/minutes/x.md`).
    pub folder: Option<String>,
    /// The paths of [`Arrival::company`] that stay in the inbox when this arrival leaves it: another note that
    /// still lies there names them as well.
    pub shared: Vec<PathBuf>,
}

impl Arrival {
    /// A file by itself, without company.
    pub fn alone(note: Dropped) -> Self {
        Self { note, company: Vec::new(), folder: None, shared: Vec::new() }
    }

    /// Whether the file at `path` leaves the inbox with this arrival.
    pub fn takes_along(&self, path: &Path) -> bool {
        let ours = self.note.path == path || self.company.iter().any(|file| file.path == path);
        ours && !self.shared.iter().any(|shared| shared == path)
    }
}

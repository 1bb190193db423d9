//! Intake: sees what is dropped into the inbox and hands over whole sets of files, never half-written ones.
//!
//! Events only wake it; the folder is the truth. It decides when a set is quiet and complete, and which files
//! belong together; it never looks into the archive and never changes a dropped file.

use crate::model::Dropped;

/// A set of files that is one submission: the note and the files it owns.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// The file that is the document: a note, a data file, or anything else that was dropped.
    pub note: Dropped,
    /// The files that the note names and owns, each [`Dropped::name`] as the note names it.
    pub company: Vec<Dropped>,
    /// The inbox sub-folder that may name a document type (`minutes` in `inbox/minutes/x.md`).
    pub folder: Option<String>,
}

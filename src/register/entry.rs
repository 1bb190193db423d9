//! A record as the index knows it.

use super::queries::{RecordState, Relation};
use super::{Record, Said, SourceFile};

/// A `filed` line and what later lines said about it.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) record: Record,
    pub(super) inbox: Vec<SourceFile>,
    /// No longer waits to leave the inbox (or never did).
    pub(super) settled: bool,
    pub(super) void: Option<String>,
    pub(super) superseded_by: Option<u64>,
    pub(super) held: Option<Said>,
    pub(super) disposed: Option<Said>,
    pub(super) joined: Vec<u64>,
    pub(super) relations: Vec<Relation>,
    /// The `seq` of the last line that said something of it; 0 if none did.
    pub(super) changed: u64,
}

impl Entry {
    /// What users see of it.
    pub(super) fn state(&self) -> RecordState {
        RecordState {
            record: self.record.clone(),
            superseded_by: self.superseded_by,
            void: self.void.clone(),
            held: self.held.clone(),
            disposed: self.disposed.clone(),
            joined: self.joined.clone(),
            relations: self.relations.clone(),
        }
    }
}

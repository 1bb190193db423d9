//! A record as the index knows it.

use serde::{Deserialize, Serialize};

use super::afterwards::MovedFile;
use super::queries::{RecordState, Relation};
use super::{Record, Said, SourceFile};

/// A `filed` line and what later lines said about it.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// Its files stand where they were moved to.
    pub(super) record: Record,
    pub(super) inbox: Vec<SourceFile>,
    /// No longer waits to leave the inbox (or never did).
    pub(super) settled: bool,
    pub(super) superseded_by: Option<u64>,
    /// The newest version of the record that ended with this one.
    pub(super) instead_of: Option<u64>,
    pub(super) after: Afterwards,
    /// The `seq` of the last line that said something of it; 0 if none did.
    pub(super) changed: u64,
}

/// What later lines said of a record, but for the version that replaced it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Afterwards {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) void: Option<String>,
    /// The id of the record of which it turned out to be a version, in lower case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) became: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) held: Option<Said>,
    /// Somebody released it here once: that it is held elsewhere does not hold it here again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) released: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) disposed: Option<Said>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) joined: Vec<u64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) relations: Vec<Relation>,
    /// What each line moved, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) moved: Vec<Vec<MovedFile>>,
}

impl Entry {
    /// Neither void nor disposed of.
    pub(super) fn stands(&self) -> bool {
        self.after.void.is_none() && self.after.disposed.is_none()
    }

    /// What users see of it.
    pub(super) fn into_state(self) -> RecordState {
        let Afterwards { void, held, disposed, joined, relations, .. } = self.after;
        RecordState { record: self.record, superseded_by: self.superseded_by, void, held, disposed, joined, relations }
    }
}

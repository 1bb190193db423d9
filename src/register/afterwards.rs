//! The events about a record that stands, as they are on disk: holds, relations, moves, disposals.
//!
//! What is here is never renamed; later programs only add.

use serde::{Deserialize, Serialize};

use super::{FiledFile, Said};

/// The record must not be disposed of.
pub(super) const HELD: &str = "held";

/// It may be again.
pub(super) const RELEASED: &str = "released";

/// A record's state changed without a new version: `held` (not to be disposed of), `released`, or what later programs say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Status {
    /// The `seq` of its `filed` line.
    pub(crate) of: u64,
    pub(crate) id: String,
    pub(crate) status: String,
    #[serde(flatten)]
    pub(crate) said: Said,
}

/// A record has to do with another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Relates {
    /// The `seq` of its `filed` line.
    pub(crate) of: u64,
    pub(crate) id: String,
    /// The id of the other.
    pub(crate) to: String,
    /// How: `signs`, `relates` …
    pub(crate) relation: String,
}

/// Files of a record stand elsewhere in the archive from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Moved {
    /// The `seq` of its `filed` line.
    pub(crate) of: u64,
    pub(crate) id: String,
    pub(crate) files: Vec<MovedFile>,
    #[serde(flatten)]
    pub(crate) said: Said,
}

/// A file that stands elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MovedFile {
    /// Relative to `archive/`, with `/`.
    pub(crate) from: String,
    /// Relative to `archive/`, with `/`.
    pub(crate) to: String,
}

/// The content of a record was disposed of: from now on its files are not expected to stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Disposed {
    /// The `seq` of the `filed` line of each of its versions.
    pub(crate) of: Vec<u64>,
    pub(crate) id: String,
    #[serde(flatten)]
    pub(crate) said: Said,
    /// The id of the certificate, which is a record itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) certificate: Option<String>,
}

/// The register was lost and made again from the archive's PDFs: its first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Rebuilt {
    /// How many `filed` lines follow that were made from PDFs.
    pub(crate) records: u64,
    /// Where what was left of the old register was put, relative to `archive/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) old: Option<String>,
    #[serde(flatten)]
    pub(crate) said: Said,
}

/// Files that stood in the archive when the register was made again, and of which nothing else is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Found {
    pub(crate) files: Vec<FiledFile>,
}

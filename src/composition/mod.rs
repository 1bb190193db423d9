//! Composition: Tera writes the words, pulldown-cmark reads them, our writer turns them into Typst.
//!
//! Pure: no file system, no clock. Values reach Typst as string literals or as JSON data, never as markup.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::failure::Warning;

pub mod merge;

/// Everything that typesetting needs to set one file of one record; owns its bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manuscript {
    /// Which of the record's files this is: `document`, `reading`, `press`.
    pub role: String,
    /// For the PDF's properties.
    pub title: String,
    /// For the PDF's properties.
    pub author: Option<String>,
    /// BCP 47 tag.
    pub language: String,
    /// What `datetime.today()` gives in a layout.
    pub today: NaiveDate,
    /// The PDF's creation time.
    pub created: DateTime<FixedOffset>,
    /// What the PDF's identifier is made from: record id and version.
    pub identity: String,
    /// The virtual files that Typst may read, by absolute path (`/words.typ`, `/data.json`, `/asset-1`, …).
    pub files: BTreeMap<String, Vec<u8>>,
    /// Which note line each stretch of a virtual file came from, for diagnostics.
    pub origins: Vec<Origin>,
    /// The note's name, for diagnostics.
    pub note: String,
    /// What the user should know.
    pub warnings: Vec<Warning>,
}

/// Where a stretch of `/words.typ` came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// First byte in `/words.typ`.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// The line of the note's file, from 1; `None` for the template's own words.
    pub line: Option<u32>,
}

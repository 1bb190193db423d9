//! What composing is handed: one record, and the means that are the same for all.

use chrono::{DateTime, FixedOffset};

use super::Words;
use crate::catalog::DocumentType;
use crate::classification::Classification;
use crate::config::Settings;
use crate::reading::Submission;
use crate::register::{Said, Ticket};

/// One record to be composed.
#[derive(Clone, Copy, Debug)]
pub struct Commission<'a> {
    /// What was dropped.
    pub submission: &'a Submission,
    /// What it is.
    pub classification: &'a Classification,
    /// Its document type.
    pub document_type: &'a DocumentType,
    /// The office's settings.
    pub settings: &'a Settings,
    /// Admission's leave; `None` for a preview.
    pub ticket: Option<&'a Ticket>,
    /// What it says of itself: `draft`, `approved` …
    pub status: Option<&'a str>,
    /// What somebody said who had it made.
    pub said: &'a Said,
    /// The time of making, for a preview; a ticket has its own.
    pub now: DateTime<FixedOffset>,
}

/// What composing takes beside the commission, and the same for one commission after the other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Means<'a> {
    /// The templates' words, parsed.
    pub words: &'a Words,
    /// Hash of the fonts in use.
    pub fonts_sha256: &'a str,
}

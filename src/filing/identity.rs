//! Who a PDF says that it is: the id and version in the `record.json` that it carries.

use std::path::Path;

use chrono::{DateTime, FixedOffset};
use serde::Deserialize;

use super::attached;

/// A larger PDF is not looked into.
const MAX_PDF_BYTES: u64 = 512 << 20;

/// What a PDF of ours is called.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Identity {
    pub(super) id: String,
    pub(super) version: u32,
    #[serde(default)]
    pub(super) number: Option<String>,
    #[serde(default)]
    pub(super) filed_at: Option<DateTime<FixedOffset>>,
}

impl Identity {
    /// `ID@VERSION`.
    pub(super) fn version_name(&self) -> String {
        format!("{}@{}", self.id, self.version)
    }

    /// The same for people.
    pub(super) fn words(&self) -> String {
        let name = self.number.as_ref().unwrap_or(&self.id);
        format!("{name}, version {}", self.version)
    }
}

/// The `record.json` of a PDF; `None` if it is none of ours.
pub(super) fn identity(path: &Path) -> Option<Identity> {
    let is_pdf = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("pdf"));
    if !is_pdf || std::fs::metadata(path).ok()?.len() > MAX_PDF_BYTES {
        return None;
    }
    let record = attached::files_that(&std::fs::read(path).ok()?, |name, _| name == "record.json").ok()?.pop()?;
    serde_json::from_slice(&record.bytes).ok()
}

//! Typesetting: the only user of Typst. A sealed world, the date passed in, PDF bytes out.

use serde::{Deserialize, Serialize};

use crate::failure::Warning;

/// A finished PDF.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rendition {
    /// Which of the record's files this is ([`crate::composition::Manuscript::role`]).
    pub role: String,
    /// The PDF.
    pub pdf: Vec<u8>,
    /// How many pages it has.
    pub pages: u32,
    /// What the user should know.
    pub warnings: Vec<Warning>,
}

//! What a record is bound to: the signed copies that joined it.

use chrono::{DateTime, FixedOffset};
use serde::Serialize;

use super::view::FileView;
use crate::failure::Checked;
use crate::register::{RecordState, Register};

/// A signed copy.
#[derive(Serialize)]
pub struct Copy {
    pub filed_at: DateTime<FixedOffset>,
    /// The name of the dropped file.
    pub source: String,
    pub files: Vec<FileView>,
}

/// The copies that joined a record, in the order in which they came.
///
/// # Errors
/// The machine's.
pub fn copies(register: &Register, state: &RecordState) -> Checked<Vec<Copy>> {
    let mut copies = Vec::new();
    for seq in &state.joined {
        if let Some(copy) = register.record(*seq)?.filter(|copy| copy.void.is_none() && copy.disposed.is_none()) {
            let files = copy.record.files.iter().map(FileView::filed).collect();
            copies.push(Copy { filed_at: copy.record.filed_at, source: copy.record.source, files });
        }
    }
    Ok(copies)
}

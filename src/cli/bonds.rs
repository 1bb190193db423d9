//! What a record is bound to: the signed copies that joined it, and the records that relate to it.

use chrono::{DateTime, FixedOffset};
use serde::Serialize;

use super::view::FileView;
use crate::failure::Checked;
use crate::register::{RecordState, Register};

/// What a record is bound to.
#[derive(Serialize)]
pub struct Bonds {
    /// The records that relate to it.
    pub related_from: Vec<Related>,
    /// Its signed copies.
    pub joined: Vec<Copy>,
}

/// What a record is bound to.
///
/// # Errors
/// The machine's.
pub fn of(register: &Register, state: &RecordState) -> Checked<Bonds> {
    Ok(Bonds { related_from: related(register, &state.record.id)?, joined: copies(register, state)? })
}

/// A signed copy.
#[derive(Serialize)]
pub struct Copy {
    pub filed_at: DateTime<FixedOffset>,
    /// The name of the dropped file.
    pub source: String,
    pub files: Vec<FileView>,
}

/// The copies that joined a record, in the order in which they came.
fn copies(register: &Register, state: &RecordState) -> Checked<Vec<Copy>> {
    let mut copies = Vec::new();
    for seq in &state.joined {
        if let Some(copy) = register.record(*seq)?.filter(|copy| copy.void.is_none() && copy.disposed.is_none()) {
            let files = copy.record.files.iter().map(FileView::filed).collect();
            copies.push(Copy { filed_at: copy.record.filed_at, source: copy.record.source, files });
        }
    }
    Ok(copies)
}

/// A record that names this one.
#[derive(Serialize)]
pub struct Related {
    pub id: String,
    pub number: Option<String>,
    pub title: String,
    pub relation: String,
}

/// The records that relate to the one with this id.
fn related(register: &Register, id: &str) -> Checked<Vec<Related>> {
    let of = |state: RecordState| {
        let relation = state.relations.iter().find(|relation| relation.to.eq_ignore_ascii_case(id)).map(|found| found.relation.clone());
        let record = state.record;
        Related { id: record.id, number: record.number, title: record.title, relation: relation.unwrap_or_default() }
    };
    Ok(register.relating_to(id)?.into_iter().map(of).collect())
}

//! What goes into the pipeline beside an arrival, and what comes out.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;

use crate::classification::{Classification, Hints};
use crate::failure::{Problems, Warning};
use crate::register::{Part, Record};
use crate::typesetting::{Pictures, Rendition};

/// What the caller wants of one arrival.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// Type and date that are given, and whether to guess.
    pub hints: Hints,
    /// Make the next version although nothing changed.
    pub again: bool,
    /// Somebody asked for this filing by hand: what was taken back is filed again all the same.
    pub by_hand: bool,
    /// An earlier run goes on: what it filed is passed over, and no line of the register says that it came again.
    pub resumed: bool,
    /// A record is made again as it was filed, also where that is not done so any more.
    pub as_filed: bool,
    /// Why a record that is approved or signed is changed.
    pub reason: Option<String>,
    /// Of a preview: draw its pages too, with so many pixels to the inch.
    pub ppi: Option<u16>,
}

/// What became of one part of an arrival.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Which part; `None` for an arrival that is one record.
    pub part: Option<Part>,
    /// What became of it.
    pub fate: Fate,
    /// What was understood, where it got that far.
    pub classification: Option<Classification>,
    /// What the user should know.
    pub warnings: Vec<Warning>,
    /// Milliseconds by stage.
    pub stage_ms: StageTimes,
}

/// The three ends that a part can come to.
#[derive(Clone, Debug)]
pub enum Fate {
    /// It stands in the archive.
    Filed(Record),
    /// It stood in the archive already, as this record.
    Duplicate(Record),
    /// It needs somebody.
    Attention(Problems),
}

/// Milliseconds by stage name.
#[derive(Clone, Debug, Default, Serialize)]
pub struct StageTimes(pub BTreeMap<&'static str, f64>);

/// A part set for looking at: no number, not filed.
#[derive(Debug)]
pub struct Preview {
    /// Which part.
    pub part: Option<Part>,
    /// What it is.
    pub classification: Classification,
    /// What it is made from, as one hash; where there was a shelf to look for it.
    pub fingerprint: Option<String>,
    /// Where its files stand already; empty if they were made now.
    pub stands: Vec<PathBuf>,
    /// Its files, or why there are none.
    pub result: Result<Vec<Rendition>, Problems>,
    /// The pages of each file, if they were wished for.
    pub pictures: Vec<Pictures>,
    /// What the user should know.
    pub warnings: Vec<Warning>,
    /// Milliseconds by stage.
    pub stage_ms: StageTimes,
}

impl Outcome {
    pub(super) fn attention(part: Option<Part>, problems: Problems) -> Self {
        Self { part, fate: Fate::Attention(problems), classification: None, warnings: Vec::new(), stage_ms: StageTimes::default() }
    }

    /// A record that an earlier run filed and did not clear away.
    pub(super) fn filed_before(record: Record) -> Self {
        let part = record.part.clone().map(|key| Part { key, of: record.parts });
        Self { part, fate: Fate::Filed(record), classification: None, warnings: Vec::new(), stage_ms: StageTimes::default() }
    }
}

//! The parts of a batch: its note and table, what becomes of documents that are set and not filed (one file for each aim), and what is told.
//! Filing is the pipeline's.
//!
//! | file | what it does |
//! |---|---|
//! | `letter` | the note and the table |
//! | `folder` | PDFs in a folder; what stands there already stays |
//! | `packing` | PDFs in one ZIP |
//! | `printing` | PDFs of many documents each, for a printer |
//! | `judging` | nothing: it is only said what would be wrong |
//! | `report` | the table that says what became of each row |
//! | `going_on` | the command that goes on |
//! | `tally` | how far it is, what was told, and how it ends |

mod folder;
mod going_on;
mod judging;
mod letter;
mod packing;
mod printing;
mod report;
mod tally;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cli::ending::Stop;
use crate::cli::session::Session;
use crate::cli::telling::Told;
use crate::cli::writable;
use crate::failure::Checked;
use crate::pipeline::{Preview, Shelf};
use crate::storage::name::{MAX_PART_BYTES, safe_part};

pub use self::folder::Folder;
pub use self::going_on::going_on;
pub use self::judging::Judging;
pub use self::letter::Letter;
pub use self::packing::Packing;
pub use self::printing::Printing;
pub use self::report::Report;
pub use self::tally::{Tally, halts};

/// What becomes of documents. They come in the order of their rows.
pub trait Aim {
    /// Where documents of an earlier run are looked for, if anywhere.
    fn shelf(&self) -> Option<Arc<dyn Shelf + Send>> {
        None
    }

    /// Takes the document of a row that was set; `source` is the note.
    fn take(&mut self, row: usize, source: &str, made: Vec<Preview>) -> Told;

    /// All have come, or as many as will: `is_whole` tells which. Gives what people are told of it.
    ///
    /// # Errors
    /// The machine's.
    fn close(self: Box<Self>, is_whole: bool) -> Checked<String>;

    /// Whether what was made so far is of use to another run.
    fn can_go_on(&self) -> bool {
        true
    }
}

/// Looks whether a file of that kind may stand at `path`: its name says so, and nothing is written over that is no result.
///
/// # Errors
/// Usage: another ending, something that is no file, a place where no results belong.
fn check_name(session: &Session, path: &Path, ending: &str, reads: &[PathBuf]) -> Result<(), Stop> {
    let shown = session.shown(path);
    if !path.extension().is_some_and(|found| found.eq_ignore_ascii_case(ending)) {
        let message = format!("{shown} is not the name of a {}.", ending.to_uppercase());
        return Err(Stop::usage("output-name", message, format!("Name it `letters.{ending}`.")));
    }
    if path.exists() && !path.is_file() {
        let message = format!("{shown} is no file, so that no {} can be put in its place.", ending.to_uppercase());
        return Err(Stop::usage("output-name", message, format!("Name a file, as in `letters.{ending}`.")));
    }
    writable::check(session, path, reads)
}

/// The name of a row's first file: its title, as far as that can be a name.
fn file_name(row: usize, made: &[Preview]) -> PathBuf {
    let title = made.first().map(|preview| safe_part(&preview.classification.title, MAX_PART_BYTES));
    let title = title.filter(|title| !title.is_empty()).unwrap_or_else(|| format!("row {}", row + 1));
    PathBuf::from(format!("{title}.pdf"))
}

//! `chancery import ZIP`: takes back what `chancery export` made.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use crate::cli::ending::{Ending, NO_SUCH_FILE, Stop};
use crate::cli::session::Session;
use crate::cli::view::{Line, ProblemView, Status};
use crate::cli::wording::counted;
use crate::failure::Problem;
use crate::keeping::{self, Imported};
use crate::{filing, intake};

/// Take back what `chancery export` made
///
/// The ZIP is checked to its last byte before anything is taken. Into an office without a register a whole export is
/// restored exactly as it was. Elsewhere each record that is not there yet is added with its own number, id and dates;
/// one whose number, id or place has another is named and left out. Nothing is overwritten; an import that was
/// interrupted is simply done again.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  chancery import archive.zip
  chancery --office restored import archive.zip      into another office
  chancery import archive.zip --damaged-too          what can be saved of a damaged archive")]
pub struct ImportArgs {
    /// The ZIP
    #[arg(value_name = "ZIP")]
    zip: PathBuf,
    /// Take what can be taken although lines or files are damaged
    #[arg(long)]
    damaged_too: bool,
}

/// What scripts read at the end.
#[derive(Serialize)]
struct Summary {
    status: &'static str,
    restored: bool,
    filed: usize,
    same: usize,
    attention: usize,
    seq: u64,
    hash: String,
}

/// What scripts read of a record that was not taken.
#[derive(Serialize)]
struct Skipped {
    status: Status,
    source: String,
    problem: ProblemView,
}

/// Imports the ZIP.
pub fn run(session: &Session, args: &ImportArgs) -> Result<Ending, Stop> {
    let path = session.absolute(&args.zip);
    if !path.is_file() {
        let message = format!("There is no file {}.", args.zip.display());
        return Err(Stop::usage(NO_SUCH_FILE, message, "Check the name."));
    }
    let office = session.office()?;
    let inbox = office.inbox();
    // What an import that was killed left is taken back first.
    filing::recover(&inbox, &office.archive(), office.register(), &|path| intake::is_named(&inbox, path, &intake::glance_here))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let imported = keeping::import(office.register(), &path, &name, args.damaged_too, |_| ())?;
    office.register().flush()?;
    tell(session, &imported, &name, office.register().head());
    Ok(if imported.skipped.is_empty() { Ending::Done } else { Ending::Attention })
}

fn tell(session: &Session, imported: &Imported, name: &str, (seq, hash): (u64, String)) {
    for record in &imported.adopted {
        session.output.json(&Line::of_record(Status::Filed, Some(name.to_owned()), record));
        let number = record.number.as_ref().map_or_else(String::new, |number| format!("{number}, "));
        session.output.say(&format!("✓ {} ({number}{})", record.title, record.id));
    }
    for problem in &imported.skipped {
        session.output.json(&Skipped { status: Status::Attention, source: name.to_owned(), problem: ProblemView::of(problem) });
        session.output.problems(&Problem::clone(problem).into());
    }
    let filed = if imported.restored { imported.records } else { imported.adopted.len() };
    let words = match (imported.restored, filed, imported.same) {
        (true, ..) => format!("✓ {} restored; the register is the same, line for line.", counted(filed, "record")),
        (false, 0, _) => "Nothing in it is new.".to_owned(),
        (false, _, 0) => format!("{} added.", counted(filed, "version")),
        (false, _, same) => format!("{} added, {same} stood here already.", counted(filed, "version")),
    };
    session.output.remark(&words);
    let attention = imported.skipped.len();
    session.output.json(&Summary { status: "summary", restored: imported.restored, filed, same: imported.same, attention, seq, hash });
}

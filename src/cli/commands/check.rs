//! `chancery check FILE…`: every problem and every warning at once. Writes nothing, asks nothing, gives no number.

use std::path::PathBuf;

use clap::Args;

use crate::classification::Classification;
use crate::cli::ending::{Ending, Stop};
use crate::cli::given::{self, What};
use crate::cli::previews;
use crate::cli::session::Session;
use crate::cli::telling::Told;
use crate::cli::view::{Line, Status};
use crate::failure::{Warning, guarded};
use crate::intake::Arrival;
use crate::office::Office;
use crate::pipeline::{self, Preview, Wishes};
use crate::workers::Size;

/// Say everything that is wrong with notes, without filing them
///
/// Reads and sets each note as if it were to be filed, and says every problem and warning at once, with line and
/// column. Also says which fields of its type a note leaves out. Nothing is written.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  chancery check minutes.md
  chancery check inbox/*.md
  chancery check --type notice drill.md      as if it were a notice")]
pub struct CheckArgs {
    /// The notes
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Take them for this document type
    #[arg(long = "type", value_name = "T")]
    document_type: Option<String>,
}

/// Checks each file and gives it a line.
pub fn run(session: &Session, args: &CheckArgs) -> Result<Ending, Stop> {
    session.start_workers(Size::one_by_one());
    let office = session.preview_office()?;
    let hints = session.hints(&office, args.document_type.as_deref(), false)?;
    let wishes = Wishes { hints, ..Wishes::default() };
    let named = args.document_type.is_some();
    let given = given::gather(session, &office.inbox(), &args.files);
    session.output.begin(given.len());
    let mut ending = Ending::Done;
    given::in_order(
        &given,
        |given, owner| match &given.what {
            What::Arrival(arrival) => checked(&given.name, arrival, &office, &wishes),
            What::Unreadable(problems) => Told::unreadable(&given.name, problems),
            What::Owned(_) => Told::owned(&given.name, owner),
        },
        |told| {
            session.output.advance(told.line.source.as_deref().unwrap_or_default());
            ending.worsen(told.ending(named));
            session.tell(&told.clone().by_hand());
        },
    );
    Ok(ending)
}

/// One line for a file, also with what it leaves out.
fn checked(name: &str, arrival: &Arrival, office: &Office, wishes: &Wishes) -> Told {
    let line = Line::new(Status::Ok, Some(name.to_owned()));
    match guarded(|| pipeline::preview(arrival, office, wishes, None)) {
        Ok(made) => {
            let left_out = made.first().filter(|preview| is_set(preview)).and_then(|preview| left_out(&preview.classification, office));
            let mut told = previews::judged(line, made);
            told.line.warnings.extend(left_out);
            told
        }
        Err(problems) => Told::troubled(line, problems),
    }
}

/// A signed copy is filed as it is: nothing of it is printed.
fn is_set(preview: &Preview) -> bool {
    preview.result.as_ref().map_or(true, |files| !files.is_empty())
}

/// The fields of its type that a note leaves out: nothing is printed for them, which may be meant.
fn left_out(classification: &Classification, office: &Office) -> Option<Warning> {
    let kind = office.catalog().get(&classification.document_type)?;
    let is_empty = |name: &str| classification.fields.get(name).is_none_or(|value| value.is_null());
    let known = ["title", "date"];
    let names = kind.manifest.fields.iter().map(|field| field.name.as_str());
    let missing: Vec<&str> = names.filter(|name| !known.contains(name) && is_empty(name)).collect();
    let message = format!("not given, and so not printed: {}", missing.join(", "));
    (!missing.is_empty()).then(|| Warning::new("fields-left-out", message))
}

//! `chancery file FILE…`: files documents that lie anywhere, as the inbox would. The originals stay.

use std::collections::HashSet;
use std::path::PathBuf;

use clap::Args;

use crate::cli::ending::{Ending, Stop};
use crate::cli::given::{self, What};
use crate::cli::indexing;
use crate::cli::records;
use crate::cli::session::Session;
use crate::cli::telling::{self, Told};
use crate::failure::guarded;
use crate::pipeline::{self, Wishes};
use crate::workers::Size;

/// File notes that lie anywhere; the originals stay
///
/// The same as dropping them into the inbox: each gets its number, stands in the archive and in the register. What
/// is filed already is not filed twice, unless --again asks for the next version. No problem notes are written.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  chancery file ~/Documents/minutes.md
  chancery file notes/*.md --type minutes
  chancery file minutes.md --again       the next version, although nothing changed
  chancery file minutes.md --reason \"Two names were wrong\"
                                         of minutes that are approved already")]
pub struct FileArgs {
    /// The notes
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Take them for this document type
    #[arg(long = "type", value_name = "T")]
    document_type: Option<String>,
    /// Make the next version although the same bytes are filed already
    #[arg(long)]
    again: bool,
    /// Why a record that is approved or signed gets another version
    #[arg(long, value_name = "TEXT", value_parser = records::words)]
    reason: Option<String>,
}

/// Files each file and gives each record a line.
pub fn run(session: &Session, args: &FileArgs) -> Result<Ending, Stop> {
    session.start_workers(Size::one_by_one());
    let office = session.office()?;
    let hints = session.hints(&office, args.document_type.as_deref(), false)?;
    let wishes = Wishes { hints, again: args.again, by_hand: true, reason: args.reason.clone(), ..Wishes::default() };
    let given = given::gather(session, &office.inbox(), &args.files);
    let named: HashSet<PathBuf> = args.files.iter().map(|typed| session.absolute(typed)).collect();
    session.output.begin(given.len());
    let mut ending = Ending::Done;
    given::in_order(
        &given,
        |given, owner: Option<&Vec<Told>>| match &given.what {
            What::Arrival(arrival) => {
                let mut told = match guarded(|| Ok(pipeline::process(arrival, &office, &wishes))) {
                    Ok(outcomes) => telling::lines(&given.name, &outcomes),
                    Err(problems) => vec![Told::unreadable(&given.name, &problems)],
                };
                told.extend(telling::owned(&given.name, arrival, told.last(), |path| named.contains(path)));
                told
            }
            What::Unreadable(problems) => vec![Told::unreadable(&given.name, problems)],
            What::Owned(_) => {
                vec![Told::owned(&given.name, owner.and_then(|owner| owner.iter().rfind(|told| told.line.of.is_none() || told.counts)))]
            }
        },
        |told| {
            for told in told {
                ending.worsen(told.ending(args.document_type.is_some()));
                session.tell_and_log(&told.clone().by_hand());
            }
            session.output.advance(told.first().and_then(|told| told.line.source.as_deref()).unwrap_or_default());
        },
    );
    session.output.end();
    indexing::keep_up(&office);
    Ok(ending)
}

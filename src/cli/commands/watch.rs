//! `chancery watch`: the main job. What is dropped into the inbox is filed.

use clap::Args;

use crate::cli::ending::{Ending, Stop};
use crate::cli::session::Session;
use crate::cli::{interrupt, watching};
use crate::workers::Size;

/// File whatever is dropped into the inbox
///
/// Runs until Ctrl-C, which lets it finish the document in hand. What cannot be filed stays in the inbox with a note
/// beside it (NAME.problem.txt) that says what is wrong and how to mend it; saving the mended file tries it again.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  chancery watch               until Ctrl-C
  chancery watch --once        what lies in the inbox now, then exit
  chancery --json watch        one line per document, for another program")]
pub struct WatchArgs {
    /// Handle what lies in the inbox and exit
    #[arg(long)]
    once: bool,
}

/// Watches.
pub fn run(session: &Session, args: &WatchArgs) -> Result<Ending, Stop> {
    session.start_workers(Size::one_by_one());
    let stop = interrupt::on_signal();
    if args.once { watching::once(session, session.office()?, &stop) } else { watching::watch(session, session.watched_office()?, &stop) }
}

//! `chancery answer inbox/FILE --type T`: answers what a problem note asks. The answer stands in the register, and the
//! drop is tried at once.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use crate::cli::ending::{Ending, NO_SUCH_FILE, Stop};
use crate::cli::records::{self, given_date};
use crate::cli::session::{Session, named_type};
use crate::cli::telling::Told;
use crate::cli::{interrupt, watching};
use crate::daemon;
use crate::intake::{ProblemNotes, WatcherLock};
use crate::office::Office;
use crate::reading;
use crate::register::Answer;

/// Answer what a problem note asks
///
/// The answer counts for the file as it lies there, and is kept in the register. If a watcher runs, it takes the file
/// up; else it is filed at once.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  chancery answer inbox/notes.md --type minutes
  chancery answer inbox/notes.md --date 2026-04-03
  chancery answer inbox/notes.md --type notice --date 2026-04-03
  chancery answer inbox/minutes.md --reason \"A name was wrong\"
                                   of minutes that are approved already
  chancery answer inbox/notes.md --again
                                   of a note that was taken back by undo")]
#[command(group = clap::ArgGroup::new("said").required(true).multiple(true).args(["document_type", "date", "reason", "again"]))]
pub struct AnswerArgs {
    /// The file in the inbox
    #[arg(value_name = "inbox/FILE")]
    file: PathBuf,
    /// It is of this document type
    #[arg(long = "type", value_name = "T")]
    document_type: Option<String>,
    /// It is of this date
    #[arg(long, value_name = "DATE")]
    date: Option<String>,
    /// Why a record that is approved or signed gets another version
    #[arg(long, value_name = "TEXT", value_parser = records::words)]
    reason: Option<String>,
    /// It is to be filed as it is, although it was taken back
    #[arg(long)]
    again: bool,
}

/// What scripts read if a watcher takes the file up.
#[derive(Serialize)]
struct Answered<'a> {
    status: &'static str,
    source: &'a str,
    reason: &'static str,
}

/// Writes the answer and tries the file.
pub fn run(session: &Session, args: &AnswerArgs) -> Result<Ending, Stop> {
    let office = session.office()?;
    let document_type = args.document_type.as_deref().map(|name| named_type(office.catalog(), name)).transpose()?;
    let date = args.date.as_deref().map(|text| given_date(office.settings(), text)).transpose()?;
    let name = name_in_inbox(session, &office, &args.file)?;
    let source = format!("inbox/{}", slashed(&name));
    let stop = interrupt::on_signal();
    let found = daemon::find(&office, &name, &stop)?.ok_or_else(|| no_document(&source))?;
    let submission = match found.arrival.as_ref().map_err(Clone::clone).and_then(reading::read) {
        Ok(submission) => submission,
        Err(problems) => {
            let told = Told::unreadable(&source, &problems);
            session.tell(&told);
            return Ok(told.ending(false));
        }
    };
    let document_type = document_type.map(|kind| kind.name.clone());
    let answer = Answer { document_type, date, reason: args.reason.clone(), again: args.again };
    office.register().answer(&submission.sha256(), &source, &answer)?;
    if WatcherLock::holder(&office.inbox(), &office.state()).is_some() {
        hand_over(session, &office, &name, &source);
        return Ok(Ending::Done);
    }
    watching::only(session, office, &name, &stop)
}

/// The file's name relative to the inbox: as typed from the current folder, from the office, or from the inbox.
fn name_in_inbox(session: &Session, office: &Office, typed: &Path) -> Result<PathBuf, Stop> {
    let inbox = office.inbox();
    let candidates = [session.absolute(typed), office.root().join(typed), inbox.join(typed)];
    let found = candidates.iter().filter(|path| path.is_file()).find_map(|path| path.strip_prefix(&inbox).ok());
    found.map(Path::to_path_buf).ok_or_else(|| {
        let message = format!("There is no file {} in the inbox.", typed.display());
        Stop::usage(NO_SUCH_FILE, message, "`chancery status` lists what waits there.")
    })
}

fn slashed(name: &Path) -> String {
    let parts: Vec<_> = name.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

fn no_document(source: &str) -> Stop {
    let message = format!("{source} is not filed by itself: it is a draft, put aside, or goes with another note.");
    Stop::usage("not-a-document", message, "`chancery status` says which.")
}

/// The watcher tries a file again whose problem note is gone.
fn hand_over(session: &Session, office: &Office, name: &Path, source: &str) {
    ProblemNotes::new(&office.inbox(), &office.state()).remove(name);
    session.output.say(&format!("✓ The answer for {source} is noted; the watcher tries it now."));
    session.output.json(&Answered { status: "ok", source, reason: "the watcher tries it now" });
}

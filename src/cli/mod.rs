//! The command line: arguments as typed, what they resolve to, one file per command, and how it ends.
//!
//! Thin: a command asks the stages and shows what they say through its own views ([`view`]), which are the only
//! thing that scripts rely on. Nothing here decides what a document is or where it is filed. Standard output
//! carries results (with `--json` one object per line and nothing else), standard error what people read besides.

mod args;
mod batching;
mod bonds;
mod bundle;
mod commands;
mod crew;
mod ending;
mod given;
mod history;
mod indexing;
mod interrupt;
mod log;
mod output;
mod previews;
mod records;
mod session;
mod shelf;
mod targets;
mod telling;
mod view;
mod watching;
mod whole;
mod wording;
mod writable;

use std::any::Any;
use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::args::Cli;
use crate::cli::ending::{Ending, Stop};
use crate::cli::output::Output;
use crate::cli::session::Session;
use crate::failure::Problem;

/// What the process stands in, gathered once by `main`: nothing below reads the environment.
#[derive(Clone, Debug)]
pub struct Outside {
    /// The program's name and its arguments.
    pub arguments: Vec<OsString>,
    /// The program itself, to be started as a worker.
    pub program: Option<PathBuf>,
    /// The current folder.
    pub folder: PathBuf,
    /// The home folder, for the configuration's `~`.
    pub home: Option<PathBuf>,
    /// The machine's time zone, for an office that names none.
    pub zone: chrono_tz::Tz,
    /// `SOURCE_DATE_EPOCH`, where it is set.
    pub source_date_epoch: Option<String>,
    /// `PATH`, to look for the program that opens a PDF.
    pub search_path: OsString,
    /// Whether there is a desktop on which something can be opened.
    pub has_desktop: bool,
    /// Whether standard error is a terminal: progress bars are shown there only.
    pub on_terminal: bool,
}

/// Runs the command that the arguments name; the exit code says how it ended.
pub fn run(outside: Outside) -> ExitCode {
    let arguments = commands::search::spelled_out(&outside.arguments);
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return args::explain(&error),
    };
    let output = Output::new(&cli.global, outside.on_terminal);
    let session = Session::new(cli.global, outside, output);
    log::panics();
    let ended = catch_unwind(AssertUnwindSafe(|| commands::run(&session, cli.command)));
    match ended.unwrap_or_else(|panic| Err(mistake(panic.as_ref()))) {
        Ok(ending) => session.output.closing(ending).into(),
        Err(Stop { ending, problems }) => {
            session.output.end();
            session.output.problems(&problems.by_hand());
            ending.into()
        }
    }
}

/// A mistake of the program outside of any document.
fn mistake(panic: &(dyn Any + Send)) -> Stop {
    Stop { ending: Ending::Failed, problems: Problem::internal(panic).into() }
}

//! One file per command: its arguments with their help, and what it does.

pub mod completions;
pub mod init;

use super::args::Command;
use super::ending::{Ending, Stop};
use super::session::Session;

/// Runs a command.
pub fn run(session: &Session, command: Command) -> Result<Ending, Stop> {
    match command {
        Command::Init(args) => init::run(session, &args),
        Command::Completions(args) => completions::run(session, &args),
    }
}

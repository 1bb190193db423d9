//! One file per command: its arguments with their help, and what it does.

pub mod answer;
pub mod approve;
pub mod batch;
pub mod check;
pub mod classify;
pub mod completions;
pub mod copy;
pub mod demo;
pub mod dispose;
pub mod doctor;
pub mod due;
pub mod export;
pub mod file;
pub mod fonts;
pub mod head;
pub mod hold;
pub mod import;
pub mod init;
pub mod list;
pub mod new;
pub mod numbers;
pub mod open;
pub mod rebuild;
pub mod refile;
pub mod render;
pub mod search;
pub mod show;
pub mod source;
pub mod status;
pub mod types;
pub mod undo;
pub mod verify;
pub mod watch;

use super::args::Command;
use super::ending::{Ending, Stop};
use super::session::Session;

/// Runs a command.
pub fn run(session: &Session, command: Command) -> Result<Ending, Stop> {
    match command {
        Command::Init(args) => init::run(session, &args),
        Command::New(args) => new::run(session, &args),
        Command::Types(args) => types::run(session, &args),
        Command::Fonts(args) => fonts::run(session, &args),
        Command::Classify(args) => classify::run(session, &args),
        Command::Demo(args) => demo::run(session, &args),
        Command::Watch(args) => watch::run(session, &args),
        Command::Status(args) => status::run(session, &args),
        Command::Answer(args) => answer::run(session, &args),
        Command::Batch(args) => batch::run(session, &args),
        Command::Check(args) => check::run(session, &args),
        Command::Render(args) => render::run(session, &args),
        Command::File(args) => file::run(session, &args),
        Command::Copy(args) => copy::run(session, &args),
        Command::List(args) => list::run(session, &args),
        Command::Search(args) => search::run(session, &args),
        Command::Show(args) => show::run(session, &args),
        Command::Numbers(args) => numbers::run(session, &args),
        Command::Open(args) => open::run(session, &args),
        Command::Source(args) => source::run(session, &args),
        Command::Verify(args) => verify::run(session, &args),
        Command::Head(args) => head::run(session, &args),
        Command::Approve(args) => approve::run(session, &args),
        Command::Refile(args) => refile::run(session, &args),
        Command::Undo(args) => undo::run(session, &args),
        Command::Due(args) => due::run(session, &args),
        Command::Hold(args) => hold::run(session, &args),
        Command::Release(args) => hold::release(session, &args),
        Command::Dispose(args) => dispose::run(session, &args),
        Command::Export(args) => export::run(session, &args),
        Command::Import(args) => import::run(session, &args),
        Command::Rebuild(args) => rebuild::run(session, &args),
        Command::Doctor(args) => doctor::run(session, &args),
        Command::Completions(args) => completions::run(session, &args),
    }
}

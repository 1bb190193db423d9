//! The arguments as typed. What they resolve to (office, clock, output) is [`super::session`]'s business; each
//! command's own arguments stand beside the command.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use chrono::{DateTime, Utc};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, Parser, Subcommand};

use super::commands;

/// Drop a note into inbox/, collect a finished PDF from a dated archive/.
///
/// An office is a folder: notes in Markdown, text, YAML, TOML or JSON are dropped into its inbox/ and come out as
/// numbered, registered PDFs in its archive/. Nothing leaves this machine.
#[derive(Debug, Parser)]
#[command(name = "chancery", version, after_help = EXAMPLES, arg_required_else_help = true, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "\
First steps:
  chancery demo                    see what it does, on sample notes
  chancery init my-office          make an office of your own
  chancery --office my-office new minutes
                                   write a note to fill in
  chancery --office my-office watch
                                   file whatever is dropped into my-office/inbox/

`chancery COMMAND --help` explains a command, with examples.
Exit codes: 0 done, 1 some document needs attention, 2 the command or the configuration
is at fault, 3 the machine failed.";

/// What every command takes.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Everywhere")]
pub struct Global {
    /// The office's folder [default: the nearest folder upward with chancery.toml or inbox/]
    #[arg(long, global = true, value_name = "DIR")]
    pub office: Option<PathBuf>,
    /// Print one JSON object per line, and nothing else, on standard output
    #[arg(long, global = true)]
    pub json: bool,
    /// Work as if it were this time, e.g. 2026-11-23T09:00:00+08:00
    #[arg(long, global = true, value_name = "RFC3339", value_parser = moment)]
    pub now: Option<DateTime<Utc>>,
    /// Say only what is asked for and what went wrong
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more: warnings' codes, milliseconds by stage
    #[arg(short, long, global = true)]
    pub verbose: bool,
}

/// The commands, in the order in which a newcomer needs them.
#[derive(Debug, Subcommand)]
pub enum Command {
    Demo(commands::demo::DemoArgs),
    Init(commands::init::InitArgs),
    Watch(commands::watch::WatchArgs),
    Status(commands::status::StatusArgs),
    New(commands::new::NewArgs),
    Types(commands::types::TypesArgs),
    Fonts(commands::fonts::FontsArgs),
    Check(commands::check::CheckArgs),
    Classify(commands::classify::ClassifyArgs),
    Render(commands::render::RenderArgs),
    File(commands::file::FileArgs),
    Batch(commands::batch::BatchArgs),
    Answer(commands::answer::AnswerArgs),
    List(commands::list::ListArgs),
    Search(commands::search::SearchArgs),
    Show(commands::show::ShowArgs),
    Numbers(commands::numbers::NumbersArgs),
    Open(commands::open::OpenArgs),
    Source(commands::source::SourceArgs),
    Copy(commands::copy::CopyArgs),
    Verify(commands::verify::VerifyArgs),
    Head(commands::head::HeadArgs),
    Approve(commands::approve::ApproveArgs),
    Refile(commands::refile::RefileArgs),
    Undo(commands::undo::UndoArgs),
    Export(commands::export::ExportArgs),
    Import(commands::import::ImportArgs),
    Due(commands::due::DueArgs),
    Hold(commands::hold::HoldArgs),
    Release(commands::hold::ReleaseArgs),
    Dispose(commands::dispose::DisposeArgs),
    Rebuild(commands::rebuild::RebuildArgs),
    Doctor(commands::doctor::DoctorArgs),
    Completions(commands::completions::CompletionsArgs),
}

/// Prints help where it was asked for, or why the arguments were not understood.
pub fn explain(error: &clap::Error) -> ExitCode {
    if error.kind() == ErrorKind::InvalidSubcommand {
        let _ = writeln!(std::io::stderr(), "{}", unknown_command(error));
    } else {
        // Help and version go to standard output, everything else to standard error; a closed pipe is no error.
        let _ = error.print();
    }
    ExitCode::from(if error.use_stderr() { 2 } else { 0 })
}

fn unknown_command(error: &clap::Error) -> String {
    let typed = match error.get(ContextKind::InvalidSubcommand) {
        Some(ContextValue::String(typed)) => typed.as_str(),
        _ => "",
    };
    let meant = match error.get(ContextKind::SuggestedSubcommand) {
        Some(ContextValue::String(name)) => vec![name.clone()],
        Some(ContextValue::Strings(names)) => names.clone(),
        _ => Vec::new(),
    };
    let names: Vec<String> = meant.iter().map(|name| format!("`{name}`")).collect();
    let tip = if names.is_empty() { String::new() } else { format!("Did you mean {}? ", names.join(" or ")) };
    format!("unknown command `{typed}`\n  → {tip}`chancery --help` lists the commands.")
}

fn moment(text: &str) -> Result<DateTime<Utc>, String> {
    let time =
        DateTime::parse_from_rfc3339(text).map_err(|_| "write date, time and offset, for example 2026-11-23T09:00:00+08:00".to_owned())?;
    Ok(time.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_explains_itself_with_examples() {
        for command in Cli::command().get_subcommands() {
            assert!(command.get_about().is_some(), "{} has no description", command.get_name());
            let examples = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(examples.contains("chancery "), "{} shows no example", command.get_name());
        }
    }

    #[test]
    fn now_needs_an_offset() {
        assert!(moment("2026-11-23T09:00:00+08:00").is_ok());
        assert!(moment("2026-11-23T09:00:00").is_err());
    }
}

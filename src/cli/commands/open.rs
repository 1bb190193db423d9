//! `chancery open ID`: shows a record's PDF with the program that the machine has for it; prints where it stands.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::Args;

use crate::cli::ending::{Ending, Stop};
use crate::cli::records::{Archive, main_file};
use crate::cli::session::Session;
use crate::cli::view::{Line, Status};

/// Open a record's PDF
///
/// Uses the program that the desktop has for PDFs; where there is none, the path is all.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  chancery open MIN-2026-004
  chancery open 7k2m9p@1         its first version")]
pub struct OpenArgs {
    /// An ID, ID@VERSION, or a number
    #[arg(value_name = "ID")]
    id: String,
}

/// What opens a file, by system.
const OPENERS: &[&str] = if cfg!(target_os = "macos") {
    &["open"]
} else if cfg!(windows) {
    &["explorer.exe"]
} else {
    &["xdg-open", "gio-open"]
};

/// Opens it, and prints its path.
pub fn run(session: &Session, args: &OpenArgs) -> Result<Ending, Stop> {
    let archive = Archive::open(session)?;
    let record = archive.one(&args.id)?;
    let file = main_file(&record)?;
    archive.read(file)?;
    let path = archive.path_of(file);
    session.output.data(&session.shown(&path));
    session.output.json(&Line::of_record(Status::Filed, Some(record.source.clone()), &record));
    let opener = session.outside.has_desktop.then(|| opener(session)).flatten();
    if let Some(opener) = opener {
        show(&opener, &path)?;
    }
    Ok(Ending::Done)
}

fn opener(session: &Session) -> Option<PathBuf> {
    let folders: Vec<PathBuf> = std::env::split_paths(&session.outside.search_path).collect();
    OPENERS.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name))).find(|path| path.is_file())
}

/// Starts the program and does not wait for it.
fn show(opener: &Path, path: &Path) -> Result<(), Stop> {
    let mut command = Command::new(opener);
    command.arg(path).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().map(drop).map_err(|error| Stop::machine("start", opener, &error))
}

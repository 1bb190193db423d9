//! `chancery copy ID`: the one to send. No attachments, nothing that is for the house alone.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::ending::{Ending, Stop};
use crate::cli::records::{Archive, SOURCE, main_file, write_new};
use crate::cli::session::Session;
use crate::cli::targets::numbered;
use crate::cli::view::{FileView, Line, Status};
use crate::failure::Problem;
use crate::filing::attached;
use crate::model::sha256_hex;

/// Make the copy of a record to send to others
///
/// The same pages as the filed PDF, without the files that it carries: neither its source nor its record leave the
/// house. Of a record of several files each is copied. Nothing is overwritten.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  chancery copy MIN-2026-004                   into the current folder, under its own name
  chancery copy MIN-2026-004 -o to-the-board.pdf
  chancery copy MIN-2026-004 -o outgoing/")]
pub struct CopyArgs {
    /// An ID, ID@VERSION, or a number
    #[arg(value_name = "ID")]
    id: String,
    /// A file, or a folder (with `/` at its end)
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
}

/// Writes the copies and says where.
pub fn run(session: &Session, args: &CopyArgs) -> Result<Ending, Stop> {
    let archive = Archive::open(session)?;
    let record = archive.one(&args.id)?;
    let main = archive.path_of(main_file(&record)?);
    let first = target(session, args.output.as_deref(), &main)?;
    let mut line = Line::of_record(Status::Rendered, Some(record.source.clone()), &record);
    line.files.clear();
    for file in record.files.iter().filter(|file| file.role != SOURCE) {
        let copy = attached::without_files(&archive.read(file)?).map_err(|message| {
            let help = "Ask whoever looks after the program; the filed PDF itself is untouched.";
            Problem::new("copy", format!("The PDF of {} cannot be taken apart ({message})", record.id), help)
        })?;
        let path = if line.files.is_empty() { first.clone() } else { numbered(&first, 0, Some(&file.role)) };
        write_new(session, &path, &copy)?;
        session.output.say(&format!("✓ {} carries nothing but its pages.", session.shown(&path)));
        line.files.push(FileView { role: file.role.clone(), path: session.shown(&path), sha256: sha256_hex(&copy) });
    }
    line.pdf = line.files.first().map(|file| file.path.clone());
    line.sha256 = line.files.first().map(|file| file.sha256.clone());
    session.output.json(&line);
    Ok(Ending::Done)
}

/// `-o FILE`, `-o DIR/`, or the current folder.
fn target(session: &Session, typed: Option<&Path>, filed: &Path) -> Result<PathBuf, Stop> {
    let name = filed.file_name().unwrap_or_default();
    let Some(typed) = typed else { return Ok(session.outside.folder.join(name)) };
    let path = session.absolute(typed);
    if !typed.as_os_str().to_string_lossy().ends_with(std::path::is_separator) && !path.is_dir() {
        return Ok(path);
    }
    std::fs::create_dir_all(&path).map_err(|error| Stop::machine("make the folder", &path, &error))?;
    Ok(path.join(name))
}

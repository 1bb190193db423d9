//! `chancery source ID`: gives back what a record was made from.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use crate::cli::ending::{Ending, Stop};
use crate::cli::records::{Archive, write_new};
use crate::cli::session::Session;
use crate::filing::{self, Original, Originals};

/// Give back the note that a record was made from
///
/// Taken out of the PDF itself, or from where it was filed beside it, with the files that the note owns. Nothing is
/// overwritten.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  chancery source MIN-2026-004                 into the current folder, under its own name
  chancery source MIN-2026-004 -o again.md
  chancery source MIN-2026-004 -o -            print it
  chancery source MIN-2026-004 -o old/         into that folder, with the files it owns")]
pub struct SourceArgs {
    /// An ID, ID@VERSION, or a number
    #[arg(value_name = "ID")]
    id: String,
    /// A file for the note alone, or a folder for all; `-` prints the note
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
}

#[derive(Serialize)]
struct Given<'a> {
    status: &'static str,
    id: &'a str,
    files: Vec<String>,
}

/// Writes the source and says where.
pub fn run(session: &Session, args: &SourceArgs) -> Result<Ending, Stop> {
    let archive = Archive::open(session)?;
    let record = archive.one(&args.id)?;
    let Originals { note, owned } = filing::originals(archive.register.archive(), &record)?;
    let originals: Vec<Original> = std::iter::once(note).chain(owned).collect();
    let typed = args.output.as_deref();
    if typed == Some(Path::new("-")) && !session.output.is_json() {
        let note = originals.first().map(|original| original.bytes.as_slice()).unwrap_or_default();
        session.output.bytes(note).map_err(|error| Stop::machine("write", "standard output".as_ref(), &error))?;
        return Ok(Ending::Done);
    }
    let written = write(session, typed, &originals)?;
    session.output.say(&format!("✓ {}", written.join(", ")));
    session.output.json(&Given { status: "ok", id: &record.id, files: written });
    Ok(Ending::Done)
}

fn write(session: &Session, typed: Option<&Path>, originals: &[Original]) -> Result<Vec<String>, Stop> {
    let into = |folder: &Path| -> Result<Vec<String>, Stop> {
        std::fs::create_dir_all(folder).map_err(|error| Stop::machine("make the folder", folder, &error))?;
        let mut written = Vec::new();
        for original in originals {
            let path = folder.join(plain_name(&original.name));
            write_new(session, &path, &original.bytes)?;
            written.push(session.shown(&path));
        }
        Ok(written)
    };
    let Some(typed) = typed else { return into(&session.outside.folder) };
    let path = session.absolute(typed);
    if typed.as_os_str().to_string_lossy().ends_with(std::path::is_separator) || path.is_dir() {
        return into(&path);
    }
    write_new(session, &path, originals.first().map(|note| note.bytes.as_slice()).unwrap_or_default())?;
    Ok(vec![session.shown(&path)])
}

/// The last part of a name: all of a source goes into one folder.
fn plain_name(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or(name)
}

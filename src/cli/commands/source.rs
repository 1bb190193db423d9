//! `chancery source ID`: gives back what a record was made from.

use std::path::{Component, Path, PathBuf};

use clap::Args;
use serde::Serialize;

use crate::cli::ending::{Ending, Stop};
use crate::cli::records::{Archive, SOURCE, main_file, write_new};
use crate::cli::session::Session;
use crate::failure::Problem;
use crate::filing::attached;
use crate::register::{FiledFile, Record};

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

/// A file of a source.
struct Original {
    name: String,
    bytes: Vec<u8>,
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
    let originals = originals(&archive, &record)?;
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
            let path = folder.join(&original.name);
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

/// The note first, then the files it owns.
fn originals(archive: &Archive, record: &Record) -> Result<Vec<Original>, Stop> {
    let filed: Vec<_> = record.files.iter().filter(|file| file.role == SOURCE).collect();
    if !filed.is_empty() {
        let read = |(index, file): (usize, &&FiledFile)| {
            let name = if index == 0 { plain_name(&record.source) } else { name_of_owned(file) };
            Ok(Original { name, bytes: archive.read(file)? })
        };
        return filed.iter().enumerate().map(read).collect();
    }
    let pdf = archive.read(main_file(record)?)?;
    let attached = attached::files(&pdf).map_err(|message| nothing(record, &format!("its PDF cannot be taken apart ({message})")))?;
    let is_note = |file: &attached::Attached| file.relationship.eq_ignore_ascii_case("source");
    let (notes, others): (Vec<_>, Vec<_>) = attached.into_iter().partition(is_note);
    if notes.is_empty() {
        return Err(nothing(record, "its PDF carries none and none was filed beside it"));
    }
    let owned = others.into_iter().filter(|file| file.relationship.eq_ignore_ascii_case("supplement"));
    Ok(notes.into_iter().chain(owned).map(|file| Original { name: plain_name(&file.name), bytes: file.bytes }).collect())
}

/// The name of an owned file that was filed beside its note: what follows the note's.
fn name_of_owned(file: &FiledFile) -> String {
    let name = file.path.rsplit('/').next().unwrap_or_default();
    plain_name(name.split_once("(source) ").map_or(name, |(_, own)| own))
}

/// The last part of a name: what comes out of a PDF never chooses a folder.
fn plain_name(name: &str) -> String {
    let last = Path::new(name).components().next_back();
    match last {
        Some(Component::Normal(name)) => name.to_string_lossy().into_owned(),
        _ => "source".to_owned(),
    }
}

fn nothing(record: &Record, why: &str) -> Stop {
    let message = format!("The source of {} is not at hand: {why}", record.id);
    let problem = Problem::new("no-source", message, "`[archive] attach = \"full\"` in chancery.toml puts it into each PDF from then on.");
    Stop { ending: Ending::Attention, problems: problem.into() }
}

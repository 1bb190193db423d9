//! `chancery export OUT.zip`: the archive, or some of its records, as one file to keep elsewhere.

use std::collections::HashSet;
use std::path::Path;

use chrono::NaiveDate;
use clap::Args;
use serde::Serialize;

use crate::cli::ending::{Ending, Stop};
use crate::cli::records::Archive;
use crate::cli::session::Session;
use crate::cli::view::ProblemView;
use crate::cli::wording::counted;
use crate::keeping::{self, Selection};
use crate::register::Query;

/// Take a copy of the archive away, in one ZIP
///
/// The ZIP is a bag (BagIt, RFC 8493): it unpacks into the archive's own folders, readable without this program, with
/// an index.html and a list of hashes that any tool can check. Without a choice it holds everything, with the register;
/// with one, the records that fit and their lines. `chancery import` takes it back. The same records give the same
/// bytes. Every file is checked while it is copied: if one is missing or was changed, there is no ZIP.
#[derive(Args, Debug)]
#[command(
    override_usage = "chancery export [OPTIONS] [ID]... OUT.zip",
    after_help = "\
Examples:
  chancery export archive.zip                              all of it
  chancery export --year 2026 --type minutes minutes.zip
  chancery export MIN-2026-004 MIN-2026-005 two.zip
  chancery export --from 2026-01-01 --to 2026-06-30 half.zip"
)]
pub struct ExportArgs {
    /// IDs or numbers of records to take, if not all; and the ZIP to make, last
    #[arg(value_name = "OUT.zip", required = true)]
    given: Vec<String>,
    /// Only documents of this year
    #[arg(long, value_name = "YYYY")]
    year: Option<i32>,
    /// Only this document type
    #[arg(long = "type", value_name = "T")]
    document_type: Option<String>,
    /// Only documents from this day on
    #[arg(long, value_name = "DATE")]
    from: Option<NaiveDate>,
    /// Only documents up to this day
    #[arg(long, value_name = "DATE")]
    to: Option<NaiveDate>,
    /// Also these, by number; may be repeated
    #[arg(long, value_name = "NUMBER")]
    number: Vec<String>,
    /// Take away what is there although files are missing or changed
    #[arg(long)]
    damaged_too: bool,
}

/// What scripts read.
#[derive(Serialize)]
struct Line<'a> {
    status: &'static str,
    file: &'a str,
    records: usize,
    files: usize,
    /// The last line of the register that is in it.
    seq: u64,
    hash: &'a str,
    problems: Vec<ProblemView>,
}

/// Writes the ZIP.
pub fn run(session: &Session, args: &ExportArgs) -> Result<Ending, Stop> {
    let archive = Archive::open(session)?;
    let settings = session.house()?.settings;
    let organisation = settings.organisation.name(&settings.language).unwrap_or_default();
    let Some((out, ids)) = args.given.split_last() else { return Ok(Ending::Done) };
    if !out.to_ascii_lowercase().ends_with(".zip") {
        let message = format!("`{out}` is no name for a ZIP.");
        return Err(Stop::usage("no-zip", message, "Write the file to make last, with its ending: `chancery export … archive.zip`."));
    }
    let selection = args.selection(&archive, ids)?;
    let path = session.absolute(Path::new(out));
    session.output.begin(archive.register.count()?);
    let exported =
        keeping::export(&archive.register, &selection, organisation, &path, args.damaged_too, |file| session.output.advance(file));
    session.output.end();
    let Some(exported) = exported? else {
        session.output.remark("Nothing is filed that fits; no ZIP was made.");
        return Ok(Ending::Done);
    };
    session.output.json(&Line {
        status: if exported.damaged.is_empty() { "ok" } else { "attention" },
        file: &session.shown(&path),
        records: exported.records,
        files: exported.files,
        seq: exported.head.0,
        hash: &exported.head.1,
        problems: exported.damaged.iter().map(ProblemView::of).collect(),
    });
    session.output.say(&format!("✓ {} holds {}", session.shown(&path), counted(exported.records, "record")));
    for problem in &exported.damaged {
        session.output.remark(&problem.to_string());
    }
    Ok(if exported.damaged.is_empty() { Ending::Done } else { Ending::Attention })
}

impl ExportArgs {
    fn selection(&self, archive: &Archive, ids: &[String]) -> Result<Selection, Stop> {
        let named = self.document_type.as_deref().map(str::parse).transpose();
        let document_type =
            named.map_err(|message: String| Stop::usage("unknown-type", message, "`chancery list` shows the types of what is filed."))?;
        let named = ids.iter().chain(&self.number).map(|name| Ok(archive.one(name)?.id));
        let ids = named.collect::<Result<HashSet<String>, Stop>>()?;
        let query = Query { document_type, year: self.year, from: self.from, to: self.to, ..Query::default() };
        Ok(Selection { ids: (!ids.is_empty()).then_some(ids), query })
    }
}

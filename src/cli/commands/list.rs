//! `chancery list`: what stands in the register, newest first; `--zip` puts the listed PDFs into one file.

use std::fmt::Write as _;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::bundle::Bundle;
use crate::cli::ending::{Ending, Stop};
use crate::cli::records::{Archive, SOURCE};
use crate::cli::session::Session;
use crate::cli::view::{Line, Status};
use crate::cli::wording::counted;
use crate::keeping::listing::Entry;
use crate::register::Record;

/// List what is filed, newest first
///
/// Each record in its newest version. With --zip the listed PDFs are put into one file, with an index.html to read
/// and an index.csv for a spreadsheet; the same records give the same file.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  chancery list                          the last 50
  chancery list --all --type minutes     all minutes
  chancery list --year 2026 --all --zip papers-2026.zip")]
pub struct ListArgs {
    /// How many at most
    #[arg(long, value_name = "N", default_value_t = 50, conflicts_with = "all")]
    limit: usize,
    /// All of them
    #[arg(long)]
    all: bool,
    /// Only this document type
    #[arg(long = "type", value_name = "T")]
    document_type: Option<String>,
    /// Only documents of this year
    #[arg(long, value_name = "YYYY")]
    year: Option<i32>,
    /// Put the PDFs into this file, with an index
    #[arg(long, value_name = "OUT.zip")]
    zip: Option<PathBuf>,
}

/// Lists the records.
pub fn run(session: &Session, args: &ListArgs) -> Result<Ending, Stop> {
    let archive = Archive::open(session)?;
    let mut records = archive.register.records()?;
    records.reverse();
    records.retain(|record| args.fits(record));
    let found = records.len();
    records.truncate(if args.all { found } else { args.limit });
    for record in &records {
        session.output.json(&Line::of_record(Status::Filed, Some(record.source.clone()), record));
    }
    if !records.is_empty() {
        session.output.data(table(&records).trim_end());
    }
    let more = found - records.len();
    if found == 0 {
        session.output.remark("Nothing is filed yet that fits.");
    } else if more > 0 {
        session.output.remark(&format!("{more} more; `--all` lists them."));
    }
    if let Some(typed) = &args.zip {
        let path = session.absolute(typed);
        zipped(&archive, &records, &path)?;
        session.output.remark(&format!("✓ {} holds {}", session.shown(&path), counted(records.len(), "record")));
    }
    Ok(Ending::Done)
}

impl ListArgs {
    fn fits(&self, record: &Record) -> bool {
        use chrono::Datelike as _;
        self.document_type.as_ref().is_none_or(|name| record.document_type.as_str() == name)
            && self.year.is_none_or(|year| record.date.year() == year)
    }
}

fn table(records: &[Record]) -> String {
    let width = |text: fn(&Record) -> &str| records.iter().map(|record| text(record).chars().count()).max().unwrap_or_default();
    let number = |record: &Record| record.number.clone().unwrap_or_default();
    let ids = width(|record| &record.id);
    let types = width(|record| record.document_type.as_str());
    let numbers = width(|record| record.number.as_deref().unwrap_or_default());
    records.iter().fold(String::new(), |mut text, record| {
        let kind = record.document_type.as_str();
        let _ = writeln!(text, "{:ids$}  {}  {kind:types$}  {:numbers$}  {}", record.id, record.date, number(record), record.title);
        text
    })
}

/// Writes the bundle beside its final name first: it is there whole or not at all.
fn zipped(archive: &Archive, records: &[Record], path: &Path) -> Result<(), Stop> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let failed = |error: std::io::Error| Stop::machine("write", path, &error);
    let file = tempfile::Builder::new().prefix(".chancery-").tempfile_in(folder).map_err(failed)?;
    let mut bundle = Bundle::new(BufWriter::new(file)).map_err(|error| failed(error.into()))?;
    for record in records {
        for file in record.files.iter().filter(|file| file.role != SOURCE) {
            bundle.add(&Entry::of(record, file, ""), &archive.read(file)?).map_err(|error| failed(error.into()))?;
        }
    }
    let file = bundle.finish().map_err(|error| failed(error.into()))?;
    let file = file.into_inner().map_err(|error| failed(error.into_error()))?;
    file.as_file().sync_all().map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

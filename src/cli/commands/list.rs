//! `chancery list`: what stands in the register, newest first; `--zip` puts the listed PDFs into one file.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use clap::{Args, ValueEnum};
use serde::Serialize;

use crate::cli::bundle::BundleFile;
use crate::cli::ending::{Ending, Stop};
use crate::cli::records::{Archive, SOURCE};
use crate::cli::session::Session;
use crate::cli::view::{Line, Status};
use crate::cli::wording::counted;
use crate::keeping::listing::Entry;
use crate::model::TypeName;
use crate::register::{Query, RecordState, Standing};

/// List what is filed, newest first
///
/// Each record that stands, in its newest version; with --all also what is void, superseded or disposed of. With --zip the
/// listed PDFs are put into one file, with an index.html to read and an index.csv for a spreadsheet; the same records give
/// the same file.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  chancery list                                    the last 50 that were filed
  chancery list --all --type minutes               all minutes, also superseded and void ones
  chancery list --from 2026-01-01 --to 2026-03-31  documents of the first quarter
  chancery list --person Lee --status draft        drafts that name somebody called Lee
  chancery list --year 2026 --limit 10000 --zip papers-2026.zip")]
pub struct ListArgs {
    /// How many at most [default: 50; with --all, as many as there are]
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// All of them, also what is void, superseded or disposed of
    #[arg(long)]
    all: bool,
    /// Only this document type
    #[arg(long = "type", value_name = "T")]
    document_type: Option<TypeName>,
    /// Only documents of this day or later
    #[arg(long, value_name = "YYYY-MM-DD")]
    from: Option<NaiveDate>,
    /// Only documents of this day or earlier
    #[arg(long, value_name = "YYYY-MM-DD")]
    to: Option<NaiveDate>,
    /// Only documents of this year
    #[arg(long, value_name = "YYYY")]
    year: Option<i32>,
    /// Only the record with this number
    #[arg(long, value_name = "NUMBER")]
    number: Option<String>,
    /// Only records that name this person, or somebody with this in the name
    #[arg(long, value_name = "NAME")]
    person: Option<String>,
    /// Only records of which this can be said
    #[arg(long, value_name = "STATUS")]
    status: Option<Said>,
    /// Put the PDFs into this file, with an index
    #[arg(long, value_name = "OUT.zip")]
    zip: Option<PathBuf>,
}

/// What can be said of a record.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Said {
    Draft,
    Approved,
    Signed,
    Held,
    Superseded,
    Void,
    Disposed,
}

/// A record in a list.
#[derive(Serialize)]
struct Listed {
    #[serde(flatten)]
    line: Line,
    /// What is to be said of it; empty of a record that simply stands.
    state: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    void: Option<String>,
}

/// How many are listed unless the command says.
const USUAL: usize = 50;

/// So many rows have their columns in line: of a long list not all are held in memory.
const ROWS: usize = 500;

/// Lists the records.
pub fn run(session: &Session, args: &ListArgs) -> Result<Ending, Stop> {
    let archive = Archive::open(session)?;
    let limit = args.limit.or((!args.all).then_some(USUAL));
    let mut zip = args.zip.as_ref().map(|typed| Zip::begin(&session.absolute(typed))).transpose()?;
    let (mut rows, mut listed) = (Vec::new(), 0);
    let mut stopped = None;
    let walked = archive.register.each(&args.query(limit), |state| {
        session.output.json(&Listed::of(&state));
        if let Some(stop) = zip.as_mut().and_then(|zip| zip.add(&archive, &state).err()) {
            let problems = stop.problems.clone();
            stopped = Some(stop);
            return Err(problems);
        }
        listed += 1;
        rows.push(state);
        if rows.len() == ROWS {
            session.output.data(table(&std::mem::take(&mut rows)).trim_end());
        }
        Ok(())
    });
    if let Some(stop) = stopped {
        return Err(stop);
    }
    walked?;
    if !rows.is_empty() {
        session.output.data(table(&rows).trim_end());
    }
    let next = Query { limit: Some(1), offset: listed, ..args.query(None) };
    if listed == 0 {
        session.output.remark("Nothing is filed yet that fits.");
    } else if limit.is_some_and(|limit| limit == listed) && !archive.register.query(&next)?.is_empty() {
        session.output.remark("There are more: `--limit` with a greater number lists them, `--all` everything.");
    }
    if let Some(zip) = zip {
        let path = zip.finish()?;
        session.output.remark(&format!("✓ {} holds {}", session.shown(&path), counted(listed, "record")));
    }
    Ok(Ending::Done)
}

impl ListArgs {
    fn query(&self, limit: Option<usize>) -> Query {
        Query {
            document_type: self.document_type.clone(),
            from: self.from,
            to: self.to,
            year: self.year,
            number: self.number.clone(),
            person: self.person.clone(),
            standing: self.status.map(Said::standing),
            all: self.all,
            limit,
            offset: 0,
        }
    }
}

impl Said {
    fn standing(self) -> Standing {
        match self {
            Self::Draft => Standing::Draft,
            Self::Approved => Standing::Approved,
            Self::Signed => Standing::Signed,
            Self::Held => Standing::Held,
            Self::Superseded => Standing::Superseded,
            Self::Void => Standing::Void,
            Self::Disposed => Standing::Disposed,
        }
    }
}

impl Listed {
    fn of(state: &RecordState) -> Self {
        let record = &state.record;
        let line = Line::of_record(Status::Filed, Some(record.source.clone()), record);
        Self { line, state: words(state), void: state.void.clone() }
    }
}

fn words(state: &RecordState) -> Vec<&'static str> {
    state.standings().into_iter().map(Standing::as_str).collect()
}

fn table(states: &[RecordState]) -> String {
    let rows: Vec<[String; 5]> = states.iter().map(row).collect();
    let widths: [usize; 5] = std::array::from_fn(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default());
    rows.iter().zip(states).fold(String::new(), |mut text, (row, state)| {
        for (cell, width) in row.iter().zip(widths).filter(|(_, width)| *width > 0) {
            let _ = write!(text, "{cell:width$}  ");
        }
        let _ = writeln!(text, "{}", state.record.title);
        text
    })
}

fn row(state: &RecordState) -> [String; 5] {
    let record = &state.record;
    // A version that was replaced is known by its number.
    let version = if state.superseded_by.is_some() { format!("@{}", record.version) } else { String::new() };
    [
        format!("{}{version}", record.id),
        record.date.to_string(),
        record.document_type.to_string(),
        record.number.clone().unwrap_or_default(),
        words(state).join(", "),
    ]
}

/// A zip of what is listed.
struct Zip(BundleFile);

impl Zip {
    fn begin(path: &Path) -> Result<Self, Stop> {
        BundleFile::begin(path).map(Self).map_err(|error| Stop::machine("write", path, &error))
    }

    /// The content of what was disposed of is gone, and is left out.
    fn add(&mut self, archive: &Archive, state: &RecordState) -> Result<(), Stop> {
        let record = &state.record;
        for file in record.files.iter().filter(|file| file.role != SOURCE && state.disposed.is_none()) {
            let added = self.0.add(&Entry::of(record, file, ""), &archive.read(file)?);
            added.map_err(|error| Stop::machine("write", self.0.path(), &error))?;
        }
        Ok(())
    }

    fn finish(self) -> Result<PathBuf, Stop> {
        let path = self.0.path().to_owned();
        self.0.finish().map_err(|error| Stop::machine("write", &path, &error))
    }
}

//! `chancery show ID`: a record's fields, and what became of it.

use std::fmt::Write as _;

use chrono::{DateTime, FixedOffset};
use clap::Args;
use serde::Serialize;

use crate::cli::ending::{Ending, Stop};
use crate::cli::records::Archive;
use crate::cli::session::Session;
use crate::cli::view::{Line, Status};
use crate::register::{Record, RecordState};

/// Show a record: its fields and its history
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  chancery show MIN-2026-004       by its number
  chancery show 7k2m9p             by its ID
  chancery show 7k2m9p@1           its first version")]
pub struct ShowArgs {
    /// An ID, ID@VERSION, or a number
    #[arg(value_name = "ID")]
    id: String,
}

/// The same fields as everywhere, and the history.
#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    line: Line,
    filed_at: DateTime<FixedOffset>,
    history: Vec<Version>,
}

/// A version of the record.
#[derive(Serialize)]
struct Version {
    version: u32,
    filed_at: DateTime<FixedOffset>,
    pdf: Option<String>,
    superseded: bool,
    void: Option<String>,
}

/// Shows it.
pub fn run(session: &Session, args: &ShowArgs) -> Result<Ending, Stop> {
    let archive = Archive::open(session)?;
    let record = archive.one(&args.id)?;
    let line = Line::of_record(Status::Filed, Some(record.source.clone()), &record);
    let history: Vec<Version> = archive.register.versions(&record.id)?.iter().map(Version::of).collect();
    session.output.data(in_words(&record, &line, &history).trim_end());
    session.output.json(&Shown { line, filed_at: record.filed_at, history });
    Ok(Ending::Done)
}

impl Version {
    fn of(state: &RecordState) -> Self {
        Self {
            version: state.record.version,
            filed_at: state.record.filed_at,
            pdf: state.record.files.first().map(|file| format!("archive/{}", file.path)),
            superseded: state.superseded_by.is_some(),
            void: state.void.clone(),
        }
    }
}

fn in_words(record: &Record, line: &Line, history: &[Version]) -> String {
    let mut text = format!("{}\n", record.title);
    let mut say = |name: &str, value: &str| {
        let _ = writeln!(text, "  {name:10}{value}");
    };
    say("id", &record.id);
    say("type", record.document_type.as_str());
    say("date", &record.date.to_string());
    if let Some(number) = &record.number {
        say("number", number);
    }
    if let Some(part) = &record.part {
        say("part", &format!("{part}, one of {}", record.parts));
    }
    say("version", &record.version.to_string());
    say("pages", &record.pages.to_string());
    say("filed", &record.filed_at.to_rfc3339());
    say("source", &record.source);
    for file in &line.files {
        say(&file.role, &file.path);
    }
    if history.len() > 1 {
        text.push_str("  history\n");
    }
    for version in history.iter().filter(|_| history.len() > 1) {
        let state = match (&version.void, version.superseded) {
            (Some(reason), _) => format!(", void: {reason}"),
            (None, true) => ", superseded".to_owned(),
            (None, false) => String::new(),
        };
        let pdf = version.pdf.as_deref().unwrap_or_default();
        let _ = writeln!(text, "    {}  {}  {pdf}{state}", version.version, version.filed_at.format("%Y-%m-%d %H:%M"));
    }
    text
}

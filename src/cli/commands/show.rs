//! `chancery show ID`: a record's fields, and what became of it.

use std::fmt::Write as _;

use chrono::{DateTime, FixedOffset};
use clap::Args;
use serde::Serialize;

use crate::cli::bonds::{self, Bonds};
use crate::cli::ending::{Ending, Stop};
use crate::cli::history;
use crate::cli::records::{self, Archive};
use crate::cli::session::Session;
use crate::cli::view::{Line, Status};
use crate::register::{Event, RecordState, Relation, Said};

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
    /// What the document says of itself: `draft`, `approved` …
    state: Option<String>,
    #[serde(flatten)]
    said: Said,
    held: Option<Said>,
    disposed: Option<Said>,
    relations: Vec<Relation>,
    #[serde(flatten)]
    bonds: Bonds,
    history: Vec<Version>,
    events: Vec<Event>,
}

/// A version of the record.
#[derive(Serialize)]
struct Version {
    version: u32,
    filed_at: DateTime<FixedOffset>,
    pdf: Option<String>,
    superseded: bool,
    void: Option<String>,
    state: Option<String>,
    #[serde(flatten)]
    said: Said,
}

/// Shows it.
pub fn run(session: &Session, args: &ShowArgs) -> Result<Ending, Stop> {
    let archive = Archive::open(session)?;
    let state = records::state(&archive.register, &args.id)?;
    let record = &state.record;
    let line = Line::of_record(Status::Filed, Some(record.source.clone()), record);
    let events = archive.register.history(&record.id)?;
    // A hold is on the record, whichever version was the newest then.
    let versions = archive.register.versions(&record.id)?;
    let held = versions.iter().rev().find_map(|version| version.held.clone());
    let bonds = bonds::of(&archive.register, &state)?;
    session.output.data(in_words(&state, held.as_ref(), &line, &bonds, &events).trim_end());
    session.output.json(&Shown {
        filed_at: record.filed_at,
        state: record.status.clone(),
        said: record.said.clone(),
        held,
        disposed: state.disposed.clone(),
        relations: state.relations.clone(),
        bonds,
        history: versions.iter().map(Version::of).collect(),
        events,
        line,
    });
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
            state: state.record.status.clone(),
            said: state.record.said.clone(),
        }
    }
}

fn in_words(state: &RecordState, held: Option<&Said>, line: &Line, bonds: &Bonds, events: &[Event]) -> String {
    let record = &state.record;
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
    if let Some(status) = &record.status {
        let Said { by, on, .. } = &record.said;
        let by = by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
        let on = on.map(|on| format!(" on {on}")).unwrap_or_default();
        say("status", &format!("{status}{by}{on}"));
    }
    if let Some(reason) = &record.said.reason {
        say("reason", reason);
    }
    if let Some(reason) = &state.void {
        say("void", reason);
    }
    let said = |said: &Said| {
        let by = said.by.as_ref().map(|by| format!("by {by}")).unwrap_or_default();
        let reason = said.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        format!("{by}{reason}")
    };
    if let Some(held) = held {
        say("held", &said(held));
    }
    if let Some(disposed) = &state.disposed {
        say("disposed", &said(disposed));
    }
    say("pages", &record.pages.to_string());
    say("filed", &record.filed_at.to_rfc3339());
    say("source", &record.source);
    for file in line.files.iter().chain(bonds.joined.iter().flat_map(|copy| &copy.files)) {
        say(&file.role, &file.path);
    }
    for relation in &state.relations {
        say(&relation.relation, &relation.to);
    }
    for other in &bonds.related_from {
        say("related", &format!("{} ({})", other.number.as_ref().unwrap_or(&other.id), other.title));
    }
    let history = history::sentences(events);
    if history.len() > 1 {
        text.push_str("  history\n");
        for sentence in history {
            let _ = writeln!(text, "    {sentence}");
        }
    }
    text
}

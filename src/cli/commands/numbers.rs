//! `chancery numbers`: every number that was given, in order, and what became of it.

use std::fmt::Write as _;

use chrono::NaiveDate;
use clap::Args;
use serde::Serialize;

use crate::cli::ending::{Ending, Stop};
use crate::cli::records::Archive;
use crate::cli::session::Session;
use crate::cli::wording::counted;
use crate::failure::Problem;
use crate::register::{NumberEntry, NumberState};
use crate::toml_file::did_you_mean;

/// List the numbers that were given, and what became of each
///
/// In order, for each series and year: the record that has the number, or why none has it. Read from the register's
/// own lines; a number that no line explains is told, and the command ends with exit code 1.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  chancery numbers                       all series and years
  chancery numbers minutes               those of the minutes
  chancery numbers minutes --year 2026   of one year")]
pub struct NumbersArgs {
    /// A series: the document type's name, unless its manifest names another
    #[arg(value_name = "SERIES")]
    series: Option<String>,
    /// Only this year
    #[arg(long, value_name = "Y")]
    year: Option<i32>,
}

/// A number as scripts see it.
#[derive(Serialize)]
struct NumberView<'e> {
    series: &'e str,
    year: i32,
    /// Its place in the series and year; of a run of missing ones the first.
    n: u64,
    /// Of a run of missing numbers the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    through: Option<u64>,
    number: Option<&'e str>,
    /// `filed`, `disposed`, `open`, `void`, `imported`, `free`, `twice` or `missing`.
    state: &'static str,
    id: Option<&'e str>,
    title: Option<&'e str>,
    date: Option<NaiveDate>,
    version: Option<u32>,
    reason: Option<&'e str>,
}

/// Lists them.
pub fn run(session: &Session, args: &NumbersArgs) -> Result<Ending, Stop> {
    let archive = Archive::open(session)?;
    let (mut shown, mut faults, mut under) = (0, 0, None);
    let series = archive.register.numbers(args.series.as_deref(), args.year, |entry| {
        if under.as_ref() != Some(&(entry.series.clone(), entry.year)) {
            session.output.data(&format!("{} {}", entry.series, entry.year));
            under = Some((entry.series.clone(), entry.year));
        }
        session.output.json(&view(entry));
        session.output.data(&in_words(entry));
        shown += 1;
        if entry.is_fault() {
            faults += 1 + entry.through - entry.n;
        }
    })?;
    if let Some(wanted) = args.series.as_ref().filter(|wanted| !series.contains(wanted)) {
        let known: Vec<&str> = series.iter().map(String::as_str).collect();
        let help = if known.is_empty() { "No number was given yet.".to_owned() } else { did_you_mean(wanted, &known) };
        return Err(Stop::usage("no-such-series", format!("There is no series `{wanted}` in the register."), help));
    }
    if shown == 0 {
        session.output.remark("No number was given yet that fits.");
    }
    if faults > 0 {
        session.output.problems(&fault(faults).into());
        return Ok(Ending::Attention);
    }
    Ok(Ending::Done)
}

fn fault(count: u64) -> Problem {
    let numbers = counted(usize::try_from(count).unwrap_or(usize::MAX), "number");
    let message = format!("The register does not explain {numbers}: its lines were changed or taken away by something else.");
    Problem::new("numbers-unexplained", message, "Compare archive/register/ with a backup; the program itself never changes a line.")
}

fn view(entry: &NumberEntry) -> NumberView<'_> {
    NumberView {
        series: &entry.series,
        year: entry.year,
        n: entry.n,
        through: (entry.through > entry.n).then_some(entry.through),
        number: entry.number.as_deref(),
        state: word(entry.state),
        id: entry.id.as_deref(),
        title: entry.title.as_deref(),
        date: entry.date,
        version: entry.version,
        reason: entry.reason.as_deref(),
    }
}

fn word(state: NumberState) -> &'static str {
    match state {
        NumberState::Filed => "filed",
        NumberState::Disposed => "disposed",
        NumberState::Open => "open",
        NumberState::Void => "void",
        NumberState::Imported => "imported",
        NumberState::Free => "free",
        NumberState::Twice => "twice",
        NumberState::Missing => "missing",
    }
}

fn in_words(entry: &NumberEntry) -> String {
    let number = match &entry.number {
        Some(number) => number.clone(),
        None if entry.through > entry.n => format!("{} to {}", entry.n, entry.through),
        None => entry.n.to_string(),
    };
    let mut text = format!("  {number}  {:8}  ", word(entry.state));
    let title = entry.title.as_deref().unwrap_or_default();
    let reason = entry.reason.as_deref().unwrap_or_default();
    let id = entry.id.as_deref().unwrap_or_default();
    let _ = match entry.state {
        NumberState::Filed | NumberState::Disposed => {
            let date = entry.date.map(|date| date.to_string()).unwrap_or_default();
            write!(text, "{id}  {date}  {title}")
        }
        NumberState::Open => write!(text, "{id}  being filed: {title}"),
        NumberState::Void => write!(text, "{reason}"),
        NumberState::Imported => write!(text, "a record from another archive has it"),
        NumberState::Free => write!(text, "the next document gets it"),
        NumberState::Twice => write!(text, "{id}  given to two documents"),
        NumberState::Missing => write!(text, "no line of the register tells of it"),
    };
    text
}

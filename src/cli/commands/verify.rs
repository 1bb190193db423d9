//! `chancery verify`: every byte of the archive against the register, and the register against itself.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::Instant;

use clap::Args;
use serde::Serialize;

use crate::cli::ending::{Ending, Stop};
use crate::cli::interrupt;
use crate::cli::session::Session;
use crate::cli::wording::counted;
use crate::failure::Problems;
use crate::filing::verification::{self, Finding, Progress, Report, Wishes, Wrong};
use crate::register::{Head, Move};

/// Read every byte of the archive and say what is not as it was filed
///
/// Files that were changed, are missing, stand elsewhere or belong to no record, and lines of the register that were
/// changed or dropped. It trusts no index and mends nothing; it may run beside a watcher. Exits with 1 if it finds something.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  chancery verify
  chancery verify --head 1042:9f0c…          is the line in the chain that `chancery head` printed then?
  chancery verify --record-moves --by \"A. Ford\"   files that were moved within the archive stand there from now on
  chancery --json verify                     a line for each finding, then a summary")]
pub struct VerifyArgs {
    /// What `chancery head` printed earlier
    #[arg(long, value_name = "SEQ:HASH")]
    head: Option<Head>,
    /// Write into the register where files stand that were moved within the archive
    #[arg(long, requires = "by")]
    record_moves: bool,
    /// Who moved them, or answers for it
    #[arg(long, value_name = "NAME", requires = "record_moves")]
    by: Option<String>,
}

#[derive(Serialize)]
struct FindingView<'a> {
    finding: Wrong,
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    message: &'a str,
    help: &'a str,
}

/// A move that was written into the register.
#[derive(Serialize)]
struct RecordedView {
    status: &'static str,
    path: String,
    to: String,
}

#[derive(Serialize)]
struct SummaryView {
    status: &'static str,
    findings: u64,
    counts: BTreeMap<Wrong, u64>,
    recorded: usize,
    files: u64,
    bytes: u64,
    lines: u64,
    head: String,
    ms: u64,
}

/// Verifies the archive.
pub fn run(session: &Session, args: &VerifyArgs) -> Result<Ending, Stop> {
    let began = Instant::now();
    let archive = session.root()?.join("archive");
    let stop = interrupt::on_signal();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let wishes = Wishes { head: args.head.clone(), threads, stop: &stop };
    let (mut counts, mut moves) = (BTreeMap::new(), Vec::new());
    let mut tell = |finding: Finding| {
        *counts.entry(finding.wrong).or_insert(0) += 1;
        moves.extend(finding.as_move());
        show(session, &finding);
    };
    let mut progress = |progress: Progress<'_>| match progress {
        Progress::Files(count) => session.output.begin(count),
        Progress::Read(name) => session.output.advance(name),
    };
    let report = verification::verify(&archive, &wishes, &mut progress, &mut tell)?;
    session.output.end();
    if stop.load(Ordering::SeqCst) {
        session.output.remark("Stopped before everything was read.");
        return Ok(Ending::Done);
    }
    let recorded = record(session, args, &moves)?;
    let findings: u64 = counts.values().sum();
    let summary = SummaryView {
        status: "summary",
        findings,
        counts,
        recorded: recorded.len(),
        files: report.files,
        bytes: report.bytes,
        lines: report.lines,
        head: report.head.to_string(),
        ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
    };
    session.output.data(&in_words(&summary));
    session.output.json(&summary);
    let ending = if findings > recorded.len() as u64 { Ending::Attention } else { Ending::Done };
    Ok(ending.max(unread(session, report)))
}

/// Writes the moves into the register, where that was asked for.
fn record(session: &Session, args: &VerifyArgs, moves: &[Move]) -> Result<Vec<Move>, Stop> {
    if !args.record_moves || moves.is_empty() {
        return Ok(Vec::new());
    }
    let office = session.office()?;
    let recorded = office.register().record_moves(moves, args.by.as_deref())?;
    for Move { from, to, .. } in &recorded {
        session.output.data(&format!("✓ archive/{to} is recorded as the place of archive/{from}"));
        session.output.json(&RecordedView { status: "recorded", path: format!("archive/{from}"), to: format!("archive/{to}") });
    }
    Ok(recorded)
}

fn show(session: &Session, finding: &Finding) {
    let in_archive = |path: &str| if path.is_empty() { "archive".to_owned() } else { format!("archive/{path}") };
    let path = in_archive(&finding.path);
    let place = finding.line.map(|line| format!("{path}, line {line}: ")).unwrap_or_default();
    session.output.data(&format!("! {place}{}\n  → {}", finding.message, finding.help));
    session.output.json(&FindingView {
        finding: finding.wrong,
        path,
        to: finding.to.as_deref().map(in_archive),
        line: finding.line,
        message: &finding.message,
        help: &finding.help,
    });
}

fn in_words(summary: &SummaryView) -> String {
    let SummaryView { files, lines, findings, recorded, .. } = summary;
    let read = |count: u64, what: &str| counted(usize::try_from(count).unwrap_or(usize::MAX), what);
    let read = format!("{} and {} of the register", read(*files, "file"), read(*lines, "line"));
    match findings - *recorded as u64 {
        0 if *files == 0 && *lines == 0 => "There is nothing in the archive yet.".to_owned(),
        0 if *recorded > 0 => format!("{read} were read: apart from what was recorded, everything is as it was filed."),
        0 => format!("✓ {read} were read: everything is as it was filed."),
        left => format!("{read} were read: {} to look into.", counted(usize::try_from(left).unwrap_or(usize::MAX), "finding")),
    }
}

/// What of the machine kept files from being read.
fn unread(session: &Session, report: Report) -> Ending {
    let Some(problems) = Problems::of(report.troubles) else { return Ending::Done };
    session.output.problems(&problems);
    Ending::Failed
}

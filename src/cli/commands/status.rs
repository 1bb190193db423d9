//! `chancery status`: whether a watcher runs, what waits and why, what was filed last, and how much disk is left.

use std::path::Path;

use chrono::{DateTime, Utc};
use clap::Args;
use serde::Serialize;

use crate::cli::ending::{Ending, Stop};
use crate::cli::records::Archive;
use crate::cli::session::Session;
use crate::cli::view::{Line, Status};
use crate::cli::wording::counted;
use crate::intake::{Waiting, WatcherLock, Why, waiting};
use crate::reading::glance;

/// Say what waits in the inbox and why, and what was filed last
///
/// Exits with 1 if something waits. Drafts (`draft: true`) and files whose names begin with `_` are listed, but wait
/// for nothing.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  chancery status
  chancery --json status       a line for each file that waits, then a summary")]
pub struct StatusArgs {}

/// How many of the last filings are shown.
const LAST: usize = 5;

/// A file that lies in the inbox.
#[derive(Serialize)]
struct WaitingView {
    status: &'static str,
    source: String,
    why: Why,
    reason: String,
    since: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problems: Option<String>,
}

/// The office as a whole.
#[derive(Serialize)]
struct Overview {
    status: &'static str,
    watching: bool,
    pid: Option<u32>,
    waiting: usize,
    aside: usize,
    records: usize,
    last: Vec<Line>,
    disk_free: Option<u64>,
}

/// Tells it.
pub fn run(session: &Session, _: &StatusArgs) -> Result<Ending, Stop> {
    let archive = Archive::open(session)?;
    let (inbox, state) = (archive.root.join("inbox"), archive.root.join(".chancery"));
    let lying = if inbox.is_dir() { waiting(&inbox, &state, glance)? } else { Vec::new() };
    let holder = WatcherLock::holder(&inbox, &state);
    let records = archive.register.records();
    let last = records.iter().rev().take(LAST);
    let overview = Overview {
        status: "summary",
        watching: holder.is_some(),
        pid: holder.flatten(),
        waiting: lying.iter().filter(|file| waits(file)).count(),
        aside: lying.iter().filter(|file| !waits(file)).count(),
        records: records.len(),
        last: last.map(|record| Line::of_record(Status::Filed, Some(record.source.clone()), record)).collect(),
        disk_free: free_bytes(&archive.root),
    };
    in_words(session, &overview, &lying);
    for file in lying.iter().map(WaitingView::of) {
        session.output.json(&file);
    }
    session.output.json(&overview);
    Ok(if overview.waiting > 0 { Ending::Attention } else { Ending::Done })
}

impl WaitingView {
    fn of(file: &Waiting) -> Self {
        Self {
            status: if waits(file) { "waiting" } else { "aside" },
            source: format!("inbox/{}", file.path),
            why: file.why,
            reason: file.reason.clone(),
            since: file.since,
            problems: file.problems.clone(),
        }
    }
}

/// What was put aside by its user waits for nobody.
fn waits(file: &Waiting) -> bool {
    !matches!(file.why, Why::PutAside | Why::Draft)
}

fn in_words(session: &Session, overview: &Overview, lying: &[Waiting]) {
    let data = |text: &str| session.output.data(text);
    data(&match (overview.watching, overview.pid) {
        (true, Some(pid)) => format!("A watcher is running (process {pid})."),
        (true, None) => "A watcher is running.".to_owned(),
        (false, _) => "No watcher is running; `chancery watch` starts one.".to_owned(),
    });
    data(&match overview.waiting {
        0 => "Nothing waits in the inbox.".to_owned(),
        count => format!("{} in the inbox:", if count == 1 { "1 file waits".to_owned() } else { format!("{count} files wait") }),
    });
    for file in lying {
        data(&format!("  {} {} {}", if waits(file) { "!" } else { "-" }, file.path, file.reason));
        for line in file.problems.iter().flat_map(|problems| problems.lines()) {
            data(&format!("      {line}"));
        }
    }
    data(&format!("{} filed{}", counted(overview.records, "record"), if overview.last.is_empty() { "." } else { "; the last:" }));
    for line in &overview.last {
        data(&format!("  {}", line.pdf.as_deref().map(|path| session.shown_in_office(path)).unwrap_or_default()));
    }
    if let Some(free) = overview.disk_free {
        data(&format!("{} free on the disk.", amount(free)));
    }
}

fn amount(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["bytes", "KB", "MB", "GB", "TB"];
    let mut unit = 0;
    let mut rest = bytes as f64;
    while rest >= 1000.0 && unit + 1 < UNITS.len() {
        rest /= 1000.0;
        unit += 1;
    }
    if unit == 0 { format!("{bytes} bytes") } else { format!("{rest:.1} {}", UNITS[unit]) }
}

/// What is left for users on the file system of a path, where the system says it.
#[cfg(unix)]
fn free_bytes(path: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(path).ok()?;
    Some(found.f_bavail.saturating_mul(found.f_frsize))
}

#[cfg(not(unix))]
fn free_bytes(_: &Path) -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::amount;

    #[test]
    fn amounts_are_readable() {
        assert_eq!(amount(999), "999 bytes");
        assert_eq!(amount(1_500), "1.5 KB");
        assert_eq!(amount(73_000_000_000), "73.0 GB");
    }
}

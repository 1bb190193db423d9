//! `chancery status`: whether a watcher runs, what waits and why, what was filed last, and how much disk is left.

use std::path::Path;

use chrono::{DateTime, Utc};
use clap::Args;
use serde::Serialize;

use crate::cli::ending::{Ending, Stop};
use crate::cli::records::Archive;
use crate::cli::session::Session;
use crate::cli::view::{Line, Status};
use crate::cli::wording::{self, counted};
use crate::intake::glance_here;
use crate::intake::{Waiting, WatcherLock, Why, waiting};
use crate::register::Query;

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
    /// What of the machine keeps documents from being filed, and what is wrong with the register.
    machine: Vec<String>,
    disk_free: Option<u64>,
}

/// Tells it.
pub fn run(session: &Session, _: &StatusArgs) -> Result<Ending, Stop> {
    let archive = Archive::open_as_it_is(session)?;
    let (inbox, state) = (archive.root.join("inbox"), archive.root.join(".chancery"));
    let lying = if inbox.is_dir() { waiting(&inbox, &state, &glance_here)? } else { Vec::new() };
    let holder = WatcherLock::holder(&inbox, &state);
    let last = archive.register.query(&Query { limit: Some(LAST), ..Query::default() })?;
    // The archive may lie on a disk of its own.
    let disk_free = [archive.root.join("archive"), archive.root.clone()].iter().filter_map(|folder| free_bytes(folder)).min();
    let missing = archive
        .register
        .refuse_if_missing()
        .err()
        .into_iter()
        .flat_map(|problems| problems.iter().map(|problem| format!("{} {}", problem.message, problem.help)).collect::<Vec<_>>());
    let overview = Overview {
        status: "summary",
        watching: holder.is_some(),
        pid: holder.flatten(),
        waiting: lying.iter().filter(|file| waits(file)).count(),
        aside: lying.iter().filter(|file| !waits(file)).count(),
        records: archive.register.count()?,
        last: last.iter().map(|filed| Line::of_record(Status::Filed, Some(filed.record.source.clone()), &filed.record)).collect(),
        machine: hindrances(&archive.root, disk_free)
            .into_iter()
            .chain(missing)
            .chain(wording::damaged(&archive.register.damage()?))
            .collect(),
        disk_free,
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
    overview.machine.iter().for_each(|words| data(&format!("  ! {words}")));
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

/// With less than this nothing is filed for long.
const NEARLY_FULL_BYTES: u64 = 1 << 20;

/// A full disk and folders that may not be written: looked for now, as on a full disk nobody could have noted them.
fn hindrances(root: &Path, disk_free: Option<u64>) -> Vec<String> {
    let mut found = Vec::new();
    if disk_free.is_some_and(|free| free < NEARLY_FULL_BYTES) {
        found.push("The disk is full. Free some space; what waits is then tried again by itself.".to_owned());
    }
    for name in ["inbox", "archive", "archive/register"].iter().filter(|name| !may_be_written(&root.join(name))) {
        found.push(format!(
            "The folder {name} may not be written. Allow the program to write there; what waits is then tried again by itself."
        ));
    }
    found
}

/// Whether this user may make and remove files in a folder; of one that is not there it is not known.
#[cfg(unix)]
fn may_be_written(folder: &Path) -> bool {
    use rustix::fs::{Access, access};
    !folder.is_dir() || access(folder, Access::WRITE_OK | Access::EXEC_OK).is_ok()
}

#[cfg(not(unix))]
fn may_be_written(_: &Path) -> bool {
    true
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

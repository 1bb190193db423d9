//! `chancery doctor`: what of its protections and promises hold on this machine.

use std::path::Path;
use std::time::Instant;

use clap::Args;
use serde::Serialize;

use crate::cli::ending::{Ending, Stop};
use crate::cli::session::Session;
use crate::failure::Problems;
use crate::storage::{FileLock, is_remote};
use crate::workers::Shelter;

/// Say which protections hold on this machine, and what is missing
///
/// Documents are read, composed and set in worker processes that close themselves off. How far they can depends on the machine;
/// this starts one and asks it. It also looks at the drive of the office. Exits with 1 if something is missing without which
/// nothing can be filed.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  chancery doctor
  chancery --json doctor       a line for each finding, for another program")]
pub struct DoctorArgs {}

/// One thing that was looked at.
#[derive(Serialize)]
struct Finding {
    about: &'static str,
    holds: bool,
    /// Nothing can be filed without it.
    needed: bool,
    words: String,
}

impl Finding {
    fn of(about: &'static str, holds: bool, good: &str, bad: &str) -> Self {
        Self { about, holds, needed: false, words: if holds { good } else { bad }.to_owned() }
    }
}

/// Looks, and tells.
pub fn run(session: &Session, _: &DoctorArgs) -> Result<Ending, Stop> {
    let office = session.preview_office()?;
    let began = Instant::now();
    let mut findings = match office.workers().shelter() {
        Ok(shelter) => of_workers(shelter, began.elapsed().as_millis()),
        Err(problems) => vec![no_worker(&problems)],
    };
    findings.extend(of_office(office.root()));
    for finding in &findings {
        session.output.data(&format!("{} {}", if finding.holds { "✓" } else { "!" }, finding.words));
        session.output.json(finding);
    }
    let missing = findings.iter().any(|finding| finding.needed && !finding.holds);
    Ok(if missing { Ending::Attention } else { Ending::Done })
}

fn of_workers(shelter: Option<Shelter>, ms: u128) -> Vec<Finding> {
    let Some(shelter) = shelter else {
        let words = "Documents are set in the program's own process: one that falls over takes it along.".to_owned();
        return vec![Finding { about: "workers", holds: false, needed: false, words }];
    };
    vec![
        Finding { about: "workers", holds: true, needed: true, words: format!("A worker process starts in {ms} ms.") },
        Finding::of(
            "limits",
            shelter.limited,
            "The memory and the processor's time of a worker are limited by the system.",
            "The system does not limit the memory of a worker here; the time for a document is limited all the same.",
        ),
        Finding::of(
            "reading",
            shelter.reads_nothing,
            "A worker can read no file but fonts (Landlock).",
            "A worker could read files: this kernel has no Landlock (Linux 5.13 and later, `lsm=landlock`). The program itself reads none there.",
        ),
        Finding::of(
            "writing",
            shelter.writes_nothing,
            "A worker can write, rename and delete no file.",
            "A worker could write files: this kernel has neither Landlock nor seccomp. The program itself writes none there.",
        ),
        Finding::of(
            "network",
            shelter.no_network,
            "A worker cannot reach the network (seccomp).",
            "A worker could reach the network: this kernel has no seccomp. There is no code in the program that would.",
        ),
        Finding::of(
            "programs",
            shelter.no_programs,
            "A worker can start no other program.",
            "A worker could start other programs: this kernel has neither Landlock nor seccomp. The program itself starts none there.",
        ),
    ]
}

fn no_worker(problems: &Problems) -> Finding {
    let problem = problems.first();
    Finding { about: "workers", holds: false, needed: true, words: format!("{} {}", problem.message, problem.help) }
}

/// The drive on which an office lies; nothing where there is none.
fn of_office(root: &Path) -> Vec<Finding> {
    let (inbox, archive) = (root.join("inbox"), root.join("archive"));
    let mut findings = Vec::new();
    if inbox.is_dir() {
        findings.push(Finding::of(
            "events",
            !is_remote(&inbox),
            "The drive of the inbox tells of new files at once.",
            "The drive of the inbox is another machine's and does not tell of new files: they are looked for every second.",
        ));
    }
    if archive.is_dir() {
        let lock = FileLock::take(&archive.join(".lock"));
        let words = lock.as_ref().err().map(|problems| format!("{} {}", problems.first().message, problems.first().help));
        findings.push(Finding {
            about: "locks",
            holds: words.is_none(),
            needed: true,
            words: words.unwrap_or_else(|| "The drive of the archive has locks: two programs cannot give one number.".to_owned()),
        });
    }
    findings
}

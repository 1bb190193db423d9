//! What the watcher reports, told as it happens: used by everything that empties an inbox.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use super::ending::{Ending, Stop};
use super::session::Session;
use super::telling::{self, Told};
use super::view::Summary;
use super::{indexing, wording};
use crate::daemon::{self, Event};
use crate::filing::Recovered;
use crate::intake::Arrival;
use crate::office::Office;
use crate::pipeline::Outcome;

/// Watches the office's inbox until `stop` is set.
///
/// # Errors
/// What keeps it from watching at all.
pub fn watch(session: &Session, mut office: Office, stop: &AtomicBool) -> Result<Ending, Stop> {
    let mut reporter = Reporter::new(session, false);
    let index = indexing::background(&office);
    daemon::watch(&mut office, false, stop, &mut |event| {
        reporter.report(&event);
        if let (Some(index), Event::Arrived(..)) = (&index, &event) {
            index.wake();
        }
    })?;
    session.output.remark("Stopped. What comes into the inbox now waits there until the next start.");
    Ok(Ending::Done)
}

/// Empties the office's inbox as far as it can be, and sums up.
///
/// # Errors
/// What keeps it from looking at all.
pub fn once(session: &Session, mut office: Office, stop: &AtomicBool) -> Result<Ending, Stop> {
    let began = Instant::now();
    let mut reporter = Reporter::new(session, true);
    daemon::watch(&mut office, true, stop, &mut |event| reporter.report(&event))?;
    indexing::keep_up(&office);
    let Reporter { mut summary, ending, .. } = reporter;
    summary.ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    session.output.json(&summary);
    session.output.say(&wording::summary(&summary));
    Ok(if stop.load(Ordering::SeqCst) { Ending::Done } else { ending })
}

/// Files the one drop whose note is `name`, relative to the inbox.
///
/// # Errors
/// What keeps it from looking at all.
pub fn only(session: &Session, mut office: Office, name: &Path, stop: &AtomicBool) -> Result<Ending, Stop> {
    let mut reporter = Reporter::new(session, true);
    daemon::only(&mut office, name, stop, &mut |event| reporter.report(&event))?;
    indexing::keep_up(&office);
    Ok(reporter.ending)
}

struct Reporter<'a> {
    session: &'a Session,
    once: bool,
    ending: Ending,
    summary: Summary,
}

impl<'a> Reporter<'a> {
    fn new(session: &'a Session, once: bool) -> Self {
        Self { session, once, ending: Ending::Done, summary: Summary::default() }
    }

    fn report(&mut self, event: &Event<'_>) {
        let output = &self.session.output;
        match event {
            Event::Recovered(recovered) => {
                output.remark(&recovered_in_words(recovered));
                tracing::info!(what = recovered_in_words(recovered), "recovered");
            }
            Event::Damaged(damage) => {
                wording::damaged(damage).iter().for_each(|words| output.remark(words));
                tracing::warn!(lines = damage.len(), "the register is damaged");
            }
            Event::Ready if self.once => {}
            Event::Ready => {
                output.remark("Watching the inbox. Drop a note into it; Ctrl-C stops.");
                tracing::info!("ready");
            }
            Event::Arrived(arrival, outcomes) => self.arrived(arrival, outcomes),
            Event::Unreadable(name, problems) => self.tell(&Told::unreadable(&in_inbox(name), problems)),
            Event::Trouble(problems) => {
                self.ending.worsen(Ending::of(problems, false));
                output.problems(problems);
                tracing::error!(problems = problems.to_string(), "trouble");
            }
            Event::Refreshed => {
                output.remark("Templates and configuration were read anew.");
                tracing::info!("refreshed");
            }
        }
    }

    fn arrived(&mut self, arrival: &Arrival, outcomes: &[Outcome]) {
        let source = in_inbox(&arrival.note.name);
        let mut lines = telling::lines(&source, outcomes);
        lines.extend(telling::owned(&source, arrival, lines.last(), |_| false));
        lines.iter().for_each(|told| self.tell(told));
    }

    fn tell(&mut self, told: &Told) {
        self.ending.worsen(told.ending(false));
        if told.counts {
            self.summary.count(&told.line);
        }
        self.session.tell_and_log(told);
    }
}

/// A drop's name as everything else names it: relative to the office.
fn in_inbox(name: &str) -> String {
    format!("inbox/{name}")
}

/// What a command that files put right before it began. Of documents that were not finished it is enough how many they were.
pub fn tell_recovered(session: &Session, recovered: &[Recovered]) {
    let (unfinished, others): (Vec<_>, Vec<_>) = recovered.iter().partition(|recovered| matches!(recovered, Recovered::Voided { .. }));
    let mut words: Vec<String> = others.into_iter().map(recovered_in_words).collect();
    if !unfinished.is_empty() {
        let documents = wording::counted(unfinished.len(), "document");
        words.push(format!(
            "An earlier run was stopped before it had finished {documents}; nothing is left of them, and their numbers are free."
        ));
    }
    for words in words {
        session.output.remark(&words);
        tracing::info!(what = words, "recovered");
    }
}

fn recovered_in_words(recovered: &Recovered) -> String {
    match recovered {
        Recovered::Removed(path) => format!("Finished an earlier run: {} is filed and has left the inbox.", path.display()),
        Recovered::PutBack(path) => format!("{} was changed while it was being filed; it is a new submission.", path.display()),
        Recovered::Doubtful { title, files } => doubtful(title, files),
        Recovered::Closed { title } => {
            format!("Nothing is left of “{title}” but its reservation, which is void now; its number stays unused.")
        }
        Recovered::Voided { title, .. } => format!("“{title}” was not finished by an earlier run; it is made anew."),
    }
}

fn doubtful(title: &str, files: &[String]) -> String {
    let files: Vec<String> = files.iter().map(|path| format!("archive/{path}")).collect();
    let stays = if files.is_empty() { String::new() } else { format!(" {} stays as it is.", files.join(", ")) };
    format!(
        "“{title}” may have been filed by an earlier run, in a line of the register that is damaged or lost.{stays} Bring the \
         register back from a backup; `chancery verify` says what else can be done."
    )
}

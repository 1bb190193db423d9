//! The watcher: intake to filing, again and again, until it is told to stop.
//!
//! One document at a time and each by itself: a panic, a broken template or a full disk stops the document in hand
//! and no other. What stays in the inbox has a note beside it that says why, unless the machine is to blame: then it
//! is tried again by itself.

mod house;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::failure::{Blame, Checked, Problem, Problems};
use crate::filing::Recovered;
use crate::intake::{Arrival, Fate, Found, Inbox, Next, WatcherLock};
use crate::office::Office;
use crate::pipeline::{self, Outcome};
use crate::register::Damage;
use house::House;

/// What happens while watching, as it happens.
#[derive(Debug)]
pub enum Event<'a> {
    /// Something that an earlier run left behind was put right.
    Recovered(&'a Recovered),
    /// The register has lines that are not what was written. Filing goes on.
    Damaged(&'a [Damage]),
    /// The inbox is open: from now on nothing that comes is missed.
    Ready,
    /// An arrival came to its end: one outcome for each of its parts.
    Arrived(&'a Arrival, &'a [Outcome]),
    /// A drop that cannot be read, by its name.
    Unreadable(&'a str, &'a Problems),
    /// Something beside the documents is not as it should be: a template, the configuration, the inbox itself, or a
    /// drop that is filed and cannot be removed. It is tried again by itself.
    Trouble(&'a Problems),
    /// The templates or the configuration have changed and were read anew.
    Refreshed,
}

/// What was done, by document: a part of an arrival counts as one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Filed anew.
    pub filed: usize,
    /// Stood in the archive already.
    pub duplicate: usize,
    /// Stayed in the inbox.
    pub attention: usize,
}

/// Watches the office's inbox until `stop` is set, or with `once` until nothing is left to be taken. The document in
/// hand is finished first. `report` is told what happens, as it happens.
///
/// # Errors
/// Another watcher runs (`second-watcher`), or the machine's: what is left is done by the next run.
pub fn watch(office: &mut Office, once: bool, stop: &AtomicBool, report: &mut dyn FnMut(Event)) -> Checked<Counts> {
    run(office, None, once, stop, report)
}

/// The same for the one drop whose note is `name`, relative to the inbox; the others are left as they are.
///
/// # Errors
/// As [`watch`].
pub fn only(office: &mut Office, name: &Path, stop: &AtomicBool, report: &mut dyn FnMut(Event)) -> Checked<Counts> {
    run(office, Some(name), true, stop, report)
}

/// The drop whose note is `name`, relative to the inbox, as the watcher would take it now; `None` if it would not.
///
/// # Errors
/// The inbox cannot be read.
pub fn find(office: &Office, name: &Path, stop: &AtomicBool) -> Checked<Option<Box<Found>>> {
    let mut inbox = Inbox::open(office.places(), office.rules(true))?;
    loop {
        match inbox.next(stop, &|name, bytes| office.glance(name, bytes)) {
            Next::Found(found) if found.name == name => return Ok(Some(found)),
            // Nothing is said of its end, so it is not given again.
            Next::Found(_) | Next::OfficeChanged => {}
            Next::Trouble(problems) => return Err(problems),
            Next::Done | Next::Stopped => return Ok(None),
        }
    }
}

/// Watches `house`'s inbox until `stop` is set, or with `once` until nothing is left to be taken: of all drops, or of
/// one alone.
fn run(house: &mut dyn House, alone: Option<&Path>, once: bool, stop: &AtomicBool, report: &mut dyn FnMut(Event)) -> Checked<Counts> {
    let places = house.places();
    fs::create_dir_all(&places.inbox).map_err(|error| Problem::machine("make the folder", &places.inbox, &error))?;
    let _lock = WatcherLock::take(&places.inbox, &places.state)?;
    recover(house, once, stop, report)?;
    let inbox = Inbox::open(places, house.rules(once))?;
    let mut watcher = Watcher { house, inbox, once, report, counts: Counts::default(), told: BTreeMap::new(), office_trouble: None };
    watcher.tell_broken_types();
    let damage = watcher.house.damage()?;
    if !damage.is_empty() {
        (watcher.report)(Event::Damaged(&damage));
    }
    (watcher.report)(Event::Ready);
    loop {
        match watcher.next(stop) {
            Next::Found(found) if alone.is_some_and(|name| name != found.name) => {}
            Next::Found(found) => {
                watcher.handle(&found);
                if alone.is_some() {
                    break;
                }
            }
            Next::OfficeChanged => watcher.refresh(),
            Next::Trouble(problems) => (watcher.report)(Event::Trouble(&problems)),
            Next::Done | Next::Stopped => break,
        }
    }
    let counts = watcher.counts;
    house.close()?;
    Ok(counts)
}

/// Sees to what writers that are gone left behind. While the machine does not let it (an archive whose disk is not yet
/// there, a folder that may not be written), it is tried again with growing waits, unless all is to be done `once`.
fn recover(house: &mut dyn House, once: bool, stop: &AtomicBool, report: &mut dyn FnMut(Event)) -> Checked<()> {
    let mut told = None;
    let mut pause = FIRST_PAUSE;
    loop {
        match house.recover() {
            Ok(recovered) => {
                recovered.iter().for_each(|recovered| report(Event::Recovered(recovered)));
                return Ok(());
            }
            Err(problems) if once || problems.iter().any(|problem| problem.code != MACHINE) => return Err(problems),
            Err(problems) if told.as_ref() == Some(&problems) => {}
            Err(problems) => {
                report(Event::Trouble(&problems));
                told = Some(problems);
            }
        }
        let until = Instant::now() + pause;
        while Instant::now() < until {
            if stop.load(Ordering::Relaxed) {
                return Ok(());
            }
            std::thread::sleep(STEP);
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// The code of what the system refused.
const MACHINE: &str = "machine";
/// The first wait between two tries, the longest, and how often it is looked whether to stop.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
const STEP: Duration = Duration::from_millis(50);

/// The loop's hands.
struct Watcher<'a> {
    house: &'a mut dyn House,
    inbox: Inbox,
    once: bool,
    report: &'a mut dyn FnMut(Event),
    counts: Counts,
    /// The faults of the machine that were reported, by drop: one that stays is not told again at each try.
    told: BTreeMap<PathBuf, Problems>,
    /// What is wrong with the settings or types since they were last read, told already.
    office_trouble: Option<Problems>,
}

impl Watcher<'_> {
    fn next(&mut self, stop: &AtomicBool) -> Next {
        let house = &*self.house;
        self.inbox.next(stop, &|name, bytes| house.glance(name, bytes))
    }

    fn handle(&mut self, found: &Found) {
        match &found.arrival {
            Ok(arrival) => self.make(found, arrival),
            Err(problems) => {
                self.attend(found, problems);
                if self.is_new(found, problems) {
                    self.counts.attention += 1;
                    let name = found.name.to_string_lossy();
                    (self.report)(Event::Unreadable(&name, problems));
                }
            }
        }
    }

    fn make(&mut self, found: &Found, arrival: &Arrival) {
        let blocked = found.files.iter().find_map(|name| self.inbox.can_leave(name).err());
        let outcomes = match blocked {
            // What cannot leave the inbox is not filed: it would be filed again and again.
            Some(machine) => vec![attention(self.rehearse(arrival, machine))],
            None => self.process(arrival),
        };
        let problems: Vec<Problem> = outcomes.iter().filter_map(problems_of).flat_map(|problems| problems.iter().cloned()).collect();
        match Problems::of(problems) {
            Some(problems) => {
                self.attend(found, &problems);
                if self.is_new(found, &problems) {
                    self.tell(arrival, &outcomes);
                }
            }
            None => {
                let stuck = self.house.clear(arrival, &outcomes, found.folder.as_deref()).err();
                found.files.iter().for_each(|name| self.inbox.problem_notes().remove(name));
                self.tell(arrival, &outcomes);
                self.settle(found, stuck);
            }
        }
    }

    /// Every problem that the document itself has, beside the one that keeps it from being filed.
    fn rehearse(&mut self, arrival: &Arrival, machine: Problems) -> Problems {
        let house = &mut *self.house;
        let own = catch_unwind(AssertUnwindSafe(|| house.rehearse(arrival))).unwrap_or_default();
        Problems::of(own.into_iter().chain(machine.iter().cloned()).collect()).unwrap_or(machine)
    }

    fn process(&mut self, arrival: &Arrival) -> Vec<Outcome> {
        let (house, by_hand) = (&mut *self.house, self.once);
        let outcomes = catch_unwind(AssertUnwindSafe(|| house.process(arrival, by_hand)));
        let outcomes = outcomes.unwrap_or_else(|panic| vec![attention(Problem::internal(panic.as_ref()).into())]);
        if outcomes.is_empty() { vec![attention(Problem::internal(&"it gave no result").into())] } else { outcomes }
    }

    /// What is filed has left the inbox, or cannot for now.
    fn settle(&mut self, found: &Found, stuck: Option<Problems>) {
        match stuck {
            None => {
                self.told.remove(&found.name);
                self.inbox.finish(found, &Fate::Cleared);
            }
            Some(problems) => {
                if self.is_new(found, &problems) {
                    (self.report)(Event::Trouble(&problems));
                }
                self.inbox.finish(found, &Fate::Failed(vec![Blame::Machine]));
            }
        }
    }

    /// Writes the note beside a drop that stays, and has it tried again when what is to blame has changed.
    fn attend(&mut self, found: &Found, problems: &Problems) {
        let notes = self.inbox.problem_notes();
        let (note, company) = (&found.name, &found.files[1..]);
        company.iter().filter(|name| *name != note).for_each(|name| notes.remove(name));
        let own = problems.iter().filter(|problem| problem.blame != Blame::Machine).cloned().collect();
        match Problems::of(own) {
            None => notes.remove(note),
            Some(own) => {
                if let Err(error) = notes.write(note, &own) {
                    let path = self.inbox.path(note);
                    (self.report)(Event::Trouble(&Problem::machine("write the problem note of", &path, &error).into()));
                }
            }
        }
        let blames = problems.iter().map(|problem| problem.blame).collect();
        self.inbox.finish(found, &Fate::Failed(blames));
    }

    fn tell(&mut self, arrival: &Arrival, outcomes: &[Outcome]) {
        for outcome in outcomes {
            match outcome.fate {
                pipeline::Fate::Filed(_) => self.counts.filed += 1,
                pipeline::Fate::Duplicate(_) => self.counts.duplicate += 1,
                pipeline::Fate::Attention(_) => self.counts.attention += 1,
            }
        }
        (self.report)(Event::Arrived(arrival, outcomes));
    }

    /// Whether this was not told of this drop the last time. What is not the machine's fault is told at each try.
    fn is_new(&mut self, found: &Found, problems: &Problems) -> bool {
        if problems.iter().any(|problem| problem.blame != Blame::Machine) {
            self.told.remove(&found.name);
            return true;
        }
        self.told.insert(found.name.clone(), problems.clone()).as_ref() != Some(problems)
    }

    fn tell_broken_types(&mut self) {
        if let Some(problems) = Problems::of(self.house.broken()) {
            (self.report)(Event::Trouble(&problems));
        }
    }

    /// Reads settings and types anew; what they blocked is tried again.
    fn refresh(&mut self) {
        match self.house.refresh() {
            Ok(false) => self.office_trouble = None,
            Ok(true) => {
                self.office_trouble = None;
                self.inbox.adjust(self.house.rules(self.once), &[Blame::Template, Blame::Configuration, Blame::Limit]);
                self.tell_broken_types();
                (self.report)(Event::Refreshed);
            }
            Err(problems) if self.office_trouble.as_ref() == Some(&problems) => {}
            Err(problems) => {
                (self.report)(Event::Trouble(&problems));
                self.office_trouble = Some(problems);
            }
        }
    }
}

fn problems_of(outcome: &Outcome) -> Option<&Problems> {
    match &outcome.fate {
        pipeline::Fate::Attention(problems) => Some(problems),
        _ => None,
    }
}

fn attention(problems: Problems) -> Outcome {
    let fate = pipeline::Fate::Attention(problems);
    Outcome { part: None, fate, classification: None, warnings: Vec::new(), stage_ms: pipeline::StageTimes::default() }
}

//! The tracker: what lies in the inbox, and which set of files is whole, quiet and next.
//!
//! Pure: it is told what was seen and what time it is, and answers with the next step. It never touches a file,
//! so that every rule about waiting can be tested without waiting. All paths are relative to the inbox.
//!
//! Each file has one place in an agenda ordered by time and arrival; [`Tracker::next`] takes the first that is
//! due and decides about it alone. What a decision depends on (a file that is missing, a folder that is not quiet)
//! wakes it again when it changes. So a burst of files costs each file a few decisions, not a walk over all.

mod agenda;
mod entry;
mod folders;
mod paths;
mod sets;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::failure::Blame;
use crate::intake::names;
use crate::reading::Glance;
use entry::{Entry, Held, Kind, Nature};
pub(crate) use entry::{Notice, Stamp};
use folders::Folders;
pub(crate) use paths::{normalised, slashed, target};
pub(crate) use sets::Set;

/// How long things are waited for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// A written file must have been quiet for so long.
    pub settle: Duration,
    /// A file that is named and not there, or there and not named by any note, is waited for so long.
    pub wait: Duration,
    /// Take what is there: wait for nothing but files that are still being written.
    pub once: bool,
    /// Whether the age of a file says how long it has been quiet; not where another machine's clock sets it.
    pub trusts_age: bool,
}

/// What to do next.
#[derive(Debug, PartialEq)]
pub(crate) enum Step {
    /// Look at the file again and tell [`Tracker::observe`] or [`Tracker::gone`]; `written` asks whether a program
    /// has it open for writing, which costs a little to find out.
    Look {
        /// The file.
        path: PathBuf,
        /// Whether to find out who has it open.
        written: bool,
    },
    /// Read which files it names and tell [`Tracker::glanced`].
    Glance(PathBuf, Stamp),
    /// This set is whole and quiet. Until [`Tracker::finish`] or [`Tracker::abandon`] it is not given again.
    Take(Set),
    /// Nothing before this time; `None`: nothing until something changes.
    Wait(Option<Instant>),
}

/// What became of a set that was taken.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Verdict {
    /// It was dealt with; what of it should leave the inbox has left.
    Done,
    /// It needs somebody: not again before something changes that these can mend.
    Failed(Vec<Blame>),
}

/// The longest pause between two tries after a fault of the machine.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// See the module.
#[derive(Debug)]
pub(crate) struct Tracker {
    patience: Patience,
    types: BTreeSet<String>,
    files: BTreeMap<PathBuf, Entry>,
    /// The file for each normalised name, so that a name in composed letters finds one in decomposed ones.
    by_name: BTreeMap<String, PathBuf>,
    /// The notes that name a file, by its normalised name, whether it is there or not.
    namers: BTreeMap<String, BTreeSet<PathBuf>>,
    folders: Folders,
    agenda: BTreeSet<(Instant, u64, PathBuf)>,
    in_hand: BTreeMap<PathBuf, Set>,
    /// The notes that wait until a file is in nobody's hand and quiet.
    blocked: BTreeMap<PathBuf, BTreeSet<PathBuf>>,
    arrivals: u64,
}

impl Tracker {
    /// Nothing seen yet. `types` are the names of folders that are type hints.
    pub fn new(patience: Patience, types: BTreeSet<String>) -> Self {
        Self {
            patience,
            types,
            files: BTreeMap::new(),
            by_name: BTreeMap::new(),
            namers: BTreeMap::new(),
            folders: Folders::default(),
            agenda: BTreeSet::new(),
            in_hand: BTreeMap::new(),
            blocked: BTreeMap::new(),
            arrivals: 0,
        }
    }

    /// The office's settings or types have changed.
    pub fn adjust(&mut self, patience: Patience, types: BTreeSet<String>, now: Instant) {
        self.patience = patience;
        if self.types != types {
            self.types = types;
            let paths: Vec<PathBuf> = self.files.keys().cloned().collect();
            paths.iter().for_each(|path| self.schedule(path, now));
        }
    }

    /// The files that are known, in the order of their names.
    pub fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        self.files.keys()
    }

    /// Whether a file is known and as `stamp` says.
    pub fn knows(&self, path: &Path, stamp: Stamp) -> bool {
        self.files.get(path).is_some_and(|entry| entry.stamp == stamp)
    }

    /// A file is there, as `stamp` says. Names that are never taken are ignored.
    pub fn observe(&mut self, path: &Path, stamp: Stamp, notice: Notice, now: Instant) {
        if !names::is_open(path) {
            return;
        }
        let patience = self.patience;
        let first = !self.files.contains_key(path);
        if first {
            self.add(path, stamp, now);
        }
        self.alter(path, now, |entry| entry.notice(stamp, notice, first, now, patience));
        self.wake_when_quiet(path);
        if first {
            self.wake_namers(path, now);
        }
    }

    /// A file, or a folder with all that is in it, is not there any more.
    pub fn gone(&mut self, path: &Path, now: Instant) {
        for path in self.below(path) {
            self.remove(&path, now);
        }
    }

    /// What a file with this stamp says of itself.
    pub fn glanced(&mut self, path: &Path, stamp: Stamp, glance: &Glance, now: Instant) {
        if !self.knows(path, stamp) {
            return;
        }
        let kind = match (glance.is_note, names::is_fields(path)) {
            (true, false) => Kind::Note,
            (true, true) => Kind::Fields,
            (false, _) => Kind::Other,
        };
        let mentions = glance.mentions.iter().map(|mention| &mention.name);
        let inside = mentions.filter(|name| kind != Kind::Other && target(path, name).is_some());
        let names: BTreeSet<&String> = inside.collect();
        let nature = Nature { kind, draft: glance.is_draft, names: names.into_iter().cloned().collect() };
        self.name_others(path, &nature.names, now);
        self.alter(path, now, |entry| entry.learn(nature));
        self.wake_when_quiet(path);
        self.wake_namers(path, now);
    }

    /// The content of a file with this stamp could not be read, so nobody knows what it names: it is taken by itself, as
    /// one that fails, and read again before it is tried again. Gives `false` if the file is not known as that.
    pub fn unreadable(&mut self, path: &Path, stamp: Stamp) -> bool {
        let known = self.knows(path, stamp);
        if known {
            self.take(Set { note: (path.to_path_buf(), stamp), company: Vec::new(), hint: self.hint(path), folder: None });
        }
        known
    }

    /// The next step, as of `now`.
    pub fn next(&mut self, now: Instant) -> Step {
        while let Some((at, ..)) = self.agenda.first() {
            if *at > now {
                return Step::Wait(Some(*at));
            }
            let Some((_, _, path)) = self.agenda.pop_first() else { break };
            if let Some(entry) = self.files.get_mut(&path) {
                entry.due = None;
            }
            if let Some(step) = self.consider(&path, now) {
                return step;
            }
        }
        Step::Wait(None)
    }

    /// A set that was taken has come to its end.
    ///
    /// What is gone should have been told to [`Tracker::gone`] before: what is still there is not taken again
    /// until it changes, except files that another note names, and sets of which something was edited meanwhile.
    pub fn finish(&mut self, note: &Path, verdict: &Verdict, now: Instant) {
        let Some(set) = self.let_go(note, now) else { return };
        let is_edited = |(path, stamp): &(PathBuf, Stamp)| self.files.get(path).is_some_and(|entry| entry.stamp != *stamp);
        match verdict {
            Verdict::Done if set.stamps().iter().any(is_edited) => {}
            Verdict::Done => {
                for member in set.company.iter().filter(|member| !member.stays) {
                    self.hold(&(member.path.clone(), member.stamp), Held::until_changed(vec![(member.path.clone(), member.stamp)]));
                }
                self.hold(&set.note, Held::until_changed(set.stamps()));
            }
            Verdict::Failed(blames) => {
                let held = self.files.get(note).and_then(|entry| entry.held.as_ref());
                let failures = held.map_or(0, |held| held.failures);
                let retry = blames.contains(&Blame::Machine) && !self.patience.once;
                let pause = Duration::from_secs(1 << failures.min(6)).min(LONGEST_PAUSE);
                let members = set.stamps();
                let held = Held { members, blames: blames.clone(), retry: retry.then(|| now + pause), failures: failures + 1 };
                self.hold(&set.note, held);
            }
        }
    }

    /// A set that was taken turned out to have changed meanwhile: its files are looked at anew.
    pub fn abandon(&mut self, note: &Path, now: Instant) {
        let Some(set) = self.let_go(note, now) else { return };
        set.stamps().iter().for_each(|(path, _)| self.doubt(path, now));
    }

    /// A file was not as it was said to be: it must be quiet anew.
    pub fn doubt(&mut self, path: &Path, now: Instant) {
        let quiet_at = now + self.patience.settle;
        self.alter(path, now, |entry| entry.unsettle(quiet_at));
        self.wake_when_quiet(path);
    }

    /// Whatever kept the set of this note from being tried, it is tried again.
    pub fn release(&mut self, note: &Path, now: Instant) {
        if let Some(entry) = self.files.get_mut(note) {
            entry.held = None;
            self.schedule(note, now);
        }
    }

    /// What `blame` kept from being tried is tried again: templates or settings have changed.
    pub fn retry(&mut self, blame: Blame, now: Instant) {
        let mut released = Vec::new();
        for (path, entry) in &mut self.files {
            if entry.held.as_ref().is_some_and(|held| held.blames.contains(&blame)) {
                entry.held = None;
                released.push(path.clone());
            }
        }
        released.iter().for_each(|path| self.schedule(path, now));
    }
}

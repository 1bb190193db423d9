//! The inbox as a source of arrivals: the tracker's questions answered from the disk, its waits woken by events.
//!
//! Reads each file once and hands over its bytes. Moves and deletes nothing that was dropped.

mod load;
mod walk;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::disk::{Disk, Lies};
use super::problem_notes::{self, ProblemNotes, Standing};
use super::tracker::{Notice, Patience, Stamp, Step, Tracker, Verdict};
use super::watch::{Signal, Watch};
use super::writers::Writers;
use crate::failure::{Blame, Checked, Problem, Problems};
use crate::intake::Glancing;
use crate::storage::is_remote;
pub use load::{Found, MAX_SET_BYTES, MAX_SET_FILES};
use walk::new_watch;

/// What the inbox needs to know of its office.
#[derive(Clone, Debug)]
pub struct Rules {
    /// How long a written file must be quiet before it is taken.
    pub settle: Duration,
    /// How long a note waits for a file that it names.
    pub wait: Duration,
    /// How often the inbox is walked in case an event was missed.
    pub rescan: Duration,
    /// Take what is there, wait only for files that are still being written, and come to an end.
    pub once: bool,
    /// The names of folders that are type hints.
    pub types: BTreeSet<String>,
}

/// Where the inbox is, and what else is to be watched.
#[derive(Clone, Debug)]
pub struct Places {
    /// The inbox, as paths in arrivals begin.
    pub inbox: PathBuf,
    /// The office's `.chancery` folder.
    pub state: PathBuf,
    /// The folder of templates, whose changes are told as [`Next::OfficeChanged`].
    pub templates: PathBuf,
    /// The configuration, likewise.
    pub configuration: PathBuf,
}

/// What comes next.
#[derive(Debug)]
pub enum Next {
    /// A set that is whole and quiet. Until [`Inbox::finish`] none of its files is given again.
    Found(Box<Found>),
    /// A template or the configuration has changed.
    OfficeChanged,
    /// The inbox itself cannot be read; it is tried again. Told once until it can be read again.
    Trouble(Problems),
    /// With `once`: nothing is left to be taken.
    Done,
    /// The flag said to stop.
    Stopped,
}

/// What became of a set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It was filed, or stood in the archive already, and has left the inbox.
    Cleared,
    /// It stays until something changes that these can mend.
    Failed(Vec<Blame>),
}

/// How often an inbox is walked that gives no events.
const POLL: Duration = Duration::from_secs(2);
/// The flag that stops everything is looked at as often.
const STOP_POLL: Duration = Duration::from_millis(200);

/// The open inbox.
#[derive(Debug)]
pub struct Inbox {
    places: Places,
    rules: Rules,
    disk: Disk,
    notes: ProblemNotes,
    watch: Watch,
    tracker: Tracker,
    /// No events, or not of everything: it is walked every two seconds.
    polled: bool,
    walk_at: Instant,
    office_changed: Option<Instant>,
    troubled: bool,
    /// The inbox that was watched is gone.
    watch_is_lost: bool,
    /// The last file that was read to see what it names: mostly it is taken next.
    read: Option<(PathBuf, Stamp, Arc<[u8]>)>,
}

impl Inbox {
    /// Begins to watch, and walks over what lies there.
    ///
    /// # Errors
    /// The inbox cannot be read.
    pub fn open(places: Places, rules: Rules) -> Checked<Self> {
        let root = std::fs::canonicalize(&places.inbox).map_err(|error| Problem::machine("read the inbox", &places.inbox, &error))?;
        let watch = new_watch(&root, &places);
        let remote = is_remote(&root);
        Self::begin(root, places, rules, watch, remote)
    }

    fn begin(root: PathBuf, places: Places, rules: Rules, watch: Watch, remote: bool) -> Checked<Self> {
        let polled = remote || !watch.sees();
        let notes = ProblemNotes::new(&places.inbox, &places.state);
        let tracker = Tracker::new(patience(&rules, polled), rules.types.clone());
        let mut inbox = Self {
            disk: Disk::new(root, !remote),
            places,
            rules,
            notes,
            watch,
            tracker,
            polled,
            walk_at: Instant::now(),
            office_changed: None,
            troubled: false,
            watch_is_lost: false,
            read: None,
        };
        inbox.walk().map_err(|error| Problem::machine("read the inbox", &inbox.places.inbox, &error))?;
        Ok(inbox)
    }

    /// The notes about problems.
    pub fn problem_notes(&self) -> &ProblemNotes {
        &self.notes
    }

    /// Waits for the next set, or for another reason to come back. `glance` says which files a note names.
    pub fn next(&mut self, stop: &AtomicBool, glance: Glancing<'_>) -> Next {
        loop {
            if stop.load(Ordering::SeqCst) {
                return Next::Stopped;
            }
            self.hear_all();
            let now = Instant::now();
            if self.office_changed.is_some_and(|at| at + self.rules.settle <= now) {
                self.office_changed = None;
                return Next::OfficeChanged;
            }
            if self.walk_at <= now
                && let Some(problems) = self.walk_again()
            {
                return Next::Trouble(problems);
            }
            match self.tracker.next(now) {
                Step::Look { path, written } => self.look_again(&path, written, now),
                Step::Glance(path, stamp) => {
                    if let Some(found) = self.glance(&path, stamp, now, glance) {
                        return Next::Found(Box::new(found));
                    }
                }
                Step::Take(set) => {
                    if let Some(found) = self.take(set, now) {
                        return Next::Found(Box::new(found));
                    }
                }
                Step::Wait(None) if self.rules.once => return Next::Done,
                Step::Wait(until) => self.wait(until, now),
            }
        }
    }

    /// Where a file of the inbox lies.
    pub fn path(&self, name: &Path) -> PathBuf {
        self.places.inbox.join(name)
    }

    /// The set of [`Found::name`] has come to its end.
    pub fn finish(&mut self, found: &Found, fate: &Fate) {
        let now = Instant::now();
        for path in &found.files {
            match self.disk.look(path) {
                Lies::File(stamp) => self.tracker.observe(path, stamp, Notice::Touched, now),
                _ => self.tracker.gone(path, now),
            }
        }
        let verdict = match fate {
            Fate::Cleared => Verdict::Done,
            Fate::Failed(blames) => Verdict::Failed(blames.clone()),
        };
        self.tracker.finish(&found.name, &verdict, now);
    }

    /// Whether what lies in the folder of `name` can leave it, as far as permissions tell.
    ///
    /// # Errors
    /// The machine's answer.
    pub fn can_leave(&self, name: &Path) -> Checked<()> {
        let folder = self.places.inbox.join(name.parent().unwrap_or(Path::new("")));
        self.disk.can_remove(name).map_err(|error| Problem::machine("remove files from", &folder, &error).into())
    }

    /// The office's settings or types have changed: `rules` hold from now on, and what `mended` blocked is tried again.
    pub fn adjust(&mut self, rules: Rules, mended: &[Blame]) {
        let now = Instant::now();
        self.rules = rules;
        self.tracker.adjust(patience(&self.rules, self.polled), self.rules.types.clone(), now);
        for blame in mended {
            self.tracker.retry(*blame, now);
        }
        self.walk_at = self.walk_at.min(now + self.walk_pause());
    }

    fn wait(&mut self, until: Option<Instant>, now: Instant) {
        let office = self.office_changed.map(|at| at + self.rules.settle);
        let next = [until, office, Some(self.walk_at), Some(now + STOP_POLL)].into_iter().flatten().min().unwrap_or(now);
        if let Some(signal) = self.watch.next(next.saturating_duration_since(now)) {
            self.hear(signal, &mut None);
        }
    }

    fn hear_all(&mut self) {
        let mut last = None;
        while let Some(signal) = self.watch.try_next() {
            self.hear(signal, &mut last);
        }
    }

    /// Looks at what a signal is about. Of many writes to one file in a row, the first is enough.
    fn hear(&mut self, signal: Signal, last: &mut Option<Signal>) {
        let now = Instant::now();
        let repeated = last.as_ref() == Some(&signal);
        match &signal {
            Signal::Office => self.office_changed = Some(now),
            Signal::Rescan => self.walk_at = now,
            Signal::Lost => (self.watch_is_lost, self.walk_at) = (true, now),
            Signal::Blind => {
                self.polled = true;
                self.adjust(self.rules.clone(), &[]);
            }
            Signal::Inbox(..) if repeated => {}
            Signal::Inbox(path, notice) => match self.disk.look(path) {
                Lies::File(stamp) => self.tell(path, stamp, *notice, now),
                Lies::Folder if matches!(notice, Notice::Created | Notice::Renamed) => self.walk_new_folder(path, *notice, now),
                Lies::Folder => {}
                Lies::Link | Lies::Special | Lies::Nothing => self.forget(path, now),
            },
        }
        *last = Some(signal);
    }

    /// Tells the tracker of a file, unless it is a problem note of ours.
    fn tell(&mut self, path: &Path, stamp: Stamp, notice: Notice, now: Instant) {
        match problem_notes::standing(&self.disk, path) {
            Standing::None => self.tracker.observe(path, stamp, notice, now),
            Standing::Needed => self.tracker.gone(path, now),
            Standing::Stale => problem_notes::remove_ours(&self.disk.root().join(path)),
        }
    }

    /// A file is gone, and with it the note about it. Somebody who takes a problem note away wants its file to be
    /// tried again.
    fn forget(&mut self, path: &Path, now: Instant) {
        self.tracker.gone(path, now);
        self.notes.remove(path);
        if let Some(about) = problem_notes::about(path) {
            self.tracker.release(&about, now);
        }
    }

    fn look_again(&mut self, path: &Path, written: bool, now: Instant) {
        match self.disk.look(path) {
            Lies::File(stamp) => {
                let open = written && Writers::now().have_open(stamp);
                self.tracker.observe(path, stamp, Notice::Looked { open }, now);
            }
            _ => self.forget(path, now),
        }
    }
}

fn patience(rules: &Rules, polled: bool) -> Patience {
    let settle = if polled { rules.settle.max(POLL) } else { rules.settle };
    Patience { settle, wait: rules.wait, once: rules.once, trusts_age: !polled }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(once: bool) -> Rules {
        let times = (Duration::from_millis(100), Duration::from_secs(1), Duration::from_secs(300));
        Rules { settle: times.0, wait: times.1, rescan: times.2, once, types: BTreeSet::new() }
    }

    fn places(office: &Path) -> Places {
        let inbox = office.join("inbox");
        std::fs::create_dir(&inbox).unwrap();
        Places { inbox, state: office.join("state"), templates: office.join("templates"), configuration: office.join("chancery.toml") }
    }

    #[track_caller]
    fn found(inbox: &mut Inbox) -> PathBuf {
        loop {
            match inbox.next(&AtomicBool::new(false), &crate::intake::glance_here) {
                Next::Found(found) => return found.name,
                Next::OfficeChanged | Next::Trouble(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn an_inbox_without_events_is_walked_again_and_again() {
        let office = tempfile::tempdir().unwrap();
        let places = places(office.path());
        let root = std::fs::canonicalize(&places.inbox).unwrap();
        let watch = Watch::blind(&root);
        let mut inbox = Inbox::begin(root.clone(), places, rules(false), watch, true).unwrap();
        std::fs::create_dir(root.join("sub")).unwrap();
        std::fs::write(root.join("sub/a.md"), "# A").unwrap();
        assert_eq!(found(&mut inbox), Path::new("sub/a.md"));
    }

    #[test]
    fn an_inbox_that_is_taken_away_and_put_back_is_watched_again() {
        let office = tempfile::tempdir().unwrap();
        let places = places(office.path());
        let path = places.inbox.clone();
        let mut inbox = Inbox::open(places, rules(false)).unwrap();
        std::fs::remove_dir(&path).unwrap();
        assert!(matches!(inbox.next(&AtomicBool::new(false), &crate::intake::glance_here), Next::Trouble(_)));
        std::fs::create_dir(&path).unwrap();
        std::fs::write(path.join("a.md"), "# A").unwrap();
        assert_eq!(found(&mut inbox), Path::new("a.md"));
        std::fs::write(path.join("b.md"), "# B").unwrap();
        assert_eq!(found(&mut inbox), Path::new("b.md"));
    }
}

//! Walking over the inbox: at the start, now and then, and into folders that have come.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use super::{Inbox, POLL, Places};
use crate::failure::{Problem, Problems};
use crate::intake::disk::Lies;
use crate::intake::tracker::{Notice, Stamp};
use crate::intake::watch::Watch;
use crate::intake::writers::Writers;

impl Inbox {
    /// A folder has come. It is watched first and walked then, so that nothing falls between.
    pub(super) fn walk_new_folder(&mut self, folder: &Path, notice: Notice, now: Instant) {
        self.watch.ensure(folder);
        let clock = SystemTime::now();
        let files = self.disk.walk(folder).unwrap_or_default();
        let writers = if notice == Notice::Created && !files.is_empty() { Writers::now() } else { Writers::default() };
        for (path, stamp) in files {
            let notice = if notice == Notice::Renamed { notice } else { found(stamp, &writers, clock) };
            self.tell(&path, stamp, notice, now);
        }
    }

    /// Walks over the whole inbox: the truth, where events may have been missed.
    pub(super) fn walk(&mut self) -> io::Result<()> {
        let (now, clock) = (Instant::now(), SystemTime::now());
        self.walk_at = now + self.walk_pause();
        let files = self.disk.walk(Path::new(""))?;
        let new: Vec<(&PathBuf, &Stamp)> = files.iter().filter(|(path, stamp)| !self.tracker.knows(path, **stamp)).collect();
        let writers = if new.is_empty() { Writers::default() } else { Writers::now() };
        for (path, stamp) in new {
            self.tell(path, *stamp, found(*stamp, &writers, clock), now);
        }
        let missed: Vec<PathBuf> = self.tracker.paths().filter(|path| !files.contains_key(*path)).cloned().collect();
        for path in missed {
            if !matches!(self.disk.look(&path), Lies::File(_)) {
                self.forget(&path, now);
            }
        }
        Ok(())
    }

    /// Walks, and opens the watch anew where the inbox is another folder than before.
    pub(super) fn walk_again(&mut self) -> Option<Problems> {
        // An event about a template may have been missed just as well.
        self.office_changed.get_or_insert_with(Instant::now);
        if !self.watch.sees() || self.troubled || std::mem::take(&mut self.watch_is_lost) {
            self.watch = new_watch(self.disk.root(), &self.places);
        }
        match self.walk() {
            Ok(()) => {
                self.troubled = false;
                None
            }
            Err(error) => {
                self.walk_at = Instant::now() + POLL;
                let first = !std::mem::replace(&mut self.troubled, true);
                first.then(|| Problem::machine("read the inbox", &self.places.inbox, &error).into())
            }
        }
    }

    pub(super) fn walk_pause(&self) -> Duration {
        if self.polled || self.troubled { POLL } else { self.rules.rescan }
    }
}

/// Opens the watch over the inbox and what else of the office matters.
pub(super) fn new_watch(root: &Path, places: &Places) -> Watch {
    let plain = |path: &Path| std::fs::canonicalize(path).ok();
    let configuration = places.configuration.parent().and_then(plain).zip(places.configuration.file_name());
    let configuration: Vec<PathBuf> = configuration.map(|(folder, name)| folder.join(name)).into_iter().collect();
    let templates: Vec<PathBuf> = plain(&places.templates).into_iter().collect();
    Watch::new(root, &templates, &configuration)
}

fn found(stamp: Stamp, writers: &Writers, clock: SystemTime) -> Notice {
    // A file from the future was written just now, as far as we can know.
    let age = clock.duration_since(stamp.modified).unwrap_or_default();
    Notice::Found { age, open: writers.have_open(stamp) }
}

//! The tracker's books: entries, who names whom, and the agenda, kept in step with each other.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::Tracker;
use super::entry::{Entry, Held, Kind, Stamp};
use super::folders::{Share, Woken};
use super::paths::{normalised, target};
use super::sets::Set;
use crate::intake::names;

impl Tracker {
    pub(super) fn add(&mut self, path: &Path, stamp: Stamp, now: Instant) {
        self.arrivals += 1;
        let mut entry = Entry::new(stamp, self.arrivals, now);
        entry.put_aside = names::untaken(&path.file_name().unwrap_or_default().to_string_lossy()).is_some();
        entry.never_note = !names::may_be_note(path);
        // Deleted and put there anew while in hand: it is a new file, but its turn comes when the old one is finished.
        entry.in_hand = self.in_hand.values().any(|set| set.has(path));
        let woken = self.folders.change(path, Share::default(), share(&entry));
        self.by_name.insert(normalised(path), path.to_path_buf());
        self.files.insert(path.to_path_buf(), entry);
        self.wake(&woken, now);
    }

    pub(super) fn remove(&mut self, path: &Path, now: Instant) {
        self.name_others(path, &[], now);
        let Some(entry) = self.files.remove(path) else { return };
        if let Some(due) = entry.due {
            self.agenda.remove(&(due, entry.number, path.to_path_buf()));
        }
        let name = normalised(path);
        if self.by_name.get(&name).is_some_and(|known| known == path) {
            self.by_name.remove(&name);
        }
        let woken = self.folders.change(path, share(&entry), Share::default());
        self.wake(&woken, now);
        self.wake_namers(path, now);
        self.wake_blocked(path, now);
    }

    /// Changes an entry and what its folders count of it.
    pub(super) fn alter(&mut self, path: &Path, now: Instant, change: impl FnOnce(&mut Entry)) {
        let Some(entry) = self.files.get_mut(path) else { return };
        let before = share(entry);
        let was_ready = entry.is_ready().then_some(entry.stamp);
        change(entry);
        let is_ready = entry.is_ready().then_some(entry.stamp);
        let after = share(entry);
        let woken = self.folders.change(path, before, after);
        self.wake(&woken, now);
        if is_ready.is_some() && is_ready != was_ready {
            self.wake_namers(path, now);
            self.wake_blocked(path, now);
            self.wake_folder(path, now);
        }
    }

    /// From now on `note` names these files and no others. What it named before waits for another namer anew.
    pub(super) fn name_others(&mut self, note: &Path, names: &[String], now: Instant) {
        let key = |name: &String| target(note, name).map(|path| normalised(&path));
        let before: BTreeSet<String> = self.files.get(note).iter().flat_map(|entry| &entry.nature.names).filter_map(key).collect();
        let after: BTreeSet<String> = names.iter().filter_map(key).collect();
        for name in after.difference(&before) {
            self.namers.entry(name.clone()).or_default().insert(note.to_path_buf());
        }
        for name in before.difference(&after) {
            if let Some(namers) = self.namers.get_mut(name) {
                namers.remove(note);
                if namers.is_empty() {
                    self.namers.remove(name);
                }
            }
            if let Some(path) = self.by_name.get(name).cloned() {
                self.alter(&path, now, |entry| entry.unnamed_since = now);
                self.schedule(&path, now);
            }
        }
    }

    pub(super) fn hold(&mut self, (path, stamp): &(PathBuf, Stamp), held: Held) {
        if let Some(entry) = self.files.get_mut(path).filter(|entry| entry.stamp == *stamp) {
            entry.held = Some(held);
        }
    }

    /// The set of `note` is in hand no more; whoever waited for one of its files looks again.
    pub(super) fn let_go(&mut self, note: &Path, now: Instant) -> Option<Set> {
        let set = self.in_hand.remove(note)?;
        for (path, _) in set.stamps() {
            if let Some(entry) = self.files.get_mut(&path) {
                entry.in_hand = false;
            }
            self.schedule(&path, now);
            self.wake_blocked(&path, now);
        }
        Some(set)
    }

    fn wake(&mut self, woken: &Woken, now: Instant) {
        woken.files.iter().for_each(|path| self.schedule(path, now));
        for folder in &woken.folders {
            self.below(folder).iter().for_each(|path| self.schedule(path, now));
        }
    }

    /// The file of this path, or all files of the folder.
    pub(super) fn below(&self, path: &Path) -> Vec<PathBuf> {
        let known = self.files.range(path.to_path_buf()..).map(|(known, _)| known);
        known.take_while(|known| known.starts_with(path)).cloned().collect()
    }

    /// Puts a file on the agenda at `at`, unless it is due earlier.
    pub(super) fn schedule(&mut self, path: &Path, at: Instant) {
        let Some(entry) = self.files.get_mut(path) else { return };
        if entry.due.is_some_and(|due| due <= at) {
            return;
        }
        if let Some(due) = entry.due.replace(at) {
            self.agenda.remove(&(due, entry.number, path.to_path_buf()));
        }
        self.agenda.insert((at, entry.number, path.to_path_buf()));
    }

    /// Puts a file on the agenda for when it is quiet: that it was quiet long ago keeps its place before others.
    pub(super) fn wake_when_quiet(&mut self, path: &Path) {
        if let Some(at) = self.files.get(path).map(|entry| entry.quiet_at) {
            self.schedule(path, at);
        }
    }

    /// The note of the submission folder that `path` lies in is to be looked at.
    fn wake_folder(&mut self, path: &Path, now: Instant) {
        if let Some(note) = self.folder_note(path) {
            self.schedule(&note, now);
        }
    }

    /// The notes that waited for `path` are to be looked at.
    fn wake_blocked(&mut self, path: &Path, now: Instant) {
        let blocked = self.blocked.remove(path).unwrap_or_default();
        blocked.iter().for_each(|note| self.schedule(note, now));
    }

    /// The notes that name `path` are to be looked at.
    pub(super) fn wake_namers(&mut self, path: &Path, now: Instant) {
        let namers: Vec<PathBuf> = self.namers.get(&normalised(path)).into_iter().flatten().cloned().collect();
        namers.iter().for_each(|namer| self.schedule(namer, now));
    }
}

/// What a file adds to the counts of its folders.
fn share(entry: &Entry) -> Share {
    if entry.put_aside {
        return Share::default();
    }
    Share {
        there: true,
        pending: !entry.is_ready() && !entry.is_given_up(),
        unread: !entry.is_read() && !entry.is_given_up(),
        note: entry.nature.kind == Kind::Note,
        fields: entry.nature.kind == Kind::Fields,
    }
}

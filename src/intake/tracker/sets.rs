//! What belongs together: decides about one file at a time whether it and its company are to be taken now.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::entry::{Entry, Kind, Stamp, may_own};
use super::folders::{possible_submissions, type_hint};
use super::paths::{normalised, target, way_from};
use super::{Step, Tracker};
use crate::intake::names;

/// A set of files that is one submission.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Set {
    /// The file that is the document, as it was.
    pub note: (PathBuf, Stamp),
    /// What goes with it, in the order of the names.
    pub company: Vec<Member>,
    /// The first folder on the way, unless it only groups.
    pub hint: Option<String>,
    /// The folder that is this submission as a whole.
    pub folder: Option<PathBuf>,
}

/// A file that goes with a note.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Member {
    /// Where it lies.
    pub path: PathBuf,
    /// As it was.
    pub stamp: Stamp,
    /// As the note names it; for a file it does not name, the way from the note's folder.
    pub name: String,
    /// It stays when the note leaves: another names it too, or its user put it aside.
    pub stays: bool,
}

impl Set {
    /// Whether the file at `path` belongs to it.
    pub fn has(&self, path: &Path) -> bool {
        self.note.0 == path || self.company.iter().any(|member| member.path == path)
    }

    /// All its files as they were.
    pub fn stamps(&self) -> Vec<(PathBuf, Stamp)> {
        let company = self.company.iter().map(|member| (member.path.clone(), member.stamp));
        std::iter::once(self.note.clone()).chain(company).collect()
    }
}

/// To which set a file belongs.
enum Place {
    /// It is not decided before this folder is quiet.
    Undecided(PathBuf),
    /// This folder is one submission, and this its note.
    Folder(PathBuf, PathBuf),
    /// Each for itself.
    Single,
}

/// A file's company as far as it is there.
enum Company {
    /// This file is being written or in another's hand.
    NotYet(PathBuf),
    /// As far as it is there; whether some of it is not.
    Complete { members: Vec<Member>, missing: bool },
}

impl Tracker {
    /// Decides about a file that is due.
    pub(super) fn consider(&mut self, path: &Path, now: Instant) -> Option<Step> {
        let entry = self.files.get(path)?;
        if entry.in_hand || entry.is_given_up() {
            return None;
        }
        if now < entry.quiet_at {
            self.wake_when_quiet(path);
            return None;
        }
        if !entry.is_settled() {
            return Some(Step::Look { path: path.to_path_buf(), written: entry.is_open() });
        }
        if !entry.is_read() {
            let stamp = entry.stamp;
            let held = self.is_held(path, &[(path.to_path_buf(), stamp)], now);
            return (!held).then(|| Step::Glance(path.to_path_buf(), stamp));
        }
        if entry.put_aside || entry.nature.draft {
            return None;
        }
        match self.place(path) {
            Place::Undecided(folder) => {
                self.folders.wait_for_quiet(&folder, path);
                None
            }
            Place::Folder(_, note) if note != path => None,
            Place::Folder(folder, _) => self.consider_set(path, Some(folder), now),
            Place::Single if self.is_owned(path) => None,
            Place::Single if self.must_wait_for_namer(path, now) => None,
            Place::Single => self.consider_set(path, None, now),
        }
    }

    /// Whether a file that no note names has to wait for one that does.
    fn must_wait_for_namer(&mut self, path: &Path, now: Instant) -> bool {
        let Some(entry) = self.files.get(path) else { return true };
        if entry.nature.kind == Kind::Note {
            return false;
        }
        let until = entry.unnamed_since.max(entry.quiet_at) + self.patience.wait;
        if !self.patience.once && now < until {
            self.schedule(path, until);
            return true;
        }
        self.waits_for_unread(path, path, now)
    }

    /// Takes the set of a note unless something of it is missing or it was tried as it is.
    fn consider_set(&mut self, note: &Path, folder: Option<PathBuf>, now: Instant) -> Option<Step> {
        let entry = self.files.get(note)?;
        let (members, missing) = match self.company(note, entry, folder.as_deref()) {
            Company::Complete { members, missing } => (members, missing),
            Company::NotYet(path) => {
                self.blocked.entry(path).or_default().insert(note.to_path_buf());
                return None;
            }
        };
        let quiet_since = members.iter().filter_map(|member| self.files.get(&member.path)).map(|entry| entry.quiet_at).max();
        let patience_ends = quiet_since.max(Some(entry.quiet_at)).unwrap_or(now) + self.patience.wait;
        let set = Set { note: (note.to_path_buf(), entry.stamp), company: members, hint: self.hint(note), folder };
        if self.is_held(note, &set.stamps(), now) {
            return None;
        }
        if missing && !self.patience.once && now < patience_ends {
            self.schedule(note, patience_ends);
            return None;
        }
        if set.folder.is_none() && set.company.iter().any(|member| self.waits_for_unread(&member.path, note, now)) {
            return None;
        }
        Some(Step::Take(self.take(set)))
    }

    /// Whether a note is still unread that may name `path` too; `waiter` is woken when it has been read.
    ///
    /// Such a note lies in the same folder or above: taking the file along with another would rob it. One that has
    /// been written for longer than the wait is not waited for, except with `once`; nor is one that cannot be read, except
    /// by what is no document of its own.
    fn waits_for_unread(&mut self, path: &Path, waiter: &Path, now: Instant) -> bool {
        let alone = self.files.get(path).is_some_and(|entry| entry.nature.kind != Kind::Other);
        for folder in path.ancestors().skip(1) {
            let Some(tally) = self.folders.get(folder) else { continue };
            let keeps_waiting = |entry: &Entry| {
                let soon = self.patience.once || now < entry.first_seen + self.patience.wait;
                if entry.held.is_some() { soon && !alone } else { soon || entry.quiet_at <= now }
            };
            if tally.unread.iter().filter_map(|unread| self.files.get(unread)).any(keeps_waiting) {
                self.folders.wait_for_reading(folder, waiter);
                if !self.patience.once {
                    self.schedule(waiter, now + self.patience.settle);
                }
                return true;
            }
        }
        false
    }

    /// Whether this very set was dealt with. A fault of the machine is tried again at its time.
    fn is_held(&mut self, note: &Path, members: &[(PathBuf, Stamp)], now: Instant) -> bool {
        let Some(held) = self.files.get(note).and_then(|entry| entry.held.as_ref()) else { return false };
        if held.members != members {
            if let Some(entry) = self.files.get_mut(note) {
                entry.held = None;
            }
            return false;
        }
        match held.retry {
            Some(at) if at <= now => false,
            Some(at) => {
                self.schedule(note, at);
                true
            }
            None => true,
        }
    }

    pub(super) fn take(&mut self, set: Set) -> Set {
        for (path, _) in set.stamps() {
            if let Some(entry) = self.files.get_mut(&path) {
                entry.in_hand = true;
            }
        }
        self.in_hand.insert(set.note.0.clone(), set.clone());
        set
    }

    /// The note of the submission folder that `path` lies in.
    pub(super) fn folder_note(&self, path: &Path) -> Option<PathBuf> {
        match self.place(path) {
            Place::Folder(_, note) => Some(note),
            _ => None,
        }
    }

    fn place(&self, path: &Path) -> Place {
        for folder in possible_submissions(path, &self.types) {
            let Some(tally) = self.folders.get(folder) else { continue };
            if tally.is_scattered() {
                continue;
            }
            if tally.pending > 0 {
                return Place::Undecided(folder.to_path_buf());
            }
            if let Some(note) = tally.only_note() {
                return Place::Folder(folder.to_path_buf(), note.clone());
            }
        }
        Place::Single
    }

    /// Whether a note that lies there names this file, so that it goes with that note.
    fn is_owned(&self, path: &Path) -> bool {
        self.owners(path).next().is_some()
    }

    /// The notes that lie there and own `path`. A file of fields that belongs to a note owns nothing itself.
    fn owners<'a>(&'a self, path: &'a Path) -> impl Iterator<Item = &'a PathBuf> {
        let namers = self.namers.get(&normalised(path)).into_iter().flatten();
        let file = self.files.get(path);
        namers.filter(move |namer| {
            let (Some(file), Some(by)) = (file, self.files.get(*namer)) else { return false };
            *namer != path && may_own(by, file) && (by.nature.kind == Kind::Note || !self.is_owned(namer))
        })
    }

    /// What goes with a note: the files it names, and all of the folder that it is the one note of.
    fn company(&self, note: &Path, owner: &Entry, folder: Option<&Path>) -> Company {
        let mut members = BTreeMap::new();
        let mut missing = false;
        for name in &owner.nature.names {
            let Some((path, entry)) = target(note, name).and_then(|path| self.find(&path)) else {
                missing = true;
                continue;
            };
            if path == note || (entry.is_read() && !may_own(owner, entry)) {
                continue;
            }
            if !entry.is_ready() && !entry.is_given_up() || entry.in_hand {
                return Company::NotYet(path.clone());
            }
            members.insert(name.clone(), path.clone());
        }
        if let Some(folder) = folder {
            let named: BTreeSet<PathBuf> = members.values().cloned().collect();
            for path in self.rest_of(folder).filter(|path| *path != note && !named.contains(*path)) {
                if self.files.get(path).is_some_and(|entry| entry.in_hand) {
                    return Company::NotYet(path.clone());
                }
                members.insert(way_from(folder, path), path.clone());
            }
        }
        let members = members.into_iter().filter_map(|(name, path)| {
            let stamp = self.files.get(&path)?.stamp;
            Some(Member { stays: self.stays(&path, note), path, stamp, name })
        });
        Company::Complete { members: members.collect(), missing }
    }

    /// The files of a submission folder, without those that are put aside or lie in a folder that only groups.
    fn rest_of<'a>(&'a self, folder: &'a Path) -> impl Iterator<Item = &'a PathBuf> {
        let below = self.files.range(folder.to_path_buf()..).take_while(move |(path, _)| path.starts_with(folder));
        let grouped = move |path: &Path| path.ancestors().skip(1).take_while(|above| *above != folder).any(names::only_groups);
        below.filter(move |(path, entry)| !entry.put_aside && !grouped(path)).map(|(path, _)| path)
    }

    /// Whether a file stays when `note` leaves.
    fn stays(&self, path: &Path, note: &Path) -> bool {
        let Some(entry) = self.files.get(path) else { return false };
        let named_elsewhere = self.owners(path).any(|owner| owner != note);
        let in_anothers_folder = self.folder_note(path).is_some_and(|other| other != note);
        entry.put_aside || named_elsewhere || in_anothers_folder
    }

    /// A known file by its name, however its letters are composed.
    fn find(&self, path: &Path) -> Option<(&PathBuf, &Entry)> {
        self.files.get_key_value(path).or_else(|| self.files.get_key_value(self.by_name.get(&normalised(path))?))
    }

    pub(super) fn hint(&self, note: &Path) -> Option<String> {
        let first = note.parent()?.components().next()?.as_os_str();
        let only_groups = names::only_groups(Path::new(first));
        let hint = || type_hint(note, &self.types).unwrap_or_else(|| first.to_string_lossy().into_owned());
        (!only_groups).then(hint)
    }
}

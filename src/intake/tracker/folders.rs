//! What each folder of the inbox holds, counted: how much of it is not quiet, and its notes.
//!
//! A change of one file changes the counts of the folders above it and nothing else, so that asking whether a
//! whole folder is quiet costs nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::intake::names;

/// What one file adds to the folders above it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Share {
    /// It is there, and not put aside.
    pub there: bool,
    /// It cannot be decided about yet.
    pub pending: bool,
    /// It may be a note, and which files it names is not known.
    pub unread: bool,
    /// It is a note.
    pub note: bool,
    /// It is a file of fields that can be a document.
    pub fields: bool,
}

/// The counts of one folder.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Files in it and below that cannot be decided about yet.
    pub pending: usize,
    /// Files right in it whose mentions are not known.
    pub unread: BTreeSet<PathBuf>,
    files: usize,
    /// It held several notes at once: what is left of it are single drops, although one note may be the last.
    scattered: bool,
    /// Notes in it and below.
    notes: usize,
    /// Files of fields in it and below.
    fields: usize,
    notes_here: BTreeSet<PathBuf>,
    fields_here: BTreeSet<PathBuf>,
    /// Its note when it was last decided that it is a submission as a whole.
    submission_of: Option<PathBuf>,
    /// The files to look at again when all of it is quiet, or it certainly is no submission.
    wait_for_quiet: BTreeSet<PathBuf>,
    /// The files to look at again when nothing in it is unread.
    wait_for_reading: BTreeSet<PathBuf>,
}

/// What is to be looked at again.
#[derive(Debug, Default)]
pub(super) struct Woken {
    /// These files.
    pub files: BTreeSet<PathBuf>,
    /// All files of these folders and below.
    pub folders: Vec<PathBuf>,
}

/// All folders in which there are files.
#[derive(Debug, Default)]
pub(super) struct Folders(BTreeMap<PathBuf, Tally>);

impl Tally {
    /// Whether it certainly is no submission as a whole: more than one note is in it, or was.
    pub fn is_scattered(&self) -> bool {
        self.scattered
    }

    /// Its one note, if it is a submission as a whole: right in it, and no other anywhere below. Where there is no
    /// note at all, the one file of fields.
    pub fn only_note(&self) -> Option<&PathBuf> {
        let (total, here) = if self.notes > 0 { (self.notes, &self.notes_here) } else { (self.fields, &self.fields_here) };
        here.first().filter(|_| total == 1 && !self.scattered)
    }

    fn count(&mut self, before: Share, after: Share) {
        let counts = [
            (&mut self.files, before.there, after.there),
            (&mut self.pending, before.pending, after.pending),
            (&mut self.notes, before.note, after.note),
            (&mut self.fields, before.fields, after.fields),
        ];
        for (count, before, after) in counts {
            *count = *count + usize::from(after) - usize::from(before);
        }
        self.scattered = (self.scattered && self.files > 0) || self.notes > 1;
    }

    /// Whether what its files belong to has changed. As long as it is not quiet, nothing is decided anew.
    fn has_turned(&mut self) -> bool {
        if self.pending > 0 && !self.scattered {
            return false;
        }
        let now = self.only_note().cloned();
        let before = std::mem::replace(&mut self.submission_of, now);
        before.is_some() && before != self.submission_of
    }

    fn is_empty(&self) -> bool {
        self.files == 0 && self.wait_for_quiet.is_empty() && self.wait_for_reading.is_empty()
    }
}

impl Folders {
    /// A folder's counts.
    pub fn get(&self, folder: &Path) -> Option<&Tally> {
        self.0.get(folder)
    }

    /// `path` is woken when all of the folder is quiet.
    pub fn wait_for_quiet(&mut self, folder: &Path, path: &Path) {
        self.0.entry(folder.to_path_buf()).or_default().wait_for_quiet.insert(path.to_path_buf());
    }

    /// `path` is woken when nothing right in the folder is unread.
    pub fn wait_for_reading(&mut self, folder: &Path, path: &Path) {
        self.0.entry(folder.to_path_buf()).or_default().wait_for_reading.insert(path.to_path_buf());
    }

    /// A file's share has changed. Tells what is to be looked at again because of it.
    pub fn change(&mut self, path: &Path, before: Share, after: Share) -> Woken {
        let mut woken = Woken::default();
        if before == after {
            return woken;
        }
        let mut counts_above = true;
        for (depth, folder) in path.ancestors().skip(1).enumerate() {
            let tally = self.0.entry(folder.to_path_buf()).or_default();
            if depth == 0 {
                list(&mut tally.unread, path, after.unread);
                list(&mut tally.notes_here, path, after.note);
                list(&mut tally.fields_here, path, after.fields);
            }
            if counts_above {
                tally.count(before, after);
            }
            counts_above &= !names::only_groups(folder);
            if tally.unread.is_empty() {
                woken.files.append(&mut tally.wait_for_reading);
            }
            if tally.pending == 0 || tally.scattered {
                woken.files.append(&mut tally.wait_for_quiet);
            }
            if tally.pending == 0 {
                woken.files.extend(tally.only_note().cloned());
            }
            if tally.has_turned() {
                woken.folders.push(folder.to_path_buf());
            }
            if tally.is_empty() {
                self.0.remove(folder);
            }
        }
        woken
    }
}

fn list(here: &mut BTreeSet<PathBuf>, path: &Path, listed: bool) {
    if listed {
        here.insert(path.to_path_buf());
    } else {
        here.remove(path);
    }
}

/// The folders above `path` that can be submissions as a whole, the outermost first.
///
/// Not the inbox itself, not a type's folder, and nothing above a folder that only groups.
pub(super) fn possible_submissions<'a>(path: &'a Path, types: &BTreeSet<String>) -> Vec<&'a Path> {
    let above = path.ancestors().skip(1).take_while(|folder| !folder.as_os_str().is_empty() && !names::only_groups(folder));
    let mut folders: Vec<&Path> = above.collect();
    folders.reverse();
    folders.retain(|folder| type_hint(folder, types).is_none() || folder.components().count() > 1);
    folders
}

/// The document type that the first folder on the way to `path` names.
pub(super) fn type_hint(path: &Path, types: &BTreeSet<String>) -> Option<String> {
    let first = path.components().next()?.as_os_str().to_string_lossy().to_lowercase();
    types.contains(&first).then_some(first)
}

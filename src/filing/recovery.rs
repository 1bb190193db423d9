//! Recovery: finishes or takes back what a writer left behind whose process is gone. Run at the start of any writer.
//!
//! A writer whose lock is held is alive and is not touched. Everything here can itself be interrupted and done again.

use std::collections::BTreeSet;
use std::fs::DirEntry;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::failure::{Checked, Problem};
use crate::register::{Leftovers, OpenLeft, Register, Removed, SetLeft, SourceFile};
use crate::storage::{TEMPORARY_PREFIX, hash_file, parent, sync_dir};

use super::disposed;
use super::removal::{MAX_DEPTH, hidden_by, put_back, relative, remove_set};
use super::taking_back::move_away;
use super::unfinished::{remove_if_there, sort, standing, take_back};

/// Something that was put right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recovered {
    /// A file was about to leave the inbox; it was what was filed, and is gone now.
    Removed(PathBuf),
    /// A file was about to leave the inbox and was changed meanwhile: it has its name again.
    PutBack(PathBuf),
    /// A document was not finished: its reservation is void and its note is processed anew.
    Voided {
        /// The reserved id.
        id: String,
        /// Its title.
        title: String,
    },
    /// Of a document there is nothing but the reservation, which nobody would have closed: it is void, and its number stays unused.
    Closed {
        /// Its title.
        title: String,
    },
    /// A document of which only the reservation can be read, and that may have been filed all the same: nothing of it was
    /// touched.
    Doubtful {
        /// Its title.
        title: String,
        /// The files that stand, relative to `archive/`.
        files: Vec<String>,
    },
}

/// Sees to all writers that are gone. `named_elsewhere` tells of a file in the inbox whether a note that lies there
/// names it: then it stays, as it would have.
///
/// # Errors
/// The machine's; what is left is found again the next time.
pub fn recover(inbox: &Path, archive: &Path, register: &Register, named_elsewhere: &dyn Fn(&Path) -> bool) -> Checked<Vec<Recovered>> {
    let (abandoned, lost) = register.leftovers()?;
    let mut recovered = close_lost(archive, register, lost)?;
    if abandoned.is_empty() {
        return Ok(recovered);
    }
    // One of them may have been disposing of records.
    disposed::finish(register)?;
    let mut hidden = Vec::new();
    let all_seen = find_hidden(inbox, 0, &mut hidden);
    for left in abandoned {
        // Asked before anything is moved.
        let (doubtful, open) = sort(archive, &left.open, inbox, &hidden)?;
        settle_hidden(inbox, &left, &hidden, named_elsewhere, &mut recovered)?;
        for set in &left.complete {
            finish_removal(inbox, set, &left, register, named_elsewhere, &mut recovered)?;
        }
        for open in &open {
            take_back(archive, open)?;
        }
        move_away(archive, &left.moves)?;
        let all_swept = remove_temporaries(archive, &left)?;
        for path in hidden.iter().filter(|path| is_temporary_of(path, &left)) {
            if path.is_dir() { remove_folder(path)? } else { remove_if_there(path).map(drop)? }
        }
        let places: Vec<_> = open.iter().map(|open| open.place.clone()).collect();
        if !places.is_empty() {
            register.void_many(&places, "The program stopped before the document was finished.")?;
        }
        register.mend()?;
        recovered.extend(open.iter().map(|open| Recovered::Voided { id: open.place.1.clone(), title: open.title.clone() }));
        recovered
            .extend(doubtful.into_iter().map(|open| Recovered::Doubtful { title: open.title.clone(), files: standing(archive, open) }));
        // What a folder holds that cannot be read now would be seen by nobody any more: the writer's file stays until then.
        if all_seen && all_swept {
            left.writer.retire()?;
        }
    }
    Ok(recovered)
}

/// Closes reservations whose writers ended in order, if nothing of their documents stands. What does stand was filed: `verify` names
/// it, and `rebuild` gives it its line again.
fn close_lost(archive: &Path, register: &Register, mut lost: Vec<OpenLeft>) -> Checked<Vec<Recovered>> {
    lost.retain(|open| !open.is_doubtful && standing(archive, open).is_empty());
    if !lost.is_empty() {
        register.close_lost(&lost)?;
    }
    Ok(lost.into_iter().map(|open| Recovered::Closed { title: open.title }).collect())
}

/// Every hidden name of ours below a folder; links are not followed. Gives whether every folder could be read.
fn find_hidden(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> bool {
    let Ok(entries) = entries(folder) else { return false };
    let mut seen = true;
    for entry in entries {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && depth < MAX_DEPTH && !is_ours(&entry.file_name()) => {
                seen &= find_hidden(&entry.path(), depth + 1, found)
            }
            Ok(_) if is_ours(&entry.file_name()) => found.push(entry.path()),
            Ok(_) => {}
            Err(_) => seen = false,
        }
    }
    seen
}

fn is_ours(name: &std::ffi::OsStr) -> bool {
    name.to_str().is_some_and(|name| hidden_by(name).is_some() || name.starts_with(TEMPORARY_PREFIX))
}

/// What stands in a folder; nothing if it is not there.
fn entries(folder: &Path) -> io::Result<Vec<DirEntry>> {
    match std::fs::read_dir(folder) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(Vec::new()),
        entries => entries?.collect(),
    }
}

/// Files under a removal name: deleted if they are what was filed, else put back.
fn settle_hidden(
    inbox: &Path,
    left: &Leftovers,
    hidden: &[PathBuf],
    named_elsewhere: &dyn Fn(&Path) -> bool,
    recovered: &mut Vec<Recovered>,
) -> Checked<()> {
    let own: Vec<Hidden> = hidden.iter().filter_map(|place| Hidden::of(place, inbox, left.writer.name())).collect::<Checked<_>>()?;
    // Decided before anything is moved: what is put back must not change what is thought of the next.
    let decided: Vec<bool> = own.iter().map(|file| may_go(file, &own, inbox, left, named_elsewhere)).collect();
    for (file, may_go) in own.iter().zip(decided) {
        if may_go {
            std::fs::remove_file(&file.place).map_err(|error| Problem::machine("remove from the inbox", &file.path, &error))?;
            recovered.push(Recovered::Removed(file.path.clone()));
        } else {
            let back = put_back(&file.place, &file.path);
            let back = back.map_err(|error| Problem::machine("put back into the inbox", &file.path, &error))?;
            recovered.push(Recovered::PutBack(back));
        }
    }
    // Nothing will look for this writer's files any more, so none may come back with the power.
    let folders: BTreeSet<&Path> = own.iter().map(|file| parent(&file.place)).collect();
    folders.into_iter().try_for_each(sync_dir)
}

/// A file under a removal name.
struct Hidden {
    place: PathBuf,
    path: PathBuf,
    /// Relative to the inbox.
    name: String,
    sha256: String,
}

impl Hidden {
    /// `None` if it is another writer's, or gone by now.
    fn of(place: &Path, inbox: &Path, writer: &str) -> Option<Checked<Self>> {
        let (_, own) = place.file_name()?.to_str().and_then(hidden_by).filter(|(by, _)| *by == writer)?;
        let path = place.with_file_name(own);
        let name = relative(inbox, &path)?;
        match hash_file(place) {
            Ok(sha256) => Some(Ok(Self { place: place.to_owned(), path, name, sha256 })),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => Some(Err(Problem::machine("read", place, &error).into())),
        }
    }
}

/// It is what was filed, and so is the note that it belonged to: an edited note keeps its company.
fn may_go(file: &Hidden, all: &[Hidden], inbox: &Path, left: &Leftovers, named_elsewhere: &dyn Fn(&Path) -> bool) -> bool {
    left.complete.iter().any(|set| {
        let is_it = |filed: &&SourceFile| filed.sha256 == file.sha256 && folder(&filed.name) == folder(&file.name);
        let Some(position) = set.inbox.iter().position(|filed| is_it(&filed)) else { return false };
        let note = &set.inbox[0];
        position == 0 || (!named_elsewhere(&file.path) && !is_edited(note, all, inbox))
    })
}

/// Whether something else than what was filed has the note's name, hidden or not.
fn is_edited(note: &SourceFile, all: &[Hidden], inbox: &Path) -> bool {
    let hidden = all.iter().any(|file| file.name == note.name && file.sha256 != note.sha256);
    hidden || hash_file(&inbox.join(&note.name)).is_ok_and(|hash| hash != note.sha256)
}

/// An arrival that is filed whole leaves the inbox, if its note is still what was filed.
fn finish_removal(
    inbox: &Path,
    set: &SetLeft,
    left: &Leftovers,
    register: &Register,
    named_elsewhere: &dyn Fn(&Path) -> bool,
    recovered: &mut Vec<Recovered>,
) -> Checked<()> {
    let Some(note) = set.inbox.first() else { return Ok(()) };
    if set.waiting.is_empty() {
        return Ok(());
    }
    let note_path = inbox.join(&note.name);
    let mut removal = remove_set(&[(note_path.clone(), note.sha256.clone())], left.writer.name())?;
    if removal.edited.is_empty() {
        for file in &set.inbox[1..] {
            let path = inbox.join(&file.name);
            if !named_elsewhere(&path) {
                // One that was changed since stays: it is not what was filed.
                removal.deleted += remove_set(&[(path, file.sha256.clone())], left.writer.name())?.deleted;
            }
        }
        if removal.deleted > 0 {
            recovered.push(Recovered::Removed(note_path));
        }
    }
    let outcome = removal.outcome().to_owned();
    register.settle(Removed { of: set.waiting.clone(), source: note.name.clone(), outcome });
    Ok(())
}

/// Gives whether every folder could be read.
fn remove_temporaries(archive: &Path, left: &Leftovers) -> Checked<bool> {
    let prefix = format!("{TEMPORARY_PREFIX}{}-", left.writer.name());
    let mut all_read = true;
    for folder in &left.folders {
        let folder = archive.join(folder);
        let Ok(entries) = entries(&folder) else {
            all_read = false;
            continue;
        };
        let mut removed = false;
        for entry in entries.iter().filter(|entry| entry.file_name().to_string_lossy().starts_with(&prefix)) {
            removed |= remove_if_there(&entry.path())?;
        }
        let stays = remove_empty(archive, &folder);
        if removed {
            sync_dir(stays)?;
        }
    }
    Ok(all_read)
}

/// A file, or a folder of them, that was about to be laid into the inbox.
fn is_temporary_of(path: &Path, left: &Leftovers) -> bool {
    let prefix = format!("{TEMPORARY_PREFIX}{}-", left.writer.name());
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&prefix))
}

fn remove_folder(path: &Path) -> Checked<()> {
    std::fs::remove_dir_all(path).map_err(|error| Problem::machine("remove", path, &error).into())
}

/// Removes a folder that was made for a document that never came, and those above; gives the one that stays.
pub(super) fn remove_empty<'a>(archive: &'a Path, folder: &'a Path) -> &'a Path {
    let mut parents = folder.ancestors().take_while(|folder| *folder != archive && folder.starts_with(archive));
    let gone = |folder: &Path| match std::fs::remove_dir(folder) {
        Ok(()) => true,
        Err(error) => error.kind() == ErrorKind::NotFound,
    };
    parents.find(|folder| !gone(folder)).unwrap_or(archive)
}

fn folder(name: &str) -> &str {
    name.rsplit_once('/').map_or("", |(folder, _)| folder)
}

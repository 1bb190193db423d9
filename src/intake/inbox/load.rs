//! Reading a set that is whole: each file once, as it was when it was found quiet.

use std::path::{Path, PathBuf};
use std::time::Instant;

use super::Inbox;
use crate::failure::{Problem, Problems};
use crate::intake::disk::Unread;
use crate::intake::tracker::{Set, Stamp, slashed};
use crate::intake::{Arrival, Glancing, MAX_NOTE_BYTES, MAX_OWNED_BYTES, most_bytes};
use crate::model::Dropped;

/// A set of more bytes than this is not read.
pub const MAX_SET_BYTES: u64 = 256 << 20;
/// A set of more files than this is not read.
pub const MAX_SET_FILES: usize = 1_000;

/// A set of files from the inbox.
#[derive(Debug)]
pub struct Found {
    /// The note's path, relative to the inbox.
    pub name: PathBuf,
    /// The set, or why it cannot be read.
    pub arrival: Result<Arrival, Problems>,
    /// The folder that is this submission as a whole: it goes when it is empty.
    pub folder: Option<PathBuf>,
    /// All its files, relative to the inbox, the note first.
    pub files: Vec<PathBuf>,
}

impl Found {
    /// A file that cannot be read, by itself.
    pub(super) fn unreadable(path: &Path, problems: Problems) -> Self {
        Self { name: path.to_path_buf(), arrival: Err(problems), folder: None, files: vec![path.to_path_buf()] }
    }
}

impl Inbox {
    /// Reads which files a note names. One that the machine does not let us read is given as that: taken for a note that
    /// names nothing, it would lose its company.
    pub(super) fn glance(&mut self, path: &Path, stamp: Stamp, now: Instant, glance: Glancing<'_>) -> Option<Found> {
        let bytes = match self.disk.read(path, stamp, MAX_NOTE_BYTES) {
            Err(Unread::Changed) => {
                self.tracker.doubt(path, now);
                self.look_again(path, false, now);
                return None;
            }
            Err(Unread::Failed(error)) => {
                let problem = Problem::machine("read", &self.path(path), &error);
                return self.tracker.unreadable(path, stamp).then(|| Found::unreadable(path, problem.into()));
            }
            Ok(bytes) if bytes.len() as u64 > MAX_NOTE_BYTES => Vec::new(),
            Ok(bytes) => bytes,
        };
        let glance = match glance(&slashed(path), &bytes) {
            Ok(glance) => glance,
            Err(problems) => return self.tracker.unreadable(path, stamp).then(|| Found::unreadable(path, problems)),
        };
        if bytes.len() as u64 == stamp.size {
            self.read = Some((path.to_path_buf(), stamp, bytes.into()));
        }
        self.tracker.glanced(path, stamp, &glance, now);
        None
    }

    /// Reads a set; `None` if it changed while it was read.
    pub(super) fn take(&mut self, set: Set, now: Instant) -> Option<Found> {
        match self.load(&set) {
            Ok(arrival) => Some(Found {
                folder: set.folder.as_ref().map(|folder| self.places.inbox.join(folder)),
                files: set.stamps().into_iter().map(|(path, _)| path).collect(),
                name: set.note.0,
                arrival,
            }),
            Err(()) => {
                self.tracker.abandon(&set.note.0, now);
                None
            }
        }
    }

    fn load(&mut self, set: &Set) -> Result<Result<Arrival, Problems>, ()> {
        if let Some(problem) = too_much(set) {
            return Ok(Err(problem.into()));
        }
        let (path, stamp) = &set.note;
        let mut problems = Vec::new();
        let note = self.load_file(path, *stamp, slashed(path), most_bytes(path), &mut problems)?;
        let mut company = Vec::new();
        for member in &set.company {
            company.extend(self.load_file(&member.path, member.stamp, member.name.clone(), MAX_OWNED_BYTES, &mut problems)?);
        }
        let shared = set.company.iter().filter(|member| member.stays).map(|member| self.path(&member.path)).collect();
        let Some(note) = note.filter(|_| problems.is_empty()) else {
            return Ok(Err(Problems::of(problems).unwrap_or_else(|| Problem::new("empty", "Nothing was read.", "Save it again.").into())));
        };
        Ok(Ok(Arrival { note, company, folder: set.hint.clone(), shared }))
    }

    fn load_file(
        &mut self,
        path: &Path,
        stamp: Stamp,
        name: String,
        limit: u64,
        problems: &mut Vec<Problem>,
    ) -> Result<Option<Dropped>, ()> {
        let known = self.read.take_if(|(known, as_it_was, _)| known == path && *as_it_was == stamp);
        let bytes = match known {
            Some((_, _, bytes)) => bytes,
            None => match self.disk.read(path, stamp, limit) {
                Ok(bytes) => bytes.into(),
                Err(Unread::Changed) => return Err(()),
                Err(Unread::Failed(error)) => {
                    problems.push(Problem::machine("read", &self.path(path), &error));
                    return Ok(None);
                }
            },
        };
        Ok(Some(Dropped { path: self.path(path), name, modified: stamp.modified.into(), bytes }))
    }
}

fn too_much(set: &Set) -> Option<Problem> {
    let files = set.company.len() + 1;
    let bytes: u64 = set.stamps().iter().map(|(_, stamp)| stamp.size).sum();
    let help = "Divide it into several, or attach less.";
    let message = if files > MAX_SET_FILES {
        format!("This note and what belongs to it are {files} files; at most {MAX_SET_FILES} are taken together.")
    } else if bytes > MAX_SET_BYTES {
        format!("This note and what belongs to it are {} MB; at most {} MB are taken together.", bytes >> 20, MAX_SET_BYTES >> 20)
    } else {
        return None;
    };
    let note = slashed(&set.note.0);
    (files > 1).then(|| Problem::new("too-much", message, help).in_file(note))
}

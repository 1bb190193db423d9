//! What lies in the inbox and why it waits, told from the folder alone: no watcher need run, and nothing is changed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::Glancing;
use super::MAX_NOTE_BYTES;
use super::disk::{Disk, Lies};
use super::names::{self, Untaken};
use super::problem_notes::{self, ProblemNotes, Standing};
use super::tracker::{Stamp, normalised, slashed, target};
use super::writers::Writers;
use crate::failure::{Checked, Problem};
use crate::reading::Glance;

/// A file in the inbox that is not filed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Waiting {
    /// Its name: relative to the inbox, with `/`.
    pub path: String,
    /// What kind of reason it is.
    pub why: Why,
    /// The reason in words.
    pub reason: String,
    /// When the file was last changed.
    pub since: DateTime<Utc>,
    /// What its problem note says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problems: Option<String>,
}

/// Why a file waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// Its name begins with `_`.
    PutAside,
    /// `draft: true` stands in it.
    Draft,
    /// It has a problem note.
    Problem,
    /// It goes with a note that waits.
    Company,
    /// It names a file that is not there.
    Missing,
    /// A program has it open for writing.
    BeingWritten,
    /// It is no ordinary file, or cannot be read, or cannot leave the inbox.
    Blocked,
    /// It is next.
    Next,
}

/// Everything that lies in the inbox and is not filed, in the order of the names. `state` is the office's
/// `.chancery` folder, `glance` says which files a note names.
///
/// # Errors
/// The inbox cannot be read.
pub fn waiting(inbox: &Path, state: &Path, glance: Glancing<'_>) -> Checked<Vec<Waiting>> {
    let disk = Disk::new(inbox.to_path_buf(), true);
    let found = disk.walk_all().map_err(|error| Problem::machine("read the inbox", inbox, &error))?;
    let drops: BTreeMap<PathBuf, Lies> = found.into_iter().filter(|(path, _)| may_wait(&disk, path)).collect();
    let survey = Survey {
        notes: ProblemNotes::new(inbox, state),
        writers: Writers::now(),
        owners: BTreeMap::new(),
        glances: BTreeMap::new(),
        disk,
        drops,
    };
    let survey = survey.read_notes(glance);
    Ok(survey.drops.iter().map(|(path, lies)| survey.tell(path, *lies)).collect())
}

/// Whether a note in the inbox, other than the file itself, names the file at `path`.
pub fn is_named(inbox: &Path, path: &Path, glance: Glancing<'_>) -> bool {
    let Ok(name) = path.strip_prefix(inbox) else { return false };
    let disk = Disk::new(inbox.to_path_buf(), true);
    name.ancestors().skip(1).any(|folder| {
        let notes = disk.files_in(folder).into_iter().filter(|(note, _)| note != name && may_wait(&disk, note));
        notes.into_iter().any(|(note, stamp)| {
            let mentions = read(&disk, &note, stamp, glance).map(|glance| glance.mentions).unwrap_or_default();
            mentions.iter().filter_map(|mention| target(&note, &mention.name)).any(|named| normalised(&named) == normalised(name))
        })
    })
}

struct Survey {
    disk: Disk,
    notes: ProblemNotes,
    writers: Writers,
    drops: BTreeMap<PathBuf, Lies>,
    glances: BTreeMap<PathBuf, Glance>,
    /// A note that names it, by a file's normalised name.
    owners: BTreeMap<String, PathBuf>,
}

impl Survey {
    fn read_notes(mut self, glance: Glancing<'_>) -> Self {
        for (path, lies) in &self.drops {
            let Lies::File(stamp) = lies else { continue };
            let Some(glance) = read(&self.disk, path, *stamp, glance) else { continue };
            for named in glance.mentions.iter().filter_map(|mention| target(path, &mention.name)) {
                self.owners.entry(normalised(&named)).or_insert_with(|| path.clone());
            }
            self.glances.insert(path.clone(), glance);
        }
        self
    }

    fn tell(&self, path: &Path, lies: Lies) -> Waiting {
        let (why, reason) = self.reason(path, lies);
        let since = match lies {
            Lies::File(stamp) => stamp.modified.into(),
            _ => DateTime::UNIX_EPOCH,
        };
        let problems = (why == Why::Problem).then(|| self.notes.read(path)).flatten();
        Waiting { path: slashed(path), why, reason, since, problems }
    }

    fn reason(&self, path: &Path, lies: Lies) -> (Why, String) {
        let stamp = match lies {
            Lies::File(stamp) => stamp,
            Lies::Link => return (Why::Blocked, "is a link, which is never followed: put the file itself here".to_owned()),
            _ => return (Why::Blocked, "is no ordinary file".to_owned()),
        };
        let file_name = path.file_name().unwrap_or_default().to_string_lossy();
        if names::untaken(&file_name) == Some(Untaken::PutAside) {
            return (Why::PutAside, "is put aside: its name begins with `_`".to_owned());
        }
        if self.glances.get(path).is_some_and(|glance| glance.is_draft) {
            return (Why::Draft, "is a draft: `draft: true` stands in it".to_owned());
        }
        if self.notes.read(path).is_some() {
            return (Why::Problem, "has a problem".to_owned());
        }
        let owner = self.owners.get(&normalised(path)).filter(|owner| *owner != path);
        if let Some(owner) = owner.filter(|_| !self.glances.get(path).is_some_and(|glance| glance.is_note)) {
            return (Why::Company, format!("goes with {}", slashed(owner)));
        }
        self.reason_of_next(path, stamp)
    }

    fn reason_of_next(&self, path: &Path, stamp: Stamp) -> (Why, String) {
        if self.writers.have_open(stamp) {
            return (Why::BeingWritten, "is open for writing in another program".to_owned());
        }
        if let Err(error) = self.disk.can_read(path) {
            return (Why::Blocked, format!("cannot be read: {error}"));
        }
        if let Err(error) = self.disk.can_remove(path) {
            return (Why::Blocked, format!("cannot leave its folder: {error}"));
        }
        let mentions = self.glances.get(path).map(|glance| glance.mentions.as_slice()).unwrap_or_default();
        let is_missing = |name: &&str| target(path, name).is_some_and(|named| !self.lies_there(&named));
        let mut missing: Vec<&str> = mentions.iter().map(|mention| mention.name.as_str()).filter(is_missing).collect();
        missing.sort_unstable();
        missing.dedup();
        if missing.is_empty() { (Why::Next, "is next".to_owned()) } else { (Why::Missing, format!("waits for {}", missing.join(", "))) }
    }

    fn lies_there(&self, path: &Path) -> bool {
        self.drops.contains_key(path) || self.drops.keys().any(|known| normalised(known) == normalised(path))
    }
}

/// Whether a file is somebody's drop: no temporary file, no problem note of ours.
fn may_wait(disk: &Disk, path: &Path) -> bool {
    names::is_open(path) && problem_notes::standing(disk, path) == Standing::None
}

/// What a note says of itself; `None` if it is none or cannot be read.
fn read(disk: &Disk, path: &Path, stamp: Stamp, glance: Glancing<'_>) -> Option<Glance> {
    let bytes = names::may_be_note(path).then(|| disk.read(path, stamp, MAX_NOTE_BYTES).ok()).flatten()?;
    let bytes = if bytes.len() as u64 > MAX_NOTE_BYTES { &[][..] } else { &bytes };
    glance(&slashed(path), bytes).ok()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::intake::glance_here;

    #[test]
    fn each_file_says_why_it_waits() {
        let office = tempfile::tempdir().unwrap();
        let (inbox, state) = (office.path().join("inbox"), office.path().join(".chancery"));
        fs::create_dir_all(inbox.join("sub")).unwrap();
        let files = [
            ("_later.md", "# Later"),
            ("bad.md", "# Bad"),
            ("draft.md", "---\ndraft: true\n---\n# Draft\n\n![](photo.png)"),
            ("here.md", "# Here\n\n![](sub/here.png)"),
            ("photo.png", "png"),
            ("sub/here.png", "png"),
            ("sub/missing.md", "# Missing\n\n![](x.png) ![](a.png) ![](x.png)"),
            ("x.md~", "temporary"),
            (".hidden", "hidden"),
        ];
        for (name, text) in files {
            fs::write(inbox.join(name), text).unwrap();
        }
        let problem = Problem::new("bad", "It is bad.", "Make it good.");
        ProblemNotes::new(&inbox, &state).write(Path::new("bad.md"), &problem.into()).unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink("bad.md", inbox.join("link.md")).unwrap();
        let told = waiting(&inbox, &state, &glance_here).unwrap();
        let told: Vec<_> = told.iter().map(|file| (file.path.as_str(), file.why, file.reason.as_str(), file.problems.is_some())).collect();
        let mut expected = vec![
            ("_later.md", Why::PutAside, "is put aside: its name begins with `_`", false),
            ("bad.md", Why::Problem, "has a problem", true),
            ("draft.md", Why::Draft, "is a draft: `draft: true` stands in it", false),
            ("here.md", Why::Next, "is next", false),
            ("photo.png", Why::Company, "goes with draft.md", false),
            ("sub/here.png", Why::Company, "goes with here.md", false),
            ("sub/missing.md", Why::Missing, "waits for a.png, x.png", false),
        ];
        if cfg!(unix) {
            expected.insert(4, ("link.md", Why::Blocked, "is a link, which is never followed: put the file itself here", false));
        }
        assert_eq!(told, expected);
        assert!(is_named(&inbox, &inbox.join("sub/here.png"), &glance_here));
        assert!(!is_named(&inbox, &inbox.join("bad.md"), &glance_here));
        fs::remove_file(inbox.join("here.md")).unwrap();
        assert!(!is_named(&inbox, &inbox.join("sub/here.png"), &glance_here));
    }
}

//! Filing: places renditions in the archive, commits them durably, and clears the inbox.
//!
//! The order is what keeps the promise that nothing is lost: temporary file, sync, rename without replacing, sync of the
//! folders, then the `filed` line, which is the commit, and only then does the note leave the inbox. Whatever fails
//! before the commit is taken back; nothing here ever replaces or changes a file that stands in the archive.

pub mod attached;
mod details;
mod disposed;
mod excerpt;
mod fingerprint;
mod identity;
mod originals;
mod place;
pub mod rebuilding;
mod recovery;
mod removal;
mod standing;
mod taking_back;
#[cfg(test)]
mod tests;
mod unfinished;
pub mod verification;
mod walk;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::failure::{Blame, Checked, Problem, Problems};
use crate::model::sha256_hex;
use crate::parallel;
use crate::register::{self, FiledFile, Record, Register, Ticket};
use crate::storage::{crash_point, make_folders, parent, rename_new, sync_dir, write_temporary};

pub use details::Details;
pub use disposed::{Disposing, foreign_content};
pub use originals::{Original, Originals, SOURCE, bytes_of, originals, text_of_note};
pub use place::{Naming, place, place_of_owned, place_of_signed, places};
pub use recovery::{Recovered, recover};
pub use removal::{Cleared, clear_inbox, inbox_files};
pub use standing::document_in;
pub(crate) use taking_back::{move_away, put_aside, put_back};

/// The role of a scan that joined a record.
pub const SIGNED: &str = "signed";
/// Where files of filings that were undone stand: no record has them any more.
const UNDONE: &str = "undone/";

/// A file of a record, finished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FinishedFile {
    /// `document`, `reading`, `press`, `source`.
    pub role: String,
    /// Relative to `archive/`, with `/`: one of the ticket's places.
    pub path: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// A record that is finished and waits to be filed.
#[derive(Clone, Debug)]
pub struct Finished {
    /// Admission's leave.
    pub ticket: Ticket,
    /// What it is made from.
    pub details: Details,
    /// Its files.
    pub files: Vec<FinishedFile>,
    /// Pages of the first file.
    pub pages: u32,
}

/// Files one record. When this returns `Ok`, its files and its line in the register are durable.
///
/// # Errors
/// The machine's, in plain words. Then nothing of it stands, and its ticket is void: admit it again.
pub fn file(
    archive: &Path,
    register: &Register,
    ticket: &Ticket,
    details: Details,
    files: Vec<FinishedFile>,
    pages: u32,
) -> Checked<Record> {
    let finished = Finished { ticket: ticket.clone(), details, files, pages };
    let nothing = || Problem::new("filing", "Nothing was filed.", "Try again.").blaming(Blame::Machine).into();
    file_many(archive, register, vec![finished]).pop().unwrap_or_else(|| Err(nothing()))
}

/// Files several records with one sync for each folder and one for the register; one answer for each, in order.
pub fn file_many(archive: &Path, register: &Register, finished: Vec<Finished>) -> Vec<Checked<Record>> {
    let writer = match register.writer() {
        Ok(writer) => writer,
        Err(problems) => return give_up(register, &finished, &problems),
    };
    let threads = if finished.len() < FEW { 1 } else { SYNCS_AT_ONCE };
    let mut placed = parallel::map(finished.iter().collect(), threads, |record| Placed::write(archive, &writer, record));
    crash_point("filing::synced");
    for result in &mut placed {
        if let Ok(record) = result
            && let Err(problems) = record.rename()
        {
            *result = Err(problems);
        }
    }
    crash_point("filing::renamed");
    sync_folders(&mut placed);
    crash_point("filing::folders-synced");
    let answers = commit(register, &finished, placed);
    crash_point("filing::committed");
    answers
}

/// Up to so many records are written one after the other: threads would cost more than they save.
const FEW: usize = 4;

/// How many files of a group are written and synced side by side. A journalling file system writes several waiting syncs
/// with one flush of the disk; more threads than this gain nothing where it was measured (ext4: one 3,300 files of 20 KB
/// a second, eight 9,200, thirty-two 4,000).
const SYNCS_AT_ONCE: usize = 8;

/// Writes the `filed` lines of those that stand in their places; takes back the others, and all if that fails.
fn commit(register: &Register, finished: &[Finished], placed: Vec<Checked<Placed>>) -> Vec<Checked<Record>> {
    let ready = finished.iter().zip(&placed).filter_map(|(record, placed)| placed.as_ref().ok().map(|placed| line(record, placed)));
    let ready: Vec<_> = ready.collect();
    let committed = if ready.is_empty() { Ok(Vec::new()) } else { register.commit(ready) };
    let mut failed = Vec::new();
    let mut answers = Vec::new();
    let (mut committed, failure) = match committed {
        Ok(records) => (records.into_iter(), None),
        Err(problems) => (Vec::new().into_iter(), Some(problems)),
    };
    for (record, placed) in finished.iter().zip(placed) {
        let answer = placed.and_then(|placed| {
            let answer = match &failure {
                Some(problems) => Err(problems.clone()),
                None => committed.next().unwrap_or_else(|| Err(not_committed())),
            };
            // If it is not known whether the line is durable, the files stay: recovery sees to them.
            if answer.as_ref().is_err_and(|problems| !register::is_uncertain(problems)) {
                placed.take_back();
            }
            answer
        });
        if let Err(problems) = &answer {
            failed.push(((record.ticket.reserve, record.ticket.id.clone()), reason(problems)));
        }
        answers.push(answer);
    }
    void(register, failed);
    answers
}

fn give_up(register: &Register, finished: &[Finished], problems: &Problems) -> Vec<Checked<Record>> {
    let places = finished.iter().map(|record| ((record.ticket.reserve, record.ticket.id.clone()), reason(problems)));
    void(register, places.collect());
    finished.iter().map(|_| Err(problems.clone())).collect()
}

/// Closes the reservations of what was not filed; if even that fails, it goes with the next commit.
fn void(register: &Register, failed: Vec<((u64, String), String)>) {
    let Some((_, reason)) = failed.first().cloned() else { return };
    let places: Vec<_> = failed.into_iter().map(|(place, _)| place).collect();
    let _ = register.void_many(&places, &reason);
}

fn reason(problems: &Problems) -> String {
    problems.first().message.clone()
}

fn not_committed() -> Problems {
    Problem::new("filing", "The register gave no answer.", "It is tried again by itself.").blaming(Blame::Machine).into()
}

fn line(record: &Finished, placed: &Placed) -> register::Filed {
    let (ticket, details) = (&record.ticket, record.details.clone());
    register::Filed {
        relates: details.relates,
        id: ticket.id.clone(),
        document_type: details.document_type,
        title: details.title,
        date: details.date,
        series: details.series,
        number: ticket.number.clone(),
        version: ticket.version,
        supersedes: ticket.supersedes,
        source: details.source,
        source_sha256: details.source_sha256,
        content_sha256: details.content_sha256,
        part: register::key_of(ticket.part.as_ref()),
        parts: details.parts,
        template_sha256: details.template_sha256,
        files: placed.files.iter().map(|file| file.filed.clone()).collect(),
        pages: record.pages,
        filed_at: ticket.filed_at,
        reserve: ticket.reserve,
        note_id: details.note_id,
        committee: details.committee,
        people: details.people,
        status: details.status,
        said: details.said,
        joins: details.joins,
        instead_of: details.instead_of,
    }
}

/// A record's files on the disk, before the commit.
struct Placed {
    files: Vec<PlacedFile>,
}

struct PlacedFile {
    filed: FiledFile,
    temporary: PathBuf,
    path: PathBuf,
    stands: bool,
}

impl Placed {
    /// Writes and syncs each file under a temporary name beside its place.
    fn write(archive: &Path, writer: &str, record: &Finished) -> Checked<Self> {
        let mut placed = Self { files: Vec::new() };
        for file in &record.files {
            match write_one(archive, writer, &record.ticket, file) {
                Ok(file) => placed.files.push(file),
                Err(problems) => {
                    placed.take_back();
                    return Err(problems);
                }
            }
        }
        Ok(placed)
    }

    /// Gives each file its name; on an error all are taken back.
    fn rename(&mut self) -> Checked<()> {
        for index in 0..self.files.len() {
            let file = &mut self.files[index];
            match rename_new(&file.temporary, &file.path) {
                Ok(()) => file.stands = true,
                Err(error) => {
                    let problem = Problem::machine("write", &file.path, &error);
                    self.take_back();
                    return Err(problem.into());
                }
            }
        }
        Ok(())
    }

    /// Removes what was written and not committed. What cannot be removed, recovery finds by its reservation.
    fn take_back(&self) {
        for file in &self.files {
            let removed = std::fs::remove_file(if file.stands { &file.path } else { &file.temporary });
            if removed.is_ok() && file.stands {
                // Before its reservation is void: nobody would know the file if it came back with the power.
                let _ = sync_dir(parent(&file.path));
            }
        }
    }
}

fn write_one(archive: &Path, writer: &str, ticket: &Ticket, file: &FinishedFile) -> Checked<PlacedFile> {
    if !ticket.places.iter().any(|place| place.path == file.path) {
        let message = format!("{} is not a place that admission gave.", file.path);
        let help = "This should not happen; please tell whoever makes the program.";
        return Err(Problem::new("filing-place", message, help).blaming(Blame::Machine).into());
    }
    let path = archive.join(&file.path);
    let folder = parent(&path);
    make_folders(folder)?;
    let temporary = match write_temporary(folder, writer, &file.bytes) {
        // Another's recovery took the folder away while it was empty.
        Err(_) if !folder.exists() => make_folders(folder).and_then(|()| write_temporary(folder, writer, &file.bytes))?,
        written => written?,
    };
    let filed = FiledFile { role: file.role.clone(), path: file.path.clone(), sha256: sha256_hex(&file.bytes) };
    Ok(PlacedFile { filed, temporary, path, stands: false })
}

/// Syncs each folder once; a record whose folder cannot be synced is taken back.
fn sync_folders(placed: &mut [Checked<Placed>]) {
    let folders: BTreeSet<PathBuf> =
        placed.iter().flatten().flat_map(|record| &record.files).map(|file| parent(&file.path).to_owned()).collect();
    for folder in folders {
        let Err(problems) = sync_dir(&folder) else { continue };
        for result in placed.iter_mut() {
            if result.as_ref().is_ok_and(|record| record.files.iter().any(|file| parent(&file.path) == folder)) {
                if let Ok(record) = result {
                    record.take_back();
                }
                *result = Err(problems.clone());
            }
        }
    }
}

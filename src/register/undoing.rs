//! Taking back: a record no longer stands, because what it was made from lies in the inbox again.
//!
//! All under one lock: first the files are put back, then the lines are written. So nobody takes them for a duplicate, or files
//! them again, in between; and whoever dies in between leaves a copy in the inbox, which the next run knows as a duplicate.

use std::path::Path;

use crate::failure::{Blame, Checked, Problem};
use crate::model::TypeName;
use crate::storage::name::{fold, with_suffix};
use crate::storage::{WriterLock, crash_point};

use super::admission::BEING_FILED;
use super::afterwards::MovedFile;
use super::entry::Entry;
use super::event::{Happening, Void};
use super::index::Index;
use super::key::Key;
use super::{Move, Record, RecordState, Register, SourceFile};

/// The code of the problem that a note was taken back and is as it was then.
pub const TAKEN_BACK: &str = "taken-back";

/// Where the files of records that were taken back stand, relative to `archive/`.
const FOLDER: &str = "undone";

/// Why the line of a record that was taken back is void.
const REASON: &str = "undone";

/// How a record that is to be taken back came.
#[derive(Clone, Debug)]
pub(crate) struct Came {
    /// Its note in the inbox, if it came from there.
    pub(crate) note: Option<SourceFile>,
    /// That note still waits to leave the inbox, as far as the register knows.
    pub(crate) waits: bool,
}

impl Register {
    /// The records of the same arrival and type that stand, each in its newest version.
    ///
    /// # Errors
    /// The machine's.
    pub(crate) fn arrival(&self, record: &Record) -> Checked<Vec<RecordState>> {
        let inner = self.lock();
        let arrival = Key::Arrival(record.source_sha256.clone());
        let current = |entry: &&Entry| entry.superseded_by.is_none() && entry.record.joins.is_none();
        let same = inner.index.standing(&arrival).filter(current).filter(|entry| entry.record.document_type == record.document_type);
        Ok(same.map(Entry::state).collect())
    }

    /// Takes back the records of these `filed` lines: `put_back` lays their files into the inbox and gives their names there,
    /// then each gets its `void` line. Gives where the records' own files are to be moved, which is done after this.
    ///
    /// # Errors
    /// One of them no longer stands, or is being filed anew; what `put_back` says; the machine's. Then nothing is taken back.
    pub(crate) fn take_back(&self, seqs: &[u64], put_back: impl FnOnce(&[Came]) -> Checked<Vec<String>>) -> Checked<Vec<Move>> {
        let taken = self.session(None, "undone", |session| {
            let index = &session.inner.index;
            let came = seqs.iter().map(|seq| came(*seq, index, self.archive())).collect::<Checked<Vec<_>>>()?;
            let returned = put_back(&came)?;
            crash_point("undo::put-back");
            let mut moves = Vec::new();
            // The last number goes first, so that all of an arrival can be given again.
            let mut seqs = seqs.to_vec();
            seqs.sort_unstable_by(|a, b| b.cmp(a));
            for seq in seqs {
                let writer = session.writer();
                let Some(entry) = session.inner.index.entry(seq) else { continue };
                let files = free_places(&entry.record, &session.inner.index, self.archive());
                let moved = |file: &MovedFile| Move { of: seq, from: file.from.clone(), to: file.to.clone() };
                moves.extend(files.iter().map(moved));
                let void = Void { files, returned: returned.clone(), writer: Some(writer), ..voided(&entry.record, &session.inner.index) };
                session.push(Happening::Void(void))?;
            }
            Ok(moves)
        });
        crash_point("undo::committed");
        taken
    }
}

/// How the record came, if it can be taken back.
fn came(seq: u64, index: &Index, archive: &Path) -> Checked<Came> {
    let stands = |entry: &&Entry| entry.void.is_none() && entry.disposed.is_none() && entry.superseded_by.is_none();
    let Some(entry) = index.entry(seq).filter(stands) else {
        let help = "Look at it with `chancery show ID`, and do it again if it is still wanted.";
        return Err(Problem::new("overtaken", "The record was changed by another at this moment.", help).into());
    };
    let key = Key::Id(entry.record.id.to_lowercase());
    if index.reserved(&key).any(|(_, open)| WriterLock::lives(archive, &open.writer)) {
        let message = format!("Another version of {} is being filed at this moment.", entry.record.id);
        return Err(Problem::new(BEING_FILED, message, "Try again in a moment.").blaming(Blame::Machine).into());
    }
    Ok(Came { note: entry.inbox.first().cloned(), waits: !entry.settled })
}

/// The line, with the number if no other version has it; it is free again if it is the last one given.
fn voided(record: &Record, index: &Index) -> Void {
    let earlier = record.supersedes.and_then(|seq| index.entry(seq));
    let own = record.number.as_ref().filter(|number| earlier.is_none_or(|entry| entry.record.number.as_ref() != Some(*number)));
    let year = chrono::Datelike::year(&record.date);
    let given = own.zip(record.series.as_ref()).and_then(|(number, series)| index.given(series, year, number));
    let reusable = given.is_some() && given == record.series.as_ref().map(|series| index.last_number(series, year));
    Void {
        of: Some(record.seq),
        id: record.id.clone(),
        number: own.cloned(),
        reusable,
        reason: REASON.to_owned(),
        series: record.series.clone().filter(|_| reusable),
        year: reusable.then_some(year),
        n: given.filter(|_| reusable),
        ..Void::default()
    }
}

/// Where each file goes: the same path below `undone/`, or one beside it.
fn free_places(record: &Record, index: &Index, archive: &Path) -> Vec<MovedFile> {
    let is_free = |path: &str| !index.is_path_taken(&fold(path)) && std::fs::symlink_metadata(archive.join(path)).is_err();
    let place = |path: &str| {
        let wanted = format!("{FOLDER}/{path}");
        let counted = (2..).map(|count: u32| with_suffix(&wanted, &format!(" ({count})")));
        std::iter::once(wanted.clone()).chain(counted).find(|path| is_free(path)).unwrap_or_default()
    };
    record.files.iter().map(|file| MovedFile { from: file.path.clone(), to: place(&file.path) }).collect()
}

impl Index {
    /// What the line says beside that the record no longer stands.
    pub(super) fn taken_back(&mut self, index: usize, void: &Void) {
        if let (true, Some(series), Some(year), Some(n)) = (void.reusable, &void.series, void.year, void.n) {
            self.free_number((series.clone(), year), n, void.number.as_deref());
        }
        let record = &mut self.entries[index].record;
        for file in &mut record.files {
            if let Some(moved) = void.files.iter().find(|moved| moved.from == file.path) {
                self.paths.remove(&fold(&file.path));
                self.paths.insert(fold(&moved.to));
                file.path.clone_from(&moved.to);
            }
        }
        if !void.returned.is_empty() {
            self.returned.insert(same(&record.source_sha256, &record.document_type, &record.template_sha256));
        }
    }

    /// Whether a note with these bytes was taken back, of this type and made with this template, and nobody wanted it filed since.
    pub(super) fn was_taken_back(&self, source_sha256: &str, document_type: &TypeName, template_sha256: &str) -> bool {
        self.returned.contains(&same(source_sha256, document_type, template_sha256))
    }
}

/// What has to be different before a note that was taken back is filed by itself.
pub(super) type Same = (String, TypeName, String);

pub(super) fn same(source_sha256: &str, document_type: &TypeName, template_sha256: &str) -> Same {
    (source_sha256.to_owned(), document_type.clone(), template_sha256.to_owned())
}

//! Taking back: a record no longer stands, because what it was made from lies in the inbox again.
//!
//! All under one lock: first the files are put back, then the lines are written. So nobody takes them for a duplicate, or files
//! them again, in between; and whoever dies in between leaves a copy in the inbox, which the next run knows as a duplicate.

use std::path::Path;

use crate::failure::{Blame, Checked, Problem};
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
        let arrival = Key::Arrival(record.source_sha256.clone());
        let mut same = self.ask(|index| index.standing(&arrival))?;
        same.retain(|entry| entry.superseded_by.is_none() && entry.record.joins.is_none());
        same.retain(|entry| entry.record.document_type == record.document_type);
        Ok(same.into_iter().map(Entry::into_state).collect())
    }

    /// Takes back the records of these `filed` lines: `put_back` lays their files into the inbox and gives their names there,
    /// then each gets its `void` line. Gives where the records' own files are to be moved, which is done after this.
    ///
    /// # Errors
    /// One of them no longer stands, or is being filed anew; what `put_back` says; the machine's. Then nothing is taken back.
    pub(crate) fn take_back(&self, seqs: &[u64], put_back: impl FnOnce(&[Came]) -> Checked<Vec<String>>) -> Checked<Vec<Move>> {
        let mut put_back = Some(put_back);
        let taken = self.session(None, "undone", |session| {
            let came = seqs.iter().map(|seq| came(*seq, session.index(), self.archive())).collect::<Checked<Vec<_>>>()?;
            // Nothing is put back twice, also if the index fails after that.
            let put_back = put_back.take().ok_or_else(interrupted)?;
            let returned = put_back(&came)?;
            crash_point("undo::put-back");
            let mut moves = Vec::new();
            // The last number goes first, so that all of an arrival can be given again.
            let mut seqs = seqs.to_vec();
            seqs.sort_unstable_by(|a, b| b.cmp(a));
            for seq in seqs {
                let writer = session.writer();
                let Some(entry) = session.index().entry(seq)? else { continue };
                let files = free_places(&entry.record, session.index(), self.archive())?;
                let moved = |file: &MovedFile| Move { of: seq, from: file.from.clone(), to: file.to.clone() };
                moves.extend(files.iter().map(moved));
                let void = Void { files, returned: returned.clone(), writer: Some(writer), ..voided(&entry.record, session.index())? };
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
    let stands = |entry: &Entry| entry.stands() && entry.superseded_by.is_none();
    let Some(entry) = index.entry(seq)?.filter(stands) else {
        let help = "Look at it with `chancery show ID`, and do it again if it is still wanted.";
        return Err(Problem::new("overtaken", "The record was changed by another at this moment.", help).into());
    };
    let key = Key::Id(entry.record.id.to_lowercase());
    if index.reserved(&key)?.iter().any(|open| WriterLock::lives(archive, &open.writer)) {
        let message = format!("Another version of {} is being filed at this moment.", entry.record.id);
        return Err(Problem::new(BEING_FILED, message, "Try again in a moment.").blaming(Blame::Machine).into());
    }
    Ok(Came { note: entry.inbox.first().cloned(), waits: !entry.settled })
}

/// The line, with the number if no other version has it; it is free again if it is the last one given.
fn voided(record: &Record, index: &Index) -> Checked<Void> {
    let earlier = record.supersedes.map(|seq| index.entry(seq)).transpose()?.flatten();
    let own = record.number.as_ref().filter(|number| earlier.is_none_or(|entry| entry.record.number.as_ref() != Some(*number)));
    let year = chrono::Datelike::year(&record.date);
    let given = own.zip(record.series.as_ref()).map(|(number, series)| index.given(series, year, number)).transpose()?.flatten();
    let last = record.series.as_ref().map(|series| index.last_number(series, year)).transpose()?;
    let reusable = given.is_some() && given == last;
    Ok(Void {
        of: Some(record.seq),
        id: record.id.clone(),
        number: own.cloned(),
        reusable,
        reason: REASON.to_owned(),
        series: record.series.clone().filter(|_| reusable),
        year: reusable.then_some(year),
        n: given.filter(|_| reusable),
        ..Void::default()
    })
}

/// Where each file goes: the same path below `undone/`, or one beside it.
fn free_places(record: &Record, index: &Index, archive: &Path) -> Checked<Vec<MovedFile>> {
    let mut files = Vec::new();
    for file in &record.files {
        let wanted = format!("{FOLDER}/{}", file.path);
        let (mut place, mut count) = (wanted.clone(), 1_u32);
        while index.is_path_taken(&fold(&place))? || std::fs::symlink_metadata(archive.join(&place)).is_ok() {
            count += 1;
            place = with_suffix(&wanted, &format!(" ({count})"));
        }
        files.push(MovedFile { from: file.path.clone(), to: place });
    }
    Ok(files)
}

fn interrupted() -> Problem {
    let message = "What was to be taken back lies in the inbox, and the register does not know of it.";
    Problem::new("undo-interrupted", message, "Do it again in a moment.").blaming(Blame::Machine)
}

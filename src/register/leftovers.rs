//! What a writer that is gone left undone: for recovery.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, FixedOffset};

use crate::failure::Checked;
use crate::storage::{OfficeLock, WriterLock};

use super::event::{Happening, Void};
use super::index::{Index, Open};
use super::{Move, Place, Register, SourceFile};

/// What one writer left undone. Its lock is held, so that nobody else sees to it.
#[derive(Debug)]
pub(crate) struct Leftovers {
    pub(crate) writer: WriterLock,
    /// Its open reservations.
    pub(crate) open: Vec<OpenLeft>,
    /// The arrivals of which every part stands, and that wait to leave the inbox or were there already.
    pub(crate) complete: Vec<SetLeft>,
    /// The files of records that it took back and may not have moved, each with its hash.
    pub(crate) moves: Vec<(Move, String)>,
    /// Every folder of the archive for which it ever had a reservation, relative.
    pub(crate) folders: BTreeSet<String>,
}

/// A reservation that was never closed.
#[derive(Debug)]
pub(crate) struct OpenLeft {
    /// The `seq` of its line, and the id.
    pub(crate) place: (u64, String),
    pub(crate) title: String,
    pub(crate) version: u32,
    pub(crate) filed_at: DateTime<FixedOffset>,
    pub(crate) files: Vec<Place>,
    /// The note that was to leave the inbox once it is filed.
    pub(crate) note: Option<SourceFile>,
    /// A line after its own is damaged: it may have said that the document is filed.
    pub(crate) is_doubtful: bool,
}

impl OpenLeft {
    fn new(seq: u64, open: Open, index: &Index) -> Checked<Self> {
        Ok(Self {
            place: (seq, open.reserved.id),
            title: open.reserved.title,
            version: open.reserved.version,
            filed_at: open.filed_at,
            files: open.reserved.files,
            note: open.inbox.into_iter().next(),
            is_doubtful: index.is_damaged_from(seq)?,
        })
    }
}

/// An arrival from the inbox that is filed whole.
#[derive(Clone, Debug, Default)]
pub(crate) struct SetLeft {
    /// The `filed` lines without a `removed` line that are settled when it is gone.
    pub(crate) waiting: Vec<u64>,
    /// Its files, the note first.
    pub(crate) inbox: Vec<SourceFile>,
}

impl Register {
    /// Takes over what abandoned writers left undone. Beside it gives the reservations that nobody will close: those of writers of
    /// which nothing is left, so that they ended in order, and their last lines are lost.
    ///
    /// # Errors
    /// The machine's.
    pub(crate) fn leftovers(&self) -> Checked<(Vec<Leftovers>, Vec<OpenLeft>)> {
        let archive = self.archive();
        if !archive.is_dir() {
            return Ok((Vec::new(), Vec::new()));
        }
        let (writers, lost) = {
            // In the order in which a session takes the two locks.
            let mut inner = self.lock();
            let office = OfficeLock::wait(archive)?;
            let writers = WriterLock::abandoned(archive, &office)?;
            inner.book.follow()?;
            let lost = inner.book.ask(|index| {
                let mut lost = Vec::new();
                for writer in index.open_writers()?.iter().filter(|writer| !WriterLock::is_known(archive, writer)) {
                    lost.extend(open_of(writer, index)?);
                }
                Ok(lost)
            })?;
            (writers, lost)
        };
        // The writers are ours now: nobody else adds to their lines or closes them.
        let taken_over = writers.into_iter().map(|writer| {
            let (open, complete, folders) = self.ask(|index| left_by(writer.name(), index))?;
            let moves = self.ask(|index| moves_of(writer.name(), index))?;
            Ok(Leftovers { writer, open, complete, moves, folders })
        });
        Ok((taken_over.collect::<Checked<_>>()?, lost))
    }

    /// Closes reservations of which nothing is left. Their numbers are not given again: it is not known what bore them.
    ///
    /// # Errors
    /// The machine's.
    pub(crate) fn close_lost(&self, lost: &[OpenLeft]) -> Checked<()> {
        self.session(None, "void", |session| {
            for OpenLeft { place: (reserve, id), .. } in lost {
                let Some(open) = session.index().open(*reserve, id)? else { continue };
                let number = open.reserved.n.and(open.reserved.number);
                let reason = "nothing of it was found: it was never finished, or its line and its files are lost".to_owned();
                session.push(Happening::Void(Void { reserve: Some(*reserve), id: id.clone(), number, reason, ..Void::default() }))?;
            }
            Ok(())
        })
    }
}

fn open_of(name: &str, index: &Index) -> Checked<Vec<OpenLeft>> {
    index.open_of(name)?.into_iter().map(|(seq, open)| OpenLeft::new(seq, open, index)).collect()
}

fn left_by(name: &str, index: &Index) -> Checked<(Vec<OpenLeft>, Vec<SetLeft>, BTreeSet<String>)> {
    let open = open_of(name, index)?;
    let mut sets: BTreeMap<(String, String, Option<String>), SetLeft> = BTreeMap::new();
    let mut add = |waits: Option<u64>, (sha256, document_type): (String, String), inbox: Vec<SourceFile>| {
        let note = inbox.first().map(|file| file.name.clone());
        let set = sets.entry((sha256, document_type, note)).or_default();
        set.inbox = inbox;
        set.waiting.extend(waits);
    };
    for entry in index.waiting_of(name)? {
        if index.is_complete(&entry.record)? {
            let record = entry.record;
            add(Some(record.seq), (record.source_sha256, record.document_type.into()), entry.inbox);
        }
    }
    for noted in index.noted_by(name)? {
        if noted.inbox.is_empty() || !index.stands_complete(&noted.source_sha256, &noted.document_type, noted.parts)? {
            continue;
        }
        // A part of an earlier try belongs to this arrival now; a true duplicate leaves its first alone.
        let earlier = index.entry(noted.of)?.filter(|entry| !entry.settled && entry.record.source_sha256 != noted.source_sha256);
        add(earlier.map(|entry| entry.record.seq), (noted.source_sha256, noted.document_type), noted.inbox);
    }
    let folders = index.folders_of(name)?.into_iter().collect();
    Ok((open, sets.into_values().collect(), folders))
}

/// The files of records that the writer took back, where they are to stand.
fn moves_of(name: &str, index: &Index) -> Checked<Vec<(Move, String)>> {
    let mut moves = Vec::new();
    for (of, files) in index.taken_back_by(name)? {
        let Some(entry) = index.entry(of)? else { continue };
        for moved in files {
            // The index has it at its new place.
            if let Some(file) = entry.record.files.iter().find(|file| file.path == moved.to) {
                moves.push((Move { of, from: moved.from, to: moved.to }, file.sha256.clone()));
            }
        }
    }
    Ok(moves)
}

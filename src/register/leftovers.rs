//! What a writer that is gone left undone, read from its lines: for recovery, which is rare and may take its time.

use std::collections::{BTreeMap, BTreeSet};

use crate::failure::Checked;
use crate::model::TypeName;
use crate::storage::{OfficeLock, WriterLock};

use super::event::{Duplicate, Happening, Line, Reserve, Void};
use super::{Move, Place, Register, SourceFile};

/// What one writer left undone. Its lock is held, so that nobody else sees to it.
#[derive(Debug)]
pub(crate) struct Leftovers {
    pub(crate) writer: WriterLock,
    /// Its open reservations.
    pub(crate) open: Vec<OpenLeft>,
    /// The arrivals of which every part stands.
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
    pub(crate) files: Vec<Place>,
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
    /// Takes over what abandoned writers left undone.
    ///
    /// # Errors
    /// The machine's.
    pub(crate) fn leftovers(&self) -> Checked<Vec<Leftovers>> {
        let archive = self.archive();
        if !archive.is_dir() {
            return Ok(Vec::new());
        }
        let writers = {
            // In the order in which a session takes the two locks.
            let mut inner = self.lock();
            let office = OfficeLock::wait(archive)?;
            let writers = WriterLock::abandoned(archive, &office)?;
            if writers.is_empty() {
                return Ok(Vec::new());
            }
            inner.refresh(archive)?;
            writers
        };
        // The writers are ours now: nobody else adds to their lines or closes them.
        let traces = self.traces()?;
        Ok(writers.into_iter().map(|writer| self.left_by(writer, &traces)).collect())
    }

    /// The `reserve`, `filed` and `duplicate` lines.
    fn traces(&self) -> Checked<Traces> {
        let mut traces = Traces::default();
        self.each_line(|line| {
            let Ok(line) = serde_json::from_slice::<Line<Happening>>(line) else { return };
            match line.event {
                Happening::Reserve(reserve) => drop(traces.reserves.insert(line.seq, reserve)),
                Happening::Filed(filed) => traces.filed.push((line.seq, filed.reserve)),
                Happening::Duplicate(duplicate) => traces.duplicates.push(duplicate),
                Happening::Void(void) if void.writer.is_some() => traces.voids.push(void),
                _ => {}
            }
        })?;
        Ok(traces)
    }

    fn left_by(&self, writer: WriterLock, traces: &Traces) -> Leftovers {
        let name = writer.name();
        let inner = self.lock();
        let index = &inner.index;
        let own = |open: &&super::index::Open| open.writer == name;
        let open = index.open.iter().filter(|(_, open)| own(open)).map(|(place, open)| OpenLeft {
            place: place.clone(),
            title: open.reserved.title.clone(),
            files: open.reserved.files.clone(),
        });
        let mut sets: BTreeMap<(String, TypeName, Option<String>), SetLeft> = BTreeMap::new();
        let mut add = |of: Option<u64>, sha256: &str, document_type: &TypeName, parts: usize, inbox: &[SourceFile]| {
            if inbox.is_empty() || !index.stands_complete(sha256, document_type, parts) {
                return;
            }
            let note = inbox.first().map(|file| file.name.clone());
            let set = sets.entry((sha256.to_owned(), document_type.clone(), note)).or_default();
            set.inbox = inbox.to_vec();
            set.waiting.extend(of.filter(|seq| index.entry(*seq).is_some_and(|entry| !entry.settled)));
        };
        for (seq, reserve) in &traces.filed {
            if let Some(line) = traces.reserves.get(reserve).filter(|line| line.writer == name) {
                add(Some(*seq), &line.source_sha256, &line.document_type, line.parts, &line.inbox);
            }
        }
        for line in traces.duplicates.iter().filter(|line| line.writer == name) {
            // A part of an earlier try belongs to this arrival now; a true duplicate leaves its first alone.
            let earlier = index.entry(line.of).filter(|entry| entry.record.source_sha256 != line.source_sha256);
            add(earlier.map(|entry| entry.record.seq), &line.source_sha256, &line.document_type, line.parts, &line.inbox);
        }
        let places = traces.reserves.values().filter(|line| line.writer == name).flat_map(Reserve::reserved);
        let folders = places.flat_map(|reserved| &reserved.files).map(|place| folder(&place.path).to_owned()).collect();
        let (open, complete) = (open.collect(), sets.into_values().collect());
        let moves = traces.voids.iter().filter(|void| void.writer.as_deref() == Some(name)).flat_map(|void| {
            let record = void.of.and_then(|seq| index.entry(seq)).map(|entry| &entry.record);
            let files = record.map(|record| record.files.as_slice()).unwrap_or_default();
            void.files.iter().filter_map(move |moved| {
                // The index has it at its new place.
                let sha256 = files.iter().find(|file| file.path == moved.to)?.sha256.clone();
                Some((Move { of: void.of?, from: moved.from.clone(), to: moved.to.clone() }, sha256))
            })
        });
        let moves = moves.collect();
        drop(inner);
        Leftovers { writer, open, complete, moves, folders }
    }
}

#[derive(Default)]
struct Traces {
    reserves: BTreeMap<u64, Reserve>,
    filed: Vec<(u64, u64)>,
    duplicates: Vec<Duplicate>,
    voids: Vec<Void>,
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

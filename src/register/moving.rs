//! Files that a person moved within the archive: their new places become lines.

use std::collections::HashSet;

use crate::failure::{Checked, Problem};
use crate::storage::hash_file;
use crate::storage::name::fold;

use super::Register;
use super::afterwards::{Moved, MovedFile};
use super::entry::Entry;
use super::event::Happening;
use super::index::Index;
use super::{Record, Said};

/// A file that stands elsewhere than its record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// The `seq` of the record.
    pub of: u64,
    /// Where its line says, relative to `archive/`.
    pub from: String,
    /// Where it stands.
    pub to: String,
}

/// How many moves are recorded with one sync.
const GROUP: usize = 500;

impl Register {
    /// Writes durably where these files stand now. Each is read once more: only what was filed counts as moved, and only if nothing
    /// stands at its old place and no other record has or had the new one, so that a place never tells of two. Gives those that were
    /// recorded.
    ///
    /// # Errors
    /// The machine's; what was recorded until then stays so.
    pub fn record_moves(&self, moves: &[Move], by: Option<&str>) -> Checked<Vec<Move>> {
        let mut recorded = Vec::new();
        for group in moves.chunks(GROUP) {
            let done = self.session(None, "", |session| {
                let mut done: Vec<Move> = Vec::new();
                for group in group.chunk_by(|a, b| a.of == b.of) {
                    let Some(record) = session.record(group[0].of)? else { continue };
                    let mut files = Vec::new();
                    for moved in group {
                        if self.was_moved(&record, moved)? && is_free(&record, moved, session.index())? {
                            files.push(MovedFile { from: moved.from.clone(), to: moved.to.clone() });
                            done.push(moved.clone());
                        }
                    }
                    if !files.is_empty() {
                        let said = Said { by: by.map(str::to_owned), ..Said::default() };
                        session.push(Happening::Moved(Moved { of: record.seq, id: record.id, files, said }))?;
                    }
                }
                Ok(done)
            })?;
            recorded.extend(done);
        }
        Ok(recorded)
    }

    /// The places of files that were moved, of the records that stand; folded, as names are compared. A place that they took over
    /// from a record whose content was disposed of is theirs.
    ///
    /// # Errors
    /// The machine's.
    pub(crate) fn moved_places(&self) -> Checked<HashSet<String>> {
        self.ask(|index| {
            let moved = index.moved_entries()?.into_iter().filter(Entry::stands);
            Ok(moved.flat_map(|entry| entry.record.files).map(|file| fold(&file.path)).collect())
        })
    }

    fn was_moved(&self, record: &Record, moved: &Move) -> Checked<bool> {
        let Some(file) = record.files.iter().find(|file| file.path == moved.from) else { return Ok(false) };
        let place = self.archive().join(&moved.to);
        let hash = hash_file(&place).map_err(|error| Problem::machine("read", &place, &error))?;
        Ok(hash == file.sha256 && std::fs::symlink_metadata(self.archive().join(&moved.from)).is_err())
    }
}

/// Whether no other record has or had this place; its own earlier one it may have again.
fn is_free(record: &Record, moved: &Move, index: &Index) -> Checked<bool> {
    let place = fold(&moved.to);
    if !index.is_path_taken(&place)? {
        return Ok(true);
    }
    // Where it was before, or where it is, written otherwise.
    let moves = index.entry(record.seq)?.map(|entry| entry.after.moved).unwrap_or_default();
    let mut own = record.files.iter().map(|file| &file.path).chain(moves.iter().flatten().map(|earlier| &earlier.from));
    Ok(own.any(|earlier| fold(earlier) == place))
}

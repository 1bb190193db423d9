//! Files that a person moved within the archive: their new places become lines.

use crate::failure::{Checked, Problem};
use crate::storage::hash_file;

use super::Register;
use super::afterwards::{Moved, MovedFile};
use super::event::Happening;
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
    /// stands at its old place. Gives those that were recorded.
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
                        if self.was_moved(&record, moved)? {
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

    fn was_moved(&self, record: &Record, moved: &Move) -> Checked<bool> {
        let Some(file) = record.files.iter().find(|file| file.path == moved.from) else { return Ok(false) };
        let place = self.archive().join(&moved.to);
        let hash = hash_file(&place).map_err(|error| Problem::machine("read", &place, &error))?;
        Ok(hash == file.sha256 && std::fs::symlink_metadata(self.archive().join(&moved.from)).is_err())
    }
}

//! Where the index lives: `.chancery/search/`. It may be deleted at any time, and is made again.
//!
//! Whoever writes it holds `.chancery/search.lock`; only then may the folder be thrown away. Readers need no lock.

use std::fs;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tantivy::directory::MmapDirectory;
use tantivy::{Index, IndexReader, IndexSettings, ReloadPolicy, TantivyError};

use crate::failure::{Blame, Checked, Problem, Problems};
use crate::storage::FileLock;

use super::fields::{FORMAT, Fields};

/// The index of an office, whether it is there or not.
#[derive(Clone, Debug)]
pub struct TextIndex {
    folder: PathBuf,
    lock: PathBuf,
}

/// How far the index follows the register; stands in each of its commits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Position {
    /// [`FORMAT`].
    pub format: u32,
    /// The `seq` of the last `filed` line that is in it.
    pub filed: u64,
    /// The `seq` up to which it knows what became of records.
    pub changed: u64,
    /// Which record that last one is: another register does not have it there.
    pub last: String,
}

/// An index that can be read.
pub(super) struct Opened {
    pub index: Index,
    pub reader: IndexReader,
    pub position: Position,
}

/// What is found where the index should be.
pub(super) enum Home {
    Nothing,
    /// Of another format, half written or damaged.
    Unusable(&'static str),
    Sound(Box<Opened>),
}

impl TextIndex {
    /// The index in an office's folder of state (`.chancery/`). Touches nothing.
    pub fn in_state(state: &Path) -> Self {
        Self { folder: state.join("search"), lock: state.join("search.lock") }
    }

    /// Whether there is anything, sound or not.
    pub(super) fn is_there(&self) -> bool {
        self.folder.join("meta.json").exists()
    }

    /// Throws away an index that cannot be read. False if somebody writes it at this moment.
    ///
    /// # Errors
    /// The machine's.
    pub(super) fn throw_away(&self) -> Checked<bool> {
        let Some(_lock) = self.lock()? else { return Ok(false) };
        self.remove().map(|()| true)
    }

    fn remove(&self) -> Checked<()> {
        match fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(Problem::machine("remove the folder", &self.folder, &error).into())
            }
            _ => Ok(()),
        }
    }

    /// Takes the writers' lock; `None` if another has it.
    pub(super) fn lock(&self) -> Checked<Option<FileLock>> {
        let state = self.lock.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(state).map_err(|error| Problem::machine("make the folder", state, &error))?;
        FileLock::take(&self.lock)
    }

    /// Opens what is there.
    pub(super) fn open(&self, fields: &Fields) -> Home {
        if !self.is_there() {
            return Home::Nothing;
        }
        // Files that were cut off make their reader fail in any way.
        match catch_unwind(AssertUnwindSafe(|| self.open_sound(fields))) {
            Ok(Ok(Some(opened))) => Home::Sound(Box::new(opened)),
            Ok(Ok(None)) => Home::Unusable("it was made by another version of this program"),
            Ok(Err(_)) | Err(_) => Home::Unusable("it was damaged or half written"),
        }
    }

    fn open_sound(&self, fields: &Fields) -> Result<Option<Opened>, TantivyError> {
        let index = prepared(Index::open(MmapDirectory::open(&self.folder)?)?);
        let payload = index.load_metas()?.payload;
        // Without a position it was never committed: its maker was stopped.
        let position = payload.as_deref().and_then(|text| serde_json::from_str::<Position>(text).ok());
        let position = position.ok_or_else(|| TantivyError::InternalError("no position".to_owned()))?;
        if index.schema() != fields.schema || position.format != FORMAT {
            return Ok(None);
        }
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).doc_store_cache_num_blocks(1).try_into()?;
        Ok(Some(Opened { index, reader, position }))
    }

    /// Throws away what is there and makes an empty index. The lock must be held.
    pub(super) fn make(&self, fields: &Fields) -> Checked<Index> {
        self.remove()?;
        fs::create_dir_all(&self.folder).map_err(|error| Problem::machine("make the folder", &self.folder, &error))?;
        let made = MmapDirectory::open(&self.folder).map_err(TantivyError::from);
        let made = made.and_then(|folder| Index::create(folder, fields.schema.clone(), IndexSettings::default()));
        made.map(prepared).map_err(|error| self.trouble(&error))
    }

    /// What the index could not do, in words.
    pub(super) fn trouble(&self, error: &TantivyError) -> Problems {
        let message = format!("The index for searching in {} could not be read or written: {error}.", self.folder.display());
        let help = "Nothing that is filed is touched by this. Look whether the disk is full; else delete that folder: it is made again.";
        Problem::new("search-index", message, help).blaming(Blame::Machine).into()
    }
}

fn prepared(mut index: Index) -> Index {
    index.set_tokenizers(Fields::tokenizers());
    index
}

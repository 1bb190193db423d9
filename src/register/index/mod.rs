//! What the lines mean, as tables: records, open reservations, numbers given, paths taken, answers.
//!
//! The tables are made by reading the lines in order and by nothing else; a line that was just sealed goes the same way.
//! They stand in `.chancery/register.sqlite`, which may be deleted, or in a private database where that cannot be used.
//! Where reading has come to stands beside them and changes in the same transaction: the index is never ahead of what it
//! says, and whoever finds it behind reads on from there.
//!
//! | file | what it does |
//! |---|---|
//! | `database` | the file: opened, shared, emptied when it is broken |
//! | `reader`, `meaning`, `reservations` | lines read, and what they change |
//! | `lookup` | what admission and recovery ask |
//! | `listing` | what lists ask |

mod database;
mod listing;
mod lookup;
mod meaning;
#[cfg(test)]
mod narrow;
mod reader;
mod reservations;

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use rusqlite::{Connection, OptionalExtension as _};
use sha2::{Digest, Sha256};

use crate::failure::Checked;

use super::journal::{Journal, Tail};
use super::stamps::Stamp;

pub(super) use database::{Fault, fault};
pub(super) use reservations::Open;

/// The name of the file in the office's folder `.chancery`.
const FILE_NAME: &str = "register.sqlite";

/// The meaning of every line read so far.
#[derive(Debug)]
pub(super) struct Index {
    db: Connection,
    file: Option<PathBuf>,
    /// The `seq` and the hash of the last line; `0` and nothing before the first.
    pub(super) seq: u64,
    pub(super) head: String,
    /// The newest format of any line, if it is newer than ours, and the file it stands in.
    pub(super) newer: Option<(u32, String)>,
    /// Whether the tables can be asked: a register that is read from its beginning is first read to its end.
    pub(super) indexed: bool,
    /// How many parts of an arrival stand, by hash and type, until the next line: a batch of thousands asks for each row.
    standing: RefCell<HashMap<(i64, String), i64>>,
}

impl Index {
    /// The index that stands in this folder, which is made if it is missing.
    pub(super) fn in_folder(state: &Path) -> Checked<Self> {
        // Where nothing can be made, SQLite says so.
        let _ = std::fs::create_dir_all(state);
        let path = state.join(FILE_NAME);
        Ok(Self::on(database::open(&path)?, Some(path)))
    }

    /// An index of this process alone, empty at first.
    pub(super) fn private() -> Checked<Self> {
        Ok(Self::on(database::private()?, None))
    }

    fn on(db: Connection, file: Option<PathBuf>) -> Self {
        Self { db, file, seq: 0, head: String::new(), newer: None, indexed: false, standing: RefCell::default() }
    }

    #[cfg(test)]
    pub(super) fn db(&self) -> &Connection {
        &self.db
    }

    /// Whether it stands in a file that others share.
    pub(super) fn is_shared(&self) -> bool {
        self.file.is_some()
    }

    /// Empties a shared file that is broken.
    pub(super) fn mend(&self) -> Checked<()> {
        self.rollback();
        Ok(database::mend(&self.db)?)
    }

    /// Begins to write. Others wait until the end, which is [`Index::commit`] or [`Index::rollback`].
    pub(super) fn begin(&self) -> Checked<()> {
        Ok(self.db.execute_batch("BEGIN IMMEDIATE")?)
    }

    /// Begins to read: until [`Index::rollback`] all stays as it is.
    pub(super) fn begin_reading(&self) -> Checked<()> {
        Ok(self.db.execute_batch("BEGIN")?)
    }

    pub(super) fn commit(&self) -> Checked<()> {
        Ok(self.db.execute_batch("COMMIT")?)
    }

    /// Takes back what was written since [`Index::begin`]; nothing if it never began, or SQLite did so by itself.
    pub(super) fn rollback(&self) {
        if !self.db.is_autocommit() {
            let _ = self.db.execute_batch("ROLLBACK");
        }
    }

    /// Forgets every line.
    pub(super) fn clear(&mut self) -> Checked<()> {
        self.db.flush_prepared_statement_cache();
        Ok(database::make(&self.db)?)
    }

    /// Very many lines are about to be read, or have been: more memory for that. Where that fails, it takes longer.
    pub(super) fn make_room(&self, roomy: bool) {
        let _ = database::make_room(&self.db, roomy);
    }

    /// Where reading has come to, as it stands in the database now.
    pub(super) fn load(&mut self, journal: &mut Journal) -> Checked<()> {
        if self.file.is_some() && !database::is_ours(&self.db)? {
            return Err(rusqlite::Error::InvalidQuery.into());
        }
        self.standing.borrow_mut().clear();
        let mut position = self.db.prepare_cached("SELECT * FROM position")?;
        let loaded = position.query_row([], |row| {
            (journal.file, journal.offset, journal.line) =
                (row.get(0)?, row.get::<_, i64>(1)?.cast_unsigned(), row.get::<_, i64>(2)?.cast_unsigned());
            journal.last = row.get(3)?;
            journal.tail = if row.get(4)? { Tail::Unterminated } else { Tail::None };
            (self.seq, self.head) = (row.get::<_, i64>(5)?.cast_unsigned(), row.get(6)?);
            self.newer = row.get::<_, Option<u32>>(7)?.zip(row.get(8)?);
            self.indexed = row.get(9)?;
            Ok(())
        });
        Ok(loaded?)
    }

    /// Notes where reading has come to, within a transaction.
    pub(super) fn store(&self, journal: &Journal) -> Checked<()> {
        let (newer, file) = self.newer.clone().unzip();
        let sql = "UPDATE position SET file = ?1, offset = ?2, line = ?3, last = ?4, unterminated = ?5, seq = ?6, head = ?7, \
                   newer = ?8, newer_file = ?9, indexed = ?10";
        let unterminated = journal.tail == Tail::Unterminated;
        self.db.prepare_cached(sql)?.execute(rusqlite::params![
            journal.file,
            journal.offset.cast_signed(),
            journal.line.cast_signed(),
            journal.last,
            unterminated,
            self.seq.cast_signed(),
            self.head,
            newer,
            file,
            self.indexed
        ])?;
        let mut stamp = self.db.prepare_cached(
            "INSERT INTO stamps (file, length, modified) VALUES (?1, ?2, ?3) \
             ON CONFLICT DO UPDATE SET length = excluded.length, modified = excluded.modified WHERE file = ?4",
        )?;
        for Stamp { file, length, modified } in journal.stamps()? {
            // Only the newest file may have changed since.
            stamp.execute(rusqlite::params![file, length.cast_signed(), modified, journal.file])?;
        }
        Ok(())
    }

    /// The files of which every line was read, as they were then.
    pub(super) fn stamps(&self) -> Checked<Vec<Stamp>> {
        let mut stamps = self.db.prepare_cached("SELECT file, length, modified FROM stamps")?;
        let rows = stamps
            .query_map([], |row| Ok(Stamp { file: row.get(0)?, length: row.get::<_, i64>(1)?.cast_unsigned(), modified: row.get(2)? }))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Makes the tables ready to be asked, within a transaction.
    pub(super) fn finish(&mut self) -> Checked<()> {
        if !self.indexed {
            self.db.execute_batch(include_str!("lookups.sql"))?;
            self.indexed = true;
        }
        Ok(())
    }

    /// The rowid of a `filed` line by its `seq`. Of damaged lines several may claim one: the last does.
    fn place(&self, seq: u64) -> rusqlite::Result<Option<i64>> {
        let mut place = self.db.prepare_cached("SELECT place FROM entries WHERE seq = ?1 ORDER BY place DESC LIMIT 1")?;
        place.query_row([seq.cast_signed()], |row| row.get(0)).optional()
    }
}

/// Eight bytes that stand for texts of any length.
fn hash(texts: &[&str]) -> i64 {
    let mut hasher = Sha256::new();
    for text in texts {
        hasher.update(text.as_bytes());
        hasher.update([0]);
    }
    let mut first = [0; 8];
    first.copy_from_slice(&hasher.finalize()[..8]);
    i64::from_be_bytes(first)
}

/// Of records that may be versions of each other. The part belongs to it: a batch has thousands of one title.
fn title_hash(document_type: &str, part: Option<&str>, date: NaiveDate, title: &str) -> i64 {
    hash(&[document_type, part.unwrap_or_default(), &date.to_string(), title])
}

/// Something of ours that stands in the tables as JSON.
fn json(value: &impl serde::Serialize) -> rusqlite::Result<String> {
    serde_json::to_string(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}

fn from_json<T: serde::de::DeserializeOwned>(text: &[u8]) -> rusqlite::Result<T> {
    serde_json::from_slice(text).map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, error.into()))
}

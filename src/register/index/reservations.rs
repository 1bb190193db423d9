//! Open reservations, the numbers and paths that were given, and the folders of each writer.

use chrono::{DateTime, FixedOffset};
use rusqlite::{OptionalExtension as _, params};
use serde::{Deserialize, Serialize};

use crate::failure::Checked;
use crate::model::TypeName;
use crate::register::SourceFile;
use crate::register::entry::Entry;
use crate::register::event::{Reserve, Reserved};
use crate::storage::name::fold;

use super::{Index, from_json, hash, json};

/// A reservation without `filed` or `void` line.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::register) struct Open {
    pub(in crate::register) reserved: Reserved,
    pub(in crate::register) writer: String,
    pub(in crate::register) inbox: Vec<SourceFile>,
    pub(in crate::register) document_type: TypeName,
    pub(in crate::register) source_sha256: String,
    pub(in crate::register) filed_at: DateTime<FixedOffset>,
    /// Its rows among what is taken.
    paths: Vec<i64>,
    number: Option<i64>,
}

impl Index {
    pub(super) fn reserve(&self, seq: u64, reserve: &Reserve) -> rusqlite::Result<()> {
        for reserved in reserve.reserved() {
            let mut open = Open {
                reserved: reserved.clone(),
                writer: reserve.writer.clone(),
                inbox: reserve.inbox.clone(),
                document_type: reserve.document_type.clone(),
                source_sha256: reserve.source_sha256.clone(),
                filed_at: reserve.filed_at,
                paths: Vec::new(),
                number: None,
            };
            open.number = self.give_number(reserved)?;
            for place in &reserved.files {
                open.paths.push(self.take_path(&place.path)?);
                let mut folder = self.db.prepare_cached("INSERT OR IGNORE INTO folders VALUES (?1, ?2)")?;
                folder.execute([reserve.writer.as_str(), place.path.rsplit_once('/').map_or("", |(folder, _)| folder)])?;
            }
            let name = reserve.document_type.as_str();
            let note = reserved.note_id.as_ref().map(|id| note_hash(id, name, reserved.part.as_deref()));
            let source = source_hash(&reserve.source_sha256, name, reserved.part.as_deref());
            let mut insert = self.db.prepare_cached("INSERT OR REPLACE INTO open VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?;
            insert.execute(params![
                seq.cast_signed(),
                reserved.id,
                reserve.writer,
                source,
                note,
                reserved.id.to_lowercase(),
                json(&open)?
            ])?;
        }
        Ok(())
    }

    /// Whether a line at this place or after it is damaged: it may have been the one that closed a reservation, or the
    /// places may be reckoned wrongly since.
    pub(in crate::register) fn is_damaged_from(&self, seq: u64) -> rusqlite::Result<bool> {
        self.db.prepare_cached("SELECT 1 FROM damage WHERE seq >= ?1")?.exists([seq.cast_signed()])
    }

    /// Closes a reservation, if it is open.
    pub(super) fn close(&self, reserve: u64, id: &str) -> rusqlite::Result<Option<Open>> {
        let mut found = self.db.prepare_cached("DELETE FROM open WHERE seq = ?1 AND id = ?2 RETURNING reservation")?;
        found.query_row(params![reserve.cast_signed(), id], |row| from_json(row.get_ref(0)?.as_bytes()?)).optional()
    }

    /// Gives back what a reservation took; its number only if that is to be given again.
    pub(super) fn give_back(&self, open: &Open, reusable: bool) -> rusqlite::Result<()> {
        for path in &open.paths {
            self.db.prepare_cached("DELETE FROM paths WHERE place = ?1")?.execute([path])?;
        }
        let reserved = &open.reserved;
        if let (true, Some(series), Some(year), Some(n)) = (reusable, &reserved.series, reserved.year, reserved.n) {
            self.lower(series, year, n)?;
            if let Some(number) = open.number {
                self.db.prepare_cached("DELETE FROM numbers WHERE place = ?1")?.execute([number])?;
            }
        }
        Ok(())
    }

    pub(super) fn take_path(&self, path: &str) -> rusqlite::Result<i64> {
        self.db.prepare_cached("INSERT INTO paths (hash) VALUES (?1)")?.insert([path_hash(&fold(path))])
    }

    /// A path at which nothing stands any more.
    pub(super) fn leave_path(&self, path: &str) -> rusqlite::Result<()> {
        self.db.prepare_cached("DELETE FROM paths WHERE hash = ?1")?.execute([path_hash(&fold(path))])?;
        Ok(())
    }

    /// The records of which a later line said that files were moved. Records that later lines say something of are few.
    pub(in crate::register) fn moved_entries(&self) -> Checked<Vec<Entry>> {
        let sql = "SELECT e.place FROM entries e JOIN records r ON r.place = e.place \
                   WHERE e.changed IS NOT NULL AND r.afterwards LIKE '%\"moved\":%'";
        let mut found = self.db.prepare_cached(sql)?;
        let places: Vec<i64> = found.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        places.into_iter().map(|place| self.entry_at(place)).collect()
    }

    /// A reservation gives its number, unless a new version keeps the one it has.
    fn give_number(&self, reserved: &Reserved) -> rusqlite::Result<Option<i64>> {
        let (Some(series), Some(year), Some(n)) = (&reserved.series, reserved.year, reserved.n) else { return Ok(None) };
        let sql = "INSERT INTO series VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET last = max(last, excluded.last)";
        self.db.prepare_cached(sql)?.execute(params![series, year, n.cast_signed()])?;
        let Some(number) = &reserved.number else { return Ok(None) };
        let mut insert = self.db.prepare_cached("INSERT INTO numbers (hash, n) VALUES (?1, ?2)")?;
        insert.insert([number_hash(series, year, number), n.cast_signed()]).map(Some)
    }

    /// The number of a record that was taken back is given again.
    pub(super) fn free_number(&self, series: &str, year: i32, n: u64, number: Option<&str>) -> rusqlite::Result<()> {
        self.lower(series, year, n)?;
        if let Some(number) = number {
            self.db.prepare_cached("DELETE FROM numbers WHERE hash = ?1")?.execute([number_hash(series, year, number)])?;
        }
        Ok(())
    }

    /// The last number of a series is given again.
    fn lower(&self, series: &str, year: i32, n: u64) -> rusqlite::Result<()> {
        let sql = "UPDATE series SET last = ?4 WHERE name = ?1 AND year = ?2 AND last = ?3";
        self.db.prepare_cached(sql)?.execute(params![series, year, n.cast_signed(), n.saturating_sub(1).cast_signed()])?;
        Ok(())
    }
}

/// Of what only tells that something is taken, the hash is enough: a chance of one in a million million that a free place
/// counts as taken costs nothing but another name.
pub(super) fn path_hash(folded: &str) -> i64 {
    hash(&["path", folded])
}

pub(super) fn number_hash(series: &str, year: i32, number: &str) -> i64 {
    hash(&["number", series, &year.to_string(), number])
}

pub(super) fn source_hash(sha256: &str, document_type: &str, part: Option<&str>) -> i64 {
    hash(&["source", sha256, document_type, part.unwrap_or_default()])
}

pub(super) fn note_hash(id: &str, document_type: &str, part: Option<&str>) -> i64 {
    hash(&["note", id, document_type, part.unwrap_or_default()])
}

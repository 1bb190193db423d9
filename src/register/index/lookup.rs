//! What admission and recovery ask. Hashes find, the texts themselves decide.

use rusqlite::types::Value;
use rusqlite::{OptionalExtension as _, Params, Row, params, params_from_iter};

use super::meaning::{afterwards, parts_in_table};
use super::reservations::{Open, note_hash, number_hash, path_hash, source_hash};
use super::{Index, from_json, hash, title_hash};
use crate::failure::Checked;
use crate::model::TypeName;
use crate::register::afterwards::MovedFile;
use crate::register::entry::Entry;
use crate::register::event::Filed;
use crate::register::journal::Damage;
use crate::register::key::{Key, keys};
use crate::register::{Answer, Record, SourceFile};

/// What a writer once found to be filed already.
pub(in crate::register) struct Noted {
    pub(in crate::register) of: u64,
    pub(in crate::register) source_sha256: String,
    pub(in crate::register) document_type: String,
    pub(in crate::register) parts: usize,
    pub(in crate::register) inbox: Vec<SourceFile>,
}

impl Index {
    /// The standing records (neither void nor disposed of) that have this in common, oldest first.
    pub(in crate::register) fn standing(&self, key: &Key) -> Checked<Vec<Entry>> {
        let mut found = self.newest_standing(key, usize::MAX)?;
        found.reverse();
        Ok(found)
    }

    /// The newest of them, newest first: of at most so many that stand or stood.
    pub(in crate::register) fn newest_standing(&self, key: &Key, most: usize) -> Checked<Vec<Entry>> {
        let (condition, values) = match key {
            Key::Source(sha256, name, part) => {
                ("e.source = ?1 AND e.type = ?2 AND e.part IS ?3", vec![hash(&[sha256]).into(), text(name.as_str()), part.clone().into()])
            }
            Key::Note(id, name, part) => {
                ("e.note_id = ?1 AND +e.type = ?2 AND e.part IS ?3", vec![text(id), text(name.as_str()), part.clone().into()])
            }
            Key::Arrival(sha256) => ("e.source = ?1", vec![hash(&[sha256]).into()]),
            Key::Content(sha256, name, part) => {
                ("e.content = ?1", vec![hash(&[sha256, name.as_str(), part.as_deref().unwrap_or_default()]).into()])
            }
            Key::Title(name, part, date, title) => ("e.title = ?1", vec![title_hash(name.as_str(), part.as_deref(), *date, title).into()]),
            Key::NoteId(id) => ("e.note_id = ?1", vec![text(id)]),
            Key::Number(number) => ("e.number = ?1", vec![text(number)]),
            Key::Id(_) => return Ok(Vec::new()),
        };
        // With plain columns SQLite would walk through all records of a type, which have this order already.
        let limit = format!("{condition} ORDER BY +e.place DESC LIMIT {}", i64::try_from(most).unwrap_or(i64::MAX));
        let mut found = self.entries_where(&limit, params_from_iter(values))?;
        found.retain(|entry| entry.stands() && keys(&entry.record).contains(key));
        Ok(found)
    }

    /// Every version under this id, void or not, oldest first; upper and lower case are one.
    pub(in crate::register) fn versions(&self, id: &str) -> Checked<Vec<Entry>> {
        self.entries_where("e.id = ?1 AND e.joins IS NULL ORDER BY e.place", [id.to_lowercase()])
    }

    /// Whatever bears or bore this number, also what is void or was disposed of, oldest first.
    pub(in crate::register) fn numbered(&self, number: &str) -> Checked<Vec<Entry>> {
        self.entries_where("e.number = ?1 AND e.joins IS NULL ORDER BY +e.place", [number])
    }

    /// The highest version under this id, void or not.
    pub(in crate::register) fn newest_version(&self, id: &str) -> Checked<Option<u32>> {
        let sql = "SELECT max(version) FROM entries WHERE id = ?1 AND joins IS NULL";
        Ok(self.db.prepare_cached(sql)?.query_row([id.to_lowercase()], |row| row.get(0))?)
    }

    /// The records that name this id, void or not, oldest first.
    pub(in crate::register) fn relating_to(&self, id: &str) -> Checked<Vec<Entry>> {
        self.entries_where("e.place IN (SELECT place FROM related WHERE target = ?1) ORDER BY e.place", [id.to_ascii_lowercase()])
    }

    /// The record with this `seq`.
    pub(in crate::register) fn entry(&self, seq: u64) -> Checked<Option<Entry>> {
        Ok(self.entries_where("e.seq = ?1 ORDER BY e.place", [seq.cast_signed()])?.pop())
    }

    /// The records that fit.
    fn entries_where(&self, condition: &str, params: impl Params) -> Checked<Vec<Entry>> {
        let sql = format!(
            "SELECT e.seq, r.line, r.afterwards, e.superseded_by, e.changed, r.inbox, w.place FROM entries e \
             JOIN records r ON r.place = e.place LEFT JOIN waiting w ON w.place = e.place WHERE {condition}"
        );
        let mut found = self.db.prepare_cached(&sql)?;
        #[cfg(test)]
        self.assert_narrow(&sql);
        let entries = found.query_map(params, entry)?.collect::<Result<_, _>>();
        Ok(entries?)
    }

    /// The record in this row of the table, which stands there.
    pub(super) fn entry_at(&self, place: i64) -> Checked<Entry> {
        let mut found = self.entries_where("e.place = ?1", [place])?;
        Ok(found.pop().ok_or(rusqlite::Error::QueryReturnedNoRows)?)
    }

    /// Whether every part of the arrival that this record came from stands.
    pub(in crate::register) fn is_complete(&self, record: &Record) -> Checked<bool> {
        self.stands_complete(&record.source_sha256, record.document_type.as_str(), record.parts)
    }

    /// Whether that many parts of an arrival stand; counted, because an arrival may have very many.
    pub(in crate::register) fn stands_complete(&self, source_sha256: &str, document_type: &str, parts: usize) -> Checked<bool> {
        let sql = "SELECT count(*) FROM (SELECT part FROM entries WHERE source = ?1 AND type = ?2 AND NOT void \
                   UNION SELECT d.part FROM duplicates d LEFT JOIN entries e ON e.seq = d.of \
                   WHERE d.source = ?1 AND d.source_sha256 = ?3 AND d.type = ?2 AND d.part IS NOT NULL AND NOT coalesce(e.void, 0))";
        let key = (hash(&[source_sha256]), document_type.to_owned());
        let known = self.standing.borrow().get(&key).copied();
        let standing = match known {
            Some(standing) => standing,
            None => {
                let mut count = self.db.prepare_cached(sql)?;
                let standing: i64 = count.query_row(params![key.0, document_type, source_sha256], |row| row.get(0))?;
                self.standing.borrow_mut().insert(key, standing);
                standing
            }
        };
        Ok(standing >= parts_in_table(parts).max(1))
    }

    /// The open reservations that have this in common.
    pub(in crate::register) fn reserved(&self, key: &Key) -> Checked<Vec<Open>> {
        let (column, value) = match key {
            Key::Source(sha256, name, part) => ("source", Value::from(source_hash(sha256, name.as_str(), part.as_deref()))),
            Key::Note(id, name, part) => ("note", note_hash(id, name.as_str(), part.as_deref()).into()),
            Key::Id(id) => ("folded", text(id)),
            _ => return Ok(Vec::new()),
        };
        let mut found = self.db.prepare_cached(&format!("SELECT reservation FROM open WHERE {column} = ?1 ORDER BY seq"))?;
        let open: Vec<Open> = found.query_map([value], open)?.collect::<Result<_, _>>()?;
        Ok(open.into_iter().filter(|open| open.has(key)).collect())
    }

    /// The open reservation with this place.
    pub(in crate::register) fn open(&self, reserve: u64, id: &str) -> Checked<Option<Open>> {
        let mut found = self.db.prepare_cached("SELECT reservation FROM open WHERE seq = ?1 AND id = ?2")?;
        let open = found.query_row(params![reserve.cast_signed(), id], open).optional();
        Ok(open?)
    }

    /// The open reservations of a writer, with the `seq` of their lines.
    pub(in crate::register) fn open_of(&self, writer: &str) -> Checked<Vec<(u64, Open)>> {
        let mut found = self.db.prepare_cached("SELECT reservation, seq FROM open WHERE writer = ?1 ORDER BY seq, id")?;
        let open = found.query_map([writer], |row| Ok((row.get::<_, i64>(1)?.cast_unsigned(), open(row)?)))?.collect::<Result<_, _>>();
        Ok(open?)
    }

    /// Whose reservations are open.
    pub(in crate::register) fn open_writers(&self) -> Checked<Vec<String>> {
        let mut found = self.db.prepare_cached("SELECT DISTINCT writer FROM open ORDER BY writer")?;
        Ok(found.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }

    /// The records of a writer whose files wait to leave the inbox.
    pub(in crate::register) fn waiting_of(&self, writer: &str) -> Checked<Vec<Entry>> {
        self.entries_where("w.writer = ?1 ORDER BY e.place", [writer])
    }

    /// What a writer found to be filed already.
    pub(in crate::register) fn noted_by(&self, writer: &str) -> Checked<Vec<Noted>> {
        let sql = "SELECT of, source_sha256, type, parts, inbox FROM duplicates WHERE writer = ?1 ORDER BY rowid";
        let mut found = self.db.prepare_cached(sql)?;
        let noted = found.query_map([writer], |row| {
            Ok(Noted {
                of: row.get::<_, i64>(0)?.cast_unsigned(),
                source_sha256: row.get(1)?,
                document_type: row.get(2)?,
                parts: usize::try_from(row.get::<_, i64>(3)?).unwrap_or(usize::MAX),
                inbox: from_json(row.get_ref(4)?.as_bytes()?)?,
            })
        })?;
        Ok(noted.collect::<Result<_, _>>()?)
    }

    /// Every folder of the archive for which a writer ever had a reservation.
    pub(in crate::register) fn folders_of(&self, writer: &str) -> Checked<Vec<String>> {
        let mut found = self.db.prepare_cached("SELECT folder FROM folders WHERE writer = ?1")?;
        Ok(found.query_map([writer], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }

    /// The last number given in a series and year; 0 if none was.
    pub(in crate::register) fn last_number(&self, series: &str, year: i32) -> Checked<u64> {
        let mut last = self.db.prepare_cached("SELECT last FROM series WHERE name = ?1 AND year = ?2")?;
        let last = last.query_row(params![series, year], |row| row.get::<_, i64>(0)).optional()?;
        Ok(last.map_or(0, i64::cast_unsigned))
    }

    /// Whether a number was given in that series and year.
    pub(in crate::register) fn is_number_given(&self, series: &str, year: i32, number: &str) -> Checked<bool> {
        Ok(self.given(series, year, number)?.is_some())
    }

    /// The place of a number that was given in that series and year.
    pub(in crate::register) fn given(&self, series: &str, year: i32, number: &str) -> Checked<Option<u64>> {
        let mut found = self.db.prepare_cached("SELECT n FROM numbers WHERE hash = ?1 ORDER BY place DESC LIMIT 1")?;
        let n = found.query_row([number_hash(series, year, number)], |row| row.get::<_, i64>(0)).optional()?;
        Ok(n.map(i64::cast_unsigned))
    }

    /// Whether a record or an open reservation has this path, as the least exact file system compares.
    pub(in crate::register) fn is_path_taken(&self, folded: &str) -> Checked<bool> {
        Ok(self.db.prepare_cached("SELECT 1 FROM paths WHERE hash = ?1")?.exists([path_hash(folded)])?)
    }

    /// Whether a note with these bytes was taken back, of this type and made with this template, and nobody wanted it filed since.
    pub(in crate::register) fn was_taken_back(
        &self,
        source_sha256: &str,
        document_type: &TypeName,
        template_sha256: &str,
    ) -> Checked<bool> {
        let sql = "SELECT 1 FROM returned WHERE source_sha256 = ?1 AND type = ?2 AND template_sha256 = ?3";
        Ok(self.db.prepare_cached(sql)?.exists([source_sha256, document_type.as_str(), template_sha256])?)
    }

    /// What a writer took back: the `seq` of each record, and where its files stand from then on.
    pub(in crate::register) fn taken_back_by(&self, writer: &str) -> Checked<Vec<(u64, Vec<MovedFile>)>> {
        let mut found = self.db.prepare_cached("SELECT of, files FROM taken_back WHERE writer = ?1 ORDER BY rowid")?;
        let taken =
            found.query_map([writer], |row| Ok((row.get::<_, i64>(0)?.cast_unsigned(), from_json(row.get_ref(1)?.as_bytes()?)?)))?;
        Ok(taken.collect::<Result<_, _>>()?)
    }

    /// Whether an open reservation has this id.
    pub(in crate::register) fn is_id_reserved(&self, id: &str) -> Checked<bool> {
        Ok(self.db.prepare_cached("SELECT 1 FROM open WHERE folded = ?1")?.exists([id.to_lowercase()])?)
    }

    /// What was answered about a submission.
    pub(in crate::register) fn answer(&self, source_sha256: &str) -> Checked<Option<Answer>> {
        let mut found = self.db.prepare_cached("SELECT answer FROM answers WHERE source_sha256 = ?1")?;
        let answer = found.query_row([source_sha256], |row| from_json(row.get_ref(0)?.as_bytes()?)).optional();
        Ok(answer?)
    }

    /// Whether a line names this file of torn bytes.
    pub(in crate::register) fn is_torn_named(&self, file: &str) -> Checked<bool> {
        Ok(self.db.prepare_cached("SELECT 1 FROM torn WHERE file = ?1")?.exists([file])?)
    }

    pub(in crate::register) fn damage(&self) -> Checked<Vec<Damage>> {
        let mut found = self.db.prepare_cached("SELECT file, line, message FROM damage ORDER BY rowid")?;
        let read = |row: &Row<'_>| Ok(Damage { file: row.get(0)?, line: row.get::<_, i64>(1)?.cast_unsigned(), message: row.get(2)? });
        Ok(found.query_map([], read)?.collect::<Result<_, _>>()?)
    }
}

impl Open {
    fn has(&self, key: &Key) -> bool {
        let own = |document_type: &TypeName, part: &Option<String>| self.document_type == *document_type && self.reserved.part == *part;
        match key {
            Key::Source(sha256, document_type, part) => self.source_sha256 == *sha256 && own(document_type, part),
            Key::Note(id, document_type, part) => self.reserved.note_id.as_ref() == Some(id) && own(document_type, part),
            Key::Id(id) => self.reserved.id.to_lowercase() == *id,
            _ => false,
        }
    }
}

fn text(text: &str) -> Value {
    text.to_owned().into()
}

fn open(row: &Row<'_>) -> rusqlite::Result<Open> {
    from_json(row.get_ref(0)?.as_bytes()?)
}

fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let seq = row.get::<_, i64>(0)?.cast_unsigned();
    let filed: Filed = from_json(row.get_ref(1)?.as_bytes()?)?;
    let after = afterwards(row.get_ref(2)?.as_bytes_or_null()?)?;
    let instead_of = filed.instead_of;
    let mut record = filed.into_record(seq);
    for moves in &after.moved {
        for file in &mut record.files {
            if let Some(moved) = moves.iter().find(|moved| moved.from == file.path) {
                file.path.clone_from(&moved.to);
            }
        }
    }
    let inbox = row.get_ref(5)?.as_bytes_or_null()?.map(from_json::<Vec<SourceFile>>).transpose()?;
    Ok(Entry {
        record,
        settled: row.get::<_, Option<i64>>(6)?.is_none(),
        inbox: inbox.unwrap_or_default(),
        superseded_by: row.get::<_, Option<i64>>(3)?.map(i64::cast_unsigned),
        instead_of,
        after,
        changed: row.get::<_, Option<i64>>(4)?.map_or(0, i64::cast_unsigned),
    })
}

//! What each event changes in the tables.

use rusqlite::params;

use crate::failure::Checked;
use crate::storage::name::fold;

use super::reservations::Open;
use super::{Index, from_json, hash, json, title_hash};
use crate::register::afterwards::{Disposed, HELD, Moved, RELEASED, Relates, Status};
use crate::register::endings::{ended, ended_versions, held};
use crate::register::entry::Afterwards;
use crate::register::event::{Answered, Duplicate, Filed, Happening, Removed, Void};
use crate::register::queries::Relation;
use crate::register::{Answer, Record};

impl Index {
    /// What a line with this `seq` says. A `filed` line is kept as it stands.
    pub(in crate::register) fn apply(&self, seq: u64, happening: &Happening, line: &[u8]) -> Checked<()> {
        self.standing.borrow_mut().clear();
        match happening {
            Happening::Reserve(reserve) => Ok(self.reserve(seq, reserve)?),
            Happening::Filed(filed) => self.filed(seq, filed, line),
            Happening::Removed(removed) => self.removed(removed),
            Happening::Void(void) => self.void(seq, void),
            Happening::Duplicate(duplicate) => self.duplicate(duplicate),
            Happening::Answer(answer) => self.answered(answer),
            Happening::Torn(torn) => {
                self.db.prepare_cached("INSERT OR IGNORE INTO torn VALUES (?1)")?.execute([&torn.file])?;
                Ok(())
            }
            Happening::Status(status) => self.status(seq, status),
            Happening::Relates(relates) => self.relates(seq, relates),
            Happening::Moved(moved) => self.moved(seq, moved),
            Happening::Disposed(disposed) => self.disposed(seq, disposed),
            Happening::Rebuilt(_) | Happening::Imported(_) | Happening::Found(_) | Happening::Unknown => Ok(()),
        }
    }

    fn filed(&self, seq: u64, filed: &Filed, line: &[u8]) -> Checked<()> {
        let held = held(filed, self)?;
        for void in ended(filed, self)? {
            self.void(seq, &void)?;
        }
        for entry in ended_versions(filed, self)?.into_iter().filter(|entry| entry.after.became.is_none()) {
            self.change(seq, entry.record.seq, |after| after.became = Some(filed.id.to_lowercase()))?;
        }
        let open = self.close(filed.reserve, &filed.id)?;
        let sql = "DELETE FROM returned WHERE source_sha256 = ?1 AND type = ?2 AND template_sha256 = ?3";
        let again = [filed.source_sha256.as_str(), filed.document_type.as_str(), filed.template_sha256.as_str()];
        self.db.prepare_cached(sql)?.execute(again)?;
        let place = self.enter(seq, filed)?;
        let from_inbox = open.as_ref().filter(|open| !open.inbox.is_empty());
        let inbox = from_inbox.map(|open| json(&open.inbox)).transpose()?;
        let mut insert = self.db.prepare_cached("INSERT INTO records (place, line, inbox) VALUES (?1, ?2, ?3)")?;
        insert.execute(params![place, line, inbox])?;
        if let Some(open) = from_inbox {
            self.db.prepare_cached("INSERT INTO waiting VALUES (?1, ?2)")?.execute(params![place, open.writer])?;
        }
        for file in filed.files.iter().filter(|file| !is_reserved(open.as_ref(), &file.path)) {
            self.take_path(&file.path)?;
        }
        for person in &filed.people {
            self.names(place, &fold(person))?;
        }
        if let Some(older) = filed.supersedes {
            let sql = "UPDATE entries SET superseded_by = ?2, changed = ?2 WHERE place = ?1";
            if let Some(older) = self.place(older)? {
                self.db.prepare_cached(sql)?.execute([older, seq.cast_signed()])?;
            }
        }
        if held.is_some() {
            self.change(seq, seq, |after| after.held = held)?;
        }
        if let Some(whole) = filed.joins {
            self.change(seq, whole, |after| after.joined.push(seq))?;
        }
        Ok(())
    }

    fn enter(&self, seq: u64, filed: &Filed) -> rusqlite::Result<i64> {
        let sql = "INSERT INTO entries (seq, id, type, date, number, note_id, part, source, content, title, version, status, joins) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
        let name = filed.document_type.as_str();
        self.db.prepare_cached(sql)?.insert(params![
            seq.cast_signed(),
            filed.id.to_lowercase(),
            name,
            filed.date.to_string(),
            filed.number,
            filed.note_id,
            filed.part,
            hash(&[&filed.source_sha256]),
            hash(&[&filed.content_sha256, name, filed.part.as_deref().unwrap_or_default()]),
            title_hash(name, filed.part.as_deref(), filed.date, &filed.title),
            filed.version,
            filed.status,
            filed.joins.map(u64::cast_signed)
        ])
    }

    fn names(&self, place: i64, name: &str) -> Checked<()> {
        let sql = "INSERT INTO names (name) VALUES (?1) ON CONFLICT DO UPDATE SET name = name RETURNING id";
        let person: i64 = self.db.prepare_cached(sql)?.query_row([name], |row| row.get(0))?;
        self.db.prepare_cached("INSERT INTO named VALUES (?1, ?2)")?.execute([person, place])?;
        Ok(())
    }

    fn removed(&self, removed: &Removed) -> Checked<()> {
        for &seq in &removed.of {
            if let Some(place) = self.place(seq)? {
                self.db.prepare_cached("DELETE FROM waiting WHERE place = ?1")?.execute([place])?;
            }
        }
        Ok(())
    }

    fn void(&self, seq: u64, void: &Void) -> Checked<()> {
        if let Some(reserve) = void.reserve
            && let Some(open) = self.close(reserve, &void.id)?
        {
            self.give_back(&open, void.reusable)?;
        }
        let Some(of) = void.of else { return Ok(()) };
        let Some(entry) = self.entry(of)?.filter(|entry| entry.after.void.is_none()) else { return Ok(()) };
        self.change(seq, of, |after| {
            after.void = Some(void.reason.clone());
            after.moved.extend((!void.files.is_empty()).then(|| void.files.clone()));
        })?;
        self.taken_back(&entry.record, void)?;
        if let Some(older) = entry.record.supersedes.map(|older| self.place(older)).transpose()?.flatten() {
            // The version before it stands again.
            let sql = "UPDATE entries SET superseded_by = NULL, changed = ?3 WHERE place = ?1 AND superseded_by = ?2";
            self.db.prepare_cached(sql)?.execute([older, of.cast_signed(), seq.cast_signed()])?;
        }
        Ok(())
    }

    /// What a `void` line says beside that the record no longer stands.
    fn taken_back(&self, record: &Record, void: &Void) -> Checked<()> {
        if let (true, Some(series), Some(year), Some(n)) = (void.reusable, &void.series, void.year, void.n) {
            self.free_number(series, year, n, void.number.as_deref())?;
        }
        for moved in void.files.iter().filter(|moved| record.files.iter().any(|file| file.path == moved.from)) {
            self.leave_path(&moved.from)?;
            self.take_path(&moved.to)?;
        }
        if let Some(writer) = &void.writer {
            let mut insert = self.db.prepare_cached("INSERT INTO taken_back VALUES (?1, ?2, ?3)")?;
            insert.execute(params![writer, record.seq.cast_signed(), json(&void.files)?])?;
        }
        if !void.returned.is_empty() {
            let mut insert = self.db.prepare_cached("INSERT OR IGNORE INTO returned VALUES (?1, ?2, ?3)")?;
            insert.execute([record.source_sha256.as_str(), record.document_type.as_str(), record.template_sha256.as_str()])?;
        }
        Ok(())
    }

    fn duplicate(&self, duplicate: &Duplicate) -> Checked<()> {
        let sql = "INSERT INTO duplicates VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        self.db.prepare_cached(sql)?.execute(params![
            duplicate.of.cast_signed(),
            duplicate.writer,
            hash(&[&duplicate.source_sha256]),
            duplicate.source_sha256,
            duplicate.document_type.as_str(),
            duplicate.part,
            parts_in_table(duplicate.parts),
            json(&duplicate.inbox)?
        ])?;
        Ok(())
    }

    /// What is not answered anew stays as it was answered before.
    fn answered(&self, answered: &Answered) -> Checked<()> {
        if answered.again {
            self.db.prepare_cached("DELETE FROM returned WHERE source_sha256 = ?1")?.execute([&answered.source_sha256])?;
        }
        let before = self.answer(&answered.source_sha256)?.unwrap_or_default();
        let answer = Answer {
            document_type: answered.document_type.clone().or(before.document_type),
            date: answered.date.or(before.date),
            reason: answered.reason.clone().or(before.reason),
            again: answered.again || before.again,
        };
        let mut insert = self.db.prepare_cached("INSERT OR REPLACE INTO answers VALUES (?1, ?2)")?;
        insert.execute(params![answered.source_sha256, json(&answer)?])?;
        Ok(())
    }

    fn status(&self, seq: u64, status: &Status) -> Checked<()> {
        self.change(seq, status.of, |after| match status.status.as_str() {
            HELD => after.held = Some(status.said.clone()),
            RELEASED => (after.held, after.released) = (None, true),
            _ => {}
        })
    }

    fn relates(&self, seq: u64, relates: &Relates) -> Checked<()> {
        if let Some(place) = self.place(relates.of)? {
            let mut insert = self.db.prepare_cached("INSERT INTO related VALUES (?1, ?2)")?;
            insert.execute(params![relates.to.to_ascii_lowercase(), place])?;
        }
        let relation = Relation { to: relates.to.clone(), relation: relates.relation.clone() };
        self.change(seq, relates.of, |after| after.relations.push(relation))
    }

    fn moved(&self, seq: u64, moved: &Moved) -> Checked<()> {
        for file in &moved.files {
            self.take_path(&file.to)?;
        }
        self.change(seq, moved.of, |after| after.moved.push(moved.files.clone()))
    }

    fn disposed(&self, seq: u64, disposed: &Disposed) -> Checked<()> {
        disposed.of.iter().try_for_each(|&of| self.change(seq, of, |after| after.disposed = Some(disposed.said.clone())))
    }

    /// Changes what is known of the record whose `filed` line is `of`; nothing if there is none.
    fn change(&self, seq: u64, of: u64, change: impl FnOnce(&mut Afterwards)) -> Checked<()> {
        let Some(place) = self.place(of)? else { return Ok(()) };
        let mut known = self.db.prepare_cached("SELECT afterwards FROM records WHERE place = ?1")?;
        let mut after = known.query_row([place], |row| afterwards(row.get_ref(0)?.as_bytes_or_null()?))?;
        change(&mut after);
        self.db.prepare_cached("UPDATE records SET afterwards = ?2 WHERE place = ?1")?.execute(params![place, json(&after)?])?;
        let sql = "UPDATE entries SET changed = ?2, void = ?3, disposed = ?4, held = ?5, joined = ?6 WHERE place = ?1";
        let (void, disposed, held) = (after.void.is_some(), after.disposed.is_some(), after.held.is_some());
        self.db.prepare_cached(sql)?.execute(params![place, seq.cast_signed(), void, disposed, held, !after.joined.is_empty()])?;
        Ok(())
    }
}

/// What later lines said, as it stands in the table: nothing of most records.
pub(super) fn afterwards(text: Option<&[u8]>) -> rusqlite::Result<Afterwards> {
    text.map_or_else(|| Ok(Afterwards::default()), from_json)
}

/// How many parts an arrival has, as the tables can hold it.
pub(super) fn parts_in_table(parts: usize) -> i64 {
    i64::try_from(parts).unwrap_or(i64::MAX)
}

fn is_reserved(open: Option<&Open>, path: &str) -> bool {
    open.is_some_and(|open| open.reserved.files.iter().any(|place| place.path == path))
}

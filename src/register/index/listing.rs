//! How the index answers a [`Query`].

use rusqlite::params_from_iter;
use rusqlite::types::Value;

use crate::failure::Checked;
use crate::register::RecordState;
use crate::register::entry::Entry;
use crate::register::query::{Changed, Query, Standing};
use crate::storage::name::fold;

use super::Index;

/// What stands, and is the newest version.
const STANDS: &str = "superseded_by IS NULL AND NOT void AND NOT disposed";

impl Index {
    /// At most `limit` records that fit, newest first, of those whose place is before `before`; each with its place.
    pub(in crate::register) fn page(&self, query: &Query, before: i64, limit: usize, offset: usize) -> Checked<Vec<(i64, RecordState)>> {
        let (mut conditions, mut values) = (vec!["joins IS NULL".to_owned(), "place < ?".to_owned()], vec![Value::from(before)]);
        let mut ask = |condition: &str, asked: Vec<Value>| {
            conditions.push(condition.to_owned());
            values.extend(asked);
        };
        if !query.all && !query.standing.is_some_and(Standing::is_past) {
            ask(STANDS, vec![]);
        }
        if let Some(name) = &query.document_type {
            ask("type = ?", vec![name.to_string().into()]);
        }
        if let Some(from) = query.from {
            ask("date >= ?", vec![from.to_string().into()]);
        }
        if let Some(to) = query.to {
            ask("date <= ?", vec![to.to_string().into()]);
        }
        if let Some(year) = query.year {
            ask("date BETWEEN ? AND ?", vec![format!("{year:04}-01-01").into(), format!("{year:04}-12-31").into()]);
        }
        if let Some(number) = &query.number {
            ask("number = ?", vec![number.trim().to_owned().into()]);
        }
        if let Some(person) = &query.person {
            let named = "place IN (SELECT place FROM named WHERE person IN (SELECT id FROM names WHERE instr(name, ?)))";
            ask(named, vec![fold(person.trim()).into()]);
        }
        if let Some(standing) = query.standing {
            ask(condition(standing), vec![]);
        }
        let most = |count: usize| Value::from(i64::try_from(count).unwrap_or(i64::MAX));
        values.extend([most(limit), most(offset)]);
        let sql = format!("SELECT place FROM entries WHERE {} ORDER BY place DESC LIMIT ? OFFSET ?", conditions.join(" AND "));
        let mut places = self.db.prepare_cached(&sql)?;
        let places: Vec<i64> = places.query_map(params_from_iter(values), |row| row.get(0))?.collect::<Result<_, _>>()?;
        places.into_iter().map(|place| Ok((place, self.state_at(place)?))).collect()
    }

    /// The record in this place, with what is known of it.
    fn state_at(&self, place: i64) -> Checked<RecordState> {
        self.entry_at(place).map(Entry::into_state)
    }

    /// How many records stand.
    pub(in crate::register) fn count(&self) -> Checked<usize> {
        // What is past is little, and has an index of its own.
        let sql = "SELECT (SELECT count(*) FROM entries) - (SELECT count(*) FROM entries \
                   WHERE superseded_by IS NOT NULL OR void OR disposed OR joins IS NOT NULL)";
        let count: i64 = self.db.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
        Ok(usize::try_from(count).unwrap_or_default())
    }

    pub(in crate::register) fn filed_after(&self, seq: u64, limit: usize) -> Checked<Vec<RecordState>> {
        let mut places = self.db.prepare_cached("SELECT place FROM entries WHERE seq > ?1 ORDER BY seq LIMIT ?2")?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let places: Vec<i64> = places.query_map([seq.cast_signed(), limit], |row| row.get(0))?.collect::<Result<_, _>>()?;
        places.into_iter().map(|place| self.state_at(place)).collect()
    }

    /// One line may change several records: they are given together, also beyond the limit.
    pub(in crate::register) fn changed_after(&self, seq: u64, limit: usize) -> Checked<Vec<Changed>> {
        let sql = "SELECT place FROM entries WHERE changed > ?1 AND changed <= \
                   (SELECT max(changed) FROM (SELECT changed FROM entries WHERE changed > ?1 ORDER BY changed LIMIT ?2)) \
                   ORDER BY changed, place";
        let mut places = self.db.prepare_cached(sql)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let places: Vec<i64> = places.query_map([seq.cast_signed(), limit], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let changed = |place| self.entry_at(place).map(|entry| Changed { at: entry.changed, state: entry.into_state() });
        places.into_iter().map(changed).collect()
    }
}

fn condition(standing: Standing) -> &'static str {
    match standing {
        Standing::Draft => "lower(status) = 'draft'",
        Standing::Approved => "lower(status) = 'approved'",
        Standing::Signed => "(joined OR lower(status) = 'signed')",
        Standing::Held => "held",
        Standing::Superseded => "superseded_by IS NOT NULL",
        Standing::Void => "void",
        Standing::Disposed => "disposed",
    }
}

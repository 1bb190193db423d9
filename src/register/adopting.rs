//! Adopting: a PDF of ours that stands in the archive without a line gets its lines.

use std::path::Path;

use super::Register;
use super::event::{Filed, Happening, Removed, Reserve, Reserved};
use super::index::{Index, Open};
use super::key::Key;
use crate::failure::Checked;
use crate::storage::WriterLock;

/// Where a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Counted {
    pub(crate) year: i32,
    /// Its place in the series and year, from 1.
    pub(crate) n: u64,
}

/// What is said of a note that somebody took away.
const GONE: &str = "gone";

/// What became of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Adopted {
    /// It has a line.
    Filed,
    /// It has none: why, as a sentence.
    Refused(String),
}

impl Register {
    /// Gives records that stand in the archive their lines, with one sync; one answer for each, in order. What another
    /// record has by now, an id's version or a number, is not given twice.
    ///
    /// # Errors
    /// The machine's.
    pub(crate) fn adopt(&self, records: &[(Filed, Option<Counted>)]) -> Checked<Vec<Adopted>> {
        self.session(None, "filed", |session| {
            let mut adopted = Vec::new();
            for (filed, counted) in records {
                let mut filed = filed.clone();
                let (own, others) = reservations(&filed, session.index(), self.archive())?;
                if let Some(why) = taken(&filed, others, session.index())? {
                    adopted.push(Adopted::Refused(why));
                    continue;
                }
                let older = session.index().versions(&filed.id)?.into_iter().filter(|entry| entry.record.version < filed.version);
                filed.supersedes = older.max_by_key(|entry| entry.record.version).map(|entry| entry.record.seq);
                if let Some((seq, _)) = &own {
                    filed.reserve = *seq;
                } else if let Some(reserve) = reserve_line(&filed, *counted, session.writer()) {
                    filed.reserve = session.push(Happening::Reserve(reserve))?;
                }
                let seq = session.push(Happening::Filed(filed))?;
                // Nobody waits for its note any more: whoever filed it saw to that.
                if let Some(note) = own.and_then(|(_, open)| open.inbox.into_iter().next()) {
                    session.push(Happening::Removed(Removed { of: vec![seq], source: note.name, outcome: GONE.to_owned() }))?;
                }
                adopted.push(Adopted::Filed);
            }
            Ok(adopted)
        })
    }
}

/// The open reservation that was this record's, if its writer is gone, with the `seq` of its line; and whether a writer that lives
/// has its id.
fn reservations(filed: &Filed, index: &Index, archive: &Path) -> Checked<(Option<(u64, Open)>, bool)> {
    let mut own = None;
    for writer in index.open_writers()? {
        for (seq, open) in index.open_of(&writer)?.into_iter().filter(|(_, open)| open.reserved.id.eq_ignore_ascii_case(&filed.id)) {
            if WriterLock::lives(archive, &writer) {
                return Ok((None, true));
            }
            let reserved = &open.reserved;
            let agrees = (&reserved.id, reserved.version, &reserved.number) == (&filed.id, filed.version, &filed.number);
            own = own.or(agrees.then_some((seq, open)));
        }
    }
    Ok((own, false))
}

/// Why a record cannot be what it says it is.
fn taken(filed: &Filed, is_being_filed: bool, index: &Index) -> Checked<Option<String>> {
    if let Some(entry) = index.versions(&filed.id)?.into_iter().find(|entry| entry.record.version >= filed.version) {
        return Ok(Some(format!("version {} of {} stands already", entry.record.version, entry.record.id)));
    }
    if is_being_filed {
        return Ok(Some(format!("the id {} is that of a document that is being filed", filed.id)));
    }
    let Some(number) = filed.number.clone() else { return Ok(None) };
    let other = index.standing(&Key::Number(number))?.into_iter().find(|entry| entry.record.id != filed.id);
    Ok(other.map(|other| format!("its number is that of “{}” ({}) by now", other.record.title, other.record.id)))
}

/// The line that gives a first version its number; other records need none, since nothing is reserved for them.
pub(super) fn reserve_line(filed: &Filed, counted: Option<Counted>, writer: String) -> Option<Reserve> {
    let Counted { year, n } = counted?;
    let one = Reserved {
        id: filed.id.clone(),
        series: filed.series.clone(),
        number: filed.number.clone(),
        year: Some(year),
        n: Some(n),
        passed: 0,
        version: filed.version,
        supersedes: filed.supersedes,
        title: filed.title.clone(),
        date: filed.date,
        note_id: filed.note_id.clone(),
        committee: filed.committee.clone(),
        content_sha256: filed.content_sha256.clone(),
        part: filed.part.clone(),
        path: filed.files.first().map(|file| file.path.clone()).unwrap_or_default(),
        // They stand already: nobody may take them back.
        files: Vec::new(),
    };
    Some(Reserve {
        one: Some(one),
        document_type: filed.document_type.clone(),
        source: filed.source.clone(),
        source_sha256: filed.source_sha256.clone(),
        template_sha256: filed.template_sha256.clone(),
        parts: filed.parts,
        filed_at: filed.filed_at,
        writer,
        inbox: Vec::new(),
        records: Vec::new(),
        imported: None,
    })
}

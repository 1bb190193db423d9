//! Adoption: a record of another register gets lines in this one, with its own id, number, version and dates.
//!
//! It goes as every filing does: a `reserve` line, the files, a `filed` line. So what a killed import leaves is taken back
//! like anything else that was not finished. One `imported` line before them says where they came from.

use std::collections::HashMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::failure::{Blame, Checked, Problem, Problems};
use crate::storage::hash_file;
use crate::storage::name::{fold, is_archives_own};

use super::afterwards::{HELD, Relates, Status};
use super::entry::Entry;
use super::event::{Filed, Happening, Reserve, Reserved};
use super::index::Index;
use super::key::{Key, bounded_text};
use super::session::Session;
use super::{Place, Record, RecordState, Register, Said};

/// Records of another register follow, or of an earlier state of this one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Imported {
    /// The name of the ZIP.
    pub(crate) source: String,
    /// Whose archive it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) organisation: Option<String>,
    /// What it says it holds: the last line of that register and its hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) identifier: Option<String>,
    #[serde(flatten)]
    pub(crate) said: Said,
}

/// What is to be done about a record of another register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Adoption {
    /// It has a reservation, by the `seq` of its line; the files at these places (by index) are still to be made.
    Reserved { reserve: u64, missing: Vec<usize> },
    /// It stands here already, as the record with this `seq`.
    Same(u64),
    /// Something else has its place here: why, as a sentence.
    Taken(String),
}

/// A record of another register, with what this one calls the records that it belongs to.
#[derive(Clone, Debug)]
pub(crate) struct Newcomer<'a> {
    pub(crate) state: &'a RecordState,
    /// The `seq` here of the version that it replaces.
    pub(crate) supersedes: Option<u64>,
    /// The `seq` here of the record that it joins.
    pub(crate) joins: Option<u64>,
}

impl Register {
    /// Decides about records of another register and reserves those that are to be adopted; one answer for each, in
    /// order. `line` is the `seq` of the `imported` line, which is written before the first of them.
    ///
    /// # Errors
    /// The machine's.
    pub(crate) fn reserve_adopted(&self, origin: &Imported, line: &mut Option<u64>, newcomers: &[Newcomer<'_>]) -> Checked<Vec<Adoption>> {
        let mut written = *line;
        let decided = self.session(None, "reserve", |session| {
            written = *line;
            let mut decided = Vec::new();
            for newcomer in newcomers {
                decided.push(match decide(&newcomer.state.record, session.index(), self.archive())? {
                    Decision::Adopt(missing) => {
                        if written.is_none() {
                            written = Some(session.push(Happening::Imported(origin.clone()))?);
                        }
                        let reserve = session.push(reserve_line(newcomer, &missing, written, session.writer()))?;
                        Adoption::Reserved { reserve, missing }
                    }
                    Decision::Same(seq) => Adoption::Same(seq),
                    Decision::Taken(why) => Adoption::Taken(why),
                });
            }
            Ok(decided)
        })?;
        *line = written;
        Ok(decided)
    }

    /// Commits records whose reservations are open and whose files stand; with them that they are held, and what they have
    /// to do with others. Gives them as they stand here.
    ///
    /// # Errors
    /// The machine's; a reservation that is no longer open.
    pub(crate) fn commit_adopted(&self, adopted: &[(u64, &Newcomer<'_>)]) -> Checked<Vec<Record>> {
        self.session(None, "filed", |session| {
            let mut records = Vec::new();
            for (reserve, newcomer) in adopted {
                let id = &newcomer.state.record.id;
                if session.index().open(*reserve, id)?.is_none() {
                    let message = format!("The reservation of {id} is no longer open.");
                    return Err(Problem::new("reservation-closed", message, "Import again.").blaming(Blame::Machine).into());
                }
                let filed = filed_line(newcomer, *reserve);
                let seq = session.push(Happening::Filed(filed.clone()))?;
                afterwards(session, seq, newcomer.state)?;
                records.push(filed.into_record(seq));
            }
            Ok(records)
        })
    }

    /// A record stands here already as `seq`: that it is held elsewhere holds here too, unless it was released here.
    ///
    /// # Errors
    /// The machine's.
    pub(crate) fn hold_adopted(&self, held: &[(u64, &RecordState)]) -> Checked<()> {
        let untold = |index: &Index| {
            let mut untold = Vec::new();
            for (seq, state) in held.iter().filter(|(_, state)| state.held.is_some()) {
                if index.entry(*seq)?.is_some_and(|here| here.after.held.is_none() && !here.after.released) {
                    untold.push((*seq, *state));
                }
            }
            Ok::<_, Problems>(untold)
        };
        if self.ask(untold)?.is_empty() {
            return Ok(());
        }
        self.session(None, "", |session| untold(session.index())?.iter().try_for_each(|(seq, state)| hold(session, *seq, state)))
    }
}

enum Decision {
    Adopt(Vec<usize>),
    Same(u64),
    Taken(String),
}

/// Whether a record can have its own id, number and places here.
fn decide(record: &Record, index: &Index, archive: &Path) -> Checked<Decision> {
    let taken = |why: String| Ok(Decision::Taken(why));
    let versions = index.versions(&record.id)?;
    let joined = joined(record, index)?;
    if let Some(entry) = versions.iter().chain(&joined).find(|entry| entry.record.version == record.version) {
        let here = &entry.record;
        if here.document_type != record.document_type || contents(here) != contents(record) {
            return taken(format!("The id {} is here that of “{}”, version {}.", here.id, here.title, here.version));
        }
        return match (&entry.after.disposed, &entry.after.void) {
            (Some(_), _) => taken("Its content was disposed of here, and does not come back by itself.".to_owned()),
            (_, Some(reason)) => taken(format!("It was taken back here: {reason}")),
            (None, None) => Ok(Decision::Same(here.seq)),
        };
    }
    if record.joins.is_none() && versions.iter().any(|entry| entry.record.version > record.version) {
        return taken(format!("A newer version of {} stands here.", record.id));
    }
    if index.is_id_reserved(&record.id)? {
        return taken(format!("The id {} is that of a document that is being filed.", record.id));
    }
    if let Some(why) = number_taken(record, index)? {
        return taken(why);
    }
    let mut missing = Vec::new();
    for (position, file) in record.files.iter().enumerate() {
        if is_archives_own(&file.path) {
            return taken(format!("archive/{} is no place of documents.", file.path));
        }
        if index.is_path_taken(&fold(&file.path))? {
            return taken(format!("archive/{} is here that of another record.", file.path));
        }
        let path = archive.join(&file.path);
        match path.symlink_metadata() {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => missing.push(position),
            Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => {
                return taken(format!("A file stands where archive/{} needs a folder.", file.path));
            }
            Err(error) => return Err(Problem::machine("read", &path, &error).into()),
            Ok(_) if hash_file(&path).is_ok_and(|hash| hash == file.sha256) => {}
            Ok(_) => return taken(format!("Another file stands at archive/{}, which no record names.", file.path)),
        }
    }
    Ok(Decision::Adopt(missing))
}

/// Why a record cannot have its number here.
fn number_taken(record: &Record, index: &Index) -> Checked<Option<String>> {
    use chrono::Datelike as _;
    let Some(number) = &record.number else { return Ok(None) };
    let key = Key::Number(number.clone());
    let (own, others): (Vec<_>, Vec<_>) =
        index.standing(&key)?.into_iter().filter(|entry| entry.record.joins.is_none()).partition(|entry| entry.record.id == record.id);
    if let Some(other) = others.first() {
        return Ok(Some(format!("The number {number} is here that of “{}” ({}).", other.record.title, other.record.id)));
    }
    let Some(series) = &record.series else { return Ok(None) };
    let given = own.is_empty() && index.is_number_given(series, record.date.year(), number)?;
    Ok(given.then(|| format!("The number {number} was given here to another document.")))
}

/// The entry that has joined a record here as this one did there: it is found by its files alone.
fn joined(record: &Record, index: &Index) -> Checked<Vec<Entry>> {
    if record.joins.is_none() {
        return Ok(Vec::new());
    }
    let found = index.standing(&Key::Arrival(record.source_sha256.clone()))?;
    Ok(found.into_iter().filter(|entry| entry.record.joins.is_some()).collect())
}

fn contents(record: &Record) -> HashMap<(&str, &str), usize> {
    let mut contents = HashMap::new();
    for file in &record.files {
        *contents.entry((file.role.as_str(), file.sha256.as_str())).or_default() += 1;
    }
    contents
}

/// Only the files that are still to be made stand in it: those that were there before are nobody's to take back.
fn reserve_line(newcomer: &Newcomer<'_>, missing: &[usize], imported: Option<u64>, writer: String) -> Happening {
    let record = &newcomer.state.record;
    let place = |&index: &usize| record.files.get(index).map(|file| Place { role: file.role.clone(), path: file.path.clone() });
    let one = Reserved {
        id: record.id.clone(),
        series: record.series.clone(),
        number: record.number.clone(),
        year: None,
        n: None,
        passed: 0,
        version: record.version,
        supersedes: newcomer.supersedes,
        title: record.title.clone(),
        date: record.date,
        note_id: record.note_id.clone(),
        committee: record.committee.clone(),
        content_sha256: record.content_sha256.clone(),
        part: record.part.clone(),
        path: record.files.first().map(|file| file.path.clone()).unwrap_or_default(),
        files: missing.iter().filter_map(place).collect(),
    };
    Happening::Reserve(Reserve {
        one: Some(one),
        document_type: record.document_type.clone(),
        source: record.source.clone(),
        source_sha256: record.source_sha256.clone(),
        template_sha256: record.template_sha256.clone(),
        parts: record.parts,
        filed_at: record.filed_at,
        writer,
        inbox: Vec::new(),
        records: Vec::new(),
        imported,
    })
}

fn filed_line(newcomer: &Newcomer<'_>, reserve: u64) -> Filed {
    let record = newcomer.state.record.clone();
    Filed {
        relates: Vec::new(),
        id: record.id,
        document_type: record.document_type,
        title: record.title,
        date: record.date,
        series: record.series,
        number: record.number,
        version: record.version,
        supersedes: newcomer.supersedes,
        source: record.source,
        source_sha256: record.source_sha256,
        content_sha256: record.content_sha256,
        part: record.part,
        parts: record.parts,
        template_sha256: record.template_sha256,
        files: record.files,
        pages: record.pages,
        filed_at: record.filed_at,
        reserve,
        note_id: record.note_id,
        committee: record.committee,
        people: record.people,
        status: record.status,
        said: record.said,
        joins: newcomer.joins,
        instead_of: None,
    }
}

/// What was said of a record after it was filed.
fn afterwards(session: &mut Session<'_>, seq: u64, state: &RecordState) -> Checked<()> {
    for relation in &state.relations {
        let (id, to, relation) = (state.record.id.clone(), relation.to.clone(), relation.relation.clone());
        session.push(Happening::Relates(Relates { of: seq, id, to, relation }))?;
    }
    hold(session, seq, state)
}

fn hold(session: &mut Session<'_>, seq: u64, state: &RecordState) -> Checked<()> {
    let Some(said) = &state.held else { return Ok(()) };
    let said = Said { reason: said.reason.as_deref().map(bounded_text), ..said.clone() };
    session.push(Happening::Status(Status { of: seq, id: state.record.id.clone(), status: HELD.to_owned(), said })).map(drop)
}

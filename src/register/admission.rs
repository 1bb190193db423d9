//! Admission: duplicate or not, which record and version, its number and places. Under the office's lock.

use std::borrow::Borrow;
use std::io::ErrorKind;
use std::path::Path;

use crate::failure::{Blame, Checked, Problem};
use crate::storage::{WriterLock, hash_file};

use super::entry::Entry;
use super::event::Reserved;
use super::identity::{Folders, free_places, new_id, next_number};
use super::index::{Index, Open};
use super::key::{Key, bounded_text, key_of, note_id};
use super::{Record, Request};

/// The code of the problem that the same submission, or another version of the same record, is being filed at this
/// moment by another. The machine is to blame, so it is tried again; a moment later it is a duplicate or a version.
pub const BEING_FILED: &str = "being-filed";

/// What is to be done about a request.
#[derive(Debug)]
pub(super) enum Decision {
    /// Make it.
    Reserve(Box<Reserved>),
    /// The same bytes stand as this record.
    Duplicate(Record),
    /// This part stands already; `note` if the register does not know yet that it belongs to this arrival too.
    Already { record: Record, note: bool },
}

/// What a decision looks at.
pub(super) struct Situation<'a> {
    pub(super) archive: &'a Path,
    pub(super) index: &'a Index,
    pub(super) folders: &'a mut Folders,
}

/// Decides about one request.
///
/// # Errors
/// It is being filed at this moment; a number pattern that does not work; the machine's.
pub(super) fn decide(request: &Request, situation: &mut Situation<'_>) -> Checked<Decision> {
    if let Some(found) = standing_already(request, situation)? {
        return Ok(found);
    }
    refuse_if_being_filed(request, situation)?;
    let previous = previous_version(request, situation.index);
    let (id, version) = match previous {
        Some(entry) => (entry.record.id.clone(), next_version(situation.index, &entry.record.id)),
        None => {
            let id = new_id(request, situation.index);
            let version = next_version(situation.index, &id);
            (id, version)
        }
    };
    let kept = previous.filter(|entry| entry.record.series == request.series.as_ref().map(|series| series.name.clone()));
    let kept = kept.and_then(|entry| entry.record.number.clone());
    let given = match (&request.series, &kept) {
        (Some(series), None) => Some(next_number(series, request, situation.index)?),
        _ => None,
    };
    let number = kept.or_else(|| given.as_ref().map(|given| given.text.clone()));
    let places = (situation.index, &mut *situation.folders, situation.archive);
    let files = free_places(&request.places, &id, number.as_deref(), version, places)?;
    Ok(Decision::Reserve(Box::new(Reserved {
        id,
        series: request.series.as_ref().map(|series| series.name.clone()),
        number,
        year: given.as_ref().map(|given| given.year),
        n: given.as_ref().map(|given| given.n),
        version,
        supersedes: previous.map(|entry| entry.record.seq),
        title: bounded_text(&request.title),
        date: request.date,
        note_id: note_id(request),
        committee: request.committee.as_deref().map(bounded_text),
        content_sha256: request.content_sha256.clone(),
        part: key_of(request.part.as_ref()),
        path: files.first().map(|place| place.path.clone()).unwrap_or_default(),
        files,
    })))
}

/// The record that a request would change: the newest standing version of it, if there is one.
///
/// Today that is the same `id:`, type and part; or, for want of an `id:`, the very same bytes under the same title,
/// date and file name, which every measure of likeness includes.
fn previous_version<'a>(request: &Request, index: &'a Index) -> Option<&'a Entry> {
    let newest = |key: &Key| {
        let mut found = index.standing(key);
        found.rfind(|entry| entry.superseded_by.is_none())
    };
    if let Some(named) = request.version_of {
        return index.entry(named);
    }
    if let Some(entry) = Key::note(request).and_then(|key| newest(&key)) {
        return Some(entry);
    }
    let same_source = newest(&Key::source(request))?;
    let record = &same_source.record;
    let alike = record.title == bounded_text(&request.title) && record.date == request.date && record.source == request.file_name;
    (alike || request.again).then_some(same_source)
}

fn next_version(index: &Index, id: &str) -> u32 {
    index.versions(id).map(|entry| entry.record.version).max().map_or(1, |newest| newest.saturating_add(1))
}

/// The record as which it stands: a duplicate, or a part that was filed before a crash or a correction.
fn standing_already(request: &Request, situation: &Situation<'_>) -> Checked<Option<Decision>> {
    let (index, archive) = (situation.index, situation.archive);
    let same_source = Key::source(request);
    // Filed, but not yet removed: that is finished whatever the template is now.
    let waits = |entry: &&Entry| !entry.settled && entry.inbox.first() == request.inbox.first();
    if let Some(entry) = first_whole(archive, index.standing(&same_source).rev().filter(waits))? {
        return Ok(Some(Decision::Already { record: entry.record.clone(), note: false }));
    }
    if request.again {
        return Ok(None);
    }
    let same_template = |entry: &&Entry| entry.record.template_sha256 == request.template_sha256;
    if let Some(entry) = first_whole(archive, index.standing(&same_source).rev().filter(same_template))? {
        let record = entry.record.clone();
        let complete = index.is_complete(&record);
        return Ok(Some(if complete { Decision::Duplicate(record) } else { Decision::Already { record, note: false } }));
    }
    if request.part.is_none() {
        return Ok(None);
    }
    let mended = |entry: &&Entry| entry.record.source == request.file_name && !index.is_complete(&entry.record);
    let same_content = Key::content(request);
    let alike = index.standing(&same_content).rev().filter(same_template).filter(mended);
    Ok(first_whole(archive, alike)?.map(|entry| Decision::Already { record: entry.record.clone(), note: true }))
}

/// The first record of which every file stands in the archive.
fn first_whole<E: Borrow<Entry>>(archive: &Path, entries: impl IntoIterator<Item = E>) -> Checked<Option<E>> {
    for entry in entries {
        if stands_whole(archive, &entry.borrow().record)? {
            return Ok(Some(entry));
        }
    }
    Ok(None)
}

/// A file leaves the inbox only if the archive holds what the register says: each file is looked at.
///
/// # Errors
/// The machine does not let us look. That is not the same as gone: what was taken for lost would be filed a second time.
pub(super) fn stands_whole(archive: &Path, record: &Record) -> Checked<bool> {
    for file in &record.files {
        let path = archive.join(&file.path);
        match hash_file(&path) {
            Ok(hash) if hash == file.sha256 => {}
            Ok(_) => return Ok(false),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::IsADirectory) => {
                return Ok(false);
            }
            Err(error) => return Err(Problem::machine("read", &path, &error).into()),
        }
    }
    Ok(true)
}

fn refuse_if_being_filed(request: &Request, situation: &Situation<'_>) -> Checked<()> {
    let alive = |open: &Open| WriterLock::lives(situation.archive, &open.writer);
    let mut keys = vec![Key::source(request)];
    keys.extend(Key::note(request));
    for key in &keys {
        if let Some((_, open)) = situation.index.reserved(key).find(|(_, open)| alive(open)) {
            let message = format!("The same document (“{}”) is being filed at this moment.", open.reserved.title);
            let help = "Nothing needs to be done: it is tried again by itself in a moment.";
            return Err(Problem::new(BEING_FILED, message, help).blaming(Blame::Machine).into());
        }
    }
    Ok(())
}

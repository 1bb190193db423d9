//! Admission: duplicate or not, which record and version, its number and places. Under the office's lock.

use std::borrow::Borrow;
use std::io::ErrorKind;
use std::path::Path;

use chrono::Datelike as _;

use crate::failure::{Blame, Checked, Problem};
use crate::storage::{WriterLock, hash_file};

use super::entry::Entry;
use super::event::Reserved;
use super::identity::{Folders, free_places, new_id, next_number};
use super::index::{Index, Open};
use super::joining::join;
use super::key::{Key, bounded_text, key_of, note_id};
use super::likeness::{previous_version, resembled};
use super::undoing::TAKEN_BACK;
use super::{Record, Request, Resemblance, SourceText};

/// The code of the problem that the same submission, or another version of the same record, is being filed at this
/// moment by another. The machine is to blame, so it is tried again; a moment later it is a duplicate or a version.
pub const BEING_FILED: &str = "being-filed";

/// The code of the problem that a record is approved or signed and would be changed without a reason.
pub const LOCKED: &str = "record-locked";

/// What is to be done about a request.
#[derive(Debug)]
pub(super) enum Decision {
    /// Make it; with the record that it could be taken for a version of, and is not.
    Reserve(Box<Reserved>, Option<Resemblance>),
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
    /// Gives the text that a record was made from.
    pub(super) sources: Option<SourceText>,
}

/// Decides about one request.
///
/// # Errors
/// It is being filed at this moment; the record is locked; a number pattern that does not work; the machine's.
pub(super) fn decide(request: &Request, situation: &mut Situation<'_>) -> Checked<Decision> {
    if let Some(whole) = request.joins {
        return join(request, whole, situation);
    }
    if let Some(found) = standing_already(request, situation)? {
        return Ok(found);
    }
    refuse_if_being_filed(request, situation)?;
    refuse_if_taken_back(request, situation.index)?;
    let previous = previous_version(request, situation)?;
    let may_follow = |entry: &Entry| entry.after.void.is_none() && entry.superseded_by.is_none();
    if request.version_of.is_some() && !previous.as_ref().is_some_and(may_follow) {
        let help = "Look at it with `chancery show ID`, and do it again if it is still wanted.";
        return Err(Problem::new("overtaken", "The record was changed by another at this moment.", help).into());
    }
    if let Some(previous) = &previous {
        refuse_if_open(previous, situation)?;
        refuse_if_locked(previous, request)?;
    }
    let resembled = if previous.is_none() { resembled(request, situation)? } else { None };
    let id = match &previous {
        Some(entry) => entry.record.id.clone(),
        None => new_id(request, situation.index)?,
    };
    let version = situation.index.newest_version(&id)?.map_or(1, |newest| newest.saturating_add(1));
    let kept = previous.as_ref().filter(|entry| keeps_number(&entry.record, request)).and_then(|entry| entry.record.number.clone());
    let given = match (&request.series, &kept) {
        (Some(series), None) => Some(next_number(series, request, situation.index)?),
        _ => None,
    };
    let number = kept.or_else(|| given.as_ref().map(|given| given.text.clone()));
    let places = (situation.index, &mut *situation.folders, situation.archive);
    let files = free_places(&request.places, &id, number.as_deref(), version, places)?;
    let reserved = Reserved {
        id,
        series: request.series.as_ref().map(|series| series.name.clone()),
        number,
        year: given.as_ref().map(|given| given.year),
        n: given.as_ref().map(|given| given.n),
        passed: given.as_ref().map_or(0, |given| given.passed),
        version,
        supersedes: previous.as_ref().map(|entry| entry.record.seq),
        title: bounded_text(&request.title),
        date: request.date,
        note_id: note_id(request),
        committee: request.committee.as_deref().map(bounded_text),
        content_sha256: request.content_sha256.clone(),
        part: key_of(request.part.as_ref()),
        path: files.first().map(|place| place.path.clone()).unwrap_or_default(),
        files,
    };
    Ok(Decision::Reserve(Box::new(reserved), resembled))
}

/// A number belongs to its series and year: a version that is moved to another gets another.
fn keeps_number(previous: &Record, request: &Request) -> bool {
    previous.series.as_deref() == request.series.as_ref().map(|series| series.name.as_str()) && previous.date.year() == request.date.year()
}

/// The record as which it stands: a duplicate, or a part that was filed before a crash or a correction.
fn standing_already(request: &Request, situation: &Situation<'_>) -> Checked<Option<Decision>> {
    let (index, archive) = (situation.index, situation.archive);
    let same_source: Vec<Entry> = index.standing(&Key::source(request))?.into_iter().rev().collect();
    // Filed, but not yet removed: that is finished whatever the template is now.
    let waits = |entry: &&Entry| !entry.settled && entry.inbox.first() == request.inbox.first();
    if let Some(entry) = first_whole(archive, same_source.iter().filter(waits))? {
        return Ok(Some(Decision::Already { record: entry.record.clone(), note: false }));
    }
    if request.again {
        return Ok(None);
    }
    // A batch that goes on files no row a second time, whatever has become of its template meanwhile.
    let same_template = |entry: &&Entry| request.resumed || entry.record.template_sha256 == request.template_sha256;
    if let Some(entry) = first_whole(archive, same_source.iter().filter(same_template))? {
        let record = entry.record.clone();
        let complete = index.is_complete(&record)?;
        return Ok(Some(if complete { Decision::Duplicate(record) } else { Decision::Already { record, note: false } }));
    }
    if request.part.is_none() {
        return Ok(None);
    }
    let mut mended = Vec::new();
    for entry in index.standing(&Key::content(request))?.into_iter().rev() {
        if same_template(&&entry) && entry.record.source == request.file_name && !index.is_complete(&entry.record)? {
            mended.push(entry);
        }
    }
    Ok(first_whole(archive, mended)?.map(|entry| Decision::Already { record: entry.record, note: true }))
}

/// The first record of which every file stands in the archive.
pub(super) fn first_whole<E: Borrow<Entry>>(archive: &Path, entries: impl IntoIterator<Item = E>) -> Checked<Option<E>> {
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
        if let Some(open) = situation.index.reserved(key)?.into_iter().find(alive) {
            let message = format!("The same document (“{}”) is being filed at this moment.", open.reserved.title);
            let help = "Nothing needs to be done: it is tried again by itself in a moment.";
            return Err(Problem::new(BEING_FILED, message, help).blaming(Blame::Machine).into());
        }
    }
    Ok(())
}

/// What somebody took back is not filed again by itself while nothing about it has changed.
fn refuse_if_taken_back(request: &Request, index: &Index) -> Checked<()> {
    let by_itself = !request.by_hand && !request.again;
    if by_itself && index.was_taken_back(&request.source_sha256, &request.document_type, &request.template_sha256)? {
        let message = "This was filed and taken back by `chancery undo`, and nothing about it has changed since.";
        let help = "Change it, or file it as it is with `chancery file`, or delete it if it is not wanted.";
        return Err(Problem::new(TAKEN_BACK, message, help).into());
    }
    Ok(())
}

/// Two versions of one record are not made at once: each would be the next one.
fn refuse_if_open(previous: &Entry, situation: &Situation<'_>) -> Checked<()> {
    let id = &previous.record.id;
    let open = situation.index.reserved(&Key::Id(id.to_lowercase()))?;
    if open.iter().any(|open| WriterLock::lives(situation.archive, &open.writer)) {
        let message = format!("Another version of {id} (“{}”) is being filed at this moment.", previous.record.title);
        let help = "Nothing needs to be done: it is tried again by itself in a moment.";
        return Err(Problem::new(BEING_FILED, message, help).blaming(Blame::Machine).into());
    }
    Ok(())
}

/// What was approved or signed is not changed without a reason.
fn refuse_if_locked(previous: &Entry, request: &Request) -> Checked<()> {
    let record = &previous.record;
    let signed = !previous.after.joined.is_empty();
    if request.said.reason.is_some() || !(signed || record.status.as_deref().is_some_and(is_settled)) {
        return Ok(());
    }
    let name = record.number.as_ref().unwrap_or(&record.id);
    let state = if signed { "signed".to_owned() } else { approval(record) };
    let message = format!("{name} (“{}”) is {state}: it is not changed without a reason.", record.title);
    let help = "Say why the change is made, with `--reason \"…\"`. If this is another document, give it a title of its own.";
    Err(Problem::new(LOCKED, message, help).into())
}

fn approval(record: &Record) -> String {
    let by = record.said.by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
    let on = record.said.on.map(|on| format!(" on {on}")).unwrap_or_default();
    format!("{}{by}{on}", record.status.as_deref().unwrap_or("approved"))
}

/// What people write of a document that is no draft any more.
const APPROVED: &[&str] = &[
    "approved",
    "final",
    "confirmed",
    "已通过",
    "通过",
    "定稿",
    "已通過",
    "通過",
    "核准",
    "genehmigt",
    "bestätigt",
    "approuvé",
    "adopté",
    "aprobada",
    "aprobado",
    "承認",
    "承認済み",
    "確定",
    "معتمد",
    "معتمدة",
];
/// What people write of one that is signed.
const SIGNED: &[&str] = &[
    "signed",
    "已签署",
    "已簽署",
    "unterzeichnet",
    "unterschrieben",
    "signé",
    "firmada",
    "firmado",
    "署名済み",
    "موقع",
    "موقّع",
    "موقعة",
    "موقّعة",
];

/// Whether a document that says this of itself is no draft any more: what the built-in templates print as approved.
pub fn is_settled(status: &str) -> bool {
    settled(status).is_some()
}

/// What a status means, in whichever language it is written: `approved`, `signed`, or a draft.
pub fn settled(status: &str) -> Option<&'static str> {
    let status = status.trim().to_lowercase();
    let is_in = |words: &[&str]| words.contains(&status.as_str());
    if is_in(SIGNED) { Some("signed") } else { is_in(APPROVED).then_some("approved") }
}

//! Signed copies: which record a name means, and the admission of a file that joins it instead of being a record itself.

use crate::failure::{Blame, Checked, Problem};
use crate::storage::{WriterLock, name::fold};

use super::admission::{BEING_FILED, Decision, Situation, first_whole};
use super::entry::Entry;
use super::event::Reserved;
use super::identity::free_places;
use super::index::Index;
use super::key::{Key, bounded_text};
use super::{Query, Record, RecordState, Register, Request};

/// What a name means, as people write it on a scan.
#[derive(Clone, Debug, PartialEq)]
pub enum Called {
    /// This record, in its newest version that stands.
    Record(Box<RecordState>),
    /// Any of these.
    Several(Vec<Record>),
    /// None; these have a number or an id that is almost the same, the nearest first.
    Nothing(Vec<Record>),
}

/// How many of the newest records are looked through for a name that is written in another way, or almost right.
const LOOKED_THROUGH: usize = 20_000;

/// How many are offered.
const OFFERED: usize = 3;

/// So many letters may be wrong in a name that is offered.
const SLIPS: usize = 2;

impl Register {
    /// The record that a number or an id means. Among the newest 20,000 records case, width, spaces and marks do not count:
    /// what stands in a file's name has often lost them.
    ///
    /// # Errors
    /// The machine's.
    pub fn called(&self, name: &str) -> Checked<Called> {
        let mut found = self.find(name)?;
        let mut near = Vec::new();
        if found.is_empty() {
            let wanted = letters(name);
            self.each(&Query { limit: Some(LOOKED_THROUGH), ..Query::default() }, |state| {
                let names = state.record.number.iter().chain([&state.record.id]).map(|name| letters(name));
                match names.map(|name| strsim::damerau_levenshtein(&name, &wanted)).min() {
                    Some(0) => found.push(state.record),
                    Some(slips) if slips <= SLIPS => near.push((slips, state.record)),
                    _ => {}
                }
                Ok(())
            })?;
        }
        Ok(match found.as_slice() {
            [] => {
                near.sort_by_key(|(slips, _)| *slips);
                Called::Nothing(near.into_iter().take(OFFERED).map(|(_, record)| record).collect())
            }
            [one] => match self.newest(&one.id)? {
                Some(state) => Called::Record(Box::new(state)),
                None => Called::Nothing(Vec::new()),
            },
            _ => Called::Several(found),
        })
    }

    /// The newest version of a record that stands.
    fn newest(&self, id: &str) -> Checked<Option<RecordState>> {
        Ok(self.versions(id)?.into_iter().rev().find(|state| state.void.is_none() && state.disposed.is_none()))
    }
}

/// A name without what a file's name may lack: `MIN/2026/014` and `min 2026-014` are one.
fn letters(name: &str) -> String {
    use unicode_normalization::UnicodeNormalization as _;
    fold(&name.nfkc().filter(|c| c.is_alphanumeric()).collect::<String>())
}

/// Decides about a file that joins the record with the line `whole`.
///
/// # Errors
/// The record, or another copy of it, is being filed at this moment, or was changed since it was looked up: all blamed
/// on the machine, so that it is tried again. The machine's.
pub(super) fn join(request: &Request, whole: u64, situation: &mut Situation<'_>) -> Checked<Decision> {
    let index = situation.index;
    let moment = |message: String| {
        let help = "Nothing needs to be done: it is tried again by itself in a moment.";
        Problem::new(BEING_FILED, message, help).blaming(Blame::Machine)
    };
    let gone = || moment("The record that this copy belongs to was changed at this moment.".to_owned());
    let record = index.entry(whole)?.ok_or_else(gone)?.record;
    if let Some(found) = joined_already(request, &record, situation)? {
        return Ok(found);
    }
    let key = Key::Id(record.id.to_lowercase());
    if index.reserved(&key)?.iter().any(|open| WriterLock::lives(situation.archive, &open.writer)) {
        return Err(moment(format!("{} (“{}”) is being filed at this moment.", record.id, record.title)).into());
    }
    let newest = index.versions(&record.id)?.into_iter().rfind(Entry::stands);
    if newest.is_none_or(|newest| newest.record.seq != whole) {
        return Err(gone().into());
    }
    // The place is beside the document's, which says the version already.
    let places = (index, &mut *situation.folders, situation.archive);
    let files = free_places(&request.places, &record.id, record.number.as_deref(), 1, places)?;
    let reserved = Reserved {
        id: record.id.clone(),
        series: record.series.clone(),
        number: record.number.clone(),
        year: None,
        n: None,
        passed: 0,
        version: record.version,
        supersedes: None,
        title: bounded_text(&request.title),
        date: request.date,
        note_id: None,
        committee: None,
        content_sha256: request.content_sha256.clone(),
        part: None,
        path: files.first().map(|place| place.path.clone()).unwrap_or_default(),
        files,
    };
    Ok(Decision::Reserve(Box::new(reserved), None))
}

/// The copy of the record that this one is: filed and not removed yet, or dropped once more.
fn joined_already(request: &Request, record: &Record, situation: &Situation<'_>) -> Checked<Option<Decision>> {
    let index: &Index = situation.index;
    let holds = |copy: &Entry| {
        let held = |sha256: &str| *sha256 == request.source_sha256;
        held(&copy.record.source_sha256) || copy.record.files.iter().any(|file| held(&file.sha256))
    };
    let mut same = Vec::new();
    for version in index.versions(&record.id)?.iter().rev() {
        for seq in version.after.joined.iter().rev() {
            same.extend(index.entry(*seq)?.filter(|copy| copy.stands() && holds(copy)));
        }
    }
    let waits = |copy: &&Entry| !copy.settled && copy.inbox.first() == request.inbox.first();
    if let Some(copy) = first_whole(situation.archive, same.iter().filter(waits))? {
        return Ok(Some(Decision::Already { record: copy.record.clone(), note: false }));
    }
    if request.again {
        return Ok(None);
    }
    Ok(first_whole(situation.archive, same)?.map(|copy| Decision::Duplicate(copy.record)))
}

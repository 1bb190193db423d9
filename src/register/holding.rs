//! Holds and disposals: what is said of a record that stands, so that it is kept, or is not there any more.

use std::collections::{BTreeMap, BTreeSet};

use crate::failure::{Checked, Problem};

use super::afterwards::{Disposed, HELD, RELEASED, Status};
use super::entry::Entry;
use super::event::Happening;
use super::index::Index;
use super::key::bounded_text;
use super::{RecordState, Register, Said};

/// A record whose content is to be disposed of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Disposal {
    pub(crate) id: String,
    /// The `seq` of all that is its content.
    pub(crate) of: BTreeSet<u64>,
    pub(crate) said: Said,
    /// The id of the certificate.
    pub(crate) certificate: String,
}

impl Register {
    /// The record is not to be disposed of.
    ///
    /// # Errors
    /// It is no longer there; the machine's.
    pub fn hold(&self, id: &str, said: Said) -> Checked<()> {
        self.session(None, "", |session| {
            let newest = session.index().versions(id)?.into_iter().rfind(Entry::stands).map(|entry| entry.record.seq);
            let Some(of) = newest else { return Err(gone(id).into()) };
            session
                .push(Happening::Status(Status { of, id: id.to_owned(), status: HELD.to_owned(), said: bounded(said.clone()) }))
                .map(drop)
        })
    }

    /// It may be again. Gives whether it was held at all; else nothing is written.
    ///
    /// # Errors
    /// The machine's.
    pub fn release(&self, id: &str, said: Said) -> Checked<bool> {
        self.session(None, "", |session| {
            let versions = session.index().versions(id)?;
            let held: Vec<u64> = versions.iter().filter(|entry| entry.after.held.is_some()).map(|entry| entry.record.seq).collect();
            for of in &held {
                let status = Status { of: *of, id: id.to_owned(), status: RELEASED.to_owned(), said: bounded(said.clone()) };
                session.push(Happening::Status(status))?;
            }
            Ok(!held.is_empty())
        })
    }

    /// Everything that a disposal of this record removes, in order: its versions, those that stand and those that do not, the ones
    /// of records that turned out to be versions of it, and what joined them.
    ///
    /// # Errors
    /// The machine's.
    pub(crate) fn content(&self, id: &str) -> Checked<Vec<RecordState>> {
        self.ask(|index| Ok(content(index, id)?.into_iter().map(Entry::into_state).collect()))
    }

    /// The id of the record of which this one turned out to be a version.
    ///
    /// # Errors
    /// The machine's.
    pub(crate) fn became(&self, id: &str) -> Checked<Option<String>> {
        self.ask(|index| Ok(index.versions(id)?.into_iter().find_map(|entry| entry.after.became)))
    }

    /// From now on the files of these records are not expected to stand. Nothing is written if one of them was held, or changed in
    /// another way, since it was looked at.
    ///
    /// # Errors
    /// That; the machine's.
    pub(crate) fn dispose(&self, disposals: &[Disposal]) -> Checked<()> {
        self.session(None, "disposed", |session| {
            for disposal in disposals {
                let index = session.index();
                let held = index.versions(&disposal.id)?.iter().any(|entry| entry.after.held.is_some());
                if held || content(index, &disposal.id)?.iter().map(|entry| entry.record.seq).ne(disposal.of.iter().copied()) {
                    return Err(changed(&disposal.id).into());
                }
            }
            for Disposal { id, of, said, certificate } in disposals.iter().cloned() {
                let (of, certificate) = (of.into_iter().collect(), Some(certificate));
                session.push(Happening::Disposed(Disposed { of, id, said: bounded(said), certificate }))?;
            }
            Ok(())
        })
    }
}

/// Everything of a record of which the content was not disposed of, in order: also versions that were undone, and those of
/// records that turned out to be versions of this one, with what joined them.
fn content(index: &Index, id: &str) -> Checked<Vec<Entry>> {
    let (mut found, mut open, mut seen) = (BTreeMap::new(), vec![(id.to_lowercase(), None)], BTreeSet::new());
    while let Some((id, became)) = open.pop() {
        if !seen.insert((id.clone(), became.clone())) {
            continue;
        }
        for entry in index.versions(&id)?.into_iter().filter(|entry| entry.after.became == became) {
            let ended = entry.instead_of.map(|seq| index.entry(seq)).transpose()?.flatten();
            open.extend(ended.map(|ended| (ended.record.id.to_lowercase(), Some(id.clone()))));
            for joined in &entry.after.joined {
                found.extend(index.entry(*joined)?.map(|joined| (joined.record.seq, joined)));
            }
            found.insert(entry.record.seq, entry);
        }
    }
    Ok(found.into_values().filter(|entry| entry.after.disposed.is_none()).collect())
}

fn bounded(said: Said) -> Said {
    Said { by: said.by.as_deref().map(bounded_text), on: said.on, reason: said.reason.as_deref().map(bounded_text) }
}

fn gone(id: &str) -> Problem {
    Problem::new("disposed-of", format!("The record {id} does not stand any more."), "`chancery show` tells what became of it.")
}

fn changed(id: &str) -> Problem {
    let message = format!("The record {id} was held or got a new version at this moment; nothing was disposed of.");
    Problem::new("record-changed", message, "Look at it with `chancery show`, and try again.")
}

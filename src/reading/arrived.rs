//! What an arrival turns out to be: a note, of which a document is made, or a scan that joins a record.

use serde::{Deserialize, Serialize};

use super::{OwnedFile, SignedCopy, Submission, read, signed};
use crate::failure::Checked;
use crate::intake::Arrival;
use crate::model::sha256_hex;

/// What an arrival turns out to be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Read {
    /// A note, of which a document is made.
    Note(Box<Submission>),
    /// A scan that belongs to a record.
    SignedCopy(Box<SignedCopy>),
}

impl Read {
    /// SHA-256 over all its files, as [`Submission::sha256`].
    pub fn sha256(&self) -> String {
        match self {
            Self::Note(note) => note.sha256(),
            Self::SignedCopy(copy) => sha256_of(&copy.source, &copy.company),
        }
    }

    /// Takes out the bytes that came in with the arrival, for the way to a process that has them already.
    pub(crate) fn without_bytes(mut self) -> Self {
        let (source, company) = self.bytes();
        source.clear();
        company.iter_mut().for_each(|file| file.bytes.clear());
        self
    }

    /// Puts the arrival's bytes back.
    pub(crate) fn with_bytes(mut self, arrival: &Arrival) -> Self {
        let (source, company) = self.bytes();
        *source = arrival.note.bytes.to_vec();
        for file in company {
            if let Some(arrived) = arrival.company.iter().find(|arrived| arrived.name == file.name) {
                file.bytes = arrived.bytes.to_vec();
            }
        }
        self
    }

    fn bytes(&mut self) -> (&mut Vec<u8>, &mut Vec<OwnedFile>) {
        match self {
            Self::Note(note) => (&mut note.source, &mut note.company),
            Self::SignedCopy(copy) => (&mut copy.source, &mut copy.company),
        }
    }
}

/// Hash over a note and the files that it owns.
pub(super) fn sha256_of(source: &[u8], company: &[OwnedFile]) -> String {
    sha256_of_set(&sha256_hex(source), company.iter().map(|file| (file.name.as_str(), file.sha256.as_str())))
}

/// The same from the hashes of the note and of each other file, given with its name.
pub(crate) fn sha256_of_set<'a>(note: &str, company: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut files: Vec<String> = company.map(|(name, sha256)| format!("{name}\0{sha256}\n")).collect();
    if files.is_empty() {
        return note.to_owned();
    }
    files.sort();
    sha256_hex(format!("{note}\n{}", files.concat()).as_bytes())
}

/// Reads an arrival, whether it is a note or a signed copy.
///
/// # Errors
/// As [`read`]; a scan that is not what its name says.
pub fn read_any(arrival: &Arrival) -> Checked<Read> {
    match signed::read(arrival) {
        Some(copy) => Ok(Read::SignedCopy(Box::new(copy.map_err(|problems| problems.in_file(&arrival.note.name))?))),
        None => Ok(Read::Note(Box::new(read(arrival)?))),
    }
}

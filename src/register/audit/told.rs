//! What the lines say that matters to whoever holds the archive against them, read without keeping the rest.
//!
//! The names are those of `event`; a line of another shape says nothing here, as everywhere.

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny};

/// What one line says about files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// These files stand from now on.
    Filed(Claim),
    /// These places may be filled by that writer until the reservation is closed.
    Reserved {
        /// The line's place in the chain.
        seq: u64,
        /// Who reserved them.
        writer: String,
        /// Each record's id and places.
        records: Vec<(String, Vec<String>)>,
    },
    /// A reservation is closed without a record.
    Closed {
        /// The `seq` of its line.
        reserve: u64,
        /// The record's id.
        id: String,
    },
    /// That record no longer stands.
    Void {
        /// The `seq` of its `filed` line.
        of: u64,
        /// Each file's old and new place, if it was taken back.
        files: Vec<(String, String)>,
    },
    /// The content of these records was disposed of.
    Disposed(Vec<u64>),
    /// Files of a record stand elsewhere: from, to.
    Moved {
        /// The `seq` of its `filed` line.
        of: u64,
        /// The record's id.
        id: String,
        /// Each file's old and new place.
        files: Vec<(String, String)>,
    },
    /// Torn bytes were put into that file of the register's folder.
    Torn {
        /// Its name.
        file: String,
        /// How many.
        bytes: u64,
        /// Their hash; older lines have none.
        sha256: Option<String>,
    },
    /// The chain begins anew; where the old one was put, relative to `archive/`.
    Rebuilt(Option<String>),
    /// Anything else.
    Nothing,
}

/// What a `filed` line states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    pub(crate) seq: u64,
    pub(crate) id: String,
    pub(crate) version: u32,
    pub(crate) number: Option<String>,
    /// The `seq` of its `reserve` line.
    pub(crate) reserve: u64,
    /// Each file's path relative to `archive/`, and its hash.
    pub(crate) files: Vec<(String, String)>,
}

/// The keys of all events that tell of files.
#[derive(Deserialize)]
struct Slim {
    event: String,
    #[serde(default)]
    id: String,
    #[serde(default)]
    version: u32,
    #[serde(default)]
    number: Option<String>,
    #[serde(default)]
    reserve: Option<u64>,
    #[serde(default)]
    writer: String,
    #[serde(default)]
    of: Seqs,
    #[serde(default)]
    files: Vec<SlimFile>,
    #[serde(default)]
    records: Records,
    #[serde(default)]
    file: String,
    #[serde(default)]
    bytes: u64,
    #[serde(default)]
    sha256: Option<String>,
    #[serde(default)]
    old: Option<String>,
}

#[derive(Default, Deserialize)]
struct SlimFile {
    #[serde(default)]
    path: String,
    #[serde(default)]
    sha256: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
}

#[derive(Deserialize)]
struct SlimRecord {
    id: String,
    files: Vec<SlimFile>,
}

/// One `seq` or several.
#[derive(Default)]
struct Seqs(Vec<u64>);

impl<'de> Deserialize<'de> for Seqs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            One(u64),
            Many(Vec<u64>),
            Other(IgnoredAny),
        }
        Ok(Self(match Either::deserialize(deserializer)? {
            Either::One(seq) => vec![seq],
            Either::Many(seqs) => seqs,
            Either::Other(_) => Vec::new(),
        }))
    }
}

/// The records of a range; in a `rebuilt` line the word is a number.
#[derive(Default)]
struct Records(Vec<SlimRecord>);

impl<'de> Deserialize<'de> for Records {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            Many(Vec<SlimRecord>),
            Other(IgnoredAny),
        }
        Ok(Self(match Either::deserialize(deserializer)? {
            Either::Many(records) => records,
            Either::Other(_) => Vec::new(),
        }))
    }
}

/// What a line with that `seq` tells.
pub(super) fn told(seq: u64, line: &[u8]) -> Told {
    let Ok(slim) = serde_json::from_slice::<Slim>(line) else { return Told::Nothing };
    let places = |files: Vec<SlimFile>| files.into_iter().map(|file| (file.from, file.to)).collect();
    let paths = |files: Vec<SlimFile>| files.into_iter().map(|file| file.path).collect::<Vec<_>>();
    match slim.event.as_str() {
        "filed" => Told::Filed(Claim {
            seq,
            id: slim.id,
            version: slim.version,
            number: slim.number,
            reserve: slim.reserve.unwrap_or_default(),
            files: slim.files.into_iter().map(|file| (file.path, file.sha256)).collect(),
        }),
        // They belong to no record, and are to stay as they are.
        "found" => Told::Filed(Claim {
            seq,
            id: "found when the register was made again".to_owned(),
            version: 0,
            number: None,
            reserve: 0,
            files: slim.files.into_iter().map(|file| (file.path, file.sha256)).collect(),
        }),
        "reserve" => {
            let range = slim.records.0.into_iter().map(|record| (record.id, paths(record.files)));
            let one = (!slim.id.is_empty()).then(|| (slim.id, paths(slim.files)));
            Told::Reserved { seq, writer: slim.writer, records: one.into_iter().chain(range).collect() }
        }
        "void" => match (slim.of.0.first(), slim.reserve) {
            (Some(&of), _) => Told::Void { of, files: places(slim.files) },
            (None, Some(reserve)) => Told::Closed { reserve, id: slim.id },
            (None, None) => Told::Nothing,
        },
        "disposed" => Told::Disposed(slim.of.0),
        "moved" => Told::Moved { of: slim.of.0.first().copied().unwrap_or_default(), id: slim.id, files: places(slim.files) },
        "torn" => Told::Torn { file: slim.file, bytes: slim.bytes, sha256: slim.sha256 },
        "rebuilt" => Told::Rebuilt(slim.old),
        _ => Told::Nothing,
    }
}

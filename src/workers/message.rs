//! What is said between the program and a worker. Requests borrow what they carry and own it when they are received.

use std::borrow::Cow;
#[cfg(unix)]
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, FixedOffset, Utc};
use serde::{Deserialize, Deserializer, Serialize};

use super::sandbox::Shelter;
use super::{Made, Order};
use crate::catalog::DocumentType;
use crate::classification::Classification;
use crate::config::fonts::FontChoices;
use crate::config::{Limits, Settings};
use crate::failure::{Checked, Problem, Problems, Warning};
use crate::intake::Arrival;
use crate::model::{Dropped, TypeName};
use crate::reading::{Glance, Read, Submission, Table};
use crate::register::{Said, Ticket};
use crate::typesetting::{Caption, Imprint, LaidIn, Rendition, Unprintable};

/// The version of what is said here: the program talks only to workers of its own.
pub(super) const PROTOCOL: u32 = 3;

/// What a worker is told before anything else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Setup {
    /// [`PROTOCOL`].
    pub protocol: u32,
    /// Where fonts are looked for beside the built-in ones.
    pub font_folders: Vec<SentPath>,
    /// Where the properties of fonts are remembered.
    pub cache: Option<SentPath>,
    /// The fonts that the configuration names.
    pub fonts: FontChoices,
    /// On how many threads it may set one document.
    pub threads: usize,
}

impl Setup {
    /// For workers with these settings.
    pub(super) fn of(settings: &Settings, cache: Option<PathBuf>, threads: usize) -> Self {
        let font_folders = settings.font_folders.iter().cloned().map(SentPath::from).collect();
        Self { protocol: PROTOCOL, font_folders, cache: cache.map(SentPath::from), fonts: settings.fonts.clone(), threads }
    }
}

/// A path on its way, whatever bytes it is made of: folders need not be named in UTF-8.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct SentPath(#[serde(with = "serde_bytes")] Vec<u8>);

impl From<PathBuf> for SentPath {
    fn from(path: PathBuf) -> Self {
        Self(path.into_os_string().into_encoded_bytes())
    }
}

impl SentPath {
    #[cfg(unix)]
    pub(super) fn path(self) -> PathBuf {
        let name: OsString = std::os::unix::ffi::OsStringExt::from_vec(self.0);
        name.into()
    }

    #[cfg(not(unix))]
    pub(super) fn path(self) -> PathBuf {
        PathBuf::from(String::from_utf8_lossy(&self.0).into_owned())
    }
}

/// What a worker is asked; the first three have no answer.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Request<'a> {
    /// Begin.
    Setup(Cow<'a, Setup>),
    /// The settings that hold from now on.
    Settings(Cow<'a, Settings>),
    /// A document type as it is from now on.
    Type(Cow<'a, DocumentType>),
    /// Read an arrival.
    Read(SentArrival<'a>),
    /// Look which files a file names.
    Glance(SentFile<'a>),
    /// Read a table of rows.
    Table(SentFile<'a>),
    /// Compose and set a record.
    Make(SentOrder<'a>),
    /// Compose a record and lay its files into the bundle.
    Lay(SentSheets<'a>),
    /// One PDF of the bundle, which is empty after it.
    Export(Cow<'a, Imprint>),
}

/// A record that is to be laid into a bundle.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SentSheets<'a> {
    pub order: SentOrder<'a>,
    /// What it is called there.
    pub caption: Cow<'a, Caption>,
    /// Whether each document begins on a sheet of its own.
    pub fresh_sheets: bool,
}

/// An arrival on its way.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SentArrival<'a> {
    note: SentFile<'a>,
    company: Vec<SentFile<'a>>,
    folder: Option<Cow<'a, str>>,
}

/// A file on its way: where it lies is nobody's business there.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SentFile<'a> {
    pub name: Cow<'a, str>,
    modified: DateTime<Utc>,
    #[serde(serialize_with = "serde_bytes::serialize", deserialize_with = "owned")]
    pub bytes: Cow<'a, [u8]>,
}

/// Bytes as they are received.
fn owned<'de, 'a, D: Deserializer<'de>>(input: D) -> Result<Cow<'a, [u8]>, D::Error> {
    Ok(Cow::Owned(serde_bytes::deserialize(input)?))
}

impl<'a> SentFile<'a> {
    pub(super) fn new(name: &'a str, bytes: &'a [u8]) -> Self {
        Self { name: name.into(), modified: DateTime::UNIX_EPOCH, bytes: bytes.into() }
    }

    fn of(file: &'a Dropped) -> Self {
        Self { modified: file.modified, ..Self::new(&file.name, &file.bytes) }
    }

    fn dropped(self) -> Dropped {
        Dropped { path: PathBuf::new(), name: self.name.into_owned(), modified: self.modified, bytes: Arc::from(&*self.bytes) }
    }
}

impl<'a> SentArrival<'a> {
    pub(super) fn of(arrival: &'a Arrival) -> Self {
        Self {
            note: SentFile::of(&arrival.note),
            company: arrival.company.iter().map(SentFile::of).collect(),
            folder: arrival.folder.as_deref().map(Cow::from),
        }
    }

    pub(super) fn arrival(self) -> Arrival {
        let mut arrival = Arrival::alone(self.note.dropped());
        arrival.company = self.company.into_iter().map(SentFile::dropped).collect();
        arrival.folder = self.folder.map(Cow::into_owned);
        arrival
    }
}

/// An [`Order`] on its way; its type and the settings were sent before.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SentOrder<'a> {
    pub submission: Cow<'a, Submission>,
    pub classification: Cow<'a, Classification>,
    pub document_type: Cow<'a, TypeName>,
    pub ticket: Option<Cow<'a, Ticket>>,
    pub status: Option<Cow<'a, str>>,
    pub said: Cow<'a, Said>,
    pub now: DateTime<FixedOffset>,
    pub ppi: Option<u16>,
    pub limits: Limits,
}

impl<'a> SentOrder<'a> {
    pub(super) fn of(order: &Order<'a>) -> Self {
        let commission = order.commission;
        Self {
            submission: Cow::Borrowed(commission.submission),
            classification: Cow::Borrowed(commission.classification),
            document_type: Cow::Borrowed(&commission.document_type.name),
            ticket: commission.ticket.map(Cow::Borrowed),
            status: commission.status.map(Cow::from),
            said: Cow::Borrowed(commission.said),
            now: commission.now,
            ppi: order.ppi,
            limits: order.limits,
        }
    }
}

/// What a worker says once it can work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Hello {
    /// [`PROTOCOL`] as it knows it.
    pub protocol: u32,
    /// Hash of the fonts that it has.
    pub fonts_sha256: String,
    /// What it cannot do any more.
    pub shelter: Shelter,
}

/// What a worker answers.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Reply {
    /// The answer.
    pub answer: Answer,
    /// Bytes of memory that it has for itself now.
    pub memory: u64,
}

/// An answer, by what was asked.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Answer {
    /// To [`Request::Read`]; without the bytes that came with the request.
    Read(Checked<Read>),
    /// To [`Request::Glance`].
    Glance(Checked<Glance>),
    /// To [`Request::Table`].
    Table(Checked<(Table, Vec<Warning>)>),
    /// To [`Request::Make`].
    Made(Checked<Made>),
    /// To [`Request::Lay`]: its files, in order.
    Laid(Checked<Vec<LaidIn>>),
    /// To [`Request::Export`].
    Exported(Result<Rendition, Unprintable>),
}

impl Answer {
    /// The answer to the same request, that it could not be done.
    pub(super) fn refused(self, problem: Problem) -> Self {
        let problems = Problems::from(problem);
        match self {
            Self::Read(_) => Self::Read(Err(problems)),
            Self::Glance(_) => Self::Glance(Err(problems)),
            Self::Table(_) => Self::Table(Err(problems)),
            Self::Made(_) => Self::Made(Err(problems)),
            Self::Laid(_) => Self::Laid(Err(problems)),
            Self::Exported(_) => Self::Exported(Err(problems.into())),
        }
    }
}

//! The records that a command asks for by ID, and their files in the archive.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use super::ending::{Ending, Stop};
use super::session::Session;
use crate::classification::read_date;
use crate::config::Settings;
use crate::failure::Problem;
use crate::filing;
use crate::register::{FiledFile, Record, RecordState, Register};

/// An archive and the register that stands in it.
#[derive(Debug)]
pub struct Archive {
    /// The office's folder.
    pub root: PathBuf,
    /// The book of records.
    pub register: Register,
}

impl Archive {
    /// Opens the office's register for reading.
    ///
    /// # Errors
    /// There is no office; its register is missing; the machine's.
    pub fn open(session: &Session) -> Result<Self, Stop> {
        let archive = Self::open_as_it_is(session)?;
        archive.register.refuse_if_missing()?;
        Ok(archive)
    }

    /// The same, also where documents stand and the register is missing.
    ///
    /// # Errors
    /// There is no office; the machine's.
    pub fn open_as_it_is(session: &Session) -> Result<Self, Stop> {
        let root = session.root()?;
        let register = Register::open_in(&root.join("archive"), &root.join(".chancery"))?.with_documents(filing::document_in);
        Ok(Self { root, register })
    }

    /// The record that an ID, `ID@VERSION` or number means.
    ///
    /// # Errors
    /// Usage: there is none, or several.
    pub fn one(&self, name: &str) -> Result<Record, Stop> {
        one(&self.register, name)
    }

    /// Where a file of a record stands.
    pub fn path_of(&self, file: &FiledFile) -> PathBuf {
        self.root.join("archive").join(&file.path)
    }

    /// The bytes of a record's file, if they are those that were filed.
    ///
    /// # Errors
    /// It is missing or was changed; the machine's.
    pub fn read(&self, file: &FiledFile) -> Result<Vec<u8>, Stop> {
        Ok(filing::bytes_of(self.register.archive(), file)?)
    }
}

pub use crate::filing::SOURCE;

/// The record that an ID, `ID@VERSION` or number means.
///
/// # Errors
/// Usage: there is none, or several.
pub fn one(register: &Register, name: &str) -> Result<Record, Stop> {
    let mut found = register.find(name)?;
    match (found.pop(), found.as_slice()) {
        (Some(record), []) => Ok(record),
        (None, _) => Err(no_such_record(name)),
        (Some(last), others) => {
            let ids: Vec<String> = others.iter().chain([&last]).map(|record| record.id.clone()).collect();
            let message = format!("`{name}` means several records: {}.", ids.join(", "));
            Err(Stop::usage("several-records", message, "Name one of them by its ID."))
        }
    }
}

/// The same with what became of it since.
///
/// # Errors
/// As [`one`].
pub fn state(register: &Register, name: &str) -> Result<RecordState, Stop> {
    let record = one(register, name)?;
    register.record(record.seq)?.ok_or_else(|| no_such_record(name))
}

fn no_such_record(name: &str) -> Stop {
    let message = format!("There is no record `{name}` in the register.");
    Stop::usage("no-such-record", message, "`chancery list` shows the records with their IDs.")
}

/// A date as people write it.
///
/// # Errors
/// Usage: it is none, or could be several.
pub fn given_date(settings: &Settings, text: &str) -> Result<NaiveDate, Stop> {
    read_date(text, settings.date_order).ok_or_else(|| {
        let message = format!("`{text}` is no date, or could be several.");
        Stop::usage("no-date", message, "Write year, month and day: 2026-04-03.")
    })
}

/// A name, a title or a reason on the command line: one line that says something.
///
/// # Errors
/// It says nothing.
pub fn words(text: &str) -> Result<String, String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.is_empty() { Err("write some words".to_owned()) } else { Ok(words.join(" ")) }
}

/// The record's main file.
///
/// # Errors
/// A record without files, which no filing makes.
pub fn main_file(record: &Record) -> Result<&FiledFile, Stop> {
    let nothing = || damaged("no-files", format!("the register names no file for {}", record.id));
    record.files.iter().find(|file| file.role != SOURCE).ok_or_else(nothing)
}

fn damaged(code: &str, message: String) -> Stop {
    let problem = Problem::new(code, message, "Bring the file back from a backup of the archive.");
    Stop { ending: Ending::Attention, problems: problem.into() }
}

/// Writes to a path only if nothing is there.
///
/// # Errors
/// Usage: something is there. The machine's.
pub fn write_new(session: &Session, path: &Path, bytes: &[u8]) -> Result<(), Stop> {
    use std::io::Write as _;
    let file = fs::OpenOptions::new().write(true).create_new(true).open(path);
    match file.and_then(|mut file| file.write_all(bytes)) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            let message = format!("{} is there already; it was not overwritten.", session.shown(path));
            Err(Stop::usage("already-there", message, "Choose another name or folder with `-o`."))
        }
        Err(error) => Err(Stop::machine("write", path, &error)),
    }
}

//! A new register, written from its first line on beside the old one, from what the archive's PDFs say.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Datelike as _, FixedOffset, NaiveDate};

use crate::failure::{Blame, Checked, Problem};
use crate::model::TypeName;
use crate::storage::{make_folders, sync_dir};

use super::adopting::{Counted, reserve_line};
use super::afterwards::{Found, Rebuilt};
use super::chain::seal;
use super::event::{Filed, Happening, Line, Reserve, Reserved, VERSION, Void};
use super::{FiledFile, Head};

/// How many files of which nothing is known stand in one line.
const MAX_FOUND: usize = 500;

/// The writer that stands in its reservations; all of them are closed, and no living writer has this name.
const WRITER: &str = "rebuild";

/// A register that is being made.
#[derive(Debug)]
pub(crate) struct Remaking {
    folder: PathBuf,
    path: PathBuf,
    out: BufWriter<File>,
    now: DateTime<FixedOffset>,
    /// Whether people are named in its lines.
    names: bool,
    first: String,
    head: Head,
}

impl Remaking {
    /// Begins it in an empty folder, with the line that says what it is.
    ///
    /// # Errors
    /// The machine's.
    pub(crate) fn begin(folder: &Path, now: DateTime<FixedOffset>, names: bool, rebuilt: Rebuilt) -> Checked<Self> {
        make_folders(folder)?;
        let path = folder.join(format!("{:04}.jsonl", now.year().clamp(0, 9999)));
        let out = File::create_new(&path).map_err(|error| Problem::machine("make", &path, &error))?;
        let out = BufWriter::with_capacity(1 << 20, out);
        let mut remaking = Self { folder: folder.to_owned(), path, out, now, names, first: String::new(), head: Head::default() };
        remaking.push(Happening::Rebuilt(rebuilt))?;
        remaking.first.clone_from(&remaking.head.hash);
        Ok(remaking)
    }

    /// Adds a record, and the line that gives it its number. Gives the `seq` of its `filed` line.
    ///
    /// # Errors
    /// The machine's.
    pub(crate) fn filed(&mut self, mut filed: Filed, counted: Option<Counted>) -> Checked<u64> {
        if let Some(reserve) = reserve_line(&filed, counted, WRITER.to_owned()) {
            filed.reserve = self.push(Happening::Reserve(reserve))?;
        }
        self.push(Happening::Filed(filed))
    }

    /// Explains a number that no record bears: a reservation that is void.
    ///
    /// # Errors
    /// The machine's.
    pub(crate) fn lost_number(&mut self, document_type: &TypeName, series: &str, counted: Counted, number: &str) -> Checked<()> {
        let id = format!("{series}-{}-{}", counted.year, counted.n);
        let one = Reserved {
            id: id.clone(),
            series: Some(series.to_owned()),
            number: Some(number.to_owned()),
            year: Some(counted.year),
            n: Some(counted.n),
            passed: 0,
            version: 1,
            supersedes: None,
            title: "not known".to_owned(),
            date: NaiveDate::from_ymd_opt(counted.year, 1, 1).unwrap_or_default(),
            note_id: None,
            committee: None,
            content_sha256: String::new(),
            part: None,
            path: String::new(),
            files: Vec::new(),
        };
        let reserve = self.push(Happening::Reserve(Reserve {
            one: Some(one),
            document_type: document_type.clone(),
            source: String::new(),
            source_sha256: String::new(),
            template_sha256: String::new(),
            parts: 1,
            filed_at: self.now,
            writer: WRITER.to_owned(),
            inbox: Vec::new(),
            records: Vec::new(),
            imported: None,
        }))?;
        let reason = "When the register was made again, no PDF bore this number: it was void, or its document is lost.".to_owned();
        let number = Some(number.to_owned());
        self.push(Happening::Void(Void {
            reserve: Some(reserve),
            of: None,
            id,
            number,
            reusable: false,
            reason,
            series: None,
            year: None,
            n: None,
            files: Vec::new(),
            returned: Vec::new(),
            writer: None,
        }))
        .map(|_| ())
    }

    /// Adds files of which nothing is known: from now on they are to stay as they are.
    ///
    /// # Errors
    /// The machine's.
    pub(crate) fn found(&mut self, files: &[FiledFile]) -> Checked<()> {
        files.chunks(MAX_FOUND).try_for_each(|files| self.push(Happening::Found(Found { files: files.to_vec() })).map(|_| ()))
    }

    /// Makes it durable; gives the hash of its first line, by which it is known.
    ///
    /// # Errors
    /// The machine's.
    pub(crate) fn finish(mut self) -> Checked<String> {
        let synced = self.out.flush().and_then(|()| self.out.get_ref().sync_all());
        synced.map_err(|error| Problem::machine("write to", &self.path, &error))?;
        sync_dir(&self.folder)?;
        Ok(self.first)
    }

    fn push(&mut self, happening: Happening) -> Checked<u64> {
        let happening = if self.names { happening } else { happening.without_names() };
        let seq = self.head.seq + 1;
        let object = serde_json::to_string(&Line { v: VERSION, seq, time: self.now, event: &happening }).map_err(|error| {
            let message = format!("A line of the register could not be written: {error}");
            Problem::new("register-line", message, "This should not happen; please tell whoever makes the program.").blaming(Blame::Machine)
        })?;
        let (line, hash) = seal(&self.head.hash, &object);
        let written = self.out.write_all(line.as_bytes()).and_then(|()| self.out.write_all(b"\n"));
        written.map_err(|error| Problem::machine("write to", &self.path, &error))?;
        self.head = Head { seq, hash };
        Ok(seq)
    }
}

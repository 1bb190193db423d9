//! The register read for `verify`: every line against the one before it, and what each says about files.
//!
//! It trusts no index and nothing that was read earlier. A line that is wrong is named once, at its place: the line after it is held
//! against both what the wrong one states and what it should state.

mod told;

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::failure::{Blame, Checked, Problem};
use crate::storage::OfficeLock;

use super::chain;
use super::head::Head;
use super::journal::{Damage, Journal, MAX_LINE_BYTES, is_year_file};

pub(crate) use told::{Claim, Told};

/// The register's folder at one moment, at which nobody was writing.
#[derive(Debug)]
pub(crate) struct Snapshot {
    /// The year files and how long they were.
    years: Vec<(String, u64)>,
    /// Every other name.
    pub(crate) others: Vec<String>,
}

impl Snapshot {
    /// Whether there is no register.
    pub(crate) fn is_empty(&self) -> bool {
        self.years.iter().all(|(_, length)| *length == 0)
    }
}

/// How far the register was read.
#[derive(Debug)]
pub(crate) struct Audit {
    folder: PathBuf,
    /// The year file that is being read, how many of its bytes were, and how many lines.
    file: Option<String>,
    offset: u64,
    line: u64,
    /// Lines in all.
    pub(crate) lines: u64,
    /// The last bytes before the place reached, by which an exchanged file is seen.
    last: Vec<u8>,
    /// The last line that was taken.
    head: Head,
    /// What the last line's hash should be, where it states another.
    mended: Option<String>,
    /// The last line was wrong: its number may be.
    is_lost: bool,
    /// A line that is to be in the chain, and what stands at its place.
    sought: Option<(Head, Option<String>)>,
}

/// How many bytes before the place reached are compared.
const MEMORY_BYTES: usize = 128;

/// The first keys of a line.
#[derive(Deserialize)]
struct Beginning {
    seq: u64,
}

impl Audit {
    /// Nothing is read yet. `sought` is a head that was written down earlier.
    pub(crate) fn new(archive: &Path, sought: Option<Head>) -> Self {
        Self {
            folder: archive.join("register"),
            file: None,
            offset: 0,
            line: 0,
            lines: 0,
            last: Vec::new(),
            head: Head::default(),
            mended: None,
            is_lost: false,
            sought: sought.map(|head| (head, None)),
        }
    }

    /// The year files as they are between two writes.
    ///
    /// # Errors
    /// The machine's.
    pub(crate) fn snapshot(archive: &Path) -> Checked<Snapshot> {
        let _quiet = OfficeLock::quiet(archive);
        let journal = Journal::new(archive);
        let (mut years, mut others) = (Vec::new(), Vec::new());
        for name in journal.list()? {
            let path = journal.folder().join(&name);
            if is_year_file(&name) {
                let length = std::fs::metadata(&path).map_err(|error| Problem::machine("read", &path, &error))?.len();
                years.push((name, length));
            } else {
                others.push(name);
            }
        }
        Ok(Snapshot { years, others })
    }

    /// The last line that was taken.
    pub(crate) fn head(&self) -> &Head {
        &self.head
    }

    /// Reads on to the end of the snapshot: each complete line is handed to `take`, with what is wrong with it.
    ///
    /// # Errors
    /// The register was exchanged meanwhile; the machine's.
    pub(crate) fn read_to(&mut self, snapshot: &Snapshot, take: &mut dyn FnMut(Told, Option<Damage>)) -> Checked<()> {
        let start = match &self.file {
            None => 0,
            Some(current) => {
                let place = snapshot.years.iter().position(|(name, length)| name == current && *length >= self.offset);
                place.filter(|_| self.is_same(current)).ok_or_else(exchanged)?
            }
        };
        for (index, (name, length)) in snapshot.years.iter().enumerate().skip(start) {
            if self.file.as_ref() != Some(name) {
                (self.file, self.offset, self.line) = (Some(name.clone()), 0, 0);
                self.last.clear();
            }
            let path = self.folder.join(name);
            let rest = self.read_file(&path, *length, take).map_err(|error| Problem::machine("read", &path, &error))?;
            if !rest.is_empty() && index + 1 < snapshot.years.len() {
                // Only the newest file can be torn.
                self.offset += rest.len() as u64;
                self.take(&rest, take);
            }
        }
        Ok(())
    }

    /// Looks at what follows the last line break, once everything else was read. A whole line that lacks only its line break counts.
    ///
    /// # Errors
    /// The machine's.
    pub(crate) fn read_tail(&mut self, snapshot: &Snapshot, take: &mut dyn FnMut(Told, Option<Damage>)) -> Checked<()> {
        let Some((name, length)) = snapshot.years.last() else { return Ok(()) };
        let path = self.folder.join(name);
        let tail = read_part(&path, self.offset, *length).map_err(|error| Problem::machine("read", &path, &error))?;
        if tail.is_empty() {
            return Ok(());
        }
        let seq = serde_json::from_slice::<Beginning>(&tail).map_or(0, |line| line.seq);
        if chain::is_sound(&self.head.hash, &tail) && seq == self.head.seq + 1 {
            let said = told::told(seq, &tail);
            self.take(&tail, &mut |_, _| {});
            take(said, Some(self.damage("The last line lacks its line break. The next filing puts it back; nothing of the line is lost.")));
        } else {
            self.line += 1;
            let message = "The register ends in bytes that are no whole line: a write was cut off, or somebody changed them. The next \
                           filing moves them aside; nothing before them is touched.";
            take(Told::Nothing, Some(self.damage(message)));
        }
        Ok(())
    }

    /// What is wrong with the chain as against the head that was written down, once everything was read.
    pub(crate) fn proof(&self) -> Option<Damage> {
        let (sought, found) = self.sought.as_ref()?;
        let file = self.file.clone().unwrap_or_default();
        let message = match found {
            _ if sought.seq == 0 => return None,
            Some(hash) if *hash == sought.hash => return None,
            Some(_) => {
                format!("Line {} of the chain is not the one that was written down: it, or lines before it, were exchanged.", sought.seq)
            }
            None => format!(
                "The lines after {} were cut off or exchanged: the chain ends there, and what was written down is line {}.",
                self.head.seq, sought.seq
            ),
        };
        Some(Damage { file: format!("register/{file}"), line: self.line, message })
    }

    /// Whether the file still holds, before the place that reading reached, what it held then.
    fn is_same(&self, name: &str) -> bool {
        let from = self.offset - self.last.len() as u64;
        read_part(&self.folder.join(name), from, self.offset).is_ok_and(|bytes| bytes == self.last)
    }

    /// Reads complete lines, and gives what follows the last line break.
    fn read_file(&mut self, path: &Path, length: u64, take: &mut dyn FnMut(Told, Option<Damage>)) -> io::Result<Vec<u8>> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(self.offset))?;
        let mut bytes = BufReader::with_capacity(1 << 20, file.take(length - self.offset));
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = bytes.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut line)? as u64;
            if line.last() == Some(&b'\n') {
                self.offset += read;
                self.last = line[line.len().saturating_sub(MEMORY_BYTES)..].to_vec();
                line.pop();
            } else if read == MAX_LINE_BYTES {
                self.offset += read + bytes.skip_until(b'\n')? as u64;
                self.last.clear();
            } else {
                return Ok(line);
            }
            self.take(&line, take);
        }
    }

    /// Takes a line: says what is wrong with it, and goes on from it.
    fn take(&mut self, line: &[u8], take: &mut dyn FnMut(Told, Option<Damage>)) {
        (self.line, self.lines) = (self.line + 1, self.lines + 1);
        let Some((body, stated)) = chain::split(line) else {
            take(Told::Nothing, Some(self.damage("This is no line of the register: it was changed, or somebody else wrote it.")));
            return;
        };
        let should = chain::hash(&self.head.hash, body);
        let after_mended = self.mended.take().map(|mended| chain::hash(&mended, body));
        let sound = should == stated || after_mended.as_deref() == Some(stated);
        let seq = serde_json::from_slice::<Beginning>(line).ok().map(|line| line.seq);
        let expected = self.head.seq + 1;
        let message = match seq {
            // After a wrong line the numbering is not known: a line that is sound sets it right.
            Some(seq) if sound && (seq == expected || self.is_lost) => None,
            Some(seq) if seq > expected => Some(self.gap(seq - expected)),
            Some(seq) if seq < expected => Some("This line stands in the wrong place: a later one came before it.".to_owned()),
            Some(_) if self.line == 1 && self.lines > 1 => Some(self.gap(0)),
            Some(_) => Some("This line was changed: its hash is not right.".to_owned()),
            None => Some("This line was changed: it can no longer be read.".to_owned()),
        };
        if !sound {
            self.mended = Some(should);
        }
        self.is_lost = !sound;
        let at = seq.unwrap_or(expected);
        self.head = Head { seq: if sound { at } else { expected }, hash: stated.to_owned() };
        if let Some((sought, found)) = &mut self.sought
            && sought.seq == at
        {
            *found = Some(stated.to_owned());
        }
        let damage = message.map(|message| self.damage(&message));
        take(told::told(at, line), damage);
    }

    fn gap(&self, missing: u64) -> String {
        let (lines, are) = match missing {
            0 => ("lines".to_owned(), "are"),
            1 => ("a line".to_owned(), "is"),
            count => (format!("{count} lines"), "are"),
        };
        if self.lines == 1 {
            format!("The register does not begin here: {lines} before this one {are} missing.")
        } else if self.line == 1 {
            format!(
                "This file does not go on where the one before it ended: {lines} between them {are} missing, or a year file has the name of another."
            )
        } else {
            format!("Before this line {lines} {are} missing.")
        }
    }

    fn damage(&self, message: &str) -> Damage {
        Damage { file: format!("register/{}", self.file.as_deref().unwrap_or_default()), line: self.line, message: message.to_owned() }
    }
}

fn read_part(path: &Path, from: u64, to: u64) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.take(to.saturating_sub(from)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn exchanged() -> Problem {
    let message = "The register was exchanged while it was read.";
    Problem::new("register-exchanged", message, "Start `chancery verify` again.").blaming(Blame::Machine)
}

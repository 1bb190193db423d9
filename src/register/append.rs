//! Appending to the year files, and mending a torn tail: what only a writer may do, under the office's lock.
//!
//! The sync after an append is the commit point of everything. Torn bytes are moved, never erased.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use chrono::{DateTime, Datelike as _, FixedOffset};

use crate::failure::{Checked, Problem, Problems};
use crate::storage::{TEMPORARY_PREFIX, crash_point, make_folders, sync_dir, write_new};

use super::journal::{Journal, Tail};

/// The code of the problem when it is not known whether a line was committed.
pub(super) const UNCERTAIN: &str = "register-uncertain";

impl Journal {
    /// Puts the tail right, as only a writer may: a committed line gets its newline, anything else moves to
    /// `register/torn-<time>`. Gives the new file's name and size if something was moved.
    pub(super) fn mend_tail(&mut self, now: DateTime<FixedOffset>) -> Checked<Option<(String, u64)>> {
        let Some(path) = self.file.as_ref().map(|file| self.folder.join(file)) else { return Ok(None) };
        match self.tail {
            Tail::None => Ok(None),
            Tail::Unterminated => {
                self.append_bytes(&path, self.offset, b"\n", "")?;
                self.offset += 1;
                self.remember(b"\n");
                self.tail = Tail::None;
                Ok(None)
            }
            Tail::Torn => {
                let tail = self.tail_bytes()?;
                let name = self.keep_torn(&tail, now)?;
                cut(&path, self.offset).map_err(|error| Problem::machine("mend", &path, &error))?;
                self.tail = Tail::None;
                Ok(Some((name, tail.len() as u64)))
            }
        }
    }

    /// Writes torn bytes to a file of their own; a file that holds the same (a crash came before they were cut off) does.
    fn keep_torn(&self, tail: &[u8], now: DateTime<FixedOffset>) -> Checked<String> {
        let time = now.to_utc().format("%Y%m%dT%H%M%SZ");
        for attempt in 1.. {
            let name = if attempt == 1 { format!("torn-{time}") } else { format!("torn-{time}-{attempt}") };
            let path = self.folder.join(&name);
            match std::fs::read(&path) {
                Ok(bytes) if bytes == tail => return Ok(name),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    write_new(&path, tail)?;
                    return Ok(name);
                }
                Err(error) => return Err(Problem::machine("read", &path, &error).into()),
            }
        }
        unreachable!("some number is free")
    }

    /// Takes away the temporary files that a crash in [`Journal::keep_torn`] left: under the lock they are nobody's.
    pub(super) fn sweep(&self) {
        for name in self.list().unwrap_or_default().iter().filter(|name| name.starts_with(TEMPORARY_PREFIX)) {
            let _ = std::fs::remove_file(self.folder.join(name));
        }
    }

    /// Appends complete lines and syncs them: the commit. On an error nothing of them stands, if the disk allows it.
    ///
    /// `event` names the crash points (`reserve`, `filed`, `removed`, `void`, `duplicate`, or nothing).
    pub(super) fn append(&mut self, lines: &[u8], now: DateTime<FixedOffset>, event: &str) -> Checked<()> {
        make_folders(&self.folder)?;
        let year = format!("{:04}.jsonl", now.year().clamp(0, 9999));
        let name = match &self.file {
            Some(newest) if *newest >= year => newest.clone(),
            _ => year,
        };
        let path = self.folder.join(&name);
        if self.file.as_ref() != Some(&name) {
            let made = OpenOptions::new().append(true).create(true).open(&path).and_then(|file| file.sync_all());
            made.map_err(|error| Problem::machine("make", &path, &error))?;
            sync_dir(&self.folder)?;
            self.turn_to(&name);
        }
        self.append_bytes(&path, self.offset, lines, event)?;
        self.offset += lines.len() as u64;
        self.line += lines.iter().filter(|&&byte| byte == b'\n').count() as u64;
        self.remember(lines);
        Ok(())
    }

    fn append_bytes(&self, path: &Path, length: u64, bytes: &[u8], event: &str) -> Checked<()> {
        let mut file = OpenOptions::new().append(true).open(path).map_err(|error| Problem::machine("open", path, &error))?;
        let written = write_in_halves(&mut file, bytes, event).and_then(|()| {
            crash_at(event, "written");
            file.sync_data()
        });
        written.map_err(|error| {
            // A line that is not known to be durable must not be read as committed.
            let undone = file.set_len(length).and_then(|()| file.sync_data());
            let mut problem = Problem::machine("write to", path, &error);
            if undone.is_err() {
                problem.code = UNCERTAIN.to_owned();
            }
            Problems::from(problem)
        })
    }
}

fn cut(path: &Path, length: u64) -> io::Result<()> {
    let file = OpenOptions::new().write(true).open(path)?;
    file.set_len(length)?;
    file.sync_all()
}

/// In two halves only where a test may want the process to die between them.
fn write_in_halves(file: &mut File, bytes: &[u8], event: &str) -> io::Result<()> {
    let half = if cfg!(feature = "failpoints") { bytes.len() / 2 } else { 0 };
    file.write_all(&bytes[..half])?;
    crash_at(event, "torn");
    file.write_all(&bytes[half..])
}

fn crash_at(event: &str, moment: &str) {
    if cfg!(feature = "failpoints") && !event.is_empty() {
        crash_point(&format!("register::{event}-{moment}"));
    }
}

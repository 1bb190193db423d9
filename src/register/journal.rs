//! The year files: reads them in order and follows what others append.
//!
//! Reading never changes a byte. Only bytes after the last newline of the newest file can be torn; a complete line that
//! is wrong is damage, which is counted, kept and passed over.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use crate::failure::{Checked, Problem};

/// A complete line of the register that is not what was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The year file, relative to `archive/`.
    pub file: String,
    /// Its line, from 1.
    pub line: u64,
    /// What is wrong with it, as a sentence.
    pub message: String,
}

/// What follows the last newline of the newest file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Tail {
    /// Nothing.
    None,
    /// A whole line with the right hash: it was committed and counts.
    Unterminated,
    /// Anything else.
    Torn,
}

/// How far reading came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// To the end.
    All,
    /// There may be more.
    Some,
    /// Nowhere: a file is no longer what was read before, and everything has to be read anew.
    Replaced,
}

/// Who the lines are read for.
pub(super) trait Reader {
    /// A complete line without its newline: the file's name, the line's number from 1, its bytes.
    fn take(&mut self, file: &str, line: u64, bytes: &[u8]) -> Checked<()>;

    /// Whether these bytes are a whole line, sealed rightly after the last one taken.
    fn is_next(&self, bytes: &[u8]) -> bool;
}

/// Where reading has come to.
#[derive(Debug)]
pub(super) struct Journal {
    pub(super) folder: PathBuf,
    /// The newest file that was read, how far, and its last bytes up to there, by which a replaced file is seen.
    pub(super) file: Option<String>,
    pub(super) offset: u64,
    pub(super) line: u64,
    pub(super) last: Vec<u8>,
    pub(super) tail: Tail,
}

/// A line longer than this is no line of ours (a range of reservations is cut at 500): it is passed over as damage.
pub(super) const MAX_LINE_BYTES: u64 = 16 << 20;

/// How many bytes before the place reached are compared to see that the file is still the same.
const MEMORY_BYTES: usize = 128;

impl Journal {
    pub(super) fn new(archive: &Path) -> Self {
        Self { folder: archive.join("register"), file: None, offset: 0, line: 0, last: Vec::new(), tail: Tail::None }
    }

    /// The folder `archive/register`.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether nothing was appended since the last time. What follows the last newline is looked at each time.
    pub(super) fn is_current(&self) -> Checked<bool> {
        let files = self.files()?;
        let (Some(current), Some(newest)) = (&self.file, files.last()) else { return Ok(self.file.is_none() && files.is_empty()) };
        let path = self.folder.join(current);
        if current != newest {
            return Ok(false);
        }
        let length = std::fs::metadata(&path).map_err(|error| Problem::machine("read", &path, &error))?.len();
        Ok(length == self.offset && self.is_same(current)?)
    }

    /// Reads at most `most` of the lines that were appended since the last time, and hands on each.
    pub(super) fn read_on(&mut self, reader: &mut impl Reader, most: u64) -> Checked<Reach> {
        let files = self.files()?;
        let start = match &self.file {
            None => 0,
            Some(current) => match files.iter().position(|file| file == current) {
                Some(index) if self.is_same(current)? => index,
                _ => return Ok(Reach::Replaced),
            },
        };
        let mut left = most;
        for (index, file) in files.iter().enumerate().skip(start) {
            if self.file.as_ref() != Some(file) {
                self.turn_to(file);
            }
            let path = self.folder.join(file);
            if !self.read_file(&path, file, reader, &mut left)? {
                return Ok(Reach::Some);
            }
            let tail = self.judge_tail(file, reader)?;
            if self.tail == Tail::Torn && index + 1 < files.len() {
                // Not the newest file: no crash of ours leaves that, so it is damage and stays.
                reader.take(file, self.line + 1, &tail)?;
            }
        }
        Ok(Reach::All)
    }

    pub(super) fn turn_to(&mut self, file: &str) {
        (self.file, self.offset, self.line) = (Some(file.to_owned()), 0, 0);
        (self.last, self.tail) = (Vec::new(), Tail::None);
    }

    /// Reads the current file's complete lines from where reading stopped; `false` if there may be more.
    fn read_file(&mut self, path: &Path, name: &str, reader: &mut impl Reader, left: &mut u64) -> Checked<bool> {
        let failed = |error: io::Error| Problem::machine("read", path, &error);
        let mut file = File::open(path).map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();
        if length == self.offset {
            return Ok(true);
        }
        file.seek(SeekFrom::Start(self.offset)).map_err(failed)?;
        let mut bytes = BufReader::with_capacity(256 * 1024, file);
        let mut line = Vec::new();
        loop {
            if *left == 0 {
                return Ok(false);
            }
            line.clear();
            let read = bytes.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut line).map_err(failed)? as u64;
            let mut skipped = 0;
            if read == MAX_LINE_BYTES && line.last() != Some(&b'\n') {
                skipped = bytes.skip_until(b'\n').map_err(failed)? as u64;
                // At the end of the file this is a tail like any other, and not yet a line.
                if self.offset + read + skipped >= length && !ends_with_newline(path).map_err(failed)? {
                    return Ok(true);
                }
            } else if line.last() != Some(&b'\n') {
                return Ok(true);
            }
            self.offset += read + skipped;
            self.remember(&line);
            if skipped > 0 {
                // Its end was not kept: nothing to compare until the next line.
                self.last.clear();
            }
            if line.last() == Some(&b'\n') {
                line.pop();
            }
            if self.tail == Tail::Unterminated && line.is_empty() {
                // The newline of a line that counted already was put back.
                self.tail = Tail::None;
                continue;
            }
            self.tail = Tail::None;
            self.line += 1;
            *left -= 1;
            reader.take(name, self.line, &line)?;
        }
    }

    /// Looks at what follows the last newline of the current file, and gives it.
    fn judge_tail(&mut self, name: &str, reader: &mut impl Reader) -> Checked<Vec<u8>> {
        let tail = self.tail_bytes()?;
        if tail.is_empty() {
            if self.tail == Tail::Torn {
                self.tail = Tail::None;
            }
        } else if (tail.len() as u64) < MAX_LINE_BYTES && reader.is_next(&tail) {
            self.line += 1;
            self.offset += tail.len() as u64;
            self.remember(&tail);
            self.tail = Tail::Unterminated;
            reader.take(name, self.line, &tail)?;
        } else {
            self.tail = Tail::Torn;
        }
        Ok(tail)
    }

    /// The files that hold torn bytes.
    pub(super) fn torn_files(&self) -> Checked<Vec<String>> {
        Ok(self.list()?.into_iter().filter(|name| name.starts_with("torn-")).collect())
    }

    /// The year files, oldest first.
    pub(super) fn files(&self) -> Checked<Vec<String>> {
        Ok(self.list()?.into_iter().filter(|name| is_year_file(name)).collect())
    }

    /// The paths of the year files, oldest first.
    pub(super) fn paths(&self) -> Checked<Vec<PathBuf>> {
        Ok(self.files()?.into_iter().map(|name| self.folder.join(name)).collect())
    }

    /// Every name in the folder, sorted.
    pub(super) fn list(&self) -> Checked<Vec<String>> {
        let entries = match std::fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(Problem::machine("read the folder", &self.folder, &error).into()),
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|error| Problem::machine("read the folder", &self.folder, &error))?;
            names.extend(entry.file_name().into_string());
        }
        names.sort();
        Ok(names)
    }

    /// Whether the file still holds, before the place that reading reached, what it held then.
    fn is_same(&self, name: &str) -> Checked<bool> {
        let path = self.folder.join(name);
        let read = || -> io::Result<bool> {
            let mut file = File::open(&path)?;
            if file.metadata()?.len() < self.offset {
                return Ok(false);
            }
            file.seek(SeekFrom::Start(self.offset - self.last.len() as u64))?;
            let mut bytes = vec![0; self.last.len()];
            file.read_exact(&mut bytes)?;
            Ok(bytes == self.last)
        };
        read().map_err(|error| Problem::machine("read", &path, &error).into())
    }

    pub(super) fn tail_bytes(&self) -> Checked<Vec<u8>> {
        let Some(path) = self.file.as_ref().map(|file| self.folder.join(file)) else { return Ok(Vec::new()) };
        let read = || -> io::Result<Vec<u8>> {
            let mut file = File::open(&path)?;
            file.seek(SeekFrom::Start(self.offset))?;
            let mut tail = Vec::new();
            file.read_to_end(&mut tail)?;
            // What another process appended since is no tail.
            Ok(if tail.contains(&b'\n') && (tail.len() as u64) < MAX_LINE_BYTES { Vec::new() } else { tail })
        };
        read().map_err(|error| Problem::machine("read", &path, &error).into())
    }

    pub(super) fn remember(&mut self, bytes: &[u8]) {
        self.last.extend_from_slice(&bytes[bytes.len().saturating_sub(MEMORY_BYTES)..]);
        let surplus = self.last.len().saturating_sub(MEMORY_BYTES);
        self.last.drain(..surplus);
    }
}

pub(super) fn is_year_file(name: &str) -> bool {
    name.strip_suffix(".jsonl").is_some_and(|year| year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit()))
}

fn ends_with_newline(path: &Path) -> io::Result<bool> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::End(-1))?;
    let mut byte = [0];
    file.read_exact(&mut byte)?;
    Ok(byte == *b"\n")
}

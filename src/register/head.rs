//! The head: the place and the hash of the chain's last line. Written down elsewhere, it shows later whether lines were
//! cut off or exchanged.
//!
//! It is read from the last line on the disk and from nothing else.

use std::fmt;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::str::FromStr;

use chrono::{DateTime, FixedOffset};
use serde::Deserialize;

use crate::failure::{Blame, Checked, Problem};

use super::chain;
use super::journal::{Journal, MAX_LINE_BYTES};

/// `SEQ:HASH`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The place of a line in the chain, from 1; 0 before the first line.
    pub seq: u64,
    /// Its hash, hexadecimal; empty before the first line.
    pub hash: String,
}

impl fmt::Display for Head {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.seq, self.hash)
    }
}

impl FromStr for Head {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "write it as `chancery head` printed it: a number, a colon and 64 letters and digits".to_owned();
        let (seq, hash) = text.trim().split_once(':').ok_or_else(wrong)?;
        let seq = seq.parse().map_err(|_| wrong())?;
        let hash = hash.to_ascii_lowercase();
        let whole = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        if whole || (seq == 0 && hash.is_empty()) { Ok(Self { seq, hash }) } else { Err(wrong()) }
    }
}

/// The last line of a register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastLine {
    /// Its place and hash.
    pub head: Head,
    /// When it was written.
    pub time: DateTime<FixedOffset>,
}

#[derive(Deserialize)]
struct Beginning {
    seq: u64,
    time: DateTime<FixedOffset>,
}

/// The last whole line of the register in `archive`; `None` if there is none yet.
///
/// # Errors
/// The last line is no line of the register any more; the machine's.
pub fn last_line(archive: &Path) -> Checked<Option<LastLine>> {
    for path in Journal::new(archive).paths()?.iter().rev() {
        let line = last_of(path).map_err(|error| Problem::machine("read", path, &error))?;
        let Some(line) = line else { continue };
        let read = chain::split(&line).and_then(|(_, hash)| Some((hash, serde_json::from_slice::<Beginning>(&line).ok()?)));
        let Some((hash, Beginning { seq, time })) = read else {
            let message = format!("The last line of {} is no line of the register any more.", path.display());
            let help = "`chancery verify` says what is wrong with the register; bring it back from a backup.";
            return Err(Problem::new("register-damaged", message, help).blaming(Blame::Note).into());
        };
        return Ok(Some(LastLine { head: Head { seq, hash: hash.to_owned() }, time }));
    }
    Ok(None)
}

/// The last line of a file that ends in a line break: what follows it is being written, or torn.
fn last_of(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut piece = 64 * 1024;
    loop {
        let from = length.saturating_sub(piece);
        file.seek(SeekFrom::Start(from))?;
        let mut bytes = Vec::new();
        file.by_ref().take(length - from).read_to_end(&mut bytes)?;
        let end = bytes.iter().rposition(|&byte| byte == b'\n');
        let start = end.and_then(|end| bytes[..end].iter().rposition(|&byte| byte == b'\n'));
        match (start, end) {
            (Some(start), Some(end)) => return Ok(Some(bytes[start + 1..end].to_vec())),
            (None, Some(end)) if from == 0 => return Ok(Some(bytes[..end].to_vec())),
            (None, None) if from == 0 => return Ok(None),
            _ if piece > 2 * MAX_LINE_BYTES => return Ok(Some(Vec::new())),
            _ => piece *= 4,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::Register;
    use crate::register::tests::{file_it, request};

    #[test]
    fn it_is_the_last_line_on_the_disk() {
        let archive = tempfile::tempdir().unwrap();
        assert_eq!(last_line(archive.path()).unwrap(), None);
        let register = Register::open(archive.path()).unwrap();
        let record = file_it(&register, &request("one"));
        let last = last_line(archive.path()).unwrap().unwrap();
        assert_eq!((last.head.seq, last.head.hash.clone()), register.head());
        assert_eq!(last.head.seq, record.seq);
        assert_eq!(last.head.to_string().parse::<Head>().unwrap(), last.head);
        // A line that is longer than a piece, and torn bytes behind it.
        let path = archive.path().join("register/2026.jsonl");
        let (line, hash) = chain::seal("", &format!(r#"{{"v":1,"seq":7,"time":"2026-11-24T09:00:00Z","x":"{}"}}"#, "y".repeat(300_000)));
        std::fs::write(&path, format!("{{}}\n{line}\n{{\"v\":1,\"se")).unwrap();
        assert_eq!(last_line(archive.path()).unwrap().unwrap().head, Head { seq: 7, hash });
        std::fs::write(&path, "written by hand\n").unwrap();
        last_line(archive.path()).unwrap_err();
    }

    #[test]
    fn only_what_was_printed_is_a_head() {
        for wrong in ["", "12", "12:", "12:abc", "x:y", &format!("12:{}", "g".repeat(64))] {
            wrong.parse::<Head>().unwrap_err();
        }
        assert!(format!(" 12:{}\n", "AB".repeat(32)).parse::<Head>().is_ok());
    }
}

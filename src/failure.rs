//! Who is to blame for a failure, and how it is worded.
//!
//! A [`Problem`] stops one document and tells a secretary what is wrong, where, and how to mend it. A
//! [`Warning`] travels beside a result and ends where the user sees it. Neither prints anything here.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::classification::Candidate;

mod machine;

/// What a stage gives: its result, or every problem that it found at once.
pub type Checked<T> = Result<T, Problems>;

/// What has to change before the document can be made; decides when it is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Blame {
    /// The note or a file it owns: tried again when it is saved.
    Note,
    /// A document type's files: tried again when they change.
    Template,
    /// `chancery.toml`: tried again when it changes.
    Configuration,
    /// The document took more of the machine than it may, or ended the process that worked on it: note, template and limits have
    /// a part in that, and it is tried again when any of them changes.
    Limit,
    /// Disk, permission, lock: blames no note, and is tried again with growing waits.
    Machine,
}

/// One reason why a document could not be made, in the words a secretary reads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    /// A stable name for programs, in kebab case: `front-matter-syntax`.
    pub code: String,
    /// What is wrong: one sentence, without the place.
    pub message: String,
    /// The file at fault, as its user knows it (the drop's name, or a template's path).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub file: Option<String>,
    /// Line in that file, from 1.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub line: Option<u32>,
    /// Column in that line in characters, from 1.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub column: Option<u32>,
    /// The line itself, as its author wrote it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub excerpt: Option<String>,
    /// How to mend it: one or two sentences.
    pub help: String,
    /// Who has to act.
    pub blame: Blame,
    /// The document types between which the user is asked to choose; mostly empty.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub candidates: Vec<Candidate>,
}

impl Problem {
    /// A problem of the note, not yet placed.
    pub fn new(code: &str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            message: message.into(),
            file: None,
            line: None,
            column: None,
            excerpt: None,
            help: help.into(),
            blame: Blame::Note,
            candidates: Vec::new(),
        }
    }

    /// Blames another than the note.
    #[must_use]
    pub fn blaming(mut self, blame: Blame) -> Self {
        self.blame = blame;
        self
    }

    /// Names the file.
    #[must_use]
    pub fn in_file(mut self, file: impl Into<String>) -> Self {
        self.file = Some(file.into());
        self
    }

    /// Names line and, where known, column, both from 1, and quotes that line out of `text`.
    #[must_use]
    pub fn at(mut self, text: &str, line: u32, column: Option<u32>) -> Self {
        self.line = Some(line);
        self.column = column;
        let excerpt = text.lines().nth(line.saturating_sub(1) as usize);
        self.excerpt = excerpt.map(|line| line.chars().take(MAX_EXCERPT_CHARS).collect());
        self
    }

    /// A mistake of the program, caught: the document stays and the others go on. `panic` is what it said of it.
    pub fn internal(panic: &(dyn std::any::Any + Send)) -> Self {
        let words = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
        let message = format!("The program made a mistake with this file: {}.", words.unwrap_or("it did not say which"));
        let help = "Nothing is lost, and the other files go on. Please report it with this file; saving the file tries it again.";
        Self::new("internal", message, help)
    }
}

/// Does work on a document so that a mistake of the program harms that document only: a panic becomes its problem.
///
/// # Errors
/// Those of the work, or `internal`.
pub fn guarded<T>(work: impl FnOnce() -> Checked<T>) -> Checked<T> {
    let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
    done.unwrap_or_else(|panic| Err(Problem::internal(panic.as_ref()).into()))
}

/// A quoted line is cut after this many characters: notes with a line of megabytes exist.
const MAX_EXCERPT_CHARS: usize = 300;

/// At least one problem.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Several at once; `None` if there are none.
    pub fn of(problems: Vec<Problem>) -> Option<Self> {
        (!problems.is_empty()).then_some(Self(problems))
    }

    /// `Err` with all of them, or `Ok(value)` if there are none.
    pub fn none_or<T>(problems: Vec<Problem>, value: T) -> Checked<T> {
        match Self::of(problems) {
            Some(problems) => Err(problems),
            None => Ok(value),
        }
    }

    /// The first, which stands for all where there is room for one.
    pub fn first(&self) -> &Problem {
        &self.0[0]
    }

    /// Every problem, in the order in which they were found.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.0.iter()
    }

    /// Takes them apart.
    pub fn into_vec(self) -> Vec<Problem> {
        self.0
    }

    /// These, and then the others.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    /// The same for somebody who typed a command: nothing is tried again by itself.
    #[must_use]
    pub fn by_hand(self) -> Self {
        self.each(Problem::by_hand)
    }

    /// Each of them as `work` makes it.
    #[must_use]
    pub fn each(self, work: impl FnMut(Problem) -> Problem) -> Self {
        Self(self.0.into_iter().map(work).collect())
    }

    /// Names the file in those that name none.
    #[must_use]
    pub fn in_file(mut self, file: &str) -> Self {
        for problem in &mut self.0 {
            problem.file.get_or_insert_with(|| file.to_owned());
        }
        self
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

impl fmt::Display for Problem {
    /// As a secretary reads it: what, where with the line itself, how to mend it.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.file, self.line, self.column) {
            (Some(file), Some(line), Some(column)) => write!(out, "{file}, line {line}, column {column}: ")?,
            (Some(file), Some(line), None) => write!(out, "{file}, line {line}: ")?,
            (Some(file), None, _) => write!(out, "{file}: ")?,
            (None, Some(line), _) => write!(out, "line {line}: ")?,
            (None, None, _) => {}
        }
        writeln!(out, "{}", self.message)?;
        if let (Some(excerpt), Some(line)) = (&self.excerpt, self.line) {
            let number = line.to_string();
            let (shown, before) = around(excerpt, self.column);
            writeln!(out, "    {number} | {shown}")?;
            if let Some(before) = before {
                let indent: String = shown.chars().take(before).map(blank).collect();
                writeln!(out, "    {} | {indent}^", " ".repeat(number.len()))?;
            }
        }
        write!(out, "  → {}", self.help)
    }
}

/// What fits a page of a long line, around the column where there is one, and how many characters of it stand before
/// that column.
fn around(line: &str, column: Option<u32>) -> (String, Option<usize>) {
    let characters: Vec<char> = line.chars().collect();
    let column = column.map(|column| column.saturating_sub(1) as usize).filter(|column| *column <= characters.len());
    if characters.len() <= MAX_SHOWN_CHARS {
        return (line.to_owned(), column);
    }
    let last = characters.len() - MAX_SHOWN_CHARS;
    let start = column.map_or(0, |column| column.saturating_sub(MAX_SHOWN_CHARS / 2)).min(last);
    let mark = |cut: bool| if cut { "…" } else { "" };
    let middle: String = characters[start..start + MAX_SHOWN_CHARS].iter().collect();
    let shown = format!("{}{middle}{}", mark(start > 0), mark(start < last));
    (shown, column.map(|column| column - start + usize::from(start > 0)))
}

/// The blank that is as wide as the character.
fn blank(c: char) -> char {
    match c {
        '\t' => '\t',
        _ if wide(c) => '\u{3000}',
        _ => ' ',
    }
}

/// Of a quoted line, people are shown so many characters.
const MAX_SHOWN_CHARS: usize = 120;

/// Whether a character takes two columns on a terminal (Han, kana, Hangul, full-width forms).
fn wide(c: char) -> bool {
    matches!(c as u32, 0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0xfe30..=0xfe6f | 0xff00..=0xff60 | 0xffe0..=0xffe6 | 0x20000..=0x3fffd)
}

impl fmt::Display for Problems {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(out)?;
            }
            writeln!(out, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// Something a user should know about a document that was made all the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Warning {
    /// A stable name for programs, in kebab case: `date-from-file`.
    pub code: String,
    /// One sentence: what was found, what was done about it.
    pub message: String,
    /// Line in the note, from 1.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub line: Option<u32>,
}

impl Warning {
    /// A warning about the document as a whole.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into(), line: None }
    }

    /// Names the line of the note.
    #[must_use]
    pub fn at_line(mut self, line: u32) -> Self {
        self.line = Some(line);
        self
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(out, "line {line}: {}", self.message),
            None => out.write_str(&self.message),
        }
    }
}

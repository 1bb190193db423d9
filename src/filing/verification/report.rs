//! What verification found, in the words of whoever has to act.

use serde::Serialize;

use crate::failure::Problem;
use crate::register::{Damage, Head, Move};

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Wrong {
    /// A file is not what was filed.
    Changed,
    /// A file is not there.
    Missing,
    /// A file that no line names.
    Extra,
    /// A file stands elsewhere than its line says.
    Moved,
    /// The register itself.
    Chain,
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What is wrong.
    pub wrong: Wrong,
    /// The file, relative to `archive/`.
    pub path: String,
    /// Where it stands now, if it was moved.
    pub to: Option<String>,
    /// The line of the register's file, from 1.
    pub line: Option<u64>,
    /// What is wrong, as a sentence.
    pub message: String,
    /// What to do.
    pub help: String,
    /// The record whose file was moved.
    pub(super) of: Option<u64>,
}

impl Finding {
    pub(super) fn new(wrong: Wrong, path: impl Into<String>, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { wrong, path: path.into(), to: None, line: None, message: message.into(), help: help.into(), of: None }
    }

    /// The move that it is, as it can be recorded.
    pub fn as_move(&self) -> Option<Move> {
        Some(Move { of: self.of?, from: self.path.clone(), to: self.to.clone()? })
    }

    pub(super) fn of_damage(damage: Damage) -> Self {
        let help = "Compare the file with one from a backup, line by line. Filing goes on meanwhile, and nothing is mended by itself.";
        Self { line: Some(damage.line), ..Self::new(Wrong::Chain, damage.file, damage.message, help) }
    }
}

/// How it went.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// How many files were read, beside the register's.
    pub files: u64,
    /// How many bytes.
    pub bytes: u64,
    /// How many lines the register has.
    pub lines: u64,
    /// The last line.
    pub head: Head,
    /// What of the machine kept files from being read.
    pub troubles: Vec<Problem>,
}

//! How a command ends: the exit codes, chosen in this one place.

use std::io;
use std::path::Path;
use std::process::ExitCode;

use crate::failure::{Blame, Problem, Problems};

/// How a command ended; the worst of several counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ending {
    /// Everything is done, it was stopped by a signal, or nothing was found.
    #[default]
    Done,
    /// Some document needs somebody.
    Attention,
    /// The command cannot be obeyed: usage, configuration, or a template that it names.
    Refused,
    /// The machine failed: disk, permission, lock.
    Failed,
}

impl Ending {
    /// What a document's problems make of the command. `named`: the command itself names the document type, so
    /// a fault in that type's files is a fault of the command.
    pub fn of(problems: &Problems, named: bool) -> Self {
        problems.iter().map(|problem| Self::of_one(problem, named)).max().unwrap_or_default()
    }

    fn of_one(problem: &Problem, named: bool) -> Self {
        match problem.blame {
            _ if problem.code == NO_SUCH_FILE => Self::Refused,
            Blame::Template if named => Self::Refused,
            Blame::Note | Blame::Template | Blame::Limit => Self::Attention,
            Blame::Configuration => Self::Refused,
            Blame::Machine => Self::Failed,
        }
    }

    /// Remembers the worse of two.
    pub fn worsen(&mut self, other: Self) {
        *self = (*self).max(other);
    }
}

impl From<Ending> for ExitCode {
    fn from(ending: Ending) -> Self {
        match ending {
            Ending::Done => Self::from(0),
            Ending::Attention => Self::from(1),
            Ending::Refused => Self::from(2),
            Ending::Failed => Self::from(3),
        }
    }
}

/// The code of the problem that a file named on the command line is not there: a mistake in the command.
pub const NO_SUCH_FILE: &str = "no-such-file";

/// Why a command stops before, or apart from, any document.
#[derive(Debug)]
pub struct Stop {
    /// The exit code.
    pub ending: Ending,
    /// What to tell the user.
    pub problems: Problems,
}

impl Stop {
    /// The command cannot be obeyed as it was typed.
    pub fn usage(code: &str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { ending: Ending::Refused, problems: Problem::new(code, message, help).into() }
    }

    /// The machine refused something that the command itself needs.
    pub fn machine(action: &str, path: &Path, error: &io::Error) -> Self {
        Self { ending: Ending::Failed, problems: Problem::machine(action, path, error).into() }
    }
}

impl From<Problems> for Stop {
    /// Problems outside of any document: the office's own files.
    fn from(problems: Problems) -> Self {
        Self { ending: Ending::of(&problems, true), problems }
    }
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Problems::from(problem).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_problem_decides() {
        let note = Problem::new("a", "m", "h");
        let machine = note.clone().blaming(Blame::Machine);
        let template = note.clone().blaming(Blame::Template);
        let both = Problems::of(vec![machine, note.clone()]).unwrap();
        assert_eq!(Ending::of(&both, false), Ending::Failed);
        assert_eq!(Ending::of(&note.into(), true), Ending::Attention);
        assert_eq!(Ending::of(&template.clone().into(), false), Ending::Attention);
        assert_eq!(Ending::of(&template.into(), true), Ending::Refused);
    }
}

//! Tells what became of a document: a JSON line for scripts, a line and its problems for people, and the log.

use std::path::Path;

use super::ending::Ending;
use super::session::Session;
use super::view::{Line, Status};
use super::whole::Whole;
use super::{log, wording};
use crate::failure::Problems;
use crate::intake::Arrival;
use crate::pipeline::{Fate, Outcome};
use crate::register::Record;

/// A document's line, and its problems in full.
#[derive(Clone, Debug)]
pub struct Told {
    /// What scripts read.
    pub line: Line,
    /// What people read beside it.
    pub problems: Option<Problems>,
    /// What people call the part that it is: a row's key says nothing to them.
    pub part: Option<String>,
    /// A document of its own: not the whole of several parts and not a file that a note owns, about which people have
    /// read already.
    pub counts: bool,
}

impl Told {
    /// A document with nothing wrong.
    pub fn well(line: Line) -> Self {
        Self { line, problems: None, part: None, counts: true }
    }

    /// A document that needs somebody.
    pub fn troubled(line: Line, problems: Problems) -> Self {
        Self { line: line.troubled(&problems), problems: Some(problems), part: None, counts: true }
    }

    /// A file that could not be read.
    pub fn unreadable(source: &str, problems: &Problems) -> Self {
        Self::troubled(Line::new(Status::Attention, Some(source.to_owned())), problems.clone())
    }

    /// A file that a document owns; the problems are told once, with the document.
    pub fn owned(source: &str, owner: Option<&Self>) -> Self {
        let source = source.to_owned();
        let line = match owner {
            Some(owner) => Line::of_owned(source, &owner.line),
            None => Line::new(Status::Ok, Some(source)),
        };
        Self { line, problems: None, part: None, counts: false }
    }

    /// Names the part that it is, unless it does so itself; `shown` is what people call it.
    #[must_use]
    pub fn in_part(mut self, key: &str, shown: String) -> Self {
        self.line.part.get_or_insert_with(|| key.to_owned());
        self.part = Some(shown);
        self
    }

    /// Told to whoever typed the command: nothing is tried again by itself.
    #[must_use]
    pub fn by_hand(mut self) -> Self {
        if let Some(problems) = self.problems.take().map(Problems::by_hand) {
            self.line = self.line.troubled(&problems);
            self.problems = Some(problems);
        }
        self
    }

    /// What it makes of the command. `named`: the command itself names the document type.
    pub fn ending(&self, named: bool) -> Ending {
        self.problems.as_ref().map_or(Ending::Done, |problems| Ending::of(problems, named))
    }
}

impl Session {
    /// Tells it on both streams.
    pub fn tell(&self, told: &Told) {
        self.output.json(&told.line);
        if !told.counts {
            return;
        }
        self.output.say(&wording::document(&told.line, told.part.as_deref(), |path| self.shown_in_office(path)));
        // With `--json` the line that says which document it is stands on the other stream.
        let whose = if self.output.is_json() { told.line.source.as_ref().map(|source| format!("{source}: ")) } else { None };
        for warning in &told.line.warnings {
            let words = wording::warning(warning, self.output.is_verbose());
            self.output.remark(&format!("    {}{words}", whose.as_deref().unwrap_or_default()));
        }
        if let Some(problems) = &told.problems {
            self.output.problems(problems);
        }
        if self.output.is_verbose() && !told.line.ms.is_empty() {
            self.output.remark(&format!("    {}", wording::times(&told.line.ms)));
        }
    }

    /// Tells the version of a record that a command made, and how that ended.
    pub fn tell_version(&self, record: &Record, outcome: &Outcome) -> Ending {
        let told = part(record.number.as_ref().unwrap_or(&record.id), outcome).by_hand();
        self.tell_and_log(&told);
        told.ending(false)
    }

    /// Tells it, and notes it in the log.
    pub fn tell_and_log(&self, told: &Told) {
        self.tell(told);
        log::document(&told.line);
    }
}

/// The lines of an arrival: one for each record, and one for the whole where there are several.
pub fn lines(source: &str, outcomes: &[Outcome]) -> Vec<Told> {
    let mut told = parts(source, outcomes);
    if told.iter().any(|told| told.line.part.is_some()) {
        let count = told.len();
        for (index, told) in told.iter_mut().enumerate() {
            told.part = Some(format!("{} of {count}", index + 1));
        }
        let mut whole = Whole::new(source);
        told.iter().for_each(|told| whole.add(&told.line));
        told.extend(whole.line().map(|line| Told { line, problems: None, part: None, counts: false }));
    }
    told
}

/// One line for each record of an arrival.
pub fn parts(source: &str, outcomes: &[Outcome]) -> Vec<Told> {
    outcomes.iter().map(|outcome| part(source, outcome)).collect()
}

/// The lines of the files that a document owns; those that have one of their own are `elsewhere`.
pub fn owned(source: &str, arrival: &Arrival, owner: Option<&Told>, elsewhere: impl Fn(&Path) -> bool) -> Vec<Told> {
    let folder = source.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    let files = arrival.company.iter().filter(|file| !elsewhere(&file.path));
    files.map(|file| Told::owned(&format!("{folder}{}", file.name), owner)).collect()
}

/// The line of one record.
pub fn part(source: &str, outcome: &Outcome) -> Told {
    let problems = match &outcome.fate {
        Fate::Attention(problems) => Some(problems.clone()),
        Fate::Filed(_) | Fate::Duplicate(_) => None,
    };
    Told { line: Line::of_outcome(source, outcome), problems, part: None, counts: true }
}

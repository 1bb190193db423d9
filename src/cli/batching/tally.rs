//! How far a batch is, what was told of its rows, and how it ends. Of each row nothing is kept but what the last lines need.

use std::time::Instant;

use super::Report;
use crate::cli::ending::{Ending, Stop};
use crate::cli::session::Session;
use crate::cli::telling::Told;
use crate::cli::view::{Line, Status, Summary};
use crate::cli::whole::Whole;
use crate::cli::wording;
use crate::failure::{Blame, Problem, Problems};
use crate::register::BEING_FILED;

/// What is counted.
pub struct Tally<'a> {
    session: &'a Session,
    /// Whether the command names the document type.
    named: bool,
    rows: usize,
    seen: usize,
    done: usize,
    whole: Whole,
    summary: Summary,
    ending: Ending,
    report: Option<Report>,
    is_halted: bool,
    began: Instant,
}

/// How it ended.
pub struct Closed {
    /// For the exit code.
    pub ending: Ending,
    /// Rows that were done, and how many there are.
    pub done: (usize, usize),
    /// The machine failed.
    pub is_halted: bool,
    /// What kept the report from being written.
    pub reported: Result<(), Stop>,
}

impl<'a> Tally<'a> {
    /// Nothing is done yet of that many rows; `source` is the note.
    pub fn new(session: &'a Session, source: &str, named: bool, rows: usize, report: Option<Report>, began: Instant) -> Self {
        Self {
            session,
            named,
            rows,
            seen: 0,
            done: 0,
            whole: Whole::new(source),
            summary: Summary::default(),
            ending: Ending::Done,
            report,
            is_halted: false,
            began,
        }
    }

    /// Tells what became of the next row, which stands in that line of the table.
    pub fn take(&mut self, line: u32, key: &str, told: &Told) {
        self.ending.worsen(told.ending(self.named));
        self.is_halted |= halts(told);
        self.summary.count(&told.line);
        self.session.tell(told);
        if let Some(report) = &mut self.report {
            report.add(line, key, &told.line);
        }
        self.whole.add(&told.line);
        self.done += 1;
    }

    /// One row more is made.
    pub fn advance(&mut self) {
        self.seen += 1;
        self.session.output.advance(&format!("row {}", self.seen));
    }

    /// Tells that what was made of the rows could not be put together: no further row is of use.
    pub fn fail(&mut self, source: &str, problems: Problems) {
        let told = &Told::troubled(Line::new(Status::Attention, Some(source.to_owned())), problems).by_hand();
        self.ending.worsen(told.ending(self.named));
        self.is_halted = true;
        self.summary.attention += 1;
        self.whole.add(&told.line);
        self.session.tell(told);
    }

    /// Whether the machine failed, so that the rows to come would only fail too.
    pub fn is_halted(&self) -> bool {
        self.is_halted
    }

    /// Whether every row is done.
    pub fn is_whole(&self) -> bool {
        self.done == self.rows
    }

    /// Tells what became of the batch as a whole, and ends the report.
    pub fn close(mut self) -> Closed {
        let output = &self.session.output;
        output.end();
        let took = self.began.elapsed();
        self.summary.of_rows(self.rows, self.done);
        self.summary.ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        if let Some(line) = self.whole.line() {
            output.json(&line);
        }
        output.json(&self.summary);
        output.say(&wording::summary(&self.summary));
        if output.is_verbose() {
            output.remark(&wording::rate(self.done, took));
        }
        let reported = self.report.map(Report::close).transpose().map(|path| {
            if let Some(path) = path {
                output.remark(&format!("What became of each row stands in {}", self.session.shown(&path)));
            }
        });
        // What a signal stops has done what it was asked to.
        let by_signal = self.done < self.rows && !self.is_halted;
        let ending = if by_signal { Ending::Done } else { self.ending };
        Closed { ending, done: (self.done, self.rows), is_halted: self.is_halted, reported }
    }
}

/// A full disk, a folder that may not be written: another row fares no better. That somebody else files the same is no such thing.
pub fn halts(told: &Told) -> bool {
    let of_the_machine = |problem: &Problem| problem.blame == Blame::Machine && problem.code != BEING_FILED;
    told.problems.as_ref().is_some_and(|problems| problems.iter().any(of_the_machine))
}

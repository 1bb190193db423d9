//! What scripts read: the shapes of the JSON lines. The stages' own types are converted here, so that they can
//! change without breaking a script.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;

use crate::classification::{Candidate, Classification};
use crate::failure::{Problem, Problems, Warning};
use crate::pipeline::{Fate, Outcome, StageTimes};
use crate::register::{FiledFile, Record};

/// What became of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It stands in the archive.
    Filed,
    /// It stood there already.
    Duplicate,
    /// It needs somebody.
    Attention,
    /// It was set for looking at.
    Rendered,
    /// Nothing is wrong with it.
    Ok,
}

/// One line: a record, a file, or an arrival as a whole. Keys that say nothing are `null`; `part` and all from `of` on are there only
/// where they apply.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    pub status: Status,
    pub id: Option<String>,
    /// As given; relative to the office for drops.
    pub source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    #[serde(rename = "type")]
    pub document_type: Option<String>,
    pub title: Option<String>,
    pub date: Option<NaiveDate>,
    pub number: Option<String>,
    pub version: Option<u32>,
    /// The main file: relative to the office where it is filed, else as given. Null where pages were drawn instead.
    pub pdf: Option<String>,
    pub files: Vec<FileView>,
    /// Of the main file.
    pub sha256: Option<String>,
    pub pages: Option<u32>,
    pub confidence: Option<f64>,
    /// Why it is of this type; of what needs attention, the first problem.
    pub reason: Option<String>,
    pub warnings: Vec<Warning>,
    pub ms: BTreeMap<&'static str, f64>,
    /// Of a duplicate the record's id; of an owned file the note's source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub candidates: Option<Vec<Candidate>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<ProblemView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problems: Option<Vec<ProblemView>>,
    /// Nothing was set anew: what it is made from has not changed, and the files stand as they were made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cached: Option<bool>,
    /// How many files and problems of a whole are not named again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub files_left_out: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problems_left_out: Option<usize>,
}

/// One of a record's files.
#[derive(Clone, Debug, Serialize)]
pub struct FileView {
    pub role: String,
    pub path: String,
    pub sha256: String,
}

/// A problem, in the words that the user reads.
#[derive(Clone, Debug, Serialize)]
pub struct ProblemView {
    pub code: String,
    pub message: String,
    pub file: Option<String>,
    pub line: Option<u32>,
    pub column: Option<u32>,
    pub help: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub excerpt: Option<String>,
}

impl Line {
    /// A line that says nothing yet but its status and source.
    pub fn new(status: Status, source: Option<String>) -> Self {
        Self {
            status,
            id: None,
            source,
            part: None,
            document_type: None,
            title: None,
            date: None,
            number: None,
            version: None,
            pdf: None,
            files: Vec::new(),
            sha256: None,
            pages: None,
            confidence: None,
            reason: None,
            warnings: Vec::new(),
            ms: BTreeMap::new(),
            of: None,
            candidates: None,
            problem: None,
            problems: None,
            cached: None,
            files_left_out: None,
            problems_left_out: None,
        }
    }

    /// What became of one part of an arrival.
    pub fn of_outcome(source: &str, outcome: &Outcome) -> Self {
        let source = Some(source.to_owned());
        let line = match &outcome.fate {
            Fate::Filed(record) => Self::of_record(Status::Filed, source, record),
            Fate::Duplicate(record) => Self { of: Some(record.id.clone()), ..Self::of_record(Status::Duplicate, source, record) },
            Fate::Attention(_) => Self::new(Status::Attention, source),
        };
        let mut line = line.understood(outcome.classification.as_ref()).timed(&outcome.stage_ms);
        line.part = outcome.part.as_ref().map(|part| part.key.clone());
        line.warnings.clone_from(&outcome.warnings);
        match &outcome.fate {
            Fate::Attention(problems) => line.troubled(problems),
            _ => line,
        }
    }

    /// A record as it stands in the register.
    pub fn of_record(status: Status, source: Option<String>, record: &Record) -> Self {
        let files: Vec<FileView> = record.files.iter().map(FileView::filed).collect();
        let main = files.first();
        Self {
            id: Some(record.id.clone()),
            part: record.part.clone(),
            document_type: Some(record.document_type.to_string()),
            title: Some(record.title.clone()),
            date: Some(record.date),
            number: record.number.clone(),
            version: Some(record.version),
            pdf: main.map(|file| file.path.clone()),
            sha256: main.map(|file| file.sha256.clone()),
            // Those of a scan are not counted.
            pages: record.joins.is_none().then_some(record.pages),
            files,
            ..Self::new(status, source)
        }
    }

    /// The line of a file that a note owns: it shares the note's fate.
    pub fn of_owned(source: String, note: &Self) -> Self {
        let mut line = Self::new(note.status, Some(source));
        line.of.clone_from(&note.source);
        line.id.clone_from(&note.id);
        line.document_type.clone_from(&note.document_type);
        line.pdf.clone_from(&note.pdf);
        line.candidates.clone_from(&note.candidates);
        line.problem.clone_from(&note.problem);
        line.problems.clone_from(&note.problems);
        line
    }

    /// Adds what was understood.
    #[must_use]
    pub fn understood(mut self, classification: Option<&Classification>) -> Self {
        if let Some(known) = classification {
            self.document_type = Some(known.document_type.to_string());
            self.title.get_or_insert_with(|| known.title.clone());
            self.date.get_or_insert(known.date);
            self.confidence = Some(known.confidence);
            self.reason = (!known.evidence.is_empty()).then(|| known.evidence.join("; "));
        }
        self
    }

    /// Adds the time that each stage took.
    #[must_use]
    pub fn timed(mut self, times: &StageTimes) -> Self {
        self.ms = times.0.iter().map(|(stage, ms)| (*stage, (ms * 1000.0).round() / 1000.0)).collect();
        self
    }

    /// Adds every problem; the first stands for all.
    #[must_use]
    pub fn troubled(mut self, problems: &Problems) -> Self {
        self.status = Status::Attention;
        self.candidates = Some(problems.iter().flat_map(|problem| problem.candidates.clone()).collect());
        self.problem = Some(ProblemView::of(problems.first()));
        self.problems = Some(problems.iter().map(ProblemView::of).collect());
        self.reason = Some(problems.first().message.clone());
        self
    }
}

impl FileView {
    /// A file as it stands in the archive.
    pub fn filed(file: &FiledFile) -> Self {
        Self { role: file.role.clone(), path: format!("archive/{}", file.path), sha256: file.sha256.clone() }
    }
}

impl ProblemView {
    /// The problem as scripts see it.
    pub fn of(problem: &Problem) -> Self {
        Self {
            code: problem.code.clone(),
            message: problem.message.clone(),
            file: problem.file.clone(),
            line: problem.line,
            column: problem.column,
            help: problem.help.clone(),
            excerpt: problem.excerpt.clone(),
        }
    }
}

/// The last line of `batch` and `watch --once`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Summary {
    status: Summing,
    /// Documents, each part counted.
    pub documents: usize,
    pub filed: usize,
    pub duplicate: usize,
    pub attention: usize,
    pub rendered: usize,
    /// Of those rendered, the ones that stood there unchanged.
    #[serde(skip_serializing_if = "is_zero")]
    pub cached: usize,
    pub ok: usize,
    /// Pages of what was filed or rendered.
    pub pages: u64,
    pub warnings: usize,
    /// Of a batch: how many rows there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<usize>,
    /// Of a batch that ended before its last row.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub stopped: bool,
    pub ms: u64,
}

#[derive(Clone, Copy, Debug, Default, Serialize)]
#[serde(rename_all = "lowercase")]
enum Summing {
    #[default]
    Summary,
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl Summary {
    /// Of a batch of that many rows, of which so many were done.
    pub fn of_rows(&mut self, rows: usize, done: usize) {
        self.rows = Some(rows);
        self.stopped = done < rows;
    }

    /// Counts a document in; lines of whole arrivals and of owned files are not to be counted.
    pub fn count(&mut self, line: &Line) {
        self.documents += 1;
        self.warnings += line.warnings.len();
        match line.status {
            Status::Filed => self.filed += 1,
            Status::Duplicate => self.duplicate += 1,
            Status::Attention => self.attention += 1,
            Status::Rendered => {
                self.rendered += 1;
                self.cached += usize::from(line.cached == Some(true));
            }
            Status::Ok => self.ok += 1,
        }
        if matches!(line.status, Status::Filed | Status::Rendered) {
            self.pages += u64::from(line.pages.unwrap_or_default());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(status: Status, pdf: &str) -> Line {
        let line = Line { pdf: Some(pdf.to_owned()), ..Line::new(status, Some("a.md".to_owned())) };
        match status {
            Status::Attention => line.troubled(&Problem::new("code", "message", "help").into()),
            _ => line,
        }
    }

    #[test]
    fn keys_that_do_not_apply_are_not_there_and_the_others_always_are() {
        let ok = serde_json::to_value(Line::new(Status::Ok, Some("a.md".to_owned()))).unwrap();
        let keys: Vec<&str> = ok.as_object().unwrap().keys().map(String::as_str).collect();
        let expected = [
            "status",
            "id",
            "source",
            "type",
            "title",
            "date",
            "number",
            "version",
            "pdf",
            "files",
            "sha256",
            "pages",
            "confidence",
            "reason",
            "warnings",
            "ms",
        ];
        assert_eq!(keys, expected);
        let attention = serde_json::to_value(part(Status::Attention, "x.pdf")).unwrap();
        for key in ["code", "message", "file", "line", "column", "help"] {
            assert!(attention["problem"].as_object().unwrap().contains_key(key), "{key}");
        }
        assert!(attention["candidates"].is_array() && attention["problems"].is_array());
    }
}

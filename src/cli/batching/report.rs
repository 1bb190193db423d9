//! The report of a batch: a table with a line for each row that says what became of it. Written as rows are done, under another name
//! until the batch ends, so that a report is never half of one; a pipe or a device is written to as it is.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use tempfile::NamedTempFile;

use crate::cli::ending::Stop;
use crate::cli::session::Session;
use crate::cli::targets;
use crate::cli::view::{Line, Status};
use crate::cli::writable;
use crate::keeping::listing::harmless;

/// A report being written.
pub struct Report {
    path: PathBuf,
    rows: Rows,
    /// The first thing that went wrong: nothing is written after it, and the batch goes on.
    failed: Option<io::Error>,
}

/// In which form it is written.
enum Rows {
    Csv(Box<csv::Writer<Sink>>),
    Json(Sink),
}

/// Where it is written to.
type Sink = BufWriter<Out>;

enum Out {
    /// Named at the end.
    New(NamedTempFile),
    /// A pipe or a device.
    There(File),
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::New(file) => file.write(bytes),
            Self::There(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::New(file) => file.flush(),
            Self::There(file) => file.flush(),
        }
    }
}

/// A line of it.
#[derive(Serialize)]
struct Row {
    /// The line in the table.
    row: u32,
    key: String,
    status: Status,
    title: Option<String>,
    date: Option<String>,
    number: Option<String>,
    id: Option<String>,
    version: Option<u32>,
    pdf: Option<String>,
    pages: Option<u32>,
    problem: Option<String>,
    message: Option<String>,
    warnings: String,
}

impl Report {
    /// Begins the report that is to stand at `path`: CSV or JSON lines, as its name ends.
    ///
    /// # Errors
    /// Usage: another ending, or a place where no results belong. The machine's.
    pub fn begin(session: &Session, path: &Path, reads: &[PathBuf]) -> Result<Self, Stop> {
        writable::check(session, path, reads)?;
        Self::at(path)
    }

    fn at(path: &Path) -> Result<Self, Stop> {
        let ending = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        let is_csv = match ending.as_str() {
            "csv" => true,
            "json" | "jsonl" => false,
            _ => {
                let message = format!("A report is a table in CSV or JSON lines, and the name {} says neither.", path.display());
                return Err(Stop::usage("report-name", message, "Name it `report.csv` or `report.jsonl`."));
            }
        };
        let rows = sink(path).and_then(|sink| Rows::begin(sink, is_csv)).map_err(|error| Stop::machine("write", path, &error))?;
        Ok(Self { path: path.to_owned(), rows, failed: None })
    }

    /// Adds what became of the row in that line of the table.
    pub fn add(&mut self, row: u32, key: &str, line: &Line) {
        if self.failed.is_none() {
            self.failed = self.rows.add(Row::of(row, key, line)).err();
        }
    }

    /// Ends it, also where the batch was stopped: then it tells what was done.
    ///
    /// # Errors
    /// The machine's, also one that it met with before.
    pub fn close(self) -> Result<PathBuf, Stop> {
        let failed = |error: io::Error| Stop::machine("write", &self.path, &error);
        if let Some(error) = self.failed {
            return Err(failed(error));
        }
        match self.rows.finish().map_err(failed)? {
            Out::There(_) => {}
            Out::New(file) => {
                file.persist(&self.path).map_err(|error| failed(error.error))?;
            }
        }
        Ok(self.path)
    }
}

fn sink(path: &Path) -> io::Result<Sink> {
    if path.exists() && !path.is_file() {
        return OpenOptions::new().write(true).open(path).map(|file| BufWriter::new(Out::There(file)));
    }
    targets::prepare(path)?;
    targets::temporary_in(targets::folder_of(path), targets::TEMPORARY).map(|file| BufWriter::new(Out::New(file)))
}

impl Rows {
    fn begin(mut sink: Sink, is_csv: bool) -> io::Result<Self> {
        if !is_csv {
            return Ok(Self::Json(sink));
        }
        // Without the mark a spreadsheet takes the table for another encoding.
        sink.write_all("\u{feff}".as_bytes())?;
        Ok(Self::Csv(Box::new(csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(sink))))
    }

    fn add(&mut self, row: Row) -> io::Result<()> {
        match self {
            Self::Csv(out) => out.serialize(row.harmless()).map_err(io::Error::other),
            Self::Json(out) => {
                serde_json::to_writer(&mut *out, &row)?;
                out.write_all(b"\n")
            }
        }
    }

    fn finish(self) -> io::Result<Out> {
        let sink = match self {
            Self::Csv(out) => out.into_inner().map_err(|error| io::Error::other(error.to_string()))?,
            Self::Json(out) => out,
        };
        sink.into_inner().map_err(|error| error.into_error())
    }
}

impl Row {
    fn of(row: u32, key: &str, line: &Line) -> Self {
        let warnings: Vec<String> = line.warnings.iter().map(ToString::to_string).collect();
        Self {
            row,
            key: key.to_owned(),
            status: line.status,
            title: line.title.clone(),
            date: line.date.map(|date| date.to_string()),
            number: line.number.clone(),
            id: line.id.clone(),
            version: line.version,
            pdf: line.pdf.clone(),
            pages: line.pages,
            problem: line.problem.as_ref().map(|problem| problem.code.clone()),
            message: line.problem.as_ref().map(|problem| problem.message.clone()),
            warnings: warnings.join("; "),
        }
    }

    /// The same with no cell that a spreadsheet would take for a formula.
    fn harmless(self) -> Self {
        let text = |text: Option<String>| text.map(|text| harmless(&text));
        Self {
            key: harmless(&self.key),
            title: text(self.title),
            number: text(self.number),
            id: text(self.id),
            pdf: text(self.pdf),
            problem: text(self.problem),
            message: text(self.message),
            warnings: harmless(&self.warnings),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::failure::Problem;

    fn lines() -> [Line; 2] {
        let good = Line {
            title: Some("=1+1, \"quoted\"".to_owned()),
            pages: Some(2),
            pdf: Some("out/a.pdf".to_owned()),
            ..Line::new(Status::Rendered, Some("n.md".to_owned()))
        };
        let bad = Line::new(Status::Ok, Some("n.md".to_owned())).troubled(&Problem::new("cell-empty", "-5 is\nempty", "h").into());
        [good, bad]
    }

    fn written(name: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        let mut report = Report::at(&path).unwrap();
        let [good, bad] = lines();
        report.add(2, "@17", &good);
        report.add(4, "b", &bad);
        assert!(!path.exists(), "it is there whole or not at all");
        report.close().unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        fs::read_to_string(path).unwrap()
    }

    #[test]
    fn a_spreadsheet_reads_it_and_takes_nothing_for_a_formula() {
        let text = written("report.CSV");
        let mut rows = text.strip_prefix('\u{feff}').unwrap().split("\r\n");
        assert_eq!(rows.next().unwrap(), "row,key,status,title,date,number,id,version,pdf,pages,problem,message,warnings");
        assert_eq!(rows.next().unwrap(), "2,'@17,rendered,\"'=1+1, \"\"quoted\"\"\",,,,,out/a.pdf,2,,,");
        assert_eq!(rows.next().unwrap(), "4,b,attention,,,,,,,,cell-empty,\"'-5 is\nempty\",");
    }

    #[test]
    fn a_program_reads_it_line_by_line() {
        let text = written("report.jsonl");
        let rows: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!((rows.len(), &rows[0]["title"], &rows[0]["row"]), (2, &"=1+1, \"quoted\"".into(), &2.into()));
        assert_eq!(
            (&rows[1]["status"], &rows[1]["problem"], &rows[1]["pdf"]),
            (&"attention".into(), &"cell-empty".into(), &serde_json::Value::Null)
        );
    }

    #[test]
    fn a_name_that_says_no_form_is_refused() {
        let stop = Report::at(Path::new("report.txt")).err().unwrap();
        assert_eq!(stop.problems.first().code, "report-name");
    }
}

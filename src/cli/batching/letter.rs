//! The note of a batch, and the table whose rows are put into it.

use std::path::{Path, PathBuf};

use crate::cli::given::{self, What};
use crate::cli::session::Session;
use crate::cli::wording;
use crate::composition::merge::{Repeats, merge, row_key, row_name};
use crate::failure::{Checked, Problem};
use crate::office::Office;
use crate::reading::{Read, Submission, Table};
use crate::register::Part;

/// What the rows are put into.
pub struct Letter {
    /// The note's name.
    pub name: String,
    /// Where it lies.
    pub path: PathBuf,
    /// Every file that is read.
    pub reads: Vec<PathBuf>,
    note: Submission,
    table: Table,
    /// Where rows are to be filed, those that cannot be told from each other.
    repeats: Repeats,
}

impl Letter {
    /// Reads the note and the table; `filed`: each row is to be a record of its own.
    ///
    /// # Errors
    /// Every problem of both.
    pub fn read(session: &Session, office: &Office, note: &Path, rows: &Path, filed: bool) -> Checked<Self> {
        let name = rows.to_string_lossy().into_owned();
        let table = given::rows(&session.absolute(rows), &name).and_then(|bytes| office.workers().read_table(&name, &bytes));
        let arrival = match given::one(session, &office.inbox(), note).what {
            What::Arrival(arrival) => Ok(arrival),
            What::Unreadable(problems) => Err(problems),
            What::Owned(_) => Err(Problem::new("not-a-note", "This is no note", "Name the note, and its table with `--rows`.").into()),
        };
        let note = arrival.and_then(|arrival| match office.workers().read(&arrival)? {
            Read::Note(note) => Ok((*note, arrival)),
            Read::SignedCopy(_) => {
                let help = "Drop it into the inbox; for a batch name the note, and its table with `--rows`.";
                Err(Problem::new("not-a-note", "This is a signed copy, of which no document is made", help)
                    .in_file(&arrival.note.name)
                    .into())
            }
        });
        match (note, table) {
            (Ok((note, arrival)), Ok((table, warnings))) => {
                for warning in warnings {
                    session.output.remark(&wording::warning(&warning, session.output.is_verbose()));
                }
                let repeats = if filed { Repeats::of(&table) } else { Repeats::default() };
                let mut reads = vec![arrival.note.path.clone(), session.absolute(rows)];
                reads.extend(arrival.company.iter().map(|file| file.path.clone()));
                Ok(Self { name: arrival.note.name.clone(), path: arrival.note.path.clone(), reads, note, table, repeats })
            }
            (Err(problems), Err(more)) => Err(problems.and(more)),
            (Err(problems), Ok(_)) | (Ok(_), Err(problems)) => Err(problems),
        }
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.table.len()
    }

    /// A row put into the note.
    ///
    /// # Errors
    /// A cell that is empty or missing; a row that is to be filed and has the key of another.
    pub fn merged(&self, index: usize) -> Checked<Submission> {
        if let Some(problem) = self.repeats.clash(&self.table, index) {
            return Err(problem.into());
        }
        merge(&self.note, &self.table, &self.table.row(index))
    }

    /// What tells a row from the others, and the line in which it stands.
    pub fn row(&self, index: usize) -> (String, u32) {
        let row = self.table.row(index);
        (row_key(&self.table, &row), row.line)
    }

    /// A row as a part of the batch: the only one of what arrives with it.
    pub fn part(&self, index: usize) -> Part {
        Part { key: self.row(index).0, of: 1 }
    }

    /// What people call a row.
    pub fn recipient(&self, index: usize) -> String {
        row_name(&self.table, &self.table.row(index))
    }
}

//! `chancery batch NOTE --rows DATA`: one document for each row of a table, into a folder or filed.
//!
//! The rows are independent: one that fails is told with its line in the table and stops no other.

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Instant;

use clap::Args;

use crate::cli::ending::{Ending, Stop};
use crate::cli::given::{self, What};
use crate::cli::session::Session;
use crate::cli::targets::Taken;
use crate::cli::telling::{self, Told};
use crate::cli::view::{Line, Status, Summary};
use crate::cli::{crew, interrupt, log, previews, wording};
use crate::composition::merge::{merge, row_key};
use crate::failure::{Checked, Problem, guarded};
use crate::office::Office;
use crate::pipeline::{self, Outcome, Preview, Wishes};
use crate::reading::{self, Submission, Table, read_table};
use crate::register::Part;
use crate::storage::name::{MAX_PART_BYTES, safe_part};

/// Make one document for each row of a table
///
/// Wherever the note says {{ row.name }}, the cell of that column is put in: in its text and in its front matter.
/// The table is a CSV file with a line of column names, or JSON lines. A row with an empty or unknown cell is told
/// and left out; the others are made.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  chancery batch invitation.md --rows guests.csv              into invitation-batch/
  chancery batch invitation.md --rows guests.csv -o letters/
  chancery batch invitation.md --rows guests.csv --file       numbered and filed
  chancery batch invitation.md --rows guests.csv --dry-run    only say what would be wrong")]
pub struct BatchArgs {
    /// The note
    #[arg(value_name = "NOTE")]
    note: PathBuf,
    /// The table: CSV with a line of column names, or JSON lines
    #[arg(long, value_name = "DATA")]
    rows: PathBuf,
    /// The folder for the PDFs [default: NOTE-batch/ beside the note]
    #[arg(short, long, value_name = "DIR", conflicts_with = "file")]
    output: Option<PathBuf>,
    /// File the documents instead: each gets its number and stands in the archive
    #[arg(long)]
    file: bool,
    /// Take the note for this document type
    #[arg(long = "type", value_name = "T")]
    document_type: Option<String>,
    /// How many at once [default: as many as the machine has processors; with --file one, so that the numbers follow
    /// the rows]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    jobs: Option<u16>,
    /// Make every document and write none
    #[arg(long)]
    dry_run: bool,
}

/// What becomes of the documents.
enum Aim {
    Nothing,
    Folder(PathBuf),
    Archive,
}

/// What the rows are put into.
struct Letter {
    name: String,
    path: PathBuf,
    note: Submission,
    table: Table,
}

/// Makes a document for each row.
pub fn run(session: &Session, args: &BatchArgs) -> Result<Ending, Stop> {
    let began = Instant::now();
    let office = if args.file && !args.dry_run { session.office()? } else { session.preview_office()? };
    let hints = session.hints(&office, args.document_type.as_deref(), !args.file)?;
    let named = args.document_type.is_some();
    let letter = match read(session, &office, args) {
        Ok(letter) => letter,
        Err(problems) => {
            let told = Told::unreadable(&args.note.to_string_lossy(), &problems);
            session.tell(&told);
            let mut summary = Summary::default();
            summary.count(&told.line);
            session.output.json(&summary);
            return Ok(told.ending(named));
        }
    };
    let batch =
        Batch { session, office: &office, aim: args.aim(session, &letter.path), wishes: Wishes { hints, ..Wishes::default() }, letter };
    let mut run = Run::new(named);
    batch.make(args.threads(), &mut run);
    run.summary.ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    batch.close(run)
}

impl BatchArgs {
    fn aim(&self, session: &Session, note: &Path) -> Aim {
        if self.dry_run {
            return Aim::Nothing;
        }
        if self.file {
            return Aim::Archive;
        }
        let stem = note.file_stem().unwrap_or_default().to_string_lossy();
        let default = || note.with_file_name(format!("{stem}-batch"));
        Aim::Folder(self.output.as_deref().map_or_else(default, |typed| session.absolute(typed)))
    }

    fn threads(&self) -> usize {
        match self.jobs {
            Some(jobs) => usize::from(jobs),
            None if self.file => 1,
            None => std::thread::available_parallelism().map_or(1, usize::from),
        }
    }
}

/// Reads the note and the table, with every problem of both.
fn read(session: &Session, office: &Office, args: &BatchArgs) -> Checked<Letter> {
    let name = args.rows.to_string_lossy().into_owned();
    let table = given::rows(&session.absolute(&args.rows), &name).and_then(|bytes| read_table(&name, &bytes));
    let arrival = match given::one(session, &office.inbox(), &args.note).what {
        What::Arrival(arrival) => Ok(arrival),
        What::Unreadable(problems) => Err(problems),
        What::Owned(_) => Err(Problem::new("not-a-note", "This is no note", "Name the note, and its table with `--rows`.").into()),
    };
    let note = arrival.and_then(|arrival| Ok((reading::read(&arrival)?, arrival)));
    match (note, table) {
        (Ok((note, arrival)), Ok((table, warnings))) => {
            for warning in warnings {
                session.output.remark(&wording::warning(&warning, session.output.is_verbose()));
            }
            Ok(Letter { name: arrival.note.name.clone(), path: arrival.note.path.clone(), note, table })
        }
        (Err(problems), Err(more)) => Err(problems.and(more)),
        (Err(problems), Ok(_)) | (Ok(_), Err(problems)) => Err(problems),
    }
}

struct Batch<'a> {
    session: &'a Session,
    office: &'a Office,
    letter: Letter,
    wishes: Wishes,
    aim: Aim,
}

/// What one row came to.
enum Made {
    Set(Checked<Vec<Preview>>),
    Filed(Vec<Outcome>),
}

/// How far it is, and what was told.
struct Run {
    named: bool,
    rows: usize,
    taken: Taken,
    parts: Vec<Line>,
    summary: Summary,
    ending: Ending,
}

impl Run {
    fn new(named: bool) -> Self {
        Self { named, rows: 0, taken: Taken::default(), parts: Vec::new(), summary: Summary::default(), ending: Ending::Done }
    }
}

impl Batch<'_> {
    fn make(&self, threads: usize, run: &mut Run) {
        let rows = self.letter.table.rows.len();
        let stop = interrupt::on_signal();
        self.session.output.begin(rows);
        crew::in_order(
            rows,
            threads,
            &stop,
            |index| self.row(index),
            |index, made| {
                for told in self.told(index, made, &mut run.taken) {
                    run.ending.worsen(told.ending(run.named));
                    run.summary.count(&told.line);
                    self.session.tell(&told);
                    if matches!(self.aim, Aim::Archive) {
                        log::document(&told.line);
                    }
                    run.parts.push(told.line);
                }
                run.rows += 1;
                self.session.output.advance(&format!("row {}", run.rows));
            },
        );
        self.session.output.end();
        if stop.load(Ordering::SeqCst) {
            run.ending = Ending::Done;
            self.session.output.remark(&format!("Stopped after {} of {rows} rows.", run.rows));
        }
    }

    /// Puts a row into the note and makes its document.
    fn row(&self, index: usize) -> Made {
        let Letter { note, table, .. } = &self.letter;
        let row = &table.rows[index];
        let merged = guarded(|| merge(note, table, row));
        match (&self.aim, merged) {
            (Aim::Archive, Ok(merged)) => {
                // Each row is an arrival of its own: a table that grows makes only what is new.
                let part = Part { key: row_key(table, row), of: 1 };
                let filed = guarded(|| Ok(pipeline::process_submission(&merged, Some(&part), self.office, &self.wishes)));
                filed.map_or_else(|problems| Made::Set(Err(problems)), Made::Filed)
            }
            (_, Ok(merged)) => Made::Set(guarded(|| pipeline::preview_submission(&merged, self.office, &self.wishes))),
            (_, Err(problems)) => Made::Set(Err(problems)),
        }
    }

    /// The lines of a row; what was set for a folder is written there.
    fn told(&self, index: usize, made: Made, taken: &mut Taken) -> Vec<Told> {
        let Letter { name, table, .. } = &self.letter;
        let key = row_key(table, &table.rows[index]);
        let made = match made {
            Made::Filed(outcomes) => {
                return telling::parts(name, &outcomes).into_iter().map(|told| told.in_part(&key, format!("row {}", index + 1))).collect();
            }
            Made::Set(Ok(made)) => made,
            Made::Set(Err(problems)) => {
                let told = Told::troubled(Line::new(Status::Attention, Some(name.clone())), problems);
                return vec![told.in_part(&key, format!("row {}", index + 1))];
            }
        };
        let told = match &self.aim {
            Aim::Folder(folder) => {
                let line = Line::new(Status::Rendered, Some(name.clone()));
                let title = made.first().map(|preview| safe_part(&preview.classification.title, MAX_PART_BYTES));
                let title = title.filter(|title| !title.is_empty()).unwrap_or_else(|| format!("row {}", index + 1));
                let first = taken.free(&folder.join(format!("{title}.pdf")));
                previews::written(line, made, &first, |path| self.session.shown(path))
            }
            Aim::Nothing | Aim::Archive => previews::judged(Line::new(Status::Ok, Some(name.clone())), made),
        };
        vec![told.in_part(&key, format!("row {}", index + 1))]
    }

    fn close(&self, run: Run) -> Result<Ending, Stop> {
        let Run { parts, summary, ending, .. } = run;
        let output = &self.session.output;
        if !parts.is_empty() {
            output.json(&Line::of_whole(&self.letter.name, &parts));
        }
        output.json(&summary);
        output.say(&wording::summary(&summary));
        match &self.aim {
            _ if self.letter.table.rows.is_empty() => output.remark(&format!("{} has no rows.", self.letter.table.name)),
            Aim::Folder(folder) => output.remark(&format!("They lie in {}/", self.session.shown(folder))),
            Aim::Nothing => output.remark("Nothing was written (--dry-run)."),
            Aim::Archive => {}
        }
        Ok(ending)
    }
}

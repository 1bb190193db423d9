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
use crate::cli::{crew, indexing, interrupt, log, previews, wording};
use crate::composition::merge::{merge, row_key};
use crate::failure::{Checked, Problem, guarded};
use crate::office::Office;
use crate::pipeline::{self, Outcome, Preview, Wishes};
use crate::reading::{Read, Submission, Table};
use crate::register::Part;
use crate::storage::name::{MAX_PART_BYTES, safe_part};
use crate::workers::Size;

/// Make one document for each row of a table
///
/// Wherever the note says {{ row.name }}, the cell of that column is put in: in its text and in its front matter.
/// The table is CSV, JSON lines, .xlsx or .ods; its first row names the columns. A row with an empty or unknown cell
/// is told and left out; the others are made.
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
    /// The table: CSV, JSON lines, .xlsx or .ods, with the names of the columns first
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
    /// How many at once [default: as many as the machine has processors]
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
    session.start_workers(Size::side_by_side(args.threads()));
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
    let batch = Batch {
        session,
        office: &office,
        aim: args.aim(session, &letter.path),
        wishes: Wishes { hints, by_hand: true, ..Wishes::default() },
        letter,
    };
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
            None => std::thread::available_parallelism().map_or(1, usize::from),
        }
    }
}

/// Reads the note and the table, with every problem of both.
fn read(session: &Session, office: &Office, args: &BatchArgs) -> Checked<Letter> {
    let name = args.rows.to_string_lossy().into_owned();
    let table = given::rows(&session.absolute(&args.rows), &name).and_then(|bytes| office.workers().read_table(&name, &bytes));
    let arrival = match given::one(session, &office.inbox(), &args.note).what {
        What::Arrival(arrival) => Ok(arrival),
        What::Unreadable(problems) => Err(problems),
        What::Owned(_) => Err(Problem::new("not-a-note", "This is no note", "Name the note, and its table with `--rows`.").into()),
    };
    let note = arrival.and_then(|arrival| match office.workers().read(&arrival)? {
        Read::Note(note) => Ok((*note, arrival)),
        Read::SignedCopy(_) => {
            let help = "Drop it into the inbox; for a batch name the note, and its table with `--rows`.";
            Err(Problem::new("not-a-note", "This is a signed copy, of which no document is made", help).in_file(&arrival.note.name).into())
        }
    });
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
        let rows = self.letter.table.len();
        let stop = interrupt::on_signal();
        self.session.output.begin(rows);
        match &self.aim {
            Aim::Archive => {
                let row = |index| Ok((self.merged(index)?, self.part(index)));
                let take = |index, outcome: Outcome| self.take(run, self.filed(index, &outcome));
                pipeline::file_rows(rows, threads, (self.office, &self.wishes, &stop), row, take);
            }
            Aim::Nothing | Aim::Folder(_) => crew::in_order(
                rows,
                threads,
                &stop,
                |index| guarded(|| pipeline::preview_submission(&self.merged(index)?, self.office, &self.wishes)),
                |index, made| {
                    let told = self.set(index, made, &mut run.taken);
                    self.take(run, told);
                },
            ),
        }
        self.session.output.end();
        if stop.load(Ordering::SeqCst) {
            run.ending = Ending::Done;
            self.session.output.remark(&format!("Stopped after {} of {rows} rows.", run.rows));
        }
    }

    /// A row put into the note.
    fn merged(&self, index: usize) -> Checked<Submission> {
        let Letter { note, table, .. } = &self.letter;
        merge(note, table, &table.row(index))
    }

    /// What a row is called. Each is an arrival of its own.
    fn part(&self, index: usize) -> Part {
        let table = &self.letter.table;
        Part { key: row_key(table, &table.row(index)), of: 1 }
    }

    fn take(&self, run: &mut Run, told: Told) {
        run.ending.worsen(told.ending(run.named));
        run.summary.count(&told.line);
        self.session.tell(&told);
        if matches!(self.aim, Aim::Archive) {
            log::document(&told.line);
        }
        run.parts.push(told.line);
        run.rows += 1;
        self.session.output.advance(&format!("row {}", run.rows));
    }

    /// The line of a row that was to be filed.
    fn filed(&self, index: usize, outcome: &Outcome) -> Told {
        self.in_row(index, telling::part(&self.letter.name, outcome))
    }

    /// The line of a row that was set; for a folder it is written there.
    fn set(&self, index: usize, made: Checked<Vec<Preview>>, taken: &mut Taken) -> Told {
        let name = &self.letter.name;
        let made = match made {
            Ok(made) => made,
            Err(problems) => return self.in_row(index, Told::troubled(Line::new(Status::Attention, Some(name.clone())), problems)),
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
        self.in_row(index, told)
    }

    fn in_row(&self, index: usize, told: Told) -> Told {
        told.in_part(&self.part(index).key, format!("row {}", index + 1))
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
            _ if self.letter.table.is_empty() => output.remark(&format!("{} has no rows.", self.letter.table.name)),
            Aim::Folder(folder) => output.remark(&format!("They lie in {}/", self.session.shown(folder))),
            Aim::Nothing => output.remark("Nothing was written (--dry-run)."),
            Aim::Archive => indexing::keep_up(self.office),
        }
        Ok(ending)
    }
}

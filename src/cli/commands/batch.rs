//! `chancery batch NOTE --rows DATA`: one document for each row of a table, into a folder or filed.
//!
//! The rows are independent: one that fails is told with its line in the table and stops no other.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use clap::Args;

use crate::cli::batching::{Aim, Folder, Judging, Letter, Packing, Printing, Report, Tally, going_on, halts};
use crate::cli::ending::{Ending, Stop};
use crate::cli::session::Session;
use crate::cli::telling::{self, Told};
use crate::cli::view::{Line, Status, Summary};
use crate::cli::{crew, indexing, interrupt, log, watching};
use crate::failure::{Problems, guarded};
use crate::office::Office;
use crate::pipeline::{self, Outcome, PrintRow, Printed, Shelf, Wishes};
use crate::workers::Size;

/// Make one document for each row of a table
///
/// Wherever the note says {{ row.name }}, the cell of that column is put in: in its text and in its front matter.
/// The table is CSV, JSON lines, .xlsx or .ods; its first row names the columns. A row with an empty or unknown cell
/// is told and left out; the others are made. In a folder, a document of which nothing has changed stays as it is.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  chancery batch invitation.md --rows guests.csv              into invitation-batch/
  chancery batch invitation.md --rows guests.csv -o letters/
  chancery batch invitation.md --rows guests.csv --zip letters.zip
  chancery batch invitation.md --rows guests.csv --merge letters.pdf
                                                              one PDF for the printer
  chancery batch invitation.md --rows guests.csv --file       numbered and filed
  chancery batch invitation.md --rows guests.csv --file --resume
                                                              goes on where that was stopped
  chancery batch invitation.md --rows guests.csv --report result.csv
                                                              a table that says what became of each row
  chancery batch invitation.md --rows guests.csv --dry-run    only say what would be wrong")]
pub struct BatchArgs {
    /// The note
    #[arg(value_name = "NOTE")]
    note: PathBuf,
    /// The table: CSV, JSON lines, .xlsx or .ods, with the names of the columns first
    #[arg(long, value_name = "DATA")]
    rows: PathBuf,
    /// The folder for the PDFs [default: NOTE-batch/ beside the note]
    #[arg(short, long, value_name = "DIR", conflicts_with_all = ["file", "zip"])]
    output: Option<PathBuf>,
    /// One ZIP of all PDFs instead, with a list of them
    #[arg(long, value_name = "OUT.zip", conflicts_with_all = ["file", "resume"])]
    zip: Option<PathBuf>,
    /// One PDF of all documents for the printer instead, with a bookmark for each; several, OUT-1.pdf and so on, beyond 4,000 pages
    #[arg(long, value_name = "OUT.pdf", conflicts_with_all = ["file", "resume", "zip", "output"])]
    merge: Option<PathBuf>,
    /// With --merge: each document begins on a sheet of its own, for printing on both sides
    #[arg(long, requires = "merge")]
    duplex: bool,
    /// File the documents instead: each gets its number and stands in the archive
    #[arg(long)]
    file: bool,
    /// Go on where an earlier run was stopped: what it filed is passed over, and not noted as a duplicate
    #[arg(long)]
    resume: bool,
    /// A table that says what became of each row: a name that ends in .csv, .json or .jsonl (JSON lines)
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
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
enum Goal<'a> {
    /// They are set, and then this.
    Set(Box<dyn Aim + 'a>),
    /// They are laid out together.
    Print(Printing<'a>),
    /// They are filed.
    Archive,
}

/// Makes a document for each row.
pub fn run(session: &Session, args: &BatchArgs) -> Result<Ending, Stop> {
    let began = Instant::now();
    session.start_workers(Size::side_by_side(args.threads()));
    let office = if args.file && !args.dry_run { session.office()? } else { session.preview_office()? };
    let hints = session.hints(&office, args.document_type.as_deref(), !args.file)?;
    let named = args.document_type.is_some();
    let letter = match Letter::read(session, &office, &args.note, &args.rows, args.file) {
        Ok(letter) => letter,
        Err(problems) => return Ok(unreadable(session, args, &problems)),
    };
    let report = args.report.as_deref().map(|typed| Report::begin(session, &session.absolute(typed), &letter.reads)).transpose()?;
    let mut goal = args.goal(session, &letter)?;
    if matches!(goal, Goal::Archive) {
        watching::tell_recovered(session, &pipeline::recover(&office)?);
    }
    let tally = Tally::new(session, &letter.name, named, letter.rows(), report, began);
    let wishes = Wishes { hints, by_hand: true, resumed: args.resume, ..Wishes::default() };
    let mut batch = Batch { session, office: &office, letter, wishes, tally };
    batch.make(&mut goal, args.threads());
    batch.close(goal)
}

/// Neither note nor table could be read: that is told as of one document.
fn unreadable(session: &Session, args: &BatchArgs, problems: &Problems) -> Ending {
    let told = Told::unreadable(&args.note.to_string_lossy(), problems).by_hand();
    session.tell(&told);
    let mut summary = Summary::default();
    summary.count(&told.line);
    session.output.json(&summary);
    told.ending(args.document_type.is_some())
}

impl BatchArgs {
    fn goal<'a>(&self, session: &'a Session, letter: &Letter) -> Result<Goal<'a>, Stop> {
        if self.dry_run {
            return Ok(Goal::Set(Box::new(Judging)));
        }
        if self.file {
            return Ok(Goal::Archive);
        }
        if let Some(zip) = &self.zip {
            return Ok(Goal::Set(Box::new(Packing::begin(session, &session.absolute(zip), &letter.reads)?)));
        }
        if let Some(pdf) = &self.merge {
            return Ok(Goal::Print(Printing::begin(session, session.absolute(pdf), self.duplex, &letter.reads)?));
        }
        let stem = letter.path.file_stem().unwrap_or_default().to_string_lossy();
        let default = || letter.path.with_file_name(format!("{stem}-batch"));
        let folder = self.output.as_deref().map_or_else(default, |typed| session.absolute(typed));
        Ok(Goal::Set(Box::new(Folder::begin(session, folder, &letter.reads)?)))
    }

    fn threads(&self) -> usize {
        match self.jobs {
            Some(jobs) => usize::from(jobs),
            None => std::thread::available_parallelism().map_or(1, usize::from),
        }
    }
}

struct Batch<'a> {
    session: &'a Session,
    office: &'a Office,
    letter: Letter,
    wishes: Wishes,
    tally: Tally<'a>,
}

impl Batch<'_> {
    fn make(&mut self, goal: &mut Goal<'_>, threads: usize) {
        let Self { session, office, letter, wishes, tally } = self;
        let (office, letter, wishes) = (*office, &*letter, &*wishes);
        let stop = interrupt::on_signal();
        session.output.begin(letter.rows());
        match goal {
            Goal::Archive => {
                // Each row is an arrival of its own.
                let row = |index| Ok((letter.merged(index)?, letter.part(index)));
                pipeline::file_rows(letter.rows(), threads, (office, wishes, &stop), row, |index, outcome: Outcome| {
                    let told = telling::part(&letter.name, &outcome);
                    log::document(&told.line);
                    tally.advance();
                    // Rows that were on their way when the machine failed fare no better: they are as if they had not been begun.
                    if !(tally.is_halted() && halts(&told)) {
                        take(tally, letter, index, told, &stop);
                    }
                });
            }
            Goal::Print(printing) => {
                let row =
                    |index| Ok(PrintRow { submission: letter.merged(index)?, part: letter.part(index), bookmark: letter.recipient(index) });
                let job = printing.job();
                pipeline::print_rows(letter.rows(), threads, (office, wishes, &stop), &job, row, |printed| match printed {
                    Printed::Laid => tally.advance(),
                    Printed::Row(index, laid) => take(tally, letter, index, Printing::told(&letter.name, laid), &stop),
                    Printed::Volume(volume) => {
                        if let Err(problems) = printing.take(volume) {
                            tally.fail(&letter.name, problems);
                            stop.store(true, Ordering::SeqCst);
                        }
                    }
                });
            }
            Goal::Set(aim) => {
                let shelf = aim.shelf();
                let shelf = shelf.as_deref().map(|shelf| shelf as &dyn Shelf);
                let set = |index| {
                    guarded(|| pipeline::preview_submission(&letter.merged(index)?, Some(&letter.part(index)), office, wishes, shelf))
                };
                crew::in_order(letter.rows(), threads, &stop, set, |index, made| {
                    let told = match made {
                        Ok(made) => aim.take(index, &letter.name, made),
                        Err(problems) => Told::troubled(Line::new(Status::Attention, Some(letter.name.clone())), problems),
                    };
                    tally.advance();
                    take(tally, letter, index, told, &stop);
                });
            }
        }
    }

    fn close(mut self, goal: Goal<'_>) -> Result<Ending, Stop> {
        let output = &self.session.output;
        let is_whole = self.tally.is_whole();
        let is_filed = matches!(goal, Goal::Archive);
        let can_go_on = match &goal {
            Goal::Archive => true,
            Goal::Print(_) => false,
            Goal::Set(aim) => aim.can_go_on(),
        };
        // What the machine failed at is missing in what is put together.
        let is_complete = is_whole && !self.tally.is_halted();
        let put_together = match goal {
            Goal::Archive => Ok(None),
            Goal::Print(printing) => printing.close(is_complete).map(Some),
            Goal::Set(aim) => aim.close(is_complete).map(Some),
        };
        let said = put_together.unwrap_or_else(|problems| {
            self.tally.fail(&self.letter.name, problems);
            None
        });
        let closed = self.tally.close();
        let (done, rows) = closed.done;
        if !is_whole {
            output.remark(&format!("Stopped after {done} of {rows} rows."));
        }
        if let Some(said) = said {
            output.remark(&said);
        }
        if is_filed {
            indexing::keep_up(self.office);
        }
        if (!is_whole || closed.is_halted) && can_go_on {
            output.remark(&format!("Go on with: {}", going_on(&self.session.outside.arguments)));
        }
        closed.reported.map(|()| closed.ending)
    }
}

/// Tells what became of a row. Once the machine has failed, no further row is begun.
fn take(tally: &mut Tally<'_>, letter: &Letter, index: usize, told: Told, stop: &AtomicBool) {
    let (key, line) = letter.row(index);
    let told = told.in_part(&key, format!("row {}", index + 1)).by_hand();
    tally.take(line, &key, &told);
    stop.fetch_or(tally.is_halted(), Ordering::SeqCst);
}

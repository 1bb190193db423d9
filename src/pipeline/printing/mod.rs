//! A table set for a printer: many documents in one PDF, or in several where they have very many pages.
//!
//! The rows fall into stretches, and each stretch is laid out by one worker, row by row, and exported by it: pages cannot be handed from
//! one process to another. Stretches are worked on side by side. A document that ends its worker takes along what was laid out before
//! it; that is laid out anew by another worker, without that document (`book`). So is a document that only the PDF shows to be faulty.

mod book;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread;

use self::book::Book;
use super::Wishes;
use crate::classification::Classification;
use crate::failure::{Checked, Warning};
use crate::office::Office;
use crate::reading::Submission;
use crate::register::Part;
use crate::typesetting::{LaidIn, Rendition};

/// One PDF has at most about so many pages: while it is written, a page takes some 150 KB of memory
/// (measured with 10,000 notices), and two workers write at once.
pub const VOLUME_PAGES: usize = 4_000;

/// How many pages a volume has, and how many rows are a stretch: a volume of one-page documents. Under the failpoint `printing::volume`
/// it is as many as that says.
fn volume_pages() -> usize {
    #[cfg(feature = "failpoints")]
    {
        crate::storage::crash_setup();
        fail::fail_point!("printing::volume", |pages| pages.and_then(|pages| pages.parse().ok()).unwrap_or(VOLUME_PAGES));
    }
    VOLUME_PAGES
}

/// How the PDFs are made.
#[derive(Clone, Debug)]
pub struct PrintJob {
    /// The title of the PDF.
    pub title: String,
    /// Each document begins on a sheet of its own.
    pub fresh_sheets: bool,
}

/// A row put into its note.
pub struct PrintRow {
    /// What was made of it.
    pub submission: Submission,
    /// Which row it is.
    pub part: Part,
    /// What its document is called among the bookmarks; blank for the document's title.
    pub bookmark: String,
}

/// A row that was laid out, or was not.
pub struct Laid {
    /// What it is.
    pub classification: Classification,
    /// Its files, or why there are none.
    pub result: Checked<Vec<LaidIn>>,
    /// What the user should know.
    pub warnings: Vec<Warning>,
}

/// One PDF.
pub struct Volume {
    /// Its place among the others.
    pub place: (usize, usize),
    /// How many documents are in it.
    pub documents: usize,
    /// It, or why there is none.
    pub result: Checked<Rendition>,
    /// How long it took to write, in milliseconds.
    pub export_ms: f64,
}

/// What whoever prints is told.
pub enum Printed {
    /// A row was laid out, or could not be.
    Laid,
    /// A PDF, as soon as it is ready.
    Volume(Volume),
    /// What became of a row. They come in order, once the PDF is ready that they are in: until then it is not known what becomes of
    /// them. One with which the machine failed comes at once.
    Row(usize, Checked<Box<Laid>>),
}

/// A row, and what became of it.
type ToldRow = (usize, Checked<Box<Laid>>);

/// What the threads that print say to the one that takes.
enum News {
    Laid,
    /// A PDF, if anything is in it, and all its rows.
    Bound(Option<Volume>, Vec<ToldRow>),
    /// The machine failed, with that row.
    Broken(usize, Checked<Box<Laid>>),
}

/// What all threads have in common.
struct Shop<'a, R> {
    office: &'a Office,
    wishes: &'a Wishes,
    stop: &'a AtomicBool,
    job: &'a PrintJob,
    row: &'a R,
    volume_pages: usize,
}

/// Sets `count` rows; `threads` workers at once. `row` puts a row into its note. Once `stop` is set no row is begun, no PDF is made and
/// no row is told of.
pub fn print_rows(
    count: usize,
    threads: usize,
    (office, wishes, stop): (&Office, &Wishes, &AtomicBool),
    job: &PrintJob,
    row: impl Fn(usize) -> Checked<PrintRow> + Sync,
    mut take: impl FnMut(Printed),
) {
    let stretch_rows = volume_pages();
    let shop = Shop { office, wishes, stop, job, row: &row, volume_pages: stretch_rows };
    let stretches = count.div_ceil(stretch_rows);
    let next = AtomicUsize::new(0);
    let (told, heard) = channel();
    thread::scope(|scope| {
        for _ in 0..threads.clamp(1, stretches.max(1)) {
            let told = told.clone();
            scope.spawn(|| {
                let told = told;
                loop {
                    let stretch = next.fetch_add(1, Ordering::SeqCst);
                    if stretch >= stretches {
                        return;
                    }
                    let rows = stretch * stretch_rows..count.min((stretch + 1) * stretch_rows);
                    shop.set(stretch, rows, &told);
                }
            });
        }
        drop(told);
        let (mut early, mut due) = (BTreeMap::new(), 0);
        for news in heard {
            match news {
                News::Laid => take(Printed::Laid),
                News::Broken(index, result) => take(Printed::Row(index, result)),
                News::Bound(volume, rows) => {
                    volume.into_iter().for_each(|volume| take(Printed::Volume(volume)));
                    early.extend(rows);
                }
            }
            while let Some(result) = early.remove(&due).filter(|_| !stop.load(Ordering::SeqCst)) {
                take(Printed::Row(due, result));
                due += 1;
            }
        }
    });
}

impl<R: Fn(usize) -> Checked<PrintRow> + Sync> Shop<'_, R> {
    /// Sets a stretch of rows: one volume, or more where their documents have many pages.
    fn set(&self, stretch: usize, rows: Range<usize>, told: &Sender<News>) {
        let mut number = 0;
        let mut book = Book::new(self);
        let end = rows.end;
        for index in rows {
            if self.stop.load(Ordering::SeqCst) {
                return;
            }
            let broken = book.add(index);
            // Asked for after each step that may take long: what is stopped in the middle of one has not failed.
            if self.stop.load(Ordering::SeqCst) {
                return;
            }
            if let Some(broken) = broken {
                let _ = told.send(News::Broken(index, broken));
                return;
            }
            let _ = told.send(News::Laid);
            if book.pages() >= self.volume_pages || index + 1 == end {
                let (volume, rows) = book.bind((stretch, number));
                if self.stop.load(Ordering::SeqCst) {
                    return;
                }
                let _ = told.send(News::Bound(volume, rows));
                number += 1;
                book = Book::new(self);
            }
        }
    }
}

//! A table set for a printer: many documents in one PDF, or in several where they have very many pages.
//!
//! The rows fall into stretches, and each stretch is laid out by one worker, row by row, and exported by it: pages cannot be handed from
//! one process to another. Stretches are worked on side by side. A document that ends its worker takes along what was laid out before
//! it; that is laid out anew by another worker, without that document.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Instant;

use sha2::{Digest as _, Sha256};

use super::group::warnings_of;
use super::parts::{PartInHand, Parts};
use super::{Wishes, milliseconds, order};
use crate::classification::Classification;
use crate::failure::{Blame, Checked, Problem, Warning, guarded};
use crate::model::hex;
use crate::office::Office;
use crate::reading::Submission;
use crate::register::Part;
use crate::typesetting::{Imprint, LaidIn, Rendition};
use crate::workers::{Press, Unlaid};

/// One PDF has at most about so many pages: while it is written, a page takes some 150 KB of memory
/// (measured with 10,000 notices), and two workers write at once.
pub const VOLUME_PAGES: usize = 4_000;

/// So many rows are a stretch: a volume of one-page documents.
const STRETCH: usize = VOLUME_PAGES;

/// What was laid out anew so often, and was lost again, is given up: something ends workers from outside.
const TRIES: usize = 5;

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
    /// What its document is called among the bookmarks; blank for the document's title.
    pub bookmark: String,
}

/// A part of a row that was laid out, or was not.
pub struct Laid {
    /// Which part; `None` for a row that is one document.
    pub part: Option<Part>,
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
    /// What became of a row; they come in order.
    Row(usize, Checked<Vec<Laid>>),
    /// A PDF; they come as they are ready.
    Volume(Volume),
}

/// What all threads have in common.
struct Shop<'a, R> {
    office: &'a Office,
    wishes: &'a Wishes,
    stop: &'a AtomicBool,
    job: &'a PrintJob,
    row: &'a R,
}

/// Sets `count` rows; `threads` workers at once. `row` puts a row into its note. Once `stop` is set no row is begun and no PDF is made.
pub fn print_rows(
    count: usize,
    threads: usize,
    (office, wishes, stop): (&Office, &Wishes, &AtomicBool),
    job: &PrintJob,
    row: impl Fn(usize) -> Checked<PrintRow> + Sync,
    mut take: impl FnMut(Printed),
) {
    let shop = Shop { office, wishes, stop, job, row: &row };
    let stretches = count.div_ceil(STRETCH);
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
                    let rows = stretch * STRETCH..count.min((stretch + 1) * STRETCH);
                    shop.set(stretch, rows, &told);
                }
            });
        }
        drop(told);
        let (mut early, mut due) = (BTreeMap::new(), 0);
        for printed in heard {
            match printed {
                Printed::Row(index, result) => _ = early.insert(index, result),
                volume @ Printed::Volume(_) => take(volume),
            }
            while let Some(result) = early.remove(&due) {
                take(Printed::Row(due, result));
                due += 1;
            }
        }
    });
}

impl<R: Fn(usize) -> Checked<PrintRow> + Sync> Shop<'_, R> {
    /// Sets a stretch of rows: one volume, or more where their documents have many pages.
    fn set(&self, stretch: usize, rows: Range<usize>, told: &Sender<Printed>) {
        let mut number = 0;
        let mut book = Book::new(self);
        for index in rows {
            if self.stop.load(Ordering::SeqCst) {
                return;
            }
            let laid = guarded(|| book.row(index));
            let _ = told.send(Printed::Row(index, laid));
            if book.pages() >= VOLUME_PAGES {
                book.bind((stretch, number), told);
                number += 1;
                book = Book::new(self);
            }
        }
        if !self.stop.load(Ordering::SeqCst) {
            book.bind((stretch, number), told);
        }
    }
}

/// A PDF in the making.
struct Book<'a, R> {
    shop: &'a Shop<'a, R>,
    press: Option<Press<'a>>,
    /// Which rows and which parts of them it has, so that they can be laid out anew.
    laid: Vec<(usize, usize)>,
    /// Of all that its documents say.
    content: Sha256,
    /// That of its first document.
    language: Option<String>,
}

impl<'a, R: Fn(usize) -> Checked<PrintRow> + Sync> Book<'a, R> {
    fn new(shop: &'a Shop<'a, R>) -> Self {
        Self { shop, press: None, laid: Vec::new(), content: Sha256::new(), language: None }
    }

    fn pages(&self) -> usize {
        self.press.as_ref().map_or(0, Press::pages)
    }

    /// Lays out the parts of a row; one that fails stops no other.
    fn row(&mut self, index: usize) -> Checked<Vec<Laid>> {
        let PrintRow { submission, bookmark } = (self.shop.row)(index)?;
        let parts = Parts::of(&submission, None, self.shop.office, self.shop.wishes)?;
        (0..parts.len()).map(|part| self.part(index, part, &parts, &bookmark)).collect()
    }

    fn part(&mut self, row: usize, part: usize, parts: &Parts<'_>, bookmark: &str) -> Checked<Laid> {
        let made = parts.get(part, self.shop.office, self.shop.wishes)?;
        let result = self.lay(&made, bookmark);
        let mut warnings = made.warnings();
        if let Ok(files) = &result {
            self.laid.push((row, part));
            self.content.update(made.content_sha256());
            self.language.get_or_insert_with(|| made.classification.language.0.clone());
            warnings.extend(warnings_of(files.iter().flat_map(|file| &file.warnings)));
        }
        Ok(Laid { part: made.part, classification: made.classification, result, warnings })
    }

    /// Lays out a part; once more, if its worker came to an end that may have been chance.
    fn lay(&mut self, made: &PartInHand, bookmark: &str) -> Checked<Vec<LaidIn>> {
        let mut is_second = false;
        loop {
            let order = order(made, None, None, self.shop.office);
            match self.press()?.lay(&order, bookmark) {
                Ok(files) => return Ok(files),
                Err(Unlaid::Faulty(problems)) => return Err(problems),
                Err(Unlaid::Lost { problems, chance }) => {
                    self.press = None;
                    if is_second || !chance {
                        return Err(problems);
                    }
                    is_second = true;
                }
            }
        }
    }

    /// The worker that has all that was laid out; a new one is told all of it again.
    fn press(&mut self) -> Checked<&mut Press<'a>> {
        if self.press.is_none() {
            self.press = Some(self.laid_anew()?);
        }
        self.press.as_mut().ok_or_else(|| Problem::internal(&"a press is missing").into())
    }

    fn laid_anew(&self) -> Checked<Press<'a>> {
        'tries: for _ in 0..TRIES {
            let mut press = self.shop.office.workers().press(self.shop.job.fresh_sheets)?;
            for (row, part) in &self.laid {
                let PrintRow { submission, bookmark } = (self.shop.row)(*row)?;
                let made =
                    Parts::of(&submission, None, self.shop.office, self.shop.wishes)?.get(*part, self.shop.office, self.shop.wishes)?;
                match press.lay(&order(&made, None, None, self.shop.office), &bookmark) {
                    Ok(_) => {}
                    Err(Unlaid::Faulty(problems)) => return Err(problems),
                    Err(Unlaid::Lost { .. }) => continue 'tries,
                }
            }
            return Ok(press);
        }
        let help = "Nothing was written. Look at what ends processes on this machine, such as too little memory, and begin again.";
        Err(Problem::new("press-lost", format!("The process that lays out the pages was ended {TRIES} times."), help)
            .blaming(Blame::Machine)
            .into())
    }

    /// Makes the PDF, if anything was laid out.
    fn bind(mut self, place: (usize, usize), told: &Sender<Printed>) {
        if self.laid.is_empty() {
            return;
        }
        let started = Instant::now();
        let imprint = Imprint {
            title: self.shop.job.title.clone(),
            language: self.language.take().unwrap_or_default(),
            identity: hex(&self.content.clone().finalize()),
            created: self.shop.office.clock().now(),
        };
        let result = guarded(|| self.exported(&imprint));
        let volume = Volume { place, documents: self.laid.len(), result, export_ms: milliseconds(started) };
        let _ = told.send(Printed::Volume(volume));
    }

    /// The PDF; a second time, if the worker came to an end that may have been chance.
    fn exported(&mut self, imprint: &Imprint) -> Checked<Rendition> {
        let mut is_second = false;
        loop {
            self.press()?;
            let Some(press) = self.press.take() else { return Err(Problem::internal(&"a press is missing").into()) };
            match press.export(imprint) {
                Ok(rendition) => return Ok(rendition),
                Err(Unlaid::Lost { chance: true, .. }) if !is_second => is_second = true,
                Err(Unlaid::Faulty(problems) | Unlaid::Lost { problems, .. }) => return Err(problems),
            }
        }
    }
}

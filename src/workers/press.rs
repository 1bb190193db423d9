//! The press: one worker that lays out many documents, one after the other, and makes one PDF of all of them. What it has laid out is
//! gone with it if a document ends it: whoever uses it begins again with another, and leaves that document out.

use std::borrow::Cow;
use std::time::Duration;

use super::fate::Death;
use super::message::{Answer, Request, SentOrder, SentSheets};
use super::pool::Hired;
use super::workbench::Workbench;
use super::{Order, Workers, unexpected};
use crate::config::Limits;
use crate::failure::{Checked, Problem, Problems};
use crate::typesetting::{Bundle, Caption, Imprint, LaidIn, Rendition, Unprintable};

/// The time for a document is also the time for so many of them while the PDF is written.
const DOCUMENTS_IN_TIME: usize = 50;

/// One PDF in the making.
pub struct Press<'a> {
    workers: &'a Workers,
    hand: Hand<'a>,
    fresh_sheets: bool,
    documents: usize,
    pages: usize,
}

/// Who lays out.
enum Hand<'a> {
    Worker(Box<Hired<'a>>),
    Here(&'a Workbench, Bundle),
}

/// Why a document could not be laid in, or no PDF be made.
#[derive(Debug)]
pub enum Unlaid<F> {
    /// What is wrong with it. What was laid in before a document stands.
    Faulty(F),
    /// It ended the worker, and all that was laid in is gone. `chance`: another may have more luck with it.
    Lost {
        /// What is said of the document.
        problems: Problems,
        /// Whether it may be tried once more.
        chance: bool,
    },
}

impl<'a> Press<'a> {
    /// Nothing is laid in yet. `fresh_sheets`: each document begins on a sheet of its own.
    pub(super) fn new(workers: &'a Workers, fresh_sheets: bool) -> Checked<Self> {
        let hand = match &workers.pool {
            Some(pool) => Hand::Worker(Box::new(pool.hire()?)),
            None => Hand::Here(&workers.bench, if fresh_sheets { Bundle::on_fresh_sheets() } else { Bundle::new() }),
        };
        Ok(Self { workers, hand, fresh_sheets, documents: 0, pages: 0 })
    }

    /// How many pages were laid in.
    pub fn pages(&self) -> usize {
        self.pages
    }

    /// Composes a record and lays its files in.
    ///
    /// # Errors
    /// The document's own fault, or its worker is gone with all that was laid in.
    pub fn lay(&mut self, order: &Order<'_>, caption: &Caption) -> Result<Vec<LaidIn>, Unlaid<Problems>> {
        let mut laid = match &mut self.hand {
            Hand::Here(bench, bundle) => bench.lay(order, caption, bundle).map_err(Unlaid::Faulty),
            Hand::Worker(worker) => {
                let sheets = SentSheets { order: SentOrder::of(order), caption: Cow::Borrowed(caption), fresh_sheets: self.fresh_sheets };
                let needs = self.workers.needs(Some(order.commission.document_type));
                match worker.ask(&Request::Lay(sheets), needs, order.limits.time) {
                    Ok(Answer::Laid(laid)) => laid.map_err(Unlaid::Faulty),
                    Ok(answer) => Err(Unlaid::Faulty(unexpected(Ok(answer)))),
                    Err(death) => Err(lost(&death, order)),
                }
            }
        }?;
        self.workers.once.sift(laid.iter_mut().map(|file| &mut file.warnings));
        self.documents += 1;
        self.pages += laid.iter().map(|file| file.pages as usize).sum::<usize>();
        Ok(laid)
    }

    /// One PDF of all that was laid in.
    ///
    /// # Errors
    /// A document that only the PDF shows to be faulty; or the worker is gone with all that was laid in.
    pub fn export(self, imprint: &Imprint) -> Result<Rendition, Unlaid<Unprintable>> {
        match self.hand {
            Hand::Here(bench, bundle) => bench.export(bundle, imprint).map_err(Unlaid::Faulty),
            Hand::Worker(mut worker) => {
                let limits = self.workers.limits();
                let time = time_for_export(limits, self.documents);
                match worker.ask(&Request::Export(Cow::Borrowed(imprint)), self.workers.needs(None), time) {
                    Ok(Answer::Exported(exported)) => exported.map_err(Unlaid::Faulty),
                    Ok(answer) => Err(Unlaid::Faulty(unexpected(Ok(answer)).into())),
                    Err(death) => {
                        let problems = unexported(&death, self.documents, &Limits { time, ..limits });
                        Err(Unlaid::Lost { problems, chance: death.may_be_chance(true) })
                    }
                }
            }
        }
    }
}

/// How long writing a PDF of so many documents may take: by this the program watches, and the worker lets itself use the processors.
pub(super) fn time_for_export(limits: Limits, documents: usize) -> Duration {
    limits.time.saturating_mul(u32::try_from(1 + documents / DOCUMENTS_IN_TIME).unwrap_or(u32::MAX))
}

fn lost(death: &Death, order: &Order<'_>) -> Unlaid<Problems> {
    let problems = Problems::from(death.problem(order.limits)).in_file(&order.commission.submission.name);
    Unlaid::Lost { problems, chance: death.may_be_chance(true) }
}

fn unexported(death: &Death, documents: usize, limits: &Limits) -> Problems {
    let mut problem: Problem = death.problem(*limits);
    problem.message = format!("The PDF of {documents} documents could not be written. {}", problem.message);
    "Make the same in several batches of fewer rows, or raise the limit under [limits] in chancery.toml.".clone_into(&mut problem.help);
    problem.into()
}

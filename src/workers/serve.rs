//! What a worker does: it is told its setup, closes itself off, and answers one request after the other until nobody asks any more.
//!
//! One thread listens, so that the worker ends with the program that began it, also in the middle of its work; another one works,
//! with more stack than a program begins with.

use std::collections::HashMap;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver as Queue, sync_channel};
use std::{mem, panic, thread};

use super::Order;
use super::message::{Answer, Hello, PROTOCOL, Reply, Request, SentOrder, SentPath, SentSheets, Setup};
use super::press::time_for_export;
use super::sandbox;
use super::wire::{Receiver, Sender};
use super::workbench::Workbench;
use crate::catalog::{self, DocumentType};
use crate::composition::Commission;
use crate::config::{Limits, Settings};
use crate::failure::{Blame, Checked, Problem, guarded};
use crate::model::TypeName;
use crate::reading;
use crate::typesetting::{self, Bundle, LaidIn};

/// The stack of the thread that works: lists within lists, formulas within formulas.
const STACK_BYTES: usize = 64 << 20;

/// What a worker says of a request that it cannot read.
pub(super) const NOT_UNDERSTOOD: &str = "not understood:";

/// Answers what is asked on standard input, until that is closed.
pub fn serve() -> ExitCode {
    // Ctrl-C and the like are the program's business: when it goes, so does its worker.
    let _ = ctrlc::set_handler(|| {});
    keep_panics_short();
    // Before anybody has said anything: the program is busy too. On a thread of its own, for on how many the pages are to be set is not
    // known yet, and whoever is first decides that.
    let _ = rayon::ThreadPoolBuilder::new().num_threads(1).build().map(|own| own.install(|| typesetting::warm(catalog::shared())));
    let mut requests = Receiver::new(io::stdin().lock());
    let setup = match requests.receive() {
        Ok(Some(Request::Setup(setup))) if setup.protocol == PROTOCOL => setup.into_owned(),
        Ok(None) => return ExitCode::SUCCESS,
        _ => return ExitCode::FAILURE,
    };
    let Some(mut answers) = answers() else { return ExitCode::FAILURE };
    let Setup { font_folders, cache, fonts, threads, .. } = setup;
    let bench = Workbench::new(font_folders.into_iter().map(SentPath::path).collect(), cache.map(SentPath::path), fonts);
    let Ok(typesetter) = bench.typesetter() else { return ExitCode::FAILURE };
    let shelter = sandbox::enter(&typesetter.fonts().folders());
    let hello = Hello { protocol: PROTOCOL, fonts_sha256: typesetter.fonts().sha256().to_owned(), shelter };
    if answers.send(&hello).is_err() {
        return ExitCode::SUCCESS;
    }
    // No request comes before the last one is answered, but settings and types do.
    let (listener, queue) = sync_channel(16);
    let work = move || {
        share_the_work(threads);
        Desk { bench, threads, answers, settings: None, types: HashMap::new(), bundle: Bundle::new() }.work(&queue);
    };
    if thread::Builder::new().name("work".to_owned()).stack_size(STACK_BYTES).spawn(work).is_err() {
        return ExitCode::FAILURE;
    }
    loop {
        match requests.receive::<Request<'static>>() {
            Ok(Some(request)) => {
                if listener.send(request).is_err() {
                    return ExitCode::FAILURE;
                }
            }
            Ok(None) => return ExitCode::SUCCESS,
            Err(error) => {
                let _ = writeln!(io::stderr(), "{NOT_UNDERSTOOD} {error}");
                return ExitCode::FAILURE;
            }
        }
    }
}

/// Typst sets parts of a document side by side on so many threads, of which this is one: otherwise each part would be handed to another
/// thread and waited for, thirty times for a page. They begin now, while memory is not limited yet.
fn share_the_work(threads: usize) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).stack_size(STACK_BYTES).use_current_thread();
    let _ = pool.build_global();
}

/// Standard output, without what Rust's own does with lines.
#[cfg(unix)]
fn answers() -> Option<Sender<impl Write>> {
    use std::os::fd::AsFd as _;
    io::stdout().as_fd().try_clone_to_owned().ok().map(|out| Sender::new(std::fs::File::from(out)))
}

#[cfg(not(unix))]
fn answers() -> Option<Sender<impl Write>> {
    Some(Sender::new(io::stdout()))
}

/// Where the work is done.
struct Desk<W> {
    bench: Workbench,
    threads: usize,
    answers: Sender<W>,
    settings: Option<Box<Settings>>,
    types: HashMap<TypeName, Arc<DocumentType>>,
    /// What was laid out for the next PDF of several documents.
    bundle: Bundle,
}

impl<W: Write> Desk<W> {
    fn work(mut self, requests: &Queue<Request<'static>>) {
        while let Ok(request) = requests.recv() {
            let Some(answer) = self.answer(request) else { continue };
            let memory = sandbox::own_memory();
            let mut reply = Reply { answer, memory };
            if let Err(error) = self.answers.send(&reply) {
                // Too long for a message, most likely: whoever asked hears that and does not wait until its time is up.
                reply.answer = reply.answer.refused(unsendable(&error));
                if self.answers.send(&reply).is_err() {
                    return;
                }
            }
        }
    }

    fn answer(&mut self, request: Request<'static>) -> Option<Answer> {
        match request {
            Request::Setup(_) => None,
            Request::Settings(settings) => {
                self.settings = Some(Box::new(settings.into_owned()));
                None
            }
            Request::Type(kind) => {
                self.types.insert(kind.name.clone(), Arc::new(kind.into_owned()));
                None
            }
            Request::Read(arrival) => {
                self.allow(self.usual());
                let arrival = arrival.arrival();
                Some(Answer::Read(guarded(|| reading::read_any(&arrival)).map(reading::Read::without_bytes)))
            }
            Request::Glance(file) => {
                self.allow(self.usual());
                Some(Answer::Glance(guarded(|| Ok(reading::glance(&file.name, &file.bytes)))))
            }
            Request::Table(file) => {
                self.allow(self.usual());
                Some(Answer::Table(guarded(|| reading::read_table(&file.name, &file.bytes))))
            }
            Request::Make(order) => {
                self.allow(order.limits);
                Some(Answer::Made(self.order(&order).and_then(|order| self.bench.make(&order))))
            }
            Request::Lay(sheets) => Some(Answer::Laid(self.lay(&sheets))),
            Request::Export(imprint) => {
                let bundle = mem::take(&mut self.bundle);
                let limits = Limits { time: time_for_export(self.usual(), bundle.len()), ..self.usual() };
                // A second time what was laid out is room for the PDF that is made of it.
                self.allow(with_more_memory(limits, sandbox::own_memory().saturating_mul(2)));
                Some(Answer::Exported(self.bench.export(bundle, &imprint)))
            }
        }
    }

    fn lay(&mut self, sheets: &SentSheets<'_>) -> Checked<Vec<LaidIn>> {
        if self.bundle.is_empty() {
            self.bundle = if sheets.fresh_sheets { Bundle::on_fresh_sheets() } else { Bundle::new() };
        }
        // A document pays for itself and not for those that were laid out before it.
        let held = if self.bundle.is_empty() { 0 } else { sandbox::own_memory() };
        self.allow(with_more_memory(sheets.order.limits, held));
        let mut bundle = mem::take(&mut self.bundle);
        let laid = self.order(&sheets.order).and_then(|order| self.bench.lay(&order, &sheets.caption, &mut bundle));
        self.bundle = bundle;
        laid
    }

    /// An order with the settings and the type that were sent before it.
    fn order<'a>(&'a self, order: &'a SentOrder<'_>) -> Checked<Order<'a>> {
        let (Some(settings), Some(document_type)) = (&self.settings, self.types.get(&*order.document_type)) else {
            let help = "Please report this; it is tried again by itself.";
            return Err(Problem::new("internal", "A worker was not told what it needs.", help).blaming(Blame::Machine).into());
        };
        let commission = Commission {
            submission: &order.submission,
            classification: &order.classification,
            document_type,
            settings,
            ticket: order.ticket.as_deref(),
            status: order.status.as_deref(),
            said: &order.said,
            now: order.now,
        };
        Ok(Order { commission, ppi: order.ppi, limits: order.limits })
    }

    fn usual(&self) -> Limits {
        self.settings.as_ref().map_or_else(Limits::default, |settings| settings.limits)
    }

    fn allow(&self, limits: Limits) {
        sandbox::allow(limits.memory, limits.time, self.threads);
    }
}

fn unsendable(error: &io::Error) -> Problem {
    let message = format!("What was made of it cannot be handed over: {error}.");
    Problem::new("too-large", message, "Make it smaller: fewer pages or pictures, or part it in two.").blaming(Blame::Limit)
}

/// A panic is caught, and told as the problem of its document. Of a few it is also said where they came from; nobody reads that before
/// the worker has ended, so that more of it would fill the pipe and hold the worker up.
fn keep_panics_short() {
    const MOST: usize = 8;
    let (said, usual) = (AtomicUsize::new(0), panic::take_hook());
    panic::set_hook(Box::new(move |panic| {
        if said.fetch_add(1, Ordering::Relaxed) < MOST {
            usual(panic);
        }
    }));
}

fn with_more_memory(limits: Limits, more: u64) -> Limits {
    Limits { memory: limits.memory.saturating_add(more), ..limits }
}

//! Workers: child processes of this program that read, compose and set documents, so that none of them can hurt another, or the
//! program.
//!
//! A typesetting cannot be stopped, a stack that overflows ends its process, and so does memory that is not to be had. So all this
//! happens in a process that can be ended: it is told what to make, and answers what came of it. [`Workers`] is the door: it has
//! the work done in processes, or in this very one (tests, programs that use the library), with the same code and the same
//! results.
//!
//! | file | what it does |
//! |---|---|
//! | `pool` | keeps workers warm, hands them out, replaces them; gives a document to a second one |
//! | `press` | one worker that makes one PDF of many documents |
//! | `process` | one worker, as the program sees it |
//! | `watchdog` | ends those whose time is up |
//! | `wire`, `message` | frames; what is said |
//! | `serve` | the worker's own side |
//! | `workbench` | the work itself |
//! | `sandbox` | what a worker takes from itself |
//! | `fate` | how one ended, and what is said of its document |
//! | `fingerprint` | what a document is made from, as one hash |

mod fate;
mod fingerprint;
mod message;
mod once;
mod pool;
mod press;
mod process;
mod sandbox;
mod serve;
#[cfg(test)]
mod tests;
mod watchdog;
mod wire;
mod workbench;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};

use crate::catalog::DocumentType;
use crate::composition::{Commission, Manuscript};
use crate::config::{Limits, Settings};
use crate::failure::{Checked, Problem, Warning};
use crate::intake::Arrival;
use crate::reading::{self, Glance, Read, Table};
use crate::typesetting::{Pictures, Rendition, Typesetter};

use self::message::{Answer, Request, SentArrival, SentFile, SentOrder, Setup};
use self::once::Once;
use self::pool::Pool;
use self::process::{Needs, Worker};
use self::workbench::Workbench;

pub use self::press::{Press, Unlaid};
pub use self::sandbox::Shelter;
pub use self::serve::serve;

/// The program is called with this one argument where it is to be a worker.
pub const CALL: &str = "__worker";

/// Whether these arguments call a worker.
pub fn is_called<'a>(mut arguments: impl Iterator<Item = &'a OsStr>) -> bool {
    arguments.nth(1).is_some_and(|first| first == CALL) && arguments.next().is_none()
}

/// A record to be made.
#[derive(Clone, Copy, Debug)]
pub struct Order<'a> {
    /// What is to be made.
    pub commission: Commission<'a>,
    /// Also draw the pages, with so many pixels to the inch.
    pub ppi: Option<u16>,
    /// What it may take of the machine.
    pub limits: Limits,
}

/// A record that was made.
#[derive(Debug, Serialize, Deserialize)]
pub struct Made {
    /// Its files.
    pub renditions: Vec<Rendition>,
    /// The pages of each file, if they were wished for.
    pub pictures: Vec<Pictures>,
    /// How long composing took, in milliseconds.
    pub composition_ms: f64,
    /// How long setting took.
    pub typesetting_ms: f64,
}

/// Settings with a number that tells them from those before.
#[derive(Debug)]
struct Furniture {
    number: u64,
    settings: Settings,
}

/// How many workers there may be, and on how many threads each may set one document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Workers at most.
    pub workers: usize,
    /// Threads of each.
    pub threads: usize,
}

impl Size {
    /// For one document after the other: each may have all processors for itself, and the parts of one document a worker each.
    pub fn one_by_one() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self { workers: processors, threads: processors }
    }

    /// For many documents at once: so many workers with a thread each.
    pub fn side_by_side(workers: usize) -> Self {
        Self { workers: workers.max(1), threads: 1 }
    }
}

/// Which program is started as a worker, how many times at most, and one that may have been started already.
#[derive(Debug)]
pub struct Staff {
    program: PathBuf,
    size: Size,
    first: Option<Worker>,
}

impl Staff {
    /// Workers of `program`; none is started yet.
    pub fn new(program: PathBuf, size: Size) -> Self {
        Self { program, size, first: None }
    }

    /// Another staff like this one, of which nobody is started.
    pub(crate) fn alike(&self) -> Self {
        Self::new(self.program.clone(), self.size)
    }

    /// Starts the first one, so that it begins while the office is opened. What keeps it from that is told when it is needed.
    #[must_use]
    pub fn started(mut self) -> Self {
        self.first = Worker::start(&self.program).ok();
        self
    }

    /// Tells the first one how to begin, so that it has its fonts by the time the office is open. The [`Workers`] made with this staff must
    /// have the same settings and the same cache.
    #[must_use]
    pub(crate) fn told(mut self, settings: &Settings, cache: Option<PathBuf>) -> Self {
        if let Some(first) = &mut self.first {
            first.announce(&Setup::of(settings, cache, self.size.threads));
        }
        self
    }
}

/// Those who read, compose and set documents.
#[derive(Debug)]
pub struct Workers {
    bench: Workbench,
    pool: Option<Pool>,
    furniture: Arc<Furniture>,
    /// Hash of the fonts, once it was asked for: whoever could say it may be at work.
    fonts_sha256: OnceLock<String>,
    once: Once,
}

impl Workers {
    /// Workers with these settings: processes, if there is a staff, else this very process. `cache` is where the properties of
    /// fonts are remembered.
    pub fn new(settings: &Settings, cache: Option<PathBuf>, staff: Option<Staff>) -> Self {
        let bench = Workbench::new(settings.font_folders.clone(), cache.clone(), settings.fonts.clone());
        let pool = staff.map(|staff| {
            let setup = Setup::of(settings, cache, staff.size.threads);
            Pool::new(staff.program, staff.size.workers, setup, staff.first)
        });
        Self {
            bench,
            pool,
            furniture: Arc::new(Furniture { number: 0, settings: settings.clone() }),
            fonts_sha256: OnceLock::new(),
            once: Once::default(),
        }
    }

    /// Has other settings hold from now on. Other fonts need other workers.
    pub fn furnish(&mut self, settings: &Settings) {
        self.furniture = Arc::new(Furniture { number: self.furniture.number + 1, settings: settings.clone() });
    }

    /// How many documents can be made at once.
    pub fn count(&self) -> usize {
        self.pool.as_ref().map_or(1, Pool::most)
    }

    /// Reads an arrival, as [`reading::read_any`].
    ///
    /// # Errors
    /// As there; what reading it did to a worker.
    pub fn read(&self, arrival: &Arrival) -> Checked<Read> {
        let Some(pool) = &self.pool else { return reading::read_any(arrival) };
        match pool.ask(&Request::Read(SentArrival::of(arrival)), self.needs(None), self.limits()) {
            Ok(Answer::Read(read)) => Ok(read?.with_bytes(arrival)),
            other => Err(unexpected(other).in_file(&arrival.note.name)),
        }
    }

    /// Looks which files a file names, as [`reading::glance`].
    ///
    /// # Errors
    /// What looking at it did to a worker.
    pub fn glance(&self, name: &str, bytes: &[u8]) -> Checked<Glance> {
        let Some(pool) = &self.pool else { return Ok(reading::glance(name, bytes)) };
        match pool.ask(&Request::Glance(SentFile::new(name, bytes)), self.needs(None), self.limits()) {
            Ok(Answer::Glance(glance)) => glance,
            other => Err(unexpected(other).in_file(name)),
        }
    }

    /// Reads a table of rows, as [`reading::read_table`].
    ///
    /// # Errors
    /// As there; what reading it did to a worker.
    pub fn read_table(&self, name: &str, bytes: &[u8]) -> Checked<(Table, Vec<Warning>)> {
        let Some(pool) = &self.pool else { return reading::read_table(name, bytes) };
        match pool.ask(&Request::Table(SentFile::new(name, bytes)), self.needs(None), self.limits()) {
            Ok(Answer::Table(table)) => table,
            other => Err(unexpected(other).in_file(name)),
        }
    }

    /// Composes and sets a record.
    ///
    /// # Errors
    /// A template that does not render, a page that cannot be set, a limit; what the document did to its workers.
    pub fn make(&self, order: &Order<'_>) -> Checked<Made> {
        let made = match &self.pool {
            None => self.bench.make(order),
            Some(pool) => {
                let request = Request::Make(SentOrder::of(order));
                match pool.ask(&request, self.needs(Some(order.commission.document_type)), order.limits) {
                    Ok(Answer::Made(made)) => made,
                    other => Err(unexpected(other).in_file(&order.commission.submission.name)),
                }
            }
        };
        let mut made = made?;
        self.once.sift(made.renditions.iter_mut().map(|file| &mut file.warnings));
        Ok(made)
    }

    /// What a record is made from, as one hash: another order with the same one would be made into the same document. `set` is the time
    /// at which the clock was set to stand, where it was.
    ///
    /// # Errors
    /// No worker can be started.
    pub fn fingerprint(&self, order: &Order<'_>, set: Option<DateTime<FixedOffset>>) -> Checked<String> {
        fingerprint::fingerprint(order, &self.fonts_sha256()?, set)
    }

    /// Begins one PDF of many documents, with a worker of its own. `fresh_sheets`: each document begins on a sheet of its own.
    ///
    /// # Errors
    /// No worker can be started.
    pub fn press(&self, fresh_sheets: bool) -> Checked<Press<'_>> {
        Press::new(self, fresh_sheets)
    }

    /// Composes a record in this process: what goes into typesetting.
    ///
    /// # Errors
    /// A template that does not render.
    pub fn compose(&self, order: &Order<'_>) -> Checked<Vec<Manuscript>> {
        self.bench.compose(order)
    }

    /// A typesetter in this process, for whoever asks about fonts.
    ///
    /// # Errors
    /// As [`Typesetter::new`].
    pub fn typesetter(&self) -> Checked<&Typesetter> {
        self.bench.typesetter()
    }

    /// Hash of the fonts that documents are set with.
    ///
    /// # Errors
    /// No worker can be started.
    fn fonts_sha256(&self) -> Checked<String> {
        if let Some(known) = self.fonts_sha256.get() {
            return Ok(known.clone());
        }
        let sha256 = match &self.pool {
            Some(pool) => pool.hello()?.fonts_sha256,
            None => self.typesetter()?.fonts().sha256().to_owned(),
        };
        Ok(self.fonts_sha256.get_or_init(|| sha256).clone())
    }

    /// What a worker cannot do on this machine; `None` where there are no processes.
    ///
    /// # Errors
    /// No worker can be started.
    pub fn shelter(&self) -> Checked<Option<Shelter>> {
        self.pool.as_ref().map(|pool| pool.hello().map(|hello| hello.shelter)).transpose()
    }

    fn needs<'a>(&'a self, document_type: Option<&'a DocumentType>) -> Needs<'a> {
        Needs { furniture: Some(&self.furniture), document_type }
    }

    fn limits(&self) -> Limits {
        self.furniture.settings.limits
    }
}

/// A worker's problem, or an answer to another question.
fn unexpected(answer: Checked<Answer>) -> crate::failure::Problems {
    match answer {
        Err(problems) => problems,
        Ok(_) => Problem::internal(&"a worker answered another question").into(),
    }
}

/// The program as a worker would be started from: on Linux the very file that runs, even if another has taken its name since.
pub fn own_program(current: Option<&Path>) -> Option<PathBuf> {
    if cfg!(target_os = "linux") { Some(PathBuf::from("/proc/self/exe")) } else { current.map(Path::to_path_buf) }
}

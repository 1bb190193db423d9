//! The pool: workers that are kept warm, handed out one at a time, and replaced when they have ended, grown or served long enough.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::fate::Death;
use super::message::{Answer, Hello, Reply, Request, Setup};
use super::process::{Needs, Worker};
use super::watchdog::Watchdog;
use crate::config::Limits;
use crate::failure::{Blame, Checked, Problem, Problems};

/// A worker that has more memory for itself after a document is replaced: what a large one needed is not kept.
const MOST_KEPT_BYTES: u64 = 128 << 20;
/// A worker that has answered so often is replaced, whatever it looks like.
const MOST_ANSWERS: u32 = 50_000;
/// A document is given to so many workers that come to a sudden end.
const ATTEMPTS: usize = 2;
/// What is added to a document's own time before its worker is ended, for the way there and back.
const GRACE: Duration = Duration::from_millis(500);

/// Workers, at most so many.
#[derive(Debug)]
pub(super) struct Pool {
    program: PathBuf,
    most: usize,
    setup: Setup,
    watchdog: Watchdog,
    crew: Mutex<Crew>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Crew {
    idle: Vec<Worker>,
    /// Idle ones and those at work.
    alive: usize,
}

impl Pool {
    /// A pool that has `first` and starts more when they are needed.
    pub(super) fn new(program: PathBuf, most: usize, setup: Setup, first: Option<Worker>) -> Self {
        let idle: Vec<Worker> = first.into_iter().collect();
        let crew = Crew { alive: idle.len(), idle };
        Self { program, most: most.max(1), setup, watchdog: Watchdog::default(), crew: Mutex::new(crew), changed: Condvar::new() }
    }

    /// How many workers there may be.
    pub(super) fn most(&self) -> usize {
        self.most
    }

    /// Asks a worker; another one, if the first comes to a sudden end.
    ///
    /// # Errors
    /// What the document did to its workers; the machine's, if none can be started.
    pub(super) fn ask(&self, request: &Request<'_>, needs: Needs<'_>, limits: Limits) -> Checked<Answer> {
        let mut attempt = 1;
        loop {
            let mut worker = self.take()?;
            let begun = worker.begin(&self.setup, &self.watchdog).map(drop);
            if let Err(death) = begun {
                self.lose(worker);
                return Err(no_beginning(&death));
            }
            let strike = kill_now_and_then(&worker, attempt);
            let answered = worker.ask(request, needs, limits.time + GRACE, &self.watchdog);
            drop(strike);
            match answered {
                Ok(reply) => return Ok(self.give_back(worker, reply)),
                Err(death) => {
                    self.lose(worker);
                    tracing::warn!(?death, attempt, "a worker has ended");
                    if attempt == ATTEMPTS || !death.may_be_chance(matches!(request, Request::Make(_))) {
                        return Err(death.problem(limits).into());
                    }
                    attempt += 1;
                }
            }
        }
    }

    /// A worker that keeps what it is told, for whoever has it: it is given to nobody else afterwards.
    ///
    /// # Errors
    /// The machine's, if none can be started.
    pub(super) fn hire(&self) -> Checked<Hired<'_>> {
        let mut worker = self.take()?;
        match worker.begin(&self.setup, &self.watchdog).map(drop) {
            Ok(()) => Ok(Hired { pool: self, worker: Some(worker) }),
            Err(death) => {
                self.lose(worker);
                Err(no_beginning(&death))
            }
        }
    }

    /// What a worker says of itself.
    ///
    /// # Errors
    /// The machine's, if none can be started.
    pub(super) fn hello(&self) -> Checked<Hello> {
        let mut worker = self.take()?;
        match worker.begin(&self.setup, &self.watchdog).cloned() {
            Ok(hello) => {
                self.put(worker);
                Ok(hello)
            }
            Err(death) => {
                self.lose(worker);
                Err(no_beginning(&death))
            }
        }
    }

    /// An idle worker, a new one, or the next that is given back.
    fn take(&self) -> Checked<Worker> {
        let mut crew = self.crew();
        loop {
            while let Some(worker) = crew.idle.pop() {
                if worker.is_running() {
                    return Ok(worker);
                }
                tracing::warn!("a worker has ended while it had nothing to do");
                crew.alive -= 1;
            }
            if crew.alive < self.most {
                crew.alive += 1;
                drop(crew);
                return Worker::start(&self.program).inspect_err(|_| self.one_less());
            }
            crew = self.changed.wait(crew).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn give_back(&self, worker: Worker, reply: Reply) -> Answer {
        if reply.memory <= MOST_KEPT_BYTES && worker.answered < MOST_ANSWERS {
            self.put(worker);
        } else {
            tracing::debug!(memory = reply.memory, answered = worker.answered, "a worker is replaced");
            // Ended and replaced elsewhere: the answer need not wait for that.
            drop(worker);
            self.add_a_new_one();
        }
        reply.answer
    }

    fn put(&self, worker: Worker) {
        self.crew().idle.push(worker);
        self.changed.notify_one();
    }

    /// Ends a worker; its place is free.
    fn lose(&self, worker: Worker) {
        drop(worker);
        self.one_less();
    }

    fn one_less(&self) {
        self.crew().alive -= 1;
        self.changed.notify_one();
    }

    /// Fills a place that was counted already; a worker that cannot be started leaves it free.
    fn add_a_new_one(&self) {
        match Worker::start(&self.program) {
            Ok(worker) => self.put(worker),
            Err(_) => self.one_less(),
        }
    }

    fn crew(&self) -> MutexGuard<'_, Crew> {
        self.crew.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A worker in somebody's hand.
#[derive(Debug)]
pub(super) struct Hired<'a> {
    pool: &'a Pool,
    /// `None` once it has ended.
    worker: Option<Worker>,
}

impl Hired<'_> {
    /// Asks it something that may take so long.
    ///
    /// # Errors
    /// Its end; then it cannot be asked again.
    pub(super) fn ask(&mut self, request: &Request<'_>, needs: Needs<'_>, time: Duration) -> Result<Answer, Death> {
        let Some(worker) = &mut self.worker else { return Err(Death::Garbage("it has ended already".to_owned())) };
        let strike = kill_once(worker);
        let answered = worker.ask(request, needs, time + GRACE, &self.pool.watchdog);
        drop(strike);
        match answered {
            Ok(reply) => Ok(reply.answer),
            Err(death) => {
                tracing::warn!(?death, "a worker has ended with all that it had laid out");
                self.give_up();
                Err(death)
            }
        }
    }

    /// What it has kept is of no use to anybody else.
    fn give_up(&mut self) {
        if let Some(worker) = self.worker.take() {
            self.pool.lose(worker);
        }
    }
}

impl Drop for Hired<'_> {
    fn drop(&mut self) {
        self.give_up();
    }
}

/// A worker that does not even begin is nobody's document's fault.
fn no_beginning(death: &Death) -> Problems {
    let why = match death {
        Death::OverTime => "it did not begin in time".to_owned(),
        Death::OverMemory => "it got no memory".to_owned(),
        Death::Crashed(cause) | Death::Garbage(cause) => cause.clone(),
    };
    let message = format!("The process that is to set the pages could not be started: {why}.");
    let help = "Nothing is lost; it is tried again by itself. If it stays, `chancery doctor` says what is missing on this machine.";
    Problem::new("worker-start", message, help).blaming(Blame::Machine).into()
}

/// Under the failpoint `workers::kill` a worker is ended at any moment of its work, as if somebody had done so from outside; never
/// twice for one document, and not once its work is done: who has what this gives is at work.
fn kill_now_and_then(_worker: &Worker, _attempt: usize) -> Option<Strike> {
    #[cfg(feature = "failpoints")]
    {
        use rand::Rng as _;
        let strike = || {
            fail::fail_point!("workers::kill", |_| true);
            false
        };
        crate::storage::crash_setup();
        if _attempt == 1 && strike() {
            let (process, done) = (_worker.process().clone(), Strike::default());
            let (pause, is_done) = (Duration::from_micros(rand::rng().random_range(0..20_000)), done.0.clone());
            std::thread::spawn(move || {
                std::thread::sleep(pause);
                if !is_done.load(Ordering::SeqCst) {
                    process.kill();
                }
            });
            return Some(done);
        }
    }
    None
}

/// The end of a worker that may come, until this is dropped.
#[derive(Default)]
struct Strike(Arc<AtomicBool>);

impl Drop for Strike {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// The same for one that has laid out many documents: once while the program runs, or nobody would lay all of them out anew.
fn kill_once(worker: &Worker) -> Option<Strike> {
    static STRUCK: AtomicBool = AtomicBool::new(false);
    if STRUCK.load(Ordering::SeqCst) {
        return None;
    }
    kill_now_and_then(worker, 1).inspect(|_| STRUCK.store(true, Ordering::SeqCst))
}

//! A worker as the program sees it: a child process, what was said to it, and what it answers.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{self, Read as _};
use std::path::Path;
use std::process::{ChildStderr, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use super::fate::Death;
use super::message::{Hello, PROTOCOL, Reply, Request, Setup};
use super::watchdog::{Process, Watchdog};
use super::wire::{Receiver, Sender};
use super::{CALL, Furniture};
use crate::catalog::DocumentType;
use crate::failure::{Checked, Problem};
use crate::model::TypeName;

/// How long a worker may take to begin: it looks for fonts, for the first time on a slow disk.
const START_TIME: Duration = Duration::from_secs(30);
/// Of what a worker says at its end, so many bytes are read.
const MOST_LAST_WORDS: u64 = 16 << 10;

/// A worker.
#[derive(Debug)]
pub(super) struct Worker {
    process: Arc<Process>,
    to: Sender<ChildStdin>,
    from: Receiver<ChildStdout>,
    last_words: ChildStderr,
    /// Whether it was told how to begin.
    told: bool,
    /// What it said at its beginning; `None` before that.
    pub(super) hello: Option<Hello>,
    /// Which settings it has.
    settings: Option<u64>,
    /// Which types it has, by the hash of their files.
    types: HashMap<TypeName, String>,
    /// How many requests it has answered.
    pub(super) answered: u32,
}

/// What a request needs beside itself.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Needs<'a> {
    pub furniture: Option<&'a Furniture>,
    pub document_type: Option<&'a DocumentType>,
}

impl Worker {
    /// Starts a process and does not wait for it.
    ///
    /// # Errors
    /// The machine's.
    pub(super) fn start(program: &Path) -> Checked<Self> {
        let mut command = Command::new(program);
        // Nothing of the environment, no folder that could not be unmounted.
        command.arg(CALL).env_clear().current_dir("/").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        #[cfg(unix)]
        {
            use std::os::unix::process::CommandExt as _;
            // Ctrl-C is meant for the program, which lets its workers finish what they have in hand.
            command.arg0("chancery").process_group(0);
        }
        let mut child = command.spawn().map_err(|error| refused(program, &error))?;
        let (Some(stdin), Some(stdout), Some(last_words)) = (child.stdin.take(), child.stdout.take(), child.stderr.take()) else {
            return Err(refused(program, &io::ErrorKind::BrokenPipe.into()).into());
        };
        widen(&stdin);
        widen(&stdout);
        Ok(Self {
            process: Arc::new(Process::new(child)),
            to: Sender::new(stdin),
            from: Receiver::new(stdout),
            last_words,
            told: false,
            hello: None,
            settings: None,
            types: HashMap::new(),
            answered: 0,
        })
    }

    /// Whether it can still be asked something: one that has ended while nobody asked it anything is no document's fault.
    pub(super) fn is_running(&self) -> bool {
        self.process.is_running()
    }

    /// Its process, for tests that end it from elsewhere.
    #[cfg(feature = "failpoints")]
    pub(super) fn process(&self) -> &Arc<Process> {
        &self.process
    }

    /// Tells it how to begin, and does not wait until it has. That it did not hear it is noticed when it is to begin.
    pub(super) fn announce(&mut self, setup: &Setup) {
        self.told = self.to.send(&Request::Setup(Cow::Borrowed(setup))).is_ok();
    }

    /// Tells it how to begin, unless it was told, and waits until it has; does nothing if it has begun.
    ///
    /// # Errors
    /// Its end.
    pub(super) fn begin(&mut self, setup: &Setup, watchdog: &Watchdog) -> Result<&Hello, Death> {
        if self.hello.is_none() {
            let process = self.process.clone();
            let _watch = watchdog.watch(&process, START_TIME);
            let said = if self.told { Ok(()) } else { self.to.send(&Request::Setup(Cow::Borrowed(setup))) };
            let hello: Hello = match said.and_then(|()| self.from.receive()) {
                Ok(Some(hello)) => hello,
                Ok(None) => return Err(self.end()),
                Err(error) => return Err(self.ended_by(&error)),
            };
            if hello.protocol != PROTOCOL {
                return Err(Death::Garbage(format!("it speaks version {} of what is spoken here, not {PROTOCOL}", hello.protocol)));
            }
            self.hello = Some(hello);
        }
        self.hello.as_ref().ok_or_else(|| Death::Garbage("it said nothing".to_owned()))
    }

    /// Asks it something that may take so long; what it needs for that and has not yet is told to it before.
    ///
    /// # Errors
    /// Its end: it cannot be asked again.
    pub(super) fn ask(&mut self, request: &Request<'_>, needs: Needs<'_>, time: Duration, watchdog: &Watchdog) -> Result<Reply, Death> {
        let process = self.process.clone();
        let _watch = watchdog.watch(&process, time);
        match self.furnish(needs).and_then(|()| self.to.send(request)).and_then(|()| self.from.receive()) {
            Ok(Some(reply)) => {
                self.answered += 1;
                Ok(reply)
            }
            Ok(None) => Err(self.end()),
            Err(error) => Err(self.ended_by(&error)),
        }
    }

    fn furnish(&mut self, needs: Needs<'_>) -> io::Result<()> {
        if let Some(furniture) = needs.furniture.filter(|furniture| self.settings != Some(furniture.number)) {
            self.to.send(&Request::Settings(Cow::Borrowed(&furniture.settings)))?;
            self.settings = Some(furniture.number);
        }
        if let Some(kind) = needs.document_type.filter(|kind| self.types.get(&kind.name) != Some(&kind.sha256)) {
            self.to.send(&Request::Type(Cow::Borrowed(kind)))?;
            self.types.insert(kind.name.clone(), kind.sha256.clone());
        }
        Ok(())
    }

    fn ended_by(&mut self, error: &io::Error) -> Death {
        match error.kind() {
            // What was to be sent is at fault, and the worker has heard nothing of it or only a part.
            io::ErrorKind::InvalidInput | io::ErrorKind::Other => Death::Garbage(error.to_string()),
            io::ErrorKind::InvalidData if !self.process.has_timed_out() => {
                self.process.dismiss();
                Death::Garbage(error.to_string())
            }
            _ => self.end(),
        }
    }

    /// Sees to its end, and reads how that came.
    fn end(&mut self) -> Death {
        let status = self.process.end();
        let mut words = Vec::new();
        let _ = (&mut self.last_words).take(MOST_LAST_WORDS).read_to_end(&mut words);
        Death::of(status, &String::from_utf8_lossy(&words), self.process.has_timed_out())
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // It holds nothing that would be lost.
        self.process.dismiss();
    }
}

fn refused(program: &Path, error: &io::Error) -> Problem {
    let mut problem = Problem::machine("start a worker process of", program, error);
    problem.help = "Free some memory, or raise how many processes may run; it is tried again by itself.".to_owned();
    problem
}

/// A PDF goes through the pipe in one piece.
#[cfg(target_os = "linux")]
fn widen(pipe: &impl std::os::fd::AsFd) {
    const BYTES: usize = 512 << 10;
    let _ = rustix::pipe::fcntl_setpipe_size(pipe, BYTES);
}

#[cfg(not(target_os = "linux"))]
fn widen<T>(_: &T) {}

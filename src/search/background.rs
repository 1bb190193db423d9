//! The follower on a thread of its own, for as long as a watcher runs.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::failure::{Checked, guarded};
use crate::register::Register;

use super::follow::Follower;
use super::home::TextIndex;

/// How often it looks by itself: another process files too.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How long it waits after a failure, at first and at most.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Follows the register until it is dropped.
pub struct Background {
    wake: Option<Sender<()>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Background {
    /// Begins to follow. `tell` hears, on that thread, what should be known: why an index was made anew, what failed.
    ///
    /// # Errors
    /// The system's: there is no thread to be had.
    pub fn start(archive: PathBuf, state: PathBuf, tell: impl Fn(String) + Send + 'static) -> std::io::Result<Self> {
        let (wake, woken) = channel();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let follow = Following { archive, home: TextIndex::in_state(&state), state, woken, stop: stopped, tell: Box::new(tell) };
        let thread = std::thread::Builder::new().name("search".to_owned()).spawn(move || follow.run())?;
        Ok(Self { wake: Some(wake), stop, thread: Some(thread) })
    }

    /// Something was filed.
    pub fn wake(&self) {
        // A follower that is gone has said why.
        let _ = self.wake.as_ref().map(|wake| wake.send(()));
    }
}

impl Drop for Background {
    /// Waits for the commit in hand.
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        self.wake.take();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Following {
    archive: PathBuf,
    state: PathBuf,
    home: TextIndex,
    woken: Receiver<()>,
    stop: Arc<AtomicBool>,
    tell: Box<dyn Fn(String) + Send>,
}

impl Following {
    fn run(self) {
        let mut pause = FIRST_PAUSE;
        let mut told = String::new();
        while !self.stop.load(Ordering::SeqCst) {
            match guarded(|| self.follow()) {
                Ok(()) => pause = FIRST_PAUSE,
                Err(problems) => {
                    let words = problems.first().message.clone();
                    if words != told {
                        (self.tell)(words.clone());
                        told = words;
                    }
                    if !self.wait(pause) {
                        return;
                    }
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    /// Follows until there is reason to begin anew: another register, another writer, a failure.
    fn follow(&self) -> Checked<()> {
        let register = Register::open_in(&self.archive, &self.state)?;
        let Some(mut follower) = Follower::take(&self.home, &register)? else {
            // `chancery search` is catching up at this moment.
            self.wait(LOOK_EVERY);
            return Ok(());
        };
        if let Some(why) = follower.remade() {
            (self.tell)(format!("The index for searching is made anew: {why}."));
        }
        let mut seen = None;
        loop {
            register.refresh()?;
            let head = register.head();
            if !self.home.is_there() {
                return Ok(());
            }
            if seen.as_ref() != Some(&head) {
                if !follower.follows(&register)? {
                    return Ok(());
                }
                follower.advance(&register, &self.archive, &|| self.stop.load(Ordering::SeqCst))?;
                seen = Some(head);
            }
            if !self.wait(LOOK_EVERY) {
                return Ok(());
            }
        }
    }

    /// Waits until it is woken or the time is over; false if it is to stop.
    fn wait(&self, time: Duration) -> bool {
        match self.woken.recv_timeout(time) {
            Ok(()) => while self.woken.try_recv().is_ok() {},
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return false,
        }
        !self.stop.load(Ordering::SeqCst)
    }
}

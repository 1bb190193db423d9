//! Ends workers whose time is up. One thread watches over all of them, so that whoever waits for a worker just waits: an ended
//! worker's pipes are closed.

use std::collections::BTreeMap;
use std::process::{Child, ExitStatus};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// A process that can be ended by others than the one who talks to it.
#[derive(Debug)]
pub(super) struct Process {
    child: Mutex<Child>,
    timed_out: AtomicBool,
}

impl Process {
    pub(super) fn new(child: Child) -> Self {
        Self { child: Mutex::new(child), timed_out: AtomicBool::new(false) }
    }

    /// Whether it can still be asked something.
    pub(super) fn is_running(&self) -> bool {
        !self.has_timed_out() && matches!(self.child().try_wait(), Ok(None))
    }

    /// Ends it, if it has not ended.
    pub(super) fn kill(&self) {
        let _ = self.child().kill();
    }

    /// Ends it and waits for that; how it ended, where the system says so.
    pub(super) fn end(&self) -> Option<ExitStatus> {
        let mut child = self.child();
        // Who fell over has an end of its own already, or is about to: a moment is given, so that this end is seen.
        for _ in 0..PATIENCE_STEPS {
            if let Ok(Some(status)) = child.try_wait() {
                return Some(status);
            }
            thread::sleep(PATIENCE_STEP);
        }
        let _ = child.kill();
        child.wait().ok()
    }

    /// Ends it at once and waits for that.
    pub(super) fn dismiss(&self) {
        let mut child = self.child();
        let _ = child.kill();
        let _ = child.wait();
    }

    /// Whether it was ended because its time was up.
    pub(super) fn has_timed_out(&self) -> bool {
        self.timed_out.load(Ordering::SeqCst)
    }

    fn child(&self) -> MutexGuard<'_, Child> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const PATIENCE_STEPS: usize = 20;
const PATIENCE_STEP: Duration = Duration::from_millis(1);

/// When a process is due, and a number that tells two of the same moment apart.
type Due = (Instant, u64);

/// Who is due when.
#[derive(Debug, Default)]
struct Agenda {
    due: Mutex<BTreeMap<Due, Arc<Process>>>,
    changed: Condvar,
    closed: AtomicBool,
}

impl Agenda {
    fn due(&self) -> MutexGuard<'_, BTreeMap<Due, Arc<Process>>> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn watch(&self) {
        let mut due = self.due();
        while !self.closed.load(Ordering::SeqCst) {
            let now = Instant::now();
            while let Some(entry) = due.first_entry().filter(|entry| entry.key().0 <= now) {
                let process = entry.remove();
                process.timed_out.store(true, Ordering::SeqCst);
                process.kill();
            }
            due = match due.first_key_value().map(|((at, _), _)| at.saturating_duration_since(now)) {
                Some(wait) => self.changed.wait_timeout(due, wait).unwrap_or_else(PoisonError::into_inner).0,
                None => self.changed.wait(due).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }
}

/// The thread that watches; it is begun with the first process to be watched.
#[derive(Debug, Default)]
pub(super) struct Watchdog {
    agenda: Arc<Agenda>,
    begun: Mutex<bool>,
    next: AtomicU64,
}

impl Watchdog {
    /// Ends the process if the watch is not over in `time`.
    pub(super) fn watch<'a>(&'a self, process: &Arc<Process>, time: Duration) -> Watch<'a> {
        self.begin();
        let key = (Instant::now() + time, self.next.fetch_add(1, Ordering::Relaxed));
        let is_first = {
            let mut due = self.agenda.due();
            let is_first = due.first_key_value().is_none_or(|(first, _)| key < *first);
            due.insert(key, process.clone());
            is_first
        };
        if is_first {
            self.agenda.changed.notify_one();
        }
        Watch { agenda: &self.agenda, key }
    }

    /// Begins the thread, unless it has begun. Where the machine has none to give, that is tried again with the next watch; until then
    /// only the system watches, over the time of the processor ([`sandbox::allow`](super::sandbox::allow)).
    fn begin(&self) {
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        if !*begun {
            let agenda = self.agenda.clone();
            *begun = thread::Builder::new().name("watchdog".to_owned()).spawn(move || agenda.watch()).is_ok();
        }
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        let _due = self.agenda.due();
        self.agenda.closed.store(true, Ordering::SeqCst);
        self.agenda.changed.notify_one();
    }
}

/// A watch over a process; over when dropped.
#[must_use]
pub(super) struct Watch<'a> {
    agenda: &'a Agenda,
    key: Due,
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        self.agenda.due().remove(&self.key);
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn sleeper() -> Arc<Process> {
        Arc::new(Process::new(Command::new("sleep").arg("30").spawn().expect("a process that sleeps")))
    }

    #[test]
    fn who_is_late_is_ended_and_nobody_else() {
        let watchdog = Watchdog::default();
        let (late, patient, early) = (sleeper(), sleeper(), sleeper());
        let long = watchdog.watch(&patient, Duration::from_secs(20));
        let short = watchdog.watch(&late, Duration::from_millis(30));
        drop(watchdog.watch(&early, Duration::from_millis(1_000)));
        let began = Instant::now();
        while late.child().try_wait().unwrap().is_none() {
            thread::sleep(Duration::from_millis(1));
        }
        assert!(late.has_timed_out() && began.elapsed() < Duration::from_secs(10));
        assert!(!patient.has_timed_out() && !early.has_timed_out());
        drop((long, short));
        patient.dismiss();
        early.dismiss();
    }
}

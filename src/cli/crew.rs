//! Several threads over a row of jobs, with the results in the jobs' own order.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// How far the fastest thread may be ahead of the result that is handed over next, for each thread: results wait in
/// memory for those before them.
const AHEAD: usize = 8;

/// Does `work` for each number below `count` on `threads` threads, and hands each result to `take` on this thread, in
/// order. Once `stop` is set no job is begun; those in hand are finished and handed over. A job that panics ends all
/// of them, as it would on one thread.
pub fn in_order<T: Send>(
    count: usize,
    threads: usize,
    stop: &AtomicBool,
    work: impl Fn(usize) -> T + Sync,
    mut take: impl FnMut(usize, T),
) {
    let threads = threads.clamp(1, count.max(1));
    let jobs = Jobs {
        count,
        ahead: threads * AHEAD,
        next: AtomicUsize::new(0),
        taken: Taken { count: Mutex::new(0), changed: Condvar::new() },
        broken: AtomicBool::new(false),
    };
    let (results, arrivals) = mpsc::channel();
    let mut panicked = None;
    thread::scope(|scope| {
        for _ in 0..threads {
            let results = results.clone();
            scope.spawn(|| jobs.work_off(stop, &work, results));
        }
        drop(results);
        let mut early = BTreeMap::new();
        let mut due = 0;
        for (job, result) in arrivals {
            match result {
                Ok(result) => early.insert(job, result),
                Err(panic) => {
                    jobs.give_up();
                    panicked = Some(panic);
                    continue;
                }
            };
            while let Some(result) = early.remove(&due).filter(|_| panicked.is_none()) {
                take(due, result);
                due += 1;
                jobs.taken.set(due);
            }
        }
    });
    if let Some(panic) = panicked {
        resume_unwind(panic);
    }
}

/// A job's number, and its result or its panic.
type Done<T> = (usize, thread::Result<T>);

/// What the threads share.
struct Jobs {
    count: usize,
    ahead: usize,
    next: AtomicUsize,
    taken: Taken,
    broken: AtomicBool,
}

impl Jobs {
    fn work_off<T>(&self, stop: &AtomicBool, work: &impl Fn(usize) -> T, results: Sender<Done<T>>) {
        while !stop.load(Ordering::SeqCst) && !self.broken.load(Ordering::SeqCst) {
            let job = self.next.fetch_add(1, Ordering::SeqCst);
            if job >= self.count {
                return;
            }
            self.taken.wait_until_near(job, self.ahead);
            let done = catch_unwind(AssertUnwindSafe(|| work(job)));
            if results.send((job, done)).is_err() {
                return;
            }
        }
    }

    /// Nobody may wait for a result that will never come.
    fn give_up(&self) {
        self.broken.store(true, Ordering::SeqCst);
        self.taken.set(self.count);
    }
}

/// How many results were handed over.
struct Taken {
    count: Mutex<usize>,
    changed: Condvar,
}

impl Taken {
    fn wait_until_near(&self, job: usize, distance: usize) {
        let mut count = self.lock();
        while job > *count + distance {
            count = self.changed.wait(count).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn set(&self, count: usize) {
        *self.lock() = count;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, usize> {
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn results_come_in_order_however_long_each_takes() {
        let stop = AtomicBool::new(false);
        let mut taken = Vec::new();
        let slow_first = |job: usize| {
            thread::sleep(Duration::from_millis(if job == 0 { 30 } else { 0 }));
            job * 2
        };
        in_order(200, 4, &stop, slow_first, |job, result| taken.push((job, result)));
        let expected: Vec<(usize, usize)> = (0..200).map(|job| (job, job * 2)).collect();
        assert_eq!(taken, expected);
    }

    #[test]
    fn what_is_in_hand_is_finished_when_it_is_to_stop() {
        let stop = AtomicBool::new(false);
        let mut taken = 0;
        let work = |job: usize| {
            stop.fetch_or(job == 10, Ordering::SeqCst);
            job
        };
        in_order(1_000, 3, &stop, work, |job, result| {
            assert_eq!(job, result);
            taken += 1;
        });
        assert!((11..20).contains(&taken), "{taken}");
    }

    #[test]
    #[should_panic(expected = "job 3")]
    fn a_panic_is_not_waited_for() {
        let work = |job: usize| assert!(job != 3, "job {job}");
        in_order(1_000, 4, &AtomicBool::new(false), work, |_, ()| {});
    }

    #[test]
    fn nothing_to_do_is_done_at_once() {
        in_order(0, 4, &AtomicBool::new(false), |job| job, |_, _| panic!("there is no job"));
    }
}

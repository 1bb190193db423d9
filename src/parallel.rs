//! Some threads over a list, for what waits (for a disk) or computes (pages) and whose results are wanted in order.
//!
//! Threads of its own instead of a shared pool: a thread that waits for a sync must not keep pages from being set.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Does `work` for each item on at most so many threads, and gives the results in the order of the items. With one
/// thread, or one item, everything happens on the calling thread. A panic of `work` is the caller's.
pub(crate) fn map<T: Send, R: Send>(items: Vec<T>, threads: usize, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let threads = threads.min(items.len());
    if threads <= 1 {
        return items.into_iter().map(work).collect();
    }
    let slots: Vec<Mutex<(Option<T>, Option<R>)>> = items.into_iter().map(|item| Mutex::new((Some(item), None))).collect();
    let next = AtomicUsize::new(0);
    let run = || {
        while let Some(slot) = slots.get(next.fetch_add(1, Ordering::Relaxed)) {
            let item = slot.lock().unwrap_or_else(PoisonError::into_inner).0.take();
            let done = item.map(&work);
            slot.lock().unwrap_or_else(PoisonError::into_inner).1 = done;
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(run);
        }
        run();
    });
    slots.into_iter().filter_map(|slot| slot.into_inner().unwrap_or_else(PoisonError::into_inner).1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_the_order_of_the_items_however_long_each_takes() {
        let slow_first = |item: u64| {
            thread::sleep(std::time::Duration::from_millis(20_u64.saturating_sub(item)));
            item * 2
        };
        assert_eq!(map((0..40).collect(), 4, slow_first), (0..40).map(|item| item * 2).collect::<Vec<_>>());
        assert_eq!(map(Vec::<u64>::new(), 4, slow_first), Vec::<u64>::new());
    }

    #[test]
    fn work_is_shared_among_the_threads() {
        let barrier = std::sync::Barrier::new(3);
        // Ends only if three items are worked on at the same time.
        map(vec![(); 3], 3, |()| barrier.wait());
    }

    #[test]
    #[should_panic(expected = "a scoped thread panicked")]
    fn a_panic_on_another_thread_is_not_swallowed() {
        let caller = thread::current().id();
        let barrier = std::sync::Barrier::new(2);
        map(vec![(); 2], 2, |()| {
            barrier.wait();
            assert!(thread::current().id() == caller, "not here");
        });
    }
}

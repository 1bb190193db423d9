//! A table filed row by row: each row is an arrival of its own, so that a table that grows makes only what is new.
//!
//! Rows are understood, admitted and set a group at a time, on as many threads as are wished for; numbers follow the
//! rows all the same, since a group is admitted in order before any of it is made. While one group is made, the one
//! before it is filed on the caller's thread: no thread that sets pages waits for the disk.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;
use std::thread;

use super::group::{Asked, Group};
use super::parts::Parts;
use super::{Fate, Outcome, Wishes, ask};
use crate::failure::{Checked, guarded};
use crate::office::Office;
use crate::parallel;
use crate::reading::Submission;
use crate::register::{BEING_FILED, Part};

/// How many rows are a group: enough to share a sync, few enough that stopping is quick.
const ROWS: usize = 64;

/// Files `count` rows on `threads` threads. `row` puts a row into its note and says what it is called; `take` is handed
/// the outcome of each in order. Once `stop` is set no group is begun; those in hand are finished.
pub fn file_rows(
    count: usize,
    threads: usize,
    (office, wishes, stop): (&Office, &Wishes, &AtomicBool),
    row: impl Fn(usize) -> Checked<(Submission, Part)> + Sync,
    mut take: impl FnMut(usize, Outcome),
) {
    let (made, groups) = sync_channel(1);
    let row = &row;
    let make = move || {
        for start in (0..count).step_by(ROWS) {
            if stop.load(Ordering::SeqCst) {
                return;
            }
            let rows = (start..count.min(start + ROWS)).collect();
            let asked = parallel::map(rows, threads, |index| ask_row(row, index, office, wishes));
            // The other side is gone only if it panicked.
            if made.send((start, Group::make(asked, office, threads))).is_err() {
                return;
            }
        }
    };
    thread::scope(|scope| {
        let maker = scope.spawn(make);
        for (start, group) in groups {
            for (slot, outcome) in group.file(office).into_iter().enumerate() {
                let index = start + slot;
                // A row that says the same as one of its group was being filed; now that one stands, and it is a duplicate.
                let again =
                    is_being_filed(&outcome).then(|| Group::make(vec![ask_row(row, index, office, wishes)], office, 1).file(office));
                take(index, again.and_then(|mut again| again.pop()).unwrap_or(outcome));
            }
        }
        if let Err(panic) = maker.join() {
            resume_unwind(panic);
        }
    });
}

fn is_being_filed(outcome: &Outcome) -> bool {
    matches!(&outcome.fate, Fate::Attention(problems) if problems.iter().any(|problem| problem.code == BEING_FILED))
}

fn ask_row(row: &impl Fn(usize) -> Checked<(Submission, Part)>, index: usize, office: &Office, wishes: &Wishes) -> Asked {
    let understood = guarded(|| {
        let (submission, part) = row(index)?;
        let parts = Parts::of(&submission, Some(&part), office, wishes).map_err(|problems| problems.in_file(&submission.name))?;
        Ok(ask(&parts, 0, office, wishes, &[]))
    });
    understood.unwrap_or_else(|problems| Err(Box::new(Outcome::attention(None, problems))))
}

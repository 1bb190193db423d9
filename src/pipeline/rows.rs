//! A table filed row by row: each row is an arrival of its own, so that a table that grows makes only what is new.
//!
//! Three steps go on at the same time. One thread understands and admits rows, a group at a time: so numbers follow the rows,
//! however many are made at once. Several threads have them made, each as soon as there is somebody free to do it. The caller's
//! thread files groups that are whole, in order: no thread that has pages set waits for the disk.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::group::{Asked, Done, Group, Job};
use super::parts::Parts;
use super::{Fate, Outcome, Wishes, ask};
use crate::failure::{Checked, guarded};
use crate::office::Office;
use crate::parallel;
use crate::reading::Submission;
use crate::register::{BEING_FILED, Part};

/// How many rows are a group: enough to share a sync, few enough that stopping is quick.
const ROWS: usize = 64;

/// So long another process may take to file a row that this one wants to file too, asked for at this pace.
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(100);

/// What the thread that files hears of.
enum News {
    /// A group was admitted: where it starts, and what is missing of it.
    Admitted(usize, Group),
    /// A row of the group that starts there was made.
    Made(usize, Box<Done>),
}

/// Files `count` rows; `threads` of them are made at once. `row` puts a row into its note and says what it is called; `take` is
/// handed the outcome of each in order. Once `stop` is set no group is begun; those in hand are finished.
pub fn file_rows(
    count: usize,
    threads: usize,
    (office, wishes, stop): (&Office, &Wishes, &AtomicBool),
    row: impl Fn(usize) -> Checked<(Submission, Part)> + Sync,
    mut take: impl FnMut(usize, Outcome),
) {
    // One group waits whole while another is made: memory is bounded by that.
    let (jobs, waiting) = sync_channel::<(usize, Job)>(ROWS);
    let (news, heard) = sync_channel(ROWS * 2);
    let waiting = Mutex::new(waiting);
    let row = &row;
    thread::scope(|scope| {
        let admitting = news.clone();
        scope.spawn(move || admit(count, threads, (office, wishes, stop), row, &jobs, &admitting));
        for _ in 0..threads.max(1) {
            let news = news.clone();
            scope.spawn(|| make(&waiting, office, news));
        }
        drop(news);
        let mut until = Instant::now() + PATIENCE;
        file(heard, office, |start, outcomes| {
            for (slot, outcome) in outcomes.into_iter().enumerate() {
                let index = start + slot;
                take(
                    index,
                    again(outcome, &mut until, stop, || Group::make(vec![ask_row(row, index, office, wishes)], office, 1).file(office)),
                );
            }
        });
    });
}

/// Understands and admits rows.
fn admit(
    count: usize,
    threads: usize,
    (office, wishes, stop): (&Office, &Wishes, &AtomicBool),
    row: &(impl Fn(usize) -> Checked<(Submission, Part)> + Sync),
    jobs: &SyncSender<(usize, Job)>,
    news: &SyncSender<News>,
) {
    // Understanding takes a small part of what making takes: with few processors one thread is enough, and leaves them to the pages.
    let threads = threads.div_ceil(4);
    for start in (0..count).step_by(ROWS) {
        if stop.load(Ordering::SeqCst) {
            return;
        }
        let rows = (start..count.min(start + ROWS)).collect();
        let asked = parallel::map(rows, threads, |index| ask_row(row, index, office, wishes));
        let (group, admitted) = Group::admit(asked, office);
        // The others are gone only if they panicked.
        if news.send(News::Admitted(start, group)).is_err() || admitted.into_iter().any(|job| jobs.send((start, job)).is_err()) {
            return;
        }
    }
}

/// Has admitted rows made, one after the other.
fn make(waiting: &Mutex<Receiver<(usize, Job)>>, office: &Office, news: SyncSender<News>) {
    loop {
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((start, job)) = next else { return };
        if news.send(News::Made(start, Box::new(job.make(office)))).is_err() {
            return;
        }
    }
}

/// Files groups that are whole, in order.
fn file(heard: Receiver<News>, office: &Office, mut take: impl FnMut(usize, Vec<Outcome>)) {
    let mut groups: BTreeMap<usize, Group> = BTreeMap::new();
    for news in heard {
        match news {
            News::Admitted(start, group) => _ = groups.insert(start, group),
            News::Made(start, done) => {
                if let Some(group) = groups.get_mut(&start) {
                    group.take(*done);
                }
            }
        }
        while let Some(first) = groups.first_entry().filter(|first| first.get().is_whole()) {
            let (start, group) = first.remove_entry();
            take(start, group.file(office));
        }
    }
}

/// Asks again for a row that was being filed. One that says the same as another of its group is a duplicate now; what another process
/// files stands soon, or is this one's to file if that process has ended.
fn again(mut outcome: Outcome, until: &mut Instant, stop: &AtomicBool, file: impl Fn() -> Vec<Outcome>) -> Outcome {
    let mut is_first = true;
    while is_being_filed(&outcome) && (is_first || Instant::now() < *until && !stop.load(Ordering::SeqCst)) {
        if !is_first {
            thread::sleep(PAUSE);
        }
        is_first = false;
        outcome = file().pop().unwrap_or(outcome);
    }
    if !is_being_filed(&outcome) {
        // As long as things go on there is no hurry; somebody who stands still is waited for once and not for each row.
        *until = Instant::now() + PATIENCE;
    }
    outcome
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

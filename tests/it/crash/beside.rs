//! `file` and `batch --file` beside a running watcher, each killed at each of its points while the other works: what they
//! were asked to file is filed once when they are started again, and the watcher is not disturbed.

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::process::Child;
use std::time::{Duration, Instant};

use chancery::register::Register;
use chancery::storage::CRASH_POINTS;

use super::office::{Drop, Kind, Office};
use super::thorough;

/// A program that is told to stop when the test ends, however it ends.
struct Running(Child);

impl std::ops::Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn wait_until(what: &str, done: impl Fn() -> bool) {
    let started = Instant::now();
    while !done() {
        assert!(started.elapsed() < Duration::from_secs(60), "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Writes what is to be filed from outside of the inbox.
fn write_outside(office: &Office, drop: &Drop) {
    for (name, bytes) in &drop.files {
        fs::write(office.path("outside").join(name), bytes).unwrap();
    }
}

/// A watcher that files `watched`, and beside it a command that is killed at `point` and run again.
fn killed_beside(arguments: &[&str], outside: &Drop, point: &str) -> bool {
    let office = Office::new();
    write_outside(&office, outside);
    let watched: Vec<Drop> = (0..3).map(|n| Drop::new(&format!("w{n}"), Kind::Note)).collect();
    let watcher = Running(office.start(&["-q", "watch"], ""));
    wait_until("the watcher begins", || office.path("inbox/.watcher").exists());
    watched.iter().for_each(|drop| office.rename_in(drop));
    let killed = office.run(arguments, &format!("{point}=return")).signal() == Some(6);
    office.rename_in(&Drop::new("w3", Kind::Speech));
    let again = office.run(arguments, "");
    assert_eq!(again.code(), Some(0), "{point}: {arguments:?} again");
    let inbox_is_empty = || ["w0", "w1", "w2", "w3"].iter().all(|name| !office.path("inbox").join(format!("{name}.md")).exists());
    wait_until("the watcher files what was dropped", inbox_is_empty);
    drop(watcher);
    let mut all = watched;
    all.push(Drop::new("w3", Kind::Speech));
    all.push(Drop::new(&outside.name, outside.kind));
    // The originals stay where they are, and are no leftovers.
    fs::remove_dir_all(office.path("outside")).unwrap();
    office.assert_settled(&all, &format!("{arguments:?} killed at {point}"));
    killed
}

/// The points that are met only while a file leaves the inbox, which these do not do.
const OF_THE_INBOX: [&str; 6] =
    ["filing::hidden", "filing::hashed", "filing::partly-deleted", "filing::deleted", "register::removed", "pipeline::arrived"];

fn killed_at_each_point(arguments: &[&str], outside: &Drop) {
    let mut met = 0;
    let points = CRASH_POINTS.iter().filter(|point| !OF_THE_INBOX.iter().any(|of| point.starts_with(of)));
    for point in points.step_by(if thorough() { 1 } else { 2 }) {
        met += usize::from(killed_beside(arguments, outside, point));
    }
    assert!(met >= 5, "only {met} points were met");
}

#[test]
fn file() {
    killed_at_each_point(&["-q", "file", "outside/f.md"], &Drop::new("f", Kind::Recipients(2)));
}

#[test]
fn batch() {
    let batch = ["-q", "batch", "outside/f.md", "--rows", "outside/f.csv", "--file"];
    killed_at_each_point(&batch, &Drop::new("f", Kind::Rows(3)));
}

#[test]
fn two_watchers_are_not_allowed_and_the_second_says_so() {
    let office = Office::new();
    let first = Running(office.start(&["-q", "watch"], ""));
    wait_until("the watcher begins", || fs::read_to_string(office.path("inbox/.watcher")).is_ok_and(|text| !text.is_empty()));
    office.put(&Drop::new("a", Kind::Note));
    for arguments in [&["watch"][..], &["watch", "--once"]] {
        let output = office.command(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(3), "{said}");
        assert!(said.contains(&first.0.id().to_string()), "it names the other: {said}");
    }
    wait_until("the first goes on", || !office.path("inbox/a.md").exists());
    drop(first);
    office.assert_settled(&[Drop::new("a", Kind::Note)], "after a second watcher");
    assert_eq!(Register::open(&office.path("archive")).unwrap().records().unwrap().len(), 1);
}

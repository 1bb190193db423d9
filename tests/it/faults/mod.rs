//! The machine refuses something: a full disk, an I/O error, a permission that is missing, a write that is cut short, at
//! each call that the program makes in its office. Nothing is lost, no note is blamed, and the next run does the work.
//!
//! Here each kind of call on each kind of file fails once, with errors in turn; `./check --all` lets every call fail with
//! every error, for once and from then on.

mod disk;
mod places;
mod power;
mod shim;

use std::collections::BTreeSet;
use std::panic::catch_unwind;
use std::path::Path;

use self::shim::{Call, Fault, calls, intercept, library};
use crate::crash::office::{Drop, Kind, Office};
use crate::crash::thorough;
use crate::drops::walk;

const ENOSPC: i32 = 28;
const EIO: i32 = 5;
const EACCES: i32 = 13;
/// A write that is cut short: no error at all.
const SHORT: i32 = 0;

/// What a run came to.
struct Run {
    code: Option<i32>,
    said: String,
    calls: Vec<Call>,
}

/// One `watch --once` with a fault.
fn run(office: &Office, library: &Path, fault: Fault<'_>) -> Run {
    let log = office.root().with_extension("calls");
    let mut command = office.command(&["watch", "--once"]);
    intercept(&mut command, library, &office.root(), fault, &log);
    let output = command.output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let calls = calls(&log);
    let _ = std::fs::remove_file(log);
    Run { code: output.status.code(), said, calls }
}

/// What a case begins with: what is dropped, and where an earlier run was killed, if it was.
#[derive(Clone, Copy)]
struct Case {
    drops: fn() -> Vec<Drop>,
    killed_at: &'static str,
}

impl Case {
    fn office(self) -> (Office, Vec<Drop>) {
        let (office, drops) = (Office::new(), (self.drops)());
        drops.iter().for_each(|drop| office.put(drop));
        if !self.killed_at.is_empty() {
            let killed = office.run(&["-q", "watch", "--once"], &format!("{}=return", self.killed_at));
            assert_eq!(killed.code(), None, "{} was not passed", self.killed_at);
        }
        (office, drops)
    }

    /// The calls that it makes when nothing fails.
    fn calls(self, library: &Path) -> Vec<Call> {
        let (office, drops) = self.office();
        let run = run(&office, library, Fault::default());
        assert_eq!(run.code, Some(0), "{}", run.said);
        office.assert_settled(&drops, "without a fault");
        assert!(run.calls.len() > 50, "only {} calls were seen", run.calls.len());
        assert!(run.calls.iter().any(|call| call.name == "renameat2"), "renames pass unseen");
        run.calls
    }

    /// Lets the call fail, and then runs without a fault.
    fn survives(self, library: &Path, call: &Call, errno: i32, times: u32) {
        let (office, drops) = self.office();
        let when = format!("{} at call {} ({} {}), {times} times", name(errno), call.number, call.name, call.path.display());
        // Counted by its kind, so that a thread that comes a little earlier or later does not shift it.
        let run = run(&office, library, Fault { calls: "", at: call.number, times, errno });
        assert!(run.calls.iter().any(|call| call.struck), "{when}: nothing failed");
        assert!(matches!(run.code, Some(0 | 3)), "{when}: exit code {:?}\n{}", run.code, run.said);
        assert!(!run.said.contains("panicked") && !run.said.contains("made a mistake"), "{when}\n{}", run.said);
        let blamed = walk(&office.root()).into_iter().find(|path| path.to_string_lossy().ends_with(".problem.txt"));
        assert_eq!(blamed, None, "{when}: a note is blamed\n{}", run.said);
        office.assert_nothing_lost(&drops, &when);
        let waits = drops.iter().flat_map(|drop| &drop.files).any(|(name, _)| office.path("inbox").join(name).exists());
        let told = run.code == Some(3) && run.said.contains("Could not ");
        assert!(!waits || told, "{when}: a drop stays and nothing is said\n{}", run.said);
        office.assert_settled(&drops, &when);
    }
}

fn name(errno: i32) -> &'static str {
    match errno {
        ENOSPC => "a full disk",
        EIO => "an I/O error",
        EACCES => "no permission",
        _ => "a write cut short",
    }
}

fn two_notes_and_a_speech() -> Vec<Drop> {
    vec![Drop::new("a", Kind::Note), Drop::new("b", Kind::WithImages), Drop::new("c", Kind::Speech)]
}

fn rows() -> Vec<Drop> {
    vec![Drop::new("a", Kind::Rows(3)), Drop::new("b", Kind::Same), Drop::new("c", Kind::Same)]
}

fn a_note() -> Vec<Drop> {
    vec![Drop::new("a", Kind::Note)]
}

/// What a call is about, without what chance and count put into names.
fn kind(call: &Call) -> (String, String) {
    let name = call.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let folder = call.path.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy().into_owned();
    let place = match name.split_once('-').map_or(name.as_str(), |(first, _)| first) {
        ".chancery" | ".removing" => name.split_once('-').map_or(String::new(), |(first, _)| first.to_owned()),
        _ if folder == ".writers" => folder,
        _ => name.clone(),
    };
    (call.name.clone(), place)
}

/// Of the calls of a case, the first of each kind, and of these one in `every`; all where everything is to be tried.
fn sample(calls: Vec<Call>, every: usize) -> Vec<Call> {
    let mut seen = BTreeSet::new();
    calls.into_iter().filter(|call| thorough() || seen.insert(kind(call)) && seen.len().is_multiple_of(every)).collect()
}

fn errors(call: &Call) -> Vec<i32> {
    let all = [ENOSPC, EIO, EACCES];
    let mut errors = if thorough() { all.to_vec() } else { vec![all[call.number as usize % 3]] };
    if call.name == "write" {
        errors.push(SHORT);
    }
    errors
}

fn every_call_may_fail(case: Case, every: usize) {
    let Some(library) = library() else { return };
    let mut failed = Vec::new();
    for call in sample(case.calls(library), every) {
        for errno in errors(&call) {
            let for_good = (thorough() && errno != SHORT).then_some(0);
            for times in std::iter::once(1).chain(for_good) {
                // Each by itself: one list of all is worth more than the first.
                let survived = catch_unwind(|| case.survives(library, &call, errno, times));
                failed.extend(survived.err().map(|panic| panic.downcast_ref::<String>().cloned().unwrap_or_default()));
            }
        }
    }
    assert!(failed.is_empty(), "{} failed:\n\n{}", failed.len(), failed.join("\n\n"));
}

#[test]
fn of_notes_with_images_and_a_speech() {
    every_call_may_fail(Case { drops: two_notes_and_a_speech, killed_at: "" }, 1);
}

#[test]
fn of_rows_and_a_note_that_comes_twice() {
    every_call_may_fail(Case { drops: rows, killed_at: "" }, 1);
}

#[test]
fn of_a_restart_before_the_commit() {
    every_call_may_fail(Case { drops: a_note, killed_at: "filing::renamed" }, 2);
}

#[test]
fn of_a_restart_after_the_commit() {
    every_call_may_fail(Case { drops: a_note, killed_at: "filing::hidden" }, 1);
}

#[test]
fn of_a_restart_with_a_torn_register() {
    every_call_may_fail(Case { drops: a_note, killed_at: "register::filed-torn" }, 3);
}

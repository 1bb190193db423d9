//! Killed at each crash point in turn, at each passing of it, once and then again during the restart.

use std::os::unix::process::ExitStatusExt as _;

use chancery::storage::CRASH_POINTS;

use super::office::{Drop, Kind, Office};

/// A point that is passed more often is killed at its first passings only.
const PASSINGS: usize = 4;

/// Kills at each point, restarts, and gives the points that were passed.
fn kill_everywhere(drops: &[Drop]) -> Vec<&'static str> {
    kill_everywhere_after(drops, 0)
}

/// The same where the first of the drops were filed before.
fn kill_everywhere_after(drops: &[Drop], before: usize) -> Vec<&'static str> {
    let mut passed = Vec::new();
    for point in CRASH_POINTS {
        for passing in 0..PASSINGS {
            let when = format!("{point}, passing {passing}");
            let office = Office::new();
            if before > 0 {
                drops[..before].iter().for_each(|drop| office.put(drop));
                assert_eq!(office.run(&["-q", "watch", "--once"], "").code(), Some(0));
            }
            drops[before..].iter().for_each(|drop| office.put(drop));
            let killed = office.run(&["-q", "watch", "--once"], &format!("{point}={passing}*off->return"));
            if killed.signal() != Some(6) {
                let ending = Some(i32::from(drops.iter().any(|drop| drop.kind == Kind::Unprintable)));
                assert_eq!(killed.code(), ending, "{when}: it failed instead of being killed");
                break;
            }
            passed.push(*point);
            office.assert_nothing_lost(drops, &when);
            if passing % 2 == 0 {
                let again = office.run(&["-q", "watch", "--once"], &format!("{point}=return"));
                assert!(again.signal() == Some(6) || again.code().is_some_and(|code| code < 2), "{when}, again: {again}");
                office.assert_nothing_lost(drops, &format!("{when}, again"));
            }
            office.assert_settled(drops, &when);
        }
    }
    passed.dedup();
    passed
}

#[track_caller]
fn assert_all_but(passed: &[&str], passed_over: &[&str]) {
    let expected: Vec<&str> =
        CRASH_POINTS.iter().copied().filter(|point| !passed_over.iter().any(|over| point.starts_with(over))).collect();
    assert_eq!(passed, expected);
}

#[test]
fn a_note() {
    assert_all_but(&kill_everywhere(&[Drop::new("a", Kind::Note)]), &["register::duplicate", "register::void"]);
}

#[test]
fn the_same_note_twice() {
    let passed = kill_everywhere(&[Drop::new("a", Kind::Same), Drop::new("b", Kind::Same)]);
    // That the first is removed is written together with the second's duplicate line.
    assert_all_but(&passed, &["register::void", "register::removed"]);
}

#[test]
fn a_note_with_images() {
    assert_all_but(&kill_everywhere(&[Drop::new("a", Kind::WithImages)]), &["register::duplicate", "register::void"]);
}

#[test]
fn a_notice_with_three_recipients() {
    assert_all_but(&kill_everywhere(&[Drop::new("a", Kind::Recipients(3))]), &["register::duplicate", "register::void"]);
}

#[test]
fn a_speech_of_two_files() {
    assert_all_but(&kill_everywhere(&[Drop::new("a", Kind::Speech)]), &["register::duplicate", "register::void"]);
}

#[test]
fn a_note_that_cannot_be_printed_and_one_that_can() {
    let passed = kill_everywhere(&[Drop::new("a", Kind::Unprintable), Drop::new("b", Kind::Note)]);
    assert_all_but(&passed, &["register::duplicate"]);
}

#[test]
fn a_signed_copy() {
    let passed = kill_everywhere_after(&[Drop::new("paper", Kind::Paper), Drop::new("signs paper", Kind::Signed)], 1);
    // No page is set.
    assert_all_but(&passed, &["register::duplicate", "register::void", "pipeline::set"]);
}

#[test]
fn a_signed_copy_and_the_same_once_more() {
    let drops = [Drop::new("paper", Kind::Paper), Drop::new("signs paper", Kind::Signed), Drop::new("signs_paper", Kind::Signed)];
    let passed = kill_everywhere_after(&drops, 1);
    assert_all_but(&passed, &["register::void", "register::removed", "pipeline::set"]);
}

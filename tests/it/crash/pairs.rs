//! Killed at one point, and the restart killed at another: the third run finishes. `./check` tries some
//! pairs of each point, `./check --all` all of them.

use std::os::unix::process::ExitStatusExt as _;

use chancery::storage::CRASH_POINTS;

use super::office::{Drop, Kind, Office};
use super::thorough;

/// Of the pairs, one in so many is tried; a number that shares no factor with that of the points, so that each point has its
/// turn as the first and as the second.
const STRIDE: usize = 17;

/// Kills at `first`, at `second` during the restart, and asks that the third run puts everything right. Gives whether both
/// points were passed.
fn kill_twice(drops: &[Drop], first: &str, second: &str) -> bool {
    let when = format!("{first}, then {second}");
    let office = Office::new();
    drops.iter().for_each(|drop| office.put(drop));
    let killed = office.run(&["-q", "watch", "--once"], &format!("{first}=return"));
    if killed.signal() != Some(6) {
        return false;
    }
    let again = office.run(&["-q", "watch", "--once"], &format!("{second}=return"));
    let passed = again.signal() == Some(6);
    assert!(passed || again.code() == Some(0), "{when}: {again}");
    office.assert_nothing_lost(drops, &when);
    office.assert_settled(drops, &when);
    passed
}

fn kill_at_pairs(drops: &[Drop], offset: usize) {
    let mut passed = 0;
    for (index, first) in CRASH_POINTS.iter().enumerate() {
        for (other, second) in CRASH_POINTS.iter().enumerate() {
            let chosen = (other + index + offset).is_multiple_of(STRIDE);
            if thorough() || chosen {
                passed += usize::from(kill_twice(drops, first, second));
            }
        }
    }
    assert!(passed >= CRASH_POINTS.len() / 3, "only {passed} pairs were met");
}

#[test]
fn with_a_note() {
    kill_at_pairs(&[Drop::new("a", Kind::Note)], 0);
}

#[test]
fn with_rows() {
    kill_at_pairs(&[Drop::new("a", Kind::Rows(2))], 2);
}

#[test]
fn with_a_speech_and_a_note_that_comes_twice() {
    kill_at_pairs(&[Drop::new("a", Kind::Speech), Drop::new("b", Kind::Same), Drop::new("c", Kind::Same)], 4);
}

//! `undo` killed at each of its points: the note is in the inbox or stands filed, and the next run settles which, once.

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;

use chancery::register::Register;
use chancery::storage::UNDO_CRASH_POINTS;

use super::invariant::is_temporary;
use super::office::{Drop, Kind, Office};
use crate::drops::walk;

/// A point that is passed more often is killed at its first passings only.
const PASSINGS: usize = 4;

/// Files a drop and kills `undo` at each point; gives the points that were met.
fn kill_everywhere(kind: Kind) -> Vec<&'static str> {
    let mut met = Vec::new();
    for point in UNDO_CRASH_POINTS {
        for passing in 0..PASSINGS {
            let when = format!("{point}, passing {passing}");
            let (office, drops) = (Office::new(), [Drop::new("a", kind)]);
            office.put(&drops[0]);
            assert_eq!(office.run(&["-q", "watch", "--once"], "").code(), Some(0), "{when}: filing");
            let killed = office.run(&["-q", "undo"], &format!("{point}={passing}*off->return"));
            if killed.signal() != Some(6) {
                assert_eq!(killed.code(), Some(0), "{when}: it failed instead of being killed");
                break;
            }
            met.push(*point);
            office.assert_nothing_lost(&drops, &when);
            // Half of the times it is killed once more, by whoever undoes again.
            if passing % 2 == 1 {
                office.run(&["-q", "undo"], &format!("{point}=return"));
                office.assert_nothing_lost(&drops, &format!("{when}, again"));
            }
            assert_settled(&office, &drops[0], &when);
        }
    }
    met.dedup();
    met
}

#[track_caller]
fn assert_settled(office: &Office, drop: &Drop, when: &str) {
    for run in ["the restart", "the second restart"] {
        assert_eq!(office.run(&["-q", "watch", "--once"], "").code(), Some(0), "{when}: {run}");
        let records = Register::open(&office.path("archive")).unwrap().records().unwrap();
        let own = records.iter().filter(|record| drop.is_source_of(record)).count();
        assert_eq!((own, records.len()), (drop.becomes().0, drop.becomes().0), "{when}: filed once, {run}");
        let left: Vec<PathBuf> = walk(&office.path("inbox")).into_iter().filter(|path| !path.ends_with(".watcher")).collect();
        assert_eq!(left, Vec::<PathBuf>::new(), "{when}: {run}");
        assert_eq!(office.run(&["-q", "verify"], "").code(), Some(0), "{when}: what {run} left is not as the register says");
        assert_eq!(office.run(&["-q", "numbers"], "").code(), Some(0), "{when}: a number is not explained");
    }
    assert!(!walk(&office.root()).iter().any(|path| is_temporary(path)), "{when}: a temporary file is left");
    let undone = Register::open(&office.path("archive")).unwrap();
    for state in undone.all().unwrap().iter().filter(|state| state.void.is_some()) {
        for file in &state.record.files {
            assert!(file.path.starts_with("undone/"), "{when}: {}", file.path);
            assert!(fs::exists(office.path("archive").join(&file.path)).unwrap(), "{when}: {} is not there", file.path);
        }
    }
}

#[test]
fn of_a_note() {
    assert_eq!(kill_everywhere(Kind::Note), UNDO_CRASH_POINTS);
}

#[test]
fn of_a_note_with_images() {
    assert_eq!(kill_everywhere(Kind::WithImages), UNDO_CRASH_POINTS);
}

#[test]
fn of_a_notice_with_three_recipients() {
    assert_eq!(kill_everywhere(Kind::Recipients(3)), UNDO_CRASH_POINTS);
}

#[test]
fn of_a_speech_of_two_files() {
    assert_eq!(kill_everywhere(Kind::Speech), UNDO_CRASH_POINTS);
}

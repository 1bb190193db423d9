//! Approvals and corrections by hand killed at each of their points, and what a restart makes of notes that changed meanwhile.

use std::fs;
use std::os::unix::process::ExitStatusExt as _;

use chancery::register::{Record, Register};
use chancery::storage::CRASH_POINTS;

use super::office::{Drop, Kind, Office};

fn records(office: &Office) -> Vec<Record> {
    Register::open(&office.path("archive")).unwrap().records().unwrap()
}

/// Kills the command at each point: until its line is written the old version stands, then the new one, and the command can be
/// given again.
fn kill_everywhere(arguments: &[&str]) {
    let mut met = 0;
    for point in CRASH_POINTS {
        let office = Office::new();
        office.put(&Drop::new("a", Kind::Note));
        assert_eq!(office.run(&["-q", "watch", "--once"], "").code(), Some(0), "{point}: filing");
        let before = records(&office);
        let arguments = [&[arguments[0], before[0].id.as_str()], &arguments[1..]].concat();
        let killed = office.run(&arguments, &format!("{point}=return"));
        if killed.signal() != Some(6) {
            assert_eq!(killed.code(), Some(0), "{point}: it failed instead of being killed");
            continue;
        }
        met += 1;
        let version = |when: &str| {
            let now = records(&office);
            assert_eq!((now.len(), &now[0].id), (1, &before[0].id), "{point}: {when}");
            now[0].version
        };
        let after_kill = version("after the kill");
        assert_eq!(office.run(&["-q", "watch", "--once"], "").code(), Some(0), "{point}: recovery");
        for check in ["verify", "numbers"] {
            assert_eq!(office.run(&["-q", check], "").code(), Some(0), "{point}: {check}");
        }
        assert_eq!(version("after recovery"), after_kill, "{point}");
        let again = office.run(&arguments, "").code();
        let expected = if after_kill == 2 && arguments[0] == "approve" { Some(1) } else { Some(0) };
        assert_eq!(again, expected, "{point}: again");
    }
    assert!(met >= 10, "only {met} points were met");
}

#[test]
fn an_approval() {
    kill_everywhere(&["approve", "--by", "Zhang Wei", "--on", "2026-12-21"]);
}

#[test]
fn a_move_to_another_series() {
    kill_everywhere(&["refile", "--type", "minutes", "--reason", "They are minutes"]);
}

/// Kills between the `filed` line and the removal; what then lies in the inbox is as `change` leaves it.
fn killed_before_removal(change: impl FnOnce(&Office)) -> (Office, Record) {
    let office = Office::new();
    office.put(&Drop::new("a", Kind::Note));
    assert_eq!(office.run(&["-q", "watch", "--once"], "filing::committed=return").signal(), Some(6));
    let first = records(&office).remove(0);
    change(&office);
    assert_eq!(office.run(&["-q", "watch", "--once"], "").code(), Some(0));
    assert!(!office.path("inbox/a.md").exists());
    (office, first)
}

#[test]
fn a_filed_note_that_meets_a_mended_template_is_filed_once() {
    let (office, first) = killed_before_removal(|office| {
        assert_eq!(office.run(&["-q", "types", "notice", "--eject"], "").code(), Some(0));
        let words = office.path("templates/notice/words.md");
        fs::write(&words, fs::read_to_string(&words).unwrap() + "\nMended.\n").unwrap();
    });
    assert_eq!(records(&office), [first]);
}

#[test]
fn a_note_that_was_edited_while_it_was_filed_is_the_next_version() {
    let (office, first) = killed_before_removal(|office| {
        let note = office.path("inbox/a.md");
        fs::write(&note, fs::read_to_string(&note).unwrap() + "It opens at six.\n").unwrap();
    });
    let now = records(&office);
    assert_eq!((now.len(), &now[0].id, now[0].version, &now[0].number), (1, &first.id, 2, &first.number));
}

#[test]
fn what_leaves_the_inbox_at_this_moment_is_not_taken_back() {
    let office = Office::new();
    office.put(&Drop::new("a", Kind::Note));
    let mut watcher = office.start(&["-q", "watch", "--once"], "filing::committed=sleep(4000)");
    while records(&office).is_empty() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let output = office.command(&["undo"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(3) && said.contains("leaves the inbox at this moment"), "{said}");
    assert_eq!(watcher.wait().unwrap().code(), Some(0));
    assert!(!office.path("inbox/a.md").exists());
    assert_eq!(records(&office).len(), 1);
    assert_eq!(office.run(&["-q", "undo"], "").code(), Some(0));
    assert!(office.path("inbox/a.md").exists());
}

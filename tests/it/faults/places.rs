//! Places and times that an office should not have: a network drive without locks, renames or links, an archive on another
//! disk or one that is mounted for reading only, a clock that jumps back, titles that are one name, a register that somebody
//! wrote into.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use chancery::register::Register;
use chancery::storage::CRASH_POINTS;

use super::shim::{Fault, intercept, library};
use super::{EACCES, ENOSPC};
use crate::crash::office::{Drop, Kind, Office, memory};
use crate::drops::walk;

const EPERM: i32 = 1;
const EINVAL: i32 = 22;
const ENOLCK: i32 = 37;

fn said(command: &mut Command) -> (Option<i32>, String) {
    let output = command.output().unwrap();
    (output.status.code(), format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)))
}

/// An office in which some calls never work.
fn without(library: &Path, office: &Office, calls: &str, errno: i32) -> (Option<i32>, String) {
    let mut command = office.command(&["watch", "--once"]);
    let log = office.root().with_extension("calls");
    intercept(&mut command, library, &office.root(), Fault { calls, at: 1, times: 0, errno }, &log);
    let said = said(&mut command);
    let _ = fs::remove_file(log);
    said
}

fn dropped() -> (Office, Vec<Drop>) {
    let (office, drops) = (Office::new(), vec![Drop::new("a", Kind::Note), Drop::new("b", Kind::WithImages), Drop::new("c", Kind::Speech)]);
    drops.iter().for_each(|drop| office.put(drop));
    (office, drops)
}

#[test]
fn a_drive_without_locks_is_named_and_nothing_is_filed_there() {
    let Some(library) = library() else { return };
    let (office, drops) = dropped();
    let (code, words) = without(library, &office, "flock", ENOLCK);
    assert_eq!(code, Some(3), "{words}");
    assert!(words.contains("has no locks") && words.contains("NFS"), "{words}");
    assert!(Register::open(&office.path("archive")).unwrap().records().unwrap().is_empty());
    office.assert_nothing_lost(&drops, "without locks");
    office.assert_settled(&drops, "with locks");
}

#[test]
fn a_drive_that_cannot_rename_without_replacing_is_used_with_links_or_a_look() {
    let Some(library) = library() else { return };
    for (calls, errno) in [("renameat2", EINVAL), ("renameat2,link", EPERM)] {
        let (office, drops) = dropped();
        // The kernel says EINVAL of a flag that it does not know; a file system without links, EPERM.
        let (code, words) = without(library, &office, calls, errno);
        if errno == EINVAL {
            assert_eq!(code, Some(0), "{calls}: {words}");
        } else {
            assert_eq!(code, Some(3), "{calls}: a rename that may not be made is no rename to be made otherwise\n{words}");
        }
        office.assert_nothing_lost(&drops, calls);
        office.assert_settled(&drops, calls);
    }
}

#[test]
fn an_archive_on_another_disk_than_the_inbox() {
    let elsewhere = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let here = fs::metadata(memory()).unwrap();
    let there = fs::metadata(elsewhere.path()).unwrap();
    if std::os::unix::fs::MetadataExt::dev(&here) == std::os::unix::fs::MetadataExt::dev(&there) {
        eprintln!("skipped: there is only one file system here");
        return;
    }
    for point in CRASH_POINTS.iter().step_by(3) {
        let archive = elsewhere.path().join(point);
        fs::create_dir(&archive).unwrap();
        let office = Office::new();
        symlink(&archive, office.path("archive")).unwrap();
        office.put(&Drop::new("a", Kind::WithImages));
        let _ = office.run(&["-q", "watch", "--once"], &format!("{point}=return"));
        assert_eq!(office.run(&["-q", "watch", "--once"], "").code(), Some(0), "{point}");
        let records = Register::open(&archive).unwrap().records().unwrap();
        assert_eq!(records.len(), 1, "{point}");
        assert!(archive.join(&records[0].files[0].path).exists(), "{point}");
        let left: Vec<_> = walk(&office.path("inbox")).into_iter().filter(|path| !path.ends_with(".watcher")).collect();
        assert_eq!(left, Vec::<std::path::PathBuf>::new(), "{point}");
        assert_eq!(walk(&archive).iter().filter(|path| path.extension().is_some_and(|extension| extension == "pdf")).count(), 1, "{point}");
    }
}

#[test]
fn an_archive_mounted_for_reading_only_blames_no_note_and_is_tried_again() {
    let office = Office::new();
    let archive = office.path("archive");
    fs::create_dir(&archive).unwrap();
    let mount =
        |arguments: &[&str]| Command::new("mount").args(arguments).arg(&archive).output().is_ok_and(|output| output.status.success());
    if !mount(&["-t", "tmpfs", "-o", "size=4m", "tmpfs"]) {
        eprintln!("skipped: nothing can be mounted here");
        return;
    }
    let first = Drop::new("a", Kind::Note);
    office.put(&first);
    assert_eq!(office.run(&["-q", "watch", "--once"], "").code(), Some(0));
    let second = Drop::new("b", Kind::Speech);
    office.put(&second);
    assert!(mount(&["-o", "remount,ro"]));
    let (code, words) = said(&mut office.command(&["watch", "--once"]));
    let told = code == Some(3) && words.contains("Allow the program to write there");
    let stays = office.path("inbox/b.md").exists() && !office.path("inbox/b.md.problem.txt").exists();
    assert!(mount(&["-o", "remount,rw"]));
    let again = office.run(&["-q", "watch", "--once"], "").code();
    let records = Register::open(&archive).unwrap().records().unwrap().len();
    let _ = Command::new("umount").arg(&archive).output();
    assert!(told, "{code:?} {words}");
    assert!(stays, "it stays, and is not to blame");
    assert_eq!((again, records), (Some(0), 2));
}

#[test]
fn a_clock_that_jumps_back_begins_no_older_file_and_breaks_nothing() {
    let office = Office::new();
    let times = ["2027-01-02T09:00:00+01:00", "2026-12-31T23:59:59+01:00", "2019-05-01T00:00:00Z", "2027-01-02T09:00:01+01:00"];
    let mut drops = Vec::new();
    for (index, time) in times.iter().enumerate() {
        let drop = Drop::new(&format!("n{index}"), Kind::Note);
        office.put(&drop);
        drops.push(drop);
        let (code, words) = said(&mut office.command(&["--now", time, "watch", "--once"]));
        assert_eq!(code, Some(0), "{time}: {words}");
    }
    let files: Vec<_> = walk(&office.path("archive/register")).into_iter().filter(|path| path.extension().is_some()).collect();
    assert_eq!(files, [office.path("archive/register/2027.jsonl")], "a year file never gets older than the newest");
    office.assert_settled(&drops, "after the clock jumped");
}

#[test]
fn titles_that_are_one_name_to_some_disk_get_places_of_their_own() {
    let office = Office::new();
    let titles = ["Café report", "Cafe\u{301} report", "CAFÉ REPORT", "café Report"];
    for (index, title) in titles.iter().enumerate() {
        let text = format!("---\ntype: notice\ndate: 2026-11-20\n---\n# {title}\n\nThis is number {index}.\n");
        fs::write(office.path("inbox").join(format!("n{index}.md")), text).unwrap();
    }
    assert_eq!(office.run(&["-q", "watch", "--once"], "").code(), Some(0));
    let records = Register::open(&office.path("archive")).unwrap().records().unwrap();
    let folded: std::collections::BTreeSet<String> =
        records.iter().map(|record| chancery::storage::name::fold(&record.files[0].path)).collect();
    assert_eq!((records.len(), folded.len()), (titles.len(), titles.len()), "{folded:?}");
}

/// What somebody does to the register's file, and what `status` says of it.
type Tampered = (&'static str, fn(&str) -> String, Option<&'static str>);

const TAMPERED: &[Tampered] = &[
    ("a title is corrected", |text| text.replacen("Matter a", "Matter A", 1), Some("line 1")),
    ("a foreign line stands in it", |text| text.replacen('\n', "\nnot ours\n", 1), Some("line 2")),
    ("it ends in a foreign text", |text| format!("{text}not ours"), None),
    ("its last line is cut", |text| text[..text.len() - 40].to_owned(), None),
    ("it ends without its newline", |text| text.trim_end().to_owned(), None),
    ("it is saved with the line ends of another system", |text| text.replace('\n', "\r\n"), Some("line 1")),
];

#[test]
fn a_register_that_somebody_wrote_into_is_named_and_filing_goes_on() {
    for (what, tamper, named) in TAMPERED {
        let office = Office::new();
        office.put(&Drop::new("a", Kind::Note));
        assert_eq!(office.run(&["-q", "watch", "--once"], "").code(), Some(0));
        let path = walk(&office.path("archive/register")).into_iter().find(|path| path.extension().is_some()).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        let tampered = tamper(&text);
        assert_ne!(text, tampered, "{what}");
        fs::write(&path, &tampered).unwrap();
        let (_, status) = said(&mut office.command(&["status"]));
        assert_eq!(named.is_some(), status.contains("chancery verify"), "{what}: {status}");
        named.iter().for_each(|line| assert!(status.contains(line), "{what}: {status}"));
        let drop = Drop::new("b", Kind::Note);
        office.put(&drop);
        let (code, words) = said(&mut office.command(&["watch", "--once"]));
        assert_eq!(named.is_some(), words.contains("chancery verify"), "{what}: {words}");
        if !tampered.contains("}\n") {
            // Of no line is anything left: numbers would begin anew.
            assert!(code == Some(3) && words.contains("no line of it can be read"), "{what}: {words}");
            assert!(office.path("inbox/b.md").exists(), "{what}");
            continue;
        }
        assert_eq!(code, Some(0), "{what}: {words}");
        let records = Register::open(&office.path("archive")).unwrap().records().unwrap();
        let filed = records.iter().find(|record| drop.is_source_of(record)).unwrap_or_else(|| panic!("{what}: nothing was filed"));
        assert!(office.path("archive").join(&filed.files[0].path).exists(), "{what}");
        assert!(!office.path("inbox/b.md").exists(), "{what}");
        // What stood in the file is still there: damage is passed over and what is torn is kept apart.
        let kept: Vec<u8> = walk(&office.path("archive/register")).iter().flat_map(|path| fs::read(path).unwrap()).collect();
        let kept = String::from_utf8_lossy(&kept).into_owned();
        assert!(tampered.lines().all(|line| kept.contains(line)), "{what}");
    }
}

#[test]
fn a_disk_that_is_full_or_shut_for_good_says_so_and_files_later() {
    let Some(library) = library() else { return };
    for errno in [ENOSPC, EACCES] {
        let (office, drops) = dropped();
        let (code, words) = without(library, &office, "write,mkdir,renameat2,link", errno);
        assert_eq!(code, Some(3), "{words}");
        assert!(words.contains("Free some space") || words.contains("Allow the program"), "{words}");
        office.assert_nothing_lost(&drops, "for good");
        office.assert_settled(&drops, "afterwards");
    }
}

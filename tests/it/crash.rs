//! Killed at each crash point between reservation and removal: after a restart each note is in the inbox or filed,
//! once, with nothing left over and a register without damage.
//!
//! The process that dies is this test binary itself, started again for the ignored test [`files_what_lies_there`].

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use chancery::filing::{clear_inbox, recover};
use chancery::intake::Arrival;
use chancery::model::sha256_hex;
use chancery::register::{Admission, Register};
use chancery::storage::CRASH_POINTS;

use crate::drops::{dropped, file_it, request, walk};

const OFFICE: &str = "CHANCERY_TEST_OFFICE";

/// A note and the files that it owns: dropped together, filed as one record of two files.
const DROPS: [(&str, &[&str]); 3] = [("a.md", &[]), ("b.md", &["b.png", "img/c.png"]), ("same as a.md", &[])];

#[test]
fn each_file_is_in_the_inbox_or_filed_once_after_a_restart() {
    for point in CRASH_POINTS {
        for passing in 0.. {
            let office = tempfile::tempdir().unwrap();
            fill_inbox(office.path());
            let killed = run(office.path(), &format!("{point}={passing}*off->return"));
            assert!(!killed.success() || passing > 0, "{point} is never passed");
            let aborted = std::os::unix::process::ExitStatusExt::signal(&killed) == Some(6);
            assert!(killed.success() || aborted, "{point}: it failed instead of being killed: {killed}");
            assert_nothing_lost(office.path(), point);
            let restarted = run(office.path(), "");
            assert!(restarted.success(), "{point}, passing {passing}: the restart fails");
            assert_all_filed(office.path(), &format!("{point}, passing {passing}"));
            if killed.success() || passing == 6 {
                break;
            }
        }
    }
}

/// Files everything in the inbox as the pipeline does, in a group, and clears it.
#[test]
#[ignore = "the process that the test above kills"]
fn files_what_lies_there() {
    let Ok(office) = std::env::var(OFFICE) else { return };
    let (inbox, archive) = (Path::new(&office).join("inbox"), Path::new(&office).join("archive"));
    let register = Register::open(&archive).unwrap();
    recover(&inbox, &archive, &register, &|_| false).unwrap();
    for (note, company) in DROPS {
        if !inbox.join(note).exists() {
            continue;
        }
        let mut arrival = Arrival::alone(dropped(&inbox, note));
        arrival.company = company.iter().filter(|name| inbox.join(name).exists()).map(|name| dropped(&inbox, name)).collect();
        let request = request(&inbox, &arrival);
        let records = match register.admit(&request).unwrap() {
            Admission::Ticket(ticket) => vec![file_it(&register, &request, &arrival, ticket).unwrap().seq],
            Admission::Already(record) => vec![record.seq],
            Admission::Duplicate(of) => {
                register.record_duplicate(&request, &of).unwrap();
                Vec::new()
            }
        };
        clear_inbox(&inbox, &arrival, &register, &records, None).unwrap();
        register.flush().unwrap();
    }
}

fn fill_inbox(office: &Path) {
    std::fs::create_dir_all(office.join("inbox/img")).unwrap();
    for (note, company) in DROPS {
        let text = if note == "same as a.md" { "a.md" } else { note };
        std::fs::write(office.join("inbox").join(note), text).unwrap();
        for name in company {
            std::fs::write(office.join("inbox").join(name), name).unwrap();
        }
    }
}

fn run(office: &Path, failpoints: &str) -> ExitStatus {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::files_what_lies_there", "--ignored"])
        .env(OFFICE, office)
        .env("FAILPOINTS", failpoints)
        .output()
        .unwrap();
    if failpoints.is_empty() && !output.status.success() {
        panic!("{}", String::from_utf8_lossy(&output.stdout));
    }
    output.status
}

/// Right after the crash: each note's bytes are in the inbox (perhaps under a hidden name) or in the archive.
fn assert_nothing_lost(office: &Path, point: &str) {
    let mut texts = BTreeSet::new();
    for path in walk(office) {
        texts.insert(std::fs::read(&path).unwrap());
    }
    for (note, _) in &DROPS[..2] {
        assert!(texts.contains(note.as_bytes()), "{point}: {note} is lost");
    }
}

fn assert_all_filed(office: &Path, when: &str) {
    let register = Register::open(&office.join("archive")).unwrap();
    assert_eq!(register.damage(), [], "{when}");
    let records = register.records();
    let mut expected = BTreeSet::new();
    let mut sources = Vec::new();
    for record in &records {
        for file in &record.files {
            let path = office.join("archive").join(&file.path);
            let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{when}: {}: {error}", path.display()));
            assert_eq!(sha256_hex(&bytes), file.sha256, "{when}");
            expected.insert(path);
        }
        sources.push(std::fs::read_to_string(office.join("archive").join(&record.files[0].path)).unwrap());
    }
    sources.sort();
    assert_eq!(sources, ["a.md", "b.md"], "{when}: each is filed once");
    let mut numbers: Vec<_> = records.iter().map(|record| record.number.clone().unwrap()).collect();
    numbers.sort();
    assert_eq!(numbers, ["2026-001", "2026-002"], "{when}");
    let register_folder = office.join("archive/register");
    let left: Vec<PathBuf> = walk(office).into_iter().filter(|path| !path.starts_with(&register_folder)).collect();
    let left: BTreeSet<PathBuf> = left.into_iter().filter(|path| !path.ends_with("archive/.lock")).collect();
    assert_eq!(left, expected, "{when}: nothing is left over");
    for record in &records {
        assert!(register.awaiting_removal(&record.source_sha256).is_empty(), "{when}");
    }
}

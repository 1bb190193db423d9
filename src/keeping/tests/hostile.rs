//! What was made to harm, and what goes wrong on the way: the archive that it comes to loses nothing by it.

use std::fs;

use super::*;
use crate::bag::BagWriter;
use crate::failure::Problem;
use crate::register::{Move, Said};

/// A ZIP of these files that says of itself what an export does.
fn bag(office: &Office, kind: &str, files: &[(&str, &[u8])]) -> PathBuf {
    let out = office.0.path().join("crafted.zip");
    let mut bag = BagWriter::new(fs::File::create(&out).unwrap(), "crafted", office.0.path()).unwrap();
    for (name, bytes) in files {
        bag.add(name, bytes.len() as u64, true, &mut &bytes[..]).unwrap();
    }
    bag.finish(&[("Chancery-Export", kind.to_owned())]).unwrap();
    out
}

#[test]
fn a_record_that_claims_what_is_the_archives_own_is_refused_and_nothing_is_written() {
    for place in ["register/2027.jsonl", "Register/2027.jsonl", "regi\u{17f}ter/2027.jsonl", "register. /2027.jsonl"] {
        let (office, other) = (Office::new(), filled());
        office.file("Door", Some("door"), "2024-11-23");
        let bytes = fs::read(office.archive().join("2024/Door.pdf")).unwrap();
        let lines = crate::register::tests::lines(&office.archive()).replace("2024/Door.pdf", place);
        let zip = bag(&office, "part", &[(&format!("archive/{place}"), &bytes), ("records.jsonl", lines.as_bytes())]);
        let before = other.everything();
        for damaged_too in [false, true] {
            let problems = import(&other.open(), &zip, "a", damaged_too, |_| ()).unwrap_err();
            assert_eq!(problems.first().code, "import-trespass", "{place}: {problems}");
            assert_eq!(other.everything(), before, "{place}");
        }
    }
}

#[test]
fn a_whole_archive_whose_lines_lead_into_the_register_is_not_restored() {
    let (office, other) = (filled(), Office::new());
    let of = office.open().records().unwrap().into_iter().find(|record| record.title == "Gate").unwrap().seq;
    fs::rename(office.archive().join("2026/Gate.pdf"), office.archive().join("register/Gate.pdf")).unwrap();
    let moved = Move { of, from: "2026/Gate.pdf".to_owned(), to: "register/Gate.pdf".to_owned() };
    assert_eq!(office.open().record_moves(std::slice::from_ref(&moved), None).unwrap(), [moved]);
    let zip = office.whole();
    assert_eq!(other.import(&zip).unwrap_err().first().code, "import-trespass");
    assert!(!other.archive().exists());
}

#[test]
fn no_line_has_the_register_removed() {
    let office = filled();
    let mut record = office.open().records().unwrap().remove(0);
    let other = record.files[0].clone();
    record.files[0].path = "register/2026.jsonl".to_owned();
    record.files.insert(0, other);
    let before = office.everything();
    let problems = crate::filing::Disposing::new(&office.open()).unwrap().remove(&record).unwrap_err();
    assert_eq!(problems.first().code, "archives-own");
    assert_eq!(office.everything(), before);
}

#[test]
fn a_folder_whose_name_begins_like_that_of_the_register_is_restored_with_its_files() {
    let (office, other) = (filled(), Office::new());
    let mut request = request("Members");
    request.places[0].path = "registers/2026/Members.pdf".to_owned();
    file_it(&office.open(), &request);
    assert!(other.import(&office.whole()).unwrap().restored);
    assert_eq!(other.everything(), office.everything());
}

#[test]
fn a_register_is_not_restored_without_the_files_that_it_tells_of() {
    let (office, other) = (filled(), Office::new());
    let (zip, lost) = (office.whole(), other.archive().join("2025/Budget.pdf"));
    let lose = |path: &str| {
        if path == "2026/Roof.pdf" {
            fs::remove_file(&lost).unwrap();
        }
    };
    let problems = import(&other.open(), &zip, "a", false, lose).unwrap_err();
    assert_eq!(problems.first().code, "import-lost", "{problems}");
    assert!(!other.archive().join("register").exists());
    assert!(other.import(&zip).unwrap().restored);
    assert_eq!(other.everything(), office.everything());
}

#[test]
fn what_is_wrong_with_half_a_million_lines_is_told_in_a_few() {
    let (office, other) = (filled(), Office::new());
    let lines = vec![b'\n'; 500_000];
    let zip = bag(&office, "whole", &[("archive/register/2026.jsonl", &lines)]);
    let problems = other.import(&zip).unwrap_err();
    assert_eq!(problems.iter().count(), 51);
    assert!(said(&problems).contains("And 499950 more"), "{}", problems.iter().last().map(Problem::to_string).unwrap_or_default());
}

#[test]
fn what_is_moved_while_it_is_exported_is_found_at_its_new_place() {
    let (office, other) = (filled(), Office::new());
    let gate = office.open().records().unwrap().into_iter().find(|record| record.title == "Gate").unwrap();
    let (from, to) = ("2026/Gate.pdf".to_owned(), "2026/Door.pdf".to_owned());
    let move_it = |path: &str| {
        if path == "archive/2025/Budget.pdf" && office.archive().join(&from).exists() {
            fs::rename(office.archive().join(&from), office.archive().join(&to)).unwrap();
            let moved = Move { of: gate.seq, from: from.clone(), to: to.clone() };
            assert_eq!(office.open().record_moves(&[moved], None).unwrap().len(), 1);
        }
    };
    let out = office.0.path().join("moved.zip");
    let exported = export(&office.open(), &Selection::default(), "", &out, false, move_it).unwrap().unwrap();
    assert_eq!((exported.files, exported.head), (4, office.open().head()));
    assert!(other.import(&out).unwrap().restored);
    assert_eq!(other.everything(), office.everything());
}

#[test]
fn an_extent_is_of_one_moment_whatever_others_write_meanwhile() {
    let office = filled();
    let state = office.0.path().join(".chancery");
    let (register, beside) = (Register::open_in(&office.archive(), &state).unwrap(), Register::open_in(&office.archive(), &state).unwrap());
    let before = register.head();
    let ((extent, records), after) = {
        let taken = register.extent(|moment| {
            file_it(&beside, &Request { title: "Meanwhile".to_owned(), ..request("Meanwhile") });
            selection::chosen(moment, &Selection::default())
        });
        (taken.unwrap(), beside.head())
    };
    assert!(after.0 > before.0);
    assert_eq!((extent.seq, extent.head), before);
    assert!(records.iter().all(|state| state.record.title != "Meanwhile"));
    let (path, length) = extent.files.last().unwrap();
    let lines = String::from_utf8(fs::read(path).unwrap()[..usize::try_from(*length).unwrap()].to_vec()).unwrap();
    assert_eq!(lines.lines().count() as u64, extent.seq);
    assert!(lines.trim_end().contains(&before.1));
}

#[test]
fn what_was_released_here_is_not_held_again_by_an_older_export() {
    let (office, other) = (filled(), Office::new());
    office.open().hold("budget", Said::default()).unwrap();
    let zip = office.whole();
    other.import(&zip).unwrap();
    let held = |office: &Office| office.open().versions("budget").unwrap().iter().any(|state| state.held.is_some());
    assert!(held(&other) && other.open().release("budget", Said::default()).unwrap());
    let before = other.everything();
    other.import(&zip).unwrap();
    assert!(!held(&other));
    assert_eq!(other.everything(), before);
}

#[test]
fn the_lock_of_an_import_keeps_its_file() {
    let (office, other) = (filled(), Office::new());
    let (zip, lock) = (office.whole(), other.archive().join(crate::storage::IMPORT_LOCK));
    other.import(&zip).unwrap();
    let held = fs::File::options().write(true).open(&lock).unwrap();
    held.lock().unwrap();
    assert_eq!(other.import(&zip).unwrap_err().first().code, "import-running");
    drop(held);
    other.import(&zip).unwrap();
    assert!(lock.exists());
}

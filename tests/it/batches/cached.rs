//! What is made from the same is not made again, whatever the time stamps say.

use std::fs;
use std::time::{Duration, SystemTime};

use super::{batch, cached, cards, guests, lies_in, office, rows};
use crate::cli::{chancery, json_lines};

#[test]
fn only_what_has_changed_is_set_again() {
    let office = office();
    let at = |name: &str| office.path().join(name);
    guests(office.path(), 6);
    let (code, first, _) = batch(office.path(), &[]);
    assert_eq!((code, cached(&first)), (0, Vec::new()));
    assert_eq!(lies_in(&at("card-batch")), cards(6));
    let (_, again, _) = batch(office.path(), &[]);
    assert_eq!((cached(&again), again.last().unwrap()["cached"].as_u64()), ((1..=6).collect(), Some(6)));
    let files = |lines: &[serde_json::Value]| rows(lines).iter().map(|line| line["files"].clone()).collect::<Vec<_>>();
    assert_eq!(files(&first), files(&again));
    // Another time stamp is no change.
    let later = SystemTime::now() + Duration::from_secs(3_600);
    fs::File::options().write(true).open(at("card.md")).unwrap().set_modified(later).unwrap();
    fs::File::options().write(true).open(at("card-batch/Card of Guest 1.pdf")).unwrap().set_modified(later).unwrap();
    assert_eq!(cached(&batch(office.path(), &[]).1).len(), 6);
    // A row, a file that is gone, one that was changed.
    let table = fs::read_to_string(at("guests.csv")).unwrap();
    fs::write(at("guests.csv"), table.replace("Guest 3,Hall 3", "Guest 3,the yard")).unwrap();
    fs::remove_file(at("card-batch/Card of Guest 2.pdf")).unwrap();
    fs::write(at("card-batch/Card of Guest 5.pdf"), "%PDF of another").unwrap();
    let (_, lines, _) = batch(office.path(), &[]);
    assert_eq!(cached(&lines), [1, 4, 6]);
    assert_eq!(lies_in(&at("card-batch")), cards(6));
    let mended = fs::read(at("card-batch/Card of Guest 5.pdf")).unwrap();
    assert_eq!(chancery::model::sha256_hex(&mended), rows(&lines)[4]["sha256"].as_str().unwrap());
    assert_ne!(files(&lines)[2], files(&first)[2]);
    assert_eq!(cached(&batch(office.path(), &[]).1).len(), 6);
    // Settings, the note, an inventory that is damaged.
    fs::write(at("chancery.toml"), "[style]\npaper = \"us-letter\"\n[fonts]\nfolders = []\n").unwrap();
    assert!(cached(&batch(office.path(), &[]).1).is_empty());
    fs::write(at("card.md"), super::NOTE.replace("Dear", "Hello")).unwrap();
    assert!(cached(&batch(office.path(), &[]).1).is_empty());
    assert_eq!(cached(&batch(office.path(), &[]).1).len(), 6);
    fs::write(at("card-batch/.chancery-batch.jsonl"), "damaged").unwrap();
    let (code, lines, said) = batch(office.path(), &[]);
    assert_eq!((code, cached(&lines), said.as_str()), (0, Vec::new(), "They lie in card-batch/\n"));
}

#[test]
fn a_row_that_moves_is_written_under_its_new_name_without_being_set_again() {
    let office = office();
    fs::write(office.path().join("card.md"), super::NOTE.replace("Card of {{ row.name }}", "Card")).unwrap();
    guests(office.path(), 3);
    let (_, first, _) = batch(office.path(), &[]);
    let hashes =
        |lines: &[serde_json::Value]| rows(lines).iter().map(|line| line["sha256"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    let table = fs::read_to_string(office.path().join("guests.csv")).unwrap();
    fs::write(office.path().join("guests.csv"), table.replace("place\n", "place\n0,Guest 0,Hall 0\n")).unwrap();
    let (_, moved, _) = batch(office.path(), &[]);
    assert_eq!(cached(&moved), [2, 3, 4]);
    assert_eq!(hashes(&moved)[1..], hashes(&first));
    assert_eq!(lies_in(&office.path().join("card-batch")), ["Card (2).pdf", "Card (3).pdf", "Card (4).pdf", "Card.pdf"]);
    for line in rows(&moved) {
        let bytes = fs::read(office.path().join(line["pdf"].as_str().unwrap())).unwrap();
        assert_eq!(chancery::model::sha256_hex(&bytes), line["sha256"].as_str().unwrap());
    }
}

#[test]
fn a_clock_that_is_set_is_part_of_what_a_document_is_made_from() {
    let office = office();
    guests(office.path(), 2);
    let at = |now: &str| batch(office.path(), &["--now", now]).1;
    assert!(cached(&at("2026-11-23T09:00:00Z")).is_empty());
    assert_eq!(cached(&at("2026-11-23T09:00:00Z")), [1, 2]);
    assert!(cached(&at("2026-11-23T10:00:00Z")).is_empty());
}

#[test]
fn render_sets_a_note_again_only_if_it_has_changed_and_leaves_nothing_where_there_is_no_office() {
    let office = office();
    // A preview makes no such folder of its own.
    fs::create_dir_all(office.path().join(".chancery")).unwrap();
    let note =
        |text: &str| fs::write(office.path().join("a.md"), format!("---\ntype: notice\ndate: 2026-11-20\n---\n# A\n\n{text}\n")).unwrap();
    let render = |options: &[&str]| {
        let output = chancery(office.path()).args(["--json", "render", "a.md"]).args(options).output().unwrap();
        json_lines(&output.stdout).remove(0)
    };
    note("One.");
    let first = render(&[]);
    let second = render(&[]);
    assert!(first["cached"].is_null() && second["cached"] == true);
    assert_eq!((&first["sha256"], &first["pages"], &first["warnings"]), (&second["sha256"], &second["pages"], &second["warnings"]));
    assert!(render(&["-o", "b.pdf"])["cached"].is_null(), "another output is another matter");
    assert_eq!(render(&["-o", "b.pdf"])["cached"], true);
    note("Two.");
    assert!(render(&[])["cached"].is_null());
    fs::write(office.path().join("a.pdf"), "%PDF").unwrap();
    assert!(render(&[])["cached"].is_null());
    assert!(render(&["--png"])["cached"].is_null() && render(&["--png"])["cached"].is_null());
    let nowhere = tempfile::tempdir().unwrap();
    fs::copy(office.path().join("a.md"), nowhere.path().join("a.md")).unwrap();
    chancery(nowhere.path()).args(["-q", "render", "a.md"]).assert().code(0);
    assert_eq!(lies_in(nowhere.path()), ["a.md", "a.pdf"]);
}

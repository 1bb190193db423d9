//! `rebuild`: a register that is lost comes back from the PDFs, as far as they say it, and filing goes on.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use chancery::model::sha256_hex;
use chancery::register::{Answer, Record, RecordState, Register};
use serde_json::Value;

use crate::cli::{chancery, json_lines};
use crate::records::pdf_with;

const NOW: &str = "2026-11-23T09:00:00+08:00";

const SPEECH: &str = "---\ntype: speech\ndate: 2026-11-20\n---\n# Opening\n\nLadies and gentlemen, welcome.\n";
const MINUTES: &str = "---\ntype: minutes\nid: gm-47\ndate: 2026-11-21\nboard: 总经理办公会\n---\n# 总经理办公会会议纪要\n\n出席：周敏、张伟\n\n会议决定：同意。\n\n![图](plan.svg)\n";
const NOTICE: &str = "---\ntype: notice\ndate: 2026-11-22\nrecipients: [Amelia Ford, 张伟]\n---\n# Fire drill\n\nThe alarm rings at ten.\n";
const SVG: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"><rect width=\"9\" height=\"9\"/></svg>";

/// Puts files into the inbox and files what is there.
fn file(office: &Path, now: &str, notes: &[(&str, &str)]) {
    for (name, text) in notes {
        fs::write(office.join("inbox").join(name), text).unwrap();
    }
    chancery(office).args(["--now", now, "watch", "--once"]).assert().code(0);
}

/// An office with a speech (two files), minutes with a drawing in two versions, a notice for two, and a plain document.
fn office(attach: &str) -> tempfile::TempDir {
    let office = tempfile::tempdir().unwrap();
    fs::create_dir(office.path().join("inbox")).unwrap();
    fs::write(office.path().join("chancery.toml"), format!("time_zone = \"Asia/Shanghai\"\n[archive]\nattach = \"{attach}\"\n")).unwrap();
    file(office.path(), NOW, &[("speech.md", SPEECH), ("会议纪要.md", MINUTES), ("plan.svg", SVG), ("notice.md", NOTICE)]);
    let second = MINUTES.replace("同意", "不同意");
    file(office.path(), "2026-11-24T09:00:00+08:00", &[("会议纪要.md", &second), ("plan.svg", SVG)]);
    file(office.path(), "2026-11-25T09:00:00+08:00", &[("letter.md", "---\ntype: document\ndate: 2026-11-25\n---\n# A letter\n\nText.\n")]);
    office
}

fn records(office: &Path) -> Vec<RecordState> {
    Register::open(&office.join("archive")).unwrap().all().unwrap()
}

/// A record as it can come back: the places in the chain are new ones.
fn comparable(states: &[RecordState]) -> BTreeMap<(String, u32), Record> {
    let older: BTreeMap<u64, u32> = states.iter().map(|state| (state.record.seq, state.record.version)).collect();
    let strip = |state: &RecordState| {
        let mut record = state.record.clone();
        // Which version it replaces, whatever its line is.
        record.supersedes = record.supersedes.map(|seq| u64::from(older[&seq]));
        record.seq = 0;
        ((record.id.clone(), record.version), record)
    };
    states.iter().map(strip).collect()
}

fn rebuild(office: &Path, arguments: &[&str], code: i32) -> Vec<Value> {
    let assert = chancery(office).args(["--json", "--now", "2026-12-01T09:00:00+08:00", "rebuild"]).args(arguments).assert().code(code);
    json_lines(&assert.get_output().stdout)
}

fn verify(office: &Path, code: i32) -> Vec<Value> {
    json_lines(&chancery(office).args(["--json", "verify"]).assert().code(code).get_output().stdout)
}

/// Every file below a folder that ends so.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.path().is_dir() {
            found.extend(files(&entry.path(), ending));
        } else if entry.path().to_string_lossy().ends_with(ending) {
            found.push(entry.path());
        }
    }
    found.sort();
    found
}

#[test]
fn a_lost_register_comes_back_field_by_field_and_filing_goes_on() {
    for attach in ["full", "record"] {
        let office = office(attach);
        let before = records(office.path());
        assert_eq!(before.len(), 6, "{attach}");
        fs::remove_dir_all(office.path().join("archive/register")).unwrap();
        let lines = rebuild(office.path(), &[], 0);
        let summary = lines.last().unwrap();
        let counts = ["records", "partial", "found", "numbers", "refused"].map(|name| summary[name].as_u64().unwrap());
        assert_eq!((counts, summary["from_pdfs"].as_bool()), ([6, 0, 0, 0, 0], Some(true)), "{attach}: {lines:?}");
        let after = records(office.path());
        assert_eq!(comparable(&after), comparable(&before), "{attach}");
        let current = |states: &[RecordState]| states.iter().filter(|state| state.superseded_by.is_none()).count();
        assert_eq!(current(&after), current(&before));
        verify(office.path(), 0);
        // What was filed is a duplicate still; numbers go on; a version is one.
        let third = MINUTES.replace("同意", "再议");
        let minutes = "---\ntype: minutes\ndate: 2026-11-30\n---\n# Site meeting\n\nPresent: Amelia Ford\n\nNothing was decided.\n";
        for (name, text) in [("notice.md", NOTICE), ("speech.md", SPEECH), ("会议纪要.md", &third), ("plan.svg", SVG), ("site.md", minutes)]
        {
            fs::write(office.path().join("inbox").join(name), text).unwrap();
        }
        let assert = chancery(office.path()).args(["--json", "--now", "2026-12-02T09:00:00+08:00", "watch", "--once"]).assert().code(0);
        let told = json_lines(&assert.get_output().stdout);
        let of = |name: &str| told.iter().find(|line| line["source"].as_str().is_some_and(|source| source.ends_with(name))).unwrap();
        assert_eq!(of("notice.md")["status"], "duplicate", "{attach}: {told:?}");
        assert_eq!(of("speech.md")["status"], "duplicate");
        assert_eq!((of("会议纪要.md")["version"].as_u64(), of("会议纪要.md")["number"].as_str()), (Some(3), Some("MIN-2026-001")));
        assert_eq!(of("site.md")["number"], "MIN-2026-002");
        verify(office.path(), 0);
    }
}

#[test]
fn what_carries_no_record_is_named_and_held_to_its_bytes() {
    let office = office("none");
    let scan = office.path().join("archive/2026/signed scan.pdf");
    fs::write(&scan, "no pdf at all").unwrap();
    fs::remove_dir_all(office.path().join("archive/register")).unwrap();
    let lines = rebuild(office.path(), &[], 0);
    let summary = lines.last().unwrap();
    assert_eq!(summary["records"], 0);
    let found = lines.iter().filter(|line| line["status"] == "found").count();
    assert_eq!(
        (found as u64, summary["found"].as_u64()),
        (files(&office.path().join("archive/2026"), "").len() as u64, Some(found as u64))
    );
    assert!(lines.iter().any(|line| line["path"] == "archive/2026/signed scan.pdf"));
    verify(office.path(), 0);
    fs::write(&scan, "another").unwrap();
    let findings = verify(office.path(), 1);
    assert_eq!((findings[0]["finding"].as_str(), findings[0]["path"].as_str()), (Some("changed"), Some("archive/2026/signed scan.pdf")));
}

#[test]
fn an_old_register_is_kept_beside_the_new_one_and_its_voids_are_explained() {
    let office = office("full");
    let before = records(office.path());
    let register = office.path().join("archive/register/2026.jsonl");
    let old = fs::read(&register).unwrap();
    // A document and its number are lost.
    let lost = before.iter().find(|state| state.record.number.as_deref() == Some("NOT-2026-001")).unwrap();
    fs::remove_file(office.path().join("archive").join(&lost.record.files[0].path)).unwrap();
    let lines = rebuild(office.path(), &["--from-pdfs", "--by", "A. Ford"], 0);
    let summary = lines.last().unwrap();
    assert_eq!((summary["records"].as_u64(), summary["numbers"].as_u64()), (Some(5), Some(1)), "{lines:?}");
    assert_eq!(summary["old"], "archive/register/old-20261201T010000Z");
    assert_eq!(fs::read(office.path().join("archive/register/old-20261201T010000Z/2026.jsonl")).unwrap(), old);
    let new = fs::read_to_string(&register).unwrap();
    assert!(new.starts_with(r#"{"v":1,"seq":1,"time":"2026-12-01T09:00:00+08:00","event":"rebuilt","records":5,"old":"register/old-20261201T010000Z","by":"A. Ford""#), "{new}");
    verify(office.path(), 0);
    let numbers = chancery(office.path()).args(["--json", "numbers"]).assert().code(0);
    let numbers = json_lines(&numbers.get_output().stdout);
    let void = numbers.iter().find(|line| line["number"] == "NOT-2026-001").unwrap();
    assert!(void["reason"].as_str().unwrap().contains("made again"), "{void}");
    // Again: the same records, and both old ones are kept.
    rebuild(office.path(), &["--from-pdfs"], 0);
    assert_eq!(records(office.path()).len(), 5);
    fs::remove_dir_all(office.path().join("archive/register/old-20261201T010000Z")).unwrap();
    assert_eq!(verify(office.path(), 1)[0]["finding"], "missing");
}

#[test]
fn files_that_were_moved_or_copied_are_found_by_what_they_say() {
    let office = office("record");
    let archive = office.path().join("archive");
    let before = comparable(&records(office.path()));
    fs::create_dir(archive.join("elsewhere")).unwrap();
    let press = files(&archive, "(press).pdf").pop().unwrap();
    fs::rename(&press, archive.join("elsewhere/press.pdf")).unwrap();
    let source = files(&archive, "Opening (source).md").pop().unwrap();
    fs::rename(&source, archive.join("elsewhere/speech.md")).unwrap();
    let letter = files(&archive, "A letter.pdf").pop().unwrap();
    fs::copy(&letter, archive.join("elsewhere/copy.pdf")).unwrap();
    fs::remove_dir_all(archive.join("register")).unwrap();
    let lines = rebuild(office.path(), &[], 0);
    let found: Vec<&str> = lines.iter().filter(|line| line["status"] == "found").map(|line| line["path"].as_str().unwrap()).collect();
    assert_eq!(found, ["archive/elsewhere/copy.pdf"]);
    let after = comparable(&records(office.path()));
    assert_eq!(after.keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>());
    let speech = after.values().find(|record| record.document_type.as_str() == "speech").unwrap();
    let places: Vec<(&str, &str)> = speech.files.iter().map(|file| (file.role.as_str(), file.path.as_str())).collect();
    assert_eq!(&places[1..], [("press", "elsewhere/press.pdf"), ("source", "elsewhere/speech.md")]);
    let main = speech.files[0].path.clone();
    assert!(before.values().any(|record| record.files[0].path == main));
    verify(office.path(), 0);
}

#[test]
fn a_pdf_without_a_line_gets_one() {
    let office = office("full");
    let before = records(office.path());
    let path = office.path().join("archive/register/2026.jsonl");
    let lines: Vec<String> = fs::read_to_string(&path).unwrap().lines().map(str::to_owned).collect();
    // The register's end was cut off: from the reservation of the second version on.
    let cut = lines.iter().position(|line| line.contains("\"version\":2")).unwrap();
    fs::write(&path, lines[..cut].iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
    assert_eq!(verify(office.path(), 1).iter().filter(|line| line["finding"] == "extra").count(), 2);
    let index = office.path().join(".chancery/search");
    fs::create_dir_all(index.join("of another time")).unwrap();
    let summary = rebuild(office.path(), &[], 0).pop().unwrap();
    assert_eq!((summary["records"].as_u64(), summary["from_pdfs"].as_bool()), (Some(2), Some(false)));
    assert!(!index.join("of another time").exists());
    assert_eq!(comparable(&records(office.path())), comparable(&before));
    verify(office.path(), 0);
    assert_eq!(rebuild(office.path(), &[], 0).pop().unwrap()["records"], 0);
}

/// The record that a PDF of the first program carries.
fn early_record(version: u32, filed_at: &str, sources: &Value) -> String {
    let record = serde_json::json!({
        "id": "20261121-abcd", "type": "minutes", "title": "Site meeting", "date": "2026-11-21", "language": "en",
        "number": "MIN-2026-007", "version": version, "supersedes": null, "part": null,
        "fields": {"committee": "Building", "status": "draft"}, "template_sha256": "t", "fonts_sha256": "f",
        "program": "chancery 0.1.0", "sources": sources, "filed_at": filed_at,
    });
    record.to_string()
}

#[test]
fn pdfs_of_an_earlier_program_come_back_as_far_as_they_say() {
    let office = tempfile::tempdir().unwrap();
    chancery(office.path()).arg("init").assert().code(0);
    let folder = office.path().join("archive/2026");
    fs::create_dir(&folder).unwrap();
    let (note, plan) = ("# Site meeting\n", "a,b\n");
    let sources = serde_json::json!([{"name": "site.md", "sha256": sha256_hex(note.as_bytes())}, {"name": "plan.csv", "sha256": sha256_hex(plan.as_bytes())}]);
    // The clock had been set back when the second version was made.
    for (name, version, filed_at) in [("Site meeting.pdf", 1, "2026-11-22T09:00:00Z"), ("Site meeting v2.pdf", 2, "2026-11-20T09:00:00Z")] {
        let record = early_record(version, filed_at, &sources);
        fs::write(folder.join(name), pdf_with(&[("record.json", "Data", record.as_bytes())])).unwrap();
    }
    fs::write(folder.join("Site meeting (source).md"), note).unwrap();
    fs::write(folder.join("Site meeting (source) plan.csv"), plan).unwrap();
    let summary = rebuild(office.path(), &[], 0).pop().unwrap();
    assert_eq!((summary["records"].as_u64(), summary["partial"].as_u64(), summary["numbers"].as_u64()), (Some(2), Some(2), Some(6)));
    let states = records(office.path());
    let first = &states[0].record;
    assert_eq!((first.version, states[0].superseded_by, states[1].record.version), (1, Some(states[1].record.seq), 2));
    assert_eq!(first.files.iter().map(|file| file.role.as_str()).collect::<Vec<_>>(), ["document", "source", "source"]);
    assert_eq!(
        (first.committee.as_deref(), first.status.as_deref(), first.series.as_deref()),
        (Some("Building"), Some("draft"), Some("minutes"))
    );
    let whole = format!("{}\nplan.csv\0{}\n", sha256_hex(note.as_bytes()), sha256_hex(plan.as_bytes()));
    assert_eq!((first.source.as_str(), first.source_sha256.clone()), ("site.md", sha256_hex(whole.as_bytes())));
    verify(office.path(), 0);
    let minutes = "---\ntype: minutes\ndate: 2026-11-30\n---\n# Another\n\nPresent: Amelia Ford\n\nNothing was decided.\n";
    file(office.path(), "2026-12-02T09:00:00+08:00", &[("another.md", minutes)]);
    assert!(records(office.path()).iter().any(|state| state.record.number.as_deref() == Some("MIN-2026-008")));
}

#[test]
fn nothing_is_rebuilt_while_a_watcher_or_another_program_files() {
    let office = office("full");
    let archive = office.path().join("archive");
    let before = fs::read(archive.join("register/2026.jsonl")).unwrap();
    let register = Register::open(&archive).unwrap();
    register.answer(&"0".repeat(64), "x", &Answer::default()).unwrap();
    rebuild(office.path(), &["--from-pdfs"], 3);
    drop(register);
    let lock = fs::File::create(office.path().join("inbox/.watcher")).unwrap();
    lock.lock().unwrap();
    let assert = chancery(office.path()).args(["rebuild", "--from-pdfs"]).assert().code(3);
    assert!(String::from_utf8_lossy(&assert.get_output().stderr).contains("A watcher is running"));
    drop(lock);
    assert!(fs::read(archive.join("register/2026.jsonl")).unwrap().starts_with(&before));
    rebuild(office.path(), &["--from-pdfs"], 0);
    let empty = tempfile::tempdir().unwrap();
    chancery(empty.path()).arg("init").assert().code(0);
    assert_eq!(rebuild(empty.path(), &[], 0).pop().unwrap()["records"], 0);
}

#[test]
fn nothing_is_filed_where_documents_stand_and_the_register_is_gone() {
    let office = office("full");
    let office = office.path();
    fs::remove_dir_all(office.join("archive/register")).unwrap();
    let note = "---\ntype: notice\ndate: 2026-11-28\n---\n# One more\n\nCome at six.\n";
    fs::write(office.join("inbox/more.md"), note).unwrap();
    for command in [&["watch", "--once"][..], &["file", "inbox/more.md"], &["list"], &["show", "gm-47"], &["search", "alarm"]] {
        let assert = chancery(office).args(["--now", "2026-11-28T09:00:00+08:00"]).args(command).assert().code(3);
        let said = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
        assert!(said.contains("is missing or empty") && said.contains("chancery rebuild"), "{command:?}: {said}");
    }
    let assert = chancery(office).arg("status").assert();
    let said = String::from_utf8_lossy(&assert.get_output().stdout).into_owned();
    assert!(said.contains("is missing or empty"), "{said}");
    assert_eq!(fs::read_to_string(office.join("inbox/more.md")).unwrap(), note, "it waits");
    assert!(!office.join("inbox/more.md.problem.txt").exists(), "the note is not to blame");
    rebuild(office, &[], 0);
    file(office, "2026-11-28T09:00:00+08:00", &[]);
    let numbers: Vec<_> = records(office).into_iter().filter_map(|state| state.record.number).collect();
    assert!(numbers.contains(&"NOT-2026-003".to_owned()), "the series goes on: {numbers:?}");
}

#[test]
fn an_archive_with_files_of_others_is_no_lost_register() {
    let office = tempfile::tempdir().unwrap();
    let office = office.path();
    fs::create_dir_all(office.join("archive/2020")).unwrap();
    fs::create_dir(office.join("inbox")).unwrap();
    fs::write(office.join("archive/2020/old.pdf"), pdf_with(&[])).unwrap();
    file(office, NOW, &[("speech.md", SPEECH)]);
    assert_eq!(records(office).len(), 1);
}

//! What a start makes of a register that tells too little: nothing that may have been filed is removed.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::cli::{chancery, json_lines};

const NOTE: &str = "---\ntype: notice\ndate: 2026-11-20\n---\n# Fire drill\n\nThe alarm rings at ten.\n";

/// An office into which a watcher filed one note.
fn office() -> tempfile::TempDir {
    let office = tempfile::tempdir().unwrap();
    fs::create_dir(office.path().join("inbox")).unwrap();
    fs::write(office.path().join("chancery.toml"), "[fonts]\nfolders = []\n").unwrap();
    fs::write(office.path().join("inbox/drill.md"), NOTE).unwrap();
    run(office.path(), &["watch", "--once"], 0);
    office
}

#[track_caller]
fn run(office: &Path, arguments: &[&str], code: i32) -> Vec<Value> {
    let assert = chancery(office).args(["--json", "--now", "2026-11-23T09:00:00Z"]).args(arguments).assert();
    let output = assert.get_output();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    json_lines(&output.stdout)
}

fn journal(office: &Path) -> PathBuf {
    office.join("archive/register/2026.jsonl")
}

fn lines(office: &Path) -> Vec<String> {
    fs::read_to_string(journal(office)).unwrap().lines().map(str::to_owned).collect()
}

fn write(office: &Path, lines: &[String]) {
    fs::write(journal(office), lines.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
}

fn field(line: &str, name: &str) -> Value {
    serde_json::from_str::<Value>(line).unwrap()[name].clone()
}

/// The writer did not end as it should: its file is still there.
fn kill(office: &Path) {
    let folder = office.join("archive/.writers");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(field(&lines(office)[0], "writer").as_str().unwrap()), "").unwrap();
}

/// Its one document.
fn pdf(office: &Path) -> PathBuf {
    office.join("archive").join(field(&lines(office)[0], "files")[0]["path"].as_str().unwrap())
}

/// Only the reservation is left of the register.
fn cut(office: &Path) {
    let first = lines(office).swap_remove(0);
    assert_eq!(field(&first, "event"), "reserve");
    write(office, &[first]);
}

fn verify(office: &Path, code: i32) -> String {
    run(office, &["verify"], code).iter().map(|line| format!("{line}\n")).collect()
}

fn numbers(office: &Path) -> Vec<String> {
    let told = run(office, &["numbers"], 0);
    told.iter().filter_map(|line| line["state"].as_str().map(str::to_owned)).collect()
}

#[test]
fn a_document_whose_line_is_damaged_is_left_and_named() {
    let office = office();
    let pdf = pdf(office.path());
    let mut damaged = lines(office.path());
    assert_eq!(field(&damaged[1], "event"), "filed");
    damaged[1] = damaged[1].replacen("\"pages\":1", "\"pages\":x", 1);
    write(office.path(), &damaged);
    kill(office.path());
    let assert = chancery(office.path()).args(["watch", "--once"]).assert();
    let said = String::from_utf8_lossy(&assert.get_output().stderr).into_owned() + &String::from_utf8_lossy(&assert.get_output().stdout);
    assert!(pdf.is_file(), "{said}");
    assert!(said.contains("“Fire drill” may have been filed") && said.contains(pdf.file_name().unwrap().to_str().unwrap()), "{said}");
    assert!(!lines(office.path()).iter().any(|line| line.contains("\"event\":\"void\"")));
    let found = verify(office.path(), 1);
    assert!(found.contains(pdf.file_name().unwrap().to_str().unwrap()) && found.contains("chancery rebuild"), "{found}");
    // It gets its line again, and is not touched by later starts.
    assert_eq!(run(office.path(), &["rebuild"], 0).last().unwrap()["records"], 1);
    run(office.path(), &["watch", "--once"], 0);
    assert!(pdf.is_file());
    assert_eq!(numbers(office.path()), ["filed"]);
}

#[test]
fn a_document_whose_note_left_the_inbox_was_filed_whatever_the_register_says() {
    let office = office();
    let pdf = pdf(office.path());
    cut(office.path());
    kill(office.path());
    run(office.path(), &["watch", "--once"], 0);
    assert!(pdf.is_file());
    // With its note at hand it is as if it never was.
    fs::write(office.path().join("inbox/drill.md"), NOTE).unwrap();
    kill(office.path());
    run(office.path(), &["watch", "--once"], 0);
    assert_eq!(numbers(office.path()), ["filed"]);
    verify(office.path(), 0);
}

#[test]
fn a_register_that_was_cut_after_a_reservation_is_mended() {
    let office = office();
    let pdf = pdf(office.path());
    cut(office.path());
    assert!(verify(office.path(), 1).contains("chancery rebuild"));
    run(office.path(), &["watch", "--once"], 0);
    assert_eq!(numbers(office.path()), ["open"]);
    let rebuilt = run(office.path(), &["rebuild"], 0);
    assert_eq!(rebuilt.last().unwrap()["records"], 1, "{rebuilt:?}");
    assert_eq!(numbers(office.path()), ["filed"]);
    verify(office.path(), 0);
    // The same note is a duplicate, and leaves the inbox.
    fs::write(office.path().join("inbox/drill.md"), NOTE).unwrap();
    run(office.path(), &["watch", "--once"], 0);
    assert!(pdf.is_file() && !office.path().join("inbox/drill.md").exists());
    assert_eq!(numbers(office.path()), ["filed"]);
}

#[test]
fn a_reservation_of_which_nothing_is_left_is_closed() {
    let office = office();
    fs::remove_file(pdf(office.path())).unwrap();
    cut(office.path());
    run(office.path(), &["watch", "--once"], 0);
    assert_eq!(numbers(office.path()), ["void"]);
    verify(office.path(), 0);
    // It is not known what bore its number: the next has the next.
    fs::write(office.path().join("inbox/drill.md"), NOTE).unwrap();
    run(office.path(), &["watch", "--once"], 0);
    assert_eq!(numbers(office.path()), ["void", "filed"]);
}

#[test]
fn a_document_that_gets_no_line_is_worth_an_exit_code() {
    let office = office();
    let pdf = pdf(office.path());
    // Its version stands already, elsewhere.
    let second = NOTE.replace("---\n#", "id: other\n---\n#");
    fs::write(office.path().join("inbox/other.md"), second).unwrap();
    run(office.path(), &["watch", "--once"], 0);
    let copy = pdf.with_file_name("copy.pdf");
    fs::copy(&pdf, &copy).unwrap();
    let told = run(office.path(), &["rebuild"], 1);
    assert_eq!(told.last().unwrap()["refused"], 1, "{told:?}");
    assert!(copy.is_file());
}

//! Batches: what is not made again, what is told of each row, and that a batch that was stopped, however that was, goes on without losing
//! or doubling a row.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::cli::{chancery, json_lines};

mod cached;
mod merged;
mod places;
mod recipients;
mod results;
mod stopped;

pub const NOTE: &str =
    "---\ntype: notice\ndate: 2026-11-20\ntitle: Card of {{ row.name }}\n---\nDear {{ row.name }}, come to {{ row.place }}.\n";

/// An office with the built-in fonts only, and a note for cards.
pub fn office() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    chancery(folder.path()).args(["-q", "init"]).assert().code(0);
    fs::write(folder.path().join("chancery.toml"), "[fonts]\nfolders = []\n").unwrap();
    fs::write(folder.path().join("card.md"), NOTE).unwrap();
    folder
}

/// A table of that many guests.
pub fn guests(office: &Path, count: usize) {
    let rows: String = (1..=count).map(|row| format!("{row},Guest {row},Hall {}\n", row % 7)).collect();
    fs::write(office.join("guests.csv"), format!("id,name,place\n{rows}")).unwrap();
}

const BATCH: [&str; 4] = ["batch", "card.md", "--rows", "guests.csv"];

/// Runs the batch with these options as well.
pub fn batch(office: &Path, options: &[&str]) -> (i32, Vec<Value>, String) {
    let output = chancery(office).arg("--json").args(BATCH).args(options).output().unwrap();
    (output.status.code().unwrap(), json_lines(&output.stdout), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// The lines of rows.
pub fn rows(lines: &[Value]) -> Vec<&Value> {
    lines.iter().filter(|line| line["part"].is_string()).collect()
}

/// The rows, from 1, that stood there unchanged.
pub fn cached(lines: &[Value]) -> Vec<usize> {
    let rows = rows(lines);
    (1..=rows.len()).filter(|row| rows[row - 1]["cached"] == true).collect()
}

/// Runs the batch until it has told of so many rows, and then does something to it; gives what it said on standard error.
pub fn until(office: &Path, options: &[&str], told: usize, signal: &str) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chancery"));
    command.current_dir(office).arg("--json").args(BATCH).args(options).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut program = command.spawn().unwrap();
    let mut lines = BufReader::new(program.stdout.take().unwrap()).lines();
    lines.by_ref().take(told).for_each(|line| assert!(line.unwrap().starts_with('{')));
    Command::new("kill").args([signal, &program.id().to_string()]).status().unwrap();
    // What it still has to say must find a reader.
    let rest = std::thread::spawn(move || lines.count());
    let output = program.wait_with_output().unwrap();
    rest.join().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// What lies in a folder but for the inventory of batches.
pub fn lies_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = entries.filter(|name| name != ".chancery-batch.jsonl").collect();
    names.sort();
    names
}

/// The names of that many cards, sorted.
pub fn cards(count: usize) -> Vec<String> {
    let mut names: Vec<String> = (1..=count).map(|row| format!("Card of Guest {row}.pdf")).collect();
    names.sort();
    names
}

/// Each row is filed once, under the number that is its own, and nothing is wrong with register or archive.
pub fn assert_filed(office: &Path, lines: &[Value], count: usize, what: &str) {
    let rows = rows(lines);
    assert_eq!(rows.len(), count, "{what}");
    for (index, line) in rows.iter().enumerate() {
        let number = format!("NOT-2026-{:03}", index + 1);
        assert_eq!(
            (line["part"].as_str(), line["number"].as_str()),
            (Some((index + 1).to_string().as_str()), Some(number.as_str())),
            "{what}: {line}"
        );
    }
    assert_complete(office, lines, count, what);
}

/// The same, but for which number each has: one that a row had and could not be filed with is void, and explained by that.
pub fn assert_complete(office: &Path, lines: &[Value], count: usize, what: &str) {
    let numbers: BTreeSet<String> = rows(lines).iter().map(|line| line["number"].as_str().unwrap_or("none").to_owned()).collect();
    assert_eq!((rows(lines).len(), numbers.len()), (count, count), "{what}: each has its own");
    let listed = chancery(office).args(["--json", "list", "--all"]).output().unwrap();
    let stand = json_lines(&listed.stdout).iter().filter(|line| line["number"].is_string()).count();
    assert_eq!(stand, count, "{what}");
    let verified = chancery(office).arg("verify").output().unwrap();
    assert!(verified.status.success(), "{what}: {}", String::from_utf8_lossy(&verified.stdout));
    assert!(!register(office).contains("\"event\":\"duplicate\""), "{what}: a row that was passed over is no duplicate");
}

/// All lines of the register.
pub fn register(office: &Path) -> String {
    let years: Vec<PathBuf> = fs::read_dir(office.join("archive/register")).unwrap().map(|entry| entry.unwrap().path()).collect();
    years
        .iter()
        .filter(|path| path.extension().is_some_and(|ending| ending == "jsonl"))
        .map(|path| fs::read_to_string(path).unwrap())
        .collect()
}

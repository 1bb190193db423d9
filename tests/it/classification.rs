//! What real documents are taken for, measured by source, and that no input breaks classification.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chancery::catalog::Catalog;
use chancery::classification::{Classification, Hints, classify};
use chancery::config::Settings;
use chancery::failure::Problems;
use chancery::intake::Arrival;
use chancery::model::Dropped;
use chancery::reading::{Submission, read};
use chrono::{TimeZone as _, Utc};

/// The types that are ours; every other label must become `document`.
const OURS: [&str; 4] = ["minutes", "speech", "annual-summary", "notice"];

fn corpus() -> Option<PathBuf> {
    let folder = std::env::var_os("CHANCERY_CORPUS").map_or_else(|| PathBuf::from("../shared/corpus"), PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: no corpus at {}; set CHANCERY_CORPUS", folder.display());
    None
}

fn settings() -> Settings {
    Settings::parse("", Path::new("."), None, chrono_tz::UTC).expect("the defaults are valid")
}

fn catalog() -> Catalog {
    let folder = std::env::var_os("CHANCERY_TEMPLATES").map(PathBuf::from);
    Catalog::load(folder.as_deref()).expect("the built-in types load")
}

fn submission(name: &str, bytes: Vec<u8>) -> Result<Submission, Problems> {
    let modified = Utc.with_ymd_and_hms(2026, 11, 23, 10, 0, 0).single().expect("a moment");
    read(&Arrival::alone(Dropped { path: PathBuf::from(name), name: name.to_owned(), modified, bytes: Arc::from(bytes) }))
}

/// What became of the documents of one source.
#[derive(Default)]
struct Tally {
    all: usize,
    right: usize,
    asked: usize,
    wrong: Vec<String>,
}

fn outcome(result: &Result<Classification, Problems>) -> Option<(String, bool)> {
    match result {
        Ok(found) => Some((found.document_type.to_string(), true)),
        Err(problems) if problems.iter().any(|problem| problem.code == "type-unsure") => Some((String::new(), false)),
        Err(_) => None,
    }
}

/// Classifies the labelled corpus; `rename` gives the name under which each file is dropped.
fn measure(folder: &Path, rename: impl Fn(&str) -> String) -> BTreeMap<(String, String), Tally> {
    let (catalog, settings) = (catalog(), settings());
    let verbose = std::env::var_os("CHANCERY_VERBOSE").is_some();
    let mut table: BTreeMap<(String, String), Tally> = BTreeMap::new();
    let mut labels: Vec<PathBuf> =
        fs::read_dir(folder.join("labelled")).expect("labels").map(|entry| entry.expect("entry").path()).collect();
    labels.sort();
    for label in labels {
        let kind = label.file_name().expect("name").to_string_lossy().into_owned();
        let want = if OURS.contains(&kind.as_str()) { kind.as_str() } else { "document" };
        let mut files: Vec<PathBuf> = fs::read_dir(&label).expect("files").map(|entry| entry.expect("entry").path()).collect();
        files.sort();
        for file in files {
            let name = file.file_name().expect("name").to_string_lossy().into_owned();
            let (source, rest) = name.split_once("__").expect("source__name");
            let note =
                submission(&rename(rest), fs::read(&file).expect("readable")).unwrap_or_else(|problems| panic!("{name}: {problems}"));
            // The dates of these files are another matter than their types.
            let mut result = classify(&note, &catalog, &settings, &Hints::default());
            if result.as_ref().is_err_and(|problems| problems.iter().all(|problem| problem.code.starts_with("date-"))) {
                result = classify(&note, &catalog, &settings, &Hints { guess: true, ..Hints::default() });
            }
            let tally = table.entry((kind.clone(), source.to_owned())).or_default();
            tally.all += 1;
            match outcome(&result) {
                Some((got, true)) if got == want => tally.right += 1,
                Some((got, true)) => tally.wrong.push(format!("{name} → {got}")),
                Some((_, false)) => tally.asked += 1,
                None => panic!("{name}: {}", result.expect_err("a problem")),
            }
            if verbose && !matches!(outcome(&result), Some((got, true)) if got == want) {
                let shown = classify(&note, &catalog, &settings, &Hints { guess: true, ..Hints::default() }).expect("a guess");
                let shares: Vec<String> = shown.candidates.iter().map(|c| format!("{} {:.2}", c.document_type, c.confidence)).collect();
                println!("{kind}/{name}: {}\n      {}", shares.join(", "), shown.evidence.join("\n      "));
            }
        }
    }
    table
}

/// Prints the table and gives the shares of wrong and asked.
fn report(table: &BTreeMap<(String, String), Tally>) -> (f64, f64) {
    let (mut all, mut wrong, mut asked) = (0, 0, 0);
    println!("{:<16} {:<24} {:>5} {:>6} {:>6} {:>6}", "label", "source", "files", "right", "asked", "wrong");
    for ((kind, source), tally) in table {
        println!("{kind:<16} {source:<24} {:>5} {:>6} {:>6} {:>6}", tally.all, tally.right, tally.asked, tally.wrong.len());
        for line in tally.wrong.iter().take(50) {
            println!("    {line}");
        }
        all += tally.all;
        wrong += tally.wrong.len();
        asked += tally.asked;
    }
    let share = |part: usize| f64::from(u32::try_from(part).expect("small")) / f64::from(u32::try_from(all).expect("small"));
    println!("{all} files, wrong but sure {:.1} %, asked {:.1} %", share(wrong) * 100.0, share(asked) * 100.0);
    (share(wrong), share(asked))
}

#[test]
fn labelled_documents_are_rarely_filed_wrong() {
    let Some(folder) = corpus() else { return };
    let (wrong, asked) = report(&measure(&folder, str::to_owned));
    assert!(wrong < 0.03, "{wrong} wrong but sure");
    assert!(asked < 0.10, "{asked} asked");
}

#[test]
fn labelled_documents_without_a_telling_name() {
    let Some(folder) = corpus() else { return };
    let (wrong, asked) = report(&measure(&folder, |name| format!("note.{}", name.rsplit('.').next().unwrap_or("md"))));
    assert!(wrong < 0.06, "{wrong} wrong but sure");
    assert!(asked < 0.15, "{asked} asked");
}

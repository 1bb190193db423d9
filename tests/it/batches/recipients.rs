//! For whom a row's document is, and rows that cannot be told from each other.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{batch, office, register, rows};
use crate::cli::{chancery, json_lines};

/// Only the page says for whom it is.
const NOTE: &str =
    "---\ntype: notice\ndate: 2026-11-20\ntitle: Card {{ row.id }}\nrecipients: \"{{ row.name }}\"\n---\nDinner is at eight.\n";

/// The words of a PDF.
fn words(pdf: PathBuf) -> String {
    let output = Command::new("pdftotext").arg(&pdf).arg("-").output().unwrap();
    assert!(output.status.success(), "{}", pdf.display());
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn office_with(note: &str, table: &str) -> tempfile::TempDir {
    let office = office();
    fs::write(office.path().join("card.md"), note).unwrap();
    fs::write(office.path().join("guests.csv"), table).unwrap();
    office
}

#[test]
fn a_row_is_addressed_to_its_recipient_however_it_is_made() {
    let office = office_with(NOTE, "id,name\n1,Ann Ford\n2,Bo Lund\n");
    let (code, lines, said) = batch(office.path(), &["--file"]);
    assert_eq!(code, 0, "{said}");
    let filed = |row: usize| words(office.path().join(rows(&lines)[row]["pdf"].as_str().unwrap()));
    assert!(filed(0).contains("Ann Ford") && filed(1).contains("Bo Lund") && !filed(1).contains("Ann"));
    batch(office.path(), &[]);
    assert!(words(office.path().join("card-batch/Card 2.pdf")).contains("Bo Lund"));
    batch(office.path(), &["--merge", "cards.pdf"]);
    let printed = words(office.path().join("cards.pdf"));
    assert!(printed.contains("Ann Ford") && printed.contains("Bo Lund"));
    // Made again from what the archive holds, it is for the same person.
    let (title, id) = ("A better card", rows(&lines)[1]["id"].as_str().unwrap());
    let output = chancery(office.path()).args(["--json", "refile", id, "--title", title, "--reason", "typing error"]).output().unwrap();
    let line = &json_lines(&output.stdout)[0];
    assert!(words(office.path().join(line["pdf"].as_str().unwrap())).contains("Bo Lund"), "{line}");
}

#[test]
fn rows_of_a_note_in_the_inbox_are_addressed_too() {
    let office = office_with("", "id,name\n1,Ann Ford\n2,Bo Lund; Cem Ay\n");
    fs::rename(office.path().join("guests.csv"), office.path().join("inbox/guests.csv")).unwrap();
    fs::write(office.path().join("inbox/card.md"), NOTE.replace("---\ntype", "---\nrows: guests.csv\ntype")).unwrap();
    let output = chancery(office.path()).args(["--json", "watch", "--once"]).output().unwrap();
    let lines = json_lines(&output.stdout);
    let told = rows(&lines);
    assert!(words(office.path().join(told[0]["pdf"].as_str().unwrap())).contains("Ann Ford"));
    let problem = &told[1]["problem"];
    assert_eq!((problem["code"].as_str(), problem["line"].as_u64()), (Some("row-recipients"), Some(3)), "{problem}");
}

#[test]
fn a_row_for_two_is_told_whatever_becomes_of_the_documents() {
    let office = office_with(NOTE, "id,name\n1,Ann Ford; Bo Lund\n2,Cem Ay\n");
    for options in [&["--dry-run"][..], &[], &["--zip", "cards.zip"], &["--merge", "cards.pdf"], &["--file", "--dry-run"], &["--file"]] {
        let (code, lines, said) = batch(office.path(), options);
        let told = rows(&lines);
        assert_eq!((code, told[0]["problem"]["code"].as_str()), (1, Some("row-recipients")), "{options:?}: {said}");
        assert_ne!(told[1]["status"], "attention", "{options:?}");
    }
}

/// For several together it can be a document; as the type that is made for each it is corrected all the same.
#[test]
fn what_was_filed_for_several_can_be_corrected() {
    let office = office_with(&NOTE.replace("type: notice", "type: document"), "id,name\n1,Ann Ford; Bo Lund\n");
    let (code, lines, said) = batch(office.path(), &["--file"]);
    assert_eq!(code, 0, "{said}");
    let id = rows(&lines)[0]["id"].as_str().unwrap();
    chancery(office.path()).args(["refile", id, "--type", "notice", "--reason", "it is one"]).assert().code(0);
    chancery(office.path()).arg("verify").assert().code(0);
}

#[test]
fn two_rows_of_one_id_are_no_versions_of_each_other() {
    let office = office_with(NOTE, "id,name\n17,Ann Ford\n17,Bo Lund\n18,Cem Ay\n18,Cem Ay\n");
    for options in [&["--file", "--dry-run"][..], &["--file"], &["--file", "--resume"]] {
        let (code, lines, said) = batch(office.path(), options);
        let told = rows(&lines);
        assert_eq!(code, 1, "{said}");
        assert_eq!((told[1]["problem"]["code"].as_str(), told[1]["problem"]["line"].as_u64()), (Some("row-twice"), Some(3)), "{options:?}");
        // Who says the same twice means one.
        assert_ne!(told[3]["status"], "attention", "{options:?}");
    }
    let versions = |path: &Path| register(path).matches("\"event\":\"filed\"").count();
    assert_eq!(versions(office.path()), 2);
    // Outside of the register they are two documents.
    let (code, lines, _) = batch(office.path(), &[]);
    assert_eq!((code, rows(&lines).len(), rows(&lines)[1]["pdf"].as_str()), (0, 4, Some("card-batch/Card 17 (2).pdf")));
}

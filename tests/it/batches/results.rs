//! The report, the ZIP, and what the last lines of a long batch say.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::Path;

use super::{batch, guests, lies_in, office, rows};
use crate::cli::{chancery, json_lines};

/// A table of which the second row cannot be made.
fn with_a_bad_row(office: &Path) {
    fs::write(office.join("guests.csv"), "id,name,place\n=a,\"=Ann, Sr.\",Hall\nb,Bo,\nc,Cem,Yard\n").unwrap();
}

/// The rows of a report by their columns.
fn report(path: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let rows: Vec<BTreeMap<String, String>> = reader.deserialize().map(|row| row.unwrap()).collect();
    rows.into_iter()
        .map(|row| row.into_iter().map(|(key, value)| (key.trim_start_matches('\u{feff}').to_owned(), value)).collect())
        .collect()
}

#[test]
fn a_report_tells_of_each_row_whatever_becomes_of_the_documents() {
    let office = office();
    with_a_bad_row(office.path());
    for (options, good) in
        [(&["--dry-run"][..], "ok"), (&[], "rendered"), (&[], "rendered"), (&["--file"], "filed"), (&["--file", "--resume"], "duplicate")]
    {
        let mut with_report = vec!["--report", "report.csv"];
        with_report.extend(options);
        let (code, lines, _) = batch(office.path(), &with_report);
        assert_eq!(code, 1);
        let told = report(&office.path().join("report.csv"));
        let column = |name: &str| told.iter().map(|row| row[name].as_str()).collect::<Vec<_>>();
        assert_eq!(column("row"), ["2", "3", "4"], "{options:?}");
        assert_eq!(column("key"), ["'=a", "b", "c"]);
        assert_eq!(column("status"), [good, "attention", good]);
        assert_eq!(column("problem"), ["", rows(&lines)[1]["problem"]["code"].as_str().unwrap(), ""]);
        let is_filed = options.contains(&"--file");
        assert_eq!(column("number"), if is_filed { ["NOT-2026-001", "", "NOT-2026-002"] } else { [""; 3] });
        assert_eq!(column("pages"), ["1", "", "1"]);
        assert_eq!(column("pdf")[0].is_empty(), options.contains(&"--dry-run"));
    }
    let (_, lines, _) = batch(office.path(), &["--report", "report.jsonl", "--dry-run"]);
    let told = json_lines(&fs::read(office.path().join("report.jsonl")).unwrap());
    assert_eq!((told.len(), &told[0]["key"], &told[0]["title"]), (3, &"=a".into(), &rows(&lines)[0]["title"]));
    let left: Vec<String> = lies_in(office.path()).into_iter().filter(|name| name.starts_with(".chancery-")).collect();
    assert!(left.is_empty(), "{left:?}");
    let (code, _, said) = batch(office.path(), &["--report", "report.txt"]);
    assert!(code == 2 && said.contains("report.csv"), "{said}");
}

#[test]
fn a_zip_holds_the_pdfs_in_the_order_of_their_rows_and_is_the_same_each_time() {
    let office = office();
    with_a_bad_row(office.path());
    let pack = || batch(office.path(), &["--zip", "cards.zip", "--now", "2026-11-23T09:00:00Z"]);
    let (code, lines, said) = pack();
    assert!(code == 1 && said.contains("They lie in cards.zip"), "{said}");
    let bytes = fs::read(office.path().join("cards.zip")).unwrap();
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(&bytes)).unwrap();
    let names: Vec<String> = (0..zip.len()).map(|index| zip.by_index(index).unwrap().name().unwrap().into_owned()).collect();
    assert_eq!(names, ["Card of =Ann, Sr.pdf", "Card of Cem.pdf", "index.csv", "index.html"]);
    assert_eq!(rows(&lines)[2]["pdf"], "cards.zip!Card of Cem.pdf");
    let mut pdf = Vec::new();
    zip.by_name("Card of Cem.pdf").unwrap().read_to_end(&mut pdf).unwrap();
    assert_eq!(chancery::model::sha256_hex(&pdf), rows(&lines)[2]["sha256"].as_str().unwrap());
    let mut index = String::new();
    zip.by_name("index.csv").unwrap().read_to_string(&mut index).unwrap();
    assert_eq!(index.lines().count(), 3, "{index}");
    pack();
    assert_eq!(fs::read(office.path().join("cards.zip")).unwrap(), bytes);
    assert!(!lies_in(office.path()).iter().any(|name| name.starts_with(".chancery-")));
    for options in [["--zip", "x.zip", "--file"], ["--zip", "x.zip", "--resume"], ["--zip", "x.zip", "-oX"]] {
        chancery(office.path()).args(super::BATCH).args(options).assert().code(2);
    }
}

#[test]
fn the_line_for_all_rows_stays_short_and_says_what_it_leaves_out() {
    let office = office();
    let bad: String = (0..60).map(|row| format!("{row},Guest {row},\n")).collect();
    fs::write(office.path().join("guests.csv"), format!("id,name,place\n{bad}")).unwrap();
    let (_, lines, _) = batch(office.path(), &["--dry-run"]);
    let whole = &lines[60];
    assert!(whole["part"].is_null() && whole["status"] == "attention");
    assert_eq!((whole["problems"].as_array().unwrap().len(), whole["problems_left_out"].as_u64()), (50, Some(10)));
    guests(office.path(), 2);
    let (_, lines, _) = batch(office.path(), &["-v"]);
    assert!(lines[2].get("files_left_out").is_none() && lines[2]["files"].as_array().unwrap().len() == 2);
    let said = String::from_utf8_lossy(&chancery(office.path()).args(super::BATCH).arg("-v").output().unwrap().stderr).into_owned();
    assert!(said.contains("2 documents in ") && said.contains(" per second."), "{said}");
}

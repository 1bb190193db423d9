//! Spreadsheets as tables: real ones are read, and a note with one goes the way of every note with rows.

use std::fs;
use std::io::{Cursor, Write as _};
use std::time::{Duration, Instant};

use chancery::reading::{Row, read_table};
use serde_json::Value;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::reading::{corpus, files};
use crate::versions::Office;

/// A workbook with one sheet, of rows of texts.
fn workbook(rows: &[&[&str]]) -> Vec<u8> {
    let cell = |text: &&str| format!("<c t=\"inlineStr\"><is><t>{text}</t></is></c>");
    let rows: String = rows.iter().map(|row| format!("<row>{}</row>", row.iter().map(cell).collect::<String>())).collect();
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in [
        (
            "_rels/.rels",
            "<Relationships><Relationship Type=\"x/relationships/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>",
        ),
        ("xl/workbook.xml", "<workbook><sheets><sheet name=\"Guests\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"),
        (
            "xl/_rels/workbook.xml.rels",
            "<Relationships><Relationship Id=\"r1\" Type=\"x/worksheet\" Target=\"worksheets/s.xml\"/></Relationships>",
        ),
        ("xl/worksheets/s.xml", &format!("<worksheet><sheetData>{rows}</sheetData></worksheet>")),
    ] {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

const NOTE: &str =
    "---\ntype: notice\ndate: 2026-11-20\nrows: guests.xlsx\n---\n# Come\n\nDear {{ row.name }}, come to table {{ row.table }}.\n";

#[test]
fn a_note_with_a_spreadsheet_is_filed_row_by_row() {
    let office = Office::new();
    office.write("inbox/note.md", NOTE);
    let rows: &[&[&str]] = &[&["id", "name", "table"], &["ann", "Ann", "4"], &["bob", "Bob", ""]];
    fs::write(office.path().join("inbox/guests.xlsx"), workbook(rows)).unwrap();
    let (_, lines, said) = office.run(&["watch", "--once"]);
    let status = |part: &str| lines.iter().find(|line| line["part"] == part).unwrap_or_else(|| panic!("{lines:?} {said}"));
    assert_eq!(status("ann")["status"], "filed");
    assert_eq!(status("bob")["status"], "attention");
    let problem = fs::read_to_string(office.path().join("inbox/note.md.problem.txt")).unwrap();
    assert!(problem.contains("guests.xlsx: sheet “Guests”, row 3: the column \"table\" is empty"), "{problem}");
    let ann = status("ann")["id"].as_str().unwrap();
    // The row alone is in the archive, and the spreadsheet is not asked for again.
    let approved = office.filed(&["approve", ann, "--by", "Li Na", "--on", "2026-11-24"]);
    assert!(office.words(&approved).contains("Dear Ann"));
    fs::write(office.path().join("inbox/guests.xlsx"), workbook(&[rows[0], rows[1], &["bob", "Bob", "5"]])).unwrap();
    let (code, _, said) = office.run(&["watch", "--once"]);
    assert_eq!(code, 0, "{said}");
    assert!(!office.path().join("inbox/note.md").exists() && !office.path().join("inbox/guests.xlsx").exists());
}

#[test]
fn a_spreadsheet_that_no_note_names_stays_and_says_how_it_is_used() {
    let office = Office::new();
    fs::write(office.path().join("inbox/guests.xlsx"), workbook(&[&["name"], &["Ann"]])).unwrap();
    fs::write(office.path().join("inbox/old.xls"), b"\xd0\xcf\x11\xe0").unwrap();
    office.run(&["watch", "--once"]);
    let told = |name: &str| fs::read_to_string(office.path().join(format!("inbox/{name}.problem.txt"))).unwrap();
    assert!(told("guests.xlsx").contains("a spreadsheet that no note names"), "{}", told("guests.xlsx"));
    assert!(told("old.xls").contains("save it as .xlsx or CSV"), "{}", told("old.xls"));
}

#[test]
fn real_spreadsheets_are_read_or_refused_with_words() {
    let Some(folder) = corpus("formats/calamine-tests") else { return };
    let (mut read, mut refused) = (0, Vec::new());
    for path in files(&folder) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let started = Instant::now();
        match read_table(&name, &fs::read(&path).unwrap()) {
            Ok((table, _)) => {
                let rows: Vec<Row> = table.rows().collect();
                assert!(
                    rows.iter().all(|row| row.cells.len() == table.columns.len() && row.cells.iter().any(|cell| *cell != "")),
                    "{name}"
                );
                read += 1;
            }
            Err(problems) => {
                assert!(problems.iter().all(|problem| problem.file.as_deref() == Some(&name) && !problem.help.is_empty()), "{problems}");
                refused.push(name);
            }
        }
        assert!(started.elapsed() < Duration::from_secs(5), "{path:?}");
    }
    assert!(read >= 20, "{read} read, refused: {refused:?}");
    let cells = |name: &str, row: usize| {
        let bytes = fs::read(folder.join("tests").join(name)).unwrap();
        read_table(name, &bytes).unwrap_or_else(|problems| panic!("{problems}")).0.row(row).cells
    };
    assert_eq!(cells("temperature-table.xlsx", 0), ["celsius", "22.2222"].map(Value::from));
}

#[test]
fn hostile_packages_are_no_spreadsheets() {
    let Some(folder) = corpus("hostile/zip") else { return };
    for path in files(&folder) {
        for name in ["t.xlsx", "t.ods"] {
            let problems = read_table(name, &fs::read(&path).unwrap()).expect_err("no table");
            assert_eq!(problems.iter().count(), 1, "{path:?}: {problems}");
        }
    }
}

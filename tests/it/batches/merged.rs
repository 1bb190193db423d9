//! One PDF for the printer.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use lopdf::Document;
use serde_json::Value;

use super::{batch, guests, lies_in, office, rows};
use crate::cli::{chancery, json_lines};

/// The texts of the bookmarks of the first level, in order.
fn bookmarks(pdf: &Path) -> Vec<String> {
    let document = Document::load(pdf).unwrap();
    let of = |id| document.get_dictionary(id).unwrap();
    let outlines = of(document.catalog().unwrap().get(b"Outlines").unwrap().as_reference().unwrap());
    let mut next = outlines.get(b"First").ok();
    let mut found = Vec::new();
    while let Some(item) = next.map(|item| of(item.as_reference().unwrap())) {
        found.push(lopdf::decode_text_string(item.get(b"Title").unwrap()).unwrap());
        next = item.get(b"Next").ok();
    }
    found
}

fn printed(lines: &[Value]) -> Vec<&Value> {
    lines.iter().filter(|line| line["status"] == "printed").collect()
}

#[test]
fn all_rows_are_in_one_pdf_under_the_names_of_their_recipients() {
    let office = office();
    fs::write(office.path().join("guests.csv"), "id,name,place\na,Ann,Hall\nb,Bo,\nc,Cem,Yard\n").unwrap();
    let (code, lines, said) = batch(office.path(), &["--merge", "cards.pdf", "--report", "report.jsonl"]);
    assert!(code == 1 && said.contains("They are in cards.pdf"), "{said}");
    assert_eq!(rows(&lines).iter().map(|line| line["status"].as_str().unwrap()).collect::<Vec<_>>(), ["rendered", "attention", "rendered"]);
    assert_eq!(rows(&lines)[1]["problem"]["line"], 3, "{}", rows(&lines)[1]);
    let pdf = office.path().join("cards.pdf");
    assert_eq!(bookmarks(&pdf), ["Ann", "Cem"]);
    let told = printed(&lines);
    assert_eq!((told.len(), &told[0]["documents"], &told[0]["pages"]), (1, &2.into(), &2.into()));
    assert_eq!(chancery::model::sha256_hex(&fs::read(&pdf).unwrap()), told[0]["sha256"].as_str().unwrap());
    assert_eq!(lines.last().unwrap()["status"], "summary");
    assert_eq!(fs::read_to_string(office.path().join("report.jsonl")).unwrap().lines().count(), 3);
    // Judged by tests/validation.py.
    fs::copy(&pdf, Path::new(env!("CARGO_TARGET_TMPDIR")).join("joined-batch.pdf")).unwrap();
    let (_, lines, _) = batch(office.path(), &["--merge", "cards.pdf", "--duplex"]);
    assert_eq!(printed(&lines)[0]["pages"], 4, "an empty page behind each");
    for options in [&["--merge", "x.pdf", "--file"][..], &["--merge", "x.pdf", "-oX"], &["--duplex"]] {
        chancery(office.path()).args(super::BATCH).args(options).assert().code(2);
    }
    assert!(!lies_in(office.path()).iter().any(|name| name.starts_with(".chancery-")));
}

#[test]
fn where_nothing_can_be_printed_nothing_is_written() {
    let office = office();
    fs::write(office.path().join("guests.csv"), "id,name,place\nb,Bo,\n").unwrap();
    let (code, lines, said) = batch(office.path(), &["--merge", "cards.pdf"]);
    assert!(code == 1 && printed(&lines).is_empty() && said.contains("nothing to be printed"), "{said}");
    guests(office.path(), 3_000);
    let mut program = chancery_program(office.path(), &["--merge", "cards.pdf"]);
    // It tells of no row before the pages of all are there.
    std::thread::sleep(Duration::from_secs(3));
    assert!(program.try_wait().unwrap().is_none(), "it is at work");
    Command::new("kill").args(["-INT", &program.id().to_string()]).status().unwrap();
    let output = program.wait_with_output().unwrap();
    let (code, said) = (output.status.code(), String::from_utf8_lossy(&output.stderr));
    assert!(code == Some(0) && rows(&json_lines(&output.stdout)).is_empty(), "{said}");
    assert!(code == Some(0) && said.contains("cards.pdf was not written") && !said.contains("Go on with"), "{said}");
    assert!(!lies_in(office.path()).iter().any(|name| name.contains(".pdf") || name.starts_with(".chancery-")));
}

/// Begins the batch with these options.
fn chancery_program(office: &Path, options: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chancery"));
    command.current_dir(office).arg("--json").args(super::BATCH).args(options);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Of a heading that leaves out a level only the PDF shows that it cannot be; where a type does without tags it can.
#[test]
fn a_document_that_only_the_pdf_shows_to_be_faulty_is_left_out_and_told() {
    let office = office();
    let layout = "#let layout(data, words) = { words(()); if data.title.contains(\"Trap\") { heading(level: 4)[Deep] } }\n";
    let manifest = "title = { en = \"Trap\" }\nsummary = { en = \"A trap.\" }\n[archive]\npath = \"{{ year }}/trap/{{ title }}\"\n";
    let folder = with_a_trap(office.path(), layout, manifest);
    fs::write(office.path().join("guests.csv"), "name,place\nAnn,Hall\nTrap,Hall\nBo,Hall\nOther Trap,Yard\n").unwrap();
    let merged = || batch(office.path(), &["--merge", "cards.pdf", "--report", "report.jsonl"]);
    let (code, lines, said) = merged();
    assert_eq!(code, 1, "{said}");
    let statuses = |lines: &[Value]| rows(lines).iter().map(|line| line["status"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(statuses(&lines), ["rendered", "attention", "rendered", "attention"]);
    assert_eq!(
        statuses(&lines),
        statuses(
            &json_lines(&fs::read(office.path().join("report.jsonl")).unwrap())
                .into_iter()
                .map(|mut line| {
                    line["part"] = "x".into();
                    line
                })
                .collect::<Vec<_>>()
        )
    );
    let message = rows(&lines)[1]["problem"]["message"].as_str().unwrap();
    assert!(message.contains("`Trap` cannot be part of the PDF"), "{message}");
    let pdf = office.path().join("cards.pdf");
    assert_eq!((bookmarks(&pdf), &printed(&lines)[0]["documents"]), (vec!["Ann".to_owned(), "Bo".to_owned()], &2.into()));
    fs::write(folder.join("manifest.toml"), format!("tagged = false\n{manifest}")).unwrap();
    let (code, lines, said) = merged();
    assert_eq!((code, printed(&lines)[0]["documents"].as_u64()), (0, Some(4)), "{said}");
}

#[test]
fn what_stands_in_the_way_is_told_and_what_is_older_too() {
    let office = office();
    guests(office.path(), 2);
    fs::write(office.path().join("cards-1.pdf"), "of another day").unwrap();
    let (code, _, said) = batch(office.path(), &["--merge", "cards.pdf"]);
    assert!(code == 0 && said.contains("cards-1.pdf is older"), "{said}");
    let (code, lines, said) = batch(office.path(), &["--merge", "card.md/cards.pdf"]);
    assert!(code == 3 && lines.is_empty() && said.contains("card.md/cards.pdf") && !said.contains("by itself"), "{said}");
}

/// Volumes of ten pages, several made at once.
#[cfg(feature = "failpoints")]
#[test]
fn very_many_pages_are_several_files_all_together_or_none() {
    let office = office();
    guests(office.path(), 34);
    let table = fs::read_to_string(office.path().join("guests.csv")).unwrap();
    // One row in the second file, and all of the fourth, cannot be made.
    let table = table
        .replace("13,Guest 13,Hall 6", "13,Guest 13,")
        .replace(",Guest 31,Hall 3", ",Guest 31,")
        .replace(",Guest 32,Hall 4", ",Guest 32,");
    let table = table.replace(",Guest 33,Hall 5", ",Guest 33,").replace(",Guest 34,Hall 6", ",Guest 34,");
    fs::write(office.path().join("guests.csv"), table).unwrap();
    let run = |more: &str| {
        let points = format!("printing::volume=return(10){more}");
        let mut command = chancery(office.path());
        command.arg("--json").args(super::BATCH).args(["--merge", "cards.pdf", "--jobs", "2"]);
        let output = command.env("FAILPOINTS", points).output().unwrap();
        (output.status.code(), json_lines(&output.stdout), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    for more in ["", ";workers::kill=10%return"] {
        let (code, lines, said) = run(more);
        assert!(code == Some(1) && said.contains("They are in 3 files, cards-1.pdf to cards-3.pdf"), "{said}");
        let keys: Vec<_> = rows(&lines).iter().map(|line| line["part"].as_str().unwrap().to_owned()).collect();
        assert_eq!(keys, (1..=34).map(|row| row.to_string()).collect::<Vec<_>>(), "each row once, in order");
        assert_eq!(rows(&lines).iter().filter(|line| line["status"] == "attention").count(), 5);
        let names: Vec<_> = (1..=3).flat_map(|file| bookmarks(&office.path().join(format!("cards-{file}.pdf")))).collect();
        assert_eq!(names, (1..=30).filter(|row| *row != 13).map(|row| format!("Guest {row}")).collect::<Vec<_>>());
        assert_eq!(printed(&lines).iter().map(|line| line["documents"].as_u64().unwrap()).collect::<Vec<_>>(), [10, 9, 10]);
        assert_eq!(lines.last().unwrap()["stopped"], Value::Null);
    }
    let first = fs::read(office.path().join("cards-1.pdf")).unwrap();
    fs::remove_file(office.path().join("cards-3.pdf")).unwrap();
    fs::create_dir(office.path().join("cards-3.pdf")).unwrap();
    guests(office.path(), 30);
    let (code, lines, said) = run("");
    assert!(code == Some(3) && said.contains("cards-3.pdf is no file") && printed(&lines).is_empty(), "{said}");
    assert_eq!((&lines.last().unwrap()["attention"], &lines[lines.len() - 2]["status"]), (&1.into(), &"attention".into()));
    assert_eq!(fs::read(office.path().join("cards-1.pdf")).unwrap(), first, "the earlier files stay");
}

/// A type `trap`, of which the card is.
fn with_a_trap(office: &Path, layout: &str, manifest: &str) -> PathBuf {
    let folder = office.join("templates/trap");
    fs::create_dir_all(&folder).unwrap();
    for (name, text) in [("manifest.toml", manifest), ("layout.typ", layout), ("words.md", "{{ body }}")] {
        fs::write(folder.join(name), text).unwrap();
    }
    fs::write(office.join("card.md"), super::NOTE.replace("type: notice", "type: trap")).unwrap();
    folder
}

/// The document that takes too long ends its worker with all that it had laid out: that is laid out anew.
#[test]
fn a_document_that_ends_its_worker_is_left_out_and_none_other_is_lost() {
    let office = office();
    let layout = "#let layout(data, words) = { if data.title.contains(\"Trap\") { for a in range(9000) { for b in range(9000) { for c in range(9000) { } } } }; words(()) }\n";
    let manifest = "title = { en = \"Trap\" }\nsummary = { en = \"A trap.\" }\n[archive]\npath = \"{{ year }}/trap/{{ title }}\"\n[limits]\ntime = \"3 s\"\n";
    with_a_trap(office.path(), layout, manifest);
    fs::write(office.path().join("guests.csv"), "name,place\nAnn,Hall\nBo,Hall\nTrap,Hall\nCem,Yard\n").unwrap();
    let (code, lines, said) = batch(office.path(), &["--merge", "cards.pdf"]);
    assert_eq!(code, 1, "{said}");
    assert_eq!(rows(&lines)[2]["problem"]["code"], "over-time", "{said}");
    assert_eq!(bookmarks(&office.path().join("cards.pdf")), ["Ann", "Bo", "Cem"]);
}

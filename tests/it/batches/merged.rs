//! One PDF for the printer.

use std::fs;
use std::path::Path;

use lopdf::Document;
use serde_json::Value;

use super::{batch, guests, lies_in, office, rows, until};
use crate::cli::chancery;

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
    guests(office.path(), 300);
    let (code, said) = until(office.path(), &["--merge", "cards.pdf"], 3, "-INT");
    assert!(code == Some(0) && said.contains("cards.pdf was not written") && !said.contains("Go on with"), "{said}");
    assert!(!lies_in(office.path()).iter().any(|name| name.contains(".pdf") || name.starts_with(".chancery-")));
}

/// The document that takes too long ends its worker with all that it had laid out: that is laid out anew.
#[test]
fn a_document_that_ends_its_worker_is_left_out_and_none_other_is_lost() {
    let office = office();
    let layout = "#let layout(data, words) = { if data.title.contains(\"Trap\") { for a in range(9000) { for b in range(9000) { for c in range(9000) { } } } }; words(()) }\n";
    let folder = office.path().join("templates/trap");
    fs::create_dir_all(&folder).unwrap();
    let manifest = "title = { en = \"Trap\" }\nsummary = { en = \"A trap.\" }\n[archive]\npath = \"{{ year }}/trap/{{ title }}\"\n[limits]\ntime = \"3 s\"\n";
    for (name, text) in [("manifest.toml", manifest), ("layout.typ", layout), ("words.md", "{{ body }}")] {
        fs::write(folder.join(name), text).unwrap();
    }
    fs::write(office.path().join("card.md"), super::NOTE.replace("type: notice", "type: trap")).unwrap();
    fs::write(office.path().join("guests.csv"), "name,place\nAnn,Hall\nBo,Hall\nTrap,Hall\nCem,Yard\n").unwrap();
    let (code, lines, said) = batch(office.path(), &["--merge", "cards.pdf"]);
    assert_eq!(code, 1, "{said}");
    assert_eq!(rows(&lines)[2]["problem"]["code"], "over-time", "{said}");
    assert_eq!(bookmarks(&office.path().join("cards.pdf")), ["Ann", "Bo", "Cem"]);
}

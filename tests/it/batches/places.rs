//! Where results may stand: over nothing that is read, and nowhere among what the program keeps.

use std::fs;

use super::{batch, guests, lies_in, office, rows};
use crate::cli::chancery;

#[test]
fn nothing_is_written_over_that_is_read_or_kept() {
    let office = office();
    guests(office.path(), 2);
    assert_eq!(batch(office.path(), &["--file"]).0, 0);
    fs::write(office.path().join("real.csv"), "id,name,place\n1,Ann,Hall\n").unwrap();
    std::os::unix::fs::symlink("guests.csv", office.path().join("link.csv")).unwrap();
    let before = |folder: &str| lies_in(&office.path().join(folder));
    let stood: Vec<_> = ["", "inbox", "archive", "templates"].map(before).into();
    for options in [
        &["--merge", "guests.csv"][..],
        &["--zip", "chancery.toml"],
        &["--merge", "card.md"],
        &["--report", "guests.csv"],
        &["--report", "link.csv"],
        &["--file", "--report", "./inbox/../guests.csv"],
        &["--report", "archive/register/2026.jsonl"],
        &["--merge", "archive/2026/new/letters.pdf"],
        &["--zip", "inbox/letters.zip"],
        &["-o", "archive"],
        &["-o", "templates/mine"],
        &["-o", ".chancery/cache"],
        &["-o", "guests.csv"],
        // By ways that are not there yet.
        &["--merge", "new/../archive/letters.pdf"],
        &["--report", "new/../guests.csv"],
    ] {
        let (code, lines, said) = batch(office.path(), options);
        assert!(code == 2 && lines.is_empty() && said.contains('→'), "{options:?}: {said}");
    }
    chancery(office.path()).args(["render", "card.md", "-o", "archive/x.pdf"]).assert().code(2);
    chancery(office.path()).args(["render", "card.md", "-o", "card.md"]).assert().code(2);
    fs::write(office.path().join("inbox/late.md"), super::NOTE).unwrap();
    chancery(office.path()).args(["render", "inbox/late.md"]).assert().code(2);
    fs::remove_file(office.path().join("inbox/late.md")).unwrap();
    // From outside, where no office is.
    let (above, name) = (office.path().parent().unwrap(), office.path().file_name().unwrap().to_string_lossy());
    let [note, rows, archive] = ["card.md", "guests.csv", "archive"].map(|file| format!("{name}/{file}"));
    chancery(above).args(["batch", &note, "--rows", &rows, "-o", &archive]).assert().code(2);
    assert_eq!(["", "inbox", "archive", "templates"].map(before).to_vec(), stood);
    chancery(office.path()).arg("verify").assert().code(0);
}

/// The note's own attachment has the name that the PDF would have.
#[test]
fn a_pdf_is_not_written_over_a_file_that_its_note_owns() {
    let office = office();
    fs::write(office.path().join("plan.pdf"), "%PDF of somebody").unwrap();
    let note = "---\ntype: notice\ndate: 2026-11-20\ntitle: plan\nattachments: plan.pdf\n---\nCome.\n";
    fs::write(office.path().join("plan.md"), note).unwrap();
    fs::write(office.path().join("card.md"), note).unwrap();
    fs::write(office.path().join("guests.csv"), "name\nAnn\n").unwrap();
    chancery(office.path()).args(["render", "plan.md"]).assert().code(0);
    let (_, lines, said) = batch(office.path(), &["-o", "."]);
    assert_eq!(rows(&lines)[0]["pdf"], "plan (2).pdf", "{said}");
    assert_eq!(fs::read(office.path().join("plan.pdf")).unwrap(), b"%PDF of somebody");
    assert!(office.path().join("plan (2).pdf").is_file());
    for output in ["./plan.pdf", "inbox/../plan.pdf"] {
        fs::remove_file(office.path().join("plan (2).pdf")).unwrap();
        chancery(office.path()).args(["render", "plan.md", "-o", output]).assert().code(0);
        assert_eq!(fs::read(office.path().join("plan.pdf")).unwrap(), b"%PDF of somebody", "{output}");
        assert!(office.path().join("plan (2).pdf").is_file(), "{output}");
    }
}

#[test]
fn where_no_row_can_be_made_it_is_not_said_that_they_lie_somewhere() {
    let office = office();
    fs::write(office.path().join("guests.csv"), "name,place\nAnn,\n").unwrap();
    let (code, lines, said) = batch(office.path(), &["-o", "cards"]);
    assert!(code == 1 && said.contains("Nothing was written to cards/") && !office.path().join("cards").exists(), "{said}");
    assert_eq!((&lines.last().unwrap()["rows"], lines.last().unwrap().get("stopped")), (&1.into(), None));
}

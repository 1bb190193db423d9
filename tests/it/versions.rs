//! Which drop is a version of what is filed, and which is a record of its own; approvals and corrections by hand.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::cli::{chancery, json_lines};

/// An office in a folder of its own, with the built-in fonts only.
pub struct Office(tempfile::TempDir);

impl Office {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("inbox")).unwrap();
        fs::write(folder.path().join("chancery.toml"), "[fonts]\nfolders = []\n").unwrap();
        Self(folder)
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Runs a command with `--json`: its exit code and its lines.
    pub fn run(&self, arguments: &[&str]) -> (i32, Vec<Value>, String) {
        let now = ["--json", "--now", "2026-11-24T09:00:00+08:00"];
        let assert = chancery(self.path()).args(now).args(arguments).assert();
        let output = assert.get_output();
        (output.status.code().unwrap(), json_lines(&output.stdout), String::from_utf8_lossy(&output.stderr).into_owned())
    }

    /// Runs a command that files one record, and gives its line.
    #[track_caller]
    pub fn filed(&self, arguments: &[&str]) -> Value {
        let (code, lines, said) = self.run(arguments);
        assert_eq!(code, 0, "{said}");
        lines.into_iter().find(|line| line["status"] == "filed").unwrap_or_else(|| panic!("nothing was filed: {said}"))
    }

    /// Runs a command that is refused, and gives what it said.
    #[track_caller]
    pub fn refused(&self, arguments: &[&str]) -> String {
        let before = self.register();
        let (code, _, said) = self.run(arguments);
        assert!(code > 0 && code < 3, "{code}: {said}");
        assert_eq!(self.register(), before, "nothing has changed");
        said
    }

    pub fn register(&self) -> String {
        fs::read_to_string(self.path().join("archive/register/2026.jsonl")).unwrap_or_default()
    }

    /// The words of a record's PDF.
    pub fn words(&self, line: &Value) -> String {
        let pdf = self.path().join(line["pdf"].as_str().unwrap());
        let output = std::process::Command::new("pdftotext").arg(pdf).arg("-").output().expect("pdftotext (poppler-utils) is installed");
        String::from_utf8(output.stdout).unwrap()
    }
}

pub const MINUTES: &str = "---\ntype: minutes\ncommittee: Building Committee\ndate: 2026-11-23\n---\n# Site meeting\n\n\
    Present: Amelia Ford, Zhang Wei\n\n## Roof\n\nThe roof leaks.\n\n## Gate\n\nThe gate is shut at eight.\n";

fn resembles(line: &Value) -> Option<String> {
    let warnings = line["warnings"].as_array().unwrap();
    let found = warnings.iter().find(|warning| warning["code"] == "resembles")?;
    Some(found["message"].as_str().unwrap().to_owned())
}

#[test]
fn a_corrected_note_is_the_next_version_and_a_rewritten_or_renamed_one_a_record() {
    let office = Office::new();
    office.write("note.md", MINUTES);
    let first = office.filed(&["file", "note.md"]);
    assert_eq!(resembles(&first), None);

    office.write("note.md", &MINUTES.replace("leaks", "leaks badly"));
    let second = office.filed(&["file", "note.md"]);
    assert_eq!((&second["id"], &second["number"], second["version"].as_u64()), (&first["id"], &first["number"], Some(2)));
    assert!(second["pdf"].as_str().unwrap().ends_with(" v2.pdf"));
    assert!(office.path().join(first["pdf"].as_str().unwrap()).exists(), "the old version is kept");
    assert_eq!(resembles(&second), None);

    let rewritten: String = MINUTES
        .lines()
        .take(6)
        .chain(["Nobody came.", "So it was put off.", "To Monday.", "At ten.", "In the hall.", "With tea."])
        .map(|line| format!("{line}\n"))
        .collect();
    office.write(
        "note.md",
        &rewritten.replace("committee: Building Committee\n", "committee: Building Committee\nplace: Board Room\nchair: Li Na\n"),
    );
    let third = office.filed(&["file", "note.md"]);
    assert_eq!((third["version"].as_u64(), third["number"].as_str()), (Some(1), Some("MIN-2026-002")));
    let said = resembles(&third).unwrap();
    let command = format!("chancery refile {} --version-of {} --reason", third["id"].as_str().unwrap(), first["id"].as_str().unwrap());
    assert!(said.contains(&command) && said.contains("MIN-2026-001") && said.contains("less than half"), "{said}");

    office.write("renamed.md", &MINUTES.replace("leaks", "leaks no more"));
    let renamed = office.filed(&["file", "renamed.md"]);
    assert_eq!(renamed["version"].as_u64(), Some(1));
    assert!(resembles(&renamed).unwrap().contains("a file named note.md"));
}

#[test]
fn two_committees_of_one_day_have_minutes_of_their_own() {
    let office = Office::new();
    office.write("note.md", MINUTES);
    let first = office.filed(&["file", "note.md"]);
    office.write("note.md", &MINUTES.replace("Building Committee", "Safety Committee"));
    let second = office.filed(&["file", "note.md"]);
    assert_ne!(first["id"], second["id"]);
    assert_eq!((second["version"].as_u64(), resembles(&second)), (Some(1), None));
    // A correction of either finds its own.
    for (committee, id) in [("Building Committee", &first["id"]), ("Safety Committee", &second["id"])] {
        office.write("note.md", &MINUTES.replace("Building Committee", committee).replace("eight", "nine"));
        let next = office.filed(&["file", "note.md"]);
        assert_eq!((&next["id"], next["version"].as_u64()), (id, Some(2)));
    }
}

#[test]
fn a_committee_that_only_the_text_names_counts_as_well() {
    for head in ["Committee: Finance Committee", "## Finance Committee"] {
        let office = Office::new();
        let text = MINUTES.replace("committee: Building Committee\n", "").replace("# Site meeting", &format!("# Meeting\n\n{head}"));
        office.write("note.md", &text);
        let first = office.filed(&["file", "note.md"]);
        office.write("note.md", &text.replace("Finance", "Garden"));
        assert_ne!(office.filed(&["file", "note.md"])["id"], first["id"], "{head}");
        office.write("note.md", &text.replace("eight", "nine"));
        assert_eq!(office.filed(&["file", "note.md"])["id"], first["id"], "{head}");
    }
}

#[test]
fn a_source_that_stands_beside_its_pdf_is_compared_too() {
    let office = Office::new();
    office.write("chancery.toml", "[fonts]\nfolders = []\n[archive]\nattach = \"none\"\n");
    office.write("note.md", MINUTES);
    let first = office.filed(&["file", "note.md"]);
    office.write("note.md", &MINUTES.replace("leaks", "leaks badly"));
    assert_eq!(office.filed(&["file", "note.md"])["version"].as_u64(), Some(2));
    // What somebody changed in the archive is no text to compare with.
    let (code, lines, _) = office.run(&["show", first["id"].as_str().unwrap()]);
    assert_eq!(code, 0);
    let source = lines[0]["files"].as_array().unwrap().iter().find(|file| file["role"] == "source").unwrap();
    fs::write(office.path().join(source["path"].as_str().unwrap()), "changed").unwrap();
    office.write("note.md", &MINUTES.replace("leaks", "leaks no more"));
    assert_eq!(office.filed(&["file", "note.md"])["version"].as_u64(), Some(1));
}

#[test]
fn an_approval_makes_the_next_version_without_the_mark_of_a_draft() {
    let office = Office::new();
    office.write("note.md", MINUTES);
    let first = office.filed(&["file", "note.md"]);
    assert!(office.words(&first).to_lowercase().contains("draft"));
    let approved = office.filed(&["approve", "MIN-2026-001", "--by", "Zhang Wei", "--on", "2026-12-21"]);
    assert_eq!((&approved["id"], &approved["number"], approved["version"].as_u64()), (&first["id"], &first["number"], Some(2)));
    let words = office.words(&approved);
    assert!(!words.to_lowercase().contains("draft"), "{words}");
    assert!(words.contains("Approved, 21 December 2026") && words.contains("Approved by") && words.contains("Zhang Wei"), "{words}");
    let filed = office.register().lines().last().unwrap().to_owned();
    assert!(filed.contains(r#""status":"approved","by":"Zhang Wei","on":"2026-12-21""#), "{filed}");

    let said = office.refused(&["approve", "MIN-2026-001", "--by", "Li Na", "--on", "2026-12-22"]);
    assert!(said.contains("was approved by Zhang Wei on 2026-12-21 already"), "{said}");
    let superseded = format!("{}@1", first["id"].as_str().unwrap());
    assert!(office.refused(&["approve", &superseded, "--by", "Li Na", "--on", "2026-12-22"]).contains("replaced by a later one"));
    assert!(office.refused(&["approve", "MIN-2026-009", "--by", "Li Na", "--on", "2026-12-22"]).contains("chancery list"));
    office.write("note.md", MINUTES);
    let (code, lines, _) = office.run(&["file", "note.md"]);
    assert_eq!((code, lines[0]["status"].as_str(), lines[0]["version"].as_u64()), (0, Some("duplicate"), Some(2)));

    let (_, lines, _) = office.run(&["show", "MIN-2026-001"]);
    assert_eq!((lines[0]["state"].as_str(), lines[0]["by"].as_str()), (Some("approved"), Some("Zhang Wei")));
    let shown = chancery(office.path()).args(["show", "MIN-2026-001"]).assert().code(0);
    let shown = String::from_utf8_lossy(&shown.get_output().stdout).into_owned();
    assert!(shown.contains("version 2 filed as MIN-2026-001, approved by Zhang Wei on 2026-12-21"), "{shown}");
}

#[test]
fn what_is_approved_is_changed_only_with_a_reason() {
    let office = Office::new();
    office.write("note.md", MINUTES);
    office.filed(&["file", "note.md"]);
    let early = office.refused(&["approve", "MIN-2026-001", "--by", "Zhang Wei", "--on", "2026-11-22"]);
    assert!(early.contains("is of 2026-11-23"), "{early}");
    office.filed(&["approve", "MIN-2026-001", "--by", "Zhang Wei", "--on", "2026-11-24"]);
    let corrected = MINUTES.replace("leaks", "leaks badly");
    office.write("note.md", &corrected);
    let said = office.refused(&["file", "note.md"]);
    assert!(said.contains("is approved by Zhang Wei on 2026-11-24") && said.contains("chancery file note.md --reason"), "{said}");
    assert!(office.refused(&["file", "note.md", "--again"]).contains("--reason"));

    office.write("inbox/note.md", &corrected);
    let said = office.refused(&["watch", "--once"]);
    assert!(said.contains("chancery answer inbox/note.md --reason"), "{said}");
    assert!(office.path().join("inbox/note.md.problem.txt").exists());
    let answered = office.filed(&["answer", "inbox/note.md", "--reason", "A word was missing"]);
    assert_eq!(answered["version"].as_u64(), Some(3));
    assert!(!office.path().join("inbox/note.md").exists());
    assert!(office.register().contains(r#""reason":"A word was missing""#));
    // It is a draft again, so it can be changed and approved as before.
    assert!(office.words(&answered).to_lowercase().contains("draft"));
    office.write("note.md", &MINUTES.replace("leaks", "leaks a little"));
    assert_eq!(office.filed(&["file", "note.md"])["version"].as_u64(), Some(4));
    office.filed(&["approve", "MIN-2026-001", "--by", "Zhang Wei", "--on", "2026-11-25"]);
    office.write("note.md", &MINUTES.replace("leaks", "leaks much"));
    assert_eq!(office.filed(&["file", "note.md", "--reason", "It leaks much"])["version"].as_u64(), Some(6));
}

#[test]
fn every_type_can_be_approved_and_prints_it_once() {
    for (name, text, words) in [
        (
            "notice",
            "---\ntype: notice\ndate: 2026-11-20\n---\n# Gate\n\nThe gate is shut at eight.\n",
            "Approved: Zhang Wei, 24 November 2026",
        ),
        ("document", "---\ntype: document\ndate: 2026-11-20\n---\n# Rules\n\nBe on time.\n", "Approved: Zhang Wei, 24 November 2026"),
        ("speech", "---\ntype: speech\ndate: 2026-11-20\n---\n# Opening\n\nWelcome to you all.\n", "Approved: Zhang Wei, 24 November 2026"),
        (
            "summary",
            "---\ntype: annual-summary\ndate: 2026-11-20\nyear: 2026\n---\n# The year 2026\n\nIt went well.\n",
            "Approved: Zhang Wei, 24 November 2026",
        ),
        ("纪要", "---\ntype: minutes\ndate: 2026-11-20\n---\n# 会议纪要\n\n出席：张伟\n\n会议决定修理屋顶。\n", "已审定"),
        (
            "通知",
            "---\ntype: notice\ndate: 2026-11-20\n---\n# 关于关门的通知\n\n大门每晚八点关闭。\n",
            "已审定：Zhang Wei，2026 年 11 月 24 日",
        ),
    ] {
        let office = Office::new();
        office.write(&format!("{name}.md"), text);
        let first = office.filed(&["file", &format!("{name}.md")]);
        assert!(!office.words(&first).contains("Zhang Wei"), "{name}");
        let approved = office.filed(&["approve", first["id"].as_str().unwrap(), "--by", "Zhang Wei", "--on", "2026-11-24"]);
        let printed = office.words(&approved).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(printed.contains(words), "{name}: {printed}");
        assert_eq!(printed.matches("Zhang Wei").count(), 1, "{name}: {printed}");
        let pdf = fs::read(office.path().join(approved["pdf"].as_str().unwrap())).unwrap();
        let attached = chancery::filing::attached::files(&pdf).unwrap();
        let record = attached.iter().find(|file| file.name == "record.json").unwrap();
        let record: Value = serde_json::from_slice(&record.bytes).unwrap();
        assert_eq!(
            (record["status"].as_str(), record["by"].as_str(), record["on"].as_str()),
            (Some("approved"), Some("Zhang Wei"), Some("2026-11-24"))
        );
    }
}

#[test]
fn a_broken_template_leaves_everything_as_it_was() {
    let office = Office::new();
    office.write("note.md", MINUTES);
    let first = office.filed(&["file", "note.md"]);
    chancery(office.path()).args(["types", "minutes", "--eject"]).assert().code(0);
    office.write("templates/minutes/words.md", "{{ no such thing");
    let (code, lines, said) = office.run(&["approve", "MIN-2026-001", "--by", "Zhang Wei", "--on", "2026-11-24"]);
    assert_eq!((code, lines[0]["status"].as_str()), (1, Some("attention")), "{said}");
    assert!(said.contains("templates/minutes/words.md"), "{said}");
    let (_, lines, _) = office.run(&["show", "MIN-2026-001"]);
    assert_eq!((lines[0]["version"].as_u64(), &lines[0]["pdf"]), (Some(1), &first["pdf"]));
}

#[test]
fn refiling_moves_a_record_and_tells_why() {
    let office = Office::new();
    office.write("note.md", MINUTES);
    let first = office.filed(&["file", "note.md"]);
    let id = first["id"].as_str().unwrap();
    let titled = office.filed(&["refile", id, "--title", "Meeting on the roof", "--reason", "The title was wrong"]);
    assert_eq!((titled["id"].as_str(), titled["version"].as_u64(), &titled["number"]), (Some(id), Some(2), &first["number"]));
    assert_eq!(titled["pdf"], "archive/2026/11/minutes/2026-11-23 Meeting on the roof v2.pdf");
    let words = office.words(&titled);
    assert!(words.contains("Meeting on the roof") && !words.contains("Site meeting"), "{words}");

    // Another series: a number of its own, and the old one is explained.
    let moved = office.filed(&["refile", id, "--type", "notice", "--reason", "It is a notice"]);
    assert_eq!((moved["id"].as_str(), moved["version"].as_u64(), moved["type"].as_str()), (Some(id), Some(3), Some("notice")));
    assert_eq!(moved["title"], "Meeting on the roof", "a title given by hand stays");
    assert_ne!(moved["number"], first["number"]);
    let void = office.register().lines().last().unwrap().to_owned();
    assert!(void.contains(r#""event":"void""#) && void.contains(r#""number":"MIN-2026-001""#) && void.contains("It is a notice"), "{void}");
    // Another year: the same.
    let earlier = office.filed(&["refile", id, "--type", "minutes", "--date", "2025-12-30", "--reason", "It was last year"]);
    assert_eq!((earlier["number"].as_str(), earlier["date"].as_str()), (Some("MIN-2025-001"), Some("2025-12-30")));
    office.write("other.md", "---\ntype: minutes\ndate: 2026-11-22\n---\n# Another\n\nNothing happened.\n");
    assert_eq!(office.filed(&["file", "other.md"])["number"], "MIN-2026-002", "a number that was given up is not given again");
    let (code, numbers, _) = office.run(&["numbers", "minutes", "--year", "2026"]);
    let state = |index: usize| (numbers[index]["number"].as_str(), numbers[index]["state"].as_str());
    assert_eq!((code, state(0), state(1)), (0, (Some("MIN-2026-001"), Some("void")), (Some("MIN-2026-002"), Some("filed"))));
    assert!(numbers[0]["reason"].as_str().unwrap().contains("It is a notice"), "{}", numbers[0]);
    let shown = chancery(office.path()).args(["show", id]).assert().code(0);
    let shown = String::from_utf8_lossy(&shown.get_output().stdout).into_owned();
    for words in ["reason    It was last year", "version 2 filed as MIN-2026-001 (The title was wrong)", "MIN-2026-001 is void"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
}

#[test]
fn an_approval_stays_when_a_record_is_refiled_and_needs_a_reason() {
    let office = Office::new();
    office.write("note.md", MINUTES);
    office.filed(&["file", "note.md"]);
    office.filed(&["approve", "MIN-2026-001", "--by", "Zhang Wei", "--on", "2026-11-24"]);
    office.refused(&["refile", "MIN-2026-001", "--title", "Roof"]);
    office.refused(&["refile", "MIN-2026-001", "--title", "Roof", "--reason", " "]);
    office.refused(&["refile", "MIN-2026-001", "--reason", "Nothing is to be different"]);
    let refiled = office.filed(&["refile", "MIN-2026-001", "--title", "Roof", "--reason", "Too long"]);
    assert!(office.words(&refiled).contains("Approved, 24 November 2026"));
    assert!(
        office.register().lines().last().unwrap().contains(r#""status":"approved","by":"Zhang Wei","on":"2026-11-24","reason":"Too long""#)
    );
}

#[test]
fn a_record_becomes_the_next_version_of_another() {
    let office = Office::new();
    office.write("note.md", MINUTES);
    let first = office.filed(&["file", "note.md"]);
    office.write("better.md", &MINUTES.replace("leaks", "leaks badly"));
    let other = office.filed(&["file", "better.md"]);
    assert_eq!(other["number"], "MIN-2026-002");
    let joined = office.filed(&["refile", "MIN-2026-002", "--version-of", "MIN-2026-001", "--reason", "The same meeting"]);
    assert_eq!((&joined["id"], joined["version"].as_u64(), &joined["number"]), (&first["id"], Some(2), &first["number"]));
    assert!(office.words(&joined).contains("leaks badly"));
    let (_, lines, _) = office.run(&["list"]);
    assert_eq!(lines.iter().map(|line| &line["id"]).collect::<Vec<_>>(), [&first["id"]]);
    let said = office.refused(&["refile", "MIN-2026-002", "--title", "x", "--reason", "y"]);
    assert!(said.contains("no record") || said.contains("does not stand"), "{said}");
    let said = office.refused(&["refile", "MIN-2026-001", "--version-of", "MIN-2026-001", "--reason", "y"]);
    assert!(said.contains("of itself"), "{said}");
    // Both texts are known: neither is filed again.
    for name in ["note.md", "better.md"] {
        let (code, lines, _) = office.run(&["file", name]);
        assert_eq!((code, lines[0]["status"].as_str()), (0, Some("duplicate")), "{name}");
    }
    office.write("third.md", "---\ntype: minutes\ndate: 2026-11-22\n---\n# Another\n\nNothing happened.\n");
    assert_eq!(office.filed(&["file", "third.md"])["number"], "MIN-2026-003");
}

#[test]
fn parts_keep_their_identity() {
    let office = Office::new();
    office.write("rows.csv", "id,name\nann,Ann\nbob,Bob\n");
    office.write("note.md", "---\ntype: notice\ndate: 2026-11-20\nrows: rows.csv\n---\n# Come\n\nDear {{ row.name }}, come at six.\n");
    let (code, lines, said) = office.run(&["file", "note.md"]);
    assert_eq!(code, 0, "{said}");
    let ann = lines.iter().find(|line| line["part"] == "ann").unwrap().clone();
    office.write("rows.csv", "id,name\nann,Anna\nbob,Bob\n");
    let (_, lines, _) = office.run(&["file", "note.md"]);
    let next = lines.iter().find(|line| line["part"] == "ann").unwrap();
    assert_eq!((&next["id"], next["version"].as_u64(), &next["number"]), (&ann["id"], Some(2), &ann["number"]));
    assert!(lines.iter().all(|line| line["warnings"].as_array().unwrap().is_empty()));
    // A row and a recipient are made anew out of their own source alone.
    let approved = office.filed(&["approve", ann["id"].as_str().unwrap(), "--by", "Li Na", "--on", "2026-11-24"]);
    assert_eq!((approved["part"].as_str(), approved["version"].as_u64()), (Some("ann"), Some(3)));
    assert!(office.words(&approved).contains("Dear Anna"));
    office.write("to.md", "---\ntype: notice\ndate: 2026-11-20\nrecipients: [Tom Becker, Chen Jie]\n---\n# Gate\n\nIt is shut.\n");
    let (_, lines, _) = office.run(&["file", "to.md"]);
    let second = lines.iter().find(|line| line["part"] == "2").unwrap();
    let refiled = office.filed(&["refile", second["id"].as_str().unwrap(), "--title", "The gate", "--reason", "Clearer"]);
    assert_eq!((refiled["part"].as_str(), refiled["version"].as_u64(), &refiled["id"]), (Some("2"), Some(2), &second["id"]));
    assert!(office.words(&refiled).contains("Chen Jie") && !office.words(&refiled).contains("Tom Becker"));
}

#[test]
fn what_a_note_owns_is_found_again_whatever_its_name() {
    let office = Office::new();
    let picture = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/document/examples/visit-with-photo/harbour.jpg");
    let picture = fs::read(picture).unwrap();
    for attach in ["full", "record", "none"] {
        office.write("chancery.toml", &format!("[fonts]\nfolders = []\n[archive]\nattach = \"{attach}\"\n"));
        fs::create_dir_all(office.path().join("img")).unwrap();
        fs::write(office.path().join("img/the roof.jpg"), &picture).unwrap();
        office.write(
            "note.md",
            &format!("---\ntype: document\ndate: 2026-11-20\n---\n# Visit {attach}\n\n![Roof](<img/the roof.jpg>)\n\nIt was so.\n"),
        );
        let first = office.filed(&["file", "note.md"]);
        let refiled =
            office.filed(&["refile", first["id"].as_str().unwrap(), "--title", &format!("A visit {attach}"), "--reason", "Clearer"]);
        let pdf = |line: &Value| fs::metadata(office.path().join(line["pdf"].as_str().unwrap())).unwrap().len();
        assert!(pdf(&refiled) > picture.len() as u64 / 2, "{attach}: the picture is in it");
        assert_eq!(refiled["version"].as_u64(), Some(2));
    }
}

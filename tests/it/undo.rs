//! `undo`: the last filing is taken back, its note lies in the inbox again, and nothing else has changed.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::cli::{chancery, json_lines};
use crate::versions::{MINUTES, Office};

impl Office {
    #[track_caller]
    fn undone(&self, arguments: &[&str]) -> Vec<Value> {
        let (code, lines, said) = self.run(&[&["undo"], arguments].concat());
        assert_eq!(code, 0, "{said}");
        assert!(lines.iter().all(|line| line["status"] == "undone"), "{lines:?}");
        let (code, findings, said) = self.run(&["verify"]);
        assert_eq!(code, 0, "{findings:?} {said}");
        assert_eq!(self.run(&["numbers"]).0, 0);
        lines
    }

    fn has(&self, name: &str) -> bool {
        self.path().join(name).exists()
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).unwrap()
    }
}

#[test]
fn the_last_filing_goes_back_where_it_came_from() {
    let office = Office::new();
    office.write("inbox/minutes/note.md", MINUTES);
    let first = office.filed(&["watch", "--once"]);
    let undone = office.undone(&[]);
    assert_eq!(
        (&undone[0]["id"], &undone[0]["number"], undone[0]["returned"][0].as_str()),
        (&first["id"], &first["number"], Some("inbox/minutes/note.md"))
    );
    assert_eq!(office.read("inbox/minutes/note.md"), MINUTES);
    let pdf = first["pdf"].as_str().unwrap();
    assert!(!office.has(pdf) && office.has(&pdf.replace("archive/", "archive/undone/")));
    assert_eq!(office.run(&["list"]).1, Vec::<Value>::new());
    let shown = chancery(office.path()).args(["show", first["id"].as_str().unwrap()]).assert().code(0);
    let shown = String::from_utf8_lossy(&shown.get_output().stdout).into_owned();
    assert!(shown.contains("does not stand any more: undone") && shown.contains("its number is free again"), "{shown}");
    // The number may be on paper somewhere: it still tells what became of it, in capitals or not.
    for number in [first["number"].as_str().unwrap().to_owned(), first["number"].as_str().unwrap().to_lowercase()] {
        let shown = chancery(office.path()).args(["show", &number]).assert().code(0);
        assert!(String::from_utf8_lossy(&shown.get_output().stdout).contains("undone"), "{number}");
    }
    // What somebody starts on purpose files it again, under the number that was given back.
    let again = office.filed(&["watch", "--once"]);
    assert_eq!((&again["id"], &again["number"], again["version"].as_u64()), (&first["id"], &first["number"], Some(2)));
    assert!(!office.has("inbox/minutes/note.md"));
    assert_eq!(office.undone(&[])[0]["stands"], Value::Null);
}

#[test]
fn nothing_in_the_inbox_is_overwritten_and_files_from_elsewhere_come_too() {
    let office = Office::new();
    fs::create_dir_all(office.path().join("img")).unwrap();
    fs::write(office.path().join("img/a.csv"), "a,b\n1,2\n").unwrap();
    let text = "---\ntype: document\ndate: 2026-11-20\nattachments: [img/a.csv]\n---\n# Plan\n\nAs attached.\n";
    office.write("plan.md", text);
    office.write("inbox/plan.md", "---\ndraft: true\n---\nanother plan");
    office.filed(&["file", "plan.md"]);
    let undone = office.undone(&[]);
    assert_eq!(undone[0]["returned"], serde_json::json!(["inbox/plan/plan.md", "inbox/plan/img/a.csv"]));
    assert_eq!((office.read("inbox/plan/plan.md"), office.read("inbox/plan/img/a.csv")), (text.to_owned(), "a,b\n1,2\n".to_owned()));
    assert!(office.read("inbox/plan.md").contains("another plan"));
    assert_eq!(office.filed(&["watch", "--once"])["title"], "Plan");
    assert!(!office.has("inbox/plan"));
}

#[test]
fn the_version_before_stands_again() {
    let office = Office::new();
    office.write("note.md", MINUTES);
    let first = office.filed(&["file", "note.md"]);
    let corrected = MINUTES.replace("leaks", "leaks badly");
    office.write("note.md", &corrected);
    office.filed(&["file", "note.md"]);
    let undone = office.undone(&[]);
    assert_eq!((undone[0]["version"].as_u64(), undone[0]["stands"].as_u64()), (Some(2), Some(1)));
    assert_eq!(office.read("inbox/note.md"), corrected);
    let (_, lines, _) = office.run(&["list"]);
    assert_eq!((lines.len(), &lines[0]["pdf"], lines[0]["version"].as_u64()), (1, &first["pdf"], Some(1)));
    // Filed once more it is the next version of the same record; the number was its all the time.
    let again = office.filed(&["watch", "--once"]);
    assert_eq!((&again["id"], &again["number"], again["version"].as_u64()), (&first["id"], &first["number"], Some(3)));

    // An approval or a correction by hand has the source of the version before it: nothing goes into the inbox.
    office.filed(&["approve", "MIN-2026-001", "--by", "Zhang Wei", "--on", "2026-11-24"]);
    let undone = office.undone(&[]);
    assert_eq!((undone[0]["returned"].as_array().map(Vec::len), undone[0]["stands"].as_u64()), (Some(0), Some(3)));
    assert!(!office.has("inbox/note.md"));
    office.filed(&["refile", "MIN-2026-001", "--type", "notice", "--reason", "No minutes"]);
    office.undone(&["MIN-2026-001"]);
    let (_, lines, _) = office.run(&["show", "MIN-2026-001"]);
    assert_eq!((lines[0]["version"].as_u64(), lines[0]["type"].as_str()), (Some(3), Some("minutes")));
    let (_, numbers, _) = office.run(&["numbers", "minutes"]);
    assert_eq!((numbers[0]["number"].as_str(), numbers[0]["state"].as_str()), (Some("MIN-2026-001"), Some("filed")));
}

#[test]
fn an_older_record_is_named_and_its_number_stays_void() {
    let office = Office::new();
    for name in ["a", "b"] {
        office.write(&format!("{name}.md"), &MINUTES.replace("Site meeting", &format!("Meeting {name}")));
        office.filed(&["file", &format!("{name}.md")]);
    }
    office.undone(&["MIN-2026-001"]);
    let (_, numbers, _) = office.run(&["numbers"]);
    assert_eq!(
        (numbers[0]["state"].as_str(), numbers[0]["reason"].as_str(), numbers[1]["state"].as_str()),
        (Some("void"), Some("undone"), Some("filed"))
    );
    assert_eq!(office.filed(&["file", "a.md"])["number"], "MIN-2026-003");
    assert!(office.refused(&["undo", "MIN-2026-009"]).contains("chancery list"));
    for _ in 0..2 {
        office.undone(&[]);
    }
    assert!(office.refused(&["undo"]).contains("no record stands"));
}

#[test]
fn records_of_one_note_go_back_together_and_rows_one_by_one() {
    let office = Office::new();
    office.write("inbox/to.md", "---\ntype: notice\ndate: 2026-11-20\nrecipients: [Tom Becker, Chen Jie]\n---\n# Gate\n\nIt is shut.\n");
    assert_eq!(office.run(&["watch", "--once"]).0, 0);
    let undone = office.undone(&[]);
    assert_eq!(undone.len(), 2);
    assert!(office.has("inbox/to.md"));
    let (code, lines, _) = office.run(&["watch", "--once"]);
    let numbers: Vec<&str> = lines.iter().filter(|line| line["part"].is_string()).map(|line| line["number"].as_str().unwrap()).collect();
    assert_eq!((code, numbers), (0, vec!["NOT-2026-001", "NOT-2026-002"]));

    office.write("rows.csv", "id,name\nann,Ann\nbob,Bob\n");
    office.write("come.md", "---\ntype: notice\ndate: 2026-11-21\n---\n# Come\n\nDear {{ row.name }}, come at six.\n");
    let (code, lines, said) = office.run(&["batch", "come.md", "--rows", "rows.csv", "--file"]);
    assert_eq!(code, 0, "{said}");
    let bob = lines.iter().find(|line| line["part"] == "bob").unwrap();
    let said = office.refused(&["undo"]);
    assert!(said.contains("is a row of a table") && said.contains(&format!("chancery undo {}", bob["id"].as_str().unwrap())), "{said}");
    let undone = office.undone(&[bob["id"].as_str().unwrap()]);
    assert_eq!(undone[0]["returned"], serde_json::json!(["inbox/_come bob.md", "inbox/_come bob row.jsonl"]));
    assert_eq!(office.run(&["watch", "--once"]).1.iter().filter(|line| line["status"] == "filed").count(), 0, "it is put aside");
    let (code, lines, said) = office.run(&["batch", "inbox/_come bob.md", "--rows", "inbox/_come bob row.jsonl", "--file"]);
    assert_eq!((code, lines[0]["part"].as_str(), &lines[0]["number"]), (0, Some("bob"), &bob["number"]), "{said}");
}

#[test]
fn what_is_held_by_others_is_refused() {
    let office = Office::new();
    office.write("note.md", MINUTES);
    let first = office.filed(&["file", "note.md"]);
    let pdf = office.path().join(first["pdf"].as_str().unwrap());
    let bytes = fs::read(&pdf).unwrap();
    fs::write(&pdf, "changed").unwrap();
    assert!(office.refused(&["undo"]).contains("its bytes were changed"));
    fs::write(&pdf, bytes).unwrap();
    office.undone(&[]);
    assert!(office.refused(&["undo", first["id"].as_str().unwrap()]).contains("does not stand any more: undone"));
}

fn wait_until(what: &str, done: impl Fn() -> bool) {
    let started = Instant::now();
    while !done() {
        assert!(started.elapsed() < Duration::from_secs(30), "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_running_watcher_leaves_it_alone_until_somebody_says_again() {
    let office = Office::new();
    office.write("chancery.toml", "[fonts]\nfolders = []\n[inbox]\nsettle = 0.1\n");
    struct Running(std::process::Child);
    impl Drop for Running {
        fn drop(&mut self) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_chancery"));
    command.current_dir(office.path()).args(["-q", "watch"]).stdout(Stdio::null()).stderr(Stdio::null());
    let _watcher = Running(command.spawn().unwrap());
    let gone = |name: &str| !office.has(&format!("inbox/{name}"));
    office.write("inbox/note.md", MINUTES);
    wait_until("it is filed", || gone("note.md"));
    assert_eq!(office.run(&["list"]).1.len(), 1);
    office.undone(&[]);
    wait_until("it waits", || office.has("inbox/note.md.problem.txt"));
    assert_eq!(office.run(&["list"]).1.len(), 0);
    let note = office.read("inbox/note.md.problem.txt");
    assert!(note.contains("taken back by `chancery undo`") && note.contains("chancery answer inbox/note.md --again"), "{note}");
    let status = chancery(office.path()).args(["--json", "status"]).assert().code(1);
    assert!(!json_lines(&status.get_output().stdout).is_empty());
    assert_eq!(office.run(&["answer", "inbox/note.md", "--again"]).0, 0);
    wait_until("it is filed again", || gone("note.md"));
    assert_eq!(office.run(&["list"]).1.len(), 1);
    // A change files it by itself.
    office.undone(&[]);
    wait_until("it waits again", || office.has("inbox/note.md.problem.txt"));
    office.write("inbox/note.md", &MINUTES.replace("leaks", "leaks badly"));
    wait_until("the changed note is filed", || gone("note.md"));
    assert_eq!(office.run(&["list"]).1[0]["version"].as_u64(), Some(1));
    assert!(Path::new(&office.path().join("archive/undone")).is_dir());
}

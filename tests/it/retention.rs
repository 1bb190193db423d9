//! Retention as an office meets it: what is due, what is held, what is disposed of, and the certificate.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::cli::{chancery, json_lines};

/// An office with a notice of 2019 in two versions, one of this year, minutes, and a document of no kind.
fn office() -> tempfile::TempDir {
    let office = tempfile::tempdir().unwrap();
    fs::create_dir(office.path().join("inbox")).unwrap();
    fs::write(office.path().join("chancery.toml"), "[fonts]\nfolders = []\n").unwrap();
    for (name, kind, date, text) in [
        ("old", "notice", "2019-03-04", "The gate is shut at eight."),
        ("new", "notice", "2026-03-04", "The gate is open."),
        ("board", "minutes", "2001-01-01", "It was resolved to build a gate."),
        ("sketch", "document", "2001-01-01", "A gate."),
    ] {
        file(office.path(), name, &format!("type: {kind}\nid: {name}\ndate: {date}\ntitle: The {name} gate"), text);
    }
    file(office.path(), "old", "type: notice\nid: old\ndate: 2019-03-04\ntitle: The old gate", "The gate is shut at nine.");
    office
}

fn file(office: &Path, name: &str, fields: &str, text: &str) {
    let note = format!("{name}.md");
    fs::write(office.join(&note), format!("---\n{fields}\n---\n{text}\n")).unwrap();
    run(office, &["file", &note], 0);
}

#[track_caller]
fn run(office: &Path, arguments: &[&str], code: i32) -> Vec<Value> {
    let assert = chancery(office).args(["--json", "--now", "2026-11-23T09:00:00Z"]).args(arguments).assert();
    let output = assert.get_output();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    json_lines(&output.stdout)
}

/// What standard error says.
fn said(office: &Path, arguments: &[&str], code: i32) -> String {
    let assert = chancery(office).args(["--now", "2026-11-23T09:00:00Z"]).args(arguments).assert().code(code);
    String::from_utf8_lossy(&assert.get_output().stderr).into_owned()
}

fn due(office: &Path, arguments: &[&str]) -> Vec<(String, String)> {
    let lines = run(office, &[&["due"], arguments].concat(), 0);
    let told = |line: &Value| (line["status"].as_str().unwrap().to_owned(), line["id"].as_str().unwrap_or_default().to_owned());
    lines[..lines.len() - 1].iter().map(told).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(status, id)| ((*status).to_owned(), (*id).to_owned())).collect()
}

#[test]
fn what_is_due_comes_from_the_rules_of_the_types() {
    let office = office();
    assert_eq!(due(office.path(), &[]), pairs(&[("due", "old")]));
    assert_eq!(due(office.path(), &["--on", "2026-03-03"]), []);
    assert_eq!(due(office.path(), &["--on", "2033-03-04"]), pairs(&[("due", "old"), ("due", "new")]));
    let all = pairs(&[("due", "old"), ("no-rule", "sketch"), ("permanent", "board"), ("kept", "new")]);
    assert_eq!(due(office.path(), &["--all"]), all);
    let line = &run(office.path(), &["due"], 0)[0];
    assert_eq!((line["since"].as_str(), line["rule"].as_str()), (Some("2026-03-04"), Some("7 years from the document's date")));
}

#[test]
fn years_count_from_a_field_of_the_document() {
    let office = office();
    let folder = office.path().join("templates/notice");
    fs::create_dir_all(&folder).unwrap();
    let manifest = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/notice/manifest.toml")).unwrap();
    let changed = manifest.replace("[retention]\nyears = 7\n", "[retention]\nyears = 2\nfrom = \"reply_by\"\n");
    assert_ne!(manifest, changed);
    fs::write(folder.join("manifest.toml"), changed).unwrap();
    file(office.path(), "dated", "type: notice\nid: dated\ndate: 2024-01-05\ntitle: Reply\nreply_by: 1 February 2024", "Please reply.");
    let told = due(office.path(), &[]);
    assert!(told.contains(&("due".to_owned(), "dated".to_owned())), "{told:?}");
    assert!(told.contains(&("unknown".to_owned(), "old".to_owned())), "{told:?}");
    assert_eq!(due(office.path(), &["--on", "2026-01-31"]).iter().filter(|line| line.0 == "due").count(), 0);
}

#[test]
fn what_is_held_stays_until_it_is_released() {
    let office = office();
    run(office.path(), &["hold", "NOT-2019-001", "--by", "Amelia Ford", "--reason", "audit"], 0);
    assert_eq!(run(office.path(), &["show", "old"], 0)[0]["held"]["reason"], "audit");
    let line = &run(office.path(), &["due"], 0)[0];
    assert_eq!((line["status"].as_str(), line["held"]["by"].as_str()), (Some("held"), Some("Amelia Ford")));
    let why = said(office.path(), &["dispose", "old", "--by", "Zhang Wei", "--confirm"], 1);
    assert!(why.contains("held by Amelia Ford: audit") && why.contains("chancery release"), "{why}");
    // A version that comes after the hold is held too.
    file(office.path(), "old", "type: notice\nid: old\ndate: 2019-03-04\ntitle: The old gate", "The gate is shut at ten.");
    assert_eq!(due(office.path(), &[]), pairs(&[("held", "old")]));
    assert_eq!(run(office.path(), &["show", "old"], 0)[0]["held"]["reason"], "audit");
    assert_eq!(run(office.path(), &["release", "old", "--by", "Amelia Ford"], 0)[0]["status"], "released");
    assert_eq!(due(office.path(), &[]), pairs(&[("due", "old")]));
    assert!(said(office.path(), &["release", "old", "--by", "Amelia Ford"], 0).is_empty());
}

#[test]
fn what_may_not_go_is_named_and_nothing_goes() {
    let office = office();
    let dispose =
        |ids: &[&str], more: &[&str]| said(office.path(), &[&["dispose"], ids, &["--by", "Zhang Wei", "--confirm"], more].concat(), 1);
    let why = dispose(&["old", "new", "board", "sketch"], &[]);
    for reason in ["has to be kept until 2033-03-04", "kept for ever", "its type has no [retention]"] {
        assert!(why.contains(reason), "{why}");
    }
    assert!(dispose(&["board"], &["--early", "--reason", "no room"]).contains("kept for ever"));
    assert_eq!(due(office.path(), &["--all"]).len(), 4);
    chancery(office.path()).args(["dispose", "old", "--confirm"]).assert().code(2);
    chancery(office.path()).args(["dispose", "old", "--by", " ", "--confirm"]).assert().code(2);
    chancery(office.path()).args(["dispose", "new", "--by", "Zhang Wei", "--early", "--confirm"]).assert().code(2);
}

#[test]
fn a_disposal_takes_every_version_and_leaves_lines_and_a_certificate() {
    let office = office();
    let archive = office.path().join("archive");
    let planned = run(office.path(), &["dispose", "old", "--by", "Amelia Ford"], 0);
    let files: Vec<String> = serde_json::from_value(planned[0]["files"].clone()).unwrap();
    assert_eq!((planned[0]["status"].as_str(), files.len()), (Some("would-dispose"), 2));
    assert!(files.iter().all(|file| office.path().join(file).is_file()), "nothing was changed");
    let lines = run(office.path(), &["dispose", "old", "--by", "Amelia Ford", "--confirm"], 0);
    assert!(files.iter().all(|file| !office.path().join(file).exists()));
    assert!(!archive.join("2019").exists(), "folders that are empty go too");
    let certificate = &lines[1];
    assert_eq!((certificate["type"].as_str(), certificate["number"].as_str()), (Some("disposal-certificate"), Some("DIS-2026-001")));
    let source = chancery(office.path()).args(["source", "DIS-2026-001", "-o", "-"]).assert().code(0);
    let source: Value = serde_json::from_slice(&source.get_output().stdout).unwrap();
    assert_eq!((source["records"][0]["number"].as_str(), source["disposed_by"].as_str()), (Some("NOT-2019-001"), Some("Amelia Ford")));
    assert_eq!(source["records"][0]["files"].as_array().unwrap().len(), 2);
    let register = fs::read_to_string(archive.join("register/2026.jsonl")).unwrap();
    let line = register.lines().find(|line| line.contains("\"event\":\"disposed\"")).unwrap();
    assert!(line.contains(certificate["id"].as_str().unwrap()) && line.contains("Amelia Ford"), "{line}");
    let filed = register.lines().filter(|line| line.contains("\"event\":\"filed\",\"id\":\"old\""));
    assert_eq!(filed.count(), 2, "its own lines stay");
    let shown = chancery(office.path()).args(["show", "old"]).assert().code(0);
    let shown = String::from_utf8_lossy(&shown.get_output().stdout).into_owned();
    assert!(shown.contains("disposed  by Amelia Ford") && shown.contains("(certificate disposal-"), "{shown}");
    run(office.path(), &["verify"], 0);
    assert_eq!(run(office.path(), &["list"], 0).iter().filter(|line| line["id"] == "old").count(), 0);
    // Again: nothing more goes, and the same note is a record anew.
    assert!(run(office.path(), &["dispose", "old", "--by", "Amelia Ford", "--confirm"], 0).is_empty());
    assert_eq!(run(office.path(), &["file", "old.md"], 0)[0]["status"], "filed");
}

#[test]
fn what_has_no_rule_goes_early_with_a_reason() {
    let office = office();
    let early = ["--early", "--reason", "sent by mistake", "--confirm"];
    let lines = run(office.path(), &[&["dispose", "sketch", "new", "--by", "Zhang Wei"], &early[..]].concat(), 0);
    assert_eq!(lines.iter().filter(|line| line["status"] == "disposed").count(), 2);
    let source = chancery(office.path()).args(["source", "DIS-2026-001", "-o", "-"]).assert().code(0);
    let source: Value = serde_json::from_slice(&source.get_output().stdout).unwrap();
    assert!(source["records"].as_array().unwrap().iter().all(|record| record["early"] == true));
    assert_eq!(source["reason"], "sent by mistake");
}

#[test]
fn to_dispose_again_touches_no_file_of_another_record() {
    let office = office();
    let place = |id: &str| -> PathBuf { office.path().join(run(office.path(), &["show", id], 0)[0]["pdf"].as_str().unwrap()) };
    let (old, new) = (place("old"), place("new"));
    run(office.path(), &["dispose", "old", "--by", "Amelia Ford", "--confirm"], 0);
    fs::create_dir_all(old.parent().unwrap()).unwrap();
    fs::rename(&new, &old).unwrap();
    // The place tells of another record: it is not recorded as that of this one.
    let told = run(office.path(), &["verify", "--record-moves", "--by", "Zhang Wei"], 1);
    assert!(!told.iter().any(|line| line["status"] == "recorded"), "{told:?}");
    run(office.path(), &["hold", "new", "--by", "Zhang Wei", "--reason", "audit"], 0);
    let words = chancery(office.path()).args(["dispose", "old", "--by", "Amelia Ford"]).assert().code(0);
    let words = String::from_utf8_lossy(&words.get_output().stdout).into_owned();
    assert!(old.is_file() && words.contains("disposed of already") && !words.contains("removed"), "{words}");
    // Back at a place that is its own or nobody's, it is recorded.
    fs::rename(&old, new.with_file_name("moved.pdf")).unwrap();
    let told = run(office.path(), &["verify", "--record-moves", "--by", "Zhang Wei"], 0);
    assert!(told.iter().any(|line| line["status"] == "recorded"), "{told:?}");
    fs::rename(new.with_file_name("moved.pdf"), &new).unwrap();
    run(office.path(), &["verify", "--record-moves", "--by", "Zhang Wei"], 0);
}

#[test]
fn a_hold_goes_on_for_the_record_of_which_it_became_a_version() {
    let office = office();
    run(office.path(), &["hold", "new", "--by", "Zhang Wei", "--reason", "audit"], 0);
    run(office.path(), &["refile", "new", "--version-of", "old", "--reason", "the same gate"], 0);
    assert_eq!(run(office.path(), &["show", "old"], 0)[0]["held"]["reason"], "audit");
    let why = said(office.path(), &["dispose", "old", "--by", "Zhang Wei", "--early", "--reason", "x", "--confirm"], 1);
    assert!(why.contains("held by Zhang Wei: audit"), "{why}");
    // Also where the line that says so was cut off: the `filed` line alone means it.
    let journal = office.path().join("archive/register/2026.jsonl");
    let text = fs::read_to_string(&journal).unwrap();
    let filed = text.lines().position(|line| line.contains("\"instead_of\":")).unwrap();
    fs::write(&journal, text.lines().take(filed + 1).map(|line| format!("{line}\n")).collect::<String>()).unwrap();
    assert_eq!(run(office.path(), &["show", "old"], 0)[0]["held"]["reason"], "audit");
    run(office.path(), &["release", "old", "--by", "Zhang Wei"], 0);
    assert!(run(office.path(), &["show", "old"], 0)[0]["held"].is_null());
}

#[test]
fn a_disposal_takes_versions_that_do_not_stand_and_records_that_became_versions() {
    let office = office();
    let pdfs = |folder: &str| {
        let mut open = vec![office.path().join("archive").join(folder)];
        let mut found = Vec::new();
        while let Some(path) = open.pop() {
            match fs::read_dir(&path) {
                Ok(entries) => open.extend(entries.map(|entry| entry.unwrap().path())),
                Err(_) if path.is_file() => found.push(path),
                Err(_) => {}
            }
        }
        found.len()
    };
    run(office.path(), &["undo", "old"], 0);
    assert_eq!(pdfs("undone"), 1);
    file(office.path(), "old", "type: notice\nid: old\ndate: 2019-03-04\ntitle: The old gate", "The gate is shut at ten.");
    run(
        office.path(),
        &["refile", "sketch", "--version-of", "old", "--type", "notice", "--date", "2019-03-05", "--reason", "a draft of it"],
        0,
    );
    let why = said(office.path(), &["dispose", "sketch", "--by", "Amelia Ford", "--early", "--reason", "x"], 1);
    assert!(why.contains("turned out to be a version of old"), "{why}");
    run(office.path(), &["dispose", "old", "--by", "Amelia Ford", "--confirm"], 0);
    assert_eq!((pdfs("undone"), pdfs("2019"), pdfs("2001")), (0, 0, 1), "only the minutes of 2001 are left");
    run(office.path(), &["verify"], 0);
    let again = chancery(office.path()).args(["dispose", "sketch", "--by", "Amelia Ford"]).assert().code(0);
    assert!(String::from_utf8_lossy(&again.get_output().stdout).contains("disposed of already"));
    // One that was undone altogether goes by the same rules.
    run(office.path(), &["undo", "new"], 0);
    run(office.path(), &["dispose", "new", "--by", "Amelia Ford", "--early", "--reason", "x", "--confirm"], 0);
    assert_eq!(pdfs("undone"), 0);
}

//! Searching as its users meet it: the real program, PDFs that it set itself, one process and several.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::cli::{chancery, json_lines};

const MINUTES: &str = "---\ntype: minutes\ndate: 2026-03-04\ncommittee: Harbour Board\n---\n# Spring meeting\n\nPresent: Ann Lee, Bo Ek\n\n\
                       The **annual budget** of 1,250 was approved. Übersicht folgt.\n";

fn office() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    chancery(folder.path()).args(["-q", "init"]).assert().code(0);
    folder
}

fn file(office: &Path, name: &str, text: &str) -> Value {
    fs::write(office.join(name), text).unwrap();
    let assert = chancery(office).args(["--json", "file", name]).assert().code(0);
    json_lines(&assert.get_output().stdout).remove(0)
}

fn search(office: &Path, arguments: &[&str]) -> Vec<Value> {
    let assert = chancery(office).args(["--json", "search"]).args(arguments).assert().code(0);
    json_lines(&assert.get_output().stdout)
}

#[test]
fn a_document_is_found_in_its_own_pdf_and_the_hit_is_shown_in_its_line() {
    let office = office();
    let filed = file(office.path(), "spring.md", MINUTES);
    let found = search(office.path(), &["annual", "budget"]);
    assert_eq!(found.len(), 1);
    assert_eq!((&found[0]["id"], &found[0]["number"], &found[0]["pdf"]), (&filed["id"], &filed["number"], &filed["pdf"]));
    assert!(found[0]["score"].as_f64().unwrap() > 0.0);
    let hit = &found[0]["hit"];
    let text: Vec<char> = hit["text"].as_str().unwrap().chars().collect();
    let marked: Vec<String> = hit["marks"].as_array().unwrap().iter().map(|mark| of(&text, mark)).collect();
    assert_eq!(
        (text.iter().collect::<String>().as_str(), marked),
        ("The annual budget of 1,250 was approved. Übersicht folgt.", vec!["annual".to_owned(), "budget".to_owned()])
    );
    let people = chancery(office.path()).args(["search", "ubersicht"]).assert().code(0);
    let said = String::from_utf8_lossy(&people.get_output().stdout).into_owned();
    assert!(said.contains("MIN-2026-001  Spring meeting\n") && said.contains("approved. «Übersicht» folgt."), "{said}");
    for words in
        [vec!["MIN-2026-001"], vec!["harbour board", "--type", "minutes"], vec!["budget", "--year", "2026"], vec!["--type", "minutes"]]
    {
        assert_eq!(search(office.path(), &words).len(), 1, "{words:?}");
    }
    for words in [vec!["budget", "-approved"], vec!["budget", "--type", "notice"], vec!["budget", "--to", "2026-03-03"]] {
        assert_eq!(search(office.path(), &words), [] as [Value; 0], "{words:?}");
    }
}

fn of(text: &[char], mark: &Value) -> String {
    let at = |index: usize| mark[index].as_u64().unwrap() as usize;
    text[at(0)..at(1)].iter().collect()
}

#[test]
fn nothing_found_is_no_failure_and_nothing_typed_is_an_error() {
    let office = office();
    let none = chancery(office.path()).args(["search", "nowhere"]).assert().code(0);
    assert_eq!(String::from_utf8_lossy(&none.get_output().stderr), "Nothing is filed that has “nowhere”.\n");
    file(office.path(), "spring.md", MINUTES);
    for words in ["\"", "*", "-", "--", "AND (", "a:b^2~", "“x", "budget \"annual", "\u{202e}", "[* TO *]", "-x"] {
        chancery(office.path()).args(["search", "--limit", "5", words]).assert().code(0);
    }
    let some = chancery(office.path()).args(["search", "budget", "nowhere"]).assert().code(0);
    assert!(String::from_utf8_lossy(&some.get_output().stderr).contains("these have some of them"));
}

#[test]
fn a_row_of_a_batch_is_found_by_what_stands_in_its_row_alone() {
    let office = office();
    fs::write(
        office.path().join("letter.md"),
        "---\ntype: notice\ndate: 2026-05-01\n---\n# Invitation\n\nDear {{ row.name }}, come to {{ row.place }}.\n",
    )
    .unwrap();
    fs::write(office.path().join("guests.csv"), "name,place\nAnn Lee,the harbour\nBo Ek,the market\n").unwrap();
    chancery(office.path()).args(["-q", "batch", "letter.md", "--rows", "guests.csv", "--file"]).assert().code(0);
    assert_eq!(search(office.path(), &["invitation"]).len(), 2);
    let found = search(office.path(), &["harbour"]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["hit"]["text"], "Dear Ann Lee, come to the harbour.");
    assert_eq!(search(office.path(), &["\"dear bo ek\""]).len(), 1);
}

#[test]
fn an_older_version_is_found_only_with_all_and_said_to_be_one() {
    let office = office();
    file(office.path(), "spring.md", &MINUTES.replace("type:", "id: spring\ntype:"));
    file(office.path(), "spring.md", &MINUTES.replace("type:", "id: spring\ntype:").replace("1,250", "1,300"));
    assert_eq!(search(office.path(), &["1,250"]), [] as [Value; 0]);
    let all = chancery(office.path()).args(["search", "--all", "1,250"]).assert().code(0);
    let said = String::from_utf8_lossy(&all.get_output().stdout).into_owned();
    assert!(said.contains("Spring meeting (version 1, superseded)\n") && said.contains("«1,250»"), "{said}");
}

#[test]
fn what_is_disposed_of_is_found_by_its_line_in_the_register_alone() {
    let office = office();
    let filed = file(office.path(), "spring.md", &MINUTES.replace("minutes", "notice"));
    assert_eq!(search(office.path(), &["budget"]).len(), 1);
    let dispose = ["-q", "dispose", filed["id"].as_str().unwrap(), "--by", "Ann Lee", "--early", "--reason", "a test", "--confirm"];
    chancery(office.path()).args(dispose).assert().code(0);
    assert_eq!(search(office.path(), &["--all", "budget"]), [] as [Value; 0]);
    assert_eq!(search(office.path(), &["spring meeting", "--type", "notice"]), [] as [Value; 0]);
    assert_eq!(search(office.path(), &["--all", "spring meeting", "--type", "notice"]).len(), 1);
}

#[test]
fn an_index_that_is_deleted_or_damaged_is_made_again() {
    let office = office();
    file(office.path(), "spring.md", MINUTES);
    fs::remove_dir_all(office.path().join(".chancery")).unwrap();
    assert_eq!(search(office.path(), &["budget"]).len(), 1);
    fs::write(office.path().join(".chancery/search/meta.json"), "{").unwrap();
    let again = chancery(office.path()).args(["--json", "search", "budget"]).assert().code(0);
    assert_eq!(json_lines(&again.get_output().stdout).len(), 1);
    let said = String::from_utf8_lossy(&again.get_output().stderr).into_owned();
    assert!(said.contains("made anew: it was damaged"), "{said}");
}

#[test]
fn an_index_that_cannot_be_written_keeps_nothing_from_being_filed() {
    let office = office();
    // As good as a folder that may not be written, also for a superuser.
    fs::create_dir_all(office.path().join(".chancery/search.lock")).unwrap();
    assert_eq!(file(office.path(), "spring.md", MINUTES)["status"], "filed");
    let refused = chancery(office.path()).args(["search", "budget"]).assert().code(3);
    let said = String::from_utf8_lossy(&refused.get_output().stderr).into_owned();
    assert!(said.contains("Could not open the lock") && said.contains(".chancery/search.lock"), "{said}");
}

#[cfg(unix)]
#[test]
fn what_is_filed_beside_a_running_watcher_is_found_too() {
    use std::process::{Command, Stdio};
    let office = office();
    let mut command = Command::new(env!("CARGO_BIN_EXE_chancery"));
    let command = command.current_dir(office.path()).args(["-q", "watch"]).stdout(Stdio::null()).stderr(Stdio::null());
    let mut watcher = command.spawn().unwrap();
    let until = Instant::now() + Duration::from_secs(60);
    let wait_for = |words: &str| {
        while search(office.path(), &[words]).is_empty() {
            assert!(Instant::now() < until, "{words}");
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    fs::write(office.path().join("outside"), MINUTES).unwrap();
    fs::rename(office.path().join("outside"), office.path().join("inbox/spring.md")).unwrap();
    wait_for("budget");
    file(office.path(), "drill.md", "---\ntype: notice\ndate: 2026-06-01\n---\n# Drill\n\nLeave the house by the stairs.\n");
    wait_for("stairs");
    watcher.kill().unwrap();
    watcher.wait().unwrap();
    // Killed anywhere, the next search goes on.
    file(office.path(), "wind.md", "---\ntype: notice\ndate: 2026-06-02\n---\n# Storm\n\nThe wind takes the roof.\n");
    assert_eq!(search(office.path(), &["wind"]).len(), 1);
}

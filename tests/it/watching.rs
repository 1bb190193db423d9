//! The watcher as its users meet it: the real binary, real files, and what it says as it happens.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

use crate::cli::{chancery, json_lines};

/// An office with a watcher that runs; both are gone with the value.
struct Watched {
    folder: tempfile::TempDir,
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Watched {
    fn start(configuration: &str) -> Self {
        Self::in_office(|office| fs::write(office.join("chancery.toml"), configuration).unwrap())
    }

    fn in_office(prepare: impl FnOnce(&Path)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        chancery(folder.path()).args(["-q", "init"]).assert().code(0);
        prepare(folder.path());
        let mut command = Command::new(env!("CARGO_BIN_EXE_chancery"));
        command.current_dir(folder.path()).args(["--json", "watch"]).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut said = BufReader::new(child.stderr.take().unwrap());
        said.read_line(&mut String::new()).unwrap();
        // What it says later is not asked for, but must not stop it.
        std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
        Self { folder, child, lines }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Puts a file into the inbox whole, as a file manager moves it.
    fn move_in(&self, name: &str, text: &str) {
        let outside = self.path("outside");
        fs::write(&outside, text).unwrap();
        fs::rename(outside, self.path("inbox").join(name)).unwrap();
    }

    fn next(&mut self) -> Value {
        serde_json::from_str(&self.lines.next().unwrap().unwrap()).unwrap()
    }

    fn events(&self) -> Vec<Value> {
        let files = fs::read_dir(self.path("archive/register")).unwrap();
        let year = files.flatten().map(|entry| entry.path()).find(|path| path.extension().is_some_and(|end| end == "jsonl"));
        json_lines(&fs::read(year.unwrap()).unwrap())
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

const NOTE: &str = "---\ntype: notice\ndate: 2026-11-20\n---\n# Drill\n\nLeave the house.\n";

#[test]
fn the_same_bytes_at_once_again_are_a_duplicate_under_any_name() {
    let mut office = Watched::start("");
    office.move_in("n.md", NOTE);
    let first = office.next();
    for name in ["n.md", "other.md"] {
        office.move_in(name, NOTE);
        let again = office.next();
        assert_eq!((again["status"].as_str(), &again["of"]), (Some("duplicate"), &first["id"]), "{name}");
    }
    let duplicates = office.events().iter().filter(|event| event["event"] == "duplicate").count();
    assert_eq!(duplicates, 2, "each left the inbox after a line of its own");
}

#[test]
fn a_duplicate_of_a_pdf_that_is_gone_is_filed_anew() {
    let mut office = Watched::start("");
    office.move_in("n.md", NOTE);
    let first = office.next();
    let pdf = office.path(first["pdf"].as_str().unwrap());
    fs::remove_file(&pdf).unwrap();
    office.move_in("n.md", NOTE);
    let again = office.next();
    assert_eq!(again["status"], "filed");
    assert!(is_there(&office.path(again["pdf"].as_str().unwrap())), "nothing leaves the inbox that the archive does not hold");
}

#[test]
fn an_archive_that_is_moved_away_is_waited_for_and_no_number_is_given_twice() {
    let mut office = Watched::start("");
    office.move_in("a.md", NOTE);
    assert_eq!(office.next()["number"], "NOT-2026-001");
    fs::rename(office.path("archive"), office.path("elsewhere")).unwrap();
    office.move_in("b.md", &NOTE.replace("house", "hall"));
    let waits = office.next();
    assert_eq!((waits["status"].as_str(), waits["problem"]["code"].as_str()), (Some("attention"), Some("register-gone")), "{waits}");
    assert!(is_there(&office.path("inbox/b.md")) && !is_there(&office.path("archive")), "no new archive is begun");
    fs::rename(office.path("elsewhere"), office.path("archive")).unwrap();
    assert_eq!(office.next()["number"], "NOT-2026-002");
}

#[test]
fn what_a_note_owns_is_kept_where_no_pdf_carries_it() {
    let mut office = Watched::start("[archive]\nattach = \"none\"\n");
    fs::write(office.path("inbox/plan.csv"), "a,b\n1,2\n").unwrap();
    office.move_in("n.md", &NOTE.replace("---\n#", "attachments: plan.csv\n---\n#"));
    let filed = office.next();
    assert_eq!((filed["status"].as_str(), office.next()["status"].as_str()), (Some("filed"), Some("filed")));
    let paths: Vec<&str> = filed["files"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap()).collect();
    let stem = "archive/2026/11/notice/2026-11-20 Drill";
    assert_eq!(paths, [format!("{stem}.pdf"), format!("{stem} (source).md"), format!("{stem} (source) plan.csv")]);
    chancery(office.folder.path()).args(["-q", "source", filed["id"].as_str().unwrap(), "-o", "back/"]).assert().code(0);
    assert_eq!(fs::read_to_string(office.path("back/plan.csv")).unwrap(), "a,b\n1,2\n");
    assert!(is_there(&office.path("back/n.md")) && !is_there(&office.path("inbox/plan.csv")));
}

#[test]
fn an_archive_that_cannot_be_written_at_start_is_waited_for() {
    let mut office = Watched::in_office(|office| {
        // As good as a folder that may not be written, also for a superuser.
        fs::create_dir(office.join("archive/.lock")).unwrap();
    });
    office.move_in("n.md", NOTE);
    assert!(office.child.try_wait().unwrap().is_none(), "it goes on");
    fs::remove_dir(office.path("archive/.lock")).unwrap();
    assert_eq!(office.next()["status"], "filed");
}

#[test]
fn a_problem_note_can_be_read_whatever_the_line_and_the_name() {
    let mut office = Watched::start("");
    office.move_in("my note (1).md", "---\ntype: minutes\ndate: 03/04/2026\n---\nText\n");
    assert_eq!(office.next()["problem"]["code"], "date-ambiguous");
    let note = fs::read_to_string(office.path("inbox/my note (1).md.problem.txt")).unwrap();
    assert!(note.contains("`chancery answer 'inbox/my note (1).md' --type minutes --date 2026-04-03`"), "{note}");
    office.move_in("long.md", &format!("---\na: {}\n---\n", "[".repeat(900)));
    assert_eq!(office.next()["problem"]["code"], "too-deep");
    let note = fs::read_to_string(office.path("inbox/long.md.problem.txt")).unwrap();
    let lines: Vec<&str> = note.lines().collect();
    let caret = lines.iter().position(|line| line.ends_with('^')).unwrap();
    assert!(lines[caret].chars().count() < 100 && lines[caret - 1].chars().count() < 140, "{note}");
}

#[test]
fn rows_that_cannot_be_told_apart_are_asked_about_and_none_is_lost() {
    let mut office = Watched::start("");
    fs::write(office.path("inbox/guests.csv"), "id,name\n1,Ann\n2,Bo\n1,Cy\n").unwrap();
    office.move_in("n.md", &NOTE.replace("---\n#", "rows: guests.csv\n---\n#").replace("house", "house, {{ row.name }}"));
    let told: Vec<Value> = (0..5).map(|_| office.next()).collect();
    let statuses: Vec<&str> = told.iter().map(|line| line["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["filed", "filed", "attention", "attention", "attention"]);
    assert_eq!((told[2]["problem"]["code"].as_str(), told[2]["problem"]["line"].as_u64()), (Some("row-twice"), Some(4)));
    fs::write(office.path("inbox/guests.csv"), "id,name\n1,Ann\n2,Bo\n3,Cy\n").unwrap();
    let numbers: Vec<Value> = (0..3).map(|_| office.next()["number"].clone()).collect();
    assert_eq!(numbers, ["NOT-2026-001", "NOT-2026-002", "NOT-2026-003"]);
}

#[test]
fn numbers_of_parts_that_could_not_be_made_are_all_given_again() {
    let mut office = Watched::start("");
    let note = |sign: &str| NOTE.replace("---\n#", "recipients: [Ann, Bo, Cy]\n---\n#").replace("house", &format!("house {sign}"));
    office.move_in("n.md", &note("\u{e000}"));
    let told: Vec<Value> = (0..4).map(|_| office.next()).collect();
    assert!(told.iter().all(|line| line["problem"]["code"] == "glyph-missing"), "{told:?}");
    office.move_in("n.md", &note("now"));
    let numbers: Vec<Value> = (0..3).map(|_| office.next()["number"].clone()).collect();
    assert_eq!(numbers, ["NOT-2026-001", "NOT-2026-002", "NOT-2026-003"]);
}

//! The commands that make documents, end to end: what they write, what they say, how they exit.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::cli::{chancery, json_lines};

const NOW: &str = "2026-11-23T09:00:00+08:00";

/// Runs a command with `--json` at a set time; gives its exit code and lines.
fn run(folder: &Path, arguments: &[&str]) -> (i32, Vec<Value>) {
    let mut command = chancery(folder);
    let assert = command.args(["--json", "--now", NOW]).args(arguments).assert();
    let output = assert.get_output();
    (output.status.code().unwrap(), json_lines(&output.stdout))
}

fn office() -> tempfile::TempDir {
    let office = tempfile::tempdir().unwrap();
    chancery(office.path()).args(["-q", "init"]).assert().code(0);
    office
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn is_pdf(path: &Path) -> bool {
    fs::read(path).is_ok_and(|bytes| bytes.starts_with(b"%PDF-"))
}

fn statuses(lines: &[Value]) -> Vec<&str> {
    lines.iter().map(|line| line["status"].as_str().unwrap()).collect()
}

const MINUTES: &str = "---\ntype: minutes\ndate: 2026-11-20\n---\n# Board meeting\n\nThe board met.\n";
const NOTICE: &str = "---\ntype: notice\ndate: 2026-11-21\n---\n# Fire drill\n\nLeave the house.\n";
const BROKEN: &str = "---\ntitle: one\ntitle: two\n---\ntext\n";

#[test]
fn render_writes_beside_the_note_and_files_nothing() {
    let office = office();
    write(office.path(), "notes/minutes.md", MINUTES);
    let (code, lines) = run(office.path(), &["render", "notes/minutes.md"]);
    assert_eq!((code, statuses(&lines)), (0, vec!["rendered"]));
    let line = &lines[0];
    assert_eq!((line["source"].as_str(), line["pdf"].as_str()), (Some("notes/minutes.md"), Some("notes/minutes.pdf")));
    assert_eq!((line["type"].as_str(), line["date"].as_str()), (Some("minutes"), Some("2026-11-20")));
    assert_eq!((line["number"].is_null(), line["id"].is_null()), (true, true));
    assert!(line["pages"].as_u64().unwrap() >= 1);
    let pdf = fs::read(office.path().join("notes/minutes.pdf")).unwrap();
    assert_eq!(line["sha256"], ::chancery::model::sha256_hex(&pdf));
    assert!(!office.path().join("archive/register").exists() && !office.path().join(".chancery").exists());
}

#[test]
fn render_gives_one_line_per_file_in_order_and_goes_on_after_a_problem() {
    let office = office();
    write(office.path(), "a.md", MINUTES);
    write(office.path(), "b.md", BROKEN);
    write(office.path(), "sub/a.md", NOTICE);
    let (code, lines) = run(office.path(), &["render", "a.md", "b.md", "sub/a.md", "-o", "out/"]);
    assert_eq!((code, statuses(&lines)), (1, vec!["rendered", "attention", "rendered"]));
    assert_eq!(lines[1]["problem"]["file"], "b.md");
    assert_eq!(lines[1]["problem"]["line"], 3);
    assert!(is_pdf(&office.path().join("out/a.pdf")) && is_pdf(&office.path().join("out/a (2).pdf")));
    assert_eq!(run(office.path(), &["render", "a.md", "b.md", "-o", "one.pdf"]).0, 2);
    assert_eq!(run(office.path(), &["render", "nothing.md"]).0, 2);
}

#[test]
fn a_speech_gives_a_reading_and_a_press_copy() {
    let office = office();
    write(office.path(), "speech.md", "---\ntype: speech\ndate: 2026-11-20\n---\n# Welcome\n\nDear guests, / welcome.\n");
    let (code, lines) = run(office.path(), &["render", "speech.md", "-o", "OUT.pdf"]);
    let files: Vec<&str> = lines[0]["files"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap()).collect();
    assert_eq!((code, files), (0, vec!["OUT.pdf", "OUT (press).pdf"]));
    assert!(is_pdf(&office.path().join("OUT.pdf")) && is_pdf(&office.path().join("OUT (press).pdf")));
}

#[test]
fn pages_are_drawn_where_pictures_are_wished_for() {
    let office = office();
    write(office.path(), "speech.md", "---\ntype: speech\ndate: 2026-11-20\n---\n# Welcome\n\nDear guests, / welcome.\n");
    let (code, lines) = run(office.path(), &["render", "speech.md", "--png", "--ppi", "36"]);
    assert_eq!((code, statuses(&lines)), (0, vec!["rendered"]));
    let paths: Vec<&str> = lines[0]["files"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap()).collect();
    assert!(paths.contains(&"speech.png") && paths.contains(&"speech (press).png"), "{paths:?}");
    for path in paths {
        assert!(fs::read(office.path().join(path)).unwrap().starts_with(b"\x89PNG"));
    }
    assert!(!office.path().join("speech.pdf").exists());
}

/// How wide and high the picture says it is.
fn pixels(path: &Path) -> (u32, u32) {
    let bytes = fs::read(path).unwrap();
    assert!(bytes.starts_with(b"\x89PNG"), "{}", path.display());
    let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
    (number(16), number(20))
}

#[test]
fn pictures_are_meant_by_their_name_or_their_resolution_too() {
    let office = office();
    write(office.path(), "a.md", MINUTES);
    assert_eq!(run(office.path(), &["render", "a.md", "-o", "b.PNG"]).0, 0);
    assert_eq!(pixels(&office.path().join("b.PNG")), (1191, 1684));
    assert_eq!(run(office.path(), &["render", "a.md", "--ppi", "36", "-o", "pictures/"]).0, 0);
    assert_eq!(pixels(&office.path().join("pictures/a.png")), (298, 421));
    for arguments in [&["--png", "-o", "a.pdf"][..], &["--ppi", "17"], &["--ppi", "601"]] {
        assert_eq!(run(office.path(), &[&["render", "a.md"], arguments].concat()).0, 2, "{arguments:?}");
    }
    assert!(!office.path().join("a.pdf").exists());
}

#[test]
fn a_page_that_is_too_large_for_a_picture_is_told_with_what_would_fit() {
    let office = office();
    write(office.path(), "a.md", "# Wall chart\n\n2026-01-02\n\nText.\n");
    fs::create_dir_all(office.path().join("templates/document")).unwrap();
    let layout = "#let layout(data, words) = { set page(width: 300cm, height: 200cm)\n heading(data.title)\n words((:)) }\n";
    fs::write(office.path().join("templates/document/layout.typ"), layout).unwrap();
    let (code, lines) = run(office.path(), &["render", "a.md", "--type", "document", "--ppi", "600"]);
    assert_eq!((code, statuses(&lines)), (1, vec!["attention"]));
    let problem = lines[0]["problem"].to_string();
    assert!(problem.contains("70866 × 47244 pixels") && problem.contains("--ppi 127"), "{problem}");
    assert_eq!(run(office.path(), &["render", "a.md", "--type", "document", "--ppi", "18"]).0, 0);
    assert_eq!(pixels(&office.path().join("a.png")), (2126, 1417));
}

#[test]
fn the_same_note_renders_to_the_same_bytes_at_the_same_time() {
    let office = office();
    write(office.path(), "a.md", MINUTES);
    let render = |epoch: &str| {
        let mut command = chancery(office.path());
        command.env("SOURCE_DATE_EPOCH", epoch).args(["-q", "render", "a.md"]).assert().code(0);
        fs::read(office.path().join("a.pdf")).unwrap()
    };
    let first = render("1795392000");
    assert_eq!(first, render("1795392000"));
    assert_ne!(first, render("1795392060"));
    chancery(office.path()).env("SOURCE_DATE_EPOCH", "soon").args(["render", "a.md"]).assert().code(2);
}

#[test]
fn check_says_everything_at_once_and_writes_nothing() {
    let office = office();
    write(office.path(), "good.md", MINUTES);
    write(office.path(), "bad.md", "---\ntitle: a\ntitle: b\nrows: missing.csv\nrows: x\n---\ntext\n");
    write(office.path(), "draft.md", "---\ndraft: true\ntype: minutes\n---\nText.\n");
    let (code, lines) = run(office.path(), &["check", "good.md", "bad.md", "draft.md"]);
    assert_eq!((code, statuses(&lines)), (1, vec!["ok", "attention", "ok"]));
    let left_out = lines[0]["warnings"].as_array().unwrap().iter().find(|warning| warning["code"] == "fields-left-out");
    assert!(left_out.unwrap()["message"].as_str().unwrap().contains("chair"));
    assert!(lines[1]["problems"].as_array().unwrap().len() >= 2, "{}", lines[1]);
    let names: Vec<_> = fs::read_dir(office.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert!(!names.iter().any(|name| name.ends_with(".pdf") || name.ends_with(".problem.txt") || name == ".chancery"), "{names:?}");
}

#[test]
fn file_keeps_the_original_and_knows_a_duplicate() {
    let office = office();
    write(office.path(), "a.md", MINUTES);
    let (code, lines) = run(office.path(), &["file", "a.md"]);
    assert_eq!((code, statuses(&lines)), (0, vec!["filed"]));
    let pdf = lines[0]["pdf"].as_str().unwrap();
    assert!(pdf.starts_with("archive/2026/11/") && is_pdf(&office.path().join(pdf)), "{pdf}");
    assert!(office.path().join("a.md").exists());
    let id = &lines[0]["id"];
    let (code, lines) = run(office.path(), &["file", "a.md"]);
    assert_eq!((code, statuses(&lines)), (0, vec!["duplicate"]));
    assert_eq!(&lines[0]["of"], id);
    let (code, lines) = run(office.path(), &["file", "a.md", "--again"]);
    assert_eq!((code, statuses(&lines)), (0, vec!["filed"]));
    assert_eq!((&lines[0]["id"], lines[0]["version"].as_u64()), (id, Some(2)));
    let log = fs::read_dir(office.path().join(".chancery/log")).unwrap().next().unwrap().unwrap();
    let log = json_lines(&fs::read(log.path()).unwrap());
    assert!(log.iter().any(|line| line["message"] == "document" && line["status"] == "duplicate"));
}

#[test]
fn a_file_that_a_note_owns_shares_its_fate() {
    let office = office();
    write(office.path(), "in/a.md", "---\ntype: notice\ndate: 2026-11-20\nattachments: plan.csv\n---\n# Plan\n\nSee the plan.\n");
    write(office.path(), "in/plan.csv", "a,b\n1,2\n");
    let (code, lines) = run(office.path(), &["file", "in/a.md"]);
    assert_eq!((code, statuses(&lines)), (0, vec!["filed", "filed"]));
    assert_eq!((lines[1]["source"].as_str(), lines[1]["of"].as_str()), (Some("in/plan.csv"), Some("in/a.md")));
}

#[test]
fn once_empties_the_inbox_and_sums_up() {
    let office = office();
    write(office.path(), "inbox/a.md", MINUTES);
    write(office.path(), "inbox/bad.md", BROKEN);
    write(office.path(), "inbox/notice/n.md", "---\ndate: 2026-11-20\n---\n# Drill\n\nLeave.\n");
    let (code, lines) = run(office.path(), &["watch", "--once"]);
    assert_eq!(code, 1);
    let summary = lines.last().unwrap();
    assert_eq!((summary["status"].as_str(), summary["filed"].as_u64(), summary["attention"].as_u64()), (Some("summary"), Some(2), Some(1)));
    let of = |source: &str| lines.iter().find(|line| line["source"] == source).unwrap_or_else(|| panic!("{source} in {lines:?}"));
    assert_eq!(of("inbox/a.md")["status"], "filed");
    assert_eq!(of("inbox/notice/n.md")["type"], "notice");
    assert_eq!(of("inbox/bad.md")["problem"]["line"], 3);
    assert!(!office.path().join("inbox/a.md").exists() && office.path().join("inbox/bad.md.problem.txt").exists());
    write(office.path(), "inbox/bad.md", MINUTES);
    let (code, lines) = run(office.path(), &["watch", "--once"]);
    assert_eq!((code, statuses(&lines)), (0, vec!["duplicate", "summary"]));
    assert!(!office.path().join("inbox/bad.md.problem.txt").exists());
    assert_eq!(run(office.path(), &["status"]).0, 0);
}

#[test]
fn an_arrival_of_several_has_a_line_for_each_and_one_for_all() {
    let office = office();
    write(
        office.path(),
        "inbox/dinner.md",
        "---\ntype: notice\ndate: 2026-11-20\nrecipients: [Ann Lee, Bo Chen]\n---\n# Dinner\n\nCome.\n",
    );
    let (code, lines) = run(office.path(), &["watch", "--once"]);
    assert_eq!((code, statuses(&lines)), (0, vec!["filed", "filed", "filed", "summary"]));
    assert!(lines[0]["part"].is_string() && lines[1]["part"].is_string());
    assert!(lines[2].get("part").is_none());
    assert_eq!(lines[2]["files"].as_array().unwrap().len(), 2);
    assert_eq!(lines[3]["filed"], 2);
}

#[test]
fn an_answer_settles_what_was_asked() {
    let office = office();
    write(office.path(), "inbox/n.md", "---\ndate: 03/04/2026\ntype: notice\n---\n# Drill\n\nLeave.\n");
    let (code, lines) = run(office.path(), &["watch", "--once"]);
    assert_eq!((code, lines[0]["status"].as_str()), (1, Some("attention")));
    assert_eq!(run(office.path(), &["answer", "inbox/nothing.md", "--type", "notice"]).0, 2);
    assert_eq!(run(office.path(), &["answer", "inbox/n.md"]).0, 2);
    assert_eq!(run(office.path(), &["answer", "inbox/n.md", "--date", "03/04/2026"]).0, 2);
    let (code, lines) = run(office.path(), &["answer", "inbox/n.md", "--type", "minutes", "--date", "2026-04-03"]);
    assert_eq!((code, statuses(&lines)), (0, vec!["filed"]));
    assert_eq!((lines[0]["type"].as_str(), lines[0]["date"].as_str()), (Some("minutes"), Some("2026-04-03")));
    assert!(!office.path().join("inbox/n.md").exists() && !office.path().join("inbox/n.md.problem.txt").exists());
}

#[test]
#[cfg(unix)]
fn an_answer_is_taken_up_by_the_watcher_that_runs() {
    use std::io::BufRead as _;
    let office = office();
    write(office.path(), "inbox/n.md", "---\ndate: 03/04/2026\ntype: notice\n---\n# Drill\n\nLeave.\n");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_chancery"));
    let mut child = command.current_dir(office.path()).args(["--json", "watch"]).stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut lines = std::io::BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || serde_json::from_str::<Value>(&lines.next().unwrap().unwrap()).unwrap();
    assert_eq!(next()["status"], "attention");
    let (code, answered) = run(office.path(), &["answer", "inbox/n.md", "--date", "2026-04-03"]);
    assert_eq!((code, statuses(&answered)), (0, vec!["ok"]));
    let filed = next();
    assert_eq!((filed["status"].as_str(), filed["date"].as_str()), (Some("filed"), Some("2026-04-03")));
    std::process::Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(child.wait().unwrap().success());
}

const LETTER: &str = "---\ntype: notice\ndate: 2026-11-20\ntitle: Invitation\n---\nDear {{ row.name }}, come to {{ row.place }}.\n";
const GUESTS: &str = "name,place\nAnn,Hall\nBo,\nCem,Yard\n";

#[test]
fn a_batch_makes_a_document_for_each_row_and_a_failing_row_stops_no_other() {
    let office = office();
    write(office.path(), "letter.md", LETTER);
    write(office.path(), "guests.csv", GUESTS);
    let (code, lines) = run(office.path(), &["batch", "letter.md", "--rows", "guests.csv"]);
    assert_eq!((code, statuses(&lines)), (1, vec!["rendered", "attention", "rendered", "attention", "summary"]));
    assert_eq!((lines[1]["problem"]["file"].as_str(), lines[1]["problem"]["line"].as_u64()), (Some("guests.csv"), Some(3)));
    assert!(lines[..3].iter().all(|line| line["part"].is_string()) && lines[3].get("part").is_none());
    let folder = office.path().join("letter-batch");
    assert!(is_pdf(&folder.join("Invitation.pdf")) && is_pdf(&folder.join("Invitation (2).pdf")));
    // The two, and what says from what they were made.
    assert!(folder.join(".chancery-batch.jsonl").is_file());
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 3);
    assert!(!office.path().join("archive/register").exists());
}

#[test]
fn a_filed_batch_does_not_turn_rows_into_versions() {
    let office = office();
    write(office.path(), "letter.md", LETTER);
    write(office.path(), "guests.csv", "name,place\nAnn,Hall\nCem,Yard\n");
    let arguments = ["batch", "letter.md", "--rows", "guests.csv", "--file"];
    let (code, lines) = run(office.path(), &arguments);
    assert_eq!((code, statuses(&lines)), (0, vec!["filed", "filed", "filed", "summary"]));
    assert_eq!((lines[0]["version"].as_u64(), lines[1]["version"].as_u64()), (Some(1), Some(1)));
    assert_ne!(lines[0]["id"], lines[1]["id"]);
    assert_eq!((lines[0]["number"].as_str(), lines[1]["number"].as_str()), (Some("NOT-2026-001"), Some("NOT-2026-002")));
    let (code, lines) = run(office.path(), &arguments);
    assert_eq!((code, statuses(&lines)), (0, vec!["duplicate", "duplicate", "duplicate", "summary"]));
}

#[test]
fn numbers_follow_the_rows_however_many_are_made_at_once_and_a_row_that_comes_twice_is_a_duplicate() {
    let office = office();
    write(office.path(), "letter.md", LETTER);
    let guest = |index: usize| if index == 70 { "Guest 69,Hall\n".to_owned() } else { format!("Guest {index},Hall\n") };
    let rows: String = (0..130).map(guest).collect();
    write(office.path(), "guests.csv", &format!("name,place\n{}", rows.replace("Guest 3,Hall", "Guest 3,")));
    let (code, lines) = run(office.path(), &["batch", "letter.md", "--rows", "guests.csv", "--file", "--jobs", "4"]);
    assert_eq!(code, 1);
    let mut expected = 0;
    for (index, line) in lines[..130].iter().enumerate() {
        match index {
            3 => assert_eq!((line["status"].as_str(), line["problem"]["line"].as_u64()), (Some("attention"), Some(5))),
            70 => assert_eq!((line["status"].as_str(), &line["of"]), (Some("duplicate"), &lines[69]["id"])),
            _ => {
                expected += 1;
                assert_eq!(line["number"].as_str(), Some(format!("NOT-2026-{expected:03}").as_str()), "row {index}: {line}");
            }
        }
    }
    assert_eq!(expected, 128);
}

#[test]
fn a_dry_run_writes_nothing() {
    let office = office();
    write(office.path(), "letter.md", LETTER);
    write(office.path(), "guests.csv", GUESTS);
    let (code, lines) = run(office.path(), &["batch", "letter.md", "--rows", "guests.csv", "--dry-run"]);
    assert_eq!((code, statuses(&lines)[..3].to_vec()), (1, vec!["ok", "attention", "ok"]));
    assert!(!office.path().join("letter-batch").exists());
    assert_eq!(run(office.path(), &["batch", "letter.md", "--rows", "nothing.csv"]).0, 2);
}

#[test]
fn the_demo_works_twice_and_shows_its_pdfs() {
    let here = tempfile::tempdir().unwrap();
    let (code, first) = run(here.path(), &["demo", "office"]);
    assert_eq!(code, 0, "{first:?}");
    let summary = first.last().unwrap();
    assert!(summary["filed"].as_u64().unwrap() >= 8 && summary["attention"] == 0, "{summary}");
    for line in first.iter().filter(|line| line["status"] == "filed" && line["pdf"].is_string()) {
        assert!(is_pdf(&here.path().join("office").join(line["pdf"].as_str().unwrap())), "{line}");
    }
    let (code, second) = run(here.path(), &["demo", "office"]);
    assert_eq!(code, 0);
    assert_eq!(second.last().unwrap()["filed"], 0);
    assert!(second.iter().filter(|line| line["status"] == "duplicate").all(|line| line["pdf"].is_string()));
    write(here.path(), "mine/inbox/a.md", MINUTES);
    assert_eq!(run(here.path(), &["demo", "mine"]).0, 2);
}

#[test]
fn a_template_that_the_command_names_is_the_commands_fault() {
    let office = office();
    write(office.path(), "a.md", MINUTES);
    write(office.path(), "templates/minutes/words.md", "{{ nothing_of_the_kind }}\n");
    assert_eq!(run(office.path(), &["render", "a.md", "--type", "minutes"]).0, 2);
    assert_eq!(run(office.path(), &["render", "a.md"]).0, 1);
    assert_eq!(run(office.path(), &["render", "a.md", "--type", "minuts"]).0, 2);
    write(office.path(), "chancery.toml", "nonsense = 1\n");
    assert_eq!(run(office.path(), &["file", "a.md"]).0, 2);
}

#[test]
#[cfg(unix)]
fn a_signal_ends_the_watcher_well() {
    use std::io::BufRead as _;
    let office = office();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_chancery"));
    let mut child = command.current_dir(office.path()).arg("watch").stderr(std::process::Stdio::piped()).spawn().unwrap();
    let mut said = String::new();
    std::io::BufReader::new(child.stderr.take().unwrap()).read_line(&mut said).unwrap();
    assert!(said.starts_with("Watching"), "{said}");
    let second = chancery(office.path()).args(["watch", "--once"]).assert().code(3);
    assert!(String::from_utf8_lossy(&second.get_output().stderr).contains(&child.id().to_string()));
    let (_, lines) = run(office.path(), &["status"]);
    assert_eq!((lines[0]["watching"].as_bool(), lines[0]["pid"].as_u64()), (Some(true), Some(u64::from(child.id()))));
    std::process::Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(child.wait().unwrap().success());
}

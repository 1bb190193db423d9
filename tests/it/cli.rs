//! The command line as scripts and people meet it: arguments, exit codes, JSON lines.

use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;

/// The binary in a folder of its own, with nothing of the machine's that could change what it does.
pub fn chancery(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chancery"));
    command.current_dir(folder).env_remove("SOURCE_DATE_EPOCH").env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
    command
}

/// The lines of standard output, each of which must be one JSON object.
pub fn json_lines(stdout: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(stdout).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.iter().all(Value::is_object), "every line is an object: {text}");
    lines
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn help_goes_to_standard_output_and_usage_to_standard_error() {
    let here = folder();
    let help = chancery(here.path()).arg("--help").assert().code(0);
    assert!(String::from_utf8_lossy(&help.get_output().stdout).contains("chancery init my-office"));
    let none = chancery(here.path()).assert().code(2);
    assert!(none.get_output().stdout.is_empty());
    let unknown = chancery(here.path()).args(["init", "--nope"]).assert().code(2);
    assert!(unknown.get_output().stdout.is_empty());
}

#[test]
fn what_is_not_built_is_an_unknown_command() {
    let here = folder();
    for name in ["deliver", "nonsense"] {
        let assert = chancery(here.path()).arg(name).assert().code(2);
        let said = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
        assert!(said.starts_with(&format!("unknown command `{name}`")), "{said}");
        let help = chancery(here.path()).arg("--help").assert();
        let listed =
            String::from_utf8_lossy(&help.get_output().stdout).lines().any(|line| line.trim_start().starts_with(&format!("{name} ")));
        assert!(!listed, "{name} is listed");
    }
}

#[test]
fn a_near_miss_is_guessed() {
    let here = folder();
    let assert = chancery(here.path()).arg("inti").assert().code(2);
    assert!(String::from_utf8_lossy(&assert.get_output().stderr).contains("`init`"));
}

#[test]
fn init_adds_what_is_missing_and_keeps_what_is_there() {
    let here = folder();
    let office = here.path().join("a/b/office");
    std::fs::create_dir_all(&office).unwrap();
    std::fs::write(office.join("chancery.toml"), "# mine\n").unwrap();
    let first = chancery(here.path()).args(["--json", "init", "a/b/office"]).assert().code(0);
    let lines = json_lines(&first.get_output().stdout);
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["created"].as_array().unwrap().len(), 4);
    assert!(office.join("inbox").is_dir() && office.join("archive").is_dir() && office.join("templates").is_dir());
    assert_eq!(std::fs::read_to_string(office.join("chancery.toml")).unwrap(), "# mine\n");
    let second = chancery(here.path()).args(["--json", "init", "a/b/office"]).assert().code(0);
    assert_eq!(json_lines(&second.get_output().stdout)[0]["created"].as_array().unwrap().len(), 0);
}

#[test]
fn init_refuses_a_file() {
    let here = folder();
    std::fs::write(here.path().join("taken"), "").unwrap();
    chancery(here.path()).args(["init", "taken"]).assert().code(2);
}

#[test]
fn every_shell_has_completions() {
    let here = folder();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let assert = chancery(here.path()).args(["completions", shell]).assert().code(0);
        let script = String::from_utf8_lossy(&assert.get_output().stdout).into_owned();
        assert!(script.contains("office"), "{shell}");
    }
}

#[test]
fn the_new_configuration_says_nothing_and_its_examples_are_right() {
    let here = folder();
    chancery(here.path()).arg("init").assert().code(0);
    chancery(here.path()).args(["--json", "types"]).assert().code(0);
    let path = here.path().join("chancery.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let is_setting = |line: &str| line.starts_with('[') || line.split_once(" = ").is_some_and(|(key, _)| !key.contains(' '));
    let switched_on = text.lines().map(|line| line.strip_prefix("# ").filter(|line| is_setting(line)).unwrap_or(line));
    let text = switched_on.collect::<Vec<_>>().join("\n");
    assert!(text.contains("\n[people.zhang]\n") && text.contains("\nlanguage = "), "{text}");
    std::fs::write(&path, text).unwrap();
    chancery(here.path()).args(["--json", "types"]).assert().code(0);
}

#[test]
fn types_are_listed_with_their_fields() {
    let here = folder();
    let assert = chancery(here.path()).args(["--json", "types"]).assert().code(0);
    let lines = json_lines(&assert.get_output().stdout);
    let names: Vec<&str> = lines.iter().map(|line| line["type"].as_str().unwrap()).collect();
    assert!(names.contains(&"document") && names.contains(&"minutes"), "{names:?}");
    for line in &lines {
        assert!(line["title"].is_string() && line["fields"].is_array());
        assert_eq!(line["builtin"], true);
    }
    let unknown = chancery(here.path()).args(["types", "minuts"]).assert().code(2);
    assert!(String::from_utf8_lossy(&unknown.get_output().stderr).contains("`minutes`"));
}

#[test]
fn an_ejected_type_is_the_same_until_it_is_edited() {
    let here = folder();
    chancery(here.path()).arg("init").assert().code(0);
    let assert = chancery(here.path()).args(["--json", "types", "minutes", "--eject"]).assert().code(0);
    let ejected = json_lines(&assert.get_output().stdout)[0]["ejected"].as_array().unwrap().len();
    assert!(ejected > 3);
    let words = here.path().join("templates/minutes/words.md");
    let builtin = |expected: bool| {
        let assert = chancery(here.path()).args(["--json", "types", "minutes"]).assert().code(0);
        assert_eq!(json_lines(&assert.get_output().stdout)[0]["builtin"], expected);
    };
    builtin(true);
    std::fs::write(&words, "{{ body }}\n").unwrap();
    builtin(false);
    let again = chancery(here.path()).args(["--json", "types", "minutes", "--eject"]).assert().code(0);
    assert_eq!(json_lines(&again.get_output().stdout)[0]["ejected"].as_array().unwrap().len(), 0);
    assert_eq!(std::fs::read_to_string(&words).unwrap(), "{{ body }}\n");
    std::fs::write(here.path().join("templates/minutes/manifest.toml"), "title = \n").unwrap();
    chancery(here.path()).args(["types", "minutes"]).assert().code(2);
}

#[test]
fn a_language_is_added_from_what_the_types_share() {
    let here = folder();
    chancery(here.path()).arg("init").assert().code(0);
    let assert = chancery(here.path()).args(["--json", "types", "_shared", "--eject"]).assert().code(0);
    let ejected = json_lines(&assert.get_output().stdout)[0]["ejected"].as_array().unwrap().clone();
    assert!(ejected.iter().any(|name| name == "languages/en.toml") && ejected.iter().any(|name| name == "style.typ"));
    let languages = here.path().join("templates/_shared/languages");
    let english = std::fs::read_to_string(languages.join("en.toml")).unwrap();
    let italian = english.replace("\"Reference\"", "\"Riferimento\"").replace("{sign}{n}", "{n} {sign}");
    std::fs::remove_dir_all(here.path().join("templates/_shared")).unwrap();
    std::fs::create_dir_all(&languages).unwrap();
    std::fs::write(languages.join("it.toml"), italian).unwrap();
    let words =
        "- **{{ label.reference }}** {{ date_text }} {{ 1250000.5 | currency(code='EUR') }} {{ 3 | currency(code='HKD', form='code') }}\n";
    std::fs::create_dir_all(here.path().join("templates/document")).unwrap();
    std::fs::write(here.path().join("templates/document/words.md"), words).unwrap();
    std::fs::write(here.path().join("note.md"), "---\nlang: it\ndate: 2026-12-01\n---\n# Avviso\n\nTesto.\n").unwrap();
    chancery(here.path()).args(["render", "--type", "document", "note.md", "-o", "note.pdf"]).assert().code(0);
    let output = std::process::Command::new("pdftotext").args(["note.pdf", "-"]).current_dir(here.path()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("Riferimento 1 dicembre 2026 1.250.000,50 € 3,00 HKD"), "{text}");
}

#[test]
fn a_new_note_holds_what_is_known_and_overwrites_nothing() {
    let here = folder();
    let write = |arguments: &[&str]| {
        let mut command = chancery(here.path());
        command.args(["--json", "--now", "2026-11-23T09:00:00Z", "new", "minutes"]).args(arguments);
        command.assert()
    };
    let assert = write(&["title=Board: May", "chair=@zhang"]).code(0);
    assert_eq!(json_lines(&assert.get_output().stdout)[0]["path"], "minutes.md");
    let note = std::fs::read_to_string(here.path().join("minutes.md")).unwrap();
    assert!(note.starts_with("---\ntype: minutes\n"), "{note}");
    for line in ["title: \"Board: May\"", "date: 2026-11-23", "chair: \"@zhang\"", "apologies:"] {
        assert!(note.lines().any(|found| found == line), "{line} in {note}");
    }
    write(&[]).code(2);
    write(&["nonsense=1", "-o", "other.md"]).code(2);
    assert!(!here.path().join("other.md").exists());
    assert_eq!(std::fs::read_to_string(here.path().join("minutes.md")).unwrap(), note);
}

#[test]
fn the_office_is_the_nearest_folder_upward() {
    let here = folder();
    let deep = here.path().join("a/b/c");
    std::fs::create_dir_all(&deep).unwrap();
    std::fs::create_dir(here.path().join("a/inbox")).unwrap();
    std::fs::write(here.path().join("a/chancery.toml"), "nonsense = 1\n").unwrap();
    chancery(&deep).arg("types").assert().code(2);
    chancery(here.path()).arg("types").assert().code(0);
    chancery(here.path()).args(["--office", "a", "types"]).assert().code(2);
    chancery(here.path()).args(["--office", "nowhere", "types"]).assert().code(2);
}

#[test]
fn classify_gives_a_line_for_each_file_in_order() {
    let here = folder();
    let write = |name: &str, text: &str| std::fs::write(here.path().join(name), text).unwrap();
    write("a.md", "---\ntype: minutes\ndate: 2026-05-04\n---\n# Board\n\n![](photo.png)\n\nText.\n");
    write("photo.png", "no picture, but a file");
    write("broken.md", "---\ntitle: [\n---\ntext\n");
    let mut command = chancery(here.path());
    let assert = command.args(["--json", "classify", "photo.png", "a.md", "missing.md", "broken.md"]).assert().code(2);
    let lines = json_lines(&assert.get_output().stdout);
    let sources: Vec<&str> = lines.iter().map(|line| line["source"].as_str().unwrap()).collect();
    assert_eq!(sources, ["photo.png", "a.md", "missing.md", "broken.md"]);
    assert_eq!(lines[0]["of"], "a.md");
    assert_eq!((lines[1]["type"].as_str(), lines[1]["date"].as_str()), (Some("minutes"), Some("2026-05-04")));
    assert_eq!(lines[1]["sure"], true);
    assert!(lines[1]["confidence"].is_number() && lines[1]["candidates"].is_array() && lines[1]["evidence"].is_array());
    assert_eq!(lines[2]["problem"]["code"], "no-such-file");
    assert_eq!(lines[3]["problem"]["file"], "broken.md");
    assert_eq!(lines[3]["problem"]["line"], 2);
    chancery(here.path()).args(["classify", "broken.md"]).assert().code(1);
}

//! Signed copies by the real program: a scan joins the record that its name, or its note, says.

use std::fs;
use std::path::Path;

use chancery::register::{RecordState, Register};
use serde_json::Value;

use crate::cli::{chancery, json_lines};

/// A PDF as scanners write them, with a line that tells it from others.
pub fn scan(line: &str) -> Vec<u8> {
    format!(
        "%PDF-1.4\n% {line}\n1 0 obj\n<</Type/Catalog>>\nendobj\nxref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 1/Root 1 0 R>>\nstartxref\n9\n%%EOF\n"
    )
    .into_bytes()
}

/// An office in which these minutes are filed, one of each title.
fn office(titles: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("inbox")).unwrap();
    fs::write(folder.path().join("chancery.toml"), "[fonts]\nfolders = []\n").unwrap();
    for (n, title) in titles.iter().enumerate() {
        let note = format!("---\ntype: minutes\ndate: 2026-11-20\nid: m{n}\n---\n# {title}\n\nThe {title} met.\n");
        fs::write(folder.path().join(format!("inbox/{n}.md")), note).unwrap();
    }
    run(folder.path(), 0);
    folder
}

fn drop_in(office: &Path, name: &str, bytes: &[u8]) {
    let path = office.join("inbox").join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// Handles what lies in the inbox; its lines without the summary.
#[track_caller]
fn run(office: &Path, code: i32) -> Vec<Value> {
    let assert = chancery(office).args(["--json", "watch", "--once"]).assert().code(code);
    let mut lines = json_lines(&assert.get_output().stdout);
    lines.retain(|line| line["status"] != "summary");
    lines
}

fn newest(office: &Path, name: &str) -> RecordState {
    let register = Register::open(&office.join("archive")).unwrap();
    let record = register.find(name).unwrap().remove(0);
    register.versions(&record.id).unwrap().pop().unwrap()
}

fn inbox(office: &Path) -> Vec<String> {
    let names = fs::read_dir(office.join("inbox")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| !name.starts_with('.')).collect();
    names.sort();
    names
}

#[test]
fn a_scan_that_names_a_number_joins_that_record() {
    let office = office(&["Board"]);
    let root = office.path();
    drop_in(root, "signs MIN-2026-001.pdf", &scan("page"));
    let line = run(root, 0).remove(0);
    assert_eq!((&line["status"], &line["number"], &line["version"]), (&"filed".into(), &"MIN-2026-001".into(), &1.into()));
    assert_eq!(line["pdf"], "archive/2026/11/minutes/2026-11-20 Board (signed).pdf");
    assert_eq!(line["files"][0]["role"], "signed");
    assert_eq!(fs::read(root.join(line["pdf"].as_str().unwrap())).unwrap(), scan("page"));
    assert!(inbox(root).is_empty());
    let state = newest(root, "MIN-2026-001");
    assert_eq!((state.joined.len(), state.record.version, state.record.id.as_str()), (1, 1, "m0"));
    // The next record's number is the next one: a copy takes none.
    drop_in(root, "other.md", b"---\ntype: minutes\ndate: 2026-11-21\n---\n# Other\n\nText.\n");
    assert_eq!(run(root, 0)[0]["number"], "MIN-2026-002");
    chancery(root).args(["-q", "numbers"]).assert().code(0);
    chancery(root).args(["-q", "verify"]).assert().code(0);
    let shown = chancery(root).args(["show", "MIN-2026-001"]).assert().code(0);
    let shown = String::from_utf8_lossy(&shown.get_output().stdout).into_owned();
    assert!(shown.contains("signed    archive/2026/11/minutes/2026-11-20 Board (signed).pdf"), "{shown}");
    let shown = chancery(root).args(["--json", "show", "MIN-2026-001"]).assert().code(0);
    let shown = json_lines(&shown.get_output().stdout).remove(0);
    assert_eq!(shown["joined"][0]["files"][0]["path"], "archive/2026/11/minutes/2026-11-20 Board (signed).pdf");
}

#[test]
fn the_same_scan_is_a_duplicate_and_another_one_joins_too() {
    let office = office(&["Board"]);
    let root = office.path();
    drop_in(root, "signs-m0.pdf", &scan("first"));
    run(root, 0);
    drop_in(root, "Signs: min 2026 001.pdf", &scan("first"));
    let again = run(root, 0).remove(0);
    assert_eq!((&again["status"], &again["of"]), (&"duplicate".into(), &"m0".into()));
    assert!(inbox(root).is_empty());
    drop_in(root, "signs_MIN-2026-001.pdf", &scan("second"));
    let second = run(root, 0).remove(0);
    assert_eq!(second["pdf"], "archive/2026/11/minutes/2026-11-20 Board (signed) (2).pdf");
    assert_eq!(newest(root, "m0").joined.len(), 2);
    // From outside the inbox the original stays.
    fs::write(root.join("signs m0.png"), b"\x89PNG\r\n\x1a\n\0\0\0\0IEND\xae\x42\x60\x82").unwrap();
    chancery(root).args(["-q", "file", "signs m0.png"]).assert().code(0);
    assert!(root.join("signs m0.png").exists());
    assert!(root.join("archive/2026/11/minutes/2026-11-20 Board (signed).png").exists());
}

#[test]
fn it_joins_the_newest_version_and_stays_with_it() {
    let office = office(&["Board"]);
    let root = office.path();
    let version = |text: &str| format!("---\ntype: minutes\ndate: 2026-11-20\nid: m0\n---\n# Board\n\nThe Board met.\n{text}\n");
    drop_in(root, "again.md", version("It adjourned.").as_bytes());
    assert_eq!(run(root, 0)[0]["version"], 2);
    drop_in(root, "signs m0.pdf", &scan("page"));
    let line = run(root, 0).remove(0);
    assert_eq!((&line["version"], &line["number"]), (&2.into(), &"MIN-2026-001".into()));
    assert_eq!(line["pdf"], "archive/2026/11/minutes/2026-11-20 Board v2 (signed).pdf");
    let register = Register::open(&root.join("archive")).unwrap();
    let joined: Vec<usize> = register.versions("m0").unwrap().iter().map(|state| state.joined.len()).collect();
    assert_eq!(joined, [0, 1]);
    assert_eq!(register.records().unwrap().len(), 1, "a copy is no record");
    // What is signed is not changed without a reason.
    drop_in(root, "again.md", version("It did not adjourn.").as_bytes());
    assert_eq!(run(root, 1)[0]["problem"]["code"], "record-locked");
}

#[test]
fn a_note_may_bring_the_scan() {
    let office = office(&["Board"]);
    let root = office.path();
    drop_in(root, "cover.md", b"---\nsigns: MIN-2026-001\nattachments: [scan.pdf, letter.csv]\n---\nSigned on Friday. ![](back.jpg)\n");
    drop_in(root, "scan.pdf", &scan("page"));
    drop_in(root, "letter.csv", b"name\nAnna\n");
    drop_in(root, "back.jpg", b"\xff\xd8\xff\xda\x00\x02lines\xff\xd9");
    let line = run(root, 0).remove(0);
    let files: Vec<(&str, &str)> =
        line["files"].as_array().unwrap().iter().map(|file| (file["role"].as_str().unwrap(), file["path"].as_str().unwrap())).collect();
    let base = "archive/2026/11/minutes/2026-11-20 Board (signed)";
    let expected = [("signed", "pdf"), ("signed", "jpg"), ("source", "md"), ("source", "csv")];
    let mut expected: Vec<(&str, String)> = expected.iter().map(|(role, ending)| (*role, format!("{base}.{ending}"))).collect();
    expected[..2].sort();
    let mut files: Vec<(&str, String)> = files.into_iter().map(|(role, path)| (role, path.to_owned())).collect();
    files[..2].sort();
    assert_eq!(files, expected);
    assert!(inbox(root).is_empty());
    // Without the scan there is nothing to file.
    drop_in(root, "empty.md", b"---\nsigns: MIN-2026-001\n---\nI forgot it.\n");
    assert_eq!(run(root, 1)[0]["problem"]["code"], "signs-nothing");
    drop_in(root, "empty.md", b"---\nsigns: [MIN-2026-001, MIN-2026-002]\nattachments: scan.pdf\n---\nBoth.\n");
    drop_in(root, "scan.pdf", &scan("both"));
    let line = run(root, 1).into_iter().find(|line| line["problem"]["code"] == "signs-unclear").unwrap();
    assert_eq!(line["problem"]["line"], 2);
}

#[test]
fn a_name_that_means_nothing_or_too_much_is_asked_about() {
    let office = office(&["Board", "Council"]);
    let root = office.path();
    drop_in(root, "signs MIN-2026-01.pdf", &scan("page"));
    let problem = &run(root, 1)[0]["problem"];
    assert_eq!(problem["code"], "signs-unknown");
    let help = problem["help"].as_str().unwrap();
    assert!(help.contains("MIN-2026-001") && help.contains("Board"), "{help}");
    let note = fs::read_to_string(root.join("inbox/signs MIN-2026-01.pdf.problem.txt")).unwrap();
    assert!(note.contains("MIN-2026-001"), "{note}");
    // The right name, and all is well.
    fs::rename(root.join("inbox/signs MIN-2026-01.pdf"), root.join("inbox/signs MIN-2026-001.pdf")).unwrap();
    run(root, 0);
    assert!(inbox(root).is_empty());
    // One number on two records: series of one office may look alike.
    for name in ["a", "b"] {
        let home = root.join("templates").join(name);
        fs::create_dir_all(&home).unwrap();
        let manifest = format!(
            "title = {{ en = \"{name}\" }}\nsummary = {{ en = \"A paper\" }}\nnumber = {{ pattern = \"P-{{{{ year }}}}-{{{{ seq }}}}\" }}\n[archive]\npath = \"{{{{ type }}}}/{{{{ title }}}}\"\n"
        );
        fs::write(home.join("manifest.toml"), manifest).unwrap();
        fs::write(home.join("words.md"), "{{ body }}\n").unwrap();
        fs::write(home.join("layout.typ"), include_str!("../../templates/document/layout.typ")).unwrap();
        drop_in(root, &format!("{name}.md"), format!("---\ntype: {name}\ndate: 2026-11-20\n---\n# Paper\n\n{name}\n").as_bytes());
    }
    run(root, 0);
    drop_in(root, "signs P-2026-001.pdf", &scan("page"));
    let problem = &run(root, 1)[0]["problem"];
    assert_eq!(problem["code"], "signs-several");
    assert!(problem["message"].as_str().unwrap().matches("P-2026-001").count() >= 2, "{problem}");
}

#[test]
fn a_file_that_is_not_what_it_says_stays() {
    let office = office(&["Board"]);
    let root = office.path();
    let whole = scan("page");
    let locked = String::from_utf8(whole.clone()).unwrap().replace("/Size 1", "/Size 1/Encrypt 2 0 R");
    let files: [(&str, &[u8], &str); 4] = [
        ("signs MIN-2026-001.pdf", &whole[..whole.len() - 10], "scan-cut-off"),
        ("signs: MIN-2026-001.pdf", locked.as_bytes(), "scan-encrypted"),
        ("signs-MIN-2026-001.pdf", b"# No PDF at all", "scan-other"),
        ("signs_MIN-2026-001.png", &whole, "scan-other"),
    ];
    files.iter().for_each(|(name, bytes, _)| drop_in(root, name, bytes));
    let lines = run(root, 1);
    for (name, bytes, code) in files {
        let line = lines.iter().find(|line| line["source"] == format!("inbox/{name}")).unwrap();
        assert_eq!(line["problem"]["code"], code, "{name}");
        assert_eq!(fs::read(root.join("inbox").join(name)).unwrap(), bytes);
    }
    assert!(newest(root, "m0").joined.is_empty());
    let checked = chancery(root).args(["--json", "check", "inbox/signs_MIN-2026-001.png"]).assert().code(1);
    assert_eq!(json_lines(&checked.get_output().stdout)[0]["problem"]["code"], "scan-other");
}

#[test]
fn it_is_checked_and_classified_without_being_filed() {
    let office = office(&["Board"]);
    let root = office.path();
    fs::write(root.join("signs m0.pdf"), scan("page")).unwrap();
    let checked = chancery(root).args(["--json", "check", "signs m0.pdf"]).assert().code(0);
    let line = json_lines(&checked.get_output().stdout).remove(0);
    assert_eq!((&line["status"], &line["type"]), (&"ok".into(), &"minutes".into()));
    let classified = chancery(root).args(["--json", "classify", "signs m0.pdf"]).assert().code(0);
    let line = json_lines(&classified.get_output().stdout).remove(0);
    assert!(line["evidence"][0].as_str().unwrap().contains("MIN-2026-001"), "{line}");
    assert!(newest(root, "m0").joined.is_empty());
}

//! Whom records name, and what they relate to, by the real program.

use std::fs;
use std::path::Path;

use chancery::register::Register;
use serde_json::Value;

use crate::cli::{chancery, json_lines};

fn office(configuration: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("inbox")).unwrap();
    let people = "[people.amelia]\nname = \"Amelia Ford\"\n[fonts]\nfolders = []\n";
    fs::write(folder.path().join("chancery.toml"), format!("{people}{configuration}")).unwrap();
    folder
}

#[track_caller]
fn run(office: &Path, code: i32) -> Vec<Value> {
    let assert = chancery(office).args(["--json", "watch", "--once"]).assert().code(code);
    json_lines(&assert.get_output().stdout)
}

const MINUTES: &str = "---\ntype: minutes\ndate: 2026-11-20\nid: m1\nsecretary: Li Na\nchair: Zhang Wei\n---\n# Board\n\nPresent: Zhang Wei, Bo Berg\n\nThe Board met.\n\n## Actions\n\n- [ ] @amelia to write the letter by 2026-12-01\n";
const NOTICE: &str =
    "---\ntype: notice\ndate: 2026-11-20\nissuer: Omar Haddad\nrecipients: [Ann Lee, Joe Park]\n---\n# Meeting\n\nCome at six.\n";

#[test]
fn a_record_names_those_whom_its_note_does() {
    let office = office("");
    fs::write(office.path().join("inbox/m.md"), MINUTES).unwrap();
    fs::write(office.path().join("inbox/n.md"), NOTICE).unwrap();
    run(office.path(), 0);
    let register = Register::open(&office.path().join("archive")).unwrap();
    let people = |number: &str| register.find(number).unwrap().remove(0).people;
    assert_eq!(people("MIN-2026-001"), ["Li Na", "Zhang Wei", "Bo Berg", "Amelia Ford"]);
    // Of the recipients each record names its own.
    assert_eq!(people("NOT-2026-001"), ["Omar Haddad", "Ann Lee"]);
    assert_eq!(people("NOT-2026-002"), ["Omar Haddad", "Joe Park"]);
}

#[test]
fn without_names_nobody_stands_in_the_register() {
    let office = office("[register]\nnames = false\n");
    fs::write(office.path().join("inbox/m.md"), MINUTES).unwrap();
    fs::write(office.path().join("inbox/n.md"), NOTICE).unwrap();
    // One that is reserved and cannot be made: its void line quotes nothing.
    let unprintable = "---\ntype: minutes\ndate: 2026-11-20\nchair: Zhang Wei\n---\n# Other\n\nZhang Wei said \u{10fffd}.\n";
    fs::write(office.path().join("inbox/x.md"), unprintable).unwrap();
    run(office.path(), 1);
    chancery(office.path()).args(["-q", "approve", "m1", "--by", "Zhang Wei", "--on", "2026-11-22"]).assert().code(0);
    let mut lines = 0;
    for entry in fs::read_dir(office.path().join("archive/register")).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        lines += text.lines().count();
        for name in ["Zhang", "Li Na", "Berg", "Amelia", "Ford", "Omar", "Haddad", "Ann Lee", "Joe", "Park", "amelia"] {
            assert!(!text.contains(name), "{name} stands in the register: {text}");
        }
    }
    assert!(lines > 8, "{lines} lines");
    // The pages still name them.
    let register = Register::open(&office.path().join("archive")).unwrap();
    assert_eq!(register.find("m1").unwrap()[0].version, 2);
    chancery(office.path()).args(["-q", "verify"]).assert().code(0);
}

#[test]
fn what_a_note_relates_to_is_shown_both_ways() {
    let office = office("");
    fs::write(office.path().join("inbox/m.md"), MINUTES).unwrap();
    run(office.path(), 0);
    let note =
        "---\ntype: notice\ndate: 2026-11-21\nid: n1\nrelates: [MIN-2026-001, m1, MIN-2025-999]\n---\n# Follow-up\n\nAs was decided.\n";
    fs::write(office.path().join("inbox/n.md"), note).unwrap();
    let line = run(office.path(), 0).remove(0);
    let warnings = line["warnings"].as_array().unwrap();
    let warning = warnings.iter().find(|warning| warning["code"] == "relates-unknown").unwrap();
    assert!(warning["message"].as_str().unwrap().contains("`MIN-2025-999`") && warning["line"] == 5, "{warning}");
    assert!(!warnings.iter().any(|warning| warning["code"] == "field-unknown"), "{warnings:?}");
    let show = |id: &str| {
        let shown = chancery(office.path()).args(["--json", "show", id]).assert().code(0);
        json_lines(&shown.get_output().stdout).remove(0)
    };
    assert_eq!(show("n1")["relations"], serde_json::json!([{"to": "m1", "relation": "relates"}]));
    let from = &show("MIN-2026-001")["related_from"];
    assert_eq!((&from[0]["id"], &from[0]["title"]), (&"n1".into(), &"Follow-up".into()));
    let shown = chancery(office.path()).args(["show", "m1"]).assert().code(0);
    assert!(String::from_utf8_lossy(&shown.get_output().stdout).contains("related   NOT-2026-001 (Follow-up)"));
}

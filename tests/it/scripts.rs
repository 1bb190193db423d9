//! Every script: the page of a note in it has each of its letters once and no empty box, bold and italic too; what no font
//! has is a problem with its line.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::cli::{chancery, json_lines};

fn office(settings: &str) -> tempfile::TempDir {
    let here = tempfile::tempdir().unwrap();
    std::fs::create_dir(here.path().join("inbox")).unwrap();
    std::fs::write(here.path().join("chancery.toml"), settings).unwrap();
    here
}

/// An office with the built-in fonts alone.
fn bare() -> tempfile::TempDir {
    office("[fonts]\nfolders = []\n")
}

fn render(office: &Path, note: &str) -> Value {
    std::fs::write(office.join("note.md"), note).unwrap();
    let arguments = ["--json", "--now", "2026-11-23T10:00:00Z", "render", "--type", "document", "note.md", "-o", "note.pdf"];
    json_lines(&chancery(office).args(arguments).output().unwrap().stdout).remove(0)
}

fn note(script: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/scripts").join(script).with_extension("md");
    std::fs::read_to_string(path).unwrap()
}

fn text_of(office: &Path) -> String {
    let output = Command::new("pdftotext").args(["note.pdf", "-"]).current_dir(office).output();
    String::from_utf8(output.expect("pdftotext (poppler-utils) is installed").stdout).unwrap()
}

/// How often each letter and mark beyond ASCII stands in a text, from a word on.
fn letters(text: &str, first: &str) -> BTreeMap<char, usize> {
    let from = text.find(first).unwrap_or_else(|| panic!("`{first}` is not in {text}"));
    let mut counts = BTreeMap::new();
    for c in text[from..]
        .chars()
        .filter(|c| !c.is_ascii() && !c.is_whitespace() && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '•'))
    {
        *counts.entry(c).or_default() += 1;
    }
    counts
}

/// The page of a script's note has its letters, each as often as the note, from the first word of its text on.
fn stands_whole(script: &str, first: &str, office: &Path) {
    let note = note(script);
    let line = render(office, &note);
    assert_eq!((line["status"].as_str(), line["warnings"].to_string().as_str()), (Some("rendered"), "[]"), "{script}: {line}");
    let (wanted, found) = (letters(&note, first), letters(&text_of(office), first));
    let differing: Vec<_> = wanted.keys().chain(found.keys()).filter(|c| wanted.get(c) != found.get(c)).collect();
    assert!(differing.is_empty(), "{script}: {differing:?} in {}", text_of(office));
}

#[test]
fn the_built_in_fonts_print_every_script_but_korean_whole() {
    let here = bare();
    for (script, first) in [
        ("la", "Held"),
        ("el", "συνεδρίαση"),
        ("ru", "Заседание"),
        ("ar", "اجتماعه"),
        ("he", "התכנסה"),
        ("hi", "श्रीमती"),
        ("th", "โดยมี"),
        ("zh", "会议于"),
        ("mixed", "English"),
    ] {
        stands_whole(script, first, here.path());
    }
}

#[test]
fn the_scripts_of_eastern_asia_print_whole_in_the_faces_of_their_region() {
    let listed = Command::new("fc-list").output().map(|found| String::from_utf8_lossy(&found.stdout).into_owned()).unwrap_or_default();
    if !listed.contains("NotoSerifCJK") {
        println!("skipped: NotoSerifCJK is not installed");
        return;
    }
    let here = office("[fonts]\nfolders = [\"/usr/share/fonts\"]\n");
    for (script, first, face) in [("zh-Hant", "會議於", "CJKtc"), ("ja", "会議は", "CJKjp"), ("ko", "회의는", "CJKkr")] {
        stands_whole(script, first, here.path());
        let fonts = Command::new("pdffonts").arg("note.pdf").current_dir(here.path()).output().unwrap();
        let fonts = String::from_utf8(fonts.stdout).unwrap();
        assert!(fonts.contains(face) && fonts.contains("Bold"), "{script}: {fonts}");
    }
}

#[test]
fn a_letter_whose_marks_no_font_has_together_is_told_at_its_line() {
    let here = bare();
    let line = render(here.path(), "# T\n\n2026-01-02\n\nFine.\n\n**ब\u{5b4}** and ก\u{64e}\n");
    assert!(line["status"] == "rendered" || (line["problem"]["code"] == "glyph-missing" && line["problem"]["line"] == 7), "{line}");
}

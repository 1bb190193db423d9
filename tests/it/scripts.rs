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

/// What `chancery fonts` says of each script.
fn survey(office: &Path) -> BTreeMap<String, Value> {
    let lines = json_lines(&chancery(office).args(["--json", "fonts"]).output().unwrap().stdout);
    lines.into_iter().filter(|line| line["script"].is_string()).map(|line| (line["script"].as_str().unwrap().to_owned(), line)).collect()
}

#[test]
fn fonts_tells_who_prints_which_script_and_what_is_missing() {
    let here = bare();
    let scripts = survey(here.path());
    for (script, serif, sans) in [
        ("latin", "Source Serif 4", "Source Sans 3"),
        ("simplified", "Chancery Serif Han", "Chancery Sans Han"),
        ("arabic", "Noto Naskh Arabic", "Noto Sans Arabic"),
        ("hebrew", "Noto Serif Hebrew", "Noto Sans Hebrew"),
        ("devanagari", "Noto Serif Devanagari", "Noto Sans Devanagari"),
        ("thai", "Noto Serif Thai", "Noto Sans Thai"),
    ] {
        let line = &scripts[script];
        assert_eq!(
            (line["serif"]["regular"][0]["family"].as_str(), line["sans"]["bold"][0]["family"].as_str()),
            (Some(serif), Some(sans)),
            "{line}"
        );
        assert_eq!((line["missing"].as_str(), line["sans"]["bold"][0]["weight"].as_u64()), (Some(""), Some(700)), "{line}");
        assert_eq!(line["serif"]["regular"][0]["builtin"], true);
    }
    assert_eq!(scripts["korean"]["package"], "fonts-noto-cjk");
    assert!(scripts["korean"]["missing"].as_str().unwrap().contains('회'));
    assert_eq!(scripts["japanese"]["package"], "fonts-noto-cjk");
    let said = chancery(here.path()).arg("fonts").output().unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    assert!(said.contains("Noto Naskh Arabic") && said.contains("apt install fonts-noto-cjk"), "{said}");
}

#[test]
fn fonts_tells_who_prints_a_note_and_which_of_its_characters_nobody_has() {
    let here = bare();
    std::fs::write(here.path().join("note.md"), "# Peace\n\n2026-01-02\n\nThe word שלום.\n\nAnd 서울.\n").unwrap();
    let ran = chancery(here.path()).args(["--json", "fonts", "note.md"]).output().unwrap();
    assert_eq!(ran.status.code(), Some(1));
    let line = json_lines(&ran.stdout).remove(0);
    let faces = line["faces"].as_array().unwrap();
    assert!(faces.iter().any(|face| face["family"] == "Noto Serif Hebrew" && face["characters"] == "ולםש"), "{line}");
    assert_eq!((line["problems"][0]["line"].as_u64(), line["problems"][0]["code"].as_str()), (Some(7), Some("glyph-missing")), "{line}");
}

#[test]
fn the_fonts_of_a_script_are_those_that_the_office_chose() {
    let here = office(
        "[fonts]\nfolders = []\n[fonts.script]\nhebrew = { serif = \"Noto Sans Hebrew\" }\nthai = [\"Noto Sans Thai\"]\ngreek = \"Noto Sans\"\n",
    );
    let scripts = survey(here.path());
    for (script, family) in
        [("hebrew", "Noto Sans Hebrew"), ("thai", "Noto Sans Thai"), ("greek", "Noto Sans"), ("cyrillic", "Source Serif 4")]
    {
        assert_eq!(scripts[script]["serif"]["regular"][0]["family"], family, "{}", scripts[script]);
    }
}

#[test]
fn a_chosen_font_that_is_not_there_is_told_with_its_line_and_its_package() {
    let here = office(
        "[fonts]\nfolders = []\n[fonts.script]\nhebrew = \"Noto Serif Hebru\"\narabic = \"Amiri\"\n[style]\nserif = \"EB Garamond\"\n",
    );
    let line = render(here.path(), "# T\n\n2026-01-02\n\nThe word שלום.\n");
    let warnings: Vec<&str> = line["warnings"].as_array().unwrap().iter().map(|warning| warning["message"].as_str().unwrap()).collect();
    assert_eq!(warnings.len(), 2, "Arabic is not in the note: {line}");
    assert!(warnings[0].contains("line 7") && warnings[0].contains("fonts-ebgaramond"), "{line}");
    assert!(warnings[1].contains("line 4") && warnings[1].contains("Did you mean `Noto Serif Hebrew`?"), "{line}");
    let ran = chancery(here.path()).arg("fonts").output().unwrap();
    assert_eq!(ran.status.code(), Some(1));
    assert!(String::from_utf8(ran.stdout).unwrap().contains("fonts-hosny-amiri"));
}

#[test]
fn a_chosen_font_without_bold_is_told_once() {
    let here = office("[fonts]\nfolders = []\n[style]\nserif = \"Noto Sans Math\"\n");
    for name in ["a.md", "b.md"] {
        std::fs::write(here.path().join(name), "# T\n\n2026-01-02\n\nText.\n").unwrap();
    }
    let lines = json_lines(&chancery(here.path()).args(["--json", "check", "a.md", "b.md"]).output().unwrap().stdout);
    let all = lines.iter().map(|line| line["warnings"].to_string()).collect::<String>();
    assert_eq!(all.matches("font-without-bold").count(), 1, "{all}");
    assert!(all.contains("line 4"), "{all}");
}

#[test]
fn a_script_that_is_none_is_told() {
    for (written, help) in [("hebrw = \"X\"", "Did you mean `hebrew`?"), ("latin = \"X\"", "[style]"), ("thai = 3", "thai = { serif")] {
        let here = office(&format!("[fonts.script]\n{written}\n"));
        let ran = chancery(here.path()).arg("fonts").output().unwrap();
        assert_eq!(ran.status.code(), Some(2));
        let said = String::from_utf8(ran.stderr).unwrap();
        assert!(said.contains(help) && said.contains("line 2"), "{said}");
    }
}

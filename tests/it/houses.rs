//! The houses that draw the pages: chosen in `chancery.toml`, the office's own among them.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::cli::{chancery, json_lines};

/// An office with these settings.
fn office(settings: &str) -> tempfile::TempDir {
    let here = tempfile::tempdir().unwrap();
    std::fs::create_dir(here.path().join("inbox")).unwrap();
    std::fs::write(here.path().join("chancery.toml"), settings).unwrap();
    here
}

/// Renders a note in the office's folder; the first JSON line.
fn render(office: &Path, kind: &str, note: &str) -> Value {
    std::fs::write(office.join("note.md"), note).unwrap();
    let arguments = ["--json", "--now", "2026-11-23T10:00:00+01:00", "render", "--type", kind, "note.md", "-o", "note.pdf"];
    json_lines(&chancery(office).args(arguments).output().unwrap().stdout).remove(0)
}

/// The words of a PDF, parted by single spaces.
fn words_of(pdf: PathBuf) -> String {
    let output = Command::new("pdftotext").arg(pdf).arg("-").output().expect("pdftotext (poppler-utils) is installed");
    String::from_utf8(output.stdout).unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A house needs no more than what it wants otherwise; it may put something at the end, and lay out a type by itself.
#[test]
fn an_office_s_own_house_is_one_file() {
    let here = office("[style]\nhouse = \"mine\"\n[organisation]\nname = \"Harbour Hill\"\n");
    let houses = here.path().join("templates/_shared/houses");
    std::fs::create_dir_all(&houses).unwrap();
    let house = r#"
#let letterhead(data, style) = [In the house of #data.organisation.name]
#let ending(data, style) = [The very end.]
#let layouts = (notice: (data, words) => {
  heading(level: 1, data.title)
  [Laid out by the house.]
  words((:))
})
"#;
    std::fs::write(houses.join("mine.typ"), house).unwrap();
    let line = render(here.path(), "document", "---\nauthor: Amelia\n---\n# A plan\n\n2026-01-02\n\nThe text.\n");
    assert_eq!(line["status"], "rendered", "{line}");
    let words = words_of(here.path().join("note.pdf"));
    assert!(words.starts_with("In the house of Harbour Hill A plan Author Amelia"), "{words}");
    assert!(words.contains("The text. The very end."), "{words}");
    let line = render(here.path(), "notice", "# Notice of closing\n\n2026-01-02\n\nThe text.\n");
    assert_eq!(line["status"], "rendered", "{line}");
    let words = words_of(here.path().join("note.pdf"));
    assert!(words.starts_with("Notice of closing Laid out by the house."), "{words}");
}

#[test]
fn a_house_that_is_not_there_is_told_with_its_line() {
    let here = office("[style]\nhouse = \"moderne\"\n");
    let ran = chancery(here.path()).args(["--json", "types"]).output().unwrap();
    let told = String::from_utf8_lossy(&[ran.stdout, ran.stderr].concat()).into_owned();
    assert!(told.contains("There is no house `moderne`") && told.contains("Did you mean `modern`?"), "{told}");
}

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

/// The tags of a PDF with the text that each holds, as `pdfinfo` (poppler) shows them.
fn structure_of(pdf: &Path) -> String {
    let output = Command::new("pdfinfo").arg("-struct-text").arg(pdf).output().expect("pdfinfo (poppler-utils) is installed");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A note that fills several pages, with this many headings.
fn long_note(fields: &str, headings: usize) -> String {
    let part = |n: usize| format!("## Part {n}\n\n{}\n", "A sentence that fills the page with its words. ".repeat(60));
    format!("---\ndate: 2026-01-02\n{fields}---\n# A report\n\n{}", (1..=headings).map(part).collect::<Vec<_>>().join("\n"))
}

const HOUSES: [&str; 2] = ["modern", "plain"];

#[test]
fn a_stamp_stands_on_every_page_and_is_heard_once() {
    for house in HOUSES {
        let here = office(&format!("[style]\nhouse = \"{house}\"\n"));
        let line = render(here.path(), "document", &long_note("confidential: yes\nstamp: [copy, For the board]\n", 3));
        assert_eq!(line["status"], "rendered", "{line}");
        assert_eq!(line["warnings"].as_array().map(Vec::len), Some(0), "{line}");
        let pdf = here.path().join("note.pdf");
        let words = words_of(pdf.clone()).to_lowercase();
        let pages = usize::try_from(line["pages"].as_u64().unwrap()).unwrap();
        assert!(pages > 1, "{line}");
        assert_eq!(words.matches("confidential · copy · for the board").count(), pages, "{house}: {words}");
        assert_eq!(structure_of(&pdf).to_lowercase().matches("confidential").count(), 1, "{house}: {}", structure_of(&pdf));
    }
    let here = office("");
    for (lang, word) in [("de", "Vertraulich"), ("zh", "保密"), ("fr", "Confidentiel"), ("ja", "機密")] {
        let line = render(here.path(), "document", &format!("---\ndate: 2026-01-02\nlang: {lang}\nconfidential: true\n---\n# T\n\ntext\n"));
        assert_eq!(line["status"], "rendered", "{line}");
        assert!(words_of(here.path().join("note.pdf")).to_lowercase().contains(&word.to_lowercase()), "{lang}");
    }
    render(here.path(), "document", "---\ndate: 2026-01-02\nconfidential: no\n---\n# T\n\ntext\n");
    assert!(!words_of(here.path().join("note.pdf")).to_lowercase().contains("confidential"));
}

#[test]
fn a_note_may_choose_its_look_and_a_slip_is_told() {
    let here = office("[organisation]\nname = \"Harbour Hill\"\n");
    let line = render(here.path(), "document", "---\ndate: 2026-01-02\nhouse: Plain\n---\n# T\n\ntext\n");
    assert_eq!((&line["status"], line["warnings"].as_array().map(Vec::len)), (&Value::from("rendered"), Some(0)), "{line}");
    assert!(words_of(here.path().join("note.pdf")).contains("HARBOUR HILL"));
    let line = render(here.path(), "document", "---\ndate: 2026-01-02\nhouse: plan\naccess: big\n---\n# T\n\ntext\n");
    let warnings = line["warnings"].to_string();
    assert!(warnings.contains("Did you mean `plain`?") && warnings.contains("`clear`, `large`"), "{warnings}");
    assert!(words_of(here.path().join("note.pdf")).contains("Harbour Hill"), "the house stays");
}

#[test]
fn a_long_document_has_contents_and_a_short_one_has_none() {
    let contents = |settings: &str, note: &str| {
        let here = office(settings);
        let line = render(here.path(), "document", note);
        assert_eq!(line["status"], "rendered", "{line}");
        words_of(here.path().join("note.pdf")).contains("Contents Part 1")
    };
    let (long, short) = (long_note("", 14), long_note("", 3));
    for house in HOUSES {
        assert!(contents(&format!("[style]\nhouse = \"{house}\"\n"), &long), "{house}");
        assert!(!contents(&format!("[style]\nhouse = \"{house}\"\n"), &short), "{house}");
    }
    assert!(!contents("[style]\ncontents = false\n", &long));
    assert!(contents("[style]\ncontents = true\n", &short));
    assert!(!contents("[style]\ncontents = true\n", "# T\n\n2026-01-02\n\ntext\n"), "of nothing there are no contents");
}

/// Clear print and large print (UKAAF G003): nothing on the page is smaller than 14, or 18, points.
#[test]
fn print_for_readers_who_see_little_has_no_small_type() {
    let note = "---\ndate: 2026-01-02\nauthor: Amelia\nstamp: draft\n---\n# A report\n\nText with `code`, a note[^1] and *stress*.\n\n\
        ## Part\n\n| a | b |\n|--|--|\n| 1 | 2 |\n\n```sh\nls\n```\n\n[^1]: The note.\n";
    for house in HOUSES {
        for (access, least) in [("clear", 14.0), ("large", 18.0)] {
            let here = office(&format!(
                "[style]\nhouse = \"{house}\"\naccess = \"{access}\"\n[organisation]\nname = \"Harbour Hill\"\ncontact = [\"t\"]\n"
            ));
            let line = render(here.path(), "document", note);
            assert_eq!(line["status"], "rendered", "{line}");
            for (size, text) in sizes_in(&here.path().join("note.pdf")) {
                // The figure of a footnote is raised, and four fifths of the text; its own text is whole.
                assert!(size >= least - 0.01 || text == "1" && size >= (0.8 * least).floor(), "{house} {access}: `{text}` has {size} pt");
            }
        }
    }
}

/// Each word of a PDF with the size of its type, from the height of its box as `pdftotext -bbox-layout` tells it.
fn sizes_in(pdf: &Path) -> Vec<(f64, String)> {
    let output = Command::new("pdftohtml").args(["-xml", "-i", "-stdout", "-zoom", "1", "-fontfullname"]).arg(pdf).output();
    let xml = String::from_utf8_lossy(&output.expect("pdftohtml (poppler-utils) is installed").stdout).into_owned();
    let value = |line: &str, key: &str| Some(line.split_once(&format!("{key}=\""))?.1.split_once('"')?.0.to_owned());
    let mut sizes = std::collections::BTreeMap::new();
    let mut found = Vec::new();
    for line in xml.lines() {
        if let (Some(id), Some(size)) = (value(line, "fontspec id"), value(line, "size")) {
            sizes.insert(id, size.parse::<f64>().unwrap());
        } else if let Some(font) = value(line, " font") {
            let text = line.split('>').skip(1).map(|part| part.split('<').next().unwrap_or("")).collect::<String>();
            found.push((sizes[&font], text.trim().to_owned()));
        }
    }
    assert!(!found.is_empty());
    found
}

#[test]
fn the_logo_stands_in_the_letterhead_and_a_broken_one_is_told() {
    for house in HOUSES {
        let settings = format!("[style]\nhouse = \"{house}\"\n[organisation]\nname = \"Harbour Hill\"\nlogo = \"logo.svg\"\n");
        let here = office(&settings);
        let svg = r##"<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="40" height="20" fill="#336699"/></svg>"##;
        std::fs::write(here.path().join("logo.svg"), svg).unwrap();
        let line = render(here.path(), "document", "# T\n\n2026-01-02\n\ntext\n");
        assert_eq!(line["status"], "rendered", "{line}");
        let structure = structure_of(&here.path().join("note.pdf"));
        assert!(structure.contains("Figure") && structure.to_lowercase().contains("harbour hill"), "{structure}");
        std::fs::write(here.path().join("logo.svg"), "<svg broken").unwrap();
        let line = render(here.path(), "document", "# T\n\n2026-01-02\n\ntext\n");
        assert_eq!(line["problem"]["code"], "logo-unreadable", "{line}");
        assert_eq!(line["problem"]["file"], "chancery.toml", "{line}");
    }
}

/// A letterhead with a logo is raised over the address of a letter: the stamp stands above it, not under it.
#[test]
fn a_stamp_is_seen_above_a_raised_letterhead() {
    for house in HOUSES {
        let here = office(&format!(
            "[organisation]\nname = \"Harbour Hill\"\nlogo = \"logo.svg\"\n[style]\nhouse = \"{house}\"\nletter = \"din-5008-b\"\n"
        ));
        let svg =
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"90\" height=\"60\"><rect width=\"90\" height=\"60\" fill=\"red\"/></svg>";
        std::fs::write(here.path().join("logo.svg"), svg).unwrap();
        let note = "---\ndate: 2026-01-02\nrecipient: Amelia Ford\naddress: 12 Long Road\nstamp: COPY\n---\n# New lease\n\nText.\n";
        assert_eq!(render(here.path(), "letter", note)["status"], "rendered");
        let output = Command::new("pdftotext").args(["-bbox", "note.pdf", "-"]).current_dir(here.path()).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let line = text.lines().find(|line| line.to_lowercase().contains(">copy<")).unwrap_or_else(|| panic!("{house}: {text}"));
        let bottom: f64 = line.split("yMax=\"").nth(1).unwrap().split('"').next().unwrap().parse().unwrap();
        assert!(bottom < 14.0 * 72.0 / 25.4, "{house}: {line}");
    }
}

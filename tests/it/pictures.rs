//! Pictures as people and programs make them, whole and broken: each is set, or named with its line and what is wrong with it.
//! `tests/validation.py` judges the pages of those that are set.

use std::path::Path;

use serde_json::Value;

use crate::cli::{chancery, json_lines};

/// Pictures that are set, and the warnings that come with them.
const SET: &[(&str, &[&str])] = &[
    ("ok.png", &[]),
    ("ok.jpg", &[]),
    ("ok.gif", &[]),
    ("ok.webp", &[]),
    ("ok.svg", &[]),
    ("alpha.png", &[]),
    ("alpha.webp", &[]),
    ("grey-16.png", &[]),
    ("rgba-16.png", &[]),
    ("high.png", &[]),
    ("wide.png", &[]),
    ("profile.png", &[]),
    ("profile.jpg", &[]),
    ("profile-nonsense.png", &[]),
    ("profile-grey.png", &[]),
    ("turned.jpg", &[]),
    // Its bytes say what it is, not its name.
    ("wrong-ending.gif", &[]),
    ("moving.gif", &["image-animated"]),
    ("moving.webp", &["image-animated"]),
    ("moving.png", &["image-animated"]),
    ("script.svg", &[]),
    ("outside.svg", &["image-linked"]),
    ("text.svg", &[]),
    ("browser.svg", &["image-foreign"]),
];

/// Pictures that are refused, and a word of the reason.
const REFUSED: &[(&str, &str)] = &[
    ("cut.png", "cut off"),
    ("cut.jpg", "its end is missing"),
    ("cut.gif", "cut off"),
    ("cut.webp", "cut off"),
    ("flipped.png", "broken"),
    ("zero.png", "broken"),
    ("huge.png", "30000 × 30000 pixels, and the limit is 100 million"),
    ("press.jpg", "CMYK"),
    ("profile-lab.png", "colour profile"),
    ("text.png", "no PNG, JPEG, GIF, WebP or SVG"),
    ("page.jpg", "no PNG, JPEG, GIF, WebP or SVG"),
    ("scan.png", "it is a PDF"),
    ("bomb.svg", "not well-formed"),
    ("entity.svg", "not well-formed"),
    ("no-size.svg", "not well-formed"),
    ("uses.svg", "too large"),
    ("broken.svg", "not well-formed"),
    ("no-font.svg", "U+E000"),
    ("joining.svg", "letters join"),
    ("no-font-hidden.svg", "characters that no font here has"),
    ("press.svg", "CMYK"),
];

fn fixtures() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/pictures")
}

/// An office that holds all pictures, with a note for each.
fn office() -> tempfile::TempDir {
    let here = tempfile::tempdir().unwrap();
    std::fs::create_dir(here.path().join("inbox")).unwrap();
    std::fs::write(here.path().join("chancery.toml"), "[fonts]\nfolders = []\n").unwrap();
    for entry in std::fs::read_dir(fixtures()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        std::fs::copy(&path, here.path().join(&name)).unwrap();
        let note = format!("# Title\n\n2026-01-02\n\nBefore.\n\n![The picture]({name})\n\nAfter.\n");
        std::fs::write(here.path().join(format!("{name}.md")), note).unwrap();
    }
    here
}

fn render(office: &Path, names: &[&str]) -> Vec<Value> {
    let notes = names.iter().map(|name| format!("{name}.md"));
    let ran = chancery(office).args(["--json", "render", "--type", "document", "-o", "out/"]).args(notes).output().unwrap();
    json_lines(&ran.stdout)
}

#[test]
fn every_picture_is_tried() {
    let mut found: Vec<String> = std::fs::read_dir(fixtures()).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    let mut named: Vec<&str> =
        SET.iter().map(|(name, _)| *name).chain(REFUSED.iter().map(|(name, _)| *name)).chain(["upright.jpg"]).collect();
    found.sort();
    named.sort_unstable();
    assert_eq!(found, named);
}

#[test]
fn what_can_be_shown_is_set_and_what_is_left_out_is_told() {
    let here = office();
    let names: Vec<&str> = SET.iter().map(|(name, _)| *name).collect();
    for ((name, codes), line) in SET.iter().zip(render(here.path(), &names)) {
        assert_eq!(line["status"], "rendered", "{name}: {line}");
        let warnings = line["warnings"].as_array().cloned().unwrap_or_default();
        let told: Vec<&str> = warnings.iter().filter_map(|warning| warning["code"].as_str()).collect();
        assert_eq!(told, *codes, "{name}: {line}");
        assert!(warnings.iter().all(|warning| warning["message"].as_str().unwrap().contains(name)), "{name}: {line}");
    }
}

#[test]
fn what_cannot_be_shown_is_named_with_its_line() {
    let here = office();
    let names: Vec<&str> = REFUSED.iter().map(|(name, _)| *name).collect();
    for ((name, reason), line) in REFUSED.iter().zip(render(here.path(), &names)) {
        assert_eq!(line["status"], "attention", "{name}: {line}");
        let problem = &line["problem"];
        assert_eq!((problem["code"].as_str(), problem["line"].as_u64()), (Some("image-unreadable"), Some(7)), "{name}: {line}");
        let message = problem["message"].as_str().unwrap();
        assert!(message.contains(&format!("`{name}`")) && message.contains(reason), "{name}: {message}");
    }
}

#[test]
fn a_photograph_that_was_turned_stands_upright() {
    let here = office();
    assert!(render(here.path(), &["turned.jpg", "upright.jpg"]).iter().all(|line| line["status"] == "rendered"));
    let page = |name: &str| {
        let pdf = here.path().join(format!("out/{name}.pdf"));
        let ran =
            std::process::Command::new("pdftoppm").args(["-r", "36"]).arg(pdf).output().expect("pdftoppm (poppler-utils) is installed");
        assert!(!ran.stdout.is_empty());
        ran.stdout
    };
    let (turned, upright) = (page("turned.jpg"), page("upright.jpg"));
    assert_eq!(turned.len(), upright.len());
    let off = turned.iter().zip(&upright).filter(|(one, other)| one.abs_diff(**other) > 100).count();
    assert!(off < 100, "{off} of {} differ", turned.len());
}

#[test]
fn many_large_pictures_are_refused_before_they_fill_the_memory() {
    let here = office();
    // 6,000 × 16,000 pixels each, in a few hundred bytes that say so.
    let mut png = std::fs::read(fixtures().join("huge.png")).unwrap();
    png[16..24].copy_from_slice(&[0, 0, 0x17, 0x70, 0, 0, 0x3e, 0x80]);
    let shown: String = (0..5).map(|at| format!("![p]({at}.png)\n\n")).collect();
    (0..5).for_each(|at| std::fs::write(here.path().join(format!("{at}.png")), &png).unwrap());
    std::fs::write(here.path().join("many.md"), format!("# T\n\n2026-01-02\n\n{shown}")).unwrap();
    let ran = chancery(here.path()).args(["render", "--type", "document", "many.md"]).assert().code(1);
    let said = String::from_utf8_lossy(&ran.get_output().stderr).into_owned();
    assert!(said.contains("together have more than 400 million pixels"), "{said}");
}

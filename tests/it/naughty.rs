//! Strings that programs stumble over, as titles of whole documents: each is set, or what no font has is named.

use crate::cli::{chancery, json_lines};

const TITLES: &[&str] = &[
    "undefined",
    "NULL",
    "\\",
    "0",
    "-1E+02",
    "true",
    "~",
    "2026-01-02",
    "<script>alert(1)</script>",
    "--><!--",
    "#read(\"/etc/passwd\")",
    "$x$ {{ 7*7 }} {% raw %}",
    "../../etc/passwd",
    "CON",
    "file:///etc/passwd",
    "'; DROP TABLE records; --",
    "\u{202e}turned",
    "\u{feff}mark",
    "e\u{301} n\u{303}",
    "田中さん",
    "👨‍👩‍👧 🇩🇪",
    "שלום עולם",
    "مرحبا",
    "ภาษาไทย",
    "T̷h̸i̴s̵",
    "\u{1}control",
    "# heading",
    "- item",
    "| a | b |",
    "[a](b)",
    "&amp;",
    "-",
    "%s%n",
    "Wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww",
];

fn office(titles: &[String]) -> tempfile::TempDir {
    let here = tempfile::tempdir().unwrap();
    std::fs::create_dir(here.path().join("inbox")).unwrap();
    std::fs::write(here.path().join("chancery.toml"), "[fonts]\nfolders = []\n").unwrap();
    for (at, title) in titles.iter().enumerate() {
        let note = serde_json::json!({ "type": "document", "date": "2026-01-02", "title": title, "body": "The text." });
        std::fs::write(here.path().join(format!("{at}.json")), note.to_string()).unwrap();
    }
    here
}

/// Sets a document under each title, in one process.
fn judge(titles: &[String]) {
    let here = office(titles);
    let notes = (0..titles.len()).map(|at| format!("{at}.json"));
    let ran = chancery(here.path()).args(["--json", "render", "-o", "out/"]).args(notes).output().unwrap();
    let lines = json_lines(&ran.stdout);
    assert_eq!(lines.len(), titles.len());
    for (title, line) in titles.iter().zip(&lines) {
        let is_told = line["problem"]["code"] == "glyph-missing";
        assert!(line["status"] == "rendered" || is_told, "{title:?}: {line}");
        if is_told {
            continue;
        }
        let told = line["title"].as_str().unwrap();
        let kept = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
        assert_eq!(kept(told), kept(title), "{title:?}: {line}");
    }
}

#[test]
fn any_title_is_set() {
    judge(&TITLES.iter().map(|title| (*title).to_owned()).collect::<Vec<_>>());
}

#[test]
fn every_string_of_the_corpus_is_set_as_a_title() {
    let corpus = std::env::var_os("CHANCERY_CORPUS").map_or_else(|| "../shared/corpus".into(), std::path::PathBuf::from);
    let Ok(bytes) = std::fs::read(corpus.join("formats/naughty-strings/blns.json")) else {
        println!("skipped: no corpus at {}; set CHANCERY_CORPUS", corpus.display());
        return;
    };
    let all: Vec<String> = serde_json::from_slice(&bytes).unwrap();
    // A sample; all of them take a minute.
    let every = if std::env::var_os("CHANCERY_THOROUGH").is_some() { 1 } else { 8 };
    let titles: Vec<String> = all.into_iter().filter(|title| title.chars().any(char::is_alphanumeric)).step_by(every).collect();
    judge(&titles);
}

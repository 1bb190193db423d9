//! Rules of the house that no compiler knows: how long a file may be, what no module may name, and
//! that nothing is left behind.
//!
//! Lists of exceptions only shrink: an entry that is no longer needed, or allows more than is used, fails too.

use std::path::{Path, PathBuf};

/// Lines of a file's own, that is without the tests at its end.
const MAX_LINES: usize = 300;
/// A file of tests is a list of cases and may be longer.
const MAX_TEST_LINES: usize = 400;
/// How much shorter than its exception a file may be before the exception has to follow.
const SLACK: usize = 40;
/// Files that are longer, and how long they may be at most.
const LONG_FILES: &[(&str, usize)] = &[("src/intake/tracker/tests.rs", 830)];

/// What a module may not name, so that the stages stay what they are: folder, word, reason.
const BOUNDARIES: &[(&str, &str, &str)] = &[
    ("src/reading", "std::fs", "reading is handed bytes"),
    ("src/classification", "std::fs", "classification is handed a submission"),
    ("src/composition", "std::fs", "composition is handed a type's files"),
    ("src", "std::net", "nothing is fetched"),
];

/// Folders whose files may name Typst: everything else would change with each of its versions.
const TYPST_FOLDER: &str = "src/typesetting/";

/// A file of the repository with its text.
struct Source {
    path: String,
    text: String,
}

impl Source {
    fn is_test(&self) -> bool {
        self.path.starts_with("tests/") || self.path.ends_with("/tests.rs") || self.path.contains("/tests/")
    }

    /// The lines before the tests at the end of a file; in a file of tests, all.
    fn own_lines(&self) -> Vec<&str> {
        let test = self.is_test();
        self.text.lines().take_while(|line| test || *line != "#[cfg(test)]").collect()
    }
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files below some folders (or the files themselves) that end in one of the extensions.
fn sources(places: &[&str], extensions: &[&str]) -> Vec<Source> {
    let mut found = Vec::new();
    let mut open: Vec<PathBuf> = places.iter().map(|place| repository().join(place)).filter(|path| path.exists()).collect();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extensions.iter().any(|known| extension == *known)) {
            let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let path = path.strip_prefix(repository()).unwrap().to_string_lossy().replace('\\', "/");
            found.push(Source { path, text });
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn rust() -> Vec<Source> {
    let found = sources(&["src", "tests", "build.rs"], &["rs"]);
    assert!(found.len() > 100, "only {} files", found.len());
    found
}

/// The documents at the top of the repository.
fn front_pages() -> Vec<Source> {
    let entries = std::fs::read_dir(repository()).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    let names: Vec<String> = entries.filter(|name| name.ends_with(".md")).collect();
    sources(&names.iter().map(String::as_str).collect::<Vec<_>>(), &["md"])
}

fn assert_none(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[test]
fn files_are_short() {
    let mut complaints = Vec::new();
    for source in rust() {
        let lines = source.own_lines().len();
        let limit = if source.is_test() { MAX_TEST_LINES } else { MAX_LINES };
        match LONG_FILES.iter().find(|(path, _)| *path == source.path) {
            None if lines > limit => {
                complaints.push(format!("{}: {lines} lines; at most {limit}: split it along the data's way", source.path))
            }
            Some((path, allowed)) if lines > *allowed => complaints.push(format!("{path}: {lines} lines; its exception allows {allowed}")),
            Some((path, _)) if lines <= limit => complaints.push(format!("{path}: {lines} lines: it needs no exception any more")),
            Some((path, allowed)) if lines + SLACK < *allowed => complaints.push(format!("{path}: {lines} lines: lower its exception")),
            _ => {}
        }
    }
    let gone = LONG_FILES.iter().filter(|(path, _)| !repository().join(path).exists());
    complaints.extend(gone.map(|(path, _)| format!("{path}: has an exception but is not there")));
    assert_none(&complaints);
}

#[test]
fn every_module_says_what_it_is() {
    let silent = rust().into_iter().filter(|source| !source.text.starts_with("//! ") && !source.path.ends_with("tests.rs"));
    assert_none(&silent.map(|source| format!("{}: it begins without `//!`", source.path)).collect::<Vec<_>>());
}

#[test]
fn modules_name_only_what_is_theirs() {
    let mut complaints = Vec::new();
    for source in rust().iter().filter(|source| source.path.starts_with("src/") && !source.is_test()) {
        for (number, line) in source.own_lines().iter().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            let place = format!("{}:{}", source.path, number + 1);
            let boundaries =
                BOUNDARIES.iter().filter(|(folder, word, _)| source.path.starts_with(&format!("{folder}/")) && line.contains(word));
            complaints.extend(boundaries.map(|(folder, word, reason)| format!("{place}: {folder} must not name {word}: {reason}")));
            let names_typst = ["typst::", "typst_kit::", "typst_layout::", "typst_pdf::", "typst_render::"];
            if !source.path.starts_with(TYPST_FOLDER) && names_typst.iter().any(|name| line.contains(name)) {
                complaints.push(format!("{place}: only {TYPST_FOLDER} may name Typst"));
            }
        }
    }
    assert_none(&complaints);
}

#[test]
fn nothing_is_left_to_do() {
    // Put together here, so that this file does not name them.
    let words = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("X", "XX"), concat!("unimple", "mented!"), concat!("to", "do!(")];
    let mut everything = sources(&["src", "tests", "templates", "docs", ".ci", "build.rs"], &["rs", "py", "md", "typ", "toml"]);
    everything.extend(front_pages());
    let mut complaints = Vec::new();
    for source in &everything {
        for (number, line) in source.text.lines().enumerate() {
            let left = words
                .iter()
                .filter(|word| line.split(|c: char| !(c.is_alphanumeric() || "!(_".contains(c))).any(|found| found.starts_with(**word)));
            complaints.extend(left.map(|word| format!("{}:{}: {word}", source.path, number + 1)));
        }
    }
    assert_none(&complaints);
}

//! What the documentation names must be there, and what there is must be named.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use super::repository_file;

/// The pages that people read.
const PAGES: [&str; 11] = [
    "README.md",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "GLOSSARY.md",
    "docs/batch.md",
    "docs/configuration.md",
    "docs/notes.md",
    "docs/register.md",
    "docs/reliability.md",
    "docs/templates.md",
    "docs/watch.md",
];

fn exists(path: &str) -> bool {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path).exists()
}

/// What stands between backquotes outside fenced blocks, and where links without a host lead.
fn mentions(page: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut quoted, mut links, mut fenced) = (BTreeSet::new(), BTreeSet::new(), false);
    for line in page.lines() {
        fenced ^= line.starts_with("```");
        if fenced {
            continue;
        }
        quoted.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
        let plain: String = line.split('`').step_by(2).collect();
        let targets = plain.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        links.extend(targets.filter(|target| !target.contains("://")).map(str::to_owned));
    }
    (quoted, links)
}

#[test]
fn every_link_between_the_pages_leads_somewhere() {
    for page in PAGES {
        let folder = page.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
        for link in mentions(&repository_file(page)).1 {
            let target = link.split('#').next().unwrap_or_default();
            assert!(exists(&format!("{folder}{target}")), "{page} links to {link}");
        }
    }
}

#[test]
fn every_file_that_the_architecture_names_exists() {
    let (quoted, _) = mentions(&repository_file("ARCHITECTURE.md"));
    let roots = ["src/", "tests/", "templates/_", "templates/minutes", "docs/", "fonts/", "examples/", ".ci/"];
    let named: Vec<&String> = quoted.iter().filter(|name| roots.iter().any(|root| name.starts_with(root))).collect();
    assert!(named.len() >= 40, "only {} files are named", named.len());
    for name in named {
        assert!(exists(name), "ARCHITECTURE.md names {name}");
    }
}

/// Every module has to be found in the architecture, so that a new one is explained.
#[test]
fn every_module_is_named_in_the_architecture() {
    let page = repository_file("ARCHITECTURE.md");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for entry in std::fs::read_dir(source).expect("the source").map(|entry| entry.expect("an entry")) {
        let name = entry.file_name().into_string().expect("a name");
        let written = if entry.path().is_dir() { format!("`src/{name}/") } else { format!("`src/{name}`") };
        assert!(page.contains(&written), "ARCHITECTURE.md does not name {written}");
    }
}

/// The commands that `chancery --help` lists.
fn commands() -> Vec<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_chancery")).arg("--help").output().expect("the help");
    let help = String::from_utf8(output.stdout).expect("text");
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    listed.filter(|line| !line.starts_with("   ")).filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

#[test]
fn every_command_stands_in_the_readme_and_no_other() {
    let page = repository_file("README.md");
    let commands = commands();
    assert!(commands.len() > 15, "{commands:?}");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `chancery ")?.split('`').next());
    assert_eq!(rows.collect::<Vec<_>>(), commands);
}

#[test]
fn every_built_in_type_stands_in_the_readme() {
    let page = repository_file("README.md");
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("templates")).expect("the types") {
        let name = entry.expect("an entry").file_name().into_string().expect("a name");
        assert!(name.starts_with('_') || page.contains(&format!("| `{name}` |")), "README.md does not explain {name}");
    }
}

/// Everybody who clones the repository carries the gallery.
#[test]
fn the_pictures_of_the_gallery_are_small_and_shown() {
    let gallery = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/gallery");
    let page = repository_file("docs/gallery/README.md");
    let mut all = 0;
    for entry in std::fs::read_dir(gallery).expect("the gallery").map(|entry| entry.expect("an entry")) {
        let name = entry.file_name().into_string().expect("a name");
        if name.ends_with(".png") {
            assert!(page.contains(&format!("]({name})")), "docs/gallery/README.md does not show {name}");
            all += entry.metadata().expect("a size").len();
        }
    }
    assert!(all < 4_000_000, "the gallery has {all} bytes");
}

/// Each term stands once, and the pages use no other word for what has one.
#[test]
fn one_word_for_one_thing() {
    let glossary = repository_file("GLOSSARY.md");
    let terms: Vec<&str> = glossary.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next()).skip(1).collect();
    assert!(terms.len() > 40, "{terms:?}");
    assert_eq!(terms.iter().collect::<BTreeSet<_>>().len(), terms.len(), "a term stands twice");
    let others = ["document kind", "doctype", "logbook", "ledger", "error file", "mailbox", "inbound folder", "serial number", "revision"];
    for page in PAGES {
        let text = repository_file(page).to_lowercase();
        for other in others {
            assert!(!text.contains(other), "{page} says “{other}”; GLOSSARY.md has another word for it");
        }
    }
}

/// The sizes that the README promises are those of the program.
#[test]
fn the_limits_in_the_readme_are_the_limits() {
    let page = repository_file("README.md");
    let mebibytes = |bytes: u64| format!("{} MiB", bytes >> 20);
    for (row, limit) in [
        ("a note or data file", mebibytes(chancery::intake::MAX_NOTE_BYTES)),
        ("a file that a note names; a table", mebibytes(chancery::intake::MAX_OWNED_BYTES)),
        ("a note with all its files", mebibytes(chancery::intake::MAX_SET_BYTES)),
        ("a title; a part of a file name", format!("{} bytes", chancery::storage::name::MAX_PART_BYTES)),
    ] {
        let line = page.lines().find(|line| line.starts_with(&format!("| {row} |")));
        assert!(line.is_some_and(|line| line.contains(&limit)), "{row}: {limit}");
    }
}

/// The program's own lines, without tests and comments, by file below `src/`.
fn source_lines() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut folders, mut lines) = (vec![root.clone()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the source").map(|entry| entry.expect("an entry").path()) {
            let name = entry.strip_prefix(&root).expect("below").to_string_lossy().replace('\\', "/");
            if entry.is_dir() {
                folders.push(entry);
            } else if name.ends_with(".rs") && !name.contains("tests") {
                let text = std::fs::read_to_string(&entry).expect("text");
                let own = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
                let own = own.lines().map(str::trim).filter(|line| !line.starts_with("//"));
                lines.extend(own.map(|line| (name.clone(), line.to_owned())));
            }
        }
    }
    lines
}

#[test]
fn what_the_architecture_says_is_absent_is_absent() {
    // There, minutes are a unit of time.
    const UNITS: &[&str] = &["config/kinds.rs"];
    let pure = ["reading/", "classification/", "composition/"];
    let lines = source_lines();
    assert!(lines.len() > 10_000, "{} lines", lines.len());
    for (file, line) in &lines {
        let only = |words: &[&str], places: &[&str]| {
            let found = words.iter().any(|word| line.contains(word));
            assert!(!found || places.iter().any(|place| file.starts_with(place)), "src/{file}: {line}");
        };
        only(&["println!(", "print!("], &["cli/"]);
        only(&["process::exit"], &["cli/interrupt.rs"]);
        only(&["env::var"], &["main.rs"]);
        only(&["Utc::now", "Local::now"], &["model.rs", "cli/log.rs"]);
        only(&["SystemTime::now"], &["intake/"]);
        only(&["std::net", "TcpStream"], &[]);
        only(&["typst::", "typst_"], &["typesetting/"]);
        if pure.iter().any(|stage| file.starts_with(stage)) {
            only(&["std::fs", "File::open"], &[]);
        }
        if !file.starts_with("cli/") {
            only(&["\"minutes\"", "\"speech\"", "\"notice\"", "\"annual-summary\""], UNITS);
        }
    }
}

//! What the documentation shows must work: its examples are read by the program, and it names every key.

#[cfg(unix)]
mod examples;
mod names;

use std::collections::BTreeSet;
use std::path::Path;

use chancery::catalog::Catalog;
use chancery::config::Settings;
use chancery::failure::Checked;

/// A file of the repository.
fn repository_file(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn settings(text: &str) -> Checked<Settings> {
    Settings::parse(text, Path::new("/office"), Some(Path::new("/home/anna")), chrono_tz::UTC)
}

/// The fenced blocks of one language, each with the last line of text before it.
fn blocks(document: &str, language: &str) -> Vec<(String, String)> {
    let (mut blocks, mut before, mut open): (Vec<_>, _, Option<(bool, String)>) = (Vec::new(), String::new(), None);
    for line in document.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => open = Some((info.trim() == language, String::new())),
            (Some((wanted, text)), Some(_)) => {
                if *wanted {
                    blocks.push((before.clone(), std::mem::take(text)));
                }
                open = None;
            }
            (Some((_, text)), None) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) if !line.trim().is_empty() => before = line.to_owned(),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is not closed");
    blocks
}

/// The keys that a section of `chancery.toml` may have: the program lists them when it is given a wrong one.
fn configuration_keys(section: &str) -> BTreeSet<String> {
    let problems = settings(&format!("{section}\nqqqq = 1\n")).expect_err("a wrong key");
    let help = problems.iter().find(|problem| problem.code == "unknown-key").expect("told").help.clone();
    assert!(help.starts_with("Possible here"), "{help}");
    help.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn every_block_of_the_configuration_page_is_read() {
    let blocks = blocks(&repository_file("docs/configuration.md"), "toml");
    assert!(blocks.len() >= 8, "only {} blocks", blocks.len());
    for (_, block) in blocks {
        settings(&block).unwrap_or_else(|problems| panic!("{block}\n{problems}"));
    }
}

#[test]
fn every_key_of_the_configuration_is_explained_and_shown() {
    let (page, sample) = (repository_file("docs/configuration.md"), repository_file("chancery.toml"));
    let top = configuration_keys("");
    assert!(top.contains("organisation") && top.contains("time_zone"), "{top:?}");
    for section in ["", "[organisation]", "[people.zhang]", "[inbox]", "[archive]", "[fonts]"] {
        for key in configuration_keys(section) {
            if section.is_empty() && sample.contains(&format!("[{key}")) {
                assert!(page.contains(&format!("`[{key}")), "the page has no section {key}");
                continue;
            }
            assert!(page.contains(&format!("| `{key}` |")), "the page does not explain {section} {key}");
            let shown = sample.lines().any(|line| line.trim_start_matches('#').starts_with(&format!("{key} = ")));
            assert!(shown, "chancery.toml does not show {section} {key}");
        }
    }
    for key in repository_file("templates/_shared/style.typ").split("given.at(\"").skip(1) {
        let key = key.split('"').next().unwrap_or_default();
        assert!(page.contains(&format!("`{key}`")), "the page does not explain [style] {key}");
    }
}

#[test]
fn what_the_sample_configuration_shows_as_default_is_the_default() {
    let sample = repository_file("chancery.toml");
    let plain = settings(&sample).unwrap_or_else(|problems| panic!("{problems}"));
    let is_setting = |line: &str| line.starts_with('#') && !line.starts_with("# ");
    let lines = sample.lines().map(|line| if is_setting(line) { &line[1..] } else { line });
    let mut enabled = settings(&lines.collect::<Vec<_>>().join("\n")).unwrap_or_else(|problems| panic!("{problems}"));
    assert!(!enabled.style.is_empty(), "nothing was enabled");
    enabled.style.clear();
    assert_eq!(enabled, plain);
}

/// Writes the files that a page shows below lines such as **`templates/memo/words.md`** into a folder.
fn shown_files(document: &str, folder: &Path) -> usize {
    let mut count = 0;
    for language in ["toml", "markdown", "typst"] {
        for (before, block) in blocks(document, language) {
            let Some(path) = before.strip_prefix("**`templates/").and_then(|rest| rest.strip_suffix("`**")) else { continue };
            let path = folder.join(path);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("made");
            std::fs::write(path, block).expect("written");
            count += 1;
        }
    }
    count
}

#[test]
fn the_type_that_the_templates_page_builds_is_a_type() {
    let folder = tempfile::tempdir().expect("a folder");
    let count = shown_files(&repository_file("docs/templates.md"), folder.path());
    assert_eq!(count, 5, "manifest, words, layout, one language, one example");
    let catalog = Catalog::load(Some(folder.path())).expect("a catalog");
    assert_eq!(catalog.problems(), []);
    let memo = catalog.require(&"memo".parse().expect("a name")).expect("the memo");
    assert_eq!(memo.examples().len(), 1);
    assert!(!memo.builtin);
}

/// The keys that a section of a manifest may have.
fn manifest_keys(section: &str) -> BTreeSet<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("memo/manifest.toml");
    std::fs::create_dir_all(path.parent().expect("a parent")).expect("made");
    std::fs::write(path, format!("{section}\nqqqq = 1\n")).expect("written");
    let problems = Catalog::load(Some(folder.path())).expect("a catalog").problems();
    let help = problems.into_iter().find(|problem| problem.code == "unknown-key").expect("told").help;
    help.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn every_key_of_a_manifest_is_explained() {
    let page = repository_file("docs/templates.md");
    assert!(manifest_keys("").contains("recognise"));
    for section in ["", "[recognise]", "[number]", "[retention]", "[archive]", "[[fields]]", "[[files]]"] {
        for key in manifest_keys(section) {
            assert!(page.contains(&format!("`{key}`")), "the page does not explain {section} {key}");
        }
    }
    for finder in chancery::catalog::FINDERS {
        assert!(page.contains(&format!("`{finder}`")), "the page does not explain the finder {finder}");
    }
    for name in chancery::catalog::PATH_VARIABLES.iter().chain(&chancery::catalog::NUMBER_VARIABLES) {
        assert!(page.contains(&format!("`{name}`")), "the page does not explain {name}");
    }
    for sign in chancery::classification::SIGNS {
        assert!(page.contains(&format!("`{sign}`")), "the page does not explain the sign {sign}");
    }
}

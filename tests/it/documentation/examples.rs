//! The shell examples of the documentation, run in order in an empty folder as a reader would.
//!
//! A block marked `sh` is run; one marked `shell` is only shown. Before each command that ends with the remark
//! `# exit code N` nothing may fail. A block below a line such as **`office/note.md`** is saved there. Each line of a block
//! marked `text` must stand in what the last commands printed.

use std::path::Path;
use std::process::Command;

use super::repository_file;

/// A fenced block: its language, the last line of text before it, and what is in it.
struct Block {
    language: String,
    before: String,
    text: String,
}

fn blocks(document: &str) -> Vec<Block> {
    let (mut blocks, mut before, mut open) = (Vec::new(), String::new(), None::<Block>);
    for line in document.lines() {
        match (open.take(), line.strip_prefix("```")) {
            (None, Some(language)) => {
                let language = language.trim().to_owned();
                open = Some(Block { language, before: std::mem::take(&mut before), text: String::new() });
            }
            (Some(block), Some(_)) => blocks.push(block),
            (Some(block), None) => open = Some(Block { text: format!("{}{line}\n", block.text), ..block }),
            (None, None) if !line.trim().is_empty() => before = line.to_owned(),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is not closed");
    blocks
}

/// A script that stops at the first command whose exit code is not the one that it should have.
fn script(text: &str) -> String {
    let mut script = String::from("set -eu\n");
    for line in text.lines() {
        match line.rsplit_once("# exit code ") {
            Some((command, remark)) => {
                let code: String = remark.chars().take_while(char::is_ascii_digit).collect();
                script += &format!(
                    "{{ {command}\n}} && code=0 || code=$?\n[ $code = {code} ] || {{ echo \"exit code $code: {line}\"; exit 99; }}\n"
                );
            }
            None => script += &format!("{line}\n"),
        }
    }
    script + "pwd > \"$HOME/folder\"\n"
}

/// Runs a page; says how many commands and files there were.
fn run(page: &str) -> (usize, usize) {
    let home = tempfile::tempdir().expect("a folder");
    let mut folder = home.path().to_owned();
    let program = Path::new(env!("CARGO_BIN_EXE_chancery"));
    let path = format!("{}:{}", program.parent().expect("a folder").display(), std::env::var("PATH").unwrap_or_default());
    let (mut commands, mut files, mut printed) = (0, 0, String::new());
    for block in blocks(&repository_file(page)) {
        let name = block.before.strip_prefix("**`").and_then(|rest| rest.strip_suffix("`**"));
        match (block.language.as_str(), name) {
            (_, Some(name)) => {
                let path = home.path().join(name);
                std::fs::create_dir_all(path.parent().expect("a parent")).expect("made");
                std::fs::write(path, &block.text).expect("written");
                files += 1;
            }
            ("sh", None) => {
                let mut shell = Command::new("sh");
                shell.args(["-c", &format!("exec 2>&1\n{}", script(&block.text))]);
                shell.current_dir(&folder).env("PATH", &path).env("HOME", home.path()).env("TZ", "UTC");
                let output = shell.output().expect("a shell");
                printed = String::from_utf8_lossy(&output.stdout).into_owned();
                assert!(output.status.success(), "{page}: {}\n{printed}", block.text);
                let now = std::fs::read_to_string(home.path().join("folder")).expect("the folder at the end");
                folder = now.trim_end().into();
                commands += block.text.lines().count();
            }
            ("text", None) => {
                for line in block.text.lines().map(str::trim) {
                    assert!(printed.contains(line), "{page} shows a line that is not printed: {line}\n{printed}");
                }
            }
            _ => {}
        }
    }
    (commands, files)
}

#[test]
fn what_the_readme_shows_works_in_order() {
    let (commands, files) = run("README.md");
    assert!(commands >= 15 && files >= 3, "{commands} commands, {files} files");
}

#[test]
fn what_the_page_on_batches_shows_works_in_order() {
    let (commands, files) = run("docs/batch.md");
    assert!(commands >= 6 && files >= 4, "{commands} commands, {files} files");
}

#[test]
fn what_the_page_on_the_watcher_shows_works_in_order() {
    assert_eq!(run("docs/watch.md"), (3, 0));
}

#[test]
fn what_the_page_on_the_register_shows_works_in_order() {
    let (commands, _) = run("docs/register.md");
    assert!(commands >= 8, "{commands} commands");
}

#[test]
fn what_the_page_on_official_documents_shows_works_in_order() {
    assert_eq!(run("docs/official.md"), (5, 2));
}

#[test]
fn the_memo_of_the_templates_page_is_filed_where_the_page_says() {
    let office = tempfile::tempdir().expect("a folder");
    super::shown_files(&repository_file("docs/templates.md"), &office.path().join("templates"));
    let note = office.path().join("templates/memo/examples/short/note.md");
    let mut program = Command::new(env!("CARGO_BIN_EXE_chancery"));
    let output = program.arg("--office").arg(office.path()).arg("file").arg(note).output().expect("an end");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let page = repository_file("docs/templates.md");
    let place = page.split('`').find(|quoted| quoted.starts_with("archive/2026/")).expect("a place");
    assert!(office.path().join(place).is_file(), "{}", String::from_utf8_lossy(&output.stdout));
}

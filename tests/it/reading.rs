//! Reading against real and hostile files: never a panic, never endless, every refusal with words.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chancery::failure::{Checked, Problems};
use chancery::intake::Arrival;
use chancery::model::Dropped;
use chancery::reading::{Submission, Table, Use, glance, read, read_table};
use chrono::DateTime;
use serde_json::Value;

/// A debug build of one file of a few MiB must stay under this.
const PATIENCE: Duration = Duration::from_secs(5);

/// The folder of real inputs, or `None` with a message.
pub fn corpus(part: &str) -> Option<PathBuf> {
    let root = std::env::var_os("CHANCERY_CORPUS")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"), PathBuf::from);
    let folder = root.join(part);
    if !folder.is_dir() {
        eprintln!("skipped: the corpus folder {} is not there", folder.display());
        return None;
    }
    Some(folder)
}

/// Every file below a folder, in order.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { files.extend(self::files(&path)) } else { files.push(path) }
    }
    files.sort();
    files
}

fn read_as(name: &str, bytes: &[u8]) -> Checked<Submission> {
    let started = Instant::now();
    let glance = glance(name, bytes);
    let result = read(&Arrival::alone(Dropped {
        path: name.into(),
        name: name.to_owned(),
        modified: DateTime::UNIX_EPOCH,
        bytes: Arc::from(bytes),
    }));
    assert!(started.elapsed() < PATIENCE, "{name} took {:?}", started.elapsed());
    if let Err(problems) = &result {
        worded(name, problems);
    } else {
        assert!(glance.is_note, "{name} reads as a note but does not look like one");
    }
    result
}

/// Every problem names its file, says what and how to mend it, and quotes the line that it names.
fn worded(name: &str, problems: &Problems) {
    for problem in problems.iter() {
        assert!(problem.file.is_some() && !problem.message.is_empty() && !problem.help.is_empty(), "{name}: {problem:?}");
        assert!(
            problem.line.is_none() || problem.excerpt.is_some() || problem.line == Some(1),
            "{name}: line without its text: {problem:?}"
        );
        assert!(problem.excerpt.as_ref().is_none_or(|excerpt| excerpt.chars().count() <= 300), "{name}");
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().expect("a name").to_string_lossy().into_owned()
}

#[test]
fn every_real_note_is_read_whole() {
    for part in ["sample-inbox", "labelled", "formats/pulldown-cmark-specs"] {
        let Some(folder) = corpus(part) else { return };
        for path in files(&folder) {
            let name = file_name(&path);
            if !(name.ends_with(".md") || name.ends_with(".txt")) {
                continue;
            }
            let bytes = std::fs::read(&path).expect("a file");
            let note = read_as(&name, &bytes).unwrap_or_else(|problems| panic!("{}: {problems}", path.display()));
            let line = note.body.first_line as usize - 1;
            let rest: Vec<&str> = note.text.split('\n').skip(line).collect();
            assert_eq!(note.body.text, rest.join("\n"), "{}: the body does not begin at its line", path.display());
        }
    }
}

#[test]
fn hostile_encodings_become_text_with_a_word() {
    let Some(folder) = corpus("hostile/encodings") else { return };
    let expected = [
        ("gbk.md", "GBK", "会议纪要"),
        ("shift_jis.md", "Shift_JIS", "議事録"),
        ("latin1.md", "windows-1252", "«Größe» naïve café"),
        ("utf16le-bom.md", "UTF-16LE", "«Größe»"),
        ("nul-bytes.md", "control character", "world"),
    ];
    for (name, warning, words) in expected {
        let note = read_as(name, &std::fs::read(folder.join(name)).expect("a file")).expect(name);
        assert!(note.text.contains(words), "{name}: {:?}", note.text);
        let warned = note.warnings.iter().any(|found| found.message.to_lowercase().contains(&warning.to_lowercase()));
        assert!(warned, "{name}: {:?}", note.warnings);
    }
    let note = read_as("crlf.md", &std::fs::read(folder.join("crlf.md")).expect("a file")).expect("crlf.md");
    assert!(note.warnings.is_empty() && !note.text.contains('\r'));
}

#[test]
fn hostile_files_get_a_problem_under_any_name() {
    let Some(folder) = corpus("hostile") else { return };
    for path in files(&folder) {
        let bytes = std::fs::read(&path).expect("a file");
        let name = file_name(&path);
        for ending in ["", ".md", ".txt", ".yaml", ".json", ".toml", ".xyz"] {
            let _ = read_as(&format!("{name}{ending}"), &bytes);
        }
        let _ = read_table(&name, &bytes);
        if name.ends_with(".zip") || name.ends_with(".docx") {
            let told = |name: &str| read_as(name, &bytes).expect_err(name).first().code.clone();
            assert_eq!((told(&name), told(&format!("{name}.md"))), ("format-unknown".to_owned(), "not-text".to_owned()));
        }
    }
}

#[test]
fn bad_json_is_a_problem_and_good_json_is_read() {
    let Some(folder) = corpus("formats/json-test-suite/test_parsing") else { return };
    let (mut good, mut bad) = (0, 0);
    for path in files(&folder) {
        let bytes = std::fs::read(&path).expect("a file");
        let name = file_name(&path);
        let result = read_as(&name, &bytes);
        let parsed: Result<Value, _> = serde_json::from_slice(&bytes);
        // The names with one key twice are good JSON, but only one of the two values could be printed.
        if name.starts_with("y_") && matches!(parsed, Ok(Value::Object(_))) && !name.contains("duplicated_key") {
            let note = result.unwrap_or_else(|problems| panic!("{name}: {problems}"));
            let Ok(Value::Object(expected)) = parsed else { continue };
            assert_eq!(note.fields.values.len(), expected.len(), "{name}");
            good += 1;
        } else if name.starts_with("n_") {
            bad += usize::from(result.is_err());
            assert!(result.is_err(), "{name} was read: {result:?}");
        }
    }
    assert!(good >= 10 && bad > 150, "{good} good, {bad} bad");
}

#[test]
fn good_toml_is_read_and_bad_toml_is_a_problem() {
    let Some(folder) = corpus("formats/toml-test/tests") else { return };
    let (mut good, mut bad) = (0, 0);
    // The cases of older TOML contradict those of 1.1, which the list names; the corpus has not all of them.
    let list = std::fs::read_to_string(folder.join("files-toml-1.1.0")).expect("the list");
    for below in list.lines().filter(|line| line.ends_with(".toml")) {
        let Ok(bytes) = std::fs::read(folder.join(below)) else { continue };
        let result = read_as(below, &bytes);
        let says_something = String::from_utf8_lossy(&bytes).lines().any(|line| !line.trim().is_empty());
        if below.starts_with("valid") && says_something {
            assert!(result.is_ok(), "{below}: {}", result.map(|_| ()).expect_err("problems"));
            good += 1;
        } else if below.starts_with("invalid") && !below.starts_with("invalid/control") && !below.starts_with("invalid/encoding") {
            assert!(result.is_err(), "{below} was read");
            bad += 1;
        }
    }
    assert!(good > 100 && bad > 100, "{good} good, {bad} bad");
}

#[test]
fn yaml_of_any_kind_is_read_or_worded() {
    let Some(folder) = corpus("formats/yaml-test-suite/src") else { return };
    let mut read = 0;
    for path in files(&folder) {
        let name = file_name(&path);
        let bytes = std::fs::read(&path).expect("a file");
        let _ = read_as(&name, &bytes);
        // Each case stands indented in a block of its own; reading it alone finds more kinds of YAML.
        let cases = String::from_utf8_lossy(&bytes).into_owned();
        for case in cases.split("yaml: |").skip(1) {
            let inner = case
                .split("\n  tree:")
                .next()
                .unwrap_or("")
                .replace("\n    ", "\n")
                .replace('␣', " ")
                .replace("————»", "\t")
                .replace("∎", "");
            read += usize::from(read_as("case.yaml", inner.as_bytes()).is_ok());
            let _ = read_as("case.md", format!("---\n{inner}\n---\nBody\n").as_bytes());
        }
    }
    assert!(read > 60, "only {read} cases were read");
}

#[test]
fn naughty_strings_survive_in_body_field_and_cell() {
    let Some(folder) = corpus("formats/naughty-strings") else { return };
    let list = std::fs::read(folder.join("blns.json")).expect("a file");
    let strings: Vec<String> = serde_json::from_slice(&list).expect("a list of strings");
    for text in strings {
        let printable = |c: char| !(c.is_control() && c != '\t') && (c as u32 & 0xfffe) != 0xfffe;
        if text.trim().is_empty() || !text.chars().all(printable) || text.starts_with('\u{feff}') {
            let _ = read_as("x.md", text.as_bytes());
            continue;
        }
        let note = read_as("x.md", format!("Before\n\n{text}\n").as_bytes()).expect("a note");
        assert_eq!(note.body.text, format!("Before\n\n{text}\n"));
        let note = read_as("x.yaml", format!("title: {}\n", serde_json::to_string(&text).expect("json")).as_bytes()).expect("data");
        assert_eq!(note.fields.values["title"], Value::String(text.clone()));
        let (table, _) = read_table("x.csv", format!("a,b\n\"{}\",1\n", text.replace('"', "\"\"")).as_bytes()).expect("a table");
        assert_eq!(table.row(0).cells[0], Value::String(text));
    }
}

#[test]
fn tables_are_read_whatever_separates_their_cells() {
    let Some(folder) = corpus("formats/csv-spectrum") else { return };
    for path in files(&folder.join("csvs")) {
        let name = file_name(&path);
        let expected = std::fs::read(folder.join("json").join(name.replace(".csv", ".json"))).expect("a file");
        let expected: Vec<Value> = serde_json::from_slice(&expected).expect("rows");
        let (table, _) = read_table(&name, &std::fs::read(&path).expect("a file")).unwrap_or_else(|problems| panic!("{name}: {problems}"));
        let expected: Vec<Value> = expected.into_iter().map(with_unified_line_ends).collect();
        assert_eq!(objects(&table), expected, "{name}");
    }
    let Some(folder) = corpus("hostile/data") else { return };
    let (table, warnings) =
        read_table("s.csv", &std::fs::read(folder.join("semicolon-decimal-comma.csv")).expect("a file")).expect("a table");
    assert_eq!((table.columns.len(), table.row(0).cells[2].as_str()), (3, Some("Müller; Hans")));
    assert_eq!(warnings[0].code, "encoding");
}

fn objects(table: &Table) -> Vec<Value> {
    let object = |cells: &[Value]| table.columns.iter().cloned().zip(cells.iter().cloned()).collect();
    table.rows().map(|row| Value::Object(object(&row.cells))).collect()
}

/// Line ends within a cell are unified like everywhere.
fn with_unified_line_ends(row: Value) -> Value {
    serde_json::from_str(&row.to_string().replace("\\r\\n", "\\n")).expect("json")
}

#[test]
fn what_is_deep_or_long_is_bounded() {
    let quotes = ">".repeat(10_000) + " deep\n";
    assert!(read_as("q.md", quotes.as_bytes()).is_ok());
    let images: String = (0..20_000).map(|n| format!("![a](p{n}.png)\n")).collect();
    let mentions = glance("i.md", images.as_bytes()).mentions;
    assert!(mentions.len() == 1_000 && mentions.iter().all(|mention| mention.used_as == Use::Image));
    assert_eq!(read_as("i.md", images.as_bytes()).expect_err("too many").first().code, "too-many-files");
    for text in
        ["[".repeat(100_000), "{a: ".repeat(50_000), "- ".repeat(50_000), "a:\n".repeat(100_000), "? ".repeat(50_000), "&a ".repeat(50_000)]
    {
        assert!(read_as("d.yaml", text.as_bytes()).is_err(), "{:?}", &text[..8]);
        let _ = read_as("d.md", format!("---\nx: {text}\n---\nBody").as_bytes());
    }
    assert!(read_as("d.toml", format!("a = {}", "[".repeat(100_000)).as_bytes()).is_err());
    assert!(read_as("d.json", "[".repeat(1_000_000).as_bytes()).is_err());
    let rows = format!("a,b\n{}", "1,2\n".repeat(1_000_001));
    assert_eq!(read_table("r.csv", rows.as_bytes()).expect_err("too many").first().code, "too-many-rows");
}

#[test]
fn the_sample_drops_are_read_with_what_they_name() {
    let inbox = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/inbox");
    let drop = |path: &Path, name: &str| {
        let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Dropped { path: path.to_owned(), name: name.to_owned(), modified: DateTime::UNIX_EPOCH, bytes: Arc::from(bytes) }
    };
    let mut owned = 0;
    for path in files(&inbox) {
        let note = drop(&path, &file_name(&path));
        let glance = glance(&note.name, &note.bytes);
        if !glance.is_note {
            continue;
        }
        let beside = path.parent().expect("a folder");
        let company: Vec<Dropped> = glance.mentions.iter().map(|mention| drop(&beside.join(&mention.name), &mention.name)).collect();
        owned += company.len();
        let read = read(&Arrival { company, ..Arrival::alone(note) }).unwrap_or_else(|problems| panic!("{problems}"));
        assert!(read.warnings.is_empty(), "{}: {:?}", path.display(), read.warnings);
    }
    assert!(owned > 1, "the samples name no files");
}

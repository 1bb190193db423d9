//! What real documents are taken for, measured by source, and that no input breaks classification.

mod offices;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use chancery::catalog::Catalog;
use chancery::classification::{Classification, Hints, classify};
use chancery::config::Settings;
use chancery::failure::Problems;
use chancery::intake::Arrival;
use chancery::model::Dropped;
use chancery::reading::{Submission, read};
use chrono::{DateTime, TimeZone as _, Utc};
use proptest::prelude::*;

use offices::OF_OFFICES;

/// The types that are ours; every other label must become `document`.
const OURS: [&str; 5] = ["minutes", "speech", "annual-summary", "notice", "letter"];

fn corpus() -> Option<PathBuf> {
    let folder = std::env::var_os("CHANCERY_CORPUS").map_or_else(|| PathBuf::from("../shared/corpus"), PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: no corpus at {}; set CHANCERY_CORPUS", folder.display());
    None
}

fn settings() -> Settings {
    Settings::parse("", Path::new("."), None, chrono_tz::UTC).expect("the defaults are valid")
}

fn catalog() -> Catalog {
    let folder = std::env::var_os("CHANCERY_TEMPLATES").map(PathBuf::from);
    Catalog::load(folder.as_deref()).expect("the built-in types load")
}

fn submission(name: &str, bytes: Vec<u8>) -> Result<Submission, Problems> {
    read(&Arrival::alone(Dropped { path: PathBuf::from(name), name: name.to_owned(), modified: moment(), bytes: Arc::from(bytes) }))
}

fn moment() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 23, 10, 0, 0).single().expect("a moment")
}

/// What became of the documents of one source.
#[derive(Default)]
struct Tally {
    all: usize,
    right: usize,
    asked: usize,
    wrong: Vec<String>,
}

fn outcome(result: &Result<Classification, Problems>) -> Option<(String, bool)> {
    match result {
        Ok(found) => Some((found.document_type.to_string(), true)),
        Err(problems) if problems.iter().any(|problem| problem.code == "type-unsure") => Some((String::new(), false)),
        Err(_) => None,
    }
}

/// Classifies the labelled corpus; `rename` gives the name under which each file is dropped.
fn measure(folder: &Path, rename: impl Fn(&str) -> String) -> BTreeMap<(String, String), Tally> {
    let (catalog, settings) = (catalog(), settings());
    let verbose = std::env::var_os("CHANCERY_VERBOSE").is_some();
    let mut table: BTreeMap<(String, String), Tally> = BTreeMap::new();
    let mut labels: Vec<PathBuf> =
        fs::read_dir(folder.join("labelled")).expect("labels").map(|entry| entry.expect("entry").path()).collect();
    labels.sort();
    for label in labels {
        let kind = label.file_name().expect("name").to_string_lossy().into_owned();
        let want = if OURS.contains(&kind.as_str()) { kind.as_str() } else { "document" };
        let mut files: Vec<PathBuf> = fs::read_dir(&label).expect("files").map(|entry| entry.expect("entry").path()).collect();
        files.sort();
        for file in files {
            let name = file.file_name().expect("name").to_string_lossy().into_owned();
            let (source, rest) = name.split_once("__").expect("source__name");
            let note =
                submission(&rename(rest), fs::read(&file).expect("readable")).unwrap_or_else(|problems| panic!("{name}: {problems}"));
            // The dates of these files are another matter than their types.
            let mut result = classify(&note, &catalog, &settings, &Hints::default());
            if result.as_ref().is_err_and(|problems| problems.iter().all(|problem| problem.code.starts_with("date-"))) {
                result = classify(&note, &catalog, &settings, &Hints { guess: true, ..Hints::default() });
            }
            let tally = table.entry((kind.clone(), source.to_owned())).or_default();
            tally.all += 1;
            match outcome(&result) {
                Some((got, true)) if got == want => tally.right += 1,
                Some((got, true)) => tally.wrong.push(format!("{name} → {got}")),
                Some((_, false)) => tally.asked += 1,
                None => panic!("{name}: {}", result.expect_err("a problem")),
            }
            if verbose && !matches!(outcome(&result), Some((got, true)) if got == want) {
                let shown = classify(&note, &catalog, &settings, &Hints { guess: true, ..Hints::default() }).expect("a guess");
                let shares: Vec<String> = shown.candidates.iter().map(|c| format!("{} {:.2}", c.document_type, c.confidence)).collect();
                println!("{kind}/{name}: {}\n      {}", shares.join(", "), shown.evidence.join("\n      "));
            }
        }
    }
    table
}

/// Prints the table and gives the shares of wrong and asked.
fn report(table: &BTreeMap<(String, String), Tally>) -> (f64, f64) {
    let (mut all, mut wrong, mut asked) = (0, 0, 0);
    println!("{:<16} {:<24} {:>5} {:>6} {:>6} {:>6}", "label", "source", "files", "right", "asked", "wrong");
    for ((kind, source), tally) in table {
        println!("{kind:<16} {source:<24} {:>5} {:>6} {:>6} {:>6}", tally.all, tally.right, tally.asked, tally.wrong.len());
        for line in tally.wrong.iter().take(50) {
            println!("    {line}");
        }
        all += tally.all;
        wrong += tally.wrong.len();
        asked += tally.asked;
    }
    let share = |part: usize| f64::from(u32::try_from(part).expect("small")) / f64::from(u32::try_from(all).expect("small"));
    println!("{all} files, wrong but sure {:.1} %, asked {:.1} %", share(wrong) * 100.0, share(asked) * 100.0);
    (share(wrong), share(asked))
}

#[test]
fn labelled_documents_are_rarely_filed_wrong() {
    let Some(folder) = corpus() else { return };
    let (wrong, asked) = report(&measure(&folder, str::to_owned));
    assert!(wrong < 0.03, "{wrong} wrong but sure");
    assert!(asked < 0.10, "{asked} asked");
}

#[test]
fn labelled_documents_without_a_telling_name() {
    let Some(folder) = corpus() else { return };
    let (wrong, asked) = report(&measure(&folder, |name| format!("note.{}", name.rsplit('.').next().unwrap_or("md"))));
    assert!(wrong < 0.06, "{wrong} wrong but sure");
    assert!(asked < 0.15, "{asked} asked");
}

#[test]
fn documents_of_offices_are_what_they_are() {
    let (catalog, settings) = (catalog(), settings());
    let mut wrong = Vec::new();
    for (want, name, text) in OF_OFFICES {
        let note = submission(name, text.as_bytes().to_vec()).expect("readable");
        let found = classify(&note, &catalog, &settings, &Hints { guess: true, ..Hints::default() }).expect("a guess");
        if found.document_type.as_str() != want || !found.sure {
            wrong.push(format!("{want}, {name}: {:?}\n    {}", found.candidates, found.evidence.join("\n    ")));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), OF_OFFICES.len(), wrong.join("\n"));
}

/// Pieces of notes that finders and date forms look for, put together at random.
const PIECES: [&str; 40] = [
    "# ",
    "\n",
    "\n\n",
    "- [ ] ",
    "* ",
    "| a | b |\n",
    "|---|---|\n",
    "Present: ",
    "出席：",
    "RESOLVED: ",
    "ACTION: ",
    "@x ",
    " to ",
    " by ",
    "2026-02-30",
    "03/04/26",
    "2026年11月",
    "廿三日",
    "November 23",
    "，",
    "：",
    ":",
    "```",
    "<!--",
    "-->",
    "**",
    "(",
    ")",
    "]",
    "due:",
    "📅",
    "VOTE: 5-",
    "5 for",
    "1 against",
    "---\n",
    "type: ",
    "date: ",
    "\u{200b}",
    "e\u{301}",
    "周",
];

fn pieces() -> impl Strategy<Value = String> {
    let piece =
        prop_oneof![proptest::sample::select(PIECES.to_vec()).prop_map(str::to_owned), "\\PC{0,12}", any::<char>().prop_map(String::from)];
    proptest::collection::vec(piece, 0..60).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn no_text_breaks_classification(text in pieces(), name in "\\PC{0,30}\\.(md|txt)", front in proptest::option::of("\\PC{0,40}")) {
        let text = front.map_or(text.clone(), |value| format!("---\ndate: '{}'\ntype: x\npresent: [{text:?}]\n---\n{text}", value.replace('\'', "")));
        if let Ok(note) = submission(&name, text.into_bytes()) {
            let (catalog, settings) = SHARED.get_or_init(|| (catalog(), settings()));
            let _ = classify(&note, catalog, settings, &Hints::default());
            let guess = Hints { guess: true, ..Hints::default() };
            let found = classify(&note, catalog, settings, &guess).expect("a guess is always made");
            prop_assert!(!found.title.is_empty() && found.title.chars().count() <= 300 && !found.title.contains('\n'));
        }
    }
}

static SHARED: OnceLock<(Catalog, Settings)> = OnceLock::new();

#[test]
fn naughty_strings_do_not_break_classification() {
    let Some(folder) = corpus() else { return };
    let (catalog, settings) = (catalog(), settings());
    let mut seen = 0;
    for entry in fs::read_dir(folder.join("formats/naughty-strings")).expect("strings").flatten() {
        let Ok(text) = fs::read_to_string(entry.path()) else { continue };
        for line in text.lines() {
            for note in [format!("# {line}\n"), format!("Present: {line}\n\nDate: {line}\n"), line.to_owned()] {
                let Ok(note) = submission("x.md", note.into_bytes()) else { continue };
                let _ = classify(&note, &catalog, &settings, &Hints::default());
                seen += 1;
            }
        }
    }
    assert!(seen > 500, "only {seen} strings");
}

#[test]
fn long_notes_take_linear_time() {
    let (catalog, settings) = (catalog(), settings());
    let shapes = [
        "a ",
        "Present: A, B\n",
        "- [ ] @a to do by 2026-01-01\n",
        "1/2/2026 ",
        "周",
        "| a | b |\n",
        "# a\n",
        "`a",
        "[a](b) ",
        "RESOLVED: x\n",
    ];
    for shape in shapes {
        let takes = |bytes: usize| {
            let note = submission("x.md", shape.repeat(bytes / shape.len()).into_bytes()).ok()?;
            let (started, before) = (Instant::now(), worked().unwrap_or_default());
            let _ = classify(&note, &catalog, &settings, &Hints { guess: true, ..Hints::default() });
            Some(worked().map_or_else(|| started.elapsed(), |after| after - before))
        };
        let (Some(short), Some(long)) = (takes(512 << 10), takes(4 << 20)) else { continue };
        // Eight times as long: what grows with the square takes sixty-four times as much.
        assert!(long < short * 24 + Duration::from_millis(100), "{shape:?}: {short:?}, {long:?}");
    }
}

/// How long this thread has had the processor, which does not depend on who else works; where the system says it.
fn worked() -> Option<Duration> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

#[test]
fn examples_are_recognised_without_being_told() {
    let (catalog, settings) = (catalog(), settings());
    let mut wrong = Vec::new();
    for kind in catalog.types() {
        for example in kind.examples() {
            let dropped = |name: &str| Dropped {
                path: PathBuf::from(name),
                name: name.to_owned(),
                modified: moment(),
                bytes: Arc::clone(example.files[name]),
            };
            let company = example.files.keys().filter(|name| **name != example.note).map(|name| dropped(name)).collect();
            let mut note = read(&Arrival { company, ..Arrival::alone(dropped(example.note)) }).expect("readable");
            note.fields.values.shift_remove("type");
            let found = classify(&note, &catalog, &settings, &Hints { guess: true, ..Hints::default() }).expect("a guess");
            if found.document_type != kind.name || !found.sure {
                wrong.push(format!("{} {}: {:?}\n    {}", kind.name, example.case, found.candidates, found.evidence.join("\n    ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

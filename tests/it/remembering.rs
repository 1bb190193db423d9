//! What Typst finds again from one document to the next. A set rule that mentions the record changes the surroundings of every
//! paragraph, and nothing is found again: each document then takes more than twice as long, and no page shows it. So it is counted
//! here, in allocations, which do not depend on how busy the machine is.

use std::alloc::System;

use chancery::composition::Manuscript;
use chancery::config::Settings;
use chancery::intake::Arrival;
use chancery::model::{Clock, Dropped};
use chancery::office::Office;
use chancery::pipeline::{self, Wishes};
use chrono_tz::Europe::Berlin;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const TEXT: &str = "All staff are invited to the year-end meeting on Friday. The meeting begins at nine o'clock in the morning and ends at noon; lunch is \
                    served afterwards in the yard.\n\n1. The accounts of the year, by the treasurer\n2. The plan for the next one\n\nPlease tell the \
                    office by Monday whether you come, and whether you eat with us.\n\nWho comes by train is met at the station.\n";

fn office() -> (tempfile::TempDir, Office) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("chancery.toml"), "[fonts]\nfolders = []\n").unwrap();
    let settings = Settings::load(folder.path(), None, Berlin).unwrap();
    let office = Office::open(folder.path(), settings, Clock::machine(Berlin)).unwrap();
    (folder, office)
}

fn composed(office: &Office, kind: &str, title: &str) -> Manuscript {
    let note = format!("---\ntype: {kind}\ndate: 2026-11-20\n---\n# {title}\n\n{}", TEXT.repeat(15));
    let (name, bytes) = ("note.md".to_owned(), note.into_bytes().into());
    let dropped = Dropped { path: office.root().join(&name), name, modified: chrono::DateTime::UNIX_EPOCH, bytes };
    pipeline::compose(&Arrival::alone(dropped), office, &Wishes::default()).unwrap().remove(0)
}

/// Allocations of laying out the second manuscript after the first.
fn second_after_first(office: &Office, first: &Manuscript, second: &Manuscript) -> f64 {
    let typesetter = office.workers().typesetter().unwrap();
    typst::comemo::evict(0);
    typesetter.faces_of(first).unwrap();
    let region = Region::new(ALLOCATOR);
    typesetter.faces_of(second).unwrap();
    region.change().allocations as f64
}

#[test]
fn paragraphs_are_found_again_under_another_title() {
    let (_folder, office) = office();
    for kind in ["notice", "letter", "minutes", "document", "annual-summary"] {
        let (first, second) = (composed(&office, kind, "Fire drill"), composed(&office, kind, "Year-end meeting"));
        // The first of all makes what is made once for all.
        second_after_first(&office, &first, &second);
        let kept = second_after_first(&office, &first, &second);
        let same = second_after_first(&office, &second, &second);
        let in_a_set_rule = |manuscript: &Manuscript| {
            let mut spoilt = manuscript.clone();
            let main = spoilt.files.get_mut("/main.typ").unwrap();
            *main = [b"#set document(title: json(\"/data.json\").title)\n".as_slice(), main].concat().into();
            spoilt
        };
        let lost = second_after_first(&office, &in_a_set_rule(&first), &in_a_set_rule(&second));
        println!("{kind}: {same} allocations for the same again, {kept} under another title, {lost} were the title in a set rule");
        assert!(same < kept, "{kind}: nothing at all is found again");
        assert!(kept < 0.75 * lost, "{kind}: {kept} against {lost}: a set rule has begun to mention the record");
    }
}

/// A module that reads the record as it is evaluated is evaluated for every document, with all that import it; a pattern within a
/// function is compiled for every document. Neither shows on a page: together they once took a third of a notice's time.
#[test]
fn what_can_be_made_once_for_all_documents_is() {
    let mut open = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/templates"))];
    let mut slow = Vec::new();
    let mut seen = 0;
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        // The first is the document itself, the second has nothing but constants.
        let is_module = path.extension().is_some_and(|ending| ending == "typ") && !path.ends_with("_shared/main.typ");
        if !is_module || path.ends_with("_shared/faces.typ") {
            continue;
        }
        seen += 1;
        for (index, line) in std::fs::read_to_string(&path).unwrap().lines().enumerate() {
            let name = line.strip_prefix("#let ").and_then(|rest| rest.split_once(" = ")).map(|(name, _)| name);
            let is_value = name.is_some_and(|name| !name.contains('('));
            let reads = ["json(", "read(", "toml(", "yaml(", "csv("].iter().any(|call| line.contains(call));
            // What is put together from the words of a language cannot stand at the beginning.
            let compiles = line.contains("regex(\"") && !line.contains("\" + ");
            if is_value && reads || compiles && !is_value {
                slow.push(format!("{}:{}: {line}", path.display(), index + 1));
            }
        }
    }
    assert!(seen > 20 && slow.is_empty(), "{}", slow.join("\n"));
}

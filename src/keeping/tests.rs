//! Copies of an archive, taken away and brought back.

mod hostile;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::*;
use crate::failure::{Checked, Problems};
use crate::register::tests::{file_it, request};
use crate::register::{NumberState, Query, Record, Register, Request};

struct Office(tempfile::TempDir);

impl Office {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn archive(&self) -> PathBuf {
        self.0.path().join("archive")
    }

    fn open(&self) -> Register {
        Register::open(&self.archive()).unwrap()
    }

    /// Files a record of its own, or the next version of the one with that `id`.
    fn file(&self, text: &str, id: Option<&str>, date: &str) -> Record {
        let place = format!("{}/{text}.pdf", &date[..4]);
        let mut request = Request { id: id.map(str::to_owned), date: date.parse().unwrap(), title: text.to_owned(), ..request(text) };
        request.places[0].path = place;
        file_it(&self.open(), &request)
    }

    fn export(&self, selection: &Selection) -> Checked<PathBuf> {
        let count = std::fs::read_dir(self.0.path()).unwrap().count();
        let out = self.0.path().join(format!("out-{count}.zip"));
        export(&self.open(), selection, "Riverside Trust", &out, false, |_| ()).map(|exported| {
            assert!(exported.is_some());
            out
        })
    }

    fn whole(&self) -> PathBuf {
        self.export(&Selection::default()).unwrap()
    }

    fn import(&self, zip: &Path) -> Checked<Imported> {
        import(&self.open(), zip, "archive.zip", false, |_| ())
    }

    /// Every file of the archive with its bytes, but for locks.
    fn everything(&self) -> BTreeMap<String, Vec<u8>> {
        everything(&self.archive())
    }

    fn states(&self) -> Vec<(String, u32, Option<String>, bool)> {
        let state = |state: crate::register::RecordState| {
            (state.record.id, state.record.version, state.record.number, state.superseded_by.is_some())
        };
        self.open().all().unwrap().into_iter().map(state).collect()
    }
}

fn everything(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()).filter(|path| !path.ends_with(".writers")));
        } else if !path.ends_with(".lock") && !path.ends_with(crate::storage::IMPORT_LOCK) {
            found.insert(path.strip_prefix(folder).unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap());
        }
    }
    found
}

/// Three records over two years, one of them in two versions.
fn filled() -> Office {
    let office = Office::new();
    office.file("Budget", Some("budget"), "2025-03-01");
    office.file("Roof", None, "2026-02-03");
    office.file("Budget again", Some("budget"), "2026-04-05");
    office.file("Gate", None, "2026-11-23");
    office
}

fn of(query: Query) -> Selection {
    Selection { query, ..Selection::default() }
}

fn said(problems: &Problems) -> String {
    problems.to_string()
}

#[test]
fn an_archive_comes_back_byte_for_byte_and_is_exported_the_same_again() {
    let (office, other) = (filled(), Office::new());
    let zip = office.whole();
    let bytes = std::fs::read(&zip).unwrap();
    assert_eq!(bytes, std::fs::read(office.whole()).unwrap());
    let imported = other.import(&zip).unwrap();
    assert_eq!((imported.restored, imported.records, imported.skipped), (true, 3, Vec::new()));
    assert_eq!(other.everything(), office.everything());
    assert_eq!((other.open().head(), other.states()), (office.open().head(), office.states()));
    assert_eq!(std::fs::read(other.whole()).unwrap(), bytes);
    // Once more, it is all there.
    let again = other.import(&zip).unwrap();
    assert_eq!((again.restored, again.adopted, again.same, again.skipped), (false, Vec::new(), 4, Vec::new()));
    assert_eq!(other.everything(), office.everything());
}

#[test]
fn a_part_holds_every_version_of_its_records_and_nothing_of_others() {
    let office = filled();
    let part = |selection: Selection| {
        let zip = office.export(&selection).unwrap();
        let mut bag = crate::bag::Bag::open(&zip, "a").unwrap();
        let mut lines = Vec::new();
        bag.copy("records.jsonl", &mut lines).unwrap();
        let files = bag.files().filter_map(|(path, _)| path.strip_prefix("archive/").map(str::to_owned)).collect::<Vec<_>>();
        (files, String::from_utf8(lines).unwrap())
    };
    // By its newest version it is of 2026.
    let (files, lines) = part(Selection { ids: Some(["budget".to_owned()].into()), query: Query { year: Some(2026), ..Query::default() } });
    assert_eq!(files, ["2025/Budget.pdf", "2026/Budget again v2.pdf"]);
    assert!(!lines.contains("Roof") && !lines.contains("Gate"));
    let whole = std::fs::read_to_string(office.archive().join("register/2026.jsonl")).unwrap();
    assert!(lines.lines().count() == 5 && lines.lines().all(|line| whole.lines().any(|other| other == line)));
    let between = of(Query { from: "2026-02-03".parse().ok(), to: "2026-02-03".parse().ok(), ..Query::default() });
    assert_eq!(part(between).0, ["2026/Roof.pdf"]);
    let none = of(Query { document_type: "speech".parse().ok(), ..Query::default() });
    let out = office.0.path().join("none.zip");
    assert_eq!(export(&office.open(), &none, "", &out, false, |_| ()).unwrap(), None);
    assert!(!out.exists());
}

#[test]
fn records_are_adopted_with_all_that_they_are_and_numbers_go_on_after_them() {
    let (office, other) = (filled(), Office::new());
    let own = other.file("Own", None, "2025-01-01");
    assert_eq!(own.number.as_deref(), Some("MIN-2025-001"));
    let zip = office.export(&of(Query { year: Some(2026), ..Query::default() })).unwrap();
    let imported = other.import(&zip).unwrap();
    // The number of the one from 2025 is taken, so neither it nor its second version comes.
    let titles: Vec<&str> = imported.adopted.iter().map(|record| record.title.as_str()).collect();
    assert_eq!((titles, imported.skipped.len()), (vec!["Roof", "Gate"], 2), "{:?}", imported.skipped);
    assert!(imported.skipped[0].message.contains("MIN-2025-001 is here that of “Own”"), "{}", imported.skipped[0].message);
    for (there, here) in office.open().records().unwrap().iter().filter(|record| record.title != "Budget again").zip(&imported.adopted) {
        let same = Record { seq: here.seq, ..there.clone() };
        assert_eq!(&same, here);
        assert_eq!(
            std::fs::read(other.archive().join(&here.files[0].path)).unwrap(),
            std::fs::read(office.archive().join(&here.files[0].path)).unwrap()
        );
    }
    assert_eq!(other.open().damage().unwrap(), []);
    assert_eq!(other.open().events().unwrap().iter().filter(|event| event.event == "imported").count(), 1);
    assert_eq!(other.file("Next", None, "2026-12-01").number.as_deref(), Some("MIN-2026-002"));
    assert_eq!(other.file("Last", None, "2026-12-02").number.as_deref(), Some("MIN-2026-004"));
    use NumberState::{Filed, Imported};
    let mut numbers = Vec::new();
    other.open().numbers(None, Some(2026), |entry| numbers.push((entry.n, entry.state))).unwrap();
    assert_eq!(numbers, [(1, Imported), (2, Filed), (3, Imported), (4, Filed)]);
    let before = other.everything();
    let again = other.import(&zip).unwrap();
    assert_eq!((again.adopted.len(), again.same, again.skipped.len()), (0, 2, 2));
    assert_eq!(other.everything(), before);
}

#[test]
fn a_later_export_of_the_same_archive_adds_what_is_new() {
    let (office, other) = (filled(), Office::new());
    other.import(&office.whole()).unwrap();
    office.file("Budget for the last time", Some("budget"), "2026-12-01");
    office.file("Well", None, "2026-12-02");
    let imported = other.import(&office.whole()).unwrap();
    assert_eq!((imported.restored, imported.adopted.len(), imported.same, imported.skipped.len()), (false, 2, 4, 0));
    assert_eq!(other.states(), office.states());
    // Versions are linked here as they were there.
    let versions = other.open().versions("budget").unwrap();
    assert_eq!(versions[1].superseded_by, Some(versions[2].record.seq));
}

#[test]
fn ids_and_places_that_are_taken_are_named_and_nothing_is_overwritten() {
    let (office, other) = (Office::new(), Office::new());
    office.file("Roof", Some("roof"), "2026-02-03");
    office.file("Gate", Some("gate"), "2026-02-03");
    office.file("Well", Some("well"), "2026-02-03");
    other.file("Another roof", Some("roof"), "2024-02-03");
    std::fs::create_dir_all(other.archive().join("2026")).unwrap();
    std::fs::write(other.archive().join("2026/Gate.pdf"), "a stray file").unwrap();
    let well = std::fs::read(office.archive().join("2026/Well.pdf")).unwrap();
    std::fs::write(other.archive().join("2026/Well.pdf"), &well).unwrap();
    let imported = other.import(&office.whole()).unwrap();
    let reasons: Vec<&str> = imported.skipped.iter().map(|problem| problem.message.as_str()).collect();
    assert!(reasons.len() == 2 && reasons[0].contains("The id roof is here") && reasons[1].contains("2026/Gate.pdf"), "{reasons:?}");
    assert_eq!(std::fs::read(other.archive().join("2026/Gate.pdf")).unwrap(), b"a stray file");
    // The same bytes at its place are taken for it.
    assert_eq!(imported.adopted.iter().map(|record| record.id.as_str()).collect::<Vec<_>>(), ["well"]);
}

#[test]
fn an_empty_archive_with_a_stray_file_in_the_way_stays_empty() {
    let (office, other) = (filled(), Office::new());
    std::fs::create_dir_all(other.archive().join("2026")).unwrap();
    std::fs::write(other.archive().join("2026/Gate.pdf"), "a stray file").unwrap();
    let problems = other.import(&office.whole()).unwrap_err();
    assert!(said(&problems).contains("archive/2026/Gate.pdf"), "{problems}");
    assert_eq!(other.everything().len(), 1);
}

#[test]
fn a_damaged_archive_is_exported_on_demand_only_and_says_so() {
    let (office, other) = (filled(), Office::new());
    std::fs::remove_file(office.archive().join("2026/Roof.pdf")).unwrap();
    std::fs::write(office.archive().join("2026/Gate.pdf"), "changed").unwrap();
    let problems = office.export(&Selection::default()).unwrap_err();
    assert_eq!(problems.iter().map(|problem| problem.code.as_str()).collect::<Vec<_>>(), ["changed", "missing"]);
    assert_eq!(std::fs::read_dir(office.0.path()).unwrap().count(), 1, "no ZIP, and nothing half made");
    let out = office.0.path().join("damaged.zip");
    let exported = export(&office.open(), &Selection::default(), "", &out, true, |_| ()).unwrap().unwrap();
    assert_eq!((exported.files, exported.damaged.len()), (3, 2));
    let problems = other.import(&out).unwrap_err();
    assert!(problems.iter().all(|problem| problem.help.contains("--damaged-too")), "{problems}");
    assert!(!other.archive().exists());
    let imported = import(&other.open(), &out, "a", true, |_| ()).unwrap();
    assert_eq!((imported.restored, imported.skipped.len()), (true, 2));
    assert_eq!(other.everything(), office.everything());
}

#[test]
fn a_register_that_was_changed_is_not_taken() {
    let (office, other) = (filled(), Office::new());
    let path = office.archive().join("register/2026.jsonl");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replacen("\"title\":\"Gate\"", "\"title\":\"Door\"", 2)).unwrap();
    let out = office.0.path().join("damaged.zip");
    assert!(export(&office.open(), &Selection::default(), "", &out, false, |_| ()).is_err());
    export(&office.open(), &Selection::default(), "", &out, true, |_| ()).unwrap();
    let problems = other.import(&out).unwrap_err();
    assert!(said(&problems).contains("2026.jsonl, line 8"), "{problems}");
}

#[test]
fn what_was_being_filed_when_the_copy_was_made_is_seen_to_where_it_is_restored() {
    let (office, other) = (filled(), Office::new());
    let register = office.open();
    crate::register::tests::ticket(&register, &request("begun"));
    let zip = office.whole();
    other.import(&zip).unwrap();
    assert_eq!(other.open().head(), register.head());
    let recovered = crate::filing::recover(&other.0.path().join("inbox"), &other.archive(), &other.open(), &|_| false).unwrap();
    assert_eq!(recovered.len(), 1, "its reservation is closed");
    assert_eq!(other.file("Next", None, "2026-12-01").number.as_deref(), Some("MIN-2026-004"));
}

#[test]
fn nothing_is_written_over() {
    let office = filled();
    let out = office.0.path().join("mine.zip");
    std::fs::write(&out, "mine").unwrap();
    let problems = export(&office.open(), &Selection::default(), "", &out, false, |_| ()).unwrap_err();
    assert_eq!(problems.first().code, "already-there");
    assert_eq!(std::fs::read(&out).unwrap(), b"mine");
}

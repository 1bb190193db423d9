//! Searching, from filing to the hit.

mod index;

use std::path::PathBuf;
use std::time::Duration;

use chrono::Datelike as _;
use proptest::prelude::*;

use super::*;
use crate::filing::{Details, FinishedFile, file};
use crate::model::sha256_hex;
use crate::register::tests::{request, ticket};
use crate::register::{Place, Record, Register, Request, Series};

/// An office with an archive, a register and an index.
struct Office {
    folder: tempfile::TempDir,
    register: Register,
}

impl Office {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let register = Register::open(&folder.path().join("archive")).unwrap();
        Self { folder, register }
    }

    fn with(notes: &[&str]) -> Self {
        let office = Self::new();
        notes.iter().for_each(|note| drop(office.file(note)));
        office
    }

    fn archive(&self) -> PathBuf {
        self.folder.path().join("archive")
    }

    fn home(&self) -> TextIndex {
        TextIndex::in_state(&self.folder.path().join(".chancery"))
    }

    /// Files a note whose first line is its title, as a record of its own.
    fn file(&self, note: &str) -> Record {
        self.file_as(note, |_| {})
    }

    fn file_as(&self, note: &str, change: impl FnOnce(&mut Request)) -> Record {
        let name = sha256_hex(note.as_bytes())[..12].to_owned();
        let mut request = request(note);
        request.title = note.lines().next().unwrap_or_default().trim_start_matches("# ").to_owned();
        request.file_name = format!("{name}.md");
        let place = |role: &str, end: &str| Place { role: role.to_owned(), path: format!("2026/{name}{end}") };
        request.places = vec![place("document", ".pdf"), place("source", " (source).md")];
        change(&mut request);
        let ticket = ticket(&self.register, &request);
        let files = ticket.places.iter().map(|place| FinishedFile {
            role: place.role.clone(),
            path: place.path.clone(),
            bytes: note.as_bytes().to_vec(),
        });
        file(&self.archive(), &self.register, &ticket, Details::of(&request), files.collect(), 1).unwrap()
    }

    fn ready(&self) -> Ready {
        ready(&self.home(), &self.register, &self.archive(), Duration::from_secs(60)).unwrap()
    }

    fn found(&self, search: &Search) -> Found {
        let ready = self.ready();
        assert_eq!(ready.missing, 0);
        ready.finder.unwrap().find(search).unwrap()
    }

    /// The titles that are found, best first.
    fn titles(&self, words: &str) -> Vec<String> {
        self.titles_of(&search(words))
    }

    fn titles_of(&self, search: &Search) -> Vec<String> {
        let found = self.found(search);
        if found.partly {
            return Vec::new();
        }
        found.hits.iter().map(|hit| self.register.record(hit.seq).unwrap().unwrap().record.title).collect()
    }

    /// The line of the first hit, its marks in brackets.
    fn line(&self, words: &str) -> String {
        let finder = self.ready().finder.unwrap();
        let found = finder.find(&search(words)).unwrap();
        let record = self.register.record(found.hits[0].seq).unwrap().unwrap().record;
        let Excerpt { text, marks } = finder.excerpt(&self.archive(), &record, &found);
        let chars: Vec<char> = text.chars().collect();
        let mut line = String::new();
        let mut at = 0;
        for (from, to) in marks {
            line.extend(&chars[at..from]);
            line.push('[');
            line.extend(&chars[from..to]);
            line.push(']');
            at = to;
        }
        line.extend(&chars[at..]);
        line
    }
}

fn search(words: &str) -> Search {
    Search { words: words.to_owned(), limit: 50, ..Search::default() }
}

#[test]
fn words_phrases_and_exclusion() {
    let office =
        Office::with(&["# One\nThe annual budget was approved.", "# Two\nThe budget is annual and late.", "# Three\nNothing of that."]);
    assert_eq!(office.titles("annual budget").len(), 2);
    assert_eq!(office.titles("\"annual budget\""), ["One"]);
    assert_eq!(office.titles("ANNUAL -late"), ["One"]);
    assert_eq!(office.titles("budget -\"annual budget\""), ["Two"]);
    assert_eq!(office.titles("approved late"), [] as [&str; 0]);
    assert_eq!(office.titles("-budget"), ["Three"]);
}

#[test]
fn where_no_document_has_all_words_those_with_some_are_shown() {
    let office = Office::with(&["# One\nbudget", "# Two\nharbour", "# Three\nwind"]);
    let found = office.found(&search("budget harbour"));
    assert!(found.partly);
    assert_eq!(found.hits.len(), 2);
    assert!(office.found(&search("nowhere")).hits.is_empty());
}

#[test]
fn accents_case_and_width_do_not_matter() {
    let office = Office::with(&["# Straßenfest\nÜbersicht für Café Élan, ＡＢＣ１２３"]);
    for words in ["ubersicht", "ÜBERSICHT", "cafe elan", "strassenfest", "STRASSENFEST", "abc123", "ｃａｆｅ", "u\u{308}bersicht"] {
        assert_eq!(office.titles(words), ["Straßenfest"], "{words}");
    }
}

#[test]
fn chinese_japanese_korean_and_thai_words_are_found_within_others() {
    let office = Office::with(&[
        "# 关于召开预算会议的通知\n请各部门按时参加第3次会议。",
        "# 理事会議事録\n予算案は承認されました。ｶﾞｲﾄﾞﾗｲﾝ",
        "# 회의록\n예산안이 승인되었습니다.",
        "# รายงานการประชุม\nคณะกรรมการอนุมัติงบประมาณ",
    ]);
    let cases = [
        ("预算会议", "关于召开预算会议的通知"),
        ("部门", "关于召开预算会议的通知"),
        ("第3次", "关于召开预算会议的通知"),
        ("召", "关于召开预算会议的通知"),
        ("議事", "理事会議事録"),
        ("承認", "理事会議事録"),
        ("ガイド", "理事会議事録"),
        ("예산", "회의록"),
        ("ประชุม", "รายงานการประชุม"),
    ];
    for (words, title) in cases {
        assert_eq!(office.titles(words), [title], "{words}");
    }
    assert_eq!(office.titles("议会"), [] as [&str; 0], "not the other way round");
    assert!(office.found(&search("\"预算通知\"")).hits.is_empty());
    assert!(office.found(&search("预算通知")).partly, "not as written, but near");
    assert_eq!(office.line("会议 部门"), "请各[部门]按时参加第3次[会议]。");
}

#[test]
fn numbers_are_found_whole_and_in_parts() {
    let office = Office::new();
    let record = office.file("# Board\nText");
    office.file("# Other\nInvoice 2026-0140");
    let number = record.number.clone().unwrap();
    assert_eq!(number, "MIN-2026-001");
    assert_eq!(office.titles(&number), ["Board"]);
    assert_eq!(office.titles("2026-001"), ["Board"]);
    assert_eq!(office.titles("min-2026-1"), ["Board"]);
    assert_eq!(office.titles(&record.id), ["Board"]);
    assert_eq!(office.titles("140"), ["Other"]);
    assert_eq!(office.titles("14"), [] as [&str; 0]);
    assert!(office.found(&search("MIN-2026-009")).hits.is_empty(), "a part of a number is no number");
}

#[test]
fn beginnings_endings_and_parts_of_words() {
    let office = Office::with(&["# One\nVorstandssitzung im März", "# Two\nSitzungsgeld", "# Three\nBudgetierung", "# Four\nVorsitzungen"]);
    assert_eq!(office.titles("budg*"), ["Three"]);
    assert_eq!(office.titles("budg"), ["Three"]);
    assert_eq!(office.titles("*sitzung"), ["One"]);
    assert_eq!(office.titles("*sitz*").len(), 3);
    let mut both = office.titles("sitzung");
    both.sort();
    assert_eq!(both, ["One", "Two"]);
    assert_eq!(office.titles("vorstandss* märz"), ["One"]);
    assert_eq!(office.line("*sitzung"), "[Vorstandssitzung] im März");
}

#[test]
fn the_title_counts_more_and_among_equals_the_newest_comes_first() {
    let office = Office::new();
    office.file("# Report\nThe harbour was visited. All is well there.");
    office.file("# Harbour\nIt was visited. All is well there and also here.");
    assert_eq!(office.titles("harbour"), ["Harbour", "Report"]);
    for day in [3, 9, 6] {
        office.file_as(&format!("# Day\nwind {day}"), |request| request.date = request.date.with_day0(day).unwrap());
    }
    let days: Vec<u32> = office.found(&search("wind")).hits.iter().map(|hit| day(&office, hit.seq)).collect();
    assert_eq!(days, [10, 7, 4]);
    let newest = office.found(&Search { limit: 1, ..search("wind") });
    assert_eq!(newest.hits.iter().map(|hit| day(&office, hit.seq)).collect::<Vec<_>>(), [10]);
    assert!(newest.more);
}

fn day(office: &Office, seq: u64) -> u32 {
    office.register.record(seq).unwrap().unwrap().record.date.day()
}

#[test]
fn filters() {
    let office = Office::new();
    office.file_as("# One\nplan", |request| request.people = vec!["Anna Weber".to_owned(), "王建国".to_owned()]);
    office.file_as("# Two\nplan", |request| {
        request.status = Some("Draft".to_owned());
        request.date = request.date.with_year(2024).unwrap();
    });
    office.file_as("# Three\nplan", |request| {
        request.document_type = "notice".parse().unwrap();
        request.series = None;
    });
    let found = |search: Search| {
        let mut titles = office.titles_of(&search);
        titles.sort();
        titles
    };
    let day = |year| chrono::NaiveDate::from_ymd_opt(year, 1, 1);
    assert_eq!(found(Search { document_type: Some("notice".to_owned()), ..search("plan") }), ["Three"]);
    assert_eq!(found(Search { from: day(2026), ..search("plan") }), ["One", "Three"]);
    assert_eq!(found(Search { to: day(2025), ..search("plan") }), ["Two"]);
    assert_eq!(found(Search { status: Some("draft".to_owned()), ..search("plan") }), ["Two"]);
    for name in ["weber", "Anna Weber", "ann web", "王建国", "建国"] {
        assert_eq!(found(Search { person: Some(name.to_owned()), ..search("plan") }), ["One"], "{name}");
    }
    assert_eq!(found(Search { person: Some("Weber".to_owned()), ..search("") }), ["One"], "filters alone will do");
    assert_eq!(found(Search { without: vec!["draft".to_owned()], to: day(2025), ..search("plan") }), ["Two"], "the status is no word");
}

#[test]
fn what_was_cut_out_of_a_long_line_is_shown_around_the_words() {
    let line = format!("{} the budget of the harbour {}", "before and ".repeat(40), "and after ".repeat(40));
    let office = Office::with(&[&format!("# One\n{line}\n")]);
    let shown = office.line("budget");
    assert!(shown.starts_with('…') && shown.ends_with('…') && shown.contains("the [budget] of the harbour"), "{shown}");
    assert!(shown.chars().count() < 180, "{shown}");
}

#[test]
fn a_series_of_another_pattern_is_found_too() {
    let office = Office::new();
    office.file_as("# 通知\n正文", |request| {
        let series = Series { name: "n".to_owned(), pattern: "办〔{{ year }}〕{{ seq }}号".to_owned(), code: None };
        request.series = Some(series);
    });
    for words in ["办〔2026〕1号", "〔2026〕1号", "1号", "2026"] {
        assert_eq!(office.titles(words), ["通知"], "{words}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_is_typed_is_an_error(words in "\\PC{0,40}|[ \"“”«»「*＊a会-]{0,24}", without in "\\PC{0,12}", all: bool) {
        let (_folder, finder) = shared();
        let search = Search { words, without: vec![without.clone()], person: Some(without), all, limit: 3, ..Search::default() };
        prop_assert!(finder.find(&search).is_some());
    }
}

/// One index for all cases of a property.
fn shared() -> &'static (Office, Finder) {
    static SHARED: std::sync::OnceLock<(Office, Finder)> = std::sync::OnceLock::new();
    SHARED.get_or_init(|| {
        let office = Office::with(&["# One\na b 会议 budget", "# Two\nSitzung 会"]);
        let finder = office.ready().finder.unwrap();
        (office, finder)
    })
}

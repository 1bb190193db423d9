//! Admission as its users see it: duplicates, versions, ids, numbers and places.

mod index;
mod likeness;
mod lines;
mod numbers;
mod query;

use std::path::Path;

use chrono::{DateTime, NaiveDate};

use super::*;
use crate::filing::{Details, FinishedFile, file};
use crate::model::sha256_hex;
pub(crate) use query::{dispose, void};

/// A request for a note with that text, as `minutes`.
pub(crate) fn request(text: &str) -> Request {
    Request {
        file_name: "note.md".to_owned(),
        source_sha256: sha256_hex(text.as_bytes()),
        text: text.into(),
        content_sha256: sha256_hex(format!("content {text}").as_bytes()),
        template_sha256: sha256_hex(b"template"),
        places: vec![Place { role: "document".to_owned(), path: "2026/11/minutes/2026-11-23 Executive Committee.pdf".to_owned() }],
        series: Some(Series { name: "minutes".to_owned(), pattern: "MIN-{{ year }}-{{ seq }}".to_owned(), code: None }),
        ..Request::new(
            "minutes".parse().unwrap(),
            "Executive Committee",
            NaiveDate::from_ymd_opt(2026, 11, 23).unwrap(),
            DateTime::parse_from_rfc3339("2026-11-24T09:00:00+01:00").unwrap(),
        )
    }
}

/// Admits and files, as a pipeline would.
pub(crate) fn file_it(register: &Register, request: &Request) -> Record {
    let ticket = ticket(register, request);
    finish(register, request, &ticket)
}

pub(crate) fn ticket(register: &Register, request: &Request) -> Ticket {
    match register.admit(request).unwrap() {
        Admission::Ticket(ticket) => ticket,
        other => panic!("no ticket: {other:?}"),
    }
}

pub(crate) fn finish(register: &Register, request: &Request, ticket: &Ticket) -> Record {
    let bytes = |place: &Place| format!("%PDF {} {}", ticket.id, place.path).into_bytes();
    let files = ticket.places.iter().map(|place| FinishedFile { role: place.role.clone(), path: place.path.clone(), bytes: bytes(place) });
    file(register.archive(), register, ticket, Details::of(request), files.collect(), 1).unwrap()
}

/// The register's file, whole.
pub(crate) fn lines(archive: &Path) -> String {
    std::fs::read_to_string(archive.join("register/2026.jsonl")).unwrap_or_default()
}

/// Reads everything anew and asserts that no line is damaged.
pub(crate) fn sound(archive: &Path) -> Register {
    let register = Register::open(archive).unwrap();
    assert_eq!(register.damage().unwrap(), []);
    register
}

#[test]
fn a_line_has_the_keys_that_others_rely_on() {
    let archive = tempfile::tempdir().unwrap();
    let register = Register::open(archive.path()).unwrap();
    assert!(!archive.path().join("register").exists(), "opening writes nothing");
    let record = file_it(&register, &request("a"));
    assert_eq!((record.number.as_deref(), record.version, record.seq), (Some("MIN-2026-001"), 1, 2));
    let text = lines(archive.path());
    let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let keys = |index: usize| lines[index].as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
    assert_eq!(
        keys(0),
        "v seq time event id series number year n version title date content_sha256 part path files type source source_sha256 \
         template_sha256 parts filed_at writer hash"
    );
    assert_eq!(
        keys(1),
        "v seq time event id type title date series number version supersedes source source_sha256 content_sha256 part \
         parts template_sha256 files pages filed_at reserve hash"
    );
    assert_eq!(lines[1]["files"][0]["sha256"], sha256_hex(&std::fs::read(archive.path().join(&record.files[0].path)).unwrap()));
    assert_eq!(sound(archive.path()).records().unwrap(), [record]);
}

#[test]
fn the_same_bytes_are_a_duplicate_while_the_pdf_stands_whole() {
    let archive = tempfile::tempdir().unwrap();
    let register = Register::open(archive.path()).unwrap();
    let first = file_it(&register, &request("a"));
    let mut renamed = request("a");
    renamed.file_name = "copy of note.md".to_owned();
    let Admission::Duplicate(of) = register.admit(&renamed).unwrap() else { panic!("not a duplicate") };
    assert_eq!(of, first);
    register.record_duplicate(&renamed, &of).unwrap();
    assert!(lines(archive.path()).lines().last().unwrap().contains(r#""event":"duplicate","of":2"#));

    let again = Request { again: true, ..request("a") };
    let second = file_it(&register, &again);
    assert_eq!((second.id.as_str(), second.version, second.supersedes), (first.id.as_str(), 2, Some(first.seq)));
    assert_eq!(second.number, first.number);
    assert!(second.files[0].path.ends_with("Executive Committee v2.pdf"), "{}", second.files[0].path);

    std::fs::write(archive.path().join(&second.files[0].path), "changed").unwrap();
    let Admission::Duplicate(of) = register.admit(&request("a")).unwrap() else { panic!("the first still stands whole") };
    assert_eq!(of.version, 1);
    std::fs::remove_file(archive.path().join(&first.files[0].path)).unwrap();
    assert_eq!(file_it(&register, &request("a")).version, 3);
    sound(archive.path());
}

#[test]
fn another_template_makes_a_version_and_another_text_a_record() {
    let archive = tempfile::tempdir().unwrap();
    let register = Register::open(archive.path()).unwrap();
    let first = file_it(&register, &request("a"));
    let changed = Request { template_sha256: sha256_hex(b"new look"), ..request("a") };
    let second = file_it(&register, &changed);
    assert_eq!((second.id.as_str(), second.version), (first.id.as_str(), 2));
    let other = file_it(&register, &request("b"));
    assert_eq!((other.version, other.number.as_deref()), (1, Some("MIN-2026-002")));
    assert!(other.files[0].path.ends_with("Executive Committee (2).pdf"), "{}", other.files[0].path);
    let states = sound(archive.path()).all().unwrap();
    assert_eq!(states.iter().map(|state| state.superseded_by).collect::<Vec<_>>(), [Some(second.seq), None, None]);
    assert_eq!(register.records().unwrap(), [second, other]);
}

#[test]
fn the_same_id_and_type_is_the_next_version() {
    let archive = tempfile::tempdir().unwrap();
    let register = Register::open(archive.path()).unwrap();
    let with_id = |text: &str| Request { id: Some("board-11".to_owned()), ..request(text) };
    let first = file_it(&register, &with_id("a"));
    assert_eq!(first.id, "board-11");
    let second = file_it(&register, &with_id("b"));
    assert_eq!((second.id.as_str(), second.version, &second.number), ("board-11", 2, &first.number));
    let notice = Request { document_type: "notice".parse().unwrap(), ..with_id("c") };
    let other = file_it(&register, &notice);
    assert_ne!(other.id, "board-11");
    assert_eq!(other.version, 1);
    let find = |name: &str| register.find(name).unwrap().iter().map(|record| (record.id.clone(), record.version)).collect::<Vec<_>>();
    assert_eq!(find("board-11"), [("board-11".to_owned(), 2)]);
    assert_eq!(find("BOARD-11@1"), [("board-11".to_owned(), 1)]);
    assert_eq!(find("MIN-2026-001"), [("board-11".to_owned(), 2)]);
    assert_eq!(find("nothing"), []);
}

#[test]
fn ids_that_cannot_be_ids_are_replaced_and_still_make_versions() {
    let archive = tempfile::tempdir().unwrap();
    let register = Register::open(archive.path()).unwrap();
    for id in ["../x", "a b", "x@2", "", "-", "CON/", &"x".repeat(65)] {
        let record = file_it(&register, &Request { id: Some(id.to_owned()), ..request(&format!("one {id}")) });
        assert_ne!(record.id, id);
        assert!(record.id.starts_with("20261123-"), "{}", record.id);
        let next = file_it(&register, &Request { id: Some(id.to_owned()), ..request(&format!("two {id}")) });
        assert_eq!(next.version == 2, !id.is_empty(), "{id}");
    }
    let chinese = file_it(&register, &Request { id: Some("纪要-7".to_owned()), ..request("zh") });
    assert_eq!(chinese.id, "纪要-7");
}

#[test]
fn numbers_have_no_gaps_and_the_last_one_is_given_again() {
    let archive = tempfile::tempdir().unwrap();
    let register = Register::open(archive.path()).unwrap();
    let (one, two) = (ticket(&register, &request("1")), ticket(&register, &request("2")));
    register.void(&two, "The template is broken.").unwrap();
    let again = ticket(&register, &request("3"));
    assert_eq!(again.number.as_deref(), Some("MIN-2026-002"));
    register.void(&one, "The template is broken.").unwrap();
    let next = ticket(&register, &request("4"));
    assert_eq!(next.number.as_deref(), Some("MIN-2026-003"), "001 keeps its void line");
    let last_year = Request { date: NaiveDate::from_ymd_opt(2025, 1, 1).unwrap(), ..request("5") };
    assert_eq!(ticket(&register, &last_year).number.as_deref(), Some("MIN-2025-001"));
    let text = lines(archive.path());
    let voids: Vec<&str> = text.lines().filter(|line| line.contains(r#""event":"void""#)).collect();
    assert!(voids[0].contains(r#""number":"MIN-2026-002","reusable":true,"reason":"The template is broken.""#), "{}", voids[0]);
    assert!(voids[1].contains(r#""number":"MIN-2026-001","reason""#), "{}", voids[1]);
    let reread = sound(archive.path());
    assert_eq!(ticket(&reread, &request("6")).number.as_deref(), Some("MIN-2026-004"));
}

#[test]
fn a_version_that_fails_does_not_free_its_records_number() {
    let archive = tempfile::tempdir().unwrap();
    let register = Register::open(archive.path()).unwrap();
    file_it(&register, &request("a"));
    let second = ticket(&register, &Request { again: true, ..request("a") });
    register.void(&second, "no").unwrap();
    assert_eq!(ticket(&register, &request("b")).number.as_deref(), Some("MIN-2026-002"));
}

#[test]
fn a_number_pattern_that_does_not_work_blames_the_template() {
    let archive = tempfile::tempdir().unwrap();
    let register = Register::open(archive.path()).unwrap();
    for (pattern, word) in [("{{ yeer }}", "yeer"), ("{{", "{{"), (" ", "empty")] {
        let series = Some(Series { name: "s".to_owned(), pattern: pattern.to_owned(), code: None });
        let problems = register.admit(&Request { series, ..request(pattern) }).unwrap_err();
        assert_eq!(problems.first().blame, crate::failure::Blame::Template);
        assert!(problems.first().message.contains(word), "{problems}");
    }
    let constant =
        |text: &str| Request { series: Some(Series { name: "s".to_owned(), pattern: "MIN".to_owned(), code: None }), ..request(text) };
    file_it(&register, &constant("a"));
    assert!(register.admit(&constant("b")).unwrap_err().first().message.contains("second time"));
    let chinese = Series { name: "guofa".to_owned(), pattern: "国发〔{{ year }}〕{{ n }}号".to_owned(), code: None };
    assert_eq!(ticket(&register, &Request { series: Some(chinese), ..request("c") }).number.as_deref(), Some("国发〔2026〕1号"));
}

#[test]
fn names_collide_as_on_the_least_exact_file_system() {
    let archive = tempfile::tempdir().unwrap();
    let register = Register::open(archive.path()).unwrap();
    let at = |text: &str, path: &str| Request {
        places: vec![Place { role: "document".to_owned(), path: path.to_owned() }],
        series: None,
        ..request(text)
    };
    let path = |request: Request| ticket(&register, &request).places[0].path.clone();
    assert_eq!(path(at("1", "2026/Übersicht.pdf")), "2026/Übersicht.pdf");
    assert_eq!(path(at("2", "2026/u\u{308}bersicht.PDF")), "2026/übersicht (2).PDF");
    assert_eq!(path(at("3", "2026/ÜBERSICHT.pdf")), "2026/ÜBERSICHT (3).pdf");
    std::fs::create_dir_all(archive.path().join("2026")).unwrap();
    std::fs::write(archive.path().join("2026/STRASSE.pdf"), "somebody's own").unwrap();
    assert_eq!(path(at("4", "2026/straße.pdf")), "2026/straße (2).pdf");
    assert_eq!(path(at("5", "../../x.pdf")), "x.pdf");
    assert_eq!(path(at("6", "register/2026.jsonl")), "register_/2026.jsonl");
    assert_eq!(path(at("7", "2026/{number}.pdf")), format!("2026/{}.pdf", letters_of(&register, "7")));
}

/// The generated id of the reservation for that text.
fn letters_of(register: &Register, text: &str) -> String {
    let Err(problems) = register.admit(&Request { series: None, ..request(text) }) else { panic!("it is reserved") };
    assert_eq!(problems.first().code, BEING_FILED);
    let events = register.events().unwrap();
    let own = sha256_hex(text.as_bytes());
    let reserve = events.iter().find(|event| event.fields.get("source_sha256").is_some_and(|hash| *hash == own)).unwrap();
    reserve.fields["id"].as_str().unwrap().to_owned()
}

#[test]
fn number_and_id_are_put_into_the_place() {
    let archive = tempfile::tempdir().unwrap();
    let register = Register::open(archive.path()).unwrap();
    let places = ["document", "press"].map(|role| Place { role: role.to_owned(), path: "2026/{number} {id}.pdf".to_owned() });
    let series = Series { name: "s".to_owned(), pattern: "A/{{ n }}".to_owned(), code: None };
    let wanted = Request { id: Some("x1".to_owned()), places: places.to_vec(), series: Some(series), ..request("a") };
    let paths: Vec<String> = ticket(&register, &wanted).places.into_iter().map(|place| place.path).collect();
    assert_eq!(paths, ["2026/A-1 x1.pdf", "2026/A-1 x1 (press).pdf"]);
}

fn part(text: &str, key: &str, content: &str) -> Request {
    let part = Some(Part { key: key.to_owned(), of: 2 });
    Request { part, content_sha256: sha256_hex(content.as_bytes()), ..request(text) }
}

#[test]
fn a_restart_or_a_mended_note_makes_only_what_is_missing() {
    let archive = tempfile::tempdir().unwrap();
    let register = Register::open(archive.path()).unwrap();
    let ann = file_it(&register, &part("broken", "ann", "to ann"));
    let Admission::Already(record) = register.admit(&part("broken", "ann", "to ann")).unwrap() else { panic!("it stands") };
    assert_eq!(record, ann);
    // The row of the other part is mended: the whole arrival has another hash now, this part has not changed.
    let mended = part("mended", "ann", "to ann");
    let Admission::Already(record) = register.admit(&mended).unwrap() else { panic!("it stands") };
    assert_eq!(record, ann);
    let bob = file_it(&register, &part("mended", "bob", "to bob"));
    assert_ne!(bob.id, ann.id);
    for register in [&register, &sound(archive.path())] {
        let Admission::Duplicate(of) = register.admit(&part("mended", "bob", "to bob")).unwrap() else { panic!("the set is complete") };
        assert_eq!(of, bob);
    }
}

#[test]
fn a_batch_reserves_its_range_in_one_line() {
    let archive = tempfile::tempdir().unwrap();
    let register = Register::open(archive.path()).unwrap();
    let requests: Vec<Request> = (1..=7).map(|row| part("rows", &row.to_string(), &format!("row {row}"))).collect();
    let tickets: Vec<Ticket> = register
        .admit_many(&requests)
        .into_iter()
        .map(|admission| match admission.unwrap() {
            Admission::Ticket(ticket) => ticket,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(lines(archive.path()).lines().count(), 1);
    assert_eq!(tickets[6].number.as_deref(), Some("MIN-2026-007"));
    assert!(tickets[6].places[0].path.ends_with(" (7).pdf"));
    let records: Vec<Record> = requests.iter().zip(&tickets).take(3).map(|(request, ticket)| finish(&register, request, ticket)).collect();
    let open: Vec<(u64, String)> = tickets[3..].iter().map(|ticket| (ticket.reserve, ticket.id.clone())).collect();
    register.void_many(&open, "stopped").unwrap();
    let reread = sound(archive.path());
    assert_eq!(reread.records().unwrap(), records);
    assert_eq!(ticket(&reread, &request("next")).number.as_deref(), Some("MIN-2026-004"), "the rest of the range is free again");
}

#[test]
fn what_is_being_filed_is_not_filed_twice() {
    let archive = tempfile::tempdir().unwrap();
    let (register, other) = (Register::open(archive.path()).unwrap(), Register::open(archive.path()).unwrap());
    let first = ticket(&register, &request("a"));
    for register in [&register, &other] {
        let problems = register.admit(&request("a")).unwrap_err();
        assert_eq!((problems.first().code.as_str(), problems.first().blame), (BEING_FILED, crate::failure::Blame::Machine));
    }
    finish(&register, &request("a"), &first);
    assert!(matches!(other.admit(&request("a")).unwrap(), Admission::Duplicate(_)));
}

#[test]
fn an_answer_is_kept_and_the_last_counts() {
    let archive = tempfile::tempdir().unwrap();
    let register = Register::open(archive.path()).unwrap();
    let (minutes, date) = ("minutes".parse::<TypeName>().unwrap(), NaiveDate::from_ymd_opt(2026, 4, 3));
    let answers = [
        Answer { document_type: Some(TypeName::document()), ..Answer::default() },
        Answer { document_type: Some(minutes.clone()), date, ..Answer::default() },
        Answer { reason: Some("A name was wrong".to_owned()), ..Answer::default() },
    ];
    answers.iter().for_each(|answer| register.answer("abc", "note.md", answer).unwrap());
    let answer = sound(archive.path()).answer_for("abc").unwrap().unwrap();
    assert_eq!((answer.document_type, answer.date), (Some(minutes), date));
    assert_eq!((answer.reason.as_deref(), answer.again), (Some("A name was wrong"), false));
    assert_eq!(register.answer_for("other").unwrap(), None);
}

#[test]
fn a_line_stays_short_whatever_a_note_holds() {
    let archive = tempfile::tempdir().unwrap();
    let register = Register::open(archive.path()).unwrap();
    let long = "纪".repeat(2 << 20);
    let huge = |text: &str, key: &str| Request {
        title: long.clone(),
        id: Some(long.clone()),
        committee: Some(long.clone()),
        part: Some(Part { key: format!("{long}{key}"), of: 2 }),
        ..request(text)
    };
    let first = file_it(&register, &huge("a", "1"));
    let second = file_it(&register, &huge("a", "2"));
    assert_ne!(first.id, second.id, "long keys are told apart");
    let version = file_it(&register, &huge("b", "1"));
    assert_eq!((version.id, version.version), (first.id, 2));
    assert!(lines(archive.path()).lines().all(|line| line.len() < 20_000));
    assert_eq!(sound(archive.path()).records().unwrap().len(), 2);
}

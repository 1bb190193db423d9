//! Which request is a version of which record, with texts that are always alike.

use std::path::Path;

use chrono::NaiveDate;

use super::super::*;
use super::{file_it, finish, request, ticket};
use crate::filing::{Details, Finished, FinishedFile, file_many};

/// Takes every text for the same.
fn all_alike(_: &Path, _: &Record) -> Option<String> {
    Some("one line".to_owned())
}

#[test]
fn two_thousand_rows_of_one_title_stay_two_thousand_records() {
    let archive = tempfile::tempdir().unwrap();
    let register = Register::open(archive.path()).unwrap().with_sources(all_alike);
    let row = |text: &str, key: usize| {
        let part = Some(Part { key: key.to_string(), of: 2_000 });
        Request { part, text: "one line".into(), content_sha256: format!("{text} {key}"), ..request(text) }
    };
    let file_all = |text: &str| {
        for start in (0..2_000).step_by(500) {
            let requests: Vec<Request> = (start..start + 500).map(|key| row(text, key)).collect();
            let finished = requests.iter().zip(register.admit_many(&requests)).map(|(request, admission)| {
                let Admission::Ticket(ticket) = admission.unwrap() else { panic!("it is new") };
                assert_eq!(ticket.resembles, None);
                let bytes = format!("%PDF {}", ticket.places[0].path).into_bytes();
                let file = FinishedFile { role: "document".to_owned(), path: ticket.places[0].path.clone(), bytes };
                Finished { details: Details::of(request), files: vec![file], pages: 1, ticket }
            });
            let finished = finished.collect();
            file_many(register.archive(), &register, finished).into_iter().for_each(|record| drop(record.unwrap()));
        }
        register.records().unwrap()
    };
    let first = file_all("rows");
    assert_eq!((first.len(), first.iter().all(|record| record.version == 1)), (2_000, true));
    // The table is sent again with other cells: each row is the next version of its own record.
    let second = file_all("rows with other cells");
    assert_eq!((second.len(), second.iter().all(|record| record.version == 2)), (2_000, true));
    let numbers = |records: &[Record]| records.iter().map(|record| (record.part.clone(), record.number.clone())).collect::<Vec<_>>();
    assert_eq!(numbers(&first), numbers(&second));
}

#[test]
fn alike_is_only_what_has_the_same_name_and_no_other_id() {
    let archive = tempfile::tempdir().unwrap();
    let register = Register::open(archive.path()).unwrap().with_sources(all_alike);
    let wanted = |text: &str| Request { text: "one line".into(), ..request(text) };
    let first = file_it(&register, &wanted("a"));
    let other = |change: fn(&mut Request)| {
        let mut request = wanted(&format!("{:p}", change as *const ()));
        change(&mut request);
        let ticket = ticket(&register, &request);
        register.void(&ticket, "only asked").unwrap();
        (ticket.version, ticket.resembles.map(|other| other.why))
    };
    assert_eq!(other(|_| {}), (2, None));
    assert_eq!(other(|request| request.id = Some("x1".to_owned())), (2, None));
    assert_eq!(other(|request| request.title = "Board".to_owned()), (1, None));
    assert_eq!(other(|request| request.date = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap()), (1, None));
    assert_eq!(other(|request| request.document_type = "notice".parse().unwrap()), (1, None));
    assert_eq!(other(|request| request.file_name = "b.md".to_owned()), (1, Some("that came from a file named note.md".to_owned())));
    let committee = other(|request| request.committee = Some("Board".to_owned()));
    assert_eq!(committee, (1, Some("less than half of its lines are the same".to_owned())));
    let second = file_it(&register, &Request { id: Some("x1".to_owned()), ..wanted("b") });
    assert_eq!((&second.id, second.version), (&first.id, 2));
    assert_eq!(other(|request| request.id = Some("x2".to_owned())), (1, None), "another id is another record");
}

#[test]
fn two_versions_of_one_record_are_not_made_at_once() {
    let archive = tempfile::tempdir().unwrap();
    let register = Register::open(archive.path()).unwrap().with_sources(all_alike);
    let wanted = |text: &str| Request { text: "one line".into(), ..request(text) };
    file_it(&register, &wanted("a"));
    let open = ticket(&register, &wanted("b"));
    let problems = register.admit(&wanted("c")).unwrap_err();
    assert_eq!(problems.first().code, BEING_FILED);
    let second = finish(&register, &wanted("b"), &open);
    assert_eq!(ticket(&register, &wanted("c")).supersedes, Some(second.seq));
}

#[test]
fn a_record_that_was_overtaken_is_not_changed() {
    let archive = tempfile::tempdir().unwrap();
    let register = Register::open(archive.path()).unwrap();
    let first = file_it(&register, &request("a"));
    file_it(&register, &Request { again: true, ..request("a") });
    let late = Request { version_of: Some(first.seq), again: true, ..request("a") };
    assert_eq!(register.admit(&late).unwrap_err().first().code, "overtaken");
}

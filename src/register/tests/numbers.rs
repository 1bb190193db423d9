//! The numbers of a series in order, and what became of each.

use std::path::Path;

use super::super::*;
use super::{file_it, finish, lines, request, ticket};
use crate::register::session::Pending;

/// `state number` of each entry; a run of missing ones as `missing 2-3`.
fn numbers(archive: &Path) -> Vec<String> {
    let mut told = Vec::new();
    let names = Register::open(archive).unwrap().numbers(None, None, |entry| {
        let number = entry.number.clone().unwrap_or_else(|| format!("{}-{}", entry.n, entry.through));
        told.push(format!("{:?} {number}", entry.state).to_lowercase());
    });
    assert_eq!(names.unwrap(), ["minutes"]);
    told
}

#[test]
fn each_number_has_its_state() {
    let archive = tempfile::tempdir().unwrap();
    let register = Register::open(archive.path()).unwrap();
    file_it(&register, &request("filed"));
    let void = ticket(&register, &request("void"));
    let open = Request { title: "On its way".to_owned(), ..request("open") };
    ticket(&register, &open);
    register.void(&void, "no paper").unwrap();
    let last = ticket(&register, &request("last"));
    register.void(&last, "no ink").unwrap();
    assert_eq!(numbers(archive.path()), ["filed min-2026-001", "void min-2026-002", "open min-2026-003", "free min-2026-004"]);
    let mut entries = Vec::new();
    register.numbers(Some("minutes"), Some(2026), |entry| entries.push(entry.clone())).unwrap();
    assert_eq!(entries[0].title.as_deref(), Some("Executive Committee"));
    assert_eq!(entries[1].reason.as_deref(), Some("no paper"));
    assert_eq!(entries[2].title.as_deref(), Some("On its way"));
    assert_eq!(entries[3].id.as_deref(), Some(last.id.as_str()));
    register.numbers(Some("minutes"), Some(2025), |entry| panic!("{entry:?}")).unwrap();
    // Given again, it is filed like any other.
    file_it(&register, &request("after"));
    assert_eq!(numbers(archive.path())[3], "filed min-2026-004");
}

#[test]
fn a_number_shows_its_newest_version_that_stands() {
    let archive = tempfile::tempdir().unwrap();
    let register = Register::open(archive.path()).unwrap();
    let first = file_it(&register, &request("a"));
    let second = file_it(&register, &Request { again: true, title: "Second".to_owned(), ..request("a") });
    assert_eq!(first.number, second.number);
    let shown = |archive: &Path| {
        let mut shown = Vec::new();
        let register = Register::open(archive).unwrap();
        register.numbers(None, None, |entry| shown.push((entry.state, entry.version, entry.title.clone(), entry.reason.clone()))).unwrap();
        assert_eq!(shown.len(), 1);
        shown.remove(0)
    };
    assert_eq!(shown(archive.path()), (NumberState::Filed, Some(2), Some("Second".to_owned()), None));
    let undone = |of: u64, reason: &str| {
        let void = event::Void { of: Some(of), id: first.id.clone(), reason: reason.to_owned(), ..Default::default() };
        register.session(None, "", |session| session.push(event::Happening::Void(void.clone()))).unwrap();
    };
    undone(second.seq, "undone");
    assert_eq!(shown(archive.path()), (NumberState::Filed, Some(1), Some("Executive Committee".to_owned()), None));
    undone(first.seq, "undone too");
    let (state, _, _, reason) = shown(archive.path());
    assert_eq!((state, reason.as_deref()), (NumberState::Void, Some("undone too")));
}

#[test]
fn a_number_that_a_record_gave_up_is_void() {
    let archive = tempfile::tempdir().unwrap();
    let register = Register::open(archive.path()).unwrap();
    let first = file_it(&register, &request("a"));
    let order = Series { name: "orders".to_owned(), pattern: "O-{{ year }}-{{ seq }}".to_owned(), code: None };
    let moved = Request { version_of: Some(first.seq), again: true, series: Some(order), ..request("a") };
    assert_eq!(file_it(&register, &moved).number.as_deref(), Some("O-2026-001"));
    let mut told = Vec::new();
    register.numbers(None, None, |entry| told.push((entry.number.clone(), entry.state, entry.reason.clone()))).unwrap();
    let reason = Some("it is numbered O-2026-001 now".to_owned());
    assert_eq!(told[0], (Some("MIN-2026-001".to_owned()), NumberState::Void, reason));
    assert_eq!(told[1], (Some("O-2026-001".to_owned()), NumberState::Filed, None));
}

#[test]
fn what_no_line_explains_is_told() {
    let archive = tempfile::tempdir().unwrap();
    let register = Register::open(archive.path()).unwrap();
    for text in ["1", "2", "3", "4", "5"] {
        file_it(&register, &request(text));
    }
    drop(register);
    let path = archive.path().join("register/2026.jsonl");
    let text = lines(archive.path());
    let without = |cut: &dyn Fn(&str) -> bool| text.lines().filter(|line| !cut(line)).map(|line| format!("{line}\n")).collect::<String>();
    std::fs::write(&path, without(&|line| line.contains("MIN-2026-002") || line.contains("MIN-2026-003"))).unwrap();
    assert_eq!(numbers(archive.path()), ["filed min-2026-001", "missing 2-3", "filed min-2026-004", "filed min-2026-005"]);
    // A line that was changed: the number of the third is given twice, and the fourth never.
    std::fs::write(&path, text.replace(r#""n":4"#, r#""n":3"#)).unwrap();
    let told = numbers(archive.path());
    assert_eq!(told[2..], ["twice min-2026-003", "missing 4-4", "filed min-2026-005"]);
}

#[test]
fn a_range_of_reservations_and_a_void_that_was_put_off() {
    let archive = tempfile::tempdir().unwrap();
    let register = Register::open(archive.path()).unwrap();
    let part = |key: &str| Request { part: Some(Part { key: key.to_owned(), of: 3 }), ..request("batch") };
    let requests: Vec<Request> = ["a", "b", "c"].into_iter().map(part).collect();
    let admitted = register.admit_many(&requests);
    let tickets = admitted.into_iter().map(|admission| match admission.unwrap() {
        Admission::Ticket(ticket) => ticket,
        other => panic!("no ticket: {other:?}"),
    });
    let tickets: Vec<Ticket> = tickets.collect();
    assert_eq!(lines(archive.path()).lines().count(), 1);
    finish(&register, &requests[0], &tickets[0]);
    let void = Pending::Void { reserve: tickets[1].reserve, id: tickets[1].id.clone(), reason: "disk full".to_owned() };
    register.lock().pending.push(void);
    register.flush().unwrap();
    assert_eq!(numbers(archive.path()), ["filed min-2026-001", "void min-2026-002", "open min-2026-003"]);
}

#[test]
fn a_house_has_a_code_of_its_own() {
    let archive = tempfile::tempdir().unwrap();
    let register = Register::open(archive.path()).unwrap();
    let series = |code: Option<&str>| {
        let pattern = "{{ code }}〔{{ year }}〕{{ n }}号".to_owned();
        Some(Series { name: "guofa".to_owned(), pattern, code: code.map(str::to_owned) })
    };
    let problems = register.admit(&Request { series: series(None), ..request("none") }).unwrap_err();
    assert!(problems.first().help.contains("[organisation]"), "{problems}");
    for text in ["1", "2", "3"] {
        file_it(&register, &Request { series: series(Some("国发")), ..request(text) });
    }
    assert_eq!(register.find("国发〔2026〕3号").unwrap().len(), 1);
    let mut told = Vec::new();
    register.numbers(Some("guofa"), None, |entry| told.extend(entry.number.clone())).unwrap();
    assert_eq!(told, ["国发〔2026〕1号", "国发〔2026〕2号", "国发〔2026〕3号"]);
}

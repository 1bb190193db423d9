//! Lists, and what followers of the register are told.

use chrono::NaiveDate;

use super::super::afterwards::Disposed;
use super::super::event::{Happening, Void};
use super::super::*;
use super::{file_it, finish, request, ticket};

/// A notice of the day with that text, of people, that calls itself so.
fn notice(day: u32, text: &str, people: &[&str], status: Option<&str>) -> Request {
    Request {
        document_type: "notice".parse().unwrap(),
        date: NaiveDate::from_ymd_opt(2026, 11, day).unwrap(),
        people: people.iter().map(|&name| name.to_owned()).collect(),
        status: status.map(str::to_owned),
        series: None,
        ..request(text)
    }
}

/// The record no longer stands.
pub(crate) fn void(register: &Register, record: &Record) {
    let void = Void { of: Some(record.seq), id: record.id.clone(), reason: "an error".to_owned(), ..Default::default() };
    register.session(None, "", |session| session.push(Happening::Void(void.clone())).map(drop)).unwrap();
}

/// The record's content is disposed of; its files stay where they are.
pub(crate) fn dispose(register: &Register, record: &Record) {
    let disposed = Disposed { of: vec![record.seq], id: record.id.clone(), said: Said::default(), certificate: None };
    register.session(None, "", |session| session.push(Happening::Disposed(disposed.clone())).map(drop)).unwrap();
}

#[test]
fn a_query_leaves_out_what_does_not_stand_unless_it_is_asked_for() {
    let archive = tempfile::tempdir().unwrap();
    let register = Register::open(archive.path()).unwrap();
    let minutes = file_it(&register, &request("a"));
    let draft = file_it(&register, &notice(1, "b", &["Ann Lee", "Bo Ek"], Some("draft")));
    let older = file_it(&register, &notice(2, "c", &["ann Übel"], None));
    let newer = file_it(&register, &Request { again: true, ..notice(2, "c", &["ann Übel"], None) });
    let wrong = file_it(&register, &notice(3, "d", &[], None));
    void(&register, &wrong);
    let copy = Request { joins: Some(newer.seq), version_of: None, ..notice(4, "e", &[], None) };
    let copy = finish(&register, &copy, &ticket(&register, &copy));
    for register in [&register, &Register::open(archive.path()).unwrap()] {
        let seqs = |query: Query| register.query(&query).unwrap().iter().map(|state| state.record.seq).collect::<Vec<_>>();
        let all = Query { all: true, ..Query::default() };
        assert_eq!(seqs(Query::default()), [newer.seq, draft.seq, minutes.seq]);
        assert_eq!(register.count().unwrap(), 3);
        assert_eq!(seqs(all.clone()), [wrong.seq, newer.seq, older.seq, draft.seq, minutes.seq]);
        assert_eq!(seqs(Query { limit: Some(2), offset: 1, ..all.clone() }), [newer.seq, older.seq]);
        assert_eq!(seqs(Query { document_type: Some("minutes".parse().unwrap()), ..all.clone() }), [minutes.seq]);
        assert_eq!(seqs(Query { to: NaiveDate::from_ymd_opt(2026, 11, 2), ..Query::default() }), [newer.seq, draft.seq]);
        assert_eq!(seqs(Query { from: NaiveDate::from_ymd_opt(2026, 11, 3), ..Query::default() }), [minutes.seq]);
        assert_eq!(seqs(Query { year: Some(2025), ..all.clone() }), [0; 0]);
        assert_eq!(seqs(Query { number: Some("MIN-2026-001".to_owned()), ..Query::default() }), [minutes.seq]);
        let named = |name: &str| Query { person: Some(name.to_owned()), ..Query::default() };
        assert_eq!(seqs(named("ann")), [newer.seq, draft.seq]);
        assert_eq!(seqs(named("ÜBEL")), [newer.seq]);
        assert_eq!(seqs(named("%")), [0; 0]);
        let standing = |standing| Query { standing: Some(standing), ..Query::default() };
        assert_eq!(seqs(standing(Standing::Draft)), [draft.seq]);
        assert_eq!(seqs(standing(Standing::Signed)), [newer.seq]);
        assert_eq!(seqs(standing(Standing::Superseded)), [older.seq]);
        assert_eq!(seqs(standing(Standing::Void)), [wrong.seq]);
        assert_eq!(seqs(standing(Standing::Held)), [0; 0]);

        let mut each = Vec::new();
        let gathered = register.each(&Query { limit: Some(4), ..all }, |state| {
            each.push(state.record.seq);
            Ok(())
        });
        gathered.unwrap();
        assert_eq!(each, [wrong.seq, newer.seq, older.seq, draft.seq]);

        let after = |seq, limit| register.filed_after(seq, limit).unwrap().iter().map(|state| state.record.seq).collect::<Vec<_>>();
        assert_eq!(after(0, 3), [minutes.seq, draft.seq, older.seq]);
        assert_eq!(after(older.seq, 9), [newer.seq, wrong.seq, copy.seq]);
        let changed = register.changed_after(0, 9).unwrap();
        let changes: Vec<(u64, u64)> = changed.iter().map(|changed| (changed.at, changed.state.record.seq)).collect();
        assert_eq!(changes, [(newer.seq, older.seq), (wrong.seq + 1, wrong.seq), (copy.seq, newer.seq)]);
        assert_eq!(changed[2].state.joined, [copy.seq]);
        assert_eq!(register.changed_after(copy.seq, 9).unwrap(), []);
        assert_eq!(register.changed_after(newer.seq, 1).unwrap()[0].at, wrong.seq + 1);
    }
}

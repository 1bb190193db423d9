//! The index file: only an index. Whatever happens to it, the register says the same.

use std::path::{Path, PathBuf};
use std::time::Duration;

use proptest::prelude::*;
use rusqlite::Connection;

use super::super::afterwards::{Disposed, HELD, Moved, MovedFile, RELEASED, Relates, Status};
use super::super::event::{Happening, Void};
use super::super::*;
use super::{file_it, finish, lines, request, ticket};

/// A folder with an archive and the folder of its index.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn archive(&self) -> PathBuf {
        self.folder.path().join("archive")
    }

    fn index(&self) -> PathBuf {
        self.folder.path().join(".chancery/register.sqlite")
    }

    fn open(&self) -> Register {
        Register::open_in(&self.archive(), &self.folder.path().join(".chancery")).unwrap()
    }

    /// With three records and an index that is up to date.
    fn filled() -> Self {
        let place = Self::new();
        let register = place.open();
        for text in ["a", "b", "c"] {
            file_it(&register, &request(text));
        }
        drop(register);
        drop(place.open());
        place
    }

    /// The register says what its lines say, can be written to, and has its index in the file, if it may.
    fn assert_whole(&self, shared: bool) {
        let register = self.open();
        let anew = Register::open(&self.archive()).unwrap();
        assert_eq!(register.all().unwrap(), anew.all().unwrap());
        assert_eq!(register.damage().unwrap(), anew.damage().unwrap());
        assert_eq!(register.head(), anew.head());
        assert_eq!(register.lock().index().is_shared(), shared);
        let count = register.records().unwrap().len();
        let record = file_it(&register, &request(&format!("one more {count}")));
        drop(register);
        assert_eq!(self.open().records().unwrap().len(), count + 1);
        assert_eq!(record.number, Some(format!("MIN-2026-{:03}", count + 1)));
        if shared {
            assert_eq!(dump(&self.open()), dump(&Register::open(&self.archive()).unwrap()));
        }
    }
}

/// Everything that stands in the tables.
fn dump(register: &Register) -> String {
    let inner = register.lock();
    let db = inner.index().db();
    let mut tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").unwrap();
    let names: Vec<String> = tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let mut text = String::new();
    for name in names {
        let mut rows =
            db.prepare(&format!("SELECT * FROM {name} ORDER BY 1, 2")).or_else(|_| db.prepare(&format!("SELECT * FROM {name}"))).unwrap();
        let columns = rows.column_count();
        let mut rows = rows.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let values: Vec<String> =
                (0..columns).map(|column| format!("{:?}", row.get::<_, rusqlite::types::Value>(column).unwrap())).collect();
            text += &format!("{name}: {}\n", values.join(" "));
        }
    }
    text
}

/// What happened to the file, and how.
type Wreck<'a> = (&'a str, &'a dyn Fn(&Path));

fn scribble(path: &Path, from: usize, bytes: &[u8]) {
    let mut all = std::fs::read(path).unwrap();
    let end = all.len().min(from + bytes.len());
    all[from..end].copy_from_slice(&bytes[..end - from]);
    std::fs::write(path, all).unwrap();
}

#[test]
fn it_is_made_where_something_is_filed_and_may_be_deleted() {
    let place = Place::new();
    assert!(place.open().records().unwrap().is_empty());
    assert!(!place.folder.path().join(".chancery").exists(), "nothing is filed: nothing is made");
    let place = Place::filled();
    assert!(place.index().is_file());
    std::fs::remove_dir_all(place.folder.path().join(".chancery")).unwrap();
    place.assert_whole(true);
}

#[test]
fn lines_that_were_read_are_read_again_only_if_their_file_was_touched() {
    let place = Place::filled();
    let file = place.archive().join("register/2026.jsonl");
    let read = std::fs::metadata(&file).unwrap().modified().unwrap();
    std::fs::write(&file, lines(&place.archive()).replacen("Executive", "Execution", 1)).unwrap();
    let set_time = |time| std::fs::File::options().write(true).open(&file).unwrap().set_modified(time).unwrap();
    set_time(read);
    assert_eq!(place.open().damage().unwrap(), [], "nothing tells that it was changed");
    set_time(read + Duration::from_secs(1));
    assert_eq!(place.open().damage().unwrap().len(), 1);
    assert_eq!(place.open().damage().unwrap().len(), 1, "and it stays known");
}

#[test]
fn a_file_of_an_earlier_year_that_was_changed_is_noticed_too() {
    let place = Place::new();
    let register = place.open();
    for year in [2024, 2025, 2026] {
        let mut request = request(&format!("of {year}"));
        request.now = DateTime::parse_from_rfc3339(&format!("{year}-11-20T12:00:00Z")).unwrap();
        file_it(&register, &request);
    }
    drop(register);
    let file = place.archive().join("register/2024.jsonl");
    assert_eq!(place.open().damage().unwrap(), []);
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replacen("Executive", "Execution", 1)).unwrap();
    assert_eq!(place.open().damage().unwrap().len(), 1);
    std::fs::write(&file, text).unwrap();
    assert_eq!(place.open().damage().unwrap(), [], "it was put right");
}

#[test]
fn whatever_lies_there_instead_of_an_index_is_made_one() {
    let garbage = vec![b'x'; 10_000];
    let wrecks: [Wreck<'_>; 8] = [
        ("garbage", &|path| std::fs::write(path, &garbage).unwrap()),
        ("nothing", &|path| std::fs::write(path, "").unwrap()),
        ("half", &|path| std::fs::OpenOptions::new().write(true).open(path).unwrap().set_len(20_000).unwrap()),
        ("a torn page", &|path| scribble(path, 4096 * 3, &garbage[..4096 * 2])),
        ("a torn head", &|path| scribble(path, 40, &garbage[..40])),
        ("a newer version", &|path| Connection::open(path).unwrap().execute_batch("PRAGMA user_version = 99; DROP TABLE open").unwrap()),
        ("a missing table", &|path| Connection::open(path).unwrap().execute_batch("DROP TABLE entries").unwrap()),
        ("another's database", &|path| {
            std::fs::remove_file(path).unwrap();
            let sql = "CREATE TABLE \"some\"\"one's\" (x); CREATE VIEW v AS SELECT 1; CREATE TABLE position (y)";
            Connection::open(path).unwrap().execute_batch(sql).unwrap();
        }),
    ];
    for (what, wreck) in wrecks {
        eprintln!("{what}");
        let place = Place::filled();
        wreck(&place.index());
        place.assert_whole(true);
    }
}

#[test]
fn where_no_file_can_stand_an_index_of_its_own_does() {
    let place = Place::filled();
    std::fs::remove_file(place.index()).unwrap();
    std::fs::create_dir(place.index()).unwrap();
    place.assert_whole(false);
    std::fs::remove_dir_all(place.folder.path().join(".chancery")).unwrap();
    std::fs::write(place.folder.path().join(".chancery"), "a file").unwrap();
    place.assert_whole(false);
}

#[test]
fn an_index_that_breaks_while_it_is_used_is_made_anew() {
    let place = Place::filled();
    let (register, other) = (place.open(), place.open());
    let garbage = vec![b'x'; 300_000];
    let length = std::fs::metadata(place.index()).unwrap().len() as usize;
    // What stands in the log beside it is written back first.
    register.lock().index().db().execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    scribble(&place.index(), 4096, &garbage[..length.min(garbage.len()) - 4096]);
    register.lock().index().db().execute_batch("PRAGMA shrink_memory").unwrap();
    for (register, text) in [(&register, "d"), (&other, "e"), (&register, "f")] {
        file_it(register, &request(text));
    }
    drop((register, other));
    assert_eq!(place.open().records().unwrap().len(), 6);
    place.assert_whole(true);
}

#[test]
fn a_journal_from_a_backup_is_what_counts() {
    let place = Place::filled();
    let path = place.archive().join("register/2026.jsonl");
    let whole = lines(&place.archive());
    let older: String = whole.lines().take(3).map(|line| format!("{line}\n")).collect();
    std::fs::write(&path, &older).unwrap();
    assert_eq!(place.open().records().unwrap().len(), 1);
    std::fs::write(&path, &whole).unwrap();
    assert_eq!(place.open().records().unwrap().len(), 3);
    // Another register, as long and longer.
    let other = Place::new();
    let register = other.open();
    for text in ["d", "e", "f", "g"] {
        file_it(&register, &request(text));
    }
    drop(register);
    let theirs: String = lines(&other.archive());
    for text in [&theirs, &theirs.lines().take(6).map(|line| format!("{line}\n")).collect::<String>()] {
        std::fs::write(&path, &whole).unwrap();
        drop(place.open());
        std::fs::write(&path, text).unwrap();
        let (shared, anew) = (place.open(), Register::open(&place.archive()).unwrap());
        assert_eq!(dump(&shared), dump(&anew));
        assert_eq!(shared.head(), anew.head());
    }
    // No register at all: a new archive is begun.
    std::fs::remove_file(&path).unwrap();
    assert_eq!(place.open().records().unwrap(), []);
}

#[test]
fn a_full_disk_costs_the_index_and_not_the_filing() {
    let place = Place::filled();
    let register = place.open();
    {
        let inner = register.lock();
        let pages: i64 = inner.index().db().query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
        let limit = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
        assert_eq!(inner.index().db().query_row(&format!("PRAGMA max_page_count = {pages}"), [], limit).unwrap(), pages);
    }
    let numbers: Vec<Option<String>> = (0..40).map(|n| file_it(&register, &request(&format!("{n}"))).number).collect();
    assert_eq!(numbers.last().unwrap().as_deref(), Some("MIN-2026-043"));
    assert!(!register.lock().index().is_shared());
    drop(register);
    place.assert_whole(true);
}

#[test]
fn who_holds_the_index_holds_up_nobody() {
    let place = Place::filled();
    let register = place.open();
    let other = Connection::open(place.index()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    register.lock().index().db().busy_timeout(Duration::from_millis(5)).unwrap();
    assert_eq!(file_it(&register, &request("d")).number.as_deref(), Some("MIN-2026-004"));
    assert!(!register.lock().index().is_shared());
    other.execute_batch("ROLLBACK").unwrap();
    drop(register);
    place.assert_whole(true);
}

#[test]
fn an_append_that_fails_leaves_no_trace_in_the_index() {
    let place = Place::filled();
    let register = place.open();
    let before = dump(&register);
    let path = place.archive().join("register/2026.jsonl");
    let (aside, text) = (place.folder.path().join("aside"), lines(&place.archive()));
    // The time of filing is in another year, whose file cannot be made.
    std::fs::create_dir(place.archive().join("register/2027.jsonl")).unwrap();
    let later = Request { now: DateTime::parse_from_rfc3339("2027-01-01T00:00:00Z").unwrap(), ..request("d") };
    register.admit(&later).unwrap_err();
    std::fs::remove_dir(place.archive().join("register/2027.jsonl")).unwrap();
    assert_eq!(lines(&place.archive()), text);
    register.refresh().unwrap();
    assert_eq!(dump(&register), before);
    assert_eq!(file_it(&register, &later).number.as_deref(), Some("MIN-2026-004"));
    assert!(path.is_file() && !aside.exists());
}

/// What may happen, in any order.
#[derive(Clone, Debug)]
enum Step {
    File(u8),
    Reserve(u8),
    Close(usize, bool),
    Duplicate(u8),
    Say(usize, u8),
    Answer(u8),
    Reopen,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..12_u8).prop_map(Step::File),
        2 => any::<u8>().prop_map(Step::Reserve),
        2 => any::<(usize, bool)>().prop_map(|(which, file)| Step::Close(which, file)),
        1 => (0..12_u8).prop_map(Step::Duplicate),
        4 => any::<(usize, u8)>().prop_map(|(which, what)| Step::Say(which, what)),
        1 => any::<u8>().prop_map(Step::Answer),
        1 => Just(Step::Reopen),
    ];
    proptest::collection::vec(step, 1..30)
}

/// A request for something, as anything that a note can be.
fn some(n: u8) -> Request {
    let part = n.is_multiple_of(3).then(|| Part { key: format!("row {}", n % 4), of: 2 });
    let inbox = if n.is_multiple_of(2) { vec![SourceFile { name: format!("{n}.md"), sha256: "ab".to_owned() }] } else { Vec::new() };
    let people = vec!["Ann Lee".to_owned(), format!("Bo {n}")];
    let id = n.is_multiple_of(5).then(|| format!("note-{}", n % 2));
    Request { part, inbox, people, id, status: Some("draft".to_owned()), again: n.is_multiple_of(4), ..request(&format!("text {}", n / 2)) }
}

/// One of the things that may be said of a record that stands.
fn said(of: u64, id: &str, path: &str, what: u8) -> Happening {
    let said = Said { by: Some("Ann".to_owned()), ..Said::default() };
    let id = id.to_owned();
    match what % 7 {
        0 => Happening::Status(Status { of, id, status: HELD.to_owned(), said }),
        1 => Happening::Status(Status { of, id, status: RELEASED.to_owned(), said }),
        2 => Happening::Relates(Relates { of, id, to: "other".to_owned(), relation: "relates".to_owned() }),
        3 => {
            let files = vec![MovedFile { from: path.to_owned(), to: format!("moved/{what}/{path}") }];
            Happening::Moved(Moved { of, id, files, said })
        }
        4 => Happening::Disposed(Disposed { of: vec![of, of + 2], id, said, certificate: None }),
        5 => Happening::Void(Void { of: Some(of), id, reason: "no".to_owned(), ..Void::default() }),
        _ => {
            let files = vec![MovedFile { from: path.to_owned(), to: format!("undone/{path}") }];
            let (number, series) = (Some("MIN-2026-001".to_owned()), Some("minutes".to_owned()));
            let free = Void { number, reusable: true, series, year: Some(2026), n: Some(1), ..Void::default() };
            let returned = vec!["note.md".to_owned()];
            Happening::Void(Void {
                of: Some(of),
                id,
                reason: "undone".to_owned(),
                files,
                returned,
                writer: Some("abcdefghij".to_owned()),
                ..free
            })
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn step_by_step_is_the_same_as_from_the_beginning(steps in steps()) {
        let place = Place::new();
        let mut registers = vec![place.open(), place.open()];
        let mut open: Vec<(Request, Ticket)> = Vec::new();
        for (index, step) in steps.into_iter().enumerate() {
            let which = index % registers.len();
            let register = &registers[which];
            match step {
                Step::File(n) | Step::Reserve(n) => if let Ok(Admission::Ticket(given)) = register.admit(&some(n)) {
                    if matches!(step, Step::File(_)) { drop(finish(register, &some(n), &given)) } else { open.push((some(n), given)) }
                },
                Step::Close(which, file) if !open.is_empty() => {
                    let (request, ticket) = open.remove(which % open.len());
                    if file { drop(finish(register, &request, &ticket)) } else { register.void(&ticket, "no").unwrap() }
                }
                Step::Duplicate(n) => if let Some(of) = register.records().unwrap().first() {
                    register.record_duplicate(&some(n), of).unwrap();
                },
                Step::Say(which, what) => {
                    let all = register.all().unwrap();
                    if let Some(state) = all.get(which % all.len().max(1)) {
                        let record = &state.record;
                        let line = said(record.seq, &record.id, &record.files[0].path, what);
                        register.session(None, "", |session| session.push(line.clone()).map(drop)).unwrap();
                    }
                }
                Step::Answer(n) => {
                    let answer = Answer { reason: Some(n.to_string()), again: n.is_multiple_of(2), ..Answer::default() };
                    register.answer(&(n % 4).to_string(), "note.md", &answer).unwrap();
                }
                _ => registers[which] = place.open(),
            }
        }
        let anew = Register::open(&place.archive()).unwrap();
        for register in &registers {
            register.refresh().unwrap();
            prop_assert_eq!(dump(register), dump(&anew));
            prop_assert_eq!(register.all().unwrap(), anew.all().unwrap());
        }
    }
}

#[test]
fn a_ticket_of_one_index_can_be_closed_with_another() {
    let place = Place::filled();
    let register = place.open();
    let wanted = request("d");
    let given = ticket(&register, &wanted);
    std::fs::write(place.index(), "broken").unwrap();
    assert_eq!(finish(&place.open(), &wanted, &given).version, 1);
}

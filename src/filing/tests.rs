//! Filing, removal and recovery against a real folder.

use std::sync::Arc;

use super::removal::{hidden_by, put_back};
use super::*;
use crate::intake::Arrival;
use crate::model::Dropped;
use crate::register::Request;
use crate::register::tests::{file_it, finish, lines, request, sound, ticket};
use crate::register::{Admission, Place};

/// An office with an inbox and an archive.
struct Office {
    root: tempfile::TempDir,
}

impl Office {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("inbox")).unwrap();
        Self { root }
    }

    fn inbox(&self) -> PathBuf {
        self.root.path().join("inbox")
    }

    fn archive(&self) -> PathBuf {
        self.root.path().join("archive")
    }

    fn open(&self) -> Register {
        Register::open(&self.archive()).unwrap()
    }

    fn drop(&self, name: &str, text: &str) -> Dropped {
        let path = self.inbox().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        Dropped { path, name: name.to_owned(), modified: chrono::DateTime::UNIX_EPOCH, bytes: Arc::from(text.as_bytes()) }
    }

    fn arrival(&self, note: &str, company: &[&str]) -> Arrival {
        let mut arrival = Arrival::alone(self.drop(note, note));
        arrival.company = company.iter().map(|name| self.drop(name, name)).collect();
        arrival
    }

    /// The request that a pipeline would make of it.
    fn request(&self, arrival: &Arrival) -> Request {
        Request { inbox: inbox_files(&self.inbox(), arrival), ..request(&arrival.note.name) }
    }

    fn recover(&self) -> Vec<Recovered> {
        recover(&self.inbox(), &self.archive(), &self.open(), &|_| false).unwrap()
    }

    /// Every file of inbox and archive but the register's own and the lock, relative.
    fn files(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut folders = vec![self.root.path().to_owned()];
        while let Some(folder) = folders.pop() {
            let mut empty = true;
            for entry in std::fs::read_dir(&folder).unwrap().flatten() {
                empty = false;
                let name = entry.path().strip_prefix(self.root.path()).unwrap().to_string_lossy().into_owned();
                match entry.file_type().unwrap().is_dir() {
                    true => folders.push(entry.path()),
                    false if name == "archive/.lock" || name.starts_with("archive/register/") => {}
                    false => found.push(name),
                }
            }
            let lasting = [self.inbox(), self.archive().join(".writers")];
            assert!(!empty || lasting.contains(&folder), "{} was left empty", folder.display());
        }
        found.sort();
        found
    }
}

const PDF: &str = "archive/2026/11/minutes/2026-11-23 Executive Committee.pdf";

#[test]
fn a_filed_record_stands_and_leaves_nothing_beside() {
    let office = Office::new();
    let register = office.open();
    let record = file_it(&register, &request("a"));
    drop(register);
    assert_eq!(office.files(), [PDF]);
    let bytes = std::fs::read(office.root.path().join(PDF)).unwrap();
    assert_eq!(
        record.files,
        [FiledFile { role: "document".to_owned(), path: PDF["archive/".len()..].to_owned(), sha256: sha256_hex(&bytes) }]
    );
}

#[test]
fn what_stands_in_the_archive_is_never_replaced() {
    let office = Office::new();
    let register = office.open();
    let wanted = request("a");
    let given = ticket(&register, &wanted);
    std::fs::create_dir_all(office.archive().join("2026/11/minutes")).unwrap();
    std::fs::write(office.root.path().join(PDF), "somebody's own").unwrap();
    let file = FinishedFile { role: "document".to_owned(), path: given.places[0].path.clone(), bytes: b"%PDF".to_vec() };
    let problems = super::file(&office.archive(), &register, &given, Details::of(&wanted), vec![file], 1).unwrap_err();
    assert_eq!(problems.first().blame, Blame::Machine);
    assert_eq!(std::fs::read_to_string(office.root.path().join(PDF)).unwrap(), "somebody's own");
    // Its ticket is void and its number free; the next try goes beside.
    let record = file_it(&register, &wanted);
    assert_eq!(record.number.as_deref(), Some("MIN-2026-001"));
    assert!(record.files[0].path.ends_with(" (2).pdf"));
    drop(register);
    assert_eq!(office.files().len(), 2);
    sound(&office.archive());
}

#[test]
fn of_a_group_the_good_ones_are_filed() {
    let office = Office::new();
    let register = office.open();
    let requests: Vec<Request> = ["a", "b", "c"].into_iter().map(request).collect();
    let mut finished: Vec<Finished> = Vec::new();
    for request in &requests {
        let ticket = ticket(&register, request);
        let file = FinishedFile { role: "document".to_owned(), path: ticket.places[0].path.clone(), bytes: b"%PDF".to_vec() };
        finished.push(Finished { ticket, details: Details::of(request), files: vec![file], pages: 1 });
    }
    finished[1].files[0].path = "elsewhere.pdf".to_owned();
    let before = lines(&office.archive()).lines().count();
    let answers = file_many(&office.archive(), &register, finished);
    assert_eq!(answers.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
    let text = lines(&office.archive());
    let events: Vec<&str> = text.lines().skip(before).map(|line| line.split('"').nth(11).unwrap()).collect();
    assert_eq!(events, ["filed", "filed", "void"]);
    drop(register);
    assert_eq!(office.files().len(), 2);
}

#[test]
fn a_settled_set_leaves_the_inbox_with_its_folder() {
    let office = Office::new();
    let register = office.open();
    let mut arrival = office.arrival("visit/note.md", &["visit/a.png", "visit/img/b.png", "visit/shared.png"]);
    arrival.shared = vec![office.inbox().join("visit/shared.png")];
    let request = office.request(&arrival);
    assert_eq!(
        request.inbox.iter().map(|file| file.name.as_str()).collect::<Vec<_>>(),
        ["visit/note.md", "visit/a.png", "visit/img/b.png"]
    );
    let record = file_it(&register, &request);
    let folder = office.inbox().join("visit");
    let (note, company) = (&request.inbox[0], &request.inbox[1]);
    assert!(register.awaiting_removal(&request.source_sha256, company).unwrap().is_empty(), "another name is another submission");
    assert_eq!(register.awaiting_removal(&request.source_sha256, note).unwrap(), std::slice::from_ref(&record));
    let cleared = clear_inbox(&office.inbox(), &arrival, &register, &[record.seq], Some(&folder)).unwrap();
    assert_eq!(cleared, Cleared::Gone);
    assert!(register.awaiting_removal(&request.source_sha256, note).unwrap().is_empty(), "it is gone before the line is written");
    register.flush().unwrap();
    assert!(register.awaiting_removal(&request.source_sha256, note).unwrap().is_empty());
    assert!(lines(&office.archive()).contains(r#""event":"removed","of":[2],"source":"visit/note.md","outcome":"deleted""#));
    drop(register);
    assert_eq!(office.files(), [PDF, "inbox/visit/shared.png"]);
}

#[test]
fn an_edit_made_meanwhile_is_put_back_with_its_company() {
    let office = Office::new();
    let register = office.open();
    let arrival = office.arrival("note.md", &["a.png"]);
    let request = office.request(&arrival);
    let record = file_it(&register, &request);
    std::fs::write(&arrival.note.path, "edited").unwrap();
    let cleared = clear_inbox(&office.inbox(), &arrival, &register, &[record.seq], None).unwrap();
    assert_eq!(cleared, Cleared::Edited(vec![arrival.note.path.clone()]));
    drop(register);
    assert_eq!(office.files(), [PDF, "inbox/a.png", "inbox/note.md"]);
    assert_eq!(std::fs::read_to_string(&arrival.note.path).unwrap(), "edited");
    assert!(lines(&office.archive()).contains(r#""outcome":"edited""#));
}

#[test]
fn what_is_put_back_does_not_replace_a_newer_save() {
    let folder = tempfile::tempdir().unwrap();
    let (hidden, path) = (folder.path().join(".removing-x"), folder.path().join("note.md"));
    std::fs::write(&hidden, "older edit").unwrap();
    std::fs::write(&path, "newer save").unwrap();
    assert_eq!(put_back(&hidden, &path).unwrap(), folder.path().join("note (2).md"));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "newer save");
}

#[test]
fn a_filed_note_that_could_not_be_removed_is_not_filed_again() {
    let office = Office::new();
    let register = office.open();
    let arrival = office.arrival("note.md", &[]);
    let wanted = office.request(&arrival);
    let record = file_it(&register, &wanted);
    // Removal failed; meanwhile the template changes, and the note is tried again and again.
    let changed = Request { template_sha256: sha256_hex(b"new look"), ..wanted.clone() };
    for register in [&register, &office.open()] {
        let Admission::Already(already) = register.admit(&changed).unwrap() else { panic!("it was filed") };
        assert_eq!(already, record);
    }
    clear_inbox(&office.inbox(), &arrival, &register, &[record.seq], None).unwrap();
    // Dropped once more, it is a new try.
    let Admission::Ticket(next) = register.admit(&changed).unwrap() else { panic!("the template is another") };
    assert_eq!(next.version, 2);
}

#[test]
fn names_of_any_length_can_be_hidden_and_found_again() {
    let office = Office::new();
    let register = office.open();
    for name in ["ü".repeat(126) + ".m", "a-1-b".to_owned(), "x".repeat(255), ".md".to_owned()] {
        let arrival = office.arrival(&name, &[]);
        std::fs::write(&arrival.note.path, "edited").unwrap();
        let cleared = clear_inbox(&office.inbox(), &arrival, &register, &[], None).unwrap();
        assert_eq!(cleared, Cleared::Edited(vec![arrival.note.path.clone()]));
        std::fs::write(&arrival.note.path, &*arrival.note.bytes).unwrap();
        assert_eq!(clear_inbox(&office.inbox(), &arrival, &register, &[], None).unwrap(), Cleared::Gone);
    }
    assert_eq!(std::fs::read_dir(office.inbox()).unwrap().count(), 0);
    assert_eq!(hidden_by(".removing-0123456789-0-a-b.md"), Some(("0123456789", "a-b.md")));
    assert_eq!(hidden_by(".removing-0123456789-x-a"), None);
    assert_eq!(hidden_by(".removing-\u{fc}\u{fc}\u{fc}\u{fc}\u{fc}-0-a"), None);
}

#[test]
fn a_reservation_that_was_left_open_is_void_and_its_number_free() {
    let office = Office::new();
    let (living, dying) = (office.open(), office.open());
    let open = ticket(&living, &request("of another"));
    ticket(&dying, &request("a"));
    dying.die();
    let recovered = office.recover();
    assert!(matches!(&recovered[..], [Recovered::Voided { title, .. }] if title == "Executive Committee"), "{recovered:?}");
    assert!(office.recover().is_empty(), "once is enough");
    finish(&living, &request("of another"), &open);
    assert_eq!(ticket(&living, &request("a")).number.as_deref(), Some("MIN-2026-002"));
    sound(&office.archive());
}

#[test]
fn what_was_written_and_not_committed_goes() {
    let office = Office::new();
    let dying = office.open();
    let arrival = office.arrival("note.md", &[]);
    let two = ["document", "press"].map(|role| Place { role: role.to_owned(), path: format!("2026/{role}.pdf") });
    let given = ticket(&dying, &Request { places: two.to_vec(), ..office.request(&arrival) });
    let folder = office.archive().join("2026");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("document.pdf"), "%PDF").unwrap();
    write_temporary(&folder, &dying.writer().unwrap(), b"%P").unwrap();
    write_temporary(&folder, "9999999999", b"another writer's").unwrap();
    dying.die();
    let files = office.files();
    assert_eq!(files.len(), 5, "{files:?}");
    office.recover();
    let files = office.files();
    assert_eq!(files.len(), 2, "{files:?}");
    assert!(files[0].starts_with("archive/2026/.chancery-9999999999-"), "{files:?}");
    assert_eq!(files[1], "inbox/note.md");
    let again = ticket(&office.open(), &Request { places: two.to_vec(), ..office.request(&arrival) });
    assert_eq!((again.id, again.number, again.places), (given.id, given.number, given.places));
}

/// Files an arrival, then dies in the middle of its removal as `state` arranges it.
fn dies_after(office: &Office, arrival: &Arrival, state: impl FnOnce(&str)) {
    let dying = office.open();
    file_it(&dying, &office.request(arrival));
    state(&dying.writer().unwrap());
    dying.die();
}

fn hide(path: &Path, writer: &str) {
    let name = path.file_name().unwrap().to_str().unwrap();
    std::fs::rename(path, path.with_file_name(format!(".removing-{writer}-0-{name}"))).unwrap();
}

#[test]
fn a_filed_set_is_removed_from_whatever_state_it_was_left_in() {
    let states: [fn(&Arrival, &str); 5] = [
        |_, _| {},
        |arrival, writer| hide(&arrival.note.path, writer),
        |arrival, writer| hide(&arrival.company[0].path, writer),
        |arrival, writer| {
            std::fs::remove_file(&arrival.note.path).unwrap();
            hide(&arrival.company[0].path, writer);
        },
        |arrival, _| {
            std::fs::remove_file(&arrival.note.path).unwrap();
            std::fs::remove_file(&arrival.company[0].path).unwrap();
        },
    ];
    for (index, state) in states.into_iter().enumerate() {
        let office = Office::new();
        let arrival = office.arrival("visit/note.md", &["visit/a.png"]);
        dies_after(&office, &arrival, |writer| state(&arrival, writer));
        office.recover();
        std::fs::remove_dir(office.inbox().join("visit")).unwrap();
        assert_eq!(office.files(), [PDF], "state {index}");
        let outcome = if index == 4 { "gone" } else { "" };
        assert_eq!(lines(&office.archive()).matches(r#""event":"removed""#).count(), 1);
        assert!(lines(&office.archive()).contains(outcome));
        assert!(office.recover().is_empty());
    }
}

#[test]
fn an_edited_note_gets_its_name_and_its_company_back() {
    for hidden in [false, true] {
        let office = Office::new();
        let arrival = office.arrival("note.md", &["a.png"]);
        dies_after(&office, &arrival, |writer| {
            std::fs::write(&arrival.note.path, "edited").unwrap();
            if hidden {
                hide(&arrival.note.path, writer);
            }
            hide(&arrival.company[0].path, writer);
        });
        let recovered = office.recover();
        assert!(recovered.contains(&Recovered::PutBack(arrival.company[0].path.clone())), "{recovered:?}");
        assert_eq!(office.files(), [PDF, "inbox/a.png", "inbox/note.md"]);
        assert_eq!(std::fs::read_to_string(&arrival.note.path).unwrap(), "edited");
    }
}

#[test]
fn company_that_another_note_names_stays_in_recovery_too() {
    let office = Office::new();
    let arrival = office.arrival("note.md", &["a.png", "b.png"]);
    dies_after(&office, &arrival, |writer| hide(&arrival.company[1].path, writer));
    let register = office.open();
    recover(&office.inbox(), &office.archive(), &register, &|path| path.ends_with("a.png") || path.ends_with("b.png")).unwrap();
    drop(register);
    assert_eq!(office.files(), [PDF, "inbox/a.png", "inbox/b.png"]);
}

#[test]
fn what_no_line_names_is_put_back_and_the_living_are_left_alone() {
    let office = Office::new();
    let (living, dying) = (office.open(), office.open());
    let (mine, theirs) = (office.drop("mine.md", "x"), office.drop("theirs.md", "y"));
    hide(&mine.path, &living.writer().unwrap());
    hide(&theirs.path, &dying.writer().unwrap());
    dying.die();
    assert_eq!(office.recover(), [Recovered::PutBack(theirs.path.clone())]);
    assert!(!mine.path.exists());
}

#[test]
fn a_duplicate_that_was_about_to_leave_leaves() {
    let office = Office::new();
    let dying = office.open();
    let first = office.arrival("note.md", &[]);
    let record = file_it(&dying, &request("note.md"));
    let again = office.request(&first);
    assert!(matches!(dying.admit(&again).unwrap(), Admission::Duplicate(_)));
    dying.record_duplicate(&again, &record).unwrap();
    hide(&first.note.path, &dying.writer().unwrap());
    dying.die();
    assert_eq!(office.recover(), [Recovered::Removed(first.note.path.clone())]);
    assert_eq!(office.files(), [PDF]);
}

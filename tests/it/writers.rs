//! Several processes file into one archive at once: one chain, no gap, nothing twice, nothing left over.
//!
//! The processes are this test binary itself, started again for the ignored test [`files_ten`].

use std::path::{Path, PathBuf};
use std::process::Command;

use chancery::filing::{clear_inbox, recover};
use chancery::intake::Arrival;
use chancery::register::{Admission, NumberState, Register};

use crate::drops::{dropped, file_it, request, walk};

const OFFICE: &str = "CHANCERY_TEST_OFFICE_OF_MANY";
const NAME: &str = "CHANCERY_TEST_WRITER";

#[test]
fn processes_at_once_keep_one_chain() {
    let office = tempfile::tempdir().unwrap();
    std::fs::create_dir(office.path().join("inbox")).unwrap();
    let start = |name: u32| {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "writers::files_ten", "--ignored"]).env(OFFICE, office.path()).env(NAME, name.to_string());
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap()
    };
    for child in (0..4).map(start).collect::<Vec<_>>() {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let archive = office.path().join("archive");
    let register = Register::open(&archive).unwrap();
    assert_eq!(register.damage().unwrap(), []);
    let mut numbers: Vec<String> = register.records().unwrap().into_iter().filter_map(|record| record.number).collect();
    numbers.sort();
    assert_eq!(numbers, (1..=40).map(|n| format!("2026-{n:03}")).collect::<Vec<_>>());
    // In the order in which they were given each is filed: nothing is void, free or missing.
    let mut told = Vec::new();
    register.numbers(None, None, |entry| told.push((entry.n, entry.state))).unwrap();
    assert_eq!(told, (1..=40).map(|n| (n, NumberState::Filed)).collect::<Vec<_>>());
    let pdfs = walk(office.path()).into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "pdf")).count();
    assert_eq!(pdfs, 80);
    assert_eq!(walk(&archive.join(".writers")), Vec::<PathBuf>::new());
    assert_eq!(walk(&office.path().join("inbox")), Vec::<PathBuf>::new());
}

#[test]
#[ignore = "what the test above runs in several processes"]
fn files_ten() {
    let Some(office) = std::env::var_os(OFFICE).map(PathBuf::from) else { return };
    let name = std::env::var(NAME).unwrap();
    let (inbox, archive) = (office.join("inbox"), office.join("archive"));
    let register = Register::open(&archive).unwrap();
    for count in 0..10 {
        // Each start of a writer recovers; the living are left alone.
        recover(&inbox, &archive, &register, &|_| false).unwrap();
        file_one(&inbox, &register, &format!("{name} {count}.md"));
    }
}

fn file_one(inbox: &Path, register: &Register, name: &str) {
    std::fs::write(inbox.join(name), name).unwrap();
    let arrival = Arrival::alone(dropped(inbox, name));
    let request = request(inbox, &arrival);
    let Admission::Ticket(ticket) = register.admit(&request).unwrap() else { panic!("{name} was never dropped before") };
    let record = file_it(register, &request, &arrival, ticket).unwrap();
    clear_inbox(inbox, &arrival, register, &[record.seq], None).unwrap();
}

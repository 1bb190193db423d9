//! Killed while an archive is taken away or brought back, or while records are disposed of: done again, it comes to the
//! same end.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use chancery::register::Register;
use chancery::storage::{CRASH_POINTS, IMPORT_LOCK, KEEPING_CRASH_POINTS};

/// A point that is passed more often is killed at its first passings only.
const PASSINGS: usize = 3;

fn run(folder: &Path, arguments: &[&str], failpoints: &str) -> ExitStatus {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chancery"));
    command.current_dir(folder).args(["-q", "--now", "2026-11-23T09:00:00Z"]).args(arguments).env("FAILPOINTS", failpoints);
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap()
}

/// An office in which these notes are filed; one with the same `id` is a version of the one before.
fn office(folder: &Path, notes: &[(&str, &str)]) -> PathBuf {
    let office = folder.to_owned();
    fs::create_dir_all(office.join("inbox")).unwrap();
    fs::write(office.join("chancery.toml"), "[fonts]\nfolders = []\n").unwrap();
    for (index, (id, title)) in notes.iter().enumerate() {
        let text = format!("---\ntype: notice\nid: {id}\ndate: 2026-11-20\n---\n# {title}\n\nThe gate is shut at eight.\n");
        fs::write(office.join(format!("{index}.md")), text).unwrap();
        assert!(run(&office, &["file", &format!("{index}.md")], "").success());
    }
    office
}

/// Every file of the archive with its bytes; that of a running or dead writer is no part of it.
fn everything(archive: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let (mut found, mut open) = (BTreeMap::new(), vec![archive.to_owned()]);
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if !path.starts_with(archive.join(".writers")) && !path.ends_with(IMPORT_LOCK) {
            found.insert(path.strip_prefix(archive).unwrap().to_owned(), fs::read(&path).unwrap());
        }
    }
    found
}

/// What stands, without where its lines are.
fn records(archive: &Path) -> Vec<(String, u32, Vec<String>, bool)> {
    let register = Register::open(archive).unwrap();
    assert_eq!(register.damage().unwrap(), []);
    let states = register.all().unwrap().into_iter();
    states
        .map(|state| {
            let files = state.record.files.iter().map(|file| format!("{} {}", file.path, file.sha256)).collect();
            (state.record.id, state.record.version, files, state.superseded_by.is_some())
        })
        .collect()
}

/// Kills an import into an office that `prepare` makes at each point, does it again, and hands the office to `check`. Gives
/// the points that were passed.
fn kill_imports(zip: &Path, prepare: impl Fn(&Path), check: impl Fn(&Path, &str)) -> Vec<&'static str> {
    let mut passed = Vec::new();
    for point in KEEPING_CRASH_POINTS.iter().chain(CRASH_POINTS) {
        for passing in 0..PASSINGS {
            let when = format!("{point}, passing {passing}");
            let folder = tempfile::tempdir().unwrap();
            prepare(folder.path());
            let import = ["import", zip.to_str().unwrap()];
            let killed = run(folder.path(), &import, &format!("{point}={passing}*off->return"));
            if killed.signal() != Some(6) {
                assert_eq!(killed.code(), Some(0), "{when}: it failed instead of being killed");
                break;
            }
            passed.push(*point);
            assert_eq!(run(folder.path(), &import, "").code(), Some(0), "{when}: done again");
            check(&folder.path().join("archive"), &when);
        }
    }
    passed.dedup();
    passed
}

/// An office with three records, one in two versions, and its export.
fn exported(folder: &Path) -> PathBuf {
    let office = office(&folder.join("a"), &[("roof", "Roof"), ("gate", "Gate"), ("roof", "Roof again"), ("well", "Well")]);
    assert!(run(&office, &["export", "out.zip"], "").success());
    office.join("out.zip")
}

#[test]
fn an_import_that_restores() {
    let folder = tempfile::tempdir().unwrap();
    let zip = exported(folder.path());
    let whole = everything(&folder.path().join("a/archive"));
    let passed = kill_imports(&zip, |folder| drop(office(folder, &[])), |archive, when| assert_eq!(everything(archive), whole, "{when}"));
    assert_eq!(passed, ["import::checked", "import::placed", "import::files-synced", "import::register-staged", "import::restored"]);
}

#[test]
fn an_import_that_adopts() {
    let folder = tempfile::tempdir().unwrap();
    let zip = exported(folder.path());
    let there = records(&folder.path().join("a/archive"));
    let own = office(&folder.path().join("b"), &[]);
    fs::write(own.join("own.md"), "---\ntype: speech\ndate: 2026-01-02\n---\n# Own\n\nLadies and gentlemen.\n").unwrap();
    assert!(run(&own, &["file", "own.md"], "").success());
    let prepare = |folder: &Path| {
        let copied = Command::new("cp").args(["-r", "."]).arg(folder).current_dir(&own).status().unwrap();
        assert!(copied.success());
    };
    let check = |archive: &Path, when: &str| {
        let here = records(archive);
        assert_eq!(here[1..], there, "{when}");
        let mut expected: Vec<PathBuf> =
            here.iter().flat_map(|record| &record.2).map(|file| PathBuf::from(&file[..file.len() - 65])).collect();
        expected.extend(["register/2026.jsonl", ".lock"].map(PathBuf::from));
        expected.sort();
        let mut left = everything(archive).into_keys().collect::<Vec<_>>();
        // Half a line is moved aside, never erased.
        left.retain(|path| !path.to_string_lossy().starts_with("register/torn-"));
        assert_eq!(left, expected, "{when}: nothing is left over");
    };
    let passed = kill_imports(&zip, prepare, check);
    let expected = [
        "import::checked",
        "import::reserved",
        "import::placed",
        "import::files-synced",
        "import::committed",
        "register::reserve-torn",
        "register::reserve-written",
        "register::filed-torn",
        "register::filed-written",
    ];
    assert_eq!(passed, expected);
}

#[test]
fn an_export_is_there_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), &[("roof", "Roof"), ("gate", "Gate")]);
    for point in ["export::copied", "export::written"] {
        let killed = run(&office, &["export", "out.zip"], &format!("{point}=return"));
        assert_eq!(killed.signal(), Some(6), "{point}");
        assert!(!office.join("out.zip").exists(), "{point}");
    }
    assert!(run(&office, &["export", "out.zip"], "").success());
    assert_eq!(run(&office, &["import", "out.zip"], "").code(), Some(0));
}

#[test]
fn a_disposal() {
    let notes = [("roof", "Roof"), ("gate", "Gate"), ("roof", "Roof again")];
    let points =
        ["disposal::certified", "register::disposed-torn", "register::disposed-written", "disposal::committed", "disposal::removed"];
    let dispose = ["dispose", "roof", "gate", "--by", "Amelia Ford", "--early", "--reason", "no room", "--confirm"];
    for point in points {
        for passing in 0..PASSINGS {
            // Either the same command is given again, or the next start alone finishes what was decided.
            for again in [true, false] {
                let when = format!("{point}, passing {passing}, again: {again}");
                let folder = tempfile::tempdir().unwrap();
                let office = office(folder.path(), &notes);
                let killed = run(&office, &dispose, &format!("{point}={passing}*off->return"));
                if killed.signal() != Some(6) {
                    assert_eq!(killed.code(), Some(0), "{when}: it failed instead of being killed");
                    assert!(passing > 0, "{when}: it was not passed");
                    break;
                }
                if again {
                    assert_eq!(run(&office, &dispose, "").code(), Some(0), "{when}");
                } else {
                    assert_eq!(run(&office, &["watch", "--once"], "").code(), Some(0), "{when}");
                }
                assert_disposed(&office.join("archive"), again, &when);
                assert_eq!(run(&office, &["verify"], "").code(), Some(0), "{when}: verify");
            }
        }
    }
}

/// The certificate stands, once, unless half of the lines were written before it was done again; of each record all is there, or its line says that it was disposed of and nothing is.
fn assert_disposed(archive: &Path, again: bool, when: &str) {
    let register = Register::open(archive).unwrap();
    assert_eq!(register.damage().unwrap(), [], "{when}");
    let states = register.all().unwrap();
    let standing = |state: &&chancery::register::RecordState| state.superseded_by.is_none() && state.disposed.is_none();
    let certificates = states.iter().filter(|state| state.record.document_type.as_str() == "disposal-certificate");
    let certificates = certificates.filter(standing).count();
    assert!(certificates == 1 || (certificates == 2 && when.contains("torn")), "{when}: {certificates} certificates");
    for state in states.iter().filter(|state| state.record.document_type.as_str() == "notice") {
        let there = state.record.files.iter().filter(|file| archive.join(&file.path).exists()).count();
        let expected = if state.disposed.is_some() { 0 } else { state.record.files.len() };
        assert_eq!(there, expected, "{when}: {}", state.record.title);
        assert!(!again || state.disposed.is_some(), "{when}: {} is disposed of", state.record.title);
    }
}

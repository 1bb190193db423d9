//! Faults of the machine: a full disk, a folder that may not be written. Plain words, nothing lost, nothing half done,
//! and the next try succeeds.

use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use chancery::failure::{Blame, Checked, Problems};
use chancery::filing::{clear_inbox, recover};
use chancery::intake::Arrival;
use chancery::register::{Admission, Register};

use crate::drops::{dropped, file_it, request, walk};

const OFFICE: &str = "CHANCERY_TEST_OFFICE_OF_NOBODY";

/// A file system of a few pages, gone with the value.
pub struct SmallDisk(pub tempfile::TempDir);

impl SmallDisk {
    /// `None`, with a message, where mounting is not allowed.
    pub fn mount(kilobytes: u32) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let size = format!("size={kilobytes}k");
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder.path()).output();
        if mount.is_ok_and(|output| output.status.success()) {
            return Some(Self(folder));
        }
        eprintln!("skipped: no small disk can be mounted here");
        None
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).output();
    }
}

/// One try of the whole way, as a pipeline makes it.
fn try_it(office: &Path, register: &Register, name: &str) -> Checked<()> {
    let inbox = office.join("inbox");
    let arrival = Arrival::alone(dropped(&inbox, name));
    let request = request(&inbox, &arrival);
    let records = match register.admit(&request)? {
        Admission::Ticket(ticket) => vec![file_it(register, &request, &arrival, ticket)?.seq],
        Admission::Already(record) => vec![record.seq],
        Admission::Duplicate(of) => panic!("a duplicate of {}", of.id),
    };
    clear_inbox(&inbox, &arrival, register, &records, None).map(|_| ())
}

#[test]
fn a_full_disk_loses_nothing_and_leaves_nothing() {
    let Some(disk) = SmallDisk::mount(1024) else { return };
    let office = tempfile::tempdir().unwrap();
    std::fs::create_dir(office.path().join("inbox")).unwrap();
    let archive = disk.0.path().to_owned();
    std::os::unix::fs::symlink(&archive, office.path().join("archive")).unwrap();
    let register = Register::open(&archive).unwrap();
    let mut failures = 0;
    // From one page of room to many: it fails at each step of the way in turn.
    for pages in 0..24_usize {
        let name = format!("note {pages}.md");
        std::fs::write(office.path().join("inbox").join(&name), format!("{name} {}", "x".repeat(9_000))).unwrap();
        fill_but(&archive, pages);
        let before = stands(&archive);
        match try_it(office.path(), &register, &name) {
            Ok(()) => assert!(!office.path().join("inbox").join(&name).exists()),
            Err(problems) => {
                failures += 1;
                assert_plain(&problems, "Free some space");
                assert!(office.path().join("inbox").join(&name).exists());
                assert_eq!(stands(&archive), before, "{pages} pages: something was left");
            }
        }
        std::fs::remove_file(archive.join("filler")).unwrap();
        if office.path().join("inbox").join(&name).exists() {
            try_it(office.path(), &register, &name).unwrap();
        }
        let reread = Register::open(&archive).unwrap();
        assert_eq!(reread.damage().unwrap(), [], "{pages} pages");
        let numbers: Vec<String> = reread.records().unwrap().into_iter().filter_map(|record| record.number).collect();
        let expected: Vec<String> = (1..=pages + 1).map(|n| format!("2026-{n:03}")).collect();
        assert_eq!(numbers, expected, "{pages} pages");
    }
    assert!(failures >= 5, "the disk was never full: {failures}");
    drop(register);
    assert!(recover(&office.path().join("inbox"), &archive, &Register::open(&archive).unwrap(), &|_| false).unwrap().is_empty());
}

/// Fills the disk but for that many pages.
pub fn fill_but(archive: &Path, pages: usize) {
    use std::io::Write as _;
    let mut filler = std::fs::File::create(archive.join("filler")).unwrap();
    while filler.write_all(&[0; 4096]).is_ok() {}
    let length = filler.metadata().unwrap().len();
    filler.set_len((length / 4096).saturating_sub(pages as u64) * 4096).unwrap();
}

/// What stands in the archive beside the register, the locks and the filler.
fn stands(archive: &Path) -> Vec<PathBuf> {
    let ours =
        |path: &PathBuf| path.extension().is_some_and(|extension| extension == "pdf") || path.to_string_lossy().contains(".chancery-");
    let mut found: Vec<PathBuf> = walk(archive).into_iter().filter(ours).collect();
    found.sort();
    found
}

fn assert_plain(problems: &Problems, help: &str) {
    let problem = problems.first();
    assert_eq!(problem.blame, Blame::Machine, "{problems}");
    assert!(problem.help.contains(help), "{problems}");
    assert!(problem.message.starts_with("Could not "), "{problems}");
}

#[test]
fn folders_that_may_not_be_written_are_named_and_nothing_is_filed_twice() {
    let office = tempfile::tempdir().unwrap();
    allow(office.path(), 0o755);
    for folder in ["inbox", "archive"] {
        std::fs::create_dir_all(office.path().join(folder)).unwrap();
        allow(&office.path().join(folder), 0o777);
    }
    std::fs::write(office.path().join("inbox/note.md"), "note").unwrap();
    let Some(first) = as_nobody(office.path()) else { return };
    assert_eq!(first, "filed and removed", "with every permission it works");

    std::fs::write(office.path().join("inbox/note.md"), "second").unwrap();
    allow(&office.path().join("archive"), 0o555);
    let said = as_nobody(office.path()).unwrap();
    assert!(said.contains("Allow the program to write there") && said.contains("archive"), "{said}");
    assert!(office.path().join("inbox/note.md").exists());

    allow(&office.path().join("archive"), 0o777);
    allow(&office.path().join("inbox"), 0o555);
    for _ in 0..3 {
        let said = as_nobody(office.path()).unwrap();
        assert!(said.contains("remove from the inbox") && said.contains("note.md"), "{said}");
    }
    assert_eq!(Register::open(&office.path().join("archive")).unwrap().records().unwrap().len(), 2, "it is filed once");
    allow(&office.path().join("inbox"), 0o777);
    assert_eq!(as_nobody(office.path()).unwrap(), "filed and removed");
    let register = Register::open(&office.path().join("archive")).unwrap();
    assert_eq!((register.records().unwrap().len(), register.damage().unwrap().len()), (2, 0));
    assert!(!office.path().join("inbox/note.md").exists());
}

/// Sets the permissions of a folder and of every folder below; of files without the right to enter them.
fn allow(path: &Path, mode: u32) {
    let folder = path.is_dir();
    let mode_here = if folder { mode } else { mode & 0o666 };
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode_here)).unwrap();
    for entry in std::fs::read_dir(path).into_iter().flatten().flatten() {
        allow(&entry.path(), mode);
    }
}

/// Runs [`tries_as_nobody`] as an unprivileged user and gives what it said; `None`, with a message, where that cannot be.
fn as_nobody(office: &Path) -> Option<String> {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "machine::tries_as_nobody", "--ignored"]).env(OFFICE, office).uid(65_534).gid(65_534);
    let said = match command.output() {
        Ok(output) => String::from_utf8_lossy(&output.stderr).into_owned(),
        Err(_) => String::new(),
    };
    let said = said.lines().filter_map(|line| line.strip_prefix("said: ")).collect::<Vec<_>>().join("\n");
    if said.is_empty() {
        eprintln!("skipped: this test needs to run something as another user");
        return None;
    }
    Some(said)
}

#[test]
#[ignore = "what the test above runs as another user"]
fn tries_as_nobody() {
    use std::io::Write as _;
    let Some(office) = std::env::var_os(OFFICE).map(PathBuf::from) else { return };
    let tried = Register::open(&office.join("archive")).and_then(|register| try_it(&office, &register, "note.md"));
    let said = tried.map_or_else(|problems| problems.to_string().replace('\n', " "), |()| "filed and removed".to_owned());
    // Not through the test harness, which would keep it to itself.
    writeln!(std::io::stderr(), "said: {said}").unwrap();
}

/// The program itself in an office with the built-in fonts only; `nobody` runs it as an unprivileged user.
fn chancery(office: &Path, nobody: bool, arguments: &[&str]) -> Option<(i32, String)> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chancery"));
    command.current_dir(office).args(arguments);
    if nobody {
        command.uid(65_534).gid(65_534);
    }
    let output = command.output().ok()?;
    let said = [output.stdout, output.stderr].concat();
    Some((output.status.code()?, String::from_utf8_lossy(&said).into_owned()))
}

/// An office with two notes and one that has a problem of its own.
fn office_with_notes() -> tempfile::TempDir {
    let office = tempfile::tempdir().unwrap();
    for folder in ["inbox", "archive", ".chancery"] {
        std::fs::create_dir(office.path().join(folder)).unwrap();
    }
    std::fs::write(office.path().join("chancery.toml"), "[fonts]\nfolders = []\n").unwrap();
    for name in ["a", "b"] {
        let text = format!("---\ntype: notice\ndate: 2026-11-20\n---\n# Matter {name}\n\nThe gate is shut.\n");
        std::fs::write(office.path().join(format!("inbox/{name}.md")), text).unwrap();
    }
    std::fs::write(office.path().join("inbox/bad.md"), "---\ntitle: one\ntitle: two\n---\ntext\n").unwrap();
    office
}

/// After mending, both notes are filed once and the bad one has its problem note.
fn assert_mended(office: &Path, nobody: bool) {
    assert_eq!(chancery(office, nobody, &["-q", "watch", "--once"]).unwrap().0, 1);
    let register = Register::open(&office.join("archive")).unwrap();
    let mut numbers: Vec<String> = register.records().unwrap().into_iter().filter_map(|record| record.number).collect();
    numbers.sort();
    assert_eq!((numbers, register.damage().unwrap().len()), (vec!["NOT-2026-001".to_owned(), "NOT-2026-002".to_owned()], 0));
    let there = |name: &str| office.join("inbox").join(name).exists();
    assert!(!there("a.md") && !there("b.md") && there("bad.md") && there("bad.md.problem.txt"));
}

#[test]
fn the_program_says_that_the_disk_is_full_and_files_when_it_is_not() {
    let Some(disk) = SmallDisk::mount(1024) else { return };
    let office = office_with_notes();
    std::fs::remove_dir(office.path().join("archive")).unwrap();
    std::os::unix::fs::symlink(disk.0.path(), office.path().join("archive")).unwrap();
    // Room for the register's line, and not for the PDF: then for nothing at all.
    for pages in [4, 0] {
        fill_but(disk.0.path(), pages);
        let (code, said) = chancery(office.path(), false, &["watch", "--once"]).unwrap();
        assert_eq!(code, 3, "{said}");
        assert!(said.contains("No space left") && said.contains("Free some space"), "{said}");
        let (_, status) = chancery(office.path(), false, &["status"]).unwrap();
        assert!(status.contains("The disk is full") && status.contains("3 files wait"), "{status}");
        let there = |name: &str| office.path().join("inbox").join(name).exists();
        assert!(there("a.md") && there("b.md") && !there("a.md.problem.txt"), "the note is not to blame");
        assert!(there("bad.md.problem.txt"), "a note with a problem of its own is told of it all the same");
        assert_eq!(stands(disk.0.path()), Vec::<PathBuf>::new());
        std::fs::remove_file(disk.0.path().join("filler")).unwrap();
    }
    assert_mended(office.path(), false);
}

#[test]
fn a_watcher_goes_on_by_itself_when_the_disk_has_room_again() {
    let Some(disk) = SmallDisk::mount(1024) else { return };
    let office = office_with_notes();
    std::fs::remove_dir(office.path().join("archive")).unwrap();
    std::os::unix::fs::symlink(disk.0.path(), office.path().join("archive")).unwrap();
    fill_but(disk.0.path(), 0);
    let mut watcher = Command::new(env!("CARGO_BIN_EXE_chancery")).current_dir(office.path()).args(["-q", "watch"]).spawn().unwrap();
    let until = |what: &str, done: &dyn Fn() -> bool| {
        let started = std::time::Instant::now();
        while !done() {
            assert!(started.elapsed().as_secs() < 60, "{what}");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    };
    let there = |name: &str| office.path().join("inbox").join(name).exists();
    until("the bad note is told of", &|| there("bad.md.problem.txt"));
    std::fs::remove_file(disk.0.path().join("filler")).unwrap();
    until("what waited is filed", &|| !there("a.md") && !there("b.md"));
    Command::new("kill").arg(watcher.id().to_string()).status().unwrap();
    assert!(watcher.wait().unwrap().success());
    assert_mended(office.path(), false);
}

#[test]
fn the_program_says_which_folder_may_not_be_written_and_files_when_it_may() {
    let office = office_with_notes();
    allow(office.path(), 0o777);
    std::fs::write(office.path().join("probe"), "").unwrap();
    for (folder, words) in [("archive", "The folder archive may not be written"), ("inbox", "The folder inbox may not be written")] {
        allow(&office.path().join(folder), 0o555);
        let Some((code, said)) = chancery(office.path(), true, &["watch", "--once"]) else {
            eprintln!("skipped: this test needs to run something as another user");
            return;
        };
        assert_eq!(code, 3, "{said}");
        assert!(said.contains("Allow the program to write there") && said.contains(folder), "{said}");
        let (_, status) = chancery(office.path(), true, &["status"]).unwrap();
        assert!(status.contains(words) && status.contains("files wait"), "{status}");
        assert!(["a.md", "b.md", "bad.md"].iter().all(|name| office.path().join("inbox").join(name).exists()));
        assert!(Register::open(&office.path().join("archive")).unwrap().records().unwrap().is_empty());
        // Where the archive itself is shut nothing can begin; where only the inbox is, each note is told of by itself.
        assert_eq!(office.path().join(".chancery/problems/bad.md.problem.txt").exists(), folder == "inbox", "{said}");
        allow(&office.path().join(folder), 0o777);
    }
    assert_mended(office.path(), true);
}

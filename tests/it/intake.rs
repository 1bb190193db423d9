//! The inbox on a real disk with real events: what is dropped is seen, whole, once, however it comes.
//!
//! Nothing here sleeps to wait for something: each step waits for the arrival itself, up to a generous limit.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use chancery::failure::Blame;
use chancery::intake::glance_here;
use chancery::intake::{Arrival, Fate, Found, Inbox, Next, Places, Rules};

const SETTLE: Duration = Duration::from_millis(300);

struct Office {
    folder: tempfile::TempDir,
    inbox: Option<Inbox>,
    stop: Arc<AtomicBool>,
}

impl Office {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["inbox", "templates"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        Self { folder, inbox: None, stop: Arc::default() }
    }

    fn watched() -> Self {
        let mut office = Self::new();
        office.open(false);
        office
    }

    fn open(&mut self, once: bool) {
        let root = self.folder.path();
        let places = Places {
            inbox: root.join("inbox"),
            state: root.join(".chancery"),
            templates: root.join("templates"),
            configuration: root.join("chancery.toml"),
        };
        let types = BTreeSet::from(["minutes".to_owned()]);
        let rules = Rules { settle: SETTLE, wait: Duration::from_secs(2), rescan: Duration::from_secs(300), once, types };
        self.inbox = Some(Inbox::open(places, rules).unwrap());
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("inbox").join(name)
    }

    /// Puts a file there by a rename, as from another folder.
    fn rename_in(&self, name: &str, text: &str) {
        let outside = self.folder.path().join("outside");
        fs::write(&outside, text).unwrap();
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::rename(outside, self.path(name)).unwrap();
    }

    fn next(&mut self) -> Next {
        // Stops the wait if nothing comes, so that a failure is one and not a hang.
        let (stop, done) = (Arc::clone(&self.stop), Arc::new(AtomicBool::new(false)));
        let (finished, limit) = (Arc::clone(&done), Instant::now() + Duration::from_secs(60));
        let guard = std::thread::spawn(move || {
            while !finished.load(Ordering::SeqCst) && Instant::now() < limit {
                std::thread::park_timeout(Duration::from_millis(500));
            }
            stop.store(!finished.load(Ordering::SeqCst), Ordering::SeqCst);
        });
        let next = self.inbox.as_mut().unwrap().next(&self.stop, &glance_here);
        done.store(true, Ordering::SeqCst);
        guard.thread().unpark();
        guard.join().unwrap();
        next
    }

    #[track_caller]
    fn found(&mut self) -> Found {
        match self.next() {
            Next::Found(found) => *found,
            other => panic!("{other:?} instead of an arrival"),
        }
    }

    #[track_caller]
    fn arrival(&mut self) -> Arrival {
        let found = self.found();
        let arrival = found.arrival.as_ref().unwrap().clone();
        self.file(&found);
        arrival
    }

    /// As filing would: what does not stay is removed.
    fn file(&mut self, found: &Found) {
        let arrival = found.arrival.as_ref().unwrap();
        for path in std::iter::once(&arrival.note.path).chain(arrival.company.iter().map(|file| &file.path)) {
            if arrival.takes_along(path) {
                fs::remove_file(path).unwrap();
            }
        }
        self.inbox.as_mut().unwrap().finish(found, &Fate::Cleared);
    }

    fn fail(&mut self, found: &Found, blame: Blame) {
        self.inbox.as_mut().unwrap().finish(found, &Fate::Failed(vec![blame]));
    }
}

fn text(arrival: &Arrival) -> &str {
    std::str::from_utf8(&arrival.note.bytes).unwrap()
}

#[test]
fn what_is_renamed_in_comes_at_once() {
    let mut office = Office::new();
    fs::create_dir(office.path("sub")).unwrap();
    office.open(false);
    let mut slowest = Duration::ZERO;
    for number in 0..20 {
        office.rename_in("sub/a.md", &format!("# {number}"));
        let renamed = Instant::now();
        let arrival = office.arrival();
        slowest = slowest.max(renamed.elapsed());
        assert_eq!(text(&arrival), format!("# {number}"));
        assert_eq!(arrival.note.name, "sub/a.md");
        assert_eq!(arrival.folder.as_deref(), Some("sub"));
    }
    assert!(slowest < SETTLE, "a rename does not wait to settle, but {slowest:?} passed");
}

#[test]
fn a_slow_writer_is_waited_for_though_it_pauses_longer_than_the_settle_time() {
    for once in [false, true] {
        let mut office = Office::new();
        if !once {
            office.open(once);
        }
        let path = office.path("slow.md");
        let mut writer = std::process::Command::new("sh")
            .args(["-c", "exec >\"$0\"; echo started >&2; for part in 1 2 3; do sleep 0.7; echo $part; done; sleep 0.7; echo end"])
            .arg(&path)
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut started = [0; 8];
        std::io::Read::read_exact(writer.stderr.as_mut().unwrap(), &mut started).unwrap();
        if once {
            office.open(once);
        }
        assert_eq!(text(&office.arrival()), "1\n2\n3\nend\n", "once: {once}");
        writer.wait().unwrap();
        if once {
            assert!(matches!(office.next(), Next::Done));
        }
    }
}

#[test]
fn what_was_there_at_start_is_seen_and_once_comes_to_an_end() {
    let mut office = Office::new();
    fs::create_dir_all(office.path("visit/photos")).unwrap();
    fs::write(office.path("visit/note.md"), "# Visit").unwrap();
    fs::write(office.path("visit/photos/a.png"), "png").unwrap();
    fs::create_dir_all(office.path("minutes")).unwrap();
    fs::write(office.path("minutes/m.md"), "# Minutes\n\n![](missing.png)").unwrap();
    fs::write(office.path("draft.md"), "---\ndraft: true\n---\n# Not yet").unwrap();
    fs::write(office.path("_aside.md"), "# Not yet").unwrap();
    fs::write(office.path("x.md~"), "# Not yet").unwrap();
    office.open(true);
    let mut found = Vec::new();
    loop {
        match office.next() {
            Next::Found(set) => {
                let names: Vec<_> = set.arrival.as_ref().unwrap().company.iter().map(|file| file.name.clone()).collect();
                found.push((set.name.display().to_string(), set.folder.is_some(), names));
                office.file(&set);
            }
            Next::Done => break,
            other => panic!("{other:?}"),
        }
    }
    found.sort();
    assert_eq!(found, [("minutes/m.md".to_owned(), false, vec![]), ("visit/note.md".to_owned(), true, vec!["photos/a.png".to_owned()])]);
}

#[test]
fn a_burst_of_renames_loses_none_and_gives_none_twice() {
    const COUNT: usize = 400;
    let mut office = Office::watched();
    let outside = office.folder.path().join("many");
    fs::create_dir(&outside).unwrap();
    for number in 0..COUNT {
        fs::write(outside.join(format!("{number}.md")), format!("# {number}")).unwrap();
    }
    let inbox = office.path("");
    let mover = std::thread::spawn(move || {
        for number in 0..COUNT {
            let name = format!("{number}.md");
            fs::rename(outside.join(&name), inbox.join(&name)).unwrap();
        }
    });
    let mut seen = BTreeSet::new();
    for _ in 0..COUNT {
        let arrival = office.arrival();
        assert!(seen.insert(arrival.note.name.clone()), "{} came twice", arrival.note.name);
    }
    mover.join().unwrap();
    assert_eq!(fs::read_dir(office.path("")).unwrap().count(), 0);
}

#[test]
fn a_failed_file_is_tried_again_however_it_is_saved() {
    type Save = fn(&Path);
    let saves: [(&str, Save); 4] = [
        ("written over", |path| fs::write(path, "# Mended").unwrap()),
        ("renamed over", |path| {
            let temporary = path.with_file_name(".a.md.swap");
            fs::write(&temporary, "# Mended").unwrap();
            fs::rename(temporary, path).unwrap();
        }),
        ("saved with a backup", |path| {
            fs::rename(path, path.with_file_name("a.md~")).unwrap();
            fs::write(path, "# Mended").unwrap();
            fs::remove_file(path.with_file_name("a.md~")).unwrap();
        }),
        ("appended to", |path| {
            let mut file = fs::OpenOptions::new().append(true).open(path).unwrap();
            file.write_all(b"# Mended").unwrap();
        }),
    ];
    for (how, save) in saves {
        let mut office = Office::watched();
        office.rename_in("a.md", "");
        let found = office.found();
        office.fail(&found, Blame::Note);
        save(&office.path("a.md"));
        assert_eq!(text(&office.arrival()), "# Mended", "{how}");
    }
}

#[test]
fn a_failed_file_and_its_problem_note_give_no_arrival() {
    let mut office = Office::watched();
    office.rename_in("a.md", "");
    let found = office.found();
    let problem = chancery::failure::Problem::new("empty", "There is nothing in it.", "Write something.");
    let note = office.inbox.as_ref().unwrap().problem_notes().write(&found.name, &problem.into()).unwrap();
    office.fail(&found, Blame::Note);
    office.rename_in("b.md", "# B");
    assert_eq!(office.arrival().note.name, "b.md", "neither the failed file nor the note about it");
    assert!(note.exists());
    fs::remove_file(office.path("a.md")).unwrap();
    office.rename_in("c.md", "# C");
    assert_eq!(office.arrival().note.name, "c.md");
    assert!(!note.exists(), "a note about a file that is gone goes too");
}

#[test]
fn a_note_and_its_picture_come_together_whichever_is_first() {
    for order in [["a.md", "pics/photo.png"], ["pics/photo.png", "a.md"]] {
        let mut office = Office::watched();
        fs::create_dir(office.path("pics")).unwrap();
        for name in order {
            let content = if name == "a.md" { "# A\n\n![a photo](pics/photo.png)" } else { "png" };
            fs::write(office.path(name), content).unwrap();
        }
        let arrival = office.arrival();
        assert_eq!(arrival.note.name, "a.md");
        assert_eq!(arrival.company.len(), 1);
        assert_eq!(arrival.company[0].name, "pics/photo.png");
        assert_eq!(&*arrival.company[0].bytes, b"png");
    }
}

#[test]
fn a_shared_picture_leaves_with_the_last_note() {
    let mut office = Office::new();
    fs::write(office.path("photo.png"), "png").unwrap();
    fs::write(office.path("a.md"), "# A\n\n![](photo.png)").unwrap();
    fs::write(office.path("b.md"), "# B\n\n![](photo.png)").unwrap();
    office.open(false);
    let (first, second) = (office.arrival(), office.arrival());
    assert_eq!((first.company.len(), second.company.len()), (1, 1));
    assert_eq!(first.shared, [office.path("photo.png")]);
    assert!(second.shared.is_empty());
    assert_eq!(fs::read_dir(office.path("")).unwrap().count(), 0);
}

#[test]
fn a_folder_renamed_in_or_copied_in_is_one_submission() {
    let mut office = Office::watched();
    let outside = office.folder.path().join("visit");
    fs::create_dir_all(outside.join("deep")).unwrap();
    fs::write(outside.join("note.md"), "# Visit").unwrap();
    fs::write(outside.join("deep/plan.pdf"), "pdf").unwrap();
    assert!(std::process::Command::new("cp").arg("-r").arg(&outside).arg(office.path("copied")).status().unwrap().success());
    let copied = office.arrival();
    assert_eq!((copied.note.name.as_str(), copied.company.len()), ("copied/note.md", 1));
    fs::rename(&outside, office.path("renamed")).unwrap();
    let renamed = office.arrival();
    assert_eq!((renamed.note.name.as_str(), renamed.company[0].name.as_str()), ("renamed/note.md", "deep/plan.pdf"));
    assert_eq!(renamed.note.path, office.path("renamed/note.md"));
}

#[test]
fn a_changed_template_or_configuration_wakes() {
    let mut office = Office::watched();
    fs::create_dir(office.folder.path().join("templates/minutes")).unwrap();
    assert!(matches!(office.next(), Next::OfficeChanged));
    fs::write(office.folder.path().join("templates/minutes/words.md"), "x").unwrap();
    assert!(matches!(office.next(), Next::OfficeChanged));
    fs::write(office.folder.path().join("chancery.toml"), "").unwrap();
    assert!(matches!(office.next(), Next::OfficeChanged));
}

#[cfg(unix)]
#[test]
fn pipes_and_links_are_neither_opened_nor_followed() {
    let mut office = Office::watched();
    fs::write(office.folder.path().join("secret.md"), "secret").unwrap();
    std::os::unix::fs::symlink(office.folder.path().join("secret.md"), office.path("link.md")).unwrap();
    std::os::unix::fs::symlink("/etc", office.path("etc")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(office.path("pipe.md")).status().unwrap().success());
    office.rename_in("a.md", "# A\n\n![](link.md) ![](pipe.md) ![](etc/hostname)");
    let arrival = office.arrival();
    assert_eq!(arrival.note.name, "a.md");
    assert!(arrival.company.is_empty());
    assert!(office.path("link.md").symlink_metadata().is_ok());
}

#[test]
fn files_that_are_too_long_are_cut_off_after_the_limit() {
    let mut office = Office::watched();
    let path = office.folder.path().join("big");
    fs::File::create(&path).unwrap().set_len(100 << 20).unwrap();
    fs::rename(&path, office.path("big.md")).unwrap();
    let arrival = office.arrival();
    assert_eq!(arrival.note.bytes.len() as u64, chancery::intake::MAX_NOTE_BYTES + 1);
}

#[test]
fn it_stops_while_it_waits() {
    let mut office = Office::watched();
    let stop = Arc::clone(&office.stop);
    let thread = std::thread::spawn(move || stop.store(true, Ordering::SeqCst));
    assert!(matches!(office.next(), Next::Stopped));
    thread.join().unwrap();
}

//! The loop with an office that is only imagined: what is done with each drop, and what is told of it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use super::*;
use crate::intake::{Places, Rules};
use crate::reading::{Glance, glance};
use crate::register::{Damage, Record};

/// What the imagined office does with a note is written in the note itself.
struct Imagined {
    root: PathBuf,
    broken_template: bool,
    refreshed: bool,
    disk_full: u32,
}

impl Imagined {
    fn new(root: &Path) -> Self {
        Self { root: root.to_owned(), broken_template: false, refreshed: false, disk_full: 0 }
    }

    fn inbox(&self) -> PathBuf {
        self.root.join("inbox")
    }
}

impl House for Imagined {
    fn places(&self) -> Places {
        Places {
            inbox: self.inbox(),
            state: self.root.join(".chancery"),
            templates: self.root.join("templates"),
            configuration: self.root.join("chancery.toml"),
        }
    }

    fn rules(&self, once: bool) -> Rules {
        let (settle, wait) = (Duration::from_millis(100), Duration::from_millis(500));
        Rules { settle, wait, rescan: Duration::from_secs(300), once, types: BTreeSet::new() }
    }

    fn recover(&mut self) -> Checked<Vec<Recovered>> {
        Ok(Vec::new())
    }

    fn damage(&self) -> Checked<Vec<Damage>> {
        Ok(Vec::new())
    }

    fn glance(&self, name: &str, bytes: &[u8]) -> Checked<Glance> {
        Ok(glance(name, bytes))
    }

    fn process(&mut self, arrival: &Arrival, _: bool) -> Vec<Outcome> {
        let text = String::from_utf8_lossy(&arrival.note.bytes).into_owned();
        assert!(!text.contains("panic"), "asked to");
        let failed = |blame| vec![attention(Problem::new("failed", format!("It failed: {blame:?}."), "Mend it.").blaming(blame).into())];
        if text.contains("bad") {
            return failed(Blame::Note);
        }
        if text.contains("template") && self.broken_template {
            return failed(Blame::Template);
        }
        if text.contains("disk") && self.disk_full > 0 {
            self.disk_full -= 1;
            return failed(Blame::Machine);
        }
        let mut outcomes = vec![filed(&arrival.note.name)];
        if text.contains("parts") {
            outcomes.extend(failed(Blame::Note));
        }
        outcomes
    }

    fn rehearse(&mut self, arrival: &Arrival) -> Vec<Problem> {
        let outcomes = self.process(arrival, false);
        outcomes.iter().filter_map(problems_of).flat_map(|problems| problems.iter().cloned()).collect()
    }

    fn clear(&mut self, arrival: &Arrival, _: &[Outcome], _: Option<&Path>) -> Checked<()> {
        for path in std::iter::once(&arrival.note.path).chain(arrival.company.iter().map(|file| &file.path)) {
            if arrival.takes_along(path) {
                fs::remove_file(path).map_err(|error| Problem::machine("remove", path, &error))?;
            }
        }
        Ok(())
    }

    fn refresh(&mut self) -> Checked<bool> {
        let text = fs::read_to_string(self.root.join("chancery.toml")).unwrap_or_default();
        if text.contains("broken") {
            return Err(Problem::new("configuration", "It is broken.", "Mend it.").blaming(Blame::Configuration).into());
        }
        self.refreshed = text.contains("mended");
        self.broken_template &= !self.refreshed;
        Ok(self.refreshed)
    }

    fn broken(&self) -> Vec<Problem> {
        Vec::new()
    }

    fn close(&mut self) -> Checked<()> {
        Ok(())
    }
}

fn filed(name: &str) -> Outcome {
    let record: Record = serde_json::from_value(serde_json::json!({
        "seq": 1, "id": name, "type": "document", "title": name, "date": "2026-11-23", "series": null, "number": null, "version": 1,
        "supersedes": null, "source_sha256": "", "content_sha256": "", "source": name, "part": null, "parts": 1, "template_sha256": "",
        "files": [], "pages": 1, "filed_at": "2026-11-23T10:00:00Z"
    }))
    .unwrap();
    Outcome { fate: pipeline::Fate::Filed(record), ..attention(Problem::new("", "", "").into()) }
}

/// A watcher at work in its own thread.
struct Watched {
    folder: tempfile::TempDir,
    stop: Arc<AtomicBool>,
    told: Receiver<String>,
    thread: Option<std::thread::JoinHandle<Checked<Counts>>>,
}

impl Watched {
    fn start(change: impl FnOnce(&mut Imagined) + Send + 'static) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (sender, told) = channel();
        let stop = Arc::new(AtomicBool::new(false));
        let (root, flag) = (folder.path().to_owned(), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            let mut house = Imagined::new(&root);
            change(&mut house);
            run(&mut house, None, false, &flag, &mut |event| tell(&sender, &event))
        });
        let watched = Self { folder, stop, told, thread: Some(thread) };
        assert_eq!(watched.next(), "ready");
        watched
    }

    #[track_caller]
    fn next(&self) -> String {
        self.told.recv_timeout(Duration::from_secs(60)).unwrap()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn drop_note(&self, name: &str, text: &str) {
        let outside = self.path("outside");
        fs::write(&outside, text).unwrap();
        fs::rename(outside, self.path("inbox").join(name)).unwrap();
    }

    fn stop(mut self) -> Counts {
        self.stop.store(true, Ordering::SeqCst);
        self.thread.take().unwrap().join().unwrap().unwrap()
    }
}

fn tell(sender: &Sender<String>, event: &Event) {
    let fate = |outcome: &Outcome| match &outcome.fate {
        pipeline::Fate::Filed(_) => "filed".to_owned(),
        pipeline::Fate::Duplicate(_) => "duplicate".to_owned(),
        pipeline::Fate::Attention(problems) => problems.iter().map(|problem| problem.code.clone()).collect::<Vec<_>>().join(","),
    };
    let words = match event {
        Event::Recovered(_) => "recovered".to_owned(),
        Event::Damaged(damage) => format!("damaged: {}", damage.len()),
        Event::Ready => "ready".to_owned(),
        Event::Arrived(arrival, outcomes) => {
            format!("{}: {}", arrival.note.name, outcomes.iter().map(fate).collect::<Vec<_>>().join(" "))
        }
        Event::Unreadable(name, problems) => format!("{name}: unreadable {}", problems.first().code),
        Event::Trouble(problems) => format!("trouble: {}", problems.first().code),
        Event::Refreshed => "refreshed".to_owned(),
    };
    let _ = sender.send(words);
}

#[test]
fn a_bad_note_gets_a_problem_note_until_it_is_mended_and_others_go_on() {
    let watched = Watched::start(|_| {});
    watched.drop_note("a.md", "bad");
    assert_eq!(watched.next(), "a.md: failed");
    watched.drop_note("b.md", "good");
    assert_eq!(watched.next(), "b.md: filed");
    let note = watched.path("inbox/a.md.problem.txt");
    assert!(fs::read_to_string(&note).unwrap().contains("It failed: Note."));
    fs::write(watched.path("inbox/a.md"), "good").unwrap();
    assert_eq!(watched.next(), "a.md: filed");
    let counts = watched.stop();
    assert_eq!(counts, Counts { filed: 2, duplicate: 0, attention: 1 });
}

#[test]
fn the_problem_note_goes_once_its_file_is_filed() {
    let watched = Watched::start(|_| {});
    watched.drop_note("a.md", "bad");
    assert_eq!(watched.next(), "a.md: failed");
    watched.drop_note("a.md", "good");
    assert_eq!(watched.next(), "a.md: filed");
    let left: Vec<_> = fs::read_dir(watched.path("inbox")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, [".watcher"]);
}

#[test]
fn a_problem_note_that_is_taken_away_has_its_file_tried_again() {
    let watched = Watched::start(|_| {});
    watched.drop_note("a.md", "bad");
    assert_eq!(watched.next(), "a.md: failed");
    fs::remove_file(watched.path("inbox/a.md.problem.txt")).unwrap();
    assert_eq!(watched.next(), "a.md: failed");
}

#[test]
fn a_panic_becomes_a_problem_of_that_file_alone() {
    let watched = Watched::start(|_| {});
    watched.drop_note("a.md", "panic");
    assert_eq!(watched.next(), "a.md: internal");
    watched.drop_note("b.md", "good");
    assert_eq!(watched.next(), "b.md: filed");
    assert!(fs::read_to_string(watched.path("inbox/a.md.problem.txt")).unwrap().contains("asked to"));
}

#[test]
fn a_fault_of_the_machine_writes_no_note_is_told_once_and_tried_again() {
    let watched = Watched::start(|house| house.disk_full = 2);
    watched.drop_note("a.md", "disk");
    assert_eq!(watched.next(), "a.md: failed");
    assert_eq!(watched.next(), "a.md: filed", "told once although it failed twice");
    assert!(!watched.path("inbox/a.md.problem.txt").exists());
}

#[test]
fn what_a_template_blocked_is_tried_again_when_it_is_mended() {
    let watched = Watched::start(|house| house.broken_template = true);
    watched.drop_note("a.md", "template");
    assert_eq!(watched.next(), "a.md: failed");
    fs::write(watched.path("chancery.toml"), "broken").unwrap();
    assert_eq!(watched.next(), "trouble: configuration");
    watched.drop_note("b.md", "good");
    assert_eq!(watched.next(), "b.md: filed", "others go on");
    fs::write(watched.path("chancery.toml"), "mended").unwrap();
    assert_eq!(watched.next(), "refreshed");
    assert_eq!(watched.next(), "a.md: filed");
}

#[test]
fn files_stay_until_all_parts_are_filed() {
    let watched = Watched::start(|_| {});
    watched.drop_note("a.md", "parts");
    assert_eq!(watched.next(), "a.md: filed failed");
    assert!(watched.path("inbox/a.md").exists() && watched.path("inbox/a.md.problem.txt").exists());
}

#[test]
fn once_comes_to_an_end_and_a_second_watcher_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut house = Imagined::new(folder.path());
    fs::create_dir(house.inbox()).unwrap();
    for (name, text) in [("a.md", "good"), ("b.md", "bad"), ("c.md", "---\ndraft: true\n---\n"), ("d.md", "disk")] {
        fs::write(house.inbox().join(name), text).unwrap();
    }
    house.disk_full = 9;
    let stop = AtomicBool::new(false);
    let counts = run(&mut house, None, true, &stop, &mut |_| {}).unwrap();
    assert_eq!(counts, Counts { filed: 1, duplicate: 0, attention: 2 });
    let _lock = WatcherLock::take(&house.inbox(), &folder.path().join(".chancery")).unwrap();
    let problems = run(&mut house, None, true, &stop, &mut |_| {}).unwrap_err();
    assert_eq!(problems.first().code, "second-watcher");
}

/// Permissions do not bind root; then there is nothing to test.
#[cfg(unix)]
#[test]
fn where_nothing_can_leave_nothing_is_filed_and_the_note_stands_elsewhere() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let mut house = Imagined::new(folder.path());
    let inbox = house.inbox();
    fs::create_dir(&inbox).unwrap();
    fs::write(inbox.join("a.md"), "good").unwrap();
    fs::write(inbox.join("b.md"), "bad").unwrap();
    fs::set_permissions(&inbox, fs::Permissions::from_mode(0o555)).unwrap();
    if fs::write(inbox.join("probe"), "").is_ok() {
        eprintln!("skipped: permissions do not bind this user");
        return;
    }
    let (sender, told) = channel();
    run(&mut house, None, true, &AtomicBool::new(false), &mut |event| tell(&sender, &event)).unwrap();
    let told: Vec<String> = told.try_iter().collect();
    assert_eq!(told, ["ready", "a.md: machine", "b.md: failed,machine"]);
    assert!(inbox.join("a.md").exists());
    assert!(folder.path().join(".chancery/problems/b.md.problem.txt").exists());
    assert!(!folder.path().join(".chancery/problems/a.md.problem.txt").exists());
    fs::set_permissions(&inbox, fs::Permissions::from_mode(0o755)).unwrap();
}

//! The rules about waiting and belonging together, on a folder and a clock that are only imagined.

mod anything;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use super::{Notice, Patience, Set, Stamp, Step, Tracker, Verdict};
use crate::failure::Blame;
use crate::reading::{Glance, Mention, Use};

const SETTLE: Duration = Duration::from_millis(300);
const WAIT: Duration = Duration::from_secs(5);
const MOMENT: Duration = Duration::from_millis(1);

/// An imagined inbox: what lies in it, what each note names, and the time.
struct Inbox {
    tracker: Tracker,
    now: Instant,
    files: BTreeMap<PathBuf, (Stamp, Glance)>,
    /// Which files a program has open for writing.
    open: BTreeSet<PathBuf>,
    /// Which files the machine does not let us read.
    refused: BTreeSet<PathBuf>,
    writes: u64,
}

impl Inbox {
    fn watched() -> Self {
        Self::with(false)
    }

    fn once() -> Self {
        Self::with(true)
    }

    fn with(once: bool) -> Self {
        let patience = Patience { settle: SETTLE, wait: WAIT, once, trusts_age: true };
        let tracker = Tracker::new(patience, ["minutes", "notice"].map(String::from).into());
        Self { tracker, now: Instant::now(), files: BTreeMap::new(), open: BTreeSet::new(), refused: BTreeSet::new(), writes: 0 }
    }

    /// Changes the imagined file without telling anybody: a note (by its name) that names `names`.
    fn put(&mut self, path: &str, names: &[&str]) -> Stamp {
        self.writes += 1;
        let modified = SystemTime::UNIX_EPOCH + Duration::from_secs(self.writes);
        let stamp = Stamp { size: self.writes, modified, inode: (1, self.writes) };
        let mention = |name: &&str| Mention { name: (*name).to_owned(), used_as: Use::Image, line: 1 };
        let is_note = [".md", ".yaml", ".txt"].iter().any(|ending| path.ends_with(ending));
        let glance = Glance { is_note, is_draft: path.contains("draft"), mentions: names.iter().map(mention).collect() };
        self.files.insert(PathBuf::from(path), (stamp, glance));
        stamp
    }

    fn notice(&mut self, path: &str, notice: Notice) {
        let stamp = self.files[Path::new(path)].0;
        self.tracker.observe(Path::new(path), stamp, notice, self.now);
    }

    fn rename_in(&mut self, path: &str, names: &[&str]) {
        self.put(path, names);
        self.notice(path, Notice::Renamed);
    }

    /// Created, written and closed at once.
    fn write(&mut self, path: &str, names: &[&str]) {
        self.put(path, names);
        self.notice(path, Notice::Created);
        self.notice(path, Notice::Opened);
        self.notice(path, Notice::Written);
        self.notice(path, Notice::Closed);
    }

    fn delete(&mut self, path: &str) {
        if self.files.remove(Path::new(path)).is_none() {
            self.files.retain(|known, _| !known.starts_with(path));
        }
        self.tracker.gone(Path::new(path), self.now);
    }

    fn pass(&mut self, time: Duration) {
        self.now += time;
    }

    /// Answers the tracker's questions until it takes a set or has to wait.
    fn step(&mut self) -> Result<Set, Option<Duration>> {
        loop {
            match self.tracker.next(self.now) {
                Step::Look { path, written } => match self.files.get(&path) {
                    Some((stamp, _)) => {
                        let open = written && self.open.contains(&path);
                        self.tracker.observe(&path, *stamp, Notice::Looked { open }, self.now);
                    }
                    None => self.tracker.gone(&path, self.now),
                },
                Step::Glance(path, stamp) => {
                    let (current, glance) = &self.files[&path];
                    assert_eq!(*current, stamp, "{path:?} was changed without notice");
                    if self.refused.contains(&path) {
                        assert!(self.tracker.unreadable(&path, stamp));
                        self.tracker.finish(&path, &Verdict::Failed(vec![Blame::Machine]), self.now);
                        continue;
                    }
                    self.tracker.glanced(&path, stamp, glance, self.now);
                }
                Step::Take(set) => return Ok(set),
                Step::Wait(until) => return Err(until.map(|at| at - self.now)),
            }
        }
    }

    /// The next set, as `note + company`.
    #[track_caller]
    fn taken(&mut self) -> String {
        match self.step() {
            Ok(set) => words(&set),
            Err(wait) => panic!("nothing was taken; waits {wait:?}"),
        }
    }

    /// Asserts that nothing is to be taken now; gives how long it waits.
    #[track_caller]
    fn waits(&mut self) -> Option<Duration> {
        match self.step() {
            Ok(set) => panic!("{} was taken too early", words(&set)),
            Err(wait) => wait,
        }
    }

    /// Takes all there is, each filed and cleared at once, and lets time pass as the tracker asks.
    fn run(&mut self) -> Vec<String> {
        let mut taken = Vec::new();
        loop {
            match self.step() {
                Ok(set) => {
                    taken.push(words(&set));
                    self.file(&set);
                }
                Err(Some(wait)) => self.pass(wait),
                Err(None) => return taken,
            }
        }
    }

    /// Files a set: what does not stay is gone.
    fn file(&mut self, set: &Set) {
        for member in set.company.iter().filter(|member| !member.stays) {
            self.delete(&member.path.to_string_lossy());
        }
        self.delete(&set.note.0.to_string_lossy());
        self.tracker.finish(&set.note.0, &Verdict::Done, self.now);
    }

    fn fail(&mut self, note: &str, blame: Blame) {
        self.tracker.finish(Path::new(note), &Verdict::Failed(vec![blame]), self.now);
    }
}

fn words(set: &Set) -> String {
    let mut words = set.note.0.to_string_lossy().into_owned();
    for member in &set.company {
        let stays = if member.stays { " (stays)" } else { "" };
        words += &format!(" + {}{stays}", member.name);
    }
    words
}

// ---- when a file is quiet

#[test]
fn a_rename_is_taken_at_once() {
    let mut inbox = Inbox::watched();
    inbox.rename_in("a.md", &[]);
    assert_eq!(inbox.taken(), "a.md");
}

#[test]
fn a_written_file_is_taken_when_it_was_quiet_after_its_last_close() {
    let mut inbox = Inbox::watched();
    inbox.write("a.md", &[]);
    assert_eq!(inbox.waits(), Some(SETTLE));
    inbox.pass(SETTLE - MOMENT);
    inbox.put("a.md", &[]);
    inbox.notice("a.md", Notice::Written);
    inbox.notice("a.md", Notice::Closed);
    inbox.pass(MOMENT);
    assert_eq!(inbox.waits(), Some(SETTLE - MOMENT));
    inbox.pass(SETTLE - MOMENT);
    assert_eq!(inbox.taken(), "a.md");
}

#[test]
fn a_slow_writer_is_waited_for_however_long_it_pauses() {
    let mut inbox = Inbox::watched();
    inbox.put("a.md", &[]);
    inbox.open.insert("a.md".into());
    inbox.notice("a.md", Notice::Created);
    inbox.notice("a.md", Notice::Opened);
    for _ in 0..40 {
        inbox.pass(SETTLE * 9);
        assert!(inbox.waits().is_some(), "it looks again in case the close was missed");
    }
    inbox.put("a.md", &[]);
    inbox.notice("a.md", Notice::Written);
    inbox.open.clear();
    inbox.notice("a.md", Notice::Closed);
    assert_eq!(inbox.waits(), Some(SETTLE));
    inbox.pass(SETTLE);
    assert_eq!(inbox.taken(), "a.md");
}

#[test]
fn an_unseen_writer_gets_ten_seconds_from_its_last_word() {
    let mut inbox = Inbox::watched();
    inbox.put("a.md", &[]);
    inbox.notice("a.md", Notice::Written);
    inbox.pass(SETTLE);
    assert_eq!(inbox.waits(), Some(Duration::from_secs(10) - SETTLE));
    inbox.pass(Duration::from_secs(10));
    assert_eq!(inbox.taken(), "a.md");
}

#[test]
fn a_hard_link_is_nobody_writing() {
    let mut inbox = Inbox::watched();
    inbox.put("a.md", &[]);
    inbox.notice("a.md", Notice::Created);
    inbox.pass(SETTLE);
    assert_eq!(inbox.taken(), "a.md");
}

#[test]
fn a_change_that_no_event_told_is_seen_when_looking_again() {
    let mut inbox = Inbox::watched();
    inbox.write("a.md", &[]);
    inbox.pass(SETTLE);
    inbox.put("a.md", &[]);
    assert_eq!(inbox.waits(), Some(SETTLE));
    inbox.pass(SETTLE);
    assert_eq!(inbox.taken(), "a.md");
}

#[test]
fn at_start_a_young_file_is_looked_at_again_and_an_old_one_taken() {
    for mut inbox in [Inbox::watched(), Inbox::once()] {
        inbox.put("old.md", &[]);
        inbox.put("young.md", &[]);
        inbox.notice("old.md", Notice::Found { age: SETTLE, open: false });
        inbox.notice("young.md", Notice::Found { age: SETTLE / 3, open: false });
        assert_eq!(inbox.taken(), "old.md");
        assert_eq!(inbox.waits(), Some(SETTLE - SETTLE / 3));
        inbox.pass(SETTLE);
        assert_eq!(inbox.taken(), "young.md");
    }
}

#[test]
fn at_start_a_file_that_is_still_being_written_is_not_taken_however_old() {
    for mut inbox in [Inbox::watched(), Inbox::once()] {
        inbox.put("a.md", &[]);
        inbox.open.insert("a.md".into());
        inbox.notice("a.md", Notice::Found { age: WAIT * 9, open: true });
        assert_eq!(inbox.waits(), Some(SETTLE));
        inbox.pass(SETTLE);
        assert!(inbox.waits().is_some());
        inbox.open.clear();
        inbox.put("a.md", &[]);
        inbox.notice("a.md", Notice::Closed);
        inbox.pass(SETTLE);
        assert_eq!(inbox.taken(), "a.md");
    }
}

#[test]
fn once_ends_although_a_program_keeps_a_file_open_for_ever() {
    let mut inbox = Inbox::once();
    inbox.put("a.md", &["photo.png"]);
    inbox.put("photo.png", &[]);
    inbox.put("open.md", &[]);
    inbox.open.insert("open.md".into());
    for path in ["a.md", "photo.png", "open.md"] {
        inbox.notice(path, Notice::Found { age: WAIT, open: path == "open.md" });
    }
    assert_eq!(inbox.run(), ["a.md + photo.png"]);
}

#[test]
fn a_clock_of_another_machine_is_not_trusted() {
    let mut inbox = Inbox::watched();
    inbox.tracker.patience.trusts_age = false;
    inbox.put("a.md", &[]);
    inbox.notice("a.md", Notice::Found { age: WAIT, open: false });
    assert_eq!(inbox.waits(), Some(SETTLE));
}

// ---- never twice, never forgotten

#[test]
fn the_same_file_is_never_in_hand_twice() {
    let mut inbox = Inbox::watched();
    inbox.rename_in("a.md", &[]);
    assert_eq!(inbox.taken(), "a.md");
    inbox.notice("a.md", Notice::Renamed);
    inbox.notice("a.md", Notice::Closed);
    inbox.notice("a.md", Notice::Found { age: WAIT, open: false });
    assert_eq!(inbox.waits(), None);
    inbox.delete("a.md");
    inbox.tracker.finish(Path::new("a.md"), &Verdict::Done, inbox.now);
    assert_eq!(inbox.waits(), None);
}

#[test]
fn an_edit_while_in_hand_is_a_new_submission() {
    let mut inbox = Inbox::watched();
    inbox.rename_in("a.md", &[]);
    assert_eq!(inbox.taken(), "a.md");
    inbox.rename_in("a.md", &[]);
    assert_eq!(inbox.waits(), None);
    inbox.tracker.finish(Path::new("a.md"), &Verdict::Done, inbox.now);
    assert_eq!(inbox.taken(), "a.md");
}

#[test]
fn a_set_that_changed_while_it_was_read_is_taken_again_when_quiet() {
    let mut inbox = Inbox::watched();
    inbox.rename_in("photo.png", &[]);
    inbox.rename_in("a.md", &["photo.png"]);
    assert_eq!(inbox.taken(), "a.md + photo.png");
    inbox.put("photo.png", &[]);
    inbox.tracker.abandon(Path::new("a.md"), inbox.now);
    assert_eq!(inbox.waits(), Some(SETTLE));
    inbox.pass(SETTLE);
    assert_eq!(inbox.waits(), Some(SETTLE));
    inbox.pass(SETTLE);
    assert_eq!(inbox.taken(), "a.md + photo.png");
}

#[test]
fn what_stays_although_it_was_filed_is_not_filed_again() {
    let mut inbox = Inbox::watched();
    inbox.rename_in("a.md", &[]);
    assert_eq!(inbox.taken(), "a.md");
    inbox.tracker.finish(Path::new("a.md"), &Verdict::Done, inbox.now);
    inbox.pass(WAIT * 100);
    assert_eq!(inbox.waits(), None);
}

#[test]
fn a_burst_of_twenty_thousand_loses_none_and_keeps_their_order() {
    let mut inbox = Inbox::watched();
    let names: Vec<String> = (0..20_000).map(|number| format!("{number:05}.md")).collect();
    for name in names.iter().rev() {
        inbox.rename_in(name, &[]);
    }
    let started = Instant::now();
    let taken = inbox.run();
    assert!(taken.iter().eq(names.iter().rev()), "each once, in the order of arrival");
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}

#[test]
fn a_burst_with_company_in_folders_loses_none() {
    let mut inbox = Inbox::watched();
    for number in 0..2_000 {
        inbox.rename_in(&format!("batch/{number}.png"), &[]);
        inbox.rename_in(&format!("batch/{number}.md"), &[&format!("{number}.png"), "logo.png"]);
        inbox.rename_in(&format!("visit {number}/a.png"), &[]);
        inbox.write(&format!("visit {number}/a.md"), &[]);
    }
    inbox.rename_in("batch/logo.png", &[]);
    let taken = inbox.run();
    assert_eq!(taken.len(), 4_000);
    assert_eq!(taken.iter().filter(|set| set.contains("logo.png") && !set.contains("stays")).count(), 1, "the last takes it along");
    assert!(inbox.files.is_empty());
}

#[test]
fn names_that_are_never_taken() {
    let mut inbox = Inbox::watched();
    for name in [".hidden.md", ".git/a.md", "a.md~", "4913", "x.part", "_later.md", "draft.md", "sub/.x.md"] {
        inbox.rename_in(name, &[]);
    }
    inbox.pass(WAIT * 2);
    assert_eq!(inbox.waits(), None);
    inbox.files.remove(Path::new("draft.md"));
    inbox.rename_in("_monday/a.md", &[]);
    assert_eq!(inbox.taken(), "_monday/a.md");
}

#[test]
fn what_an_edit_of_the_note_in_hand_let_go_is_not_forgotten() {
    let mut inbox = Inbox::watched();
    inbox.rename_in("photo.png", &[]);
    inbox.rename_in("a.md", &["photo.png"]);
    assert_eq!(inbox.taken(), "a.md + photo.png");
    inbox.rename_in("a.md", &[]);
    inbox.tracker.finish(Path::new("a.md"), &Verdict::Done, inbox.now);
    assert_eq!(inbox.run(), ["a.md", "photo.png"]);
}

#[test]
fn a_folder_that_gets_a_second_note_lets_its_other_files_go() {
    let mut inbox = Inbox::watched();
    inbox.rename_in("visit/a.md", &["missing.png"]);
    inbox.rename_in("visit/photo.png", &[]);
    inbox.waits();
    inbox.rename_in("visit/b.md", &[]);
    assert_eq!(inbox.run(), ["visit/b.md", "visit/a.md", "visit/photo.png"]);
}

#[test]
fn a_file_put_there_anew_while_the_old_one_is_in_hand_waits_its_turn() {
    let mut inbox = Inbox::watched();
    inbox.rename_in("a.md", &[]);
    assert_eq!(inbox.taken(), "a.md");
    inbox.delete("a.md");
    inbox.rename_in("a.md", &[]);
    assert_eq!(inbox.waits(), None);
    inbox.tracker.finish(Path::new("a.md"), &Verdict::Done, inbox.now);
    assert_eq!(inbox.taken(), "a.md");
}

// ---- trying again

#[test]
fn a_failed_file_is_tried_again_when_it_is_saved_and_not_before() {
    type Save = fn(&mut Inbox);
    let saves: [Save; 3] = [
        |inbox| inbox.rename_in("a.md", &[]),
        |inbox| inbox.write("a.md", &[]),
        |inbox| {
            inbox.delete("a.md");
            inbox.write("a.md", &[]);
        },
    ];
    for save in saves {
        let mut inbox = Inbox::watched();
        inbox.rename_in("a.md", &[]);
        assert_eq!(inbox.taken(), "a.md");
        inbox.fail("a.md", Blame::Note);
        inbox.notice("a.md", Notice::Touched);
        inbox.notice("a.md", Notice::Closed);
        inbox.notice("a.md", Notice::Found { age: WAIT, open: false });
        inbox.pass(WAIT * 100);
        assert_eq!(inbox.waits(), None);
        save(&mut inbox);
        inbox.waits_if_any();
        inbox.pass(SETTLE);
        assert_eq!(inbox.taken(), "a.md");
    }
}

impl Inbox {
    /// Lets a file that was renamed in be taken at once or one that was written wait.
    fn waits_if_any(&mut self) {
        if let Ok(set) = self.step() {
            self.tracker.abandon(&set.note.0, self.now - SETTLE);
        }
    }
}

#[test]
fn a_failed_set_is_tried_again_when_its_company_changes_or_comes() {
    let mut inbox = Inbox::watched();
    inbox.rename_in("a.md", &["rows.csv"]);
    assert_eq!(inbox.waits(), Some(WAIT));
    inbox.pass(WAIT);
    assert_eq!(inbox.taken(), "a.md");
    inbox.fail("a.md", Blame::Note);
    assert_eq!(inbox.waits(), None);
    inbox.rename_in("rows.csv", &[]);
    assert_eq!(inbox.taken(), "a.md + rows.csv");
    inbox.fail("a.md", Blame::Note);
    assert_eq!(inbox.waits(), None);
    inbox.rename_in("rows.csv", &[]);
    assert_eq!(inbox.taken(), "a.md + rows.csv");
}

#[test]
fn a_fault_of_the_machine_is_tried_again_with_growing_pauses() {
    let mut inbox = Inbox::watched();
    inbox.rename_in("a.md", &[]);
    for pause in [1, 2, 4, 8, 16, 32, 60, 60] {
        assert_eq!(inbox.taken(), "a.md");
        inbox.fail("a.md", Blame::Machine);
        assert_eq!(inbox.waits(), Some(Duration::from_secs(pause)));
        inbox.pass(Duration::from_secs(pause));
    }
    inbox.rename_in("a.md", &[]);
    assert_eq!(inbox.taken(), "a.md");
    inbox.fail("a.md", Blame::Machine);
    assert_eq!(inbox.waits(), Some(Duration::from_secs(1)), "a change begins anew");
}

#[test]
fn once_does_not_try_again() {
    let mut inbox = Inbox::once();
    inbox.rename_in("a.md", &[]);
    assert_eq!(inbox.taken(), "a.md");
    inbox.fail("a.md", Blame::Machine);
    assert_eq!(inbox.waits(), None);
}

#[test]
fn what_a_template_blocked_is_tried_again_when_templates_change() {
    let mut inbox = Inbox::watched();
    for (name, blame) in [("a.md", Blame::Template), ("b.md", Blame::Configuration), ("c.md", Blame::Note)] {
        inbox.rename_in(name, &[]);
        assert_eq!(inbox.taken(), name);
        inbox.fail(name, blame);
    }
    assert_eq!(inbox.waits(), None);
    inbox.tracker.retry(Blame::Template, inbox.now);
    assert_eq!(inbox.taken(), "a.md");
    inbox.fail("a.md", Blame::Template);
    inbox.tracker.retry(Blame::Configuration, inbox.now);
    assert_eq!(inbox.taken(), "b.md");
}

// ---- what belongs together

#[test]
fn a_note_waits_for_the_files_it_names_and_takes_them_along() {
    let mut inbox = Inbox::watched();
    inbox.rename_in("sub/a.md", &["pics/photo.png", "./rows.csv"]);
    assert_eq!(inbox.waits(), Some(WAIT));
    inbox.write("sub/pics/photo.png", &[]);
    inbox.pass(SETTLE);
    assert!(inbox.waits().is_some(), "one is still missing");
    inbox.rename_in("sub/rows.csv", &[]);
    assert_eq!(inbox.taken(), "sub/a.md + ./rows.csv + pics/photo.png");
}

#[test]
fn a_note_goes_without_what_does_not_come() {
    let mut inbox = Inbox::watched();
    inbox.rename_in("a.md", &["photo.png", "there.png"]);
    inbox.rename_in("there.png", &[]);
    assert_eq!(inbox.waits(), Some(WAIT));
    inbox.pass(WAIT);
    assert_eq!(inbox.taken(), "a.md + there.png");
}

#[test]
fn a_note_waits_as_long_as_its_company_is_being_written() {
    for mut inbox in [Inbox::watched(), Inbox::once()] {
        inbox.rename_in("a.md", &["photo.png"]);
        inbox.put("photo.png", &[]);
        inbox.notice("photo.png", Notice::Created);
        for _ in 0..30 {
            inbox.put("photo.png", &[]);
            inbox.notice("photo.png", Notice::Written);
            inbox.pass(SETTLE * 2 / 3);
            assert!(inbox.waits().is_some());
        }
        inbox.notice("photo.png", Notice::Closed);
        inbox.pass(SETTLE);
        assert_eq!(inbox.taken(), "a.md + photo.png");
    }
}

#[test]
fn once_takes_what_is_there() {
    let mut inbox = Inbox::once();
    for (path, names) in [("a.md", &["missing.png"][..]), ("photo.png", &[]), ("figures.yaml", &[])] {
        inbox.put(path, names);
        inbox.notice(path, Notice::Found { age: WAIT, open: false });
    }
    assert_eq!(inbox.run(), ["a.md", "photo.png", "figures.yaml"]);
}

#[test]
fn data_and_images_wait_for_a_note_that_names_them() {
    let mut inbox = Inbox::watched();
    inbox.rename_in("photo.png", &[]);
    inbox.rename_in("figures.yaml", &[]);
    assert_eq!(inbox.waits(), Some(WAIT));
    inbox.pass(WAIT - MOMENT);
    inbox.rename_in("a.md", &["photo.png"]);
    assert_eq!(inbox.taken(), "a.md + photo.png");
    inbox.pass(MOMENT);
    assert_eq!(inbox.taken(), "figures.yaml");
    assert_eq!(inbox.waits(), None);
}

#[test]
fn a_data_file_owns_what_it_names_and_a_note_owns_a_data_file() {
    let mut inbox = Inbox::watched();
    inbox.rename_in("figures.yaml", &["rows.csv"]);
    inbox.rename_in("rows.csv", &[]);
    inbox.pass(WAIT);
    assert_eq!(inbox.run(), ["figures.yaml + rows.csv"]);

    inbox.rename_in("figures.yaml", &["rows.csv", "other.yaml"]);
    inbox.rename_in("other.yaml", &["figures.yaml"]);
    inbox.rename_in("rows.csv", &[]);
    inbox.rename_in("a.md", &["figures.yaml"]);
    assert_eq!(inbox.run(), ["a.md + figures.yaml", "other.yaml", "rows.csv"], "none is forgotten");
}

#[test]
fn a_note_never_owns_another_note_nor_what_lies_elsewhere() {
    let mut inbox = Inbox::watched();
    inbox.rename_in("b.md", &[]);
    inbox.rename_in("c/x.png", &[]);
    inbox.rename_in("sub/a.md", &["../c/x.png", "/c/x.png", "a.md", ".", "", ".secret.png"]);
    inbox.rename_in("d.md", &["b.md"]);
    let taken = inbox.run();
    assert_eq!(taken, ["b.md", "sub/a.md", "c/x.png", "d.md"], "b.md was gone when d.md waited for it");
}

#[test]
fn a_file_leaves_with_the_last_note_that_names_it() {
    let mut inbox = Inbox::watched();
    inbox.rename_in("photo.png", &[]);
    inbox.rename_in("a.md", &["photo.png"]);
    inbox.rename_in("b.md", &["photo.png"]);
    assert_eq!(inbox.run(), ["a.md + photo.png (stays)", "b.md + photo.png"]);
    assert!(inbox.files.is_empty());
}

#[test]
fn a_failed_note_and_a_draft_keep_their_files() {
    let mut inbox = Inbox::watched();
    inbox.rename_in("photo.png", &[]);
    inbox.rename_in("draft.md", &["photo.png"]);
    inbox.rename_in("bad.md", &["photo.png"]);
    assert_eq!(inbox.taken(), "bad.md + photo.png (stays)");
    inbox.fail("bad.md", Blame::Note);
    inbox.rename_in("a.md", &["photo.png"]);
    assert_eq!(inbox.run(), ["a.md + photo.png (stays)"]);
    inbox.delete("draft.md");
    inbox.delete("bad.md");
    assert_eq!(inbox.waits(), Some(WAIT), "a note that comes back may still want it");
    inbox.pass(WAIT);
    assert_eq!(inbox.taken(), "photo.png");
}

#[test]
fn company_is_not_taken_from_a_note_that_is_still_being_written() {
    for mut inbox in [Inbox::watched(), Inbox::once()] {
        inbox.put("b.md", &["photo.png"]);
        inbox.notice("b.md", Notice::Created);
        inbox.notice("b.md", Notice::Written);
        inbox.rename_in("photo.png", &[]);
        inbox.rename_in("a.md", &["photo.png"]);
        assert!(inbox.waits().is_some());
        inbox.notice("b.md", Notice::Closed);
        inbox.pass(SETTLE);
        assert_eq!(inbox.run(), ["b.md + photo.png (stays)", "a.md + photo.png"]);
    }
}

#[test]
fn a_note_that_is_written_for_ever_does_not_stop_others() {
    let mut inbox = Inbox::watched();
    inbox.put("b.md", &[]);
    inbox.open.insert("b.md".into());
    inbox.notice("b.md", Notice::Written);
    inbox.rename_in("lone.md", &[]);
    inbox.rename_in("photo.png", &[]);
    inbox.rename_in("a.md", &["photo.png"]);
    assert_eq!(inbox.taken(), "lone.md");
    inbox.pass(WAIT);
    assert_eq!(inbox.waits(), Some(SETTLE), "it may have been finished just now");
    inbox.pass(SETTLE);
    assert_eq!(inbox.taken(), "a.md + photo.png");
}

#[test]
fn two_notes_with_one_file_are_taken_one_after_the_other() {
    let mut inbox = Inbox::watched();
    inbox.rename_in("photo.png", &[]);
    inbox.rename_in("a.md", &["photo.png"]);
    inbox.rename_in("b.md", &["photo.png"]);
    assert_eq!(inbox.taken(), "a.md + photo.png (stays)");
    inbox.waits();
    inbox.delete("a.md");
    inbox.tracker.finish(Path::new("a.md"), &Verdict::Done, inbox.now);
    assert_eq!(inbox.taken(), "b.md + photo.png");
}

#[test]
fn a_folder_with_one_note_is_one_submission_taken_when_all_of_it_is_quiet() {
    let mut inbox = Inbox::watched();
    inbox.write("visit/a.md", &["photo.png"]);
    inbox.pass(SETTLE / 2);
    inbox.write("visit/photo.png", &[]);
    inbox.write("visit/more/plan.pdf", &[]);
    inbox.pass(SETTLE / 2);
    inbox.write("visit/rows.csv", &[]);
    inbox.pass(SETTLE - MOMENT);
    assert_eq!(inbox.waits(), Some(MOMENT));
    inbox.pass(MOMENT);
    assert_eq!(inbox.taken(), "visit/a.md + more/plan.pdf + photo.png + rows.csv");
}

#[test]
fn a_folder_with_several_notes_or_none_holds_single_drops() {
    let mut inbox = Inbox::watched();
    for path in ["board/a.md", "board/b.md", "board/x.png", "pics/y.png", "deep/inner/c.md", "deep/inner/z.png", "deep/w.png"] {
        inbox.rename_in(path, &[]);
    }
    let taken = inbox.run();
    assert_eq!(taken, ["board/a.md", "board/b.md", "deep/inner/c.md + z.png", "board/x.png", "pics/y.png", "deep/w.png"]);
}

#[test]
fn type_folders_and_grouping_folders_hold_single_drops() {
    let mut inbox = Inbox::watched();
    for path in ["minutes/a.md", "minutes/x.png", "_monday/b.md", "_monday/y.png", "minutes/board/c.md", "minutes/board/z.png"] {
        inbox.rename_in(path, &[]);
    }
    let mut hints = Vec::new();
    for expected in ["minutes/a.md", "_monday/b.md", "minutes/board/c.md + z.png"] {
        let set = inbox.step().unwrap();
        assert_eq!(words(&set), expected);
        hints.push(set.hint.clone());
        inbox.file(&set);
    }
    assert_eq!(hints, [Some("minutes".to_owned()), None, Some("minutes".to_owned())]);
    assert_eq!(inbox.waits(), Some(WAIT));
    inbox.pass(WAIT);
    assert_eq!(inbox.run(), ["minutes/x.png", "_monday/y.png"]);
}

#[test]
fn a_folder_with_a_draft_stays_as_a_whole() {
    let mut inbox = Inbox::watched();
    inbox.rename_in("visit/draft.md", &[]);
    inbox.rename_in("visit/photo.png", &[]);
    inbox.pass(WAIT * 2);
    assert_eq!(inbox.waits(), None);
}

#[test]
fn a_failed_folder_is_tried_again_when_anything_in_it_changes() {
    type Change = fn(&mut Inbox);
    let changes: [(Change, &str); 3] = [
        (|inbox| inbox.rename_in("visit/photo.png", &[]), "visit/a.md + photo.png"),
        (|inbox| inbox.rename_in("visit/new.png", &[]), "visit/a.md + new.png + photo.png"),
        (|inbox| inbox.delete("visit/photo.png"), "visit/a.md"),
    ];
    for (change, expected) in changes {
        let mut inbox = Inbox::watched();
        inbox.rename_in("visit/a.md", &[]);
        inbox.rename_in("visit/photo.png", &[]);
        assert_eq!(inbox.taken(), "visit/a.md + photo.png");
        inbox.fail("visit/a.md", Blame::Note);
        assert_eq!(inbox.waits(), None);
        change(&mut inbox);
        assert_eq!(inbox.taken(), expected);
    }
}

#[test]
fn a_new_type_makes_its_folder_a_hint() {
    let mut inbox = Inbox::watched();
    inbox.rename_in("visit/draft.md", &[]);
    inbox.rename_in("visit/photo.png", &[]);
    inbox.pass(WAIT);
    assert_eq!(inbox.waits(), None);
    let patience = inbox.tracker.patience;
    inbox.tracker.adjust(patience, ["visit".to_owned()].into(), inbox.now);
    assert_eq!(inbox.taken(), "photo.png".replace("photo", "visit/photo"));
}

#[test]
fn a_file_put_aside_is_lent_but_never_leaves() {
    let mut inbox = Inbox::watched();
    inbox.rename_in("_logo.png", &[]);
    inbox.rename_in("a.md", &["_logo.png"]);
    assert_eq!(inbox.run(), ["a.md + _logo.png (stays)"]);
    assert!(inbox.files.contains_key(Path::new("_logo.png")));
}

#[test]
fn a_name_finds_its_file_however_its_letters_are_composed() {
    let mut inbox = Inbox::watched();
    inbox.rename_in("U\u{308}bersicht.png", &[]);
    inbox.rename_in("a.md", &["\u{dc}bersicht.png"]);
    let set = inbox.step().unwrap();
    assert_eq!(set.company[0].name, "\u{dc}bersicht.png");
    assert_eq!(set.company[0].path, Path::new("U\u{308}bersicht.png"));
}

#[test]
fn a_folder_that_is_deleted_takes_all_its_files_along() {
    let mut inbox = Inbox::watched();
    inbox.write("visit/a.md", &[]);
    inbox.write("visit/deep/photo.png", &[]);
    inbox.write("visitors.md", &[]);
    inbox.delete("visit");
    inbox.pass(SETTLE);
    assert_eq!(inbox.run(), ["visitors.md"]);
    assert_eq!(inbox.tracker.folders.get(Path::new("visit")).map(|_| ()), None, "nothing is kept of it");
    assert!(inbox.tracker.files.is_empty() && inbox.tracker.by_name.is_empty() && inbox.tracker.agenda.is_empty());
}

// ---- what cannot be read

#[test]
fn a_note_that_cannot_be_read_keeps_its_company_and_is_read_again() {
    for once in [false, true] {
        let mut inbox = Inbox::with(once);
        inbox.refused.insert("note.md".into());
        inbox.rename_in("note.md", &["a.png"]);
        inbox.rename_in("a.png", &[]);
        inbox.rename_in("other.md", &[]);
        assert_eq!(inbox.taken(), "other.md", "another document does not wait for it");
        let waits = inbox.waits();
        assert_eq!(waits.is_none(), once, "with `once` it is left for the next run");
        inbox.refused.clear();
        inbox.pass(Duration::from_secs(1));
        if once {
            inbox.tracker.retry(Blame::Machine, inbox.now);
        }
        assert_eq!(inbox.taken(), "note.md + a.png");
    }
}

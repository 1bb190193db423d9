//! Anything in any order: notes dropped, saved again, filed, corrected by hand, the program killed in the middle. Against a
//! model that knows only which texts came and what each is called now.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::process::ExitStatusExt as _;

use chancery::register::{Record, Register};
use chancery::storage::CRASH_POINTS;
use proptest::prelude::*;
use proptest::test_runner::{TestCaseError, TestRunner};

use crate::crash::office::{Drop, Office};
use crate::crash::thorough;

/// What may happen. Names and texts are few, so that they meet.
#[derive(Clone, Debug)]
enum Act {
    /// A text is saved under a name, over what lies there.
    Save(usize, usize),
    /// All is filed; then everything must be as the model says, and `verify` must find nothing.
    Run,
    /// The program is killed while it files.
    Kill(usize),
    /// A record gets another title by hand; killed at a point on the way, it is asked again.
    Refile(usize, Option<usize>),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let point = 0..CRASH_POINTS.len();
    let act = prop_oneof![
        4 => (0..3_usize, 0..4_usize).prop_map(|(name, text)| Act::Save(name, text)),
        2 => Just(Act::Run),
        3 => point.clone().prop_map(Act::Kill),
        2 => (any::<usize>(), proptest::option::of(point)).prop_map(|(which, killed)| Act::Refile(which, killed)),
    ];
    proptest::collection::vec(act, 1..12)
}

#[derive(Default)]
struct Model {
    /// What lies in the inbox, by its name.
    waiting: BTreeMap<usize, usize>,
    /// The title of each text that is filed, by name and text.
    filed: BTreeMap<(usize, usize), String>,
    /// Saved over after a kill: filed or not, nobody can know.
    perhaps: BTreeSet<(usize, usize)>,
    killed: bool,
    refiled: usize,
}

fn drop_of(name: usize, text: usize) -> Drop {
    Drop::revision(&format!("n{name}"), text)
}

fn title_of(name: usize, text: usize) -> String {
    format!("Matter n{name} r{text}")
}

fn records(office: &Office) -> Vec<Record> {
    Register::open(&office.path("archive")).unwrap().records().unwrap()
}

impl Model {
    fn play(&mut self, office: &Office, act: &Act) -> Result<(), TestCaseError> {
        match act {
            Act::Save(name, text) => {
                let before = self.waiting.insert(*name, *text);
                self.perhaps.extend(before.filter(|_| self.killed).map(|before| (*name, before)));
                office.put(&drop_of(*name, *text));
                Ok(())
            }
            Act::Run => self.run(office),
            Act::Kill(point) => {
                let killed = office.run(&["-q", "watch", "--once"], &format!("{}=return", CRASH_POINTS[*point]));
                prop_assert!(killed.signal() == Some(6) || killed.code() == Some(0), "{killed}");
                self.killed = true;
                self.assert_nothing_lost(office)
            }
            Act::Refile(which, point) => self.refile(office, *which, *point),
        }
    }

    fn run(&mut self, office: &Office) -> Result<(), TestCaseError> {
        prop_assert_eq!(office.run(&["-q", "watch", "--once"], "").code(), Some(0));
        let titles: Vec<String> = records(office).into_iter().map(|record| record.title).collect();
        let perhaps = std::mem::take(&mut self.perhaps).into_iter().filter(|(name, text)| titles.contains(&title_of(*name, *text)));
        let came = std::mem::take(&mut self.waiting).into_iter().chain(perhaps);
        for (name, text) in came {
            self.filed.entry((name, text)).or_insert_with(|| title_of(name, text));
        }
        self.killed = false;
        let (mut expected, mut titles): (Vec<&String>, Vec<&String>) = (self.filed.values().collect(), titles.iter().collect());
        expected.sort();
        titles.sort();
        prop_assert_eq!(expected, titles, "each text is filed once, under the title that it has now");
        let left: Vec<String> =
            fs::read_dir(office.path("inbox")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        prop_assert!(left.iter().all(|name| name == ".watcher" || name == "img"), "{left:?}");
        office.assert_numbers_explained("the model");
        // Before anything was filed there is no archive, which would be a finding.
        if !self.filed.is_empty() {
            office.assert_verified("the model");
        }
        Ok(())
    }

    fn refile(&mut self, office: &Office, which: usize, point: Option<usize>) -> Result<(), TestCaseError> {
        let keys: Vec<(usize, usize)> = self.filed.keys().copied().collect();
        let Some(key) = keys.get(which.checked_rem(keys.len()).unwrap_or_default()) else { return Ok(()) };
        self.refiled += 1;
        let (old, new) = (self.filed[key].clone(), format!("Refiled {}", self.refiled));
        let id = records(office).into_iter().find(|record| record.title == old).map(|record| record.id);
        let Some(id) = id else { return Err(TestCaseError::fail(format!("{old} is not filed any more"))) };
        let arguments = ["-q", "refile", &id, "--title", &new, "--reason", "It was wrong"];
        if let Some(point) = point {
            let _ = office.run(&arguments, &format!("{}=return", CRASH_POINTS[point]));
        }
        if !records(office).iter().any(|record| record.title == new) {
            prop_assert_eq!(office.run(&arguments, "").code(), Some(0), "{}", id);
        }
        self.filed.insert(*key, new);
        Ok(())
    }

    fn assert_nothing_lost(&self, office: &Office) -> Result<(), TestCaseError> {
        let titles: Vec<String> = records(office).into_iter().map(|record| record.title).collect();
        for (name, text) in &self.waiting {
            let bytes = &drop_of(*name, *text).files[0].1;
            let waits = fs::read_dir(office.path("inbox"))
                .unwrap()
                .flatten()
                .any(|entry| fs::read(entry.path()).is_ok_and(|found| found == *bytes));
            let filed = self.filed.contains_key(&(*name, *text)) || titles.contains(&title_of(*name, *text));
            prop_assert!(waits || filed, "{} is lost", title_of(*name, *text));
        }
        Ok(())
    }
}

#[test]
fn whatever_happens_each_text_is_filed_once() {
    let cases = if thorough() { 400 } else { 12 };
    let played = Cell::new(0);
    let mut runner = TestRunner::new(ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() });
    let played_out = runner.run(&acts(), |acts| {
        played.set(played.get() + 1);
        // PROPTEST_CASES is meant for tests that take no time.
        if played.get() > cases * 2 {
            return Ok(());
        }
        let (office, mut model) = (Office::new(), Model::default());
        acts.iter().chain([&Act::Run]).try_for_each(|act| model.play(&office, act))
    });
    played_out.unwrap_or_else(|failure| panic!("{failure}"));
}

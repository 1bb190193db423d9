//! The plug is pulled: at each sync, and before each (`./check --all`: at every call), the disk holds what was synced and
//! some of what was not. Whatever that is, a restart finds every drop in the inbox or filed, once, and finishes the work.
//!
//! What stands in `.chancery` is made from the register and takes no part: after the cut it is gone, or, which is worse, as it was
//! at the end of the run, so that it knows lines and documents that the power cut took away.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::panic::catch_unwind;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use rand::SeedableRng as _;
use rand::rngs::StdRng;

use super::disk::{Disk, Left, Op, read_ops};
use super::shim::{Fault, intercept, library};
use super::{Case, a_note, rows, two_notes_and_a_speech};
use crate::crash::office::{Drop, Kind, Office};
use crate::crash::thorough;
use crate::drops::walk;

/// What is left of names and of bytes.
const CUTS: &[(Left, Left)] = &[
    (Left::Nothing, Left::Nothing),
    (Left::Everything, Left::Nothing),
    (Left::Nothing, Left::Everything),
    (Left::Everything, Left::Torn),
    (Left::Some, Left::Some),
    (Left::Some, Left::Some),
];

/// A run with everything written down.
struct Recorded {
    before: Disk,
    ops: Vec<Op>,
    /// What `.chancery` holds in the end, relative to the office.
    derived: Vec<(PathBuf, Vec<u8>)>,
}

const DERIVED: &str = ".chancery";

/// Runs the case.
fn recorded(case: Case, library: &std::path::Path) -> Recorded {
    let (office, drops) = case.office();
    let disk = || Disk::of(&office.root(), DERIVED);
    let (before, mut model) = (disk(), disk());
    let (log, record) = (office.root().with_extension("calls"), office.root().with_extension("record"));
    let mut command = office.command(&["-q", "watch", "--once"]);
    intercept(&mut command, library, &office.root(), Fault::default(), &log);
    assert_eq!(command.env("SHIM_RECORD", &record).status().unwrap().code(), Some(0));
    let mut ops = read_ops(&record);
    ops.retain(|op| !op.is_below(&office.path(DERIVED)));
    let _ = (fs::remove_file(log), fs::remove_file(record));
    // The model must agree with the disk, or what follows would prove nothing.
    ops.iter().for_each(|op| model.apply(op));
    let mut random = StdRng::seed_from_u64(0);
    let all = |disk: &Disk, random: &mut StdRng| disk.after_a_cut(Left::Everything, Left::Everything, random);
    let (modelled, real) = (all(&model, &mut random), all(&disk(), &mut random));
    assert!(modelled == real, "{:?}\n{:?}", modelled.keys(), real.keys());
    let derived = walk(&office.path(DERIVED)).into_iter().map(|path| {
        let bytes = fs::read(&path).unwrap();
        (path.strip_prefix(office.root()).unwrap().to_owned(), bytes)
    });
    let derived = derived.collect();
    office.assert_settled(&drops, "with everything written down");
    Recorded { before, ops, derived }
}

/// Of the states that the disk may be in, one in `every` is tried, and with `./check --all` each one.
fn survives_power_cuts(case: Case, every: usize) {
    let Some(library) = library() else { return };
    let Recorded { before: mut disk, ops, derived } = recorded(case, library);
    assert!(derived.iter().any(|(path, _)| path.ends_with("register.sqlite")), "the index was not seen");
    assert!(ops.iter().filter(|op| op.name == "sync").count() >= 3, "few syncs were seen");
    let mut random = StdRng::seed_from_u64(20_261_123);
    let mut seen = BTreeSet::new();
    let mut failed = Vec::new();
    for index in 0..=ops.len() {
        let syncs = |at: usize| ops.get(at).is_none_or(|op| op.name == "sync");
        if thorough() || syncs(index) || index > 0 && syncs(index - 1) {
            for (names, bytes) in CUTS {
                let mut left = disk.after_a_cut(*names, *bytes, &mut random);
                if seen.insert(print_of(&left)) && (thorough() || seen.len().is_multiple_of(every)) {
                    let ahead = seen.len().is_multiple_of(2);
                    left.extend(derived.iter().filter(|_| ahead).map(|(path, bytes)| (path.clone(), Some(bytes.clone()))));
                    let next = ops.get(index).map_or("the end".to_owned(), |op| format!("{} {}", op.name, op.path));
                    let when =
                        format!("power cut before operation {index} ({next}), names {names:?}, bytes {bytes:?}, indexes ahead: {ahead}");
                    let survived = catch_unwind(|| restarts(&left, &(case.drops)(), &when));
                    failed.extend(survived.err().map(|panic| panic.downcast_ref::<String>().cloned().unwrap_or_default()));
                }
            }
        }
        if let Some(op) = ops.get(index) {
            disk.apply(op);
        }
    }
    assert!(seen.len() > 5, "only {} states were seen", seen.len());
    assert!(failed.is_empty(), "{} failed:\n\n{}", failed.len(), failed.join("\n\n"));
}

fn print_of(left: &BTreeMap<PathBuf, Option<Vec<u8>>>) -> u64 {
    let mut hasher = DefaultHasher::new();
    left.hash(&mut hasher);
    hasher.finish()
}

/// An office on what the disk holds is started again.
fn restarts(left: &BTreeMap<PathBuf, Option<Vec<u8>>>, drops: &[Drop], when: &str) {
    let office = Office::new();
    fs::remove_dir_all(office.root()).unwrap();
    let before = SystemTime::now() - Duration::from_secs(60);
    for (path, bytes) in left {
        let path = office.root().join(path);
        match bytes {
            None => fs::create_dir_all(path).unwrap(),
            Some(bytes) => {
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(&path, bytes).unwrap();
                fs::File::open(&path).and_then(|file| file.set_modified(before)).unwrap();
            }
        }
    }
    office.assert_nothing_lost(drops, when);
    if office.has_hole() {
        office.run(&["-q", "watch", "--once"], "");
        if office.has_hole() {
            office.assert_filed_and_named(drops, when);
            return;
        }
    }
    office.assert_settled(drops, when);
    office.assert_verified(when);
    office.assert_indexed(when);
}

fn a_speech() -> Vec<Drop> {
    vec![Drop::new("a", Kind::Speech)]
}

#[test]
fn while_a_note_is_filed() {
    survives_power_cuts(Case { drops: a_note, killed_at: "" }, 2);
}

#[test]
fn while_a_speech_is_filed() {
    survives_power_cuts(Case { drops: a_speech, killed_at: "" }, 3);
}

#[test]
fn while_rows_and_a_note_that_comes_twice_are_filed() {
    survives_power_cuts(Case { drops: rows, killed_at: "" }, 8);
}

#[test]
fn while_notes_with_images_are_filed() {
    survives_power_cuts(Case { drops: two_notes_and_a_speech, killed_at: "" }, 10);
}

#[test]
fn while_a_restart_takes_back_what_was_not_committed() {
    survives_power_cuts(Case { drops: a_note, killed_at: "filing::renamed" }, 3);
}

#[test]
fn while_a_restart_finishes_what_was_committed() {
    survives_power_cuts(Case { drops: a_note, killed_at: "filing::hidden" }, 1);
}

#[test]
fn while_a_restart_mends_a_torn_register() {
    survives_power_cuts(Case { drops: a_note, killed_at: "register::filed-torn" }, 4);
}

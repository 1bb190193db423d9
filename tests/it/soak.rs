//! Hours of bad luck: the watcher, `file` and `batch --file` are killed at random moments, alone and beside each other, while
//! notes are dropped and edited. `tests/soak` runs it.
//!
//! Every few kills all is let finish and looked at; after so many kills a new office begins, so that none grows old.

use std::collections::BTreeMap;
use std::fs;
use std::process::Child;
use std::time::{Duration, Instant};

use chancery::register::Register;
use chancery::storage::CRASH_POINTS;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};

use crate::crash::office::{Drop, Kind, Office};

/// How many kills come between two looks, and how many an office has to bear.
const UNTIL_LOOKED_AT: usize = 25;
const UNTIL_RENEWED: usize = 200;
/// The longest that a program lives, in milliseconds.
const LONGEST_LIFE_MS: u64 = 250;

/// An office, what was put into it, and what was begun from outside of its inbox.
struct Soaked {
    office: Office,
    drops: Vec<Drop>,
    /// Edited before it was certainly filed: it may be filed or not.
    overwritten: Vec<Drop>,
    jobs: Vec<(Vec<String>, Drop)>,
    /// Notes that are edited: their name, and how often.
    edited: BTreeMap<String, usize>,
}

#[derive(Debug, Default)]
struct Told {
    kills: BTreeMap<&'static str, usize>,
    ended_before: usize,
    looks: usize,
    dropped: usize,
    edits: usize,
    records: usize,
}

#[test]
#[ignore = "takes long: tests/soak runs it"]
fn soak() {
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let seed = number("SOAK_SEED").unwrap_or_else(|| rand::rng().random_range(0..1_000_000));
    let kills = usize::try_from(number("SOAK_KILLS").unwrap_or(2_000)).unwrap();
    println!("seed {seed}, {kills} kills");
    let (mut random, mut told, started) = (StdRng::seed_from_u64(seed), Told::default(), Instant::now());
    let mut done = 0;
    while done < kills {
        let mut soaked = Soaked::new();
        for count in 1..=UNTIL_RENEWED.min(kills - done) {
            soaked.fall_in(done + count, &mut random, &mut told);
            soaked.kill_some(done + count, &mut random, &mut told);
            if count % UNTIL_LOOKED_AT == 0 {
                soaked.look(&format!("seed {seed}, kill {}", done + count), &mut told);
            }
        }
        done += UNTIL_RENEWED.min(kills - done);
        soaked.look(&format!("seed {seed}, kill {done}"), &mut told);
        told.records += Register::open(&soaked.office.path("archive")).unwrap().records().unwrap().len();
        println!("{done} kills, {} records, {} s", told.records, started.elapsed().as_secs());
    }
    println!("{told:#?}\nnothing lost, nothing twice, no gap; {} s", started.elapsed().as_secs());
}

impl Soaked {
    fn new() -> Self {
        Self { office: Office::new(), drops: Vec::new(), overwritten: Vec::new(), jobs: Vec::new(), edited: BTreeMap::new() }
    }

    /// Notes come in, and one that came before is saved again.
    fn fall_in(&mut self, round: usize, random: &mut StdRng, told: &mut Told) {
        for count in 0..random.random_range(0..3) {
            let kinds = [Kind::Note, Kind::Note, Kind::Same, Kind::WithImages, Kind::Recipients(2), Kind::Rows(2), Kind::Speech];
            let drop = Drop::new(&format!("n{round}-{count}"), *kinds.choose(random).unwrap());
            self.office.rename_in(&drop);
            self.drops.push(drop);
            told.dropped += 1;
        }
        if random.random_ratio(1, 2) {
            self.edit(round, random);
            told.edits += 1;
        }
    }

    /// Saves a note anew: one of a few names, each time with another title.
    fn edit(&mut self, round: usize, random: &mut StdRng) {
        let name = format!("e{}", round / UNTIL_LOOKED_AT * 3 + random.random_range(0..3));
        let count = self.edited.entry(name.clone()).or_default();
        *count += 1;
        let revised = Drop::revision(&name, *count);
        let before = self.drops.iter().position(|drop| drop.files[0].0 == revised.files[0].0);
        self.overwritten.extend(before.map(|index| self.drops.swap_remove(index)));
        if random.random_bool(0.5) {
            self.office.rename_in(&revised);
        } else {
            fs::write(self.office.path("inbox").join(&revised.files[0].0), &revised.files[0].1).unwrap();
        }
        self.drops.push(revised);
    }

    /// One or two programs run and are killed, by the clock or at a point of their way.
    fn kill_some(&mut self, round: usize, random: &mut StdRng, told: &mut Told) {
        let mut running = Vec::new();
        let mut start = |what: &'static str, arguments: &[String], random: &mut StdRng| {
            let passing = random.random_range(0..4);
            let at = if random.random_ratio(1, 3) {
                format!("{}={passing}*off->return", CRASH_POINTS.choose(random).unwrap())
            } else {
                String::new()
            };
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            running.push((what, self.office.start(&arguments, &at)));
        };
        let choice = random.random_range(0..10);
        if choice < 8 {
            start("watch", &["-q", "watch"].map(String::from), random);
        }
        if choice >= 6 {
            let (what, arguments, drop) = job(round, random);
            for (name, bytes) in &drop.files {
                fs::write(self.office.path("outside").join(name), bytes).unwrap();
            }
            start(what, &arguments, random);
            self.jobs.push((arguments, drop));
        }
        for (what, mut child) in running {
            std::thread::sleep(Duration::from_millis(random.random_range(0..LONGEST_LIFE_MS)));
            match killed(&mut child) {
                true => *told.kills.entry(what).or_default() += 1,
                false => told.ended_before += 1,
            }
        }
    }

    /// What was begun is let finish, and then everything must be as it should.
    fn look(&mut self, when: &str, told: &mut Told) {
        self.office.assert_nothing_lost(&self.drops, when);
        for (arguments, drop) in std::mem::take(&mut self.jobs) {
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            assert_eq!(self.office.run(&arguments, "").code(), Some(0), "{when}: {arguments:?}");
            self.drops.push(drop);
        }
        let _ = fs::remove_dir_all(self.office.path("outside"));
        assert_eq!(self.office.run(&["-q", "watch", "--once"], "").code(), Some(0), "{when}: the restart");
        let records = Register::open(&self.office.path("archive")).unwrap().records().unwrap();
        let filed = |drop: &Drop| records.iter().any(|record| drop.is_source_of(record));
        // Those that were overwritten in time were never filed, and will not be.
        self.drops.extend(std::mem::take(&mut self.overwritten).into_iter().filter(filed));
        self.office.assert_settled(&self.drops, when);
        self.office.assert_verified(when);
        fs::create_dir_all(self.office.path("outside")).unwrap();
        told.looks += 1;
    }
}

/// A command that files from outside of the inbox.
fn job(round: usize, random: &mut StdRng) -> (&'static str, Vec<String>, Drop) {
    let name = format!("j{round}");
    if random.random_bool(0.5) {
        let drop = Drop::new(&name, *[Kind::Note, Kind::Recipients(3), Kind::Speech].choose(random).unwrap());
        ("file", vec!["-q".to_owned(), "file".to_owned(), format!("outside/{name}.md")], drop)
    } else {
        let words = ["-q", "batch", &format!("outside/{name}.md"), "--rows", &format!("outside/{name}.csv"), "--file"];
        ("batch", words.map(str::to_owned).to_vec(), Drop::new(&name, Kind::Rows(4)))
    }
}

/// Kills it; `false` if it had ended in peace.
fn killed(child: &mut Child) -> bool {
    let ended = child.try_wait().unwrap();
    let _ = child.kill();
    let status = child.wait().unwrap();
    ended.unwrap_or(status).code().is_none()
}

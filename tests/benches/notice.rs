//! A one-page notice in process, warm, against Typst alone.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use chancery::composition::Manuscript;
use chancery::config::Settings;
use chancery::intake::Arrival;
use chancery::model::{Clock, Dropped};
use chancery::office::Office;
use chancery::pipeline::{self, Fate, Wishes};
use chrono_tz::Europe::Berlin;

use crate::bare::Bare;
use crate::{notice_text, spread};

/// Rounds, each of one block of notices for every way of making them.
const ROUNDS: usize = 5;
/// Notices in a block; the first few only warm up.
const BLOCK: usize = 60;
const WARM_UP: usize = 10;

pub fn run() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    std::fs::write(folder.path().join("chancery.toml"), "[fonts]\nfolders = []\n").unwrap();
    let settings = Settings::load(folder.path(), None, Berlin).unwrap();
    let office = Office::open(folder.path(), settings, Clock::machine(Berlin)).unwrap();
    let wishes = Wishes::default();
    let bare = Bare::new();
    let (mut alone, mut set, mut filed) = (Ways::default(), Ways::default(), Ways::default());
    let mut stages: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for round in 0..ROUNDS {
        let manuscripts: Vec<_> = (0..BLOCK).map(|at| pipeline::compose(&arrival(&office, at), &office, &wishes).unwrap()).collect();
        alone.block(|at| assert!(bare.set(&manuscripts[at][0]) > 0));
        set.block(|at| {
            let made = pipeline::preview(&arrival(&office, at), &office, &wishes, None).unwrap();
            assert_eq!(made[0].result.as_ref().unwrap()[0].pages, 1);
        });
        filed.block(|at| {
            let outcomes = pipeline::process(&arrival(&office, BLOCK * (round + 1) + at), &office, &wishes);
            assert!(matches!(outcomes[0].fate, Fate::Filed(_)), "{:?}", outcomes[0]);
            for (stage, ms) in &outcomes[0].stage_ms.0 {
                stages.entry(stage).or_default().push(*ms);
            }
        });
    }
    let least = alone.tell("typst alone, compile and PDF", None);
    set.tell("read to set", Some(least));
    filed.tell("read to filed durably", Some(least));
    for (stage, times) in stages {
        println!("  of that {stage}: {} ms", spread(times).1);
    }
    remembered(&office, &bare);
}

/// What Typst finds again from one notice to the next: all of one that is the same, nothing where nothing is kept. A
/// layout whose set rules mention the record finds nothing again in another notice either.
fn remembered(office: &Office, bare: &Bare) {
    let compose = |text: String| {
        let mut arrival = arrival(office, 0);
        arrival.note.bytes = text.into_bytes().into();
        pipeline::compose(&arrival, office, &Wishes::default()).unwrap().remove(0)
    };
    let manuscripts: Vec<_> = (0..BLOCK).map(|at| compose(notice_text(at))).collect();
    let title = |at: usize| notice_text(0).replacen("# Year-end meeting 0", &format!("# Year-end meeting {at}"), 1);
    let titles: Vec<_> = (0..BLOCK).map(|at| compose(title(at))).collect();
    let broken: Vec<_> = titles.iter().cloned().map(mention_the_title_in_a_set_rule).collect();
    let (mut forgotten, mut another, mut titled, mut same, mut spoilt) = <(Ways, Ways, Ways, Ways, Ways)>::default();
    for _ in 0..ROUNDS {
        forgotten.block(|at| {
            typst::comemo::evict(0);
            assert_eq!(bare.compile(&manuscripts[at]), 1);
        });
        another.block(|at| assert_eq!(bare.compile(&manuscripts[at]), 1));
        titled.block(|at| assert_eq!(bare.compile(&titles[at]), 1));
        spoilt.block(|at| assert_eq!(bare.compile(&broken[at]), 1));
        same.block(|_| assert_eq!(bare.compile(&manuscripts[0]), 1));
    }
    let least = forgotten.tell("typst alone, compile only, nothing remembered", None);
    another.tell("  another notice each time", Some(least));
    titled.tell("  the same text under another title", Some(least));
    spoilt.tell("  the same, were the title in a set rule", Some(least));
    same.tell("  the same notice each time", Some(least));
}

/// What no layout of ours does.
fn mention_the_title_in_a_set_rule(mut manuscript: Manuscript) -> Manuscript {
    let main = manuscript.files.get_mut("/main.typ").unwrap();
    *main = [b"#set document(title: json(\"/data.json\").title)\n".as_slice(), main].concat().into();
    manuscript
}

/// The times of one way to make notices, in milliseconds.
#[derive(Default)]
struct Ways {
    /// The first of each block: nothing is remembered yet.
    first: Vec<f64>,
    /// All but the first few.
    wall: Vec<f64>,
    /// What they took of the processors; it says more where other programs run too.
    cpu: Vec<f64>,
}

impl Ways {
    fn block(&mut self, mut make: impl FnMut(usize)) {
        typst::comemo::evict(0);
        for at in 0..BLOCK {
            let (cpu, started) = (cpu_ms(), Instant::now());
            make(at);
            let (wall, cpu) = (started.elapsed().as_secs_f64() * 1_000.0, cpu_ms() - cpu);
            if at == 0 {
                self.first.push(wall);
            }
            if at >= WARM_UP {
                self.wall.push(wall);
                self.cpu.push(cpu);
            }
        }
    }

    /// Prints the medians, and how many times the least they are; gives them.
    fn tell(self, what: &str, least: Option<(f64, f64)>) -> (f64, f64) {
        let (wall, wall_text) = spread(self.wall);
        // The kernel counts in steps of some milliseconds: only many together can be measured.
        let cpu = self.cpu.iter().sum::<f64>() / self.cpu.len() as f64;
        println!("{what}: {wall_text} ms, the first of a block {} ms; of the processors {cpu:.2} ms on average", spread(self.first).1);
        if let Some((least_wall, least_cpu)) = least {
            println!("  {:.2} times as long, {:.2} times as much of the processors", wall / least_wall, cpu / least_cpu);
        }
        (wall, cpu)
    }
}

/// What all threads of this process have had of the processors so far.
fn cpu_ms() -> f64 {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap().flatten();
    let of_task = |path: std::path::PathBuf| std::fs::read_to_string(path.join("schedstat")).unwrap_or_default();
    tasks.filter_map(|task| of_task(task.path()).split(' ').next()?.parse::<f64>().ok()).sum::<f64>() / 1e6
}

/// A notice as it was dropped; each number makes another one.
pub fn arrival(office: &Office, number: usize) -> Arrival {
    let name = format!("notice {number}.md");
    let bytes: Arc<[u8]> = notice_text(number).into_bytes().into();
    Arrival::alone(Dropped { path: office.root().join(&name), name, modified: chrono::DateTime::UNIX_EPOCH, bytes })
}

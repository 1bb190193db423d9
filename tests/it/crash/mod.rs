//! Killed at any moment between arrival and removal: after a restart each file is in the inbox or filed, once, with
//! nothing left over and a register without damage.
//!
//! What is killed is the program itself, `chancery watch`, with the built-in types and real pages.

#[cfg(feature = "failpoints")]
mod beside;
#[cfg(feature = "failpoints")]
mod corrections;
mod invariant;
#[cfg(feature = "failpoints")]
mod keeping;
pub mod office;
#[cfg(feature = "failpoints")]
mod pairs;
#[cfg(feature = "failpoints")]
mod points;
#[cfg(feature = "failpoints")]
mod undoing;

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use self::office::{Drop, Kind, Office};

/// How many notes come in a burst, and how often the program is killed while it files them.
const BURST: usize = 30;
const KILLS: usize = 12;
/// The longest that the program is let live, from its start, in milliseconds.
const LONGEST_LIFE_MS: u64 = 400;

/// Whether everything is to be tried, not only a sample: `./check --all` asks for it.
pub fn thorough() -> bool {
    std::env::var_os("CHANCERY_THOROUGH").is_some()
}

#[test]
fn killed_again_and_again_during_a_burst_each_note_is_filed_once() {
    let mut random = StdRng::seed_from_u64(2026);
    let office = Office::new();
    let drops: Vec<Drop> = (0..BURST).map(|n| burst_drop(n, random.random_range(0..6))).collect();
    let mut dropped = 0;
    for kill in 0..KILLS {
        let mut watcher = office.start(&["-q", "watch"], "");
        let lives = Duration::from_millis(random.random_range(20..LONGEST_LIFE_MS));
        for _ in 0..random.random_range(0..=2 * BURST / KILLS) {
            drops.get(dropped).iter().for_each(|drop| office.rename_in(drop));
            dropped = BURST.min(dropped + 1);
            std::thread::sleep(lives / 8);
        }
        std::thread::sleep(lives / 2);
        watcher.kill().unwrap();
        watcher.wait().unwrap();
        office.assert_nothing_lost(&drops[..dropped], &format!("kill {kill}"));
    }
    drops[dropped..].iter().for_each(|drop| office.put(drop));
    office.assert_settled(&drops, "after the burst");
}

fn burst_drop(n: usize, kind: u32) -> Drop {
    let name = format!("{n:02}");
    match kind {
        0 => Drop::new(&name, Kind::Recipients(2)),
        1 => Drop::new(&name, Kind::Speech),
        2 => Drop::new(&name, Kind::WithImages),
        // All of these are one document.
        3 => Drop::new(&name, Kind::Same),
        _ => Drop::new(&name, Kind::Note),
    }
}

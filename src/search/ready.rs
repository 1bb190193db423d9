//! The index just before a search, and just after filing without a watcher: brought up to date if that takes no time.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::failure::Checked;
use crate::register::Register;

use super::find::Finder;
use super::follow::Follower;
use super::home::TextIndex;

/// More missing records are not counted.
const MOST_COUNTED: usize = 10_000;
/// How often it is looked whether another has caught up.
const LOOK_EVERY: Duration = Duration::from_millis(25);
/// After filing, no more than this is caught up with, in no more time.
const CHEAP: usize = 500;
const CHEAP_TIME: Duration = Duration::from_millis(300);

/// An index to be searched.
pub struct Ready {
    /// What can be searched; `None` if nothing can.
    pub finder: Option<Finder>,
    /// How many records are not in it yet; at most ten thousand are counted.
    pub missing: usize,
    /// Why the index had to be made anew.
    pub remade: Option<&'static str>,
}

/// Brings an index up to date with the register for at most `time`, if nobody else does it at this moment, and opens it.
///
/// # Errors
/// The machine's; none while there is an index that can be searched.
pub fn ready(home: &TextIndex, register: &Register, archive: &Path, time: Duration) -> Checked<Ready> {
    let until = Instant::now() + time;
    let finder = Finder::open(home);
    if let Some(finder) = finder
        && finder.missing(register, 1)? == Some(0)
    {
        return Ok(Ready { finder: Some(finder), missing: 0, remade: None });
    }
    let caught_up = catch_up(home, register, archive, until);
    let finder = Finder::open(home);
    match (finder, caught_up) {
        (Some(finder), caught_up) => {
            let missing = finder.missing(register, MOST_COUNTED)?;
            // An index of another register is as good as none.
            let finder = missing.map(|_| finder);
            Ok(Ready { finder, missing: missing.unwrap_or(MOST_COUNTED), remade: caught_up.unwrap_or(None) })
        }
        (None, Ok(remade)) => Ok(Ready { finder: None, missing: MOST_COUNTED, remade }),
        (None, Err(problems)) => Err(problems),
    }
}

impl Ready {
    /// The same after the index was found to be damaged: it is thrown away and made again.
    ///
    /// # Errors
    /// As [`ready`].
    pub fn again(home: &TextIndex, register: &Register, archive: &Path, time: Duration) -> Checked<Self> {
        let is_gone = home.throw_away()?;
        let made = ready(home, register, archive, time)?;
        Ok(Self { remade: made.remade.or(is_gone.then_some("it was damaged")), ..made })
    }
}

/// After filing without a watcher: puts in what was filed, if it is little and nobody else does.
///
/// # Errors
/// The machine's: the next search does it.
pub fn keep_up(home: &TextIndex, register: &Register, archive: &Path) -> Checked<()> {
    let behind = match Finder::open(home) {
        Some(finder) => finder.missing(register, CHEAP + 1)?,
        // A new office, or an index that was deleted: as cheap as its records are few.
        None => Some(usize::try_from(register.head().0).unwrap_or(usize::MAX)),
    };
    if behind.is_none_or(|behind| behind == 0 || behind > CHEAP) {
        return Ok(());
    }
    let until = Instant::now() + CHEAP_TIME;
    match Follower::take(home, register)? {
        Some(mut follower) => follower.advance(register, archive, &|| Instant::now() >= until).map(drop),
        None => Ok(()),
    }
}

/// Follows until the time is over, or waits that long for another who does. Says why the index was made anew.
fn catch_up(home: &TextIndex, register: &Register, archive: &Path, until: Instant) -> Checked<Option<&'static str>> {
    let is_over = || Instant::now() >= until;
    loop {
        if let Some(mut follower) = Follower::take(home, register)? {
            follower.advance(register, archive, &is_over)?;
            return Ok(follower.remade());
        }
        let caught_up = Finder::open(home).map(|finder| finder.missing(register, 1)).transpose()?.flatten() == Some(0);
        if caught_up || is_over() {
            return Ok(None);
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

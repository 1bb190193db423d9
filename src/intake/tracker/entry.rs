//! What is known of one file, and what each notice does to it.

use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use super::Patience;
use crate::failure::Blame;

/// What tells one state of a file from the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// Its length in bytes.
    pub size: u64,
    /// When it was last written.
    pub modified: SystemTime,
    /// The device and number of its inode, zero where they mean nothing.
    pub inode: (u64, u64),
}

/// How a file came to be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notice {
    /// It was put there whole, by a rename.
    Renamed,
    /// Its name appeared; whether somebody writes it is not known yet.
    Created,
    /// Somebody opened it; only that of a file just created means anything.
    Opened,
    /// Somebody wrote into it and has not closed it.
    Written,
    /// Somebody who could write into it closed it.
    Closed,
    /// Something about it changed, which need not be its content.
    Touched,
    /// A walk over the inbox came upon it.
    Found {
        /// How long ago it was last written.
        age: Duration,
        /// Whether a program has it open for writing.
        open: bool,
    },
    /// It was looked at because [`super::Step::Look`] asked.
    Looked {
        /// Whether a program has it open for writing.
        open: bool,
    },
}

/// Who keeps a file open without a program that we can see is waited for so long after the last change.
const UNSEEN_WRITER: Duration = Duration::from_secs(10);
/// The longest pause between two questions whether a file is still open.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// With `once`, a file that is open for writing and does not change for so long is left where it lies.
const ONCE_PATIENCE: Duration = Duration::from_secs(60);

/// A file in the inbox.
#[derive(Debug)]
pub(super) struct Entry {
    pub stamp: Stamp,
    /// Its place among all arrivals.
    pub number: u64,
    /// When it was first seen.
    pub first_seen: Instant,
    /// Since when nobody names it.
    pub unnamed_since: Instant,
    /// Not before this time is it quiet.
    pub quiet_at: Instant,
    /// Its name begins with `_`: owned where a note names it, never taken by itself.
    pub put_aside: bool,
    /// Its name says that it is no note: its content need not be read to know.
    pub never_note: bool,
    /// What its content said when it was last read.
    pub nature: Nature,
    /// Why it is not tried again.
    pub held: Option<Held>,
    /// It belongs to a set that was taken and is not finished.
    pub in_hand: bool,
    /// When the agenda has it.
    pub due: Option<Instant>,
    /// The last change that was seen.
    changed: Instant,
    /// It was quiet, and looking again showed it unchanged.
    settled: bool,
    /// [`Entry::nature`] was read from the content as it is now.
    read: bool,
    /// Its name has just appeared and nothing was written yet.
    fresh: bool,
    /// Somebody opened it to write and has not closed it, as far as was seen.
    open: bool,
    /// How often it was found open although it did not change.
    looks: u32,
    /// With `once`: it stays open and is not waited for any more.
    given_up: bool,
}

/// What the content says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Nature {
    pub kind: Kind,
    /// It is left where it lies.
    pub draft: bool,
    /// The files that it names, as it names them.
    pub names: Vec<String>,
}

/// What part a file can play in a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    /// An image, a table, anything that is no note.
    #[default]
    Other,
    /// A file of fields that can be a document: taken like a note, but a note may own it.
    Fields,
    /// Text: owns what it names, is never owned.
    Note,
}

/// A set that was dealt with and still lies there is not tried again before it changes.
#[derive(Debug)]
pub(super) struct Held {
    /// The set as it was tried.
    pub members: Vec<(PathBuf, Stamp)>,
    /// What else can mend it.
    pub blames: Vec<Blame>,
    /// The next try after a fault of the machine.
    pub retry: Option<Instant>,
    /// How often it was tried in vain.
    pub failures: u32,
}

impl Entry {
    /// A file that was just seen for the first time.
    pub fn new(stamp: Stamp, number: u64, now: Instant) -> Self {
        Self {
            stamp,
            number,
            first_seen: now,
            unnamed_since: now,
            quiet_at: now,
            put_aside: false,
            never_note: false,
            nature: Nature::default(),
            held: None,
            in_hand: false,
            due: None,
            changed: now,
            settled: false,
            read: false,
            fresh: false,
            open: false,
            looks: 0,
            given_up: false,
        }
    }

    /// Takes note of what was seen; `first` if never before.
    pub fn notice(&mut self, stamp: Stamp, notice: Notice, first: bool, now: Instant, patience: Patience) {
        let changed = first || self.stamp != stamp;
        if changed {
            self.renew(stamp, now);
        }
        let settle = patience.settle;
        match notice {
            Notice::Renamed if changed || !self.settled => self.put_there(now),
            Notice::Created if first => {
                self.fresh = true;
                self.unsettle(now + settle);
            }
            Notice::Opened if self.fresh || first => {
                self.open = true;
                self.unsettle(now + settle);
            }
            Notice::Written => {
                self.changed = now;
                self.fresh = false;
                self.open = true;
                self.unsettle(now + settle);
            }
            Notice::Closed if changed || !self.settled => {
                self.changed = now;
                self.fresh = false;
                self.open = false;
                self.unsettle(now + settle);
            }
            Notice::Found { age, open } if changed => self.found(age, open, now, patience),
            Notice::Looked { open } if !changed => self.looked(open, now, patience),
            _ if changed => self.unsettle(now + settle),
            _ => {}
        }
    }

    /// Its content was read.
    pub fn learn(&mut self, nature: Nature) {
        self.nature = nature;
        self.read = true;
    }

    /// It has to be looked at again.
    pub fn unsettle(&mut self, quiet_at: Instant) {
        self.settled = false;
        self.quiet_at = quiet_at;
    }

    /// Whether it was quiet and looking again showed it unchanged.
    pub fn is_settled(&self) -> bool {
        self.settled
    }

    /// Whether somebody seems to have it open for writing.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Whether it will not be waited for any more.
    pub fn is_given_up(&self) -> bool {
        self.given_up
    }

    /// Whether it is known which files it names.
    pub fn is_read(&self) -> bool {
        self.read || self.never_note || self.put_aside
    }

    /// Whether its set can be decided about.
    pub fn is_ready(&self) -> bool {
        self.settled && self.is_read()
    }

    fn renew(&mut self, stamp: Stamp, now: Instant) {
        self.stamp = stamp;
        self.changed = now;
        self.read = false;
        self.looks = 0;
        self.given_up = false;
    }

    /// It lies there whole.
    fn put_there(&mut self, now: Instant) {
        self.quiet_at = now;
        self.settle();
    }

    fn settle(&mut self) {
        self.settled = true;
        self.fresh = false;
        self.open = false;
        self.looks = 0;
    }

    fn found(&mut self, age: Duration, open: bool, now: Instant, patience: Patience) {
        let quiet_for = if patience.trusts_age && !open { age } else { Duration::ZERO };
        self.open = open;
        if quiet_for >= patience.settle {
            self.put_there(now);
        } else {
            self.unsettle(now + (patience.settle - quiet_for));
        }
    }

    fn looked(&mut self, open: bool, now: Instant, patience: Patience) {
        if open {
            // It may stay open all day: asked again later and later. Closing it is seen anyway.
            self.open = true;
            self.given_up = patience.once && now >= self.changed + ONCE_PATIENCE;
            let pause = patience.settle.saturating_mul(1 << self.looks.min(16));
            self.looks += 1;
            self.unsettle(now + pause.clamp(Duration::from_millis(10), LONGEST_PAUSE));
        } else if self.open && now < self.changed + UNSEEN_WRITER {
            // No program that we can see has it open; one of another machine or container may.
            self.unsettle(self.changed + UNSEEN_WRITER);
        } else {
            self.settle();
        }
    }
}

impl Held {
    /// Until one of its members changes.
    pub fn until_changed(members: Vec<(PathBuf, Stamp)>) -> Self {
        Self { members, blames: Vec::new(), retry: None, failures: 0 }
    }
}

/// Whether `owner`, naming `file`, owns it: a note never owns a note.
pub(super) fn may_own(owner: &Entry, file: &Entry) -> bool {
    match file.nature.kind {
        Kind::Other => true,
        Kind::Fields => owner.nature.kind == Kind::Note,
        Kind::Note => false,
    }
}

//! How much one document may take of the machine: the limits under `[limits]`, and those of a type under `[limits]` in its
//! manifest, which are written alike.

use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::kinds;
use super::written::Check;
use crate::failure::{Blame, Problem};

/// The code of a document that took too long.
const OVER_TIME: &str = "over-time";
/// The code of a document that needed too much memory.
const OVER_MEMORY: &str = "over-memory";
/// The code of a document with too many pages.
const OVER_PAGES: &str = "over-pages";
/// The code of a document whose file is too large.
const OVER_SIZE: &str = "over-size";

/// How much one document may take, complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// How long it may be worked on, by the clock.
    pub time: Duration,
    /// Bytes of memory of the process that works on it.
    pub memory: u64,
    /// Pages of each of its files.
    pub pages: u32,
    /// Bytes of each of its files.
    pub size: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { time: Duration::from_secs(20), memory: 1 << 30, pages: 2_000, size: 256 << 20 }
    }
}

impl Limits {
    /// The same with what a type says otherwise.
    #[must_use]
    pub fn with(self, rule: &LimitsRule) -> Self {
        Self {
            time: rule.time.unwrap_or(self.time),
            memory: rule.memory.unwrap_or(self.memory),
            pages: rule.pages.unwrap_or(self.pages),
            size: rule.size.unwrap_or(self.size),
        }
    }
}

impl Limits {
    /// A document that took too long.
    pub(crate) fn over_time(&self) -> Problem {
        let message = format!("It took longer than {} s, which is the limit, and was stopped.", self.time.as_secs_f64());
        beyond(OVER_TIME, message, "time = \"60 s\"")
    }

    /// A document that needed too much memory.
    pub(crate) fn over_memory(&self) -> Problem {
        let message = format!("It needed more than {} of memory, which is the limit, and was stopped.", in_words(self.memory));
        beyond(OVER_MEMORY, message, "memory = \"2 GiB\"")
    }

    /// A document with more pages than it may have; nothing if it has no more.
    pub(crate) fn over_pages(&self, pages: u32) -> Option<Problem> {
        let message = || format!("It has {pages} pages; {} is the limit.", self.pages);
        (pages > self.pages).then(|| beyond(OVER_PAGES, message(), &format!("pages = {}", pages.next_multiple_of(1_000))))
    }

    /// A document whose file is larger than it may be; nothing if it is not.
    pub(crate) fn over_size(&self, bytes: usize) -> Option<Problem> {
        let mib = (bytes >> 20) + 1;
        let message = || format!("Its PDF has {mib} MiB; {} is the limit.", in_words(self.size));
        (bytes as u64 > self.size).then(|| beyond(OVER_SIZE, message(), &format!("size = \"{} MiB\"", mib.next_multiple_of(64))))
    }
}

/// A limit that a document went beyond, and the line that would raise it.
fn beyond(code: &str, message: String, line: &str) -> Problem {
    let help = format!(
        "Split the document, or look for what repeats without end in it or in its template. If it has to be so, raise the limit: `{line}` under [limits] in chancery.toml, or in the manifest.toml of its type."
    );
    Problem::new(code, message, help).blaming(Blame::Limit)
}

/// Limits as written: what is left out is that of the configuration, or the usual one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsRule {
    /// [`Limits::time`].
    #[serde(deserialize_with = "kinds::duration")]
    pub time: Option<Duration>,
    /// [`Limits::memory`].
    #[serde(deserialize_with = "kinds::bytes")]
    pub memory: Option<u64>,
    /// [`Limits::pages`].
    pub pages: Option<u32>,
    /// [`Limits::size`].
    #[serde(deserialize_with = "kinds::bytes")]
    pub size: Option<u64>,
}

const TIMES: RangeInclusive<Duration> = Duration::from_millis(100)..=Duration::from_secs(3600);
/// With less than this not even an empty page is set.
const MEMORY: RangeInclusive<u64> = 128 << 20..=64 << 30;
const PAGES: RangeInclusive<u32> = 1..=100_000;
/// What is larger than the most cannot be handed from one process to another.
const SIZES: RangeInclusive<u64> = 1 << 16..=1 << 30;

impl LimitsRule {
    /// What is written and cannot be: the key, and why.
    pub(crate) fn faults(&self) -> Vec<(&'static str, String)> {
        let mut faults = Vec::new();
        let mut look = |key: &'static str, fits: bool, least: &dyn fmt::Display, most: &dyn fmt::Display| {
            if !fits {
                faults.push((key, format!("`{key}` may be from {least} to {most}")));
            }
        };
        look("time", self.time.is_none_or(|time| TIMES.contains(&time)), &"100 ms", &"1 h");
        look("memory", self.memory.is_none_or(|bytes| MEMORY.contains(&bytes)), &in_words(*MEMORY.start()), &in_words(*MEMORY.end()));
        look("pages", self.pages.is_none_or(|pages| PAGES.contains(&pages)), PAGES.start(), PAGES.end());
        look("size", self.size.is_none_or(|bytes| SIZES.contains(&bytes)), &in_words(*SIZES.start()), &in_words(*SIZES.end()));
        faults
    }
}

impl Check<'_> {
    /// Checks the table `[limits]`.
    pub(super) fn limits(&mut self, rule: &LimitsRule) {
        for (key, message) in rule.faults() {
            let help = "Write a value within these limits, or delete the line to get the usual one.";
            self.tell(&["limits", key], "out-of-range", message, help);
        }
    }
}

/// A number of bytes as people write it: `512 MiB`.
pub(crate) fn in_words(bytes: u64) -> String {
    let units = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    let fitting = units.into_iter().find(|(size, _)| bytes >= *size && bytes.is_multiple_of(*size));
    fitting.map_or_else(|| format!("{bytes} bytes"), |(size, unit)| format!("{} {unit}", bytes / size))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<LimitsRule, toml::de::Error> {
        toml::from_str(text)
    }

    #[test]
    fn what_is_written_stands_before_what_is_usual() {
        let rule = read("time = \"5 s\"\nmemory = \"512 MiB\"\n").unwrap();
        let limits = Limits::default().with(&rule);
        assert_eq!((limits.time.as_secs(), limits.memory), (5, 512 << 20));
        assert_eq!((limits.pages, limits.size), (Limits::default().pages, Limits::default().size));
        assert!(rule.faults().is_empty());
    }

    #[test]
    fn what_goes_beyond_is_told_with_the_line_that_raises_the_limit() {
        let limits = Limits::default();
        let told = [Some(limits.over_time()), Some(limits.over_memory()), limits.over_pages(2_500), limits.over_size(300 << 20)];
        let lines = ["time = \"60 s\"", "memory = \"2 GiB\"", "pages = 3000", "size = \"320 MiB\""];
        for (problem, line) in told.into_iter().zip(lines) {
            let problem = problem.unwrap();
            assert!(problem.help.contains(&format!("`{line}` under [limits]")) && problem.blame == Blame::Limit, "{problem}");
        }
        assert_eq!((limits.over_pages(2_000), limits.over_size(256 << 20)), (None, None));
    }

    #[test]
    fn what_cannot_be_is_named_with_its_limits() {
        let rule = read("time = \"2 h\"\nmemory = \"1 MiB\"\npages = 0\nsize = \"1 KiB\"\n").unwrap();
        let keys: Vec<_> = rule.faults().into_iter().map(|(key, _)| key).collect();
        assert_eq!(keys, ["time", "memory", "pages", "size"]);
        assert!(rule.faults()[1].1.contains("from 128 MiB to 64 GiB"), "{:?}", rule.faults());
        assert!(read("memory = \"much\"").is_err() && read("hours = 3").is_err());
    }
}

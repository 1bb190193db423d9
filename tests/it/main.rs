//! The one integration binary: Typst is linked once, not per file.
//!
//! A test ends with a panic when something is not as it should be, may say what it skipped, and
//! reads where the corpus is.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::print_stderr, clippy::disallowed_methods)]

mod bilingual;
mod classification;
mod cli;
mod commands;
mod documentation;
mod houses;
mod intake;
mod joining;
mod labels;
mod languages;
mod letters;
mod naughty;
mod numbers;
mod official;
mod people;
mod pictures;
mod reading;
mod rebuilding;
mod records;
mod recovery;
mod remembering;
mod retention;
mod scripts;
mod search;
mod signed;
mod spreadsheets;
mod tidy;
mod typesetting;
mod undo;
mod verification;
mod versions;

#[cfg(unix)]
mod batches;
#[cfg(unix)]
mod crash;
#[cfg(unix)]
mod drops;
#[cfg(all(target_os = "linux", feature = "failpoints"))]
mod faults;
#[cfg(unix)]
mod machine;
#[cfg(all(unix, feature = "failpoints"))]
mod model;
#[cfg(all(unix, feature = "failpoints"))]
mod soak;
#[cfg(unix)]
mod watching;
#[cfg(unix)]
mod workers;
#[cfg(unix)]
mod writers;

//! Chancery: drop a note into `inbox/`, collect a finished PDF from a dated `archive/`.
//!
//! The modules stand in the order in which a document passes through them; [`pipeline::process`] is the one
//! place that calls them all. Each stage makes its own type and nothing is half filled in:
//!
//! ```text
//! intake → reading → classification → admission → composition → typesetting → filing
//! Arrival  Submission  Classification  Ticket      Manuscript     Rendition     Record
//! ```
//!
//! The library never prints, exits, or reads the environment or the clock: those are handed in.

pub mod model;

pub mod intake;

pub mod reading;

pub mod classification;

pub mod register;

pub mod composition;

pub mod typesetting;

pub mod workers;

pub mod filing;

pub mod bag;

pub mod keeping;

pub mod search;

pub mod catalog;
pub mod config;
pub mod failure;
pub mod office;
mod parallel;
pub mod pipeline;
pub mod storage;
pub mod toml_file;

pub mod cli;
pub mod daemon;

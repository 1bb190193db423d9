//! The index for searching, kept up to date beside what a command does. What goes wrong with it stands in the log only:
//! it harms no document, and the next search makes it again.

use crate::office::Office;
use crate::search::{self, Background, TextIndex};

/// Follows what is filed, for as long as a watcher runs.
pub fn background(office: &Office) -> Option<Background> {
    let tell = |words: String| tracing::warn!(words, "search");
    Background::start(office.archive(), office.state(), tell).inspect_err(|error| tracing::warn!(%error, "search")).ok()
}

/// After filing without a watcher.
pub fn keep_up(office: &Office) {
    let kept = search::keep_up(&TextIndex::in_state(&office.state()), office.register(), &office.archive());
    if let Err(problems) = kept {
        tracing::warn!(problems = problems.to_string(), "search");
    }
}

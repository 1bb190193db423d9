//! What is told once however many documents there are, and however many workers make them: each of them would tell it of its first.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::failure::Warning;
use crate::typesetting::WITHOUT_BOLD;

/// Whether it was told.
#[derive(Debug, Default)]
pub(super) struct Once(AtomicBool);

impl Once {
    /// Leaves out of the warnings about a document's files what was told of an earlier one.
    pub(super) fn sift<'a>(&self, files: impl Iterator<Item = &'a mut Vec<Warning>>) {
        for warnings in files {
            let is_known = |warning: &Warning| warning.code == WITHOUT_BOLD;
            if warnings.iter().any(is_known) && self.0.swap(true, Ordering::Relaxed) {
                warnings.retain(|warning| !is_known(warning));
            }
        }
    }
}

//! The files that no line names, found again by their content: one of them may be a file that is missing elsewhere.

use std::collections::HashMap;

use crate::storage::name::fold;

use super::Found;
use super::table::Table;
use crate::filing::fingerprint::{Hash, fingerprint};

/// Files that no line names.
#[derive(Debug)]
pub(super) struct Extras {
    files: Vec<Option<Found>>,
    by_hash: HashMap<Hash, Vec<usize>>,
}

impl Extras {
    /// Those of the files of which the register says nothing by now either, by path.
    pub(super) fn of(mut found: Vec<Found>, table: &Table) -> Self {
        found.retain(|file| !table.is_expected(fingerprint(&file.path)));
        found.sort_by(|a, b| a.path.cmp(&b.path));
        let mut by_hash: HashMap<Hash, Vec<usize>> = HashMap::new();
        for (index, file) in found.iter().enumerate() {
            if let Some(sha256) = file.sha256 {
                by_hash.entry(sha256).or_default().push(index);
            }
        }
        Self { files: found.into_iter().map(Some).collect(), by_hash }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.files.iter().all(Option::is_none)
    }

    /// Takes out the file that has this content: the one that has its name as well, if there are several.
    pub(super) fn take(&mut self, sha256: &Hash, path: &str) -> Option<Found> {
        let mut candidates: Vec<usize> = self.by_hash.get(sha256)?.clone();
        candidates.retain(|&index| self.files[index].is_some());
        let has =
            |index: &usize, alike: fn(&str) -> String| self.files[*index].as_ref().is_some_and(|file| alike(&file.path) == alike(path));
        let best = candidates.iter().find(|index| has(index, fold));
        let best = best.or_else(|| candidates.iter().find(|index| has(index, name))).or(candidates.first());
        self.files[*best?].take()
    }

    /// Takes out a file with this content below a folder.
    pub(super) fn take_below(&mut self, sha256: &Hash, folder: &str) -> Option<Found> {
        let below = |index: &&usize| self.files[**index].as_ref().is_some_and(|file| file.path.starts_with(folder));
        let index = *self.by_hash.get(sha256)?.iter().find(below)?;
        self.files[index].take()
    }

    /// A place that was there all along: where a file system takes two spellings for one name, its file was found under the other.
    pub(super) fn forget_spelling(&mut self, sha256: &Hash, path: &str) {
        let same = |index: &&usize| self.files[**index].as_ref().is_some_and(|file| fold(&file.path) == fold(path));
        if let Some(&index) = self.by_hash.get(sha256).and_then(|files| files.iter().find(same)) {
            self.files[index] = None;
        }
    }

    /// Another file of this name, whatever is in it.
    pub(super) fn namesake(&self, path: &str) -> Option<&str> {
        self.files.iter().flatten().find(|file| name(&file.path) == name(path)).map(|file| file.path.as_str())
    }

    /// What remains, by path.
    pub(super) fn rest(&mut self) -> Vec<Found> {
        std::mem::take(&mut self.files).into_iter().flatten().collect()
    }
}

fn name(path: &str) -> String {
    fold(path.rsplit('/').next().unwrap_or(path))
}

//! What `render` wrote where: `.chancery/cache/rendered/`, a file for each output, named after the hash of its path. Only in an office: a
//! preview leaves nothing behind where there is none.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Entry;
use crate::cli::targets;
use crate::model::sha256_hex;
use crate::pipeline::{Shelf, Standing};

/// Another format has another number.
const FORMAT: u32 = 1;

/// So many outputs are remembered.
const MAX_OUTPUTS: usize = 1_000;

/// A file of ours is shorter.
const MAX_BYTES: u64 = 8 << 20;

/// The folder.
#[derive(Debug)]
pub struct Outputs(Option<PathBuf>);

/// One output.
#[derive(Debug)]
pub struct Output {
    /// Where it is remembered.
    note: Option<PathBuf>,
    path: PathBuf,
    entries: Vec<Entry>,
}

/// What stands in the file of an output.
#[derive(Debug, Serialize, Deserialize)]
struct Note {
    format: u32,
    output: String,
    entries: Vec<Entry>,
}

impl Outputs {
    /// Those of the office whose `.chancery/` this is.
    pub fn in_state(state: &Path) -> Self {
        Self(state.is_dir().then(|| state.join("cache/rendered")))
    }

    /// What was written to an output, whose first file this is.
    pub fn at(&self, first: &Path) -> Output {
        let note = self.0.as_ref().map(|folder| folder.join(format!("{}.json", sha256_hex(first.to_string_lossy().as_bytes()))));
        let known = note.as_deref().and_then(read).filter(|note| note.output == first.to_string_lossy());
        Output { note, path: first.to_owned(), entries: known.map(|note| note.entries).unwrap_or_default() }
    }
}

impl Output {
    /// Remembers what was written now in the place of what was before.
    pub fn keep(&self, entries: Vec<Entry>) {
        let Some(note) = self.note.as_deref().filter(|_| entries != self.entries) else { return };
        let output = self.path.to_string_lossy().into_owned();
        if let Ok(bytes) = serde_json::to_vec(&Note { format: FORMAT, output, entries }) {
            // What cannot be remembered is set again.
            let _ = targets::write(note, &bytes);
            note.parent().into_iter().for_each(prune);
        }
    }
}

impl Shelf for Output {
    fn find(&self, fingerprint: &str) -> Option<Vec<Standing>> {
        self.entries.iter().find(|entry| entry.key == fingerprint)?.standing(Path::new(""))
    }
}

fn read(note: &Path) -> Option<Note> {
    fs::metadata(note).ok().filter(|found| found.len() <= MAX_BYTES)?;
    serde_json::from_slice::<Note>(&fs::read(note).ok()?).ok().filter(|note| note.format == FORMAT)
}

/// Forgets outputs that are gone once there are very many, and all of them if that is not enough.
fn prune(folder: &Path) {
    let notes = || fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    if notes().count() <= MAX_OUTPUTS {
        return;
    }
    let is_gone = |note: &PathBuf| read(note).is_none_or(|note| !Path::new(&note.output).is_file());
    notes().filter(is_gone).for_each(|note| _ = fs::remove_file(note));
    if notes().count() > MAX_OUTPUTS {
        notes().for_each(|note| _ = fs::remove_file(note));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::shelf::entry;

    #[test]
    fn an_output_is_remembered_by_its_path_and_only_in_an_office() {
        let place = tempfile::tempdir().unwrap();
        let (state, path) = (place.path().join(".chancery"), place.path().join("a.pdf"));
        fs::write(&path, "one").unwrap();
        let key = "a1".repeat(32);
        Outputs::in_state(&state).at(&path).keep(vec![entry("a1", &path, b"one")]);
        assert!(!state.exists() && Outputs::in_state(&state).at(&path).find(&key).is_none());
        fs::create_dir(&state).unwrap();
        let outputs = Outputs::in_state(&state);
        outputs.at(&path).keep(vec![entry("a1", &path, b"one")]);
        assert_eq!(outputs.at(&path).find(&key).unwrap()[0].path, path);
        assert!(outputs.at(&place.path().join("b.pdf")).find(&key).is_none());
        fs::write(outputs.at(&path).note.unwrap(), "{").unwrap();
        assert!(outputs.at(&path).find(&key).is_none());
    }

    #[test]
    fn outputs_that_are_gone_are_forgotten_when_there_are_very_many() {
        let place = tempfile::tempdir().unwrap();
        let outputs = Outputs::in_state(place.path());
        let stands = place.path().join("a.pdf");
        fs::write(&stands, "one").unwrap();
        outputs.at(&stands).keep(vec![entry("a1", &stands, b"one")]);
        let folder = outputs.0.clone().unwrap();
        (1..MAX_OUTPUTS).for_each(|count| fs::write(folder.join(format!("{count}.json")), "{}").unwrap());
        outputs.at(&place.path().join("b.pdf")).keep(vec![entry("b1", &stands, b"one")]);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        assert!(outputs.at(&stands).find(&"a1".repeat(32)).is_some());
    }
}

//! A document type as the stages get it: its checked manifest, its files and labels.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Files, Manifest};
use crate::classification::Vocabulary;
use crate::model::{Language, TypeName};

/// A document type: everything that stands in its folder, and what it takes from `_shared`.
///
/// On the way to another process it loses its examples and its vocabulary: nobody composes or sets with them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DocumentType {
    /// The folder's name.
    pub name: TypeName,
    /// Its checked manifest.
    pub manifest: Manifest,
    /// Its own files (`manifest.toml`, `words.md`, `layout.typ`, …; not the examples) by path relative to its folder.
    #[serde(with = "files_as_bytes")]
    pub files: Files,
    /// The files of `_shared` by path relative to that folder.
    #[serde(with = "files_as_bytes")]
    pub shared: Files,
    /// The files of its examples by path relative to its folder: `examples/board/note.md`.
    #[serde(skip)]
    pub examples: Files,
    /// Its labels by language tag, `_shared/languages/` merged with its own `languages/`; `en` is complete.
    pub labels: BTreeMap<String, Map<String, Value>>,
    /// What [`DocumentType::labels`] gave.
    #[serde(skip)]
    pub(super) merged: Merged,
    /// SHA-256 over its own and the shared files: two renderings with the same value use the same templates.
    pub sha256: String,
    /// Its rules and names of fields, made ready for comparing with notes.
    #[serde(skip)]
    pub vocabulary: Vocabulary,
    /// Whether nothing of it comes from the office's folder; a file there with the built-in bytes does not count.
    pub builtin: bool,
}

/// Labels of languages as they were asked for: putting them together takes longer than composing a notice does otherwise.
#[derive(Debug, Default)]
pub struct Merged(Mutex<HashMap<String, Arc<Map<String, Value>>>>);

/// Of more languages than an office writes in, labels are put together anew.
const MOST_MERGED: usize = 32;

impl Clone for Merged {
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// An example of a type: a drop, ready to be put into an inbox.
#[derive(Clone, Debug)]
pub struct Example<'a> {
    /// The folder below `examples/`.
    pub case: &'a str,
    /// The note's name: `note.md`, `note.yaml`.
    pub note: &'a str,
    /// The note and the files it owns, by path relative to the case's folder.
    pub files: BTreeMap<&'a str, &'a Arc<[u8]>>,
}

impl DocumentType {
    /// The labels for a language: its own, gaps filled from those of its primary tag, and from English. Traditional Chinese
    /// of any region has those of `zh-Hant` in between.
    pub fn labels(&self, language: &Language) -> Arc<Map<String, Value>> {
        let mut merged = self.merged.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = merged.get(&language.0) {
            return known.clone();
        }
        if merged.len() >= MOST_MERGED {
            merged.clear();
        }
        merged.entry(language.0.clone()).or_insert_with(|| Arc::new(self.merged_labels(language))).clone()
    }

    fn merged_labels(&self, language: &Language) -> Map<String, Value> {
        let tag = language.0.replace('_', "-").to_lowercase();
        // What follows `-u-` says how figures are written.
        let tag = tag.split_once("-u-").map_or(tag.as_str(), |(tag, _)| tag);
        let traditional = language.is_traditional_chinese().then_some("zh-Hant");
        let mut merged = Map::new();
        for tag in ["en", language.primary()].into_iter().chain(traditional).chain([tag]) {
            let found = self.labels.iter().filter(|(known, _)| known.eq_ignore_ascii_case(tag));
            merged.extend(found.flat_map(|(_, labels)| labels.clone()));
        }
        merged
    }

    /// Its examples, in the order of their folders' names. A folder without a `note.*` is none.
    pub fn examples(&self) -> Vec<Example<'_>> {
        let mut cases: BTreeMap<&str, BTreeMap<&str, &Arc<[u8]>>> = BTreeMap::new();
        for (path, bytes) in &self.examples {
            let below = path.strip_prefix("examples/").and_then(|path| path.split_once('/'));
            if let Some((case, name)) = below {
                cases.entry(case).or_default().insert(name, bytes);
            }
        }
        let mut examples = Vec::new();
        for (case, files) in cases {
            let is_note = |name: &&str| name.starts_with("note.") && !name.contains('/');
            if let Some(note) = files.keys().copied().find(is_note) {
                examples.push(Example { case, note, files });
            }
        }
        examples
    }

    /// All that stands in its folder, examples too: what `types --eject` writes to `templates/<type>/`.
    pub fn folder(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().chain(&self.examples).map(|(path, bytes)| (path.as_str(), bytes.as_ref()))
    }
}

mod files_as_bytes {
    //! Files in a serialised type: each in one piece, not as a list of numbers.
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use serde::{Deserialize as _, Deserializer, Serializer};
    use serde_bytes::{ByteBuf, Bytes};

    use crate::catalog::Files;

    pub(super) fn serialize<S: Serializer>(files: &Files, out: S) -> Result<S::Ok, S::Error> {
        out.collect_map(files.iter().map(|(path, bytes)| (path, Bytes::new(bytes))))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<Files, D::Error> {
        let files = BTreeMap::<String, ByteBuf>::deserialize(input)?;
        Ok(files.into_iter().map(|(path, bytes)| (path, Arc::from(bytes.into_vec()))).collect())
    }
}

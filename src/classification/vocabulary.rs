//! A type's own words, folded for comparing: its rules of recognition and the names of its fields.
//!
//! Made once for a type when it is loaded: folding hundreds of phrases for each note would take longer than reading it.

use std::collections::HashMap;

use super::fold::{fold, fold_key};
use crate::catalog::{Manifest, Recognise};

/// The words of a type.
#[derive(Clone, Debug, Default)]
pub struct Vocabulary {
    pub(super) titles: Vec<Phrase>,
    pub(super) headings: Vec<Phrase>,
    pub(super) words: Vec<Phrase>,
    pub(super) file_names: Vec<Phrase>,
    pub(super) fields: Vec<Phrase>,
    pub(super) openings: Vec<Phrase>,
    pub(super) against: Vec<Phrase>,
    pub(super) signs: Vec<String>,
    /// Declared names by every name that a field goes by.
    names: HashMap<String, String>,
}

/// A word or phrase of a rule.
#[derive(Clone, Debug)]
pub(super) struct Phrase {
    /// For comparing.
    pub folded: String,
    /// As its manifest writes it.
    pub written: String,
}

impl Vocabulary {
    /// The words of a type that is whole.
    pub fn of(manifest: &Manifest) -> Self {
        let mut names = HashMap::new();
        for field in &manifest.fields {
            for alias in &field.aliases {
                names.entry(fold_key(alias)).or_insert_with(|| field.name.clone());
            }
        }
        names.extend(manifest.fields.iter().map(|field| (fold_key(&field.name), field.name.clone())));
        Self { names, ..Self::of_rules(&manifest.recognise) }
    }

    /// The words of which only the rules are known.
    pub(super) fn of_rules(rules: &Recognise) -> Self {
        Self {
            titles: phrases(&rules.titles, fold),
            headings: phrases(&rules.headings, fold),
            words: phrases(&rules.words, fold),
            file_names: phrases(&rules.file_names, fold),
            fields: phrases(&rules.fields, fold_key),
            openings: phrases(&rules.openings, fold),
            against: phrases(&rules.against, fold),
            signs: rules.signs.clone(),
            names: HashMap::new(),
        }
    }

    /// The declared name of a note's key, however it is spelt.
    pub(super) fn declared(&self, key: &str) -> Option<&str> {
        self.names.get(&fold_key(key)).map(String::as_str)
    }
}

/// Each phrase once, in the order of the manifest.
fn phrases(written: &[String], fold: impl Fn(&str) -> String) -> Vec<Phrase> {
    let mut phrases: Vec<Phrase> = Vec::with_capacity(written.len());
    for written in written {
        let folded = fold(written);
        if !folded.is_empty() && phrases.iter().all(|phrase| phrase.folded != folded) {
            phrases.push(Phrase { folded, written: written.clone() });
        }
    }
    phrases
}

//! The words of the index itself: how many documents have one, and which begin or end so or have a text within them.

use std::collections::HashMap;

use tantivy::schema::{Field, Term};
use tantivy::{Searcher, TantivyError};

use super::fields::Fields;
use super::tokens::backwards;

/// The most words that one of a query stands for; those of the most documents count.
const MAX_WORDS: usize = 256;
/// So many words of one segment are looked at where their beginning is known,
const MAX_BESIDE: usize = 20_000;
/// and so many where it is not.
const MAX_SCANNED: usize = 300_000;

/// The words of an index.
pub(super) struct Vocabulary<'a> {
    searcher: &'a Searcher,
    fields: &'a Fields,
    /// The fields that are searched.
    words: &'a [Field],
}

/// Words with the number of documents that have them.
type Counted = HashMap<Vec<u8>, u64>;

impl<'a> Vocabulary<'a> {
    pub fn new(searcher: &'a Searcher, fields: &'a Fields, words: &'a [Field]) -> Self {
        Self { searcher, fields, words }
    }

    /// How many documents have a word.
    pub fn documents(&self, word: &str) -> Result<u64, TantivyError> {
        let counts = self.words.iter().map(|field| self.searcher.doc_freq(&Term::from_field_text(*field, word)));
        counts.sum()
    }

    /// The words that begin so, those of most documents first.
    pub fn begin(&self, beginning: &str) -> Result<Vec<String>, TantivyError> {
        let mut found = Counted::new();
        for field in self.words {
            self.beside(*field, beginning, &mut found)?;
        }
        Ok(most(found))
    }

    /// The long words that end so, but for the text itself.
    pub fn end(&self, ending: &str) -> Result<Vec<String>, TantivyError> {
        let mut found = Counted::new();
        self.beside(self.fields.endings, &backwards(ending), &mut found)?;
        let words = most(found).into_iter().map(|word| backwards(&word)).filter(|word| word != ending);
        Ok(words.collect())
    }

    /// The words that have it within them, as far as they can be looked through.
    pub fn have(&self, part: &str) -> Result<Vec<String>, TantivyError> {
        let mut found = Counted::new();
        let finder = memchr::memmem::Finder::new(part.as_bytes());
        let mut left = MAX_SCANNED;
        for field in self.words {
            for segment in self.searcher.segment_readers() {
                let index = segment.inverted_index(*field)?;
                let mut words = index.terms().stream()?;
                while left > 0 && words.advance() {
                    left -= 1;
                    if finder.find(words.key()).is_some() {
                        *found.entry(words.key().to_vec()).or_default() += u64::from(words.value().doc_freq);
                    }
                }
            }
        }
        Ok(most(found))
    }

    fn beside(&self, field: Field, beginning: &str, found: &mut Counted) -> Result<(), TantivyError> {
        for segment in self.searcher.segment_readers() {
            let index = segment.inverted_index(field)?;
            let mut words = index.terms().range().ge(beginning).into_stream()?;
            let mut left = MAX_BESIDE;
            while left > 0 && words.advance() && words.key().starts_with(beginning.as_bytes()) {
                left -= 1;
                *found.entry(words.key().to_vec()).or_default() += u64::from(words.value().doc_freq);
            }
        }
        Ok(())
    }
}

fn most(found: Counted) -> Vec<String> {
    let mut found: Vec<(Vec<u8>, u64)> = found.into_iter().collect();
    found.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    found.truncate(MAX_WORDS);
    found.into_iter().filter_map(|(word, _)| String::from_utf8(word).ok()).collect()
}

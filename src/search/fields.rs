//! The fields of the index, and a record as it stands in them.
//!
//! What stands and what is past (superseded, void) have their words in two fields of their own: an ordinary search
//! reads only the first and needs no filter, and `--all` reads both. No text is stored: a hit is shown from the archive.

use std::collections::BTreeSet;

use chrono::{Datelike as _, NaiveDate};
use tantivy::schema::{FAST, Field, INDEXED, IndexRecordOption, STRING, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::{TextAnalyzer, TokenizerManager};
use tantivy::{TantivyDocument, Term};

use crate::register::{Record, RecordState, Standing};

use super::tokens::{Endings, Words};

/// How the index is made. Raise it when fields or tokens change: an index of another number is made again.
pub(super) const FORMAT: u32 = 1;

/// How often a title counts, a number once more than a word.
const TITLE_TIMES: usize = 4;
const NUMBER_TIMES: usize = 3;

const WORDS: &str = "words";
const ENDINGS: &str = "endings";

/// The fields.
#[derive(Clone, Debug)]
pub(super) struct Fields {
    pub schema: Schema,
    /// The `seq` of the record's line.
    pub seq: Field,
    /// The words of what stands.
    pub text: Field,
    /// The words of what is past.
    pub past: Field,
    /// Long words backwards, of both.
    pub endings: Field,
    pub kind: Field,
    pub person: Field,
    pub status: Field,
}

/// The names of the columns by which hits are sorted and filtered.
pub(super) const SEQ: &str = "seq";
pub(super) const DAY: &str = "day";

impl Fields {
    pub fn new() -> Self {
        let text = |tokenizer: &str, option: IndexRecordOption, norms: bool| {
            let indexing = TextFieldIndexing::default().set_tokenizer(tokenizer).set_index_option(option).set_fieldnorms(norms);
            TextOptions::default().set_indexing_options(indexing)
        };
        let mut builder = Schema::builder();
        let seq = builder.add_u64_field(SEQ, INDEXED | FAST);
        builder.add_i64_field(DAY, FAST);
        let words = text(WORDS, IndexRecordOption::WithFreqsAndPositions, true);
        Self {
            seq,
            text: builder.add_text_field("text", words.clone()),
            past: builder.add_text_field("past", words),
            endings: builder.add_text_field("endings", text(ENDINGS, IndexRecordOption::Basic, false)),
            kind: builder.add_text_field("type", STRING),
            person: builder.add_text_field("person", text(WORDS, IndexRecordOption::WithFreqsAndPositions, false)),
            status: builder.add_text_field("status", STRING),
            schema: builder.build(),
        }
    }

    /// How each field is cut into tokens.
    pub fn tokenizers() -> TokenizerManager {
        let manager = TokenizerManager::default();
        manager.register(WORDS, TextAnalyzer::from(Words));
        manager.register(ENDINGS, TextAnalyzer::from(Endings));
        manager
    }

    /// The term by which a record is taken out.
    pub fn of_seq(&self, seq: u64) -> Term {
        Term::from_field_u64(self.seq, seq)
    }

    /// A record with its text. What was disposed of has no text, whatever is handed in.
    pub fn document(&self, state: &RecordState, text: &str) -> TantivyDocument {
        let record = &state.record;
        let mut document = TantivyDocument::default();
        document.add_u64(self.seq, record.seq);
        // The fields were made here, so the column's name is known.
        if let Ok(day) = self.schema.get_field(DAY) {
            document.add_i64(day, day_of(record.date));
        }
        let words = if is_past(state) { self.past } else { self.text };
        let mut add = |text: &str| {
            document.add_text(words, text);
        };
        (0..TITLE_TIMES).for_each(|_| add(&record.title));
        for name in names(record) {
            (0..NUMBER_TIMES).for_each(|_| add(name));
        }
        if state.disposed.is_none() {
            record.people.iter().chain(&record.committee).for_each(|name| add(name));
            add(text);
            document.add_text(self.endings, text);
        }
        document.add_text(self.endings, &record.title);
        document.add_text(self.kind, record.document_type.as_str());
        record.people.iter().for_each(|name| document.add_text(self.person, name));
        statuses(state).iter().for_each(|status| document.add_text(self.status, status));
        document
    }
}

/// What a record is called by.
fn names(record: &Record) -> impl Iterator<Item = &str> {
    [Some(record.id.as_str()), record.number.as_deref(), record.note_id.as_deref(), Some(record.document_type.as_str())]
        .into_iter()
        .flatten()
}

/// Whether it is found only with `--all`.
fn is_past(state: &RecordState) -> bool {
    state.standings().into_iter().any(Standing::is_past)
}

/// What may be asked for with `--status`.
fn statuses(state: &RecordState) -> BTreeSet<String> {
    let own = state.record.status.iter().map(|status| status.trim().to_lowercase());
    own.chain(state.standings().into_iter().map(|standing| standing.as_str().to_owned())).collect()
}

/// A date as the index counts days.
pub(super) fn day_of(date: NaiveDate) -> i64 {
    i64::from(date.num_days_from_ce())
}

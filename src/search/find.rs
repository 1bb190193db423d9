//! Finding: what was asked for, what stands in the index, and the line that shows each hit.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use chrono::NaiveDate;
use tantivy::query::{AllQuery, BooleanQuery, ConstScoreQuery, Occur, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{Searcher, TantivyError, Term};

use crate::failure::Checked;
use crate::register::{Record, Register};

use super::asked::{Asked, Shape, Wanted, asked};
use super::clause::Clause;
use super::fields::{Fields, day_of};
use super::follow::{follows, missing};
use super::hit::{Excerpt, excerpt};
use super::home::{Home, Opened, TextIndex};
use super::rank::{Days, Refused, best};
use super::source;
use super::vocabulary::Vocabulary;

/// What is looked for.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// Words, “phrases”, begin*, *end, -without: as typed.
    pub words: String,
    /// What must not be there, each a word or a phrase.
    pub without: Vec<String>,
    /// Only this document type.
    pub document_type: Option<String>,
    /// Only documents of this day or later.
    pub from: Option<NaiveDate>,
    /// Only documents of this day or earlier.
    pub to: Option<NaiveDate>,
    /// Only documents that name somebody so.
    pub person: Option<String>,
    /// Only documents of which this is said: `draft`, `approved`, `held` …
    pub status: Option<String>,
    /// Superseded, void and disposed ones too.
    pub all: bool,
    /// How many at most.
    pub limit: usize,
}

/// A document that was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// The `seq` of its line in the register.
    pub seq: u64,
    /// How well it fits; only the order means something.
    pub score: f32,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The best first; among equals the newest.
    pub hits: Vec<Hit>,
    /// None has all of the words: these have some.
    pub partly: bool,
    /// There are more.
    pub more: bool,
    clauses: Vec<Clause>,
}

/// An index, opened for searching. Shared by threads.
pub struct Finder {
    fields: Fields,
    opened: Box<Opened>,
}

impl Finder {
    /// Opens what is there; `None` if there is no index that can be searched.
    pub fn open(home: &TextIndex) -> Option<Self> {
        let fields = Fields::new();
        match home.open(&fields) {
            Home::Sound(opened) => Some(Self { fields, opened }),
            Home::Nothing | Home::Unusable(_) => None,
        }
    }

    /// How many records of the register are not yet in it, counted up to `most`. `None` if it is another register's.
    ///
    /// # Errors
    /// The machine's.
    pub fn missing(&self, register: &Register, most: usize) -> Checked<Option<usize>> {
        if !follows(&self.opened.position, register)? {
            return Ok(None);
        }
        missing(&self.opened.position, register, most).map(Some)
    }

    /// Sees what was committed since. False if the index cannot be read any more.
    pub fn refresh(&self) -> bool {
        self.opened.reader.reload().is_ok()
    }

    /// Searches. `None` if the index cannot be read: open it anew, or make it again.
    pub fn find(&self, search: &Search) -> Option<Found> {
        // A damaged index may make its reader fail in any way.
        catch_unwind(AssertUnwindSafe(|| self.search(search))).ok()?.ok()
    }

    fn search(&self, search: &Search) -> Result<Found, TantivyError> {
        let searcher = self.opened.reader.searcher();
        let question = Question::of(search, &searcher, &self.fields)?;
        if search.limit == 0 || question.is_empty(search) {
            return Ok(Found::default());
        }
        let clauses = question.clauses.clone();
        let found = question.ask(&question.all(), search, &searcher, clauses)?;
        if !found.hits.is_empty() {
            return Ok(found);
        }
        let loosened: Vec<Clause> = question.clauses.iter().flat_map(Clause::loosened).collect();
        if loosened.len() < 2 {
            return Ok(found);
        }
        let any = question.any(&loosened);
        Ok(Found { partly: true, ..question.ask(&any, search, &searcher, loosened)? })
    }

    /// The line in which a hit stands, read from the archive.
    pub fn excerpt(&self, archive: &Path, record: &Record, found: &Found) -> Excerpt {
        excerpt(&source::words(archive, record), &record.title, &found.clauses)
    }
}

/// A search as the index understands it.
struct Question {
    clauses: Vec<Clause>,
    without: Vec<Clause>,
    filters: Vec<Box<dyn Query>>,
    fields: Vec<Field>,
}

impl Question {
    fn of(search: &Search, searcher: &Searcher, fields: &Fields) -> Result<Self, TantivyError> {
        let words = if search.all { vec![fields.text, fields.past] } else { vec![fields.text] };
        let vocabulary = Vocabulary::new(searcher, fields, &words);
        let Asked { wanted, without } = asked(&search.words, search.without.iter().map(String::as_str));
        let clauses = |list: &[Wanted]| -> Result<Vec<Clause>, TantivyError> {
            list.iter().filter_map(|wanted| Clause::of(wanted, &vocabulary).transpose()).collect()
        };
        // What is excluded is excluded as it was typed, not by words that only have it within them.
        let exactly = |wanted: Wanted| if wanted.shape == Shape::Word { Wanted { shape: Shape::Phrase, ..wanted } } else { wanted };
        let without: Vec<Wanted> = without.into_iter().map(exactly).collect();
        let term = |field: Field, text: &str| -> Box<dyn Query> {
            Box::new(TermQuery::new(Term::from_field_text(field, &text.trim().to_lowercase()), IndexRecordOption::Basic))
        };
        let mut filters: Vec<Box<dyn Query>> = Vec::new();
        filters.extend(search.document_type.iter().map(|name| term(fields.kind, name)));
        filters.extend(search.status.iter().map(|name| term(fields.status, name)));
        let people = [fields.person];
        let named = Vocabulary::new(searcher, fields, &people);
        for word in search.person.iter().flat_map(|name| name.split_whitespace()) {
            let wanted = Wanted { text: word.to_owned(), shape: Shape::Begins };
            filters.extend(Clause::of(&wanted, &named)?.map(|clause| clause.query(&people)));
        }
        Ok(Self { clauses: clauses(&wanted)?, without: clauses(&without)?, filters, fields: words })
    }

    /// Whether nothing is asked for at all: only signs that are no words.
    fn is_empty(&self, search: &Search) -> bool {
        let filtered = !self.filters.is_empty() || search.from.is_some() || search.to.is_some();
        self.clauses.is_empty() && (!search.words.trim().is_empty() || !filtered) && self.without.is_empty()
    }

    /// All of the words.
    fn all(&self) -> Box<dyn Query> {
        match self.clauses.as_slice() {
            [] => self.filtered(vec![(Occur::Must, Box::new(AllQuery))]),
            [one] if self.filters.is_empty() => one.query(&self.fields),
            several => self.filtered(several.iter().map(|clause| (Occur::Must, clause.query(&self.fields))).collect()),
        }
    }

    /// Any of the words.
    fn any(&self, clauses: &[Clause]) -> Box<dyn Query> {
        let words = Box::new(BooleanQuery::union(clauses.iter().flat_map(|clause| clause.queries(&self.fields)).collect()));
        if self.filters.is_empty() { words } else { self.filtered(vec![(Occur::Must, words)]) }
    }

    fn filtered(&self, mut queries: Vec<(Occur, Box<dyn Query>)>) -> Box<dyn Query> {
        let filters = self.filters.iter().map(|filter| -> Box<dyn Query> { Box::new(ConstScoreQuery::new(filter.box_clone(), 0.0)) });
        queries.extend(filters.map(|filter| (Occur::Must, filter)));
        Box::new(BooleanQuery::new(queries))
    }

    fn ask(&self, query: &dyn Query, search: &Search, searcher: &Searcher, clauses: Vec<Clause>) -> Result<Found, TantivyError> {
        let days = Days { from: search.from.map_or(i64::MIN, day_of), to: search.to.map_or(i64::MAX, day_of) };
        let without: Vec<_> = self.without.iter().map(|clause| clause.query(&self.fields)).collect();
        let refused = Refused { days, without: &without };
        let mut ranked = best(searcher, query, &refused, search.limit.saturating_add(1))?;
        let more = ranked.len() > search.limit;
        ranked.truncate(search.limit);
        let hits = ranked.into_iter().map(|ranked| Hit { seq: ranked.seq, score: ranked.score }).collect();
        Ok(Found { hits, partly: false, more, clauses })
    }
}

//! The best hits of a question: by score, and among equals the newest.
//!
//! The index passes over blocks that cannot reach the worst of the hits so far. What a filter refuses never raises that
//! bound, and what equals it is still looked at: it may be newer.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use tantivy::query::{EnableScoring, Query, Scorer};
use tantivy::{DocId, Score, Searcher, SegmentReader, TantivyError};

use super::fields::{DAY, SEQ};

/// A document found; greater is better.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Ranked {
    pub score: Score,
    pub day: i64,
    pub seq: u64,
}

impl Eq for Ranked {}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        self.score.total_cmp(&other.score).then(self.day.cmp(&other.day)).then(self.seq.cmp(&other.seq))
    }
}

/// The first and the last day of the documents that are asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Days {
    pub from: i64,
    pub to: i64,
}

/// What is refused, whatever its score.
pub(super) struct Refused<'a> {
    pub days: Days,
    /// What must not be there. Asked here, document by document: as a part of the question it would keep the index from
    /// passing over blocks, and Tantivy 0.27 seeks back in a phrase that has come to its end.
    pub without: &'a [Box<dyn Query>],
}

impl Refused<'_> {
    fn scorers(&self, searcher: &Searcher, segment: &SegmentReader) -> Result<Vec<Box<dyn Scorer>>, TantivyError> {
        let scorer = |query: &dyn Query| query.weight(EnableScoring::disabled_from_searcher(searcher))?.scorer(segment, 1.0);
        self.without.iter().map(|query| scorer(query.as_ref())).collect()
    }
}

/// Whether a document is one of these; asked with growing documents.
fn has(scorer: &mut dyn Scorer, doc: DocId) -> bool {
    (if scorer.doc() < doc { scorer.seek(doc) } else { scorer.doc() }) == doc
}

/// The best `limit` documents, best first.
pub(super) fn best(searcher: &Searcher, query: &dyn Query, refused: &Refused<'_>, limit: usize) -> Result<Vec<Ranked>, TantivyError> {
    let weight = query.weight(EnableScoring::enabled_from_searcher(searcher))?;
    let days = refused.days;
    let mut found: BinaryHeap<Reverse<Ranked>> = BinaryHeap::with_capacity(limit.min(1_024) + 1);
    let mut bound = Score::MIN;
    for segment in searcher.segment_readers() {
        let columns = segment.fast_fields();
        let (day_of, seq_of) = (columns.i64(DAY)?.first_or_default_col(0), columns.u64(SEQ)?.first_or_default_col(0));
        let alive = segment.alive_bitset();
        let mut without = refused.scorers(searcher, segment)?;
        weight.for_each_pruning(bound, segment, &mut |doc, score| {
            let day = day_of.get_val(doc);
            let is_refused = alive.is_some_and(|alive| alive.is_deleted(doc)) || day < days.from || day > days.to;
            if is_refused || without.iter_mut().any(|scorer| has(scorer.as_mut(), doc)) {
                return bound;
            }
            let ranked = Ranked { score, day, seq: seq_of.get_val(doc) };
            if found.len() < limit {
                found.push(Reverse(ranked));
            } else if found.peek().is_some_and(|worst| ranked > worst.0) {
                found.pop();
                found.push(Reverse(ranked));
            }
            if found.len() == limit {
                bound = found.peek().map_or(Score::MIN, |worst| worst.0.score.next_down());
            }
            bound
        })?;
    }
    // Sorted by what is reversed: the best comes first.
    Ok(found.into_sorted_vec().into_iter().map(|Reverse(ranked)| ranked).collect())
}

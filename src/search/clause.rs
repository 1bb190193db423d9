//! One wanted text as what the index can answer: one or several rows of tokens, any of which will do.

use tantivy::query::{BooleanQuery, BoostQuery, PhraseQuery, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{TantivyError, Term};

use super::asked::{Shape, Wanted};
use super::tokens::{Cutter, Kind};
use super::vocabulary::Vocabulary;

/// A word of fewer documents is looked for within others too: `sitzung` finds `Vorstandssitzung`.
const FEW: u64 = 10;

/// What a word that only has the wanted one within it counts for.
const WITHIN: f32 = 0.4;

/// A row of tokens at their distances.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    pub tokens: Vec<(usize, String)>,
    weight: f32,
}

/// Any of these rows will do.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Clause {
    pub rows: Vec<Row>,
    /// Words were typed without spaces, and could not be told apart.
    is_run: bool,
}

/// A token of a wanted text.
struct Piece {
    position: usize,
    text: String,
    kind: Kind,
}

impl Clause {
    /// What is to be asked for a wanted text; `None` if there is no letter or digit in it.
    pub fn of(wanted: &Wanted, vocabulary: &Vocabulary<'_>) -> Result<Option<Self>, TantivyError> {
        let pieces = pieces(&wanted.text);
        let Some(last) = pieces.last() else { return Ok(None) };
        let is_word = last.kind == Kind::Word;
        let (shape, text) = (wanted.shape, last.text.as_str());
        let others = match shape {
            Shape::Begins if is_word => vocabulary.begin(text)?,
            Shape::Ends if is_word && pieces.len() == 1 => vocabulary.end(text)?,
            Shape::Within if is_word && pieces.len() == 1 => vocabulary.have(text)?,
            Shape::Word if is_word && pieces.len() == 1 && has_no_digit(text) && vocabulary.documents(text)? < FEW => {
                let mut others = vocabulary.begin(text)?;
                others.extend(vocabulary.end(text)?);
                others
            }
            _ => Vec::new(),
        };
        // What was asked for with a star counts as much as the word itself.
        let weight = if shape == Shape::Word { WITHIN } else { 1.0 };
        let mut rows = vec![Row::of(&pieces, 1.0)];
        for other in others.into_iter().filter(|other| other != text) {
            let mut row = Row::of(&pieces, weight);
            if let Some(token) = row.tokens.last_mut() {
                token.1 = other;
            }
            rows.push(row);
        }
        let is_run = shape == Shape::Word && pieces.len() > 1 && pieces.iter().all(|piece| piece.kind == Kind::Pair);
        Ok(Some(Self { rows, is_run }))
    }

    /// The same less exactly: in a script without spaces each pair of characters by itself.
    pub fn loosened(&self) -> Vec<Self> {
        if !self.is_run {
            return vec![self.clone()];
        }
        let tokens = self.rows.iter().flat_map(|row| &row.tokens);
        tokens.map(|(_, token)| Self { rows: vec![Row { tokens: vec![(0, token.clone())], weight: 1.0 }], is_run: false }).collect()
    }

    /// The question, in some fields.
    pub fn query(&self, fields: &[Field]) -> Box<dyn Query> {
        let rows = fields.iter().flat_map(|field| self.rows.iter().map(|row| row.query(*field)));
        let mut queries: Vec<Box<dyn Query>> = rows.collect();
        if queries.len() == 1 { queries.swap_remove(0) } else { Box::new(BooleanQuery::union(queries)) }
    }

    /// The questions that any of which will do, to be put beside others.
    pub fn queries(&self, fields: &[Field]) -> Vec<Box<dyn Query>> {
        fields.iter().flat_map(|field| self.rows.iter().map(|row| row.query(*field))).collect()
    }
}

impl Row {
    fn of(pieces: &[Piece], weight: f32) -> Self {
        let first = pieces.first().map_or(0, |piece| piece.position);
        Self { tokens: pieces.iter().map(|piece| (piece.position - first, piece.text.clone())).collect(), weight }
    }

    fn query(&self, field: Field) -> Box<dyn Query> {
        let terms: Vec<(usize, Term)> = self.tokens.iter().map(|(at, token)| (*at, Term::from_field_text(field, token))).collect();
        let query: Box<dyn Query> = match terms.as_slice() {
            [(_, term)] => Box::new(TermQuery::new(term.clone(), IndexRecordOption::WithFreqs)),
            _ => Box::new(PhraseQuery::new_with_offset(terms)),
        };
        if self.weight < 1.0 { Box::new(BoostQuery::new(query, self.weight)) } else { query }
    }
}

/// The tokens that are asked for: pairs where there are any, single characters only where one stands alone.
fn pieces(text: &str) -> Vec<Piece> {
    let mut cutter = Cutter::new(text);
    let mut pieces: Vec<Piece> = Vec::new();
    while let Some((token, kind)) = cutter.next_kind() {
        match (kind, pieces.last()) {
            (Kind::Alias, _) => continue,
            // The pair stands for its first character, and for its second.
            (Kind::Pair, Some(before)) if before.kind == Kind::Single && before.position == token.position => {
                pieces.pop();
            }
            (Kind::Single, Some(before)) if before.kind == Kind::Pair && before.position + 1 == token.position => continue,
            _ => {}
        }
        pieces.push(Piece { position: token.position, text: token.text.clone(), kind });
    }
    pieces
}

fn has_no_digit(text: &str) -> bool {
    !text.bytes().any(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<(usize, String)> {
        pieces(text).into_iter().map(|piece| (piece.position, piece.text)).collect()
    }

    #[test]
    fn pairs_stand_for_their_characters_and_one_alone_for_itself() {
        let owned = |list: &[(usize, &str)]| list.iter().map(|(at, text)| (*at, (*text).to_owned())).collect::<Vec<_>>();
        assert_eq!(cut("会议纪要"), owned(&[(0, "会议"), (1, "议纪"), (2, "纪要")]));
        assert_eq!(cut("会"), owned(&[(0, "会")]));
        assert_eq!(cut("第3次会议"), owned(&[(0, "第"), (1, "3"), (2, "次会"), (3, "会议")]));
        assert_eq!(cut("MIN-2026-014"), owned(&[(0, "min"), (1, "2026"), (2, "014")]));
    }
}

//! The line of a document in which the wanted words stand, with their places.

use super::clause::{Clause, Row};
use super::tokens::Cutter;

/// The line that shows a hit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Excerpt {
    /// The line, or a piece of it.
    pub text: String,
    /// Where the wanted words stand in it: begin and end, counted in characters.
    pub marks: Vec<(usize, usize)>,
}

/// A longer line is cut around its first mark,
const MAX_CHARS: usize = 160;
/// with so much before it.
const BEFORE_CHARS: usize = 50;
/// So much of a text is looked through.
const MAX_BYTES: usize = 4 << 20;

/// A line with some of the wanted words.
struct Candidate<'a> {
    line: &'a str,
    /// How many clauses it meets.
    met: usize,
    marks: Vec<(usize, usize)>,
}

/// The line with most of the wanted words; of several the first. The title is shown anyway, so it is taken only if no
/// other line has any.
pub(super) fn excerpt(text: &str, title: &str, clauses: &[Clause]) -> Excerpt {
    let mut best: Option<Candidate<'_>> = None;
    let mut seen = 0;
    let title = title.trim();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && *line != title) {
        let (clauses_met, marks) = marks(line, clauses);
        if clauses_met > best.as_ref().map_or(0, |best| best.met) {
            best = Some(Candidate { line, met: clauses_met, marks });
        }
        seen += line.len();
        if clauses_met == clauses.len() || seen > MAX_BYTES {
            break;
        }
    }
    match best {
        Some(best) => around(best.line, &best.marks),
        None => around(title, &marks(title, clauses).1),
    }
}

/// How many of the clauses a line meets, and where, in bytes: in order and not overlapping.
fn marks(line: &str, clauses: &[Clause]) -> (usize, Vec<(usize, usize)>) {
    let tokens = tokens(line);
    let mut marks = Vec::new();
    let mut met = 0;
    for clause in clauses {
        let before = marks.len();
        for start in 0..tokens.len() {
            marks.extend(clause.rows.iter().filter_map(|row| meets(row, &tokens, start)));
        }
        met += usize::from(marks.len() > before);
    }
    marks.sort_unstable();
    marks.dedup_by(|next, last| {
        let overlaps = next.0 <= last.1;
        last.1 = if overlaps { last.1.max(next.1) } else { last.1 };
        overlaps
    });
    (met, marks)
}

struct Here {
    position: usize,
    text: String,
    from: usize,
    to: usize,
}

fn tokens(line: &str) -> Vec<Here> {
    let mut cutter = Cutter::new(line);
    let mut tokens = Vec::new();
    while let Some((token, _)) = cutter.next_kind() {
        tokens.push(Here { position: token.position, text: token.text.clone(), from: token.offset_from, to: token.offset_to });
    }
    tokens
}

/// Where a row stands that begins with this token.
fn meets(row: &Row, tokens: &[Here], start: usize) -> Option<(usize, usize)> {
    let first = &tokens[start];
    let mut end = first.to;
    for (distance, text) in &row.tokens {
        let mut here = tokens[start..].iter().take_while(|token| token.position <= first.position + distance);
        end = here.find(|token| token.position == first.position + distance && token.text == *text)?.to.max(end);
        if *distance == 0 && first.text != *text {
            return None;
        }
    }
    Some((first.from, end))
}

/// The line, or a window of it, with marks in characters.
fn around(line: &str, marks: &[(usize, usize)]) -> Excerpt {
    let chars_before = |byte: usize| line[..byte].chars().count();
    let places: Vec<(usize, usize)> = marks.iter().map(|(from, to)| (chars_before(*from), chars_before(*to))).collect();
    let length = line.chars().count();
    if length <= MAX_CHARS {
        return Excerpt { text: line.to_owned(), marks: places };
    }
    let first = places.first().map_or(0, |mark| mark.0);
    let mut start = first.saturating_sub(BEFORE_CHARS).min(length - MAX_CHARS);
    let chars: Vec<char> = line.chars().collect();
    // Not within a word, if there is a blank nearby.
    if start > 0
        && let Some(blank) = chars[start..first].iter().take(20).position(|c| c.is_whitespace())
    {
        start += blank + 1;
    }
    let end = (start + MAX_CHARS).min(length);
    let (open, close) = (if start > 0 { "…" } else { "" }, if end < length { "…" } else { "" });
    let text = format!("{open}{}{close}", chars[start..end].iter().collect::<String>());
    let shift = usize::from(start > 0);
    let within = places.into_iter().filter(|(from, to)| *from >= start && *to <= end);
    Excerpt { text, marks: within.map(|(from, to)| (from - start + shift, to - start + shift)).collect() }
}

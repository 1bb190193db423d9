//! How wide the columns of a table are, how small its type, and how a table that no paper is wide enough for is set in parts.

use super::markup::{Markup, is_written_without_spaces, parts_words};

/// About how many letters of table text fit between the margins at full size.
const LINE: usize = 84;
/// The same where a table has so many columns that it takes room from the margins (`table-rules` in `_shared/text.typ`).
const WIDE_LINE: usize = 108;
const WIDE_FROM: usize = 8;
/// Room beside each cell, in letters.
const GAP: usize = 3;
/// Table text is never set smaller than this share of its full size: about 7 points.
const SMALLEST: f64 = 0.68;
/// The size at which the parts of a table are filled.
const IN_PARTS: f64 = 0.8;
/// A word of a table never needs more than this many letters on one line.
pub(super) const WORD_CHARS: usize = 24;
/// In a table that is crowded otherwise, words are broken at this length.
const CROWDED_WORD: usize = 12;
/// Cells up to this width, such as dates and names, stay in one line where there is room.
const SHORT_CELL: usize = 22;
/// Rows that need more lines than this may go on over the end of a page.
const WHOLE_LINES: usize = 10;

/// How many letters wide a column's content is.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Width {
    pub(super) word: usize,
    pub(super) cell: usize,
}

impl Width {
    /// Takes a piece of text in: how wide its longest word is.
    pub(super) fn take_words(&mut self, text: &str) {
        let words = text.split(parts_words);
        self.word = words.map(width_of).max().unwrap_or(0).max(self.word).max(2);
    }

    fn need(self, longest: usize) -> usize {
        self.word.min(longest) + GAP
    }
}

/// About how many letters wide a text is.
pub(super) fn width_of(text: &str) -> usize {
    let tenths = |c: char| match c {
        'i' | 'j' | 'l' | 't' | 'f' | 'r' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | '(' | ')' | '[' | ']' | ' ' => 7,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | 'Ш' | 'Щ' | 'Ж' | 'Ю' | 'Ф' | 'ш' | 'щ' | 'ж' | 'ю' => 18,
        c if is_written_without_spaces(c) => 22,
        c if c.is_uppercase() => 14,
        c if c.is_ascii() => 11,
        _ => 12,
    };
    (text.chars().map(tenths).sum::<usize>()).div_ceil(10)
}

/// How a table of some columns is set.
#[derive(Debug)]
pub(super) struct Columns {
    widths: Vec<Width>,
    scale: f64,
    line: usize,
    /// Longer words than this are broken.
    pub(super) word_limit: usize,
}

impl Columns {
    pub(super) fn new(widths: Vec<Width>) -> Self {
        let line = if widths.len() >= WIDE_FROM { WIDE_LINE } else { LINE };
        let need = |longest: usize| widths.iter().map(|width| width.need(longest)).sum::<usize>().max(1);
        let is_crowded = (need(WORD_CHARS) as f64) * SMALLEST > line as f64;
        let word_limit = if is_crowded { CROWDED_WORD } else { WORD_CHARS };
        let scale = (line as f64 / need(word_limit) as f64).clamp(SMALLEST, 1.0);
        Self { widths, scale, line, word_limit }
    }

    /// The columns of each part of the table: all of them, if the paper is wide enough for them. Else each part has as many as
    /// can be read, after the first column, which says what a row is about.
    pub(super) fn parts(&self) -> Vec<Vec<usize>> {
        let need = |column: usize| self.widths.get(column).map_or(0, |width| width.need(self.word_limit));
        let all: usize = (0..self.widths.len()).map(need).sum();
        if (all as f64) * SMALLEST <= self.line as f64 {
            return vec![(0..self.widths.len()).collect()];
        }
        let room = (self.line as f64 / IN_PARTS) as usize;
        let count = all.saturating_sub(need(0)).div_ceil(room.saturating_sub(need(0)).max(1)).max(2);
        // As many in each, so that the last has not one column left.
        let each = (all - need(0)).div_ceil(count);
        let mut parts = vec![vec![0]];
        let mut taken = 0;
        for column in 1..self.widths.len() {
            if taken >= each {
                parts.push(vec![0]);
                taken = 0;
            }
            taken += need(column);
            if let Some(part) = parts.last_mut() {
                part.push(column);
            }
        }
        parts
    }

    /// The same for some of the columns.
    pub(super) fn part(&self, columns: &[usize]) -> Self {
        let widths: Vec<Width> = columns.iter().filter_map(|column| self.widths.get(*column).copied()).collect();
        Self { word_limit: self.word_limit, ..Self::new(widths) }
    }

    /// Begins a table; `sides` are the alignments of its columns.
    pub(super) fn open(&self, out: &mut Markup, sides: Vec<String>) {
        if self.is_special() {
            out.code(&format!("#[#set text(size: {:.2}em)\n", self.scale));
            if self.word_limit < WORD_CHARS {
                out.code("#show table.cell: set text(hyphenate: true)\n");
            }
        }
        let fits = self.widths.iter().map(|width| width.cell + GAP).sum::<usize>() as f64 <= self.room();
        let columns: Vec<String> = if fits {
            vec!["auto".to_owned(); self.widths.len()]
        } else {
            self.shares().iter().map(|share| format!("{share:.1}fr")).collect()
        };
        out.code(&format!("#table(columns: ({},), align: ({},),\n", columns.join(", "), sides.join(", ")));
    }

    pub(super) fn close(&self, out: &mut Markup) {
        out.code(if self.is_special() { ")\n]\n" } else { ")\n" });
    }

    fn is_special(&self) -> bool {
        self.scale < 1.0 || self.word_limit < WORD_CHARS
    }

    /// How many letters fit into a line.
    fn room(&self) -> f64 {
        self.line as f64 / self.scale
    }

    /// The columns' shares of the line: enough for their longest words, or for all of a short cell where there is room, and of
    /// what is left more for long cells, though not in proportion.
    fn shares(&self) -> Vec<f64> {
        let short = |width: &Width| if width.cell <= SHORT_CELL { width.cell + GAP } else { width.need(self.word_limit) };
        let mut needs: Vec<usize> = self.widths.iter().map(short).collect();
        if needs.iter().sum::<usize>() as f64 > self.room() * 0.85 {
            needs = self.widths.iter().map(|width| width.need(self.word_limit)).collect();
        }
        let long = |width: &Width| (width.cell as f64).min((width.cell as f64).sqrt() * 6.0);
        let wants: Vec<f64> = self.widths.iter().zip(&needs).map(|(width, need)| (long(width) - *need as f64).max(0.5)).collect();
        let left = (self.room() - needs.iter().sum::<usize>() as f64).max(0.0);
        let all: f64 = wants.iter().sum();
        needs.iter().zip(&wants).map(|(need, want)| *need as f64 + left * want / all).collect()
    }

    /// Whether a row stays on one page whose cells are so many letters wide.
    pub(super) fn keep_whole(&self, cells: impl Iterator<Item = usize>) -> bool {
        let shares = self.shares();
        shares.iter().zip(cells).all(|(share, cell)| cell as f64 <= (share - GAP as f64).max(1.0) * WHOLE_LINES as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(count: usize, word: usize) -> Columns {
        Columns::new(vec![Width { word, cell: word }; count])
    }

    #[test]
    fn a_table_is_parted_only_where_its_type_would_be_too_small() {
        for (count, word, parts) in [(4, 10, 1), (7, 30, 1), (12, 8, 1), (18, 5, 1), (40, 8, 4), (100, 3, 5)] {
            let columns = columns(count, word);
            let found = columns.parts();
            assert_eq!(found.len(), parts, "{count} columns of {word}: {found:?}");
            let mut all: Vec<usize> = found.iter().enumerate().flat_map(|(at, part)| part[usize::from(at > 0)..].to_vec()).collect();
            all.dedup();
            assert_eq!(all, (0..count).collect::<Vec<_>>());
            assert!(found.iter().all(|part| part[0] == 0 && columns.part(part).scale >= SMALLEST));
        }
    }

    #[test]
    fn wide_letters_need_more_room() {
        assert!(width_of("MINUTES") > width_of("minutes") && width_of("会议记录") > width_of("abcd") && width_of("illicit") < 7);
    }
}

//! Typst markup under construction, and which line of the note each stretch of it came from.

use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory as _};

use super::columns::{Width, width_of};
use crate::composition::Origin;

/// Words longer than this many characters get places where a line may break.
pub(super) const LONG_WORD_CHARS: usize = 30;
/// The same in code blocks, whose lines should stay whole where they fit.
pub(super) const LONG_CODE_CHARS: usize = 60;

/// Typst markup made of function calls and string literals.
#[derive(Clone, Debug, Default)]
pub(crate) struct Markup {
    code: String,
    origins: Vec<Origin>,
    /// Quotation marks print as they were typed.
    straight: bool,
    printed: Printed,
}

/// What a piece of markup prints, as far as it matters to its neighbours.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Printed {
    /// How wide it is in one line, and its longest word.
    pub width: Width,
    /// Whether there is anything but white space.
    pub ink: bool,
}

impl Markup {
    /// Markup in which quotation marks print as they were typed, if `straight`.
    pub(in crate::composition) fn new(straight: bool) -> Self {
        Self { straight, ..Self::default() }
    }

    /// An empty piece that writes as this one does, put in its place; returns what there was.
    pub(super) fn begin_anew(&mut self) -> Self {
        let straight = self.straight;
        std::mem::replace(self, Self::new(straight))
    }

    /// Whether it holds nothing but ends of paragraphs and blanks.
    pub(super) fn is_blank(&self) -> bool {
        self.code.replace("#parbreak()", "").replace("#\" \"", "").trim().is_empty()
    }

    /// Whether parts of it are in languages of their own. (Words that only look so do no harm.)
    pub(in crate::composition) fn names_languages(&self) -> bool {
        ["#span-in(", "#blocks-in(", "#passage(", "#beside("].iter().any(|call| self.code.contains(call))
    }

    /// The level of the heading that it is, else 0.
    pub(super) fn heading_level(&self) -> u8 {
        let level = self.code.trim_start().strip_prefix("#heading(level: ");
        level.and_then(|level| level.split(')').next()?.parse().ok()).unwrap_or(0)
    }

    /// Whether what comes next begins a line: a blank there would be a line of its own.
    pub(super) fn begins_line(&self) -> bool {
        self.code.is_empty() || self.code.ends_with('\n')
    }

    /// What it prints.
    pub(super) fn printed(&self) -> Printed {
        self.printed
    }

    /// Appends code of our own making.
    pub(in crate::composition) fn code(&mut self, code: &str) {
        self.code.push_str(code);
    }

    /// Says over a part of a table which one it is; no language has to be known for that.
    pub(super) fn part_of_table(&mut self, number: usize, count: usize) {
        self.code("#block(sticky: true, width: 100%, above: 1.3em, below: 0.2em, align(end, text(size: 0.8em, fill: luma(36%))[#");
        self.literal(&format!("{number}/{count}"), None, usize::MAX);
        self.code("]))\n");
    }

    /// Appends text that prints letter for letter, with typographic quotation marks of the document's language.
    pub(in crate::composition) fn text(&mut self, text: &str, line: Option<u32>, word_limit: usize) {
        if self.straight {
            if !text.is_empty() {
                self.code("#");
                self.literal(&text.replace('\t', "    "), line, word_limit);
            }
            return;
        }
        for piece in text.split_inclusive(['"', '\'']) {
            let (plain, quote) = match piece.char_indices().last() {
                Some((at, '"')) => (&piece[..at], Some("#smartquote(double: true)")),
                Some((at, '\'')) => (&piece[..at], Some("#smartquote(double: false)")),
                _ => (piece, None),
            };
            if !plain.is_empty() {
                self.code("#");
                // A tab has no width on a page; in code blocks Typst sets it.
                self.literal(&plain.replace('\t', "    "), line, word_limit);
            }
            if let Some(quote) = quote {
                self.code(quote);
            }
        }
    }

    /// Appends a string literal. What no page can hold is left out ([`printable`]); words longer than
    /// `word_limit` get invisible places to break at.
    pub(in crate::composition) fn literal(&mut self, text: &str, line: Option<u32>, word_limit: usize) {
        let start = self.code.len();
        self.printed.width.cell += width_of(text);
        self.printed.width.take_words(text);
        self.printed.ink |= text.contains(|c: char| !c.is_whitespace());
        self.code.push('"');
        for word in text.split_inclusive(parts_words) {
            let is_address = word.contains("://") || word.contains("www.");
            let long = word.chars().count() > word_limit;
            match (is_address, long) {
                // Typst itself knows at which marks an address may break; a part of it can still be longer than a line.
                (true, _) => word.split_inclusive(|c: char| !c.is_alphanumeric()).for_each(|part| {
                    self.word(part, (part.chars().count() > 2 * LONG_WORD_CHARS).then_some(LONG_WORD_CHARS));
                }),
                (false, true) => self.word(word, Some(word_limit.min(12))),
                (false, false) => self.word(word, None),
            }
        }
        self.code.push('"');
        self.origins.push(Origin { start, end: self.code.len(), line });
    }

    /// Appends one word, escaped; with `run_limit`, a line may break in it at least every so many characters.
    fn word(&mut self, word: &str, run_limit: Option<usize>) {
        let mut run = 0usize;
        let mut characters = word.chars().peekable();
        while let Some(c) = characters.next() {
            match c {
                '\\' => self.code.push_str("\\\\"),
                '"' => self.code.push_str("\\\""),
                '\n' => self.code.push_str("\\n"),
                '\t' => self.code.push('\t'),
                c => match printable(c) {
                    Some(c) => self.code.push(c),
                    None => continue,
                },
            }
            run += 1;
            let breaks_well = matches!(c, '/' | '.' | '_' | '-' | '=' | '&' | '?' | ':' | ',' | '@' | '#' | ';' | '|' | '\\');
            // A mark stays with its letter, and what is joined stays joined.
            let is_whole = c != '\u{200d}' && !characters.peek().is_some_and(|next| belongs_to_the_one_before(*next));
            if is_whole && run_limit.is_some_and(|limit| run >= limit || (breaks_well && run > 3)) {
                self.code.push('\u{200b}');
                run = 0;
            }
        }
    }

    /// Appends another piece.
    pub(in crate::composition) fn append(&mut self, other: Markup) {
        let offset = self.code.len();
        self.printed.width.cell += other.printed.width.cell;
        self.printed.width.word = self.printed.width.word.max(other.printed.width.word);
        self.printed.ink |= other.printed.ink;
        self.code.push_str(&other.code);
        self.origins.extend(other.origins.into_iter().map(|origin| Origin {
            start: origin.start + offset,
            end: origin.end + offset,
            ..origin
        }));
    }

    /// The code and where its stretches came from.
    pub(in crate::composition) fn finish(self) -> (String, Vec<Origin>) {
        (self.code, self.origins)
    }
}

/// A character as a page can hold it: control characters and the byte-order mark (which PDF/A forbids; it has no width)
/// are left out, so are direction overrides (with them a line prints backwards), and the Ogham space, which is a stroke in fonts that few have, is a space.
pub(in crate::composition) fn printable(c: char) -> Option<char> {
    match c {
        '\n' | '\t' => Some(c),
        '\u{1680}' => Some(' '),
        '\u{feff}' | '\u{202d}' | '\u{202e}' => None,
        c if c.is_control() => None,
        c => Some(c),
    }
}

/// Han, kana and the punctuation used with them: lines break between any two, and no space parts words.
pub(super) fn is_written_without_spaces(c: char) -> bool {
    matches!(c as u32, 0x2e80..=0x303f | 0x3040..=0x30ff | 0x3400..=0x9fff | 0xf900..=0xfaff | 0xfe30..=0xfe4f | 0xff00..=0xffef | 0x20000..=0x3ffff)
}

/// Begins a paragraph whose lines are not stretched to the edge, whatever the house does; `]` ends it.
pub(super) const RAGGED: &str = "#[#set par(justify: false)\n";
/// Words longer than this, such as addresses of pages, leave lines that stretching would pull apart.
const GAP_WORD_CHARS: usize = 30;

/// Whether a text has a word that leaves a gap in the line before it.
pub(super) fn has_gap_word(text: &str) -> bool {
    text.len() > GAP_WORD_CHARS && text.split(parts_words).any(|word| word.chars().nth(GAP_WORD_CHARS).is_some())
}

/// Where a text can be cut without tearing a word that a line should not break in.
pub(super) fn parts_words(c: char) -> bool {
    c.is_whitespace() || is_written_without_spaces(c) || breaks_by_dictionary(c)
}

/// Thai, Lao, Burmese and Khmer part their words by no sign: Typst knows them and breaks lines between them by itself.
fn breaks_by_dictionary(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}')
}

/// Combining marks, joiners, variation selectors, skin tones and the tags of flags.
fn belongs_to_the_one_before(c: char) -> bool {
    c.general_category_group() == GeneralCategoryGroup::Mark
        || matches!(c, '\u{200c}' | '\u{200d}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0020}'..='\u{e007f}')
}

/// Finds the line of a byte offset.
#[derive(Debug)]
pub(crate) struct LineTable(Vec<usize>);

impl LineTable {
    /// Indexes the line starts of a text.
    pub(crate) fn new(text: &str) -> Self {
        Self(std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect())
    }

    /// The line, from 1.
    pub(crate) fn line(&self, offset: usize) -> u32 {
        u32::try_from(self.0.partition_point(|&start| start <= offset)).unwrap_or(u32::MAX)
    }
}

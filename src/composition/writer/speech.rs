//! Speeches: paragraphs are numbered and measured, pauses and cues told apart from words that are spoken.
//!
//! Marks: ` / ` a pause, ` // ` a long one, `[SLIDE 3]` a cue in capitals.

use serde::{Deserialize, Serialize};

use super::{Markup, Writer, markup};

/// What one paragraph of a speech asks of the speaker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct SpokenParagraph {
    /// Words of scripts that part them by spaces.
    pub words: usize,
    /// Han, kana and Hangul characters.
    pub characters: usize,
    /// Marked pauses.
    pub pauses: usize,
    /// Marked long pauses.
    pub long_pauses: usize,
}

/// A stretch of spoken text.
enum Mark<'a> {
    Words(&'a str),
    Pause(u8),
    Cue(&'a str),
}

impl Writer<'_, '_, '_> {
    /// Writes the paragraph between the events `start` and `end` as `b.paragraph(n, …)`.
    pub(super) fn write_spoken_paragraph(&mut self, start: usize, end: usize) {
        let number = self.paragraphs.len();
        self.paragraphs.push(SpokenParagraph::default());
        open_paragraph(self.out, number);
        self.run_in += 1;
        self.write_apart(start + 1..end);
        self.run_in -= 1;
        self.out.code("]#parbreak()\n");
    }

    /// Writes text with its marks, and counts what is spoken.
    pub(super) fn write_spoken_text(&mut self, text: &str, line: Option<u32>) {
        let spoken = write_marked(self.out, text, line, self.word_limit);
        if let Some(paragraph) = self.paragraphs.last_mut() {
            paragraph.add(spoken);
        }
    }
}

impl SpokenParagraph {
    pub(super) fn add(&mut self, more: Self) {
        self.words += more.words;
        self.characters += more.characters;
        self.pauses += more.pauses;
        self.long_pauses += more.long_pauses;
    }
}

/// Opens the paragraph of this number, from 0; `]` closes it.
pub(super) fn open_paragraph(out: &mut Markup, number: usize) {
    out.code(&format!("#(b.at(\"paragraph\", default: (n, it) => it))({number})["));
}

/// Writes text with its marks; returns what is spoken of it.
pub(super) fn write_marked(out: &mut Markup, text: &str, line: Option<u32>, word_limit: usize) -> SpokenParagraph {
    let mut spoken = SpokenParagraph::default();
    for mark in marks(text) {
        match mark {
            Mark::Words(words) => {
                out.text(words, line, word_limit);
                spoken.add(spoken_length(words));
            }
            Mark::Pause(level) => {
                out.code(&format!("#(b.at(\"pause\", default: level => none))({level})"));
                spoken.pauses += usize::from(level == 1);
                spoken.long_pauses += usize::from(level == 2);
            }
            Mark::Cue(cue) => {
                out.code("#(b.at(\"cue\", default: it => none))(");
                out.literal(cue, line, word_limit);
                out.code(")");
            }
        }
    }
    spoken
}

/// Counts the words and characters of a text.
pub(crate) fn spoken_length(text: &str) -> SpokenParagraph {
    let mut length = SpokenParagraph::default();
    let mut in_word = false;
    for c in text.chars() {
        let is_character = c.is_alphanumeric() && (markup::is_written_without_spaces(c) || matches!(c as u32, 0xac00..=0xd7af));
        length.characters += usize::from(is_character);
        let is_word = c.is_alphanumeric() && !is_character;
        length.words += usize::from(is_word && !in_word);
        in_word = is_word || (in_word && matches!(c, '\'' | '’' | '-'));
    }
    length
}

/// Takes a text apart at its marks. A slash counts only where it stands alone: between spaces, at an end, or behind a Chinese sign.
fn marks(text: &str) -> Vec<Mark<'_>> {
    let mut marks = Vec::new();
    let (mut start, mut at) = (0, 0);
    while let Some(offset) = text[at..].find(['/', '[']) {
        let here = at + offset;
        match mark_at(text, here) {
            Some((mut end, mark)) => {
                let words = &text[start..here];
                let behind = text[end..].trim_start();
                // In Chinese and Japanese the spaces about a mark are the mark's alone: a copy without marks would have a gap there. Elsewhere the
                // one after it is, so that such a copy has no two in a row.
                let joins = joins(words, behind);
                if joins || here == start || words.ends_with(char::is_whitespace) {
                    end = text.len() - behind.len();
                }
                let words = if joins { words.trim_end() } else { words };
                if !words.is_empty() {
                    marks.push(Mark::Words(words));
                }
                marks.push(mark);
                (start, at) = (end, end);
            }
            None => at = here + 1,
        }
    }
    if start < text.len() {
        marks.push(Mark::Words(&text[start..]));
    }
    marks
}

/// Whether two stretches of text are written without a space between them.
fn joins(before: &str, behind: &str) -> bool {
    let is_han = |c: Option<char>| c.is_some_and(markup::is_written_without_spaces);
    is_han(before.trim_end().chars().last()) && is_han(behind.chars().next())
}

fn mark_at(text: &str, at: usize) -> Option<(usize, Mark<'_>)> {
    let rest = &text[at..];
    if rest.starts_with('[') {
        let end = rest.find(']')?;
        let cue = &rest[1..end];
        // One capital alone is a letter that an editor changed: "[T]he house".
        let is_cue =
            cue.chars().count() <= 60 && cue.chars().filter(|c| c.is_uppercase()).count() > 1 && !cue.chars().any(char::is_lowercase);
        return is_cue.then(|| (at + end + 1, Mark::Cue(cue)));
    }
    let slashes = rest.len() - rest.trim_start_matches('/').len();
    let alone = |c: Option<char>| c.is_none_or(char::is_whitespace);
    let (before, after) = (text[..at].chars().last(), rest[slashes..].chars().next());
    // Chinese and Japanese have no spaces: there the sign that ends a part of a sentence parts the mark from it.
    let behind_sign = before.is_some_and(|c| "，。、；：！？…—”’」』）》".contains(c));
    let before_text = alone(after) || after.is_some_and(markup::is_written_without_spaces);
    let stands_alone = slashes <= 2 && (alone(before) && alone(after) || behind_sign && before_text);
    stands_alone.then(|| (at + slashes, Mark::Pause(if slashes == 2 { 2 } else { 1 })))
}

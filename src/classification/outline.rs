//! The outline of a note: its lines, each with what it is (heading, list item, table row, code, text).
//!
//! One linear pass over the text that looks at markers only; it is no Markdown parser and nothing is printed from
//! it. What it takes for a heading decides a title or a type, never what a page holds.

use super::plain::{floor, plain, tidy};
use crate::reading::{Format, Submission};

/// How many lines are looked at: what stands further down is printed all the same but nothing is picked out of it.
pub(super) const MAX_LINES: usize = 100_000;
/// How much text is looked at.
pub(super) const MAX_BYTES: usize = 4 << 20;
/// How much of one line is looked at.
const MAX_LINE_BYTES: usize = 8_000;

/// The lines of a note.
pub(super) struct Outline<'a> {
    /// In order, from the first.
    pub lines: Vec<Line<'a>>,
    /// Whether there were more than [`MAX_LINES`] or [`MAX_BYTES`].
    pub cut: bool,
    /// Whether the text is Markdown.
    pub markup: bool,
}

/// A line.
#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    /// Its number in the body, from 1.
    pub number: u32,
    /// Its number in the note's file, from 1.
    pub file_line: u32,
    /// As written, cut at [`MAX_LINE_BYTES`].
    pub raw: &'a str,
    /// What it is.
    pub kind: Kind,
}

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing.
    Blank,
    /// A heading of this level, from 1.
    Heading(u8),
    /// The underline of a heading, or a rule.
    Rule,
    /// In a fenced block, or its fence.
    Code,
    /// In an HTML comment, a link's definition, or an HTML tag alone.
    Silent,
    /// A list item.
    Item,
    /// A row of a pipe table.
    Row,
    /// Anything else.
    Text,
}

/// A list item taken apart.
#[derive(Clone, Copy)]
pub(super) struct Item<'a> {
    /// Columns before its marker.
    pub indent: usize,
    /// `[x]` or `[ ]`, where it has a box.
    pub checked: Option<bool>,
    /// Its text.
    pub text: &'a str,
}

impl<'a> Outline<'a> {
    /// Reads the lines of a note.
    pub(super) fn of(note: &'a Submission) -> Self {
        let markup = note.format != Format::Text;
        let body = floor(&note.body.text, MAX_BYTES);
        let mut cut = body.len() < note.body.text.len();
        let mut reader = Reader { markup, fence: None, comment: false };
        let mut lines: Vec<Line<'a>> = Vec::new();
        for (raw, number) in body.lines().zip(1_u32..) {
            if lines.len() == MAX_LINES {
                cut = true;
                break;
            }
            let raw = floor(raw, MAX_LINE_BYTES);
            let kind = reader.kind(raw, lines.last_mut());
            lines.push(Line { number, file_line: note.file_line(number), raw, kind });
        }
        Self { lines, cut, markup }
    }

    /// The headings with their place in [`Outline::lines`].
    pub(super) fn headings(&self) -> impl Iterator<Item = (usize, &Line<'a>)> {
        self.lines.iter().enumerate().filter(|(_, line)| matches!(line.kind, Kind::Heading(_)))
    }

    /// The plain text of a line: no heading marks, no bullet, no emphasis, links as their text.
    pub(super) fn plain(&self, line: &Line<'_>) -> String {
        self.plain_text(line.content())
    }

    /// A part of a line as plain text.
    pub(super) fn plain_text(&self, text: &str) -> String {
        if self.markup { plain(text) } else { tidy(text) }
    }
}

impl<'a> Line<'a> {
    /// Whether it holds nothing.
    pub(super) fn is_blank(&self) -> bool {
        self.kind == Kind::Blank
    }

    /// The line without its marker: heading marks, quotation marks of a block quote, bullet, number, box.
    pub(super) fn content(&self) -> &'a str {
        match self.kind {
            Kind::Heading(_) => heading_text(self.raw),
            Kind::Item => self.item().map_or(self.raw.trim(), |item| item.text),
            _ => self.raw.trim().trim_start_matches(['>', ' ']),
        }
    }

    /// Its parts, if it is a list item.
    pub(super) fn item(&self) -> Option<Item<'a>> {
        if self.kind == Kind::Item { item(self.raw) } else { None }
    }

    /// The text of a line that stands as a heading without being marked as one: all bold, or short and ending in
    /// a colon.
    pub(super) fn label(&self) -> Option<&'a str> {
        if !matches!(self.kind, Kind::Text | Kind::Item) || self.raw.len() > 200 {
            return None;
        }
        let text = self.content();
        for marks in ["**", "__"] {
            if let Some(inner) = text.trim_end_matches([':', '：']).strip_prefix(marks).and_then(|rest| rest.strip_suffix(marks)) {
                return (!inner.contains(marks)).then_some(inner.trim_end_matches([':', '：']));
            }
        }
        if let Some(inner) = text.strip_prefix('【').or_else(|| text.strip_prefix('■')) {
            return Some(inner.trim_end_matches(['】', ':', '：']).trim());
        }
        let inner = text.strip_suffix(':').or_else(|| text.strip_suffix('：'))?;
        (inner.chars().count() <= 60 && !inner.contains("://")).then(|| inner.trim())
    }
}

/// What has to be remembered from line to line.
struct Reader {
    markup: bool,
    fence: Option<(u8, usize)>,
    comment: bool,
}

impl Reader {
    fn kind(&mut self, raw: &str, before: Option<&mut Line<'_>>) -> Kind {
        let text = raw.trim();
        if text.is_empty() {
            return if self.fence.is_some() { Kind::Code } else { Kind::Blank };
        }
        if !self.markup {
            return if item(raw).is_some() { Kind::Item } else { Kind::Text };
        }
        if self.fenced(text) {
            return Kind::Code;
        }
        if self.comment || text.starts_with("<!--") {
            self.comment = !text.contains("-->");
            return Kind::Silent;
        }
        if let Some(level) = heading_level(raw) {
            return Kind::Heading(level);
        }
        if let Some(level) = underline_level(text) {
            if let Some(line) = before.filter(|line| line.kind == Kind::Text && !line.raw.starts_with("    ")) {
                line.kind = Kind::Heading(level);
            }
            return Kind::Rule;
        }
        if item(raw).is_some() {
            return if is_rule(text) { Kind::Rule } else { Kind::Item };
        }
        if text.starts_with('|') || text.matches(" | ").take(2).count() == 2 {
            return Kind::Row;
        }
        if is_silent(text) { Kind::Silent } else { Kind::Text }
    }

    /// Follows fences; whether this line belongs to one.
    fn fenced(&mut self, text: &str) -> bool {
        let mark = text.as_bytes()[0];
        let run = text.bytes().take_while(|byte| *byte == mark).count();
        let is_fence = run >= 3 && (mark == b'~' || (mark == b'`' && !text[run..].contains('`')));
        match self.fence {
            None if is_fence => self.fence = Some((mark, run)),
            None => return false,
            Some((open, length)) if is_fence && mark == open && run >= length && text.len() == run => self.fence = None,
            Some(_) => {}
        }
        true
    }
}

/// The level of `## Heading`.
fn heading_level(raw: &str) -> Option<u8> {
    let text = raw.trim_start_matches(' ');
    if raw.len() - text.len() > 3 {
        return None;
    }
    let level = text.bytes().take_while(|byte| *byte == b'#').count();
    let rest = &text[level.min(text.len())..];
    let fits = (1..=6).contains(&level) && (rest.is_empty() || rest.starts_with([' ', '\t', '\u{3000}']));
    fits.then(|| u8::try_from(level).unwrap_or(6))
}

/// The text of a heading line, marks of `## Heading ##` taken away.
fn heading_text(raw: &str) -> &str {
    let text = raw.trim();
    let Some(_) = heading_level(raw) else { return text };
    let inner = text.trim_start_matches('#').trim();
    let without = inner.trim_end_matches('#');
    if without.len() < inner.len() && (without.is_empty() || without.ends_with(' ')) { without.trim_end() } else { inner }
}

/// The level that `===` or `---` below a line gives it.
fn underline_level(text: &str) -> Option<u8> {
    let all = |mark: u8| text.bytes().all(|byte| byte == mark);
    if all(b'=') {
        Some(1)
    } else if all(b'-') && text.len() >= 2 {
        Some(2)
    } else {
        None
    }
}

/// Whether a line is `***`, `- - -` or the like.
fn is_rule(text: &str) -> bool {
    ['-', '*', '_'].iter().any(|mark| text.matches(*mark).count() >= 3 && text.chars().all(|c| c == *mark || c == ' '))
}

/// Whether a line prints no words: a link's definition, a tag alone, an attribute list.
fn is_silent(text: &str) -> bool {
    let definition = text.starts_with('[') && text.find("]:").is_some_and(|at| !text[..at].contains(' ') || text[at..].contains("://"));
    let tag = text.starts_with('<') && text.ends_with('>') && text.matches('<').take(2).count() == 1 && !text.contains("://");
    definition || tag || (text.starts_with("{:") && text.ends_with('}'))
}

/// Takes a list item apart.
fn item(raw: &str) -> Option<Item<'_>> {
    let text = raw.trim_start();
    let indent = raw[..raw.len() - text.len()].chars().map(|c| if c == '\t' { 4 } else { 1 }).sum();
    let rest = bullet(text).or_else(|| numbered(text))?;
    let rest = rest.trim();
    let (checked, text) = checkbox(rest);
    Some(Item { indent, checked, text })
}

fn bullet(text: &str) -> Option<&str> {
    let first = text.chars().next()?;
    let rest = &text[first.len_utf8()..];
    match first {
        '-' | '*' | '+' | '–' | '—' => rest.starts_with([' ', '\t']).then_some(rest),
        '•' | '·' | '●' | '○' | '▪' | '◦' | '・' | '★' => Some(rest),
        _ => None,
    }
}

/// `1.`, `1)`, `(1)`, `（1）`, `1、`.
fn numbered(text: &str) -> Option<&str> {
    let open = text.starts_with(['(', '（']);
    let inner = if open { text.trim_start_matches(['(', '（']) } else { text };
    let digits = inner.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 || digits > 3 {
        return None;
    }
    let rest = &inner[digits..];
    let mark = rest.chars().next()?;
    let after = &rest[mark.len_utf8()..];
    match mark {
        ')' | '.' if !open => after.starts_with([' ', '\t']).then_some(after),
        ')' if open => Some(after),
        '）' | '、' => Some(after),
        _ => None,
    }
}

fn checkbox(text: &str) -> (Option<bool>, &str) {
    for (mark, checked) in [("[ ]", false), ("[x]", true), ("[X]", true)] {
        if let Some(rest) = text.strip_prefix(mark).filter(|rest| rest.is_empty() || rest.starts_with([' ', '\t'])) {
            return (Some(checked), rest.trim_start());
        }
    }
    (None, text)
}

//! Raw HTML in a note, taken apart: the text between tags is kept, tags that HTML knows are honoured or dropped,
//! `<name of member>` and the like print as they were written, comments are dropped with a warning.

use pulldown_cmark::{Event, Parser};

use super::Writer;
use crate::reading::html_element;

/// No character reference is longer.
const MAX_REFERENCE_BYTES: usize = 34;

/// A stretch of HTML source.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Piece<'a> {
    Text(&'a str),
    Tag(Tag<'a>),
    /// A whole comment, as written.
    Comment(&'a str),
}

/// A tag that HTML knows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Tag<'a> {
    /// The element's name in lower case.
    pub name: &'static str,
    /// Whether it ends the element.
    pub closes: bool,
    source: &'a str,
}

impl Tag<'_> {
    /// Whether an attribute stands there, with a value or without.
    pub(super) fn is_set(&self, name: &str) -> bool {
        self.source.split(|c: char| c.is_whitespace() || matches!(c, '=' | '/' | '>')).any(|word| word.eq_ignore_ascii_case(name))
    }

    /// The value of an attribute, its character references read.
    pub(super) fn attribute(&self, name: &str) -> Option<String> {
        attribute(self.source, name).map(|value| decoded(&value))
    }
}

impl Writer<'_, '_, '_> {
    /// Writes one raw HTML block; returns the event after it.
    pub(super) fn write_html_block(&mut self, index: usize) -> usize {
        let end = self.end_of(index);
        let line = self.line(index);
        let mut source = String::new();
        for (event, _) in &self.events[index + 1..end] {
            if let Event::Html(text) | Event::Text(text) = event {
                source.push_str(text);
            }
        }
        self.write_html(&source, line);
        self.close_unclosed(end);
        self.break_paragraph();
        end + 1
    }

    /// Writes a piece of HTML source.
    pub(super) fn write_html(&mut self, source: &str, line: Option<u32>) {
        let pieces = pieces(source);
        let (mut at, mut next) = (line, 0);
        while let Some(piece) = pieces.get(next) {
            if let Piece::Tag(tag) = piece
                && self.is_spoken_of(tag, next == 0 && source.contains('\n'))
            {
                self.write_text(tag.source, at);
                next += 1;
                continue;
            }
            let taken = match piece {
                Piece::Tag(tag @ Tag { name: "pre" | "script" | "style", closes: false, .. }) => {
                    self.write_whole(tag, &pieces[next + 1..], at)
                }
                _ => None,
            };
            let count = taken.unwrap_or(0) + 1;
            if taken.is_none() {
                self.write_piece(*piece, at);
            }
            let lines: usize = pieces[next..next + count].iter().map(|piece| piece.source().matches('\n').count()).sum();
            at = at.map(|line| line + u32::try_from(lines).unwrap_or(0));
            next += count;
        }
    }

    /// Whether somebody writes about a tag (`the <style> of a page`) rather than with it: GFM prints tags of this kind, which
    /// browsers would not print (0.29, section 6.11). One that begins a block, or is ended, is meant.
    fn is_spoken_of(&self, tag: &Tag<'_>, begins_block: bool) -> bool {
        let is_of_browsers = matches!(tag.name, "script" | "style" | "textarea" | "iframe");
        is_of_browsers && !tag.closes && !begins_block && !self.last_ends.contains_key(tag.name)
    }

    fn write_piece(&mut self, piece: Piece<'_>, line: Option<u32>) {
        let may_be_counterpart = match piece {
            Piece::Text(text) => text.trim().is_empty(),
            Piece::Tag(tag) => tag.name == "div" && !tag.closes,
            Piece::Comment(_) => true,
        };
        if !may_be_counterpart {
            self.write_beside();
        }
        match piece {
            Piece::Text(text) => self.write_html_text(text, line),
            Piece::Comment(_) => {
                if !self.comment_seen {
                    self.warn("html-comment", "a comment (<!-- … -->) in the note is not printed".to_owned(), line);
                }
                self.comment_seen = true;
            }
            Piece::Tag(tag) if tag.closes => self.close_element(tag.name),
            Piece::Tag(tag) => self.open_element(&tag, line),
        }
    }

    /// Writes an element whose text is not set as text is: code keeps its lines, programs are not printed. Returns how
    /// many pieces that took; `None` if its end is not among them.
    fn write_whole(&mut self, tag: &Tag<'_>, after: &[Piece<'_>], line: Option<u32>) -> Option<usize> {
        let end = after.iter().position(|piece| matches!(piece, Piece::Tag(end) if end.closes && end.name == tag.name))?;
        if tag.name == "pre" {
            if !self.can_break() {
                return None;
            }
            let text: String = after[..end].iter().map(|piece| piece.preformatted()).collect();
            let text = text.strip_prefix('\n').unwrap_or(&text);
            self.break_paragraph();
            self.write_raw_block(text, None, line);
        } else {
            let message = format!("what stands between <{0}> and </{0}> is for a browser and is not printed", tag.name);
            self.warn("html-program", message, line);
        }
        Some(end + 1)
    }

    fn write_html_text(&mut self, text: &str, line: Option<u32>) {
        if text.starts_with("<!--") {
            self.warn(
                "html-comment-open",
                "a comment begins here (<!--) and never ends (-->): it is printed as it was written".to_owned(),
                line,
            );
        }
        let mut at = line;
        for (index, paragraph) in text.split("\n\n").enumerate() {
            if index > 0 {
                self.break_paragraph();
            }
            self.write_html_paragraph(paragraph, at);
            at = at.map(|line| line + u32::try_from(paragraph.matches('\n').count() + 2).unwrap_or(0));
        }
    }

    fn write_html_paragraph(&mut self, text: &str, line: Option<u32>) {
        let joined = decoded(text).split(|c: char| c.is_ascii_whitespace()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        if joined.is_empty() {
            self.out.code(if text.is_empty() || self.out.begins_line() { "" } else { "#\" \"" });
            return;
        }
        let before = if text.starts_with(char::is_whitespace) && !self.out.begins_line() { " " } else { "" };
        let after = if text.ends_with(char::is_whitespace) { " " } else { "" };
        self.write_text(&format!("{before}{joined}{after}"), line);
    }
}

impl<'a> Piece<'a> {
    fn source(&self) -> &'a str {
        match self {
            Piece::Text(text) | Piece::Comment(text) => text,
            Piece::Tag(tag) => tag.source,
        }
    }

    /// What it prints where each line and blank counts.
    fn preformatted(&self) -> String {
        match self {
            Piece::Text(text) => decoded(text),
            Piece::Tag(Tag { name: "br", .. }) => "\n".to_owned(),
            _ => String::new(),
        }
    }
}

/// Takes HTML source apart.
fn pieces(source: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut text_start, mut at) = (0, 0);
    while let Some(offset) = source[at..].find('<') {
        let start = at + offset;
        let Some((end, piece)) = comment_at(source, start).or_else(|| tag_at(source, start)) else {
            at = start + 1;
            continue;
        };
        if start > text_start {
            pieces.push(Piece::Text(&source[text_start..start]));
        }
        pieces.push(piece);
        (text_start, at) = (end, end);
    }
    if text_start < source.len() {
        pieces.push(Piece::Text(&source[text_start..]));
    }
    pieces
}

/// A comment that ends; one that nobody closed would swallow the rest of the note, so its mark is text.
fn comment_at(source: &str, start: usize) -> Option<(usize, Piece<'_>)> {
    let rest = source[start..].strip_prefix("<!--")?;
    let length = if rest.starts_with('>') {
        5
    } else if rest.starts_with("->") {
        6
    } else {
        4 + rest.find("-->")? + 3
    };
    Some((start + length, Piece::Comment(&source[start..start + length])))
}

/// A known opening or closing tag with its attributes, if one stands at `start`.
fn tag_at(source: &str, start: usize) -> Option<(usize, Piece<'_>)> {
    let rest = &source[start..];
    let name = html_element(rest)?;
    let mut quote = None;
    let length = rest.char_indices().find_map(|(at, c)| {
        match (quote, c) {
            (None, '>') => return Some(at + 1),
            // A mark begins a value only after `=`; anywhere else it is a slip, and must not swallow the rest.
            (None, '"' | '\'') if rest[..at].trim_end().ends_with('=') && rest[at + 1..].contains(c) => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
        None
    })?;
    let source = &rest[..length];
    Some((start + length, Piece::Tag(Tag { name, closes: source.starts_with("</"), source })))
}

/// A text with its character references (`&amp;`, `&#8364;`) as the characters that they stand for.
fn decoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let reference = rest.find(';').map(|end| &rest[..=end]).filter(|text| text.len() <= MAX_REFERENCE_BYTES);
        let name = reference.filter(|text| text[1..text.len() - 1].chars().all(|c| c.is_ascii_alphanumeric() || c == '#'));
        let Some(name) = name else {
            out.push('&');
            rest = &rest[1..];
            continue;
        };
        out.extend(Parser::new(name).filter_map(|event| if let Event::Text(text) = event { Some(text.into_string()) } else { None }));
        rest = &rest[name.len()..];
    }
    out.push_str(rest);
    out
}

/// The value of an attribute in a tag's source.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let lower = tag.to_ascii_lowercase();
    let mut from = 0;
    while let Some(offset) = lower[from..].find(name) {
        let at = from + offset;
        from = at + name.len();
        let value = lower[from..].trim_start();
        if !lower[..at].ends_with(|c: char| c.is_whitespace() || c == '"' || c == '\'') || !value.starts_with('=') {
            continue;
        }
        let value = tag[tag.len() - value.len() + 1..].trim_start();
        let value = match value.chars().next()? {
            quote @ ('"' | '\'') => value[1..].split(quote).next()?,
            _ => value.split(|c: char| c.is_whitespace() || c == '>').next()?,
        };
        return Some(value.to_owned());
    }
    None
}

//! Raw HTML in a note: the text between tags is kept, tags that HTML knows are dropped, `<name of member>` and the
//! like print as they were written, comments are dropped with a warning.

use pulldown_cmark::{Event, Parser};

use super::Writer;
use crate::reading::html_element;

/// Elements that begin and end a paragraph.
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "center",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "tbody",
    "thead",
    "tr",
    "ul",
];

/// No character reference is longer.
const MAX_REFERENCE_BYTES: usize = 34;

/// A stretch of HTML source.
#[derive(Debug, PartialEq)]
enum Piece<'a> {
    Text(&'a str),
    /// A known tag: its lower-case name and its source.
    Tag(String, &'a str),
    /// A whole comment, as written.
    Comment(&'a str),
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
        self.out.code("#parbreak()\n");
        end + 1
    }

    /// Writes a piece of HTML source.
    pub(super) fn write_html(&mut self, source: &str, line: Option<u32>) {
        let mut at = line;
        for piece in pieces(source) {
            let length = match piece {
                Piece::Text(text) => {
                    self.write_html_text(text, at);
                    text
                }
                Piece::Comment(comment) => {
                    if !self.comment_seen {
                        self.warn("html-comment", "a comment (<!-- … -->) in the note is not printed".to_owned(), at);
                    }
                    self.comment_seen = true;
                    comment
                }
                Piece::Tag(name, tag) => {
                    self.write_tag(&name, tag, at);
                    tag
                }
            };
            at = at.map(|line| line + u32::try_from(length.matches('\n').count()).unwrap_or(0));
        }
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
            // A table cell or a footnote is set in one paragraph.
            if index > 0 {
                self.out.code(if self.open.is_empty() { "#parbreak()\n" } else { "#\" \"" });
            }
            self.write_html_paragraph(paragraph, at);
            at = at.map(|line| line + u32::try_from(paragraph.matches('\n').count() + 2).unwrap_or(0));
        }
    }

    fn write_html_paragraph(&mut self, text: &str, line: Option<u32>) {
        let joined = decoded(text).split_whitespace().collect::<Vec<_>>().join(" ");
        if joined.is_empty() {
            self.out.code(if text.is_empty() { "" } else { "#\" \"" });
            return;
        }
        let before = if text.starts_with(char::is_whitespace) { " " } else { "" };
        let after = if text.ends_with(char::is_whitespace) { " " } else { "" };
        self.out.text(&format!("{before}{joined}{after}"), line, self.word_limit);
    }

    fn write_tag(&mut self, name: &str, source: &str, line: Option<u32>) {
        match name {
            "br" => self.out.code("#linebreak()"),
            "td" | "th" => self.out.code("#\" \""),
            "img" if !source.starts_with("</") => {
                let address = attribute(source, "src").unwrap_or_default();
                let alternative = decoded(&attribute(source, "alt").unwrap_or_default());
                if !address.is_empty() {
                    self.place_image(&address, &alternative, false, line);
                }
            }
            // A table cell or a footnote is set in one paragraph more easily than in several, so inline HTML that
            // stands inside other elements only parts words.
            name if BLOCKS.contains(&name) => self.out.code(if self.open.is_empty() { "#parbreak()\n" } else { "#\" \"" }),
            _ => {}
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
    let end = start + 4 + rest.find("-->")? + 3;
    Some((end, Piece::Comment(&source[start..end])))
}

/// A known opening or closing tag with its attributes, if one stands at `start`.
fn tag_at(source: &str, start: usize) -> Option<(usize, Piece<'_>)> {
    let name = html_element(&source[start..])?;
    let end = start + source[start..].find('>')? + 1;
    Some((end, Piece::Tag(name, &source[start..end])))
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
        if !lower[..at].ends_with(char::is_whitespace) || !value.starts_with('=') {
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

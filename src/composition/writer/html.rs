//! Raw HTML in a note: the text between tags is kept, tags that HTML knows are dropped, `<name of member>` and the
//! like print as they were written, comments are dropped with a warning.

use pulldown_cmark::Event;

use super::Writer;

/// The elements of HTML that say something about text; any other `<word>` is a word of the note.
const KNOWN: &[&str] = &[
    "a",
    "abbr",
    "address",
    "article",
    "aside",
    "b",
    "bdi",
    "bdo",
    "big",
    "blockquote",
    "br",
    "button",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "font",
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
    "i",
    "iframe",
    "img",
    "input",
    "ins",
    "kbd",
    "label",
    "li",
    "main",
    "mark",
    "nav",
    "ol",
    "p",
    "picture",
    "pre",
    "q",
    "s",
    "samp",
    "section",
    "small",
    "source",
    "span",
    "strike",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "tt",
    "u",
    "ul",
    "var",
    "video",
    "wbr",
];

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

/// A stretch of HTML source.
#[derive(Debug, PartialEq)]
enum Piece<'a> {
    Text(&'a str),
    /// A known tag: its lower-case name and its source.
    Tag(String, &'a str),
    Comment,
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
        let mut line = line;
        for piece in pieces(source) {
            match piece {
                Piece::Text(text) => {
                    self.write_html_text(text, line);
                    line = line.map(|line| line + u32::try_from(text.matches('\n').count()).unwrap_or(0));
                }
                Piece::Comment => {
                    if !self.comment_seen {
                        self.warn("html-comment", "a comment (<!-- … -->) in the note is not printed".to_owned(), line);
                    }
                    self.comment_seen = true;
                }
                Piece::Tag(name, source) => self.write_tag(&name, source, line),
            }
        }
    }

    fn write_html_text(&mut self, text: &str, line: Option<u32>) {
        let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if joined.is_empty() {
            if !text.is_empty() {
                self.out.code("#\" \"");
            }
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
                let alternative = attribute(source, "alt").unwrap_or_default();
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

fn comment_at(source: &str, start: usize) -> Option<(usize, Piece<'_>)> {
    let rest = source[start..].strip_prefix("<!--")?;
    let end = rest.find("-->").map_or(source.len(), |at| start + 4 + at + 3);
    Some((end, Piece::Comment))
}

/// A known opening or closing tag with its attributes, if one stands at `start`.
fn tag_at(source: &str, start: usize) -> Option<(usize, Piece<'_>)> {
    let rest = &source[start + 1..];
    let rest = rest.strip_prefix('/').unwrap_or(rest);
    let name_len = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
    let name = rest[..name_len].to_ascii_lowercase();
    let known = KNOWN.binary_search(&name.as_str()).is_ok();
    let after = rest[name_len..].chars().next()?;
    if !known || !(after == '>' || after == '/' || after.is_whitespace()) {
        return None;
    }
    let end = source.len() - rest.len() + rest.find('>')? + 1;
    Some((end, Piece::Tag(name, &source[start..end])))
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

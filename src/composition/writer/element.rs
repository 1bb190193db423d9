//! The elements of HTML that are honoured. They nest with those of Markdown: where an element of Markdown ends, those
//! of HTML that were begun in it end too.

use super::html::Tag;
use super::{Open, Writer, gathering};

/// Elements of Markdown and HTML within each other beyond this depth are not opened: Typst's own recursion ends near 60.
const MAX_NESTING: usize = 12;
/// Lists and tables of HTML within each other.
const MAX_GATHERINGS: usize = 4;

/// The line under a text is the lower edge of a highlight: PDF/UA allows no underline together with a strike-through.
const UNDERLINED: &str = "#highlight(fill: none, stroke: (bottom: 0.5pt), top-edge: 0.7em, bottom-edge: -0.16em)[";
const MARKED: &str = "#highlight(fill: rgb(\"#FFF1A8\"))[";
const KEY: &str = "#highlight(fill: luma(93%), stroke: 0.4pt + luma(60%), radius: 1.5pt)[";

/// Elements that begin and end a paragraph and do no more.
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "aside",
    "caption",
    "dd",
    "details",
    "div",
    "dl",
    "figcaption",
    "figure",
    "footer",
    "form",
    "header",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "tbody",
    "tfoot",
    "thead",
    "tr",
    "ul",
];

/// What closes the elements that open with a bracket.
const INLINE: &str = "]";
const BLOCK: &str = "]#parbreak()\n";

impl Writer<'_, '_, '_> {
    /// Opens an element, or does what it says if it has no text.
    pub(super) fn open_element(&mut self, tag: &Tag<'_>, line: Option<u32>) {
        let name = tag.name;
        match name {
            "br" => self.out.code("#linebreak()"),
            "hr" => {
                self.break_paragraph();
                if self.can_break() {
                    self.write_rule();
                }
            }
            "img" => {
                let address = tag.attribute("src").unwrap_or_default();
                let alternative = tag.attribute("alt").unwrap_or_default();
                if !address.is_empty() {
                    self.place_image(&address, alternative.trim(), false, line);
                }
            }
            "input" if tag.attribute("type").is_some_and(|kind| kind.eq_ignore_ascii_case("checkbox")) => {
                let ticked = tag.is_set("checked");
                self.out.text(if ticked { "☑" } else { "☐" }, line, self.word_limit);
            }
            "a" => {
                let address = tag.attribute("href").unwrap_or_default();
                let is_link = self.may_nest() && super::inline::is_link(&address) && !self.is_open("a");
                if is_link {
                    self.out.code("#link(");
                    self.out.literal(&address, None, usize::MAX);
                    self.out.code(")[");
                }
                self.push_element(name, if is_link { INLINE } else { "" });
            }
            "span" => self.open_span(tag),
            "code" | "samp" | "tt" | "pre" => self.push_element(name, ""),
            "li" | "td" | "th" | "tr" | "thead" | "tbody" | "tfoot" | "caption" if self.in_gathering(name) => self.open_part(tag),
            "ul" | "ol" | "table" if self.can_break() && self.gatherings() < MAX_GATHERINGS && self.may_nest() => self.open_gathering(tag),
            "td" | "th" => self.out.code("#\" \""),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" if self.can_break() && self.may_nest() => self.open_html_heading(tag),
            _ => match inline(name) {
                Some(opening) => self.push_opening(name, opening, INLINE),
                None => self.open_block(tag),
            },
        }
    }

    fn open_block(&mut self, tag: &Tag<'_>) {
        let name = tag.name;
        if name == "p" || BLOCKS.contains(&name) {
            // The end of a paragraph is mostly left out.
            self.close_open_paragraph();
        }
        if matches!(name, "div" | "p") && self.open_passage(tag) {
            return;
        }
        let aligned =
            if name == "center" { Some("center".to_owned()) } else { tag.attribute("align").map(|side| side.to_ascii_lowercase()) };
        let opening = match (name, aligned.as_deref()) {
            ("blockquote", _) => "#quote(block: true)[",
            ("summary" | "dt", _) => "#strong[",
            ("dd", _) => "#pad(left: 1.4em)[",
            ("center" | "p" | "div", Some("center")) => "#align(center)[",
            ("p" | "div", Some("right")) => "#align(right)[",
            _ => "",
        };
        if !opening.is_empty() && self.can_break() {
            self.break_paragraph();
            self.push_opening(name, opening, BLOCK);
        } else if BLOCKS.contains(&name) || !opening.is_empty() {
            self.break_paragraph();
            self.push_element(name, "");
        }
    }

    fn open_html_heading(&mut self, tag: &Tag<'_>) {
        self.break_paragraph();
        let level = self.plan.next_level(tag.name.as_bytes().get(1).map_or(2, |digit| isize::from(digit - b'0')));
        self.out.code(&format!("#heading(level: {level})["));
        self.run_in += 1;
        self.push_element(tag.name, "]\n");
    }

    fn push_opening(&mut self, name: &'static str, opening: &str, closing: &'static str) {
        let nests = self.may_nest();
        self.out.code(if nests { opening } else { "" });
        self.push_element(name, if nests { closing } else { "" });
    }

    pub(super) fn push_element(&mut self, name: &'static str, closing: &'static str) {
        self.open.push(Open::Html { name, closing });
    }

    /// Ends the innermost element of this name, and what is still open in it; one that nothing opened ends nothing.
    pub(super) fn close_element(&mut self, name: &str) {
        if matches!(name, "tr" | "thead" | "tbody" | "tfoot") && self.in_gathering(name) {
            self.end_row(name);
            return;
        }
        let found = self.html_open().find(|(_, open)| open.name() == Some(name)).map(|(at, _)| at);
        match found {
            Some(at) => self.close_to(at),
            None if name == "q" || inline(name).is_some() => {}
            None => self.break_paragraph(),
        }
        if BLOCKS.contains(&name) {
            self.break_paragraph();
        }
    }

    /// Closes elements of HTML until `count` elements are left open.
    pub(super) fn close_to(&mut self, count: usize) {
        while self.open.len() > count {
            match self.open.pop() {
                Some(Open::Html { name, closing }) => {
                    self.out.code(closing);
                    if is_heading(name) && !closing.is_empty() {
                        self.run_in -= 1;
                    }
                }
                Some(Open::Gathering(gathering)) => self.close_gathering(*gathering),
                Some(Open::Part(part)) => self.close_part(part),
                Some(Open::Passage(passage)) => self.close_passage(*passage),
                Some(Open::Markdown(closing)) => self.out.code(closing),
                None => {}
            }
        }
    }

    /// Closes what was begun in HTML within the innermost element of Markdown.
    pub(super) fn close_html(&mut self) {
        let count = self.open.iter().rposition(|open| matches!(open, Open::Markdown(_))).map_or(0, |at| at + 1);
        self.close_to(count);
    }

    /// Closes, at the end of a block of HTML, what will not be closed later: a slip is not to change the whole note.
    pub(super) fn close_unclosed(&mut self, index: usize) {
        let ends_later = |open: &Open| {
            let name = open.name().unwrap_or_default();
            inline(name).is_none() && !is_heading(name) && self.last_ends.get(name).is_some_and(|last| *last > index)
        };
        let unclosed = self.html_open().filter(|(_, open)| !ends_later(open) && !open.is_plain()).map(|(at, _)| at).last();
        if let Some(at) = unclosed {
            self.close_to(at);
        }
    }

    fn close_open_paragraph(&mut self) {
        if self.open.last().is_some_and(|open| open.name() == Some("p")) {
            self.close_to(self.open.len() - 1);
        }
    }

    /// The elements of HTML that are open within the innermost one of Markdown, from the inside.
    pub(super) fn html_open(&self) -> impl Iterator<Item = (usize, &Open)> {
        self.open.iter().enumerate().rev().take_while(|(_, open)| !matches!(open, Open::Markdown(_)))
    }

    pub(super) fn is_open(&self, name: &str) -> bool {
        self.open.iter().any(|open| open.name() == Some(name))
    }

    /// Whether text is to be set as code.
    pub(super) fn in_code(&self) -> bool {
        self.open.iter().any(|open| matches!(open.name(), Some("code" | "samp" | "tt" | "pre")))
    }

    pub(super) fn may_nest(&self) -> bool {
        let html = self.open.iter().filter(|open| !open.is_plain() && !matches!(open, Open::Markdown(_))).count();
        html + self.block_depth + self.inline_depth + self.footnote_depth * 2 < MAX_NESTING
    }

    fn gatherings(&self) -> usize {
        self.open.iter().filter(|open| matches!(open, Open::Gathering(_))).count()
    }

    /// Whether a paragraph can begin here. Within a line it would split what PDF/UA has in one piece.
    pub(super) fn can_break(&self) -> bool {
        let holds_a_line = |open: &Open| match open {
            Open::Html { name, closing } => !closing.is_empty() && (inline(name).is_some() || matches!(*name, "summary" | "dt")),
            _ => false,
        };
        self.run_in == 0 && !self.open.iter().any(holds_a_line)
    }

    /// Begins a paragraph, where there can be one.
    pub(super) fn break_paragraph(&mut self) {
        self.out.code(if self.can_break() { "#parbreak()\n" } else { "#\" \"" });
        self.cut_passage();
    }
}

impl Open {
    /// The name of an element of HTML.
    pub(super) fn name(&self) -> Option<&'static str> {
        match self {
            Open::Markdown(_) => None,
            Open::Html { name, .. } => Some(name),
            Open::Gathering(gathering) => Some(gathering.name),
            Open::Part(part) => Some(gathering::Part::name(part)),
            Open::Passage(_) => Some("div"),
        }
    }

    /// Whether it has no counterpart in Typst.
    pub(super) fn is_plain(&self) -> bool {
        matches!(self, Open::Html { closing: "", name } if !matches!(*name, "code" | "samp" | "tt" | "pre"))
    }
}

pub(super) fn is_heading(name: &str) -> bool {
    matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
}

/// What opens an element within a line.
fn inline(name: &str) -> Option<&'static str> {
    Some(match name {
        "b" | "strong" => "#strong[",
        "i" | "em" | "cite" | "dfn" | "var" => "#emph[",
        "u" | "ins" => UNDERLINED,
        "s" | "del" | "strike" => "#strike[",
        "sub" => "#sub[",
        "sup" => "#super[",
        "mark" => MARKED,
        "kbd" => KEY,
        "small" => "#text(size: 0.85em)[",
        "q" => "#quote(block: false)[",
        "code" | "samp" | "tt" | "a" | "span" => "",
        _ => return None,
    })
}

//! Inline elements: emphasis, links and the line ends of the note.

use std::ops::Range;

use pulldown_cmark::{Event, LinkType};

use super::{Open, Writer, markup};

/// Emphasis nested deeper than this is not opened again.
const MAX_INLINE_NESTING: usize = 8;
/// A link longer than this is printed without being a link: Typst refuses such addresses.
const MAX_LINK_BYTES: usize = 2_000;

impl Writer<'_, '_, '_> {
    pub(super) fn open_inline(&mut self, opening: &str) {
        self.inline_depth += 1;
        self.run_in += 1;
        let opened = self.inline_depth <= MAX_INLINE_NESTING;
        self.out.code(if opened { opening } else { "" });
        self.open.push(Open::Markdown(if opened { "]" } else { "" }));
    }

    pub(super) fn open_link(&mut self, index: usize, kind: LinkType, address: &str) {
        self.run_in += 1;
        let address = if kind == LinkType::Email { format!("mailto:{address}") } else { address.to_owned() };
        let is_empty = self.end_of(index) == index + 1;
        // A link within a link of HTML is only its text.
        if !is_link(&address) || self.is_open("a") {
            self.open.push(Open::Markdown(""));
            return;
        }
        self.out.code("#link(");
        self.out.literal(&address, None, usize::MAX);
        self.out.code(")[");
        if is_empty {
            self.out.text(&address, None, self.word_limit);
        }
        self.open.push(Open::Markdown("]"));
    }

    /// A line end in the note is a space, except between two characters of a script that is written without spaces.
    pub(super) fn write_soft_break(&mut self, index: usize) {
        let text_of = |event: Option<&(Event<'_>, Range<usize>)>| match event {
            Some((Event::Text(text), _)) => Some(text.to_string()),
            _ => None,
        };
        let before = text_of(index.checked_sub(1).and_then(|before| self.events.get(before)));
        let after = text_of(self.events.get(index + 1));
        let spaceless = |c: Option<char>| c.is_some_and(markup::is_written_without_spaces);
        let joined = spaceless(before.and_then(|text| text.chars().last())) && spaceless(after.and_then(|text| text.chars().next()));
        if !joined {
            self.out.code("#\" \"");
        }
    }
}

/// Whether an address leads out of the document.
pub(super) fn is_link(address: &str) -> bool {
    let lower = address.to_ascii_lowercase();
    let is_absolute = ["http://", "https://", "mailto:", "tel:", "ftp://"].iter().any(|scheme| lower.starts_with(scheme));
    is_absolute && address.len() <= MAX_LINK_BYTES
}

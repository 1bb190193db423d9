//! Plain text: a line without its markup, its odd blanks and its invisible characters.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::reading::html_element;

/// One line of Markdown as plain text: no emphasis, links as their text, images as their alternative text.
pub(super) fn plain(text: &str) -> String {
    if !text.contains(['*', '_', '`', '[', '<', '&', '\\', '~', '#', '!']) {
        return tidy(text);
    }
    // As a heading, so that "1. April" is not taken for a list; pulldown takes closing marks away.
    let line = format!("# {}", text.replace(['\n', '\r'], " "));
    let mut out = String::with_capacity(text.len());
    let mut in_heading = false;
    for event in Parser::new_ext(&line, Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Start(Tag::Heading { .. }) => in_heading = true,
            Event::End(TagEnd::Heading(_)) => in_heading = false,
            Event::Text(text) | Event::Code(text) if in_heading => out.push_str(&text),
            Event::SoftBreak | Event::HardBreak => out.push(' '),
            Event::InlineHtml(tag) if tag.starts_with("<br") => out.push(' '),
            // `<name of member>` is a word of the note.
            Event::InlineHtml(tag) if in_heading && !tag.starts_with("<!--") && html_element(&tag).is_none() => out.push_str(&tag),
            _ => {}
        }
    }
    tidy(&out)
}

/// One space for each run of blanks and control characters, none at the ends; no invisible characters.
pub(super) fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_whitespace() || c.is_control() {
            if !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
            }
        } else if !matches!(c, '\u{200b}' | '\u{2060}' | '\u{feff}' | '\u{00ad}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') {
            out.push(c);
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// The longest beginning of `text` that has at most `bytes` bytes.
pub(super) fn floor(text: &str, bytes: usize) -> &str {
    if text.len() <= bytes {
        return text;
    }
    let end = (0..=bytes).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    &text[..end]
}

//! Plain text: a line without its markup, its odd blanks and its invisible characters. What is raised or lowered stays so, as
//! far as there are signs for it: `£40<sup>1</sup>` is `£40¹` and not `£401`.

use pulldown_cmark::{Event, Tag, TagEnd};

use crate::reading::{Dialect, html_element, markdown_events};

/// Signs that can stand raised, and how they do; the same for lowered ones.
const RAISED: (&str, &str) = ("0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ");
const LOWERED: (&str, &str) = ("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎");

/// One line of Markdown as plain text: no emphasis, links as their text, images as their alternative text.
pub(super) fn plain(text: &str) -> String {
    if !text.contains(['*', '_', '`', '[', '<', '&', '\\', '~', '^', '#', '!']) {
        return tidy(text);
    }
    // As a heading, so that "1. April" is not taken for a list; pulldown takes closing marks away.
    let line = format!("# {}", text.replace(['\n', '\r'], " "));
    let mut out = String::with_capacity(text.len());
    let mut in_heading = false;
    // Where something raised or lowered begins, and the signs for it.
    let mut shift = None;
    for (event, _) in markdown_events(&line, Dialect { math: false, straight: true }) {
        match event {
            Event::Start(Tag::Heading { .. }) => in_heading = true,
            Event::End(TagEnd::Heading(_)) => in_heading = false,
            Event::Start(Tag::Superscript) => shift = Some((out.len(), RAISED)),
            Event::Start(Tag::Subscript) => shift = Some((out.len(), LOWERED)),
            Event::End(TagEnd::Superscript | TagEnd::Subscript) => end_shift(&mut out, &mut shift),
            Event::Text(text) | Event::Code(text) if in_heading => out.push_str(&text),
            Event::SoftBreak | Event::HardBreak => out.push(' '),
            Event::InlineHtml(tag) if in_heading && !tag.starts_with("<!--") => match (html_element(&tag), tag.starts_with("</")) {
                (Some("br"), _) => out.push(' '),
                (Some("sup"), false) => shift = Some((out.len(), RAISED)),
                (Some("sub"), false) => shift = Some((out.len(), LOWERED)),
                (Some("sup" | "sub"), true) => end_shift(&mut out, &mut shift),
                (Some(_), _) => {}
                // `<name of member>` is a word of the note.
                (None, _) => out.push_str(&tag),
            },
            Event::FootnoteReference(label) if in_heading => out.push_str(&format!("[^{label}]")),
            _ => {}
        }
    }
    tidy(&out)
}

/// Writes what was raised or lowered in the signs for it, if there are such for all of it. Letters, as in 1st, stay.
fn end_shift(out: &mut String, shift: &mut Option<(usize, (&str, &str))>) {
    let Some((start, (signs, shifted))) = shift.take() else { return };
    let sign = |c: char| shifted.chars().nth(signs.chars().position(|sign| sign == c)?);
    if let Some(small) = out[start..].chars().map(sign).collect::<Option<String>>() {
        out.replace_range(start.., &small);
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_raised_or_lowered_is_not_read_as_part_of_a_number() {
        for (markdown, text) in [
            ("£40<sup>1</sup> a head", "£40¹ a head"),
            ("H~2~O, CO<sub>2</sub>, m^2^ and 10^-6^", "H₂O, CO₂, m² and 10⁻⁶"),
            ("the 1<sup>st</sup> and ~~old~~ **new** [^a]", "the 1st and old new [^a]"),
            ("10~20 and 30~40, 2^10", "10~20 and 30~40, 2^10"),
            ("x<sup>2 open, a<br>b <name> \"q\" -- r", "x2 open, a b <name> \"q\" -- r"),
        ] {
            assert_eq!(plain(markdown), text, "{markdown}");
        }
    }
}

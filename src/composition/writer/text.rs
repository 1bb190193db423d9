//! Plain text: nothing in it is markup.

use super::markup::{self, Markup};
use super::speech::{SpokenParagraph, open_paragraph, write_marked};

/// Writes plain text: paragraphs parted by empty lines, every line break kept, nothing read as markup. The line that the
/// page prints as its title (from 1) is left out.
pub(in crate::composition) fn write_plain_text(out: &mut Markup, text: &str, first_line: u32, title_line: Option<u32>) {
    let mut in_paragraph = false;
    for (index, line) in text.lines().enumerate() {
        if line.trim().is_empty() || title_line.is_some_and(|title| title as usize == index + 1) {
            if in_paragraph {
                out.code("#parbreak()\n");
            }
            in_paragraph = false;
            continue;
        }
        if in_paragraph {
            out.code("#linebreak()");
        }
        let number = u32::try_from(index).unwrap_or(u32::MAX).saturating_add(first_line);
        out.text(&line.replace('\t', "    "), Some(number), markup::LONG_WORD_CHARS);
        in_paragraph = true;
    }
    out.code("#parbreak()\n");
}

/// Writes plain text that is spoken: only the marks of speech are told apart. Lines within a paragraph run on, for they are
/// as long as the paper that they were typed for.
pub(in crate::composition) fn write_spoken_plain_text(
    out: &mut Markup,
    text: &str,
    first_line: u32,
    title_line: Option<u32>,
) -> Vec<SpokenParagraph> {
    let mut paragraphs = Vec::new();
    let mut before: Option<char> = None;
    for (number, line) in (first_line..).zip(text.lines()) {
        if line.trim().is_empty() || title_line.is_some_and(|title| title + first_line == number + 1) {
            if before.take().is_some() {
                out.code("]#parbreak()\n");
            }
            continue;
        }
        let line = line.trim();
        match before {
            None => {
                open_paragraph(out, paragraphs.len());
                paragraphs.push(SpokenParagraph::default());
            }
            Some(before) if [Some(before), line.chars().next()].iter().flatten().all(|c| markup::is_written_without_spaces(*c)) => {}
            Some(_) => out.code("#\" \""),
        }
        let spoken = write_marked(out, line, Some(number), markup::LONG_WORD_CHARS);
        if let Some(paragraph) = paragraphs.last_mut() {
            paragraph.add(spoken);
        }
        before = line.chars().last();
    }
    out.code(if before.is_some() { "]#parbreak()\n" } else { "" });
    paragraphs
}

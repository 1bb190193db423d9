//! Plain text: nothing in it is markup.

use super::markup::{self, Markup};

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

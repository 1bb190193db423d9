//! Plain text: nothing in it is markup.

use super::markup::{self, Markup};
use super::speech::{SpokenParagraph, open_paragraph, write_marked};

/// A line shorter than this was not ended by the edge of the paper.
const SHORTEST_WRAPPED_LINE: usize = 50;
/// A longer line is a paragraph of its own.
const LONGEST_WRAPPED_LINE: usize = 100;

/// Writes plain text: paragraphs parted by empty lines, nothing read as markup, every line break kept but those of a paragraph that was
/// wrapped to the width of its paper. The line that the page prints as its title (from 1) is left out.
pub(in crate::composition) fn write_plain_text(out: &mut Markup, text: &str, first_line: u32, title_line: Option<u32>) {
    let lines: Vec<(u32, &str)> = (1..).zip(text.lines()).collect();
    let parts = |(number, line): &(u32, &str)| line.trim().is_empty() || title_line == Some(*number);
    for paragraph in lines.split(parts).filter(|lines| !lines.is_empty()) {
        let between = if is_wrapped(paragraph) { "#\" \"" } else { "#linebreak()" };
        let is_ragged = paragraph.iter().any(|(_, line)| markup::has_gap_word(line));
        out.code(if is_ragged { markup::RAGGED } else { "" });
        for (at, (number, line)) in paragraph.iter().enumerate() {
            out.code(if at > 0 { between } else { "" });
            out.text(&line.replace('\t', "    "), Some(number - 1 + first_line), markup::LONG_WORD_CHARS);
        }
        out.code(if is_ragged { "#parbreak()\n]\n" } else { "#parbreak()\n" });
    }
}

/// Whether the lines of a paragraph end where the paper did: prose of at least three lines, of which all but the last are nearly as long as
/// the longest. Verses, addresses, lists and columns are not.
fn is_wrapped(lines: &[(u32, &str)]) -> bool {
    let Some((_, full)) = lines.split_last().filter(|(_, full)| full.len() >= 2) else { return false };
    let length = |line: &str| line.trim_end().chars().count();
    let longest = lines.iter().map(|(_, line)| length(line)).max().unwrap_or(0);
    let begins_anew = |line: &str| {
        let first = line.split([' ', '\t']).next().unwrap_or_default();
        first.is_empty() || !first.chars().any(char::is_alphabetic) && !first.ends_with(|c: char| c.is_ascii_digit() || c == ',')
    };
    let is_prose =
        |line: &str| !line.trim_end().contains("   ") && !line.contains('\t') && !line.contains(markup::is_written_without_spaces);
    (SHORTEST_WRAPPED_LINE..=LONGEST_WRAPPED_LINE).contains(&longest)
        && full.iter().all(|(_, line)| length(line) * 4 >= longest * 3)
        && lines.iter().all(|(_, line)| is_prose(line))
        && lines.iter().skip(1).all(|(_, line)| !begins_anew(line))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn breaks(text: &str) -> usize {
        let mut out = Markup::default();
        write_plain_text(&mut out, text, 1, None);
        out.finish().0.matches("#linebreak()").count()
    }

    #[test]
    fn a_wrapped_paragraph_runs_on_and_other_lines_stay() {
        let prose = "I return you my warmest acknowledgments, Sir, that, among the many\nimportant occupations in which you are engaged you have condescended\n\
                     to be my guide on those points on which I have consulted you.\n";
        assert_eq!(breaks(prose), 0);
        assert_eq!(breaks(&format!("{prose}\nAmelia Ford\n12 Long Road\nRiverside\n")), 2, "an address");
        assert_eq!(breaks(&prose.replace("\nto be", "\n- to be")), 2, "a list");
        assert_eq!(breaks(&prose.replace("occupations in", "occupations   in")), 2, "columns");
        assert_eq!(
            breaks("O wild West Wind, thou breath of Autumn's being, thou from whose unseen\nPresence the leaves\nAre driven\n"),
            2,
            "verses"
        );
    }
}

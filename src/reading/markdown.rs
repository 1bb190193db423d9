//! Markdown as events: the one way in which notes are read, wherever they are.
//!
//! Text that follows on stands in one event.

use std::ops::Range;

use pulldown_cmark::{CowStr, Event, LinkType, Options, Parser, Tag, TagEnd, TextMergeWithOffset};

use super::autolinks::link_addresses;

/// What is raised or lowered is no longer than this many bytes.
const MAX_SHIFTED: usize = 12;

/// What a note may ask of the reading of its Markdown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dialect {
    /// `$…$` is mathematics. Otherwise it is money.
    pub math: bool,
    /// Quotation marks, dashes and dots stay as they were typed.
    pub straight: bool,
}

/// An event and where it stands in the text.
pub type Read<'t> = (Event<'t>, Range<usize>);

/// Reads Markdown: CommonMark, GFM with its bare addresses, footnotes, definition lists, super- and subscript.
///
/// Metadata blocks, heading attributes and wikilinks are off: each of them eats or misreads people's words.
pub fn markdown_events(text: &str, dialect: Dialect) -> Vec<Read<'_>> {
    let mut options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_GFM;
    options.set(Options::ENABLE_MATH, dialect.math);
    options.set(Options::ENABLE_SMART_PUNCTUATION, !dialect.straight);
    let could_define = text.lines().any(|line| line.trim_start_matches([' ', '\t', '>', '-', '*']).starts_with(':'));
    if could_define {
        let events = events(text, options | Options::ENABLE_DEFINITION_LIST);
        if events.iter().all(|read| !is_misread_definition(text, read)) {
            return events;
        }
    }
    events(text, options)
}

fn events(text: &str, options: Options) -> Vec<Read<'_>> {
    let quotes = Parser::new_ext(text, options).into_offset_iter().map(|(event, range)| {
        // Which quotation mark it is depends on the language, which is not known here.
        let mark = match &event {
            Event::Text(quote) if matches!(&**quote, "“" | "”" | "‘" | "’") => match &text[range.clone()] {
                "\"" => Some("\""),
                "'" => Some("'"),
                _ => None,
            },
            _ => None,
        };
        (mark.map_or(event, |mark| Event::Text(CowStr::Borrowed(mark))), range)
    });
    let linked = link_addresses(text, quotes.collect());
    let mut events = Vec::with_capacity(linked.len());
    // Code and addresses stay as they are.
    let mut is_literal = false;
    for (event, range) in TextMergeWithOffset::new(linked.into_iter()) {
        match &event {
            Event::Start(Tag::CodeBlock(_) | Tag::Link { link_type: LinkType::Autolink, .. }) => is_literal = true,
            Event::End(TagEnd::CodeBlock | TagEnd::Link) => is_literal = false,
            // Where a mark was escaped, the source says something else.
            Event::Text(written) if !is_literal && written.contains(['~', '^']) && text[range.clone()] == **written => {
                raise_and_lower(text, range, &mut events);
                continue;
            }
            _ => {}
        }
        events.push((event, range));
    }
    events
}

/// Takes a stretch of text apart at what is raised or lowered in it.
fn raise_and_lower<'t>(text: &'t str, range: Range<usize>, events: &mut Vec<Read<'t>>) {
    let (mut start, mut at) = (range.start, range.start);
    while let Some(offset) = text[at..range.end].find(['~', '^']) {
        let mark = at + offset;
        at = mark + 1;
        let Some(end) = shifted(&text[range.start..range.end], mark - range.start).map(|end| end + range.start) else { continue };
        if mark > start {
            events.push((Event::Text(CowStr::Borrowed(&text[start..mark])), start..mark));
        }
        let (opening, closing) = match &text[mark..at] {
            "^" => (Tag::Superscript, TagEnd::Superscript),
            _ => (Tag::Subscript, TagEnd::Subscript),
        };
        events.push((Event::Start(opening), mark..end + 1));
        events.push((Event::Text(CowStr::Borrowed(&text[at..end])), at..end));
        events.push((Event::End(closing), mark..end + 1));
        (start, at) = (end + 1, end + 1);
    }
    if start < range.end {
        events.push((Event::Text(CowStr::Borrowed(&text[start..range.end])), start..range.end));
    }
}

/// Where the mark stands that ends what the mark at `at` raises or lowers: something short behind a letter or a digit, as in
/// H~2~O and m^2^. `10~20 and 30~40` and `2^10 = 4^5` are neither.
fn shifted(text: &str, at: usize) -> Option<usize> {
    let mark = text[at..].chars().next()?;
    let before = text[..at].chars().last().filter(|c| c.is_alphanumeric() || matches!(c, ')' | '^' | '~'))?;
    let inner = &text[at + 1..][..text[at + 1..].find(mark)?];
    let after = text[at + inner.len() + 2..].chars().next();
    let is_sign = |c: char| matches!(c, '+' | '-' | '−');
    let fits = (1..=MAX_SHIFTED).contains(&inner.len()) && inner.chars().all(|c| c.is_ascii_alphanumeric() || is_sign(c));
    let is_sum = after.is_some_and(char::is_alphanumeric) && inner.trim_matches(is_sign).contains(is_sign);
    let lowers = inner.contains(|c: char| c.is_ascii_digit()) || inner.len() == 1;
    let is_range = before.is_numeric() && inner.starts_with(|c: char| c.is_ascii_digit());
    (fits && !is_sum && (mark == '^' || (lowers && !is_range))).then_some(at + 1 + inner.len())
}

/// Whether something that begins with a colon is no definition: `::: note`, `:)`. Then the whole text has none.
fn is_misread_definition(text: &str, (event, range): &Read<'_>) -> bool {
    matches!(event, Event::Start(Tag::DefinitionListDefinition))
        && !text[range.clone()].trim_start().strip_prefix(':').is_some_and(|rest| rest.starts_with([' ', '\t', '\n']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(text: &str) -> String {
        let mut out = String::new();
        for (event, _) in markdown_events(text, Dialect::default()) {
            match event {
                Event::Text(text) => out.push_str(&text),
                Event::Start(Tag::Subscript) => out.push_str("<sub>"),
                Event::Start(Tag::Superscript) => out.push_str("<sup>"),
                Event::Start(Tag::Strikethrough) => out.push_str("<s>"),
                Event::Start(Tag::DefinitionListTitle) => out.push_str("<dt>"),
                Event::Start(Tag::DefinitionListDefinition) => out.push_str("<dd>"),
                Event::End(TagEnd::Subscript | TagEnd::Superscript | TagEnd::Strikethrough) => out.push_str("</>"),
                Event::SoftBreak => out.push('\n'),
                _ => {}
            }
        }
        out
    }

    #[test]
    fn lowered_raised_and_struck() {
        assert_eq!(html("H~2~O, x^2^, m^2^/s, 10^6^, ~old~ new"), "H<sub>2</>O, x<sup>2</>, m<sup>2</>/s, 10<sup>6</>, <s>old</> new");
    }

    #[test]
    fn ranges_and_powers_keep_their_marks() {
        for text in [
            "10~20 and 30~40",
            "约10~20、30~40元",
            "周一~周五，上午~下午",
            "~50 to ~60",
            "9:00~10:00，14:00~15:00",
            "2^10 = 4^5",
            "x^2+1, y^3",
            "x^2+y^2",
            "9~12~15",
        ] {
            assert_eq!(html(text), text);
        }
    }

    #[test]
    fn definitions_are_told_from_colons() {
        assert_eq!(html("apple\n: red fruit\n"), "<dt>apple<dd>red fruit");
        for text in ["Thanks\n:)", "words\n::: note", "a\n: b\n\nc\n:d"] {
            assert!(!html(text).contains("<d"), "{text}");
        }
    }
}

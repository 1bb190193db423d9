//! Drawings (SVG) that point to other files: what they point to is taken out, for nothing is ever fetched.

use std::ops::Range;

/// The elements that show another file.
const SHOWING: [&str; 3] = ["image", "feImage", "use"];

/// Makes the references of a drawing to other pictures void, in place; pictures that stand within it stay. Returns
/// the addresses, none where the bytes are no drawing.
pub(super) fn without_links(bytes: &mut [u8]) -> Vec<String> {
    let Ok(text) = std::str::from_utf8(bytes) else { return Vec::new() };
    if !text.contains("<svg") && !text.contains(":svg") {
        return Vec::new();
    }
    let found: Vec<(usize, String)> = tags(text).flat_map(|tag| links(text, tag)).collect();
    for (at, _) in &found {
        // Another attribute of the same length: readers of drawings pass over names that they do not know.
        bytes[*at..*at + 4].copy_from_slice(b"none");
    }
    found.into_iter().map(|(_, address)| address).collect()
}

/// The tags that may show another file.
fn tags(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.match_indices('<').filter_map(|(start, _)| {
        let name = text[start + 1..].split(|c: char| c.is_whitespace() || matches!(c, '>' | '/')).next()?;
        let name = name.rsplit(':').next()?;
        SHOWING.contains(&name).then(|| start..tag_end(text, start))
    })
}

/// Where a tag ends; a `>` within quotation marks does not end it.
fn tag_end(text: &str, start: usize) -> usize {
    let mut quote = None;
    for (offset, c) in text[start..].char_indices() {
        match (quote, c) {
            (None, '>') => return start + offset,
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
    }
    text.len()
}

/// The `href`s of a tag that point out of the drawing: where each stands, and its address.
fn links(text: &str, tag: Range<usize>) -> Vec<(usize, String)> {
    let source = &text[tag.clone()];
    let link = |(at, _): (usize, &str)| {
        let value = source[at + 4..].trim_start().strip_prefix('=')?.trim_start();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let address = value[1..].split(quote).next()?.trim();
        let is_inside = address.is_empty() || address.starts_with('#') || address.starts_with("data:");
        (!is_inside).then(|| (tag.start + at, address.to_owned()))
    };
    source.match_indices("href").filter_map(link).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(svg: &str) -> (String, Vec<String>) {
        let mut bytes = svg.as_bytes().to_vec();
        let links = without_links(&mut bytes);
        (String::from_utf8(bytes).unwrap(), links)
    }

    #[test]
    fn what_lies_outside_a_drawing_is_not_shown() {
        let svg = r##"<svg><image href="file:///etc/passwd"/><svg:image a='>' xlink:href = 'https://example.com/a.png'/></svg>"##;
        let (text, links) = cleaned(svg);
        assert_eq!(links, ["file:///etc/passwd", "https://example.com/a.png"]);
        assert!(text.contains("<image none=") && text.contains("xlink:none = "), "{text}");
    }

    #[test]
    fn what_lies_inside_stays() {
        let svg = r##"<svg><image href="data:image/png;base64,AAAA"/><use href="#a"/><a href="https://example.com">x</a></svg>"##;
        assert_eq!(cleaned(svg), (svg.to_owned(), Vec::new()));
        assert_eq!(cleaned("no drawing <image href='x.png'>").1, Vec::<String>::new());
    }
}

//! Which files a note names: images in its Markdown, `rows:` and `attachments:`.
//!
//! A file that a note owns lies in its own folder or below; every other path counts as not there, so that no note
//! can take a file that its author was not given.

use pulldown_cmark::{Event, Tag};
use serde_json::Value;

use super::markdown::{Dialect, markdown_events};
use super::note::Note;
use super::toml::Lines;
use super::{Format, Mention, Use};

/// The name of the file that an image's address in Markdown means, if a note may own it: relative, in the note's
/// own folder or below, percent signs decoded.
pub fn owned_name(address: &str) -> Option<String> {
    safe_path(&percent_decode(address))
}

/// A file name written in a field, if a note may own it.
pub(super) fn safe_path(written: &str) -> Option<String> {
    let written = written.trim().replace('\\', "/");
    let scheme = written.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+.-".contains(c))
    });
    if written.is_empty() || written.starts_with('/') || written.ends_with('/') || scheme || written.contains(|c: char| c.is_control()) {
        return None;
    }
    let steps: Vec<&str> = written.split('/').filter(|step| !step.is_empty() && *step != ".").collect();
    let safe = !steps.is_empty() && steps.iter().all(|step| *step != ".." && step.len() <= 255) && written.len() <= 4_096;
    safe.then(|| steps.join("/"))
}

/// `%20` and the like; what is not valid stays as it is.
fn percent_decode(address: &str) -> String {
    let bytes = address.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digits = bytes.get(at + 1..at + 3).filter(|digits| bytes[at] == b'%' && digits.iter().all(u8::is_ascii_hexdigit));
        match digits.and_then(|digits| std::str::from_utf8(digits).ok()).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                decoded.push(byte);
                at += 3;
            }
            None => {
                decoded.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8(decoded).unwrap_or_else(|_| address.to_owned())
}

/// A file named in a field, as written: it may be one that no note can own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) written: String,
    pub(super) used_as: Use,
    pub(super) line: u32,
}

/// The files that `rows:` and `attachments:` name.
pub(super) fn named_in_fields(note: &Note) -> Vec<Named> {
    let line = |path: &str, key: &str| note.fields.lines.get(path).or_else(|| note.fields.lines.get(key)).copied().unwrap_or(1);
    let mut named = Vec::new();
    for (key, used_as) in [("rows", Use::Rows), ("attachments", Use::Attachment)] {
        let mut add = |written: &str, path: &str| {
            if !written.trim().is_empty() {
                named.push(Named { written: written.trim().to_owned(), used_as, line: line(path, key) });
            }
        };
        match note.fields.values.get(key) {
            Some(Value::String(written)) => add(written, key),
            Some(Value::Array(items)) if used_as == Use::Attachment => {
                for (index, item) in items.iter().enumerate() {
                    let written = item.as_str().or_else(|| item.get("file").and_then(Value::as_str));
                    add(written.unwrap_or(""), &format!("{key}.{index}"));
                }
            }
            _ => {}
        }
    }
    named
}

/// All files that a note names and may own, each once for each use, in order.
pub(super) fn mentions(note: &Note) -> Vec<Mention> {
    let named = named_in_fields(note).into_iter();
    let fields = named.filter_map(|named| Some(Mention { name: safe_path(&named.written)?, used_as: named.used_as, line: named.line }));
    let mut seen = std::collections::HashSet::new();
    fields.chain(images(note)).filter(|mention| seen.insert((mention.name.clone(), mention.used_as == Use::Image))).collect()
}

/// The images in a note's running text; plain text has none.
fn images(note: &Note) -> Vec<Mention> {
    let text = &note.body.text;
    if note.format == Format::Text || !(text.contains("![") || contains_img(text)) {
        return Vec::new();
    }
    let lines = Lines::new(text, note.body.first_line);
    let mut images = Vec::new();
    for (event, range) in markdown_events(text, Dialect::default()) {
        let mut add = |address: &str| {
            if let Some(name) = owned_name(address) {
                images.push(Mention { name, used_as: Use::Image, line: lines.place(text, range.start).0 });
            }
        };
        match event {
            Event::Start(Tag::Image { dest_url, .. }) => add(&dest_url),
            Event::Html(html) | Event::InlineHtml(html) => img_sources(&html).for_each(add),
            _ => {}
        }
    }
    images
}

fn contains_img(text: &str) -> bool {
    text.as_bytes().windows(4).any(|four| four.eq_ignore_ascii_case(b"<img"))
}

/// The `src` of each `<img …>` in a piece of HTML.
pub fn img_sources(html: &str) -> impl Iterator<Item = &str> {
    html.split('<').filter_map(|tag| {
        let attributes = tag.get(..3).filter(|name| name.eq_ignore_ascii_case("img")).and_then(|_| tag[3..].split('>').next())?;
        let lower = attributes.to_ascii_lowercase();
        let at = lower
            .match_indices("src")
            .find(|(at, _)| lower[..*at].ends_with(|c: char| c.is_ascii_whitespace() || c == '"' || c == '\''))?
            .0;
        let value = attributes[at + 3..].trim_start().strip_prefix('=')?.trim_start();
        match value.chars().next()? {
            mark @ ('"' | '\'') => value[1..].split(mark).next(),
            _ => value.split(|c: char| c.is_ascii_whitespace()).next().map(|value| value.trim_end_matches('/')),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_in_the_own_folder_or_below_count() {
        assert_eq!(owned_name("a%20b.png").as_deref(), Some("a b.png"));
        assert_eq!(owned_name("./img//x.png").as_deref(), Some("img/x.png"));
        assert_eq!(owned_name("100%.png").as_deref(), Some("100%.png"));
        assert_eq!(owned_name("图/照片.png").as_deref(), Some("图/照片.png"));
        assert_eq!(owned_name("img\\x.png").as_deref(), Some("img/x.png"));
        for address in [
            "",
            "/etc/passwd",
            "../x.png",
            "a/../../x",
            "%2e%2e/x",
            "%2Fetc/passwd",
            "https://x.org/a.png",
            "data:image/png;base64,AA",
            "C:\\x.png",
            "//host/x.png",
            "a%00b",
            "..\\x",
            "folder/",
        ] {
            assert_eq!(owned_name(address), None, "{address}");
        }
    }

    #[test]
    fn images_in_html_are_found() {
        let found: Vec<&str> = img_sources("<IMG alt='a' src=\"a.png\"><img src=b.png/><img data-src=c.png>").collect();
        assert_eq!(found, ["a.png", "b.png"]);
    }
}

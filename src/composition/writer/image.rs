//! Images: a local one that is there is set, one that is not prints its alternative text, a remote one its
//! alternative text and link. Nothing is ever fetched.

use std::collections::BTreeMap;

use pulldown_cmark::Event;

use super::Writer;
use crate::failure::Warning;
use crate::reading::{OwnedFile, html_element};

/// The images that a note owns, and which of them were used.
#[derive(Debug)]
pub(in crate::composition) struct Images<'a> {
    owned: &'a [OwnedFile],
    used: BTreeMap<String, String>,
}

impl<'a> Images<'a> {
    /// None is used yet.
    pub(in crate::composition) fn new(owned: &'a [OwnedFile]) -> Self {
        Self { owned, used: BTreeMap::new() }
    }

    /// The virtual path of an image, if the note owns it. Paths are constant (`/asset-1`), because Typst never
    /// forgets one.
    fn asset(&mut self, name: &str) -> Option<String> {
        let decoded = crate::reading::owned_name(name).unwrap_or_default();
        let owned = self.owned.iter().find(|file| file.name == decoded || file.name == name)?;
        let next = self.used.len() + 1;
        Some(self.used.entry(owned.name.clone()).or_insert_with(|| format!("/asset-{next}")).clone())
    }

    /// The used images by virtual path.
    pub(in crate::composition) fn into_files(self) -> impl Iterator<Item = (String, &'a OwnedFile)> {
        let owned = self.owned;
        self.used.into_iter().filter_map(move |(name, path)| Some((path, owned.iter().find(|file| file.name == name)?)))
    }
}

impl Writer<'_, '_, '_> {
    /// Writes the image that starts at `index`; returns the event after it.
    pub(super) fn write_image(&mut self, index: usize, address: &str, stands_alone: bool) -> usize {
        let end = self.end_of(index);
        let mut alternative = String::new();
        for (event, _) in &self.events[index + 1..end] {
            match event {
                Event::Text(text) | Event::Code(text) => alternative.push_str(text),
                Event::SoftBreak | Event::HardBreak => alternative.push(' '),
                Event::InlineHtml(tag) if !tag.starts_with("<!--") && html_element(tag).is_none() => alternative.push_str(tag),
                Event::FootnoteReference(label) => alternative.push_str(&format!("[^{label}]")),
                _ => {}
            }
        }
        self.place_image(address, alternative.trim(), stands_alone, self.line(index));
        end + 1
    }

    /// Writes an image, or what stands for it.
    pub(super) fn place_image(&mut self, address: &str, alternative: &str, stands_alone: bool, line: Option<u32>) {
        let lower = address.to_ascii_lowercase();
        if lower.starts_with("http://") || lower.starts_with("https://") {
            self.warn(
                "image-remote",
                format!("the image {address} is on the internet and was not fetched: its alternative text and link are printed"),
                line,
            );
            let text = if alternative.is_empty() { address } else { alternative };
            self.out.code("#link(");
            self.out.literal(address, None, usize::MAX);
            self.out.code(")[");
            self.out.text(text, line, self.word_limit);
            self.out.code("]");
            return;
        }
        let Some(path) = self.images.asset(address) else {
            let shown: String = address.chars().take(120).collect();
            self.warn("image-missing", format!("the image `{shown}` is not there: its alternative text is printed instead"), line);
            self.out.text(&format!("[{}]", if alternative.is_empty() { &shown } else { alternative }), line, self.word_limit);
            return;
        };
        if alternative.is_empty() {
            self.warn(
                "image-no-alternative",
                format!("the image `{address}` has no alternative text: its file name is read out instead"),
                line,
            );
        }
        self.out.code(if stands_alone { "#align(center, image(" } else { "#box(image(" });
        self.out.literal(&path, line, usize::MAX);
        self.out.code(", alt: ");
        self.out.literal(if alternative.is_empty() { address } else { alternative }, line, usize::MAX);
        self.out.code("))");
    }

    pub(super) fn warn(&mut self, code: &str, message: String, line: Option<u32>) {
        let mut warning = Warning::new(code, message);
        warning.line = line;
        self.warnings.push(warning);
    }
    /// Names characters that nobody sees and that change what is read: those that turn the direction of text are left out
    /// where they would print it backwards, all others stay.
    pub(super) fn name_unseen(&mut self, text: &str) {
        let is_unseen = |c: char| matches!(c, '\u{200b}' | '\u{2060}' | '\u{202a}'..='\u{202e}');
        let Some((at, c)) = text.char_indices().find(|(_, c)| is_unseen(*c)).filter(|_| self.manner.first_line.is_some()) else { return };
        let count = text.chars().filter(|c| is_unseen(*c)).count();
        let message = format!(
            "the text has invisible characters ({count} in all, the first is U+{:04X}): those that would print it backwards are left out",
            c as u32
        );
        let line = self.manner.first_line.map(|first| first + self.lines.line(at) - 1);
        self.warn("invisible-character", message, line);
    }
}

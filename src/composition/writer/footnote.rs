//! Footnotes: set where they are first referred to, once; those that nothing refers to stand at the end.

use std::collections::HashMap;
use std::ops::Range;

use pulldown_cmark::{Event, Tag, TagEnd};

use super::Writer;

/// Footnotes within footnotes beyond this depth are printed at the end instead.
const MAX_FOOTNOTE_NESTING: usize = 3;

/// Where each footnote's definition stands among the events.
pub(super) fn footnote_definitions(events: &[(Event<'_>, Range<usize>)]) -> HashMap<String, Range<usize>> {
    let mut found = HashMap::new();
    let mut open = Vec::new();
    for (index, (event, _)) in events.iter().enumerate() {
        match event {
            Event::Start(Tag::FootnoteDefinition(label)) => open.push((label.to_string(), index)),
            Event::End(TagEnd::FootnoteDefinition) => {
                if let Some((label, start)) = open.pop() {
                    found.entry(label).or_insert(start..index + 1);
                }
            }
            _ => {}
        }
    }
    found
}

impl Writer<'_, '_, '_> {
    pub(super) fn write_footnote(&mut self, label: &str, line: Option<u32>) {
        let Some(range) = self.footnotes.get(label).cloned() else {
            self.out.text(&format!("[^{label}]"), line, self.word_limit);
            return;
        };
        let anchor = self.line(range.start).map(|line| format!("<footnote-{line}-{}>", range.start));
        let is_printed = !self.printed_footnotes.insert(label.to_owned());
        if is_printed || self.footnote_depth >= MAX_FOOTNOTE_NESTING {
            match anchor.filter(|_| self.anchored_footnotes.contains(label)) {
                // The number that it has already.
                Some(anchor) => self.out.code(&format!("#footnote({anchor})")),
                None => {
                    if !is_printed {
                        self.printed_footnotes.remove(label);
                    }
                    self.out.code("#super[");
                    self.out.text(label, line, self.word_limit);
                    self.out.code("]");
                }
            }
            return;
        }
        self.footnote_depth += 1;
        self.out.code("#footnote[");
        self.write_apart(range.start + 1..range.end - 1);
        if let Some(anchor) = anchor {
            self.out.code(&format!("]{anchor}"));
            self.anchored_footnotes.insert(label.to_owned());
        } else {
            self.out.code("]");
        }
        self.footnote_depth -= 1;
    }

    /// Footnotes that nothing refers to are words of the note all the same.
    pub(super) fn write_remaining_footnotes(&mut self) {
        let mut remaining: Vec<(String, Range<usize>)> =
            self.footnotes.iter().map(|(label, range)| (label.clone(), range.clone())).collect();
        remaining.sort_by_key(|(_, range)| range.start);
        for (label, range) in remaining {
            if self.printed_footnotes.insert(label.clone()) {
                let line = self.line(range.start);
                self.out.text(&format!("[{label}] "), line, self.word_limit);
                self.write(range.start + 1..range.end - 1);
                self.out.code("#parbreak()\n");
            }
        }
    }
}

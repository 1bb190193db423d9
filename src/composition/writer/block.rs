//! Blocks: paragraphs, headings, quotations, lists and code. Those nested too deep are set flat.

use pulldown_cmark::{BlockQuoteKind, CodeBlockKind, Event, HeadingLevel, Tag, TagEnd};

use super::{Open, Writer, markup};

/// Lists and quotations nested deeper than this are printed at this depth: Typst's own recursion ends near 60.
const MAX_BLOCK_NESTING: usize = 10;
/// What is longer names no language.
const MAX_LANGUAGE_CHARS: usize = 30;

/// A longer beginning of a line is no label.
const MAX_LABEL_CHARS: usize = 32;

impl Writer<'_, '_, '_> {
    pub(super) fn start_paragraph(&mut self, index: usize) -> usize {
        let end = self.end_of(index);
        if let Event::Start(Tag::Image { dest_url, .. }) = &self.events[index + 1].0
            && self.end_of(index + 1) + 1 == end
        {
            self.write_image(index + 1, dest_url, true);
            self.out.code("#parbreak()\n");
            return end + 1;
        }
        if self.manner.speech && self.block_depth == 0 && self.open.is_empty() && self.footnote_depth == 0 {
            self.write_spoken_paragraph(index, end);
            return end + 1;
        }
        if self.is_of_labels(index) {
            self.labels_end = end;
        }
        let closing = if self.is_ragged(index, end) {
            self.out.code(markup::RAGGED);
            "#parbreak()\n]\n"
        } else {
            "#parbreak()\n"
        };
        self.open.push(Open::Markdown(closing));
        index + 1
    }

    /// Whether a paragraph of its own has a word that leaves gaps in the line before it.
    fn is_ragged(&self, index: usize, end: usize) -> bool {
        let alone = self.open.is_empty() && self.block_depth == 0 && self.footnote_depth == 0;
        alone
            && self.events[index..end]
                .iter()
                .any(|(event, _)| matches!(event, Event::Text(text) | Event::Code(text) if markup::has_gap_word(text)))
    }

    /// Whether each line of a paragraph is `Label: value`, as at the head of minutes: such lines are meant to stand one below the
    /// other, though to Markdown they are one.
    fn is_of_labels(&self, index: usize) -> bool {
        let lines: Vec<&str> = self.text.get(self.events[index].1.clone()).unwrap_or_default().trim_end().lines().collect();
        lines.len() > 1 && lines.iter().all(|line| has_label(line))
    }

    pub(super) fn start_heading(&mut self, index: usize, level: HeadingLevel) -> usize {
        let end = self.end_of(index);
        let is_empty = (index + 1..end).all(|inner| matches!(&self.events[inner].0, Event::Text(text) if text.trim().is_empty()));
        if is_empty || self.plan.is_title(index) {
            self.break_paragraph();
            return end + 1;
        }
        let level = self.plan.next_level(level as isize);
        self.out.code(&format!("#heading(level: {level})["));
        self.open.push(Open::Markdown("]\n"));
        self.run_in += 1;
        index + 1
    }

    pub(super) fn open_quote(&mut self, kind: Option<BlockQuoteKind>) {
        self.block_depth += 1;
        if self.block_depth > MAX_BLOCK_NESTING {
            self.out.code("#parbreak()\n");
            self.open.push(Open::Markdown(""));
            return;
        }
        self.out.code("#quote(block: true)[");
        self.open.push(Open::Markdown("]\n"));
        let (key, name) = match kind {
            None => return,
            Some(BlockQuoteKind::Note) => ("alert_note", "Note"),
            Some(BlockQuoteKind::Tip) => ("alert_tip", "Tip"),
            Some(BlockQuoteKind::Important) => ("alert_important", "Important"),
            Some(BlockQuoteKind::Warning) => ("alert_warning", "Warning"),
            Some(BlockQuoteKind::Caution) => ("alert_caution", "Caution"),
        };
        let label = self.manner.labels.and_then(|labels| labels.get(key)?.as_str()).unwrap_or(name);
        self.out.code("#strong[");
        self.out.text(label, None, self.word_limit);
        self.out.code("]#parbreak()\n");
    }

    pub(super) fn open_list(&mut self, index: usize, start: Option<u64>) {
        self.block_depth += 1;
        if self.block_depth > MAX_BLOCK_NESTING {
            // The item that holds this list would run on into it.
            self.out.code("#parbreak()\n");
            self.open.push(Open::Markdown("#parbreak()\n"));
            return;
        }
        let tight = !matches!(self.events.get(index + 2), Some((Event::Start(Tag::Paragraph), _)));
        match start {
            Some(start) => self.out.code(&format!("#enum(tight: {tight}, start: {start})")),
            // A box to tick is mark enough.
            None if self.is_task_list(index) => {
                self.out.code(&format!("#list(tight: {tight}, marker: none, body-indent: 1.85em)"));
            }
            None => self.out.code(&format!("#list(tight: {tight})")),
        }
        self.open.push(Open::Markdown("\n"));
    }

    /// Whether every item of the list that starts at `index` begins with a box; then the boxes are noted.
    fn is_task_list(&mut self, index: usize) -> bool {
        let (mut depth, mut boxes) = (0usize, Vec::new());
        for (at, (event, _)) in self.events.iter().enumerate().skip(index) {
            match event {
                Event::Start(Tag::Item) if depth == 1 => {
                    let first = (at + 1..self.events.len()).find(|inside| !matches!(self.events[*inside].0, Event::Start(Tag::Paragraph)));
                    let Some(first) = first.filter(|first| matches!(self.events[*first].0, Event::TaskListMarker(_))) else { return false };
                    boxes.push(first);
                    depth += 1;
                }
                Event::Start(_) => depth += 1,
                Event::End(_) => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
        self.hanging_boxes.extend(boxes);
        true
    }

    /// Writes a box to tick: before the lines of its item, if it is the item's mark.
    pub(super) fn write_task_box(&mut self, index: usize, done: bool, line: Option<u32>) {
        let hangs = self.hanging_boxes.contains(&index);
        self.out.code(if hangs { "#h(-1.25em)#box(width: 1.25em)[" } else { "" });
        self.out.text(if done { "☑ " } else { "☐ " }, line, self.word_limit);
        self.out.code(if hangs { "]" } else { "" });
    }

    pub(super) fn open_item(&mut self) {
        let nested = self.block_depth <= MAX_BLOCK_NESTING;
        self.out.code(if nested { "[" } else { "" });
        self.open.push(Open::Markdown(if nested { "]" } else { "#parbreak()\n" }));
    }

    pub(super) fn write_code_block(&mut self, index: usize, kind: &CodeBlockKind<'_>, line: Option<u32>) -> usize {
        let end = self.end_of(index);
        let first_line = match kind {
            CodeBlockKind::Fenced(_) => line.map(|line| line + 1),
            CodeBlockKind::Indented => line,
        };
        let mut code = String::new();
        for (event, _) in &self.events[index + 1..end] {
            if let Event::Text(text) = event {
                code.push_str(text);
            }
        }
        let language = match kind {
            CodeBlockKind::Fenced(info) => info.split([' ', ',', '{', '\t']).next().filter(|name| !name.is_empty()),
            CodeBlockKind::Indented => None,
        };
        if language == Some("math") {
            self.write_formula(&code, true, first_line);
        } else {
            self.write_raw_block(&code, language, first_line);
        }
        end + 1
    }
    /// Writes code whose lines and blanks count; `language` is what the note calls it.
    pub(super) fn write_raw_block(&mut self, code: &str, language: Option<&str>, first_line: Option<u32>) {
        if code.trim().is_empty() {
            self.break_paragraph();
            return;
        }
        self.out.code("#raw(block: true, theme: none, ");
        if let Some(language) = language.filter(|name| name.chars().count() <= MAX_LANGUAGE_CHARS) {
            self.out.code("lang: ");
            self.out.literal(language, first_line.map(|line| line - 1), usize::MAX);
            self.out.code(", ");
        }
        self.out.literal(code.trim_end_matches('\n'), first_line, markup::LONG_CODE_CHARS);
        self.out.code(")\n");
    }

    pub(super) fn write_rule(&mut self) {
        self.out.code("#line(length: 100%, stroke: 0.5pt + luma(60%))\n");
    }

    /// Opens a term or a definition. Typst wants them in pairs.
    pub(super) fn open_definition(&mut self, index: usize, tag: &Tag<'_>) {
        let before = index.checked_sub(1).map(|before| &self.events[before].0);
        match tag {
            Tag::DefinitionList => {
                self.block_depth += 1;
                self.out.code("#terms(tight: false,\n");
                self.open.push(Open::Markdown(")\n"));
            }
            Tag::DefinitionListTitle => {
                self.run_in += 1;
                self.out.code("terms.item([");
                let is_defined = matches!(self.events.get(self.end_of(index) + 1), Some((Event::Start(Tag::DefinitionListDefinition), _)));
                self.open.push(Open::Markdown(if is_defined { "], [" } else { "], []),\n" }));
            }
            _ => {
                // A further definition of the same term stands below the first.
                let is_further = matches!(before, Some(Event::End(TagEnd::DefinitionListDefinition)));
                self.out.code(if is_further { "#parbreak()\n" } else { "" });
                let is_last = !matches!(self.events.get(self.end_of(index) + 1), Some((Event::Start(Tag::DefinitionListDefinition), _)));
                self.open.push(Open::Markdown(if is_last { "]),\n" } else { "" }));
            }
        }
    }
}

/// Whether a line begins with up to four words and a colon, and goes on after it.
fn has_label(line: &str) -> bool {
    let line = line.trim().trim_start_matches(['*', '_']);
    let Some((label, value)) = line.split_once([':', '：']) else { return false };
    let label = label.trim_end_matches(['*', '_']);
    let parted = line[label.len()..].contains('：') || value.starts_with([' ', '*', '_', '\t']);
    let begins = label.starts_with(|c: char| c.is_uppercase() || c.is_alphabetic() && !c.is_lowercase());
    parted && begins && label.chars().count() <= MAX_LABEL_CHARS && label.split_whitespace().count() <= 4
}

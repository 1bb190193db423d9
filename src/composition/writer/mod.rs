//! The writer: Markdown, as pulldown-cmark reads it, becomes Typst markup made of function calls and string
//! literals only. Nothing that a note holds can become markup or code: every piece of text stands in `"…"`.
//!
//! It never looks at the file system; which images there are is asked of [`Images`].

mod html;
mod image;
mod markup;
mod outline;
mod speech;
mod table;

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use pulldown_cmark::{BlockQuoteKind, CodeBlockKind, Event, HeadingLevel, LinkType, Parser, Tag, TagEnd, TextMergeWithOffset};

pub(super) use self::image::Images;
pub(super) use self::markup::{LineTable, Markup};
pub(super) use self::speech::{SpokenParagraph, spoken_length};

use self::outline::HeadingPlan;
use crate::failure::Warning;

/// Lists and quotations nested deeper than this are printed at this depth: Typst's own recursion ends near 60.
const MAX_BLOCK_NESTING: usize = 10;
/// Emphasis nested deeper than this is not opened again.
const MAX_INLINE_NESTING: usize = 8;
/// Footnotes within footnotes beyond this depth are printed at the end instead.
const MAX_FOOTNOTE_NESTING: usize = 3;
/// A link longer than this is printed without being a link: Typst refuses such addresses.
const MAX_LINK_BYTES: usize = 2_000;

/// How a text is to be written.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Manner {
    /// The line of the note's file where the text begins; `None` for a template's own words.
    pub first_line: Option<u32>,
    /// The body line (from 1) of the heading that the page prints as its title, and so not again.
    pub title_line: Option<u32>,
    /// Paragraphs and speech marks are told apart.
    pub speech: bool,
}

/// Writes Markdown to `out`.
pub(super) fn write_markdown(
    out: &mut Markup,
    images: &mut Images<'_>,
    warnings: &mut Vec<Warning>,
    text: &str,
    manner: Manner,
) -> Vec<SpokenParagraph> {
    let events: Vec<(Event<'_>, Range<usize>)> =
        TextMergeWithOffset::new(Parser::new_ext(text, crate::reading::markdown_options()).into_offset_iter()).collect();
    let lines = LineTable::new(text);
    let mut writer = Writer {
        footnotes: footnote_definitions(&events),
        plan: HeadingPlan::new(&events, &lines, manner.title_line),
        events: &events,
        lines,
        out,
        images,
        warnings,
        manner,
        open: Vec::new(),
        block_depth: 0,
        inline_depth: 0,
        footnote_depth: 0,
        printed_footnotes: HashSet::new(),
        word_limit: markup::LONG_WORD_CHARS,
        comment_seen: false,
        paragraphs: Vec::new(),
    };
    writer.write(0..events.len());
    writer.write_remaining_footnotes();
    writer.paragraphs
}

/// Writes plain text: paragraphs parted by empty lines, every line break kept, nothing read as markup. The line that the
/// page prints as its title (from 1) is left out.
pub(super) fn write_plain_text(out: &mut Markup, text: &str, first_line: u32, title_line: Option<u32>) {
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

/// Where each footnote's definition stands among the events.
fn footnote_definitions(events: &[(Event<'_>, Range<usize>)]) -> HashMap<String, Range<usize>> {
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

struct Writer<'a, 'e, 'i> {
    events: &'e [(Event<'e>, Range<usize>)],
    lines: LineTable,
    out: &'a mut Markup,
    images: &'a mut Images<'i>,
    warnings: &'a mut Vec<Warning>,
    manner: Manner,
    plan: HeadingPlan,
    footnotes: HashMap<String, Range<usize>>,
    /// What closes each element that is open.
    open: Vec<&'static str>,
    block_depth: usize,
    inline_depth: usize,
    footnote_depth: usize,
    printed_footnotes: HashSet<String>,
    /// Words longer than this get places to break at.
    word_limit: usize,
    comment_seen: bool,
    paragraphs: Vec<SpokenParagraph>,
}

impl<'e> Writer<'_, 'e, '_> {
    /// Writes the events of a range; those that belong together are taken together.
    fn write(&mut self, range: Range<usize>) {
        let mut index = range.start;
        while index < range.end {
            index = self.write_one(index).max(index + 1);
        }
    }

    /// Writes the event at `index` and what must be taken with it; returns the next one to write.
    fn write_one(&mut self, index: usize) -> usize {
        let line = self.line(index);
        match &self.events[index].0 {
            Event::Start(tag) => return self.start(index, tag, line),
            Event::End(tag) => self.end(*tag),
            Event::Text(text) => self.write_text(text, line),
            Event::Code(code) => {
                self.out.code("#raw(");
                self.out.literal(code, line, self.word_limit);
                self.out.code(")");
            }
            Event::InlineHtml(tag) => self.write_html(tag, line),
            Event::Html(source) => self.write_html(source, line),
            Event::FootnoteReference(label) => self.write_footnote(label, line),
            Event::SoftBreak => self.write_soft_break(index),
            Event::HardBreak => self.out.code("#linebreak()"),
            Event::Rule => self.out.code("#line(length: 100%, stroke: 0.5pt + luma(60%))\n"),
            Event::TaskListMarker(done) => self.out.text(if *done { "☑ " } else { "☐ " }, line, self.word_limit),
            Event::InlineMath(source) | Event::DisplayMath(source) => self.out.text(source, line, self.word_limit),
        }
        index + 1
    }

    fn start(&mut self, index: usize, tag: &Tag<'e>, line: Option<u32>) -> usize {
        match tag {
            Tag::Paragraph => return self.start_paragraph(index),
            Tag::Heading { level, .. } => return self.start_heading(index, *level),
            Tag::BlockQuote(kind) => self.open_quote(*kind),
            Tag::CodeBlock(kind) => return self.write_code_block(index, kind, line),
            Tag::HtmlBlock => return self.write_html_block(index),
            Tag::List(start) => self.open_list(index, *start),
            Tag::Item => {
                let nested = self.block_depth <= MAX_BLOCK_NESTING;
                self.out.code(if nested { "[" } else { "" });
                self.open.push(if nested { "]" } else { "#parbreak()\n" });
            }
            Tag::FootnoteDefinition(_) => return self.end_of(index) + 1,
            Tag::Table(columns) => return self.write_table(index, columns),
            Tag::Emphasis => self.open_inline("#emph["),
            Tag::Strong => self.open_inline("#strong["),
            Tag::Strikethrough => self.open_inline("#strike["),
            Tag::Link { link_type, dest_url, .. } => self.open_link(index, *link_type, dest_url),
            Tag::Image { dest_url, .. } => return self.write_image(index, dest_url, false),
            Tag::Superscript => self.open_inline("#super["),
            Tag::Subscript => self.open_inline("#sub["),
            // Not read with these options, or taken together with their table.
            Tag::TableHead
            | Tag::TableRow
            | Tag::TableCell
            | Tag::DefinitionList
            | Tag::DefinitionListTitle
            | Tag::DefinitionListDefinition
            | Tag::MetadataBlock(_) => self.open.push(""),
        }
        index + 1
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::BlockQuote(_) | TagEnd::List(_) => self.block_depth -= 1,
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Superscript | TagEnd::Subscript => self.inline_depth -= 1,
            _ => {}
        }
        if let Some(closing) = self.open.pop() {
            self.out.code(closing);
        }
    }

    fn start_paragraph(&mut self, index: usize) -> usize {
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
        self.open.push("#parbreak()\n");
        index + 1
    }

    fn start_heading(&mut self, index: usize, level: HeadingLevel) -> usize {
        let end = self.end_of(index);
        let is_empty = (index + 1..end).all(|inner| matches!(&self.events[inner].0, Event::Text(text) if text.trim().is_empty()));
        if is_empty || self.plan.is_title(index) {
            return end + 1;
        }
        let level = self.plan.next_level(level);
        self.out.code(&format!("#heading(level: {level})["));
        self.open.push("]\n");
        index + 1
    }

    fn open_quote(&mut self, kind: Option<BlockQuoteKind>) {
        self.block_depth += 1;
        if self.block_depth > MAX_BLOCK_NESTING {
            self.open.push("");
            return;
        }
        self.out.code("#quote(block: true)[");
        self.open.push("]\n");
        let label = match kind {
            None => return,
            Some(BlockQuoteKind::Note) => "NOTE",
            Some(BlockQuoteKind::Tip) => "TIP",
            Some(BlockQuoteKind::Important) => "IMPORTANT",
            Some(BlockQuoteKind::Warning) => "WARNING",
            Some(BlockQuoteKind::Caution) => "CAUTION",
        };
        self.out.code(&format!("#strong[#\"{label}\"]#parbreak()\n"));
    }

    fn open_list(&mut self, index: usize, start: Option<u64>) {
        self.block_depth += 1;
        if self.block_depth > MAX_BLOCK_NESTING {
            self.open.push("#parbreak()\n");
            return;
        }
        let tight = !matches!(self.events.get(index + 2), Some((Event::Start(Tag::Paragraph), _)));
        match start {
            Some(start) => self.out.code(&format!("#enum(tight: {tight}, start: {start})")),
            None => self.out.code(&format!("#list(tight: {tight})")),
        }
        self.open.push("\n");
    }

    fn open_inline(&mut self, opening: &str) {
        self.inline_depth += 1;
        let opened = self.inline_depth <= MAX_INLINE_NESTING;
        self.out.code(if opened { opening } else { "" });
        self.open.push(if opened { "]" } else { "" });
    }

    fn open_link(&mut self, index: usize, kind: LinkType, address: &str) {
        let address = if kind == LinkType::Email { format!("mailto:{address}") } else { address.to_owned() };
        let is_empty = self.end_of(index) == index + 1;
        let is_absolute =
            ["http://", "https://", "mailto:", "tel:", "ftp://"].iter().any(|scheme| address.to_ascii_lowercase().starts_with(scheme));
        if !is_absolute || address.len() > MAX_LINK_BYTES {
            self.open.push("");
            return;
        }
        self.out.code("#link(");
        self.out.literal(&address, None, usize::MAX);
        self.out.code(")[");
        if is_empty {
            self.out.text(&address, None, self.word_limit);
        }
        self.open.push("]");
    }

    fn write_code_block(&mut self, index: usize, kind: &CodeBlockKind<'_>, line: Option<u32>) -> usize {
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
        if !code.trim().is_empty() {
            self.out.code("#raw(block: true, ");
            self.out.literal(code.trim_end_matches('\n'), first_line, markup::LONG_CODE_CHARS);
            self.out.code(")\n");
        }
        end + 1
    }

    fn write_text(&mut self, text: &str, line: Option<u32>) {
        if self.manner.speech {
            self.write_spoken_text(text, line);
        } else {
            self.out.text(text, line, self.word_limit);
        }
    }

    /// A line end in the note is a space, except between two characters of a script that is written without spaces.
    fn write_soft_break(&mut self, index: usize) {
        let text_of = |event: Option<&(Event<'_>, Range<usize>)>| match event {
            Some((Event::Text(text), _)) => Some(text.to_string()),
            _ => None,
        };
        let before = text_of(index.checked_sub(1).and_then(|before| self.events.get(before)));
        let after = text_of(self.events.get(index + 1));
        let spaceless = |c: Option<char>| c.is_some_and(markup::is_written_without_spaces);
        let joined = spaceless(before.and_then(|text| text.chars().last())) && spaceless(after.and_then(|text| text.chars().next()));
        if !joined {
            self.out.code("#\" \"");
        }
    }

    fn write_footnote(&mut self, label: &str, line: Option<u32>) {
        let Some(range) = self.footnotes.get(label).cloned() else {
            self.out.text(&format!("[^{label}]"), line, self.word_limit);
            return;
        };
        if self.footnote_depth >= MAX_FOOTNOTE_NESTING || !self.printed_footnotes.insert(label.to_owned()) {
            self.out.code("#super[");
            self.out.text(label, line, self.word_limit);
            self.out.code("]");
            return;
        }
        self.footnote_depth += 1;
        let open = std::mem::take(&mut self.open);
        self.out.code("#footnote[");
        self.write(range.start + 1..range.end - 1);
        self.out.code("]");
        self.open = open;
        self.footnote_depth -= 1;
    }

    /// Footnotes that nothing refers to are words of the note all the same.
    fn write_remaining_footnotes(&mut self) {
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

    /// The index of the event that ends the element starting at `index`.
    fn end_of(&self, index: usize) -> usize {
        let mut depth = 0usize;
        for (offset, (event, _)) in self.events[index..].iter().enumerate() {
            match event {
                Event::Start(_) => depth += 1,
                Event::End(_) => {
                    depth -= 1;
                    if depth == 0 {
                        return index + offset;
                    }
                }
                _ => {}
            }
        }
        self.events.len() - 1
    }

    /// The line of the note's file where an event stands.
    fn line(&self, index: usize) -> Option<u32> {
        let first = self.manner.first_line?;
        Some(first + self.lines.line(self.events[index].1.start) - 1)
    }
}

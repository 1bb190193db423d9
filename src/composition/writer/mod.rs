//! The writer: Markdown, as pulldown-cmark reads it, becomes Typst markup made of function calls and string
//! literals only. Nothing that a note holds can become markup or code: every piece of text stands in `"…"`.
//!
//! It never looks at the file system; which images there are is asked of [`Images`].

mod block;
mod footnote;
mod html;
mod image;
mod inline;
mod markup;
mod outline;
mod speech;
mod table;
mod text;

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use pulldown_cmark::{Event, Parser, Tag, TagEnd, TextMergeWithOffset};

pub(super) use self::image::Images;
pub(super) use self::markup::{LineTable, Markup, printable};
pub(super) use self::speech::{SpokenParagraph, spoken_length};
pub(super) use self::text::{write_plain_text, write_spoken_plain_text};

use self::outline::HeadingPlan;
use crate::failure::Warning;

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
        footnotes: footnote::footnote_definitions(&events),
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
            Tag::Item => self.open_item(),
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

    fn write_text(&mut self, text: &str, line: Option<u32>) {
        if self.manner.speech {
            self.write_spoken_text(text, line);
        } else {
            self.out.text(text, line, self.word_limit);
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

#[cfg(test)]
mod tests;

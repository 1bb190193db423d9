//! The writer: Markdown, as pulldown-cmark reads it, becomes Typst markup made of function calls and string
//! literals only. Nothing that a note holds can become markup or code: every piece of text stands in `"…"`.
//!
//! It never looks at the file system; which images there are is asked of [`Images`].

mod block;
mod columns;
mod element;
mod footnote;
mod gathering;
mod html;
mod image;
mod inline;
mod latex;
mod latex_blocks;
mod latex_names;
mod markup;
mod math;
mod outline;
mod passage;
mod speech;
mod table;
mod text;

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use pulldown_cmark::{Event, Tag, TagEnd};

pub(super) use self::image::Images;
pub(super) use self::markup::{LineTable, Markup, printable};
pub(super) use self::speech::{SpokenParagraph, spoken_length};
pub(super) use self::text::{write_plain_text, write_spoken_plain_text};

use self::outline::HeadingPlan;
use crate::failure::Warning;
use crate::model::Language;
use crate::reading::{Dialect, markdown_events};

/// How a text is to be written.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Manner<'a> {
    /// The line of the note's file where the text begins; `None` for a template's own words.
    pub first_line: Option<u32>,
    /// The body line (from 1) of the heading that the page prints as its title, and so not again.
    pub title_line: Option<u32>,
    /// Paragraphs and speech marks are told apart.
    pub speech: bool,
    /// How its Markdown is read.
    pub dialect: Dialect,
    /// The two languages of the document, if it has two.
    pub languages: Option<&'a [Language; 2]>,
    /// The words of the language, for what the page adds to the text.
    pub labels: Option<&'a serde_json::Map<String, serde_json::Value>>,
}

/// Writes Markdown to `out`.
pub(super) fn write_markdown(
    out: &mut Markup,
    images: &mut Images<'_>,
    warnings: &mut Vec<Warning>,
    text: &str,
    manner: Manner<'_>,
) -> Vec<SpokenParagraph> {
    let events = markdown_events(text, manner.dialect);
    let lines = LineTable::new(text);
    let mut writer = Writer {
        footnotes: footnote::footnote_definitions(&events),
        last_ends: last_ends(&events),
        plan: HeadingPlan::new(&events, &lines, manner.title_line),
        events: &events,
        text,
        lines,
        out,
        images,
        warnings,
        manner,
        open: Vec::new(),
        block_depth: 0,
        inline_depth: 0,
        footnote_depth: 0,
        run_in: 0,
        printed_footnotes: HashSet::new(),
        anchored_footnotes: HashSet::new(),
        word_limit: markup::LONG_WORD_CHARS,
        comment_seen: false,
        labels_end: 0,
        hanging_boxes: HashSet::new(),
        beside: None,
        paragraphs: Vec::new(),
    };
    writer.name_unseen(text);
    writer.write_apart(0..events.len());
    writer.write_remaining_footnotes();
    writer.paragraphs
}

/// An element that is open.
#[derive(Debug)]
enum Open {
    /// Of Markdown, and what closes it.
    Markdown(&'static str),
    /// Of HTML, and what closes it.
    Html { name: &'static str, closing: &'static str },
    /// A list or table of HTML.
    Gathering(Box<gathering::Gathering>),
    /// An item or cell of one.
    Part(gathering::Part),
    /// A passage in a language of its own.
    Passage(Box<passage::Passage>),
}

struct Writer<'a, 'e, 'i> {
    events: &'e [(Event<'e>, Range<usize>)],
    /// What the ranges are of.
    text: &'e str,
    lines: LineTable,
    out: &'a mut Markup,
    images: &'a mut Images<'i>,
    warnings: &'a mut Vec<Warning>,
    manner: Manner<'a>,
    plan: HeadingPlan,
    footnotes: HashMap<String, Range<usize>>,
    /// The elements of HTML that end, and the last event in which each does.
    last_ends: HashMap<String, usize>,
    /// The elements that are open.
    open: Vec<Open>,
    block_depth: usize,
    inline_depth: usize,
    footnote_depth: usize,
    /// Whether, and how often over, no paragraph can begin: in headings, links, emphasis and what is spoken.
    run_in: usize,
    printed_footnotes: HashSet<String>,
    /// Those that stand at the foot of a page, and can be pointed at again.
    anchored_footnotes: HashSet<String>,
    /// Words longer than this get places to break at.
    word_limit: usize,
    comment_seen: bool,
    /// The last event of a paragraph whose lines stand one below the other.
    labels_end: usize,
    /// The boxes to tick that stand before their lines, as the marks of a list do.
    hanging_boxes: HashSet<usize>,
    /// A passage that waits for its counterpart in the other language.
    beside: Option<passage::Written>,
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
        let event = &self.events[index].0;
        if !matches!(event, Event::Html(_) | Event::Start(Tag::HtmlBlock) | Event::End(TagEnd::HtmlBlock)) {
            self.write_beside();
        }
        if matches!(event, Event::Rule) || matches!(event, Event::Start(tag) if *tag != Tag::HtmlBlock) {
            self.cut_passage();
        }
        match event {
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
            Event::SoftBreak if index < self.labels_end => self.out.code("#linebreak()"),
            Event::SoftBreak => self.write_soft_break(index),
            Event::HardBreak => self.out.code("#linebreak()"),
            Event::Rule => self.write_rule(),
            Event::TaskListMarker(done) => self.write_task_box(index, *done, line),
            Event::InlineMath(source) => self.write_formula(source, false, line),
            Event::DisplayMath(source) => self.write_formula(source, true, line),
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
            Tag::DefinitionList | Tag::DefinitionListTitle | Tag::DefinitionListDefinition => self.open_definition(index, tag),
            // Not read with these options, or taken together with their table.
            Tag::TableHead | Tag::TableRow | Tag::TableCell | Tag::MetadataBlock(_) => self.open.push(Open::Markdown("")),
        }
        index + 1
    }

    fn end(&mut self, tag: TagEnd) {
        self.close_html();
        match tag {
            TagEnd::BlockQuote(_) | TagEnd::List(_) | TagEnd::DefinitionList => self.block_depth -= 1,
            TagEnd::Heading(_) | TagEnd::Link | TagEnd::DefinitionListTitle => self.run_in -= 1,
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Superscript | TagEnd::Subscript => {
                self.inline_depth -= 1;
                self.run_in -= 1;
            }
            _ => {}
        }
        if let Some(Open::Markdown(closing)) = self.open.pop() {
            self.out.code(closing);
        }
    }

    fn write_text(&mut self, text: &str, line: Option<u32>) {
        if self.in_code() {
            self.out.code("#raw(");
            self.out.literal(text, line, self.word_limit);
            self.out.code(")");
        } else if self.manner.speech {
            self.write_spoken_text(text, line);
        } else {
            self.out.text(text, line, self.word_limit);
        }
    }

    /// Writes the events of a range as something of its own: what is begun in it ends in it.
    fn write_apart(&mut self, range: Range<usize>) {
        let open = std::mem::take(&mut self.open);
        self.write(range);
        self.close_to(0);
        self.write_beside();
        self.open = open;
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

/// The elements of HTML that end, and the last event in which each does.
fn last_ends(events: &[(Event<'_>, Range<usize>)]) -> HashMap<String, usize> {
    let mut ends = HashMap::new();
    for (index, (event, _)) in events.iter().enumerate() {
        if let Event::Html(source) | Event::InlineHtml(source) = event {
            let names = source.match_indices("</").filter_map(|(at, _)| crate::reading::html_element(&source[at..]));
            ends.extend(names.map(|name| (name.to_owned(), index)));
        }
    }
    ends
}

#[cfg(test)]
mod tests;

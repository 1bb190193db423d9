//! Heading levels: the title is level 1, the note's own headings begin at level 2 and never skip one, as
//! PDF/UA-1 (ISO 14289-1, 7.4.2) demands.

use std::ops::Range;

use pulldown_cmark::{Event, Tag};

use super::markup::LineTable;
use crate::reading::html_element;

/// The deepest level that is told apart.
const DEEPEST_LEVEL: usize = 6;

/// Which level each heading of a text gets.
#[derive(Debug)]
pub(super) struct HeadingPlan {
    title: Option<usize>,
    /// Added to a level as written.
    shift: isize,
    last: usize,
}

impl HeadingPlan {
    /// Looks at all headings: the highest one that is left beside the title becomes level 2.
    pub(super) fn new(events: &[(Event<'_>, Range<usize>)], lines: &LineTable, title_line: Option<u32>) -> Self {
        let headings = || {
            events.iter().enumerate().filter_map(|(index, (event, range))| match event {
                Event::Start(Tag::Heading { level, .. }) => Some((index, *level as isize, lines.line(range.start))),
                _ => None,
            })
        };
        let title = title_line.and_then(|line| headings().find(|(_, _, at)| *at == line)).map(|(index, _, _)| index);
        let title = title.filter(|index| is_plain(events, *index));
        let in_html = events.iter().filter_map(|(event, _)| match event {
            Event::Html(source) | Event::InlineHtml(source) => Some(source),
            _ => None,
        });
        let in_html = in_html.flat_map(|source| source.match_indices('<').filter_map(|(at, _)| html_level(&source[at..])));
        let highest = headings().filter(|(index, _, _)| Some(*index) != title).map(|(_, level, _)| level).chain(in_html).min();
        Self { title, shift: 2 - highest.unwrap_or(2), last: 1 }
    }

    /// Whether the heading starting at this event is printed as the page's title, and so not again.
    pub(super) fn is_title(&self, index: usize) -> bool {
        self.title == Some(index)
    }

    /// The level to print the next heading at.
    pub(super) fn next_level(&mut self, level: isize) -> usize {
        let wanted = usize::try_from(level + self.shift).unwrap_or(2);
        self.last = wanted.clamp(2, DEEPEST_LEVEL).min(self.last + 1);
        self.last
    }
}

/// The level of the heading that an HTML tag opens.
fn html_level(source: &str) -> Option<isize> {
    let name = html_element(source).filter(|name| super::element::is_heading(name))?;
    name[1..].parse().ok()
}

/// Whether a heading holds nothing that its plain text would lose.
fn is_plain(events: &[(Event<'_>, Range<usize>)], start: usize) -> bool {
    events[start + 1..].iter().take_while(|(event, _)| !matches!(event, Event::End(pulldown_cmark::TagEnd::Heading(_)))).all(
        |(event, _)| match event {
            Event::InlineHtml(tag) => html_element(tag) != Some("img"),
            event => !matches!(event, Event::Start(Tag::Image { .. }) | Event::FootnoteReference(_)),
        },
    )
}

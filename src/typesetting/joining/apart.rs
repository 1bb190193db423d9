//! Keeps one document of a bundle apart from the others.
//!
//! Typst names every element by a hash of where it stands: two documents of one template have the same names throughout,
//! and a link or a footnote of the second would lead into the first. So each name becomes one of this document's own, in the
//! elements that stand in the pages, in the links to them and in what belongs to them elsewhere (a footnote, the rest of
//! a table's cell).

use std::cell::Cell;
use std::num::NonZeroUsize;

use typst::foundations::{Content, NativeElement as _, Smart, StyleChain};
use typst::introspection::{Location, PagedPosition, Tag, TagFlags};
use typst::layout::{Frame, FrameItem, FrameParent, Point};
use typst::model::{Destination, HeadingElem, Numbering, NumberingPattern};
use typst::text::TextElem;
use typst_layout::{Page, PagedDocument, PagedIntrospector};

/// How pages are counted: in Arabic numerals.
const PLAIN_NUMBERS: &str = "1";

/// The renaming of one document.
pub(super) struct Apart<'a> {
    /// Which document of the bundle it is.
    document: usize,
    /// How many pages stand before it.
    before: usize,
    /// It knows what links lead to.
    introspector: &'a PagedIntrospector,
    /// Whether the heading that is the document's title was met: the bookmark stands for it.
    title_met: Cell<bool>,
}

/// What becomes of an item of a frame.
enum Become {
    Same,
    Other(FrameItem),
    Two(FrameItem, FrameItem),
    Nothing,
}

impl<'a> Apart<'a> {
    pub(super) fn new(document: usize, before: usize, laid_out: &'a PagedDocument) -> Self {
        Self { document, before, introspector: laid_out.introspector(), title_met: Cell::new(false) }
    }

    /// The document's pages as they stand in the bundle, the first with the bookmark.
    pub(super) fn pages(&self, laid_out: &PagedDocument, bookmark: &str, label: &str) -> Vec<Page> {
        let mut pages: Vec<Page> = laid_out.pages().iter().map(|page| self.page(page, label)).collect();
        if let Some(first) = pages.first_mut() {
            first.frame.prepend_multiple(self.bookmark(bookmark).map(|item| (Point::zero(), item)));
        }
        pages
    }

    /// The third page of the document with the label 17 is called 17-3 in the PDF. Without the label krilla 0.8.2 would
    /// take a first page behind a second one for the third: it leaves out labels that count down by one.
    fn page(&self, page: &Page, label: &str) -> Page {
        let frame = self.frame(&page.frame).unwrap_or_else(|| page.frame.clone());
        let mut numbering = PLAIN_NUMBERS.parse::<NumberingPattern>().ok();
        if let Some((prefix, _)) = numbering.as_mut().and_then(|pattern| pattern.pieces.make_mut().first_mut()) {
            *prefix = format!("{label}-").into();
        }
        Page { frame, numbering: numbering.map(Numbering::Pattern), ..page.clone() }
    }

    /// A heading that nobody sees or hears, at the head of the first page: Typst makes bookmarks of headings alone.
    fn bookmark(&self, text: &str) -> [FrameItem; 2] {
        let heading =
            HeadingElem::new(TextElem::packed(text)).with_level(Smart::Custom(NonZeroUsize::MIN)).with_bookmarked(Smart::Custom(true));
        let location = self.own(Location::new(0));
        let flags = TagFlags { introspectable: true, tagged: false };
        let start = Tag::Start(heading.pack().located(location), flags);
        [FrameItem::Tag(start), FrameItem::Tag(Tag::End(location, 0, flags))]
    }

    /// This document's own name for an element.
    fn own(&self, location: Location) -> Location {
        location.variant(self.document)
    }

    /// A frame with its elements renamed; nothing if there is none in it, so that it goes on being shared.
    fn frame(&self, frame: &Frame) -> Option<Frame> {
        let became: Vec<Become> = frame.items().map(|(_, item)| self.item(item)).collect();
        if became.iter().all(|became| matches!(became, Become::Same)) {
            return None;
        }
        let mut renamed = Frame::new(frame.size(), frame.kind());
        if frame.has_baseline() {
            renamed.set_baseline(frame.baseline());
        }
        for ((at, item), became) in frame.items().zip(became) {
            match became {
                Become::Same => renamed.push(*at, item.clone()),
                Become::Other(item) => renamed.push(*at, item),
                Become::Two(first, second) => renamed.push_multiple([(*at, first), (*at, second)]),
                Become::Nothing => {}
            }
        }
        Some(renamed)
    }

    fn item(&self, item: &FrameItem) -> Become {
        match item {
            FrameItem::Group(group) => {
                let frame = self.frame(&group.frame);
                if frame.is_none() && group.parent.is_none() {
                    return Become::Same;
                }
                let mut group = group.clone();
                group.frame = frame.unwrap_or(group.frame);
                group.parent = group.parent.map(|parent| FrameParent::new(self.own(parent.location), parent.inherit));
                Become::Other(FrameItem::Group(group))
            }
            FrameItem::Link(Destination::Location(location), size) => {
                Become::Other(FrameItem::Link(Destination::Location(self.own(*location)), *size))
            }
            FrameItem::Link(Destination::Position(position), size) => {
                let page = position.page.saturating_add(self.before);
                Become::Other(FrameItem::Link(Destination::Position(PagedPosition { page, ..*position }), *size))
            }
            FrameItem::Tag(tag) => self.tag(tag),
            FrameItem::Link(Destination::Url(_), _) | FrameItem::Text(_) | FrameItem::Shape(..) | FrameItem::Image(..) => Become::Same,
        }
    }

    fn tag(&self, tag: &Tag) -> Become {
        let (location, flags) = (
            tag.location(),
            match tag {
                Tag::Start(_, flags) | Tag::End(.., flags) => *flags,
            },
        );
        // What is neither part of the PDF's structure nor linked to served the layout alone; attachments are among it.
        if !flags.tagged && !self.introspector.frame_link_targets().contains(&location) {
            return Become::Nothing;
        }
        match tag {
            Tag::End(_, key, _) => Become::Other(FrameItem::Tag(Tag::End(self.own(location), *key, flags))),
            Tag::Start(element, _) => self.start(element.clone().located(self.own(location)), flags),
        }
    }

    fn start(&self, element: Content, flags: TagFlags) -> Become {
        let Some(level) = element.to_packed::<HeadingElem>().map(|heading| heading.resolve_level(StyleChain::default())) else {
            return Become::Other(FrameItem::Tag(Tag::Start(element, flags)));
        };
        // In the structure a heading keeps its level; among the bookmarks it stands below the document's.
        let mut below = element.clone();
        if let Some(heading) = below.to_packed_mut::<HeadingElem>() {
            heading.level.set(Smart::Custom(level.saturating_add(1)));
            if level == NonZeroUsize::MIN && !self.title_met.replace(true) {
                heading.bookmarked.set(Smart::Custom(false));
            }
        }
        let spoken = Tag::Start(element, TagFlags { introspectable: false, ..flags });
        let bookmarked = Tag::Start(below, TagFlags { tagged: false, ..flags });
        Become::Two(FrameItem::Tag(spoken), FrameItem::Tag(bookmarked))
    }
}

//! Letters with their marks, put together again: Typst cuts a run of glyphs wherever their height changes, and gives each
//! piece the text of the whole letter, so that a letter with a raised or lowered mark (the points of Hebrew, a Thai tone, the
//! Devanagari reph) would be copied, read aloud and found twice.

use typst::layout::{Em, Frame, FrameItem, Point};
use typst::text::{Glyph, TextItem};
use typst_layout::{Page, PagedDocument};

/// How far two places may lie apart, in points, and be the same: sums of widths are rounded.
const NEAR: f64 = 0.01;

/// The document with every letter in one piece; as it was if all are.
pub(super) fn whole(document: PagedDocument) -> PagedDocument {
    if !document.pages().iter().any(|page| has_pieces(&page.frame)) {
        return document;
    }
    let pages = document.pages().iter().map(|page| Page { frame: joined(&page.frame), ..page.clone() }).collect();
    let info = typst::model::Document::info(&document).clone();
    PagedDocument::new(pages, info)
}

fn has_pieces(frame: &Frame) -> bool {
    let mut last: Option<(Point, &TextItem)> = None;
    frame.items().any(|(at, item)| match item {
        FrameItem::Group(group) => has_pieces(&group.frame),
        FrameItem::Text(text) => {
            let cut = last.is_some_and(|(before, piece)| is_cut(before, piece, *at, text));
            last = Some((*at, text));
            cut
        }
        _ => false,
    })
}

/// The frame with pieces of one letter in one run.
fn joined(frame: &Frame) -> Frame {
    let mut items: Vec<(Point, FrameItem)> = Vec::new();
    // Where the last run of glyphs stands; between it and the next piece there may be the line under it.
    let mut last: Option<usize> = None;
    for (at, item) in frame.items() {
        match item {
            FrameItem::Group(group) => {
                let mut group = group.clone();
                group.frame = joined(&group.frame);
                items.push((*at, FrameItem::Group(group)));
            }
            FrameItem::Text(text) => {
                if let Some((before, FrameItem::Text(piece))) = last.and_then(|index| items.get_mut(index))
                    && is_cut(*before, piece, *at, text)
                {
                    join(piece, text, Em::from_abs(before.y - at.y, text.size));
                } else {
                    last = Some(items.len());
                    items.push((*at, item.clone()));
                }
            }
            _ => items.push((*at, item.clone())),
        }
    }
    let mut whole = frame.clone();
    whole.clear();
    whole.push_multiple(items);
    whole
}

/// Whether one letter ends the first run and begins the second: the same place of the source, and nothing between them.
fn is_cut(before: Point, first: &TextItem, at: Point, second: &TextItem) -> bool {
    let (Some(last), Some(next)) = (first.glyphs.last(), second.glyphs.first()) else { return false };
    let follows = ((before.x + first.width()) - at.x).to_pt().abs() < NEAR;
    let is_alike = first.font == second.font
        && (first.size, first.lang, first.region) == (second.size, second.lang, second.region)
        && (&first.fill, &first.stroke) == (&second.fill, &second.stroke);
    // Spans count bytes in 16 bits; beyond them they all say the same.
    let is_one_letter = last.span == next.span && last.span.1 < u16::MAX && !last.span.0.is_detached();
    let letter =
        |text: &TextItem, range: std::ops::Range<u16>| text.text.get(usize::from(range.start)..usize::from(range.end)).map(str::to_owned);
    let is_same_text = letter(first, last.range.clone()).is_some_and(|text| letter(second, next.range.clone()) == Some(text));
    let is_at_the_seam = joins_forward(first, last, next) || (last.range.start == 0 && usize::from(next.range.end) == second.text.len());
    follows && is_at_the_seam && is_alike && is_one_letter && is_same_text
}

/// From left to right the letter ends the first text and begins the second; from right to left it is the other way round.
fn joins_forward(first: &TextItem, last: &Glyph, next: &Glyph) -> bool {
    usize::from(last.range.end) == first.text.len() && next.range.start == 0
}

/// Appends a run to the one that it was cut from; `raised` is how much higher it stands.
fn join(first: &mut TextItem, second: &TextItem, raised: Em) {
    let (Some(last), Some(next)) = (first.glyphs.last(), second.glyphs.first()) else { return };
    let (forward, last) = (joins_forward(first, last, next), last.range.clone());
    let (text, first_shift, second_shift) = if forward {
        let rest = second.text.get(usize::from(next.range.end)..).unwrap_or_default();
        (format!("{}{rest}", first.text), 0, last.start)
    } else {
        let rest = first.text.get(usize::from(last.end)..).unwrap_or_default();
        (format!("{}{rest}", second.text), next.range.start, 0)
    };
    first.text = text.into();
    for glyph in &mut first.glyphs {
        glyph.range = glyph.range.start.saturating_add(first_shift)..glyph.range.end.saturating_add(first_shift);
    }
    first.glyphs.extend(second.glyphs.iter().cloned().map(|mut glyph| {
        glyph.range = glyph.range.start.saturating_add(second_shift)..glyph.range.end.saturating_add(second_shift);
        glyph.y_offset += raised;
        glyph
    }));
}

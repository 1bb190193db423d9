//! For tests: the text of laid-out pages, in the order in which it was laid out.

use typst::layout::{Abs, Frame, FrameItem, Point};

use super::Typesetter;
use super::world::SealedWorld;
use crate::composition::Manuscript;
use crate::failure::Checked;

impl Typesetter {
    /// Whether any font in use has a character.
    pub(crate) fn has(&self, c: char) -> bool {
        self.fonts.have(c)
    }

    /// The text of each page; what does not follow on directly is parted by a blank.
    pub(crate) fn page_texts(&self, manuscript: &Manuscript) -> Checked<Vec<String>> {
        let world = SealedWorld::new(&self.fonts, &self.parsed, manuscript);
        let (document, _) = self.lay_out(&world, manuscript)?;
        let texts = document.pages().iter().map(|page| {
            let mut text = PageText::default();
            text.read(&page.frame, Point::zero());
            text.text
        });
        Ok(texts.collect())
    }
}

/// Text as far as it was read, and where it ends.
#[derive(Default)]
struct PageText {
    text: String,
    end: Point,
}

impl PageText {
    fn read(&mut self, frame: &Frame, offset: Point) {
        for (position, item) in frame.items() {
            let at = offset + *position;
            match item {
                FrameItem::Group(group) => self.read(&group.frame, at),
                FrameItem::Text(item) => {
                    let follows = (at.x - self.end.x).abs() < Abs::pt(0.5) && (at.y - self.end.y).abs() < item.size * 1.2;
                    if !follows {
                        self.text.push(' ');
                    }
                    self.text.push_str(&item.text);
                    self.end = Point::new(at.x + item.width(), at.y);
                }
                _ => {}
            }
        }
    }
}

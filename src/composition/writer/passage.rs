//! Parts of a note in a language of their own: `<div lang="zh">` … `</div>` and `<span lang="fr">`. Two passages that follow
//! each other, in the two languages of the document, stand side by side.

use super::html::Tag;
use super::markup::Markup;
use super::{Open, Writer};
use crate::model::Language;

/// A table of more columns than this has no room in half the width.
const MAX_COLUMNS_BESIDE: usize = 5;

/// A passage that is open.
#[derive(Debug)]
pub(super) struct Passage {
    tag: String,
    /// What was written before it.
    before: Markup,
    /// Its blocks so far.
    blocks: Vec<Markup>,
    /// The passage right before it, which may be its counterpart.
    partner: Option<Written>,
    wide: bool,
}

/// A passage that is written, but not yet put in its place.
#[derive(Debug)]
pub(super) struct Written {
    tag: String,
    blocks: Vec<Markup>,
    wide: bool,
}

impl Writer<'_, '_, '_> {
    /// The language that an element names.
    fn language_of(&self, tag: &Tag<'_>) -> Option<String> {
        let named = tag.attribute("lang").or_else(|| tag.attribute("xml:lang"))?.trim().replace('_', "-");
        Language::is_tag(&named).then_some(named)
    }

    /// Opens words within a line that are in another language.
    pub(super) fn open_span(&mut self, tag: &Tag<'_>) {
        let language = self.language_of(tag).filter(|_| self.may_nest());
        if let Some(language) = &language {
            self.call("span-in", language);
        }
        self.push_element(tag.name, if language.is_some() { "]" } else { "" });
    }

    /// Opens a passage in another language; `false` where the element names none, or no paragraph can begin.
    pub(super) fn open_passage(&mut self, tag: &Tag<'_>) -> bool {
        let Some(language) = self.language_of(tag).filter(|_| self.can_break() && !self.manner.speech) else { return false };
        self.break_paragraph();
        let is_on_its_own = tag.name == "div" && self.footnote_depth == 0 && self.open.iter().all(Open::is_plain);
        if !is_on_its_own {
            let nests = self.may_nest();
            if nests {
                self.call("blocks-in", &language);
            }
            self.push_element(tag.name, if nests { "]#parbreak()\n" } else { "" });
            return true;
        }
        let partner = self.beside.take_if(|before| self.manner.languages.is_some_and(|both| are(both, &before.tag, &language)));
        self.write_beside();
        let before = self.out.begin_anew();
        self.open.push(Open::Passage(Box::new(Passage { tag: language, before, blocks: Vec::new(), partner, wide: false })));
        true
    }

    fn call(&mut self, function: &str, language: &str) {
        self.out.code(&format!("#{function}("));
        self.out.literal(language, None, usize::MAX);
        self.out.code(")[");
    }

    /// Ends a block of the passage, if that is the innermost element.
    pub(super) fn cut_passage(&mut self) {
        if !matches!(self.open.last(), Some(Open::Passage(_))) {
            return;
        }
        let block = self.out.begin_anew();
        if let Some(Open::Passage(passage)) = self.open.last_mut().filter(|_| !block.is_blank()) {
            passage.blocks.push(block);
        }
    }

    /// Notes that a table is too wide to stand beside anything.
    pub(super) fn note_columns(&mut self, count: usize) {
        let innermost = self.open.iter_mut().rev().find_map(|open| if let Open::Passage(passage) = open { Some(passage) } else { None });
        if let Some(passage) = innermost.filter(|_| count > MAX_COLUMNS_BESIDE) {
            passage.wide = true;
        }
    }

    /// Ends a passage: it is put beside the one before it, or waits for the one behind it.
    pub(super) fn close_passage(&mut self, passage: Passage) {
        let Passage { tag, before, mut blocks, partner, wide } = passage;
        let last = std::mem::replace(self.out, before);
        if !last.is_blank() {
            blocks.push(last);
        }
        let written = Written { tag, blocks, wide };
        match partner {
            None => self.beside = Some(written),
            Some(partner) if partner.wide || written.wide || partner.blocks.is_empty() || written.blocks.is_empty() => {
                self.write_passage(partner);
                self.write_passage(written);
            }
            Some(partner) => self.write_pair(partner, written),
        }
    }

    /// Puts a passage that waits for its counterpart in its place, for something else follows.
    pub(super) fn write_beside(&mut self) {
        if let Some(written) = self.beside.take() {
            self.write_passage(written);
        }
    }

    fn write_passage(&mut self, written: Written) {
        if written.blocks.is_empty() {
            return;
        }
        self.out.code("#passage(");
        self.write_blocks(written);
        self.out.code(")\n");
    }

    fn write_pair(&mut self, one: Written, other: Written) {
        let is_first = |written: &Written| self.manner.languages.is_some_and(|[first, _]| is_same(first, &written.tag));
        let (first, second) = if is_first(&one) { (one, other) } else { (other, one) };
        self.out.code("#beside(");
        self.write_blocks(first);
        self.out.code(", ");
        self.write_blocks(second);
        self.out.code(")\n");
    }

    fn write_blocks(&mut self, written: Written) {
        self.out.literal(&written.tag, None, usize::MAX);
        self.out.code(", (");
        for block in written.blocks {
            self.out.code(&format!("({}, [", block.heading_level()));
            self.out.append(block);
            self.out.code("]), ");
        }
        self.out.code(")");
    }
}

/// Whether two tags are the two languages, in either order.
fn are([first, second]: &[Language; 2], one: &str, other: &str) -> bool {
    (is_same(first, one) && is_same(second, other)) || (is_same(first, other) && is_same(second, one))
}

/// Whether a tag means a language of the document: `zh` is meant by `zh-CN` too, but not simplified by traditional Chinese.
fn is_same(language: &Language, tag: &str) -> bool {
    let other = Language(tag.to_owned());
    language.primary().eq_ignore_ascii_case(other.primary()) && language.is_traditional_chinese() == other.is_traditional_chinese()
}

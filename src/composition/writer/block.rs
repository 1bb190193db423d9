//! Blocks: paragraphs, headings, quotations, lists and code. Those nested too deep are set flat.

use pulldown_cmark::{BlockQuoteKind, CodeBlockKind, Event, HeadingLevel, Tag};

use super::{Writer, markup};

/// Lists and quotations nested deeper than this are printed at this depth: Typst's own recursion ends near 60.
const MAX_BLOCK_NESTING: usize = 10;

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
        self.open.push("#parbreak()\n");
        index + 1
    }

    pub(super) fn start_heading(&mut self, index: usize, level: HeadingLevel) -> usize {
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

    pub(super) fn open_quote(&mut self, kind: Option<BlockQuoteKind>) {
        self.block_depth += 1;
        if self.block_depth > MAX_BLOCK_NESTING {
            self.out.code("#parbreak()\n");
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

    pub(super) fn open_list(&mut self, index: usize, start: Option<u64>) {
        self.block_depth += 1;
        if self.block_depth > MAX_BLOCK_NESTING {
            // The item that holds this list would run on into it.
            self.out.code("#parbreak()\n");
            self.open.push("#parbreak()\n");
            return;
        }
        let tight = !matches!(self.events.get(index + 2), Some((Event::Start(Tag::Paragraph), _)));
        match start {
            Some(start) => self.out.code(&format!("#enum(tight: {tight}, start: {start})")),
            // A box to tick is mark enough.
            None if self.is_task_list(index) => self.out.code(&format!("#list(tight: {tight}, marker: none)")),
            None => self.out.code(&format!("#list(tight: {tight})")),
        }
        self.open.push("\n");
    }

    /// Whether every item of the list that starts at `index` begins with a box.
    fn is_task_list(&self, index: usize) -> bool {
        let mut depth = 0usize;
        for (at, (event, _)) in self.events.iter().enumerate().skip(index) {
            match event {
                Event::Start(Tag::Item) if depth == 1 => {
                    let mut inside = self.events[at + 1..].iter().map(|(event, _)| event);
                    if !matches!(inside.find(|event| !matches!(event, Event::Start(Tag::Paragraph))), Some(Event::TaskListMarker(_))) {
                        return false;
                    }
                    depth += 1;
                }
                Event::Start(_) => depth += 1,
                Event::End(_) => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return true;
            }
        }
        true
    }

    pub(super) fn open_item(&mut self) {
        let nested = self.block_depth <= MAX_BLOCK_NESTING;
        self.out.code(if nested { "[" } else { "" });
        self.open.push(if nested { "]" } else { "#parbreak()\n" });
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
        if !code.trim().is_empty() {
            self.out.code("#raw(block: true, ");
            self.out.literal(code.trim_end_matches('\n'), first_line, markup::LONG_CODE_CHARS);
            self.out.code(")\n");
        }
        end + 1
    }
}

//! Pipe tables: columns as wide as their content asks for, smaller type where there are many of them.

use pulldown_cmark::{Alignment, Event, Tag, TagEnd};

use super::Writer;
use super::markup::longest_word;

/// About how many characters of table text fit between the margins at full size.
const LINE_CHARS: usize = 84;
/// Table text is never set smaller than this share of the running text.
const SMALLEST_SCALE: f64 = 0.4;
/// A word of a table never needs more than this many characters on one line.
const WORD_CHARS: usize = 24;

/// How many characters a column needs.
#[derive(Clone, Copy, Default)]
struct Width {
    word: usize,
    cell: usize,
}

impl Writer<'_, '_, '_> {
    /// Writes the table that starts at `index`; returns the event after it.
    pub(super) fn write_table(&mut self, index: usize, columns: &[Alignment]) -> usize {
        let end = self.end_of(index);
        let widths = self.column_widths(index, end, columns.len());
        let total: usize = widths.iter().map(|width| width.cell + 2).sum();
        let words: usize = widths.iter().map(|width| width.word.min(WORD_CHARS) + 2).sum();
        let scale = (LINE_CHARS as f64 / words.max(1) as f64).clamp(SMALLEST_SCALE, 1.0);
        let limit = std::mem::replace(&mut self.word_limit, if words > LINE_CHARS { 10 } else { WORD_CHARS });
        let open = std::mem::take(&mut self.open);

        if scale < 1.0 {
            self.out.code(&format!("#[#set text(size: {scale:.2}em)\n"));
        }
        let fits = total <= LINE_CHARS;
        let column = |width: &Width| if fits { "auto".to_owned() } else { format!("{}fr", share(*width)) };
        let list = |items: Vec<String>| items.join(", ");
        self.out.code(&format!("#table(columns: ({},), ", list(widths.iter().map(column).collect())));
        self.out.code(&format!("align: ({},),\n", list(columns.iter().map(|side| alignment(*side).to_owned()).collect())));
        self.write_rows(index + 1, end);
        self.out.code(")\n");
        if scale < 1.0 {
            self.out.code("]\n");
        }

        self.open = open;
        self.word_limit = limit;
        end + 1
    }

    fn write_rows(&mut self, start: usize, end: usize) {
        let mut index = start;
        while index < end {
            match &self.events[index].0 {
                Event::Start(Tag::TableHead) => self.out.code("table.header("),
                Event::End(TagEnd::TableHead) => self.out.code("),\n"),
                Event::Start(Tag::TableCell) => {
                    let cell_end = self.end_of(index);
                    self.out.code("[");
                    self.write(index + 1..cell_end);
                    self.out.code("], ");
                    index = cell_end;
                }
                Event::End(TagEnd::TableRow) => self.out.code("\n"),
                _ => {}
            }
            index += 1;
        }
    }

    fn column_widths(&self, start: usize, end: usize, columns: usize) -> Vec<Width> {
        let mut widths = vec![Width::default(); columns];
        let (mut column, mut cell) = (0, 0);
        for (event, _) in &self.events[start..end] {
            match event {
                Event::Start(Tag::TableHead | Tag::TableRow) => column = 0,
                Event::Start(Tag::TableCell) => cell = 0,
                Event::Text(text) | Event::Code(text) => {
                    cell += text.chars().map(|c| if super::markup::is_written_without_spaces(c) { 2 } else { 1 }).sum::<usize>();
                    if let Some(width) = widths.get_mut(column) {
                        width.word = width.word.max(longest_word(text).max(2));
                    }
                }
                Event::SoftBreak | Event::HardBreak => cell += 1,
                Event::End(TagEnd::TableCell) => {
                    if let Some(width) = widths.get_mut(column) {
                        width.cell = width.cell.max(cell);
                    }
                    column += 1;
                }
                _ => {}
            }
        }
        widths
    }
}

/// A column's share of the line: enough for its longest word, and more for long cells, though not in proportion.
fn share(width: Width) -> usize {
    let long = (width.cell as f64).sqrt() * 3.0;
    width.word.min(WORD_CHARS).max(long as usize).max(4)
}

fn alignment(side: Alignment) -> &'static str {
    match side {
        Alignment::None => "auto",
        Alignment::Left => "left",
        Alignment::Center => "center",
        Alignment::Right => "right",
    }
}

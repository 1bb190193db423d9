//! Pipe tables: columns as wide as their content asks for, smaller type where there are many of them.

use pulldown_cmark::{Alignment, Event, Tag, TagEnd};

use super::Writer;
use super::markup::{Markup, longest_word};

/// About how many characters of table text fit between the margins at full size.
const LINE_CHARS: usize = 84;
/// Table text is never set smaller than this share of the running text.
const SMALLEST_SCALE: f64 = 0.4;
/// A word of a table never needs more than this many characters on one line.
pub(super) const WORD_CHARS: usize = 24;

/// How many characters a column needs.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Width {
    pub(super) word: usize,
    pub(super) cell: usize,
}

/// How a table of some columns is begun and ended.
#[derive(Debug)]
pub(super) struct TableHead {
    widths: Vec<Width>,
    scale: f64,
    /// Whether words have to be broken.
    pub(super) is_crowded: bool,
}

impl TableHead {
    pub(super) fn new(widths: Vec<Width>) -> Self {
        let words: usize = widths.iter().map(|width| width.word.min(WORD_CHARS) + 2).sum();
        let scale = (LINE_CHARS as f64 / words.max(1) as f64).clamp(SMALLEST_SCALE, 1.0);
        Self { widths, scale, is_crowded: words > LINE_CHARS }
    }

    pub(super) fn open(&self, out: &mut Markup, sides: Vec<String>) {
        if self.scale < 1.0 {
            out.code(&format!("#[#set text(size: {:.2}em)\n", self.scale));
        }
        let fits = self.widths.iter().map(|width| width.cell + 2).sum::<usize>() <= LINE_CHARS;
        let column = |width: &Width| if fits { "auto".to_owned() } else { format!("{}fr", share(*width)) };
        let columns: Vec<String> = self.widths.iter().map(column).collect();
        out.code(&format!("#table(columns: ({},), align: ({},),\n", columns.join(", "), sides.join(", ")));
    }

    pub(super) fn close(&self, out: &mut Markup) {
        out.code(")\n");
        if self.scale < 1.0 {
            out.code("]\n");
        }
    }
}

impl Writer<'_, '_, '_> {
    /// Writes the table that starts at `index`; returns the event after it.
    pub(super) fn write_table(&mut self, index: usize, columns: &[Alignment]) -> usize {
        let end = self.end_of(index);
        let head = TableHead::new(self.column_widths(index, end, columns.len()));
        let limit = std::mem::replace(&mut self.word_limit, if head.is_crowded { 10 } else { WORD_CHARS });
        head.open(self.out, columns.iter().map(|side| alignment(*side).to_owned()).collect());
        self.write_rows(index + 1, end);
        head.close(self.out);
        self.word_limit = limit;
        end + 1
    }

    fn write_rows(&mut self, start: usize, end: usize) {
        let mut index = start;
        let mut cell_ended = 0;
        while index < end {
            match &self.events[index].0 {
                Event::Start(Tag::TableHead) => self.out.code("table.header("),
                Event::End(TagEnd::TableHead) => self.out.code("),\n"),
                Event::Start(Tag::TableCell) => {
                    let cell_end = self.end_of(index);
                    cell_ended = self.events[cell_end].1.end;
                    self.out.code("[");
                    self.write_apart(index + 1..cell_end);
                    self.out.code("], ");
                    index = cell_end;
                }
                Event::End(TagEnd::TableRow) => {
                    self.out.code("\n");
                    self.tell_of_surplus(index, cell_ended);
                }
                _ => {}
            }
            index += 1;
        }
    }

    /// What a row has beyond the columns of its table is not printed (GFM 0.29, section 4.10): its author has to know.
    fn tell_of_surplus(&mut self, row: usize, cell_ended: usize) {
        let rest = self.text.get(cell_ended..self.events[row].1.end).unwrap_or_default();
        let surplus = rest.trim_matches(|c: char| c == '|' || c.is_whitespace());
        if !surplus.is_empty() {
            let line = self.line(row);
            let message = format!("this row has more cells than its table has columns: `{surplus}` is not printed");
            self.warn("table-surplus", message, line);
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

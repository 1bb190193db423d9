//! Pipe tables. One that is too wide for the paper is set in parts, the first column in each of them.

use std::ops::Range;

use pulldown_cmark::{Alignment, Event, Tag, TagEnd};
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

use super::Writer;
use super::columns::{Columns, Width, width_of};

/// A table of no more rows than this below its head, and no more letters in all, is not parted.
const SHORT_TABLE_ROWS: usize = 8;
const SHORT_TABLE_LETTERS: usize = 550;

/// A row of a table.
#[derive(Debug, Default)]
struct Row {
    cells: Vec<Cell>,
    /// The event that ends it.
    end: usize,
}

/// A cell of a row.
#[derive(Debug)]
struct Cell {
    /// Its events.
    events: Range<usize>,
    /// Where its text ends in the note.
    ended: usize,
    width: Width,
    /// Whether it is empty or a figure.
    is_figure: bool,
    /// It holds a picture, which is as high as it likes.
    is_high: bool,
}

impl Writer<'_, '_, '_> {
    /// Writes the table that starts at `index`; returns the event after it.
    pub(super) fn write_table(&mut self, index: usize, sides: &[Alignment]) -> usize {
        let end = self.end_of(index);
        self.note_columns(sides.len());
        let rows = self.rows(index + 1, end);
        let mut widths = vec![Width::default(); sides.len()];
        for row in &rows {
            for (width, cell) in widths.iter_mut().zip(&row.cells) {
                width.word = width.word.max(cell.width.word);
                width.cell = width.cell.max(cell.width.cell);
            }
        }
        let all = Columns::new(widths);
        let sides: Vec<&str> = sides.iter().enumerate().map(|(column, side)| alignment(*side, column, &rows)).collect();
        let limit = std::mem::replace(&mut self.word_limit, all.word_limit);
        let parts = all.parts();
        for (number, shown) in parts.iter().enumerate() {
            if parts.len() > 1 {
                self.out.part_of_table(number + 1, parts.len());
            }
            let columns = all.part(shown);
            columns.open(self.out, shown.iter().map(|column| sides[*column].to_owned()).collect());
            self.write_rows(&rows, shown, &columns, number == 0);
            columns.close(self.out);
        }
        self.word_limit = limit;
        end + 1
    }

    fn write_rows(&mut self, rows: &[Row], shown: &[usize], columns: &Columns, is_first: bool) {
        let head = if is_short(rows) { "table.header(repeat: false, " } else { "table.header(" };
        for (at, row) in rows.iter().enumerate() {
            self.out.code(if at == 0 { head } else { "" });
            let cells = || shown.iter().filter_map(|column| row.cells.get(*column));
            let is_whole = cells().all(|cell| !cell.is_high) && columns.keep_whole(cells().map(|cell| cell.width.cell));
            for (place, cell) in cells().enumerate() {
                self.out.code(if !is_whole && at > 0 { "table.cell(breakable: true)[" } else { "[" });
                let told = self.warnings.len();
                self.write_apart(cell.events.clone());
                if !is_first && place == 0 {
                    // What the first column has to say was said.
                    self.warnings.truncate(told);
                }
                self.out.code("], ");
            }
            // The house says what the line under the head is like.
            self.out.code(if at == 0 { "table.hline()),\n" } else { "\n" });
            if is_first && at > 0 {
                let ended = row.cells.last().map_or(0, |cell| cell.ended);
                self.tell_of_surplus(row.end, ended);
            }
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

    /// The rows between two events, the head first.
    fn rows(&self, start: usize, end: usize) -> Vec<Row> {
        let mut rows: Vec<Row> = Vec::new();
        let mut index = start;
        while index < end {
            match &self.events[index].0 {
                Event::Start(Tag::TableHead | Tag::TableRow) => rows.push(Row::default()),
                Event::Start(Tag::TableCell) => {
                    let cell_end = self.end_of(index);
                    if let Some(row) = rows.last_mut() {
                        row.cells.push(self.cell(index + 1..cell_end, self.events[cell_end].1.end));
                    }
                    index = cell_end;
                }
                Event::End(TagEnd::TableHead | TagEnd::TableRow) => {
                    if let Some(row) = rows.last_mut() {
                        row.end = index;
                    }
                }
                _ => {}
            }
            index += 1;
        }
        rows
    }

    fn cell(&self, events: Range<usize>, ended: usize) -> Cell {
        let (mut width, mut is_figure, mut is_high) = (Width::default(), true, false);
        for (event, _) in &self.events[events.clone()] {
            match event {
                Event::Text(text) | Event::Code(text) => {
                    width.cell += width_of(text);
                    width.take_words(text);
                    is_figure &= is_of_figures(text);
                }
                Event::SoftBreak | Event::HardBreak => width.cell += 1,
                Event::Start(Tag::Image { .. }) | Event::InlineHtml(_) => is_high = true,
                _ => {}
            }
        }
        Cell { events, ended, width, is_figure, is_high }
    }
}

/// Whether a table is so short that it is to stand on one page.
fn is_short(rows: &[Row]) -> bool {
    let mut cells = rows.iter().flat_map(|row| &row.cells);
    let letters: usize = cells.clone().map(|cell| cell.width.cell).sum();
    rows.len() <= SHORT_TABLE_ROWS + 1 && letters <= SHORT_TABLE_LETTERS && !cells.any(|cell| cell.is_high)
}

/// Whether a text is a figure, as accounts have it: `1,250.00`, `(3.5 %)`, `− £40`, `n/a`.
fn is_of_figures(text: &str) -> bool {
    let text = text.trim();
    let is_sign = |c: char| " .,'’%‰+-−–—()/\u{a0}\u{202f}*".contains(c) || c.general_category() == GeneralCategory::CurrencySymbol;
    text.chars().all(|c| c.is_ascii_digit() || is_sign(c)) || text.eq_ignore_ascii_case("n/a")
}

/// How a column is aligned: as the note says. Where it says nothing, figures stand right, one below the other, but not in the
/// first column, which says what a row is about.
fn alignment(side: Alignment, column: usize, rows: &[Row]) -> &'static str {
    let mut body = rows.iter().skip(1).filter_map(|row| row.cells.get(column)).peekable();
    match side {
        Alignment::None if column > 0 && body.peek().is_some() => {
            let mut is_any = false;
            let are_figures = body.all(|cell| {
                is_any |= cell.width.cell > 0;
                cell.is_figure
            });
            if are_figures && is_any { "right" } else { "auto" }
        }
        Alignment::None => "auto",
        Alignment::Left => "left",
        Alignment::Center => "center",
        Alignment::Right => "right",
    }
}

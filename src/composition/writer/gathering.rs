//! Lists and tables of HTML. Typst wants to know of a whole table before its first cell, so the parts are written aside
//! and put together at its end.

use super::columns::{Columns, WORD_CHARS, Width};
use super::html::Tag;
use super::markup::Markup;
use super::{Open, Writer};

/// A cell never spans more columns or rows than this.
const MAX_SPAN: usize = 100;

/// A list or table that is open.
#[derive(Debug)]
pub(super) struct Gathering {
    pub(super) name: &'static str,
    /// What was written before it.
    before: Markup,
    start: u64,
    parts: Vec<(Part, Markup)>,
    row: usize,
    in_head: bool,
    /// The limit for words outside.
    word_limit: usize,
}

/// An item, a cell, or what stands between them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    kind: &'static str,
    row: usize,
    head: bool,
    columns: usize,
    rows: usize,
    align: &'static str,
}

impl Part {
    pub(super) fn name(&self) -> &'static str {
        self.kind
    }
}

/// Between the parts.
const STRAY: Part = Part { kind: "", row: 0, head: false, columns: MAX_SPAN, rows: 1, align: "" };

impl Writer<'_, '_, '_> {
    /// The innermost list or table, if `name` can be a part of it.
    pub(super) fn in_gathering(&self, name: &str) -> bool {
        self.gathering_at(name).is_some()
    }

    fn gathering_at(&self, name: &str) -> Option<usize> {
        let innermost = self.html_open().find(|(_, open)| matches!(open, Open::Gathering(_)));
        innermost.filter(|(_, open)| (open.name() == Some("table")) == (name != "li")).map(|(at, _)| at)
    }

    pub(super) fn open_gathering(&mut self, tag: &Tag<'_>) {
        self.break_paragraph();
        let is_table = tag.name == "table";
        let gathering = Gathering {
            name: tag.name,
            before: self.out.begin_anew(),
            start: tag.attribute("start").and_then(|start| start.trim().parse().ok()).unwrap_or(1),
            parts: Vec::new(),
            row: 0,
            in_head: false,
            word_limit: self.word_limit,
        };
        if is_table {
            self.word_limit = WORD_CHARS;
        }
        self.open.push(Open::Gathering(Box::new(gathering)));
    }

    /// Opens an item or a cell; begins a row.
    pub(super) fn open_part(&mut self, tag: &Tag<'_>) {
        if matches!(tag.name, "tr" | "thead" | "tbody" | "tfoot") {
            self.end_row(tag.name);
            if let (Some(gathering), "thead") = (self.gathering(tag.name), tag.name) {
                gathering.in_head = true;
            }
            return;
        }
        self.close_parts(tag.name);
        let span = |name: &str| tag.attribute(name).and_then(|span| span.trim().parse().ok()).unwrap_or(1).clamp(1, MAX_SPAN);
        let style = tag.attribute("style").unwrap_or_default().replace(' ', "").to_ascii_lowercase();
        let side = tag.attribute("align").unwrap_or_default().to_ascii_lowercase();
        let is = |word: &str| side == word || style.contains(&format!("text-align:{word}"));
        let align = if is("right") {
            "right"
        } else if is("center") {
            "center"
        } else if is("left") {
            "left"
        } else {
            ""
        };
        let Some(gathering) = self.gathering(tag.name) else { return };
        let part = Part {
            kind: tag.name,
            row: gathering.row,
            head: gathering.in_head || tag.name == "th",
            columns: span("colspan"),
            rows: span("rowspan"),
            align,
        };
        self.open.push(Open::Part(part));
    }

    /// Ends a row, and with it what is open in it.
    pub(super) fn end_row(&mut self, name: &str) {
        self.close_parts(name);
        if let Some(gathering) = self.gathering(name) {
            let row = gathering.row;
            gathering.row += usize::from(gathering.parts.iter().any(|(part, _)| part.row == row && !part.kind.is_empty()));
            gathering.in_head &= name == "tr";
        }
    }

    /// Closes the part that is open in the list or table, and keeps what was written outside of parts.
    fn close_parts(&mut self, name: &str) {
        let Some(at) = self.gathering_at(name) else { return };
        self.close_to(at + 1);
        self.keep_stray();
    }

    fn keep_stray(&mut self) {
        if self.out.printed().ink {
            self.close_part(STRAY);
        } else {
            self.out.begin_anew();
        }
    }

    /// Puts what was written aside as a part of the list or table.
    pub(super) fn close_part(&mut self, mut part: Part) {
        let written = self.out.begin_anew();
        if let Some(Open::Gathering(gathering)) = self.open.iter_mut().rev().find(|open| matches!(open, Open::Gathering(_))) {
            if part.kind.is_empty() {
                gathering.row += usize::from(gathering.parts.last().is_some_and(|(last, _)| last.row == gathering.row));
                part.row = gathering.row;
                gathering.row += 1;
            }
            gathering.parts.push((part, written));
        }
    }

    fn gathering(&mut self, name: &str) -> Option<&mut Gathering> {
        let at = self.gathering_at(name)?;
        match self.open.get_mut(at) {
            Some(Open::Gathering(gathering)) => Some(gathering),
            _ => None,
        }
    }

    /// Writes a list or table that is whole.
    pub(super) fn close_gathering(&mut self, mut gathering: Gathering) {
        self.word_limit = gathering.word_limit;
        if self.out.printed().ink {
            gathering.parts.push((Part { row: gathering.row + 1, ..STRAY }, self.out.begin_anew()));
        }
        *self.out = std::mem::take(&mut gathering.before);
        match gathering.name {
            _ if gathering.parts.is_empty() => {}
            "table" => self.write_gathered_table(gathering.parts),
            "ol" => self.write_gathered_list(&format!("#enum(tight: true, start: {})", gathering.start), gathering.parts),
            _ => self.write_gathered_list("#list(tight: true)", gathering.parts),
        }
    }

    fn write_gathered_list(&mut self, opening: &str, parts: Vec<(Part, Markup)>) {
        self.out.code(opening);
        for (_, item) in parts {
            self.out.code("[");
            self.out.append(item);
            self.out.code("]");
        }
        self.out.code("\n");
    }

    fn write_gathered_table(&mut self, parts: Vec<(Part, Markup)>) {
        let mut parts = parts.into_iter().peekable();
        // A caption stands over its table.
        while let Some((_, caption)) = parts.next_if(|(part, _)| matches!(part.kind, "" | "caption")) {
            self.out.append(caption);
            self.out.code("#parbreak()\n");
        }
        let parts: Vec<(Part, Markup)> = parts.collect();
        let (cells, columns) = placed(&parts);
        if columns == 0 {
            return;
        }
        self.note_columns(columns);
        let all = Columns::new(widths_of(&cells, &parts, columns));
        let has_spans = cells.iter().any(|cell| cell.columns > 1);
        let shown = if has_spans { vec![(0..columns).collect()] } else { all.parts() };
        // A table of heads only has no head.
        let heads = cells.iter().zip(&parts).filter(|(_, (part, _))| !part.head).map(|(cell, _)| cell.y).min().unwrap_or(0);
        for (number, columns) in shown.iter().enumerate() {
            if shown.len() > 1 {
                self.out.part_of_table(number + 1, shown.len());
            }
            let part = all.part(columns);
            part.open(self.out, vec!["auto".to_owned(); columns.len()]);
            self.write_cells(&cells, &parts, columns, heads);
            part.close(self.out);
        }
    }

    /// Writes the cells of some columns.
    fn write_cells(&mut self, cells: &[Place], parts: &[(Part, Markup)], columns: &[usize], heads: usize) {
        let headless = heads == 0;
        self.out.code(if headless { "..(" } else { "table.header(" });
        let mut in_head = !headless;
        for (cell, (part, markup)) in cells.iter().zip(parts) {
            let Some(x) = columns.iter().position(|column| *column == cell.x) else { continue };
            if in_head && cell.y >= heads {
                self.out.code("table.hline()),\n..(");
                in_head = false;
            }
            let rows = if in_head { cell.rows.min(heads - cell.y) } else { cell.rows };
            let align = if part.align.is_empty() { String::new() } else { format!(", align: {}", part.align) };
            self.out
                .code(&format!("table.cell(x: {x}, y: {}, colspan: {}, rowspan: {rows}, breakable: true{align})[", cell.y, cell.columns));
            self.out.code(if headless && cell.y == 0 { "#set text(weight: \"regular\")\n" } else { "" });
            self.out.append(markup.clone());
            self.out.code("], ");
        }
        self.out.code("),\n");
    }
}

/// How wide the columns of a table are.
fn widths_of(cells: &[Place], parts: &[(Part, Markup)], columns: usize) -> Vec<Width> {
    let mut widths = vec![Width::default(); columns];
    for (cell, (_, markup)) in cells.iter().zip(parts) {
        let (own, width) = (markup.printed().width, &mut widths[cell.x]);
        width.word = width.word.max(if cell.columns == 1 { own.word.max(2) } else { 2 });
        width.cell = width.cell.max(own.cell / cell.columns);
    }
    widths
}

/// Where a cell stands.
struct Place {
    x: usize,
    y: usize,
    columns: usize,
    rows: usize,
}

/// Places cells as browsers do; no two in the same place. Returns the number of columns too.
fn placed(parts: &[(Part, Markup)]) -> (Vec<Place>, usize) {
    let last_row = parts.iter().map(|(part, _)| part.row).max().unwrap_or(0);
    let own = |part: &Part| if part.kind.is_empty() { 1 } else { part.columns };
    // How far down each column is taken.
    let mut taken: Vec<usize> = Vec::new();
    let mut places = Vec::with_capacity(parts.len());
    for (part, _) in parts {
        let is_free = |taken: &[usize], x: usize| taken.get(x).is_none_or(|until| *until <= part.row);
        let x = (0..).find(|x| is_free(&taken, *x)).unwrap_or(0);
        let columns = (0..own(part)).take_while(|more| is_free(&taken, x + more)).count().max(1);
        let rows = part.rows.min(last_row + 1 - part.row);
        taken.resize(taken.len().max(x + columns), 0);
        taken[x..x + columns].fill(part.row + rows);
        places.push(Place { x, y: part.row, columns, rows });
    }
    let count = taken.len();
    for (place, (part, _)) in places.iter_mut().zip(parts) {
        if part.kind.is_empty() && place.x == 0 {
            let free = places_after(place.y, parts);
            place.columns = if free { count } else { 1 };
        }
    }
    (places, count)
}

/// Whether no cell that began above reaches into this row.
fn places_after(row: usize, parts: &[(Part, Markup)]) -> bool {
    parts.iter().all(|(part, _)| part.row >= row || part.row + part.rows <= row)
}

//! A sheet on its way to a table: rows of cells come in, the compact text of a table goes out.

use super::cells::letters;
use super::{limits, too_large};
use crate::failure::{Checked, Problem};
use crate::reading::characters::clean_value;
use crate::reading::table::{Form, Found, Place, Records, check_columns, in_sheet, too_many};

/// Between the cells of the compact text.
const DELIMITER: u8 = b',';

/// Cells of a row, as many as a sheet has columns.
pub(super) const MAX_CELLS_OF_ROW: usize = 1 << 14;

/// A cell that is not empty.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    /// What it prints.
    Text(String),
    /// What went wrong in it: `#REF!`.
    Error(String),
}

/// A cell with its column, from 0.
pub(super) type Placed = (u32, Cell);

/// A sheet as far as it was read.
pub(super) struct Sheet {
    name: String,
    columns: Vec<String>,
    /// In which column of the sheet each of them stands; one without a name is none.
    stands_in: Vec<u32>,
    text: String,
    places: Vec<Place>,
    found: Found,
    /// Whether rows were taken that the program does not show.
    pub(super) has_hidden_rows: bool,
}

impl Sheet {
    pub(super) fn new(name: &str) -> Self {
        let name = clean_value(name.trim().to_owned());
        let (columns, stands_in, places) = (Vec::new(), Vec::new(), Vec::new());
        Self { name, columns, stands_in, text: String::new(), places, found: Found::default(), has_hidden_rows: false }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Whether there was no cell with content.
    pub(super) fn is_empty(&self) -> bool {
        self.columns.is_empty() && !self.found.is_any()
    }

    /// Takes a row, its number from 1, and leaves its cells empty; false once there is no use in more.
    pub(super) fn take(&mut self, row: u32, cells: &mut Vec<Placed>) -> bool {
        cells.retain(|(_, cell)| !matches!(cell, Cell::Text(text) if text.trim().is_empty()));
        cells.sort_by_key(|(column, _)| *column);
        if cells.is_empty() {
            true
        } else if self.columns.is_empty() {
            self.take_names(row, cells)
        } else {
            self.take_row(row, cells)
        }
    }

    fn take_names(&mut self, row: u32, cells: &mut Vec<Placed>) -> bool {
        for (column, cell) in cells.drain(..) {
            match cell {
                Cell::Text(text) => {
                    self.columns.push(clean_value(text).trim().to_owned());
                    self.stands_in.push(column);
                }
                Cell::Error(error) => self.report(row, || fault(column, &error)),
            }
        }
        for problem in check_columns(&self.columns) {
            self.report(row, || problem);
        }
        self.columns.len() <= limits::COLUMNS
    }

    fn take_row(&mut self, row: u32, cells: &mut Vec<Placed>) -> bool {
        let size: usize = cells.iter().map(|(_, cell)| if let Cell::Text(text) = cell { text.len() } else { 0 }).sum();
        let full = too_many(self.places.len() + 1, self.columns.len());
        let full = full.or_else(|| (self.text.len() + size > limits::TABLE_TEXT_BYTES).then(too_much_text));
        if let Some(problem) = full {
            self.found.add(|| problem);
            return false;
        }
        self.places.push(Place { start: self.text.len() as u32, line: row });
        let mut next = 0;
        for (column, cell) in cells.drain(..) {
            match (cell, self.stands_in[next..].binary_search(&column)) {
                (Cell::Error(error), _) => self.report(row, || fault(column, &error)),
                (Cell::Text(text), Ok(ahead)) => {
                    self.text.extend(std::iter::repeat_n(char::from(DELIMITER), ahead + usize::from(next > 0)));
                    self.write(&clean_value(text));
                    next += ahead + 1;
                }
                (Cell::Text(_), Err(_)) => self.report(row, || nameless(column)),
            }
        }
        let left = self.columns.len() - next.max(1);
        self.text.extend(std::iter::repeat_n(char::from(DELIMITER), left));
        self.text.push('\n');
        !self.found.is_plenty()
    }

    /// Writes a cell as CSV.
    fn write(&mut self, cell: &str) {
        if !cell.contains(['"', ',', '\n']) {
            return self.text.push_str(cell);
        }
        self.text.push('"');
        for (index, piece) in cell.split('"').enumerate() {
            self.text.push_str(if index > 0 { "\"\"" } else { "" });
            self.text.push_str(piece);
        }
        self.text.push('"');
    }

    /// Tells of an error in a cell of which only the row before is known.
    pub(super) fn report_error_after(&mut self, row: u32, error: &str) {
        let help = "Mend or delete its formula and save the file again.";
        self.report(row, || Problem::new("cell-error", format!("a cell in this row or the next holds the error {error}."), help));
    }

    fn report(&mut self, row: u32, problem: impl FnOnce() -> Problem) {
        let name = &self.name;
        self.found.add(|| in_sheet(problem(), name, row));
    }

    /// The columns and the rows.
    pub(super) fn finish(self) -> Checked<(Vec<String>, Records)> {
        let Self { name, columns, text, places, found, .. } = self;
        found.none_or((columns, Records { form: Form::Separated(DELIMITER), sheet: Some(name), text, places }))
    }
}

fn fault(column: u32, error: &str) -> Problem {
    let message = format!("column {}: the cell holds the error {error}.", letters(column));
    Problem::new("cell-error", message, "Mend or delete the formula in that cell and save the file again.")
}

fn nameless(column: u32) -> Problem {
    let message = format!("column {} has a cell here but no name.", letters(column));
    let help = "The first row with content must hold a name for each column: delete what stands above the names, \
         name the column, or delete the cell.";
    Problem::new("column-unnamed", message, help)
}

fn too_much_text() -> Problem {
    too_large(&format!("holds more than {} MiB of text, which is the limit", limits::TABLE_TEXT_BYTES >> 20))
}

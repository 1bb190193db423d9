//! XLSX, cell by cell, as the crate `calamine` reads them: never a whole sheet as a rectangle, which a single cell far
//! out could make larger than any memory.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataRef, Reader as _, SheetType, SheetVisible, Xlsx, XlsxError};

use super::cells::{excel_date, iso_date, iso_duration, number, truth};
use super::sheet::{Cell, MAX_CELLS_OF_ROW, Placed, Sheet};
use super::{Taken, damaged};
use crate::failure::{Checked, Problem, Problems};

/// Reads the first sheet with content, one that is shown before one that is hidden.
///
/// # Errors
/// The workbook cannot be read.
pub(super) fn read(bytes: &[u8]) -> Checked<Option<Taken>> {
    // Where the reader did not think of something, that harms this file only.
    let read = catch_unwind(AssertUnwindSafe(|| first_with_content(bytes)));
    read.unwrap_or_else(|_| Err(damaged("it is not written as workbooks are").into()))
}

fn first_with_content(bytes: &[u8]) -> Checked<Option<Taken>> {
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(unreadable)?;
    let mut sheets: Vec<_> = workbook.sheets_metadata().iter().filter(|sheet| sheet.typ == SheetType::WorkSheet).cloned().collect();
    sheets.sort_by_key(|sheet| sheet.visible != SheetVisible::Visible);
    let mut sheets = sheets.into_iter();
    while let Some(metadata) = sheets.next() {
        let mut sheet = Sheet::new(&metadata.name);
        each_row(&mut workbook, &metadata.name, &mut sheet)?;
        if !sheet.is_empty() {
            let mut others = sheets.filter(|sheet| sheet.visible == SheetVisible::Visible);
            let has_others = others.any(|other| has_content(&mut workbook, &other.name));
            return Ok(Some(Taken { sheet, has_others }));
        }
    }
    Ok(None)
}

fn each_row(workbook: &mut Xlsx<Cursor<&[u8]>>, name: &str, sheet: &mut Sheet) -> Checked<()> {
    let mut reader = workbook.worksheet_cells_reader(name).map_err(unreadable)?;
    let (mut row, mut cells): (u32, Vec<Placed>) = (0, Vec::new());
    loop {
        let next = match reader.next_cell() {
            Ok(next) => next,
            // An error that came into being after the reader was written.
            Err(XlsxError::CellError(error)) => {
                sheet.report_error_after(row.saturating_add(1), &error);
                continue;
            }
            Err(error) => return Err(unreadable(error)),
        };
        let Some(next) = next else { break };
        let ((of_row, column), Some(cell)) = (next.get_position(), cell(next.get_value())) else { continue };
        if of_row != row {
            if of_row < row {
                return Err(damaged("its rows are not in order").into());
            }
            if !sheet.take(row.saturating_add(1), &mut cells) {
                return Ok(());
            }
            row = of_row;
        }
        if cells.len() == MAX_CELLS_OF_ROW {
            return Err(damaged("one of its rows has more cells than a sheet has columns").into());
        }
        cells.push((column, cell));
    }
    sheet.take(row.saturating_add(1), &mut cells);
    Ok(())
}

fn has_content(workbook: &mut Xlsx<Cursor<&[u8]>>, name: &str) -> bool {
    let Ok(mut reader) = workbook.worksheet_cells_reader(name) else { return false };
    std::iter::from_fn(|| reader.next_cell().ok().flatten()).any(|next| cell(next.get_value()).is_some())
}

/// What a cell holds; `None` if it is empty.
fn cell(value: &DataRef<'_>) -> Option<Cell> {
    let text = match value {
        DataRef::Empty => return None,
        DataRef::Error(error) => return Some(Cell::Error(error.to_string())),
        DataRef::Int(value) => value.to_string(),
        DataRef::Float(value) => number(*value),
        DataRef::Bool(value) => truth(*value),
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::DateTime(date) => excel_date(date),
        DataRef::DateTimeIso(written) => iso_date(written),
        DataRef::DurationIso(written) => iso_duration(written),
    };
    (!text.trim().is_empty()).then_some(Cell::Text(text))
}

fn unreadable(error: XlsxError) -> Problems {
    let problem: Problem = damaged(&format!("it is not written as workbooks are ({error})"));
    problem.into()
}

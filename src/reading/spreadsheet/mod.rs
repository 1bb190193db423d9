//! Spreadsheets (XLSX, ODS) as tables: the first sheet with content, its first row with content the names of the columns.
//!
//! Cells are read as they are stored, one after the other, and written into the compact text of a table; nothing is
//! reckoned, no macro is run, nothing is fetched. The package is gone through first, since a ZIP of some kilobytes can
//! unpack to more than a machine holds.

use super::limits;
use super::table::Records;
use crate::failure::{Checked, Problem, Warning};

mod cells;
mod ods;
mod package;
mod sheet;
#[cfg(test)]
mod tests;
mod xlsx;

use package::Kind;
use sheet::Sheet;

/// Whether files of this ending (lower case) are spreadsheets that can be read.
pub(super) fn is_readable(ending: &str) -> bool {
    matches!(ending, "xlsx" | "xlsm" | "ods")
}

/// The problem of a spreadsheet of another program's own form; `None` for other endings (lower case).
pub(super) fn other_form(ending: &str) -> Option<Problem> {
    let what = match ending {
        "xls" | "xlt" => "an old Excel workbook (.xls)",
        "xlsb" => "a binary Excel workbook (.xlsb)",
        "numbers" => "a Numbers spreadsheet",
        "et" | "ett" => "a WPS spreadsheet",
        "fods" | "sxc" => "a spreadsheet in another form than .ods",
        _ => return None,
    };
    Some(Problem::new("format-unknown", format!("This is {what}, which cannot be read."), SAVE_AS))
}

/// How a spreadsheet is made one that can be read.
const SAVE_AS: &str = "Open it in the program that made it and save it as .xlsx or CSV; then name that file.";

/// The sheet that was taken, and whether others have content too.
struct Taken {
    sheet: Sheet,
    has_others: bool,
}

/// Reads a spreadsheet's column names and rows.
///
/// # Errors
/// A file that is damaged, protected, too large or something else; every cell and row that cannot be taken.
pub(super) fn read(bytes: &[u8]) -> Checked<(Vec<String>, Records, Vec<Warning>)> {
    let taken = match package::inspect(bytes)? {
        Kind::Xlsx => xlsx::read(bytes)?,
        Kind::Ods => ods::read(bytes)?,
    };
    let Some(Taken { sheet, has_others }) = taken else {
        return Err(
            Problem::new("no-rows", "The spreadsheet is empty.", "Write the names of the columns and at least one row below.").into()
        );
    };
    let mut warnings = Vec::new();
    if has_others {
        let message = format!("The rows are those of the sheet “{}”; the other sheets of the file are not looked at.", sheet.name());
        warnings.push(Warning::new("sheet-taken", message));
    }
    if sheet.has_hidden_rows {
        let message = format!("Rows of the sheet “{}” that are hidden were taken too.", sheet.name());
        warnings.push(Warning::new("hidden-rows", message));
    }
    let (columns, records) = sheet.finish()?;
    Ok((columns, records, warnings))
}

/// The problem of a file that is no sound spreadsheet; `why` ends the sentence.
fn damaged(why: &str) -> Problem {
    let message = format!("The spreadsheet cannot be read: {why}.");
    Problem::new("spreadsheet-damaged", message, format!("Copy it here again. {SAVE_AS}"))
}

/// The problem of a file that unpacks to more than is taken.
fn too_large(what: &str) -> Problem {
    let message = format!("The spreadsheet {what}.");
    Problem::new("spreadsheet-too-large", message, "Save the one sheet with the rows as CSV, or split it.")
}

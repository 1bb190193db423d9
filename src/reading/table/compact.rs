//! A table as it is kept and handed on: its text, and where each row begins. Rows are read when they are asked for.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{objects, separated};
use crate::failure::{Problem, Problems};

/// A table of rows. A clone shares its text.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// The file's name.
    pub name: String,
    /// Column names.
    pub columns: Arc<[String]>,
    records: Arc<Records>,
}

/// A row of a [`Table`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The line in the table's file, from 1; in a spreadsheet the number of the row.
    pub line: u32,
    /// A cell for each column, in order.
    pub cells: Vec<Value>,
}

/// The text of a table and its rows in it.
#[derive(Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Received")]
pub(in crate::reading) struct Records {
    /// How a row is written.
    pub(in crate::reading) form: Form,
    /// The spreadsheet's sheet that it was; in one, places are rows and not lines.
    pub(in crate::reading) sheet: Option<String>,
    pub(in crate::reading) text: String,
    #[serde(serialize_with = "serialize_places")]
    pub(in crate::reading) places: Vec<Place>,
}

/// How a row is written in a table's text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::reading) enum Form {
    /// A JSON object.
    #[default]
    Object,
    /// A CSV record with this delimiter.
    Separated(u8),
}

/// Where a row begins: texts are shorter than 4 GiB, since a table's file is at most [`super::limits::OWNED_BYTES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::reading) struct Place {
    pub(in crate::reading) start: u32,
    pub(in crate::reading) line: u32,
}

impl Table {
    pub(in crate::reading) fn new(name: &str, columns: Vec<String>, mut records: Records) -> Self {
        records.text.shrink_to_fit();
        records.places.shrink_to_fit();
        Self { name: name.to_owned(), columns: columns.into(), records: Arc::new(records) }
    }

    /// A table that has columns and no rows of its own.
    pub fn of_columns(name: &str, columns: impl IntoIterator<Item = String>) -> Self {
        Self { name: name.to_owned(), columns: columns.into_iter().collect(), records: Arc::default() }
    }

    /// How many rows it has.
    pub fn len(&self) -> usize {
        self.records.places.len()
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.records.places.is_empty()
    }

    /// Reads the row at `index`, from 0.
    ///
    /// # Panics
    /// There is no such row.
    pub fn row(&self, index: usize) -> Row {
        let Records { form, text, places, .. } = self.records.as_ref();
        let Place { start, line } = places[index];
        let end = places.get(index + 1).map_or(text.len(), |next| next.start as usize);
        let record = text.get(start as usize..end).unwrap_or_default();
        let mut cells = match form {
            Form::Separated(delimiter) => separated::cells(record, *delimiter, self.columns.len()),
            Form::Object => objects::cells(record, &self.columns),
        };
        cells.resize(self.columns.len(), Value::Null);
        Row { line, cells }
    }

    /// Its rows, one read after the other.
    pub fn rows(&self) -> impl Iterator<Item = Row> + '_ {
        (0..self.len()).map(|index| self.row(index))
    }

    /// What people call the place of a row: `line 3`, or in a spreadsheet `row 3`.
    pub fn place(&self, row: &Row) -> String {
        format!("{} {}", if self.records.sheet.is_some() { "row" } else { "line" }, row.line)
    }

    /// Names the place of a row in a problem that it has.
    pub fn place_in(&self, problem: Problem, row: &Row) -> Problem {
        let problem = problem.in_file(&self.name);
        match &self.records.sheet {
            None => Problem { line: Some(row.line), ..problem },
            Some(sheet) => in_sheet(problem, sheet, row.line),
        }
    }

    /// The same of several.
    pub fn place_all_in(&self, problems: Problems, row: &Row) -> Problems {
        problems.each(|problem| self.place_in(problem, row))
    }
}

/// Names the row of a sheet: that is no line of the file, and says so.
pub(in crate::reading) fn in_sheet(problem: Problem, sheet: &str, row: u32) -> Problem {
    Problem { message: format!("sheet “{sheet}”, row {row}: {}", problem.message), ..problem }
}

impl fmt::Debug for Table {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, columns, .. } = self;
        out.debug_struct("Table").field("name", name).field("columns", columns).field("rows", &self.len()).finish_non_exhaustive()
    }
}

/// Records as they come from another process.
#[derive(Deserialize)]
struct Received {
    form: Form,
    sheet: Option<String>,
    text: String,
    #[serde(with = "super::super::bytes_as_base64")]
    places: Vec<u8>,
}

impl TryFrom<Received> for Records {
    type Error = &'static str;

    fn try_from(received: Received) -> Result<Self, Self::Error> {
        let Received { form, sheet, text, places } = received;
        let number = |bytes: &[u8]| bytes.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte));
        let places: Vec<Place> = places
            .chunks(8)
            .map(|place| (place, place.len().min(4)))
            .map(|(place, half)| Place { start: number(&place[..half]), line: number(&place[half..]) })
            .collect();
        let ascending = places.is_sorted_by(|one, next| one.start < next.start);
        if !ascending || places.iter().any(|place| !text.is_char_boundary(place.start as usize)) {
            return Err("a row of the table stands where none can be");
        }
        Ok(Self { form, sheet, text, places })
    }
}

/// Eight bytes for each row, as one text, so that any format carries them.
fn serialize_places<S: serde::Serializer>(places: &[Place], out: S) -> Result<S::Ok, S::Error> {
    let bytes: Vec<u8> = places.iter().flat_map(|place| [place.start.to_le_bytes(), place.line.to_le_bytes()]).flatten().collect();
    super::super::bytes_as_base64::serialize(&bytes, out)
}

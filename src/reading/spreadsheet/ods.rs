//! ODS, cell by cell. The crate that reads XLSX reads ODS too, but as a whole into memory, every repeated cell as often as it
//! says, and never ends on a file that is cut off; so the few elements that a table needs are read here.

use std::collections::HashSet;
use std::io::{BufRead, BufReader};

use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::cells::{iso_date, iso_duration, number, truth};
use super::sheet::{Cell, MAX_CELLS_OF_ROW, Placed, Sheet};
use super::{Taken, damaged, package};
use crate::failure::{Checked, Problem};

/// Rows of a sheet, as the programs have them; what lies below is never content.
const MAX_ROW: u32 = 1 << 20;
/// Blanks that one element stands for.
const MAX_BLANKS: u64 = 1_000;

/// Reads the first sheet with content, one that is shown before one that is hidden.
///
/// # Errors
/// The workbook cannot be read.
pub(super) fn read(bytes: &[u8]) -> Checked<Option<Taken>> {
    match sheets(bytes, false)? {
        None => sheets(bytes, true),
        taken => Ok(taken),
    }
}

/// Takes the first sheet with content of those that are shown, or of those that are hidden.
fn sheets(bytes: &[u8], of_hidden: bool) -> Checked<Option<Taken>> {
    let mut zip = package::open(bytes)?;
    let content = zip.by_name("content.xml").map_err(|error| damaged(&error.to_string()))?;
    let mut xml = Reader::from_reader(BufReader::new(content));
    xml.config_mut().expand_empty_elements = true;
    Walk { xml, buffer: Vec::new(), hidden: HashSet::new() }.sheets(of_hidden)
}

/// The way over `content.xml`.
struct Walk<R> {
    xml: Reader<R>,
    buffer: Vec<u8>,
    /// Styles of sheets that are not shown.
    hidden: HashSet<String>,
}

impl<R: BufRead> Walk<R> {
    fn sheets(mut self, of_hidden: bool) -> Checked<Option<Taken>> {
        let mut taken = None;
        let mut style = String::new();
        loop {
            match self.next()? {
                Event::Eof => return Ok(taken),
                Event::Start(tag) => match tag.name().as_ref() {
                    "style:style" => style = attribute(&tag, "style:name")?.unwrap_or_default(),
                    "style:table-properties" if attribute(&tag, "table:display")?.as_deref() == Some("false") => {
                        self.hidden.insert(std::mem::take(&mut style));
                    }
                    "table:table" => {
                        let is_hidden = attribute(&tag, "table:style-name")?.is_some_and(|style| self.hidden.contains(&style));
                        let mut sheet = Sheet::new(&attribute(&tag, "table:name")?.unwrap_or_default());
                        self.rows(&mut sheet, taken.is_some())?;
                        match &mut taken {
                            _ if is_hidden != of_hidden || sheet.is_empty() => {}
                            None => taken = Some(Taken { sheet, has_others: false }),
                            Some(taken) => taken.has_others = true,
                        }
                    }
                    _ => {}
                },
                _ => {}
            }
        }
    }

    /// Reads a sheet's rows; `at_first` only up to the first row with content.
    fn rows(&mut self, sheet: &mut Sheet, at_first: bool) -> Checked<()> {
        let (mut row, mut depth, mut is_full) = (0, 0, false);
        let mut cells = Vec::new();
        loop {
            match self.next()? {
                Event::Eof => return Err(ends_early().into()),
                Event::Start(tag) if depth == 0 && tag.name().as_ref() == "table:table-row" => {
                    let repeated = count(&tag, "table:number-rows-repeated")?.clamp(1, u64::from(MAX_ROW)) as u32;
                    let is_hidden = attribute(&tag, "table:visibility")?.is_some_and(|visibility| visibility != "visible");
                    self.cells(&mut cells)?;
                    let times = if cells.is_empty() { 0 } else { repeated };
                    for at in (row..MAX_ROW).take(times as usize) {
                        // A row that stands for many is copied for each.
                        is_full = is_full || (at_first && !sheet.is_empty());
                        let mut copy = if times > 1 { cells.clone() } else { std::mem::take(&mut cells) };
                        is_full = is_full || !sheet.take(at + 1, &mut copy);
                        if is_full {
                            break;
                        }
                        sheet.has_hidden_rows |= is_hidden;
                    }
                    row = row.saturating_add(repeated).min(MAX_ROW);
                    cells.clear();
                }
                // Drawings and tables within tables hold rows that are none of this sheet.
                Event::Start(tag) if !is_frame_of_rows(tag.name().as_ref()) || depth > 0 => depth += 1,
                Event::End(tag) if tag.name().as_ref() == "table:table" && depth == 0 => return Ok(()),
                Event::End(_) if depth > 0 => depth -= 1,
                _ => {}
            }
        }
    }

    /// Reads the cells of a row that are not empty, to the row's end.
    fn cells(&mut self, cells: &mut Vec<Placed>) -> Checked<()> {
        let mut column = 0_u64;
        loop {
            match self.next()? {
                Event::Eof => return Err(ends_early().into()),
                Event::End(tag) if tag.name().as_ref() == "table:table-row" => return Ok(()),
                Event::Start(tag) => {
                    let is_cell = tag.name().as_ref() == "table:table-cell";
                    let repeated = count(&tag, "table:number-columns-repeated")?.max(1);
                    let stored = Stored::of(&tag)?;
                    let name = tag.name().as_ref().to_owned();
                    let text = self.text(&name)?;
                    if let Some(cell) = stored.cell(text).filter(|_| is_cell) {
                        for at in column..column.saturating_add(repeated) {
                            if cells.len() == MAX_CELLS_OF_ROW {
                                return Err(damaged("one of its rows has more cells than a sheet has columns").into());
                            }
                            cells.push((u32::try_from(at).unwrap_or(u32::MAX), cell.clone()));
                        }
                    }
                    column = column.saturating_add(repeated);
                }
                _ => {}
            }
        }
    }

    /// Reads the text within an element, to its end: its paragraphs as lines, without notes and drawings.
    fn text(&mut self, name: &str) -> Checked<String> {
        let mut printed = Printed::default();
        loop {
            match self.next()? {
                Event::Eof => return Err(ends_early().into()),
                Event::Start(tag) => printed.open(&tag)?,
                Event::End(tag) if printed.open == 0 && tag.name().as_ref() == name => return Ok(printed.text),
                Event::End(_) => printed.close(),
                _ if !printed.is_within() => {}
                Event::Text(words) => printed.text.push_str(&words.xml10_content()),
                Event::CData(words) => printed.text.push_str(&words.xml10_content()),
                Event::GeneralRef(entity) => match entity.resolve_char_ref() {
                    Ok(Some(character)) => printed.text.push(character),
                    _ => printed.text.push_str(resolve_predefined_entity(&entity).unwrap_or_default()),
                },
                _ => {}
            }
        }
    }

    fn next(&mut self) -> Checked<Event<'static>> {
        self.buffer.clear();
        let event = self.xml.read_event_into(&mut self.buffer).map_err(|error| unsound(&error))?;
        Ok(event.into_owned())
    }
}

/// The text that a cell prints, as far as it was read.
#[derive(Default)]
struct Printed {
    text: String,
    /// Elements that are open.
    open: usize,
    /// Of them those in a note, a drawing or the like: none of it is the cell's text.
    apart: usize,
    /// How many were open when the paragraph began.
    paragraph: Option<usize>,
    paragraphs: usize,
}

impl Printed {
    fn open(&mut self, tag: &BytesStart<'_>) -> Checked<()> {
        let name = tag.name();
        let name = name.as_ref();
        if self.apart > 0 || !name.starts_with("text:") {
            self.apart += 1;
        } else if matches!(name, "text:p" | "text:h") && self.paragraph.is_none() {
            self.text.push_str(if self.paragraphs > 0 { "\n" } else { "" });
            self.paragraphs += 1;
            self.paragraph = Some(self.open);
        } else if self.paragraph.is_some() {
            match name {
                "text:s" => self.text.extend(std::iter::repeat_n(' ', count(tag, "text:c")?.clamp(1, MAX_BLANKS) as usize)),
                "text:tab" => self.text.push('\t'),
                "text:line-break" => self.text.push('\n'),
                _ => {}
            }
        }
        self.open += 1;
        Ok(())
    }

    fn close(&mut self) {
        self.open = self.open.saturating_sub(1);
        self.apart = self.apart.saturating_sub(1);
        self.paragraph = self.paragraph.filter(|began| *began < self.open);
    }

    fn is_within(&self) -> bool {
        self.apart == 0 && self.paragraph.is_some()
    }
}

/// What the attributes of a cell say that it holds.
#[derive(Default)]
struct Stored {
    value: Option<String>,
    is_error: bool,
}

impl Stored {
    fn of(tag: &BytesStart<'_>) -> Checked<Self> {
        let mut stored = Self { is_error: attribute(tag, "calcext:value-type")?.as_deref() == Some("error"), value: None };
        let of = |name: &str| attribute(tag, &format!("office:{name}"));
        stored.value = match of("value-type")?.as_deref() {
            Some("float" | "percentage" | "currency") => of("value")?.map(|value| value.trim().parse().map_or(value, number)),
            Some("date") => of("date-value")?.map(|value| iso_date(&value)),
            Some("time") => of("time-value")?.map(|value| iso_duration(&value)),
            Some("boolean") => of("boolean-value")?.map(|value| truth(value.trim().eq_ignore_ascii_case("true"))),
            _ => of("string-value")?.filter(|value| !value.is_empty()),
        };
        Ok(stored)
    }

    /// The cell, with what is printed in it; `None` if it is empty.
    fn cell(self, printed: String) -> Option<Cell> {
        let is_error =
            self.is_error || is_error_text(&printed) && self.value.as_deref().is_none_or(|value| value == printed || value == "0");
        let text = if is_error { printed } else { self.value.unwrap_or(printed) };
        match text.trim() {
            "" if is_error => Some(Cell::Error("that its formula gives".to_owned())),
            "" => None,
            error if is_error => Some(Cell::Error(error.to_owned())),
            _ => Some(Cell::Text(text)),
        }
    }
}

/// What programs print in a cell whose formula failed.
fn is_error_text(printed: &str) -> bool {
    matches!(printed, "#REF!" | "#N/A" | "#NAME?" | "#VALUE!" | "#DIV/0!" | "#NUM!" | "#NULL!") || printed.starts_with("Err:5")
}

/// Elements around rows that change nothing about them.
fn is_frame_of_rows(name: &str) -> bool {
    matches!(name, "table:table-row-group" | "table:table-rows" | "table:table-header-rows")
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Checked<Option<String>> {
    let attribute = tag.try_get_attribute(name).map_err(|error| unsound(&error.into()))?;
    let value = attribute.map(|attribute| attribute.normalized_value(XmlVersion::Implicit1_0).map(|value| value.into_owned()));
    value.transpose().map_err(|error| unsound(&error).into())
}

/// A count in an attribute; 0 where there is none.
fn count(tag: &BytesStart<'_>, name: &str) -> Checked<u64> {
    Ok(attribute(tag, name)?.and_then(|count| count.trim().parse().ok()).unwrap_or(0))
}

fn unsound(error: &quick_xml::Error) -> Problem {
    damaged(&format!("it is not written as workbooks are ({error})"))
}

fn ends_early() -> Problem {
    damaged("it ends in the middle of a sheet")
}

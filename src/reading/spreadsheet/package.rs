//! The package of a spreadsheet, gone through before anything reads it: what kind it is, and that it unpacks to no more than
//! is taken. Sizes are those that come out, not those that the file states.

use std::io::{self, BufReader, Cursor, Read};

use memchr::memmem;
use quick_xml::Reader;
use quick_xml::events::Event;
use zip::ZipArchive;
use zip::result::ZipError;

use super::{SAVE_AS, damaged, limits, too_large};
use crate::failure::{Checked, Problem};

/// A package has at most this many files: pictures and sheets.
const MAX_ENTRIES: usize = 10_000;
/// A file in it unpacks to at most this many times its packed size.
const MAX_RATIO: u64 = 200;
/// A short file that is mostly alike is no bomb.
const RATIO_FROM: u64 = 16 << 20;
/// Formats of cells that Excel allows, with some room.
const MAX_FORMATS: usize = 1 << 17;
/// Bytes of one tag in the list of formats: whatever reads it copies fonts for each format.
const MAX_FORMAT_TAG: usize = 4 << 10;

pub(super) type Zip<'a> = ZipArchive<Cursor<&'a [u8]>>;

/// Which kind of spreadsheet a package is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Xlsx,
    Ods,
}

/// Finds out what kind it is.
///
/// # Errors
/// It is no spreadsheet, or one that is damaged, protected, of an old form or too large.
pub(super) fn inspect(bytes: &[u8]) -> Checked<Kind> {
    if let Some(problem) = compound(bytes) {
        return Err(problem.into());
    }
    if !bytes.starts_with(b"PK") {
        return Err(
            Problem::new("not-a-spreadsheet", "The name says that this is a spreadsheet, but it holds something else.", SAVE_AS).into()
        );
    }
    if memmem::find_iter(bytes, b"PK\x01\x02").nth(MAX_ENTRIES).is_some() {
        return Err(too_large(&format!("is made of more than {MAX_ENTRIES} files, which is the limit")).into());
    }
    let mut zip = open(bytes)?;
    let mut left = limits::UNPACKED_BYTES;
    for index in 0..zip.len() {
        let came = unpack(&mut zip, index, left)?;
        left -= came;
        // Sheets are read cell by cell, the lists beside them are held.
        if came > limits::TABLE_TEXT_BYTES as u64 && is_held(&zip, index) {
            return Err(too_large(&format!("has lists of more than {} MiB, which is the limit", limits::TABLE_TEXT_BYTES >> 20)).into());
        }
    }
    let has = |name: &str| zip.index_for_name(name).is_some();
    let kind = if has("content.xml") {
        Kind::Ods
    } else if has("_rels/.rels") && !has("word/document.xml") && !has("ppt/presentation.xml") {
        Kind::Xlsx
    } else {
        return Err(Problem::new("not-a-spreadsheet", "This file is packed like a spreadsheet, but it holds none.", SAVE_AS).into());
    };
    check_parts(&mut zip, kind)?;
    Ok(kind)
}

/// Opens the package.
pub(super) fn open(bytes: &[u8]) -> Checked<Zip<'_>> {
    ZipArchive::new(Cursor::new(bytes)).map_err(|error| unpacking(&error).into())
}

/// The problem of what is no ZIP at all but what Excel once wrote, and still does around a password.
fn compound(bytes: &[u8]) -> Option<Problem> {
    if !bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        return None;
    }
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    Some(if memmem::find(bytes, &name).is_some() { protected() } else { super::other_form("xls")? })
}

fn protected() -> Problem {
    let help = "Open it in the program that made it, take the password off, and save it as .xlsx or CSV.";
    Problem::new("spreadsheet-protected", "The spreadsheet is protected by a password.", help)
}

fn is_held(zip: &Zip<'_>, index: usize) -> bool {
    let name = zip.name_for_index(index).and_then(Result::ok);
    name.is_none_or(|name| name != "content.xml" && !name.to_ascii_lowercase().contains("worksheets/"))
}

/// Unpacks an entry to nowhere; gives the bytes that came out, at most `left`.
fn unpack(zip: &mut Zip<'_>, index: usize, left: u64) -> Checked<u64> {
    let mut entry = zip.by_index(index).map_err(|error| unpacking(&error))?;
    let packed = entry.compressed_size();
    let by_ratio = packed.saturating_mul(MAX_RATIO).max(RATIO_FROM);
    let came = io::copy(&mut entry.by_ref().take(left.min(by_ratio) + 1), &mut io::sink()).map_err(|_| cut_off())?;
    if came > by_ratio {
        return Err(too_large(&format!("unpacks to more than {MAX_RATIO} times its size, as no table does")).into());
    }
    if came > left {
        return Err(too_large(&format!("unpacks to more than {} MiB, which is the limit", limits::UNPACKED_BYTES >> 20)).into());
    }
    Ok(came)
}

fn unpacking(error: &ZipError) -> Problem {
    match error {
        ZipError::UnsupportedArchive(why) if why.to_lowercase().contains("password") => protected(),
        _ => cut_off(),
    }
}

fn cut_off() -> Problem {
    damaged("the file is damaged or cut off")
}

/// Looks at the parts from which more could be made than they hold.
fn check_parts(zip: &mut Zip<'_>, kind: Kind) -> Checked<()> {
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index).map_err(|error| unpacking(&error))?;
        let Ok(name) = entry.name().map(|name| name.to_ascii_lowercase()) else { continue };
        let is_sound = match kind {
            Kind::Xlsx if name.ends_with("sharedstrings.xml") => strings_are_sound(entry),
            Kind::Xlsx if name.ends_with("styles.xml") => formats_are_sound(entry),
            Kind::Ods if name == "meta-inf/manifest.xml" => {
                let mut manifest = Vec::new();
                entry.by_ref().take(RATIO_FROM).read_to_end(&mut manifest).map_err(|_| cut_off())?;
                if memmem::find(&manifest, b"encryption-data").is_some() {
                    return Err(protected().into());
                }
                true
            }
            _ => true,
        };
        if !is_sound {
            return Err(damaged("its lists of texts or formats are out of order").into());
        }
    }
    Ok(())
}

/// The reader of a spreadsheet makes room for as many texts as their list says that it has.
fn strings_are_sound(entry: impl Read) -> bool {
    let mut reader = Reader::from_reader(BufReader::new(entry));
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(start) | Event::Empty(start)) if start.local_name().as_ref() == "sst" => {
                let Ok(count) = start.try_get_attribute("uniqueCount") else { return false };
                return count.is_none_or(|count| count.value.parse().is_ok_and(|count: usize| count <= limits::CELLS));
            }
            Ok(Event::Eof) | Err(_) => return true,
            Ok(_) => {}
        }
    }
}

/// Each format of a cell gets a copy of its font and the like.
fn formats_are_sound(entry: impl Read) -> bool {
    let mut reader = Reader::from_reader(BufReader::new(entry));
    let (mut buffer, mut formats) = (Vec::new(), 0);
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(tag) | Event::Empty(tag)) => {
                formats += usize::from(tag.local_name().as_ref() == "xf");
                if formats > MAX_FORMATS || tag.len() > MAX_FORMAT_TAG {
                    return false;
                }
            }
            Ok(Event::Eof) | Err(_) => return true,
            Ok(_) => {}
        }
    }
}

//! A PDF with nothing in it but its attached files: what has to be read of a PDF to get at them.
//!
//! A page has hundreds of objects, an attached file two. Only the plain form of the cross-reference table is
//! understood, which is the one that this program writes; every other PDF gives `None` and is read whole.

use std::fmt::Write as _;

use memchr::memmem::{find, rfind};

/// How much of an object's beginning is looked at to see what it is.
const HEAD_BYTES: usize = 400;

/// The most objects that a PDF may have to be looked at in this way.
const MAX_OBJECTS: usize = 1 << 20;

/// A small PDF with the catalog, the root of the pages, and everything that belongs to attached files.
pub(super) fn excerpt(pdf: &[u8]) -> Option<Vec<u8>> {
    let tail = &pdf[pdf.len().saturating_sub(1_024)..];
    let table = number(&tail[rfind(tail, b"startxref")? + 9..])?.0;
    let (objects, trailer) = objects(pdf, table)?;
    let trailer = &trailer[..trailer.len().min(4_096)];
    if find(trailer, b"/Prev").is_some() || find(trailer, b"/Encrypt").is_some() {
        return None;
    }
    let root = number(&trailer[find(trailer, b"/Root")? + 5..])?.0;
    let mut ends: Vec<usize> = objects.iter().map(|(_, offset)| *offset).chain([table]).collect();
    ends.sort_unstable();
    let mut small = b"%PDF-1.7\n".to_vec();
    let mut places = Vec::new();
    for (id, offset) in objects {
        let end = *ends.get(ends.partition_point(|end| *end <= offset))?;
        let object = pdf.get(offset..end)?;
        let head = &object[..object.len().min(HEAD_BYTES)];
        let is_of_files =
            [b"/Filespec".as_slice(), b"/EmbeddedFile", b"/Type/Pages", b"/Type /Pages"].iter().any(|name| find(head, name).is_some());
        if id == root || is_of_files {
            places.push((id, small.len()));
            small.extend_from_slice(object);
            small.push(b'\n');
        }
    }
    let start = small.len();
    let mut table = "xref\n0 1\n0000000000 65535 f \n".to_owned();
    for (id, place) in &places {
        let _ = write!(table, "{id} 1\n{place:010} 00000 n \n");
    }
    let size = places.iter().map(|(id, _)| id + 1).max()?;
    let _ = write!(table, "trailer\n<</Size {size}/Root {root} 0 R>>\nstartxref\n{start}\n%%EOF\n");
    small.extend_from_slice(table.as_bytes());
    Some(small)
}

/// An object's number and offset.
type Place = (usize, usize);

/// Where each object stands, and what follows the table.
fn objects(pdf: &[u8], table: usize) -> Option<(Vec<Place>, &[u8])> {
    let mut rest = pdf.get(table..)?.strip_prefix(b"xref")?;
    let mut objects = Vec::new();
    loop {
        rest = rest.trim_ascii_start();
        if let Some(trailer) = rest.strip_prefix(b"trailer") {
            return Some((objects, trailer));
        }
        let (first, after) = number(rest)?;
        let (count, after) = number(after)?;
        rest = after.trim_ascii_start();
        if objects.len().checked_add(count)? > MAX_OBJECTS {
            return None;
        }
        for id in first..first.checked_add(count)? {
            // Twenty bytes each: `0000000015 00000 n` and the end of the line.
            let entry = rest.get(..20)?;
            rest = &rest[20..];
            if entry[17] == b'n' {
                objects.push((id, number(entry)?.0));
            }
        }
    }
}

/// The number at the beginning, after white space, and what follows it.
fn number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let bytes = bytes.trim_ascii_start();
    let length = bytes.iter().take_while(|byte| byte.is_ascii_digit()).take(12).count();
    let digits = std::str::from_utf8(&bytes[..length]).ok()?;
    Some((digits.parse().ok()?, &bytes[length..]))
}

#[cfg(test)]
mod tests {
    use lopdf::xref::XrefType;
    use lopdf::{Document, Stream, dictionary};

    use super::super::attached;
    use super::*;

    #[test]
    fn it_carries_the_same_files_and_hardly_anything_else() {
        let mut document = Document::with_version("1.7");
        document.reference_table.cross_reference_type = XrefType::CrossReferenceTable;
        for number in 0..200 {
            document.add_object(Stream::new(dictionary! { "N" => number }, vec![b'x'; 500]));
        }
        let pages = document.add_object(dictionary! { "Type" => "Pages", "Kids" => Vec::new(), "Count" => 0 });
        let mut files = Vec::new();
        for (name, relationship, text) in [("n.md", "Source", "# Note"), ("record.json", "Data", "{}")] {
            let mut stream = Stream::new(dictionary! { "Type" => "EmbeddedFile" }, text.repeat(300).into_bytes());
            stream.compress().unwrap();
            let stream = document.add_object(stream);
            let name = lopdf::text_string(name);
            files.push(lopdf::Object::from(document.add_object(dictionary! {
                "Type" => "Filespec", "UF" => name, "AFRelationship" => relationship, "EF" => dictionary! { "F" => stream }
            })));
        }
        let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages, "AF" => files });
        document.trailer.set("Root", catalog);
        let mut pdf = Vec::new();
        document.save_to(&mut pdf).unwrap();
        let small = excerpt(&pdf).unwrap();
        assert!(small.len() * 20 < pdf.len(), "{} of {}", small.len(), pdf.len());
        let notes = attached::files_that(&small, |_, relationship| relationship == "Source").unwrap();
        assert_eq!((notes.len(), notes[0].name.as_str(), notes[0].bytes.len()), (1, "n.md", 1_800));
        assert_eq!(attached::files(&small).unwrap().len(), 2);
        assert_eq!(attached::files(&small), attached::files(&pdf));
    }

    #[test]
    fn what_is_not_understood_gives_nothing() {
        let broken: [&[u8]; 6] = [
            b"",
            b"%PDF-1.7\nstartxref\n999\n%%EOF",
            b"%PDF-1.7\nxref\n0 99999999999\nstartxref\n9\n%%EOF",
            b"%PDF-1.7\nxref\n0 1\n00000\nstartxref\n9\n%%EOF",
            b"xref\n1 1\n0000000900 00000 n \ntrailer\n<</Root 1 0 R>>\nstartxref\n0\n%%EOF",
            b"xref\n1 1\n0000000000 00000 n \ntrailer\n<</Root 1 0 R/Prev 7>>\nstartxref\n0\n%%EOF",
        ];
        for pdf in broken {
            assert_eq!(excerpt(pdf), None, "{}", String::from_utf8_lossy(pdf));
        }
    }
}

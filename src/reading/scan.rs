//! Whether a scan is what its name says, and whole: PDF, PNG, JPEG, TIFF.
//!
//! Looks at the frame alone (marks, lengths, where the file ends) and unpacks nothing, so that no file can make it
//! slow or large. What a page shows is not looked at.

use memchr::memmem;

use crate::failure::Problem;

/// What a scan can be, by the endings of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Pdf,
    Png,
    Jpeg,
    Tiff,
}

impl Kind {
    fn by_ending(ending: &str) -> Option<Self> {
        Some(match ending {
            "pdf" => Self::Pdf,
            "png" => Self::Png,
            "jpg" | "jpeg" => Self::Jpeg,
            "tif" | "tiff" => Self::Tiff,
            _ => return None,
        })
    }

    fn by_bytes(bytes: &[u8]) -> Option<Self> {
        // Mail and scanners put lines before the first of a PDF; readers look into this many bytes for it.
        let start = &bytes[..bytes.len().min(1024)];
        if bytes.starts_with(PNG) {
            Some(Self::Png)
        } else if bytes.starts_with(b"\xff\xd8\xff") {
            Some(Self::Jpeg)
        } else if bytes.starts_with(b"II*\0") || bytes.starts_with(b"MM\0*") {
            Some(Self::Tiff)
        } else {
            memmem::find(start, b"%PDF-").map(|_| Self::Pdf)
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Pdf => "PDF",
            Self::Png => "PNG picture",
            Self::Jpeg => "JPEG picture",
            Self::Tiff => "TIFF picture",
        }
    }
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Whether a file of this ending (lower case) can be a scan.
pub(super) fn is_scan(ending: &str) -> bool {
    Kind::by_ending(ending).is_some()
}

/// What is wrong with a scan of this ending; `None` if nothing that can be seen.
pub(super) fn fault(ending: &str, bytes: &[u8]) -> Option<Problem> {
    let said = Kind::by_ending(ending)?;
    let again = "Scan or save it again and drop the new file under the same name.";
    if bytes.is_empty() {
        return Some(Problem::new("scan-empty", "The file is empty.", again));
    }
    let found = Kind::by_bytes(bytes);
    if found != Some(said) {
        let holds = match (found, infer::get(bytes)) {
            (Some(found), _) => format!("a {}", found.name()),
            (None, Some(found)) => format!("a file of the kind {}", found.extension()),
            (None, None) => "something else".to_owned(),
        };
        let message = format!("The name says that this is a {}, but it holds {holds}.", said.name());
        return Some(Problem::new("scan-other", message, "Give the file its right ending, or save the scan as a PDF and drop that."));
    }
    let whole = match said {
        Kind::Pdf if is_encrypted(bytes) => {
            let message = "This PDF is encrypted: nobody can be sure to open it in years to come.";
            let help = "Save it without password and without restrictions (printing it to a new PDF does), and drop that one.";
            return Some(Problem::new("scan-encrypted", message, help));
        }
        Kind::Pdf => pdf_ends(bytes),
        Kind::Png => png_ends(bytes),
        Kind::Jpeg => jpeg_ends(bytes),
        Kind::Tiff => tiff_is_whole(bytes),
    };
    let message = format!("This {} is cut off: its end is missing.", said.name());
    (!whole).then(|| Problem::new("scan-cut-off", message, again))
}

/// A trailer or a cross-reference stream names what it is encrypted with; both stand there as plain text.
fn is_encrypted(pdf: &[u8]) -> bool {
    memmem::find_iter(pdf, b"/Encrypt").any(|at| {
        let rest = pdf[at + b"/Encrypt".len()..].trim_ascii_start();
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let reference = digits > 0 && rest[digits..].trim_ascii_start().starts_with(b"0 R");
        reference || rest.starts_with(b"<<")
    })
}

/// The last lines of a PDF say where its cross-reference begins; some programs write a few more bytes after them.
fn pdf_ends(pdf: &[u8]) -> bool {
    let end = &pdf[pdf.len().saturating_sub(4096)..];
    let Some(at) = memmem::rfind(end, b"startxref") else { return false };
    memmem::find(&end[at..], b"%%EOF").is_some()
}

/// From chunk to chunk to the one that ends it.
fn png_ends(png: &[u8]) -> bool {
    let mut rest = &png[PNG.len()..];
    loop {
        let Some((length, after)) = rest.split_first_chunk::<4>() else { return false };
        let Some((kind, after)) = after.split_first_chunk::<4>() else { return false };
        let Some(next) = (u32::from_be_bytes(*length) as usize).checked_add(4).and_then(|length| after.get(length..)) else { return false };
        if kind == b"IEND" {
            return true;
        }
        rest = next;
    }
}

/// From segment to segment, over the packed lines between them, to the mark that ends it. What cameras write behind
/// it (a film, a second picture) does not count.
fn jpeg_ends(jpeg: &[u8]) -> bool {
    let mut rest = &jpeg[2..];
    while let Some(at) = memchr::memchr(0xff, rest) {
        rest = &rest[at + 1..];
        let Some(&mark) = rest.first() else { return false };
        match mark {
            0xd9 => return true,
            // A filling byte; the mark follows.
            0xff => {}
            // A byte of the picture itself, a restart, or a mark without content.
            0x00 | 0x01 | 0xd0..=0xd8 => rest = &rest[1..],
            _ => {
                let Some(&[high, low]) = rest[1..].first_chunk::<2>() else { return false };
                let length = usize::from(u16::from_be_bytes([high, low]));
                let Some(next) = rest.get(1 + length.max(2)..) else { return false };
                rest = next;
            }
        }
    }
    false
}

/// The first directory lies in the file, and so does each strip that it names; most programs write it last.
fn tiff_is_whole(tiff: &[u8]) -> bool {
    let little = tiff.starts_with(b"II");
    let at = |place: usize, bytes: usize| -> Option<usize> {
        let found = tiff.get(place..place.checked_add(bytes)?)?;
        let add = |value: usize, byte: &u8| value << 8 | usize::from(*byte);
        Some(if little { found.iter().rev().fold(0, add) } else { found.iter().fold(0, add) })
    };
    let directory = || {
        let place = at(4, 4)?;
        let count = at(place, 2)?;
        at(place + 2 + count * 12, 4).map(|_| (place + 2, count))
    };
    let Some((entries, count)) = directory() else { return false };
    let value = |entry: usize, index: usize| {
        let bytes = match at(entry + 2, 2)? {
            3 => 2,
            4 => 4,
            _ => return None,
        };
        let count = at(entry + 4, 4)?;
        let place = if bytes * count <= 4 { entry + 8 } else { at(entry + 8, 4)? };
        if index < count { at(place + index * bytes, bytes) } else { None }
    };
    let entry = |tag: usize| (0..count).map(|index| entries + index * 12).find(|entry| at(*entry, 2) == Some(tag));
    // Where the strips (or tiles) begin, and how long they are; the last one counts, for it is what is cut off.
    let Some((offsets, lengths)) = entry(273).zip(entry(279)).or_else(|| entry(324).zip(entry(325))) else { return true };
    let Some(last) = at(offsets + 4, 4).and_then(|count| count.checked_sub(1)) else { return true };
    match (value(offsets, last), value(lengths, last)) {
        (Some(offset), Some(length)) => offset.checked_add(length).is_some_and(|end| end <= tiff.len()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(ending: &str, bytes: &[u8]) -> Option<String> {
        fault(ending, bytes).map(|problem| problem.code)
    }

    const PDF: &[u8] = b"%PDF-1.4\n1 0 obj\n<</Type/Catalog>>\nendobj\nxref\n0 1\ntrailer\n<</Root 1 0 R>>\nstartxref\n44\n%%EOF\n";

    #[test]
    fn a_pdf_is_one_and_whole_and_not_encrypted() {
        assert_eq!(code("pdf", PDF), None);
        assert_eq!(code("pdf", &[b"\r\n", PDF].concat()), None);
        assert_eq!(code("pdf", &PDF[..PDF.len() - 20]).as_deref(), Some("scan-cut-off"));
        let locked = String::from_utf8_lossy(PDF).replace("/Root 1 0 R", "/Root 1 0 R /Encrypt 7 0 R").into_bytes();
        assert_eq!(code("pdf", &locked).as_deref(), Some("scan-encrypted"));
        assert_eq!(code("pdf", &[PDF, b"(/Encrypted)startxref\n1\n%%EOF"].concat()), None);
        assert_eq!(code("pdf", b"").as_deref(), Some("scan-empty"));
        assert_eq!(code("pdf", b"Dear Anna").as_deref(), Some("scan-other"));
        assert!(fault("png", PDF).unwrap().message.contains("but it holds a PDF"));
        assert!(fault("pdf", b"PK\x03\x04aaaaaaaaaaaaaaaaaaaaaaaaaaaaa").unwrap().message.contains("zip"));
    }

    #[test]
    fn pictures_end_where_they_say() {
        let png = [PNG, b"\0\0\0\x02IHDRab1234\0\0\0\0IEND1234"].concat();
        let jpeg = b"\xff\xd8\xff\xe0\x00\x04\xff\xd9\xff\xda\x00\x02packed\xff\x00\xff\xd0lines\xff\xd9and a film".to_vec();
        let tiff = b"II*\0\x0c\0\0\0page\x02\0\x11\x01\x04\0\x01\0\0\0\x08\0\0\0\x17\x01\x04\0\x01\0\0\0\x04\0\0\0\0\0\0\0".to_vec();
        let without_film = jpeg.len() - b"and a film".len();
        for (ending, bytes, least) in [("png", &png, png.len()), ("jpeg", &jpeg, without_film), ("tif", &tiff, tiff.len())] {
            assert_eq!(code(ending, bytes), None, "{ending}");
            for end in 8..least {
                assert_eq!(code(ending, &bytes[..end]).as_deref(), Some("scan-cut-off"), "{ending} of {end} bytes");
            }
        }
        let mut beyond = tiff;
        beyond[22] = 0xff;
        assert_eq!(code("tiff", &beyond).as_deref(), Some("scan-cut-off"));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_are_too_much(bytes: Vec<u8>) {
            for head in [PNG, b"\xff\xd8\xff", b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08", b"%PDF-/Encrypt"] {
                for ending in ["pdf", "png", "jpg", "tiff"] {
                    let _ = fault(ending, &[head, bytes.as_slice()].concat());
                }
            }
        }
    }
}

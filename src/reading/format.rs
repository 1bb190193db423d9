//! Which format a file has, by its name and its bytes, and what to tell of one that cannot be read yet.

use super::Format;
use super::encoding::utf16_without_bom;
use crate::failure::Problem;

/// The format of a file that can be read as a note, by its name alone.
///
/// A name without an ending counts as Markdown: people drop `Protokoll` or `README` and mean text.
pub(super) fn by_name(name: &str) -> Option<Format> {
    let Some(ending) = ending(name) else { return Some(Format::Markdown) };
    match ending.as_str() {
        "md" | "markdown" | "mkd" | "mdown" => Some(Format::Markdown),
        "txt" | "text" => Some(Format::Text),
        "yaml" | "yml" => Some(Format::Yaml),
        "toml" => Some(Format::Toml),
        "json" => Some(Format::Json),
        _ => None,
    }
}

/// A file's ending in lower case, without the dot.
pub(super) fn ending(name: &str) -> Option<String> {
    let file_name = name.rsplit('/').next().unwrap_or(name);
    let (stem, ending) = file_name.rsplit_once('.')?;
    let plausible = !stem.is_empty() && !ending.is_empty() && ending.len() <= 12 && ending.chars().all(char::is_alphanumeric);
    plausible.then(|| ending.to_lowercase())
}

/// The problem of a file whose format cannot be read yet.
pub(super) fn unknown(name: &str, bytes: &[u8]) -> Problem {
    let ending = ending(name).unwrap_or_default();
    let (what, help) = match (kind(&ending), found(bytes)) {
        (Some((what, help)), _) => (what.to_owned(), help.to_owned()),
        (None, Some(found)) => (format!("a file of the kind {found}"), TO_TEXT.to_owned()),
        (None, None) => (format!("a file with the ending `.{ending}`"), TO_TEXT.to_owned()),
    };
    Problem::new("format-unknown", format!("This is {what}, which cannot be read yet; it stays where it is."), help)
}

/// The problem of bytes that are no text although the name says so; `None` for text in any encoding.
pub(super) fn binary(bytes: &[u8]) -> Option<Problem> {
    let found = if bytes.starts_with(b"%PDF-") {
        Some("pdf")
    } else if bytes.starts_with(b"{\\rtf") {
        Some("rtf")
    } else if is_text(bytes) {
        return None;
    } else {
        found(bytes)
    };
    let what = found.map_or("data that is no text".to_owned(), |found| format!("a file of the kind {found}"));
    Some(Problem::new(
        "not-text",
        format!("The name says that this is text, but it holds {what}."),
        "Give the file its right ending, or open it in the program that made it and save it as Markdown or plain text.",
    ))
}

/// What most formats can be turned into.
const TO_TEXT: &str = "Open it in the program that made it, save it as Markdown (.md) or plain text (.txt), and drop that here.";
const OWNED: &str = "A note takes it along: name it in the note as `![what it shows](FILE)` and drop both together.";
const TABLE: &str = "A table belongs to a note: write `rows: FILE` in the note's front matter and drop both together.";
const TABLE_FILE: &str = "Open it in the program that made it, save it as .xlsx or CSV, write `rows: FILE` with that name in the \
     front matter of the note that uses it, and drop both together.";
const TO_NOTE_OR_SIGNED: &str = "Write what it says into a note (.md or .txt); to pass it on with a note, name it there under \
     `attachments:`. The signed copy of a record is taken under the name `signs NUMBER.pdf`, with the record's number or ID.";
const TO_NOTE: &str = "Write what it says into a note (.md or .txt); to pass it on with a note, name it there under `attachments:`.";

/// What a secretary calls files with an ending, and what can be done with them.
fn kind(ending: &str) -> Option<(&'static str, &'static str)> {
    Some(match ending {
        "doc" | "docx" | "docm" | "dot" | "dotx" => ("a Word document", TO_TEXT),
        "odt" | "rtf" | "pages" | "wps" => ("a word processor's document", TO_TEXT),
        "xlsx" | "xlsm" | "ods" => ("a spreadsheet that no note names", TABLE),
        "xls" | "xlsb" | "numbers" | "et" | "fods" => ("a spreadsheet", TABLE_FILE),
        "csv" | "tsv" | "jsonl" | "ndjson" => ("a table that no note names", TABLE),
        "ppt" | "pptx" | "odp" | "key" => ("a presentation", TO_TEXT),
        "pdf" => ("a PDF", TO_NOTE_OR_SIGNED),
        "ics" | "ical" => ("a calendar", TO_NOTE),
        "vcf" => ("an address card", TO_NOTE),
        "eml" | "msg" | "mbox" => ("a mail", TO_NOTE),
        "html" | "htm" | "xml" => ("a web page or XML file", TO_TEXT),
        "png" | "jpg" | "jpeg" | "gif" | "webp" | "svg" | "tif" | "tiff" | "bmp" | "heic" => ("an image that no note names", OWNED),
        "zip" | "7z" | "rar" | "tar" | "gz" | "xz" | "zst" => ("an archive of files", "Unpack it and drop the notes that are in it."),
        "mp3" | "wav" | "m4a" | "ogg" | "mp4" | "mov" | "avi" => ("a recording", TO_NOTE),
        _ => return None,
    })
}

/// What the first bytes say.
fn found(bytes: &[u8]) -> Option<&'static str> {
    infer::get(bytes).filter(|kind| kind.matcher_type() != infer::MatcherType::Text).map(|kind| kind.extension())
}

/// Whether bytes read as text: hardly any control characters, and no known signature once they are not UTF-8.
fn is_text(bytes: &[u8]) -> bool {
    let marked = encoding_rs::Encoding::for_bom(bytes).is_some();
    if marked || utf16_without_bom(bytes).is_some() {
        return true;
    }
    // Text may have a stray NUL; in data, controls are as frequent as any other byte.
    let controls = bytes.iter().filter(|byte| matches!(byte, 0..=8 | 14..=26 | 28..=31)).count();
    if std::str::from_utf8(bytes).is_ok() {
        return controls * 4 <= bytes.len();
    }
    found(bytes).is_none() && controls * 16 <= bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_decide_and_none_is_markdown() {
        assert_eq!(by_name("minutes/2024.03.md"), Some(Format::Markdown));
        assert_eq!(by_name("a/README"), Some(Format::Markdown));
        assert_eq!(by_name("A.TXT"), Some(Format::Text));
        assert_eq!(by_name("Notes v1. final"), Some(Format::Markdown));
        assert_eq!(by_name("plan.docx"), None);
    }

    #[test]
    fn each_unknown_format_says_what_it_is_and_what_to_do() {
        let problem = unknown("guests.csv", b"name\nA\n");
        assert_eq!(problem.code, "format-unknown");
        assert!(problem.message.contains("a table that no note names") && problem.help.contains("rows: FILE"));
        let problem = unknown("guests.xlsx", b"PK");
        assert!(problem.message.contains("a spreadsheet that no note names") && problem.help.contains("rows: FILE"));
        assert!(unknown("guests.xls", b"").help.contains("save it as .xlsx"));
        let problem = unknown("x.weird", b"\x89PNG\r\n\x1a\n0000");
        assert!(problem.message.contains("png"), "{}", problem.message);
    }

    #[test]
    fn a_picture_named_md_is_no_text_but_a_few_nuls_are() {
        assert!(binary(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xff\xfe").is_some());
        assert!(binary(b"%PDF-1.4\nplain").is_some());
        assert!(binary(b"# Notes\0\n\nHello\0\0world\n and some more words").is_none());
        assert!(binary(b"BM is a short name\n").is_none());
        assert!(binary(&[0; 100]).is_some());
    }
}

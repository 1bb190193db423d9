//! Signed copies: a scan whose name, or whose note, says which record it signs. Its bytes are kept as they are; nothing is
//! made of them.
//!
//! A name is `signs NUMBER.pdf` (also with `:`, `-` or `_` between, and with an id); a note has `signs: NUMBER` in its front
//! matter and names the scan under `attachments:` or as an image.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Fields, OwnedFile, company, format, limits, mentions, note, scan};
use crate::failure::{Checked, Problem, Problems};
use crate::intake::Arrival;
use crate::model::sha256_hex;

/// A signed copy of a record, as it was dropped.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignedCopy {
    /// What its user calls the file: the scan, or the note that owns it.
    pub name: String,
    /// The number or id of the record, as written.
    pub signs: String,
    /// The line of the note where that stands, and the note's text.
    pub stated: Option<(u32, String)>,
    /// The bytes of the dropped file.
    #[serde(with = "super::bytes_as_base64")]
    pub source: Vec<u8>,
    /// The files that a note owns.
    pub company: Vec<OwnedFile>,
    /// Which of them are scans, by place; empty where the dropped file itself is the scan.
    pub scans: Vec<usize>,
}

impl SignedCopy {
    /// Hash of the scans alone, whatever brought them.
    pub fn content_sha256(&self) -> String {
        let hashes: Vec<&str> = self.scans.iter().map(|index| self.company[*index].sha256.as_str()).collect();
        match hashes.as_slice() {
            [] => sha256_hex(&self.source),
            [one] => (*one).to_owned(),
            several => sha256_hex(several.concat().as_bytes()),
        }
    }

    /// The problem at the place that says which record is signed.
    pub fn at_its_place(&self, problem: Problem) -> Problem {
        let problem = problem.in_file(&self.name);
        match &self.stated {
            Some((line, text)) => problem.at(text, *line, None),
            None => problem,
        }
    }
}

/// Reads an arrival that says that it is a signed copy; `None` if it does not.
pub(super) fn read(arrival: &Arrival) -> Option<Checked<SignedCopy>> {
    let file_name = arrival.note.file_name();
    if let Some(signs) = named_signature(file_name) {
        return Some(by_name(arrival, signs));
    }
    // Most notes hold no such word: they are not read twice.
    let bytes = &arrival.note.bytes;
    let may_say_so = memchr::memmem::find(bytes, b"signs").is_some() || bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    let note = may_say_so.then(|| note::parse(&arrival.note.name, bytes).ok()).flatten()?;
    let written = note.fields.values.get(FIELD).filter(|value| !value.is_null())?;
    Some(by_note(arrival, &note, written))
}

/// The field that names the record which is signed.
const FIELD: &str = "signs";

/// What the name of a scan begins with; the longer one first.
const NAMES: [&str; 2] = ["signed", FIELD];

/// The number or id in a name such as `signs MIN-2026-014.pdf`.
fn named_signature(file_name: &str) -> Option<String> {
    let (stem, ending) = file_name.rsplit_once('.')?;
    let stem = stem.trim_start();
    let (word, rest) =
        NAMES.iter().find_map(|word| stem.split_at_checked(word.len()).filter(|(start, _)| start.eq_ignore_ascii_case(word)))?;
    let parted = |c: char| c.is_whitespace() || matches!(c, ':' | '：' | '-' | '_');
    let record = rest.trim_matches(parted);
    // Whoever names a scan after its number alone means it too, but a sentence begins with the word as well: the number decides.
    let numbered = word.len() == FIELD.len() || record.chars().any(char::is_numeric);
    let says_so = rest.starts_with(parted) && !record.is_empty() && numbered;
    (says_so && scan::is_scan(&ending.to_lowercase())).then(|| record.to_owned())
}

fn by_name(arrival: &Arrival, signs: String) -> Checked<SignedCopy> {
    let name = &arrival.note.name;
    if arrival.note.bytes.len() > limits::OWNED_BYTES {
        return Err(limits::too_large("The scan", limits::OWNED_BYTES).into());
    }
    if let Some(fault) = scan::fault(&format::ending(name).unwrap_or_default(), &arrival.note.bytes) {
        return Err(fault.into());
    }
    let source = arrival.note.bytes.to_vec();
    Ok(SignedCopy { name: name.clone(), signs, stated: None, source, company: Vec::new(), scans: Vec::new() })
}

fn by_note(arrival: &Arrival, note: &note::Note, written: &Value) -> Checked<SignedCopy> {
    let line = note.fields.lines.get(FIELD).copied().unwrap_or(1);
    let at_field = |problem: Problem| problem.at(&note.text, line, None);
    let mut problems: Vec<Problem> = note.problems.clone();
    let signs = signature(&note.fields, written);
    let named = mentions::named_in_fields(note);
    let missing = company::missing(&named, &arrival.company, &arrival.note.name);
    problems.extend(missing.map(|(problem, line)| problem.at(&note.text, line, None)));
    let company = super::collect(company::own(&arrival.company), &mut problems).unwrap_or_default();
    let ending = |file: &OwnedFile| format::ending(&file.name).unwrap_or_default();
    let scans: Vec<usize> = (0..company.len()).filter(|index| scan::is_scan(&ending(&company[*index]))).collect();
    let faults = scans.iter().map(|index| &company[*index]);
    problems.extend(faults.filter_map(|file| Some(scan::fault(&ending(file), &file.bytes)?.in_file(&file.name))));
    if signs.is_none() {
        let help = "Write one number or id, such as `signs: MIN-2026-014`; a copy of each record gets a note of its own.";
        problems.push(at_field(Problem::new("signs-unclear", "`signs:` names no record, or several.", help)));
    } else if scans.is_empty() && problems.is_empty() {
        let message = "The note says that it brings a signed copy, but names no scan.";
        let help = "Write `attachments: scan.pdf` below it and drop the scan beside the note: a PDF, PNG, JPEG or TIFF.";
        problems.push(at_field(Problem::new("signs-nothing", message, help)));
    }
    let (name, source) = (arrival.note.name.clone(), arrival.note.bytes.to_vec());
    let stated = Some((line, note.text.clone()));
    Problems::none_or(problems, SignedCopy { name, signs: signs.unwrap_or_default(), stated, source, company, scans })
}

fn signature(fields: &Fields, written: &Value) -> Option<String> {
    match written {
        Value::Array(items) => match items.as_slice() {
            [Value::String(one)] => Some(one.trim().to_owned()).filter(|one| !one.is_empty()),
            _ => None,
        },
        Value::Bool(_) => None,
        _ => fields.text(FIELD),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_what_is_signed() {
        for name in ["signs MIN-2026-014.pdf", "signs: MIN-2026-014.PDF", "signs-MIN-2026-014.jpeg", "Signed_MIN-2026-014.tif"] {
            assert_eq!(named_signature(name).as_deref(), Some("MIN-2026-014"), "{name}");
        }
        assert_eq!(named_signature("signs：国发〔2026〕3号.png").as_deref(), Some("国发〔2026〕3号"));
        for name in
            ["signs.pdf", "signs .pdf", "signsMIN.pdf", "designs x.pdf", "signs x.md", "signs x", "signed plan.pdf", "签 x.pdf", "sign"]
        {
            assert_eq!(named_signature(name), None, "{name}");
        }
    }
}

//! What tests of filing share: drops, and the request and files that a pipeline would make of them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chancery::failure::Checked;
use chancery::filing::{Details, FinishedFile, Naming, file, inbox_files, places};
use chancery::intake::Arrival;
use chancery::model::{Dropped, TypeName, sha256_hex};
use chancery::register::{Place, Record, Register, Request, Series, Ticket};

/// A numbered record of two files, for an arrival in the inbox.
pub fn request(inbox: &Path, arrival: &Arrival) -> Request {
    let document_type: TypeName = "minutes".parse().unwrap();
    let date = chrono::NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
    let rule = chancery::catalog::ArchiveRule { path: "{{ year }}/{{ type }}/{{ number }} {{ title }}".to_owned(), attach: None };
    let values = serde_json::Map::new();
    let naming = Naming { document_type: &document_type, title: "Board", date, language: "en", values: &values };
    let hashes: String = std::iter::once(&arrival.note).chain(&arrival.company).map(|file| sha256_hex(&file.bytes)).collect();
    Request {
        file_name: arrival.note.file_name().to_owned(),
        source_sha256: sha256_hex(hashes.as_bytes()),
        text: String::from_utf8_lossy(&arrival.note.bytes).into(),
        content_sha256: sha256_hex(&arrival.note.bytes),
        template_sha256: sha256_hex(b"template"),
        places: places(&rule, &naming, &[("reading", "pdf"), ("press", "pdf")]).unwrap(),
        series: Some(Series { name: "minutes".to_owned(), pattern: "{{ year }}-{{ seq }}".to_owned(), code: None }),
        inbox: inbox_files(inbox, arrival),
        ..Request::new(document_type, "Board", date, chrono::DateTime::parse_from_rfc3339("2026-11-24T09:00:00+01:00").unwrap())
    }
}

/// A file in the inbox as intake hands it over.
pub fn dropped(inbox: &Path, name: &str) -> Dropped {
    let path = inbox.join(name);
    let bytes: Arc<[u8]> = std::fs::read(&path).unwrap().into();
    Dropped { path, name: name.to_owned(), modified: chrono::DateTime::UNIX_EPOCH, bytes }
}

/// Files a ticket; each file holds the note's own bytes.
pub fn file_it(register: &Register, request: &Request, arrival: &Arrival, ticket: Ticket) -> Checked<Record> {
    let bytes = arrival.note.bytes.to_vec();
    let finished = |place: &Place| FinishedFile { role: place.role.clone(), path: place.path.clone(), bytes: bytes.clone() };
    let files = ticket.places.iter().map(finished).collect();
    file(register.archive(), register, &ticket, Details::of(request), files, 1)
}

/// Every file below a folder, hidden ones too.
pub fn walk(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        match entry.file_type().unwrap().is_dir() {
            true => found.extend(walk(&entry.path())),
            false => found.push(entry.path()),
        }
    }
    found
}

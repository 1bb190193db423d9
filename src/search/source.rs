//! The words of a record, read again from the archive: out of its PDF, or from the source that was filed beside it.
//!
//! What is missing or damaged has no words; `verify` names it. Nothing is written.

use std::fs;
use std::path::Path;

use crate::composition::merge::ROW_FILE;
use crate::failure::guarded;
use crate::filing::attached;
use crate::register::{FiledFile, Record};

use super::plain::{self, SourceFile};

/// A larger file is not looked into: it is none that this program wrote.
const MAX_FILE_BYTES: u64 = 512 << 20;

/// The role of a source that is filed beside its document.
const SOURCE: &str = "source";

/// The words of a record; empty where they are not at hand.
pub(super) fn words(archive: &Path, record: &Record) -> String {
    // A file that makes the program fail is skipped like one that is damaged.
    guarded(|| Ok(read(archive, record).unwrap_or_default())).unwrap_or_default()
}

fn read(archive: &Path, record: &Record) -> Option<String> {
    let beside: Vec<&FiledFile> = record.files.iter().filter(|file| file.role == SOURCE).collect();
    let (note, company) = match beside.split_first() {
        Some((note, owned)) => {
            let rows = owned.iter().filter(|file| file.path.ends_with(ROW_FILE));
            let company = rows.filter_map(|file| Some(SourceFile { name: ROW_FILE.to_owned(), bytes: bytes(archive, file)? })).collect();
            (SourceFile { name: record.source.clone(), bytes: bytes(archive, note)? }, company)
        }
        None => carried(&bytes(archive, record.files.first()?)?)?,
    };
    Some(plain::words(&note, &company))
}

/// The note that a PDF carries, and its row.
fn carried(pdf: &[u8]) -> Option<(SourceFile, Vec<SourceFile>)> {
    let is_note = |relationship: &str| relationship.eq_ignore_ascii_case("source");
    let wanted = |name: &str, relationship: &str| is_note(relationship) || name == ROW_FILE;
    let files = attached::files_that(pdf, wanted).ok()?;
    let (mut notes, rows): (Vec<_>, Vec<_>) = files.into_iter().partition(|file| is_note(&file.relationship));
    let source = |file: attached::Attached| SourceFile { name: file.name, bytes: file.bytes };
    let note = if notes.is_empty() { return None } else { notes.swap_remove(0) };
    Some((source(note), rows.into_iter().map(source).collect()))
}

fn bytes(archive: &Path, file: &FiledFile) -> Option<Vec<u8>> {
    let path = archive.join(&file.path);
    let size = fs::metadata(&path).ok()?.len();
    if size > MAX_FILE_BYTES { None } else { fs::read(path).ok() }
}

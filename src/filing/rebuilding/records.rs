//! A record from its sheets: the PDFs that say they are this version, and the files that were filed beside them.

use std::io;

use super::harvest::{Harvest, Sheet};
use super::print::Print;
use crate::register::{self, Filed, FiledFile, Place};
use crate::storage::name::fold;

/// The role of what was filed beside its PDF.
const SOURCE: &str = "source";

/// A record that was put together again.
pub(super) struct Assembled {
    /// Its line, but for what it replaces.
    pub(super) filed: Filed,
    /// PDFs that say the same and are not needed: copies, or other bytes under the same name.
    pub(super) surplus: Vec<FiledFile>,
    /// It was made by an earlier program, which wrote down less.
    pub(super) is_partial: bool,
}

/// Puts a record together. `roles` are the names of its type's PDFs, the main one first.
///
/// # Errors
/// The machine's.
pub(super) fn assemble(mut sheets: Vec<Sheet>, roles: &[String], harvest: &mut Harvest) -> io::Result<Option<Assembled>> {
    let Some(print) = sheets.first().map(|sheet| (*sheet.print).clone()) else { return Ok(None) };
    let pages: Vec<(String, u32)> = sheets.iter().map(|sheet| (sheet.path.clone(), sheet.print.pages)).collect();
    let places = print.files.clone().unwrap_or_default();
    let mut files = Vec::new();
    if places.is_empty() {
        // One for each role; the main one's name is the shortest.
        sheets.sort_by_key(|sheet| sheet.path.chars().count());
        let mut rest = Vec::new();
        for sheet in sheets {
            let role = sheet.print.role.clone().unwrap_or_else(|| role_in(&sheet.path, roles));
            if files.iter().any(|file: &FiledFile| file.role == role) {
                rest.push(sheet);
            } else {
                files.push(FiledFile { role, path: sheet.path, sha256: sheet.sha256 });
            }
        }
        sheets = rest;
        let folder = files.first().map(|file| folder(&file.path).to_owned()).unwrap_or_default();
        for source in &print.sources {
            files.extend(in_folder(&source.sha256, &folder, harvest)?);
        }
    } else {
        let mut sources = print.sources.iter();
        for place in &places {
            let source = if place.role == SOURCE { sources.next() } else { None };
            files.extend(match (take_sheet(&mut sheets, place), source) {
                (Some(file), _) => Some(file),
                (None, Some(source)) => beside(place, &source.sha256, harvest)?,
                (None, None) => None,
            });
        }
    }
    let surplus = sheets.into_iter().map(|sheet| FiledFile { role: FOUND.to_owned(), path: sheet.path, sha256: sheet.sha256 });
    let is_partial = print.files.is_none();
    let mut filed = filed(print, files);
    // Those of the main file count.
    let main = filed.files.first().and_then(|file| pages.into_iter().find(|(path, _)| *path == file.path));
    filed.pages = main.map_or(filed.pages, |(_, pages)| pages);
    Ok(Some(Assembled { surplus: surplus.collect(), is_partial, filed }))
}

/// The role of a file of which nothing else is known.
pub(super) const FOUND: &str = "found";

/// The PDF of this role: the one that stands in its place, or else one that was moved.
fn take_sheet(sheets: &mut Vec<Sheet>, place: &Place) -> Option<FiledFile> {
    let fits = |sheet: &Sheet| sheet.print.role.as_ref().is_none_or(|role| *role == place.role);
    let at = sheets.iter().position(|sheet| fold(&sheet.path) == fold(&place.path) && fits(sheet));
    let moved = |sheet: &Sheet| sheet.print.role.as_ref() == Some(&place.role);
    let sheet = sheets.remove(at.or_else(|| sheets.iter().position(moved))?);
    Some(FiledFile { role: place.role.clone(), path: sheet.path, sha256: sheet.sha256 })
}

/// A file that was filed beside: at its place or elsewhere, but only with the content that the PDF says it had.
fn beside(place: &Place, sha256: &str, harvest: &mut Harvest) -> io::Result<Option<FiledFile>> {
    let same = harvest.with_hash(sha256);
    let index = harvest.at(&place.path).filter(|index| same.contains(index)).or_else(|| same.first().copied());
    let Some(index) = index else { return Ok(None) };
    harvest.file(index).used = true;
    Ok(Some(FiledFile { role: place.role.clone(), path: harvest.path_of(index)?, sha256: sha256.to_owned() }))
}

/// The same where the PDF does not say where its files stand.
fn in_folder(sha256: &str, folder_of_pdf: &str, harvest: &mut Harvest) -> io::Result<Option<FiledFile>> {
    for index in harvest.with_hash(sha256) {
        let path = harvest.path_of(index)?;
        if folder(&path) == folder_of_pdf {
            harvest.file(index).used = true;
            return Ok(Some(FiledFile { role: SOURCE.to_owned(), path, sha256: sha256.to_owned() }));
        }
    }
    Ok(None)
}

/// The role that stands in brackets in a file's name; else that of the main file.
fn role_in(path: &str, roles: &[String]) -> String {
    let named = roles.iter().skip(1).find(|role| path.contains(&format!(" ({role})")));
    named.or(roles.first()).cloned().unwrap_or_else(|| "document".to_owned())
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn filed(print: Print, files: Vec<FiledFile>) -> Filed {
    let part = print.part_key();
    let origin = print.origin.unwrap_or_default();
    Filed {
        id: print.id,
        document_type: print.document_type,
        title: register::bounded_text(&print.title),
        date: print.date,
        series: origin.series,
        number: print.number,
        version: print.version,
        supersedes: None,
        source: origin.source,
        source_sha256: origin.source_sha256,
        content_sha256: origin.content_sha256,
        part,
        parts: origin.parts.max(1),
        template_sha256: print.template_sha256,
        files,
        pages: print.pages,
        filed_at: print.filed_at,
        reserve: 0,
        note_id: origin.note_id,
        committee: origin.committee,
        people: origin.people,
        status: print.status.as_deref().map(register::bounded_text),
        said: print.said,
        joins: None,
        instead_of: None,
        relates: Vec::new(),
    }
}

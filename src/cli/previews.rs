//! What was set without being filed, made into one line for the document: judged only, or written.

use std::path::Path;

use super::targets;
use super::telling::Told;
use super::view::{FileView, Line};
use crate::failure::{Problem, Problems};
use crate::model::sha256_hex;
use crate::pipeline::Preview;
use crate::typesetting::Pictures;
use crate::typesetting::Rendition;

/// One line for all parts of a document: in order only if all of them are.
pub fn judged(line: Line, previews: Vec<Preview>) -> Told {
    collected(line, previews, |line, _, renditions| {
        line.pages = line.pages.or_else(|| renditions.first().map(|rendition| rendition.pages));
        Vec::new()
    })
}

/// Writes the results of a document to `first` and beside it; what failed is told beside what was written.
pub fn written(line: Line, previews: Vec<Preview>, first: &Path, shown: impl Fn(&Path) -> String) -> Told {
    collected(line, previews, |line, part, renditions| {
        let mut problems = Vec::new();
        line.pages = line.pages.or_else(|| renditions.first().map(|rendition| rendition.pages));
        for (index, rendition) in renditions.into_iter().enumerate() {
            let path = targets::numbered(first, part, (index > 0).then_some(rendition.role.as_str()));
            match targets::write(&path, &rendition.pdf) {
                Ok(()) => note(line, &rendition.role, shown(&path), &rendition.pdf),
                Err(more) => problems.extend(more.into_vec()),
            }
        }
        problems
    })
}

/// Writes the pages of a document as pictures: the first page of the first file to `first`, all others beside it.
pub fn drawn(line: Line, previews: Vec<Preview>, first: &Path, shown: impl Fn(&Path) -> String) -> Told {
    let mut pictures: Vec<Vec<Pictures>> = Vec::new();
    let previews = previews.into_iter().map(|mut preview| {
        pictures.push(std::mem::take(&mut preview.pictures));
        preview
    });
    let previews: Vec<Preview> = previews.collect();
    let mut told = collected(line, previews, |line, part, renditions| {
        let mut problems = Vec::new();
        line.pages = line.pages.or_else(|| renditions.first().map(|rendition| rendition.pages));
        for (index, file) in std::mem::take(&mut pictures[part]).into_iter().enumerate() {
            let path = targets::numbered(first, part, (index > 0).then_some(file.role.as_str()));
            for (page, picture) in file.pages.iter().enumerate() {
                let path = targets::of_page(&path, page);
                match targets::write(&path, picture) {
                    Ok(()) => note(line, &file.role, shown(&path), picture),
                    Err(more) => problems.extend(more.into_vec()),
                }
            }
        }
        problems
    });
    told.line.pdf = None;
    told
}

/// Puts a written file into the line; the first is the main one.
fn note(line: &mut Line, role: &str, path: String, bytes: &[u8]) {
    let file = FileView { sha256: sha256_hex(bytes), role: role.to_owned(), path };
    if line.pdf.is_none() {
        line.pdf = Some(file.path.clone());
        line.sha256 = Some(file.sha256.clone());
    }
    line.files.push(file);
}

/// Hands the parts' results to `take`, and tells once what is said of several parts.
fn collected(mut line: Line, previews: Vec<Preview>, mut take: impl FnMut(&mut Line, usize, Vec<Rendition>) -> Vec<Problem>) -> Told {
    let mut problems = Vec::new();
    for (part, preview) in previews.into_iter().enumerate() {
        if part == 0 {
            line = line.understood(Some(&preview.classification)).timed(&preview.stage_ms);
        }
        add_new(&mut line.warnings, preview.warnings);
        let more = match preview.result {
            Ok(renditions) => take(&mut line, part, renditions),
            Err(problems) => problems.into_vec(),
        };
        add_new(&mut problems, more);
    }
    match Problems::of(problems) {
        Some(problems) => Told::troubled(line, problems),
        None => Told::well(line),
    }
}

fn add_new<T: PartialEq>(said: &mut Vec<T>, more: Vec<T>) {
    for item in more {
        if !said.contains(&item) {
            said.push(item);
        }
    }
}

//! What was set without being filed, made into one line for the document: judged only, or written.

use std::path::{Path, PathBuf};

use super::shelf::{Entry, EntryFile};
use super::targets::{self, Taken};
use super::telling::Told;
use super::view::{FileView, Line};
use crate::failure::{Checked, Problem, Problems};
use crate::model::sha256_hex;
use crate::pipeline::{Laid, Preview};
use crate::typesetting::Pictures;
use crate::typesetting::Rendition;

/// One part of a document that was set, or stands as it was set before.
struct Part {
    /// From 0.
    index: usize,
    fingerprint: Option<String>,
    /// Where its files stand already.
    stands: Vec<PathBuf>,
    renditions: Vec<Rendition>,
}

/// How the results of a document are written.
pub struct Writing<'a> {
    /// The path of the first; the others stand beside it.
    pub first: &'a Path,
    /// A path as its user would type it.
    pub shown: &'a dyn Fn(&Path) -> String,
    /// What temporary files begin with.
    pub temporary: &'a str,
}

/// One line for all parts of a document: in order only if all of them are.
pub fn judged(line: Line, previews: Vec<Preview>) -> Told {
    collected(line, previews, |_, _| Vec::new())
}

/// Writes the results of a document, under names that no other has; what failed is told beside what was written. `keep` is told of
/// each part that has a fingerprint and stands whole, and whether any of it was written now.
pub fn written(line: Line, previews: Vec<Preview>, writing: &Writing<'_>, taken: &mut Taken, mut keep: impl FnMut(Entry, bool)) -> Told {
    collected(line, previews, |line, part| {
        let Part { index: at, fingerprint, stands, renditions } = part;
        let (mut problems, mut files, mut is_new) = (Vec::new(), Vec::new(), false);
        for (index, rendition) in renditions.into_iter().enumerate() {
            let path = taken.beside(writing.first, at, (index > 0).then_some(rendition.role.as_str()));
            if stands.get(index) != Some(&path) {
                is_new = true;
                if let Err(more) = targets::write_by(&path, writing.temporary, &rendition.pdf) {
                    problems.extend(more.into_vec());
                    continue;
                }
            }
            let sha256 = note(line, &rendition.role, (writing.shown)(&path), &rendition.pdf);
            files.push(EntryFile::written(&path, sha256, &rendition));
        }
        if let Some(key) = fingerprint.filter(|_| problems.is_empty()) {
            keep(Entry { key, files }, is_new);
        }
        problems
    })
}

/// Packs the results of a document, under names as [`written`] gives them; `shown` is what such a name is called outside.
pub fn packed(
    line: Line,
    previews: Vec<Preview>,
    (first, taken): (&Path, &mut Taken),
    shown: impl Fn(&Path) -> String,
    mut pack: impl FnMut(&Path, &Rendition, &Line) -> Checked<()>,
) -> Told {
    collected(line, previews, |line, part| {
        let mut problems = Vec::new();
        for (index, rendition) in part.renditions.iter().enumerate() {
            let path = taken.beside(first, part.index, (index > 0).then_some(rendition.role.as_str()));
            match pack(&path, rendition, line) {
                Ok(()) => _ = note(line, &rendition.role, shown(&path), &rendition.pdf),
                Err(more) => problems.extend(more.into_vec()),
            }
        }
        problems
    })
}

/// Tells of a document that was laid out among others.
pub fn laid(line: Line, laid: Laid) -> Told {
    let mut line = line.understood(Some(&laid.classification));
    line.warnings = laid.warnings;
    match laid.result {
        Ok(files) => {
            line.pages = files.first().map(|file| file.pages);
            Told::well(line)
        }
        Err(problems) => Told::troubled(line, problems),
    }
}

/// Writes the pages of a document as pictures: the first page of the first file to `first`, all others beside it.
pub fn drawn(line: Line, previews: Vec<Preview>, (first, taken): (&Path, &mut Taken), shown: impl Fn(&Path) -> String) -> Told {
    let mut pictures: Vec<Vec<Pictures>> = Vec::new();
    let previews = previews.into_iter().map(|mut preview| {
        pictures.push(std::mem::take(&mut preview.pictures));
        preview
    });
    let previews: Vec<Preview> = previews.collect();
    let mut told = collected(line, previews, |line, part| {
        let mut problems = Vec::new();
        for (index, file) in std::mem::take(&mut pictures[part.index]).into_iter().enumerate() {
            let path = taken.beside(first, part.index, (index > 0).then_some(file.role.as_str()));
            for (page, picture) in file.pages.iter().enumerate() {
                let path = if page == 0 { path.clone() } else { taken.free(&targets::of_page(&path, page)) };
                match targets::write(&path, picture) {
                    Ok(()) => _ = note(line, &file.role, shown(&path), picture),
                    Err(more) => problems.extend(more.into_vec()),
                }
            }
        }
        problems
    });
    told.line.pdf = None;
    told
}

/// Puts a written file into the line and gives its hash; the first is the main one.
fn note(line: &mut Line, role: &str, path: String, bytes: &[u8]) -> String {
    let file = FileView { sha256: sha256_hex(bytes), role: role.to_owned(), path };
    let sha256 = file.sha256.clone();
    if line.pdf.is_none() {
        line.pdf = Some(file.path.clone());
        line.sha256 = Some(file.sha256.clone());
    }
    line.files.push(file);
    sha256
}

/// Hands the parts to `take`, and tells once what is said of several.
fn collected(mut line: Line, previews: Vec<Preview>, mut take: impl FnMut(&mut Line, Part) -> Vec<Problem>) -> Told {
    let mut problems = Vec::new();
    let is_cached = !previews.is_empty() && previews.iter().all(|preview| !preview.stands.is_empty());
    line.cached = is_cached.then_some(true);
    for (index, preview) in previews.into_iter().enumerate() {
        if index == 0 {
            line = line.understood(Some(&preview.classification)).timed(&preview.stage_ms);
        }
        add_new(&mut line.warnings, preview.warnings);
        let more = match preview.result {
            Ok(renditions) => {
                line.pages = line.pages.or_else(|| renditions.first().map(|rendition| rendition.pages));
                take(&mut line, Part { index, fingerprint: preview.fingerprint, stands: preview.stands, renditions })
            }
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

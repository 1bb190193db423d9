//! The same lines for people: one per document, calm, with the path they need next.

use std::collections::BTreeMap;
use std::time::Duration;

use super::view::{Line, Status, Summary};
use crate::failure::Warning;
use crate::register::Damage;

/// One line about a document, or the part of it that is called so: what became of it and where it stands.
pub fn document(line: &Line, part: Option<&str>, shown: impl Fn(&str) -> String) -> String {
    let source = line.source.as_deref().or(line.id.as_deref()).unwrap_or("?");
    let name = match part {
        Some(part) => format!("{source} [{part}]"),
        None => source.to_owned(),
    };
    let first = line.files.first().map(|file| file.path.as_str());
    let place = line.pdf.as_deref().or(first).map(&shown).unwrap_or_default();
    match line.status {
        // Among others, in a file that is not there yet.
        Status::Rendered if place.is_empty() => format!("✓ {name} is laid out{}", remark(line)),
        Status::Filed | Status::Rendered => format!("✓ {name} → {place}{}", remark(line)),
        Status::Duplicate => format!("= {name} is filed already: {place}"),
        Status::Ok => format!("✓ {name} is in order{}", understood(line)),
        Status::Attention => {
            let count = line.problems.as_ref().map_or(1, Vec::len);
            format!("! {name} needs attention ({})", counted(count, "problem"))
        }
    }
}

/// What a document was taken for: ` (minutes, 2026-11-23)`.
fn understood(line: &Line) -> String {
    match (&line.document_type, line.date) {
        (Some(name), Some(date)) => format!(" ({name}, {date})"),
        (Some(name), None) => format!(" ({name})"),
        _ => String::new(),
    }
}

/// Number, version and pages, where they say something, and that nothing has changed.
fn remark(line: &Line) -> String {
    let version = line.version.filter(|version| *version > 1).map(|version| format!("version {version}"));
    let pages = line.pages.map(|pages| counted(pages as usize, "page"));
    let more = line.files.len().checked_sub(1).filter(|more| *more > 0).map(|more| format!("and {}", counted(more, "more file")));
    let unchanged = line.cached.filter(|cached| *cached).map(|_| "unchanged".to_owned());
    let parts: Vec<String> = [line.number.clone(), version, pages, more, unchanged].into_iter().flatten().collect();
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
}

/// How a run over several documents went.
pub fn summary(summary: &Summary) -> String {
    let counts = [
        (summary.filed, "filed"),
        (summary.rendered - summary.cached, "rendered"),
        (summary.cached, "unchanged"),
        (summary.ok, "in order"),
        (summary.duplicate, "filed already"),
        (summary.attention, "in need of attention"),
    ];
    let told: Vec<String> = counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    if told.is_empty() { "Nothing to do.".to_owned() } else { format!("{}: {}.", counted(summary.documents, "document"), told.join(", ")) }
}

/// `300 documents in 5.1 s: 59 per second.`
pub fn rate(count: usize, took: Duration) -> String {
    let seconds = took.as_secs_f64().max(f64::EPSILON);
    format!("{} in {seconds:.1} s: {:.0} per second.", counted(count, "document"), count as f64 / seconds)
}

/// `1 page`, `2 pages`.
pub fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// A warning; its code too where more is wanted.
pub fn warning(warning: &Warning, verbose: bool) -> String {
    if verbose { format!("{warning} [{}]", warning.code) } else { warning.to_string() }
}

/// `reading 0.1 ms, typesetting 12.3 ms`.
pub fn times(ms: &BTreeMap<&'static str, f64>) -> String {
    let told: Vec<String> = ms.iter().map(|(stage, ms)| format!("{stage} {ms:.1} ms")).collect();
    told.join(", ")
}

/// Says that lines of the register are not what was written; nothing if all are.
pub fn damaged(damage: &[Damage]) -> Option<String> {
    let first = damage.first()?;
    let more = if damage.len() > 1 { format!(" ({} such lines in all)", damage.len()) } else { String::new() };
    let place = format!("archive/{}, line {}", first.file, first.line);
    Some(format!(
        "The register was changed by somebody else: {place}{more}: {} `chancery verify` names all of it. \
         Put that file back from a backup if there is one that is as new.",
        first.message
    ))
}

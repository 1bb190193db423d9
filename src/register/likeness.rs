//! Likeness: which record a request is a version of, and which it merely resembles.
//!
//! A version is what says so by its `id:`, or what has type, part, date, title, committee and file name of a record and at
//! least half of its lines. The text of that record is read from the archive, and only if there is one to compare.

use std::collections::HashMap;

use crate::failure::Checked;

use super::admission::Situation;
use super::entry::Entry;
use super::key::{Key, bounded_text, note_id};
use super::{Record, Request, Resemblance};

/// Of records of one title and date, so many of the newest are looked at.
const MAX_LOOKED_AT: usize = 1_000;

/// Of records that are alike in name, so many of the newest are read.
const MAX_READ: usize = 8;

/// The record that a request would change: the newest standing version of it, if there is one.
pub(super) fn previous_version(request: &Request, situation: &Situation<'_>) -> Checked<Option<Entry>> {
    let index = situation.index;
    if let Some(named) = request.version_of {
        return index.entry(named);
    }
    let newest = |key: &Key| -> Checked<Option<Entry>> { Ok(index.standing(key)?.into_iter().rfind(is_current)) };
    if let Some(key) = Key::note(request)
        && let Some(entry) = newest(&key)?
    {
        return Ok(Some(entry));
    }
    if let Some(same_source) = newest(&Key::source(request))? {
        let record = &same_source.record;
        let alike = record.title == bounded_text(&request.title) && record.date == request.date && record.source == request.file_name;
        if alike || request.again {
            return Ok(Some(same_source));
        }
    }
    let named_alike = index.newest_standing(&Key::title(request), MAX_LOOKED_AT)?.into_iter().filter(is_current);
    let named_alike = named_alike.filter(|entry| is_named_alike(request, &entry.record));
    let read = |record: &Record| situation.sources.and_then(|text| text(situation.archive, record));
    let is_version = |entry: &Entry| read(&entry.record).is_some_and(|text| has_half_in_common(&text, &request.text));
    Ok(named_alike.take(MAX_READ).find(is_version))
}

/// A record that is no version of the same and could be taken for one: type, part, date and title are the same. Records of
/// one arrival are not compared with each other, nor what names another committee or has another `id:`.
pub(super) fn resembled(request: &Request, situation: &Situation<'_>) -> Checked<Option<Resemblance>> {
    let index = situation.index;
    let id = note_id(request);
    let committee = request.committee.as_deref().map(bounded_text);
    let newest = |entry: Entry| -> Checked<Record> {
        let standing = |entry: &Entry| is_current(entry) && entry.after.void.is_none();
        Ok(index.versions(&entry.record.id)?.into_iter().rfind(standing).unwrap_or(entry).record)
    };
    let may_be = |record: &Record| {
        record.source_sha256 != request.source_sha256 && !differ(&id, &record.note_id) && !differ(&committee, &record.committee)
    };
    for entry in index.newest_standing(&Key::title(request), MAX_LOOKED_AT)?.into_iter().filter(|entry| may_be(&entry.record)) {
        let newest = newest(entry)?;
        if may_be(&newest) {
            let why = if newest.source == request.file_name {
                "less than half of its lines are the same".to_owned()
            } else {
                format!("that came from a file named {}", newest.source)
            };
            return Ok(Some(Resemblance { id: newest.id, number: newest.number, why }));
        }
    }
    Ok(None)
}

fn is_current(entry: &Entry) -> bool {
    entry.superseded_by.is_none() && entry.record.joins.is_none()
}

fn is_named_alike(request: &Request, record: &Record) -> bool {
    record.source == request.file_name
        && record.committee == request.committee.as_deref().map(bounded_text)
        && !differ(&note_id(request), &record.note_id)
}

/// Both are stated, and not the same.
fn differ(one: &Option<String>, other: &Option<String>) -> bool {
    one.is_some() && other.is_some() && one != other
}

/// Whether two texts share at least half of their lines: without the space around them, without empty ones, each as often as
/// it stands in both, measured against the longer text.
fn has_half_in_common(one: &str, other: &str) -> bool {
    fn lines(text: &str) -> impl Iterator<Item = &str> {
        text.lines().map(str::trim).filter(|line| !line.is_empty())
    }
    let mut open: HashMap<&str, usize> = HashMap::new();
    let mut one_count = 0;
    for line in lines(one) {
        *open.entry(line).or_default() += 1;
        one_count += 1;
    }
    let (mut shared, mut other_count) = (0, 0);
    for line in lines(other) {
        other_count += 1;
        if let Some(left) = open.get_mut(line).filter(|left| **left > 0) {
            *left -= 1;
            shared += 1;
        }
    }
    shared > 0 && shared * 2 >= one_count.max(other_count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_lines_of_the_longer_text() {
        let cases = [
            ("a\nb\nc\nd", "a\nb\nx\ny", true),
            ("a\nb\nc\nd", "a\nx\ny\nz", false),
            ("a\nb", "a\nb\nc\nd", true),
            ("a\nb", "a\nb\nc\nd\ne", false),
            ("  a\r\n\n\n b ", "a\nb", true),
            // A line counts as often as it stands in both.
            ("a\na\na\nb", "a\nc\nd\ne", false),
            ("a\na", "a\na", true),
            ("", "", false),
        ];
        for (one, other, expected) in cases {
            assert_eq!(has_half_in_common(one, other), expected, "{one:?} {other:?}");
            assert_eq!(has_half_in_common(other, one), expected, "{other:?} {one:?}");
        }
    }
}

//! What a record is called: its id, its number, and the free places for its files.
//!
//! All three are decided under the office's lock, against everything that the register and the folders hold.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};

use chrono::Datelike as _;
use sha2::{Digest, Sha256};

use crate::catalog::fill_in;
use crate::failure::{Blame, Checked, Problem};
use crate::storage::name::{fold, safe_path, safe_value, with_suffix};

use super::index::Index;
use super::key::{Key, note_id};
use super::{Place, Request, Series};

/// An id has at most this many characters.
const MAX_ID_CHARS: usize = 64;

/// A number has at most this many characters.
const MAX_NUMBER_CHARS: usize = 64;

/// The id of a new record: the note's own where it can be one and no other record has it, else the date and a few
/// letters. `row` is the key of its part.
pub(super) fn new_id(request: &Request, index: &Index) -> Checked<String> {
    let part = request.part.as_ref().map(|part| part.key.as_str());
    let own = note_id(request).and_then(|id| own_id(&id, part));
    if let Some(id) = own
        && is_free(&id, request, index)?
    {
        return Ok(id);
    }
    let letters = letters(request, part);
    let date = request.date.format("%Y%m%d");
    let lengths = (4..=letters.len()).map(|length| format!("{date}-{}", &letters[..length]));
    let counted = (2..).map(|count| format!("{date}-{letters}-{count}"));
    for id in lengths.chain(counted) {
        if is_free(&id, request, index)? {
            return Ok(id);
        }
    }
    unreachable!("some count is free")
}

/// Free: no open reservation has it, and no record, or only records of the same type that no longer stand.
fn is_free(id: &str, request: &Request, index: &Index) -> Checked<bool> {
    if index.is_id_reserved(id)? {
        return Ok(false);
    }
    let versions = index.versions(id)?;
    Ok(versions.iter().all(|entry| entry.after.void.is_some() && entry.record.document_type == request.document_type))
}

/// The note's `id:` (and its part's key) as an id, if it is short and has nothing that a shell, a file system or
/// `ID@VERSION` would take for something else.
fn own_id(id: &str, part: Option<&str>) -> Option<String> {
    let id = match part {
        None => id.to_owned(),
        Some(part) => format!("{id}-{}", part.split_whitespace().collect::<Vec<_>>().join("-")),
    };
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let edges = |c: char| c.is_alphanumeric();
    let whole = id.chars().all(fits) && id.starts_with(edges) && id.ends_with(edges) && id.chars().count() <= MAX_ID_CHARS;
    (whole && safe_value(&id) == id).then_some(id)
}

/// Twelve letters and digits that depend on nothing but what is filed.
fn letters(request: &Request, part: Option<&str>) -> String {
    let mut hasher = Sha256::new();
    for text in [request.document_type.as_str(), &request.source_sha256, part.unwrap_or("")] {
        hasher.update(text.as_bytes());
        hasher.update([0]);
    }
    let digits = b"0123456789abcdefghjkmnpqrstvwxyz";
    hasher.finalize().iter().take(12).map(|byte| char::from(digits[usize::from(byte % 32)])).collect()
}

/// A number that was given.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Numbered {
    pub(super) text: String,
    pub(super) year: i32,
    pub(super) n: u64,
    /// How many before it are borne by records from another archive.
    pub(super) passed: u64,
}

/// The next number of the series in the document's year. One that a record from another archive bears is passed over.
///
/// # Errors
/// A pattern that does not work, or gives the same number twice; blame: template.
pub(super) fn next_number(series: &Series, request: &Request, index: &Index) -> Checked<Numbered> {
    let year = request.date.year();
    let first = index.last_number(&series.name, year)?.saturating_add(1);
    let mut n = first;
    let twice = |text: &str| {
        let message = format!("The number pattern `{}` gives {text} a second time: it lacks `{{{{ seq }}}}`.", series.pattern);
        Problem::new("number-pattern", message, NUMBER_HELP).blaming(Blame::Template)
    };
    let mut before = None;
    loop {
        let text = number(series, request, n)?;
        if index.is_number_given(&series.name, year, &text)? || before.as_ref() == Some(&text) {
            return Err(twice(&text).into());
        }
        let key = Key::Number(text.clone());
        let borne = index.standing(&key)?.iter().any(|entry| entry.record.series.as_ref() == Some(&series.name));
        if !borne {
            return Ok(Numbered { text, year, n, passed: n - first });
        }
        (before, n) = (Some(text), n + 1);
    }
}

const NUMBER_HELP: &str = "Mend `pattern` under [number] in the type's manifest.toml; it knows year, seq (three digits), n, type and code.";

/// The `n`th number of the series.
fn number(series: &Series, request: &Request, n: u64) -> Checked<String> {
    let mut context = tera::Context::new();
    context.insert("year", &request.date.year());
    context.insert("n", &n);
    context.insert("seq", &format!("{n:03}"));
    context.insert("type", request.document_type.as_str());
    if let Some(code) = &series.code {
        context.insert("code", code);
    }
    let help = match &series.code {
        None if series.pattern.contains("code") => {
            "Write `code = \"…\"` under [number] in the type's manifest.toml, or under [organisation] in chancery.toml for all types."
        }
        _ => NUMBER_HELP,
    };
    let blame = |message: String| Problem::new("number-pattern", message, help).blaming(Blame::Template);
    let text = fill_in(&series.pattern, &context)
        .map_err(|error| blame(format!("The number pattern `{}` does not work: {error}", series.pattern)))?;
    let text: String = text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(MAX_NUMBER_CHARS).collect();
    if text.is_empty() { Err(blame(format!("The number pattern `{}` gives an empty number.", series.pattern)).into()) } else { Ok(text) }
}

/// What is known of the folders of the archive while the lock is held: their names, as compared; nothing of a folder
/// that holds too many to be read for each admission.
#[derive(Debug, Default)]
pub(super) struct Folders(HashMap<PathBuf, Option<HashSet<String>>>);

/// A folder with more names is not read: a name in it is looked for as the file system itself compares. The names that
/// the register gave are compared as the least exact one would in any case.
const MAX_NAMES_READ: usize = 1_000;

impl Folders {
    /// Whether a name stands in the archive at `path` (relative, with `/`), or a file stands where it needs a folder.
    fn has(&mut self, archive: &Path, path: &str) -> Checked<bool> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let folder = archive.join(folder);
        let names = match self.0.entry(folder) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                let names = names(place.key())?;
                place.insert(names)
            }
        };
        Ok(names.as_ref().map_or_else(|| archive.join(path).symlink_metadata().is_ok(), |names| names.contains(&fold(name))))
    }
}

fn names(folder: &Path) -> Checked<Option<HashSet<String>>> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Some(HashSet::new())),
        Err(error) => return Err(Problem::machine("read the folder", folder, &error).into()),
    };
    let names: Vec<_> = entries.flatten().take(MAX_NAMES_READ + 1).map(|entry| entry.file_name()).collect();
    Ok((names.len() <= MAX_NAMES_READ).then(|| names.iter().map(|name| fold(&name.to_string_lossy())).collect()))
}

/// Free places for a record's files: what the pattern gave, with number and id put in, ` v2` for a later version, and
/// ` (2)` where something stands there already; all files of a record get the same suffix.
///
/// # Errors
/// The machine's.
pub(super) fn free_places(
    wanted: &[Place],
    id: &str,
    number: Option<&str>,
    version: u32,
    (index, folders, archive): (&Index, &mut Folders, &Path),
) -> Checked<Vec<Place>> {
    let bases: Vec<Place> = wanted.iter().map(|place| filled_in(place, id, number)).collect();
    let counted = |count: u32| {
        let version = if version > 1 { format!(" v{version}") } else { String::new() };
        apart(&bases, &if count > 1 { format!("{version} ({count})") } else { version })
    };
    let mut is_free = |count: u32| -> Checked<bool> {
        for place in counted(count) {
            if index.is_path_taken(&fold(&place.path))? || folders.has(archive, &place.path)? {
                return Ok(false);
            }
        }
        Ok(true)
    };
    // A thousand circulars have the same title: doubling and halving finds the next count in a few looks.
    let (mut taken, mut free) = (0, 1);
    while !is_free(free)? {
        (taken, free) = (free, free.saturating_mul(2));
    }
    while free - taken > 1 {
        let middle = taken + (free - taken) / 2;
        if is_free(middle)? { free = middle } else { taken = middle }
    }
    Ok(counted(free))
}

/// The places with their suffix; two files of a record that would have the same name are told apart by their roles.
fn apart(bases: &[Place], suffix: &str) -> Vec<Place> {
    let mut seen = HashSet::new();
    let mut places = Vec::new();
    for base in bases {
        let mut path = with_suffix(&base.path, suffix);
        let mut count = 1;
        while !seen.insert(fold(&path)) {
            let role = if count == 1 { format!(" ({})", base.role) } else { format!(" ({} {count})", base.role) };
            path = with_suffix(&with_suffix(&base.path, &role), suffix);
            count += 1;
        }
        places.push(Place { role: base.role.clone(), path });
    }
    places
}

/// The place with `{number}` and `{id}` put in. It is made safe again: a number may hold a `/`, and a part may have
/// become too long, or empty where there is no number.
fn filled_in(place: &Place, id: &str, number: Option<&str>) -> Place {
    let number = number.map(safe_value).unwrap_or_default();
    let path = place.path.replace("{number}", &number).replace("{id}", &safe_value(id));
    let name = path.rfind('/').map_or(0, |slash| slash + 1);
    let (stem, extension) = match path[name..].rfind('.') {
        Some(dot) => path.split_at(name + dot),
        None => (path.as_str(), ""),
    };
    let extension: String = extension.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '.').take(16).collect();
    Place { role: place.role.clone(), path: format!("{}{extension}", safe_path(stem, id)) }
}

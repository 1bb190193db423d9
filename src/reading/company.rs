//! The files that a note owns: attaches what arrived with it and says what is missing.

use std::collections::HashSet;

use super::mentions::{Named, safe_path};
use super::{OwnedFile, Use, limits};
use crate::failure::{Problem, Problems};
use crate::model::{Dropped, sha256_hex};

/// The files that arrived with a note, as it owns them.
///
/// # Errors
/// A file, or all of them together, over the limit.
pub(super) fn own(arrived: &[Dropped]) -> Result<Vec<OwnedFile>, Problems> {
    let mut problems = Vec::new();
    let mut seen = HashSet::new();
    let mut company = Vec::with_capacity(arrived.len());
    let total: usize = arrived.iter().map(|file| file.bytes.len()).sum();
    if total > limits::COMPANY_BYTES {
        problems.push(limits::too_large("All that the note takes along", limits::COMPANY_BYTES));
    }
    for file in arrived {
        let size = file.bytes.len();
        if size > limits::OWNED_BYTES {
            problems.push(limits::too_large("The file", limits::OWNED_BYTES).in_file(&file.name));
        } else if problems.is_empty() && seen.insert(&file.name) {
            let sha256 = sha256_hex(&file.bytes);
            company.push(OwnedFile { name: file.name.clone(), bytes: file.bytes.to_vec(), sha256 });
        }
    }
    Problems::none_or(problems, company)
}

/// The problems of files that `rows:` or `attachments:` name and that did not arrive.
pub(super) fn missing<'a>(named: &'a [Named], arrived: &'a [Dropped], note: &'a str) -> impl Iterator<Item = (Problem, u32)> + 'a {
    let there: HashSet<&str> = arrived.iter().map(|file| file.name.as_str()).collect();
    named.iter().filter_map(move |named| {
        let name = safe_path(&named.written);
        if name.as_deref().is_some_and(|name| there.contains(name)) {
            return None;
        }
        Some((absent(named, name.as_deref(), note), named.line))
    })
}

fn absent(named: &Named, name: Option<&str>, note: &str) -> Problem {
    let field = if named.used_as == Use::Rows { "rows:" } else { "attachments:" };
    let written = &named.written;
    let Some(name) = name else {
        let message = format!("`{written}` under `{field}` lies outside the note's own folder, and only files in it or below count.");
        return Problem::new("file-outside", message, "Put the file beside the note and write its name alone.");
    };
    let place = match note.rsplit_once('/') {
        Some((folder, _)) => format!("{folder}/{name}"),
        None => name.to_owned(),
    };
    Problem::new(
        "file-missing",
        format!("The file `{name}` that `{field}` names is not there (it was looked for as {place})."),
        "Put the file there under this very name, or correct the name in the note; case and spaces count. Another note cannot be taken along.",
    )
}

//! Originals: what a record was made from, as the archive holds it.
//!
//! Taken out of the PDF itself or from where it was filed beside it, and only if those bytes are the ones that the register
//! vouches for. Names come back as the note wrote them, so that the same set can be read, or dropped, once more.

use std::io;
use std::path::{Component, Path};

use serde_json::Value;

use super::attached::{self, Attached};
use super::place::name_beside;
use crate::failure::{Checked, Problem, Problems};
use crate::model::sha256_hex;
use crate::reading;
use crate::register::{FiledFile, Record};

/// The role of a source that is filed beside its document.
pub const SOURCE: &str = "source";

/// A file that somebody dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Original {
    /// Of a note its file name; of a file that it owns the name that it has in the note.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// A note and the files that it owns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Originals {
    /// The note.
    pub note: Original,
    /// What it owns.
    pub owned: Vec<Original>,
}

/// The originals of a record.
///
/// # Errors
/// A file of the record is missing or was changed, or none of them holds the source; the machine's.
pub fn originals(archive: &Path, record: &Record) -> Checked<Originals> {
    let beside: Vec<&FiledFile> = record.files.iter().filter(|file| file.role == SOURCE).collect();
    let (note, owned) = match beside.split_first() {
        Some((note, owned)) => {
            let owned = owned.iter().map(|file| Ok((name_beside(&file.path).to_owned(), bytes_of(archive, file)?)));
            (bytes_of(archive, note)?, owned.collect::<Checked<Vec<_>>>()?)
        }
        None => inside(archive, record)?,
    };
    let named = names_in_note(&record.source, &note);
    let owned = owned.into_iter().map(|(name, bytes)| Original { name: as_named(&name, &named), bytes }).collect();
    Ok(Originals { note: Original { name: last_part(&record.source), bytes: note }, owned })
}

/// The text of the note that a record was made from; nothing where it is not at hand.
pub fn text_of_note(archive: &Path, record: &Record) -> Option<String> {
    originals(archive, record).ok().map(|originals| reading::text_of(&originals.note.bytes))
}

/// The bytes of a record's file, if they are those that were filed.
///
/// # Errors
/// It is missing or was changed; the machine's.
pub fn bytes_of(archive: &Path, file: &FiledFile) -> Checked<Vec<u8>> {
    let path = archive.join(&file.path);
    let bytes = std::fs::read(&path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => damaged("missing", format!("archive/{} is not there any more", file.path)),
        _ => Problem::machine("read", &path, &error),
    })?;
    if sha256_hex(&bytes) == file.sha256 {
        return Ok(bytes);
    }
    Err(damaged("changed", format!("archive/{} is not what was filed: its bytes were changed", file.path)).into())
}

fn damaged(code: &str, message: String) -> Problem {
    Problem::new(code, message, "Bring the file back from a backup of the archive.")
}

/// A note's bytes, and the name and bytes of each file that it owns.
type Taken = (Vec<u8>, Vec<(String, Vec<u8>)>);

/// What the PDF carries.
fn inside(archive: &Path, record: &Record) -> Checked<Taken> {
    let main = record.files.first().ok_or_else(|| not_at_hand(record, "the register names no file for it"))?;
    let pdf = bytes_of(archive, main)?;
    let attached = attached::files(&pdf).map_err(|message| not_at_hand(record, &format!("its PDF cannot be taken apart ({message})")))?;
    let is = |file: &Attached, relationship: &str| file.relationship.eq_ignore_ascii_case(relationship);
    let stated = attached.iter().find(|file| is(file, "data") && file.name == "record.json").map(stated_names).unwrap_or_default();
    let (notes, others): (Vec<_>, Vec<_>) = attached.into_iter().partition(|file| is(file, "source"));
    let note = notes.into_iter().next().ok_or_else(|| not_at_hand(record, "its PDF carries none and none was filed beside it"))?;
    let owned = others.into_iter().filter(|file| is(file, "supplement")).map(|file| {
        let sha256 = sha256_hex(&file.bytes);
        let stated = stated.iter().find(|(name, hash)| *hash == sha256 && flat(name) == file.name);
        (stated.map_or(file.name, |(name, _)| name.clone()), file.bytes)
    });
    Ok((note.bytes, owned.collect()))
}

/// Name and hash of each source, as `record.json` states them.
fn stated_names(record: &Attached) -> Vec<(String, String)> {
    let record: Value = serde_json::from_slice(&record.bytes).unwrap_or_default();
    let text = |source: &Value, key: &str| source.get(key)?.as_str().map(str::to_owned);
    let sources = record.get("sources").and_then(Value::as_array).into_iter().flatten();
    sources.filter_map(|source| Some((text(source, "name")?, text(source, "sha256")?))).collect()
}

/// The relative paths under which a note names its files.
fn names_in_note(name: &str, note: &[u8]) -> Vec<String> {
    reading::glance(name, note).mentions.into_iter().map(|mention| mention.name).collect()
}

/// A folder in a name became a dash where it was filed; what comes out of a PDF never chooses another folder than the note.
fn as_named(name: &str, named: &[String]) -> String {
    let same = named.iter().find(|written| *written == name).or_else(|| named.iter().find(|written| flat(written) == flat(name)));
    same.cloned().unwrap_or_else(|| last_part(name))
}

fn flat(name: &str) -> String {
    name.replace(['/', '\\'], "-")
}

/// The last part of a name.
fn last_part(name: &str) -> String {
    match Path::new(name).components().next_back() {
        Some(Component::Normal(name)) => name.to_string_lossy().into_owned(),
        _ => "source".to_owned(),
    }
}

fn not_at_hand(record: &Record, why: &str) -> Problems {
    let message = format!("The source of {} is not at hand: {why}.", record.id);
    Problem::new("no-source", message, "`[archive] attach = \"full\"` in chancery.toml puts it into each PDF from then on.").into()
}

//! Taking back: lays what a record was made from into the inbox again, and moves the record's files out of the way.
//!
//! Nothing in the inbox is ever overwritten. What lies there is durable before the register says that the record no longer
//! stands; the record's own files are moved after that, by recovery if need be.

use std::fs::{File, symlink_metadata};
use std::path::{Path, PathBuf};

use crate::failure::{Checked, Problem};
use crate::register::Move;
use crate::storage::name::{MAX_PART_BYTES, is_archives_own, safe_part};
use crate::storage::{TEMPORARY_PREFIX, crash_point, hash_file, make_folders, parent, rename_new, sync_dir, write_new_by};

use super::originals::{Original, Originals};
use super::recovery::remove_empty;

/// Lays a set into the inbox where its note was (`name`, relative to the inbox), or beside what lies there now; gives the
/// names, the note first. A note that owns files comes in a folder of its own, which appears whole. What lies there already
/// with the same content stays.
///
/// # Errors
/// The machine's; then nothing of it was laid down.
pub(crate) fn put_back(inbox: &Path, writer: &str, name: &str, originals: &Originals) -> Checked<Vec<String>> {
    let (folder, own) = name.rsplit_once('/').map_or(("", name), |(folder, own)| (folder, own));
    let within = |name: String| if folder.is_empty() { name } else { format!("{folder}/{name}") };
    let (stem, extension) = stem_of(own);
    let mark = |count: u32| if count > 1 { format!(" ({count})") } else { String::new() };
    if originals.owned.is_empty() {
        let names = |count| vec![within(format!("{stem}{}{extension}", mark(count)))];
        return lay_down(inbox, writer, &free_names(inbox, originals, names), originals);
    }
    let names = |count| {
        let set = within(format!("{stem}{}", mark(count)));
        std::iter::once(own).chain(originals.owned.iter().map(|file| file.name.as_str())).map(|name| format!("{set}/{name}")).collect()
    };
    let is_free = |names: &[String]| symlink_metadata(inbox.join(set_of(names, own))).is_err() || is_there(inbox, names, originals);
    let names: Vec<String> = (1..).map(names).find(|names: &Vec<String>| is_free(names)).unwrap_or_default();
    if !is_there(inbox, &names, originals) {
        lay_folder(&inbox.join(set_of(&names, own)), writer, own, originals)?;
    }
    Ok(names)
}

/// Lays the note and the row of a batch beside each other, where no watcher takes them: only `chancery batch` puts them together.
///
/// # Errors
/// As [`put_back`].
pub(crate) fn put_aside(inbox: &Path, writer: &str, key: &str, originals: &Originals) -> Checked<Vec<String>> {
    let (stem, extension) = stem_of(&originals.note.name);
    let key = safe_part(key, MAX_PART_BYTES);
    let named = |count: u32| {
        let mark = if count > 1 { format!(" ({count})") } else { String::new() };
        let beside = |file: &Original| format!("_{stem} {key}{mark} {}", file.name.replace(['/', '\\'], "-"));
        let note = format!("_{stem} {key}{mark}{extension}");
        std::iter::once(note).chain(originals.owned.iter().map(beside)).collect::<Vec<_>>()
    };
    lay_down(inbox, writer, &free_names(inbox, originals, named), originals)
}

/// Moves files of records that were taken back. One that does not stand at its old place any more was moved before.
///
/// # Errors
/// The machine's; recovery goes on with it.
pub(crate) fn move_away(archive: &Path, moves: &[(Move, String)]) -> Checked<()> {
    // Whatever a line says: what is the archive's own stays where it is.
    for (moved, sha256) in moves.iter().filter(|(moved, _)| !is_archives_own(&moved.from) && !is_archives_own(&moved.to)) {
        let (from, to) = (archive.join(&moved.from), archive.join(&moved.to));
        if !hash_file(&from).is_ok_and(|hash| hash == *sha256) {
            continue;
        }
        make_folders(parent(&to))?;
        rename_new(&from, &to).map_err(|error| Problem::machine("move", &from, &error))?;
        crash_point("undo::moved");
        sync_dir(parent(&to))?;
        sync_dir(parent(&from))?;
        remove_empty(archive, parent(&from));
    }
    Ok(())
}

/// The note, and what it owns.
fn files(originals: &Originals) -> impl Iterator<Item = &Original> {
    std::iter::once(&originals.note).chain(&originals.owned)
}

/// The first names at which nothing else lies.
fn free_names(inbox: &Path, originals: &Originals, named: impl Fn(u32) -> Vec<String>) -> Vec<String> {
    let fits = |names: &Vec<String>| names.iter().zip(files(originals)).all(|(name, file)| is_free_for(&inbox.join(name), file));
    (1..).map(named).find(fits).unwrap_or_default()
}

/// The folder of a set, from the name of its note.
fn set_of<'n>(names: &'n [String], own: &str) -> &'n str {
    let note = names.first().map(String::as_str).unwrap_or_default();
    note.strip_suffix(own).unwrap_or(note).trim_end_matches('/')
}

/// Whether the very same set lies there.
fn is_there(inbox: &Path, names: &[String], originals: &Originals) -> bool {
    let mut all = names.iter().zip(files(originals));
    all.all(|(name, file)| std::fs::read(inbox.join(name)).is_ok_and(|bytes| bytes == file.bytes))
}

/// Makes the folder of a set under a hidden name and gives it its own once all of it is durable.
fn lay_folder(folder: &Path, writer: &str, own: &str, originals: &Originals) -> Checked<()> {
    let above = parent(folder);
    let hidden = above.join(format!("{TEMPORARY_PREFIX}{writer}-set"));
    let laid = || -> Checked<()> {
        make_folders(&hidden)?;
        for (name, file) in std::iter::once((own, &originals.note)).chain(originals.owned.iter().map(|file| (file.name.as_str(), file))) {
            let path = hidden.join(name);
            make_folders(parent(&path))?;
            write_new_by(&path, writer, &file.bytes)?;
        }
        rename_new(&hidden, folder).map_err(|error| Problem::machine("write", folder, &error))?;
        sync_dir(above)
    };
    laid().inspect_err(|_| drop(std::fs::remove_dir_all(&hidden)))
}

fn stem_of(name: &str) -> (&str, &str) {
    match name.rfind('.') {
        Some(dot) if dot > 0 => name.split_at(dot),
        _ => (name, ""),
    }
}

/// Nothing lies there, or the very same.
fn is_free_for(path: &Path, file: &Original) -> bool {
    match symlink_metadata(path) {
        Ok(found) => found.is_file() && std::fs::read(path).is_ok_and(|bytes| bytes == file.bytes),
        Err(_) => true,
    }
}

/// The note comes last: whoever sees it finds its files.
fn lay_down(inbox: &Path, writer: &str, names: &[String], originals: &Originals) -> Checked<Vec<String>> {
    let mut laid: Vec<PathBuf> = Vec::new();
    let all: Vec<(&String, &Original)> = names.iter().zip(files(originals)).collect();
    for (name, file) in all.iter().rev() {
        let path = inbox.join(name);
        match lay(&path, writer, file) {
            Ok(true) => laid.push(path),
            Ok(false) => {}
            Err(problems) => {
                laid.iter().for_each(|path| drop(std::fs::remove_file(path)));
                return Err(problems);
            }
        }
    }
    Ok(names.to_vec())
}

/// Makes sure that the file lies there for good; whether it is a new one.
fn lay(path: &Path, writer: &str, file: &Original) -> Checked<bool> {
    if path.exists() {
        let synced = File::open(path).and_then(|file| file.sync_all());
        synced.map_err(|error| Problem::machine("sync", path, &error))?;
        sync_dir(parent(path))?;
        return Ok(false);
    }
    make_folders(parent(path))?;
    write_new_by(path, writer, &file.bytes)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn original(name: &str) -> Original {
        Original { name: name.to_owned(), bytes: name.as_bytes().to_vec() }
    }

    #[test]
    fn nothing_in_the_inbox_is_overwritten() {
        let inbox = tempfile::tempdir().unwrap();
        let alone = Originals { note: original("note.md"), owned: Vec::new() };
        let back = |originals: &Originals| put_back(inbox.path(), "new", "minutes/note.md", originals).unwrap();
        assert_eq!(back(&alone), ["minutes/note.md"]);
        assert_eq!(back(&alone), ["minutes/note.md"], "it lies there already");
        std::fs::write(inbox.path().join("minutes/note.md"), "edited").unwrap();
        assert_eq!(back(&alone), ["minutes/note (2).md"]);
        let set = Originals { note: original("note.md"), owned: vec![original("img/a.png")] };
        assert_eq!(back(&set), ["minutes/note/note.md", "minutes/note/img/a.png"]);
        assert_eq!(back(&set), ["minutes/note/note.md", "minutes/note/img/a.png"], "it lies there already");
        std::fs::write(inbox.path().join("minutes/note/img/a.png"), "another").unwrap();
        assert_eq!(back(&set), ["minutes/note (2)/note.md", "minutes/note (2)/img/a.png"]);
        assert_eq!(std::fs::read_to_string(inbox.path().join("minutes/note.md")).unwrap(), "edited");
        let row = Originals { note: original("circular.md"), owned: vec![original("row.json")] };
        let aside = put_aside(inbox.path(), "new", "ann/1", &row).unwrap();
        assert_eq!(aside, ["_circular ann-1.md", "_circular ann-1 row.json"]);
    }

    #[test]
    fn what_cannot_be_laid_down_whole_is_not_laid_down() {
        let inbox = tempfile::tempdir().unwrap();
        let set = Originals { note: original("note.md"), owned: vec![original("img"), original("img/b.png")] };
        put_back(inbox.path(), "new", "note.md", &set).unwrap_err();
        assert_eq!(std::fs::read_dir(inbox.path()).unwrap().count(), 0);
    }
}

//! FILE… as typed, turned into arrivals: each note with the files it owns, read once.
//!
//! The same rule as in the inbox: a note owns what it names by a relative path without `..`, in its own folder
//! or below, through no link. Nothing waits here: what is not there is not there.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::ending::NO_SUCH_FILE;
use super::session::Session;
use crate::failure::{Checked, Problem, Problems};
use crate::intake::{Arrival, MAX_OWNED_BYTES, most_bytes};
use crate::model::Dropped;
use crate::reading;

/// A file that the command names.
#[derive(Debug)]
pub struct Given {
    /// As typed.
    pub name: String,
    /// What to do with it.
    pub what: What,
}

/// What a named file is.
#[derive(Debug)]
pub enum What {
    /// A document.
    Arrival(Box<Arrival>),
    /// Owned by the document at this place of the list: it shares that one's fate.
    Owned(usize),
    /// It cannot be read.
    Unreadable(Problems),
}

/// Reads the named files, in their order. `inbox`: the office's, where a sub-folder may name a document type.
pub fn gather(session: &Session, inbox: &Path, files: &[PathBuf]) -> Vec<Given> {
    let mut given: Vec<Given> = files.iter().map(|typed| one(session, inbox, typed)).collect();
    // In order, so that of two notes which name each other one stays a document.
    for (index, typed) in files.iter().enumerate() {
        if let Some(owner) = owner(&given, &session.absolute(typed)).filter(|owner| *owner != index) {
            given[index].what = What::Owned(owner);
        }
    }
    given
}

/// Makes one thing for each file and tells it in the order in which the files were typed. What is owned is made
/// out of its owner's, which is made beforehand where it comes later.
pub fn in_order<T>(given: &[Given], mut make: impl FnMut(&Given, Option<&T>) -> T, mut tell: impl FnMut(&T)) {
    let mut made: Vec<Option<T>> = given.iter().map(|_| None).collect();
    for (index, file) in given.iter().enumerate() {
        let owner = match file.what {
            What::Owned(owner) => Some(owner),
            _ => None,
        };
        for index in owner.into_iter().chain([index]) {
            if made[index].is_none() {
                let of_owner = owner.filter(|owner| *owner != index).and_then(|owner| made[owner].as_ref());
                made[index] = Some(make(&given[index], of_owner));
            }
        }
        if let Some(made) = &made[index] {
            tell(made);
        }
    }
}

/// Reads a named file and the files that it owns.
pub fn one(session: &Session, inbox: &Path, typed: &Path) -> Given {
    let name = typed.to_string_lossy().into_owned();
    let what = match arrival(&session.absolute(typed), &name, inbox) {
        Ok(arrival) => What::Arrival(Box::new(arrival)),
        Err(problems) => What::Unreadable(problems.in_file(&name)),
    };
    Given { name, what }
}

/// The bytes of a table that the command names.
///
/// # Errors
/// It is not there or cannot be read.
pub fn rows(path: &Path, name: &str) -> Checked<Arc<[u8]>> {
    let table = dropped(path, name, MAX_OWNED_BYTES).map_err(|problems| problems.in_file(name))?;
    Ok(table.bytes)
}

fn owner(given: &[Given], path: &Path) -> Option<usize> {
    let path = plain(path);
    given.iter().position(|given| match &given.what {
        What::Arrival(arrival) => arrival.company.iter().any(|owned| plain(&owned.path) == path),
        _ => false,
    })
}

/// The path without `.` and doubled separators.
fn plain(path: &Path) -> PathBuf {
    path.components().filter(|part| !matches!(part, Component::CurDir)).collect()
}

fn arrival(path: &Path, name: &str, inbox: &Path) -> Checked<Arrival> {
    let note = dropped(path, name, most_bytes(path))?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let company = reading::glance(note.file_name(), &note.bytes).mentions;
    let mut names: Vec<String> = company.into_iter().map(|mention| mention.name).collect();
    names.sort();
    names.dedup();
    let mut arrival = Arrival::alone(note);
    arrival.folder = hint(path, inbox);
    for name in names.iter().filter(|name| is_owned(folder, name)) {
        arrival.company.push(dropped(&folder.join(name), name, MAX_OWNED_BYTES)?);
    }
    Ok(arrival)
}

/// The first folder below the inbox, in which the file lies.
fn hint(path: &Path, inbox: &Path) -> Option<String> {
    let below = plain(path).strip_prefix(plain(inbox)).ok()?.to_path_buf();
    let mut parts = below.components();
    let first = parts.next()?.as_os_str().to_str()?.to_owned();
    parts.next().map(|_| first)
}

/// Whether a note in `folder` may own the file that it calls `name`, and it is there.
fn is_owned(folder: &Path, name: &str) -> bool {
    let relative = Path::new(name);
    let mut path = folder.to_path_buf();
    let inside = relative.components().all(|part| {
        path.push(part);
        let linked = fs::symlink_metadata(&path).is_ok_and(|found| found.file_type().is_symlink());
        matches!(part, Component::Normal(_)) && !linked
    });
    inside && path.is_file()
}

/// Reads a file; one byte more than `limit` shows that it is too long.
fn dropped(path: &Path, name: &str, limit: u64) -> Checked<Dropped> {
    let failed = |error: io::Error| {
        Problems::from(match error.kind() {
            io::ErrorKind::NotFound => Problem::new(NO_SUCH_FILE, "There is no such file", "Check the name and the folder you are in."),
            _ => Problem::machine("read", path, &error),
        })
    };
    let metadata = fs::metadata(path).map_err(failed)?;
    if !metadata.is_file() {
        let help = "Name the files in it, or drop the whole folder into the inbox.";
        return Err(Problem::new("not-a-file", "This is not a file", help).into());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len().min(limit)).unwrap_or_default());
    File::open(path).and_then(|file| file.take(limit + 1).read_to_end(&mut bytes)).map_err(failed)?;
    let modified = metadata.modified().map_err(failed)?.into();
    Ok(Dropped { path: path.to_path_buf(), name: name.to_owned(), modified, bytes: bytes.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_below_and_through_no_link_are_owned() {
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("in");
        fs::create_dir_all(inside.join("pictures")).unwrap();
        fs::write(folder.path().join("secret.png"), "x").unwrap();
        fs::write(inside.join("pictures/a.png"), "x").unwrap();
        assert!(is_owned(&inside, "pictures/a.png"));
        assert!(!is_owned(&inside, "../secret.png"));
        assert!(!is_owned(&inside, "pictures"));
        assert!(!is_owned(&inside, folder.path().join("secret.png").to_str().unwrap()));
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("../secret.png", inside.join("link.png")).unwrap();
            std::os::unix::fs::symlink("..", inside.join("up")).unwrap();
            assert!(!is_owned(&inside, "link.png"));
            assert!(!is_owned(&inside, "up/secret.png"));
        }
    }

    #[test]
    fn what_is_owned_follows_its_owner_and_lines_keep_their_order() {
        let unreadable = || What::Unreadable(Problem::new("x", "m", "h").into());
        let file = |name: &str, what| Given { name: name.to_owned(), what };
        let given = [file("photo.png", What::Owned(1)), file("a.md", unreadable()), file("b.md", unreadable())];
        let mut order = Vec::new();
        let mut told = Vec::new();
        let make = |given: &Given, owner: Option<&String>| {
            order.push(given.name.clone());
            owner.map_or_else(|| given.name.clone(), |owner| format!("{} of {owner}", given.name))
        };
        in_order(&given, make, |line| told.push(line.clone()));
        assert_eq!(told, ["photo.png of a.md", "a.md", "b.md"]);
        assert_eq!(order, ["a.md", "photo.png", "b.md"]);
    }

    #[test]
    fn a_sub_folder_of_the_inbox_is_a_hint() {
        let inbox = Path::new("/office/inbox");
        assert_eq!(hint(Path::new("/office/inbox/minutes/x.md"), inbox), Some("minutes".to_owned()));
        assert_eq!(hint(Path::new("/office/inbox/x.md"), inbox), None);
        assert_eq!(hint(Path::new("/elsewhere/minutes/x.md"), inbox), None);
    }
}

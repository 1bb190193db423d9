//! Puts a register that was made anew in the place of the old one, which is kept inside it.
//!
//! `archive/.rebuilding/` holds the new one, and then the old one, until all is done. The file `line` in it says that the new one is whole, and
//! which it is; before that the old one stands untouched, and after that every step can be done again. Nothing of an old register is erased.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::failure::{Blame, Checked, Problem, Problems};
use crate::storage::{exchange, make_folders, sync_dir, write_new};

use super::chain;
use super::journal::Journal;

/// The folder in the archive in which a register is made anew.
pub(crate) const REBUILDING: &str = ".rebuilding";

/// Whether a new register is whole and was not put in place yet, or not to the end.
fn is_rebuilding(archive: &Path) -> bool {
    archive.join(REBUILDING).join("line").exists()
}

/// Puts the register in `.rebuilding/register` in place: its first line has the hash `first`, and it says that the old one is kept
/// at `old`, relative to `archive/`.
///
/// # Errors
/// The machine's; [`resume`] goes on from there.
pub(crate) fn swap(archive: &Path, first: &str, old: Option<&str>) -> Checked<()> {
    let line = format!("{first}\n{}\n", old.unwrap_or_default());
    write_new(&archive.join(REBUILDING).join("line"), line.as_bytes())?;
    put_in_place(archive, old)
}

/// Finishes what was interrupted: clears away a register that was not whole yet, or puts one in place that was. Gives whether it did the latter.
///
/// # Errors
/// The machine's.
pub(crate) fn resume(archive: &Path) -> Checked<bool> {
    let folder = archive.join(REBUILDING);
    let line = match fs::read_to_string(folder.join("line")) {
        Ok(line) => line,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return match fs::remove_dir_all(&folder) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(machine("remove", &folder)(error)),
                _ => Ok(false),
            };
        }
        Err(error) => return Err(machine("read", &folder)(error)),
    };
    let (first, old) = line.trim_end_matches('\n').split_once('\n').unwrap_or((line.trim_end(), ""));
    let old = Some(old).filter(|old| !old.is_empty());
    if first_hash(archive)?.as_deref() == Some(first) {
        keep_old(archive, old)?;
    } else {
        put_in_place(archive, old)?;
    }
    Ok(true)
}

/// From here on the new register counts.
fn put_in_place(archive: &Path, old: Option<&str>) -> Checked<()> {
    let (now, new) = (archive.join("register"), archive.join(REBUILDING).join("register"));
    let aside = archive.join(REBUILDING).join("old");
    if !aside.exists() {
        make_folders(&now)?;
    }
    let exchanged = match exchange(&new, &now) {
        // Where two names cannot be exchanged at once, there is no register for a moment; `line` says so to whoever would begin one.
        Err(error) if error.kind() == io::ErrorKind::Unsupported || !now.exists() => {
            let away = if now.exists() { fs::rename(&now, &aside) } else { Ok(()) };
            away.and_then(|()| fs::rename(&new, &now))
        }
        exchanged => exchanged,
    };
    exchanged.map_err(machine("put in place", &now))?;
    sync_dir(&archive.join(REBUILDING))?;
    sync_dir(archive)?;
    keep_old(archive, old)
}

/// Moves what was the register into the new one, and clears away.
fn keep_old(archive: &Path, old: Option<&str>) -> Checked<()> {
    let folder = archive.join(REBUILDING);
    let places = [folder.join("old"), folder.join("register")];
    if let Some(left) = places.iter().find(|place| place.is_dir()) {
        match old.map(|old| archive.join(old)) {
            Some(place) => fs::rename(left, &place).map_err(machine("keep the old register at", &place))?,
            // It had nothing in it; if it has, it stays and this fails.
            None => fs::remove_dir(left).map_err(machine("remove", left))?,
        }
        sync_dir(&archive.join("register"))?;
    }
    let line = folder.join("line");
    fs::remove_file(&line).map_err(machine("remove", &line))?;
    fs::remove_dir_all(&folder).map_err(machine("remove", &folder))?;
    sync_dir(archive)
}

/// The hash of the register's first line.
fn first_hash(archive: &Path) -> Checked<Option<String>> {
    let Some(path) = Journal::new(archive).paths()?.into_iter().next() else { return Ok(None) };
    let file = fs::File::open(&path).map_err(machine("read", &path))?;
    let mut line = Vec::new();
    io::BufRead::read_until(&mut io::BufReader::new(file), b'\n', &mut line).map_err(machine("read", &path))?;
    Ok(chain::split(line.trim_ascii_end()).map(|(_, hash)| hash.to_owned()))
}

fn machine(action: &str, path: &Path) -> impl Fn(io::Error) -> Problems {
    let (action, path): (String, PathBuf) = (action.to_owned(), path.to_owned());
    move |error| Problem::machine(&action, &path, &error).into()
}

/// No register is begun where one is about to be put in place.
pub(super) fn refuse_if_rebuilding(archive: &Path) -> Checked<()> {
    if !is_rebuilding(archive) {
        return Ok(());
    }
    let message = "The register is being made again, or that was interrupted.";
    let help = "Wait until `chancery rebuild` is done; if it was stopped, run it again.";
    Err(Problem::new("register-rebuilding", message, help).blaming(Blame::Machine).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::tests::{file_it, request, sound};
    use crate::register::{Rebuilt, Register, Remaking, Said};

    const OLD: &str = "register/old-20261124T080000Z";

    /// An archive with a register, and a new one beside it that is whole; gives the first line's hash and the old bytes.
    fn begun() -> (tempfile::TempDir, String, Vec<u8>) {
        let archive = tempfile::tempdir().unwrap();
        let register = Register::open(archive.path()).unwrap();
        file_it(&register, &request("one"));
        drop(register);
        let old = fs::read(archive.path().join("register/2026.jsonl")).unwrap();
        let now = request("one").now;
        let rebuilt = Rebuilt { records: 0, old: Some(OLD.to_owned()), said: Said::default() };
        let remaking = Remaking::begin(&archive.path().join(REBUILDING).join("register"), now, true, rebuilt).unwrap();
        (archive, remaking.finish().unwrap(), old)
    }

    fn assert_new(archive: &Path, first: &str, old: &[u8]) {
        assert_eq!(first_hash(archive).unwrap().as_deref(), Some(first));
        assert_eq!(fs::read(archive.join(OLD).join("2026.jsonl")).unwrap(), old);
        assert!(!archive.join(REBUILDING).exists());
        let register = sound(archive);
        assert!(register.records().unwrap().is_empty());
        file_it(&register, &request("two"));
    }

    #[test]
    fn the_new_register_takes_the_place_of_the_old_one_which_is_kept() {
        let (archive, first, old) = begun();
        swap(archive.path(), &first, Some(OLD)).unwrap();
        assert_new(archive.path(), &first, &old);
        assert!(!resume(archive.path()).unwrap());
    }

    #[test]
    fn before_it_is_whole_nothing_has_happened() {
        let (archive, _, old) = begun();
        assert!(!resume(archive.path()).unwrap());
        assert!(!archive.path().join(REBUILDING).exists());
        assert_eq!(fs::read(archive.path().join("register/2026.jsonl")).unwrap(), old);
    }

    /// What each step leaves when the program dies after it, where names can be exchanged and where they cannot.
    #[test]
    fn after_any_step_it_is_finished() {
        type Step = fn(&Path);
        let steps: [(&str, Step); 5] = [
            ("the line is written", |_| ()),
            ("exchanged", |archive| exchange(&archive.join(REBUILDING).join("register"), &archive.join("register")).unwrap()),
            ("the old one is aside", |archive| fs::rename(archive.join("register"), archive.join(REBUILDING).join("old")).unwrap()),
            ("the new one has the name", |archive| {
                fs::rename(archive.join("register"), archive.join(REBUILDING).join("old")).unwrap();
                fs::rename(archive.join(REBUILDING).join("register"), archive.join("register")).unwrap();
            }),
            ("the old one is kept", |archive| {
                exchange(&archive.join(REBUILDING).join("register"), &archive.join("register")).unwrap();
                fs::rename(archive.join(REBUILDING).join("register"), archive.join(OLD)).unwrap();
            }),
        ];
        for (name, step) in steps {
            let (archive, first, old) = begun();
            write_new(&archive.path().join(REBUILDING).join("line"), format!("{first}\n{OLD}\n").as_bytes()).unwrap();
            step(archive.path());
            let register = Register::open(archive.path()).unwrap();
            let refused = register.answer("hash", "note.md", &crate::register::Answer::default()).unwrap_err();
            assert_eq!(refused.first().code, "register-rebuilding", "{name}");
            drop(register);
            assert!(resume(archive.path()).unwrap(), "{name}");
            assert_new(archive.path(), &first, &old);
        }
    }

    #[test]
    fn where_there_was_no_register_nothing_is_kept() {
        let (archive, first, _) = begun();
        fs::remove_dir_all(archive.path().join("register")).unwrap();
        swap(archive.path(), &first, None).unwrap();
        assert_eq!(first_hash(archive.path()).unwrap(), Some(first));
        assert!(!archive.path().join(REBUILDING).exists() && !archive.path().join(OLD).exists());
    }
}

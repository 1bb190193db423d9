//! Where results that are not filed go: `-o OUT.pdf`, `-o DIR/`, or beside the note; and how they are written.
//!
//! The first result gets the name itself (reading copy, first recipient), the rest stand beside it as
//! `OUT (press).pdf`, `OUT (2).pdf`. A result is there whole or not at all.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use tempfile::NamedTempFile;

use super::ending::Stop;
use super::session::Session;
use crate::failure::{Checked, Problem, Problems};

/// Where the results of a command go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Beside each note, under its name.
    Beside,
    /// This file, and the rest beside it.
    File(PathBuf),
    /// This folder.
    Folder(PathBuf),
}

impl Target {
    /// What `-o` means. `many`: the command names several documents, which cannot all have one name.
    ///
    /// # Errors
    /// Usage: one file for several documents.
    pub fn of(session: &Session, typed: Option<&Path>, many: bool) -> Result<Self, Stop> {
        let Some(typed) = typed else { return Ok(Self::Beside) };
        let path = session.absolute(typed);
        let is_folder = typed.as_os_str().to_string_lossy().ends_with(std::path::is_separator) || path.is_dir();
        match (is_folder, many) {
            (true, _) => Ok(Self::Folder(path)),
            (false, false) => Ok(Self::File(path)),
            (false, true) => Err(Stop::usage(
                "one-output",
                format!("Several documents cannot all be written to {}.", typed.display()),
                format!("Name a folder: `-o {}/`.", typed.with_extension("").display()),
            )),
        }
    }

    /// The path of the first result of a note; `taken` keeps two notes of one name apart.
    pub fn first(&self, note: &Path, extension: &str, taken: &mut Taken) -> PathBuf {
        let stem = note.file_stem().unwrap_or(note.as_os_str());
        let extension = format!(".{extension}");
        let path = match self {
            Self::Beside => note.with_file_name(joined(stem.to_os_string(), &extension)),
            Self::File(path) => path.clone(),
            Self::Folder(folder) => folder.join(joined(stem.to_os_string(), &extension)),
        };
        taken.free(&path)
    }
}

/// The names that are given away already, with the last number that each was given. Names that differ in case only
/// are one: some file systems think so. Hashes stand for them, so that a hundred thousand take little room; two names with one hash
/// would cost the second a number that it does not need.
#[derive(Debug, Default)]
pub struct Taken(HashMap<u64, u32>);

impl Taken {
    /// These are given away: nothing is written over them.
    pub fn with(paths: &[PathBuf]) -> Self {
        Self(paths.iter().map(|path| (folded(path), 1)).collect())
    }

    /// The path, or `OUT (2).pdf` and so on where it is taken.
    pub fn free(&mut self, path: &Path) -> PathBuf {
        let asked = folded(path);
        let mut number = self.0.get(&asked).copied().unwrap_or_default();
        let mut chosen = path.to_path_buf();
        while number > 0 {
            number += 1;
            chosen = with_suffix(path, &number.to_string());
            if !self.0.contains_key(&folded(&chosen)) {
                break;
            }
        }
        self.0.insert(asked, number.max(1));
        self.0.entry(folded(&chosen)).or_insert(1);
        chosen
    }

    /// The path of a further result of the document whose first is to stand at `first`: as [`numbered`], but that it takes no other's.
    pub fn beside(&mut self, first: &Path, part: usize, role: Option<&str>) -> PathBuf {
        let path = numbered(first, part, role);
        if path == first { path } else { self.free(&path) }
    }
}

/// A path as it is compared.
fn folded(path: &Path) -> u64 {
    let path: PathBuf = path.components().collect();
    let hash = Sha256::digest(path.to_string_lossy().to_lowercase().as_bytes());
    hash.iter().take(8).fold(0, |folded, byte| (folded << 8) | u64::from(*byte))
}

/// The path of a result: `part` from 0, and its role unless it is the part's first file.
pub fn numbered(first: &Path, part: usize, role: Option<&str>) -> PathBuf {
    let number = (part > 0).then(|| (part + 1).to_string());
    let words: Vec<String> = number.into_iter().chain(role.map(str::to_owned)).collect();
    if words.is_empty() { first.to_path_buf() } else { with_suffix(first, &words.join(", ")) }
}

/// The path of a page, from 0: the first has the name itself.
pub fn of_page(path: &Path, page: usize) -> PathBuf {
    if page == 0 { path.to_path_buf() } else { with_suffix(path, &format!("page {}", page + 1)) }
}

/// `OUT (words).pdf` beside `OUT.pdf`.
fn with_suffix(path: &Path, words: &str) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_os_string();
    let mut name = joined(stem, &format!(" ({words})"));
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}

fn joined(mut stem: OsString, suffix: &str) -> OsString {
    stem.push(suffix);
    stem
}

/// What the temporary files of results begin with.
pub const TEMPORARY: &str = ".chancery-";

/// Writes a result, replacing an earlier one; makes the folder if there is none.
///
/// # Errors
/// The machine's.
pub fn write(path: &Path, bytes: &[u8]) -> Checked<()> {
    write_by(path, TEMPORARY, bytes)
}

/// The same; until it has its name, the file is called `temporary` and something more.
///
/// # Errors
/// As [`write()`].
pub fn write_by(path: &Path, temporary: &str, bytes: &[u8]) -> Checked<()> {
    let failed = |error: io::Error| Problems::from(Problem::machine("write", path, &error));
    if path.exists() && !path.is_file() {
        // A device or a pipe: there is nothing to be replaced.
        return fs::write(path, bytes).map_err(failed);
    }
    let folder = folder_of(path);
    fs::create_dir_all(folder).map_err(failed)?;
    let mut file = temporary_in(folder, temporary).map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

/// A new file whose name begins so, for a result that is to be called otherwise once it is whole. Gone if it never is.
///
/// # Errors
/// The system's.
pub fn temporary_in(folder: &Path, prefix: &str) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(prefix);
    // As any other file: what others may do with it says the user's mask.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

/// Makes the folder in which a file is to stand, and sees whether anything can be written there: what takes long is not begun in vain.
///
/// # Errors
/// The system's.
pub fn prepare(path: &Path) -> io::Result<()> {
    fs::create_dir_all(folder_of(path))?;
    temporary_in(folder_of(path), TEMPORARY).map(drop)
}

/// The folder in which a file is to stand.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_gets_the_name_and_the_rest_stand_beside() {
        let first = Path::new("/out/Letter.v2.pdf");
        assert_eq!(numbered(first, 0, None), first);
        assert_eq!(numbered(first, 0, Some("press")), Path::new("/out/Letter.v2 (press).pdf"));
        assert_eq!(numbered(first, 1, None), Path::new("/out/Letter.v2 (2).pdf"));
        assert_eq!(numbered(first, 2, Some("press")), Path::new("/out/Letter.v2 (3, press).pdf"));
    }

    #[test]
    fn two_notes_of_one_name_do_not_overwrite_each_other() {
        let mut taken = Taken::default();
        let target = Target::Folder("/out".into());
        assert_eq!(target.first(Path::new("/a/x.md"), "pdf", &mut taken), Path::new("/out/x.pdf"));
        assert_eq!(target.first(Path::new("/b/x.md"), "pdf", &mut taken), Path::new("/out/x (2).pdf"));
        assert_eq!(target.first(Path::new("/c/X.md"), "pdf", &mut taken), Path::new("/out/X (3).pdf"));
        assert_eq!(target.first(Path::new("/c/x (2).md"), "pdf", &mut taken), Path::new("/out/x (2) (2).pdf"));
        assert_eq!(Target::Beside.first(Path::new("/b/x.y.md"), "pdf", &mut taken), Path::new("/b/x.y.pdf"));
    }

    #[test]
    fn a_further_result_takes_no_name_of_another_document() {
        let mut taken = Taken::default();
        let first = taken.free(Path::new("/out/x.pdf"));
        assert_eq!(taken.beside(&first, 0, None), first);
        assert_eq!(taken.beside(&first, 1, None), Path::new("/out/x (2).pdf"));
        let second = taken.free(Path::new("/out/x.pdf"));
        assert_eq!(second, Path::new("/out/x (3).pdf"));
        assert_eq!(taken.beside(&second, 1, None), Path::new("/out/x (3) (2).pdf"));
        let third = taken.free(Path::new("/out/x (3).pdf"));
        assert_eq!(taken.beside(&third, 1, None), Path::new("/out/x (3) (3) (2).pdf"));
    }

    #[test]
    fn a_result_replaces_the_earlier_one_and_leaves_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/x.pdf");
        write(&path, b"one").unwrap();
        write(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }
}

//! Problem notes: `guests.csv.problem.txt` beside `guests.csv` says what is wrong with it and how to mend it.
//!
//! Written for whoever dropped the file. Never written over, and never takes away, a file that is not one of ours:
//! ours begin with a line that nobody else writes.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::disk::{Disk, Lies};
use super::names::PROBLEM_SUFFIX;
use crate::failure::{Blame, Problems};
use crate::model::sha256_hex;

/// The first words of every problem note of ours.
const MARK: &str = "Chancery could not file this yet:";

/// File systems allow names of so many bytes.
const MAX_NAME_BYTES: usize = 255;

/// Where the notes about problems of an inbox are kept.
#[derive(Clone, Debug)]
pub struct ProblemNotes {
    inbox: PathBuf,
    /// For an inbox in which nothing can be written.
    elsewhere: PathBuf,
}

impl ProblemNotes {
    /// The notes of the office's inbox; `state` is the office's `.chancery` folder.
    pub fn new(inbox: &Path, state: &Path) -> Self {
        Self { inbox: inbox.to_path_buf(), elsewhere: state.join("problems") }
    }

    /// Says what is wrong with the drop `name` (relative to the inbox). Gives the note's path; a note that says so
    /// already is left as it is.
    ///
    /// # Errors
    /// It can be written neither beside the drop nor in `.chancery/problems/`.
    pub fn write(&self, name: &Path, problems: &Problems) -> io::Result<PathBuf> {
        let text = text(name, problems);
        let beside = note_path(&self.inbox, name);
        let elsewhere = self.elsewhere(name);
        if may_write_over(&beside) && put(&beside, &text).is_ok() {
            remove_ours(&elsewhere);
            return Ok(beside);
        }
        elsewhere.parent().map_or(Ok(()), fs::create_dir_all)?;
        put(&elsewhere, &text)?;
        Ok(elsewhere)
    }

    /// Takes the note about the drop `name` away, if there is one.
    pub fn remove(&self, name: &Path) {
        remove_ours(&note_path(&self.inbox, name));
        remove_ours(&self.elsewhere(name));
    }

    /// What the note about the drop `name` says, without its frame.
    pub fn read(&self, name: &Path) -> Option<String> {
        let text = [note_path(&self.inbox, name), self.elsewhere(name)]
            .into_iter()
            .find_map(|path| is_ours(&path).then(|| fs::read_to_string(path).ok()).flatten())?;
        let words = text.split_once("\n\n").map_or("", |(_, rest)| rest);
        Some(words.rsplit_once(FRAME).map_or(words, |(words, _)| words).trim_end().to_owned())
    }

    /// The note that cannot stand beside its drop. A name to which nothing can be added is known by its hash.
    fn elsewhere(&self, name: &Path) -> PathBuf {
        let own = name.file_name().unwrap_or_default();
        if own.len() + PROBLEM_SUFFIX.len() <= MAX_NAME_BYTES {
            return note_path(&self.elsewhere, name);
        }
        note_path(&self.elsewhere, &name.with_file_name(sha256_hex(own.as_encoded_bytes())))
    }
}

/// What a file is, as far as its name and first line say that it is a problem note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// No problem note.
    None,
    /// A problem note of a file that lies beside it.
    Needed,
    /// One of ours; its file is gone.
    Stale,
}

/// Whether the file at `path` (relative to the inbox) is a problem note.
pub(crate) fn standing(disk: &Disk, path: &Path) -> Standing {
    let Some(about) = about(path) else { return Standing::None };
    match (disk.look(&about), is_ours(&disk.root().join(path))) {
        (Lies::Nothing, false) => Standing::None,
        (Lies::Nothing, true) => Standing::Stale,
        _ => Standing::Needed,
    }
}

/// The drop that a file of this name would be the problem note of; its name need not be text.
pub(crate) fn about(path: &Path) -> Option<PathBuf> {
    let (outer, inner) = PROBLEM_SUFFIX.trim_start_matches('.').split_once('.')?;
    let rest = Path::new(path.file_stem()?);
    let ours = path.extension()? == inner && rest.extension()? == outer;
    ours.then(|| rest.file_stem().map(|name| path.with_file_name(name))).flatten()
}

/// Takes a problem note away, if it is one of ours.
pub(crate) fn remove_ours(path: &Path) {
    if is_ours(path) {
        // If it cannot be removed it says something that is no longer so, which does no harm.
        let _ = fs::remove_file(path);
    }
}

fn note_path(folder: &Path, name: &Path) -> PathBuf {
    let mut path = folder.join(name).into_os_string();
    path.push(PROBLEM_SUFFIX);
    PathBuf::from(path)
}

fn is_ours(path: &Path) -> bool {
    let mut start = [0; MARK.len()];
    let is_file = fs::symlink_metadata(path).is_ok_and(|data| data.is_file());
    is_file && File::open(path).and_then(|mut file| file.read_exact(&mut start)).is_ok() && start == MARK.as_bytes()
}

fn may_write_over(path: &Path) -> bool {
    fs::symlink_metadata(path).is_err() || is_ours(path)
}

/// Writes by way of a hidden file, so that nobody ever sees half a note.
fn put(path: &Path, text: &str) -> io::Result<()> {
    if fs::read(path).is_ok_and(|old| old == text.as_bytes()) {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut temporary = tempfile::Builder::new().prefix(".problem-").suffix(".tmp").tempfile_in(folder)?;
    io::Write::write_all(&mut temporary, text.as_bytes())?;
    share(temporary.as_file())?;
    temporary.persist(path).map(drop).map_err(|failed| failed.error)
}

/// A temporary file is its owner's alone; a note is for everybody who sees the inbox.
#[cfg(unix)]
fn share(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn share(_: &File) -> io::Result<()> {
    Ok(())
}

/// What stands between the problems and the last words.
const FRAME: &str = "\n----\n";

fn text(name: &Path, problems: &Problems) -> String {
    let file_name = name.file_name().unwrap_or_default().to_string_lossy();
    let blames = |blame| problems.iter().any(|problem| problem.blame == blame);
    let next = if blames(Blame::Note) || !(blames(Blame::Template) || blames(Blame::Configuration)) {
        let mended = to_mend(&file_name, problems);
        format!("Your file stays where it is and nothing of it is lost. Mend {mended} and save it:\nit is then tried again by itself.")
    } else {
        format!(
            "“{file_name}” itself is in order and stays where it is: what has to be mended is named above.\nAs soon as that is saved, the file is tried again by itself."
        )
    };
    format!("{MARK} {file_name}\n\n{problems}{FRAME}{next} This note goes away once the file is filed.\n")
}

/// The files in which the mistakes stand: the note, a table that it names, or both.
fn to_mend(file_name: &str, problems: &Problems) -> String {
    let own = problems.iter().filter(|problem| problem.blame == Blame::Note);
    let mut names: Vec<&str> = Vec::new();
    for name in own.map(|problem| problem.file.as_deref().and_then(|file| file.rsplit('/').next()).unwrap_or(file_name)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if names.is_empty() || names.len() > MAX_NAMES {
        names = vec![file_name];
    }
    names.iter().map(|name| format!("“{name}”")).collect::<Vec<_>>().join(" and ")
}

/// More files than this are not listed again below the problems that name them.
const MAX_NAMES: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Problem;

    fn office() -> (tempfile::TempDir, ProblemNotes, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let inbox = folder.path().join("inbox");
        fs::create_dir_all(inbox.join("sub")).unwrap();
        let notes = ProblemNotes::new(&inbox, &folder.path().join(".chancery"));
        (folder, notes, inbox)
    }

    fn problems() -> Problems {
        let text = "---\ntitle: [\n---\n";
        Problem::new("front-matter-syntax", "The list is not closed.", "Put a `]` at its end.")
            .in_file("sub/a.md")
            .at(text, 2, Some(8))
            .into()
    }

    #[test]
    fn it_says_what_where_and_how_and_goes_again() {
        let (_folder, notes, inbox) = office();
        let path = notes.write(Path::new("sub/a.md"), &problems()).unwrap();
        assert_eq!(path, inbox.join("sub/a.md.problem.txt"));
        let text = fs::read_to_string(&path).unwrap();
        for words in ["a.md", "line 2, column 8", "title: [", "The list is not closed.", "Put a `]`", "tried again by itself"] {
            assert!(text.contains(words), "{words} in {text}");
        }
        assert_eq!(notes.read(Path::new("sub/a.md")).unwrap(), problems().to_string().trim_end());
        notes.remove(Path::new("sub/a.md"));
        assert!(!path.exists());
        assert_eq!(fs::read_dir(inbox.join("sub")).unwrap().count(), 0);
    }

    #[test]
    fn a_template_is_blamed_without_blaming_the_note() {
        let template: Problems = Problem::new("template", "The layout is broken.", "Mend it.").blaming(Blame::Template).into();
        assert!(text(Path::new("a.md"), &template).contains("itself is in order"));
        assert!(!text(Path::new("a.md"), &problems()).contains("itself is in order"));
    }

    #[test]
    fn the_file_to_mend_is_the_one_with_the_mistake() {
        let cell: Problems = Problem::new("cell-empty", "The cell is empty.", "Fill it in.").in_file("guests.csv").into();
        assert!(text(Path::new("a.md"), &cell).contains("Mend “guests.csv” and save it"));
        assert!(text(Path::new("a.md"), &problems().and(cell)).contains("Mend “a.md” and “guests.csv” and save"));
    }

    #[test]
    fn what_it_says_already_is_not_written_again() {
        let (_folder, notes, inbox) = office();
        let path = notes.write(Path::new("a.md"), &problems()).unwrap();
        let before = fs::metadata(&path).unwrap().modified().unwrap();
        notes.write(Path::new("a.md"), &problems()).unwrap();
        assert_eq!(fs::metadata(inbox.join("a.md.problem.txt")).unwrap().modified().unwrap(), before);
    }

    #[test]
    fn a_file_that_is_not_ours_is_neither_replaced_nor_removed() {
        let (folder, notes, inbox) = office();
        let own = inbox.join("a.md.problem.txt");
        fs::write(&own, "mine").unwrap();
        let path = notes.write(Path::new("a.md"), &problems()).unwrap();
        assert_eq!(path, folder.path().join(".chancery/problems/a.md.problem.txt"));
        assert!(notes.read(Path::new("a.md")).is_some());
        notes.remove(Path::new("a.md"));
        assert!(!path.exists());
        assert_eq!(fs::read_to_string(&own).unwrap(), "mine");
    }

    #[test]
    fn a_name_to_which_nothing_can_be_added_has_its_note_elsewhere() {
        let (_folder, notes, _) = office();
        let name = PathBuf::from(format!("{}.md", "y".repeat(252)));
        let path = notes.write(&name, &problems()).unwrap();
        assert!(path.starts_with(&notes.elsewhere), "{}", path.display());
        assert_eq!(notes.read(&name).unwrap(), problems().to_string().trim_end());
        notes.remove(&name);
        assert!(!path.exists());
    }

    #[test]
    #[cfg(unix)]
    fn the_note_of_a_name_that_is_no_text_is_ours() {
        use std::os::unix::ffi::OsStrExt as _;
        let (_folder, notes, inbox) = office();
        let name = Path::new(std::ffi::OsStr::from_bytes(b"bad\xff.md"));
        fs::write(inbox.join(name), "").unwrap();
        let path = notes.write(name, &problems()).unwrap();
        let disk = Disk::new(inbox.clone(), true);
        assert_eq!(standing(&disk, path.strip_prefix(&inbox).unwrap()), Standing::Needed);
        fs::remove_file(inbox.join(name)).unwrap();
        assert_eq!(standing(&disk, path.strip_prefix(&inbox).unwrap()), Standing::Stale);
    }

    #[test]
    fn a_name_alone_does_not_make_a_problem_note() {
        let (_folder, notes, inbox) = office();
        let disk = Disk::new(inbox.clone(), true);
        let standing = |path: &str| standing(&disk, Path::new(path));
        fs::write(inbox.join("budget.problem.txt"), "my own").unwrap();
        assert_eq!(standing("budget.problem.txt"), Standing::None);
        assert_eq!(standing(".problem.txt"), Standing::None);
        assert_eq!(standing("a.md"), Standing::None);
        fs::write(inbox.join("budget"), "the budget").unwrap();
        assert_eq!(standing("budget.problem.txt"), Standing::Needed);
        notes.write(Path::new("a.md"), &problems()).unwrap();
        assert_eq!(standing("a.md.problem.txt"), Standing::Stale);
    }
}

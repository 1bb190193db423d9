//! What a name alone says: which files are never taken, and which can be a note.
//!
//! Works on the last part of a path. Nothing here looks at a file.

use std::path::{Component, Path};

/// What is appended to a drop's whole name for the note about its problem.
pub(crate) const PROBLEM_SUFFIX: &str = ".problem.txt";

/// Why a name is left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Untaken {
    /// It begins with a dot.
    Hidden,
    /// An editor, a browser or the system made it for its own use.
    Temporary,
    /// It begins with `_`: its user put it aside. A note may still name it.
    PutAside,
}

/// Whether a file of this name is left alone, and why.
pub(crate) fn untaken(file_name: &str) -> Option<Untaken> {
    if file_name.starts_with('.') {
        Some(Untaken::Hidden)
    } else if is_temporary(file_name) {
        Some(Untaken::Temporary)
    } else if file_name.starts_with('_') {
        Some(Untaken::PutAside)
    } else {
        None
    }
}

/// Whether a file at `path` (relative to the inbox) can be a drop or be owned by one: nothing on the way is hidden.
pub(crate) fn is_open(path: &Path) -> bool {
    let mut parts = path.components().peekable();
    parts.peek().is_some()
        && parts.all(|part| matches!(part, Component::Normal(name) if !name.to_string_lossy().starts_with('.')))
        && !is_temporary(&last(path))
}

/// Whether a folder only groups single drops.
pub(crate) fn only_groups(folder: &Path) -> bool {
    last(folder).starts_with('_')
}

/// Whether a file can be a note or a data file that is a document; its content then decides.
pub(crate) fn may_be_note(path: &Path) -> bool {
    let extension = extension(path);
    !NEVER_NOTES.contains(&extension.as_str())
}

/// Whether it is a file of fields (YAML, TOML, JSON), which can be a document or belong to one.
pub(crate) fn is_fields(path: &Path) -> bool {
    matches!(extension(path).as_str(), "yaml" | "yml" | "toml" | "json")
}

/// Tables, images, sound, office files, archives: read by formats of their own, never as a note's text.
const NEVER_NOTES: &[&str] = &[
    "csv", "tsv", "jsonl", "ndjson", "xlsx", "xlsm", "xlsb", "xls", "ods", "fods", "numbers", "doc", "docx", "odt", "rtf", "ppt", "pptx",
    "odp", "pdf", "png", "jpg", "jpeg", "gif", "svg", "webp", "bmp", "tif", "tiff", "heic", "avif", "ics", "vcf", "eml", "msg", "zip",
    "7z", "rar", "gz", "tar", "mp3", "mp4", "m4a", "wav", "mov", "avi", "mkv",
];

/// The names that editors, browsers and systems give to what is theirs.
fn is_temporary(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let unfinished = [".part", ".partial", ".crdownload", ".tmp"];
    name.ends_with('~')
        || name == "4913"
        || name.starts_with("~$")
        || (name.len() > 1 && name.starts_with('#') && name.ends_with('#'))
        || unfinished.iter().any(|ending| lower.ends_with(ending))
        || matches!(lower.as_str(), "thumbs.db" | "desktop.ini")
}

fn extension(path: &Path) -> String {
    path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase()).unwrap_or_default()
}

fn last(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_alone() {
        for name in ["x.md~", "4913", "~$letter.docx", "#x.md#", "plan.pdf.part", "a.CRDOWNLOAD", "w.tmp", "Thumbs.db"] {
            assert_eq!(untaken(name), Some(Untaken::Temporary), "{name}");
        }
        for name in [".hidden.md", ".#x.md", ".~lock.x.odt#", ".watcher", ".goutputstream-4W2"] {
            assert_eq!(untaken(name), Some(Untaken::Hidden), "{name}");
        }
        assert_eq!(untaken("_draft.md"), Some(Untaken::PutAside));
        for name in ["x.md", "4913.md", "party.md", "#1 agenda.md", "a~b.md", "template", "#"] {
            assert_eq!(untaken(name), None, "{name}");
        }
    }

    #[test]
    fn nothing_hidden_on_the_way() {
        assert!(is_open(Path::new("minutes/x.md")));
        assert!(is_open(Path::new("_monday/x.md")));
        assert!(!is_open(Path::new(".git/x.md")));
        assert!(!is_open(Path::new("a/../x.md")));
        assert!(!is_open(Path::new("")));
    }

    #[test]
    fn what_can_be_a_note() {
        for name in ["x.md", "x.txt", "x", "x.yaml", "x.json", "x.html"] {
            assert!(may_be_note(Path::new(name)), "{name}");
        }
        for name in ["x.csv", "photo.JPG", "x.pdf"] {
            assert!(!may_be_note(Path::new(name)), "{name}");
        }
    }
}

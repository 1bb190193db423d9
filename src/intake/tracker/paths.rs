//! Names of files in the inbox: as notes write them, as text, and as keys that ignore how letters are composed.

use std::path::{Component, Path, PathBuf};

use unicode_normalization::UnicodeNormalization;

use crate::intake::names;

/// Where a name in a note leads: in the note's own folder or below, else nowhere.
pub(crate) fn target(note: &Path, name: &str) -> Option<PathBuf> {
    let mut path = note.parent()?.to_path_buf();
    for component in Path::new(name).components() {
        match component {
            Component::Normal(part) => path.push(part),
            Component::CurDir => {}
            _ => return None,
        }
    }
    (path != note.parent()? && names::is_open(&path)).then_some(path)
}

/// A path as text in composed letters with `/`: two spellings of one name are the same.
pub(crate) fn normalised(path: &Path) -> String {
    let joined = slashed(path);
    if joined.is_ascii() { joined } else { joined.nfc().collect() }
}

/// A path as text with `/`, its letters as they are.
pub(crate) fn slashed(path: &Path) -> String {
    let parts: Vec<_> = path.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}

/// The way from a folder to a path in it, with `/`.
pub(super) fn way_from(folder: &Path, path: &Path) -> String {
    slashed(path.strip_prefix(folder).unwrap_or(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_only_downward() {
        let target = |name: &str| target(Path::new("sub/a.md"), name).map(|path| slashed(&path));
        assert_eq!(target("x.png").as_deref(), Some("sub/x.png"));
        assert_eq!(target("./deep/x.png").as_deref(), Some("sub/deep/x.png"));
        for name in ["../x.png", "/etc/passwd", "", ".", "deep/../../x.png", ".hidden.png", ".git/x.png", "x.png~"] {
            assert_eq!(target(name), None, "{name}");
        }
    }
}

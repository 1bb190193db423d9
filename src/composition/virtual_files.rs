//! The templates as files that Typst may read: under which paths, and what people call them.

use std::collections::BTreeMap;

use super::words;
use crate::catalog::{DocumentType, FileRule, Files};
use crate::failure::{Blame, Checked, Problem};

/// The type's files and the shared ones, under the paths by which layouts know them.
pub(super) fn of_templates(document_type: &DocumentType, rule: &FileRule) -> Checked<Files> {
    let missing = |file: &str| {
        Problem::new(
            "template-missing",
            format!("The file {file} of the document type is missing."),
            "Put it back, or name another in manifest.toml.",
        )
        .blaming(Blame::Template)
        .in_file(words::shown_path(document_type, "manifest.toml"))
    };
    let mut files = Files::new();
    for (path, bytes) in &document_type.shared {
        files.insert(format!("/_shared/{path}"), bytes.clone());
    }
    for (path, bytes) in &document_type.files {
        files.insert(format!("/type/{path}"), bytes.clone());
    }
    let layout = document_type.files.get(&rule.layout).ok_or_else(|| missing(&rule.layout))?;
    let main = document_type.shared.get("main.typ").ok_or_else(|| missing("../_shared/main.typ"))?;
    files.insert("/layout.typ".to_owned(), layout.clone());
    files.insert("/main.typ".to_owned(), main.clone());
    Ok(files)
}

/// What people call them.
pub(super) fn shown(document_type: &DocumentType, rule: &FileRule) -> BTreeMap<String, String> {
    let mut shown = BTreeMap::from([
        ("/layout.typ".to_owned(), words::shown_path(document_type, &rule.layout)),
        ("/main.typ".to_owned(), words::shown_path(document_type, "_shared/main.typ")),
        ("/words.typ".to_owned(), words::shown_path(document_type, &rule.words)),
    ]);
    shown.extend(document_type.shared.keys().map(|path| (format!("/_shared/{path}"), format!("templates/_shared/{path}"))));
    shown.extend(document_type.files.keys().map(|path| (format!("/type/{path}"), words::shown_path(document_type, path))));
    shown
}

//! What was set before, and from what: so that it is not set again. Decided by content alone: a document counts as made if what it is
//! made from has the same fingerprint and its files stand, byte for byte, as they were written.
//!
//! What is noted here saves time and nothing else. Where it is gone, damaged, or cannot be written, documents are set again.

mod inventory;
mod outputs;

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::failure::Warning;
use crate::model::sha256_hex;
use crate::pipeline::Standing;
use crate::typesetting::Rendition;

pub use self::inventory::Inventory;
pub use self::outputs::Outputs;

/// A document that was set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The fingerprint of what it was made from.
    pub key: String,
    /// Its files, the main one first.
    pub files: Vec<EntryFile>,
}

/// One of its files.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EntryFile {
    /// Where it was written, relative to the folder that the entry is about, or absolute.
    pub name: String,
    /// Which of the document's files it is.
    pub role: String,
    /// Its bytes.
    pub sha256: String,
    /// How many.
    pub size: u64,
    /// Its pages.
    pub pages: u32,
    /// What was said when it was made.
    pub warnings: Vec<Warning>,
}

impl EntryFile {
    /// A file that was written to `path`, of which `sha256` is the hash.
    pub fn written(path: &Path, sha256: String, rendition: &Rendition) -> Self {
        Self {
            name: path.to_string_lossy().into_owned(),
            role: rendition.role.clone(),
            sha256,
            size: rendition.pdf.len() as u64,
            pages: rendition.pages,
            warnings: rendition.warnings.clone(),
        }
    }

    /// The file, if it stands below `folder` as it was written.
    fn standing(&self, folder: &Path) -> Option<Standing> {
        let path = folder.join(&self.name);
        // Of another length it is another file, and need not be read; a device is none.
        fs::metadata(&path).ok().filter(|found| found.is_file() && found.len() == self.size)?;
        let pdf = fs::read(&path).ok().filter(|bytes| sha256_hex(bytes) == self.sha256)?;
        let rendition = Rendition { role: self.role.clone(), pdf, pages: self.pages, warnings: self.warnings.clone() };
        Some(Standing { path, rendition })
    }
}

impl Entry {
    /// All of its files, if they stand below `folder` as they were written.
    fn standing(&self, folder: &Path) -> Option<Vec<Standing>> {
        let files: Option<Vec<Standing>> = self.files.iter().map(|file| file.standing(folder)).collect();
        files.filter(|files| !files.is_empty())
    }

    /// The same document with its files named from `folder`.
    fn named_from(mut self, folder: &Path) -> Self {
        for file in &mut self.files {
            let name = PathBuf::from(&file.name);
            file.name = name.strip_prefix(folder).unwrap_or(&name).to_string_lossy().into_owned();
        }
        self
    }
}

#[cfg(test)]
pub(super) fn entry(key: &str, path: &Path, pdf: &[u8]) -> Entry {
    let rendition = Rendition { role: "document".to_owned(), pdf: pdf.to_vec(), pages: 1, warnings: Vec::new() };
    Entry { key: key.repeat(32), files: vec![EntryFile::written(path, sha256_hex(pdf), &rendition)] }
}

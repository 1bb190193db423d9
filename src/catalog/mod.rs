//! The catalog: the document types, each a folder of `manifest.toml`, `words.md`, `layout.typ` and examples.
//!
//! The built-in types are compiled in; a file in the office's `templates/` replaces the built-in one of the same
//! path. Adding a type is adding a folder. Nothing here knows any type by name. A type with a mistake in it is kept
//! apart with its problems: it is never half used, never replaced by the built-in one, and never stops the others.

mod assembly;
mod check;
mod document_type;
mod folder;
mod labels;
mod manifest;
mod pattern;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::failure::{Checked, Problem, Problems, Warning};
use crate::model::TypeName;
use crate::toml_file::did_you_mean;

pub use document_type::{DocumentType, Example};
pub use folder::{Fingerprint, houses, shared};
pub use manifest::{ArchiveRule, FINDERS, Field, FieldKind, FileRule, Manifest, NumberRule, Recognise, RetentionFrom, RetentionRule};
pub use pattern::{NUMBER_VARIABLES, PATH_VARIABLES, PatternError, fill_in, render_pattern};

/// Files by path with `/`.
pub type Files = BTreeMap<String, Arc<[u8]>>;

/// All document types of an office, as they stand now.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    types: BTreeMap<TypeName, Arc<DocumentType>>,
    broken: BTreeMap<TypeName, BrokenType>,
    stray: Vec<Problem>,
    warnings: Vec<Warning>,
}

/// A type that cannot be used before somebody mends its files.
#[derive(Clone, Debug)]
pub struct BrokenType {
    /// What is wrong with it; blame: template, or machine for a file that cannot be read.
    pub problems: Problems,
    /// How it is recognised, as far as that could be read, else as the built-in type of this name is: a note that
    /// looks like this type must wait for it, and not be filed as something else meanwhile.
    pub recognise: Recognise,
}

impl Catalog {
    /// The built-in types with what the office's `templates/` folder replaces or adds.
    ///
    /// A folder that is not there adds nothing. What is wrong with single types stands in [`Catalog::problems`].
    ///
    /// # Errors
    /// The folder as a whole cannot be read (blame: machine), or holds too many files (blame: template).
    pub fn load(templates: Option<&Path>) -> Checked<Self> {
        let office = templates.map(folder::read).transpose()?.unwrap_or_default();
        Ok(assembly::assemble(&folder::builtin(), office))
    }

    /// A stamp of the folder's files (paths, sizes, times): load anew when it changes. Reads no file's content.
    pub fn fingerprint(templates: &Path) -> Fingerprint {
        folder::fingerprint(templates)
    }

    /// A type by its name; `None` also if it is broken.
    pub fn get(&self, name: &TypeName) -> Option<&Arc<DocumentType>> {
        self.types.get(name)
    }

    /// A type that is asked for by name.
    ///
    /// # Errors
    /// The problems of a broken type; or that there is no such type, with the nearest one (blame: note).
    pub fn require(&self, name: &TypeName) -> Checked<&Arc<DocumentType>> {
        if let Some(broken) = self.broken.get(name) {
            return Err(broken.problems.clone());
        }
        self.types.get(name).ok_or_else(|| {
            let known: Vec<&str> = self.names().map(TypeName::as_str).collect();
            let help = did_you_mean(name.as_str(), &known);
            Problem::new("unknown-type", format!("There is no document type `{name}`"), help).into()
        })
    }

    /// All types that can be used, in the order of their names.
    pub fn types(&self) -> impl Iterator<Item = &Arc<DocumentType>> {
        self.types.values()
    }

    /// The types that cannot be used.
    pub fn broken(&self) -> impl Iterator<Item = (&TypeName, &BrokenType)> {
        self.broken.iter()
    }

    /// The names of all types, broken ones too.
    pub fn names(&self) -> impl Iterator<Item = &TypeName> {
        self.types.keys().chain(self.broken.keys())
    }

    /// Everything that is wrong with the office's templates, each thing once.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = self.stray.clone();
        for problem in self.broken.values().flat_map(|broken| broken.problems.iter()) {
            if !problems.contains(problem) {
                problems.push(problem.clone());
            }
        }
        problems
    }

    /// Files of the office's templates that were left out, and why.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }
}

#[cfg(test)]
mod tests;

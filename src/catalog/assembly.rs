//! From files to types: lays the office's files over the built-in ones and reads each type's folder.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::check::{self, TypeFolder};
use super::document_type::Merged;
use super::folder::OfficeFolder;
use super::labels::{self, Labels};
use super::{BrokenType, Catalog, DocumentType, Files, Manifest, Recognise};
use crate::classification::Vocabulary;
use crate::failure::{Blame, Problem, Problems, Warning};
use crate::model::{TypeName, sha256_hex};

/// The folder whose files every type sees.
const SHARED: &str = "_shared";
const MANIFEST: &str = "manifest.toml";

/// The catalog that the built-in files and the office's give together.
pub(super) fn assemble(builtin: &Files, office: OfficeFolder) -> Catalog {
    let warnings =
        office.skipped.iter().map(|(path, reason)| Warning::new("template-skipped", format!("templates/{path} {reason}; it is left out")));
    let mut catalog = Catalog { warnings: warnings.collect(), ..Catalog::default() };
    let mut folders = overlaid(builtin, office);
    let shared = Shared::read(folders.remove(SHARED).unwrap_or_default());
    for (folder_name, folder) in folders {
        if folder_name.starts_with('_') {
            continue;
        }
        match TypeName::try_from(folder_name.clone()) {
            Ok(name) => catalog.add(name, folder, &shared, builtin),
            Err(message) => catalog.stray.push(misnamed(&folder_name, message)),
        }
    }
    catalog
}

impl Catalog {
    fn add(&mut self, name: TypeName, folder: TypeFolder, shared: &Shared, builtin: &Files) {
        match read_type(&name, folder, shared) {
            Ok(document_type) => _ = self.types.insert(name, Arc::new(document_type)),
            Err(mut broken) => {
                if broken.recognise == Recognise::default() {
                    broken.recognise = builtin_recognise(&name, builtin);
                }
                self.broken.insert(name, *broken);
            }
        }
    }
}

/// The files of `_shared`, read once for all types.
struct Shared {
    files: Files,
    labels: Labels,
    /// Its part of the hash of every type.
    hashed: Vec<String>,
    problems: Vec<Problem>,
    differs: bool,
}

impl Shared {
    fn read(folder: TypeFolder) -> Self {
        let prefix = format!("templates/{SHARED}");
        let (labels, mut problems) = labels::read(&folder.files, &prefix);
        problems.extend(folder.unreadable.into_values());
        problems.extend(labels::gaps(&labels, |tag| format!("{prefix}/languages/{tag}.toml")));
        let hashed = folder.files.iter().map(|(path, bytes)| hashed_line(&format!("{SHARED}/{path}"), bytes)).collect();
        Self { files: folder.files, labels, hashed, problems, differs: folder.differs }
    }
}

/// The merged folders by name, the office's files over the built-in ones.
fn overlaid(builtin: &Files, office: OfficeFolder) -> BTreeMap<String, TypeFolder> {
    let mut folders: BTreeMap<String, TypeFolder> = BTreeMap::new();
    let mut put = |path: &str, bytes: &Arc<[u8]>, differs: bool| {
        // A loose file beside the folders belongs to no type.
        let Some((folder, name)) = path.split_once('/') else { return };
        let folder = folders.entry(folder.to_owned()).or_default();
        let files = if name.starts_with("examples/") { &mut folder.examples } else { &mut folder.files };
        files.insert(name.to_owned(), bytes.clone());
        folder.differs |= differs;
    };
    for (path, bytes) in builtin {
        put(path, bytes, false);
    }
    for (path, bytes) in &office.files {
        put(path, bytes, builtin.get(path) != Some(bytes));
    }
    for (path, reason) in office.skipped {
        if let Some((folder, name)) = path.split_once('/')
            && let Some(folder) = folders.get_mut(folder)
        {
            folder.skipped.insert(name.to_owned(), reason);
        }
    }
    for (path, problem) in office.unreadable {
        if let Some((folder, name)) = path.split_once('/') {
            folders.entry(folder.to_owned()).or_default().unreadable.insert(name.to_owned(), problem);
        }
    }
    folders
}

/// Reads one type's folder.
fn read_type(name: &TypeName, folder: TypeFolder, shared: &Shared) -> Result<DocumentType, Box<BrokenType>> {
    let prefix = format!("templates/{name}");
    let (manifest, mut problems) = match folder.files.get(MANIFEST) {
        Some(bytes) => {
            let (manifest, problems) = check::manifest(bytes, name, &folder);
            let file = format!("{prefix}/{MANIFEST}");
            let placed = problems.into_iter().map(|problem| problem.in_file(&file).blaming(Blame::Template));
            (manifest, placed.collect())
        }
        None if !folder.unreadable.contains_key(MANIFEST) => (Manifest::default(), vec![no_manifest(&prefix)]),
        None => (Manifest::default(), Vec::new()),
    };
    let (own_labels, label_problems) = labels::read(&folder.files, &prefix);
    problems.extend(label_problems);
    let labels = labels::merged(&shared.labels, own_labels);
    if shared.problems.is_empty() {
        problems.extend(labels::gaps(&labels, |tag| format!("{prefix}/languages/{tag}.toml")));
    }
    problems.extend(shared.problems.iter().cloned());
    problems.extend(folder.unreadable.into_values());
    match Problems::of(problems) {
        Some(problems) => Err(Box::new(BrokenType { problems, recognise: manifest.recognise })),
        None => Ok(DocumentType {
            name: name.clone(),
            vocabulary: Vocabulary::of(&manifest),
            manifest,
            labels,
            merged: Merged::default(),
            sha256: hash(&folder.files, &shared.hashed),
            builtin: !folder.differs && !shared.differs,
            files: folder.files,
            shared: shared.files.clone(),
            examples: folder.examples,
        }),
    }
}

/// SHA-256 over `path`, NUL and hash of each file, one per line, sorted by path. `shared` are the lines of what all types see.
fn hash(own: &Files, shared: &[String]) -> String {
    let own = own.iter().map(|(path, bytes)| hashed_line(path, bytes));
    let mut lines: Vec<String> = own.chain(shared.iter().cloned()).collect();
    lines.sort();
    sha256_hex(lines.concat().as_bytes())
}

fn hashed_line(path: &str, bytes: &[u8]) -> String {
    format!("{path}\0{}\n", sha256_hex(bytes))
}

/// How the built-in type of this name is recognised; nothing if there is none.
fn builtin_recognise(name: &TypeName, builtin: &Files) -> Recognise {
    let bytes = builtin.get(&format!("{name}/{MANIFEST}"));
    let text = bytes.and_then(|bytes| std::str::from_utf8(bytes).ok());
    text.and_then(|text| toml::from_str::<Manifest>(text).ok()).map(|manifest| manifest.recognise).unwrap_or_default()
}

fn no_manifest(folder: &str) -> Problem {
    let help = format!("Add one, or rename the folder so that it begins with `_` if it is no document type ({folder} → templates/_…).");
    Problem::new("manifest-missing", format!("The folder has no {MANIFEST}"), help).in_file(folder).blaming(Blame::Template)
}

fn misnamed(folder: &str, message: String) -> Problem {
    let help = "Rename the folder; if it is no document type, let its name begin with `_`.";
    Problem::new("type-name", message, help).in_file(format!("templates/{folder}")).blaming(Blame::Template)
}

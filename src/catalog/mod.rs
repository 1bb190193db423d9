//! The catalog: the document types, each a folder of `manifest.toml`, `words.md`, `layout.typ` and examples.
//!
//! The built-in types are compiled in; a file in the office's `templates/` replaces the built-in one of the same
//! path. Adding a type is adding a folder. Nothing here knows any type by name except the fallback `document`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::config::Attach;
use crate::failure::Checked;
use crate::model::{Language, TypeName};

/// All document types of an office, as they stand now.
#[derive(Clone, Debug)]
pub struct Catalog {
    types: BTreeMap<TypeName, Arc<DocumentType>>,
}

impl Catalog {
    /// The built-in types with what the office's `templates/` folder replaces or adds.
    ///
    /// # Errors
    /// Each manifest or language file that does not parse, with file, line and column; blame: template.
    pub fn load(_templates: Option<&Path>) -> Checked<Self> {
        unimplemented!()
    }

    /// A type by its name.
    pub fn get(&self, name: &TypeName) -> Option<&Arc<DocumentType>> {
        self.types.get(name)
    }

    /// All types, in the order of their names.
    pub fn types(&self) -> impl Iterator<Item = &Arc<DocumentType>> {
        self.types.values()
    }
}

/// A document type: everything that stands in its folder, and what it takes from `_shared`.
#[derive(Clone, Debug)]
pub struct DocumentType {
    /// The folder's name.
    pub name: TypeName,
    /// Its checked manifest.
    pub manifest: Manifest,
    /// Its own files (`words.md`, `layout.typ`, …; not the examples) by path relative to its folder.
    pub files: BTreeMap<String, Arc<[u8]>>,
    /// The files of `_shared` by path relative to that folder.
    pub shared: BTreeMap<String, Arc<[u8]>>,
    /// Its labels by language tag, `_shared/languages/` merged with its own `languages/`; `en` is complete.
    pub labels: BTreeMap<String, Map<String, Value>>,
    /// SHA-256 over manifest, own and shared files: two renderings with the same value use the same templates.
    pub sha256: String,
    /// Whether nothing of it comes from the office's folder.
    pub builtin: bool,
}

impl DocumentType {
    /// The labels for a language: its own, else those of its primary tag, else English; gaps filled from English.
    pub fn labels(&self, _language: &Language) -> Map<String, Value> {
        unimplemented!()
    }
}

/// `manifest.toml`, checked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// What people call it, by language tag.
    pub title: BTreeMap<String, String>,
    /// One sentence for `chancery types`, by language tag.
    pub summary: BTreeMap<String, String>,
    /// How it is recognised.
    #[serde(default)]
    pub recognise: Recognise,
    /// Its fields, in the order in which `chancery new` writes them.
    #[serde(default)]
    pub fields: Vec<Field>,
    /// What is picked out of the text: names of finders (`attendance`, `resolutions`, `actions`, `timing`, `kpis`).
    #[serde(default)]
    pub find: Vec<String>,
    /// One record for each entry of this field (`recipients`).
    #[serde(default)]
    pub one_per: Option<String>,
    /// Its number series.
    #[serde(default)]
    pub number: Option<NumberRule>,
    /// Where and how it is filed.
    pub archive: ArchiveRule,
    /// The files of one record; one `document` with `words.md` and `layout.typ` if left out.
    #[serde(default = "FileRule::only_document")]
    pub files: Vec<FileRule>,
}

/// How a type is recognised. All comparisons ignore case, accents, punctuation and width.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Recognise {
    /// Words or phrases in a title (front matter, first heading).
    pub titles: Vec<String>,
    /// Headings that such a document has.
    pub headings: Vec<String>,
    /// Words or phrases in the text.
    pub words: Vec<String>,
    /// Words in the file's name.
    pub file_names: Vec<String>,
    /// Fields that only this type has.
    pub fields: Vec<String>,
    /// Words or phrases in the first lines: how it addresses its readers or listeners.
    pub openings: Vec<String>,
    /// What its text looks like: names from [`crate::classification::SIGNS`].
    pub signs: Vec<String>,
    /// Words or phrases that speak against it, in its title or file name.
    pub against: Vec<String>,
}

/// A field of a type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its name in front matter.
    pub name: String,
    /// What it holds.
    pub kind: FieldKind,
    /// Other names that notes use for it.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// A house may require it; no built-in type does.
    #[serde(default)]
    pub required: bool,
    /// One sentence for `chancery types` and `chancery new`.
    pub help: String,
    /// What `chancery new` writes there.
    #[serde(default)]
    pub example: Option<String>,
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FieldKind {
    /// One line of text.
    Text,
    /// Markdown.
    Markdown,
    /// A date in any of the forms that [`crate::classification`] knows.
    Date,
    /// A time of day, kept as text.
    Time,
    /// A number, kept as written.
    Number,
    /// `true` or `false`.
    Flag,
    /// A list of texts; one text or a comma-separated line is accepted.
    List,
    /// A list of people: names, `@keys` of the configuration, or `{name, title, …}`.
    People,
    /// A list of mappings.
    Table,
}

/// How a type is numbered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberRule {
    /// The series' name in the register; the type's name if left out.
    #[serde(default)]
    pub series: Option<String>,
    /// Tera: `MIN-{{ year }}-{{ seq }}`.
    pub pattern: String,
}

/// Where a type's records go.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArchiveRule {
    /// Tera pattern without extension: `{{ year }}/{{ month }}/{{ type }}/{{ date }} {{ title }}`.
    pub path: String,
    /// Overrides `[archive] attach`.
    #[serde(default)]
    pub attach: Option<Attach>,
}

/// One of the files that a record consists of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileRule {
    /// `document`, `reading`, `press`; the first is the record's main file.
    pub role: String,
    /// The words: a file of the type's folder.
    #[serde(default = "FileRule::default_words")]
    pub words: String,
    /// The look: a file of the type's folder.
    #[serde(default = "FileRule::default_layout")]
    pub layout: String,
    /// The note's body is handed over as timed paragraphs with speech marks (`/`, `//`, `[SLIDE 3]`) told apart.
    #[serde(default)]
    pub speech: bool,
}

impl FileRule {
    fn only_document() -> Vec<Self> {
        vec![Self { role: "document".to_owned(), words: Self::default_words(), layout: Self::default_layout(), speech: false }]
    }

    fn default_words() -> String {
        "words.md".to_owned()
    }

    fn default_layout() -> String {
        "layout.typ".to_owned()
    }
}

//! `manifest.toml`: what a document type says of itself.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::config::{Attach, LimitsRule};

/// `manifest.toml`, checked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Manifest {
    /// What people call it, by language tag.
    pub title: BTreeMap<String, String>,
    /// One sentence for `chancery types`, by language tag.
    pub summary: BTreeMap<String, String>,
    /// How it is recognised.
    pub recognise: Recognise,
    /// Its fields, in the order in which `chancery new` writes them.
    pub fields: Vec<Field>,
    /// What is picked out of the text: names of finders ([`FINDERS`]).
    pub find: Vec<String>,
    /// One record for each entry of this field (`recipients`).
    pub one_per: Option<String>,
    /// Its number series.
    pub number: Option<NumberRule>,
    /// How long its records have to be kept; without it nothing is said of that.
    pub retention: Option<RetentionRule>,
    /// Where and how it is filed.
    pub archive: ArchiveRule,
    /// Whether its PDFs are tagged, so that they can be heard and not only seen (PDF/UA-1, PDF/A-3a); without tags they are PDF/A-3u.
    pub tagged: bool,
    /// How much one document may take of the machine, where that is other than the configuration's. Whoever makes a document is told
    /// its limits apart.
    #[serde(skip_serializing)]
    pub limits: LimitsRule,
    /// The files of one record; one `document` with `words.md` and `layout.typ` if left out.
    pub files: Vec<FileRule>,
}

impl Default for Manifest {
    fn default() -> Self {
        Self {
            title: BTreeMap::new(),
            summary: BTreeMap::new(),
            recognise: Recognise::default(),
            fields: Vec::new(),
            find: Vec::new(),
            one_per: None,
            number: None,
            retention: None,
            archive: ArchiveRule::default(),
            tagged: true,
            limits: LimitsRule::default(),
            files: FileRule::only_document(),
        }
    }
}

/// What can be picked out of a note's text: the names that `find` may give. `timing` is reckoned for the files of a
/// speech ([`FileRule::speech`]) while they are composed, and not before.
pub const FINDERS: [&str; 5] = ["attendance", "resolutions", "actions", "timing", "kpis"];

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
    /// What it may say, where that is one of a few words; empty where it may say anything.
    #[serde(default)]
    pub choices: Vec<String>,
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
    /// Lines: a list of texts, or a text of several lines; a comma parts nothing.
    Lines,
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
    /// Tera: `MIN-{{ year }}-{{ seq }}`; see [`super::NUMBER_VARIABLES`].
    pub pattern: String,
    /// What `{{ code }}` stands for; `[organisation] code` of the configuration if left out.
    #[serde(default)]
    pub code: Option<String>,
}

/// How long a type's records have to be kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RetentionRule {
    /// So many years.
    pub years: Option<u32>,
    /// For ever.
    pub permanent: bool,
    /// From when the years count: `date` (the default), `filed`, `approved`, or the name of a field that holds a date.
    pub from: Option<String>,
}

/// From when the years of a [`RetentionRule`] count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetentionFrom<'a> {
    /// The document's own date.
    Date,
    /// The day on which it was filed.
    Filed,
    /// The day on which it was approved.
    Approved,
    /// The day that a field names.
    Field(&'a str),
}

/// What [`RetentionRule::from`] may be beside the name of a field.
pub(super) const RETENTION_STARTS: [&str; 3] = ["date", "filed", "approved"];

impl RetentionRule {
    /// From when the years count.
    pub fn start(&self) -> RetentionFrom<'_> {
        match self.from.as_deref() {
            None | Some("date") => RetentionFrom::Date,
            Some("filed") => RetentionFrom::Filed,
            Some("approved") => RetentionFrom::Approved,
            Some(field) => RetentionFrom::Field(field),
        }
    }
}

impl fmt::Display for RetentionRule {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(years) = self.years.filter(|_| !self.permanent) else { return out.write_str("for ever") };
        let unit = if years == 1 { "year" } else { "years" };
        match self.start() {
            RetentionFrom::Date => write!(out, "{years} {unit} from the document's date"),
            RetentionFrom::Filed => write!(out, "{years} {unit} from the day of filing"),
            RetentionFrom::Approved => write!(out, "{years} {unit} from the approval"),
            RetentionFrom::Field(name) => write!(out, "{years} {unit} from `{name}`"),
        }
    }
}

/// Where a type's records go.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArchiveRule {
    /// Tera pattern without extension: `{{ year }}/{{ month }}/{{ type }}/{{ date }} {{ title }}`; see
    /// [`super::PATH_VARIABLES`].
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

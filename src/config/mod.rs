//! Configuration: `chancery.toml` as written (`written`) and as resolved ([`Settings`]). Unknown keys are refused.
//!
//! Reads that one file and the logo that it names, looks which houses there are, and nothing else: the home folder and the machine's time zone are handed in. Every key is
//! optional; what stands in the file and cannot be taken is a problem, never silently the default.

pub mod fonts;
mod kinds;
pub(crate) mod limits;
mod paper;
mod style;
mod written;

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use unicode_normalization::UnicodeNormalization as _;

use crate::failure::{Blame, Checked, Problem, Problems};
use crate::model::Language;

use self::fonts::FontChoices;
pub use self::limits::{Limits, LimitsRule};

/// The name of the file in the office's folder.
pub const FILE_NAME: &str = "chancery.toml";

/// A larger file is no configuration.
const MAX_BYTES: u64 = 1024 * 1024;

/// The office's settings, complete: every default filled in, every value checked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Who we are, for letterheads and signatures.
    pub organisation: Organisation,
    /// The office's people by short name: `@zhang` in a note is `people.zhang`.
    pub people: BTreeMap<String, Person>,
    /// The language of documents in which none is recognised and none is named.
    pub language: Language,
    /// The office's time zone.
    pub time_zone: chrono_tz::Tz,
    /// How `03/04/2026` is read; `None` asks.
    pub date_order: Option<DateOrder>,
    /// How long a written file must be quiet before it is taken.
    pub settle: Duration,
    /// How long a note waits for a file that it names.
    pub wait: Duration,
    /// How often the inbox is walked in case an event was missed.
    pub rescan: Duration,
    /// What each PDF carries.
    pub attach: Attach,
    /// How much one document may take of the machine, where its type says nothing else.
    pub limits: Limits,
    /// Whether the register's lines may name people.
    pub names: bool,
    /// Where fonts beside the built-in ones come from. Whoever sets documents elsewhere is told them apart.
    #[serde(skip)]
    pub font_folders: Vec<PathBuf>,
    /// The fonts that the file names, under `[style]` and `[fonts.script]`.
    pub fonts: FontChoices,
    /// House style: handed to the layouts as it stands under `[style]`.
    pub style: Map<String, Value>,
    /// The picture that the letterhead shows.
    pub logo: Option<Logo>,
}

/// The picture of a letterhead, read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Logo {
    /// Its path as the configuration has it.
    pub name: String,
    /// Its bytes: PNG, JPEG or SVG.
    #[serde(with = "serde_bytes")]
    pub bytes: Vec<u8>,
}

impl Settings {
    /// The settings of the office in `root`; the defaults if it has no `chancery.toml`.
    ///
    /// `home` is what `~` stands for in a font folder, `default_zone` the time zone of an office that names none.
    ///
    /// # Errors
    /// Every mistake in the file, with line and column; blame: configuration. A file that cannot be read; blame:
    /// machine.
    pub fn load(root: &Path, home: Option<&Path>, default_zone: chrono_tz::Tz) -> Checked<Self> {
        let path = root.join(FILE_NAME);
        let bytes = match std::fs::metadata(&path) {
            Ok(metadata) if metadata.len() > MAX_BYTES => return Err(too_large(metadata.len()).into()),
            Ok(_) => std::fs::read(&path).map_err(|error| Problem::machine("read", &path, &error))?,
            Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(Problem::machine("read", &path, &error).into()),
        };
        let text = decode(&bytes)?;
        Self::parse(text, root, home, default_zone)
    }

    /// The settings that `text` gives: the content of a `chancery.toml` that lies in `root`.
    ///
    /// # Errors
    /// As [`Settings::load`].
    pub fn parse(text: &str, root: &Path, home: Option<&Path>, default_zone: chrono_tz::Tz) -> Checked<Self> {
        let surroundings = written::Surroundings { root, home, default_zone };
        written::resolve(text, &surroundings)
    }

    /// Whom a note means by `@zhang`, `zhang`, an alias, or a name in any language; case and width do not count.
    pub fn person(&self, called: &str) -> Option<(&str, &Person)> {
        let wanted = folded(called);
        let by_key = self.people.iter().find(|(key, _)| folded(key) == wanted);
        let found = by_key.or_else(|| self.people.iter().find(|(_, person)| person.is_called(&wanted)));
        found.map(|(key, person)| (key.as_str(), person))
    }
}

/// A name as it is compared: without a leading `@`, lower case, full-width letters as plain ones.
fn folded(name: &str) -> String {
    let plain: String = name.nfkc().collect();
    plain.trim().trim_start_matches('@').split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

fn decode(bytes: &[u8]) -> Checked<&str> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let line = bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
        let help = "Save the file as UTF-8 in your editor.";
        let mut problem = Problem::new("not-utf8", "This line is not UTF-8 text", help).blaming(Blame::Configuration);
        problem.line = u32::try_from(line).ok();
        Problems::from(problem).in_file(FILE_NAME)
    })
}

fn too_large(bytes: u64) -> Problem {
    let message = format!("The file has {bytes} bytes; a configuration has at most {MAX_BYTES}");
    let help = "Something else was saved under this name: put the configuration back.";
    Problem::new("too-large", message, help).in_file(FILE_NAME).blaming(Blame::Configuration)
}

/// The text for a language: of that tag, of its primary tag, the one for all, English, else the first.
fn in_language<'t>(texts: &'t BTreeMap<String, String>, language: &Language) -> Option<&'t str> {
    let wanted = [language.0.as_str(), language.primary(), "", "en"];
    let found = wanted.iter().find_map(|tag| texts.get(*tag)).or_else(|| texts.values().next());
    found.map(String::as_str)
}

/// Who we are.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Organisation {
    /// Name by language tag, or under `""` the one for all: `name = "…"` or `name = { en = "…", zh = "…" }`.
    #[serde(deserialize_with = "kinds::texts")]
    pub name: BTreeMap<String, String>,
    /// Postal address, line by line.
    #[serde(deserialize_with = "kinds::lines")]
    pub address: Vec<String>,
    /// Telephone, mail, web: one line each.
    #[serde(deserialize_with = "kinds::lines")]
    pub contact: Vec<String>,
    /// The path of the logo, in the office's folder.
    #[serde(deserialize_with = "kinds::text")]
    pub logo: Option<String>,
    /// The registration line of a letterhead.
    pub registration: Option<String>,
    /// The short name under which it issues documents: `{{ code }}` in a number.
    pub code: Option<String>,
    /// The country whose letters it writes, as two letters: `DE`.
    pub country: Option<String>,
}

impl Organisation {
    /// Its name in a language, or in the nearest one that is there.
    pub fn name(&self, language: &Language) -> Option<&str> {
        in_language(&self.name, language)
    }
}

/// Somebody whom notes name as `@key`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Person {
    /// Name by language tag, or under `""` the one for all.
    #[serde(deserialize_with = "kinds::texts")]
    pub name: BTreeMap<String, String>,
    /// Title by language tag, or under `""` the one for all.
    #[serde(deserialize_with = "kinds::texts")]
    pub title: BTreeMap<String, String>,
    /// Mail address.
    pub mail: Option<String>,
    /// Other ways in which notes name them.
    #[serde(deserialize_with = "kinds::lines")]
    pub aliases: Vec<String>,
}

impl Person {
    /// Their name in a language, or in the nearest one that is there; loaded settings have one for everybody.
    pub fn name(&self, language: &Language) -> Option<&str> {
        in_language(&self.name, language)
    }

    /// Their title in a language, or in the nearest one that is there.
    pub fn title(&self, language: &Language) -> Option<&str> {
        in_language(&self.title, language)
    }

    fn is_called(&self, wanted: &str) -> bool {
        self.aliases.iter().chain(self.name.values()).any(|name| folded(name) == wanted)
    }
}

/// Which part of `03/04/2026` comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DateOrder {
    /// Day, month, year.
    Dmy,
    /// Month, day, year.
    Mdy,
    /// Year, month, day.
    Ymd,
}

/// What a PDF carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Attach {
    /// Its source and `record.json`.
    Full,
    /// `record.json`; the source is filed beside.
    Record,
    /// Nothing; the source is filed beside.
    None,
}

#[cfg(test)]
mod tests;

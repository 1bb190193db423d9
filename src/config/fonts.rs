//! Which fonts the file names: for the text in general under `[style]`, for one script under `[fonts.script]`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The scripts that can have fonts of their own, as they are called under `[fonts.script]`. Latin text has those of `[style]`.
pub const SCRIPTS: [&str; 11] =
    ["greek", "cyrillic", "simplified", "traditional", "japanese", "korean", "arabic", "hebrew", "devanagari", "thai", "emoji"];

/// The keys of `[style]` that name fonts; those of the official house are told as the others are.
pub(super) const STYLE_KEYS: [&str; 6] = ["serif", "sans", "official_title", "official_text", "official_kai", "official_hei"];

/// The fonts that the file names.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FontChoices {
    /// By script, what is tried before the built-in choice.
    pub scripts: BTreeMap<String, ScriptFonts>,
    /// Every family that is named, once for each place.
    pub named: Vec<NamedFont>,
}

/// The families of one script, in the order in which they are tried.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ScriptFonts {
    /// In running text.
    pub serif: Vec<String>,
    /// In headings, labels and tables.
    pub sans: Vec<String>,
}

/// A family and where the file names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedFont {
    /// The family.
    pub family: String,
    /// The key of `[style]`, else the script.
    pub key: String,
    /// Whether `key` is a script.
    pub is_of_script: bool,
    /// The line of the file.
    pub line: Option<u32>,
}

/// The families in a value of the file: one text or a list of them; `None` if it is neither.
pub(super) fn families(value: &toml::Value) -> Option<Vec<String>> {
    let name = |value: &toml::Value| value.as_str().map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned);
    match value {
        toml::Value::Array(values) => values.iter().map(name).collect(),
        value => name(value).map(|name| vec![name]),
    }
}

/// The fonts of one script as written: families for both, or a table with `serif`, `sans` or both.
pub(super) fn script_fonts(value: &toml::Value) -> Option<ScriptFonts> {
    let Some(table) = value.as_table() else {
        let both = families(value)?;
        return Some(ScriptFonts { serif: both.clone(), sans: both });
    };
    if table.is_empty() || table.keys().any(|key| !["serif", "sans"].contains(&key.as_str())) {
        return None;
    }
    let of = |key: &str, other: &str| table.get(key).or_else(|| table.get(other)).and_then(families);
    // Where only one is named it prints both: the built-in face of the other kind would not go with it.
    Some(ScriptFonts { serif: of("serif", "sans")?, sans: of("sans", "serif")? })
}

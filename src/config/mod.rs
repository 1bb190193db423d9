//! Configuration: `chancery.toml` as written (raw) and as resolved ([`Settings`]). Unknown keys are refused.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::Language;

/// The office's settings, complete: every default filled in, every value checked.
#[derive(Clone, Debug, PartialEq)]
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
    /// Where fonts beside the built-in ones come from.
    pub font_folders: Vec<PathBuf>,
    /// House style: handed to the layouts as it stands under `[style]`.
    pub style: Map<String, Value>,
}

/// Who we are.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Organisation {
    /// Name by language tag, or under `""` the one for all: `name = "…"` or `name = { en = "…", zh = "…" }`.
    pub name: BTreeMap<String, String>,
    /// Postal address, line by line.
    pub address: Vec<String>,
    /// Telephone, mail, web: one line each.
    pub contact: Vec<String>,
    /// The registration line of a letterhead.
    pub registration: Option<String>,
}

/// Somebody whom notes name as `@key`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Person {
    /// Name by language tag, or under `""` the one for all.
    pub name: BTreeMap<String, String>,
    /// Title by language tag, or under `""` the one for all.
    pub title: BTreeMap<String, String>,
    /// Mail address.
    pub mail: Option<String>,
    /// Other ways in which notes name them.
    pub aliases: Vec<String>,
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

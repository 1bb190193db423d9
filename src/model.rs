//! Small checked value types that several stages share.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, FixedOffset, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The name of a document type: its folder under `templates/`. Lower-case letters, digits and hyphens.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TypeName(String);

impl TypeName {
    /// The type of what is none of the others, or is not recognised.
    pub fn document() -> Self {
        Self("document".to_owned())
    }

    /// The type of the certificates that disposal makes.
    pub fn disposal_certificate() -> Self {
        Self("disposal-certificate".to_owned())
    }

    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for TypeName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(fits) && name.len() <= 64 {
            Ok(Self(name))
        } else {
            Err(format!("`{name}` is no name for a document type: use lower-case letters, digits and hyphens"))
        }
    }
}

impl std::str::FromStr for TypeName {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::try_from(name.to_owned())
    }
}

impl From<TypeName> for String {
    fn from(name: TypeName) -> Self {
        name.0
    }
}

impl fmt::Display for TypeName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// The language of a document's labels and dates, as a BCP 47 tag: `en`, `zh`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Language(pub String);

impl Language {
    /// The primary subtag: `zh` of `zh-Hant`.
    pub fn primary(&self) -> &str {
        self.0.split(['-', '_']).next().unwrap_or("en")
    }

    /// Whether it is Chinese in traditional characters: by its script, else by its region.
    pub fn is_traditional_chinese(&self) -> bool {
        let has = |names: &[&str]| self.0.split(['-', '_']).skip(1).any(|part| names.iter().any(|name| part.eq_ignore_ascii_case(name)));
        self.primary().eq_ignore_ascii_case("zh") && !has(&["Hans"]) && has(&["Hant", "TW", "HK", "MO"])
    }

    /// Whether a text has the shape of a tag: `en`, `zh`, `zh-Hant`, `pt-BR`.
    pub fn is_tag(text: &str) -> bool {
        let mut parts = text.split('-');
        let primary = parts.next().unwrap_or_default();
        (2..=3).contains(&primary.len())
            && primary.bytes().all(|byte| byte.is_ascii_alphabetic())
            && parts.all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
    }
}

/// SHA-256 of `bytes`, as 64 lower-case hexadecimal digits.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Lower-case hexadecimal digits of `bytes`.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value & 15)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}

/// One file as it was found: its bytes are read once and everything after works on them.
#[derive(Clone, Debug)]
pub struct Dropped {
    /// Where it lies.
    pub path: PathBuf,
    /// What its user calls it: relative to the inbox with `/`, as typed for files elsewhere; for a file that a
    /// note owns, as the note names it.
    pub name: String,
    /// When it was last changed.
    pub modified: DateTime<Utc>,
    /// Its content.
    pub bytes: Arc<[u8]>,
}

impl Dropped {
    /// The last part of [`Dropped::name`].
    pub fn file_name(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or(&self.name)
    }
}

/// The clock of the office, handed in so that tests and `--now` can set it.
#[derive(Clone, Debug)]
pub struct Clock {
    zone: chrono_tz::Tz,
    /// `Some((start, real))`: the clock stood at `start` when the machine's showed `real`.
    set: Option<(DateTime<Utc>, DateTime<Utc>)>,
    runs: bool,
}

impl Clock {
    /// The machine's clock in the office's time zone.
    pub fn machine(zone: chrono_tz::Tz) -> Self {
        Self { zone, set: None, runs: true }
    }

    /// A clock that stands still: one-shot commands under `--now`.
    pub fn standing(zone: chrono_tz::Tz, now: DateTime<Utc>) -> Self {
        Self { zone, set: Some((now, now)), runs: false }
    }

    /// A clock that starts at `now` and runs: `watch` under `--now`.
    pub fn starting(zone: chrono_tz::Tz, now: DateTime<Utc>) -> Self {
        Self { zone, set: Some((now, Utc::now())), runs: true }
    }

    /// The time in the office's zone, to the second.
    pub fn now(&self) -> DateTime<FixedOffset> {
        let utc = match self.set {
            None => Utc::now(),
            Some((start, _)) if !self.runs => start,
            Some((start, real)) => start + (Utc::now() - real),
        };
        let local = utc.with_timezone(&self.zone).fixed_offset();
        chrono::SubsecRound::trunc_subsecs(local, 0)
    }

    /// The time at which it stands, if it was set to.
    pub fn standing_at(&self) -> Option<DateTime<FixedOffset>> {
        (!self.runs).then(|| self.now())
    }

    /// The same clock in another zone.
    #[must_use]
    pub fn in_zone(&self, zone: chrono_tz::Tz) -> Self {
        Self { zone, ..self.clone() }
    }

    /// The office's time zone.
    pub fn zone(&self) -> chrono_tz::Tz {
        self.zone
    }
}

/// The digit 0 to 9 that a digit of another script or width stands for: `٣`, `۳` and `３` are `3`.
pub fn ascii_digit(c: char) -> Option<char> {
    let zero = match c as u32 {
        0x30..=0x39 => 0x30,
        0x660..=0x669 => 0x660,
        0x6f0..=0x6f9 => 0x6f0,
        0xff10..=0xff19 => 0xff10,
        _ => return None,
    };
    char::from_digit(c as u32 - zero, 10)
}

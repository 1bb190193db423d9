//! The kinds of values in `chancery.toml` that may be written in more than one way.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::toml_file::nearest;

/// A text for all languages (kept under `""`), or a table with one for each.
pub(super) fn texts<'de, D: Deserializer<'de>>(input: D) -> Result<BTreeMap<String, String>, D::Error> {
    struct Texts;
    impl<'de> Visitor<'de> for Texts {
        type Value = BTreeMap<String, String>;

        fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
            out.write_str("a text in quotation marks, or one for each language: { en = \"…\", zh = \"…\" }")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
            Ok(BTreeMap::from([(String::new(), text.to_owned())]))
        }

        fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
            let mut texts = BTreeMap::new();
            while let Some((tag, text)) = entries.next_entry::<String, String>()? {
                texts.insert(tag, text);
            }
            Ok(texts)
        }
    }
    input.deserialize_any(Texts)
}

/// A text; an empty one is none.
pub(super) fn text<'de, D: Deserializer<'de>>(input: D) -> Result<Option<String>, D::Error> {
    let text = Option::<String>::deserialize(input)?;
    Ok(text.filter(|text| !text.trim().is_empty()))
}

/// A text of one or more lines, or a list of texts. Blank lines at the ends do not count.
pub(super) fn lines<'de, D: Deserializer<'de>>(input: D) -> Result<Vec<String>, D::Error> {
    struct Lines;
    impl<'de> Visitor<'de> for Lines {
        type Value = Vec<String>;

        fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
            out.write_str("a text in quotation marks, or a list of texts: [\"…\", \"…\"]")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
            let text = text.trim();
            Ok(if text.is_empty() { Vec::new() } else { text.lines().map(|line| line.trim_end().to_owned()).collect() })
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
            let mut lines = Vec::new();
            while let Some(line) = entries.next_element::<String>()? {
                lines.push(line);
            }
            Ok(lines)
        }
    }
    input.deserialize_any(Lines)
}

/// A length of time: `"300 ms"`, `"5 s"`, `"2 min"`, `"1 h"`, or a number of seconds.
pub(super) fn duration<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Duration>, D::Error> {
    struct Length;
    impl Visitor<'_> for Length {
        type Value = Duration;

        fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
            out.write_str("a time such as \"300 ms\", \"5 s\" or \"2 min\"")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
            parse_duration(text).ok_or_else(|| E::custom(format!("\"{text}\" is no time such as \"300 ms\", \"5 s\" or \"2 min\"")))
        }

        fn visit_i64<E: Error>(self, seconds: i64) -> Result<Self::Value, E> {
            u64::try_from(seconds).map(Duration::from_secs).map_err(|_| E::custom("a time cannot be negative"))
        }

        fn visit_f64<E: Error>(self, seconds: f64) -> Result<Self::Value, E> {
            Duration::try_from_secs_f64(seconds).map_err(|_| E::custom(format!("{seconds} is no number of seconds")))
        }
    }
    input.deserialize_any(Length).map(Some)
}

/// A number of bytes: `"512 MiB"`, `"1 GiB"`, `"200 KB"`, or a number.
pub(super) fn bytes<'de, D: Deserializer<'de>>(input: D) -> Result<Option<u64>, D::Error> {
    struct Size;
    impl Visitor<'_> for Size {
        type Value = u64;

        fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
            out.write_str("a size such as \"512 MiB\" or \"1 GiB\"")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
            parse_bytes(text).ok_or_else(|| E::custom(format!("\"{text}\" is no size such as \"512 MiB\" or \"1 GiB\"")))
        }

        fn visit_i64<E: Error>(self, bytes: i64) -> Result<Self::Value, E> {
            u64::try_from(bytes).map_err(|_| E::custom("a size cannot be negative"))
        }
    }
    input.deserialize_any(Size).map(Some)
}

/// `None` if there is no whole number, or a unit that is none of ours.
fn parse_bytes(text: &str) -> Option<u64> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let number: u64 = text[..end].parse().ok()?;
    let unit = match text[end..].trim().to_lowercase().as_str() {
        "" | "b" | "bytes" => 1,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        _ => return None,
    };
    number.checked_mul(unit)
}

/// `None` if there is no number, or a unit that is none of ours.
fn parse_duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let number: f64 = text[..end].parse().ok()?;
    let seconds = match text[end..].trim().to_lowercase().as_str() {
        "ms" | "millisecond" | "milliseconds" => number / 1000.0,
        "" | "s" | "sec" | "second" | "seconds" => number,
        "m" | "min" | "minute" | "minutes" => number * 60.0,
        "h" | "hour" | "hours" => number * 3600.0,
        _ => return None,
    };
    Duration::try_from_secs_f64(seconds).ok()
}

/// The zone that somebody meant who wrote `shanghai`, `Europe/Londn` or `europe london`.
pub(super) fn nearest_zone(name: &str) -> Option<&'static str> {
    let names = || chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
    let wanted = name.trim().replace(' ', "_").to_lowercase();
    let city = |zone: &&str| zone.rsplit('/').next().is_some_and(|city| city.to_lowercase() == wanted);
    names().find(city).or_else(|| nearest(&wanted, names()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_with_their_units() {
        for (text, bytes) in [("512 MiB", 512 << 20), ("1GiB", 1 << 30), ("200 kb", 200_000), ("7", 7)] {
            assert_eq!(parse_bytes(text), Some(bytes), "{text}");
        }
        for wrong in ["", "MiB", "1.5 GiB", "5 parsecs", "-1 MB", "99999999999 GiB"] {
            assert_eq!(parse_bytes(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn times_are_read_with_their_units() {
        let ms = |text: &str| parse_duration(text).map(|time| time.as_millis());
        assert_eq!(ms("300 ms"), Some(300));
        assert_eq!(ms("300ms"), Some(300));
        assert_eq!(ms("5 s"), Some(5_000));
        assert_eq!(ms("0.5s"), Some(500));
        assert_eq!(ms("2 min"), Some(120_000));
        assert_eq!(ms(" 1 Hour "), Some(3_600_000));
        assert_eq!(ms("12"), Some(12_000));
        for wrong in ["", "s", "5 parsecs", "-5 s", "1e400 h", "5 s s", "1.2.3 s", "٣ s"] {
            assert_eq!(ms(wrong), None, "{wrong}");
        }
    }
}

//! Dates and times in a document's language (Unicode CLDR through ICU4X), never in the machine's.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use chrono::{Datelike, NaiveDate};
use icu_calendar::Date;
use icu_datetime::DateTimeFormatter;
use icu_datetime::fieldsets::{E, YMD, YMDE};
use icu_locale_core::Locale;
use serde_json::{Map, Value};

use crate::model::Language;

/// `23 November 2026`, `2026年11月23日`.
pub(crate) fn long_date(date: NaiveDate, language: &Language) -> String {
    let long = |locale: Locale, date: Date<icu_calendar::Iso>| {
        Some(DateTimeFormatter::try_new(locale.into(), YMD::long()).ok()?.format(&date).to_string())
    };
    first_of_month(date, language, written("date", date, language, long))
}

/// `Monday`, `星期一`.
pub(crate) fn weekday(date: NaiveDate, language: &Language) -> String {
    written("day", date, language, |locale, date| {
        Some(DateTimeFormatter::try_new(locale.into(), E::long()).ok()?.format(&date).to_string())
    })
}

/// A date with its day of the week: as the language has it (`Monday, 23 November 2026`), or with the day in brackets after the
/// date where the label `weekday_after` asks for that (`2026年11月23日（星期一）`).
pub(crate) fn full_date(date: NaiveDate, language: &Language, labels: &Map<String, Value>) -> String {
    let label = |key: &str| labels.get(key).and_then(Value::as_str).unwrap_or_default();
    let day = match label("weekday_after") {
        "" => {
            let long = |locale: Locale, date: Date<icu_calendar::Iso>| {
                Some(DateTimeFormatter::try_new(locale.into(), YMDE::long()).ok()?.format(&date).to_string())
            };
            return first_of_month(date, language, written("date and day", date, language, long));
        }
        "short" => written("short day", date, language, |locale, date| {
            Some(DateTimeFormatter::try_new(locale.into(), E::short()).ok()?.format(&date).to_string())
        }),
        _ => weekday(date, language),
    };
    format!("{}{}{day}{}", long_date(date, language), label("open"), label("close"))
}

/// The first of a month is an ordinal in French, which CLDR's patterns do not know.
fn first_of_month(date: NaiveDate, language: &Language, written: String) -> String {
    let is_french = language.primary() == "fr" && date.day() == 1;
    let Some(at) = written.find("1 ").filter(|at| is_french && !written[..*at].ends_with(|c: char| c.is_ascii_digit())) else {
        return written;
    };
    format!("{}1er{}", &written[..at], &written[at + 1..])
}

/// What was written: form, date and language, and the words. Documents that are made one after the other mostly have the same few
/// dates, and a formatter takes longer to make than all else that is composed of a notice.
static WRITTEN: LazyLock<Mutex<HashMap<Form, String>>> = LazyLock::new(Mutex::default);

type Form = (&'static str, NaiveDate, String);

/// More is not kept.
const MOST_WRITTEN: usize = 1_000;

fn written(
    form: &'static str,
    date: NaiveDate,
    language: &Language,
    format: impl Fn(Locale, Date<icu_calendar::Iso>) -> Option<String>,
) -> String {
    let key = (form, date, language.0.clone());
    let known = || WRITTEN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(words) = known().get(&key) {
        return words.clone();
    }
    // The month has at most 12 and the day at most 31, so neither can be cut.
    let iso = Date::try_new_iso(date.year(), date.month() as u8, date.day() as u8);
    let words = iso.ok().and_then(|iso| format(locale(language), iso)).unwrap_or_else(|| date.to_string());
    let mut known = known();
    if known.len() >= MOST_WRITTEN {
        known.clear();
    }
    known.insert(key, words.clone());
    words
}

/// English without a region is read as international English: day, month, year.
pub(super) fn locale(language: &Language) -> Locale {
    let tag = if language.0.eq_ignore_ascii_case("en") { "en-GB" } else { &language.0 };
    tag.replace('_', "-").parse().unwrap_or(Locale::UNKNOWN)
}

/// Whether a language is written from right to left.
pub(super) fn is_right_to_left(language: &Language) -> bool {
    matches!(language.primary(), "ar" | "fa" | "ur" | "ps" | "ug" | "ckb" | "sd" | "he" | "iw" | "yi" | "dv")
}

/// `3:05`, `1:02:03`.
pub(crate) fn clock(seconds: u64) -> String {
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{rest:02}") } else { format!("{minutes}:{rest:02}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn language(tag: &str) -> Language {
        Language(tag.to_owned())
    }

    #[test]
    fn dates_are_written_in_the_language_of_the_document() {
        let date = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
        let written = |tag: &str| long_date(date, &language(tag));
        assert_eq!(written("en"), "23 November 2026");
        assert_eq!(written("zh"), "2026年11月23日");
        assert_eq!(written("zh-TW"), "2026年11月23日");
        assert_eq!(written("de"), "23. November 2026");
        assert_eq!(written("fr"), "23 novembre 2026");
        assert_eq!(written("es"), "23 de noviembre de 2026");
        assert_eq!(written("ja"), "2026年11月23日");
        assert_eq!(written("ar-u-nu-latn"), "23 نوفمبر 2026");
        assert_eq!(weekday(date, &language("en")), "Monday");
        assert_eq!(weekday(date, &language("zh")), "星期一");
        let first = NaiveDate::from_ymd_opt(2026, 12, 1).unwrap();
        assert_eq!(long_date(first, &language("fr")), "1er décembre 2026");
        assert_eq!(full_date(first, &language("fr"), &Map::new()), "mardi 1er décembre 2026");
        let eleventh = NaiveDate::from_ymd_opt(2026, 12, 11).unwrap();
        assert_eq!(long_date(eleventh, &language("fr")), "11 décembre 2026");
    }

    #[test]
    fn the_day_of_the_week_stands_where_the_language_has_it() {
        let date = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
        let written = |tag: &str| full_date(date, &language(tag), &Map::new());
        assert_eq!(written("en"), "Monday, 23 November 2026");
        assert_eq!(written("de"), "Montag, 23. November 2026");
        assert_eq!(written("fr"), "lundi 23 novembre 2026");
        assert_eq!(written("es"), "lunes, 23 de noviembre de 2026");
        assert_eq!(written("ar-u-nu-latn"), "الاثنين، 23 نوفمبر 2026");
        let after = |tag: &str, form: &str| {
            let Value::Object(labels) = serde_json::json!({ "weekday_after": form, "open": "（", "close": "）" }) else {
                panic!("a mapping")
            };
            full_date(date, &language(tag), &labels)
        };
        assert_eq!(after("zh", "long"), "2026年11月23日（星期一）");
        assert_eq!(after("ja", "short"), "2026年11月23日（月）");
    }

    #[test]
    fn a_time_is_written_with_its_hours_only_if_it_has_any() {
        assert_eq!([clock(185), clock(3723)], ["3:05", "1:02:03"]);
    }
}

//! Dates and numbers in a document's language (Unicode CLDR through ICU4X), never in the machine's.

use chrono::{Datelike, NaiveDate};
use icu_calendar::Date;
use icu_datetime::DateTimeFormatter;
use icu_datetime::fieldsets::{E, YMD};
use icu_locale_core::Locale;

use crate::model::Language;

/// `23 November 2026`, `2026年11月23日`.
pub(crate) fn long_date(date: NaiveDate, language: &Language) -> String {
    written(date, language, |locale, date| Some(DateTimeFormatter::try_new(locale.into(), YMD::long()).ok()?.format(&date).to_string()))
}

/// `Monday`, `星期一`.
pub(crate) fn weekday(date: NaiveDate, language: &Language) -> String {
    written(date, language, |locale, date| Some(DateTimeFormatter::try_new(locale.into(), E::long()).ok()?.format(&date).to_string()))
}

fn written(date: NaiveDate, language: &Language, format: impl Fn(Locale, Date<icu_calendar::Iso>) -> Option<String>) -> String {
    // The month has at most 12 and the day at most 31, so neither can be cut.
    let iso = Date::try_new_iso(date.year(), date.month() as u8, date.day() as u8);
    iso.ok().and_then(|iso| format(locale(language), iso)).unwrap_or_else(|| date.to_string())
}

/// English without a region is read as international English: day, month, year.
fn locale(language: &Language) -> Locale {
    let tag = if language.0.eq_ignore_ascii_case("en") { "en-GB" } else { &language.0 };
    tag.parse().unwrap_or(Locale::UNKNOWN)
}

/// A number that stands in a text: `1,234.5`, `12 %`, `￥3,200`; `None` where it is not clear.
pub(crate) fn number_in(text: &str) -> Option<f64> {
    let kept: String = text.chars().filter(|c| !matches!(c, ',' | ' ' | '\u{a0}' | '\u{202f}' | '%' | '％' | '，')).collect();
    let kept = kept.trim_start_matches(['￥', '¥', '$', '€', '£']);
    kept.parse().ok().filter(|value: &f64| value.is_finite())
}

/// `1,234.5`: thousands marked, `places` decimals.
pub(crate) fn decimal(value: f64, places: usize) -> String {
    let plain = format!("{value:.places$}");
    let (sign, digits) = plain.strip_prefix('-').map_or(("", plain.as_str()), |rest| ("−", rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{grouped}{point}{fraction}")
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
        assert_eq!(long_date(date, &language("en")), "23 November 2026");
        assert_eq!(long_date(date, &language("zh")), "2026年11月23日");
        assert_eq!(long_date(date, &language("de")), "23. November 2026");
        assert_eq!(weekday(date, &language("en")), "Monday");
        assert_eq!(weekday(date, &language("zh")), "星期一");
    }

    #[test]
    fn numbers_are_read_and_written() {
        assert_eq!(number_in("1,234.5"), Some(1234.5));
        assert_eq!(number_in("￥3,200"), Some(3200.0));
        assert_eq!(number_in("about 5"), None);
        assert_eq!(decimal(1234567.25, 1), "1,234,567.2");
        assert_eq!(decimal(-12.0, 0), "−12");
        assert_eq!(clock(185), "3:05");
    }
}

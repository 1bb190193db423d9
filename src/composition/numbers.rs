//! Numbers, digits, plurals and lists in a document's language (Unicode CLDR through ICU4X), never in the machine's.

use icu_decimal::DecimalFormatter;
use icu_decimal::input::Decimal;
use icu_list::ListFormatter;
use icu_list::options::ListFormatterOptions;
use icu_plurals::{PluralCategory, PluralOperands, PluralRules};
use serde_json::{Map, Value};

use super::Commission;
use super::dates::{is_right_to_left, locale};
use super::people::plain;
use crate::catalog::FieldKind;
use crate::model::Language;

/// A number that stands in a text: `1,234.5`, `12 %`, `￥3,200`; `None` where it is not clear.
pub(crate) fn number_in(text: &str) -> Option<f64> {
    let kept = text.chars().filter(|c| !matches!(c, ',' | ' ' | '\u{a0}' | '\u{202f}' | '%' | '％' | '٪' | '，' | '٬'));
    let kept: String = kept.map(|c| crate::model::ascii_digit(c).unwrap_or(if c == '٫' { '.' } else { c })).collect();
    let kept = kept.trim_start_matches(['￥', '¥', '$', '€', '£']);
    kept.parse().ok().filter(|value: &f64| value.is_finite())
}

/// `1,234.5`, `1.234,5`, `١٬٢٣٤٫٥`: thousands marked, `places` decimals.
pub(crate) fn decimal(value: f64, places: usize, language: &Language) -> String {
    let plain = format!("{value:.places$}");
    // What rounds to nothing has no sign.
    let is_nothing = plain.chars().all(|c| matches!(c, '-' | '0' | '.'));
    let plain = if is_nothing { plain.trim_start_matches('-') } else { &plain };
    let written = || {
        let number: Decimal = plain.parse().ok()?;
        let formatter = DecimalFormatter::try_new(locale(language).into(), Default::default()).ok()?;
        Some(formatter.format(&number).to_string())
    };
    written().unwrap_or_else(|| plain.to_owned()).replace('-', "−")
}

/// The digits of a language that does not write 0 to 9, in order.
pub(super) fn digits(language: &Language) -> Option<Vec<char>> {
    let zero = decimal(0.0, 0, language).chars().next().filter(|zero| *zero != '0')?;
    (0..10).map(|value| char::from_u32(zero as u32 + value)).collect()
}

/// A text with its digits in those of the language.
pub(super) fn in_digits(text: &str, language: &Language) -> String {
    let Some(digits) = digits(language) else { return text.to_owned() };
    text.chars().map(|c| c.to_digit(10).and_then(|value| digits.get(value as usize)).copied().unwrap_or(c)).collect()
}

/// All texts of a value with their digits in those of the language.
pub(super) fn texts_in_digits(value: &mut Value, language: &Language) {
    match value {
        Value::String(text) => *text = in_digits(text, language),
        Value::Array(items) => items.iter_mut().for_each(|item| texts_in_digits(item, language)),
        Value::Object(map) => map.values_mut().for_each(|item| texts_in_digits(item, language)),
        _ => {}
    }
}

/// The language in which a document's figures are written. Where Arabic letters are used, so are two or three kinds of
/// digits, by country and by house: those that the note itself writes are taken for all, else those of the language.
pub(super) fn language_of_figures(commission: &Commission<'_>) -> Language {
    let classification = commission.classification;
    let language = &classification.language;
    if !is_right_to_left(language) || language.0.contains("-u-") {
        return language.clone();
    }
    let is_text = |kind: &FieldKind| !matches!(kind, FieldKind::Date | FieldKind::Number | FieldKind::Flag);
    let declared = commission.document_type.manifest.fields.iter().filter(|field| is_text(&field.kind));
    let fields: Vec<String> = declared.filter_map(|field| classification.fields.get(&field.name)).map(plain).collect();
    let texts = [classification.title.as_str(), &commission.submission.body.text];
    let has = |first: char, last: char| {
        texts.into_iter().chain(fields.iter().map(String::as_str)).flat_map(str::chars).any(|c| (first..=last).contains(&c))
    };
    let digits = match (has('٠', '٩'), has('۰', '۹'), has('0', '9')) {
        (true, ..) => "arab",
        (_, true, _) => "arabext",
        (.., true) => "latn",
        _ => return language.clone(),
    };
    Language(format!("{}-u-nu-{digits}", language.0.replace('_', "-")))
}

/// The sign before what is more than nothing. Among letters that run from right to left it would else come after its figures.
pub(super) fn plus(language: &Language) -> &'static str {
    if is_right_to_left(language) { "\u{200e}+" } else { "+" }
}

/// A code such as `20260301-77ce`, which is read from left to right among any letters.
pub(super) fn left_to_right(code: &str, language: &Language) -> String {
    if is_right_to_left(language) { format!("\u{200e}{code}") } else { code.to_owned() }
}

/// A number with the word that goes by it: of `years_one`, `years_other` … the form for this number, with `{n}` filled in.
/// `None` if there is no such word.
pub(super) fn counted(value: f64, of: &str, labels: &Map<String, Value>, language: &Language) -> Option<String> {
    let places = usize::from(value.fract() != 0.0);
    let form = labels.get(&format!("{of}_{}", category(value, places, language))).or_else(|| labels.get(&format!("{of}_other")))?;
    Some(form.as_str()?.replace("{n}", &decimal(value, places, language)))
}

fn category(value: f64, places: usize, language: &Language) -> &'static str {
    let rules = PluralRules::try_new_cardinal(locale(language).into()).ok();
    let number: Option<Decimal> = format!("{value:.places$}").parse().ok();
    match rules.zip(number).map(|(rules, number)| rules.category_for(PluralOperands::from(&number))) {
        Some(PluralCategory::Zero) => "zero",
        Some(PluralCategory::One) => "one",
        Some(PluralCategory::Two) => "two",
        Some(PluralCategory::Few) => "few",
        Some(PluralCategory::Many) => "many",
        Some(PluralCategory::Other) | None => "other",
    }
}

/// `A, B and C`; `A, B und C`; `A、B、C`.
pub(super) fn list(items: &[String], language: &Language) -> String {
    match ListFormatter::try_new_and(locale(language).into(), ListFormatterOptions::default()) {
        Ok(formatter) => formatter.format(items.iter()).to_string(),
        Err(_) => items.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn language(tag: &str) -> Language {
        Language(tag.to_owned())
    }

    #[test]
    fn numbers_are_read_and_written() {
        assert_eq!(number_in("1,234.5"), Some(1234.5));
        assert_eq!(number_in("￥3,200"), Some(3200.0));
        assert_eq!(number_in("٣٬٢٠٠٫٥"), Some(3200.5));
        assert_eq!(number_in("about 5"), None);
        let written = |tag: &str| decimal(1_234_567.25, 1, &language(tag));
        assert_eq!(written("en"), "1,234,567.2");
        assert_eq!(written("zh-Hant"), "1,234,567.2");
        assert_eq!(written("de"), "1.234.567,2");
        assert_eq!(written("fr"), "1\u{202f}234\u{202f}567,2");
        assert_eq!(written("es"), "1.234.567,2");
        assert_eq!(written("ja"), "1,234,567.2");
        assert_eq!(written("ar-EG"), "١٬٢٣٤٬٥٦٧٫٢");
        assert_eq!(written("ar-EG-u-nu-latn"), "1,234,567.2");
        assert_eq!(decimal(-12.0, 0, &language("en")), "−12");
        assert_eq!(decimal(-0.04, 1, &language("en")), "0.0");
        assert_eq!(in_digits("3:05", &language("ar-EG")), "٣:٠٥");
        assert_eq!(in_digits("3:05", &language("fr")), "3:05");
    }

    #[test]
    fn a_word_goes_by_its_number() {
        let labels = json!({
            "years_one": "{n} one", "years_two": "{n} two", "years_few": "{n} few", "years_many": "{n} many", "years_other": "{n} other"
        });
        let Value::Object(labels) = labels else { panic!("a mapping") };
        let counted = |value: f64, tag: &str| counted(value, "years", &labels, &language(tag)).unwrap();
        assert_eq!([counted(1.0, "en"), counted(2.0, "en"), counted(0.0, "en")], ["1 one", "2 other", "0 other"]);
        assert_eq!([counted(0.0, "fr"), counted(2.0, "fr")], ["0 one", "2 other"]);
        assert_eq!([counted(1.0, "zh"), counted(1.0, "ja")], ["1 other", "1 other"]);
        let arabic = [2.0, 3.0, 11.0, 100.0].map(|value| counted(value, "ar-u-nu-latn"));
        assert_eq!(arabic, ["2 two", "3 few", "11 many", "100 other"]);
        assert_eq!(super::counted(1.0, "days", &labels, &language("en")), None);
    }

    #[test]
    fn lists_end_as_the_language_ends_them() {
        let items: Vec<String> = ["A", "B", "C"].map(str::to_owned).into();
        let written = |tag: &str| list(&items, &language(tag));
        assert_eq!(written("en"), "A, B and C");
        assert_eq!(written("de"), "A, B und C");
        assert_eq!(written("fr"), "A, B et C");
        assert_eq!(written("es"), "A, B y C");
        assert_eq!(written("zh"), "A、B和C");
        assert_eq!(written("zh-TW"), "A、B和C");
        assert_eq!(written("ja"), "A、B、C");
        assert_eq!(written("ar"), "A وB وC");
        assert_eq!(list(&items[..1], &language("de")), "A");
    }
}

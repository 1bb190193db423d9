//! Amounts of money in a document's language, after Unicode's CLDR: the figures through ICU4X, where the sign stands from the
//! label `currency`, the signs and decimals from here. Only what a template asks for: an amount that stands in a note is
//! printed as it was written.

use serde_json::{Map, Value};

use super::numbers;
use crate::model::Language;

/// How the currency is named beside the amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `HK$1,250,000.00`, `1.250.000,00 €`.
    Sign,
    /// `HKD 1,250,000.00`, `1.250.000,00 EUR`.
    Code,
}

/// The signs that are understood everywhere; any other currency is named by its code.
const SIGNS: [(&str, &str); 18] = [
    ("AUD", "A$"),
    ("BRL", "R$"),
    ("CAD", "CA$"),
    ("CNY", "CN¥"),
    ("EUR", "€"),
    ("GBP", "£"),
    ("HKD", "HK$"),
    ("ILS", "₪"),
    ("INR", "₹"),
    ("JPY", "JP¥"),
    ("KRW", "₩"),
    ("MXN", "MX$"),
    ("NZD", "NZ$"),
    ("PHP", "₱"),
    ("TWD", "NT$"),
    ("USD", "US$"),
    ("VND", "₫"),
    ("XPF", "CFPF"),
];
/// Signs by which a language knows its own money, by the language or by its region.
const OWN_SIGNS: [(&str, &str, &str); 8] = [
    ("zh", "CNY", "¥"),
    ("ja", "JPY", "￥"),
    ("zh-TW", "TWD", "$"),
    ("en-US", "USD", "$"),
    ("es-US", "USD", "$"),
    ("en-CA", "CAD", "$"),
    ("en-AU", "AUD", "$"),
    ("es-MX", "MXN", "$"),
];
const WITHOUT_DECIMALS: [&str; 16] =
    ["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"];
const WITH_THREE_DECIMALS: [&str; 7] = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];

/// An amount with as many decimals as its currency has. `None` if the code is none.
pub(super) fn written(amount: f64, code: &str, form: Form, labels: &Map<String, Value>, language: &Language) -> Option<String> {
    let code = code.trim().to_ascii_uppercase();
    if code.len() != 3 || !code.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    let places = match code.as_str() {
        code if WITHOUT_DECIMALS.contains(&code) => 0,
        code if WITH_THREE_DECIMALS.contains(&code) => 3,
        _ => 2,
    };
    let figures = numbers::decimal(amount.abs(), places, language);
    let minus = if numbers::decimal(amount, places, language) == figures { "" } else { "−" };
    let sign = if form == Form::Sign { sign_of(&code, language) } else { &code };
    let pattern = labels.get("currency").and_then(Value::as_str).unwrap_or("{sign}{n}");
    // Letters do not touch figures.
    let sign = if pattern.contains("{sign}{n}") && sign.ends_with(char::is_alphabetic) { format!("{sign}\u{a0}") } else { sign.to_owned() };
    Some(format!("{minus}{}", pattern.replace("{sign}", &sign).replace("{n}", &figures)))
}

fn sign_of<'a>(code: &'a str, language: &Language) -> &'a str {
    // What follows `-u-` says how figures are written.
    let tag = language.0.split("-u-").next().unwrap_or_default();
    let own = OWN_SIGNS.iter().find(|(of, known, _)| *known == code && (of.eq_ignore_ascii_case(tag) || *of == language.primary()));
    let common = || SIGNS.iter().find(|(known, _)| *known == code).map(|(_, sign)| *sign);
    own.map(|(.., sign)| *sign).or_else(common).unwrap_or(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(amount: f64, code: &str, form: Form, tag: &str) -> Option<String> {
        let after = matches!(tag, "de" | "fr" | "es");
        let pattern = if after { "{n}\u{a0}{sign}" } else { "{sign}{n}" };
        let labels = Map::from_iter([("currency".to_owned(), Value::from(pattern))]);
        written(amount, code, form, &labels, &Language(tag.to_owned()))
    }

    #[test]
    fn amounts_are_written_as_the_language_has_them() {
        let sign = |value: f64, code: &str, tag: &str| amount(value, code, Form::Sign, tag).unwrap();
        assert_eq!(sign(1_250_000.0, "HKD", "en"), "HK$1,250,000.00");
        assert_eq!(sign(1_250_000.0, "HKD", "zh-HK"), "HK$1,250,000.00");
        assert_eq!(sign(1_250_000.5, "CNY", "zh"), "¥1,250,000.50");
        assert_eq!(sign(1_250_000.5, "CNY", "en"), "CN¥1,250,000.50");
        assert_eq!(sign(1_250_000.5, "EUR", "de"), "1.250.000,50\u{a0}€");
        assert_eq!(sign(1_250_000.5, "EUR", "fr"), "1\u{202f}250\u{202f}000,50\u{a0}€");
        assert_eq!(sign(1_250_000.5, "usd", "es"), "1.250.000,50\u{a0}US$");
        assert_eq!(sign(5.0, "USD", "en-US"), "$5.00");
        assert_eq!(sign(1_250_000.0, "JPY", "ja"), "￥1,250,000");
        assert_eq!(sign(-3.0, "GBP", "en"), "−£3.00");
        assert_eq!(sign(-0.001, "GBP", "en"), "£0.00");
        assert_eq!(sign(1.5, "KWD", "en"), "KWD\u{a0}1.500");
    }

    #[test]
    fn a_code_may_stand_for_the_sign() {
        let code = |tag: &str| amount(1_250.0, "hkd", Form::Code, tag).unwrap();
        assert_eq!([code("en"), code("de"), code("zh")], ["HKD\u{a0}1,250.00", "1.250,00\u{a0}HKD", "HKD\u{a0}1,250.00"]);
        assert_eq!(amount(1.0, "crowns", Form::Sign, "en"), None);
    }
}

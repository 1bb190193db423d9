//! The language of a document's labels and dates: named in a field, else seen from its script.
//!
//! Latin letters are the office's own language unless a long text is plainly written in another.

use super::fold::{fold, fold_key, is_ideograph};
use super::plain::floor;
use crate::config::Settings;
use crate::failure::Warning;
use crate::model::Language;
use crate::reading::Submission;

/// How much text is looked at.
const MAX_SAMPLE_BYTES: usize = 16 << 10;
/// How many Latin letters there must be before a text's own language is believed.
const MIN_LETTERS: usize = 200;
/// How much text the language is guessed from.
const MAX_GUESS_BYTES: usize = 2_000;

/// What people write for a language instead of its tag.
const NAMES: [(&str, &str); 22] = [
    ("english", "en"),
    ("chinese", "zh"),
    ("中文", "zh"),
    ("汉语", "zh"),
    ("简体中文", "zh"),
    ("繁體中文", "zh-Hant"),
    ("英文", "en"),
    ("英语", "en"),
    ("german", "de"),
    ("deutsch", "de"),
    ("french", "fr"),
    ("francais", "fr"),
    ("spanish", "es"),
    ("espanol", "es"),
    ("japanese", "ja"),
    ("日本語", "ja"),
    ("日文", "ja"),
    ("korean", "ko"),
    ("russian", "ru"),
    ("русскии", "ru"),
    ("arabic", "ar"),
    ("italian", "it"),
];

/// The language of a note, with the reason where it is not the office's own.
pub(super) fn find(note: &Submission, title: &str, settings: &Settings, warnings: &mut Vec<Warning>) -> (Language, Option<String>) {
    if let Some((key, named)) = field(note) {
        if let Some(tag) = tag(&named) {
            return (Language(tag.clone()), Some(format!("Language {tag}: the field `{key}`.")));
        }
        let message = format!("`{key}: {named}` names no language that is known; the text's own was taken. Write a tag such as en or zh.");
        let warning = Warning::new("language-unknown", message);
        warnings.push(match note.fields.lines.get(&key) {
            Some(line) => warning.at_line(*line),
            None => warning,
        });
    }
    let sample = format!("{title}\n{}", floor(&note.body.text, MAX_SAMPLE_BYTES));
    let seen = by_script(&sample).or_else(|| by_words(&sample, settings));
    match seen {
        Some(tag) if tag != settings.language.primary() => {
            (Language(tag.to_owned()), Some(format!("Language {tag}: the text is written in it.")))
        }
        _ => (settings.language.clone(), None),
    }
}

fn field(note: &Submission) -> Option<(String, String)> {
    let names = ["lang", "language", "locale", "语言", "语种", "sprache", "langue", "idioma"];
    let key = note.fields.values.keys().find(|key| names.contains(&fold_key(key).as_str()))?;
    Some((key.clone(), note.fields.text(key)?))
}

/// A tag such as `en`, `zh-CN`, or the language's name.
fn tag(written: &str) -> Option<String> {
    let name = fold(written);
    if let Some((_, tag)) = NAMES.iter().find(|(known, _)| *known == name) {
        return Some((*tag).to_owned());
    }
    let written = written.replace('_', "-");
    let mut parts = written.split('.').next().unwrap_or_default().split('-');
    let primary = parts.next()?.to_lowercase();
    let rest: Vec<&str> = parts.collect();
    let fits = (2..=3).contains(&primary.len()) && primary.bytes().all(|byte| byte.is_ascii_lowercase());
    let plain = rest.iter().all(|part| (2..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    (fits && plain && rest.len() <= 3).then(|| if rest.is_empty() { primary } else { format!("{primary}-{}", rest.join("-")) })
}

/// The language that a script stands for, where Latin is not the main one.
fn by_script(text: &str) -> Option<&'static str> {
    let mut counts = [("", 0_usize), ("zh", 0), ("ja", 0), ("ko", 0), ("ru", 0), ("el", 0), ("ar", 0), ("he", 0), ("th", 0), ("hi", 0)];
    for c in text.chars().filter(|c| c.is_alphabetic() || is_ideograph(*c)) {
        let at = match c as u32 {
            0x3040..=0x30ff | 0x31f0..=0x31ff => 2,
            _ if is_ideograph(c) => 1,
            0x1100..=0x11ff | 0xac00..=0xd7a3 => 3,
            0x0400..=0x052f => 4,
            0x0370..=0x03ff | 0x1f00..=0x1fff => 5,
            0x0600..=0x06ff | 0x0750..=0x077f => 6,
            0x0590..=0x05ff => 7,
            0x0e00..=0x0e7f => 8,
            0x0900..=0x097f => 9,
            _ => 0,
        };
        counts[at].1 += 1;
    }
    let (latin, han, kana) = (counts[0].1, counts[1].1, counts[2].1);
    // A Han character says as much as three letters; names and addresses in Latin do not make a text English.
    if (han + kana) * 3 > latin && han + kana > 0 {
        return Some(if kana * 8 > han { "ja" } else { "zh" });
    }
    let (tag, count) = counts[3..].iter().copied().max_by_key(|(_, count)| *count)?;
    (count > latin).then_some(tag)
}

/// The language of a long text in Latin letters.
fn by_words(text: &str, settings: &Settings) -> Option<&'static str> {
    if text.chars().filter(|c| c.is_alphabetic()).take(MIN_LETTERS).count() < MIN_LETTERS {
        return (!writes_latin(settings.language.primary())).then_some("en");
    }
    let prose: String = text.split_whitespace().filter(|word| !word.contains(['/', '<', '@', '`', '|', '_'])).collect::<Vec<_>>().join(" ");
    let info = whatlang::detect(floor(&prose, MAX_GUESS_BYTES)).filter(whatlang::Info::is_reliable)?;
    Some(match info.lang() {
        whatlang::Lang::Eng => "en",
        whatlang::Lang::Deu => "de",
        whatlang::Lang::Fra => "fr",
        whatlang::Lang::Spa => "es",
        whatlang::Lang::Ita => "it",
        whatlang::Lang::Por => "pt",
        whatlang::Lang::Nld => "nl",
        _ if !writes_latin(settings.language.primary()) => "en",
        _ => return None,
    })
}

/// Whether a comma stands before the decimals (Unicode CLDR); Spanish has a point from Mexico to Panama, German in the Alps.
pub(super) fn has_decimal_comma(language: &Language) -> bool {
    let region = language.0.split(['-', '_']).skip(1).find(|part| part.len() == 2).map(str::to_uppercase).unwrap_or_default();
    match language.primary() {
        "es" => !matches!(region.as_str(), "MX" | "US" | "PR" | "GT" | "HN" | "NI" | "SV" | "DO" | "PA" | "PE"),
        "de" | "it" => !matches!(region.as_str(), "CH" | "LI"),
        "fr" | "pt" | "nl" | "ru" | "uk" | "bg" | "pl" | "cs" | "sk" | "sl" | "hr" | "sr" | "ro" | "hu" | "da" | "sv" | "nb" | "nn"
        | "no" | "fi" | "et" | "lv" | "lt" | "el" | "tr" | "id" | "vi" => true,
        _ => false,
    }
}

/// Whether a language is written in Latin letters.
fn writes_latin(primary: &str) -> bool {
    !matches!(primary, "zh" | "ja" | "ko" | "ru" | "uk" | "bg" | "sr" | "el" | "ar" | "fa" | "ur" | "he" | "th" | "hi" | "mn" | "ka" | "hy")
}

//! The language of a document's labels and dates: named in a field, else seen from its script.
//!
//! Latin letters are the office's own language unless a long text is plainly written in another.

use std::cmp::Ordering;

use serde_json::Value;

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
const NAMES: [(&str, &str); 38] = [
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
    ("한국어", "ko"),
    ("العربية", "ar"),
    ("greek", "el"),
    ("ελληνικα", "el"),
    ("hebrew", "he"),
    ("עברית", "he"),
    ("hindi", "hi"),
    ("हिन्दी", "hi"),
    ("हिंदी", "hi"),
    ("thai", "th"),
    ("ไทย", "th"),
    ("ภาษาไทย", "th"),
    ("persian", "fa"),
    ("urdu", "ur"),
    ("ukrainian", "uk"),
    ("portuguese", "pt"),
];

/// Frequent characters that only simplified Chinese has, and what stands for them in traditional Chinese.
const SIMPLIFIED: &str = "会议国经为与时对开关长门问间个们来发学实现体当无业东车专员机报书让认请应话说语该论证试计设记许调变护见观规亲览财责费资质购买卖价货贸达过运远进还选边电讯网络线组织级统约总编辑联点单张项处务区县术领导题页风飞马龙齐";
const TRADITIONAL: &str = "會議國經為與於時對開關長門問間個們來發學實現體當無業東車專員機報書讓認請應話說語該論證試計設記許調變護見觀規親覽財責費資質購買賣價貨貸達過運遠進還選邊電訊網絡線組織級統約總編輯聯點單張項處務區縣術領導題頁風飛馬龍齊";

/// The language of a note, with the reason where it is not the office's own.
pub(super) fn find(note: &Submission, title: &str, settings: &Settings, warnings: &mut Vec<Warning>) -> (Language, Option<String>) {
    if let Some((key, mut all)) = fields(note).into_iter().max_by_key(|(_, named)| named.len()) {
        let named = all.remove(0);
        if let Some(tag) = tag(&named) {
            warnings.extend(of_others(note, &key, &all));
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
    let office = &settings.language;
    let seen = match by_script(&sample) {
        Some(tag) => among_neighbours(tag, &sample, office),
        None => by_words(&sample, settings).filter(|tag| *tag != office.primary()),
    };
    match seen {
        Some(tag) => (Language(tag.to_owned()), Some(format!("Language {tag}: the text is written in it."))),
        None => (office.clone(), None),
    }
}

/// What is to be said of the languages that a note names beside its own.
fn of_others(note: &Submission, key: &str, others: &[String]) -> Option<Warning> {
    let unknown = others.iter().find(|named| tag(named).is_none());
    let message = match (unknown, others.len()) {
        (Some(named), _) => format!("`{key}` names `{named}`, which is no language that is known. Write a tag such as en or zh."),
        (None, 0 | 1) => return None,
        (None, _) => format!(
            "`{key}` names {} languages: labels and dates are in the first two, and only these stand side by side. Name two.",
            others.len() + 1
        ),
    };
    let code = if unknown.is_some() { "language-unknown" } else { "language-many" };
    let warning = Warning::new(code, message);
    Some(match note.fields.lines.get(key) {
        Some(line) => warning.at_line(*line),
        None => warning,
    })
}

/// The languages that a note names, as their tags: `lang: [en, zh]`. What names none is passed over.
pub fn languages_named(note: &Submission) -> Vec<Language> {
    let named = fields(note).into_iter().max_by_key(|(_, named)| named.len());
    let mut tags: Vec<String> = named.into_iter().flat_map(|(_, named)| named).filter_map(|named| tag(&named)).collect();
    tags.dedup();
    tags.into_iter().map(Language).collect()
}

/// The fields that name languages, from the last to the first, so that of several that name as many the first is meant.
fn fields(note: &Submission) -> Vec<(String, Vec<String>)> {
    let names = ["lang", "language", "languages", "locale", "语言", "语种", "sprache", "langue", "idioma"];
    let keys = note.fields.values.keys().rev().filter(|key| names.contains(&fold_key(key).as_str()));
    let named = |key: &String| match note.fields.values.get(key) {
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).map(|item| item.trim().to_owned()).collect(),
        _ => note.fields.text(key).into_iter().flat_map(|text| split(&text)).collect(),
    };
    keys.map(|key| (key.clone(), named(key))).filter(|(_, named): &(_, Vec<String>)| !named.is_empty()).collect()
}

/// `en, zh`, `en + zh`, `中文、英文`.
fn split(text: &str) -> Vec<String> {
    text.split([',', '+', '/', '&', ';', '、', '，', '；']).map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
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
    let (tag, count) = counts[3..].iter().copied().max_by_key(|(_, count)| *count)?;
    // A Han character says as much as three letters; names and addresses in Latin do not make a text English.
    if (han + kana) * 3 > latin.max(count) && han + kana > 0 {
        return Some(if kana * 8 > han { "ja" } else { "zh" });
    }
    (count > latin).then_some(tag)
}

/// The tag of Chinese whose characters are the simplified ones.
const SIMPLIFIED_TAG: &str = "zh";

/// The language of a script told from others that share it; `None` if it is the office's own, as is Chinese in characters that
/// say nothing.
fn among_neighbours(tag: &'static str, text: &str, office: &Language) -> Option<&'static str> {
    if tag == SIMPLIFIED_TAG {
        let count = |known: &str| text.chars().filter(|c| known.contains(*c)).count();
        let (simplified, traditional) = (count(SIMPLIFIED), count(TRADITIONAL));
        return match traditional.cmp(&simplified) {
            // `zh-TW` and `zh-HK` have dates and words of their own: the office knows which.
            Ordering::Greater if is_traditional(office) => None,
            Ordering::Greater => Some("zh-Hant"),
            Ordering::Equal if office.primary() == SIMPLIFIED_TAG => None,
            Ordering::Less if office.primary() == SIMPLIFIED_TAG && !is_traditional(office) => None,
            _ => Some(SIMPLIFIED_TAG),
        };
    }
    let other = |tag: &'static str| (tag != office.primary()).then_some(tag);
    if !matches!(tag, "ru" | "ar" | "hi" | "he") || text.chars().filter(|c| c.is_alphabetic()).take(MIN_LETTERS).count() < MIN_LETTERS {
        return other(tag);
    }
    let Some(info) = whatlang::detect(floor(text, MAX_GUESS_BYTES)).filter(whatlang::Info::is_reliable) else { return other(tag) };
    let nearer = match (tag, info.lang()) {
        ("ru", whatlang::Lang::Ukr) => "uk",
        ("ru", whatlang::Lang::Bul) => "bg",
        ("ru", whatlang::Lang::Srp) => "sr",
        ("ru", whatlang::Lang::Mkd) => "mk",
        ("ru", whatlang::Lang::Bel) => "be",
        ("ar", whatlang::Lang::Pes) => "fa",
        ("ar", whatlang::Lang::Urd) => "ur",
        ("hi", whatlang::Lang::Mar) => "mr",
        ("hi", whatlang::Lang::Nep) => "ne",
        ("he", whatlang::Lang::Yid) => "yi",
        _ => tag,
    };
    other(nearer)
}

/// Whether an office writes the traditional characters.
fn is_traditional(language: &Language) -> bool {
    let mut parts = language.0.split(['-', '_']);
    language.primary() == "zh" && parts.any(|part| ["hant", "tw", "hk", "mo"].contains(&part.to_ascii_lowercase().as_str()))
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

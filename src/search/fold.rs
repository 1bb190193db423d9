//! Folding: which characters make words, and how they look without case, accents and width.
//!
//! What is folded is only compared, never shown. Voiced kana and Hangul stay what they are: there a mark is a part of
//! the letter and no accent.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// What a character is to a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// A letter or digit of a script that puts spaces between words.
    Word,
    /// A character of a script that puts none: Han, kana, Hangul, Thai and its neighbours.
    Unspaced,
    /// A mark on the character before it.
    Mark,
    /// Nothing that is seen: it neither ends a word nor belongs to it.
    Invisible,
    /// Everything else: it ends a word.
    Gap,
}

pub(super) fn class(c: char) -> Class {
    if c.is_ascii() {
        return if c.is_ascii_alphanumeric() { Class::Word } else { Class::Gap };
    }
    match c {
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => {
            Class::Invisible
        }
        _ if is_combining_mark(c) || matches!(c, '\u{ff9e}' | '\u{ff9f}') => Class::Mark,
        // A Hangul vowel or final that stands by itself belongs to the initial before it.
        '\u{1160}'..='\u{11ff}' => Class::Mark,
        _ if is_unspaced(c) => Class::Unspaced,
        _ if c.is_alphanumeric() => Class::Word,
        _ => Class::Gap,
    }
}

fn is_unspaced(c: char) -> bool {
    matches!(c as u32,
        0x0e01..=0x0eff // Thai, Lao
        | 0x1000..=0x109f | 0x1780..=0x17dd // Myanmar, Khmer
        | 0x1100..=0x115f | 0x3131..=0x318e | 0xac00..=0xd7a3 // Hangul
        | 0x2e80..=0x2fdf | 0x3005..=0x3007 | 0x3040..=0x3096 | 0x309d..=0x309f // radicals, hiragana
        | 0x30a1..=0x30fa | 0x30fc..=0x3130 | 0x31a0..=0x31bf | 0x31f0..=0x31ff // katakana, bopomofo
        | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xf900..=0xfaff | 0xff66..=0xff9d | 0x1b000..=0x1b16f | 0x20000..=0x3fffd)
        && c.is_alphanumeric()
}

/// Appends a character of a word as it is compared. A mark gives nothing if it is an accent.
pub(super) fn fold_into(c: char, out: &mut String) {
    if c.is_ascii() {
        out.push(c.to_ascii_lowercase());
        return;
    }
    let spelled = match c {
        'ß' | 'ẞ' => "ss",
        'æ' | 'Æ' => "ae",
        'œ' | 'Œ' => "oe",
        'ø' | 'Ø' => "o",
        'đ' | 'Đ' | 'ð' | 'Ð' => "d",
        'þ' | 'Þ' => "th",
        'ł' | 'Ł' => "l",
        'ħ' | 'Ħ' => "h",
        'ı' => "i",
        _ => {
            let letters = std::iter::once(c).nfkd().flat_map(char::to_lowercase).nfkd();
            out.extend(letters.filter(|c| !is_accent(*c) && (c.is_alphanumeric() || is_combining_mark(*c))));
            return;
        }
    };
    out.push_str(spelled);
}

/// A mark that people leave out when they type: accents of European scripts, points of Hebrew, vowel signs of Arabic.
fn is_accent(c: char) -> bool {
    matches!(c as u32,
        0x0300..=0x036f | 0x0591..=0x05c7 | 0x0610..=0x061a | 0x064b..=0x065f | 0x0670 | 0x1ab0..=0x1aff | 0x1dc0..=0x1dff
        | 0x20d0..=0x20ff | 0xfe20..=0xfe2f)
        && is_combining_mark(c)
}

/// Appends a character of a script without spaces, with the marks on it, as it is compared.
pub(super) fn fold_unit(unit: &str, out: &mut String) {
    let mut letters = unit.chars();
    match (letters.next(), letters.next()) {
        // Nearly all of Chinese and Japanese: nothing to do.
        (Some(c @ ('\u{4e00}'..='\u{9fff}' | '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}')), None) => out.push(c),
        _ => {
            // A half-width voiced mark is one of its own kind until it stands on a letter.
            let marks = |c| match c {
                '\u{ff9e}' => '\u{3099}',
                '\u{ff9f}' => '\u{309a}',
                other => other,
            };
            out.extend(unit.chars().map(marks).filter(|c| class(*c) != Class::Invisible).nfkc());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str) -> String {
        let mut out = String::new();
        text.chars().for_each(|c| fold_into(c, &mut out));
        out
    }

    fn unit(text: &str) -> String {
        let mut out = String::new();
        fold_unit(text, &mut out);
        out
    }

    #[test]
    fn case_accents_and_width_are_folded() {
        assert_eq!(word("Überstraße"), "uberstrasse");
        assert_eq!(word("ＡＢＣ１２"), "abc12");
        assert_eq!(word("Cafe\u{301}"), "cafe");
        assert_eq!(word("ŁÓDŹØreİZMİRﬁn"), "lodzoreizmirfin");
        assert_eq!(word("Ёлка"), "елка");
    }

    #[test]
    fn a_mark_that_makes_a_letter_stays() {
        assert_eq!(unit("ｶﾞ"), "ガ");
        assert_eq!(unit("か\u{3099}"), "が");
        assert_eq!(unit("\u{1112}\u{1161}\u{11ab}"), "한");
        assert_eq!(unit("ที่"), "ที่");
    }

    #[test]
    fn every_character_has_its_class() {
        for (c, expected) in
            [('a', Class::Word), ('会', Class::Unspaced), ('ー', Class::Unspaced), ('한', Class::Unspaced), ('ก', Class::Unspaced)]
        {
            assert_eq!(class(c), expected, "{c}");
        }
        for (c, expected) in
            [('-', Class::Gap), ('。', Class::Gap), ('・', Class::Gap), ('\u{ad}', Class::Invisible), ('\u{301}', Class::Mark)]
        {
            assert_eq!(class(c), expected, "{c}");
        }
    }
}

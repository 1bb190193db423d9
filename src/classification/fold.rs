//! Folding: text made comparable, so that `Chair-Person`, `ＣＨＡＩＲ　ＰＥＲＳＯＮ` and `chair person` are the same.
//!
//! Used for comparing only; what is folded is never printed.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// `text` without case, accents, punctuation and width: words parted by one space, none between Han characters.
pub(super) fn fold(text: &str) -> String {
    let mut out = Folded::with_capacity(text.len());
    if text.is_ascii() {
        text.bytes().for_each(|byte| out.push(char::from(byte.to_ascii_lowercase())));
    } else {
        text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).for_each(|c| out.push(c));
    }
    out.text
}

/// [`fold`] without any space: for names of fields and types.
pub(super) fn fold_key(text: &str) -> String {
    let mut folded = fold(text);
    folded.retain(|c| c != ' ');
    folded
}

/// Whether a folded phrase stands in a folded text: whole words for alphabets, anywhere for Han and kana.
pub(super) fn has_phrase(folded: &str, phrase: &str) -> bool {
    if phrase.is_empty() || phrase.len() > folded.len() {
        return false;
    }
    memchr::memmem::find_iter(folded.as_bytes(), phrase.as_bytes()).any(|at| {
        let before = folded[..at].chars().next_back();
        let after = folded[at + phrase.len()..].chars().next();
        parted(before, phrase.chars().next()) && parted(phrase.chars().next_back(), after)
    })
}

/// The words of a list that is written `one|two|three`.
pub(super) fn listed(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.split('|')
}

/// Whether a text is one of a list.
pub(super) fn is_listed(list: &'static str, text: &str) -> bool {
    listed(list).any(|word| word == text)
}

/// Whether a word ends between two neighbouring characters.
fn parted(left: Option<char>, right: Option<char>) -> bool {
    match (left, right) {
        (Some(left), Some(right)) => left == ' ' || right == ' ' || is_ideograph(left) || is_ideograph(right),
        _ => true,
    }
}

/// Whether a character belongs to a script that is written without spaces: Han, kana.
pub(super) fn is_ideograph(c: char) -> bool {
    matches!(c as u32, 0x2e80..=0x2fdf | 0x3005..=0x3007 | 0x3040..=0x30ff | 0x31f0..=0x31ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xf900..=0xfaff | 0x20000..=0x3fffd)
}

/// A folded text under construction.
struct Folded {
    text: String,
    last: Option<char>,
    gap: bool,
}

impl Folded {
    fn with_capacity(bytes: usize) -> Self {
        Self { text: String::with_capacity(bytes), last: None, gap: false }
    }

    fn push(&mut self, c: char) {
        if !c.is_alphanumeric() && !is_ideograph(c) {
            self.gap = true;
            return;
        }
        if self.gap && self.last.is_some_and(|last| !(is_ideograph(last) && is_ideograph(c))) {
            self.text.push(' ');
        }
        self.gap = false;
        self.last = Some(c);
        self.text.push(c);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ignores_case_accents_punctuation_and_width() {
        assert_eq!(fold("  Chair-Person’s  Übersicht! "), "chair person s ubersicht");
        assert_eq!(fold("ＡＧＥＮＤＡ　２０２６"), "agenda 2026");
        assert_eq!(fold("通　　知"), "通知");
        assert_eq!(fold("第 3 次会议"), "第 3 次会议");
        assert_eq!(fold_key("Chair_person"), fold_key("chair person"));
    }

    #[test]
    fn finds_whole_words_and_han_anywhere() {
        assert!(has_phrase(&fold("Board minutes, 5 March"), "minutes"));
        assert!(!has_phrase(&fold("Ten minutesworth"), "minutes"));
        assert!(has_phrase(&fold("2026年会议纪要（草案）"), "会议纪要"));
        assert!(has_phrase(&fold("TSC会议minutes"), "minutes"));
        assert!(!has_phrase("anything", ""));
    }
}

//! Names that every file system takes: made safe from any text, and compared as the least exact file system would.
//!
//! Safe means: NFC, no separator, control, bidi or zero-width character, none of the names and characters that Windows
//! reserves, no dot or space at either end, short enough to leave room for what is added to avoid a collision.

use unicode_normalization::UnicodeNormalization as _;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};

/// A part of a path has at most this many bytes before suffixes and extension; file systems allow 255.
pub const MAX_PART_BYTES: usize = 120;

/// A path has at most this many parts.
pub const MAX_PARTS: usize = 12;

/// A value as it may stand inside a part of a path: no separators, no line breaks, nothing invisible.
///
/// Its ends are trimmed of spaces and dots; the result may be empty.
pub fn safe_value(text: &str) -> String {
    let mut out = String::new();
    let mut characters = text.nfc().take(MAX_VALUE_CHARS).peekable();
    while let Some(c) = characters.next() {
        match c {
            ':' | '：' if characters.peek().is_some_and(|next| next.is_whitespace()) => out.push_str(" -"),
            '/' | '\\' | ':' | '|' | '\u{2044}' | '\u{2215}' | '\u{29f8}' | '\u{ff0f}' | '\u{ff3c}' => out.push('-'),
            '"' => out.push('\''),
            '<' | '>' | '?' | '*' => {}
            _ => match c.general_category() {
                GeneralCategory::Control | GeneralCategory::SpaceSeparator => out.push(' '),
                GeneralCategory::LineSeparator | GeneralCategory::ParagraphSeparator => out.push(' '),
                GeneralCategory::Format | GeneralCategory::PrivateUse | GeneralCategory::Surrogate | GeneralCategory::Unassigned => {}
                // Hangul fillers and the braille blank are letters or symbols without ink.
                _ if matches!(c, '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' | '\u{2800}' | '\u{034f}') => {}
                _ => out.push(c),
            },
        }
    }
    // What was taken out may have stood between a letter and its accent.
    tidy(&out.nfc().collect::<String>())
}

/// A part of a path of at most `max_bytes`, cut between characters; empty if nothing of the text can stand in a name.
pub fn safe_part(text: &str, max_bytes: usize) -> String {
    let value = safe_value(text);
    let cut = tidy(cut_at(&value, max_bytes));
    if is_reserved(&cut) { reserve_free(&cut) } else { cut }
}

/// A relative path with `/` whose every part is safe; parts that come out empty are left out, and `fallback` stands for
/// a last part that does. Never absolute, never `..`, never in the folder of the register.
pub fn safe_path(path: &str, fallback: &str) -> String {
    let (folders, last) = path.rsplit_once('/').unwrap_or(("", path));
    let mut parts: Vec<String> = folders.split('/').map(|part| safe_part(part, MAX_PART_BYTES)).filter(|part| !part.is_empty()).collect();
    parts.truncate(MAX_PARTS - 1);
    let last = safe_part(last, MAX_PART_BYTES);
    parts.push(if last.is_empty() { fallback.to_owned() } else { last });
    if fold(&parts[0]) == REGISTER {
        parts[0].push('_');
    }
    parts.join("/")
}

/// As two names are compared: on one file system or another they are the same if this is.
pub fn fold(path: &str) -> String {
    if path.is_ascii() {
        // The same, without the way over other letters.
        return path.to_ascii_lowercase();
    }
    // ẞ has no other upper case, and ß has: so it is lowered first.
    let upper: String = path.nfc().flat_map(char::to_lowercase).flat_map(char::to_uppercase).collect();
    upper.chars().flat_map(char::to_lowercase).nfc().collect()
}

/// Whether a path relative to the archive leads to what is the archive's own and no document's, or out of it: the register, and all
/// that is hidden (locks, writers, what is half made). For paths that come from elsewhere; ours are safe when they are made.
///
/// The first part is compared by [`fold`], without what some file systems overlook: signs without ink, dots and spaces at its
/// end, and what follows a colon.
pub fn is_archives_own(path: &str) -> bool {
    let first: String = path.split('/').next().unwrap_or_default().chars().filter(|c| !is_without_ink(*c)).collect();
    let first = first.split(':').next().unwrap_or_default().trim_end_matches(['.', ' ']);
    let leads_elsewhere = |part: &str| matches!(part, "" | "." | "..") || part.contains(['\\', '\0']);
    first.is_empty() || first.starts_with('.') || fold(first) == REGISTER || path.split('/').any(leads_elsewhere)
}

fn is_without_ink(c: char) -> bool {
    matches!(c.general_category(), GeneralCategory::Control | GeneralCategory::Format)
}

/// The path with `suffix` before its extension: `a/b.pdf` and ` (2)` give `a/b (2).pdf`.
pub fn with_suffix(path: &str, suffix: &str) -> String {
    let name = path.rfind('/').map_or(0, |slash| slash + 1);
    match path[name..].rfind('.') {
        Some(dot) if dot > 0 => format!("{}{suffix}{}", &path[..name + dot], &path[name + dot..]),
        _ => format!("{path}{suffix}"),
    }
}

/// The folder in the archive that only the register uses.
const REGISTER: &str = "register";

/// A title of megabytes is not normalised to its end: nothing after this can reach a name.
const MAX_VALUE_CHARS: usize = 2_000;

/// One space where there were several, none at the ends, no dots at the ends, no dash left over at either end.
fn tidy(text: &str) -> String {
    let words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
    let mut text = words.join(" ");
    loop {
        let before = text.len();
        let trimmed = text.trim_matches([' ', '.']);
        let trimmed = trimmed.strip_suffix(" -").unwrap_or(trimmed);
        let trimmed = trimmed.strip_prefix("- ").unwrap_or(trimmed);
        if trimmed.len() == before {
            return text;
        }
        text = trimmed.to_owned();
    }
}

fn cut_at(text: &str, max_bytes: usize) -> &str {
    let mut end = text.len().min(max_bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Windows knows these as devices, with any extension.
fn is_reserved(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or(part).trim_end().to_ascii_lowercase();
    if matches!(stem.as_str(), "con" | "prn" | "aux" | "nul" | "conin$" | "conout$" | "clock$") {
        return true;
    }
    let digit = stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt"));
    digit.is_some_and(|digit| matches!(digit, "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³"))
}

fn reserve_free(part: &str) -> String {
    match part.find('.') {
        Some(dot) => format!("{}_{}", part[..dot].trim_end(), &part[dot..]),
        None => format!("{part}_"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What no name may have, said a second time and in another way.
    fn assert_safe(part: &str) {
        assert!(part.len() <= 200, "{} bytes: {part}", part.len());
        assert!(!part.starts_with(['.', ' ']) && !part.ends_with(['.', ' ']), "{part:?}");
        for c in part.chars() {
            assert!(!c.is_control() && !"/\\:*?\"<>|".contains(c), "{part:?}");
            assert!(
                !matches!(c as u32, 0xad | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0xfeff | 0xe0000..=0xe007f),
                "{part:?}"
            );
        }
        assert_eq!(part, part.nfc().collect::<String>());
        assert!(!is_reserved(part), "{part:?}");
    }

    #[test]
    fn ordinary_titles_stay_as_they_are() {
        for title in
            ["Executive Committee", "执行委员会会议纪要", "Überprüfung №7 – Q3/2026".replace('/', "-").as_str(), "O'Brien & Co. (draft)"]
        {
            assert_eq!(safe_part(title, MAX_PART_BYTES), title);
        }
    }

    #[test]
    fn dangerous_titles_become_harmless() {
        let cases = [
            ("../../etc/passwd", "-..-etc-passwd"),
            ("a/b\\c", "a-b-c"),
            ("Minutes: March", "Minutes - March"),
            ("10:30", "10-30"),
            ("CON", "CON_"),
            ("nul.txt", "nul_.txt"),
            ("com¹", "com¹_"),
            ("...", ""),
            (".hidden", "hidden"),
            ("a\u{202e}fdp.exe", "afdp.exe"),
            ("zero\u{200b}width\u{feff}", "zerowidth"),
            ("line\nbreak\ttab\0nul", "line break tab nul"),
            ("e\u{200d}\u{301}", "é"),
            ("What?*", "What"),
            ("2026-11-23 -", "2026-11-23"),
            ("\u{3000}full\u{3000}width ", "full width"),
        ];
        for (title, expected) in cases {
            assert_eq!(safe_part(title, MAX_PART_BYTES), expected, "{title:?}");
        }
    }

    #[test]
    fn long_names_are_cut_between_characters() {
        let part = safe_part(&"纪".repeat(200), MAX_PART_BYTES);
        assert_eq!(part, "纪".repeat(40));
        assert_safe(&safe_part(&format!("{} .x", "a".repeat(119)), MAX_PART_BYTES));
    }

    #[test]
    fn paths_stay_inside_and_off_the_register() {
        assert_eq!(safe_path("/2026/../../x", "untitled"), "2026/x");
        assert_eq!(safe_path("2026//minutes/...", "untitled"), "2026/minutes/untitled");
        assert_eq!(safe_path("Register/2026", "untitled"), "Register_/2026");
        assert_eq!(safe_path("", "untitled"), "untitled");
        assert_eq!(safe_path(&"a/".repeat(100), "untitled").matches('/').count(), MAX_PARTS - 1);
    }

    #[test]
    fn names_that_some_file_system_confuses_are_equal() {
        assert_eq!(fold("Strasse/É.pdf"), fold("STRASSE/e\u{301}.PDF"));
        assert_eq!(fold("Straße"), fold("STRASSE"));
        assert_ne!(fold("a.pdf"), fold("b.pdf"));
    }

    #[test]
    fn the_register_and_what_is_hidden_are_the_archives_own_however_they_are_written() {
        let own =
            ["register/2027.jsonl", "REGISTER/x", "regi\u{17f}ter/x", "register", "register. /x", "reg\u{200c}ister/x", "register:s/x"];
        let hidden = [".lock", ".writers/abc", "\u{feff}.lock", ".chancery-import/file", "...", "./register/2026.jsonl"];
        let elsewhere = ["../chancery.toml", "2026/../register/2026.jsonl", "/etc/passwd", "", "2026//x", "register\\x", "2026/\0"];
        for path in own.into_iter().chain(hidden).chain(elsewhere) {
            assert!(is_archives_own(path), "{path:?}");
        }
        for path in ["registers/2026/x.pdf", "Register_/x.pdf", "2026/register/x.pdf", "2026/.x/a.pdf", "登记/x.pdf", "a.register"] {
            assert!(!is_archives_own(path), "{path:?}");
        }
    }

    #[test]
    fn a_suffix_stands_before_the_extension() {
        assert_eq!(with_suffix("2026.1/a.b.pdf", " (2)"), "2026.1/a.b (2).pdf");
        assert_eq!(with_suffix("2026.1/ab", " v2"), "2026.1/ab v2");
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "where the corpus is")]
    fn naughty_strings_become_safe_names() {
        let corpus = std::env::var("CHANCERY_CORPUS").unwrap_or_else(|_| "../shared/corpus".to_owned());
        let Ok(text) = std::fs::read_to_string(format!("{corpus}/formats/naughty-strings/blns.json")) else {
            eprintln!("skipped: no corpus at {corpus}");
            return;
        };
        let strings: Vec<String> = serde_json::from_str(&text).unwrap();
        assert!(strings.len() > 300);
        for string in strings {
            assert_safe(&safe_part(&string, MAX_PART_BYTES));
            for part in safe_path(&string, "untitled").split('/') {
                assert!(!part.is_empty());
                assert_safe(part);
            }
        }
    }

    proptest! {
        #[test]
        fn any_text_becomes_a_safe_name(text in any::<String>()) {
            let part = safe_part(&text, MAX_PART_BYTES);
            assert_safe(&part);
            prop_assert_eq!(safe_part(&part, MAX_PART_BYTES), part.clone());
            prop_assert_eq!(fold(&fold(&text)), fold(&text));
        }
    }
}

//! Strings that programs stumble over: each is set as plain text, as Markdown in which every sign is escaped, as Markdown as it
//! stands, as a cell and as a heading, and what stands on the page must be the string.
//!
//! Beside our own, the Big List of Naughty Strings (Max Woolf, MIT) is read from the corpus, where there is one.

use std::path::PathBuf;

use super::specs::{set, words_of};
use super::*;
use crate::typesetting::Typesetter;

const OWN: &[&str] = &[
    "undefined",
    "NULL",
    "\\",
    "\\\\",
    "-1E+02",
    "1,000.00",
    "0x0",
    "١٢٣",
    "`~!@#$%^&*()_+-=[]{}|;:'\",./<>?",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "--><!--",
    "]]>",
    "<![CDATA[x]]>",
    "<?xml version=\"1.0\"?>",
    "#read(\"/etc/passwd\")",
    "#import \"x.typ\": *",
    "$x$ $$y$$ \\(z\\)",
    "{{ 7*7 }} {% raw %} {# c #}",
    "${HOME} $(touch x) `id`",
    "%s %d %n {0}",
    "../../etc/passwd",
    "C:\\Windows\\CON",
    "file:///etc/passwd",
    "'; DROP TABLE records; --",
    "\u{feff}mark",
    "a\u{200b}b\u{2060}c",
    "\u{202e}turned\u{202c} back",
    "\u{2066}isolated\u{2069}",
    "e\u{301} a\u{30a} n\u{303}",
    "ﬁ ﬂ ŒØß",
    "Ω≈ç√∫˜µ≤≥÷",
    "田中さんにあげて下さい",
    "和製漢語",
    "👨‍👩‍👧 👍🏽 🇩🇪 ❤️",
    "(╯°□°）╯︵ ┻━┻)",
    "שלום עולם",
    "مرحبا بالعالم",
    "Привет, мир",
    "हिन्दी",
    "ภาษาไทย",
    "한국어",
    "T̷h̸i̴s̵",
    "\u{1}\u{8}\u{7f}\u{85}end",
    "\ttab\t",
    "a\u{a0}b\u{2003}c\u{3000}d",
    "x\u{fffd}y",
    "=1+1",
    "@SUM(A1)",
    "+1",
    "-",
    "---",
    "***",
    "___",
    "# no heading",
    "1. no list",
    "> no quote",
    "| a | b |",
    "[a](b) ![c](d)",
    "&amp; &lt; &#65; &nosuch;",
    ":smile: ::: x",
    "[^1]: x",
    "    indented",
    "www.example.org",
    "https://example.org/a_b_c?d=e&f=(g)",
    "a.b@example.org",
    "~~a~~ ~b~ ^c^ H~2~O",
];

/// Every string, those of the corpus too, without the signs that no font here has: a note with such is refused and they are named.
fn strings() -> Vec<String> {
    let mut all: Vec<String> = OWN.iter().map(|text| (*text).to_owned()).collect();
    #[expect(clippy::disallowed_methods, reason = "a test asks for itself where the corpus is")]
    let corpus = std::env::var_os("CHANCERY_CORPUS").map_or_else(|| PathBuf::from("../shared/corpus"), PathBuf::from);
    match std::fs::read(corpus.join("formats/naughty-strings/blns.json")) {
        Ok(bytes) => all.extend(serde_json::from_slice::<Vec<String>>(&bytes).expect("strings")),
        Err(_) => eprintln!("skipped: no corpus at {}; set CHANCERY_CORPUS", corpus.display()),
    }
    let typesetter = Typesetter::new(&[], None, &Default::default()).expect("typesetter");
    let shown = |c: char| if printable(c).is_none_or(|c| c.is_whitespace() || typesetter.has(c)) { c } else { '□' };
    all.iter().map(|text| text.chars().map(shown).collect::<String>()).filter(|text| !words(text).is_empty()).collect()
}

/// What is to stand on the page: without what has no shape there, letters composed.
fn words(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    let printed: String = text.chars().filter_map(printable).filter(|c| !is_unseen(*c)).collect();
    words_of(&printed).nfc().collect()
}

fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{fff9}'..='\u{fffb}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fe0e}' | '\u{fe0f}' | '\u{e0000}'..='\u{e007f}')
}

/// Letters and signs without their order, for lines that do not run from left to right; else as they stand.
fn comparable(text: &str) -> Vec<char> {
    let mut signs: Vec<char> = words(text).chars().filter(|c| !c.is_whitespace()).collect();
    if signs.iter().any(|c| matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}')) {
        signs.sort_unstable();
    }
    signs
}

fn escaped(text: &str) -> String {
    let text = text.trim();
    text.chars().flat_map(|c| c.is_ascii_punctuation().then_some('\\').into_iter().chain([c])).collect()
}

fn markdown(text: &str) -> Markup {
    let mut out = Markup::new(true);
    let manner = Manner { first_line: Some(1), dialect: Dialect { math: false, straight: true }, ..Manner::default() };
    write_markdown(&mut out, &mut Images::new(&[]), &mut Vec::new(), text, manner);
    out
}

/// Holds pages against strings.
fn judge(name: &str, strings: &[String], pages: &[String], before: &str) {
    let wrong: Vec<String> = strings
        .iter()
        .zip(pages)
        .filter(|(text, page)| comparable(page) != comparable(&format!("{before}{text}")))
        .map(|(text, page)| format!("  {text:?}\n  {page:?}"))
        .collect();
    assert!(wrong.is_empty(), "{name}: {} of {}\n{}", wrong.len(), strings.len(), wrong.join("\n"));
}

#[test]
fn plain_text_is_what_was_typed() {
    let strings = strings();
    let pages = set(strings.iter().map(|text| {
        let mut out = Markup::new(true);
        write_plain_text(&mut out, text, 1, None);
        out
    }));
    judge("plain text", &strings, &pages, "");
}

#[test]
fn escaped_markdown_is_what_was_typed_in_a_paragraph_a_cell_and_a_heading() {
    let strings = strings();
    judge("paragraph", &strings, &set(strings.iter().map(|text| markdown(&escaped(text)))), "");
    judge("cell", &strings, &set(strings.iter().map(|text| markdown(&format!("| head |\n|--|\n| {} |\n", escaped(text))))), "head");
    judge("heading", &strings, &set(strings.iter().map(|text| markdown(&format!("## {}\n", escaped(text))))), "");
}

#[test]
fn markdown_as_it_stands_keeps_its_words() {
    let strings = strings();
    let pages = set(strings.iter().map(|text| markdown(text)));
    for (text, page) in strings.iter().zip(&pages) {
        // Tags that HTML knows, programs for browsers, comments and where links lead are not printed; references to characters print these.
        if text.contains(['<', '&']) || text.contains("](") || comparable(text) == comparable(page) {
            continue;
        }
        let mut page = words(page).chars().collect::<Vec<_>>().into_iter();
        let missing: String = words(text).chars().filter(|c| c.is_alphanumeric()).filter(|wanted| !page.any(|c| c == *wanted)).collect();
        assert!(missing.is_empty(), "{text:?} lacks {missing:?}");
    }
}

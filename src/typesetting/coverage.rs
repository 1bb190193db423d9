//! Characters that no font has, found before Typst is asked: all of them at once, with their lines and a remedy.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::fonts::Fonts;
use crate::composition::Manuscript;
use crate::failure::Problem;

/// More lines than this are not listed.
const MAX_PROBLEMS: usize = 20;
/// More characters of one line than this are not named.
const MAX_NAMED: usize = 12;

/// Scripts whose fonts a Debian package has: first and last character, script, package.
const PACKAGES: &[(u32, u32, &str, &str)] = &[
    (0x0530, 0x058f, "Armenian", "fonts-noto-core"),
    (0x0590, 0x05ff, "Hebrew", "fonts-noto-core"),
    (0x0600, 0x077f, "Arabic", "fonts-noto-core"),
    (0x0900, 0x0dff, "Indic", "fonts-noto-core"),
    (0x0e00, 0x0eff, "Thai and Lao", "fonts-noto-core"),
    (0x1100, 0x11ff, "Korean", "fonts-noto-cjk"),
    (0x2e80, 0x9fff, "Chinese, Japanese and Korean", "fonts-noto-cjk"),
    (0xac00, 0xd7ff, "Korean", "fonts-noto-cjk"),
    (0xf900, 0xfaff, "Chinese, Japanese and Korean", "fonts-noto-cjk"),
    (0x1f000, 0x1faff, "emoji", "fonts-noto-color-emoji"),
    (0x20000, 0x3ffff, "rare Chinese", "fonts-noto-cjk"),
];

/// One problem for each line of the note that holds characters without a glyph, in its text or its fields; those of the
/// configuration have one without a line.
pub(super) fn missing_glyphs(fonts: &Fonts, manuscript: &Manuscript) -> Vec<Problem> {
    let mut by_line: BTreeMap<Option<u32>, Vec<char>> = BTreeMap::new();
    let mut in_fields = BTreeSet::new();
    let words = text_of(manuscript, "/words.typ");
    for (offset, c) in words.char_indices().filter(|(_, c)| !fonts.prints(*c)) {
        let first = manuscript.origins.partition_point(|origin| origin.end <= offset);
        if let Some(line) = manuscript.origins.get(first).and_then(|origin| origin.line) {
            name(&mut by_line, Some(line), c);
        } else {
            in_fields.insert(c);
        }
    }
    let data = text_of(manuscript, "/data.json");
    in_fields.extend(manuscript.title.chars().chain(data.chars()).filter(|c| !fonts.prints(*c)));
    for c in in_fields.into_iter().take(MAX_PROBLEMS * MAX_NAMED) {
        by_field(&mut by_line, manuscript, c);
    }
    by_line.iter().take(MAX_PROBLEMS).map(|(line, characters)| problem(*line, characters, manuscript)).collect()
}

fn text_of<'m>(manuscript: &'m Manuscript, path: &str) -> Cow<'m, str> {
    manuscript.files.get(path).map(|bytes| String::from_utf8_lossy(bytes)).unwrap_or_default()
}

/// Notes a character of the fields at each of the note's lines that has it, for a field's own line is not known here.
fn by_field(by_line: &mut BTreeMap<Option<u32>, Vec<char>>, manuscript: &Manuscript, c: char) {
    let is_known = |characters: &Vec<char>| characters.contains(&c) || characters.len() >= MAX_NAMED;
    let mut stands = false;
    for (index, _) in manuscript.text.lines().enumerate().filter(|(_, text)| text.contains(c)).take(MAX_PROBLEMS) {
        stands = true;
        name(by_line, u32::try_from(index + 1).ok(), c);
    }
    if !stands && !by_line.values().any(is_known) {
        name(by_line, None, c);
    }
}

fn name(by_line: &mut BTreeMap<Option<u32>, Vec<char>>, line: Option<u32>, c: char) {
    let characters = by_line.entry(line).or_default();
    if !characters.contains(&c) && characters.len() < MAX_NAMED {
        characters.push(c);
    }
}

fn problem(line: Option<u32>, characters: &[char], manuscript: &Manuscript) -> Problem {
    let named: Vec<String> = characters.iter().map(|c| named(*c)).collect();
    let message = format!("No font on this machine has: {}.", named.join(", "));
    let found = characters.iter().find_map(|c| PACKAGES.iter().find(|(first, last, ..)| (*first..=*last).contains(&(*c as u32))));
    let help = match found {
        Some((_, _, script, package)) => format!(
            "Install a font for {script} text (on Debian and Ubuntu: apt install {package}), or put one into a folder named under [fonts] in chancery.toml, and save the note again."
        ),
        None => "Replace the characters, or put a font that has them into a folder named under [fonts] in chancery.toml, and save the note again.".to_owned(),
    };
    let problem = Problem::new("glyph-missing", message, help).in_file(&manuscript.note);
    match line {
        Some(line) => problem.at(&manuscript.text, line, None),
        None => problem,
    }
}

/// A character and its number; of what cannot be shown, what it is.
fn named(c: char) -> String {
    let code = c as u32;
    match code {
        0xe000..=0xf8ff | 0xf0000..=0x10ffff => format!("a private sign of another program (U+{code:04X})"),
        0xfdd0..=0xfdef => format!("a code that is no character (U+{code:04X})"),
        code if code & 0xfffe == 0xfffe => format!("a code that is no character (U+{code:04X})"),
        _ => format!("{c} (U+{code:04X})"),
    }
}

//! Characters that no font has, found before Typst is asked: all of them at once, with their lines and a remedy.

use std::collections::BTreeMap;

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

/// One problem for each line of the note that holds characters without a glyph, and one for those of its fields.
pub(super) fn missing_glyphs(fonts: &Fonts, manuscript: &Manuscript) -> Vec<Problem> {
    let mut by_line: BTreeMap<Option<u32>, Vec<char>> = BTreeMap::new();
    let words = manuscript.files.get("/words.typ").map(|bytes| String::from_utf8_lossy(bytes)).unwrap_or_default();
    let mut note = |line: Option<u32>, c: char| {
        let characters = by_line.entry(line).or_default();
        if !characters.contains(&c) && characters.len() < MAX_NAMED {
            characters.push(c);
        }
    };
    for (offset, c) in words.char_indices().filter(|(_, c)| !fonts.prints(*c)) {
        let first = manuscript.origins.partition_point(|origin| origin.end <= offset);
        note(manuscript.origins.get(first).and_then(|origin| origin.line), c);
    }
    let data = manuscript.files.get("/data.json").map(|bytes| String::from_utf8_lossy(bytes)).unwrap_or_default();
    for c in manuscript.title.chars().chain(data.chars()).filter(|c| !fonts.prints(*c)) {
        if !by_line_has(&by_line, c) {
            by_line.entry(None).or_default().push(c);
        }
    }
    by_line.iter().take(MAX_PROBLEMS).map(|(line, characters)| problem(*line, characters, manuscript)).collect()
}

fn by_line_has(by_line: &BTreeMap<Option<u32>, Vec<char>>, c: char) -> bool {
    by_line.values().any(|characters| characters.contains(&c) || characters.len() >= MAX_NAMED)
}

fn problem(line: Option<u32>, characters: &[char], manuscript: &Manuscript) -> Problem {
    let named: Vec<String> = characters.iter().map(|c| format!("{c} (U+{:04X})", *c as u32)).collect();
    let message = format!("No font on this machine has: {}.", named.join(", "));
    let found = characters.iter().find_map(|c| PACKAGES.iter().find(|(first, last, ..)| (*first..=*last).contains(&(*c as u32))));
    let help = match found {
        Some((_, _, script, package)) => format!(
            "Install a font for {script} text (on Debian and Ubuntu: apt install {package}), or put one into a folder named under [fonts] in chancery.toml, and save the note again."
        ),
        None => "Replace the characters, or put a font that has them into a folder named under [fonts] in chancery.toml, and save the note again.".to_owned(),
    };
    let problem = Problem::new("glyph-missing", message, help).in_file(&manuscript.note);
    let field_line =
        || manuscript.text.lines().position(|text| characters.iter().any(|c| text.contains(*c))).and_then(|at| u32::try_from(at + 1).ok());
    match line.or_else(field_line) {
        Some(line) => problem.at(&manuscript.text, line, None),
        None => problem,
    }
}

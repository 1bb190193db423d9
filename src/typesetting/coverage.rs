//! Characters that no font has, found in the finished pages: all of them at once, with their lines and a remedy. Typst
//! itself would print an empty box, and stop at the first when the PDF is written.

use std::collections::{BTreeMap, BTreeSet};

use typst::layout::{Frame, FrameItem};
use typst::syntax::Span;
use typst_layout::PagedDocument;

use super::diagnosis;
use super::fonts::Fonts;
use super::world::SealedWorld;
use crate::composition::Manuscript;
use crate::failure::Problem;

/// More lines than this are not listed.
const MAX_PROBLEMS: usize = 20;
/// More characters of one line than this are not named.
const MAX_NAMED: usize = 12;

/// Scripts whose fonts a Debian package has: first and last character, script, package.
const PACKAGES: &[(u32, u32, &str, &str)] = &[
    (0x0530, 0x058f, "Armenian", "fonts-noto-core"),
    (0x0700, 0x074f, "Syriac", "fonts-noto-core"),
    (0x0980, 0x0dff, "Indic", "fonts-noto-core"),
    (0x0e80, 0x0eff, "Lao", "fonts-noto-core"),
    (0x0f00, 0x0fff, "Tibetan", "fonts-noto-core"),
    (0x1000, 0x109f, "Burmese", "fonts-noto-core"),
    (0x10a0, 0x10ff, "Georgian", "fonts-noto-core"),
    (0x1100, 0x11ff, "Korean", "fonts-noto-cjk"),
    (0x1200, 0x139f, "Ethiopic", "fonts-noto-core"),
    (0x1780, 0x17ff, "Khmer", "fonts-noto-core"),
    (0x2e80, 0x9fff, "Chinese, Japanese and Korean", "fonts-noto-cjk"),
    (0xac00, 0xd7ff, "Korean", "fonts-noto-cjk"),
    (0xf900, 0xfaff, "Chinese, Japanese and Korean", "fonts-noto-cjk"),
    (0x1f000, 0x1faff, "emoji", "fonts-noto-color-emoji"),
    (0x20000, 0x3ffff, "rare Chinese", "fonts-noto-cjk"),
];

/// One problem for each line of the note that holds characters without a glyph, in its text or its fields; those of the
/// configuration have one without a line.
pub(super) fn boxes(document: &PagedDocument, world: &SealedWorld<'_>, manuscript: &Manuscript) -> Vec<Problem> {
    let mut by_line: BTreeMap<Option<u32>, Vec<char>> = BTreeMap::new();
    let mut in_fields = BTreeSet::new();
    for page in document.pages() {
        each_box(&page.frame, &mut |span, letter| match diagnosis::line_of(span, world, manuscript) {
            Some(line) => letter.chars().for_each(|c| name(&mut by_line, Some(line), c)),
            None => in_fields.extend(letter.chars()),
        });
    }
    for c in in_fields.into_iter().take(MAX_PROBLEMS * MAX_NAMED) {
        by_field(&mut by_line, manuscript, c);
    }
    by_line.iter().take(MAX_PROBLEMS).map(|(line, characters)| problem(*line, characters, world.fonts(), manuscript)).collect()
}

fn each_box(frame: &Frame, tell: &mut dyn FnMut(Span, &str)) {
    for (_, item) in frame.items() {
        match item {
            FrameItem::Group(group) => each_box(&group.frame, tell),
            FrameItem::Text(text) => text.glyphs.iter().filter(|glyph| glyph.id == 0).for_each(|glyph| {
                let letter = text.text.get(usize::from(glyph.range.start)..usize::from(glyph.range.end));
                tell(glyph.span.0, letter.unwrap_or_default());
            }),
            _ => {}
        }
    }
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

fn problem(line: Option<u32>, characters: &[char], fonts: &Fonts, manuscript: &Manuscript) -> Problem {
    let unknown: Vec<char> = characters.iter().copied().filter(|c| !fonts.have(*c)).collect();
    let list = |characters: &[char]| characters.iter().map(|c| named(*c)).collect::<Vec<_>>().join(", ");
    let message = if unknown.is_empty() {
        format!("No font on this machine has these as one letter, though some have one or the other: {}.", list(characters))
    } else {
        format!("No font on this machine has: {}.", list(&unknown))
    };
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

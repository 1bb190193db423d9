//! Characters that no font has, found in the finished pages: all of them at once, with their lines and a remedy. Typst
//! itself would print an empty box, and stop at the first when the PDF is written.

use std::collections::{BTreeMap, BTreeSet};

use typst::layout::{Frame, FrameItem};
use typst::text::{Glyph, TextItem};
use typst_layout::PagedDocument;

use super::diagnosis;
use super::fonts::Fonts;
use super::packages;
use super::world::SealedWorld;
use crate::composition::Manuscript;
use crate::failure::Problem;

/// More lines than this are not listed.
const MAX_PROBLEMS: usize = 20;
/// More characters of one line than this are not named.
const MAX_NAMED: usize = 12;

/// One problem for each line of the note that holds characters without a glyph, in its text or its fields; those of the
/// configuration have one without a line.
pub(super) fn boxes(document: &PagedDocument, world: &SealedWorld<'_>, manuscript: &Manuscript) -> Vec<Problem> {
    let mut by_line: BTreeMap<Option<u32>, Vec<char>> = BTreeMap::new();
    let mut in_fields = BTreeSet::new();
    for page in document.pages() {
        each_glyph(&page.frame, &mut |_, glyph, letter| {
            if glyph.id != 0 {
                return;
            }
            match diagnosis::line_of(glyph.span.0, world, manuscript) {
                Some(line) => letter.chars().for_each(|c| name(&mut by_line, Some(line), c)),
                None => in_fields.extend(letter.chars()),
            }
        });
    }
    for c in in_fields.into_iter().take(MAX_PROBLEMS * MAX_NAMED) {
        by_field(&mut by_line, manuscript, c);
    }
    by_line.iter().take(MAX_PROBLEMS).map(|(line, characters)| problem(*line, characters, world.fonts(), manuscript)).collect()
}

/// Hands each glyph on with the run that it stands in and its text.
pub(super) fn each_glyph(frame: &Frame, tell: &mut dyn FnMut(&TextItem, &Glyph, &str)) {
    for (_, item) in frame.items() {
        match item {
            FrameItem::Group(group) => each_glyph(&group.frame, tell),
            FrameItem::Text(run) => run.glyphs.iter().for_each(|glyph| {
                let text = run.text.get(usize::from(glyph.range.start)..usize::from(glyph.range.end));
                tell(run, glyph, text.unwrap_or_default());
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
    let found = characters.iter().find_map(|c| packages::of_character(*c));
    let help = match found {
        Some((script, package)) => format!(
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

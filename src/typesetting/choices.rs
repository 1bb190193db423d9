//! The fonts that the office chose: one that is not there and one that has no bold are told, for Typst would take another in
//! silence.

use typst::text::FontFlags;

use super::diagnosis::FONT_MISSING;
use super::fonts::Fonts;
use super::packages;
use crate::composition::Manuscript;
use crate::config::fonts::{FontChoices, NamedFont};
use crate::failure::Warning;
use crate::toml_file::nearest;

/// From this weight on a face is bold.
const BOLD: u16 = 600;

/// The code of a warning that a chosen font has no bold.
pub const WITHOUT_BOLD: &str = "font-without-bold";

/// What is to be told of the chosen fonts.
#[derive(Debug, Default)]
pub(super) struct Choices {
    named: Vec<NamedFont>,
    missing: Vec<(NamedFont, Warning)>,
    without_bold: Vec<Warning>,
}

impl Choices {
    /// Looks at each family that the configuration names.
    pub(super) fn of(choices: &FontChoices, fonts: &Fonts) -> Self {
        let mut found = Self { named: choices.named.clone(), ..Self::default() };
        for font in &choices.named {
            if !fonts.book().contains_family(&font.family.to_lowercase()) {
                found.missing.push((font.clone(), missing(font, fonts)));
            } else if wants_bold(font) && !has_bold(&font.family, fonts) {
                found.without_bold.push(without_bold(font));
            }
        }
        found
    }

    /// Everything that is wrong with them.
    pub(super) fn all(&self) -> impl Iterator<Item = &Warning> {
        self.missing.iter().map(|(_, warning)| warning).chain(&self.without_bold)
    }

    /// What concerns a document: the fonts of scripts that it does not have do not. (That there is no bold concerns all; whoever has many
    /// documents set tells it once, by [`WITHOUT_BOLD`].)
    pub(super) fn concerning(&self, manuscript: &Manuscript) -> Vec<Warning> {
        let mut told: Vec<Warning> = Vec::new();
        if self.missing.is_empty() && self.without_bold.is_empty() {
            return told;
        }
        let words = manuscript.files.get("/words.typ").map(|bytes| String::from_utf8_lossy(bytes)).unwrap_or_default();
        let has =
            |font: &NamedFont| !font.is_of_script || words.chars().chain(manuscript.title.chars()).any(|c| is_of_script(c, &font.key));
        for (_, warning) in self.missing.iter().filter(|(font, _)| has(font)) {
            if !told.contains(warning) {
                told.push(warning.clone());
            }
        }
        told.extend(self.without_bold.iter().cloned());
        told
    }

    /// Whether the configuration names a family, which Typst writes in lower case.
    pub(super) fn name(&self, family: &str) -> bool {
        self.named.iter().any(|font| font.family.to_lowercase() == family)
    }
}

/// Whether a character belongs to one of the scripts that can have fonts of their own.
fn is_of_script(c: char, script: &str) -> bool {
    let code = c as u32;
    match script {
        "greek" => matches!(code, 0x370..=0x3ff | 0x1f00..=0x1fff),
        "cyrillic" => matches!(code, 0x400..=0x52f | 0x1c80..=0x1c8f | 0xa640..=0xa69f),
        "simplified" | "traditional" | "japanese" => matches!(code, 0x2e80..=0x9fff | 0xf900..=0xfaff | 0x20000..=0x3ffff),
        "korean" => matches!(code, 0x1100..=0x11ff | 0x3130..=0x318f | 0xac00..=0xd7ff),
        "arabic" => matches!(code, 0x600..=0x6ff | 0x750..=0x77f | 0x8a0..=0x8ff | 0xfb50..=0xfdff | 0xfe70..=0xfefc),
        "hebrew" => matches!(code, 0x590..=0x5ff | 0xfb1d..=0xfb4f),
        "devanagari" => matches!(code, 0x900..=0x97f | 0xa8e0..=0xa8ff),
        "thai" => matches!(code, 0xe00..=0xe7f),
        "emoji" => matches!(code, 0x1f000..=0x1faff),
        _ => false,
    }
}

/// Pictographs have one weight, and the faces of Chinese official documents are told apart by their shape.
fn wants_bold(font: &NamedFont) -> bool {
    font.key != "emoji" && !font.key.starts_with("official_")
}

/// Whether a family has a bold face, or can be made bold.
fn has_bold(family: &str, fonts: &Fonts) -> bool {
    let mut faces = fonts.book().select_family(&family.to_lowercase()).filter_map(|index| fonts.book().info(index));
    faces.any(|face| face.variant.weight.to_number() >= BOLD || face.flags.contains(FontFlags::VARIABLE))
}

fn place(font: &NamedFont) -> String {
    let section = if font.is_of_script { "[fonts.script]" } else { "[style]" };
    let line = font.line.map(|line| format!(", line {line}")).unwrap_or_default();
    format!("`{}` under {section} (chancery.toml{line})", font.key)
}

fn missing(font: &NamedFont, fonts: &Fonts) -> Warning {
    let families = fonts.families();
    let near = nearest(&font.family, families.iter().map(String::as_str)).map(|near| format!("Did you mean `{near}`? "));
    let help = match packages::of_family(&font.family) {
        Some(package) => format!("On Debian and Ubuntu: apt install {package}"),
        None => "Put its file into a folder named under [fonts]; `chancery fonts` lists what is there".to_owned(),
    };
    let message = format!(
        "{} names the font `{}`, which no font folder has: the next in its place was used. {}{help}",
        place(font),
        font.family,
        near.unwrap_or_default(),
    );
    Warning::new(FONT_MISSING, message)
}

fn without_bold(font: &NamedFont) -> Warning {
    let message =
        format!("{} names the font `{}`, which has no bold: headings and strong text are in its plain face", place(font), font.family);
    Warning::new(WITHOUT_BOLD, message)
}

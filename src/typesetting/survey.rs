//! Which face prints what: read off finished pages, so that it is what really happens. Of a document, or of a few letters of
//! each script in the faces that the house has for it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::{Value, json};
use typst::layout::Frame;
use typst::text::{FontInstance, FontStyle};
use typst_layout::PagedDocument;

use super::coverage::each_glyph;
use super::world::SealedWorld;
use super::{Typesetter, coverage, diagnosis, packages};
use crate::catalog::Files;
use crate::composition::Manuscript;
use crate::failure::{Checked, Problem, Warning};

/// A script, a language that is written in it, and letters of it.
pub const SCRIPTS: [(&str, &str, &str); 13] = [
    ("latin", "en", "Aaß Łőễ 012"),
    ("greek", "el", "Αλφα ώΰ"),
    ("cyrillic", "ru", "Жзёй ѣ"),
    ("simplified", "zh", "会议国经镕"),
    ("traditional", "zh-Hant", "會議國經"),
    ("japanese", "ja", "会議かなカナ録"),
    ("korean", "ko", "회의 뷁"),
    ("arabic", "ar", "محضر بِسْمِ ۲"),
    ("hebrew", "he", "שָׁלוֹם"),
    ("devanagari", "hi", "क्षत्रिय २"),
    ("thai", "th", "ที่ประชุม ๒"),
    ("symbols", "en", "→ ≠ ☐ ☎ ①"),
    ("emoji", "en", "😀👍🏽🇩🇪"),
];

/// A face, and what it printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaceUsed {
    /// Its family.
    pub family: String,
    /// Its weight: 400 is plain, 700 bold.
    pub weight: u16,
    /// Whether it slants.
    pub italic: bool,
    /// Its file; `None` if it is built in.
    pub file: Option<PathBuf>,
    /// The characters that it printed, each once, in order.
    pub characters: String,
}

/// Who prints a script.
#[derive(Clone, Debug)]
pub struct ScriptServed {
    /// The script's name, as under `[fonts.script]`.
    pub script: &'static str,
    /// By kind (`serif`, `sans`) and look (`regular`, `bold`, `italic`).
    pub faces: BTreeMap<(&'static str, &'static str), Vec<FaceUsed>>,
    /// The letters that no font has.
    pub missing: String,
    /// The package that has what is missing or better.
    pub package: Option<&'static str>,
    /// What is to be said of the faces.
    pub warnings: Vec<Warning>,
}

/// Who prints a document.
#[derive(Clone, Debug)]
pub struct DocumentServed {
    /// The faces, by family.
    pub faces: Vec<FaceUsed>,
    /// The characters that no font has, with their lines.
    pub problems: Vec<Problem>,
}

const KINDS: [&str; 2] = ["serif", "sans"];
const LOOKS: [&str; 3] = ["regular", "bold", "italic"];

const MAIN: &str = r#"
#import "/_shared/style.typ": house-style
#let data = json("/data.json")
#let style = house-style(data)
#set document(title: "Fonts")
#set text(lang: style.tongue.lang, region: style.tongue.region)
#for kind in ("serif", "sans") {
  for look in ((weight: "regular"), (weight: "bold"), (style: "italic")) {
    page(width: auto, height: auto, text(font: style.at(kind), ..look, data.sample))
  }
}
"#;

impl Typesetter {
    /// Which faces print a document, and which of its characters none has.
    ///
    /// # Errors
    /// The document cannot be set for another reason.
    pub fn faces_of(&self, manuscript: &Manuscript) -> Checked<DocumentServed> {
        let world = SealedWorld::new(&self.fonts, &self.parsed, manuscript);
        let (document, _) = self.laid_out(&world, manuscript)?;
        let problems = coverage::boxes(&document, &world, manuscript);
        Ok(DocumentServed { faces: self.faces(document.pages().iter().map(|page| &page.frame)), problems })
    }

    /// Which faces print each script: `shared` are the files that all types share, `data` what they read of the configuration.
    ///
    /// # Errors
    /// The shared templates of the office do not work.
    pub fn survey(&self, shared: &Files, data: &Value) -> Checked<Vec<ScriptServed>> {
        SCRIPTS.iter().map(|(script, language, sample)| self.served(script, language, sample, shared, data)).collect()
    }

    /// What is wrong with the fonts that the configuration names.
    pub fn told_of_choices(&self) -> Vec<Warning> {
        let mut told: Vec<Warning> = Vec::new();
        for warning in self.choices.all() {
            if !told.contains(warning) {
                told.push(warning.clone());
            }
        }
        told
    }

    fn served(&self, script: &'static str, language: &str, sample: &str, shared: &Files, data: &Value) -> Checked<ScriptServed> {
        let mut data = data.clone();
        data["lang"] = json!(language);
        data["sample"] = json!(sample);
        let manuscript = sample_manuscript(language, shared, &data);
        let world = SealedWorld::new(&self.fonts, &self.parsed, &manuscript);
        let (document, found) = self.laid_out(&world, &manuscript)?;
        let mut faces = BTreeMap::new();
        let places = KINDS.into_iter().flat_map(|kind| LOOKS.map(|look| (kind, look)));
        for (place, page) in places.zip(document.pages()) {
            faces.insert(place, self.faces(std::iter::once(&page.frame)));
        }
        let missing: BTreeSet<char> = without_glyph(&document).into_iter().collect();
        let missing: String = missing.into_iter().collect();
        let warnings: Vec<Warning> = found.into_iter().filter(|warning| warning.code == diagnosis::FONT_MISSING).collect();
        let package = match missing.chars().find_map(packages::of_character) {
            Some((_, package)) => Some(package),
            None => (!warnings.is_empty()).then_some("fonts-noto-cjk"),
        };
        Ok(ScriptServed { script, faces, missing, package, warnings })
    }

    /// The faces of these frames, in the order in which they first print something.
    fn faces<'f>(&self, frames: impl Iterator<Item = &'f Frame>) -> Vec<FaceUsed> {
        let mut faces: Vec<(FontInstance, BTreeSet<char>)> = Vec::new();
        for frame in frames {
            each_glyph(frame, &mut |run, glyph, text| {
                if glyph.id == 0 || text.trim().is_empty() {
                    return;
                }
                match faces.iter_mut().find(|(known, _)| *known == run.font) {
                    Some((_, characters)) => characters.extend(text.chars()),
                    None => faces.push((run.font.clone(), text.chars().collect())),
                }
            });
        }
        faces.into_iter().map(|(font, characters)| self.face_used(&font, characters)).collect()
    }

    fn face_used(&self, font: &FontInstance, characters: BTreeSet<char>) -> FaceUsed {
        let info = font.font().info();
        FaceUsed {
            family: info.family.clone(),
            weight: info.variant.weight.to_number(),
            italic: info.variant.style != FontStyle::Normal,
            file: self.fonts.file_of(font.font()),
            characters: characters.into_iter().filter(|c| !c.is_whitespace()).collect(),
        }
    }
}

fn sample_manuscript(language: &str, shared: &Files, data: &Value) -> Manuscript {
    let mut files: Files = shared.iter().map(|(path, bytes)| (format!("/_shared/{path}"), bytes.clone())).collect();
    files.insert("/main.typ".to_owned(), MAIN.as_bytes().into());
    files.insert("/data.json".to_owned(), data.to_string().into_bytes().into());
    Manuscript {
        role: "document".to_owned(),
        title: "Fonts".to_owned(),
        author: None,
        language: language.to_owned(),
        tagged: true,
        today: chrono::NaiveDate::default(),
        created: chrono::DateTime::UNIX_EPOCH.fixed_offset(),
        identity: "fonts".to_owned(),
        shown: files.keys().map(|path| (path.clone(), format!("templates{path}"))).collect(),
        files,
        origins: Vec::new(),
        note: String::new(),
        text: String::new(),
        warnings: Vec::new(),
    }
}

fn without_glyph(document: &PagedDocument) -> Vec<char> {
    let mut found = Vec::new();
    for page in document.pages() {
        each_glyph(&page.frame, &mut |_, glyph, text| {
            if glyph.id == 0 {
                found.extend(text.chars());
            }
        });
    }
    found
}

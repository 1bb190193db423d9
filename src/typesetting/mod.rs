//! Typesetting: the only user of Typst. A sealed world, the date passed in, PDF bytes out.
//!
//! Nothing but the manuscript's own files and the fonts can be read; there is no network code in the program. The same
//! manuscript with the same fonts gives the same bytes.

mod choices;
mod clusters;
mod coverage;
mod diagnosis;
mod drawing;
mod font_file;
mod fonts;
mod joining;
mod packages;
#[cfg(test)]
mod page_text;
mod picture_bytes;
mod pictures;
mod rehearsal;
mod stream_ends;
mod survey;
mod world;

use std::path::{Path, PathBuf};

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};
use typst::comemo;
use typst::diag::{SourceDiagnostic, Warned};
use typst::foundations::{Datetime, Smart};
use typst::text::{Lang, Locale, Region};
use typst_layout::{Page, PagedDocument};
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use crate::composition::Manuscript;
use crate::config::Limits;
use crate::config::fonts::FontChoices;
use crate::failure::{Checked, Problem, Problems, Warning};

use self::choices::Choices;
pub use self::choices::WITHOUT_BOLD;
pub use self::fonts::Fonts;
pub use self::joining::{Bundle, Caption, Imprint, LaidIn, Unprintable};
pub use self::survey::{DocumentServed, FaceUsed, ScriptServed};
use self::world::{Parsed, SealedWorld};

/// How many compilations a memoised result outlives without being used. Layouts keep their style chain constant, so one
/// is enough to keep what the next document shares, and memory stays flat.
const MEMO_AGE: usize = 1;

/// A finished PDF.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rendition {
    /// Which of the record's files this is ([`crate::composition::Manuscript::role`]).
    pub role: String,
    /// The PDF.
    #[serde(with = "serde_bytes")]
    pub pdf: Vec<u8>,
    /// How many pages it has.
    pub pages: u32,
    /// What the user should know.
    pub warnings: Vec<Warning>,
}

/// The pages of a file, drawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pictures {
    /// Which of the record's files this is.
    pub role: String,
    /// Each page as a PNG.
    pub pages: Vec<serde_bytes::ByteBuf>,
}

/// Makes what every typesetter needs and no setting changes, before the first is asked for. `shared` are the files that the built-in layouts
/// have in common, by path: they are evaluated once, which the first document finds done.
pub fn warm(shared: Vec<(String, &'static str)>) {
    fonts::warm();
    rehearsal::run(shared);
}

/// Sets manuscripts. Shared by threads; fonts are loaded once.
#[derive(Debug)]
pub struct Typesetter {
    fonts: Fonts,
    choices: Choices,
    parsed: Parsed,
    tagged: PdfStandards,
    untagged: PdfStandards,
}

impl Typesetter {
    /// Makes a typesetter with the built-in fonts and those of `folders`; `cache` is the folder in which the properties of
    /// the latter are remembered between runs. `chosen` are the fonts that the configuration names.
    ///
    /// # Errors
    /// Typst refuses the PDF standards: a fault of the program.
    pub fn new(folders: &[PathBuf], cache: Option<&Path>, chosen: &FontChoices) -> Checked<Self> {
        let (tagged, untagged) = (standards(&[PdfStandard::A_3a, PdfStandard::Ua_1])?, standards(&[PdfStandard::A_3u])?);
        let fonts = Fonts::load(folders, cache);
        Ok(Self { choices: Choices::of(chosen, &fonts), fonts, parsed: Parsed::default(), tagged, untagged })
    }

    /// The fonts in use.
    pub fn fonts(&self) -> &Fonts {
        &self.fonts
    }

    /// Sets a manuscript as PDF/A-3a (ISO 19005-3) and PDF/UA-1 (ISO 14289-1), or as PDF/A-3u if it is not to be tagged.
    ///
    /// # Errors
    /// Characters that no font has, an image that cannot be read, a layout that fails: each at the note's or the
    /// template's own line. More pages or bytes than `limits` allow.
    pub fn typeset(&self, manuscript: &Manuscript, limits: &Limits) -> Checked<Rendition> {
        let made = self.make(manuscript, limits);
        comemo::evict(MEMO_AGE);
        made
    }

    fn make(&self, manuscript: &Manuscript, limits: &Limits) -> Checked<Rendition> {
        let world = SealedWorld::new(&self.fonts, &self.parsed, manuscript);
        let (document, warnings) = self.checked_pages(&world, manuscript, limits)?;
        let pages = page_count(document.pages());
        let options = self.options(&manuscript.identity, manuscript.created, manuscript.tagged);
        let pdf = typst_pdf::pdf(&document, &options).map_err(|errors| blame(&errors, &world, manuscript))?;
        let pdf = stream_ends::unmistakable(pdf);
        Problems::none_or(limits.over_size(pdf.len()).into_iter().collect(), ())?;
        Ok(Rendition { role: manuscript.role.clone(), pdf, pages, warnings })
    }

    /// Lays out what can go into a PDF, with all that is to be said of it.
    fn checked_pages(&self, world: &SealedWorld<'_>, manuscript: &Manuscript, limits: &Limits) -> Checked<(PagedDocument, Vec<Warning>)> {
        Problems::none_or(pictures::unreadable(&self.fonts, manuscript), ())?;
        let (document, mut warnings) = self.lay_out(world, manuscript)?;
        Problems::none_or(limits.over_pages(page_count(document.pages())).into_iter().collect(), ())?;
        warnings.splice(0..0, manuscript.warnings.iter().cloned().chain(pictures::notices(manuscript)));
        Ok((document, warnings))
    }

    /// The pages as pictures, `ppi` pixels to the inch.
    ///
    /// # Errors
    /// As [`Typesetter::typeset`].
    pub fn png(&self, manuscript: &Manuscript, ppi: f32) -> Checked<Vec<Vec<u8>>> {
        let world = SealedWorld::new(&self.fonts, &self.parsed, manuscript);
        let laid_out = self.lay_out(&world, manuscript);
        comemo::evict(MEMO_AGE);
        let (document, _) = laid_out?;
        document.pages().iter().enumerate().map(|(index, page)| drawing::png(page, index, ppi)).collect()
    }

    /// Lays a manuscript out; an empty box is a problem.
    fn lay_out(&self, world: &SealedWorld<'_>, manuscript: &Manuscript) -> Checked<(PagedDocument, Vec<Warning>)> {
        let (document, mut warnings) = self.laid_out(world, manuscript)?;
        Problems::none_or(coverage::boxes(&document, world, manuscript), ())?;
        warnings.splice(0..0, self.choices.concerning(manuscript));
        Ok((document, warnings))
    }

    /// Lays a manuscript out and fills in what its set rules must not mention (a value there would enter the style chain,
    /// and no paragraph would be found again).
    fn laid_out(&self, world: &SealedWorld<'_>, manuscript: &Manuscript) -> Checked<(PagedDocument, Vec<Warning>)> {
        let Warned { output, warnings } = typst::compile::<PagedDocument>(world);
        let mut document = clusters::whole(output.map_err(|errors| blame(&errors, world, manuscript))?);
        let info = document.info_mut();
        info.title = Some(manuscript.title.as_str().into());
        info.author = manuscript.author.iter().map(|author| author.as_str().into()).collect();
        if let Some(locale) = locale(&manuscript.language) {
            info.locale = Smart::Custom(locale);
        }
        let mut told: Vec<Warning> = Vec::new();
        for warning in warnings.iter().filter_map(|warning| diagnosis::warning(warning, &self.choices, world, manuscript)) {
            if !told.contains(&warning) {
                told.push(warning);
            }
        }
        Ok((document, told))
    }

    fn options(&self, identity: &str, created: DateTime<FixedOffset>, tagged: bool) -> PdfOptions {
        PdfOptions {
            ident: Smart::Custom(identity.to_owned()),
            creator: Smart::Custom(Some(concat!("chancery ", env!("CARGO_PKG_VERSION")).to_owned())),
            timestamp: timestamp(created),
            standards: if tagged { self.tagged.clone() } else { self.untagged.clone() },
            tagged,
            ..PdfOptions::default()
        }
    }
}

fn blame(errors: &[SourceDiagnostic], world: &SealedWorld<'_>, manuscript: &Manuscript) -> Problems {
    let problems = errors.iter().map(|error| diagnosis::problem(error, world, manuscript)).collect();
    Problems::of(problems).unwrap_or_else(|| Problem::new("internal", "Typst failed without a reason.", "Please report this.").into())
}

fn page_count(pages: &[Page]) -> u32 {
    u32::try_from(pages.len()).unwrap_or(u32::MAX)
}

fn standards(wanted: &[PdfStandard]) -> Checked<PdfStandards> {
    let refused = |message: &str| Problem::new("internal", format!("The PDF standards were refused: {message}"), "Please report this.");
    Ok(PdfStandards::new(wanted).map_err(|error| refused(error.message()))?)
}

/// The language and, if it is named, the region of a BCP 47 tag.
fn locale(language: &str) -> Option<Locale> {
    let mut parts = language.split(['-', '_']);
    let lang = parts.next()?.parse::<Lang>().ok()?;
    Some(Locale { lang, region: parts.find(|part| part.len() == 2).and_then(|part| part.parse::<Region>().ok()) })
}

/// When the document was made, in the office's own offset.
fn timestamp(at: DateTime<FixedOffset>) -> Option<Timestamp> {
    use chrono::{Datelike, Timelike};
    // Months, days, hours, minutes and seconds all fit into a byte.
    let (month, day) = (at.month() as u8, at.day() as u8);
    let moment = Datetime::from_ymd_hms(at.year(), month, day, at.hour() as u8, at.minute() as u8, at.second() as u8)?;
    Timestamp::new_local(moment, at.offset().local_minus_utc() / 60)
}

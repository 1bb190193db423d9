//! What can go wrong with a document, done in this process: reading it, composing it, setting it. In a worker this is all there
//! is; a program without workers does it itself.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Instant;

use super::{Made, Order};
use crate::composition::{self, Manuscript, Means, Words};
use crate::config::fonts::FontChoices;
use crate::failure::{Checked, Problems, guarded};
use crate::typesetting::{Bundle, Caption, Imprint, LaidIn, Pictures, Rendition, Typesetter, Unprintable};

/// Typesetter and parsed templates, made when they are first needed.
#[derive(Debug, Default)]
pub(super) struct Workbench {
    font_folders: Vec<PathBuf>,
    cache: Option<PathBuf>,
    fonts: FontChoices,
    typesetter: OnceLock<Typesetter>,
    words: Words,
}

impl Workbench {
    pub(super) fn new(font_folders: Vec<PathBuf>, cache: Option<PathBuf>, fonts: FontChoices) -> Self {
        Self { font_folders, cache, fonts, ..Self::default() }
    }

    /// What sets pages; its fonts are loaded with the first call.
    ///
    /// # Errors
    /// As [`Typesetter::new`].
    pub(super) fn typesetter(&self) -> Checked<&Typesetter> {
        if let Some(typesetter) = self.typesetter.get() {
            return Ok(typesetter);
        }
        let made = Typesetter::new(&self.font_folders, self.cache.as_deref(), &self.fonts)?;
        Ok(self.typesetter.get_or_init(|| made))
    }

    /// Composes the files of a record.
    ///
    /// # Errors
    /// A template that does not render.
    pub(super) fn compose(&self, order: &Order<'_>) -> Checked<Vec<Manuscript>> {
        let means = Means { words: &self.words, fonts_sha256: self.typesetter()?.fonts().sha256() };
        composition::compose(means, &order.commission)
    }

    /// Composes and sets the files of a record, and draws their pages if that is wished for. A mistake of the program in that is
    /// this document's problem.
    ///
    /// # Errors
    /// As composition and typesetting; a file with too many pages or bytes.
    pub(super) fn make(&self, order: &Order<'_>) -> Checked<Made> {
        let name = &order.commission.submission.name;
        guarded(|| self.made(order)).map_err(|problems| problems.in_file(name))
    }

    fn made(&self, order: &Order<'_>) -> Checked<Made> {
        let started = Instant::now();
        let manuscripts = self.compose(order)?;
        let composition_ms = started.elapsed().as_secs_f64() * 1_000.0;
        let started = Instant::now();
        let typesetter = self.typesetter()?;
        let set = |manuscript: &Manuscript| typesetter.typeset(manuscript, &order.limits);
        let renditions = manuscripts.iter().map(set).collect::<Checked<Vec<_>>>()?;
        let typesetting_ms = started.elapsed().as_secs_f64() * 1_000.0;
        let pictures = match order.ppi {
            Some(ppi) => manuscripts.iter().map(|manuscript| draw(typesetter, manuscript, ppi)).collect::<Checked<Vec<_>>>()?,
            None => Vec::new(),
        };
        Ok(Made { renditions, pictures, composition_ms, typesetting_ms })
    }

    /// Composes a record and lays its files into a bundle: all of them or none.
    ///
    /// # Errors
    /// As [`Workbench::make`], but for what only a PDF shows.
    pub(super) fn lay(&self, order: &Order<'_>, caption: &Caption, bundle: &mut Bundle) -> Checked<Vec<LaidIn>> {
        let before = bundle.len();
        let laid = guarded(|| {
            let typesetter = self.typesetter()?;
            let lay = |(at, manuscript): (usize, &Manuscript)| {
                // It is the first file's; another is told from it by its role.
                let by_role =
                    |text: &str| if at == 0 || text.trim().is_empty() { text.to_owned() } else { format!("{text} ({})", manuscript.role) };
                let caption = Caption { bookmark: by_role(&caption.bookmark), label: by_role(&caption.label) };
                typesetter.lay_into(bundle, manuscript, &caption, &order.limits)
            };
            self.compose(order)?.iter().enumerate().map(lay).collect()
        });
        laid.map_err(|problems: Problems| {
            bundle.truncate(before);
            problems.in_file(&order.commission.submission.name)
        })
    }

    /// One PDF of a bundle.
    ///
    /// # Errors
    /// As [`Typesetter::export`].
    pub(super) fn export(&self, bundle: Bundle, imprint: &Imprint) -> Result<Rendition, Unprintable> {
        guarded(|| Ok(self.typesetter()?.export(bundle, imprint)))?
    }
}

fn draw(typesetter: &Typesetter, manuscript: &Manuscript, ppi: u16) -> Checked<Pictures> {
    let pages = typesetter.png(manuscript, f32::from(ppi))?;
    Ok(Pictures { role: manuscript.role.clone(), pages: pages.into_iter().map(Into::into).collect() })
}

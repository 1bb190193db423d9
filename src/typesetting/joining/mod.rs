//! Documents laid out one by one, joined and exported as one PDF for the printer: a bookmark for each, the pages of each
//! counted for themselves.
//!
//! What one document says of itself ("page 1 of 2", its footnotes, its contents) was settled when it was laid out, and
//! [`apart`] keeps it from meeting that of another. What the documents carry along (attachments) is left out: it is filed
//! with each of them, and a printer has no use for it.

mod apart;

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};
use typst::comemo;
use typst::diag::SourceDiagnostic;
use typst::foundations::Smart;
use typst::layout::Frame;
use typst::model::DocumentInfo;
use typst_layout::{Page, PagedDocument};

use super::world::SealedWorld;
use super::{MEMO_AGE, Rendition, Typesetter, diagnosis, locale, page_count, stream_ends};
use crate::composition::Manuscript;
use crate::config::Limits;
use crate::failure::{Checked, Problem, Problems, Warning};

use self::apart::Apart;

/// Laid-out documents, in the order in which they will stand in the PDF.
#[derive(Debug, Default)]
pub struct Bundle {
    pages: Vec<Page>,
    documents: Vec<Place>,
    fresh_sheets: bool,
}

/// Where a document stands in its bundle.
#[derive(Debug)]
struct Place {
    bookmark: String,
    first_page: usize,
}

/// A document that was put into a bundle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LaidIn {
    /// Which of the record's files it is ([`Rendition::role`]).
    pub role: String,
    /// How many pages it takes, an empty one behind it too.
    pub pages: u32,
    /// What the user should know.
    pub warnings: Vec<Warning>,
}

/// What a joined PDF says of itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Imprint {
    /// Its title.
    pub title: String,
    /// The BCP 47 tag of the language of its title and bookmarks, and of most documents in it.
    pub language: String,
    /// What its identifier is made from.
    pub identity: String,
    /// When it was made.
    pub created: DateTime<FixedOffset>,
}

impl Bundle {
    /// Without any document.
    pub fn new() -> Self {
        Self::default()
    }

    /// For printing on both sides: after a document with an odd number of pages follows an empty one, so that each document
    /// begins on a sheet of its own.
    pub fn on_fresh_sheets() -> Self {
        Self { fresh_sheets: true, ..Self::default() }
    }

    /// How many documents it has.
    pub fn len(&self) -> usize {
        self.documents.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.documents.is_empty()
    }

    /// How many pages it has, empty ones too.
    pub fn pages(&self) -> usize {
        self.pages.len()
    }

    /// Takes out all but the first so many documents.
    pub fn truncate(&mut self, documents: usize) {
        if let Some(first) = self.documents.get(documents) {
            self.pages.truncate(first.first_page);
            self.documents.truncate(documents);
        }
    }

    fn add(&mut self, document: &PagedDocument, bookmark: &str) {
        let place = Place { bookmark: bookmark.to_owned(), first_page: self.pages.len() };
        self.pages.extend(Apart::new(self.documents.len(), place.first_page, document).pages(document, bookmark));
        self.documents.push(place);
        if self.fresh_sheets && !self.pages.len().is_multiple_of(2) {
            self.pages.extend(self.pages.last().map(empty_page));
        }
    }

    /// The pages of each document, with its bookmark.
    fn documents(&self) -> impl Iterator<Item = (&str, &[Page])> {
        let ends = self.documents.iter().skip(1).map(|next| next.first_page).chain([self.pages.len()]);
        let ranges = self.documents.iter().zip(ends);
        ranges.filter_map(|(place, end)| Some((place.bookmark.as_str(), self.pages.get(place.first_page..end)?)))
    }
}

impl Typesetter {
    /// Lays a manuscript out and puts it into a bundle, under a bookmark; a blank one is the document's title. The bundle
    /// stays as it was if that fails.
    ///
    /// # Errors
    /// As [`Typesetter::typeset`], but for what only the PDF shows.
    pub fn lay_into(&self, bundle: &mut Bundle, manuscript: &Manuscript, bookmark: &str, limits: &Limits) -> Checked<LaidIn> {
        let world = SealedWorld::new(&self.fonts, &self.parsed, manuscript);
        let laid_out = self.checked_pages(&world, manuscript, limits);
        comemo::evict(MEMO_AGE);
        let (document, warnings) = laid_out?;
        let bookmark = if bookmark.trim().is_empty() { &manuscript.title } else { bookmark };
        let before = bundle.pages.len();
        bundle.add(&document, bookmark);
        Ok(LaidIn { role: manuscript.role.clone(), pages: page_count(&bundle.pages[before..]), warnings })
    }

    /// One PDF of all documents of a bundle, PDF/A-3a (ISO 19005-3) and PDF/UA-1 (ISO 14289-1) as each alone would be.
    ///
    /// # Errors
    /// The bundle is empty, or a document in it cannot be a PDF of that kind; it is named by its bookmark.
    pub fn export(&self, bundle: Bundle, imprint: &Imprint) -> Checked<Rendition> {
        if bundle.is_empty() {
            return Err(Problem::new("nothing-to-join", "There is no document to be printed.", "Put at least one in.").into());
        }
        let exported = self.pdf(bundle.pages.iter().cloned(), imprint);
        comemo::evict(MEMO_AGE);
        let pdf = exported.map_err(|errors| self.blame_document(&bundle, imprint, &errors))?;
        Ok(Rendition {
            role: "print".to_owned(),
            pdf: stream_ends::unmistakable(pdf),
            pages: page_count(&bundle.pages),
            warnings: Vec::new(),
        })
    }

    fn pdf(&self, pages: impl Iterator<Item = Page>, imprint: &Imprint) -> Result<Vec<u8>, Vec<SourceDiagnostic>> {
        let info = DocumentInfo {
            title: Some(imprint.title.as_str().into()),
            locale: locale(&imprint.language).map_or(Smart::Auto, Smart::Custom),
            ..DocumentInfo::default()
        };
        let document = PagedDocument::new(pages.collect(), info);
        let options = self.options(&imprint.identity, imprint.created, true);
        typst_pdf::pdf(&document, &options).map_err(|errors| errors.into_iter().collect())
    }

    /// What is wrong with which document: each is exported alone. Spans say nothing here, for the files of all documents
    /// have the same names.
    fn blame_document(&self, bundle: &Bundle, imprint: &Imprint, errors: &[SourceDiagnostic]) -> Problems {
        let mut problems = Vec::new();
        for (bookmark, pages) in bundle.documents() {
            if let Err(errors) = self.pdf(pages.iter().cloned(), imprint) {
                problems.extend(errors.iter().map(|error| unprintable(bookmark, error)));
            }
        }
        comemo::evict(MEMO_AGE);
        let problems = if problems.is_empty() { errors.iter().map(|error| unprintable(&imprint.title, error)).collect() } else { problems };
        Problems::of(problems).unwrap_or_else(|| Problem::new("internal", "Typst failed without a reason.", "Please report this.").into())
    }
}

fn unprintable(bookmark: &str, error: &SourceDiagnostic) -> Problem {
    let message = format!("`{bookmark}` cannot be part of the PDF: {}.", diagnosis::with_hints(error));
    Problem::new("page", message, "Render this document alone: that says which line it is.")
}

/// The back of a sheet whose front a document ends on.
fn empty_page(front: &Page) -> Page {
    Page { frame: Frame::hard(front.frame.size()), fill: Smart::Custom(None), number: front.number.saturating_add(1), ..front.clone() }
}

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
    /// Whether it is to be tagged; one that is not may have what cannot be.
    tagged: bool,
}

/// What a document is called in a joined PDF.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caption {
    /// Its bookmark; a blank one is the document's title.
    pub bookmark: String,
    /// What its pages are called before their own number: `17` of 17-1, 17-2. No two documents have the same.
    pub label: String,
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

/// Why a bundle is no PDF.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Unprintable {
    /// These documents of it, counted from 0, are faulty; without them it would be one.
    Documents(Vec<(usize, Problems)>),
    /// What is wrong is in none of them alone.
    Whole(Problems),
}

impl Unprintable {
    /// All that is wrong.
    pub fn into_problems(self) -> Problems {
        match self {
            Self::Whole(problems) => problems,
            Self::Documents(faulty) => {
                let all = faulty.into_iter().flat_map(|(_, problems)| problems.into_vec()).collect();
                Problems::of(all).unwrap_or_else(|| Problem::internal(&"a PDF was refused for no reason").into())
            }
        }
    }
}

impl From<Problems> for Unprintable {
    fn from(problems: Problems) -> Self {
        Self::Whole(problems)
    }
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

    /// Whether all of them are to be tagged.
    fn is_tagged(&self) -> bool {
        self.documents.iter().all(|place| place.tagged)
    }

    /// Takes out all but the first so many documents.
    pub fn truncate(&mut self, documents: usize) {
        if let Some(first) = self.documents.get(documents) {
            self.pages.truncate(first.first_page);
            self.documents.truncate(documents);
        }
    }

    fn add(&mut self, document: &PagedDocument, (bookmark, label): (&str, &str), tagged: bool) {
        let place = Place { bookmark: bookmark.to_owned(), first_page: self.pages.len(), tagged };
        self.pages.extend(Apart::new(self.documents.len(), place.first_page, document).pages(document, bookmark, label));
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
    /// Lays a manuscript out and puts it into a bundle. The bundle stays as it was if that fails.
    ///
    /// # Errors
    /// As [`Typesetter::typeset`], but for what only the PDF shows.
    pub fn lay_into(&self, bundle: &mut Bundle, manuscript: &Manuscript, caption: &Caption, limits: &Limits) -> Checked<LaidIn> {
        let world = SealedWorld::new(&self.fonts, &self.parsed, manuscript);
        let laid_out = self.checked_pages(&world, manuscript, limits);
        comemo::evict(MEMO_AGE);
        let (document, warnings) = laid_out?;
        let bookmark = if caption.bookmark.trim().is_empty() { &manuscript.title } else { &caption.bookmark };
        let before = bundle.pages.len();
        bundle.add(&document, (bookmark, &caption.label), manuscript.tagged);
        Ok(LaidIn { role: manuscript.role.clone(), pages: page_count(&bundle.pages[before..]), warnings })
    }

    /// One PDF of all documents of a bundle: PDF/A-3a (ISO 19005-3) and PDF/UA-1 (ISO 14289-1) as each alone would be, or PDF/A-3u if
    /// one of them is of a type that is not tagged.
    ///
    /// # Errors
    /// The bundle is empty, or a document in it cannot be a PDF of that kind; it is named by its bookmark.
    pub fn export(&self, bundle: Bundle, imprint: &Imprint) -> Result<Rendition, Unprintable> {
        if bundle.is_empty() {
            let problem = Problem::new("nothing-to-join", "There is no document to be printed.", "Put at least one in.");
            return Err(Problems::from(problem).into());
        }
        let exported = self.pdf(bundle.pages.iter().cloned(), imprint, bundle.is_tagged());
        comemo::evict(MEMO_AGE);
        let pdf = exported.map_err(|errors| self.blame_documents(&bundle, imprint, &errors))?;
        Ok(Rendition {
            role: "print".to_owned(),
            pdf: stream_ends::unmistakable(pdf),
            pages: page_count(&bundle.pages),
            warnings: Vec::new(),
        })
    }

    fn pdf(&self, pages: impl Iterator<Item = Page>, imprint: &Imprint, tagged: bool) -> Result<Vec<u8>, Vec<SourceDiagnostic>> {
        let info = DocumentInfo {
            title: Some(imprint.title.as_str().into()),
            locale: locale(&imprint.language).map_or(Smart::Auto, Smart::Custom),
            ..DocumentInfo::default()
        };
        let document = PagedDocument::new(pages.collect(), info);
        let options = self.options(&imprint.identity, imprint.created, tagged);
        typst_pdf::pdf(&document, &options).map_err(|errors| errors.into_iter().collect())
    }

    /// What is wrong with which document: each is exported alone. Spans say nothing here, for the files of all documents
    /// have the same names.
    fn blame_documents(&self, bundle: &Bundle, imprint: &Imprint, errors: &[SourceDiagnostic]) -> Unprintable {
        let mut faulty = Vec::new();
        for (index, (bookmark, pages)) in bundle.documents().enumerate() {
            if let Err(errors) = self.pdf(pages.iter().cloned(), imprint, bundle.is_tagged()) {
                let problems = Problems::of(errors.iter().map(|error| unprintable(bookmark, error)).collect());
                faulty.extend(problems.map(|problems| (index, problems)));
            }
        }
        comemo::evict(MEMO_AGE);
        if faulty.is_empty() {
            let problems = Problems::of(errors.iter().map(|error| unprintable(&imprint.title, error)).collect());
            return problems.unwrap_or_else(|| Problem::internal(&"Typst failed without a reason").into()).into();
        }
        Unprintable::Documents(faulty)
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

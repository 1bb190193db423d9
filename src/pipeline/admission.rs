//! What a part asks of admission, and what its ticket then makes of its files.

use super::Wishes;
use super::parts::{PartInHand, Parts};
use crate::composition;
use crate::config::Attach;
use crate::failure::Checked;
use crate::filing::{self, FinishedFile, Naming};
use crate::office::Office;
use crate::reading::OwnedFile;
use crate::register::{Place, Request, Said, Series, SourceFile, Ticket};
use crate::typesetting::Rendition;

/// What admission must know of a part.
pub(super) fn request(
    made: &PartInHand,
    parts: &Parts<'_>,
    office: &Office,
    wishes: &Wishes,
    inbox_files: &[SourceFile],
) -> Checked<Request> {
    let PartInHand { submission, classification, document_type, .. } = made;
    let manifest = &document_type.manifest;
    let committee = ["committee", "board"].iter().find_map(|key| submission.fields.text(key));
    let source_extension = submission.name.rsplit_once('.').map_or("md", |(_, extension)| extension).to_owned();
    let mut files: Vec<(&str, &str)> = manifest.files.iter().map(|rule| (rule.role.as_str(), "pdf")).collect();
    let beside = manifest.archive.attach.unwrap_or(office.settings().attach) != Attach::Full;
    if beside {
        files.push((SOURCE, &source_extension));
    }
    let values = composition::place_values(submission, classification, document_type, office.settings());
    let naming = Naming {
        document_type: &document_type.name,
        title: &classification.title,
        date: classification.date,
        language: &classification.language.0,
        values: &values,
    };
    let mut places = filing::places(&manifest.archive, &naming, &files)?;
    if let Some(source) = places.last().filter(|_| beside).map(|place| place.path.clone()) {
        let owned = |file: &OwnedFile| Place { role: SOURCE.to_owned(), path: filing::place_of_owned(&source, &file.name) };
        places.extend(submission.company.iter().map(owned));
    }
    let series = manifest.number.as_ref().map(|rule| Series {
        name: rule.series.clone().unwrap_or_else(|| document_type.name.to_string()),
        pattern: rule.pattern.clone(),
        code: rule.code.clone().or_else(|| office.settings().organisation.code.clone()),
    });
    Ok(Request {
        document_type: document_type.name.clone(),
        title: classification.title.clone(),
        date: classification.date,
        id: submission.fields.text("id"),
        file_name: submission.name.rsplit('/').next().unwrap_or(&submission.name).to_owned(),
        source_sha256: parts.source_sha256.clone(),
        content_sha256: made.content_sha256(),
        template_sha256: document_type.sha256.clone(),
        part: made.part.clone(),
        places,
        series,
        committee,
        inbox: inbox_files.to_vec(),
        people: Vec::new(),
        status: submission.fields.text("status"),
        said: Said::default(),
        version_of: None,
        joins: None,
        again: wishes.again,
        now: office.clock().now(),
    })
}

/// The role of a source that is filed beside its PDF.
const SOURCE: &str = "source";

pub(super) fn finished_files(ticket: &Ticket, renditions: Vec<Rendition>) -> Vec<FinishedFile> {
    let place = |role: &str| ticket.places.iter().find(|place| place.role == role).map(|place| place.path.clone());
    renditions
        .into_iter()
        .filter_map(|rendition| Some(FinishedFile { path: place(&rendition.role)?, role: rendition.role, bytes: rendition.pdf }))
        .collect()
}

/// The note and then the files that it owns, where they are filed beside the PDF; empty where the PDF carries them.
pub(super) fn sources_beside(ticket: &Ticket, made: &PartInHand) -> Vec<FinishedFile> {
    let places = ticket.places.iter().filter(|place| place.role == SOURCE);
    let submission = &made.submission;
    let contents = std::iter::once(&submission.source).chain(submission.company.iter().map(|file| &file.bytes));
    let finished =
        |(place, bytes): (&Place, &Vec<u8>)| FinishedFile { role: place.role.clone(), path: place.path.clone(), bytes: bytes.clone() };
    places.zip(contents).map(finished).collect()
}

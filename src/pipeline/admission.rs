//! What a part asks of admission, and what its ticket then makes of its files.

use super::Wishes;
use super::parts::PartInHand;
use crate::classification::{answer_command, shell_word};
use crate::composition;
use crate::config::Attach;
use crate::failure::{Checked, Problem, Problems, Warning};
use crate::filing::{self, FinishedFile, Naming, SOURCE};
use crate::office::Office;
use crate::reading::OwnedFile;
use crate::register::{LOCKED, Place, Request, Resemblance, Series, SourceFile, TAKEN_BACK, Ticket};
use crate::typesetting::Rendition;

/// What admission must know of a part.
pub(super) fn request(
    made: &PartInHand,
    source_sha256: &str,
    office: &Office,
    wishes: &Wishes,
    inbox_files: &[SourceFile],
) -> Checked<Request> {
    let PartInHand { submission, classification, document_type, .. } = made;
    let manifest = &document_type.manifest;
    let stated = || ["committee", "board"].iter().find_map(|key| submission.fields.text(key));
    let committee = classification.committee.clone().or_else(stated);
    let source_extension = submission.name.rsplit_once('.').map_or("md", |(_, extension)| extension).to_owned();
    let mut files: Vec<(&str, &str)> = manifest.files.iter().map(|rule| (rule.role.as_str(), "pdf")).collect();
    let beside = manifest.archive.attach.unwrap_or(office.settings().attach) != Attach::Full;
    if beside {
        files.push((SOURCE, &source_extension));
    }
    let names = office.settings().names;
    let named = || composition::people_named(submission, classification, document_type, office.settings());
    let people = if names { named() } else { Vec::new() };
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
        id: submission.fields.text("id"),
        file_name: submission.name.rsplit('/').next().unwrap_or(&submission.name).to_owned(),
        source_sha256: source_sha256.to_owned(),
        text: submission.text.as_str().into(),
        content_sha256: made.content_sha256(),
        template_sha256: document_type.sha256.clone(),
        part: made.part.clone(),
        places,
        series,
        committee,
        inbox: inbox_files.to_vec(),
        relates: made.relates.clone(),
        people,
        status: made.status.clone(),
        said: made.said.clone(),
        again: wishes.again,
        by_hand: wishes.by_hand,
        resumed: wishes.resumed,
        ..Request::new(document_type.name.clone(), &classification.title, classification.date, office.clock().now())
    })
}

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

/// Says of which record it could be a version, and how to make it one.
pub(super) fn resembles(id: &str, other: &Resemblance) -> Warning {
    let name = other.number.as_ref().unwrap_or(&other.id);
    let message = format!(
        "It has the type, date and title of {name} but is a record of its own: {}. If it is the next version of that one: \
         `chancery refile {id} --version-of {} --reason \"…\"`.",
        other.why, other.id
    );
    Warning::new("resembles", message)
}

/// Of a record that is locked, or was taken back: the very command that answers.
pub(super) fn worded(problems: Problems, request: &Request) -> Problems {
    let help =
        |command: &str| format!("If it is to be changed, say why: `{command} --reason \"…\"`. Another document needs a title of its own.");
    let mut problems = problems.into_vec();
    for problem in &mut problems {
        match (problem.code.as_str(), request.inbox.first()) {
            (LOCKED, Some(note)) => problem.help = help(&answer_command(&note.name)),
            (LOCKED, None) => problem.help = help(&format!("chancery file {}", shell_word(&request.file_name))),
            (TAKEN_BACK, Some(note)) => {
                let again = answer_command(&note.name);
                problem.help = format!("Change it, or say `{again} --again` to file it as it is, or delete it if it is not wanted.");
            }
            _ => {}
        }
    }
    Problems::of(problems).unwrap_or_else(|| Problem::new("register", "Nothing was admitted.", "Try again.").into())
}

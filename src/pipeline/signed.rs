//! Signed copies: finds the record that a scan belongs to and files the scan's bytes beside it, as they are.
//!
//! Nothing is composed or set. It is admitted, placed, committed and removed as a document is, so that a crash is
//! recovered from in the same way.

use std::time::Instant;

use super::{Outcome, Preview, StageTimes, Wishes, milliseconds};
use crate::classification::{Candidate, Classification, TitleSource};
use crate::failure::{Checked, Problem, Warning};
use crate::filing::{self, Details, FinishedFile, SIGNED, SOURCE};
use crate::model::Language;
use crate::office::Office;
use crate::pipeline::Fate;
use crate::reading::SignedCopy;
use crate::register::{Admission, Called, FiledFile, Place, Record, RecordState, Request, SourceFile, Ticket};
use crate::storage::crash_point;

/// Files a signed copy.
pub(super) fn file(copy: &SignedCopy, source_sha256: &str, office: &Office, wishes: &Wishes, inbox_files: &[SourceFile]) -> Outcome {
    let mut times = StageTimes::default();
    let whole = match whole(copy, office) {
        Ok(whole) => whole,
        Err(problem) => return Outcome::attention(None, problem),
    };
    let fate = filed(copy, &whole.record, source_sha256, office, wishes, inbox_files, &mut times);
    let fate = fate.unwrap_or_else(Fate::Attention);
    Outcome { part: None, fate, classification: Some(classified(copy, &whole.record, office)), warnings: Vec::new(), stage_ms: times }
}

/// What it is, without filing it.
pub(super) fn classify(copy: &SignedCopy, office: &Office) -> Checked<Classification> {
    whole(copy, office).map(|whole| classified(copy, &whole.record, office))
}

/// The same as a preview: there is nothing to set.
pub(super) fn preview(copy: &SignedCopy, office: &Office) -> Checked<Vec<Preview>> {
    let classification = classify(copy, office)?;
    let message = "It is a signed copy: it is filed beside the document as it is, and no page is set.";
    Ok(vec![Preview {
        part: None,
        classification,
        fingerprint: None,
        stands: Vec::new(),
        result: Ok(Vec::new()),
        pictures: Vec::new(),
        warnings: vec![Warning::new("signed-copy", message)],
        stage_ms: StageTimes::default(),
    }])
}

/// The record that is signed.
fn whole(copy: &SignedCopy, office: &Office) -> Checked<RecordState> {
    let named = &copy.signs;
    let problem = match office.register().called(named)? {
        Called::Record(state) => return Ok(*state),
        Called::Several(records) => {
            let message = format!("`{named}` means several records: {}.", listed(&records));
            let help = "Write the ID of the one that is signed in its place, and drop it again.";
            Problem::new("signs-several", message, help)
        }
        Called::Nothing(near) => {
            let message = format!("There is no record `{named}` in the register, which this file says it is a signed copy of.");
            let help = match near.as_slice() {
                [] => "Write the number or the ID that is printed on the document; `chancery list` shows them.".to_owned(),
                near => format!("Perhaps it is {}: write that in its place.", listed(near)),
            };
            Problem::new("signs-unknown", message, help)
        }
    };
    Err(copy.at_its_place(problem).into())
}

/// `MIN-2026-014 (20261123-rr7b, Executive Committee)`.
fn listed(records: &[Record]) -> String {
    let name = |record: &Record| match &record.number {
        Some(number) => format!("{number} ({}, {})", record.id, record.title),
        None => format!("{} ({})", record.id, record.title),
    };
    records.iter().map(name).collect::<Vec<_>>().join(", ")
}

fn filed(
    copy: &SignedCopy,
    whole: &Record,
    source_sha256: &str,
    office: &Office,
    wishes: &Wishes,
    inbox_files: &[SourceFile],
    times: &mut StageTimes,
) -> Checked<Fate> {
    let request = request(copy, whole, source_sha256, office, wishes, inbox_files);
    let started = Instant::now();
    let admission = office.register().admit(&request);
    times.0.insert("admission", milliseconds(started));
    let ticket = match admission? {
        Admission::Ticket(ticket) => ticket,
        Admission::Already(record) => return Ok(Fate::Filed(record)),
        Admission::Duplicate(record) => {
            office.register().record_duplicate(&request, &record)?;
            return Ok(Fate::Duplicate(record));
        }
    };
    crash_point("pipeline::admitted");
    let started = Instant::now();
    let files = finished(copy, &ticket);
    let record = filing::file(&office.archive(), office.register(), &ticket, Details::of(&request), files, UNCOUNTED);
    times.0.insert("filing", milliseconds(started));
    record.map(Fate::Filed)
}

/// The pages of a scan are not counted.
const UNCOUNTED: u32 = 0;

fn request(
    copy: &SignedCopy,
    whole: &Record,
    source_sha256: &str,
    office: &Office,
    wishes: &Wishes,
    inbox_files: &[SourceFile],
) -> Request {
    let beside = main_path(whole);
    let place = |role: &str, name: &str| Place { role: role.to_owned(), path: filing::place_of_signed(beside, name) };
    let places = if copy.scans.is_empty() {
        vec![place(SIGNED, &copy.name)]
    } else {
        let scans = copy.scans.iter().map(|index| place(SIGNED, &copy.company[*index].name));
        let others = others(copy).map(|file| place(SOURCE, &file.name));
        scans.chain([place(SOURCE, &copy.name)]).chain(others).collect()
    };
    Request {
        file_name: copy.name.rsplit('/').next().unwrap_or(&copy.name).to_owned(),
        source_sha256: source_sha256.to_owned(),
        text: "".into(),
        content_sha256: copy.content_sha256(),
        template_sha256: whole.template_sha256.clone(),
        places,
        inbox: inbox_files.to_vec(),
        joins: Some(whole.seq),
        again: wishes.again,
        by_hand: wishes.by_hand,
        ..Request::new(whole.document_type.clone(), &whole.title, whole.date, office.clock().now())
    }
}

/// What a note owns beside its scans.
fn others(copy: &SignedCopy) -> impl Iterator<Item = &crate::reading::OwnedFile> {
    copy.company.iter().enumerate().filter(|(index, _)| !copy.scans.contains(index)).map(|(_, file)| file)
}

/// The bytes in the order of the places.
fn finished(copy: &SignedCopy, ticket: &Ticket) -> Vec<FinishedFile> {
    let scans = copy.scans.iter().map(|index| &copy.company[*index].bytes);
    let contents = scans.chain([&copy.source]).chain(others(copy).map(|file| &file.bytes));
    let finished =
        |(place, bytes): (&Place, &Vec<u8>)| FinishedFile { role: place.role.clone(), path: place.path.clone(), bytes: bytes.clone() };
    ticket.places.iter().zip(contents).map(finished).collect()
}

/// Where the document stands.
fn main_path(record: &Record) -> &str {
    let main = record.files.iter().find(|file| file.role != SOURCE).or(record.files.first());
    main.map_or("", |file: &FiledFile| &file.path)
}

/// What is known of a copy is what is known of its record.
fn classified(copy: &SignedCopy, whole: &Record, office: &Office) -> Classification {
    let name = whole.number.as_ref().unwrap_or(&whole.id);
    let evidence = match &copy.stated {
        Some(_) => format!("The field `signs` says that it is a signed copy of {name}."),
        None => format!("Its name says that it is a signed copy of {name}."),
    };
    Classification {
        document_type: whole.document_type.clone(),
        confidence: 1.0,
        sure: true,
        candidates: vec![Candidate { document_type: whole.document_type.clone(), confidence: 1.0 }],
        title: whole.title.clone(),
        title_source: TitleSource::FileName,
        date: whole.date,
        language: Language(office.settings().language.0.clone()),
        evidence: vec![evidence],
        fields: serde_json::Map::new(),
        committee: whole.committee.clone(),
        findings: serde_json::Map::new(),
        warnings: Vec::new(),
    }
}

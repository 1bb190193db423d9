//! A range of reservations: those of one arrival that follow each other stand in one line.

use crate::failure::Checked;

use super::event::{Duplicate, Happening, Reserve, Reserved};
use super::identity::Folders;
use super::key::{bounded_text, key_of, note_id};
use super::session::Session;
use super::{Origin, Record, Request, SourceFile, Ticket};

/// A range of reservations is cut into lines of at most this many.
const MAX_RANGE: usize = 500;

/// Reservations that will stand in one line.
#[derive(Default)]
pub(super) struct Range {
    line: Option<Reserve>,
    pub(super) folders: Folders,
    /// Parts that stand already and of which the register does not know yet that they belong to this arrival too.
    pub(super) notes: Vec<(Request, Record)>,
}

impl Range {
    /// Adds a reservation: the index knows it at once, the line is written when the range is closed.
    pub(super) fn add(&mut self, request: &Request, reserved: Reserved, session: &mut Session<'_>) -> Checked<Ticket> {
        let fits = |line: &Reserve| {
            line.records.len() < MAX_RANGE
                && line.source_sha256 == request.source_sha256
                && line.document_type == request.document_type
                && line.template_sha256 == request.template_sha256
                && line.source == request.file_name
                && line.filed_at == request.now
                && line.inbox == request.inbox
        };
        if !self.line.as_ref().is_some_and(fits) {
            self.close(session)?;
        }
        let seq = session.next_seq();
        let empty = || empty_line(request, session.writer());
        let alone = Reserve { one: Some(reserved.clone()), ..empty() };
        self.line.get_or_insert_with(empty).records.push(reserved.clone());
        session.index().apply(seq, &Happening::Reserve(alone), b"")?;
        Ok(Ticket {
            id: reserved.id,
            number: reserved.number,
            version: reserved.version,
            supersedes: reserved.supersedes,
            filed_at: request.now,
            places: reserved.files,
            reserve: seq,
            part: request.part.clone(),
            resembles: None,
            origin: Box::new(origin(request)),
        })
    }

    /// Writes the line.
    pub(super) fn close(&mut self, session: &mut Session<'_>) -> Checked<()> {
        let Some(mut line) = self.line.take() else { return Ok(()) };
        if line.records.len() == 1 {
            line.one = line.records.pop();
        }
        session.write(&Happening::Reserve(line)).map(|_| ())
    }
}

/// The same words as the `filed` line will have.
fn origin(request: &Request) -> Origin {
    Origin {
        source: request.file_name.clone(),
        source_sha256: request.source_sha256.clone(),
        content_sha256: request.content_sha256.clone(),
        parts: parts(request),
        series: request.series.as_ref().map(|series| series.name.clone()),
        note_id: note_id(request),
        committee: request.committee.as_deref().map(bounded_text),
        people: request.people.iter().map(|name| bounded_text(name)).collect(),
    }
}

fn empty_line(request: &Request, writer: String) -> Reserve {
    Reserve {
        one: None,
        document_type: request.document_type.clone(),
        source: request.file_name.clone(),
        source_sha256: request.source_sha256.clone(),
        template_sha256: request.template_sha256.clone(),
        parts: parts(request),
        filed_at: request.now,
        writer,
        inbox: request.inbox.clone(),
        records: Vec::new(),
        imported: None,
    }
}

/// What was dropped, or this part of it, stands already.
pub(super) fn duplicate_line(request: &Request, of: &Record, writer: String) -> Happening {
    let inbox: Vec<SourceFile> = request.inbox.clone();
    Happening::Duplicate(Duplicate {
        of: of.seq,
        id: of.id.clone(),
        document_type: request.document_type.clone(),
        source: request.file_name.clone(),
        source_sha256: request.source_sha256.clone(),
        part: key_of(request.part.as_ref()),
        parts: parts(request),
        writer,
        inbox,
    })
}

fn parts(request: &Request) -> usize {
    request.part.as_ref().map_or(1, |part| part.of)
}

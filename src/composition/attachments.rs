//! What a PDF carries inside: its source, the files the note owns, and `record.json`.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Commission;
use super::people::plain;
use crate::config::Attach;
use crate::reading::Submission;

/// A file inside a PDF.
pub(super) struct Attachment {
    pub name: String,
    pub bytes: Vec<u8>,
    pub mime: &'static str,
    pub relationship: &'static str,
    pub description: &'static str,
}

/// The attachments that the type's manifest, or else the configuration, asks for.
pub(super) fn attachments(commission: &Commission<'_>, fonts_sha256: &str, role: &str) -> Vec<Attachment> {
    let submission = commission.submission;
    let attach = commission.document_type.manifest.archive.attach.unwrap_or(commission.settings.attach);
    let mut attachments = Vec::new();
    if attach == Attach::None {
        return attachments;
    }
    let mut taken = BTreeSet::from(["record.json".to_owned()]);
    if attach == Attach::Full {
        let name = submission.name.rsplit('/').next().unwrap_or(&submission.name);
        attachments.push(Attachment {
            name: free_name(&mut taken, name),
            bytes: submission.source.clone(),
            mime: mime(name),
            relationship: "source",
            description: "The note this document was made from",
        });
        for file in &submission.company {
            attachments.push(Attachment {
                name: free_name(&mut taken, &file.name),
                bytes: file.bytes.clone(),
                mime: mime(&file.name),
                relationship: "supplement",
                description: "A file that the note names",
            });
        }
    }
    attachments.push(Attachment {
        name: "record.json".to_owned(),
        bytes: record_json(commission, fonts_sha256, role),
        mime: "application/json",
        relationship: "data",
        description: "The record of this document in the register",
    });
    attachments
}

/// What the register knows of the record, and what it was made from, but its own hash and pages.
///
/// A register that is lost is made again from it (`filing::rebuilding`): what is not known in here does not come back.
fn record_json(commission: &Commission<'_>, fonts_sha256: &str, role: &str) -> Vec<u8> {
    let Commission { submission, classification, document_type, ticket, .. } = commission;
    let mut sources = vec![json!({ "name": submission.name.rsplit('/').next(), "sha256": crate::model::sha256_hex(&submission.source) })];
    sources.extend(submission.company.iter().map(|file| json!({ "name": file.name, "sha256": file.sha256 })));
    let record = json!({
        "id": ticket.map(|ticket| &ticket.id),
        "type": document_type.name,
        "title": classification.title,
        "date": classification.date,
        "language": classification.language,
        "number": ticket.and_then(|ticket| ticket.number.as_ref()),
        "version": ticket.map(|ticket| ticket.version),
        "supersedes": ticket.and_then(|ticket| ticket.supersedes),
        "part": ticket.and_then(|ticket| ticket.part.as_ref()).map(|part| &part.key),
        "status": commission.status,
        "by": commission.said.by,
        "on": commission.said.on,
        "reason": commission.said.reason,
        "fields": Value::Object(submission.fields.values.clone()),
        "template_sha256": document_type.sha256,
        "fonts_sha256": fonts_sha256,
        "program": concat!("chancery ", env!("CARGO_PKG_VERSION")),
        "sources": sources,
        "filed_at": ticket.map(|ticket| ticket.filed_at),
        "role": role,
        "files": ticket.map(|ticket| &ticket.places),
        "origin": ticket.map(|ticket| &ticket.origin),
    });
    let mut bytes = serde_json::to_vec_pretty(&record).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

/// The names of the files that the note encloses, for printing.
pub(super) fn enclosures(submission: &Submission) -> Vec<String> {
    match submission.fields.values.get("attachments") {
        Some(Value::Array(items)) => items.iter().map(plain).collect(),
        Some(Value::String(name)) => vec![name.clone()],
        _ => Vec::new(),
    }
}

/// A name without folders that is not taken yet.
fn free_name(taken: &mut BTreeSet<String>, name: &str) -> String {
    let name = name.replace(['/', '\\'], "-");
    let (stem, extension) =
        name.rsplit_once('.').map_or((name.as_str(), String::new()), |(stem, extension)| (stem, format!(".{extension}")));
    let mut free = name.clone();
    let mut count = 1;
    while !taken.insert(free.clone()) {
        count += 1;
        free = format!("{stem} ({count}){extension}");
    }
    free
}

fn mime(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase().as_str() {
        "md" | "markdown" => "text/markdown",
        "txt" | "text" => "text/plain",
        "csv" => "text/csv",
        "json" | "jsonl" => "application/json",
        "yaml" | "yml" => "application/yaml",
        "toml" => "application/toml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "svg" => "image/svg+xml",
        "pdf" => "application/pdf",
        _ => "application/octet-stream",
    }
}

//! What a PDF of ours says of itself: its `record.json`, and what of a `filed` line can be made from it.

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::filing::attached;
use crate::model::TypeName;
use crate::register::{self, Origin, Part, Place, Said};

/// One PDF's own record.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Print {
    pub(super) id: String,
    #[serde(rename = "type")]
    pub(super) document_type: TypeName,
    pub(super) title: String,
    pub(super) date: NaiveDate,
    #[serde(default)]
    pub(super) number: Option<String>,
    pub(super) version: u32,
    #[serde(default)]
    pub(super) part: Option<String>,
    pub(super) template_sha256: String,
    pub(super) filed_at: DateTime<FixedOffset>,
    #[serde(default)]
    pub(super) sources: Vec<Source>,
    /// Which of the record's files it is; PDFs of earlier programs do not say.
    #[serde(default)]
    pub(super) role: Option<String>,
    /// Where the record's files were to stand; PDFs of earlier programs do not say.
    #[serde(default)]
    pub(super) files: Option<Vec<Place>>,
    #[serde(default)]
    pub(super) origin: Option<Origin>,
    #[serde(default)]
    pub(super) status: Option<String>,
    #[serde(flatten)]
    pub(super) said: Said,
    #[serde(default, skip_serializing)]
    fields: Map<String, Value>,
    #[serde(default)]
    pub(super) pages: u32,
}

/// A file that the record was made from.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Source {
    #[serde(default)]
    pub(super) name: String,
    pub(super) sha256: String,
}

impl Print {
    /// The record that a PDF carries; `None` if it carries none of ours.
    pub(super) fn of(pdf: &[u8]) -> Option<Self> {
        let record = attached::files_that(pdf, |name, _| name == "record.json").ok()?.pop()?;
        let mut print: Self = serde_json::from_slice(&record.bytes).ok()?;
        print.pages = attached::pages(pdf).unwrap_or_default();
        let committee = ["committee", "board"].iter().find_map(|name| print.fields.get(*name)?.as_str().map(str::to_owned));
        let note_id = print.fields.get("id").and_then(Value::as_str).map(str::to_owned);
        if print.origin.is_none() {
            let origin = Origin {
                source: print.sources.first().map(|note| note.name.clone()).unwrap_or_default(),
                source_sha256: print.source_sha256(),
                parts: 1,
                note_id,
                committee,
                ..Origin::default()
            };
            let status = || print.fields.get("status").and_then(Value::as_str).map(str::to_owned);
            print.status = print.status.take().or_else(status);
            print.origin = Some(origin);
        }
        print.fields = Map::new();
        Some(print)
    }

    /// What an earlier program did not write down, made from the hashes of the files: true of a note that is one record.
    fn source_sha256(&self) -> String {
        let Some((note, company)) = self.sources.split_first() else { return String::new() };
        crate::reading::sha256_of_set(&note.sha256, company.iter().map(|file| (file.name.as_str(), file.sha256.as_str())))
    }

    /// The part's name as lines have it.
    pub(super) fn part_key(&self) -> Option<String> {
        let of = self.origin.as_ref().map_or(1, |origin| origin.parts);
        register::key_of(self.part.clone().map(|key| Part { key, of }).as_ref())
    }
}

/// Whether a name is that of a PDF.
pub(super) fn is_pdf(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, extension)| extension.eq_ignore_ascii_case("pdf"))
}

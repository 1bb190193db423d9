//! The parts of a submission: one, or one for each row of its table, or one for each recipient.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Wishes;
use super::relations::relations;
use crate::catalog::DocumentType;
use crate::classification::{self, Classification, Hints};
use crate::composition::merge::{self, Repeats};
use crate::failure::{Blame, Checked, Problem, Warning};
use crate::model::sha256_hex;
use crate::office::Office;
use crate::reading::{Submission, Table};
use crate::register::{Part, Said};

/// A note for more recipients than this is a batch.
const MAX_RECIPIENTS: usize = 10_000;

/// A submission and how it falls into parts. Parts are made one by one, so that a long table stays a table.
pub(super) struct Parts<'a> {
    /// What was read.
    pub whole: &'a Submission,
    /// Of the whole arrival.
    pub source_sha256: String,
    kind: Kind<'a>,
}

enum Kind<'a> {
    One {
        part: Option<Part>,
        classification: Box<Classification>,
        /// Of a row that is for somebody.
        recipient: Option<Value>,
    },
    Rows {
        table: &'a Table,
        repeats: Repeats,
    },
    Recipients {
        recipients: Vec<Value>,
        classification: Box<Classification>,
    },
}

/// One part, understood.
pub(super) struct PartInHand {
    /// Which part; `None` for an arrival that is one record.
    pub part: Option<Part>,
    /// What it is made of.
    pub submission: Submission,
    /// What it is.
    pub classification: Classification,
    /// Its type.
    pub document_type: Arc<DocumentType>,
    /// What it says of itself: `draft`, `approved` …
    pub status: Option<String>,
    /// What somebody said who had it made.
    pub said: Said,
    /// The ids of the records that it relates to.
    pub relates: Vec<String>,
}

impl<'a> Parts<'a> {
    /// Finds the parts. `part` says that this is a row already, which is one document.
    pub(super) fn of(whole: &'a Submission, part: Option<&Part>, office: &Office, wishes: &Wishes) -> Checked<Self> {
        let source_sha256 = whole.sha256();
        if let (Some(table), None) = (&whole.rows, part) {
            if table.is_empty() {
                let help = "Add a row below the column names, or take `rows:` out of the note.";
                return Err(Problem::new("rows-empty", "The table that the note names has no rows.", help).in_file(&table.name).into());
            }
            return Ok(Self { whole, source_sha256, kind: Kind::Rows { table, repeats: Repeats::of(table) } });
        }
        let classification = Box::new(classify(whole, &source_sha256, office, wishes)?);
        let recipients = recipients(&classification, office)?;
        if let Some(part) = part {
            let recipient = if wishes.as_filed && recipients.len() > 1 { None } else { only(recipients)? };
            let kind = Kind::One { part: Some(part.clone()), classification, recipient };
            return Ok(Self { whole, source_sha256, kind });
        }
        if recipients.len() > MAX_RECIPIENTS {
            let message = format!("This note has {} recipients; {MAX_RECIPIENTS} is the most for one note.", recipients.len());
            return Err(Problem::new("recipients-too-many", message, "Put them into a CSV file and use `chancery batch`.")
                .in_file(&whole.name)
                .into());
        }
        let kind = match recipients.len() {
            0 => Kind::One { part: None, classification, recipient: None },
            _ => Kind::Recipients { recipients, classification },
        };
        Ok(Self { whole, source_sha256, kind })
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        match &self.kind {
            Kind::One { .. } => 1,
            Kind::Rows { table, .. } => table.len(),
            Kind::Recipients { recipients, .. } => recipients.len(),
        }
    }

    /// Which part the one at `index` is.
    pub(super) fn name(&self, index: usize) -> Option<Part> {
        match &self.kind {
            Kind::One { part, .. } => part.clone(),
            Kind::Rows { table, .. } => Some(Part { key: merge::row_key(table, &table.row(index)), of: self.len() }),
            Kind::Recipients { recipients, .. } if recipients.len() == 1 => None,
            Kind::Recipients { .. } => Some(Part { key: (index + 1).to_string(), of: self.len() }),
        }
    }

    /// Makes the part at `index`.
    pub(super) fn get(&self, index: usize, office: &Office, wishes: &Wishes) -> Checked<PartInHand> {
        let (mut submission, mut classification, recipient) = match &self.kind {
            Kind::One { classification, recipient, .. } => (self.whole.clone(), classification.as_ref().clone(), recipient.clone()),
            Kind::Rows { table, repeats } => {
                if let Some(problem) = repeats.problem(table, index) {
                    return Err(problem.into());
                }
                let row = table.row(index);
                let merged = merge::merge(self.whole, table, &row)?;
                let classification = classify(&merged, &self.source_sha256, office, wishes)?;
                let recipient = only(recipients(&classification, office)?).map_err(|problems| table.place_all_in(problems, &row))?;
                (merged, classification, recipient)
            }
            Kind::Recipients { recipients, classification } => {
                (self.whole.clone(), classification.as_ref().clone(), Some(recipients[index].clone()))
            }
        };
        if let Some(recipient) = recipient {
            submission.fields.values.insert("recipient".to_owned(), recipient);
        }
        let document_type = office.catalog().require(&classification.document_type)?.clone();
        let stated = classification.fields.get("status").or_else(|| submission.fields.values.get("status"));
        let status = stated.and_then(Value::as_str).map(|status| status.trim().to_owned()).filter(|status| !status.is_empty());
        let answered = office.register().answer_for(&self.source_sha256)?.and_then(|answer| answer.reason);
        let said = Said { reason: wishes.reason.clone().or(answered), ..Said::default() };
        let (relates, unknown) = relations(&submission, office)?;
        classification.warnings.extend(unknown);
        Ok(PartInHand { part: self.name(index), submission, classification, document_type, status, said, relates })
    }
}

impl PartInHand {
    /// What reading and classification have to say.
    pub(super) fn warnings(&self) -> Vec<Warning> {
        self.submission.warnings.iter().chain(&self.classification.warnings).cloned().collect()
    }

    /// Hash of what this part alone is made of: fields, body and owned files.
    pub(super) fn content_sha256(&self) -> String {
        let mut fields = self.submission.fields.values.clone();
        if self.part.is_some() {
            // What the other parts are made of is no content of this one.
            if let Some(field) = &self.document_type.manifest.one_per {
                fields.remove(field);
            }
        }
        let company: Vec<_> = self.submission.company.iter().map(|file| [&file.name, &file.sha256]).collect();
        sha256_hex(json!([fields, self.submission.body.text, company]).to_string().as_bytes())
    }
}

/// The one whom a row's document is for, if its type is made for each recipient.
fn only(mut recipients: Vec<Value>) -> Checked<Option<Value>> {
    if recipients.len() > 1 {
        let message = format!("This row has {} recipients, and a row makes one document.", recipients.len());
        return Err(Problem::new("row-recipients", message, "Give each of them a row.").into());
    }
    Ok(recipients.pop())
}

/// Classifies with what the user answered, if they did.
pub(super) fn classify(submission: &Submission, source_sha256: &str, office: &Office, wishes: &Wishes) -> Checked<Classification> {
    let mut hints: Hints = wishes.hints.clone();
    if let Some(answer) = office.register().answer_for(source_sha256)? {
        hints.document_type = hints.document_type.or(answer.document_type);
        hints.date = hints.date.or(answer.date);
    }
    if let Some(asked) = hints.document_type.as_ref().filter(|asked| office.catalog().names().all(|name| name != *asked)) {
        let names: Vec<_> = office.catalog().names().map(ToString::to_string).collect();
        let help = format!("Use one of: {}.", names.join(", "));
        return Err(Problem::new("type-unknown", format!("There is no document type `{asked}`."), help).blaming(Blame::Note).into());
    }
    classification::classify(submission, office.catalog(), office.settings(), &hints).map_err(|problems| problems.in_file(&submission.name))
}

/// Those for each of whom a document of this type is made.
fn recipients(classification: &Classification, office: &Office) -> Checked<Vec<Value>> {
    let document_type = office.catalog().require(&classification.document_type)?;
    Ok(document_type.manifest.one_per.as_ref().map(|field| entries(classification.fields.get(field))).unwrap_or_default())
}

/// The entries of a field: a list's, or the one text's.
fn entries(value: Option<&Value>) -> Vec<Value> {
    match value {
        Some(Value::Array(items)) => items.clone(),
        Some(Value::String(text)) => {
            text.split([';', '；', '、', '\n']).map(str::trim).filter(|name| !name.is_empty()).map(|name| json!(name)).collect()
        }
        Some(object @ Value::Object(_)) => vec![object.clone()],
        _ => Vec::new(),
    }
}

//! Composition: Tera writes the words, pulldown-cmark reads them, our writer turns them into Typst.
//!
//! Pure: no file system, no clock. Values reach Typst as string literals or as JSON data, never as markup, so that
//! nothing a note holds can run.

mod approval;
mod attachments;
mod bilingual;
mod blocks;
mod commission;
mod data;
mod dates;
mod looks;
mod money;
mod named;
mod numbers;
mod people;
mod speech;
mod svg;
mod virtual_files;
mod words;
mod writer;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

pub use self::commission::Commission;
pub(crate) use self::commission::Means;
pub(crate) use self::data::place_values;
pub(crate) use self::looks::LOGO;
pub(crate) use self::named::people_named;
pub(crate) use self::numbers::number_in;
pub(crate) use self::words::Words;

use self::bilingual::Tongues;
use self::blocks::Piece;
use self::writer::{Images, Manner, Markup, SpokenParagraph};
use crate::catalog::FileRule;
use crate::classification::TitleSource;
use crate::failure::{Blame, Checked, Problem, Warning};
use crate::reading::Format;

pub mod merge;

/// Everything that typesetting needs to set one file of one record; owns its bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manuscript {
    /// Which of the record's files this is: `document`, `reading`, `press`.
    pub role: String,
    /// For the PDF's properties.
    pub title: String,
    /// For the PDF's properties.
    pub author: Option<String>,
    /// BCP 47 tag.
    pub language: String,
    /// Whether its PDF is tagged.
    pub tagged: bool,
    /// What `datetime.today()` gives in a layout.
    pub today: NaiveDate,
    /// The PDF's creation time.
    pub created: DateTime<FixedOffset>,
    /// What the PDF's identifier is made from: record id and version.
    pub identity: String,
    /// The virtual files that Typst may read, by absolute path (`/words.typ`, `/data.json`, `/asset-1`, …).
    pub files: BTreeMap<String, Arc<[u8]>>,
    /// What people call a virtual file, where it has a name of its own: `templates/minutes/layout.typ`.
    pub shown: BTreeMap<String, String>,
    /// Which note line each stretch of `/words.typ` came from, for diagnostics; ordered.
    pub origins: Vec<Origin>,
    /// The note's name, for diagnostics.
    pub note: String,
    /// The note's text, for quoting its lines.
    pub text: String,
    /// What the user should know.
    pub warnings: Vec<Warning>,
}

/// Where a stretch of `/words.typ` came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// First byte in `/words.typ`.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// The line of the note's file, from 1; `None` for the template's own words.
    pub line: Option<u32>,
}

/// Composes every file of a record.
///
/// # Errors
/// A template that does not render; blame: template.
pub(crate) fn compose(means: Means<'_>, commission: &Commission<'_>) -> Checked<Vec<Manuscript>> {
    commission.document_type.manifest.files.iter().map(|rule| compose_file(means, commission, rule)).collect()
}

fn compose_file(means: Means<'_>, commission: &Commission<'_>, rule: &FileRule) -> Checked<Manuscript> {
    let Means { words, fonts_sha256 } = means;
    let Commission { submission, classification, document_type, .. } = *commission;
    let mut warnings = Vec::new();
    let mut images = Images::new(&submission.company);
    let tongues = Tongues::of(submission, numbers::language_of_figures(commission));
    let language = &tongues.first;
    let (labels, marked_labels) = tongues.labels(document_type);
    let mut data = data::data(commission, rule, &tongues, labels);
    looks::put(&mut data, commission, &mut warnings);
    let named = data.get("fields").and_then(|fields| fields.get("enclosed")?.as_array().cloned()).filter(|names| !names.is_empty());
    data.insert("enclosures".to_owned(), named.map_or_else(|| json!(attachments::enclosures(submission)), Value::Array));

    let (body, paragraphs) = write_body(commission, rule, &tongues, &data, &mut images, &mut warnings);
    let (pace, slot) = (number_field(&data, "words_per_minute"), number_field(&data, "slot"));
    let mut timing = match rule.speech {
        true if paragraphs.is_empty() => speech::timing_of_text(&submission.body.text, pace, slot),
        true => speech::timing(&paragraphs, pace, slot),
        false => Value::Null,
    };
    numbers::texts_in_digits(&mut timing, language);
    data.insert("timing".to_owned(), timing);

    let mut context = tera_context(&data)?;
    context.insert_value("label", marked_labels);
    data::insert_dates(&mut context, commission, &tongues);
    let own = words.render(document_type, &rule.words, &tongues, &context)?;
    let rendered = own + &approval::words(words, commission, &tongues, &context)?;
    let markup = write_words(&rendered, body, &mut warnings);
    let (code, origins) = markup.finish();

    let mut files = virtual_files::of_templates(document_type, rule)?;
    let attachments = attachments::attachments(commission, fonts_sha256, &rule.role);
    let listed: Vec<Value> = attachments
        .iter()
        .enumerate()
        .map(|(index, file)| json!({ "name": file.name, "path": format!("/attached-{}", index + 1), "mime": file.mime, "relationship": file.relationship, "description": file.description }))
        .collect();
    data.insert("attachments".to_owned(), Value::Array(listed));
    files.extend(attachments.into_iter().enumerate().map(|(index, file)| (format!("/attached-{}", index + 1), file.bytes.into())));
    let mut shown = virtual_files::shown(document_type, rule);
    looks::put_logo(commission, &mut files, &mut shown);
    for (path, image) in images.into_files() {
        let mut bytes = image.bytes.clone();
        let links = svg::without_links(&mut bytes);
        if let Some(first) = links.first() {
            let message =
                format!("the drawing `{}` shows other files, such as {first}: they were not fetched and are left out", image.name);
            warnings.push(Warning::new("image-linked", message));
        }
        shown.insert(path.clone(), image.name.clone());
        files.insert(path, bytes.into());
    }
    files.insert("/words.typ".to_owned(), code.into_bytes().into());
    files.insert("/data.json".to_owned(), serde_json::to_vec(&data).unwrap_or_default().into());

    let ticket = commission.ticket;
    Ok(Manuscript {
        role: rule.role.clone(),
        title: classification.title.clone(),
        author: author(&data),
        language: classification.language.0.clone(),
        tagged: document_type.manifest.tagged,
        today: classification.date,
        created: ticket.map_or(commission.now, |ticket| ticket.filed_at),
        identity: ticket.map_or_else(|| format!("preview {}", submission.sha256()), |ticket| format!("{}@{}", ticket.id, ticket.version))
            + " "
            + &rule.role,
        shown,
        files,
        origins,
        note: submission.name.clone(),
        text: submission.text.clone(),
        warnings,
    })
}

/// Writes the note's own text.
fn write_body(
    commission: &Commission<'_>,
    rule: &FileRule,
    tongues: &Tongues,
    data: &Map<String, Value>,
    images: &mut Images<'_>,
    warnings: &mut Vec<Warning>,
) -> (Markup, Vec<SpokenParagraph>) {
    let body = &commission.submission.body;
    let dialect = data::dialect(commission);
    let mut markup = Markup::new(dialect.straight);
    let title_line = match commission.classification.title_source {
        TitleSource::Heading(line) => Some(line),
        _ => None,
    };
    if commission.submission.format == Format::Text {
        let paragraphs = match rule.speech {
            true => writer::write_spoken_plain_text(&mut markup, &body.text, body.first_line, title_line),
            false => {
                writer::write_plain_text(&mut markup, &body.text, body.first_line, title_line);
                Vec::new()
            }
        };
        return (markup, paragraphs);
    }
    let labels = data.get("label").and_then(Value::as_object);
    let languages = tongues.second.as_ref().map(|second| [commission.classification.language.clone(), second.clone()]);
    let first_line = Some(body.first_line);
    let manner = Manner { first_line, title_line, speech: rule.speech, dialect, languages: languages.as_ref(), labels };
    let paragraphs = writer::write_markdown(&mut markup, images, warnings, &body.text, manner);
    (markup, paragraphs)
}

/// Puts the rendered words and the body together as `#let words(b) = [ … ]`.
fn write_words(rendered: &str, body: Markup, warnings: &mut Vec<Warning>) -> Markup {
    let mut markup = Markup::default();
    if body.names_languages() || rendered.contains("<span lang=") {
        markup.code("#import \"/_shared/tongues.typ\": beside, blocks-in, passage, span-in\n");
    }
    let mut body = Some(body);
    markup.code("#let words(b) = [\n");
    for piece in blocks::pieces(rendered) {
        match piece {
            Piece::Text(text) => {
                let mut written = Markup::default();
                let mut own_images = Images::new(&[]);
                writer::write_markdown(&mut written, &mut own_images, warnings, &text, Manner::default());
                markup.append(written);
            }
            Piece::Open(name) => markup.code(&format!("#(b.at(\"{name}\", default: it => it))[\n")),
            Piece::Close => markup.code("]\n"),
            Piece::Body => {
                if let Some(body) = body.take() {
                    markup.append(body);
                }
            }
        }
    }
    markup.code("]\n");
    markup
}

/// What Tera sees: the data, and every field by its own name where no name of ours is meant.
fn tera_context(data: &Map<String, Value>) -> Checked<tera::Context> {
    let mut all = data.clone();
    if let Some(Value::Object(fields)) = data.get("fields") {
        for (key, value) in fields {
            if !all.contains_key(key) {
                all.insert(key.clone(), value.clone());
            }
        }
    }
    let mut context = tera::Context::from_serialize(&all).map_err(|error| {
        Problem::new("internal", format!("The data of this note could not be handed to its template: {error}"), "Please report this.")
            .blaming(Blame::Template)
    })?;
    context.insert_value("body", tera::Value::safe_string(words::BODY_MARK));
    Ok(context)
}

/// A number of the fields; what stands after it is its unit (`5 minutes`, `15分钟`).
fn number_field(data: &Map<String, Value>, name: &str) -> Option<f64> {
    let value = data.get("fields")?.get(name)?;
    let text = || value.as_str().map(str::trim);
    let figures = || text()?.split(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | ',')).next();
    value.as_f64().or_else(|| number_in(text()?)).or_else(|| number_in(figures()?))
}

/// Who answers for the document, for the PDF's properties: its author or speaker, else the organisation.
fn author(data: &Map<String, Value>) -> Option<String> {
    let fields = data.get("fields")?;
    let named = ["author", "speaker", "issuer", "secretary", "signatories"].iter().find_map(|key| match fields.get(*key)? {
        Value::Array(people) => Some(people.iter().filter_map(|person| person.get("name")?.as_str()).collect::<Vec<_>>().join(", ")),
        Value::String(name) => Some(name.clone()),
        _ => None,
    });
    let organisation = || data.get("organisation")?.get("name")?.as_str().map(str::to_owned);
    named.filter(|name| !name.is_empty()).or_else(organisation).filter(|name| !name.is_empty())
}

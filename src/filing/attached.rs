//! What a finished PDF carries: reads the files attached to it, or gives the PDF without them.
//!
//! For PDFs of our own, whose hash the register vouches for; a limit on each file holds all the same. Never
//! follows anything out of the file.

use lopdf::{Dictionary, Document, Object, decode_text_string};

use super::excerpt::excerpt;

/// One attached file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attached {
    /// Its name.
    pub name: String,
    /// What it is to the document: `Source`, `Data`, `Supplement`, …
    pub relationship: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// The largest attached file that is unpacked: four times what a note may own.
const MAX_ATTACHED_BYTES: usize = 256 << 20;

/// The most attached files that are looked at.
const MAX_ATTACHED: usize = 10_000;

/// The files attached to a PDF, in its own order.
///
/// # Errors
/// What about the PDF cannot be read, in words.
pub fn files(pdf: &[u8]) -> Result<Vec<Attached>, String> {
    files_that(pdf, |_, _| true)
}

/// The attached files whose name and relationship are `wanted`; no other is unpacked.
///
/// # Errors
/// As [`files`].
pub fn files_that(pdf: &[u8], wanted: impl Fn(&str, &str) -> bool) -> Result<Vec<Attached>, String> {
    if let Some(Ok(files)) = excerpt(pdf).map(|small| within(&small, &wanted))
        && !files.is_empty()
    {
        return Ok(files);
    }
    within(pdf, &wanted)
}

/// How many pages a PDF has.
pub(super) fn pages(pdf: &[u8]) -> Option<u32> {
    u32::try_from(Document::load_mem(pdf).ok()?.get_pages().len()).ok()
}

fn within(pdf: &[u8], wanted: &impl Fn(&str, &str) -> bool) -> Result<Vec<Attached>, String> {
    let document = Document::load_mem(pdf).map_err(|error| error.to_string())?;
    let catalog = document.catalog().map_err(|error| error.to_string())?;
    let Ok(listed) = catalog.get_deref(b"AF", &document).and_then(Object::as_array) else {
        return Ok(Vec::new());
    };
    let listed = listed.iter().take(MAX_ATTACHED);
    listed.filter_map(|object| file(&document, object, wanted).map_err(|error| error.to_string()).transpose()).collect()
}

fn file(document: &Document, object: &Object, wanted: &impl Fn(&str, &str) -> bool) -> lopdf::Result<Option<Attached>> {
    let (_, object) = document.dereference(object)?;
    let specification = object.as_dict()?;
    let name = [b"UF".as_slice(), b"F"].iter().find_map(|key| specification.get_deref(key, document).ok());
    let name = name.map(decode_text_string).transpose()?.unwrap_or_default();
    let relationship = specification.get(b"AFRelationship").and_then(Object::as_name).unwrap_or(b"Unspecified");
    let relationship = String::from_utf8_lossy(relationship).into_owned();
    if !wanted(&name, &relationship) {
        return Ok(None);
    }
    let embedded = specification.get_deref(b"EF", document)?.as_dict()?;
    let key: &[u8] = if embedded.has(b"UF") { b"UF" } else { b"F" };
    let bytes = embedded.get_deref(key, document)?.as_stream()?.get_plain_content_with_limit(MAX_ATTACHED_BYTES)?;
    Ok(Some(Attached { name, relationship, bytes }))
}

/// The same PDF without attached files; its pages and their structure are untouched.
///
/// # Errors
/// What about the PDF cannot be read or written, in words.
pub fn without_files(pdf: &[u8]) -> Result<Vec<u8>, String> {
    let mut document = Document::load_mem(pdf).map_err(|error| error.to_string())?;
    let names = document.catalog().ok().and_then(|catalog| catalog.get(b"Names").ok()).cloned();
    if let Some(Ok(id)) = names.as_ref().map(Object::as_reference)
        && let Ok(names) = document.get_object_mut(id).and_then(Object::as_dict_mut)
    {
        names.remove(b"EmbeddedFiles");
    }
    let catalog = document.catalog_mut().map_err(|error| error.to_string())?;
    catalog.remove(b"AF");
    if let Ok(names) = catalog.get_mut(b"Names").and_then(Object::as_dict_mut) {
        names.remove(b"EmbeddedFiles");
        if Dictionary::is_empty(names) {
            catalog.remove(b"Names");
        }
    }
    document.prune_objects();
    let mut out = Vec::with_capacity(pdf.len());
    document.save_to(&mut out).map_err(|error| error.to_string())?;
    Ok(out)
}

//! The title: what the note itself says, else its first heading, else its file's name.

use serde_json::Value;

use super::TitleSource;
use super::dates::{dates_in, file_stem};
use super::fold::{fold, fold_key, listed};
use super::language::languages_named;
use super::outline::{Kind, Outline};
use super::plain::{floor, plain, tidy};
use crate::failure::Warning;
use crate::model::Language;
use crate::reading::Submission;

/// The longest title, in characters.
pub(super) const MAX_TITLE_CHARS: usize = 300;
/// How many lines with words may stand before the heading that is the title.
const LINES_BEFORE: usize = 8;
/// The longest first line of a plain text that is its title, in characters.
const MAX_FIRST_LINE_CHARS: usize = 120;

/// Names of the title field that every type understands.
const FIELD_NAMES: &str = "title|subject|标题|题目|主题|題目|件名|titel|betreff|titre|objet|titulo|asunto";

/// A title and where it stands.
pub(super) struct Title {
    pub text: String,
    pub source: TitleSource,
    pub evidence: String,
}

/// Finds the title of a note.
pub(super) fn find(note: &Submission, outline: &Outline<'_>, aliases: &[String], warnings: &mut Vec<Warning>) -> Title {
    let heading = heading(outline);
    let mut title = in_field(note, aliases, heading.as_ref()).or(heading).unwrap_or_else(|| of_file(note));
    if title.text.chars().count() > MAX_TITLE_CHARS {
        let cut: String = title.text.chars().take(MAX_TITLE_CHARS - 1).collect();
        title.text = format!("{}…", cut.trim_end());
        let message = format!("The title has more than {MAX_TITLE_CHARS} characters and was shortened.");
        warnings.push(Warning::new("title-shortened", message));
    }
    title
}

fn in_field(note: &Submission, aliases: &[String], heading: Option<&Title>) -> Option<Title> {
    let known = |name: &str| note.fields.values.keys().find(|key| fold_key(key) == name);
    let named = listed(FIELD_NAMES).find_map(known);
    let key = named.or_else(|| aliases.iter().find_map(|alias| known(&fold_key(alias))))?;
    // Fields print letter for letter: nothing in one is markup.
    let text = tidy(&note.fields.text(key).or_else(|| first_of_many(note, key))?);
    if text.is_empty() {
        return None;
    }
    // The same words again as a heading: the page prints them once, where the heading stands.
    let same = heading.filter(|heading| [text.as_str(), &plain(&text)].iter().any(|text| fold(&heading.text) == fold(text)));
    let source = same.map_or(TitleSource::Field, |heading| heading.source);
    Some(Title { evidence: format!("Title: the field `{key}`."), text, source })
}

/// The title of a note that has one for each language (`title: {en: …, zh: …}`), in the first of its languages.
fn first_of_many(note: &Submission, key: &str) -> Option<String> {
    let languages = languages_named(note);
    let first = languages.first().and_then(|first| by_language(note.fields.values.get(key)?, first, 0));
    first.or_else(|| match note.fields.values.get(key)? {
        Value::Object(map) => map.values().find_map(Value::as_str).map(str::to_owned),
        Value::Array(items) => items.iter().find_map(Value::as_str).map(str::to_owned),
        _ => None,
    })
}

/// The title of a note in its second language, where it has one for each.
pub fn title_in(note: &Submission, language: &Language) -> Option<String> {
    let key = note.fields.values.keys().find(|key| listed(FIELD_NAMES).any(|name| name == fold_key(key)))?;
    by_language(note.fields.values.get(key)?, language, 1).map(|text| tidy(&text)).filter(|text| !text.is_empty())
}

fn by_language(value: &Value, language: &Language, place: usize) -> Option<String> {
    let found = match value {
        Value::Object(map) => {
            let has = |key: &str, tag: &str| key.eq_ignore_ascii_case(tag);
            let of = |tag: &str| map.iter().find(|(key, _)| has(key, tag)).map(|(_, text)| text);
            of(&language.0).or_else(|| of(language.primary()))?
        }
        Value::Array(items) => items.get(place)?,
        _ => return None,
    };
    found.as_str().map(str::to_owned)
}

/// The first heading with words, if little stands before it; in plain text a first line that stands alone.
fn heading(outline: &Outline<'_>) -> Option<Title> {
    if !outline.markup {
        return first_line(outline);
    }
    let mut before = 0;
    for line in &outline.lines {
        match line.kind {
            Kind::Heading(_) => {
                let text = outline.plain(line);
                if text.is_empty() {
                    continue;
                }
                if text.chars().count() > MAX_TITLE_CHARS {
                    return None;
                }
                let source = if before == 0 { TitleSource::Heading(line.number) } else { TitleSource::Line(line.number) };
                return Some(Title { evidence: format!("Title: the heading in line {}.", line.file_line), text, source });
            }
            Kind::Blank | Kind::Silent | Kind::Rule => {}
            Kind::Text if is_image(line.raw) => {}
            _ => before += 1,
        }
        if before > LINES_BEFORE {
            return None;
        }
    }
    None
}

fn first_line(outline: &Outline<'_>) -> Option<Title> {
    let at = outline.lines.iter().position(|line| !line.is_blank())?;
    let (line, next) = (&outline.lines[at], outline.lines.get(at + 1)?);
    let text = tidy(line.raw);
    let count = text.chars().count();
    let says_more = text.ends_with([':', '：', ',', '，', '.', '。', ';', '；', '、']);
    if !next.is_blank() || line.kind != Kind::Text || says_more || count > MAX_FIRST_LINE_CHARS || !text.chars().any(char::is_alphabetic) {
        return None;
    }
    Some(Title {
        evidence: format!("Title: line {}, which stands alone.", line.file_line),
        text,
        source: TitleSource::Heading(line.number),
    })
}

/// Whether a line is an image and nothing else.
fn is_image(raw: &str) -> bool {
    let text = raw.trim();
    (text.starts_with("![") || text.starts_with("[![")) && text.ends_with([')', ']'])
}

/// `2024-03-05_board minutes.md` → `board minutes`.
fn of_file(note: &Submission) -> Title {
    let stem = floor(file_stem(&note.name), 1_000);
    let mut left = stem.to_owned();
    if let Some(date) = dates_in(stem).into_iter().next() {
        left.replace_range(date.start..date.end, " ");
    }
    let words = spaced(&left);
    let text = if words.chars().any(char::is_alphabetic) { words } else { spaced_or(stem) };
    Title { evidence: "Title: the file's name.".to_owned(), text, source: TitleSource::FileName }
}

/// Underscores and hyphens between words as spaces.
fn spaced(name: &str) -> String {
    let text = tidy(&name.replace(['_', '-', '+'], " ")).replace("()", " ");
    tidy(text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '.' | ',' | '~')))
}

/// A name that is nothing but a date stays as it is.
fn spaced_or(stem: &str) -> String {
    let text = tidy(stem);
    if text.is_empty() { "Untitled".to_owned() } else { text }
}

//! The words of a note: its running text without the marks of Markdown, then the values of its fields, one line for
//! each paragraph, heading, entry or value.

use pulldown_cmark::{Event, TagEnd};
use serde_json::{Map, Value};

use crate::composition::merge::ROW_FILE;
use crate::reading::{Alone, Dialect, Format, alone, html_element, markdown_events};

/// A file of a record's source.
#[derive(Clone, Debug)]
pub(super) struct SourceFile {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// The words of a note; those of a merged one with its row. Nothing of what is no text.
pub(super) fn words(note: &SourceFile, company: &[SourceFile]) -> String {
    let row =
        company.iter().find(|file| file.name == ROW_FILE).and_then(|file| serde_json::from_slice::<Map<String, Value>>(&file.bytes).ok());
    let Some(Alone { format, fields, body }) = alone(&note.name, &note.bytes) else { return String::new() };
    let text = match &row {
        Some(row) => filled(&body.text, row),
        None => body.text,
    };
    let mut out = String::with_capacity(text.len() + 256);
    if format == Format::Text {
        out.push_str(&text)
    } else {
        without_marks(&text, &mut out)
    }
    end_line(&mut out);
    for value in fields.values.values() {
        match (value, &row) {
            (Value::String(text), Some(row)) => line(&filled(text, row), &mut out),
            (other, _) => values(other, &mut out, 0),
        }
    }
    row.iter().flat_map(Map::values).for_each(|cell| values(cell, &mut out, 0));
    out
}

/// Values within values are followed so deep; reading allows no more.
const MAX_DEPTH: usize = 100;

fn values(value: &Value, out: &mut String, depth: usize) {
    match value {
        Value::String(text) => line(text, out),
        Value::Number(number) => line(&number.to_string(), out),
        Value::Array(items) if depth < MAX_DEPTH => items.iter().for_each(|item| values(item, out, depth + 1)),
        Value::Object(map) if depth < MAX_DEPTH => map.values().for_each(|item| values(item, out, depth + 1)),
        _ => {}
    }
}

fn line(text: &str, out: &mut String) {
    out.push_str(text.trim());
    end_line(out);
}

fn end_line(out: &mut String) {
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
}

/// A merged text: simple tags give way to their cell, all others fall out.
fn filled(text: &str, row: &Map<String, Value>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find("{{").into_iter().chain(rest.find("{%")).chain(rest.find("{#")).min() {
        out.push_str(&rest[..open]);
        let tag = &rest[open..];
        let close = match &tag[..2] {
            "{{" => "}}",
            "{%" => "%}",
            _ => "#}",
        };
        let Some(end) = tag.find(close) else {
            rest = tag;
            break;
        };
        let name = tag[2..end].trim().strip_prefix("row.").map(|name| name.split('|').next().unwrap_or(name).trim());
        match name.and_then(|name| row.get(name)) {
            Some(Value::String(cell)) => out.push_str(cell),
            Some(Value::Number(cell)) => out.push_str(&cell.to_string()),
            _ => {}
        }
        rest = &tag[end + 2..];
    }
    out.push_str(rest);
    out
}

fn without_marks(markdown: &str, out: &mut String) {
    for (event, _) in markdown_events(markdown, Dialect::default()) {
        match event {
            Event::Text(text) | Event::Code(text) | Event::InlineMath(text) | Event::DisplayMath(text) => out.push_str(&text),
            Event::SoftBreak => out.push(' '),
            Event::HardBreak | Event::Rule => end_line(out),
            Event::End(TagEnd::TableCell) => out.push_str("  "),
            Event::End(
                TagEnd::Emphasis
                | TagEnd::Strong
                | TagEnd::Strikethrough
                | TagEnd::Superscript
                | TagEnd::Subscript
                | TagEnd::Link
                | TagEnd::Image,
            ) => {}
            Event::End(_) => end_line(out),
            Event::InlineHtml(tag) | Event::Html(tag) => without_tags(&tag, out),
            _ => {}
        }
    }
}

/// HTML as its words; `<name of member>` is words of the note.
fn without_tags(html: &str, out: &mut String) {
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        out.push_str(&rest[..open]);
        let tag = &rest[open..];
        let is_tag = tag.starts_with("<!--") || html_element(tag).is_some();
        let close = if tag.starts_with("<!--") { "-->" } else { ">" };
        match tag.find(close).filter(|_| is_tag) {
            Some(end) => {
                out.push(' ');
                rest = &tag[end + close.len()..];
            }
            None => {
                out.push('<');
                rest = &tag[1..];
            }
        }
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, text: &str) -> SourceFile {
        SourceFile { name: name.to_owned(), bytes: text.as_bytes().to_vec() }
    }

    #[test]
    fn marks_fall_away_and_values_are_words() {
        let note = "---\ntitle: Board\npeople:\n  - {name: Ann, votes: 3}\n---\n# The *Board*\n\nA [link](http://x.example/hidden) and\n`code`.\n\n\
                    | a | b |\n|---|---|\n| c | d |\n\n- one\n- two<br>lines <name of member> <!-- not this -->\n";
        let words = words(&file("n.md", note), &[]);
        let expected = ["The Board", "A link and code.", "a  b", "c  d", "one", "two lines <name of member>", "Board", "Ann", "3"];
        assert_eq!(words.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_merged_note_has_the_words_of_its_row() {
        let note = file(
            "n.md",
            "---\nto: '{{ row.name }}'\n---\nDear {{ row.name | upper }},{% if row.vip %} welcome{% endif %} at table {{row.table}}.\n",
        );
        let row = file(ROW_FILE, r#"{"name": "Ann Miller", "table": 7, "vip": "yes"}"#);
        let words = words(&note, &[row]);
        assert!(words.starts_with("Dear Ann Miller, welcome at table 7.\nAnn Miller\n"), "{words}");
        assert!(!words.contains("row.") && !words.contains("{{"), "{words}");
    }

    #[test]
    fn a_broken_tag_stays_text_and_what_is_no_text_gives_nothing() {
        assert_eq!(filled("a {{ row.x", &Map::new()), "a {{ row.x");
        assert_eq!(words(&file("x.png", "\u{0}"), &[]), "");
        assert_eq!(words(&file("plain.txt", "*a*\nb"), &[]), "*a*\nb\n");
    }
}

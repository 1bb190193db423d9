//! Slips that people make in YAML and that can mean only one thing: each is mended and becomes a warning.
//!
//! Works line by line and never adds or removes a line, so that line numbers stay true.

use crate::failure::Warning;

/// A text in which slips are mended.
pub(super) struct Mended {
    pub(super) text: String,
    pub(super) notes: Vec<Note>,
}

/// A slip that was mended.
pub(super) struct Note {
    /// The line in the text, from 1.
    pub(super) line: u32,
    slip: Slip,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Slip {
    Tab,
    Colon,
    Reserved(char),
}

impl Note {
    /// The warning, for a text that begins at line `first_line` of the file.
    pub(super) fn warning(&self, first_line: u32) -> Warning {
        let (code, message) = match self.slip {
            Slip::Tab => ("tab-indentation", "A tab before the name was read as two spaces.".to_owned()),
            Slip::Colon => ("full-width-colon", "The full-width colon after the name was read as `: `.".to_owned()),
            Slip::Reserved(c) => {
                ("reserved-character", format!("A value that begins with `{c}` was read as text; YAML wants it in quotation marks."))
            }
        };
        Warning::new(code, message).at_line(first_line + self.line - 1)
    }
}

/// Mends what can be mended; `None` if there is nothing.
///
/// With `all_named`, the text is no mapping as it stands and becomes one only if each of its lines is a
/// `name：value`, a list entry or indented: prose between two rules must stay prose.
pub(super) fn mend(source: &str, all_named: bool) -> Option<Mended> {
    if all_named && !source.lines().all(named_or_within) {
        return None;
    }
    let mut mended = Mended { text: String::with_capacity(source.len() + 64), notes: Vec::new() };
    let mut skip = Skip::Nothing;
    for (number, line) in (1..).zip(source.split_inclusive('\n')) {
        if skip.covers(line) {
            mended.text.push_str(line);
            continue;
        }
        let (text, slips) = mend_line(line);
        skip = Skip::after(&text);
        mended.text.push_str(&text);
        mended.notes.extend(slips.into_iter().map(|slip| Note { line: number, slip }));
    }
    (!mended.notes.is_empty()).then_some(mended)
}

/// Lines that are the inside of a longer value.
enum Skip {
    Nothing,
    /// A block (`|` or `>`): all lines indented deeper than this.
    Block(usize),
    /// A quoted text, up to the line with this mark.
    Quote(char),
}

impl Skip {
    /// What follows a line.
    fn after(line: &str) -> Self {
        let indent = line.len() - line.trim_start().len();
        let value = parts(line).map_or(line.trim_start(), |parts| parts.value).trim();
        let header = value.split('#').next().unwrap_or("").trim();
        if header.starts_with(['|', '>']) && header.len() <= 3 {
            return Self::Block(indent);
        }
        match value.chars().next() {
            Some(mark @ ('"' | '\'')) if !value[1..].contains(mark) => Self::Quote(mark),
            _ => Self::Nothing,
        }
    }

    fn covers(&mut self, line: &str) -> bool {
        match self {
            Self::Nothing => return false,
            Self::Block(indent) if line.trim().is_empty() || line.len() - line.trim_start().len() > *indent => return true,
            Self::Quote(mark) => {
                if line.contains(*mark) {
                    *self = Self::Nothing;
                }
                return true;
            }
            Self::Block(_) => {}
        }
        *self = Self::Nothing;
        false
    }
}

/// A line taken apart: `  - `, `name`, `: `, `value`.
struct Parts<'a> {
    prefix: &'a str,
    name: &'a str,
    full_width: bool,
    value: &'a str,
}

fn parts(line: &str) -> Option<Parts<'_>> {
    let content = line.trim_start_matches([' ', '\t', '\u{3000}']);
    let content = strip_dashes(content);
    let prefix = &line[..line.len() - content.len()];
    let (at, colon) = content.char_indices().find(|(at, c)| *c == '：' || (*c == ':' && ends_name(&content[at + 1..])))?;
    let name = &content[..at];
    let value = &content[at + colon.len_utf8()..];
    let full_width = colon == '：' || value.starts_with('\u{3000}');
    let fits = !name.trim().is_empty() && name.chars().count() <= 40 && !name.contains(['"', '\'', '[', '{', '#', '，', '。', ',']);
    fits.then_some(Parts { prefix, name, full_width, value })
}

/// Whether what follows a colon makes it one between name and value.
fn ends_name(rest: &str) -> bool {
    rest.trim_end_matches('\n').is_empty() || rest.starts_with([' ', '\t', '\u{3000}'])
}

fn strip_dashes(mut content: &str) -> &str {
    while let Some(rest) = content.strip_prefix("- ") {
        content = rest.trim_start_matches(' ');
    }
    content
}

/// Whether a line is named, within something, blank or a comment.
fn named_or_within(line: &str) -> bool {
    line.trim().is_empty()
        || line.starts_with([' ', '\t', '\u{3000}', '#', '-'])
        || parts(line).is_some_and(|parts| parts.name.chars().count() <= 12)
}

fn mend_line(line: &str) -> (String, Vec<Slip>) {
    let mut slips = Vec::new();
    let (line_text, line_end) = line.strip_suffix('\n').map_or((line, ""), |text| (text, "\n"));
    let Some(Parts { prefix, name, full_width, value }) = parts(line_text) else {
        let content = strip_dashes(line_text.trim_start());
        let prefix = &line_text[..line_text.len() - content.len()];
        let value = quote_reserved(content, &mut slips);
        return (format!("{}{value}{line_end}", spaces(prefix, &mut slips)), slips);
    };
    let prefix = spaces(prefix, &mut slips);
    let name = quote_reserved(name, &mut slips);
    // `- name：value` may be a sentence: only a whole line is taken for name and value.
    let separator = if full_width && !prefix.contains('-') {
        slips.push(Slip::Colon);
        ": "
    } else if full_width {
        "："
    } else {
        ":"
    };
    let trimmed = if separator == ": " { value.trim_start() } else { value };
    let value = quote_reserved(trimmed, &mut slips);
    (format!("{prefix}{name}{separator}{value}{line_end}"), slips)
}

/// Tabs and full-width spaces before a line as two spaces each.
fn spaces(prefix: &str, slips: &mut Vec<Slip>) -> String {
    if prefix.contains(['\t', '\u{3000}']) {
        slips.push(Slip::Tab);
    }
    prefix.replace(['\t', '\u{3000}'], "  ")
}

/// Puts a value, or the entries of a `[…]` list, into quotation marks where it begins with a reserved character.
fn quote_reserved(value: &str, slips: &mut Vec<Slip>) -> String {
    let content = value.trim_start();
    let blank = &value[..value.len() - content.len()];
    if let Some(list) = content.strip_prefix('[').filter(|_| !content.contains(['"', '\''])) {
        let entries: Vec<String> = list.split(',').map(|entry| quote_entry(entry, slips)).collect();
        return format!("{blank}[{}", entries.join(","));
    }
    let Some(c) = content.chars().next().filter(|c| reserved(*c, content)) else { return value.to_owned() };
    let end = content.find(" # ").unwrap_or(content.len());
    let (words, comment) = content.split_at(end);
    slips.push(Slip::Reserved(c));
    format!("{blank}{}{comment}", quoted(words.trim_end()))
}

fn quote_entry(entry: &str, slips: &mut Vec<Slip>) -> String {
    let content = entry.trim();
    let Some(c) = content.chars().next().filter(|c| reserved(*c, content)) else { return entry.to_owned() };
    let start = entry.len() - entry.trim_start().len();
    let end = content.find(']').unwrap_or(content.len());
    slips.push(Slip::Reserved(c));
    format!("{}{}{}", &entry[..start], quoted(content[..end].trim_end()), &entry[start + end..])
}

/// Whether a bare value cannot begin like this, or YAML would take its first word for something else.
fn reserved(first: char, content: &str) -> bool {
    match first {
        '@' | '`' | '%' => true,
        '*' | '&' => content.trim_end().contains(' '),
        _ => false,
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

//! Looks through a template's tags before Tera does: which columns each uses, and what a note may not do.
//!
//! A tag that is not known to be harmless is refused. Columns whose names Tera cannot write after a dot
//! (`row.姓名`) are rewritten; lines never move.

use std::ops::Range;

use pulldown_cmark::Event;

use crate::failure::Problem;
use crate::reading::{Dialect, markdown_events};

/// A template ready for Tera.
pub(super) struct Template {
    pub(super) text: String,
    pub(super) tags: Vec<Tag>,
}

/// One `{{ … }}` or `{% … %}`.
pub(super) struct Tag {
    /// Where it stands in [`Template::text`].
    pub(super) range: Range<usize>,
    /// Its line in the template, from 1.
    pub(super) line: u32,
    /// The columns that it names.
    pub(super) columns: Vec<String>,
    /// Whether it says itself what to print for an empty cell.
    pub(super) copes: bool,
}

/// The tags that a note may use.
const ALLOWED: [&str; 8] = ["if", "elif", "else", "endif", "for", "endfor", "break", "continue"];
/// Loops in one template.
const MAX_LOOPS: usize = 100;

/// Whether a text has anything for Tera to do.
pub(super) fn is_template(text: &str) -> bool {
    ["{{", "{%", "{#"].iter().any(|mark| text.contains(mark))
}

/// Prepares a template.
///
/// # Errors
/// A tag that a note may not use, with its line in the template.
pub(super) fn prepare(source: &str) -> Result<Template, Box<(Problem, u32)>> {
    let mut template = Template { text: String::with_capacity(source.len() + 32), tags: Vec::new() };
    let (mut at, mut line, mut loops, mut open_loops) = (0, 1u32, 0, 0usize);
    while let Some(offset) = next_tag(&source[at..]) {
        let start = at + offset;
        template.text.push_str(&source[at..start]);
        line += newlines(&source[at..start]);
        let end = tag_end(source, start);
        let tag = &source[start..end];
        let refused = |message: String, help: &str| Box::new((Problem::new("template-refused", message, help), line));
        let tokens = tokens(tag);
        let word = tag.starts_with("{%").then(|| first_word(&tokens)).flatten();
        if tag.starts_with("{#") || word == Some("raw") {
            template.text.push_str(tag);
        } else {
            match word {
                Some("for") => (loops, open_loops) = (loops + 1, open_loops + 1),
                Some("endfor") => open_loops = open_loops.saturating_sub(1),
                Some(word) if !ALLOWED.contains(&word) => {
                    let help = "A note can use `{{ row.name }}`, `{% if … %}` and `{% for … %}`; everything else belongs into a template.";
                    return Err(refused(format!("`{{% {word} %}}` cannot be used in a note."), help));
                }
                _ => {}
            }
            let inner_loops = tokens.iter().filter(|token| token.is("for")).count() > usize::from(word == Some("for"));
            if open_loops > 1 || inner_loops || loops > MAX_LOOPS {
                let message = format!("A note can have at most {MAX_LOOPS} loops, none of them within another.");
                return Err(refused(message, "Write the lines out, or prepare them in the table."));
            }
            template.add(tag, &tokens, line);
        }
        line += newlines(tag);
        at = end;
    }
    template.text.push_str(&source[at..]);
    Ok(template)
}

impl Template {
    /// The tag at a byte of the text.
    pub(super) fn tag_at(&self, byte: usize) -> Option<&Tag> {
        self.tags.iter().find(|tag| tag.range.contains(&byte))
    }

    /// Lets cells stand as they are within code, where an escape would print: `{{ cell }}` becomes `{{ (cell) | verbatim }}`.
    pub(super) fn leave_code_alone(&mut self) {
        let code: Vec<Range<usize>> = markdown_events(&self.text, Dialect::default())
            .into_iter()
            .filter(|(event, _)| matches!(event, Event::Code(_) | Event::Start(pulldown_cmark::Tag::CodeBlock(_))))
            .map(|(_, range)| range)
            .collect();
        let (mut text, mut copied) = (String::with_capacity(self.text.len()), 0);
        for tag in &mut self.tags {
            let source = &self.text[tag.range.clone()];
            text.push_str(&self.text[copied..tag.range.start]);
            copied = tag.range.end;
            let start = text.len();
            let inner = source.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}")).filter(|inner| !inner.contains(['{', '}', '-']));
            match inner.filter(|_| code.iter().any(|code| code.start <= tag.range.start && tag.range.end <= code.end)) {
                Some(inner) => text.push_str(&format!("{{{{ ({}) | verbatim }}}}", inner.trim())),
                None => text.push_str(source),
            }
            tag.range = start..text.len();
        }
        text.push_str(&self.text[copied..]);
        self.text = text;
    }

    fn add(&mut self, tag: &str, tokens: &[Token<'_>], line: u32) {
        let start = self.text.len();
        let copes =
            ["default", "defined", "or", "if"].iter().any(|word| tag.starts_with("{{") && tokens.iter().any(|token| token.is(word)));
        // Tera prints nothing for an undefined part of `a ~ b`, so such parts are asked for one by one.
        let ask = tag.starts_with("{{") && !copes && tokens.iter().any(|token| token.text == "~");
        let (mut columns, mut index, mut copied) = (Vec::new(), 0, 0);
        while index < tokens.len() {
            let Some((column, length)) = column(&tokens[index..]) else {
                index += 1;
                continue;
            };
            let (first, last) = (&tokens[index], &tokens[index + length - 1]);
            let continues = tokens.get(index + length).is_some_and(|next| [".", "[", "?"].contains(&next.text));
            let end = last.at + last.text.len();
            self.text.push_str(&tag[copied..first.at]);
            let written = if column.is_ascii() { tag[first.at..end].to_owned() } else { format!("row[\"{column}\"]") };
            if ask && !continues {
                self.text.push_str(&format!("({written} | needed)"));
            } else {
                self.text.push_str(&written);
            }
            copied = end;
            columns.push(column);
            index += length;
        }
        self.text.push_str(&tag[copied..]);
        self.tags.push(Tag { range: start..self.text.len(), line, columns, copes });
    }
}

/// A word, a text in quotation marks or a sign in a tag.
struct Token<'a> {
    at: usize,
    text: &'a str,
}

impl Token<'_> {
    fn is(&self, word: &str) -> bool {
        self.text == word
    }
}

/// `row.name`, `row?.name` or `row["name"]` at the start of some tokens: the column and how many tokens that is.
fn column(tokens: &[Token<'_>]) -> Option<(String, usize)> {
    if !tokens.first()?.is("row") {
        return None;
    }
    let skip = usize::from(tokens.get(1)?.is("?"));
    let (sign, name) = (tokens.get(1 + skip)?, tokens.get(2 + skip)?);
    let quoted = name.text.strip_prefix(['"', '\'', '`']).and_then(|rest| rest.strip_suffix(['"', '\'', '`']));
    match (sign.text, quoted) {
        (".", None) if name.text.starts_with(word_character) => Some((name.text.to_owned(), 3 + skip)),
        ("[", Some(quoted)) if tokens.get(3 + skip)?.is("]") && !quoted.contains('\\') => Some((quoted.to_owned(), 4 + skip)),
        _ => None,
    }
}

fn word_character(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn tokens(tag: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(c) = tag[at..].chars().next() {
        let rest = &tag[at..];
        let length = match c {
            '"' | '\'' | '`' => rest[1..].find(c).map_or(rest.len(), |end| end + 2),
            c if word_character(c) => rest.find(|c| !word_character(c)).unwrap_or(rest.len()),
            c => c.len_utf8(),
        };
        if !c.is_whitespace() {
            tokens.push(Token { at, text: &rest[..length] });
        }
        at += length;
    }
    tokens
}

/// The word after `{%` or `{%-`.
fn first_word<'a>(tokens: &[Token<'a>]) -> Option<&'a str> {
    let token = tokens.iter().skip(2).find(|token| !token.is("-"))?;
    Some(token.text)
}

/// Where the next tag or comment begins.
fn next_tag(text: &str) -> Option<usize> {
    ["{{", "{%", "{#"].iter().filter_map(|mark| text.find(mark)).min()
}

/// One past the end of the tag that begins at `start`; a `{% raw %}` reaches to its `{% endraw %}`.
fn tag_end(source: &str, start: usize) -> usize {
    let rest = &source[start..];
    let close = match &rest[..2] {
        "{{" => "}}",
        "{%" => "%}",
        _ => return start + rest.find("#}").map_or(rest.len(), |end| end + 2),
    };
    let mut at = 2;
    while at < rest.len() && !rest[at..].starts_with(close) {
        let c = rest[at..].chars().next().unwrap_or(' ');
        let quoted = matches!(c, '"' | '\'' | '`').then(|| rest[at + 1..].find(c)).flatten();
        at += quoted.map_or(c.len_utf8(), |end| end + 2);
    }
    let end = (at + 2).min(rest.len());
    let is_raw = close == "%}" && first_word(&tokens(&rest[..end])) == Some("raw");
    let end =
        if is_raw { rest.find("endraw").and_then(|at| rest[at..].find("%}").map(|end| at + end + 2)).unwrap_or(rest.len()) } else { end };
    start + end
}

fn newlines(text: &str) -> u32 {
    text.matches('\n').count() as u32
}

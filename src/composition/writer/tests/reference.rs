//! The text of reference HTML, as a page shows it: with the marks of lists, the numbers of footnotes where they stand at the
//! foot, `[…]` for an image that is not there, and what HTML does not know as it was written.

use crate::reading::html_element;

/// Elements that part words.
const PARTING: &str = "address article aside blockquote br center dd details div dl dt footer form h1 h2 h3 h4 h5 h6 header hr iframe li main nav \
    ol p pre section summary table tbody td tfoot th thead tr ul";

/// Reads HTML.
#[derive(Default)]
struct Reference {
    text: String,
    /// The lists that are open: the next number, or none.
    lists: Vec<Option<u64>>,
    /// What stood before each footnote that is open, and how many `div` deep it is.
    footnote: Option<(String, String, usize)>,
    divs: usize,
    footnotes: Vec<(u64, String)>,
    /// What was never referred to.
    loose: Vec<String>,
}

/// The text of HTML.
pub(super) fn reference_text(html: &str) -> String {
    let mut reference = Reference::default();
    let mut rest = html;
    while let Some(c) = rest.chars().next() {
        rest = match c {
            '<' => reference.tag(rest, html),
            '&' => reference.character(rest),
            c => {
                reference.text.push(c);
                &rest[c.len_utf8()..]
            }
        };
    }
    reference.footnotes.sort_by_key(|(number, _)| *number);
    let footnotes: Vec<String> = reference.footnotes.into_iter().map(|(_, text)| text).collect();
    [vec![reference.text], reference.loose, footnotes].concat().join(" ")
}

impl Reference {
    fn tag<'h>(&mut self, rest: &'h str, html: &str) -> &'h str {
        if let Some(end) = comment(rest) {
            return &rest[end..];
        }
        let (Some(name), Some(end)) = (html_element(rest), tag_end(rest)) else {
            self.text.push('<');
            return &rest[1..];
        };
        let (tag, after) = rest.split_at(end);
        if PARTING.split_whitespace().any(|parting| parting == name) {
            self.text.push(' ');
        }
        match (name, tag.starts_with("</")) {
            ("script" | "style", false) => {
                let closing = format!("</{name}>");
                if let Some(at) = after.find(&closing) {
                    return &after[at + closing.len()..];
                }
            }
            ("ul" | "ol", false) => {
                let start = attribute(tag, "start").and_then(|start| start.parse().ok()).unwrap_or(1);
                self.lists.push((name == "ol").then_some(start));
            }
            ("ul" | "ol", true) => drop(self.lists.pop()),
            ("li", false) => self.item(after),
            ("input", false) => self.text.push_str(if tag.contains("checked") { "☑ " } else { "☐ " }),
            ("img", false) => self.image(tag),
            ("code", false) if !after.starts_with("</code>") => {
                if let Some(language) = attribute(tag, "class").and_then(|class| class.strip_prefix("language-").map(str::to_owned)) {
                    self.text.push_str(&format!("{} ", language.split([',', '{']).next().unwrap_or_default()));
                }
            }
            ("sup", false) if tag.contains("footnote-reference") => self.text.push(' '),
            // The number at the foot stands a little off its note.
            ("sup", true) if self.footnote.is_some() && self.text.chars().all(|c| c.is_numeric() || c.is_whitespace()) => {
                self.text.push(' ');
            }
            ("blockquote", false) => {
                if let Some(kind) = attribute(tag, "class").and_then(|class| class.strip_prefix("markdown-alert-").map(str::to_owned)) {
                    self.text.push_str(&format!("{}{} ", kind[..1].to_uppercase(), &kind[1..]));
                }
            }
            ("div", false) => {
                self.divs += 1;
                if tag.contains("footnote-definition") {
                    let id = attribute(tag, "id").unwrap_or_default();
                    let id = if html.contains(&format!("href=\"#{id}\"")) { String::new() } else { id };
                    self.footnote = Some((std::mem::take(&mut self.text), id, self.divs));
                }
            }
            ("div", true) => self.end_div(),
            _ => {}
        }
        after
    }

    fn item(&mut self, after: &str) {
        let inside = after.trim_start();
        let is_task = inside.strip_prefix("<p>").unwrap_or(inside).starts_with("<input");
        match self.lists.last_mut() {
            Some(Some(next)) => {
                self.text.push_str(&format!("{next}. "));
                *next += 1;
            }
            Some(None) if !is_task => self.text.push_str("• "),
            _ => {}
        }
    }

    fn image(&mut self, tag: &str) {
        let address = decoded(&attribute(tag, "src").unwrap_or_default());
        let alternative = decoded(&attribute(tag, "alt").unwrap_or_default());
        let shown = if alternative.trim().is_empty() { address.clone() } else { alternative };
        if address.starts_with("http") { self.text.push_str(&shown) } else { self.text.push_str(&format!("[{shown}]")) }
    }

    fn end_div(&mut self) {
        if let Some((before, id, divs)) = self.footnote.take() {
            if divs == self.divs {
                let note = std::mem::replace(&mut self.text, before);
                let (number, text) = note.trim().split_once(char::is_whitespace).unwrap_or((note.trim(), ""));
                if id.is_empty() {
                    self.footnotes.push((number.parse().unwrap_or(0), format!("{number} {text}")));
                } else {
                    self.loose.push(format!("[{id}] {text}"));
                }
            } else {
                self.footnote = Some((before, id, divs));
            }
        }
        self.divs = self.divs.saturating_sub(1);
    }

    fn character<'h>(&mut self, rest: &'h str) -> &'h str {
        let end = rest.find(';').map_or(1, |end| end + 1);
        let decoded = decoded(&rest[..end]);
        if decoded == rest[..end] {
            self.text.push('&');
            return &rest[1..];
        }
        self.text.push_str(&decoded);
        &rest[end..]
    }
}

fn comment(rest: &str) -> Option<usize> {
    let inner = rest.strip_prefix("<!--")?;
    match inner {
        _ if inner.starts_with('>') => Some(5),
        _ if inner.starts_with("->") => Some(6),
        _ => Some(4 + inner.find("-->")? + 3),
    }
}

fn tag_end(rest: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in rest.char_indices() {
        match (quote, c) {
            (None, '>') => return Some(at + 1),
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
    }
    None
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let value = tag.split_once(&format!(" {name}=\""))?.1;
    Some(value.split('"').next()?.to_owned())
}

fn decoded(text: &str) -> String {
    let named =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&#x27;", "'"), ("&nbsp;", " "), ("&copy;", "©"), ("&amp;", "&")];
    named.iter().fold(text.to_owned(), |text, (name, character)| text.replace(name, character))
}

//! LaTeX read as a formula of Typst. Every letter of the note stands alone or in a string literal and every sign is escaped, so that
//! none of them can be code. What is not known ends the reading: a formula is set whole or not at all.

use std::fmt::Write;

use super::latex_names::{Named, named};

/// Groups within groups beyond this depth are not set.
const MAX_DEPTH: usize = 12;
/// Longer formulas are not set.
const MAX_CHARS: usize = 4_000;

/// LaTeX as a formula of Typst, if all of it is known; else the command that is not.
pub(super) fn formula(source: &str) -> Result<String, Option<String>> {
    if source.trim().is_empty() || source.chars().count() > MAX_CHARS {
        return Err(None);
    }
    let mut reader = Reader { rest: source, depth: 0, unknown: None };
    match reader.sequence(&[]) {
        Some(code) if reader.rest.is_empty() => Ok(code),
        _ => Err(reader.unknown),
    }
}

/// What is still to be read of a formula.
pub(super) struct Reader<'s> {
    pub(super) rest: &'s str,
    depth: usize,
    /// The command that is not known.
    pub(super) unknown: Option<String>,
}

impl<'s> Reader<'s> {
    /// Everything up to one of the ends, which stay.
    pub(super) fn sequence(&mut self, ends: &[&str]) -> Option<String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let mut code = String::new();
        loop {
            self.rest = self.rest.trim_start();
            if self.rest.is_empty() || ends.iter().any(|end| self.begins_with(end)) {
                break;
            }
            let script = self.rest.chars().next().filter(|c| matches!(c, '^' | '_' | '\''));
            match script {
                // What is raised or lowered belongs to what stands directly before it.
                Some('\'') if !code.is_empty() => {
                    self.rest = &self.rest[1..];
                    code.push('\'');
                }
                Some(mark @ ('^' | '_')) => {
                    self.rest = &self.rest[1..];
                    let inner = self.argument()?;
                    let base = if code.is_empty() || code.ends_with([' ', '&']) { "\"\"" } else { "" };
                    write!(code, "{base}{mark}({inner})").ok()?;
                }
                _ => {
                    let atom = self.atom()?;
                    code.push_str(&atom);
                }
            }
            self.skip_limits();
            let is_shifted = self.rest.trim_start().starts_with(['^', '_', '\'']);
            code.push_str(if is_shifted { "" } else { " " });
        }
        self.depth -= 1;
        Some(code.trim_end().to_owned() + if code.trim_end().ends_with('\\') { " " } else { "" })
    }

    /// Whether an end stands here; `\right` does not end at `\rightarrow`.
    fn begins_with(&self, end: &str) -> bool {
        self.rest
            .strip_prefix(end)
            .is_some_and(|rest| !end.ends_with(char::is_alphabetic) || !rest.starts_with(|c: char| c.is_ascii_alphabetic()))
    }

    /// Where limits stand is Typst's own decision.
    fn skip_limits(&mut self) {
        while let Some(rest) = ["\\limits", "\\nolimits"].iter().find_map(|name| self.rest.trim_start().strip_prefix(name)) {
            self.rest = rest;
        }
    }

    pub(super) fn atom(&mut self) -> Option<String> {
        let c = self.rest.chars().next()?;
        if c.is_ascii_digit() {
            return Some(self.number());
        }
        if c.is_alphabetic() && !c.is_ascii() {
            return Some(self.word());
        }
        self.rest = &self.rest[c.len_utf8()..];
        match c {
            '\\' => self.command(),
            '{' => {
                let inner = self.sequence(&["}"])?;
                self.rest = self.rest.strip_prefix('}')?;
                Some(match inner.as_str() {
                    "" => "\"\"".to_owned(),
                    // Thousands: 1{,}000.
                    "\\," => "class(\"normal\", \",\")".to_owned(),
                    inner => format!("lr({inner})"),
                })
            }
            '}' => None,
            '&' => Some("&".to_owned()),
            '~' => Some("space".to_owned()),
            '\'' => Some("′".to_owned()),
            c if c.is_control() => None,
            c => Some(sign(c)),
        }
    }

    /// A number; a comma belongs to it before three figures, and one in braces, `1{,}5`, before any.
    fn number(&mut self) -> String {
        let figures = |text: &str| text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let mut number = String::new();
        let mut rest = self.rest;
        loop {
            let (some, after) = rest.split_at(figures(rest));
            number.push_str(some);
            rest = after;
            let (sign, after) = match ["{,}", ",", "."].into_iter().find_map(|sign| Some((sign, rest.strip_prefix(sign)?))) {
                Some((sign, after)) if figures(after) == 3 || (sign != "," && figures(after) > 0) => (sign, after),
                _ => break,
            };
            number.push_str(sign.trim_matches(['{', '}']));
            rest = after;
        }
        self.rest = rest;
        if number.contains(',') || number.matches('.').count() > 1 { format!("\"{number}\"") } else { number }
    }

    /// A word in letters that are none of mathematics, such as 利润.
    fn word(&mut self) -> String {
        let is_greek = |c: char| matches!(c, '\u{370}'..='\u{3ff}');
        let first = self.rest.chars().next().unwrap_or(' ');
        let length = if is_greek(first) {
            first.len_utf8()
        } else {
            self.rest.find(|c: char| c.is_ascii() || !c.is_alphabetic() || is_greek(c)).unwrap_or(self.rest.len())
        };
        let (word, rest) = self.rest.split_at(length);
        self.rest = rest;
        if is_greek(first) { word.to_owned() } else { format!("\"{word}\"") }
    }

    /// A group in braces, or one sign.
    fn argument(&mut self) -> Option<String> {
        self.rest = self.rest.trim_start();
        if let Some(rest) = self.rest.strip_prefix('{') {
            self.rest = rest;
            let inner = self.sequence(&["}"])?;
            self.rest = self.rest.strip_prefix('}')?;
            return Some(if inner.is_empty() { "\"\"".to_owned() } else { inner });
        }
        // One digit, not a number: x^23 is x² 3.
        if let Some(digit) = self.rest.chars().next().filter(char::is_ascii_digit) {
            self.rest = &self.rest[1..];
            return Some(digit.to_string());
        }
        self.atom()
    }

    fn command(&mut self) -> Option<String> {
        let letters = self.rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(self.rest.len());
        if letters == 0 {
            let c = self.rest.chars().next()?;
            self.rest = &self.rest[c.len_utf8()..];
            return match c {
                '\\' => Some("\\ ".to_owned()),
                ',' => Some("thin".to_owned()),
                ':' | '>' => Some("med".to_owned()),
                ';' => Some("thick".to_owned()),
                ' ' => Some("space".to_owned()),
                '!' => Some("\"\"".to_owned()),
                '|' => Some("‖".to_owned()),
                c if c.is_ascii_punctuation() => Some(sign(c)),
                _ => None,
            };
        }
        let (name, rest) = self.rest.split_at(letters);
        self.rest = rest;
        match name {
            "frac" | "dfrac" | "tfrac" | "cfrac" => Some(format!("frac({}, {})", self.argument()?, self.argument()?)),
            "binom" | "dbinom" | "tbinom" => Some(format!("binom({}, {})", self.argument()?, self.argument()?)),
            "sqrt" if self.rest.trim_start().starts_with('[') => {
                self.rest = &self.rest.trim_start()[1..];
                let degree = self.sequence(&["]"])?;
                self.rest = self.rest.strip_prefix(']')?;
                Some(format!("root({degree}, {})", self.argument()?))
            }
            "overset" | "stackrel" => {
                let above = self.argument()?;
                Some(format!("attach(limits({}), t: {above})", self.argument()?))
            }
            "underset" => {
                let below = self.argument()?;
                Some(format!("attach(limits({}), b: {below})", self.argument()?))
            }
            "text" | "textrm" | "textnormal" | "mbox" | "mathrm" | "unit" | "si" | "num" => self.text().map(|text| literal(&text)),
            "textbf" => self.text().map(|text| format!("bold({})", literal(&text))),
            "textit" | "emph" => self.text().map(|text| format!("italic({})", literal(&text))),
            "SI" | "qty" => Some(format!("{} thin {}", literal(&self.text()?), literal(&self.text()?))),
            "operatorname" => {
                let starred = self.rest.strip_prefix('*');
                self.rest = starred.unwrap_or(self.rest);
                let name = literal(&self.text()?);
                Some(if starred.is_some() { format!("op({name}, limits: #true)") } else { format!("op({name})") })
            }
            "pmod" => Some(format!("(op(\"mod\") {})", self.argument()?)),
            "tag" => self.text().map(|text| format!("wide {}", literal(&format!("({text})")))),
            "label" => self.text().map(|_| "\"\"".to_owned()),
            "left" => self.fenced(),
            "middle" => self.fence(),
            "begin" => self.environment(),
            "quad" => Some("quad".to_owned()),
            "qquad" => Some("wide".to_owned()),
            _ => self.named(name),
        }
    }

    fn named(&mut self, name: &str) -> Option<String> {
        match named(name) {
            Some(Named::Sign(c)) => Some(sign(c)),
            Some(Named::Function { has_limits: true }) => Some(format!("op(\"{name}\", limits: #true)")),
            Some(Named::Function { has_limits: false }) => Some(format!("op(\"{name}\")")),
            Some(Named::Around(typst)) => Some(format!("{typst}({})", self.argument()?)),
            Some(Named::Nothing) => Some("\"\"".to_owned()),
            None => {
                self.unknown = Some(format!("\\{name}"));
                None
            }
        }
    }

    /// Words in braces, letter for letter.
    pub(super) fn text(&mut self) -> Option<String> {
        let mut text = String::new();
        let mut signs = self.rest.trim_start().strip_prefix('{')?.chars();
        let mut depth = 0usize;
        loop {
            match signs.next()? {
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                '{' => depth += 1,
                '\\' => match signs.next()? {
                    ',' | ';' | ':' | ' ' => text.push(' '),
                    '!' => {}
                    c if c.is_ascii_punctuation() => text.push(c),
                    _ => return None,
                },
                '$' => return None,
                '~' => text.push('\u{a0}'),
                c => text.push(c),
            }
        }
        self.rest = signs.as_str();
        Some(text)
    }
}

/// A text as a string literal.
fn literal(text: &str) -> String {
    format!("\"{}\"", text.replace(char::is_control, " ").replace('\\', "\\\\").replace('"', "\\\""))
}

/// A character that is only itself.
fn sign(c: char) -> String {
    match c {
        '-' => "−".to_owned(),
        '*' => "∗".to_owned(),
        c if c.is_ascii_punctuation() => format!("\\{c}"),
        c => c.to_string(),
    }
}

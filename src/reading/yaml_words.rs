//! What a YAML error means to somebody who does not know YAML, and where reading can go on after it.

use serde_saphyr::granit_parser::ErrorKind;

use super::tree;
use crate::failure::Problem;

/// The problem for an error of the parser in a line; the caller places it.
pub(super) fn problem(kind: &ErrorKind, line: &str) -> Problem {
    let (message, help) = match kind {
        ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidColonPlacement if second_colon(line).is_some() => {
            ("A second colon stands in this line, and only one can separate name and value.".to_owned(), quote_help(line))
        }
        ErrorKind::InvalidColonPlacement => (
            "A `name: value` stands within a list whose bracket is not closed.".to_owned(),
            "Put the missing `]` or `}` at the end of the line before.".to_owned(),
        ),
        ErrorKind::MappingValueNotAllowed => (
            "A `name: value` stands here where none can begin.".to_owned(),
            "Let it begin exactly below the name above, and close brackets and quotation marks in the lines before it.".to_owned(),
        ),
        ErrorKind::UnclosedQuotedScalar | ErrorKind::DocumentIndicatorInQuotedScalar => (
            "The quotation mark that opens here is never closed.".to_owned(),
            "Put the same quotation mark at the end of the value, or delete this one.".to_owned(),
        ),
        ErrorKind::InvalidTrailingDoubleQuotedScalar | ErrorKind::InvalidTrailingSingleQuotedScalar => (
            "More text follows after the closing quotation mark.".to_owned(),
            "Put the whole value into quotation marks: `'…'` around a text with \"…\" in it, or the other way round.".to_owned(),
        ),
        ErrorKind::UnknownQuotedScalarEscape | ErrorKind::InvalidQuotedScalarHexEscape | ErrorKind::InvalidUnicodeEscape => (
            "A backslash within \"…\" begins a special character, and this one is unknown.".to_owned(),
            "Use single quotation marks: `'C:\\files'`.".to_owned(),
        ),
        ErrorKind::UnclosedFlowCollection { .. }
        | ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofImplicitFlowMapping
        | ErrorKind::ExpectedFlowMappingSeparator
        | ErrorKind::ExpectedFlowSequenceSeparator
        | ErrorKind::MisplacedFlowCollectionEnd
        | ErrorKind::MismatchedFlowCollectionEnd { .. } => (
            "The brackets here do not match: each `[` needs its `]`, each `{` its `}`.".to_owned(),
            "Close the bracket, or put a text that has brackets in it into quotation marks.".to_owned(),
        ),
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => (
            "This line is no `name: value`: the colon is missing.".to_owned(),
            "Write `name: value` with a space after the colon, or indent the line if it continues the one above.".to_owned(),
        ),
        ErrorKind::ExpectedBlockMappingKey
        | ErrorKind::InvalidIndentation
        | ErrorKind::ExpectedBlockSequenceEntry
        | ErrorKind::BlockSequenceEntryNotAllowed
        | ErrorKind::InvalidBlockScalarIndent => (
            "This line does not fit the ones above it.".to_owned(),
            "Let lines that belong together begin at the same place, with spaces before them, list entries with `- `.".to_owned(),
        ),
        ErrorKind::TabInPlainScalar => (
            "The next line begins with a tab, where only spaces can stand.".to_owned(),
            "Replace the tab by two spaces, or delete it if the line begins something new.".to_owned(),
        ),
        ErrorKind::TabInBlockIndentation | ErrorKind::TabInIndentation | ErrorKind::TabNotAllowed | ErrorKind::TabAtBlockScalarStart => {
            ("A tab stands where only spaces can.".to_owned(), "Replace the tab by two spaces.".to_owned())
        }
        ErrorKind::RecursionLimitExceeded => return tree::too_deep(),
        other => (format!("This cannot be understood here ({other})."), quote_help(line)),
    };
    Problem::new("front-matter-syntax", message, help)
}

/// Shows the line itself with its value in quotation marks.
fn quote_help(line: &str) -> String {
    let value = line.split_once(": ").filter(|(name, value)| !name.trim().is_empty() && line.len() < 200 && !value.contains('"'));
    match value {
        Some((name, value)) => format!("Put the value into quotation marks: `{}: \"{}\"`.", name.trim_start(), value.trim()),
        None => "Put the value into quotation marks: `title: \"…\"`.".to_owned(),
    }
}

/// Where a second `: ` stands in a line.
fn second_colon(line: &str) -> Option<usize> {
    let first = line.find(": ")? + 2;
    line[first..].find(':').map(|at| first + at)
}

/// A stretch that is passed over.
pub(super) struct Skipped {
    pub(super) bytes: usize,
    pub(super) lines: u32,
}

/// The next line after `line` (from 1) that begins with a top-level name.
pub(super) fn next_name(source: &str, line: u32) -> Option<Skipped> {
    let mut bytes = 0;
    for (number, text) in (1..).zip(source.split_inclusive('\n')) {
        if number > line && is_named(text) {
            return Some(Skipped { bytes, lines: number - 1 });
        }
        bytes += text.len();
    }
    None
}

/// Whether the first line that says something is a `name: value`: then it was meant as front matter.
pub(super) fn begins_with_name(source: &str) -> bool {
    source.lines().find(|line| !line.trim().is_empty() && !line.starts_with('#')).is_some_and(is_named)
}

/// Whether any line is a `name: value`.
pub(super) fn has_name(source: &str) -> bool {
    source.lines().any(is_named)
}

/// Whether a line begins with a short name and a colon, unindented.
fn is_named(line: &str) -> bool {
    let line = line.trim_end();
    let Some((name, rest)) = line.split_once(':') else { return false };
    let named = !name.is_empty() && name.chars().count() <= 40 && name.split(' ').count() <= 3;
    let fits = name.chars().all(|c| c.is_alphanumeric() || "_-. \"'".contains(c)) && !name.starts_with([' ', '-', '.']);
    named && fits && (rest.is_empty() || rest.starts_with([' ', '\t']))
}

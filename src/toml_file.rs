//! TOML that people write by hand (`chancery.toml`, manifests, languages): parsed with every problem at once.
//!
//! Serde stops at the first thing that does not fit. Here that thing is told, taken out, and the rest is read
//! again, so that its author sees all of it in one go. Knows nothing of what the keys mean; touches no file.

use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use crate::failure::Problem;

/// Text that was read as TOML: where each key stands, for problems that only a later check can see.
#[derive(Debug)]
pub struct TomlFile<'t> {
    text: &'t str,
    root: DeTable<'t>,
}

/// After this many problems the rest is left untold: a wrong file must not give an endless list.
const MAX_PROBLEMS: usize = 50;

impl<'t> TomlFile<'t> {
    /// Reads `text` as a `T`, and gives what could be read together with every problem.
    ///
    /// The problems name line, column and the line itself, but neither file nor blame. With a mistake in the
    /// syntax nothing can be read: the value is the default one.
    pub fn read<T: DeserializeOwned + Default>(text: &'t str) -> (Self, T, Vec<Problem>) {
        let (root, errors) = DeTable::parse_recoverable(text);
        let mut file = Self { text, root: root.into_inner() };
        if !errors.is_empty() {
            let problems = file.syntax_problems(&errors);
            return (file, T::default(), problems);
        }
        let (value, problems) = file.deserialize();
        (file, value, problems)
    }

    /// Puts the place of a key into a problem: `["fields", "2", "name"]` is the name of the third field.
    ///
    /// Where the last key does not stand in the file, the nearest one above it is named.
    #[must_use]
    pub fn at(&self, path: &[&str], problem: Problem) -> Problem {
        let mut span = None;
        let mut table = Some(&self.root);
        let mut array: Option<&DeArray<'_>> = None;
        for part in path {
            let found = match (table, array) {
                (Some(table), _) => table.get_key_value(*part).map(|(key, value)| (key.span(), value)),
                (_, Some(array)) => part.parse().ok().and_then(|index: usize| array.get(index)).map(|value| (value.span(), value)),
                _ => None,
            };
            let Some((place, value)) = found else { break };
            span = Some(place);
            table = value.get_ref().as_table();
            array = value.get_ref().as_array();
        }
        match span {
            Some(span) => placed(problem, self.text, &span),
            None => problem,
        }
    }

    /// One problem for each line on which the syntax is wrong.
    fn syntax_problems(&self, errors: &[toml::de::Error]) -> Vec<Problem> {
        let mut problems: Vec<Problem> = Vec::new();
        for error in errors.iter().take(MAX_PROBLEMS) {
            let problem = syntax_problem(self.text, error);
            if problems.last().is_none_or(|last| last.line != problem.line) {
                problems.push(problem);
            }
        }
        problems
    }

    /// Deserialises as often as it takes: each time without what did not fit the time before.
    ///
    /// That a key is missing is told only of tables from which nothing was taken out: there it may be missing
    /// because it was misspelt.
    fn deserialize<T: DeserializeOwned + Default>(&mut self) -> (T, Vec<Problem>) {
        let whole = 0..self.text.len();
        let (mut problems, mut taken_from) = (Vec::new(), Vec::new());
        while problems.len() < MAX_PROBLEMS {
            let source = toml::de::Deserializer::from(Spanned::new(whole.clone(), self.root.clone()));
            let error = match T::deserialize(source) {
                Ok(value) => return (value, problems),
                Err(error) => error,
            };
            let span = error.span().unwrap_or(whole.clone());
            let problem = value_problem(error.message());
            if problem.code != MISSING_KEY || !taken_from.contains(&span) {
                problems.push(placed(problem, self.text, &span));
            }
            match remove_from_table(&mut self.root, &span, &whole) {
                Some(table) => taken_from.push(table),
                None => break,
            }
        }
        (T::default(), problems)
    }
}

/// Adds line, column and excerpt of the first byte of `span`.
fn placed(problem: Problem, text: &str, span: &Range<usize>) -> Problem {
    let before = &text.as_bytes()[..span.start.min(text.len())];
    let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let column = String::from_utf8_lossy(&before[line_start..]).chars().count() + 1;
    problem.at(text, u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).ok())
}

/// The code of a problem that names a key which has to be there and is not.
const MISSING_KEY: &str = "missing-key";

/// What is nearest to `word` among `known`, if it is near enough to be a slip of the pen.
pub fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let word = word.to_lowercase();
    let score = |candidate: &str| strsim::jaro_winkler(&word, &candidate.to_lowercase());
    let scored = known.into_iter().map(|candidate| (score(candidate), candidate));
    scored.filter(|(score, _)| *score >= NEAR).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, candidate)| candidate)
}

/// From this Jaro-Winkler similarity on, two words are offered as one another's misspelling.
const NEAR: f64 = 0.82;

/// "Did you mean `x`?", or the words that are possible.
pub fn did_you_mean(word: &str, known: &[&str]) -> String {
    match nearest(word, known.iter().copied()) {
        Some(near) => format!("Did you mean `{near}`?"),
        None => format!("Possible here: {}.", listed(known)),
    }
}

/// `` `a`, `b`, `c` ``
pub fn listed(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// Takes the innermost key or entry whose place covers `span` out of a table, and gives the place of the table or
/// list that it stood in.
///
/// Children come first: the place of a `[section]` is its heading alone, so they need not lie within it.
fn remove_from_table(table: &mut DeTable<'_>, span: &Range<usize>, place: &Range<usize>) -> Option<Range<usize>> {
    for (_, value) in table.iter_mut() {
        if let Some(place) = remove_within(value, span) {
            return Some(place);
        }
    }
    let hit = table.iter().find(|(key, value)| covers(&key.span(), span) || covers(&value.span(), span));
    let key = hit.map(|(key, _)| key.get_ref().to_string())?;
    table.remove(key.as_str()).map(|_| place.clone())
}

fn remove_within(value: &mut Spanned<DeValue<'_>>, span: &Range<usize>) -> Option<Range<usize>> {
    let place = value.span();
    match value.get_mut() {
        DeValue::Table(table) => remove_from_table(table, span, &place),
        DeValue::Array(array) => remove_from_array(array, span, &place),
        _ => None,
    }
}

fn remove_from_array(array: &mut DeArray<'_>, span: &Range<usize>, place: &Range<usize>) -> Option<Range<usize>> {
    for value in array.iter_mut() {
        if let Some(place) = remove_within(value, span) {
            return Some(place);
        }
    }
    let index = array.iter().position(|value| covers(&value.span(), span))?;
    let kept = array.iter().enumerate().filter(|(position, _)| *position != index).map(|(_, value)| value.clone());
    *array = kept.collect();
    Some(place.clone())
}

fn covers(outer: &Range<usize>, inner: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end && !outer.is_empty()
}

/// A mistake in the syntax, in words for somebody who has never heard of TOML.
fn syntax_problem(text: &str, error: &toml::de::Error) -> Problem {
    let message = error.message();
    let problem = if message.contains("duplicate key") {
        Problem::new("toml-duplicate-key", "This stands in the file twice", "Keep one of the two lines and delete the other.")
    } else {
        Problem::new(
            "toml-syntax",
            format!("This line cannot be read: {message}"),
            "A line is written `key = \"text in quotation marks\"`, a section begins with `[name]`, and a remark with `#`.",
        )
    };
    placed(problem, text, &error.span().unwrap_or(0..0))
}

/// A key or value that does not fit; the words are serde's, and every one of them that we know is translated.
fn value_problem(message: &str) -> Problem {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    if let (true, Some((word, known))) = (message.starts_with("unknown field"), quoted.split_first()) {
        return Problem::new("unknown-key", format!("There is no setting `{word}` here"), did_you_mean(word, known));
    }
    if let (true, Some((word, known))) = (message.starts_with("unknown variant"), quoted.split_first()) {
        return Problem::new("unknown-value", format!("`{word}` is not possible here"), did_you_mean(word, known));
    }
    if let (true, Some(key)) = (message.starts_with("missing field"), quoted.first()) {
        return Problem::new(MISSING_KEY, format!("`{key}` is missing here"), format!("Add a line `{key} = …`."));
    }
    if let Some((found, expected)) = message.strip_prefix("invalid type: ").and_then(|rest| rest.split_once(", expected ")) {
        let (found, expected) = (found_in_words(found), expected_in_words(expected));
        return Problem::new("wrong-kind", format!("Expected {expected}, found {found}"), format!("Write {expected} here."));
    }
    Problem::new("wrong-value", capitalised(message), "Correct the value, or delete the line to get the default.")
}

/// What serde found, e.g. ``integer `3` `` or `map`.
fn found_in_words(found: &str) -> String {
    let (kind, value) = found.split_once([' ', '`']).map_or((found, ""), |(kind, value)| (kind, value.trim_matches('`')));
    match kind {
        "string" => format!("the text {value}"),
        "integer" => format!("the number {value}"),
        "floating" => format!("the number {}", value.trim_start_matches("point `")),
        "boolean" => format!("`{value}`"),
        "sequence" => "a list".to_owned(),
        "map" => "a table".to_owned(),
        _ => found.to_owned(),
    }
}

/// What serde expected, e.g. `a string`, `u32`, `struct Section`; our own visitors' words pass through.
fn expected_in_words(expected: &str) -> String {
    let words = match expected {
        "a string" | "a borrowed string" => "a text in quotation marks",
        "a boolean" => "`true` or `false`",
        "a sequence" => "a list in [ ]",
        "a map" => "a section with keys of its own",
        _ if expected.starts_with("struct ") => "a section with keys of its own",
        _ if expected.starts_with(['u', 'i', 'f']) && expected[1..].bytes().all(|byte| byte.is_ascii_digit()) => "a number",
        _ => expected,
    };
    words.to_owned()
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Default, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields, default)]
    struct Sample {
        name: String,
        size: Option<u32>,
        section: Section,
        people: BTreeMap<String, Section>,
        fields: Vec<Field>,
    }

    #[derive(Debug, Default, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields, default)]
    struct Section {
        folder: String,
        flag: bool,
    }

    #[derive(Debug, Default, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Field {
        name: String,
        kind: String,
    }

    fn check(text: &str, expected: &[(u32, u32, &str, &str)]) -> Sample {
        let (_, value, problems) = TomlFile::read::<Sample>(text);
        let found: Vec<_> = problems
            .iter()
            .map(|problem| (problem.line.unwrap_or(0), problem.column.unwrap_or(0), problem.message.as_str(), problem.help.as_str()))
            .collect();
        assert_eq!(found, expected);
        value
    }

    #[test]
    fn every_problem_is_told_at_once_and_the_rest_is_read() {
        let text = "nam = 'x'\nsize = 'big'\n[section]\nfolder = 7\nflag = true\n[people.anna]\nfoldr = 'a'\n[[fields]]\nname = 'a'\n[[fields]]\nname = 'b'\nkind = 'text'\n";
        let value = check(
            text,
            &[
                (1, 1, "There is no setting `nam` here", "Did you mean `name`?"),
                (2, 8, "Expected a number, found the text \"big\"", "Write a number here."),
                (4, 10, "Expected a text in quotation marks, found the number 7", "Write a text in quotation marks here."),
                (7, 1, "There is no setting `foldr` here", "Did you mean `folder`?"),
                (8, 1, "`kind` is missing here", "Add a line `kind = …`."),
            ],
        );
        assert!(value.section.flag);
        assert_eq!(value.fields, [Field { name: "b".to_owned(), kind: "text".to_owned() }]);
    }

    #[test]
    fn a_mistake_in_the_syntax_is_placed() {
        let (_, value, problems) = TomlFile::read::<Sample>("name = \"a\"\nsize =\nname = \"b\"\n");
        assert_eq!(value, Sample::default());
        let lines: Vec<_> = problems.iter().map(|problem| (problem.line, problem.excerpt.as_deref())).collect();
        assert_eq!(lines, [(Some(2), Some("size =")), (Some(3), Some("name = \"b\""))]);
    }

    #[test]
    fn columns_count_characters() {
        check("section = { folder = \"会议\", flg = true }\n", &[(1, 28, "There is no setting `flg` here", "Did you mean `flag`?")]);
    }

    #[test]
    fn a_place_is_found_by_its_keys() {
        let text = "[people.\"anna maria\"]\nfolder = 'x'\n[[fields]]\nname = 'a'\nkind = 'k'\n";
        let (file, _, problems) = TomlFile::read::<Sample>(text);
        assert!(problems.is_empty(), "{problems:?}");
        let line = |path: &[&str]| file.at(path, Problem::new("x", "", "")).line;
        assert_eq!(line(&["people", "anna maria", "folder"]), Some(2));
        assert_eq!(line(&["fields", "0", "kind"]), Some(5));
        assert_eq!(line(&["fields", "0", "help"]), Some(3));
        assert_eq!(line(&["nothing"]), None);
    }

    #[test]
    fn a_flood_of_problems_ends() {
        let text: String = (0..500).map(|index| format!("unknown{index} = 1\n")).collect();
        let (_, _, problems) = TomlFile::read::<Sample>(&text);
        assert_eq!(problems.len(), MAX_PROBLEMS);
    }
}

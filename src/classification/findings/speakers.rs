//! Speakers: whether a text is the record of who said what.

use std::collections::HashMap;

use crate::classification::fold::{fold, is_ideograph, is_listed};
use crate::classification::outline::{Kind, Outline};
use crate::classification::plain::floor;

/// How many lines are looked at.
const MAX_LINES: usize = 5_000;
/// Words before a colon that are no speaker.
const LABELS: &str = "note|notes|agenda|date|time|where|when|chair|scribe|present|regrets|action|resolution|resolved|topic|link|links|issue|\
    status|update|goal|question|answer|example|subject|http|https|decision|author|version|q|a|todo|summary|proposal|pros|\
    cons|name|email|see";

/// Whether the text says again and again who said what: `Dan: …`, `<dan> …`, `张三：…`.
pub(in crate::classification) fn has_speakers(outline: &Outline<'_>) -> bool {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for line in outline.lines.iter().filter(|line| matches!(line.kind, Kind::Text | Kind::Item)).take(MAX_LINES) {
        if let Some(name) = speaker(line.content()) {
            *counts.entry(name).or_default() += 1;
        }
    }
    let again: usize = counts.values().filter(|count| **count >= 2).sum();
    again >= 5 && counts.values().filter(|count| **count >= 2).count() >= 2
}

/// The name before the colon of a line that goes on behind it.
fn speaker(text: &str) -> Option<String> {
    let text = floor(text, 200).trim_start_matches(['*', '_', '>', '<', '\\', ' ']);
    let at = text.find([':', '：', '>']).filter(|at| *at > 0).or_else(|| text.find(" -> ").or_else(|| text.find(" – ")))?;
    let rest = text[at..].trim_start_matches(|c: char| !c.is_alphanumeric() && !is_ideograph(c));
    let name = text[..at].trim_matches(|c: char| matches!(c, '*' | '_' | ' ' | '`'));
    let words = name.split_whitespace().count();
    let starts = name.chars().next().is_some_and(char::is_alphabetic);
    let fits = starts
        && (1..=3).contains(&words)
        && name.chars().count() <= 30
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '.' | '-' | '_' | '\'' | '’' | '(' | ')' | '@'));
    let label = is_listed(LABELS, &fold(name));
    if rest.starts_with("http") {
        return None;
    }
    let goes_on = rest.split_whitespace().count() >= 2 || rest.chars().filter(|c| is_ideograph(*c)).count() >= 4;
    (fits && goes_on && !label).then(|| fold(name))
}

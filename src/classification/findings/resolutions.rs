//! Resolutions: what was resolved, decided or moved, in its own words, with the votes where they were counted.
//!
//! `RESOLVED: …`, `**DECISION** …`, `决议：…`, and the points under headings such as `Decisions` or `Conclusion`.

use serde::Serialize;

use super::votes::{Votes, vote_line, votes};
use super::{MAX_FINDINGS, after_mark, limited};
use crate::classification::fold::{fold, is_listed};
use crate::classification::outline::{Kind, Line, Outline};

/// How many lines below a resolution belong to it.
const MAX_FOLLOWING: usize = 12;

/// How many resolutions a new one is compared with.
const MAX_COMPARED: usize = 200;

/// A resolution, decision or motion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(in crate::classification) struct Resolution {
    /// `resolution`, `decision` or `motion`.
    pub kind: &'static str,
    /// Its words.
    pub text: String,
    /// The votes, where they were counted.
    pub votes: Option<Votes>,
    /// The line of the note's file.
    pub line: u32,
}

/// What a line begins with, folded, and what it then is.
const KEYWORDS: [(&str, &str); 3] = [
    (
        "resolution",
        "resolved|resolution|resolutions|决议|会议决议|決議|beschluss|beschlossen|resolucion|acuerdo|acuerdos|قرار|القرار|القرارات",
    ),
    (
        "decision",
        "decision|decisions|decided|agreed|决定|会议决定|会议结论|结论|决策|決定|決定事項|entscheidung|decision prise|decisions prises",
    ),
    ("motion", "motion|motion carried|antrag|动议"),
];

/// Headings whose points are resolutions, folded.
const HEADINGS: [(&str, &str); 3] = [
    (
        "resolution",
        "resolutions|resolution|conclusion resolution|resolutions passed|决议|会议决议|决议事项|決議事項|beschlusse|acuerdos|acuerdos adoptados|القرارات",
    ),
    (
        "decision",
        "conclusion|conclusions|decision|decisions|decisions made|decisions taken|key decisions|决定|会议决定|决定事项|\
    決定事項|entscheidungen",
    ),
    ("motion", "motions"),
];

/// Finds resolutions.
pub(in crate::classification) fn find(outline: &Outline<'_>) -> Vec<Resolution> {
    let mut found: Vec<Resolution> = Vec::new();
    let mut section: Option<Section> = None;
    let mut at = 0;
    while at < outline.lines.len() && found.len() < MAX_FINDINGS {
        let line = &outline.lines[at];
        let here = at;
        at += 1;
        match line.kind {
            Kind::Heading(_) => section = under_heading(outline, line, &mut found),
            Kind::Text | Kind::Item => {
                if let Some((kind, text)) = marked(outline, line) {
                    let (resolution, next) = whole(outline, here, kind, text);
                    section = resolution.text.is_empty().then_some(Section { kind, labelled: true, taken: false });
                    at = next.max(at);
                    push(&mut found, resolution);
                } else if line.label().is_some() {
                    section = None;
                } else if let Some(open) = section.as_mut().filter(|open| line.kind == Kind::Item || !open.taken) {
                    open.taken = true;
                    let item = line.kind == Kind::Item;
                    let (resolution, next) = whole(outline, here, open.kind, outline.plain(line));
                    if item && indented(line) && found.last().is_some_and(|last| !last.text.is_empty()) {
                        continue;
                    }
                    at = next.max(at);
                    push(&mut found, resolution);
                }
            }
            Kind::Blank if section.as_ref().is_some_and(|open| open.labelled && open.taken) => section = None,
            _ => {}
        }
    }
    found
}

/// The list that is being read.
struct Section {
    kind: &'static str,
    /// It began with a label, so that a blank line ends it.
    labelled: bool,
    /// A point was taken.
    taken: bool,
}

fn push(found: &mut Vec<Resolution>, resolution: Resolution) {
    let nothing = matches!(fold(&resolution.text).as_str(), "" | "none" | "n a" | "tbd" | "无" | "本次无" | "暂无");
    // Many minutes repeat all resolutions at their end.
    let again = found.iter().rev().take(MAX_COMPARED).any(|other| other.text == resolution.text);
    if !nothing && !again {
        found.push(resolution);
    }
}

/// A heading that opens a list of resolutions, or is one itself: `### RESOLUTION: adopt it`.
fn under_heading(outline: &Outline<'_>, line: &Line<'_>, found: &mut Vec<Resolution>) -> Option<Section> {
    let text = outline.plain(line);
    if let Some((kind, rest)) = keyword(&text).filter(|(_, rest)| !rest.is_empty()) {
        push(found, Resolution { kind, votes: votes(&rest), text: limited(&rest), line: line.file_line });
        return None;
    }
    let folded = fold(without_number(&text));
    HEADINGS.iter().find(|(_, headings)| is_listed(headings, &folded)).map(|(kind, _)| Section { kind, labelled: false, taken: false })
}

/// A resolution with the lines that go on with it, and the line behind it.
fn whole(outline: &Outline<'_>, at: usize, kind: &'static str, mut text: String) -> (Resolution, usize) {
    let mut next = at + 1;
    let mut counted = votes(&text);
    if !text.is_empty() {
        while let Some(line) = outline.lines.get(next).filter(|line| line.kind == Kind::Text && next - at <= MAX_FOLLOWING) {
            if keyword(&outline.plain(line)).is_some() || line.label().is_some() || super::actions::is_action(&outline.plain(line)) {
                break;
            }
            text.push(' ');
            text.push_str(&outline.plain(line));
            next += 1;
        }
        let behind = outline.lines[next.min(outline.lines.len())..].iter().filter(|line| !line.is_blank()).take(2);
        counted = counted
            .or_else(|| votes(&text))
            .or_else(|| behind.take_while(|line| vote_line(line.content())).find_map(|line| votes(line.content())));
    }
    (Resolution { kind, text: limited(&text), votes: counted, line: outline.lines[at].file_line }, next)
}

fn indented(line: &Line<'_>) -> bool {
    line.item().is_some_and(|item| item.indent >= 2)
}

/// The kind and words of a line that says it is a resolution.
fn marked(outline: &Outline<'_>, line: &Line<'_>) -> Option<(&'static str, String)> {
    keyword(&outline.plain(line)).or_else(|| {
        // `**Decision** the text`: the mark is the emphasis.
        let inner = line.content().strip_prefix("**")?;
        let (word, rest) = inner.split_once("**")?;
        let folded = fold(word);
        let kind = kind_of(&folded)?;
        Some((kind, crate::classification::plain::plain(after_mark(rest))))
    })
}

/// `RESOLVED that …`, `It was resolved to …`, `Resolution #1: …`, `决议：…`.
fn keyword(text: &str) -> Option<(&'static str, String)> {
    let text = without_number(text);
    let end = text.find([':', '：']).filter(|at| text[..*at].chars().count() <= 30);
    if let Some(end) = end {
        let label = fold(&text[..end]);
        let label = label.trim_end_matches(|c: char| c.is_ascii_digit() || c == ' ');
        if let Some(kind) = kind_of(label) {
            let said = after_mark(&text[end..]).trim();
            return Some((kind, said.strip_prefix("that ").unwrap_or(said).to_owned()));
        }
    }
    if let Some(found) = in_a_sentence(text) {
        return Some(found);
    }
    let first = text.split_whitespace().next().unwrap_or_default().trim_end_matches([',', '.']);
    let rest = text[first.len().min(text.len())..].trim_start_matches([',', '.', ' ']).trim();
    let capital = first.len() > 4 && first.chars().all(|c| c.is_ascii_uppercase());
    let that = matches!(first, "Resolved" | "Agreed" | "Decided") && rest.starts_with("that ");
    let kind = kind_of(&fold(first))?;
    ((capital || that) && rest.split_whitespace().count() >= 2).then(|| (kind, rest.strip_prefix("that ").unwrap_or(rest).to_owned()))
}

/// `It was unanimously resolved to …`, `Resolved to …`: only where the sentence begins so, and says what is to be done.
fn in_a_sentence(text: &str) -> Option<(&'static str, String)> {
    let it_was = text.strip_prefix("It was ").or_else(|| text.strip_prefix("IT WAS "));
    let (verb, rest) = without_adverb(it_was.unwrap_or(text)).split_once(' ')?;
    // `Agreed to` alone begins too many sentences that decide nothing.
    let kind = match (verb, it_was) {
        ("resolved" | "RESOLVED", Some(_)) | ("Resolved", None) => "resolution",
        ("agreed" | "AGREED" | "decided" | "DECIDED", Some(_)) => "decision",
        _ => return None,
    };
    let rest = without_adverb(rest);
    let said = rest.strip_prefix("that ").or_else(|| rest.strip_prefix("to "))?;
    (said.split_whitespace().count() >= 2).then(|| (kind, said.to_owned()))
}

fn without_adverb(text: &str) -> &str {
    ["unanimously ", "further ", "also ", "then "].iter().find_map(|word| text.strip_prefix(word)).unwrap_or(text)
}

/// The kind of resolution that a folded word begins.
fn kind_of(word: &str) -> Option<&'static str> {
    KEYWORDS.iter().find(|(_, words)| is_listed(words, word)).map(|(kind, _)| *kind)
}

/// A heading or line without its own number: `3.2 Decisions`, `三、决议`.
fn without_number(text: &str) -> &str {
    let text = text.trim();
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ')' | '、' | '（' | '）' | '(' | ' '));
    let rest = match rest.split_once('、') {
        Some((number, rest)) if !number.is_empty() && number.chars().all(|c| "一二三四五六七八九十".contains(c)) => rest,
        _ => rest,
    };
    if rest.is_empty() { text } else { rest.trim_start() }
}

//! Resolutions: what was resolved, decided or moved, in its own words, with the votes where they were counted.
//!
//! `RESOLVED: …`, `**DECISION** …`, `决议：…`, and the points under headings such as `Decisions` or `Conclusion`.

use serde::Serialize;

use super::{MAX_FINDINGS, after_mark, limited};
use crate::classification::fold::{fold, has_phrase};
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

/// Counted votes; what was not counted is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(in crate::classification) struct Votes {
    #[serde(rename = "for")]
    pub for_it: Option<u32>,
    pub against: Option<u32>,
    pub abstain: Option<u32>,
}

/// What a line begins with, folded, and what it then is.
const KEYWORDS: [(&str, &str); 25] = [
    ("resolved", "resolution"),
    ("resolution", "resolution"),
    ("resolutions", "resolution"),
    ("决议", "resolution"),
    ("会议决议", "resolution"),
    ("決議", "resolution"),
    ("beschluss", "resolution"),
    ("beschlossen", "resolution"),
    ("resolucion", "resolution"),
    ("decision", "decision"),
    ("decisions", "decision"),
    ("decided", "decision"),
    ("agreed", "decision"),
    ("决定", "decision"),
    ("会议决定", "decision"),
    ("会议结论", "decision"),
    ("结论", "decision"),
    ("决策", "decision"),
    ("決定", "decision"),
    ("決定事項", "decision"),
    ("entscheidung", "decision"),
    ("motion", "motion"),
    ("motion carried", "motion"),
    ("antrag", "motion"),
    ("动议", "motion"),
];

/// Headings whose points are resolutions, folded.
const HEADINGS: [(&str, &str); 21] = [
    ("resolutions", "resolution"),
    ("resolution", "resolution"),
    ("conclusion resolution", "resolution"),
    ("resolutions passed", "resolution"),
    ("决议", "resolution"),
    ("会议决议", "resolution"),
    ("决议事项", "resolution"),
    ("beschlusse", "resolution"),
    ("conclusion", "decision"),
    ("conclusions", "decision"),
    ("decision", "decision"),
    ("decisions", "decision"),
    ("decisions made", "decision"),
    ("decisions taken", "decision"),
    ("key decisions", "decision"),
    ("决定", "decision"),
    ("会议决定", "decision"),
    ("决定事项", "decision"),
    ("決定事項", "decision"),
    ("entscheidungen", "decision"),
    ("motions", "motion"),
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
    HEADINGS.iter().find(|(heading, _)| *heading == folded).map(|(_, kind)| Section { kind, labelled: false, taken: false })
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
        let (_, kind) = KEYWORDS.iter().find(|(known, _)| *known == folded)?;
        Some((kind, crate::classification::outline::plain(after_mark(rest))))
    })
}

/// `RESOLVED that …`, `Resolution #1: …`, `决议：…`.
fn keyword(text: &str) -> Option<(&'static str, String)> {
    let text = without_number(text);
    let end = text.find([':', '：']).filter(|at| text[..*at].chars().count() <= 30);
    if let Some(end) = end {
        let label = fold(&text[..end]);
        let label = label.trim_end_matches(|c: char| c.is_ascii_digit() || c == ' ');
        if let Some((_, kind)) = KEYWORDS.iter().find(|(known, _)| *known == label) {
            return Some((kind, after_mark(&text[end..]).trim().to_owned()));
        }
    }
    let first = text.split_whitespace().next().unwrap_or_default().trim_end_matches([',', '.']);
    let rest = text[first.len().min(text.len())..].trim_start_matches([',', '.', ' ']).trim();
    let capital = first.len() > 4 && first.chars().all(|c| c.is_ascii_uppercase());
    let that = matches!(first, "Resolved" | "Agreed" | "Decided") && rest.starts_with("that ");
    let (_, kind) = KEYWORDS.iter().find(|(known, _)| *known == fold(first))?;
    ((capital || that) && rest.split_whitespace().count() >= 2).then(|| (*kind, rest.strip_prefix("that ").unwrap_or(rest).to_owned()))
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

/// Whether a line is about votes.
fn vote_line(text: &str) -> bool {
    let folded = fold(crate::classification::outline::floor(text, 300));
    ["vote", "votes", "voted", "for", "in favour", "in favor", "carried", "赞成", "表决", "同意", "ja"]
        .iter()
        .any(|word| has_phrase(&folded, word))
}

/// Votes in a text: `VOTE: 5-0-1`, `5 for, 1 against, 2 abstentions`, `赞成5票，反对0票，弃权1票`.
pub(super) fn votes(text: &str) -> Option<Votes> {
    let folded = fold(crate::classification::outline::floor(text, 4_000));
    let words = spaced(&folded);
    let words: Vec<&str> = words.split(' ').filter(|word| !word.is_empty()).collect();
    by_dashes(&words).or_else(|| by_names(&words))
}

/// Numbers parted from Han characters.
fn spaced(folded: &str) -> String {
    let mut out = String::with_capacity(folded.len() * 2);
    let mut digit = false;
    for c in folded.chars() {
        if c.is_ascii_digit() != digit {
            out.push(' ');
        }
        digit = c.is_ascii_digit();
        out.push(c);
    }
    out
}

/// `vote 5 0 1`, `votes 5 0`.
fn by_dashes(words: &[&str]) -> Option<Votes> {
    let at = words.iter().position(|word| matches!(*word, "vote" | "votes" | "表决" | "投票" | "abstimmung"))?;
    let numbers: Vec<u32> = words[at + 1..].iter().map_while(|word| word.parse().ok()).collect();
    let next_is_word = words.get(at + 1 + numbers.len()).is_some_and(|word| side(word).is_some());
    match numbers[..] {
        [for_it, against, abstain] => Some(Votes { for_it: Some(for_it), against: Some(against), abstain: Some(abstain) }),
        [for_it, against] if !next_is_word => Some(Votes { for_it: Some(for_it), against: Some(against), abstain: None }),
        _ => None,
    }
}

/// `5 for 1 against 2 abstentions`, `for 5 against 1`, `赞成 5 票`.
fn by_names(words: &[&str]) -> Option<Votes> {
    let mut votes = Votes::default();
    let number = |at: Option<usize>| at.and_then(|at| words.get(at)).and_then(|word| word.parse::<u32>().ok());
    let count_before = |at: usize| {
        let skip = usize::from(at > 0 && matches!(words[at - 1], "in" | "votes" | "voted" | "票"));
        number(at.checked_sub(1 + skip))
    };
    let sides_at: Vec<usize> = (0..words.len()).filter(|at| side(words[*at]).is_some()).collect();
    let counted = |count: &dyn Fn(usize) -> Option<u32>| sides_at.iter().filter(|at| count(**at).is_some()).count();
    let before = counted(&count_before) >= counted(&|at| number(Some(at + 1)));
    let mut sides = 0;
    for at in sides_at {
        let Some(side) = side(words[at]) else { continue };
        let count = if before { count_before(at) } else { number(Some(at + 1)) };
        let slot = match side {
            Side::For => &mut votes.for_it,
            Side::Against => &mut votes.against,
            Side::Abstain => &mut votes.abstain,
        };
        if slot.is_none() && count.is_some() {
            *slot = count;
            sides += 1;
        }
    }
    // "for" alone stands in any sentence with a number before it.
    (sides >= 2).then_some(votes)
}

/// A side in a vote.
enum Side {
    For,
    Against,
    Abstain,
}

fn side(word: &str) -> Option<Side> {
    let ends = |signs: &[&str]| signs.iter().any(|sign| word.ends_with(sign));
    Some(match word {
        "for" | "favour" | "favor" | "yes" | "ayes" | "aye" | "yea" | "yeas" | "ja" | "dafur" | "pour" => Side::For,
        "against" | "no" | "nays" | "nay" | "noes" | "opposed" | "nein" | "dagegen" | "contre" => Side::Against,
        "abstain" | "abstained" | "abstentions" | "abstention" | "abstaining" | "enthaltungen" | "enthaltung" => Side::Abstain,
        // Han characters run into the words before them: 同意采购方案赞成.
        _ if word.is_ascii() => return None,
        _ if ends(&["赞成", "同意", "賛成"]) => Side::For,
        _ if ends(&["反对", "反對", "反対"]) => Side::Against,
        _ if ends(&["弃权", "棄權", "棄権"]) => Side::Abstain,
        _ => return None,
    })
}

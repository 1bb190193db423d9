//! Owner and due date in the words of an action: taken out of them, so that what is left says what to do.

use crate::classification::dates::dates_in;
use crate::classification::fold::{is_ideograph, listed};
use crate::config::DateOrder;

/// What stands right before a due date, in lower case.
const DUE_CUES: &str = "📅|due|due on|due by|due date|by|before|until|deadline|no later than|not later than|截止|截止日期|期限|bis|bis zum|spätestens|\
    avant le|d'ici le|d’ici le|antes del|hasta el|قبل|于|完成时限";
/// What stands right after one: `12月4日前`.
const DUE_ENDS: &[&str] = &["之前", "以前", "前", "までに", "まで"];
/// What a due date without a year begins with.
const LOOSE: &str = "monday|tuesday|wednesday|thursday|friday|saturday|sunday|tomorrow|today|next |end of |the end of |eod|eow|january|\
    february|march|april|june|july|august|september|october|november";

/// Takes the date out of an action's words: `📅 DATE`, `due:DATE`, `(by DATE)`, `before DATE`, `于DATE前`.
pub(super) fn take_due(text: &mut String, order: Option<DateOrder>) -> Option<String> {
    let lower = text.to_lowercase();
    if lower.len() == text.len() {
        for stated in dates_in(text) {
            let before = lower[..stated.start].trim_end_matches([' ', '(', '（', ':', '：', '*']);
            let Some(cue) = listed(DUE_CUES).find(|cue| before.ends_with(cue) && word_ends(before, cue)) else { continue };
            let Some(day) = stated.reading.day(order) else { continue };
            let start = before.len() - cue.len();
            let behind = text[stated.end..].trim_start_matches([')', '）', '前', '.', '。', ' ', '*']);
            let end = text.len() - behind.len();
            cut(text, start, end);
            return Some(day.to_string());
        }
        let dates = dates_in(text);
        let ended = dates.first().and_then(|first| Some((first, DUE_ENDS.iter().find(|end| text[first.end..].starts_with(**end))?)));
        if let Some((first, end)) = ended
            && let Some(day) = first.reading.day(order)
        {
            let (start, end) = (first.start, first.end + end.len());
            cut(text, start, end);
            return Some(day.to_string());
        }
        return loose_due(text, &lower);
    }
    None
}

/// `by Friday`, `by next meeting`, at the end of an action's words: kept as written.
fn loose_due(text: &mut String, lower: &str) -> Option<String> {
    let at = [" by ", " due ", " before "].iter().filter_map(|cue| Some((lower.rfind(cue)?, cue.len()))).max()?;
    let tail = lower[at.0 + at.1..].trim_end_matches(['.', ')', ' ']);
    let numeral = tail.starts_with(|c: char| c.is_ascii_digit()) && tail.chars().any(char::is_alphabetic);
    if tail.split_whitespace().count() > 4 || !(listed(LOOSE).any(|word| tail.starts_with(word)) || numeral) {
        return None;
    }
    let due = text[at.0 + at.1..at.0 + at.1 + tail.len()].to_owned();
    let end = text.len();
    cut(text, at.0, end);
    Some(due)
}

/// Takes a part out of a text, and the brackets and blanks around it.
fn cut(text: &mut String, start: usize, end: usize) {
    let before = text[..start].trim_end_matches([' ', '(', '（', ',', '，', '、', '،', '*']);
    let after = text[end..].trim_start_matches([' ', ')', '）']);
    let parted = if before.is_empty() || after.is_empty() { "" } else { " " };
    *text = format!("{before}{parted}{after}");
}

fn word_ends(before: &str, cue: &str) -> bool {
    let ahead = before[..before.len() - cue.len()].chars().next_back();
    !cue.is_ascii() || ahead.is_none_or(|c| !c.is_alphanumeric() || is_ideograph(c))
}

/// Takes the owner out of an action's words: `@alice text`, `Bob to text`, `Bob: text`, `张三：text`, `text (Bob)`.
pub(super) fn take_owner(text: &mut String) -> Option<String> {
    let (owner, rest) = by_handle(text).or_else(|| by_label(text)).or_else(|| ahead(text)).or_else(|| at_the_end(text))?;
    *text = rest;
    Some(owner)
}

/// `@alice text`, `@alice to text`.
fn by_handle(text: &str) -> Option<(String, String)> {
    let rest = text.strip_prefix('@')?;
    let end = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))).unwrap_or(rest.len());
    let (owner, rest) = rest.split_at(end);
    let owner = owner.trim_end_matches('.');
    let rest = rest.trim_start_matches([' ', ':', '：', '-', ',']);
    let rest = rest.strip_prefix("to ").unwrap_or(rest).trim();
    (!owner.is_empty()).then(|| (owner.to_owned(), rest.to_owned()))
}

/// `text，责任人：张三`, `text, owner: Bob`.
fn by_label(text: &str) -> Option<(String, String)> {
    let marks = "负责人：|责任人：|负责人:|责任人:|owner:|Owner:";
    let (words, rest) = listed(marks).find_map(|mark| text.split_once(mark))?;
    let owner = rest.trim_matches(|c: char| c.is_whitespace() || matches!(c, '（' | '）' | '(' | ')' | '。' | '，' | '；'));
    let words = words.trim_end_matches(['，', ',', '（', '(', '；', ' ', '-']);
    (is_name(owner) && !words.is_empty()).then(|| (owner.to_owned(), words.to_owned()))
}

/// `Bob to text`, `Bob will text`, `Bob: text`, `张三：text`.
fn ahead(text: &str) -> Option<(String, String)> {
    let splits = listed(" to | will |: |：| - | – |负责").filter_map(|mark| text.split_once(mark));
    let (name, rest) = splits.filter(|(name, rest)| is_name(name) && !rest.trim().is_empty()).min_by_key(|(name, _)| name.len())?;
    Some((name.trim().trim_start_matches('@').to_owned(), rest.trim().to_owned()))
}

/// `text (Bob)`, `text @bob`, `text ★张三`.
fn at_the_end(text: &str) -> Option<(String, String)> {
    let open = text.rfind(['(', '（', '★', '@']).filter(|at| *at > 0)?;
    let mark = text[open..].chars().next()?;
    let owner = text[open + mark.len_utf8()..].trim_end_matches([')', '）', ' ', '.', '。']).trim();
    let handle = owner.starts_with('@') || matches!(mark, '@' | '★');
    let owner = owner.trim_start_matches('@');
    let proper = handle || owner.starts_with(|c: char| c.is_uppercase() || is_ideograph(c));
    (proper && is_name(owner)).then(|| (owner.to_owned(), text[..open].trim_end().to_owned()))
}

/// Whether a text can be the name of who acts: one to three words that begin with capitals, a handle, Han.
fn is_name(text: &str) -> bool {
    let text = text.trim().trim_start_matches('@');
    let han = text.chars().filter(|c| is_ideograph(*c)).count();
    if han > 0 {
        return han <= 8 && text.chars().all(|c| is_ideograph(c) || matches!(c, '、' | ' ' | '·'));
    }
    let words: Vec<&str> = text.split([' ', ',', '/', '&']).filter(|word| !word.is_empty() && *word != "and").collect();
    let capital = |word: &&str| {
        word.chars().next().is_some_and(char::is_uppercase)
            && word.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '\'' | '’' | '_'))
    };
    (1..=4).contains(&words.len()) && words.iter().all(capital) && text.chars().count() <= 40
        || words.len() == 1
            && text.len() <= 20
            && words[0].chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
            && text.chars().any(char::is_alphabetic)
            && !is_verb(text)
}

/// Lower-case words that begin an action and are no handle.
fn is_verb(word: &str) -> bool {
    let verbs = [
        "need", "needs", "want", "have", "has", "plan", "try", "continue", "how", "where", "when", "what", "add", "send", "ask", "we",
        "note", "todo", "due",
    ];
    verbs.contains(&word.to_lowercase().as_str())
}

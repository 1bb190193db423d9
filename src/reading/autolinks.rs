//! Addresses that stand bare in a text (`www.example.org`, `https://…`, `name@example.org`), made links as GFM does
//! (0.29, section 6.9), also where Chinese or brackets stand around them. What such a link shows is what was typed: no mark in
//! an address is read as Markdown, no dash in it as a dash of print.

use std::ops::Range;

use pulldown_cmark::{CowStr, Event, LinkType, Tag, TagEnd};

use super::markdown::Read;

/// What begins an address.
const BEGINNINGS: [&str; 5] = ["www.", "http://", "https://", "ftp://", "mailto:"];
/// Marks at the end that belong to the sentence, not to the address.
const TRAILING: [char; 10] = ['?', '!', '.', ',', ':', '*', '_', '~', '\'', '"'];

/// An address in a text as typed.
#[derive(Debug, PartialEq)]
struct Address {
    range: Range<usize>,
    target: String,
}

/// Makes links of the bare addresses in the events of `text`.
pub(super) fn link_addresses<'t>(text: &'t str, events: Vec<Read<'t>>) -> Vec<Read<'t>> {
    if !could_hold_address(text) {
        return events;
    }
    let mut linked = Vec::with_capacity(events.len());
    let mut run = Vec::new();
    let mut within = 0usize;
    for read in events {
        match &read.0 {
            Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::CodeBlock(_)) => within += 1,
            Event::End(TagEnd::Link | TagEnd::Image | TagEnd::CodeBlock) => within -= 1,
            event if within == 0 && may_stand_in_address(event) => {
                run.push(read);
                continue;
            }
            _ => {}
        }
        link_run(text, &mut run, &mut linked);
        linked.push(read);
    }
    link_run(text, &mut run, &mut linked);
    linked
}

fn could_hold_address(text: &str) -> bool {
    text.contains('@') || text.contains("://") || text.contains("www.") || text.contains("WWW.")
}

fn may_stand_in_address(event: &Event<'_>) -> bool {
    matches!(
        event,
        Event::Text(_)
            | Event::Start(Tag::Emphasis | Tag::Strong | Tag::Strikethrough)
            | Event::End(TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough)
    )
}

/// Moves a run of events over, with links for the addresses in it.
fn link_run<'t>(text: &'t str, run: &mut Vec<Read<'t>>, linked: &mut Vec<Read<'t>>) {
    // As typed, and where the part of each event begins in it.
    let (mut typed, mut starts) = (String::new(), vec![0]);
    for read in run.iter() {
        typed.push_str(&as_typed(text, read));
        starts.push(typed.len());
    }
    let found = if could_hold_address(&typed) { addresses(&typed) } else { Vec::new() };
    let found: Vec<Address> = found.into_iter().filter_map(|address| unparted(&typed, run, &starts, address)).collect();
    for (at, (event, place)) in run.drain(..).enumerate() {
        let (start, end) = (starts[at], starts[at + 1]);
        let meeting = found.iter().filter(|address| address.range.start < end && address.range.end > start);
        let mut from = start;
        let mut is_met = false;
        for Address { range, target } in meeting {
            is_met = true;
            if range.start >= from {
                push_text(&typed[from..range.start], &place, linked);
                push_link(&typed[range.clone()], target, &place, linked);
            }
            from = range.end.min(end);
        }
        if is_met {
            push_text(&typed[from..end], &place, linked);
        } else {
            linked.push((event, place));
        }
    }
}

fn push_text(text: &str, place: &Range<usize>, linked: &mut Vec<Read<'_>>) {
    if !text.is_empty() {
        linked.push((Event::Text(CowStr::from(text.to_owned())), place.clone()));
    }
}

fn push_link(shown: &str, target: &str, place: &Range<usize>, linked: &mut Vec<Read<'_>>) {
    let (dest_url, none) = (CowStr::from(target.to_owned()), CowStr::Borrowed(""));
    let link = Tag::Link { link_type: LinkType::Autolink, dest_url, title: none.clone(), id: none };
    linked.push((Event::Start(link), place.clone()));
    push_text(shown, place, linked);
    linked.push((Event::End(TagEnd::Link), place.clone()));
}

/// What was typed for an event: marks as they are in the source, references to characters as the character.
fn as_typed<'a>(text: &'a str, (event, place): &'a Read<'_>) -> CowStr<'a> {
    let source = text.get(place.clone()).unwrap_or_default();
    match event {
        // Dashes, dots and quotation marks of print.
        Event::Text(written) if **written != *source && !source.is_empty() && source.chars().all(|c| "-.'\"".contains(c)) => source.into(),
        Event::Text(written) => CowStr::Borrowed(written),
        Event::Start(Tag::Strong) | Event::End(TagEnd::Strong) => CowStr::Borrowed(&source[..2]),
        Event::Start(Tag::Strikethrough) | Event::End(TagEnd::Strikethrough) if source.starts_with("~~") => CowStr::Borrowed("~~"),
        _ => CowStr::Borrowed(&source[..1]),
    }
}

/// An address that holds only whole elements of the text: else it ends before the first mark of one.
fn unparted(typed: &str, run: &[Read<'_>], starts: &[usize], address: Address) -> Option<Address> {
    let mut open = 0isize;
    let mut first_mark = None;
    for (at, (event, _)) in run.iter().enumerate() {
        if starts[at] < address.range.start || starts[at + 1] > address.range.end || matches!(event, Event::Text(_)) {
            continue;
        }
        first_mark = first_mark.or(Some(starts[at]));
        open += if matches!(event, Event::Start(_)) { 1 } else { -1 };
        if open < 0 {
            break;
        }
    }
    match first_mark {
        Some(mark) if open != 0 => addresses(&typed[..mark]).pop().filter(|shorter| shorter.range.start == address.range.start),
        _ => Some(address),
    }
}

/// All addresses in a text, in order.
fn addresses(text: &str) -> Vec<Address> {
    let mut found: Vec<Address> = Vec::new();
    let mut done = 0;
    for (at, c) in text.char_indices() {
        if at < done {
            continue;
        }
        let address = if c == '@' { email(text, at, done) } else { page(text, at) };
        if let Some(address) = address {
            done = address.range.end;
            found.push(address);
        }
    }
    found
}

/// The address of a page, if one begins at `at`.
fn page(text: &str, at: usize) -> Option<Address> {
    let rest = &text[at..];
    let beginning = BEGINNINGS.iter().find(|beginning| rest.get(..beginning.len()).is_some_and(|it| it.eq_ignore_ascii_case(beginning)))?;
    if text[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '@' | '-' | '=' | ':')) {
        return None;
    }
    let shown = &rest[..end_of_page(rest)];
    let after = shown.get(beginning.len()..)?;
    let is_valid = match *beginning {
        "www." => is_domain(shown),
        "mailto:" => email(after, after.find('@')?, 0).is_some_and(|address| address.range == (0..after.len())),
        _ => is_domain(after),
    };
    let target = if *beginning == "www." { format!("http://{shown}") } else { shown.to_owned() };
    is_valid.then(|| Address { range: at..at + shown.len(), target })
}

/// Where the address ends that a text begins with.
fn end_of_page(text: &str) -> usize {
    let mut before = ' ';
    let mut end = text.len();
    for (at, c) in text.char_indices() {
        // Chinese behind an address goes on with the sentence; after a `/` it is a name on the site.
        let goes_on = is_han(c) && !is_han(before) && !matches!(before, '/' | '=' | '_' | '#' | '(' | '%');
        if c.is_whitespace() || c.is_control() || c == '<' || is_mark_of_print(c) || goes_on {
            end = at;
            break;
        }
        before = c;
    }
    trimmed(&text[..end])
}

/// The length of an address without what belongs to the sentence around it.
fn trimmed(mut address: &str) -> usize {
    loop {
        let balance = |open: char, close: char| address.matches(close).count() > address.matches(open).count();
        address = match address.chars().last() {
            Some(')') if balance('(', ')') => &address[..address.len() - 1],
            Some(']') if balance('[', ']') => &address[..address.len() - 1],
            Some(';') => {
                // A whole reference such as `&copy;` goes.
                let reference = address.rfind('&').filter(|at| {
                    let name = &address[at + 1..address.len() - 1];
                    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric())
                });
                &address[..reference.unwrap_or(address.len() - 1)]
            }
            Some(c) if TRAILING.contains(&c) => &address[..address.len() - 1],
            _ => return address.len(),
        };
    }
}

/// An e-mail address around the `@` at `at`, none of it before `from`.
fn email(text: &str, at: usize, from: usize) -> Option<Address> {
    let is_local = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+');
    let local: usize = text[from..at].chars().rev().take_while(|c| is_local(*c)).count();
    let start = at - local;
    let is_domain_sign = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let after = &text[at + 1..];
    let domain = &after[..after.find(|c: char| !is_domain_sign(c)).unwrap_or(after.len())];
    let domain = domain.trim_end_matches('.');
    let parts: Vec<&str> = domain.split('.').collect();
    let names_a_place = parts.len() > 1 && parts.iter().all(|part| !part.is_empty()) && !after[domain.len()..].starts_with(['@', '+']);
    let ends_well = domain.ends_with(|c: char| c.is_ascii_alphanumeric()) && parts.last()?.contains(|c: char| c.is_ascii_alphabetic());
    let begins_well = local > 0 && !text[..start].ends_with('/');
    let range = start..at + 1 + domain.len();
    (names_a_place && ends_well && begins_well).then(|| Address { target: format!("mailto:{}", &text[range.clone()]), range })
}

/// Whether an address begins with a domain: two parts or more, no underscore in the last two.
fn is_domain(address: &str) -> bool {
    let host = address.split(['/', '?', '#', ':']).next().unwrap_or_default();
    let parts: Vec<&str> = host.split('.').collect();
    let is_part = |part: &&str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_');
    parts.len() > 1 && parts.iter().all(is_part) && parts.iter().rev().take(2).all(|part| !part.contains('_'))
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{2fff}' | '\u{3040}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Marks that stand in no address: the full-width ones and typographic quotation marks.
fn is_mark_of_print(c: char) -> bool {
    matches!(c, '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ffef}' | '\u{2010}'..='\u{2027}' | '\u{fe30}'..='\u{fe4f}' | '«' | '»')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::{Dialect, markdown_events};

    /// The links of a note, `target` or `target (shown)`; and all that is shown.
    fn links(markdown: &str) -> (Vec<String>, String) {
        let (mut links, mut all, mut target) = (Vec::new(), String::new(), None);
        let mut shown = String::new();
        for (event, _) in markdown_events(markdown, Dialect::default()) {
            match event {
                Event::Start(Tag::Link { dest_url, .. }) => target = Some(dest_url.to_string()),
                Event::End(TagEnd::Link) => {
                    let target = target.take().unwrap_or_default();
                    links.push(if target == shown { target } else { format!("{target} ({shown})") });
                    all.push_str(&std::mem::take(&mut shown));
                }
                Event::Text(text) | Event::Code(text) if target.is_some() => shown.push_str(&text),
                Event::Text(text) | Event::Code(text) => all.push_str(&text),
                Event::SoftBreak => all.push('\n'),
                _ => {}
            }
        }
        (links, all)
    }

    #[test]
    fn addresses_are_links_and_what_stands_around_them_is_not() {
        for (markdown, expected) in [
            ("See www.example.org.", vec!["http://www.example.org (www.example.org)"]),
            ("(https://a.org/x_(y)), https://b.org!", vec!["https://a.org/x_(y)", "https://b.org"]),
            ("请见www.example.com。谢谢", vec!["http://www.example.com (www.example.com)"]),
            ("网址https://a.cn/b?c=1请查看", vec!["https://a.cn/b?c=1"]),
            ("https://zh.wikipedia.org/wiki/北京，好", vec!["https://zh.wikipedia.org/wiki/北京"]),
            (
                "**Mail:** a.lee@example.org; b@x.co.uk",
                vec!["mailto:a.lee@example.org (a.lee@example.org)", "mailto:b@x.co.uk (b@x.co.uk)"],
            ),
            ("邮箱：zhang@a.cn。", vec!["mailto:zhang@a.cn (zhang@a.cn)"]),
            ("mailto:a@b.org and ftp://a.b/c", vec!["mailto:a@b.org", "ftp://a.b/c"]),
            ("*www.a.org* **https://b.org/** ~~https://c.org~~", vec!["http://www.a.org (www.a.org)", "https://b.org/", "https://c.org"]),
            ("https://a.org/_b_/c--d...e \"https://b.org\"", vec!["https://a.org/_b_/c--d...e", "https://b.org"]),
            ("https://a.org/?b=1&amp;c=2 https://a.org/a~1~b^2^", vec!["https://a.org/?b=1&c=2", "https://a.org/a~1~b^2^"]),
            ("[https://a.org] https://a.org:8080/x;", vec!["https://a.org", "https://a.org:8080/x"]),
        ] {
            assert_eq!(links(markdown).0, expected, "{markdown}");
        }
    }

    #[test]
    fn nothing_else_is_a_link() {
        for text in [
            "`www.a.org`",
            "    https://a.org",
            "```\na@b.org\n```",
            "www.",
            "http://x",
            "a@b",
            "@amelia",
            "x@y.1",
            "awww.a.org",
            "www..a",
            "https://",
        ] {
            assert_eq!(links(text).0, Vec::<String>::new(), "{text}");
        }
        assert_eq!(links("[see www.a.org](https://b.org) <https://c.org>").0, ["https://b.org (see www.a.org)", "https://c.org"]);
    }

    #[test]
    fn every_letter_stays() {
        let text = "A www.a.org/b_c_d, x@y.org and *em https://q.org/z* -- end\nhttps://a.org/\\_b";
        assert_eq!(links(text).1, "A www.a.org/b_c_d, x@y.org and em https://q.org/z – end\nhttps://a.org/_b");
    }
}

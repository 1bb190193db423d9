//! Counted votes: `VOTE: 5-0-1`, `5 for, 1 against, 2 abstentions`, `赞成5票，反对0票，弃权1票`.

use serde::Serialize;

use crate::classification::fold::{fold, has_phrase};
use crate::classification::plain::floor;

/// Counted votes; what was not counted is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(in crate::classification) struct Votes {
    #[serde(rename = "for")]
    pub for_it: Option<u32>,
    pub against: Option<u32>,
    pub abstain: Option<u32>,
}

/// Whether a line is about votes.
pub(super) fn vote_line(text: &str) -> bool {
    let folded = fold(floor(text, 300));
    ["vote", "votes", "voted", "for", "in favour", "in favor", "carried", "赞成", "表决", "同意", "ja"]
        .iter()
        .any(|word| has_phrase(&folded, word))
}

/// Votes in a text: `VOTE: 5-0-1`, `5 for, 1 against, 2 abstentions`, `赞成5票，反对0票，弃权1票`.
pub(super) fn votes(text: &str) -> Option<Votes> {
    let folded = fold(floor(text, 4_000));
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

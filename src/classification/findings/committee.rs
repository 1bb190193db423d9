//! Which body a paper is of, as the head of its text says: two committees may meet on one day and write alike.
//!
//! Taken are `Committee: Garden Committee` and a heading or a line that is nothing but such a name. A name within a sentence is
//! not: it may be another's.

use crate::classification::fold::{fold, listed};
use crate::classification::outline::{Kind, Outline};

/// So many lines with text are looked at.
const MAX_LINES: usize = 12;
/// The longest name, in characters.
const MAX_CHARS: usize = 80;

const LABELS: &str =
    "committee|board|body|group|working group|council|meeting of|gremium|ausschuss|comite|commission|委员会|会议机构|機構|委員会";
const BODIES: &str =
    "committee|subcommittee|board|council|commission|panel|working group|task force|trustees|ausschuss|vorstand|aufsichtsrat|beirat";
const BEGINNINGS: &str = "committee|board|council|commission|working group|comite|commission|conseil|consejo|comision|junta";
const HAN_BODIES: &str =
    "委员会|委員会|委員會|董事会|董事會|理事会|理事會|监事会|監事會|办公会|辦公會|党委会|常委会|工作组|领导小组|取締役会";

/// The body's name as it stands there.
pub(in crate::classification) fn find(outline: &Outline<'_>) -> Option<String> {
    let written = |kind: Kind| matches!(kind, Kind::Heading(_) | Kind::Text | Kind::Item);
    let lines = outline.lines.iter().filter(|line| written(line.kind)).take(MAX_LINES);
    let lines: Vec<String> = lines.map(|line| outline.plain(line)).collect();
    let labelled = lines.iter().find_map(|line| {
        let (label, name) = line.split_once([':', '：'])?;
        let label = fold(label);
        listed(LABELS).any(|known| known == label).then(|| name.trim().to_owned()).filter(|name| is_short(name))
    });
    labelled.or_else(|| lines.into_iter().find(|line| is_body(line)))
}

fn is_short(name: &str) -> bool {
    !name.is_empty() && name.chars().count() <= MAX_CHARS
}

/// Whether a line is a body's name and no more: several words, no sentence.
fn is_body(line: &str) -> bool {
    if !is_short(line) || line.contains([':', '：', '.', '。', ',', '，', '?', '!']) {
        return false;
    }
    let name = fold(line);
    let ends = |body: &str| name.strip_suffix(body).is_some_and(|rest| rest.ends_with(' ') && rest.trim() != "the");
    let begins = |body: &str| name.strip_prefix(body).is_some_and(|rest| rest.starts_with(' '));
    let of = |body: &str| begins(body) && [" of ", " for ", " de ", " du ", " des "].iter().any(|word| name.contains(word));
    let han = |body: &str| line.strip_suffix(body).is_some_and(|rest| !rest.is_empty());
    listed(BODIES).any(ends) || listed(BEGINNINGS).any(of) || listed(HAN_BODIES).any(han)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classification::findings::tests::note;

    fn found(text: &str) -> Option<String> {
        let note = note(text);
        find(&Outline::of(&note))
    }

    #[test]
    fn a_body_is_named_by_a_label_or_alone_in_a_line() {
        for (text, name) in [
            ("# Minutes\n\nCommittee: Garden Committee\nPresent: A. Lee", "Garden Committee"),
            ("# Minutes\n\n**Board:** Harbour Trust", "Harbour Trust"),
            ("# Minutes of the meeting\n\n## Garden Committee\n\nText.", "Garden Committee"),
            ("# Minutes\n\nBoard of Trustees\n\nText.", "Board of Trustees"),
            ("# 会议纪要\n\n安全生产委员会\n\n会议决定。", "安全生产委员会"),
            ("# Protokoll\n\nAusschuss: Bau und Verkehr", "Bau und Verkehr"),
        ] {
            assert_eq!(found(text).as_deref(), Some(name), "{text}");
        }
    }

    #[test]
    fn a_body_within_a_sentence_is_not_taken() {
        for text in [
            "# Minutes\n\nThe Garden Committee met at six.",
            "# Minutes\n\nA report of the Finance Committee was read",
            "# Minutes\n\nCommittee",
            "# Minutes\n\nThe committee",
            "# Minutes\n\nCommittee:",
            "# Notes on board games\n\nText.",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}

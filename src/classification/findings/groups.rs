//! The words that say who was present, sat in, or was absent, in headings and labels.

use crate::classification::fold::{fold, has_phrase, listed};

/// The three lists.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Group {
    Present,
    InAttendance,
    Apologies,
}

/// Words of headings and labels, folded, most special first.
const GROUPS: [(Group, &str); 3] = [
    (
        Group::Apologies,
        "apologies|apology|regrets|absent|absentees|absence|absences|excused|not present|unable to attend|请假|缺席|请假人员|\
    缺席人员|欠席|entschuldigt|abwesend|excuses|absents|ausentes",
    ),
    (
        Group::InAttendance,
        "in attendance|also present|also attending|also in attendance|guests|guest|observers|observer|invitees|staff present|\
    other attendees|others|visitors|列席|列席人员|旁听|嘉宾|特邀|陪席|gaste|invites|invitados",
    ),
    (
        Group::Present,
        "present|attendees|attendee|attendance|attending|participants|participant|members present|in the room|who attended|\
    出席|出席人员|参会人员|参会人|与会人|与会人员|与会者|参加人员|到会人员|参会|参加者|出席者|参会者|anwesend|anwesende|\
    teilnehmer|teilnehmende|presents|participantes|asistentes|presentes",
    ),
];

/// The group that a heading or label stands for.
pub(super) fn group_of(label: &str) -> Option<Group> {
    let label = label.trim();
    if label.is_empty() || label.chars().count() > 50 {
        return None;
    }
    let folded = fold(label);
    if folded.split(' ').count() > 6 {
        return None;
    }
    GROUPS.iter().find(|(_, words)| listed(words).any(|word| has_phrase(&folded, word))).map(|(group, _)| *group)
}

//! Attendance: who was present, who sat in, who sent apologies.
//!
//! Fields win over the text. In the text: lists under a heading, `Present: A, B`, bullets with boxes, tables with
//! a column of names. Only readable names are taken; a list that is none is left alone.

use serde::Serialize;

use super::Source;
use super::groups::{Group, group_of};
use super::people::{Attendee, attendee, attendees, from_field};
use super::table::{Table, tables};
use crate::classification::fold::fold;
use crate::classification::outline::{Kind, Line, Outline};

/// How many people are listed of a kind.
const MAX_PEOPLE: usize = 1_000;
/// How far into the text lists of people are looked for, in lines.
const MAX_LINES: usize = 5_000;

/// Who was there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(in crate::classification) struct Attendance {
    /// Members who were present.
    pub present: Vec<Attendee>,
    /// Others who sat in: guests, observers, staff.
    pub in_attendance: Vec<Attendee>,
    /// Who sent apologies or was absent.
    pub apologies: Vec<Attendee>,
}

impl Attendance {
    fn list(&mut self, group: Group) -> &mut Vec<Attendee> {
        match group {
            Group::Present => &mut self.present,
            Group::InAttendance => &mut self.in_attendance,
            Group::Apologies => &mut self.apologies,
        }
    }

    fn add(&mut self, group: Group, person: Attendee) {
        let list = self.list(group);
        if list.len() < MAX_PEOPLE && !list.iter().rev().take(200).any(|other| other.name == person.name) {
            list.push(person);
        }
    }

    /// How many people are named in all.
    pub(in crate::classification) fn len(&self) -> usize {
        self.present.len() + self.in_attendance.len() + self.apologies.len()
    }
}

/// Finds who was there.
pub(in crate::classification) fn find(source: &Source<'_>) -> Attendance {
    let mut found = in_text(source.outline);
    let fields: [(Group, &[&str]); 3] = [
        (Group::Present, &["present", "attendees", "members_present"]),
        (Group::InAttendance, &["in_attendance", "guests"]),
        (Group::Apologies, &["apologies", "absent"]),
    ];
    for (group, names) in fields {
        let values = names.iter().filter_map(|name| source.fields.get(*name));
        let people: Vec<Attendee> = values.flat_map(|value| from_field(value, source)).take(MAX_PEOPLE).collect();
        if !people.is_empty() {
            *found.list(group) = people;
        }
    }
    found
}

/// The lists in a text.
pub(in crate::classification) fn in_text(outline: &Outline<'_>) -> Attendance {
    let mut found = Attendance::default();
    let mut section: Option<Section> = None;
    for line in outline.lines.iter().take(MAX_LINES) {
        match line.kind {
            // A heading within the list ("Members", "Staff") goes on with it.
            Kind::Heading(level) => {
                let group = group_of(&outline.plain(line));
                let within = section.take().filter(|open| open.level > 0 && level > open.level);
                section = group.map(|group| Section { group, level, ..Section::default() }).or(within);
            }
            Kind::Blank if section.as_ref().is_some_and(|section| section.inline) => section = None,
            Kind::Text | Kind::Item => section = take_line(outline, line, section, &mut found),
            _ => {}
        }
    }
    take_tables(outline, &mut found);
    found
}

/// What is remembered of the list that is being read.
struct Section {
    group: Group,
    /// The level of its heading; 0 if it began with a label.
    level: u8,
    /// It began with a label in the text, so that a blank line after its names ends it.
    inline: bool,
    /// Names were taken.
    names: bool,
}

impl Default for Section {
    fn default() -> Self {
        Self { group: Group::Present, level: 0, inline: false, names: false }
    }
}

/// Takes the people of a line; gives the section that the next line is in.
fn take_line(outline: &Outline<'_>, line: &Line<'_>, section: Option<Section>, found: &mut Attendance) -> Option<Section> {
    let text = outline.plain(line);
    if let Some((group, names)) = labelled(&text) {
        let people = attendees(names);
        let some = !people.is_empty();
        people.into_iter().for_each(|person| found.add(group, person));
        let nested = line.kind == Kind::Item && section.is_some();
        return if some && nested { section } else { Some(Section { group, inline: !nested && some, names: some, ..Section::default() }) };
    }
    if let Some(group) = line.label().or_else(|| bare_heading(line, &text)).and_then(group_of) {
        return Some(Section { group, ..Section::default() });
    }
    let mut section = section?;
    let names = match line.item() {
        Some(item) => {
            take_entry(&text, if item.checked == Some(false) { Group::Apologies } else { section.group }, found);
            return Some(Section { names: true, ..section });
        }
        // Below a heading `Members: A, B` goes on with the list; below a label another label ends it.
        None if line.label().is_some() || (section.level == 0 && text.contains([':', '：'])) => return None,
        None if text.contains([':', '：']) => {
            take_entry(&text, section.group, found);
            return Some(Section { names: true, ..section });
        }
        None => attendees(&text),
    };
    // A list of names in one line below the heading; any longer text ends the list.
    if !section.names && names.len() >= 2 && text.chars().count() < 1_000 && !text.ends_with(['.', '。']) {
        names.into_iter().for_each(|person| found.add(section.group, person));
        section.names = true;
        return Some(section);
    }
    (!section.names).then_some(section)
}

/// A line of plain text that stands as a heading without a colon: `Members present`.
fn bare_heading<'t>(line: &Line<'_>, text: &'t str) -> Option<&'t str> {
    (line.kind == Kind::Text && text.split_whitespace().count() <= 3 && !text.ends_with(['.', '。', ',', '，'])).then_some(text)
}

/// A bullet: a person, or a role or group with its people.
fn take_entry(text: &str, group: Group, found: &mut Attendance) {
    let (label, names) = text.split_once([':', '：']).unwrap_or(("", text));
    let people = attendees(names);
    if label.is_empty() || label.split_whitespace().count() > 4 || people.is_empty() {
        if names.matches([',', '，', '、']).count() >= 3 {
            people.into_iter().for_each(|person| found.add(group, person));
        } else if let Some(person) = attendee(text) {
            found.add(group, person);
        }
        return;
    }
    let alone = people.len() == 1;
    for mut person in people {
        if alone && person.note.is_empty() {
            person.note = label.trim().to_owned();
        }
        found.add(group, person);
    }
}

/// `Present: A, B`: the group and the names behind the colon.
fn labelled(text: &str) -> Option<(Group, &str)> {
    let (label, names) = text.split_once([':', '：'])?;
    if names.trim().is_empty() || names.trim_start().starts_with("//") {
        return None;
    }
    Some((group_of(label)?, names))
}

/// Tables with a column of names, and those of members with who was there.
fn take_tables(outline: &Outline<'_>, found: &mut Attendance) {
    for table in tables(outline).into_iter().take(20) {
        let Some(names) = table.column("name|姓名|attendee|attendees|member|participant|参会人|出席人员|teilnehmer|nom|nombre")
        else {
            continue;
        };
        let status = table.column("status|present|attendance|attended|出席|到会|出席情况");
        let under = above(outline, table.start);
        let Some(group) = under.or(status.map(|_| Group::Present)) else { continue };
        let note = table.column("role|title|organization|organisation|company|affiliation|职务|单位|部门|firma|funktion");
        for (_, row) in table.rows.iter().take(MAX_PEOPLE) {
            let Some(mut person) = attendee(Table::cell(row, Some(names))) else { continue };
            if let Some(note) = Some(Table::cell(row, note)).filter(|note| !note.is_empty()) {
                person.note = note.to_owned();
            }
            let group = status.map_or(group, |column| by_status(Table::cell(row, Some(column)), group));
            found.add(group, person);
        }
    }
}

/// Whether a member's row says that they were there.
fn by_status(cell: &str, group: Group) -> Group {
    let there =
        matches!(fold(cell).as_str(), "present" | "yes" | "y" | "x" | "attended" | "是" | "出席" | "到" | "已到" | "ja" | "oui" | "si")
            || cell.contains(['✓', '✔', '√', '☑', '✅']);
    if there { group } else { Group::Apologies }
}

/// The group that the heading or label right above a table names.
fn above(outline: &Outline<'_>, start: usize) -> Option<Group> {
    let line = outline.lines[..start].iter().rev().find(|line| !matches!(line.kind, Kind::Blank | Kind::Silent))?;
    group_of(&outline.plain(line))
}

//! Actions: what somebody is to do by when.
//!
//! `- [ ] @alice text by 2026-05-01`, `ACTION: Bob to text`, lists under `Action items`, tables with an owner and a
//! due date, `📅 2026-05-01`, `due:2026-05-01`. What an action lacks is a warning with its line, never a refusal.

use serde::Serialize;

use super::table::{Table, tables};
use super::tasks::{take_due, take_owner};
use super::{MAX_FINDINGS, after_mark, limited};
use crate::classification::dates::dates_in;
use crate::classification::fold::{fold, fold_key, is_listed};
use crate::classification::outline::{Kind, Line, Outline};
use crate::config::DateOrder;
use crate::failure::Warning;

/// How many actions without owner or date are told one by one.
const MAX_WARNINGS: usize = 5;

/// An action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(in crate::classification) struct Action {
    /// What is to be done.
    pub text: String,
    /// By whom.
    pub owner: Option<String>,
    /// By when: ISO where it is a date, else as written.
    pub due: Option<String>,
    /// Whether its box is checked or its state says so.
    pub done: bool,
    /// The line of the note's file.
    pub line: u32,
}

/// Labels of a single action or a list of them, folded without spaces.
const LABELS: &str = "action|actions|actionitem|actionitems|todo|todos|nextsteps|followup|followups|行动项|待办|待办事项|行动|任务|后续工作|\
    遗留问题|aufgaben|aufgabe|宿題|アクション";
/// Column names of a table of actions, folded.
const OWNER_COLUMNS: &str = "owner|assignee|assigned to|responsible|who|lead|负责人|责任人|责任部门|责任单位|牵头部门|verantwortlich|wer|担当|\
    responsable|action by";
const DUE_COLUMNS: &str =
    "due|due date|deadline|by when|target date|when|完成时限|完成时间|截止日期|期限|完成日期|termin|bis|frist|echeance";
const TEXT_COLUMNS: &str = "action|action item|task|what|item|description|事项|行动项|任务|工作内容|待办事项|内容|aufgabe|was|tache";
const STATE_COLUMNS: &str = "status|state|done|状态|进度";

/// Finds actions.
pub(in crate::classification) fn find(outline: &Outline<'_>, order: Option<DateOrder>) -> Vec<Action> {
    let mut found = Vec::new();
    let mut section = Section::None;
    for line in &outline.lines {
        if found.len() >= MAX_FINDINGS {
            break;
        }
        match line.kind {
            Kind::Heading(_) => section = if is_label(&outline.plain(line)) { Section::Heading } else { Section::None },
            Kind::Text | Kind::Item => section = take_line(outline, line, section, order, &mut found),
            Kind::Blank if section == Section::Taken => section = Section::None,
            _ => {}
        }
    }
    found.extend(in_tables(outline, order));
    found.truncate(MAX_FINDINGS);
    found
}

/// The list that is being read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    /// None.
    None,
    /// Under a heading: up to the next.
    Heading,
    /// Under a label: its points.
    Label,
    /// Of a label, and points were taken: up to the next blank line.
    Taken,
}

fn take_line(outline: &Outline<'_>, line: &Line<'_>, section: Section, order: Option<DateOrder>, found: &mut Vec<Action>) -> Section {
    let text = outline.plain(line);
    if let Some(rest) = labelled(&text) {
        if rest.is_empty() {
            return Section::Label;
        }
        found.push(action(rest, line, line.item().and_then(|item| item.checked), order));
        return section;
    }
    if line.label().is_some_and(is_label) {
        return Section::Label;
    }
    if line.label().is_some() && matches!(section, Section::Label | Section::Taken) {
        return Section::None;
    }
    let Some(item) = line.item() else {
        return if section == Section::Heading { section } else { Section::None };
    };
    let named = item.checked.is_some() && (text.starts_with('@') || has_due_mark(&text));
    if section != Section::None || named {
        if item.indent < 8 && text.chars().any(char::is_alphabetic) && !is_nothing(&text) && line.label().is_none() {
            found.push(action(&text, line, item.checked, order));
        }
        return if section == Section::Label { Section::Taken } else { section };
    }
    section
}

/// Whether a line begins an action, for others that read on.
pub(super) fn is_action(text: &str) -> bool {
    labelled(text).is_some()
}

/// The text behind `ACTION:`, `ACTION_ITEM:`, `行动项：`.
fn labelled(text: &str) -> Option<&str> {
    let end = text.find([':', '：']).filter(|at| text[..*at].chars().count() <= 24)?;
    is_label(text[..end].trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '#' | ' '))).then(|| after_mark(&text[end..]))
}

fn is_label(text: &str) -> bool {
    let text =
        text.trim_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ' ' | '*' | '、' | '一' | '二' | '三' | '四' | '五' | '六'));
    text.chars().count() <= 24 && is_listed(LABELS, &fold_key(text))
}

fn is_nothing(text: &str) -> bool {
    matches!(fold(text).as_str(), "" | "none" | "n a" | "tbd" | "无" | "暂无" | "本次无")
}

fn has_due_mark(text: &str) -> bool {
    text.contains('📅') || text.to_ascii_lowercase().contains("due:")
}

/// An action from its words.
fn action(text: &str, line: &Line<'_>, checked: Option<bool>, order: Option<DateOrder>) -> Action {
    let mut rest = text.trim().to_owned();
    let due = take_due(&mut rest, order);
    let owner = take_owner(&mut rest);
    let text = if rest.is_empty() { text.trim().to_owned() } else { rest };
    Action { text: limited(&text), owner, due, done: checked == Some(true), line: line.file_line }
}

/// Tables whose header names an owner and a due date.
fn in_tables(outline: &Outline<'_>, order: Option<DateOrder>) -> Vec<Action> {
    let mut found = Vec::new();
    for table in tables(outline) {
        let (Some(owner), Some(due)) = (table.column(OWNER_COLUMNS), table.column(DUE_COLUMNS)) else { continue };
        let other = (0..table.header.len())
            .find(|column| *column != owner && *column != due && !table.header[*column].is_empty() && !is_ordinal(&table.header[*column]));
        let Some(text) = table.column(TEXT_COLUMNS).filter(|column| *column != owner && *column != due).or(other) else { continue };
        let state = table.column(STATE_COLUMNS);
        for (line, row) in &table.rows {
            let words = Table::cell(row, Some(text));
            if words.is_empty() || is_nothing(words) {
                continue;
            }
            let written = Table::cell(row, Some(due));
            let day = dates_in(written).first().and_then(|stated| stated.reading.day(order)).map(|day| day.to_string());
            let done = matches!(
                fold(Table::cell(row, state)).as_str(),
                "done" | "closed" | "complete" | "completed" | "x" | "yes" | "已完成" | "完成" | "erledigt"
            );
            let owner = Table::cell(row, Some(owner)).trim_start_matches('@');
            found.push(Action { text: limited(words), owner: given(owner), due: day.or_else(|| given(written)), done, line: *line });
        }
    }
    found
}

fn is_ordinal(head: &str) -> bool {
    matches!(head, "no" | "nr" | "n" | "序号" | "编号" | "id")
}

fn given(text: &str) -> Option<String> {
    let text = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '–' | '—'));
    (!is_nothing(text) && text != "?").then(|| text.to_owned())
}

/// Tells of actions that lack an owner or a date: a handful with their lines, then how many more.
pub(super) fn gaps(actions: &[Action]) -> Vec<Warning> {
    let lacking: Vec<(&Action, &str)> =
        actions.iter().filter(|action| !action.done).filter_map(|action| Some((action, lack(action)?))).collect();
    let mut warnings: Vec<Warning> = lacking
        .iter()
        .take(MAX_WARNINGS)
        .map(|(action, lack)| {
            let shown: String = action.text.chars().take(60).collect();
            Warning::new("action-incomplete", format!("This action has {lack}: “{shown}”.")).at_line(action.line)
        })
        .collect();
    let more = lacking.len().saturating_sub(MAX_WARNINGS);
    if more > 0 {
        warnings.push(Warning::new("action-incomplete", format!("{more} more actions have no owner or no due date.")));
    }
    warnings
}

fn lack(action: &Action) -> Option<&'static str> {
    match (&action.owner, &action.due) {
        (None, None) => Some("neither an owner nor a due date"),
        (None, Some(_)) => Some("no owner"),
        (Some(_), None) => Some("no due date"),
        (Some(_), Some(_)) => None,
    }
}

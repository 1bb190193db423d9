//! The document's own date: where it may stand, which place wins, and what is asked when it is ambiguous.
//!
//! Stated places come first (the `date` field, the title, a line `Date: …`, a line that is nothing but a date, the
//! file's name); a date within a sentence, say the year of a foundation, never wins over them.

mod forms;
mod tokens;

#[cfg(test)]
mod tests;

use chrono::{Datelike as _, NaiveDate};

pub(super) use forms::{Reading, Stated, dates_in};

use super::Hints;
use super::fields::declared;
use super::fold::{fold, fold_key, has_phrase};
use super::outline::{Kind, Line, Outline, floor};
use crate::catalog::Manifest;
use crate::config::{DateOrder, Settings};
use crate::failure::{Problem, Warning};
use crate::model::TypeName;
use crate::reading::Submission;

/// How many lines at the beginning may hold the date.
const FIRST_LINES: usize = 15;
/// How many lines at the end: notices are often dated below their signature.
const LAST_LINES: usize = 3;
/// How much of a field or name is looked at.
const MAX_VALUE_BYTES: usize = 1_000;
/// How many lines are checked for weekdays that disagree with their date.
const CHECKED_LINES: usize = 2_000;
/// How many of those are told.
const MAX_WEEKDAY_WARNINGS: usize = 3;

/// Names of the date field that every type understands.
const FIELD_NAMES: [&str; 12] =
    ["date", "日期", "会议日期", "发文日期", "成文日期", "meetingdate", "dateofmeeting", "datum", "fecha", "日時", "日付", "issued"];
/// What stands before the document's own date in its first lines.
const LABELS: [&str; 14] = [
    "date",
    "dated",
    "meeting date",
    "date of meeting",
    "day",
    "datum",
    "fecha",
    "日期",
    "会议日期",
    "发文日期",
    "日時",
    "開催日",
    "data",
    "issued",
];
/// What stands before the time of an event, which may be the document's date when nothing better is there.
const EVENT_LABELS: [&str; 8] = ["when", "time", "held", "held on", "时间", "会议时间", "开会时间", "on"];
/// What stands before a date that is another's.
const OTHERS: [&str; 32] = [
    "due",
    "deadline",
    "reply",
    "respond",
    "rsvp",
    "until",
    "before",
    "by",
    "next",
    "previous",
    "last",
    "updated",
    "modified",
    "expires",
    "effective",
    "born",
    "founded",
    "since",
    "截止",
    "下次",
    "上次",
    "更新",
    "之前",
    "有效",
    "自",
    "until further",
    "created",
    "plan",
    "from",
    "since then",
    "修订",
    "起",
];

/// A date and how it came about.
pub(super) struct Dated {
    /// The day.
    pub day: NaiveDate,
    /// Why, in one line.
    pub evidence: String,
}

/// Reads a text that should be a date, in any of the forms known here: for fields of that kind.
pub fn read_date(text: &str, order: Option<DateOrder>) -> Option<NaiveDate> {
    let found = dates_in(floor(text, MAX_VALUE_BYTES));
    found.first()?.reading.day(order)
}

/// Finds the document's date.
pub(super) struct Finder<'a> {
    pub note: &'a Submission,
    pub outline: &'a Outline<'a>,
    pub settings: &'a Settings,
    pub hints: &'a Hints,
    /// The document's type, for the words that say how to answer.
    pub document_type: &'a TypeName,
    /// The type's manifest, which may give a key like 会议日期 another meaning.
    pub manifest: &'a Manifest,
    /// The document's title and where it stands, for the words of the evidence.
    pub title: &'a str,
    pub warnings: Vec<Warning>,
    pub problems: Vec<Problem>,
}

impl Finder<'_> {
    /// The date, from the best place that has one; a problem stands beside it where the user has to be asked.
    pub(super) fn find(&mut self) -> Dated {
        if let Some(day) = self.hints.date {
            return Dated { day, evidence: format!("The date {day} was given.") };
        }
        let found = self.in_field().or_else(|| self.in_title()).or_else(|| self.in_text()).or_else(|| self.in_file_name());
        let dated = found.or_else(|| self.in_sentence()).unwrap_or_else(|| self.of_file());
        self.check_weekdays();
        dated
    }

    fn in_field(&mut self) -> Option<Dated> {
        let keys = || self.note.fields.values.keys();
        let means = |key: &str, name: &str| fold_key(declared(key, self.manifest).unwrap_or(key)) == name;
        let key = FIELD_NAMES.iter().find_map(|name| keys().find(|key| means(key, name)))?.clone();
        let text = self.note.fields.text(&key)?;
        let line = self.note.fields.lines.get(&key).copied();
        let found = dates_in(floor(&text, MAX_VALUE_BYTES)).into_iter().next();
        match found {
            Some(stated) if stated.reading == Reading::Impossible => {
                let message = format!("There is no day {} in the calendar.", &text[stated.start..stated.end]);
                self.refuse("date-impossible", message, "Correct the day or the month.", line);
                None
            }
            Some(stated) => self.settle(&stated, &text, &format!("the field `{key}`"), line),
            None => {
                self.unreadable(&key, &text, line);
                None
            }
        }
    }

    /// A field that says no day: a year alone is let pass with a warning, other words are asked about.
    fn unreadable(&mut self, key: &str, text: &str, line: Option<u32>) {
        let shown: String = text.chars().take(60).collect();
        let partial = text.chars().filter(|c| c.is_numeric()).count() >= 4 && text.chars().count() <= 12;
        let open = matches!(fold(text).as_str(), "" | "tbd" | "tba" | "draft" | "na" | "n a" | "none" | "待定" | "undated" | "null");
        if partial || open || self.hints.guess {
            let warning = Warning::new("date-incomplete", format!("`{key}: {shown}` names no day; the date was taken from elsewhere."));
            self.warnings.push(placed(warning, line));
        } else {
            let message = format!("`{key}: {shown}` is no date that can be read.");
            self.refuse("date-unreadable", message, "Write it as year-month-day, such as 2026-11-23, or take the line out.", line);
        }
    }

    fn in_title(&mut self) -> Option<Dated> {
        let title = self.title;
        let stated = self.best(floor(title, MAX_VALUE_BYTES), true)?;
        self.settle(&stated, title, "the title", None)
    }

    /// In the first lines and the last: labelled ones first, then those that are nothing but a date.
    fn in_text(&mut self) -> Option<Dated> {
        let outline = self.outline;
        let first = || outline.lines.iter().filter(|line| readable(line)).take(FIRST_LINES);
        let last = || outline.lines.iter().rev().filter(|line| readable(line)).take(LAST_LINES);
        let picks = [
            first().find_map(|line| self.labelled(line, &LABELS)),
            first().find_map(|line| self.alone(line)),
            last().find_map(|line| self.alone(line)),
            first().find_map(|line| self.labelled(line, &EVENT_LABELS)),
        ];
        let (line, stated) = picks.into_iter().flatten().next()?;
        self.settle(&stated, line.raw, &format!("line {}", line.file_line), Some(line.file_line))
    }

    /// A line that has one of the labels right before its date.
    fn labelled<'l>(&self, line: &'l Line<'l>, labels: &[&str]) -> Option<(&'l Line<'l>, Stated)> {
        let stated = self.best(line.raw, true)?;
        let before = fold(&line.raw[..stated.start]);
        let labelled =
            labels.iter().any(|label| before == *label || before.ends_with(&format!(" {label}")) || ends_with_han(&before, label));
        (labelled && before.chars().count() <= 40 && !OTHERS.iter().any(|other| has_phrase(&before, other))).then_some((line, stated))
    }

    /// A line that says little more than a date.
    fn alone<'l>(&self, line: &'l Line<'l>) -> Option<(&'l Line<'l>, Stated)> {
        if line.kind == Kind::Item || line.raw.chars().count() > 120 {
            return None;
        }
        let stated = self.best(line.raw, false)?;
        let before = fold(&line.raw[..stated.start]);
        let rest = fold(&line.raw[stated.end..]);
        let words = |text: &str| {
            text.split(' ')
                .filter(|word| !word.is_empty())
                .map(|word| if word.is_ascii() { 2 } else { word.chars().count() })
                .sum::<usize>()
        };
        let lean = words(&before) <= 12 && words(&rest) <= 16 && !ends_sentence(line.raw);
        (lean && !OTHERS.iter().any(|other| has_phrase(&before, other))).then_some((line, stated))
    }

    fn in_file_name(&mut self) -> Option<Dated> {
        let name = file_stem(&self.note.name).to_owned();
        let stated = self.best(floor(&name, MAX_VALUE_BYTES), true)?;
        self.settle(&stated, &name, "the file's name", None)
    }

    /// In a sentence near the beginning that says when something was held, if that is not long past.
    fn in_sentence(&mut self) -> Option<Dated> {
        let outline = self.outline;
        let near = self.note.modified.with_timezone(&self.settings.time_zone).date_naive();
        for line in outline.lines.iter().filter(|line| readable(line) && line.kind != Kind::Row).take(FIRST_LINES) {
            let Some(stated) = self.best(line.raw, false) else { continue };
            let before = fold(&line.raw[..stated.start]);
            let cue = ["on", "dated", "of", "am", "vom", "le", "于", "held"]
                .iter()
                .any(|cue| before.ends_with(&format!(" {cue}")) || ends_with_han(&before, cue));
            let recent = stated.reading.day(Some(DateOrder::Dmy)).is_some_and(|day| (day.year() - near.year()).abs() <= 2);
            let head = matches!(line.kind, Kind::Heading(_)) || line.label().is_some();
            if (cue && recent || head) && !OTHERS.iter().any(|other| has_phrase(&before, other)) {
                return self.settle(&stated, line.raw, &format!("line {}", line.file_line), Some(line.file_line));
            }
        }
        None
    }

    fn of_file(&mut self) -> Dated {
        let day = self.note.modified.with_timezone(&self.settings.time_zone).date_naive();
        let why = match year_alone(self.title) {
            Some(year) => format!("only the year {year} stands in the title"),
            None => "none stands in its fields, title, first lines or name".to_owned(),
        };
        let message = format!("The document's date is the file's own, {day}: {why}. Write `date: …` to set it.");
        self.warnings.push(Warning::new("date-from-file", message));
        Dated { day, evidence: format!("Date {day}: when the file was last changed.") }
    }

    /// The first date of a text that is possible; those with two-digit years only where one is expected.
    fn best(&self, text: &str, expected: bool) -> Option<Stated> {
        dates_in(text).into_iter().find(|stated| stated.reading != Reading::Impossible && (expected || !stated.weak))
    }

    /// Takes a date, or asks which is meant.
    fn settle(&mut self, stated: &Stated, text: &str, place: &str, line: Option<u32>) -> Option<Dated> {
        let written = text.get(stated.start..stated.end).unwrap_or(text).trim();
        if let Some(day) = stated.reading.day(self.settings.date_order) {
            return Some(Dated { day, evidence: format!("Date {day}: {place} says “{written}”.") });
        }
        let Reading::Either { dmy, mdy, .. } = stated.reading else { return None };
        if self.hints.guess {
            let message = format!("“{written}” was read as day/month/year, {dmy}; it could be {mdy}. Write the date as {dmy} to be sure.");
            self.warnings.push(placed(Warning::new("date-ambiguous", message), line));
        } else {
            let message = format!("“{written}” ({place}) can be {dmy} or {mdy}.");
            let answer = self.document_type;
            let help = format!(
                "Write the date as {dmy} or {mdy}, answer with `chancery answer inbox/{} --type {answer} --date {dmy}` (or {mdy}), or set `date_order` \
                 in chancery.toml for all notes.",
                self.note.name
            );
            self.refuse("date-ambiguous", message, &help, line);
        }
        Some(Dated { day: dmy, evidence: format!("Date {dmy}: {place} says “{written}”, read as day/month/year.") })
    }

    fn refuse(&mut self, code: &str, message: String, help: &str, line: Option<u32>) {
        if self.hints.guess {
            self.warnings.push(placed(Warning::new(code, message), line));
            return;
        }
        let problem = Problem::new(code, message, help);
        self.problems.push(match line {
            Some(line) => problem.at(&self.note.text, line, None),
            None => problem,
        });
    }

    /// Tells of weekdays that disagree with the date beside them: in the date field and in the text.
    fn check_weekdays(&mut self) {
        let mut told = 0;
        for line in self.outline.lines.iter().filter(|line| readable(line)).take(CHECKED_LINES) {
            for stated in dates_in(line.raw) {
                let (Some(weekday), Reading::Day(day)) = (stated.weekday, stated.reading) else { continue };
                if day.weekday() != weekday && told < MAX_WEEKDAY_WARNINGS {
                    told += 1;
                    let written = line.raw[stated.start..stated.end].trim();
                    let message = format!("“{written}” is a {}, not a {}.", weekday_name(day.weekday()), weekday_name(weekday));
                    self.warnings.push(Warning::new("weekday-disagrees", message).at_line(line.file_line));
                }
            }
        }
        let fields = self.note.fields.values.iter().filter_map(|(key, value)| Some((key, value.as_str()?)));
        for (key, text) in fields.filter(|(_, text)| text.len() <= MAX_VALUE_BYTES).take(100) {
            for stated in dates_in(text) {
                let (Some(weekday), Reading::Day(day)) = (stated.weekday, stated.reading) else { continue };
                if day.weekday() != weekday && told < MAX_WEEKDAY_WARNINGS {
                    told += 1;
                    let message = format!("`{key}`: {day} is a {}, not a {}.", weekday_name(day.weekday()), weekday_name(weekday));
                    self.warnings.push(placed(Warning::new("weekday-disagrees", message), self.note.fields.lines.get(key).copied()));
                }
            }
        }
    }
}

/// The file's name without folders and extension.
pub(super) fn file_stem(name: &str) -> &str {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    match name.rfind('.') {
        Some(at) if at > 0 && name.len() - at <= 9 => &name[..at],
        _ => name,
    }
}

/// A year that stands in a text without day and month: `2023`, `2018-19`, `2026年`.
pub(super) fn year_alone(text: &str) -> Option<u32> {
    let folded = fold(floor(text, MAX_VALUE_BYTES));
    let runs = folded.split(|c: char| !c.is_ascii_digit()).filter(|run| run.len() == 4);
    runs.filter_map(|run| run.parse().ok()).find(|year| (1900..2100).contains(year))
}

fn placed(warning: Warning, line: Option<u32>) -> Warning {
    match line {
        Some(line) => warning.at_line(line),
        None => warning,
    }
}

fn readable(line: &Line<'_>) -> bool {
    !matches!(line.kind, Kind::Blank | Kind::Code | Kind::Silent | Kind::Rule)
}

fn ends_with_han(text: &str, label: &str) -> bool {
    !label.is_ascii() && text.ends_with(label)
}

fn ends_sentence(text: &str) -> bool {
    text.trim_end_matches(['*', '_', ' ']).ends_with(['。', '!', '！', '?', '？', ';', '；'])
        || text.trim_end().ends_with('.') && text.split_whitespace().count() > 12
}

fn weekday_name(day: chrono::Weekday) -> &'static str {
    use chrono::Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
    match day {
        Mon => "Monday",
        Tue => "Tuesday",
        Wed => "Wednesday",
        Thu => "Thursday",
        Fri => "Friday",
        Sat => "Saturday",
        Sun => "Sunday",
    }
}

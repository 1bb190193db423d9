//! The places of a note that may hold its date, best first; where the user has to be asked, a problem.

use chrono::{Datelike as _, NaiveDate};

use super::forms::{Reading, Stated, dates_in};
use super::weekdays::disagreements;
use super::{MAX_VALUE_BYTES, file_stem, year_alone};
use crate::classification::answering;
use crate::classification::fold::{fold, fold_key, has_phrase, listed};
use crate::classification::outline::{Kind, Line, Outline};
use crate::classification::plain::floor;
use crate::classification::{Hints, Vocabulary};
use crate::config::{DateOrder, Settings};
use crate::failure::{Problem, Warning};
use crate::model::TypeName;
use crate::reading::Submission;

/// How many lines at the beginning may hold the date.
const FIRST_LINES: usize = 15;
/// How many lines at the end: notices are often dated below their signature.
const LAST_LINES: usize = 3;

/// Names of the date field that every type understands.
const FIELD_NAMES: &str = "date|日期|会议日期|发文日期|成文日期|meetingdate|dateofmeeting|datum|fecha|日時|日付|issued";
/// What stands before the document's own date in its first lines.
const LABELS: &str = "date|dated|meeting date|date of meeting|day|datum|fecha|日期|会议日期|发文日期|日時|開催日|data|issued|held|held on";
/// What stands before the time of an event, which may be the document's date when nothing better is there.
const EVENT_LABELS: &str = "when|time|时间|会议时间|开会时间|on";
/// Words of a sentence, which is not a line that says little more than a date.
const VERBS: &str = "were|was|is|are|will|has|have|had|approved|be|of the meeting of|minutes of";
/// What stands before a date that is another's.
const OTHERS: &str = "due|deadline|reply|respond|rsvp|until|before|by|next|previous|last|updated|modified|expires|effective|born|founded|\
    since|截止|下次|上次|更新|之前|有效|自|until further|created|plan|from|since then|修订|起";

/// What is known of a document, for finding its date.
#[derive(Clone, Copy)]
pub(in crate::classification) struct Known<'a> {
    pub note: &'a Submission,
    pub outline: &'a Outline<'a>,
    pub settings: &'a Settings,
    pub hints: &'a Hints,
    /// For the words that say how to answer.
    pub document_type: &'a TypeName,
    /// The type's names of fields, which may give a key like 会议日期 another meaning.
    pub vocabulary: &'a Vocabulary,
    pub title: &'a str,
}

/// The document's date.
pub(in crate::classification) struct Found {
    pub day: NaiveDate,
    /// Where it stands, in one line.
    pub evidence: String,
    pub warnings: Vec<Warning>,
    /// What has to be asked.
    pub problems: Vec<Problem>,
}

/// Finds the document's date.
pub(in crate::classification) fn find(known: Known<'_>) -> Found {
    Finder { known, warnings: Vec::new(), problems: Vec::new() }.find()
}

/// A date and how it came about.
struct Dated {
    day: NaiveDate,
    evidence: String,
}

struct Finder<'a> {
    known: Known<'a>,
    warnings: Vec<Warning>,
    problems: Vec<Problem>,
}

impl Finder<'_> {
    /// The date, from the best place that has one; a problem stands beside it where the user has to be asked.
    fn find(mut self) -> Found {
        let dated = self.best_place();
        self.warnings.extend(disagreements(self.known.note, self.known.outline));
        Found { day: dated.day, evidence: dated.evidence, warnings: self.warnings, problems: self.problems }
    }

    fn best_place(&mut self) -> Dated {
        if let Some(day) = self.known.hints.date {
            return Dated { day, evidence: format!("The date {day} was given.") };
        }
        let stated = self.in_field().or_else(|| self.in_title()).or_else(|| self.in_text()).or_else(|| self.in_file_name());
        stated.or_else(|| self.in_sentence()).unwrap_or_else(|| self.of_file())
    }

    fn in_field(&mut self) -> Option<Dated> {
        let vocabulary = self.known.vocabulary;
        let rank = |key: &String| listed(FIELD_NAMES).position(|name| name == fold_key(vocabulary.declared(key).unwrap_or(key)));
        let (_, key) = self.known.note.fields.values.keys().filter_map(|key| Some((rank(key)?, key))).min_by_key(|(rank, _)| *rank)?;
        let key = key.clone();
        let text = self.known.note.fields.text(&key)?;
        let line = self.known.note.fields.lines.get(&key).copied();
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
        if partial || open || self.known.hints.guess {
            let warning = Warning::new("date-incomplete", format!("`{key}: {shown}` names no day; the date was taken from elsewhere."));
            self.warnings.push(placed(warning, line));
        } else {
            let message = format!("`{key}: {shown}` is no date that can be read.");
            self.refuse("date-unreadable", message, "Write it as year-month-day, such as 2026-11-23, or take the line out.", line);
        }
    }

    fn in_title(&mut self) -> Option<Dated> {
        let title = self.known.title;
        let stated = self.best(floor(title, MAX_VALUE_BYTES), true)?;
        self.settle(&stated, title, "the title", None)
    }

    /// In the first lines and the last: labelled ones first, then those that are nothing but a date.
    fn in_text(&mut self) -> Option<Dated> {
        let outline = self.known.outline;
        let first = || outline.lines.iter().filter(|line| readable(line)).take(FIRST_LINES);
        let last = || outline.lines.iter().rev().filter(|line| readable(line)).take(LAST_LINES);
        let picks = [
            first().find_map(|line| self.labelled(line, LABELS)),
            first().find_map(|line| self.alone(line)),
            last().find_map(|line| self.alone(line)),
            first().find_map(|line| self.labelled(line, EVENT_LABELS)),
        ];
        let (line, stated) = picks.into_iter().flatten().next()?;
        self.settle(&stated, line.raw, &format!("line {}", line.file_line), Some(line.file_line))
    }

    /// A line that has one of the labels right before its date.
    fn labelled<'l>(&self, line: &'l Line<'l>, labels: &'static str) -> Option<(&'l Line<'l>, Stated)> {
        let stated = self.best(line.raw, true)?;
        let before = fold(&line.raw[..stated.start]);
        let labelled =
            listed(labels).any(|label| before == label || before.ends_with(&format!(" {label}")) || ends_with_han(&before, label));
        (labelled && before.chars().count() <= 40 && !listed(OTHERS).any(|other| has_phrase(&before, other))).then_some((line, stated))
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
        let sentence = fold(line.raw);
        if listed(VERBS).any(|verb| has_phrase(&sentence, verb)) {
            return None;
        }
        let lean = words(&before) <= 12 && words(&rest) <= 16 && !ends_sentence(line.raw);
        (lean && !listed(OTHERS).any(|other| has_phrase(&before, other))).then_some((line, stated))
    }

    fn in_file_name(&mut self) -> Option<Dated> {
        let name = file_stem(&self.known.note.name).to_owned();
        let stated = self.best(floor(&name, MAX_VALUE_BYTES), true)?;
        self.settle(&stated, &name, "the file's name", None)
    }

    /// In a sentence near the beginning that says when something was held, if that is not long past.
    fn in_sentence(&mut self) -> Option<Dated> {
        let outline = self.known.outline;
        let near = self.known.note.modified.with_timezone(&self.known.settings.time_zone).date_naive();
        for line in outline.lines.iter().filter(|line| readable(line) && line.kind != Kind::Row).take(FIRST_LINES) {
            let Some(stated) = self.best(line.raw, false) else { continue };
            let before = fold(&line.raw[..stated.start]);
            let cue = ["on", "dated", "of", "am", "vom", "le", "于", "held"]
                .iter()
                .any(|cue| before.ends_with(&format!(" {cue}")) || ends_with_han(&before, cue));
            let recent = stated.reading.day(Some(DateOrder::Dmy)).is_some_and(|day| (day.year() - near.year()).abs() <= 2);
            let head = matches!(line.kind, Kind::Heading(_)) || line.label().is_some();
            if (cue && recent || head) && !listed(OTHERS).any(|other| has_phrase(&before, other)) {
                return self.settle(&stated, line.raw, &format!("line {}", line.file_line), Some(line.file_line));
            }
        }
        None
    }

    fn of_file(&mut self) -> Dated {
        let day = self.known.note.modified.with_timezone(&self.known.settings.time_zone).date_naive();
        let why = match year_alone(self.known.title) {
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
        if let Some(day) = stated.reading.day(self.known.settings.date_order) {
            return Some(Dated { day, evidence: format!("Date {day}: {place} says “{written}”.") });
        }
        let Reading::Either { dmy, mdy, .. } = stated.reading else { return None };
        if self.known.hints.guess {
            let message = format!("“{written}” was read as day/month/year, {dmy}; it could be {mdy}. Write the date as {dmy} to be sure.");
            self.warnings.push(placed(Warning::new("date-ambiguous", message), line));
        } else {
            // The problem itself names the line.
            let place = if line.is_some() { String::new() } else { format!(" ({place})") };
            let message = format!("“{written}”{place} can be {dmy} or {mdy}.");
            let (answer, named) = (answering::command(&self.known.note.name), self.known.document_type);
            let help = format!(
                "Write the date as {dmy} or {mdy}, answer with `{answer} --type {named} --date {dmy}` (or {mdy}), or set `date_order` \
                 in chancery.toml for all notes."
            );
            self.refuse("date-ambiguous", message, &help, line);
        }
        Some(Dated { day: dmy, evidence: format!("Date {dmy}: {place} says “{written}”, read as day/month/year.") })
    }

    fn refuse(&mut self, code: &str, message: String, help: &str, line: Option<u32>) {
        if self.known.hints.guess {
            self.warnings.push(placed(Warning::new(code, message), line));
            return;
        }
        let problem = Problem::new(code, message, help);
        self.problems.push(match line {
            Some(line) => problem.at(&self.known.note.text, line, None),
            None => problem,
        });
    }
}

fn placed(warning: Warning, line: Option<u32>) -> Warning {
    Warning { line, ..warning }
}

/// Whether a line can hold words of the document.
pub(super) fn readable(line: &Line<'_>) -> bool {
    !matches!(line.kind, Kind::Blank | Kind::Code | Kind::Silent | Kind::Rule)
}

fn ends_with_han(text: &str, label: &str) -> bool {
    !label.is_ascii() && text.ends_with(label)
}

fn ends_sentence(text: &str) -> bool {
    text.trim_end_matches(['*', '_', ' ']).ends_with(['。', '!', '！', '?', '？', ';', '；'])
        || text.trim_end().ends_with('.') && text.split_whitespace().count() > 12
}

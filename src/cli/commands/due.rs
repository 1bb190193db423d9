//! `chancery due`: what may be disposed of, and since when; and what is kept although its time is over.

use chrono::NaiveDate;
use clap::Args;
use serde::Serialize;

use crate::cli::ending::{Ending, Stop};
use crate::cli::session::Session;
use crate::cli::wording::counted;
use crate::keeping::{self, Retained, Term};
use crate::register::Said;

/// List what may be disposed of, and since when
///
/// The time comes from the `[retention]` of each document type. Records that are held are listed with who holds them and
/// why; those whose time cannot be reckoned, with the reason. Nothing is changed: `chancery dispose` does that.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  chancery due                       today
  chancery due --on 2030-01-01       what will be due then
  chancery due --all                 every record, with how long it is to be kept")]
pub struct DueArgs {
    /// On this day instead of today
    #[arg(long, value_name = "DATE")]
    on: Option<NaiveDate>,
    /// Also what has to be kept, and until when
    #[arg(long)]
    all: bool,
}

/// What scripts read of a record.
#[derive(Serialize)]
struct Line<'a> {
    /// `due`, `held`, `unknown`; with `--all` also `kept`, `permanent`, `no-rule`.
    status: &'static str,
    id: &'a str,
    #[serde(rename = "type")]
    document_type: &'a str,
    title: &'a str,
    date: NaiveDate,
    number: Option<&'a str>,
    /// The rule, in words.
    rule: Option<String>,
    /// The day from which it need not be kept.
    since: Option<NaiveDate>,
    held: Option<&'a Said>,
    reason: Option<&'a str>,
}

/// How many there are of each.
#[derive(Default, Serialize)]
struct Summary {
    status: &'static str,
    due: usize,
    held: usize,
    unknown: usize,
    kept: usize,
    permanent: usize,
    #[serde(rename = "no-rule")]
    no_rule: usize,
}

/// Lists them.
pub fn run(session: &Session, args: &DueArgs) -> Result<Ending, Stop> {
    let office = session.office()?;
    let on = args.on.unwrap_or_else(|| office.clock().now().date_naive());
    let mut summary = Summary { status: "summary", ..Summary::default() };
    keeping::each_retained(&office, |retained| {
        let status = standing(&retained, on);
        *summary.of(status) += 1;
        if args.all || matches!(status, "due" | "held" | "unknown") {
            session.output.json(&line(&retained, status));
            session.output.data(&in_words(&retained, status));
        }
    })?;
    session.output.json(&summary);
    session.output.remark(&summary.in_words(on));
    Ok(Ending::Done)
}

fn standing(retained: &Retained, on: NaiveDate) -> &'static str {
    match &retained.term {
        _ if retained.is_due(on) => "due",
        _ if retained.is_over(on) => "held",
        Term::Until(_) => "kept",
        Term::Permanent => "permanent",
        Term::NoRule => "no-rule",
        Term::Unknown(_) => "unknown",
    }
}

fn line<'a>(retained: &'a Retained, status: &'static str) -> Line<'a> {
    let record = &retained.state.record;
    let (since, reason) = match &retained.term {
        Term::Until(day) => (Some(*day), None),
        Term::Unknown(why) => (None, Some(why.as_str())),
        Term::Permanent | Term::NoRule => (None, None),
    };
    Line {
        status,
        id: &record.id,
        document_type: record.document_type.as_str(),
        title: &record.title,
        date: record.date,
        number: record.number.as_deref(),
        rule: retained.rule.as_ref().map(ToString::to_string),
        since,
        held: retained.held.as_ref(),
        reason,
    }
}

fn in_words(retained: &Retained, status: &str) -> String {
    let record = &retained.state.record;
    let name = record.number.as_ref().unwrap_or(&record.id);
    let why = match &retained.term {
        Term::Until(day) if status == "kept" => format!("to be kept until {day}"),
        Term::Until(day) => format!("since {day}"),
        Term::Permanent => "for ever".to_owned(),
        Term::NoRule => "its type has no [retention]".to_owned(),
        Term::Unknown(why) => why.clone(),
    };
    let held = retained.held.as_ref().map_or_else(String::new, |said| {
        let by = said.by.as_ref().map_or_else(String::new, |by| format!(" by {by}"));
        let reason = said.reason.as_ref().map_or_else(String::new, |reason| format!(": {reason}"));
        format!("; held{by}{reason}")
    });
    format!("{status:9}  {name}  {}  {}  ({why}{held})", record.date, record.title)
}

impl Summary {
    fn of(&mut self, status: &str) -> &mut usize {
        match status {
            "due" => &mut self.due,
            "held" => &mut self.held,
            "unknown" => &mut self.unknown,
            "kept" => &mut self.kept,
            "permanent" => &mut self.permanent,
            _ => &mut self.no_rule,
        }
    }

    fn in_words(&self, on: NaiveDate) -> String {
        let mut words = format!("{} may be disposed of on {on}", counted(self.due, "record"));
        for (count, what) in [
            (self.held, "held"),
            (self.unknown, "unknown"),
            (self.kept, "to be kept for longer"),
            (self.permanent, "to be kept for ever"),
            (self.no_rule, "of types without a rule"),
        ] {
            if count > 0 {
                words.push_str(&format!("; {count} {what}"));
            }
        }
        words + "."
    }
}

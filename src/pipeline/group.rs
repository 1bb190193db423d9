//! Parts that are admitted together and filed together: one sync of the register before they are made, one after, and
//! the syncs of their files side by side. Making and filing are two steps, so that the next group can be made meanwhile.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use super::admission::{finished_files, resembles, sources_beside, worded};
use super::outcome::{Fate, Outcome, StageTimes};
use super::parts::PartInHand;
use super::{commission, milliseconds};
use crate::composition;
use crate::failure::{Checked, Problem, Warning};
use crate::filing::{self, Details, Finished};
use crate::office::Office;
use crate::parallel;
use crate::register::{Admission, Request, Ticket};
use crate::storage::crash_point;
use crate::typesetting::Rendition;

/// How many parts are a group.
pub(super) const GROUP: usize = 32;

/// A part that is understood, or why it is not.
pub(super) type Asked = Result<(Request, PartInHand), Box<Outcome>>;

/// Parts that are admitted and made, and wait to be filed.
pub(super) struct Group {
    /// One for each part, in order; those that wait have none yet.
    outcomes: Vec<Option<Outcome>>,
    finished: Vec<Finished>,
    waiting: Vec<Waiting>,
}

/// What is known of a part that waits to be filed.
struct Waiting {
    slot: usize,
    made: PartInHand,
    warnings: Vec<Warning>,
    times: StageTimes,
}

impl Group {
    /// Admits the parts in their order and sets them on so many threads.
    pub(super) fn make(asked: Vec<Asked>, office: &Office, threads: usize) -> Self {
        let mut group = Self { outcomes: Vec::new(), finished: Vec::new(), waiting: Vec::new() };
        let mut admissible = Vec::new();
        for (slot, asked) in asked.into_iter().enumerate() {
            match asked {
                Ok((request, made)) => {
                    group.outcomes.push(None);
                    admissible.push((slot, request, made));
                }
                Err(outcome) => group.outcomes.push(Some(*outcome)),
            }
        }
        let requests: Vec<Request> = admissible.iter().map(|(_, request, _)| request.clone()).collect();
        let started = Instant::now();
        let admitted = office.register().admit_many(&requests);
        let admission_ms = milliseconds(started) / requests.len().max(1) as f64;
        let jobs = admissible.into_iter().zip(admitted).collect();
        let done = parallel::map(jobs, threads, |((slot, request, made), admission)| {
            let mut times = StageTimes(BTreeMap::from([("admission", admission_ms)]));
            let result = make(&made, &request, admission, office, &mut times);
            (slot, made, times, result)
        });
        let mut failed = Vec::new();
        for (slot, made, times, result) in done {
            match result {
                Made::Outcome(outcome) => group.outcomes[slot] = Some(*outcome),
                Made::Finished(record, warnings) => {
                    group.finished.push(*record);
                    group.waiting.push(Waiting { slot, made, warnings, times });
                }
                Made::Failed(ticket, outcome) => failed.push((slot, *ticket, *outcome)),
            }
        }
        for (slot, outcome) in give_back(failed, office) {
            group.outcomes[slot] = Some(outcome);
        }
        group
    }

    /// Files those that were made: one outcome for each part, in order.
    pub(super) fn file(mut self, office: &Office) -> Vec<Outcome> {
        let started = Instant::now();
        let count = self.finished.len().max(1) as f64;
        let filed = filing::file_many(&office.archive(), office.register(), self.finished);
        let filing_ms = milliseconds(started) / count;
        for (waiting, record) in self.waiting.into_iter().zip(filed) {
            let Waiting { slot, made, warnings, mut times } = waiting;
            times.0.insert("filing", filing_ms);
            let fate = record.map_or_else(Fate::Attention, Fate::Filed);
            self.outcomes[slot] =
                Some(Outcome { part: made.part.clone(), fate, classification: Some(made.classification), warnings, stage_ms: times });
        }
        self.outcomes.into_iter().flatten().collect()
    }
}

/// Gives back the tickets of parts that could not be made, the last first: so all their numbers can be given again.
fn give_back(failed: Vec<(usize, Ticket, Outcome)>, office: &Office) -> Vec<(usize, Outcome)> {
    let give_back = |(slot, ticket, mut outcome): (usize, Ticket, Outcome)| {
        let why = match &outcome.fate {
            // A message may quote the note, and so name somebody.
            Fate::Attention(problems) if !office.settings().names => problems.first().code.as_str(),
            Fate::Attention(problems) => problems.first().message.as_str(),
            Fate::Filed(_) | Fate::Duplicate(_) => "it is not needed",
        };
        if let Err(machine) = office.register().void(&ticket, &format!("not made: {why}")) {
            outcome.fate = Fate::Attention(machine);
        }
        (slot, outcome)
    };
    failed.into_iter().rev().map(give_back).collect()
}

/// What became of a part before filing.
enum Made {
    Outcome(Box<Outcome>),
    Failed(Box<Ticket>, Box<Outcome>),
    Finished(Box<Finished>, Vec<Warning>),
}

/// Composes and sets an admitted part; the ticket of one that fails is to be given back.
fn make(made: &PartInHand, request: &Request, admission: Checked<Admission>, office: &Office, times: &mut StageTimes) -> Made {
    let outcome = |fate, times: &StageTimes| {
        let classification = Some(made.classification.clone());
        Box::new(Outcome { part: made.part.clone(), fate, classification, warnings: made.warnings(), stage_ms: times.clone() })
    };
    let end = |fate, times: &StageTimes| Made::Outcome(outcome(fate, times));
    let ticket = match admission {
        Ok(Admission::Ticket(ticket)) => ticket,
        Ok(Admission::Already(record)) => return end(Fate::Filed(record), times),
        Ok(Admission::Duplicate(record)) => {
            let noted = office.register().record_duplicate(request, &record);
            return end(noted.map_or_else(Fate::Attention, |()| Fate::Duplicate(record)), times);
        }
        Err(problems) => return end(Fate::Attention(worded(problems, request)), times),
    };
    crash_point("pipeline::admitted");
    let result = set(made, Some(&ticket), office, times);
    crash_point("pipeline::set");
    match result {
        Ok((renditions, mut warnings)) => {
            warnings.splice(0..0, made.warnings());
            warnings.extend(ticket.resembles.as_ref().map(|other| resembles(&ticket.id, other)));
            let pages = renditions.first().map_or(0, |rendition| rendition.pages);
            let mut files = finished_files(&ticket, renditions);
            files.extend(sources_beside(&ticket, made));
            Made::Finished(Box::new(Finished { ticket, details: Details::of(request), files, pages }), warnings)
        }
        Err(problems) => Made::Failed(Box::new(ticket), outcome(Fate::Attention(problems), times)),
    }
}

/// Composition and typesetting. A panic in either is this document's problem and no other's.
pub(super) fn set(
    made: &PartInHand,
    ticket: Option<&Ticket>,
    office: &Office,
    times: &mut StageTimes,
) -> Checked<(Vec<Rendition>, Vec<Warning>)> {
    let attempt = || -> Checked<(Vec<Rendition>, StageTimes)> {
        let mut times = StageTimes::default();
        let started = Instant::now();
        let manuscripts = composition::compose(office.words(), &commission(made, ticket, office)?)?;
        times.0.insert("composition", milliseconds(started));
        let started = Instant::now();
        let typesetter = office.typesetter()?;
        let renditions = manuscripts.iter().map(|manuscript| typesetter.typeset(manuscript)).collect::<Checked<Vec<_>>>()?;
        times.0.insert("typesetting", milliseconds(started));
        Ok((renditions, times))
    };
    let caught = catch_unwind(AssertUnwindSafe(attempt)).unwrap_or_else(|_| {
        let help = "Leave this note aside and report it; the other documents go on.";
        Err(Problem::new("internal", "The program failed while it set this document.", help).in_file(&made.submission.name).into())
    });
    let (renditions, measured) = caught?;
    times.0.extend(measured.0);
    let mut warnings: Vec<Warning> = Vec::new();
    for warning in renditions.iter().flat_map(|rendition| &rendition.warnings) {
        if !warnings.contains(warning) {
            warnings.push(warning.clone());
        }
    }
    Ok((renditions, warnings))
}

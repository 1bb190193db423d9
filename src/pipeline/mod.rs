//! The way of a document: calls the stages in order. The only place that knows them all.

mod admission;
mod outcome;
mod parts;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use self::admission::{finished_files, request, sources_beside};
use self::parts::{PartInHand, Parts};
use crate::classification::Classification;
use crate::composition::{self, Commission, Manuscript};
use crate::failure::{Checked, Problem, Problems, Warning, guarded};
use crate::filing::{self, Details, Finished};
use crate::intake::Arrival;
use crate::office::Office;
use crate::reading::{self, Submission};
use crate::register::{Admission, Part, Request, SourceFile, Ticket};
use crate::storage::crash_point;
use crate::typesetting::Rendition;

pub use self::outcome::{Fate, Outcome, Pictures, Preview, StageTimes, Wishes};

/// Files an arrival: one outcome for each of its records, in order.
pub fn process(arrival: &Arrival, office: &Office, wishes: &Wishes) -> Vec<Outcome> {
    crash_point("pipeline::arrived");
    let submission = match reading::read(arrival) {
        Ok(submission) => submission,
        Err(problems) => return vec![Outcome::attention(None, problems.in_file(&arrival.note.name))],
    };
    // Another process may have filed it, or written an answer about it.
    if let Err(problems) = office.register().refresh() {
        return vec![Outcome::attention(None, problems)];
    }
    let from_inbox = arrival.note.path.starts_with(office.inbox());
    let inbox_files = if from_inbox { filing::inbox_files(&office.inbox(), arrival) } else { Vec::new() };
    if let Some(note) = inbox_files.first().filter(|_| !wishes.again) {
        match office.register().awaiting_removal(&submission.sha256(), note) {
            Ok(filed) if filed.is_empty() => {}
            Ok(filed) => return filed.into_iter().map(Outcome::filed_before).collect(),
            Err(problems) => return vec![Outcome::attention(None, problems)],
        }
    }
    file_parts(&submission, None, office, wishes, &inbox_files)
}

/// Files what was read, or one row of a table put into it: one outcome for each of its records, in order. `part` says
/// which row of how many it is.
pub fn process_submission(submission: &Submission, part: Option<&Part>, office: &Office, wishes: &Wishes) -> Vec<Outcome> {
    file_parts(submission, part, office, wishes, &[])
}

/// Says what an arrival would be filed as, with what was answered about it.
///
/// # Errors
/// It cannot be read, or has to be asked about although `wishes` say to guess.
pub fn classify(arrival: &Arrival, office: &Office, wishes: &Wishes) -> Checked<Classification> {
    let submission = reading::read(arrival)?;
    let classified = parts::classify(&submission, &submission.sha256(), office, wishes);
    classified.map_err(|problems| problems.in_file(&arrival.note.name))
}

/// Sets an arrival without filing it.
///
/// # Errors
/// What stops the whole arrival; what stops one part stands in its [`Preview::result`].
pub fn preview(arrival: &Arrival, office: &Office, wishes: &Wishes) -> Result<Vec<Preview>, Problems> {
    let submission = reading::read(arrival).map_err(|problems| problems.in_file(&arrival.note.name))?;
    preview_submission(&submission, office, wishes)
}

/// Sets what was read, or one row of a table put into it, without filing it.
///
/// # Errors
/// As [`preview`].
pub fn preview_submission(submission: &Submission, office: &Office, wishes: &Wishes) -> Result<Vec<Preview>, Problems> {
    let parts = Parts::of(submission, None, office, wishes)?;
    let mut previews = Vec::new();
    for index in 0..parts.len() {
        let made = parts.get(index, office, wishes)?;
        let mut times = StageTimes::default();
        let set = set(&made, None, office, &mut times);
        let (result, mut warnings) = match set {
            Ok((renditions, warnings)) => (Ok(renditions), warnings),
            Err(problems) => (Err(problems), Vec::new()),
        };
        warnings.splice(0..0, made.warnings());
        let drawn = match (&result, wishes.ppi) {
            (Ok(_), Some(ppi)) => guarded(|| draw(&made, office, ppi)),
            _ => Ok(Vec::new()),
        };
        let (result, pictures) = match drawn {
            Ok(pictures) => (result, pictures),
            Err(problems) => (Err(problems), Vec::new()),
        };
        previews.push(Preview { part: made.part, classification: made.classification, result, pictures, warnings, stage_ms: times });
    }
    Ok(previews)
}

/// The manuscripts of an arrival that is one record, as a preview sets them: what goes into typesetting, so that it can
/// be done or measured elsewhere.
///
/// # Errors
/// As [`preview`]; what stops the part is among them.
pub fn compose(arrival: &Arrival, office: &Office, wishes: &Wishes) -> Checked<Vec<Manuscript>> {
    let submission = reading::read(arrival).map_err(|problems| problems.in_file(&arrival.note.name))?;
    let made = Parts::of(&submission, None, office, wishes)?.get(0, office, wishes)?;
    composition::compose(office.words(), &commission(&made, None, office)?)
}

/// The pages of each file of a part, drawn.
fn draw(made: &PartInHand, office: &Office, ppi: u16) -> Checked<Vec<Pictures>> {
    let manuscripts = composition::compose(office.words(), &commission(made, None, office)?)?;
    let typesetter = office.typesetter()?;
    let pictures = |manuscript: Manuscript| Ok(Pictures { pages: typesetter.png(&manuscript, f32::from(ppi))?, role: manuscript.role });
    manuscripts.into_iter().map(pictures).collect()
}

/// How many parts are admitted, and then filed, with one sync each.
const GROUP: usize = 32;

fn file_parts(submission: &Submission, part: Option<&Part>, office: &Office, wishes: &Wishes, inbox_files: &[SourceFile]) -> Vec<Outcome> {
    let parts = match Parts::of(submission, part, office, wishes) {
        Ok(parts) => parts,
        Err(problems) => return vec![Outcome::attention(part.cloned(), problems.in_file(&submission.name))],
    };
    let mut outcomes = Vec::with_capacity(parts.len());
    for start in (0..parts.len()).step_by(GROUP) {
        let group = start..parts.len().min(start + GROUP);
        outcomes.extend(file_group(&parts, group, office, wishes, inbox_files));
    }
    outcomes
}

/// Admits a group of parts, sets them one by one, and files those that succeeded together.
fn file_group(
    parts: &Parts<'_>,
    group: std::ops::Range<usize>,
    office: &Office,
    wishes: &Wishes,
    inbox_files: &[SourceFile],
) -> Vec<Outcome> {
    let mut outcomes: Vec<Option<Outcome>> = Vec::new();
    let mut asked = Vec::new();
    for (slot, index) in group.enumerate() {
        outcomes.push(None);
        let made = parts.get(index, office, wishes).and_then(|made| Ok((request(&made, parts, office, wishes, inbox_files)?, made)));
        match made {
            Ok((request, made)) => asked.push((slot, request, made)),
            Err(problems) => outcomes[slot] = Some(Outcome::attention(parts.name(index), problems.in_file(&parts.whole.name))),
        }
    }
    let requests: Vec<Request> = asked.iter().map(|(_, request, _)| request.clone()).collect();
    let started = Instant::now();
    let admitted = office.register().admit_many(&requests);
    let admission_ms = milliseconds(started) / asked.len().max(1) as f64;

    let mut finished = Vec::new();
    let mut waiting = Vec::new();
    let mut failed = Vec::new();
    for ((slot, request, made), admission) in asked.into_iter().zip(admitted) {
        let mut times = StageTimes(BTreeMap::from([("admission", admission_ms)]));
        match make(&made, &request, admission, office, &mut times) {
            Made::Outcome(outcome) => outcomes[slot] = Some(*outcome),
            Made::Finished(record, warnings) => {
                finished.push(*record);
                waiting.push((slot, made, warnings, times));
            }
            Made::Failed(ticket, outcome) => failed.push((slot, ticket, *outcome)),
        }
    }
    for (slot, outcome) in give_back(failed, office) {
        outcomes[slot] = Some(outcome);
    }
    let started = Instant::now();
    let count = finished.len().max(1) as f64;
    let filed = filing::file_many(&office.archive(), office.register(), finished);
    let filing_ms = milliseconds(started) / count;
    for ((slot, made, warnings, mut times), record) in waiting.into_iter().zip(filed) {
        times.0.insert("filing", filing_ms);
        let fate = record.map_or_else(Fate::Attention, Fate::Filed);
        outcomes[slot] =
            Some(Outcome { part: made.part.clone(), fate, classification: Some(made.classification), warnings, stage_ms: times });
    }
    outcomes.into_iter().flatten().collect()
}

/// Gives back the tickets of parts that could not be made, the last first: so all their numbers can be given again.
fn give_back(failed: Vec<(usize, Ticket, Outcome)>, office: &Office) -> Vec<(usize, Outcome)> {
    let give_back = |(slot, ticket, mut outcome): (usize, Ticket, Outcome)| {
        let why = match &outcome.fate {
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
    Failed(Ticket, Box<Outcome>),
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
        Err(problems) => return end(Fate::Attention(problems), times),
    };
    crash_point("pipeline::admitted");
    let result = set(made, Some(&ticket), office, times);
    crash_point("pipeline::set");
    match result {
        Ok((renditions, mut warnings)) => {
            warnings.splice(0..0, made.warnings());
            let pages = renditions.first().map_or(0, |rendition| rendition.pages);
            let mut files = finished_files(&ticket, renditions);
            files.extend(sources_beside(&ticket, made));
            Made::Finished(Box::new(Finished { ticket, details: Details::of(request), files, pages }), warnings)
        }
        Err(problems) => Made::Failed(ticket, outcome(Fate::Attention(problems), times)),
    }
}

/// Composition and typesetting. A panic in either is this document's problem and no other's.
fn set(made: &PartInHand, ticket: Option<&Ticket>, office: &Office, times: &mut StageTimes) -> Checked<(Vec<Rendition>, Vec<Warning>)> {
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

fn commission<'a>(made: &'a PartInHand, ticket: Option<&'a Ticket>, office: &'a Office) -> Checked<Commission<'a>> {
    Ok(Commission {
        submission: &made.submission,
        classification: &made.classification,
        document_type: &made.document_type,
        settings: office.settings(),
        ticket,
        now: office.clock().now(),
        fonts_sha256: office.typesetter()?.fonts().sha256(),
    })
}

fn milliseconds(started: Instant) -> f64 {
    started.elapsed().as_secs_f64() * 1000.0
}

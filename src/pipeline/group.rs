//! Parts that are admitted together and filed together: one sync of the register before they are made, one after, and
//! the syncs of their files side by side. Making and filing are two steps, so that the next group can be made meanwhile.

use std::collections::BTreeMap;
use std::time::Instant;

use super::admission::{finished_files, resembles, sources_beside, worded};
use super::outcome::{Fate, Outcome, StageTimes};
use super::parts::PartInHand;
use super::{milliseconds, order};
use crate::classification::Classification;
use crate::failure::{Checked, Warning, guarded};
use crate::filing::{self, Details, Finished};
use crate::office::Office;
use crate::parallel;
use crate::register::{Admission, Part, Request, Ticket};
use crate::storage::crash_point;
use crate::workers::Made;

/// How many parts are a group.
pub(super) const GROUP: usize = 32;

/// A part that is understood, or why it is not.
pub(super) type Asked = Result<(Request, PartInHand), Box<Outcome>>;

/// Parts that are admitted, and file together once all of them are made.
pub(super) struct Group {
    /// One for each part, in order; those that wait have none yet.
    outcomes: Vec<Option<Outcome>>,
    /// How many are still to be made.
    missing: usize,
    finished: Vec<(usize, Finished, Waiting)>,
    failed: Vec<(usize, Ticket, Outcome)>,
}

/// An admitted part that is to be made.
pub(super) struct Job {
    slot: usize,
    made: PartInHand,
    request: Request,
    admission: Checked<Admission>,
    admission_ms: f64,
}

/// A part that was made, or was not.
pub(super) struct Done {
    slot: usize,
    result: Admitted,
}

/// What is known of a part that waits to be filed.
struct Waiting {
    part: Option<Part>,
    classification: Classification,
    warnings: Vec<Warning>,
    times: StageTimes,
}

impl Group {
    /// Admits the parts in their order.
    pub(super) fn admit(asked: Vec<Asked>, office: &Office) -> (Self, Vec<Job>) {
        let mut group = Self { outcomes: Vec::new(), missing: 0, finished: Vec::new(), failed: Vec::new() };
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
        let (slots, requests): (Vec<_>, Vec<Request>) = admissible.into_iter().map(|(slot, request, made)| ((slot, made), request)).unzip();
        let started = Instant::now();
        let admitted = office.register().admit_many(&requests);
        let admission_ms = milliseconds(started) / requests.len().max(1) as f64;
        group.missing = slots.len();
        let job = |(((slot, made), request), admission)| Job { slot, made, request, admission, admission_ms };
        let jobs = slots.into_iter().zip(requests).zip(admitted).map(job).collect();
        (group, jobs)
    }

    /// Admits the parts in their order and makes them on so many threads.
    pub(super) fn make(asked: Vec<Asked>, office: &Office, threads: usize) -> Self {
        let (mut group, jobs) = Self::admit(asked, office);
        for done in parallel::map(jobs, threads, |job| job.make(office)) {
            group.take(done);
        }
        group
    }

    /// Takes in a part that was made.
    pub(super) fn take(&mut self, done: Done) {
        self.missing = self.missing.saturating_sub(1);
        match done.result {
            Admitted::Outcome(outcome) => self.outcomes[done.slot] = Some(*outcome),
            Admitted::Finished(record, waiting) => self.finished.push((done.slot, *record, *waiting)),
            Admitted::Failed(ticket, outcome) => self.failed.push((done.slot, *ticket, *outcome)),
        }
    }

    /// Whether all of its parts were made, as far as they can be.
    pub(super) fn is_whole(&self) -> bool {
        self.missing == 0
    }

    /// Files those that were made: one outcome for each part, in order.
    pub(super) fn file(mut self, office: &Office) -> Vec<Outcome> {
        self.failed.sort_by_key(|(slot, ..)| *slot);
        for (slot, outcome) in give_back(self.failed, office) {
            self.outcomes[slot] = Some(outcome);
        }
        self.finished.sort_by_key(|(slot, ..)| *slot);
        let started = Instant::now();
        let count = self.finished.len().max(1) as f64;
        let (waiting, finished): (Vec<_>, Vec<_>) =
            self.finished.into_iter().map(|(slot, record, waiting)| ((slot, waiting), record)).unzip();
        let filed = filing::file_many(&office.archive(), office.register(), finished);
        let filing_ms = milliseconds(started) / count;
        for ((slot, waiting), record) in waiting.into_iter().zip(filed) {
            let Waiting { part, classification, warnings, mut times } = waiting;
            times.0.insert("filing", filing_ms);
            let fate = record.map_or_else(Fate::Attention, Fate::Filed);
            self.outcomes[slot] = Some(Outcome { part, fate, classification: Some(classification), warnings, stage_ms: times });
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
enum Admitted {
    Outcome(Box<Outcome>),
    Failed(Box<Ticket>, Box<Outcome>),
    Finished(Box<Finished>, Box<Waiting>),
}

impl Job {
    /// Composes and sets it. The ticket of one that fails is given back when its group is filed.
    pub(super) fn make(self, office: &Office) -> Done {
        let slot = self.slot;
        Done { slot, result: self.made(office) }
    }

    fn made(self, office: &Office) -> Admitted {
        let Self { made, request, admission, admission_ms, .. } = self;
        let mut times = StageTimes(BTreeMap::from([("admission", admission_ms)]));
        let outcome = |fate, times: StageTimes| {
            let classification = Some(made.classification.clone());
            Box::new(Outcome { part: made.part.clone(), fate, classification, warnings: made.warnings(), stage_ms: times })
        };
        let ticket = match admission {
            Ok(Admission::Ticket(ticket)) => ticket,
            Ok(Admission::Already(record)) => return Admitted::Outcome(outcome(Fate::Filed(record), times)),
            // An earlier run filed it: that this one came upon it is nothing to be remembered.
            Ok(Admission::Duplicate(record)) if request.resumed => return Admitted::Outcome(outcome(Fate::Duplicate(record), times)),
            Ok(Admission::Duplicate(record)) => {
                let noted = office.register().record_duplicate(&request, &record);
                return Admitted::Outcome(outcome(noted.map_or_else(Fate::Attention, |()| Fate::Duplicate(record)), times));
            }
            Err(problems) => return Admitted::Outcome(outcome(Fate::Attention(worded(problems, &request)), times)),
        };
        crash_point("pipeline::admitted");
        // A panic outside of the work itself must not leave the ticket open.
        let result = guarded(|| set(&made, Some(&ticket), None, office, &mut times));
        crash_point("pipeline::set");
        match result {
            Ok((Made { renditions, .. }, mut warnings)) => {
                warnings.splice(0..0, made.warnings());
                warnings.extend(ticket.resembles.as_ref().map(|other| resembles(&ticket.id, other)));
                let pages = renditions.first().map_or(0, |rendition| rendition.pages);
                let mut files = finished_files(&ticket, renditions);
                files.extend(sources_beside(&ticket, &made));
                let finished = Finished { ticket, details: Details::of(&request), files, pages };
                let waiting = Waiting { part: made.part, classification: made.classification, warnings, times };
                Admitted::Finished(Box::new(finished), Box::new(waiting))
            }
            Err(problems) => Admitted::Failed(Box::new(ticket), outcome(Fate::Attention(problems), times)),
        }
    }
}

/// Composition and typesetting, with the pages drawn if that is wished for.
pub(super) fn set(
    made: &PartInHand,
    ticket: Option<&Ticket>,
    ppi: Option<u16>,
    office: &Office,
    times: &mut StageTimes,
) -> Checked<(Made, Vec<Warning>)> {
    let set = office.workers().make(&order(made, ticket, ppi, office))?;
    times.0.extend([("composition", set.composition_ms), ("typesetting", set.typesetting_ms)]);
    let warnings = warnings_of(set.renditions.iter().flat_map(|rendition| &rendition.warnings));
    Ok((set, warnings))
}

/// What is said of a record's files, each thing once.
pub(super) fn warnings_of<'a>(said: impl Iterator<Item = &'a Warning>) -> Vec<Warning> {
    let mut warnings: Vec<Warning> = Vec::new();
    for warning in said {
        if !warnings.contains(warning) {
            warnings.push(warning.clone());
        }
    }
    warnings
}

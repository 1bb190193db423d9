//! The way of a document: calls the stages in order. The only place that knows them all.

mod admission;
mod group;
mod outcome;
mod parts;
mod printing;
mod relations;
mod remake;
mod rows;
mod shelf;
mod signed;
mod undo;

use std::time::Instant;

use self::admission::request;
use self::group::{Asked, GROUP, Group, set};
use self::parts::{PartInHand, Parts};
use self::shelf::look_for;
use crate::classification::Classification;
use crate::composition::{Commission, Manuscript};
use crate::failure::{Checked, Problems};
use crate::filing::{self, Recovered};
use crate::intake::{self, Arrival};
use crate::office::Office;
use crate::reading::{self, Read, Submission};
use crate::register::{Part, SourceFile, Ticket};
use crate::storage::crash_point;
use crate::workers::Order;

pub use self::outcome::{Fate, Outcome, Preview, StageTimes, Wishes};
pub use self::printing::{Laid, PrintJob, PrintRow, Printed, VOLUME_PAGES, Volume, print_rows};
pub use self::remake::{Approval, Change, Correction, approve, refile};
pub use self::rows::file_rows;
pub use self::shelf::{Shelf, Standing};
pub use self::undo::{Undone, undo};

/// Files an arrival: one outcome for each of its records, in order.
pub fn process(arrival: &Arrival, office: &Office, wishes: &Wishes) -> Vec<Outcome> {
    crash_point("pipeline::arrived");
    let read = match office.workers().read(arrival) {
        Ok(read) => read,
        Err(problems) => return vec![Outcome::attention(None, problems.in_file(&arrival.note.name))],
    };
    // Another process may have filed it, or written an answer about it.
    if let Err(problems) = office.register().refresh() {
        return vec![Outcome::attention(None, problems)];
    }
    let from_inbox = arrival.note.path.starts_with(office.inbox());
    let inbox_files = if from_inbox { filing::inbox_files(&office.inbox(), arrival) } else { Vec::new() };
    if let Some(note) = inbox_files.first().filter(|_| !wishes.again) {
        match office.register().awaiting_removal(&read.sha256(), note) {
            Ok(filed) if filed.is_empty() => {}
            Ok(filed) => return filed.into_iter().map(Outcome::filed_before).collect(),
            Err(problems) => return vec![Outcome::attention(None, problems)],
        }
    }
    match &read {
        Read::Note(submission) => file_parts(submission, None, office, wishes, &inbox_files),
        Read::SignedCopy(copy) => vec![signed::file(copy, &read.sha256(), office, wishes, &inbox_files)],
    }
}

/// Sees to what writers left undone that are gone: so nothing is half there, and their numbers are given again.
///
/// # Errors
/// The machine's.
pub fn recover(office: &Office) -> Checked<Vec<Recovered>> {
    let inbox = office.inbox();
    filing::recover(&inbox, &office.archive(), office.register(), &|path| {
        intake::is_named(&inbox, path, &|name, bytes| office.workers().glance(name, bytes))
    })
}

/// Says what an arrival would be filed as, with what was answered about it.
///
/// # Errors
/// It cannot be read, or has to be asked about although `wishes` say to guess.
pub fn classify(arrival: &Arrival, office: &Office, wishes: &Wishes) -> Checked<Classification> {
    let classified = match office.workers().read(arrival)? {
        Read::Note(submission) => parts::classify(&submission, &submission.sha256(), office, wishes),
        Read::SignedCopy(copy) => signed::classify(&copy, office),
    };
    classified.map_err(|problems| problems.in_file(&arrival.note.name))
}

/// Sets an arrival without filing it; what stands on the shelf is not set again.
///
/// # Errors
/// What stops the whole arrival; what stops one part stands in its [`Preview::result`].
pub fn preview(arrival: &Arrival, office: &Office, wishes: &Wishes, shelf: Option<&dyn Shelf>) -> Result<Vec<Preview>, Problems> {
    match office.workers().read(arrival).map_err(|problems| problems.in_file(&arrival.note.name))? {
        Read::Note(submission) => preview_submission(&submission, None, office, wishes, shelf),
        Read::SignedCopy(copy) => signed::preview(&copy, office),
    }
}

/// Sets what was read, or one row of a table put into it (then it is that `part`), without filing it.
///
/// # Errors
/// As [`preview`].
pub fn preview_submission(
    submission: &Submission,
    part: Option<&Part>,
    office: &Office,
    wishes: &Wishes,
    shelf: Option<&dyn Shelf>,
) -> Result<Vec<Preview>, Problems> {
    let parts = Parts::of(submission, part, office, wishes)?;
    (0..parts.len()).map(|index| Ok(preview_part(parts.get(index, office, wishes)?, office, wishes, shelf))).collect()
}

fn preview_part(made: PartInHand, office: &Office, wishes: &Wishes, shelf: Option<&dyn Shelf>) -> Preview {
    let mut stage_ms = StageTimes::default();
    let (mut fingerprint, mut stands) = (None, Vec::new());
    let set = look_for(&made, wishes.ppi, office, shelf, &mut stage_ms).and_then(|found| {
        fingerprint = found.fingerprint;
        let Some(standing) = found.standing else {
            return set(&made, None, wishes.ppi, office, &mut stage_ms).map(|(set, warnings)| (set.renditions, set.pictures, warnings));
        };
        let (paths, renditions): (Vec<_>, Vec<_>) = standing.into_iter().map(|file| (file.path, file.rendition)).unzip();
        stands = paths;
        let warnings = group::warnings_of(renditions.iter().flat_map(|rendition| &rendition.warnings));
        Ok((renditions, Vec::new(), warnings))
    });
    let (result, pictures, mut warnings) = match set {
        Ok((renditions, pictures, warnings)) => (Ok(renditions), pictures, warnings),
        Err(problems) => (Err(problems), Vec::new(), Vec::new()),
    };
    warnings.splice(0..0, made.warnings());
    Preview { part: made.part, classification: made.classification, fingerprint, stands, result, pictures, warnings, stage_ms }
}

/// The manuscripts of an arrival that is one record, as a preview sets them: what goes into typesetting, so that it can
/// be done or measured elsewhere.
///
/// # Errors
/// As [`preview`]; what stops the part is among them.
pub fn compose(arrival: &Arrival, office: &Office, wishes: &Wishes) -> Checked<Vec<Manuscript>> {
    let submission = reading::read(arrival).map_err(|problems| problems.in_file(&arrival.note.name))?;
    let made = Parts::of(&submission, None, office, wishes)?.get(0, office, wishes)?;
    office.workers().compose(&order(&made, None, None, office))
}

fn file_parts(submission: &Submission, part: Option<&Part>, office: &Office, wishes: &Wishes, inbox_files: &[SourceFile]) -> Vec<Outcome> {
    let parts = match Parts::of(submission, part, office, wishes) {
        Ok(parts) => parts,
        Err(problems) => return vec![Outcome::attention(part.cloned(), problems.in_file(&submission.name))],
    };
    let ask = |index| ask(&parts, index, office, wishes, inbox_files);
    let mut outcomes = Vec::with_capacity(parts.len());
    for start in (0..parts.len()).step_by(GROUP) {
        let group = (start..parts.len().min(start + GROUP)).map(ask).collect();
        outcomes.extend(Group::make(group, office, office.workers().count()).file(office));
    }
    outcomes
}

/// Understands a part, and says what it asks of admission.
fn ask(parts: &Parts<'_>, index: usize, office: &Office, wishes: &Wishes, inbox_files: &[SourceFile]) -> Asked {
    let request = |made: &PartInHand| request(made, &parts.source_sha256, office, wishes, inbox_files);
    let made = parts.get(index, office, wishes).and_then(|made| Ok((request(&made)?, made)));
    made.map_err(|problems| Box::new(Outcome::attention(parts.name(index), problems.in_file(&parts.whole.name))))
}

/// What is to be made of a part.
fn order<'a>(made: &'a PartInHand, ticket: Option<&'a Ticket>, ppi: Option<u16>, office: &'a Office) -> Order<'a> {
    let commission = Commission {
        submission: &made.submission,
        classification: &made.classification,
        document_type: &made.document_type,
        settings: office.settings(),
        ticket,
        status: made.status.as_deref(),
        said: &made.said,
        now: office.clock().now(),
    };
    Order { commission, ppi, limits: office.settings().limits.with(&made.document_type.manifest.limits) }
}

fn milliseconds(started: Instant) -> f64 {
    started.elapsed().as_secs_f64() * 1000.0
}

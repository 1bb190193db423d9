//! `chancery classify FILE…`: what each would be filed as, and why. Writes nothing and asks nothing.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Args;
use serde::Serialize;

use crate::classification::{Candidate, Classification};
use crate::cli::ending::{Ending, Stop};
use crate::cli::given::{self, Given, What};
use crate::cli::session::Session;
use crate::cli::view::ProblemView;
use crate::cli::wording;
use crate::failure::{Checked, Problems, Warning, guarded};
use crate::intake::Arrival;
use crate::pipeline::{self, Wishes};

/// Say what notes would be filed as, and why
///
/// Gives the best guess at document type, title and date with the evidence for it. A guess that is not sure would
/// be asked back if the note were dropped.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  chancery classify inbox/*.md
  chancery --json classify notes.md")]
pub struct ClassifyArgs {
    /// The notes
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
}

/// What scripts read.
#[derive(Clone, Serialize)]
struct Understood {
    source: String,
    sure: bool,
    #[serde(rename = "type")]
    document_type: Option<String>,
    confidence: f64,
    candidates: Vec<Candidate>,
    title: Option<String>,
    date: Option<NaiveDate>,
    evidence: Vec<String>,
    warnings: Vec<Warning>,
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<ProblemView>,
    #[serde(skip)]
    problems: Option<Problems>,
}

/// Classifies each file and gives it a line.
pub fn run(session: &Session, args: &ClassifyArgs) -> Result<Ending, Stop> {
    let office = session.preview_office()?;
    let wishes = Wishes { hints: session.hints(&office, None, true)?, ..Wishes::default() };
    let classified = |arrival: &Arrival| guarded(|| pipeline::classify(arrival, &office, &wishes));
    let given = given::gather(session, &office.inbox(), &args.files);
    let mut ending = Ending::Done;
    given::in_order(
        &given,
        |given, owner: Option<&Understood>| match (&given.what, owner) {
            (What::Arrival(arrival), _) => Understood::of(given, classified(arrival)),
            (What::Unreadable(problems), _) => Understood::of(given, Err(problems.clone())),
            (What::Owned(_), Some(owner)) => owner.for_owned(given),
            (What::Owned(_), None) => Understood::nothing(given),
        },
        |understood| {
            session.output.json(understood);
            session.output.data(&understood.in_words());
            if let Some(problems) = &understood.problems {
                ending.worsen(Ending::of(problems, false));
                session.output.problems(problems);
            }
            for warning in &understood.warnings {
                session.output.remark(&format!("    {}", wording::warning(warning, session.output.is_verbose())));
            }
        },
    );
    Ok(ending)
}

impl Understood {
    fn nothing(given: &Given) -> Self {
        Self {
            source: given.name.clone(),
            sure: false,
            document_type: None,
            confidence: 0.0,
            candidates: Vec::new(),
            title: None,
            date: None,
            evidence: Vec::new(),
            warnings: Vec::new(),
            of: None,
            problem: None,
            problems: None,
        }
    }

    fn of(given: &Given, classified: Checked<Classification>) -> Self {
        match classified {
            Ok(known) => Self {
                sure: known.sure,
                document_type: Some(known.document_type.to_string()),
                confidence: known.confidence,
                candidates: known.candidates,
                title: Some(known.title),
                date: Some(known.date),
                evidence: known.evidence,
                warnings: known.warnings,
                ..Self::nothing(given)
            },
            Err(problems) => Self {
                candidates: problems.iter().flat_map(|problem| problem.candidates.clone()).collect(),
                problem: Some(ProblemView::of(problems.first())),
                problems: Some(problems),
                ..Self::nothing(given)
            },
        }
    }

    fn for_owned(&self, given: &Given) -> Self {
        Self { source: given.name.clone(), of: Some(self.source.clone()), warnings: Vec::new(), problems: None, ..self.clone() }
    }

    fn in_words(&self) -> String {
        let Some(name) = &self.document_type else { return format!("! {} cannot be classified", self.source) };
        let sure = if self.sure { "" } else { ", not sure" };
        let mut text = format!("{}: {name} ({:.0} %{sure})", self.source, self.confidence * 100.0);
        if let (Some(title), Some(date)) = (&self.title, self.date) {
            text.push_str(&format!("\n    {date} {title}"));
        }
        for line in &self.evidence {
            text.push_str(&format!("\n    {line}"));
        }
        text
    }
}

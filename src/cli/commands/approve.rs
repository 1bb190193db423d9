//! `chancery approve ID --by NAME --on DATE`: the next version of a record, without the mark of a draft.

use clap::Args;

use crate::cli::ending::{Ending, Stop};
use crate::cli::records::{self, given_date};
use crate::cli::session::Session;
use crate::pipeline::{self, Approval};

/// Mark a record as approved
///
/// Makes its next version out of its own source: the same number and text, without what marks a draft, with who approved
/// and when. From then on it is changed only with a reason.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  chancery approve MIN-2026-004 --by \"Zhang Wei\" --on 2026-12-21
  chancery approve 20261123-rr7b --by \"The members\" --on \"21 December 2026\"")]
pub struct ApproveArgs {
    /// An ID or a number
    #[arg(value_name = "ID")]
    id: String,
    /// Who approved it
    #[arg(long, value_name = "NAME", value_parser = records::words)]
    by: String,
    /// On which day; today if nothing is said
    #[arg(long, value_name = "DATE")]
    on: Option<String>,
}

/// Makes the approved version and tells it.
pub fn run(session: &Session, args: &ApproveArgs) -> Result<Ending, Stop> {
    let office = session.office()?;
    let today = office.clock().now().date_naive();
    let on = args.on.as_ref().map_or(Ok(today), |on| given_date(office.settings(), on))?;
    let state = records::state(office.register(), &args.id)?;
    let outcome = pipeline::approve(&state, &Approval { by: args.by.clone(), on }, &office)?;
    Ok(session.tell_version(&state.record, &outcome))
}

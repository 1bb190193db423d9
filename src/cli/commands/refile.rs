//! `chancery refile ID … --reason TEXT`: a correction by hand, as a new version of the same record.

use clap::Args;

use crate::cli::ending::{Ending, Stop};
use crate::cli::records::{self, given_date};
use crate::cli::session::{Session, named_type};
use crate::pipeline::{self, Change, Correction};

/// Correct the type, date or title of a record, or of which record it is a version
///
/// Makes a new version of the same record out of its own source, at the place of its new type, date and title; the old
/// version is kept. A record that moves to another series or year gets a new number, and the old one stays in the register
/// with the reason. With --version-of it becomes the next version of another record, and its own ends.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  chancery refile 20261123-rr7b --type notice --reason \"It is no minutes\"
  chancery refile MIN-2026-004 --date 2026-11-24 --reason \"The meeting was a day later\"
  chancery refile MIN-2026-005 --version-of MIN-2026-004 --reason \"Corrected by Li Na\"")]
#[command(group = clap::ArgGroup::new("changed").required(true).multiple(true).args(["document_type", "date", "title", "version_of"]))]
pub struct RefileArgs {
    /// An ID or a number
    #[arg(value_name = "ID")]
    id: String,
    /// It is of this document type
    #[arg(long = "type", value_name = "T")]
    document_type: Option<String>,
    /// It is of this date
    #[arg(long, value_name = "DATE")]
    date: Option<String>,
    /// It is called so
    #[arg(long, value_name = "TITLE", value_parser = records::words)]
    title: Option<String>,
    /// It is the next version of this record
    #[arg(long, value_name = "ID")]
    version_of: Option<String>,
    /// Why: kept in the register
    #[arg(long, value_name = "TEXT", value_parser = records::words)]
    reason: String,
}

/// Makes the corrected version and tells it.
pub fn run(session: &Session, args: &RefileArgs) -> Result<Ending, Stop> {
    let office = session.office()?;
    let document_type = args.document_type.as_deref().map(|name| named_type(office.catalog(), name)).transpose()?;
    let change = Change {
        document_type: document_type.map(|kind| kind.name.clone()),
        date: args.date.as_deref().map(|text| given_date(office.settings(), text)).transpose()?,
        title: args.title.clone(),
    };
    let state = records::state(office.register(), &args.id)?;
    let version_of = args.version_of.as_deref().map(|id| records::state(office.register(), id)).transpose()?;
    let correction = Correction { change, version_of, reason: args.reason.clone() };
    let outcome = pipeline::refile(&state, &correction, &office)?;
    Ok(session.tell_version(&state.record, &outcome))
}

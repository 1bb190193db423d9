//! `chancery hold ID` and `chancery release ID`: a record is kept whatever its retention says, or no longer.

use clap::Args;
use serde::Serialize;

use crate::cli::ending::{Ending, Stop};
use crate::cli::records::Archive;
use crate::cli::session::Session;
use crate::register::Said;

/// Keep a record, whatever its retention says
///
/// A record that is held is never due and cannot be disposed of, in none of its versions, until it is released: for
/// a dispute, an audit, or because somebody asks. Who held it and why stands in the register.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  chancery hold NOT-2019-004 --by \"Amelia Ford\" --reason \"audit of 2019\"")]
pub struct HoldArgs {
    /// An ID or a number
    #[arg(value_name = "ID")]
    id: String,
    /// Who wants it kept
    #[arg(long, value_name = "NAME")]
    by: String,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

/// End a hold
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  chancery release NOT-2019-004 --by \"Amelia Ford\" --reason \"audit closed\"")]
pub struct ReleaseArgs {
    /// An ID or a number
    #[arg(value_name = "ID")]
    id: String,
    /// Who releases it
    #[arg(long, value_name = "NAME")]
    by: String,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

/// What scripts read.
#[derive(Serialize)]
struct Line<'a> {
    status: &'static str,
    id: &'a str,
    number: Option<&'a str>,
    by: &'a str,
    reason: Option<&'a str>,
}

/// Holds the record.
pub fn run(session: &Session, args: &HoldArgs) -> Result<Ending, Stop> {
    let office = session.office()?;
    let record = Archive::open(session)?.one(&args.id)?;
    let said = Said { by: Some(args.by.clone()), on: None, reason: Some(args.reason.clone()) };
    office.register().hold(&record.id, said)?;
    let (id, number) = (record.id.as_str(), record.number.as_deref());
    session.output.json(&Line { status: "held", id, number, by: &args.by, reason: Some(&args.reason) });
    session.output.say(&format!("✓ {} is held; nothing of it is disposed of until it is released.", number.unwrap_or(id)));
    Ok(Ending::Done)
}

/// Releases the record.
pub fn release(session: &Session, args: &ReleaseArgs) -> Result<Ending, Stop> {
    let office = session.office()?;
    let record = Archive::open(session)?.one(&args.id)?;
    let said = Said { by: Some(args.by.clone()), on: None, reason: args.reason.clone() };
    let was_held = office.register().release(&record.id, said)?;
    let (id, number) = (record.id.as_str(), record.number.as_deref());
    session.output.json(&Line { status: "released", id, number, by: &args.by, reason: args.reason.as_deref() });
    let name = number.unwrap_or(id);
    session.output.say(&if was_held { format!("✓ {name} is released.") } else { format!("{name} was not held.") });
    Ok(Ending::Done)
}

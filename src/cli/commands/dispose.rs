//! `chancery dispose ID…`: the content of records goes, on a named person's word; a certificate says what went.

use clap::Args;
use serde::Serialize;

use crate::cli::ending::{Ending, Stop};
use crate::cli::indexing;
use crate::cli::records::Archive;
use crate::cli::session::Session;
use crate::cli::view::{Line, Status};
use crate::cli::wording::counted;
use crate::filing;
use crate::intake;
use crate::keeping::{self, Planned, Wish};

/// Dispose of records whose time is over
///
/// Removes the PDFs of all versions, signed copies, and sources beside them; their lines stay in the register, and a
/// certificate of disposal is filed that says what went, on whose word, and under which rule. It cannot be undone. Without
/// --confirm it only says what would go. What is held or permanent is never disposed of; what has to be kept longer
/// only with --early and a reason. Copies elsewhere (backups, exports, mails) are not reached.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  chancery due                                                     what may be disposed of
  chancery dispose NOT-2019-004 --by \"Amelia Ford\"                 what would go
  chancery dispose NOT-2019-004 --by \"Amelia Ford\" --confirm
  chancery dispose 20260901-8xzt --by \"Amelia Ford\" --early --reason \"sent by mistake\" --confirm")]
pub struct DisposeArgs {
    /// IDs or numbers
    #[arg(value_name = "ID", required = true)]
    ids: Vec<String>,
    /// Who confirms it; the name stands on the certificate and in the register
    #[arg(long, value_name = "NAME")]
    by: String,
    /// Do it
    #[arg(long)]
    confirm: bool,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Also what has to be kept for longer
    #[arg(long, requires = "reason")]
    early: bool,
}

/// What scripts read of a record, and at the end of all.
#[derive(Serialize)]
struct Disposed<'a> {
    /// `disposed`, `would-dispose`.
    status: &'static str,
    id: &'a str,
    number: Option<&'a str>,
    title: &'a str,
    versions: usize,
    files: Vec<String>,
}

/// Disposes of them.
pub fn run(session: &Session, args: &DisposeArgs) -> Result<Ending, Stop> {
    if args.by.trim().is_empty() {
        return Err(Stop::usage("no-name", "Somebody has to confirm it by name.", "Write it after `--by`."));
    }
    let office = session.office()?;
    let inbox = office.inbox();
    // What an interrupted disposal left comes first.
    filing::recover(&inbox, &office.archive(), office.register(), &|path| intake::is_named(&inbox, path, &intake::glance_here))?;
    let archive = Archive::open(session)?;
    let mut ids: Vec<String> = Vec::new();
    for name in &args.ids {
        let id = archive.one(name)?.id;
        if archive.register.versions(&id)?.iter().all(|state| state.disposed.is_some()) {
            let left = keeping::finish_disposal(&office, &id)?;
            let rest = if left > 0 { format!("; {} that still stood was removed", counted(left, "file")) } else { String::new() };
            session.output.say(&format!("{name} was disposed of already{rest}."));
        } else if !ids.contains(&id) {
            ids.push(id);
        }
    }
    if ids.is_empty() {
        return Ok(Ending::Done);
    }
    let on = office.clock().now().date_naive();
    let wish = Wish { by: args.by.trim().to_owned(), reason: args.reason.clone(), early: args.early, on };
    let planned = keeping::plan_disposal(&office, &ids, &wish)?;
    if !args.confirm {
        planned.iter().for_each(|record| tell(session, record, "would-dispose"));
        session.output.remark("Nothing was changed. Add `--confirm` to do it; it cannot be undone.");
        return Ok(Ending::Done);
    }
    let disposed = keeping::dispose(&office, &planned, &wish)?;
    office.register().flush()?;
    indexing::keep_up(&office);
    planned.iter().for_each(|record| tell(session, record, "disposed"));
    let certificate = Line::of_record(Status::Filed, None, &disposed.certificate);
    session.output.json(&certificate);
    let place = certificate.pdf.as_deref().map(|path| session.shown_in_office(path)).unwrap_or_default();
    session.output.say(&format!("✓ {} removed; the certificate is {place}", counted(disposed.removed, "file")));
    Ok(Ending::Done)
}

fn tell(session: &Session, planned: &Planned, status: &'static str) {
    let record = &planned.retained.state.record;
    let files = planned.content.iter().flat_map(|state| &state.record.files).map(|file| format!("archive/{}", file.path));
    let line = Disposed {
        status,
        id: &record.id,
        number: record.number.as_deref(),
        title: &record.title,
        versions: planned.content.iter().filter(|state| state.record.joins.is_none()).count(),
        files: files.collect(),
    };
    session.output.json(&line);
    let name = line.number.unwrap_or(line.id);
    let what = format!("{} in {}", counted(line.files.len(), "file"), counted(line.versions, "version"));
    let verb = if status == "disposed" { "✓ disposed of" } else { "would dispose of" };
    session.output.say(&format!("{verb} {name}  {}  ({what})", line.title));
}

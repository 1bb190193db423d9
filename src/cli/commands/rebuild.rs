//! `chancery rebuild`: the indexes made again; a lost register made again from the PDFs.

use std::path::Path;

use clap::Args;
use serde::Serialize;

use crate::cli::ending::{Ending, Stop};
use crate::cli::interrupt;
use crate::cli::session::Session;
use crate::cli::wording::counted;
use crate::failure::{Blame, Problem, Problems};
use crate::filing;
use crate::filing::rebuilding::{self, Rebuild, Wishes};
use crate::intake::{self, WatcherLock};
use crate::office::Office;
use crate::register::last_line;

/// Make the indexes again, or a lost register from the PDFs
///
/// Without an option what is made from the register is thrown away and made again, and PDFs of ours that have no line get one. If
/// there is no register, or with --from-pdfs, a new one is made from the records that the PDFs carry; what was left of the old one
/// is kept in archive/register/old-…. Nothing may run meanwhile. It can be stopped and run again at any moment.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  chancery rebuild
  chancery rebuild --from-pdfs --by \"A. Ford\"     the register is lost or damaged, and there is no backup")]
pub struct RebuildArgs {
    /// Make a new register from the PDFs, whatever is left of the old one
    #[arg(long)]
    from_pdfs: bool,
    /// Who has it done
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

/// A file or a number that did not come back.
#[derive(Serialize)]
struct LeftView<'a> {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

#[derive(Serialize)]
struct SummaryView {
    status: &'static str,
    from_pdfs: bool,
    records: u64,
    partial: u64,
    found: usize,
    numbers: usize,
    refused: usize,
    old: Option<String>,
}

/// Rebuilds.
pub fn run(session: &Session, args: &RebuildArgs) -> Result<Ending, Stop> {
    let root = session.root()?;
    let (archive, inbox, state) = (root.join("archive"), root.join("inbox"), root.join(".chancery"));
    if WatcherLock::holder(&inbox, &state).is_some() {
        let help = "Stop it (Ctrl-C, or the service), run this again, and start it afterwards.";
        return Err(Problem::new("watcher-running", "A watcher is running.", help).blaming(Blame::Machine).into());
    }
    // Held to the end, so that none is started meanwhile.
    let _watcher = if inbox.is_dir() { Some(WatcherLock::take(&inbox, &state)?) } else { None };
    if rebuilding::begin(&archive)? {
        session.output.remark("A rebuild that was interrupted is finished now.");
    }
    let stop = interrupt::on_signal();
    let office = session.office()?;
    let wishes = Wishes {
        catalog: office.catalog(),
        threads: std::thread::available_parallelism().map_or(1, usize::from),
        now: office.clock().now(),
        names: office.settings().names,
        by: args.by.clone(),
        stop: &stop,
    };
    let lost = !args.from_pdfs && last_line(&archive).is_ok_and(|last| last.is_none());
    let from_pdfs = (args.from_pdfs || lost) && archive.is_dir();
    let mut progress = |name: &str| session.output.advance(name);
    session.output.begin_uncounted();
    let rebuilt = if from_pdfs {
        rebuilding::from_pdfs(&archive, &wishes, &mut progress)?
    } else {
        let inbox = office.inbox();
        filing::recover(&inbox, &archive, office.register(), &|path: &Path| intake::is_named(&inbox, path, &intake::glance_here))?;
        rebuilding::adopt(office.register(), &wishes, &mut progress)?
    };
    session.output.end();
    drop(office);
    Office::forget_indexes(&state)?;
    // Opened, they are made.
    drop(session.office()?);
    tell(session, &rebuilt, from_pdfs);
    let ending = if rebuilt.refused.is_empty() { Ending::Done } else { Ending::Attention };
    Ok(match Problems::of(rebuilt.troubles) {
        None => ending,
        Some(problems) => {
            session.output.problems(&problems);
            Ending::Failed
        }
    })
}

fn tell(session: &Session, rebuilt: &Rebuild, from_pdfs: bool) {
    let left =
        |status, path: Option<&str>, number, reason| LeftView { status, path: path.map(|path| format!("archive/{path}")), number, reason };
    rebuilt.found.iter().for_each(|path| session.output.json(&left("found", Some(path), None, None)));
    rebuilt.numbers.iter().for_each(|number| session.output.json(&left("number", None, Some(number), None)));
    rebuilt.refused.iter().for_each(|(path, why)| session.output.json(&left("refused", Some(path), None, Some(why))));
    session.output.json(&SummaryView {
        status: "summary",
        from_pdfs,
        records: rebuilt.records,
        partial: rebuilt.partial,
        found: rebuilt.found.len(),
        numbers: rebuilt.numbers.len(),
        refused: rebuilt.refused.len(),
        old: rebuilt.old.as_ref().map(|old| format!("archive/{old}")),
    });
    if from_pdfs {
        new_register(session, rebuilt);
    } else {
        adopted(session, rebuilt);
    }
}

fn count(count: u64, what: &str) -> String {
    counted(usize::try_from(count).unwrap_or(usize::MAX), what)
}

fn adopted(session: &Session, rebuilt: &Rebuild) {
    let data = |text: &str| session.output.data(text);
    data("✓ The indexes are made again.");
    if rebuilt.records > 0 {
        data(&format!("✓ {} that stood in the archive without a line {} one now.", count(rebuilt.records, "record"), has(rebuilt.records)));
    }
    for (path, why) in &rebuilt.refused {
        data(&format!("! archive/{path} gets no line: {why}."));
    }
}

fn has(count: u64) -> &'static str {
    if count == 1 { "has" } else { "have" }
}

fn new_register(session: &Session, rebuilt: &Rebuild) {
    let data = |text: &str| session.output.data(text);
    data(&format!("✓ A new register is made from the PDFs: {}.", count(rebuilt.records, "version")));
    if let Some(old) = &rebuilt.old {
        data(&format!("  What was left of the old one is kept in archive/{old}."));
    }
    if rebuilt.partial > 0 {
        let partial = count(rebuilt.partial, "PDF");
        data(&format!("! {partial} of an earlier program say less: what they were made from is filed anew if it is dropped again."));
    }
    if !rebuilt.numbers.is_empty() {
        data(&format!("! {} that no PDF bears, void now: {}", counted(rebuilt.numbers.len(), "number"), some(&rebuilt.numbers)));
    }
    if !rebuilt.found.is_empty() {
        let found: Vec<String> = rebuilt.found.iter().map(|path| format!("archive/{path}")).collect();
        data(&format!("! {} without a record, kept as they are: {}", counted(found.len(), "file"), some(&found)));
    }
    data(
        "  What PDFs do not say is not in it: which numbers were void and why, signed copies, holds, relations, disposals, duplicates, \
          moves, and documents whose type has `attach = \"none\"`. Heads that were written down before hold no longer.",
    );
}

/// The first of a long list.
fn some(names: &[String]) -> String {
    const SHOWN: usize = 10;
    let more = names.len().saturating_sub(SHOWN);
    let shown = names[..names.len().min(SHOWN)].join(", ");
    if more > 0 { format!("{shown}, and {more} more (`--json` lists all).") } else { format!("{shown}.") }
}

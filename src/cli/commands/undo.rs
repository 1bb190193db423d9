//! `chancery undo [ID]`: takes the last filing back; its note lies in the inbox again.

use clap::Args;
use serde::Serialize;

use crate::classification::shell_word;
use crate::cli::ending::{Ending, Stop};
use crate::cli::records;
use crate::cli::session::Session;
use crate::pipeline::{self, Undone};
use crate::register::Record;

/// Take the last filing back
///
/// Its note and the files that it owns lie in the inbox again; nothing there is overwritten. The record is void and its PDF
/// moves to archive/undone/; an earlier version stands again. A running watcher does not file the same note by itself.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  chancery undo                    the last filing
  chancery undo MIN-2026-004       the newest version of this record")]
pub struct UndoArgs {
    /// An ID or a number [default: the record that was filed last]
    #[arg(value_name = "ID")]
    id: Option<String>,
}

/// What scripts read of each record.
#[derive(Serialize)]
struct View<'a> {
    status: &'static str,
    id: &'a str,
    part: Option<&'a str>,
    #[serde(rename = "type")]
    document_type: &'a str,
    title: &'a str,
    number: Option<&'a str>,
    version: u32,
    /// Where its files are now.
    files: Vec<String>,
    /// What lies in the inbox again.
    returned: Vec<String>,
    /// The version that stands again.
    stands: Option<u32>,
}

/// Takes back and says what.
pub fn run(session: &Session, args: &UndoArgs) -> Result<Ending, Stop> {
    let office = session.office()?;
    let named = args.id.as_deref().map(|id| records::state(office.register(), id)).transpose()?;
    let undone = pipeline::undo(named.as_ref(), &office)?;
    for record in &undone.records {
        let earlier = undone.stands_again.iter().find(|earlier| earlier.id == record.id);
        session.output.json(&View::of(record, earlier, &undone));
        let number = record.number.as_ref().map(|number| format!("{number}, ")).unwrap_or_default();
        session.output.say(&format!("✓ “{}” ({number}version {}) is taken back", record.title, record.version));
        if let Some(earlier) = earlier {
            session.output.say(&format!("  version {} stands again", earlier.version));
        }
    }
    tell_returned(session, &undone);
    for moved in &undone.moves {
        session.output.remark(&format!("    archive/{} → archive/{}", moved.from, moved.to));
    }
    let Some(problems) = undone.trouble else { return Ok(Ending::Done) };
    session.output.problems(&problems);
    Ok(Ending::Failed)
}

fn tell_returned(session: &Session, undone: &Undone) {
    let names: Vec<String> = undone.returned.iter().map(|name| format!("inbox/{name}")).collect();
    match names.as_slice() {
        [] => session.output.say("  its source is that of the version before it: nothing was put into the inbox"),
        [note, row] if undone.put_aside => {
            session.output.say(&format!("  {note} and {row} are put aside in the inbox"));
            session.output.say(&format!("  → To file it again: chancery batch {} --rows {} --file", shell_word(note), shell_word(row)));
        }
        names => session.output.say(&format!("  {} lies in the inbox again", names.join(", "))),
    }
}

impl<'a> View<'a> {
    fn of(record: &'a Record, earlier: Option<&Record>, undone: &Undone) -> Self {
        let moved = undone.moves.iter().filter(|moved| moved.of == record.seq);
        Self {
            status: "undone",
            id: &record.id,
            part: record.part.as_deref(),
            document_type: record.document_type.as_str(),
            title: &record.title,
            number: record.number.as_deref(),
            version: record.version,
            files: moved.map(|moved| format!("archive/{}", moved.to)).collect(),
            returned: undone.returned.iter().map(|name| format!("inbox/{name}")).collect(),
            stands: earlier.map(|earlier| earlier.version),
        }
    }
}

//! Undo: takes the last filing back. Its note lies in the inbox again, and the version before it, if there is one, stands again.

use crate::composition::merge::ROW_FILE;
use crate::failure::{Blame, Checked, Problem, Problems};
use crate::filing::{self, Originals};
use crate::office::Office;
use crate::register::{BEING_FILED, Came, Move, Query, Record, RecordState};
use crate::storage::hash_file;

use super::remake::{name, refuse_if_not_current};

/// What was taken back.
#[derive(Debug)]
pub struct Undone {
    /// The records, as they stood.
    pub records: Vec<Record>,
    /// Where their files went.
    pub moves: Vec<Move>,
    /// What lies in the inbox now, relative to it; empty where an earlier version holds the same source.
    pub returned: Vec<String>,
    /// It lies there where no watcher takes it: a row of a batch.
    pub put_aside: bool,
    /// The versions that stand again.
    pub stands_again: Vec<Record>,
    /// Why files of the record are not moved yet.
    pub trouble: Option<Problems>,
}

/// Takes back a record that is named, or else the last one that was filed. Of a note that became several records all are taken back,
/// of a table's rows one, and only if it is named.
///
/// # Errors
/// There is nothing to take back, or it is held, signed, or not the newest version; its source is not at hand; it leaves the
/// inbox at this moment; the machine's. Then nothing is taken back.
pub fn undo(named: Option<&RecordState>, office: &Office) -> Checked<Undone> {
    let inbox = office.inbox();
    let register = office.register();
    super::recover(office)?;
    let state = match named {
        Some(state) => state.clone(),
        None => last_filed(office)?,
    };
    let originals = filing::originals(&office.archive(), &state.record)?;
    let is_row = state.record.part.is_some() && originals.owned.iter().any(|file| file.name == ROW_FILE);
    if is_row && named.is_none() {
        return Err(row_by_id(&state.record));
    }
    let together = if state.record.part.is_some() && !is_row { register.arrival(&state.record)? } else { vec![state] };
    together.iter().try_for_each(refuse)?;
    let stands_again = stand_again(&together, office)?;
    let records: Vec<Record> = together.into_iter().map(|state| state.record).collect();
    let kept = stands_again.iter().any(|earlier| earlier.source_sha256 == records[0].source_sha256);
    let seqs: Vec<u64> = records.iter().map(|record| record.seq).collect();
    let writer = register.writer()?;
    let mut returned = Vec::new();
    let moves = register.take_back(&seqs, |came| {
        refuse_if_leaving(came, office)?;
        if !kept {
            returned = match is_row {
                true => filing::put_aside(&inbox, &writer, records[0].part.as_deref().unwrap_or_default(), &with_table(originals))?,
                false => filing::put_back(&inbox, &writer, &place(came, &originals), &originals)?,
            };
        }
        Ok(if is_row { Vec::new() } else { returned.clone() })
    })?;
    let trouble = move_away(&moves, &records, office).err();
    if trouble.is_some() {
        register.leave_to_recovery();
    }
    Ok(Undone { records, moves, returned, put_aside: is_row, stands_again, trouble })
}

/// The record that was filed last and stands, if no signed copy came after it.
fn last_filed(office: &Office) -> Checked<RecordState> {
    let register = office.register();
    let newest = register.query(&Query { limit: Some(1), ..Query::default() })?.pop().ok_or_else(nothing_filed)?;
    let later = register.filed_after(newest.record.seq, LATER)?;
    if let Some(copy) = later.iter().rfind(|later| later.record.joins.is_some() && later.void.is_none()) {
        let message = format!("The last filing is a signed copy, {}, which is not taken back.", copy.record.source);
        let help = format!("To take back the record that was filed before it: `chancery undo {}`.", newest.record.id);
        return Err(Problem::new("signed-copy", message, help).into());
    }
    Ok(newest)
}

/// After the newest record that stands, so many others are looked at: those no longer stand.
const LATER: usize = 1_000;

fn refuse(state: &RecordState) -> Checked<()> {
    refuse_if_not_current(state)?;
    let record = &state.record;
    if state.held.is_some() {
        let message = format!("{} is held: it is not taken back.", name(record));
        return Err(Problem::new("held", message, "`chancery show ID` tells who holds it and why.").into());
    }
    if !state.joined.is_empty() {
        let message = format!("A signed copy has joined {}: it is not taken back.", name(record));
        return Err(Problem::new("signed-already", message, "File the corrected note with `chancery file NOTE --reason \"…\"`.").into());
    }
    Ok(())
}

/// The versions before these. Parts of one note go back together, so none of them may have been made anew alone.
fn stand_again(together: &[RecordState], office: &Office) -> Checked<Vec<Record>> {
    let mut earlier = Vec::new();
    for state in together {
        let Some(before) = state.record.supersedes else { continue };
        let Some(before) = office.register().record(before)?.filter(|before| before.void.is_none() && before.disposed.is_none()) else {
            continue;
        };
        if together.len() > 1 && before.record.source_sha256 == state.record.source_sha256 {
            let message = format!("{} is one of several records of one note, and was approved or corrected since.", name(&state.record));
            let help = format!(
                "Approve or correct the others too, or file the corrected note: `chancery show {}` tells its history.",
                state.record.id
            );
            return Err(Problem::new("made-anew", message, help).into());
        }
        earlier.push(before.record);
    }
    Ok(earlier)
}

/// A note that another process is about to remove must not be taken for the copy that was put back.
fn refuse_if_leaving(came: &[Came], office: &Office) -> Checked<()> {
    let leaving = came.iter().filter(|came| came.waits).filter_map(|came| came.note.as_ref());
    for note in leaving {
        if hash_file(&office.inbox().join(&note.name)).is_ok_and(|hash| hash == note.sha256) {
            let message = format!("inbox/{} is filed and leaves the inbox at this moment.", note.name);
            return Err(Problem::new(BEING_FILED, message, "Try again in a moment.").blaming(Blame::Machine).into());
        }
    }
    Ok(())
}

/// The row as a table of its own, as `chancery batch` reads it.
fn with_table(mut originals: Originals) -> Originals {
    for file in originals.owned.iter_mut().filter(|file| file.name == ROW_FILE) {
        let row: serde_json::Value = serde_json::from_slice(&file.bytes).unwrap_or_default();
        (file.name, file.bytes) = ("row.jsonl".to_owned(), format!("{row}\n").into_bytes());
    }
    originals
}

/// Where in the inbox the note lay, or would have lain. A name that intake passes over loses what makes it so.
fn place(came: &[Came], originals: &Originals) -> String {
    let lay = came.iter().find_map(|came| came.note.as_ref());
    lay.map_or_else(|| originals.note.name.trim_start_matches('.').to_owned(), |note| note.name.clone())
}

fn move_away(moves: &[Move], records: &[Record], office: &Office) -> Checked<()> {
    let sha256 = |moved: &Move| {
        let record = records.iter().find(|record| record.seq == moved.of)?;
        record.files.iter().find(|file| file.path == moved.from).map(|file| file.sha256.clone())
    };
    let moves: Vec<(Move, String)> = moves.iter().filter_map(|moved| Some((moved.clone(), sha256(moved)?))).collect();
    filing::move_away(&office.archive(), &moves)
}

fn nothing_filed() -> Problem {
    Problem::new("nothing-filed", "There is nothing to take back: no record stands.", "`chancery list --all` shows what was filed.")
}

fn row_by_id(record: &Record) -> Problems {
    let message = format!("The last filing is a row of a table: {}.", name(record));
    let help = format!("Rows are taken back one by one, by their IDs: `chancery undo {}`.", record.id);
    Problem::new("row-by-id", message, help).into()
}

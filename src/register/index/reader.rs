//! Takes the journal's lines into the index. A damaged line that can still be read is taken at its word: a number or a
//! path that it names stays taken.

use std::borrow::Cow;

use chrono::{DateTime, FixedOffset};
use rusqlite::params;
use serde::Deserialize;

use crate::failure::Checked;

use super::Index;
use crate::register::chain;
use crate::register::event::{Happening, Header, Line, VERSION};
use crate::register::journal::Reader;

/// The first keys of a line, and what kind it is.
#[derive(Deserialize)]
struct Kind<'a> {
    v: u32,
    seq: u64,
    #[serde(rename = "time")]
    _time: DateTime<FixedOffset>,
    #[serde(borrow)]
    event: Cow<'a, str>,
}

/// A line's first keys, and what it says; nothing of what cannot be read.
fn read(bytes: &[u8]) -> (Option<Header>, Option<Happening>) {
    if let Some((header, event)) = read_at_once(bytes) {
        return (Some(header), Some(event));
    }
    match serde_json::from_slice::<Line<Happening>>(bytes) {
        Ok(line) => (Some(Header { v: line.v, seq: line.seq }), Some(line.event)),
        Err(_) => (serde_json::from_slice(bytes).ok(), None),
    }
}

/// The kinds of which a register is full, in half the time: to read any kind, serde keeps the whole line aside first.
fn read_at_once(bytes: &[u8]) -> Option<(Header, Happening)> {
    let kind: Kind<'_> = serde_json::from_slice(bytes).ok()?;
    let event = match &*kind.event {
        "reserve" => Happening::Reserve(serde_json::from_slice(bytes).ok()?),
        "filed" => Happening::Filed(serde_json::from_slice(bytes).ok()?),
        "removed" => Happening::Removed(serde_json::from_slice(bytes).ok()?),
        _ => return None,
    };
    Some((Header { v: kind.v, seq: kind.seq }, event))
}

impl Reader for Index {
    fn take(&mut self, file: &str, line: u64, bytes: &[u8]) -> Checked<()> {
        let sound = chain::is_sound(&self.head, bytes);
        let (header, event) = read(bytes);
        if let Some(header) = header.as_ref().filter(|header| header.v > VERSION && sound) {
            self.newer = Some((header.v.max(self.newer.as_ref().map_or(0, |newer| newer.0)), file.to_owned()));
        }
        let stated = chain::split(bytes).map(|(_, hash)| hash.to_owned());
        let expected = self.seq + 1;
        let message = match (&header, &stated) {
            (_, None) => Some("This is no line of the register: nothing of ours stands in it."),
            (None, Some(_)) => Some("This line was changed: it can no longer be read."),
            (Some(_), Some(_)) if !sound => Some("This line or the one before it was changed: its hash is not right."),
            (Some(header), _) if header.seq != expected => Some("A line before this one is missing: the numbering jumps."),
            _ => None,
        };
        if let Some(message) = message {
            let mut insert = self.db.prepare_cached("INSERT INTO damage VALUES (?1, ?2, ?3, ?4)")?;
            insert.execute(params![format!("register/{file}"), line.cast_signed(), message, expected.cast_signed()])?;
        }
        // The chain goes on from what a line states, so that one changed line is one finding. Foreign text is no link.
        let Some(stated) = stated else { return Ok(()) };
        self.seq = header.filter(|_| sound).map_or(expected, |header| header.seq);
        self.head = stated;
        // A line whose form is not known is kept and skipped, like an unknown event.
        event.map_or(Ok(()), |event| self.apply(self.seq, &event, bytes))
    }

    fn is_next(&self, bytes: &[u8]) -> bool {
        chain::is_sound(&self.head, bytes) && serde_json::from_slice::<Header>(bytes).is_ok()
    }
}

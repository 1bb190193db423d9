//! `chancery head`: the place and hash of the register's last line, to be written down elsewhere.

use chrono::{DateTime, FixedOffset};
use clap::Args;
use serde::Serialize;

use crate::cli::ending::{Ending, Stop};
use crate::cli::session::Session;
use crate::register::{Head, last_line};

/// Print the hash of the register's last line, to be written down elsewhere
///
/// Whoever has all files of an archive could write its whole register anew. A head that was written down elsewhere, or
/// published, shows that: `chancery verify --head` looks whether its line is still in the chain.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  chancery head                    SEQ:HASH; the date of the line on standard error
  chancery head >> /media/usb/heads.txt
  chancery verify --head \"$(tail -n 1 /media/usb/heads.txt)\"")]
pub struct HeadArgs {}

#[derive(Serialize)]
struct HeadView {
    head: String,
    seq: u64,
    hash: String,
    time: Option<DateTime<FixedOffset>>,
}

/// Prints it.
pub fn run(session: &Session, _: &HeadArgs) -> Result<Ending, Stop> {
    let last = last_line(&session.root()?.join("archive"))?;
    let time = last.as_ref().map(|last| last.time);
    let head = last.map_or_else(Head::default, |last| last.head);
    session.output.data(&head.to_string());
    match time {
        Some(time) => session.output.remark(&format!("The last line of the register is of {}.", time.format("%Y-%m-%d %H:%M:%S %:z"))),
        None => session.output.remark("Nothing is filed yet."),
    }
    session.output.json(&HeadView { head: head.to_string(), seq: head.seq, hash: head.hash, time });
    Ok(Ending::Done)
}

//! One PDF for the printer: notices laid out one by one, joined and exported together; time, size and memory.

use std::time::Instant;

use chancery::composition::Manuscript;
use chancery::config::{Limits, Settings};
use chancery::model::Clock;
use chancery::office::Office;
use chancery::pipeline::{self, Wishes};
use chancery::typesetting::{Bundle, Caption, Imprint};
use chrono_tz::Europe::Berlin;

use crate::bare::Bare;
use crate::notice::arrival;

/// How many notices one PDF has: enough to see whether the cost of one grows with their number.
const SIZES: [usize; 3] = [100, 1_000, 5_000];
/// Notices that are composed at a time, so that their text does not count as memory.
const BLOCK: usize = 100;

pub fn run() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    std::fs::write(folder.path().join("chancery.toml"), "[fonts]\nfolders = []\n").unwrap();
    let settings = Settings::load(folder.path(), None, Berlin).unwrap();
    let office = Office::open(folder.path(), settings, Clock::machine(Berlin)).unwrap();
    alone(&office);
    for size in SIZES {
        joined(&office, size, "");
    }
    println!("pages that are full of text:");
    joined(&office, SIZES[1], &"Whoever has not been told of it in person is told of it by this notice. ".repeat(30));
}

/// A notice with some more text at its end.
fn manuscript(office: &Office, at: usize, more: &str) -> Manuscript {
    let mut arrival = arrival(office, at);
    arrival.note.bytes = [&arrival.note.bytes, b"\n".as_slice(), more.as_bytes()].concat().into();
    pipeline::compose(&arrival, office, &Wishes::default()).unwrap().remove(0)
}

/// What a PDF of its own costs each of them.
fn alone(office: &Office) {
    let typesetter = office.workers().typesetter().unwrap();
    let manuscripts: Vec<_> = (0..BLOCK).map(|at| manuscript(office, at, "")).collect();
    let bare = Bare::new();
    let started = Instant::now();
    let pages: usize = manuscripts.iter().map(|manuscript| bare.compile(manuscript)).sum();
    println!("laid out by Typst alone: {:.2} ms a notice", ms(started) / pages as f64);
    let started = Instant::now();
    let bytes: usize = manuscripts.iter().map(|manuscript| typesetter.typeset(manuscript, &Limits::default()).unwrap().pdf.len()).sum();
    let each = ms(started) / BLOCK as f64;
    println!("a PDF each: laid out and exported {each:.2} ms a notice, {:.1} KB", kb(bytes) / BLOCK as f64);
}

fn joined(office: &Office, size: usize, more: &str) {
    let typesetter = office.workers().typesetter().unwrap();
    let mut bundle = Bundle::new();
    let before = memory("VmRSS:");
    let mut layout = 0.0;
    for start in (0..size).step_by(BLOCK) {
        let manuscripts: Vec<_> = (start..size.min(start + BLOCK)).map(|at| manuscript(office, at, more)).collect();
        let started = Instant::now();
        for (manuscript, at) in manuscripts.iter().zip(start..) {
            let caption = Caption { bookmark: format!("Recipient {at}"), label: (at + 1).to_string() };
            assert_eq!(typesetter.lay_into(&mut bundle, manuscript, &caption, &Limits::default()).unwrap().pages, 1);
        }
        layout += ms(started);
    }
    let laid_out = memory("VmRSS:");
    // The peak is counted from here.
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    let imprint = Imprint {
        title: "Notices".to_owned(),
        language: "en".to_owned(),
        identity: "merge".to_owned(),
        created: chrono::DateTime::UNIX_EPOCH.fixed_offset(),
    };
    let started = Instant::now();
    let made = typesetter.export(bundle, &imprint).unwrap();
    let export = ms(started);
    assert_eq!(made.pages as usize, size);
    let each = |whole: f64| whole / size as f64;
    println!(
        "{size} in one PDF: laid out and joined {:.2} ms a notice, exported {:.2} ms, {:.1} KB of file; \
         {:.0} KB of memory a notice laid out, {:.0} KB at most while it is exported ({:.0} MB in all)",
        each(layout),
        each(export),
        each(kb(made.pdf.len())),
        each(laid_out - before),
        each(memory("VmHWM:") - before),
        memory("VmHWM:") / 1_024.0,
    );
}

fn ms(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1_000.0
}

fn kb(bytes: usize) -> f64 {
    bytes as f64 / 1_024.0
}

/// A line of this process's status that is a number of kilobytes.
fn memory(line: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|found| found.strip_prefix(line)).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

//! The limit that a batch is measured against: Typst alone over the manuscripts of a folder of notes, in one or more processes, each
//! PDF written to a file and not synced. The manuscripts are what `batch` would make of the same rows: same pages, files and options.
//! `tests/benches/peers` writes the folder, runs this and compares.
//!
//! Arguments: `limit FOLDER PROCESSES OUT`, where FOLDER has `chancery.toml` and `notes/NAME.md` with its row as `notes/NAME.json`;
//! `dump FOLDER OUT` writes the manuscripts as folders that `typst compile` reads; `once FOLDER OUT.pdf` sets one of those, as the
//! smallest program that a process can be.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use chancery::composition::Manuscript;
use chancery::config::Settings;
use chancery::intake::Arrival;
use chancery::model::{Clock, Dropped};
use chancery::office::Office;
use chancery::pipeline::{self, Wishes};
use chrono_tz::Europe::Berlin;
use serde_json::{Value, json};

use crate::bare::Bare;

/// How many manuscripts are composed, unmeasured, before they are set.
const BLOCK: usize = 32;
/// The faces that the documents of the house *modern* need.
const FACES: &str = "Source";

/// A folder of notes and the office that composes them.
struct Notes {
    office: Office,
    notes: Vec<PathBuf>,
}

impl Notes {
    fn of(folder: &Path) -> Self {
        let settings = Settings::load(folder, None, Berlin).unwrap();
        let office = Office::open(folder, settings, Clock::machine(Berlin)).unwrap();
        let files = fs::read_dir(folder.join("notes")).unwrap().map(|entry| entry.unwrap().path());
        let mut notes: Vec<_> = files.filter(|path| path.extension().is_some_and(|extension| extension == "md")).collect();
        notes.sort();
        Self { office, notes }
    }

    /// The manuscript of a note, with a number and its row attached as a batch does it.
    fn manuscript(&self, note: &Path) -> Manuscript {
        let name = note.file_name().unwrap().to_string_lossy().into_owned();
        let stem = note.file_stem().unwrap().to_string_lossy();
        let bytes = fs::read(note).unwrap().into();
        let dropped = Dropped { path: note.to_owned(), name, modified: chrono::DateTime::UNIX_EPOCH, bytes };
        let mut manuscript = pipeline::compose(&Arrival::alone(dropped), &self.office, &Wishes::default()).unwrap().remove(0);
        let mut data: Value = serde_json::from_slice(&manuscript.files["/data.json"]).unwrap();
        data["id"] = json!(format!("0000-{stem}"));
        data["number"] = json!(format!("NOT-2026-{stem}"));
        data["preview"] = json!(false);
        data["attachments"].as_array_mut().unwrap().push(json!({
            "name": "row.json", "path": "/attachment-row", "relationship": "supplement", "mime": "application/json", "description": "A file that the note names",
        }));
        manuscript.files.insert("/data.json".to_owned(), serde_json::to_vec(&data).unwrap().into());
        manuscript.files.insert("/attachment-row".to_owned(), fs::read(note.with_extension("json")).unwrap().into());
        manuscript
    }
}

/// The arguments after a word.
fn after(word: &str) -> Vec<String> {
    std::env::args().skip_while(|argument| argument != word).skip(1).collect()
}

/// Runs the processes at the same time, and prints what they did together.
pub fn run() {
    let [folder, processes, out] = after("limit").try_into().unwrap();
    let processes: usize = processes.parse().unwrap();
    let start = |index: usize| {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let command = command.args(["limit-process", &folder, &index.to_string(), &processes.to_string(), &out]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap()
    };
    let mut children: Vec<_> = (0..processes).map(start).collect();
    let mut answers: Vec<_> = children.iter_mut().map(|child| BufReader::new(child.stdout.take().unwrap()).lines()).collect();
    // All are warm before any is measured.
    answers.iter_mut().for_each(|lines| assert_eq!(lines.next().unwrap().unwrap(), "ready"));
    children.iter_mut().for_each(|child| child.stdin.take().unwrap().write_all(b"go\n").unwrap());
    let told: Vec<Value> = answers.iter_mut().map(|lines| serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap()).collect();
    children.iter_mut().for_each(|child| assert!(child.wait().unwrap().success()));
    let per_second: f64 = told.iter().map(|told| told["documents"].as_f64().unwrap() / told["seconds"].as_f64().unwrap()).sum();
    let sum = |key: &str| told.iter().map(|told| told[key].as_u64().unwrap()).sum::<u64>();
    let first_ms: Vec<_> = told.iter().map(|told| told["first_ms"].clone()).collect();
    let seconds: Vec<_> = told.iter().map(|told| told["seconds"].clone()).collect();
    let cpu: f64 = told.iter().map(|told| told["cpu"].as_f64().unwrap()).sum();
    println!(
        "{}",
        json!({ "processes": processes, "documents": sum("documents"), "pages": sum("pages"), "bytes": sum("bytes"),
            "per_second": per_second, "seconds": seconds, "cpu": cpu, "first_ms": first_ms })
    );
}

/// One of the processes: every so-manieth note.
pub fn process() {
    let [folder, index, of, out] = after("limit-process").try_into().unwrap();
    let (index, of): (usize, usize) = (index.parse().unwrap(), of.parse().unwrap());
    let (notes, out) = (Notes::of(Path::new(&folder)), PathBuf::from(out));
    let bare = Bare::new();
    let mine: Vec<&PathBuf> = notes.notes.iter().skip(index).step_by(of).collect();
    let warm = notes.manuscript(mine[0]);
    let started = Instant::now();
    bare.pdf(&bare.prepared(&warm));
    let first_ms = started.elapsed().as_secs_f64() * 1_000.0;
    let pages = bare.compile(&warm);
    println!("ready");
    std::io::stdin().read_line(&mut String::new()).unwrap();
    let (mut seconds, mut cpu, mut bytes) = (0.0, 0.0, 0);
    for block in mine.chunks(BLOCK) {
        let manuscripts: Vec<_> = block.iter().map(|note| notes.manuscript(note)).collect();
        let worlds: Vec<_> = manuscripts.iter().map(|manuscript| bare.prepared(manuscript)).collect();
        let (started, busy) = (Instant::now(), processor());
        for (note, world) in block.iter().zip(&worlds) {
            let pdf = bare.pdf(world);
            bytes += pdf.len();
            fs::write(out.join(note.file_stem().unwrap()).with_extension("pdf"), pdf).unwrap();
        }
        seconds += started.elapsed().as_secs_f64();
        cpu += processor() - busy;
    }
    println!(
        "{}",
        json!({ "documents": mine.len(), "pages": pages * mine.len(), "bytes": bytes, "seconds": seconds, "cpu": cpu, "first_ms": first_ms })
    );
}

/// Seconds of the processor that this process has had.
fn processor() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// Each manuscript as a folder of its files.
pub fn dump() {
    let [folder, out] = after("dump").try_into().unwrap();
    let notes = Notes::of(Path::new(&folder));
    for note in &notes.notes {
        let mut manuscript = notes.manuscript(note);
        let folder = Path::new(&out).join(note.file_stem().unwrap());
        for (path, bytes) in std::mem::take(&mut manuscript.files) {
            let path = folder.join(path.trim_start_matches('/'));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        fs::write(folder.join("manuscript.json"), serde_json::to_vec(&manuscript).unwrap()).unwrap();
    }
}

/// One manuscript from its folder, in a process of its own.
pub fn once() {
    let [folder, out] = after("once").try_into().unwrap();
    let mut manuscript: Manuscript = serde_json::from_slice(&fs::read(Path::new(&folder).join("manuscript.json")).unwrap()).unwrap();
    read_into(&mut manuscript, Path::new(&folder), "");
    let bare = Bare::with_fonts(FACES);
    fs::write(out, bare.pdf(&bare.prepared(&manuscript))).unwrap();
}

fn read_into(manuscript: &mut Manuscript, folder: &Path, path: &str) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = format!("{path}/{}", entry.file_name().to_string_lossy());
        if entry.file_type().unwrap().is_dir() {
            read_into(manuscript, &entry.path(), &path);
        } else {
            manuscript.files.insert(path, fs::read(entry.path()).unwrap().into());
        }
    }
}

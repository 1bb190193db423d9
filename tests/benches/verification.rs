//! `verify` against `sha256sum` on the same files, one after the other, and how much memory it takes.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use chancery::filing::{self, Details, Finished, FinishedFile};
use chancery::model::sha256_hex;
use chancery::register::{Admission, Place, Register, Request};

use crate::spread;

/// How many records, and how large each one's file is: as a page with its source inside.
const RECORDS: usize = 20_000;
const BYTES: usize = 40_000;
/// How often each is measured.
const ROUNDS: usize = 5;

/// Verifies an archive of small files that the disk's cache holds.
pub fn run() {
    let office = tempfile::tempdir().unwrap();
    fs::create_dir(office.path().join("inbox")).unwrap();
    let (records, size) = (RECORDS, BYTES);
    fill(&office.path().join("archive"), records, size);
    let megabytes = (records * size) as f64 / 1e6;
    println!("{records} files, {megabytes:.0} MB; MB/s, and what the largest part of memory was");
    let (mut ours, mut theirs, mut memory) = (Vec::new(), Vec::new(), 0);
    for _ in 0..ROUNDS {
        let began = Instant::now();
        let sums = "find archive -name '*.pdf' -print0 | xargs -0 -P \"$(nproc)\" -n 500 sha256sum";
        let status = Command::new("sh").current_dir(office.path()).args(["-c", sums]).stdout(Stdio::null()).status();
        assert!(status.unwrap().success());
        theirs.push(megabytes / began.elapsed().as_secs_f64());
        let began = Instant::now();
        memory = memory.max(verify(office.path()));
        ours.push(megabytes / began.elapsed().as_secs_f64());
    }
    let ((ours, words), (theirs, their_words)) = (spread(ours), spread(theirs));
    println!("sha256sum on as many threads  {their_words}");
    println!("verify                        {words}, {:.0} MB of memory", memory as f64 / 1e6);
    println!("ratio                         {:.2}", ours / theirs);
}

/// Runs `verify`; gives the most anonymous memory it was seen with.
fn verify(office: &Path) -> u64 {
    let mut child = Command::new(env!("CARGO_BIN_EXE_chancery"));
    let mut child = child.current_dir(office).args(["-q", "verify"]).stdout(Stdio::null()).spawn().unwrap();
    let mut most = 0;
    loop {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let anonymous = status.lines().find_map(|line| line.strip_prefix("RssAnon:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        most = most.max(anonymous.unwrap_or_default() * 1000);
        if let Some(ended) = child.try_wait().unwrap() {
            assert!(ended.success(), "verify found something");
            return most;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

/// Files that many records, a thousand to a folder.
fn fill(archive: &Path, records: usize, size: usize) {
    let register = Register::open(archive).unwrap();
    let numbers: Vec<usize> = (0..records).collect();
    for group in numbers.chunks(1_000) {
        let requests: Vec<Request> = group.iter().map(|number| request(*number)).collect();
        let tickets = register.admit_many(&requests);
        let finished = requests.iter().zip(tickets).map(|(request, ticket)| {
            let Admission::Ticket(ticket) = ticket.unwrap() else { panic!("{} is not new", request.title) };
            let bytes = request.title.bytes().cycle().take(size).collect();
            let file = FinishedFile { role: "document".to_owned(), path: ticket.places[0].path.clone(), bytes };
            Finished { ticket, details: Details::of(request), files: vec![file], pages: 1 }
        });
        for filed in filing::file_many(archive, &register, finished.collect()) {
            filed.unwrap();
        }
    }
}

fn request(number: usize) -> Request {
    let path = format!("2026/{:03}/2026-11-23 Circular {number}.pdf", number / 1_000);
    Request {
        file_name: format!("circular-{number}.md"),
        source_sha256: sha256_hex(format!("{number}").as_bytes()),
        text: String::new().into(),
        content_sha256: sha256_hex(format!("content {number}").as_bytes()),
        template_sha256: sha256_hex(b"template"),
        places: vec![Place { role: "document".to_owned(), path }],
        ..Request::new(
            "notice".parse().unwrap(),
            &format!("Circular {number}"),
            "2026-11-23".parse().unwrap(),
            "2026-11-23T09:00:00+08:00".parse().unwrap(),
        )
    }
}

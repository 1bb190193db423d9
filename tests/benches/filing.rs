//! Filing alone: finished documents from admission to the synced line in the register, in groups as a batch files them.

use std::fs;
use std::path::Path;
use std::time::Instant;

use chancery::filing::{Details, Finished, FinishedFile, file_many};
use chancery::model::sha256_hex;
use chancery::register::{Admission, Part, Place, Register, Request, Series};
use chrono::{DateTime, NaiveDate};

use crate::spread;

/// How many documents a round files, how large each is, and how many are filed together.
const DOCUMENTS: usize = 2_048;
const BYTES: usize = 20_000;
const GROUP: usize = 64;
const ROUNDS: usize = 5;

/// Documents per second through admission and filing, and through the disk alone: the same files written and synced the
/// same way, eight side by side, and nothing else.
pub fn run() {
    let (mut through_filing, mut through_disk) = (Vec::new(), Vec::new());
    // None goes before the end: where many files were just removed, ext4 is slow to make others.
    let mut folders = Vec::new();
    for round in 0..ROUNDS {
        // Beside the build, since a folder for temporary files may lie in memory, where a sync costs nothing.
        folders.push(tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap());
        let Some(folder) = folders.last() else { continue };
        let documents: Vec<Vec<u8>> = (0..DOCUMENTS).map(|number| document(round, number)).collect();
        let started = Instant::now();
        file_all(folder.path(), &documents);
        through_filing.push(DOCUMENTS as f64 / started.elapsed().as_secs_f64());
        let started = Instant::now();
        write_all(folder.path(), &documents);
        through_disk.push(DOCUMENTS as f64 / started.elapsed().as_secs_f64());
    }
    let ((filing, filings), (disk, disks)) = (spread(through_filing), spread(through_disk));
    println!("{DOCUMENTS} documents of {BYTES} bytes in groups of {GROUP}, {ROUNDS} rounds");
    println!("admitted, placed, synced and registered: {filings} a second");
    println!("written and synced, eight side by side:  {disks} a second");
    println!("filing reaches {:.2} of the disk alone", filing / disk);
}

/// Bytes that no file system can shrink.
fn document(round: usize, number: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(BYTES + 64);
    let mut block = sha256_hex(format!("{round} {number}").as_bytes());
    while bytes.len() < BYTES {
        bytes.extend_from_slice(block.as_bytes());
        block = sha256_hex(block.as_bytes());
    }
    bytes
}

fn file_all(office: &Path, documents: &[Vec<u8>]) {
    let archive = office.join("archive");
    let register = Register::open(&archive).unwrap();
    for (start, group) in documents.chunks(GROUP).enumerate().map(|(index, group)| (index * GROUP, group)) {
        let requests: Vec<Request> = (0..group.len()).map(|index| request(start + index)).collect();
        let admitted = register.admit_many(&requests);
        let finished = admitted.into_iter().zip(&requests).zip(group).map(|((admission, request), bytes)| {
            let Ok(Admission::Ticket(ticket)) = admission else { panic!("not admitted") };
            let path = ticket.places[0].path.clone();
            let files = vec![FinishedFile { role: "document".to_owned(), path, bytes: bytes.clone() }];
            Finished { ticket, details: Details::of(request), files, pages: 1 }
        });
        let finished = finished.collect();
        assert!(file_many(&archive, &register, finished).iter().all(Result::is_ok));
    }
}

fn request(number: usize) -> Request {
    let name = format!("guest {number}");
    Request {
        file_name: "invitation.md".to_owned(),
        source_sha256: sha256_hex(name.as_bytes()),
        text: String::new().into(),
        content_sha256: sha256_hex(name.as_bytes()),
        template_sha256: sha256_hex(b"template"),
        part: Some(Part { key: name.clone(), of: 1 }),
        places: vec![Place { role: "document".to_owned(), path: format!("2026/11/notice/2026-11-23 Invitation for {name}.pdf") }],
        series: Some(Series { name: "notice".to_owned(), pattern: "NOT-{{ year }}-{{ seq }}".to_owned(), code: None }),
        people: vec![name.clone()],
        ..Request::new(
            "notice".parse().unwrap(),
            &format!("Invitation for {name}"),
            NaiveDate::from_ymd_opt(2026, 11, 23).unwrap(),
            DateTime::parse_from_rfc3339("2026-11-24T09:00:00+01:00").unwrap(),
        )
    }
}

fn write_all(folder: &Path, documents: &[Vec<u8>]) {
    let folder = folder.join("bare");
    fs::create_dir(&folder).unwrap();
    let next = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while let Some((index, bytes)) = {
                    let index = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    documents.get(index).map(|bytes| (index, bytes))
                } {
                    let path = folder.join(format!("{index}.pdf"));
                    fs::write(&path, bytes).unwrap();
                    fs::File::open(&path).unwrap().sync_all().unwrap();
                }
            });
        }
    });
}

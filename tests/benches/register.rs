//! A register of a million records (or as many as the number in the arguments says): its index made from the lines, opened,
//! asked, and written to. The lines are those that filing writes: a reservation, a record, a removal, each sealed.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use chancery::register::{Admission, Place, Query, Register, Request, Series};
use chrono::{DateTime, Days, NaiveDate};
use sha2::{Digest, Sha256};

use super::spread;

const RECORDS: usize = 1_000_000;

pub fn run() {
    let records = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(RECORDS);
    let office = tempfile::tempdir().unwrap();
    let (archive, state) = (office.path().join("archive"), office.path().join(".chancery"));
    std::fs::create_dir_all(archive.join("register")).unwrap();
    std::fs::create_dir_all(office.path().join("inbox")).unwrap();
    let bytes = write_register(&archive.join("register/2026.jsonl"), records);
    println!("{records} records, {} MB of lines", bytes >> 20);

    let idle = anonymous_kb();
    let before = processor_seconds();
    let (seconds, peak) = watched(|| drop(Register::open_in(&archive, &state).unwrap()));
    let worked = processor_seconds() - before;
    let size = std::fs::metadata(state.join("register.sqlite")).unwrap().len() >> 20;
    println!("index made from the lines: {seconds:.1} s, {:.0} records/s; {size} MB", records as f64 / seconds);
    println!("of these {worked:.1} s on the processor: {:.0} records for each", records as f64 / worked);
    println!("anonymous memory meanwhile: {} MB at most, {} MB before", peak >> 10, idle >> 10);

    let opened = (0..21).map(|_| milliseconds(|| drop(Register::open_in(&archive, &state).unwrap())));
    println!("opened with an index that is up to date: {} ms", spread(opened.collect()).1);
    processes(office.path());
    questions(&Register::open_in(&archive, &state).unwrap(), records);
    admissions(&Register::open_in(&archive, &state).unwrap());
    println!("anonymous memory after all that: {} MB", anonymous_kb() >> 10);
}

/// The commands as new processes.
fn processes(office: &Path) {
    let asked: [(&str, &[&str]); 4] = [
        ("list", &[]),
        ("list of a type", &["--type", "notice"]),
        ("list of a year", &["--year", "2019"]),
        ("list of a person", &["--person", "Person 77"]),
    ];
    for (name, arguments) in asked {
        let times = (0..21).map(|_| {
            milliseconds(|| {
                let output =
                    Command::new(env!("CARGO_BIN_EXE_chancery")).arg("--office").arg(office).arg("list").args(arguments).output().unwrap();
                assert!(output.status.success(), "{output:?}");
                assert_eq!(output.stdout.iter().filter(|&&byte| byte == b'\n').count(), 50);
            })
        });
        println!("`chancery {name}`, the newest 50, as a process: {} ms", spread(times.collect()).1);
    }
}

fn questions(register: &Register, records: usize) {
    let newest = Query { limit: Some(50), ..Query::default() };
    let listed = (0..101).map(|_| milliseconds(|| assert_eq!(register.query(&newest).unwrap().len(), 50)));
    println!("the newest 50, in process: {} ms", spread(listed.collect()).1);
    let found = (0..101).map(|turn| {
        let number = number(1 + turn * (records / 128));
        milliseconds(|| assert_eq!(register.find(&number).unwrap().len(), 1))
    });
    println!("found by number: {} ms", spread(found.collect()).1);
    let (counted, _) = watched(|| assert_eq!(register.count().unwrap(), records));
    println!("counted: {:.1} ms", counted * 1000.0);
    let mut seen = 0;
    let (walked, peak) = watched(|| {
        register
            .each(&Query::default(), |_| {
                seen += 1;
                Ok(())
            })
            .unwrap();
    });
    assert_eq!(seen, records);
    println!("every record handed on: {walked:.1} s, anonymous memory {} MB at most", peak >> 10);
}

/// One document more, until its reservation is durable.
fn admissions(register: &Register) {
    let times = (0..200).map(|turn| {
        let request = request(turn);
        milliseconds(|| assert!(matches!(register.admit(&request).unwrap(), Admission::Ticket(_))))
    });
    println!("one more document admitted, until that is durable: {} ms", spread(times.collect()).1);
    let many: Vec<Request> = (1000..2000).map(request).collect();
    let (seconds, _) = watched(|| assert!(register.admit_many(&many).iter().all(Result::is_ok)));
    println!("1,000 more admitted at once: {:.2} ms each", seconds);
}

fn request(turn: usize) -> Request {
    let sha256 = sha256(&format!("one more {turn}"));
    Request {
        file_name: "more.md".to_owned(),
        source_sha256: sha256.clone(),
        text: "One more.".into(),
        content_sha256: sha256.clone(),
        template_sha256: sha256,
        places: vec![Place { role: "document".to_owned(), path: format!("2026/11/notice/One more {turn}.pdf") }],
        series: Some(Series { name: "notice".to_owned(), pattern: "NOT-{{ year }}-{{ seq }}".to_owned(), code: None }),
        by_hand: true,
        ..Request::new(
            "notice".parse().unwrap(),
            &format!("One more {turn}"),
            day(0),
            DateTime::parse_from_rfc3339("2026-11-24T09:00:00+01:00").unwrap(),
        )
    }
}

fn milliseconds(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64() * 1000.0
}

/// How long it takes, in seconds, and how much anonymous memory the process has at most meanwhile, in KB.
fn watched(work: impl FnOnce()) -> (f64, u64) {
    let (peak, done) = (AtomicU64::new(0), AtomicBool::new(false));
    let seconds = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                peak.fetch_max(anonymous_kb(), Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(10));
            }
        });
        let start = Instant::now();
        work();
        done.store(true, Ordering::Relaxed);
        start.elapsed().as_secs_f64()
    });
    (seconds, peak.into_inner())
}

/// What this process has had of the processor, in ticks of a hundredth.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

fn anonymous_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

fn day(number: usize) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 23).unwrap().checked_sub_days(Days::new((number % 4000) as u64)).unwrap()
}

fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn number(n: usize) -> String {
    format!("OLD-2026-{n:03}")
}

/// Seals lines and writes them.
struct Lines {
    file: BufWriter<File>,
    seq: usize,
    hash: String,
    bytes: u64,
}

impl Lines {
    fn write(&mut self, event: &str) {
        self.seq += 1;
        let body = format!("{{\"v\":1,\"seq\":{},\"time\":\"2026-11-23T09:00:00+01:00\",{event}", self.seq);
        self.hash = sha256(&format!("{}{body}", self.hash));
        let line = format!("{body},\"hash\":\"{}\"}}\n", self.hash);
        self.bytes += line.len() as u64;
        self.file.write_all(line.as_bytes()).unwrap();
    }
}

/// The lines of so many records; gives their size.
fn write_register(path: &Path, records: usize) -> u64 {
    let mut lines = Lines { file: BufWriter::new(File::create(path).unwrap()), seq: 0, hash: String::new(), bytes: 0 };
    let template = sha256("template");
    for n in 1..=records {
        let (date, number) = (day(n), number(n));
        let kind = ["minutes", "notice", "letter", "document", "resolution"][n % 5];
        let (source, content, id) =
            (sha256(&format!("source {n}")), sha256(&format!("content {n}")), format!("{}-{n:x}", date.format("%Y%m%d")));
        let title = format!("Executive Committee, matter number {n} of the year");
        let place = format!("{}/{kind}/{date} {title}.pdf", date.format("%Y/%m"));
        lines.write(&format!(
            "\"event\":\"reserve\",\"id\":\"{id}\",\"series\":\"old\",\"number\":\"{number}\",\"year\":2026,\"n\":{n},\"version\":1,\
             \"title\":\"{title}\",\"date\":\"{date}\",\"content_sha256\":\"{content}\",\"part\":null,\"path\":\"{place}\",\
             \"files\":[{{\"role\":\"document\",\"path\":\"{place}\"}}],\"type\":\"{kind}\",\"source\":\"note {n}.md\",\"source_sha256\":\"{source}\",\
             \"template_sha256\":\"{template}\",\"parts\":1,\"filed_at\":\"2026-11-23T09:00:00+01:00\",\"writer\":\"w{:09}\",\
             \"inbox\":[{{\"name\":\"{kind}/note {n}.md\",\"sha256\":\"{source}\"}}]",
            n / 10_000
        ));
        let reserve = lines.seq;
        lines.write(&format!(
            "\"event\":\"filed\",\"id\":\"{id}\",\"type\":\"{kind}\",\"title\":\"{title}\",\"date\":\"{date}\",\"series\":\"old\",\
             \"number\":\"{number}\",\"version\":1,\"supersedes\":null,\"source\":\"note {n}.md\",\"source_sha256\":\"{source}\",\
             \"content_sha256\":\"{content}\",\"part\":null,\"parts\":1,\"template_sha256\":\"{template}\",\
             \"files\":[{{\"role\":\"document\",\"path\":\"{place}\",\"sha256\":\"{content}\"}}],\"pages\":2,\
             \"filed_at\":\"2026-11-23T09:00:00+01:00\",\"reserve\":{reserve},\"people\":[\"Person {}\",\"Person {}\",\"Person {}\"],\
             \"status\":\"draft\"",
            n % 500,
            n % 3000,
            n % 7
        ));
        let filed = lines.seq;
        lines.write(&format!("\"event\":\"removed\",\"of\":[{filed}],\"source\":\"{kind}/note {n}.md\",\"outcome\":\"deleted\""));
    }
    lines.file.into_inner().unwrap().sync_all().unwrap();
    lines.bytes
}

//! Searching a million records, and making the index from an archive of PDFs.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use chancery::config::Settings;
use chancery::filing::{self, Details, Finished, FinishedFile};
use chancery::intake::Arrival;
use chancery::model::{Clock, Dropped};
use chancery::office::Office;
use chancery::pipeline::{self, Fate, Wishes};
use chancery::register::{Admission, Place, Record, RecordState, Register, Request, Said};
use chancery::search::{Finder, Follower, Search, TextIndex};
use chrono::{Days, NaiveDate};
use chrono_tz::Europe::Berlin;

/// Records in the index that is searched.
const RECORDS: u64 = 1_000_000;
/// Different words; the k-th is about 1/k as frequent as the first.
const VOCABULARY: usize = 400_000;
/// Words of a document, at least and at most; most are short.
const SHORTEST: u64 = 60;
const LONGEST: u64 = 900;
/// Questions of each kind.
const QUESTIONS: usize = 400;
/// Documents that are set, and how often each stands in the archive that is read.
const SET: usize = 100;
const COPIES: usize = 50;

pub fn run() {
    from_the_archive();
    a_million();
}

/// A generator that gives the same each time.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mixed = (self.0 ^ (self.0 >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        mixed ^ (mixed >> 33)
    }

    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A word's rank, so that rank k comes about 1/k times.
    fn rank(&mut self) -> usize {
        ((VOCABULARY as f64 + 1.0).powf(self.share()) as usize - 1).min(VOCABULARY - 1)
    }
}

/// The word of a rank: syllables, frequent words short.
fn word(rank: usize, out: &mut String) {
    const SYLLABLES: [&str; 32] = [
        "an", "be", "ter", "ko", "mi", "sit", "zung", "ra", "lo", "ver", "ein", "pro", "to", "kol", "bud", "get", "ha", "fen", "be",
        "richt", "stra", "ße", "über", "sicht", "wo", "che", "nung", "rat", "amt", "hof", "li", "du",
    ];
    let mut rest = rank + 1;
    while rest > 0 {
        out.push_str(SYLLABLES[rest % 32]);
        rest /= 32;
    }
}

fn text(random: &mut Random) -> String {
    let length = SHORTEST + ((LONGEST - SHORTEST) as f64 * random.share().powi(3)) as u64;
    let mut text = String::new();
    for at in 0..length {
        word(random.rank(), &mut text);
        text.push(if at % 14 == 13 { '\n' } else { ' ' });
    }
    text
}

fn state(seq: u64, random: &mut Random) -> RecordState {
    let mut title = String::new();
    for _ in 0..3 {
        word(random.rank(), &mut title);
        title.push(' ');
    }
    let date = NaiveDate::from_ymd_opt(2010, 1, 1).unwrap() + Days::new(seq * 6_000 / RECORDS);
    let filed_at = chrono::DateTime::parse_from_rfc3339("2026-11-23T09:00:00+01:00").unwrap();
    let record = Record {
        seq,
        id: format!("{}-{seq:x}", date.format("%Y%m%d")),
        document_type: ["minutes", "notice", "speech", "document"][(random.next() % 4) as usize].parse().unwrap(),
        title,
        date,
        series: None,
        number: Some(format!("MIN-{}-{seq}", date.format("%Y"))),
        version: 1,
        supersedes: None,
        source_sha256: String::new(),
        content_sha256: String::new(),
        source: "note.md".to_owned(),
        part: None,
        parts: 1,
        template_sha256: String::new(),
        files: Vec::new(),
        pages: 1,
        filed_at,
        note_id: None,
        committee: None,
        people: Vec::new(),
        status: None,
        said: Said::default(),
        joins: None,
    };
    RecordState { record, superseded_by: None, void: None, held: None, disposed: None, joined: Vec::new(), relations: Vec::new() }
}

fn a_million() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let register = Register::open(&folder.path().join("archive")).unwrap();
    let home = TextIndex::in_state(folder.path());
    let mut follower = Follower::take(&home, &register).unwrap().unwrap();
    let mut random = Random(7);
    let (started, memory) = (Instant::now(), Memory::watch());
    for seq in 1..=RECORDS {
        let state = state(seq, &mut random);
        follower.add(&state, &text(&mut random)).unwrap();
        if seq.is_multiple_of(5_000) {
            follower.commit().unwrap();
        }
    }
    follower.commit().unwrap();
    let taken = started.elapsed().as_secs_f64();
    println!(
        "{RECORDS} texts put in, a commit each 5,000: {:.0}/s, at most {} MB of anonymous memory",
        RECORDS as f64 / taken,
        memory.end()
    );
    let started = Instant::now();
    follower.close().unwrap();
    println!(
        "merges that were left: {:.1} s; the index has {} MB",
        started.elapsed().as_secs_f64(),
        size(&folder.path().join("search")) >> 20
    );
    questions(&home, &mut random);
}

fn questions(home: &TextIndex, random: &mut Random) {
    let opened: Vec<f64> = (0..20)
        .map(|_| {
            let started = Instant::now();
            let finder = Finder::open(home).unwrap();
            assert!(!ask(&finder, "sit").hits.is_empty());
            started.elapsed().as_secs_f64() * 1_000.0
        })
        .collect();
    println!("opened and asked once: {} ms", crate::spread(opened).1);
    let finder = Finder::open(home).unwrap();
    let mut common = |words: usize| (0..words).map(|_| named((random.next() % 300) as usize)).collect::<Vec<_>>().join(" ");
    let (one, two): (Vec<_>, Vec<_>) = (0..QUESTIONS).map(|_| (common(1), common(2))).unzip();
    let rare: Vec<_> = (0..QUESTIONS).map(|_| named(20_000 + (random.next() % 200_000) as usize)).collect();
    let mixed: Vec<_> = one.iter().zip(&rare).map(|(one, rare)| format!("{one} {rare}")).collect();
    let phrase: Vec<_> = two.iter().map(|two| format!("\"{two}\"")).collect();
    let begins: Vec<_> = rare.iter().map(|rare| format!("{}*", rare.chars().take(6).collect::<String>())).collect();
    let ends: Vec<_> = rare.iter().map(|rare| format!("*{}", rare.chars().skip(2).collect::<String>())).collect();
    let without: Vec<_> = one.iter().zip(&two).map(|(one, two)| format!("{one} -{}", two.split(' ').next().unwrap())).collect();
    let all: Vec<_> = one.iter().chain(&rare).chain(&two).cloned().collect();
    let kinds = [("common words", &one), ("rare words", &rare), ("two common words", &two), ("these three together", &all)];
    let others =
        [("a common and a rare word", &mixed), ("phrases", &phrase), ("begin*", &begins), ("*end", &ends), ("common -common", &without)];
    for (what, questions) in kinds.into_iter().chain(others) {
        let mut times = Vec::new();
        let mut found = 0;
        for question in questions {
            let started = Instant::now();
            found += usize::from(!ask(&finder, question).hits.is_empty());
            times.push(started.elapsed().as_secs_f64() * 1_000.0);
        }
        times.sort_by(f64::total_cmp);
        let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
        println!(
            "{what}: median {:.2} ms, p99 {:.2} ms, most {:.2} ms; {found} of {} found something",
            at(0.5),
            at(0.99),
            at(1.0),
            times.len()
        );
    }
}

fn named(rank: usize) -> String {
    let mut text = String::new();
    word(rank, &mut text);
    text
}

fn ask(finder: &Finder, words: &str) -> chancery::search::Found {
    finder.find(&Search { words: words.to_owned(), limit: 20, ..Search::default() }).unwrap()
}

/// The index made from PDFs that were really set, each standing several times in the archive.
fn from_the_archive() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    fs::write(folder.path().join("chancery.toml"), "[fonts]\nfolders = []\n").unwrap();
    let settings = Settings::load(folder.path(), None, Berlin).unwrap();
    let office = Office::open(folder.path(), settings, Clock::machine(Berlin)).unwrap();
    let mut random = Random(3);
    let pdfs: Vec<(Vec<u8>, String)> = (0..SET).map(|at| set(&office, at, &mut random)).collect();
    let bytes: usize = pdfs.iter().map(|(pdf, _)| pdf.len()).sum();
    for copy in 0..COPIES {
        file_again(&office, &pdfs, copy);
    }
    let home = TextIndex::in_state(&folder.path().join("again"));
    let memory = Memory::watch();
    let started = Instant::now();
    let mut follower = Follower::take(&home, office.register()).unwrap().unwrap();
    follower.advance(office.register(), &office.archive(), &|| false).unwrap();
    let taken = started.elapsed().as_secs_f64();
    let records = SET * (COPIES + 1);
    println!(
        "{records} PDFs of {} KB on average read and put in: {:.0}/s, at most {} MB of anonymous memory more than before",
        bytes / SET / 1_024,
        records as f64 / taken,
        memory.end()
    );
    let finder = Finder::open(&home).unwrap();
    assert_eq!(finder.missing(office.register(), 10).unwrap(), Some(0));
    let search = Search { words: "treasurer".to_owned(), limit: records, ..Search::default() };
    assert_eq!(finder.find(&search).unwrap().hits.len(), records, "each was read");
}

fn set(office: &Office, at: usize, random: &mut Random) -> (Vec<u8>, String) {
    let note = if at.is_multiple_of(2) {
        crate::notice_text(at)
    } else {
        let body: Vec<String> = text(random).lines().map(|line| format!("{line}.\n")).collect();
        format!("---\ntype: minutes\ndate: 2026-03-04\n---\n# Meeting {at}\n\nThe treasurer spoke.\n\n{}", body.join("\n"))
    };
    let name = format!("note {at}.md");
    let bytes: Arc<[u8]> = note.into_bytes().into();
    let arrival = Arrival::alone(Dropped { path: office.root().join(&name), name, modified: chrono::DateTime::UNIX_EPOCH, bytes });
    let outcomes = pipeline::process(&arrival, office, &Wishes::default());
    let Fate::Filed(record) = &outcomes[0].fate else { panic!("{:?}", outcomes[0]) };
    (fs::read(office.archive().join(&record.files[0].path)).unwrap(), record.title.clone())
}

fn file_again(office: &Office, pdfs: &[(Vec<u8>, String)], copy: usize) {
    let requests: Vec<Request> = pdfs.iter().enumerate().map(|(at, (_, title))| request(office, title, copy * SET + at)).collect();
    let tickets = office.register().admit_many(&requests);
    let finished = requests.iter().zip(tickets).zip(pdfs).map(|((request, ticket), (pdf, _))| {
        let Ok(Admission::Ticket(ticket)) = ticket else { panic!("{ticket:?}") };
        let files = vec![FinishedFile { role: "document".to_owned(), path: ticket.places[0].path.clone(), bytes: pdf.clone() }];
        Finished { details: Details::of(request), files, pages: 1, ticket }
    });
    for filed in filing::file_many(&office.archive(), office.register(), finished.collect()) {
        filed.unwrap();
    }
}

fn request(office: &Office, title: &str, number: usize) -> Request {
    let unique = format!("{number:064x}");
    Request {
        file_name: format!("{number}.md"),
        source_sha256: unique.clone(),
        content_sha256: unique.clone(),
        template_sha256: unique,
        places: vec![Place { role: "document".to_owned(), path: format!("2026/copies/{number}.pdf") }],
        text: "".into(),
        ..Request::new(
            "notice".parse().unwrap(),
            &format!("{title} {number}"),
            NaiveDate::from_ymd_opt(2026, 3, 4).unwrap(),
            office.clock().now(),
        )
    }
}

/// The most anonymous memory that this process has while it is watched, above what it began with.
struct Memory {
    stop: Arc<AtomicBool>,
    most: Arc<AtomicU64>,
    before: u64,
}

impl Memory {
    fn watch() -> Self {
        let before = anonymous_kb();
        let (stop, most) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(before)));
        let (stopped, seen) = (Arc::clone(&stop), Arc::clone(&most));
        std::thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                seen.fetch_max(anonymous_kb(), Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(20));
            }
        });
        Self { stop, most, before }
    }

    /// In megabytes.
    fn end(self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        (self.most.load(Ordering::Relaxed) - self.before) / 1_024
    }
}

fn anonymous_kb() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("RssAnon:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn size(folder: &Path) -> u64 {
    fs::read_dir(folder).unwrap().flatten().map(|entry| entry.metadata().unwrap().len()).sum()
}

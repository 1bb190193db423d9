//! What the look of a page costs: our documents against the same words in bare Typst, with one font and no rules, exported alike; and against those
//! with what cannot be had for nothing, a table of contents and the number of all pages. Each round sets another text, after one like it.

use std::time::Instant;

use chancery::composition::Manuscript;
use chancery::config::Settings;
use chancery::intake::Arrival;
use chancery::model::{Clock, Dropped};
use chancery::office::Office;
use chancery::pipeline::{self, Wishes};
use chrono_tz::Europe::Berlin;

use crate::bare::Bare;
use crate::spread;

const ROUNDS: usize = 7;

/// The same words as Markdown and as Typst.
#[derive(Default)]
struct Twin {
    markdown: String,
    typst: String,
}

impl Twin {
    fn heading(&mut self, words: &str) {
        self.markdown += &format!("## {words}\n\n");
        self.typst += &format!("== {words}\n\n");
    }

    fn paragraph(&mut self, words: &str) {
        self.markdown += &format!("{words}\n\n");
        self.typst += &format!("{words}\n\n");
    }

    fn items(&mut self, items: &[String]) {
        for item in items {
            self.markdown += &format!("- {item}\n");
            self.typst += &format!("- {item}\n");
        }
        self.paragraph("");
    }

    fn table(&mut self, head: [&str; 4], rows: &[[String; 4]]) {
        self.markdown += &format!("| {} |\n|---|---|---:|---:|\n", head.join(" | "));
        self.typst += "#table(columns: 4, align: (left, left, right, right), table.header";
        self.typst += &format!("({}),\n", head.map(|cell| format!("[{cell}]")).join(", "));
        for row in rows {
            self.markdown += &format!("| {} |\n", row.join(" | "));
            self.typst += &format!("{},\n", row.clone().map(|cell| format!("[{cell}]")).join(", "));
        }
        self.markdown.push('\n');
        self.typst += ")\n\n";
    }
}

/// A report of so many sections: headings, prose, lists, and a table in each third section. Each round has other words.
fn report(sections: usize, round: usize) -> Twin {
    let mut twin = Twin::default();
    for at in (1..=sections).map(|at| round * 1_000 + at) {
        twin.heading(&format!("Section {at} of the report"));
        for part in 1..=3 {
            twin.paragraph(&format!(
                "In part {part} of section {at} the office reports for month {round} what was done with the stock of warehouse {at}, who was asked and what it cost. \
                 The committee heard that {at} containers had left on time and {part} had not, that the price had risen by {part} per cent, and \
                 that nobody expected it to fall before the spring. It asked for the figures of the year before, and was given them."
            ));
        }
        twin.items(&["Tell the insurers", "Ask for an offer", "Report in spring"].map(|item| format!("{item}, number {at}")));
        if at % 3 == 0 {
            let rows: Vec<_> = (1..=6).map(|row| row_of(at * 10 + row)).collect();
            twin.table(["Warehouse", "Kept by", "Containers", "Cost"], &rows);
        }
    }
    twin
}

fn row_of(number: usize) -> [String; 4] {
    [format!("Store {number}"), format!("Keeper {}", number % 7), format!("{}", number * 3), format!("{}.50", number * 11)]
}

fn table(rows: usize, round: usize) -> Twin {
    let mut twin = Twin::default();
    let rows: Vec<_> = (1..=rows).map(|row| row_of(round * 10_000 + row)).collect();
    twin.table(["Warehouse", "Kept by", "Containers", "Cost"], &rows);
    twin
}

/// Sets a manuscript, and adds how long that took, in milliseconds; the first one only warms up.
fn timed(bare: &Bare, manuscript: &Manuscript, round: usize, times: &mut Vec<f64>) {
    let started = Instant::now();
    assert!(bare.set(manuscript) > 0);
    if round > 0 {
        times.push(started.elapsed().as_secs_f64() * 1_000.0);
    }
}

pub fn run() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    std::fs::write(folder.path().join("chancery.toml"), "[fonts]\nfolders = []\n").unwrap();
    let settings = Settings::load(folder.path(), None, Berlin).unwrap();
    let office = Office::open(folder.path(), settings, Clock::machine(Berlin)).unwrap();
    let bare = Bare::new();
    for (name, rows, sections) in
        [("report, 4 sections", 0, 4), ("report, 30 sections", 0, 30), ("report, 200 sections", 0, 200), ("table of 2,000 rows", 2_000, 0)]
    {
        let twins: Vec<Twin> = (0..=ROUNDS).map(|round| if rows > 0 { table(rows, round) } else { report(sections, round) }).collect();
        let ours: Vec<Manuscript> = twins.iter().map(|twin| composed(&office, &twin.markdown)).collect();
        let plain = |more| -> Vec<Manuscript> { twins.iter().zip(&ours).map(|(twin, ours)| undressed(ours, &twin.typst, more)).collect() };
        let ways = [plain(""), plain(SAME_DUTIES)];
        let pages = [&ours[0], &ways[0][0]].map(|manuscript| bare.compile(manuscript));
        let medians = [&ours, &ways[0], &ways[1]].map(|manuscripts| {
            typst::comemo::evict(0);
            let mut times = Vec::new();
            for (round, manuscript) in manuscripts.iter().enumerate() {
                timed(&bare, manuscript, round, &mut times);
            }
            spread(times)
        });
        let [(dressed, dressed_text), (least, least_text), (fair, fair_text)] = medians;
        println!(
            "{name}: {dressed_text} ms for {} pages; bare Typst {least_text} ms for {} pages: {:.2} times",
            pages[0],
            pages[1],
            dressed / least
        );
        println!("  bare Typst with contents and the number of pages {fair_text} ms: {:.2} times", dressed / fair);
    }
}

fn composed(office: &Office, text: &str) -> Manuscript {
    let note = format!("---\ntype: document\ndate: 2026-11-20\n---\n# Report\n\n{text}");
    let arrival = Arrival::alone(Dropped {
        path: office.root().join("note.md"),
        name: "note.md".to_owned(),
        modified: chrono::DateTime::UNIX_EPOCH,
        bytes: note.into_bytes().into(),
    });
    pipeline::compose(&arrival, office, &Wishes::default()).unwrap().remove(0)
}

/// What makes Typst lay a document out more than once.
const SAME_DUTIES: &str = "#set page(footer: context [Page #counter(page).display() of #counter(page).final().first()])\n\
    #context if query(heading).len() >= 8 and counter(page).final().first() >= 6 { outline() }\n";

/// The same words with the sheet, the type and the margins of ours, and nothing else but `more`.
fn undressed(ours: &Manuscript, typst: &str, more: &str) -> Manuscript {
    let head = "#set document(title: \"Report\")\n#set page(paper: \"a4\", margin: (x: 36mm, top: 30mm, bottom: 28mm), numbering: \"1\")\n\
        #set text(font: \"Source Serif 4\", size: 11pt, lang: \"en\", top-edge: 0.76em, bottom-edge: -0.24em)\n\
        #set par(leading: 0.42em, spacing: 0.95em)\n\n";
    let mut plain = ours.clone();
    plain.files.retain(|path, _| path == "/main.typ");
    plain.files.insert("/main.typ".to_owned(), format!("{head}= Report\n\n{more}{typst}").into_bytes().into());
    plain
}

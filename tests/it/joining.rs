//! Many documents in one PDF for the printer: they read as they read alone, and none reaches into another.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use chancery::composition::Manuscript;
use chancery::config::{Limits, Settings};
use chancery::intake::Arrival;
use chancery::model::{Clock, Dropped};
use chancery::office::Office;
use chancery::pipeline::{self, Wishes};
use chancery::typesetting::{Bundle, Caption, Imprint, Rendition, Unprintable};
use chrono_tz::Europe::Berlin;
use lopdf::{Dictionary, Document, Object};

/// What a document can have that is named, counted or pointed at.
const RICH: &str = "---\ntype: document\ndate: 2026-01-02\nauthor: Amelia Ford\n---\n# All of it\n\n\
    A word[^one] and [a place](https://example.org/a), then another word[^two].\n\n\
    [^one]: The first remark, *in italics*, with [its own link](https://example.org/b).\n[^two]: The second remark.\n\n\
    ## A table\n\n| Ship | Crates |\n|---|---|\n| Amelia | 4 |\n| Berta | 5 |\n\n\
    ## A list\n\n1. One\n   - within\n2. Two\n\n> Said by somebody.\n\n```\nlet x = 1;\n```\n\n\
    ## A picture\n\n![A black dot](dot.png)\n\nIt ends here.\n";

struct House {
    folder: tempfile::TempDir,
    office: Office,
}

impl House {
    fn new(settings: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("chancery.toml"), format!("{settings}\n[fonts]\nfolders = []\n")).unwrap();
        let settings = Settings::load(folder.path(), None, Berlin).unwrap();
        let office = Office::open(folder.path(), settings, Clock::machine(Berlin)).unwrap();
        Self { folder, office }
    }

    fn manuscript(&self, note: &str) -> Manuscript {
        let dropped = |name: &str, bytes: Vec<u8>| Dropped {
            path: self.folder.path().join(name),
            name: name.to_owned(),
            modified: chrono::DateTime::UNIX_EPOCH,
            bytes: bytes.into(),
        };
        let picture = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/pictures/ok.jpg")).unwrap();
        let mut arrival = Arrival::alone(dropped("note.md", note.replace("dot.png", "dot.jpg").into_bytes()));
        if note.contains("dot.png") {
            arrival.company.push(dropped("dot.jpg", picture));
        }
        pipeline::compose(&arrival, &self.office, &Wishes::default()).unwrap().remove(0)
    }

    fn alone(&self, manuscript: &Manuscript) -> Rendition {
        self.office.workers().typesetter().unwrap().typeset(manuscript, &Limits::default()).unwrap()
    }

    fn joined(&self, mut bundle: Bundle, documents: &[(Manuscript, &str)]) -> Rendition {
        let typesetter = self.office.workers().typesetter().unwrap();
        for (index, (manuscript, bookmark)) in documents.iter().enumerate() {
            typesetter.lay_into(&mut bundle, manuscript, &caption(index, bookmark), &Limits::default()).unwrap();
        }
        assert_eq!(bundle.len(), documents.len());
        typesetter.export(bundle, &imprint()).unwrap()
    }

    fn file(&self, name: &str, pdf: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, pdf).unwrap();
        path
    }
}

/// The pages of the first document are called 1-1, 1-2 …
fn caption(index: usize, bookmark: &str) -> Caption {
    Caption { bookmark: bookmark.to_owned(), label: (index + 1).to_string() }
}

fn imprint() -> Imprint {
    let created = chrono::DateTime::UNIX_EPOCH.fixed_offset();
    Imprint { title: "For the printer".to_owned(), language: "en-GB".to_owned(), identity: "print 1".to_owned(), created }
}

/// A note of several pages.
fn long_note(title: &str) -> String {
    let part = |n: usize| {
        format!("## Part {n}\n\nSee[^{n}] here. {}\n\n[^{n}]: Remark {n}.\n", "A sentence that fills the page with words. ".repeat(25))
    };
    format!("---\ntype: document\ndate: 2026-01-02\n---\n# {title}\n\n{}", (1..=4).map(part).collect::<Vec<_>>().join("\n"))
}

/// The documents that the tests join: the same twice, what points within itself, other languages.
fn documents(house: &House) -> Vec<(Manuscript, &'static str)> {
    let german = "---\ntype: notice\nlang: de\ndate: 2026-01-02\n---\n# Betriebsversammlung\n\nAlle kommen[^1].\n\n[^1]: Auch Gäste.\n";
    let chinese = "---\ntype: notice\ndate: 2026-01-02\n---\n# 放假通知\n\n全体员工放假三天[^1]。\n\n[^1]: 含周末。\n";
    let notes = [
        (RICH.to_owned(), "Anna"),
        (long_note("First report"), "Berta"),
        (RICH.replace("All of it", "All of it once more"), "Carl"),
        (german.to_owned(), "Dörte (Ö & Co.)"),
        (long_note("Second report"), ""),
        (chinese.to_owned(), "王芳"),
    ];
    notes.into_iter().map(|(note, bookmark)| (house.manuscript(&note), bookmark)).collect()
}

fn output_of(program: &str, arguments: &[&str], pdf: &Path) -> String {
    let output = Command::new(program).args(arguments).arg(pdf).arg("-").output().expect("poppler-utils is installed");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The structure of a PDF with its text, below the document itself; without what only numbers objects.
fn structure(pdf: &Path) -> Vec<String> {
    let output = Command::new("pdfinfo").arg("-struct-text").arg(pdf).output().expect("poppler-utils is installed");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().filter(|line| !line.starts_with("Document")).map(without_names).collect()
}

/// A line of structure without the numbers of objects (`Object 12 0`), footnotes (`<Note 3>`) and tables (`U1x0y0`).
fn without_names(line: &str) -> String {
    let mut line = line.to_owned();
    for start in ["Object ", "<Note ", "<U", "(U"] {
        if let Some(at) = line.find(start).map(|at| at + start.len()) {
            let length = line[at..].find(|c: char| !c.is_ascii_digit()).unwrap_or(line.len() - at);
            line.replace_range(at..at + length, "");
        }
    }
    line
}

fn entry<'a>(document: &'a Document, of: &'a Dictionary, key: &[u8]) -> Option<&'a Object> {
    document.dereference(of.get(key).ok()?).ok().map(|(_, object)| object)
}

fn inner<'a>(document: &'a Document, of: &'a Dictionary, key: &[u8]) -> Option<&'a Dictionary> {
    entry(document, of, key)?.as_dict().ok()
}

/// The bookmarks: level, text, page.
fn bookmarks(document: &Document) -> Vec<(usize, String, u32)> {
    let pages: BTreeMap<_, _> = document.get_pages().into_iter().map(|(number, id)| (id, number)).collect();
    let mut found = Vec::new();
    let outlines = inner(document, document.catalog().unwrap(), b"Outlines").unwrap();
    let mut open: Vec<_> = inner(document, outlines, b"First").into_iter().map(|first| (1, first)).collect();
    while let Some((level, item)) = open.pop() {
        let title = lopdf::decode_text_string(entry(document, item, b"Title").unwrap()).unwrap();
        let to = entry(document, item, b"Dest").unwrap().as_array().unwrap()[0].as_reference().unwrap();
        found.push((level, title, pages[&to]));
        open.extend(inner(document, item, b"Next").map(|next| (level, next)));
        open.extend(inner(document, item, b"First").map(|first| (level + 1, first)));
    }
    found
}

/// The links within the document: page, and the page that they lead to.
fn links(document: &Document) -> Vec<(u32, u32)> {
    let pages: BTreeMap<_, _> = document.get_pages().into_iter().map(|(number, id)| (id, number)).collect();
    let mut found = Vec::new();
    for (id, number) in &pages {
        for annotation in document.get_page_annotations(*id).unwrap() {
            let Some(destination) = entry(document, annotation, b"Dest").and_then(|to| to.as_array().ok()) else { continue };
            found.push((*number, pages[&destination[0].as_reference().unwrap()]));
        }
    }
    found.sort_unstable();
    found
}

/// What the pages are called.
fn labels(document: &Document) -> Vec<String> {
    let tree = inner(document, document.catalog().unwrap(), b"PageLabels").unwrap();
    let mut names = vec![String::new(); document.get_pages().len()];
    for pair in entry(document, tree, b"Nums").unwrap().as_array().unwrap().chunks(2) {
        let from = usize::try_from(pair[0].as_i64().unwrap()).unwrap();
        let label = document.dereference(&pair[1]).unwrap().1.as_dict().unwrap();
        assert_eq!(label.get(b"S").unwrap().as_name().unwrap(), b"D");
        let start = label.get(b"St").map_or(1, |start| start.as_i64().unwrap());
        let prefix = String::from_utf8_lossy(label.get(b"P").unwrap().as_str().unwrap()).into_owned();
        (start..).zip(&mut names[from..]).for_each(|(number, slot)| *slot = format!("{prefix}{number}"));
    }
    names
}

/// The languages of the parts of a PDF's structure, and of runs of text in its pages.
fn spoken(document: &Document) -> BTreeSet<String> {
    let named =
        |of: &Dictionary| of.get(b"Lang").ok().and_then(|lang| lang.as_str().ok()).map(|lang| String::from_utf8_lossy(lang).into_owned());
    let parts = document.objects.values().filter_map(|object| object.as_dict().ok()).filter(|part| part.has(b"S")).filter_map(named);
    parts.collect()
}

#[test]
fn joined_documents_read_as_they_do_alone() {
    let house = House::new("[organisation]\nname = \"Harbour Hill\"\n[style]\ncontents = true\n");
    let documents = documents(&house);
    let joined = house.joined(Bundle::new(), &documents);
    let path = house.file("joined.pdf", &joined.pdf);
    let read = Document::load_mem(&joined.pdf).unwrap();
    let (mut text, mut tags, mut to, mut marks, mut counts) = (String::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut before = 0;
    for (index, (manuscript, bookmark)) in documents.iter().enumerate() {
        let alone = house.alone(manuscript);
        let path = house.file("alone.pdf", &alone.pdf);
        text += &output_of("pdftotext", &["-layout"], &path);
        tags.extend(structure(&path));
        let single = Document::load_mem(&alone.pdf).unwrap();
        to.extend(links(&single).into_iter().map(|(from, to)| (from + before, to + before)));
        let bookmark = if bookmark.is_empty() { &manuscript.title } else { *bookmark };
        marks.push((1, bookmark.to_owned(), before + 1));
        let own = bookmarks(&single).into_iter().filter(|(level, ..)| *level > 1);
        marks.extend(own.map(|(level, title, page)| (level, title, page + before)));
        counts.extend((1..=alone.pages).map(|page| format!("{}-{page}", index + 1)));
        before += alone.pages;
    }
    assert!(before > 8, "{before} pages");
    assert_eq!(joined.pages, before);
    assert_eq!(output_of("pdftotext", &["-layout"], &path), text);
    let found = structure(&path);
    let differing = found.iter().zip(&tags).position(|(found, wanted)| found != wanted);
    assert_eq!((found.len(), differing), (tags.len(), None), "{:?}", differing.map(|at| (&found[at], &tags[at])));
    assert!(to.iter().filter(|(from, to)| from != to).count() >= 6, "contents pages lead on: {to:?}");
    assert_eq!(links(&read), to);
    assert_eq!(bookmarks(&read), marks);
    assert_eq!(labels(&read), counts);
}

#[test]
fn a_joined_pdf_carries_nothing_along_and_is_the_same_each_time() {
    let house = House::new("");
    let documents = documents(&house);
    let joined = house.joined(Bundle::new(), &documents);
    assert_eq!(joined.pdf, house.joined(Bundle::new(), &documents).pdf);
    let attached = |pdf: &[u8]| pdf.windows(13).any(|bytes| bytes == b"/EmbeddedFile");
    assert!(attached(&house.alone(&documents[0].0).pdf));
    assert!(!attached(&joined.pdf));
    let read = Document::load_mem(&joined.pdf).unwrap();
    assert_eq!(read.catalog().unwrap().get(b"Lang").unwrap().as_str().unwrap(), b"en-GB");
    for language in ["de", "zh-CN"] {
        assert!(spoken(&read).contains(language), "{language} is told where it is spoken: {:?}", spoken(&read));
    }
    // Judged by tests/validation.py.
    std::fs::write(Path::new(env!("CARGO_TARGET_TMPDIR")).join("joined.pdf"), &joined.pdf).unwrap();
}

#[test]
fn each_document_can_begin_on_a_fresh_sheet() {
    let house = House::new("");
    let documents = documents(&house);
    let joined = house.joined(Bundle::on_fresh_sheets(), &documents);
    let read = Document::load_mem(&joined.pdf).unwrap();
    let starts: Vec<u32> = bookmarks(&read).into_iter().filter(|(level, ..)| *level == 1).map(|(.., page)| page).collect();
    assert_eq!(starts.len(), documents.len());
    assert!(starts.iter().all(|page| page % 2 == 1), "{starts:?}");
    assert!(joined.pages.is_multiple_of(2));
    let single: u32 = documents.iter().map(|(manuscript, _)| house.alone(manuscript).pages).sum();
    assert!(joined.pages > single, "{} and {single}", joined.pages);
    let text = |pdf: &[u8]| output_of("pdftotext", &["-layout"], &house.file("one.pdf", pdf)).replace('\u{c}', "");
    assert_eq!(text(&joined.pdf), text(&house.joined(Bundle::new(), &documents).pdf));
    std::fs::write(Path::new(env!("CARGO_TARGET_TMPDIR")).join("joined-sheets.pdf"), &joined.pdf).unwrap();
}

/// Only the PDF shows that a level of headings was left out.
#[test]
fn what_cannot_be_part_of_the_pdf_is_named() {
    let house = House::new("");
    let typesetter = house.office.workers().typesetter().unwrap();
    let mut bundle = Bundle::new();
    let sound = house.manuscript("---\ntype: document\ndate: 2026-01-02\n---\n# Sound\n\nText.\n");
    let mut broken = sound.clone();
    let main = broken.files.get_mut("/main.typ").unwrap();
    *main = [&**main, b"\n#heading(level: 4)[Too deep]\n"].concat().into();
    for (index, (manuscript, bookmark)) in [(&sound, "Anna"), (&broken, "Berta"), (&sound, "Carl")].into_iter().enumerate() {
        typesetter.lay_into(&mut bundle, manuscript, &caption(index, bookmark), &Limits::default()).unwrap();
    }
    let told = typesetter.export(bundle, &imprint()).unwrap_err();
    let Unprintable::Documents(faulty) = &told else { panic!("{told:?}") };
    assert_eq!(faulty.iter().map(|(index, _)| *index).collect::<Vec<_>>(), [1]);
    let told = told.into_problems().to_string();
    assert!(told.contains("`Berta` cannot be part of the PDF") && !told.contains("Anna") && !told.contains("Carl"), "{told}");
    let told = typesetter.export(Bundle::new(), &imprint()).unwrap_err().into_problems().to_string();
    assert!(told.contains("There is no document to be printed"), "{told}");
}

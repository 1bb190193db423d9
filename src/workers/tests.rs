use std::borrow::Cow;
use std::sync::Arc;

use chrono::DateTime;

use super::message::SentOrder;
use super::wire::{Receiver, Sender};
use super::*;
use crate::catalog::Catalog;
use crate::classification::{Hints, classify};
use crate::model::{Dropped, sha256_hex};

fn arrival(name: &str, bytes: &[u8]) -> Arrival {
    let modified = DateTime::from_timestamp(1_795_392_000, 0).unwrap();
    Arrival::alone(Dropped { path: name.into(), name: name.to_owned(), modified, bytes: Arc::from(bytes) })
}

fn settings() -> Settings {
    let text = "[organisation]\nname = { en = \"Harbour Hill\", zh = \"港山\" }\n[fonts]\nfolders = []\n[fonts.script]\nthai = \"Loma\"\n";
    Settings::parse(text, Path::new("/nowhere"), None, chrono_tz::Asia::Shanghai).unwrap()
}

/// Sends a message, and gives it as it is received.
fn sent<T: Serialize, R: serde::de::DeserializeOwned>(message: &T) -> R {
    let mut bytes = Vec::new();
    Sender::new(&mut bytes).send(message).unwrap();
    Receiver::new(bytes.as_slice()).receive().unwrap().unwrap()
}

#[test]
fn an_order_and_all_that_it_needs_come_as_they_were_sent() {
    let settings = settings();
    assert_eq!(sent::<_, Settings>(&settings), settings);
    let catalog = Catalog::load(None).unwrap();
    let mut arrival = arrival(
        "board.md",
        "---\ncommittee: 理事会\nvalue: 1.50\nlist: [1, true, null]\n---\n# Minutes\n\nIt was **resolved** to go on.\n\n![x](a.png)\n"
            .as_bytes(),
    );
    arrival.company.push(Dropped { name: "a.png".to_owned(), ..arrival.note.clone() });
    let back = SentArrival::of(&arrival);
    let back: Arrival = sent::<_, SentArrival<'static>>(&back).arrival();
    assert_eq!((&back.note.name, &back.note.bytes, back.note.modified), (&arrival.note.name, &arrival.note.bytes, arrival.note.modified));
    let read = reading::read_any(&arrival).unwrap();
    let on_its_way: Read = sent(&read.clone().without_bytes());
    assert_ne!(on_its_way, read);
    assert_eq!(on_its_way.with_bytes(&arrival), read);
    let Read::Note(submission) = read else { panic!("a note") };
    let classification = classify(&submission, &catalog, &settings, &Hints::default()).unwrap();
    let document_type = catalog.require(&classification.document_type).unwrap();
    let said = crate::register::Said { by: Some("Li Na".to_owned()), on: chrono::NaiveDate::from_ymd_opt(2026, 11, 29), reason: None };
    let commission = Commission {
        submission: &submission,
        classification: &classification,
        document_type,
        settings: &settings,
        ticket: None,
        status: Some("draft"),
        said: &said,
        now: DateTime::UNIX_EPOCH.fixed_offset(),
    };
    let order = Order { commission, ppi: Some(90), limits: Limits::default() };
    let came: SentOrder<'static> = sent(&SentOrder::of(&order));
    assert_eq!(*came.submission, *submission);
    assert_eq!(*came.classification, classification);
    assert_eq!((came.said, came.status, came.ppi), (Cow::Owned(said.clone()), Some("draft".into()), Some(90)));
    let kind: DocumentType = sent(&**document_type);
    assert_eq!(
        (&kind.files, &kind.shared, &kind.labels, &kind.manifest),
        (&document_type.files, &document_type.shared, &document_type.labels, &document_type.manifest)
    );
    // Made there or here, it is the same.
    let bench = Workbench::new(Vec::new(), None, settings.fonts.clone());
    let there = Order {
        commission: Commission { document_type: &kind, submission: &came.submission, classification: &came.classification, ..commission },
        ..order
    };
    let hash = |made: &Made| made.renditions.iter().map(|file| sha256_hex(&file.pdf)).collect::<Vec<_>>();
    let pixel = |order: &Order<'_>| bench.make(order).unwrap_err().first().code.clone();
    assert_eq!((pixel(&order), pixel(&there)), ("image-unreadable".to_owned(), "image-unreadable".to_owned()), "the picture is none");
    let mut plain = (*submission).clone();
    plain.body.text = plain.body.text.replace("![x](a.png)", "");
    let of = |order: Order<'_>| bench.make(&Order { commission: Commission { submission: &plain, ..order.commission }, ..order }).unwrap();
    let (here, there) = (of(order), of(there));
    assert_eq!(hash(&here), hash(&there));
    let back: Made = sent(&here);
    assert_eq!((back.renditions, back.pictures), (here.renditions, here.pictures));
}

#[test]
fn whatever_a_document_is_made_from_makes_another_fingerprint_and_a_time_stamp_does_not() {
    let (settings, catalog) = (settings(), Catalog::load(None).unwrap());
    let mut arrival = arrival("drill.md", b"---\ntype: notice\ndate: 2026-11-20\n---\n# Drill\n\nLeave the [house](a.txt).\n");
    arrival.company.push(Dropped { name: "a.txt".to_owned(), ..arrival.note.clone() });
    let submission = reading::read(&arrival).unwrap();
    let classification = classify(&submission, &catalog, &settings, &Hints::default()).unwrap();
    let document_type = catalog.require(&classification.document_type).unwrap();
    let (said, now) = (crate::register::Said::default(), DateTime::UNIX_EPOCH.fixed_offset());
    let commission = Commission {
        submission: &submission,
        classification: &classification,
        document_type,
        settings: &settings,
        ticket: None,
        status: None,
        said: &said,
        now,
    };
    let plain = Order { commission, ppi: None, limits: Limits::default() };
    let of = |order: &Order<'_>| fingerprint::fingerprint(order, "fonts", None).unwrap();
    let of_note = |change: &dyn Fn(&mut reading::Submission)| {
        let mut changed = submission.clone();
        change(&mut changed);
        of(&Order { commission: Commission { submission: &changed, ..commission }, ..plain })
    };
    let first = of(&plain);
    assert_eq!(first, of(&Order { commission: Commission { now: now + chrono::TimeDelta::days(1), ..commission }, ..plain }));
    assert_eq!(first, of_note(&|note| note.modified += chrono::TimeDelta::days(1)), "a file that was touched is the same");
    let mut other_type = (**document_type).clone();
    other_type.sha256 = "another".to_owned();
    let mut guessed = classification.clone();
    guessed.title.push('!');
    let paper = Settings::parse("[style]\npaper = \"us-letter\"\n", Path::new("/nowhere"), None, chrono_tz::Asia::Shanghai).unwrap();
    let approved = crate::register::Said { by: Some("Li Na".to_owned()), ..said.clone() };
    let with = |commission| of(&Order { commission, ..plain });
    let others = [
        of_note(&|note| note.name = "other.md".to_owned()),
        of_note(&|note| note.text.push('x')),
        of_note(&|note| note.source.push(b'x')),
        of_note(&|note| note.body.text.push('x')),
        of_note(&|note| _ = note.fields.values.insert("to".to_owned(), "Amelia".into())),
        of_note(&|note| note.folder = Some("notice".to_owned())),
        of_note(&|note| note.company[0].sha256.push('0')),
        of_note(&|note| note.company[0].name.push('t')),
        of_note(&|note| note.company.clear()),
        of_note(&|note| note.warnings.push(Warning::new("x", "y"))),
        with(Commission { classification: &guessed, ..commission }),
        with(Commission { document_type: &other_type, ..commission }),
        with(Commission { settings: &paper, ..commission }),
        with(Commission { status: Some("draft"), ..commission }),
        with(Commission { said: &approved, ..commission }),
        of(&Order { ppi: Some(90), ..plain }),
        fingerprint::fingerprint(&plain, "other fonts", None).unwrap(),
        fingerprint::fingerprint(&plain, "fonts", Some(now)).unwrap(),
    ];
    let distinct: std::collections::BTreeSet<&String> = others.iter().chain([&first]).collect();
    assert_eq!(distinct.len(), others.len() + 1);
}

#[test]
fn only_the_one_argument_calls_a_worker() {
    let is_called = |arguments: &[&str]| is_called(arguments.iter().map(OsStr::new));
    assert!(is_called(&["chancery", CALL]));
    assert!(!is_called(&["chancery", CALL, "x"]) && !is_called(&[CALL]) && !is_called(&["chancery", "render", CALL]));
}

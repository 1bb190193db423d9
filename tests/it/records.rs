//! What the command line says and gives of records: list, show, open, source, copy, and the zip. The records are
//! filed through the library, with small PDFs that carry files as ours do.

use std::fs;
use std::path::Path;

use chancery::filing::{self, Details, FinishedFile};
use chancery::model::{TypeName, sha256_hex};
use chancery::register::{Admission, Place, Record, Register, Request, Series};
use lopdf::{Document, Object, Stream, dictionary};

use crate::cli::{chancery, json_lines};

/// A PDF with these files attached, as (name, relationship, content).
pub fn pdf_with(files: &[(&str, &str, &[u8])]) -> Vec<u8> {
    let mut document = Document::with_version("1.7");
    let pages = document.new_object_id();
    let page = document
        .add_object(dictionary! { "Type" => "Page", "Parent" => pages, "MediaBox" => vec![0.into(), 0.into(), 99.into(), 99.into()] });
    document.objects.insert(pages, Object::Dictionary(dictionary! { "Type" => "Pages", "Kids" => vec![page.into()], "Count" => 1 }));
    let mut attached = Vec::new();
    let mut names = Vec::new();
    for (name, relationship, content) in files {
        let mut stream = Stream::new(dictionary! { "Type" => "EmbeddedFile" }, content.to_vec());
        stream.compress().unwrap();
        let stream = document.add_object(stream);
        let specification = document.add_object(dictionary! {
            "Type" => "Filespec",
            "UF" => lopdf::text_string(name),
            "F" => lopdf::text_string(name),
            "AFRelationship" => *relationship,
            "EF" => dictionary! { "F" => stream, "UF" => stream },
        });
        attached.push(Object::from(specification));
        names.extend([lopdf::text_string(name), specification.into()]);
    }
    let catalog = document.add_object(dictionary! {
        "Type" => "Catalog",
        "Pages" => pages,
        "AF" => attached,
        "Names" => dictionary! { "EmbeddedFiles" => dictionary! { "Names" => names } },
    });
    document.trailer.set("Root", catalog);
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

/// What admission is asked about a record made from `source`.
fn request(title: &str, date: &str, source: &str, files: &[(&str, Vec<u8>)]) -> Request {
    let path = |role: &str| match role {
        "source" => "2026/papers/note.md".to_owned(),
        "document" => format!("2026/papers/{date} {title}.pdf"),
        _ => format!("2026/papers/{date} {title} ({role}).pdf"),
    };
    Request {
        file_name: "note.md".to_owned(),
        source_sha256: sha256_hex(source.as_bytes()),
        text: source.into(),
        content_sha256: sha256_hex(source.as_bytes()),
        template_sha256: "t".to_owned(),
        places: files.iter().map(|(role, _)| Place { role: (*role).to_owned(), path: path(role) }).collect(),
        series: Some(Series { name: "minutes".to_owned(), pattern: "MIN-{{ year }}-{{ seq }}".to_owned(), code: None }),
        ..Request::new("minutes".parse::<TypeName>().unwrap(), title, date.parse().unwrap(), "2026-11-23T09:00:00+08:00".parse().unwrap())
    }
}

/// Files it.
fn file(office: &Path, title: &str, date: &str, source: &str, files: &[(&str, Vec<u8>)]) -> Record {
    let archive = office.join("archive");
    let register = Register::open(&archive).unwrap();
    let request = request(title, date, source, files);
    let Admission::Ticket(ticket) = register.admit(&request).unwrap() else { panic!("{title} is not new") };
    let finished = files.iter().zip(&ticket.places);
    let finished =
        finished.map(|((role, bytes), place)| FinishedFile { role: (*role).to_owned(), path: place.path.clone(), bytes: bytes.clone() });
    filing::file(&archive, &register, &ticket, Details::of(&request), finished.collect(), 2).unwrap()
}

/// An office with two records: one carries its source and a file, the other has its source beside it.
fn office() -> (tempfile::TempDir, Vec<Record>) {
    let office = tempfile::tempdir().unwrap();
    fs::create_dir(office.path().join("inbox")).unwrap();
    let carrying = pdf_with(&[("note.md", "Source", b"# One\n"), ("../plan.csv", "Supplement", b"a,b\n"), ("record.json", "Data", b"{}")]);
    let records = vec![
        file(office.path(), "One", "2026-11-20", "one", &[("document", carrying), ("press", pdf_with(&[]))]),
        file(office.path(), "会议纪要", "2025-12-31", "two", &[("document", pdf_with(&[])), ("source", b"# Two\n".to_vec())]),
    ];
    (office, records)
}

#[test]
fn records_are_listed_newest_first_with_the_same_fields_everywhere() {
    let (office, records) = office();
    let list = |arguments: &[&str]| {
        let assert = chancery(office.path()).args(["--json", "list"]).args(arguments).assert().code(0);
        json_lines(&assert.get_output().stdout)
    };
    let all = list(&[]);
    let titles: Vec<&str> = all.iter().map(|line| line["title"].as_str().unwrap()).collect();
    assert_eq!(titles, ["会议纪要", "One"]);
    let one = &all[1];
    assert_eq!((one["status"].as_str(), one["type"].as_str()), (Some("filed"), Some("minutes")));
    assert_eq!(one["id"], records[0].id.as_str());
    assert_eq!(one["number"], "MIN-2026-001");
    assert_eq!(one["pdf"], "archive/2026/papers/2026-11-20 One.pdf");
    assert_eq!(one["sha256"], records[0].files[0].sha256.as_str());
    assert_eq!((one["pages"].as_u64(), one["version"].as_u64()), (Some(2), Some(1)));
    assert_eq!(one["files"].as_array().unwrap().len(), 2);
    assert_eq!(list(&["--limit", "1"]).len(), 1);
    assert_eq!(list(&["--year", "2025"]).len(), 1);
    assert_eq!(list(&["--type", "notice"]).len(), 0);
    let words = chancery(office.path()).arg("list").assert().code(0);
    assert!(String::from_utf8_lossy(&words.get_output().stdout).contains("MIN-2026-001"));
}

#[test]
fn lists_are_narrowed_and_say_what_does_not_simply_stand() {
    let (office, records) = office();
    let (archive, state) = (office.path().join("archive"), office.path().join(".chancery"));
    let newer = file(office.path(), "会议纪要", "2025-12-31", "two, mended", &[("document", pdf_with(&[]))]);
    assert_ne!(newer.id, records[1].id);
    let register = Register::open_in(&archive, &state).unwrap();
    let again = Request {
        again: true,
        people: vec!["Ann Lee".to_owned()],
        status: Some("draft".to_owned()),
        ..request("One", "2026-11-20", "one", &[("document", pdf_with(&[]))])
    };
    let Admission::Ticket(ticket) = register.admit(&again).unwrap() else { panic!("it is made again") };
    let files =
        ticket.places.iter().map(|place| FinishedFile { role: place.role.clone(), path: place.path.clone(), bytes: b"%PDF".to_vec() });
    filing::file(&archive, &register, &ticket, Details::of(&again), files.collect(), 1).unwrap();
    let list = |arguments: &[&str]| {
        let assert = chancery(office.path()).args(["--json", "list"]).args(arguments).assert().code(0);
        let lines = json_lines(&assert.get_output().stdout);
        lines.iter().map(|line| format!("{}@{} {}", line["title"].as_str().unwrap(), line["version"], line["state"])).collect::<Vec<_>>()
    };
    let draft = r#"One@2 ["draft"]"#;
    assert_eq!(list(&["--from", "2026-01-01"]), [draft]);
    assert_eq!(list(&["--person", "lee", "--status", "draft"]), [draft]);
    assert_eq!(list(&["--status", "superseded"]), [r#"One@1 ["superseded"]"#]);
    assert_eq!(list(&["--number", "MIN-2026-001", "--all"]), [draft, r#"One@1 ["superseded"]"#]);
    assert_eq!(list(&["--to", "2025-12-31", "--limit", "1"]), ["会议纪要@1 []"]);
    assert_eq!(list(&["--all"]).len(), 4);
    let words = |arguments: &[&str]| {
        let assert = chancery(office.path()).arg("list").args(arguments).assert().code(0);
        let output = assert.get_output();
        (String::from_utf8_lossy(&output.stdout).into_owned(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (all, _) = words(&["--all"]);
    assert!(all.contains(&format!("{}@1", records[0].id)) && all.contains("superseded"), "{all}");
    let (some, remark) = words(&["--limit", "2"]);
    assert!(some.lines().count() == 2 && remark.contains("--all"), "{some}{remark}");
    // An index that cannot be read is nothing that a secretary hears of.
    fs::write(state.join("register.sqlite"), "broken").unwrap();
    assert_eq!(words(&["--all"]), (all, String::new()));
}

#[test]
fn a_record_is_shown_by_id_and_by_number() {
    let (office, records) = office();
    for name in [records[0].id.as_str(), "MIN-2026-001", &format!("{}@1", records[0].id)] {
        let assert = chancery(office.path()).args(["--json", "show", name]).assert().code(0);
        let lines = json_lines(&assert.get_output().stdout);
        assert_eq!((lines.len(), lines[0]["title"].as_str()), (1, Some("One")));
        assert_eq!(lines[0]["history"].as_array().unwrap().len(), 1);
    }
    for command in ["show", "open", "source", "copy"] {
        let unknown = chancery(office.path()).args([command, "nothing-like-it"]).assert().code(2);
        assert!(String::from_utf8_lossy(&unknown.get_output().stderr).contains("chancery list"), "{command}");
    }
}

#[test]
fn open_prints_the_path_where_there_is_no_desktop() {
    let (office, records) = office();
    let assert = chancery(office.path()).args(["open", &records[0].id]).assert().code(0);
    assert_eq!(String::from_utf8_lossy(&assert.get_output().stdout), "archive/2026/papers/2026-11-20 One.pdf\n");
    fs::write(office.path().join("archive/2026/papers/2026-11-20 One.pdf"), "changed").unwrap();
    chancery(office.path()).args(["open", &records[0].id]).assert().code(1);
}

#[test]
fn a_source_comes_back_with_what_the_note_owns() {
    let (office, records) = office();
    let out = |arguments: &[&str]| chancery(office.path()).args(["source", &records[0].id]).args(arguments).assert();
    assert_eq!(out(&["-o", "-"]).code(0).get_output().stdout, b"# One\n");
    out(&["-o", "back/"]).code(0);
    assert_eq!(fs::read(office.path().join("back/note.md")).unwrap(), b"# One\n");
    assert_eq!(fs::read(office.path().join("back/plan.csv")).unwrap(), b"a,b\n");
    assert!(!office.path().join("plan.csv").exists() && !office.path().join("back/record.json").exists());
    out(&["-o", "back/"]).code(2);
    out(&["-o", "one.md"]).code(0);
    assert_eq!(fs::read(office.path().join("one.md")).unwrap(), b"# One\n");
    chancery(office.path()).args(["source", &records[1].id]).assert().code(0);
    assert_eq!(fs::read(office.path().join("note.md")).unwrap(), b"# Two\n");
}

#[test]
fn a_copy_carries_nothing_but_its_pages() {
    let (office, records) = office();
    let copy = |out: &str| {
        let assert = chancery(office.path()).args(["--json", "copy", &records[0].id, "-o", out]).assert();
        (assert.get_output().status.code(), json_lines(&assert.get_output().stdout))
    };
    let (code, lines) = copy("sent.pdf");
    assert_eq!((code, lines[0]["pdf"].as_str()), (Some(0), Some("sent.pdf")));
    let bytes = fs::read(office.path().join("sent.pdf")).unwrap();
    assert_eq!(lines[0]["sha256"], sha256_hex(&bytes));
    let sent = Document::load_mem(&bytes).unwrap();
    assert_eq!(sent.get_pages().len(), 1);
    let catalog = sent.catalog().unwrap();
    assert!(!catalog.has(b"AF") && !catalog.has(b"Names"));
    let embedded = sent.objects.values().filter(|object| object.type_name().is_ok_and(|name| name == b"EmbeddedFile"));
    assert_eq!(embedded.count(), 0);
    assert!(office.path().join("sent (press).pdf").exists());
    assert_eq!(copy("sent.pdf").0, Some(2));
}

#[test]
fn a_bundle_is_the_same_each_time_and_refuses_what_was_changed() {
    let (office, _) = office();
    let zip = |name: &str| chancery(office.path()).args(["list", "--zip", name]).assert();
    zip("a.zip").code(0);
    zip("b.zip").code(0);
    let bytes = fs::read(office.path().join("a.zip")).unwrap();
    assert_eq!(bytes, fs::read(office.path().join("b.zip")).unwrap());
    let archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    let expected = [
        "2026/papers/2025-12-31 会议纪要.pdf",
        "2026/papers/2026-11-20 One.pdf",
        "2026/papers/2026-11-20 One (press).pdf",
        "index.csv",
        "index.html",
    ];
    assert_eq!(names, expected);
    fs::remove_file(office.path().join("archive/2026/papers/2026-11-20 One.pdf")).unwrap();
    zip("c.zip").code(1);
    assert!(!office.path().join("c.zip").exists());
}

#[test]
fn status_tells_what_waits_and_what_was_filed() {
    let (office, _) = office();
    let status = || {
        let assert = chancery(office.path()).args(["--json", "status"]).assert();
        (assert.get_output().status.code(), json_lines(&assert.get_output().stdout))
    };
    let (code, lines) = status();
    assert_eq!((code, lines.len()), (Some(0), 1));
    assert_eq!((lines[0]["watching"].as_bool(), lines[0]["records"].as_u64()), (Some(false), Some(2)));
    assert_eq!(lines[0]["last"][0]["title"], "会议纪要");
    let inbox = office.path().join("inbox");
    fs::write(inbox.join("draft.md"), "---\ndraft: true\n---\nText\n").unwrap();
    fs::write(inbox.join("_later.md"), "Text\n").unwrap();
    assert_eq!(status().0, Some(0));
    fs::write(inbox.join("note.md"), "Text\n").unwrap();
    let (code, lines) = status();
    assert_eq!(code, Some(1));
    let waiting: Vec<&str> = lines.iter().filter(|line| line["status"] == "waiting").map(|line| line["source"].as_str().unwrap()).collect();
    assert_eq!(waiting, ["inbox/note.md"]);
    assert_eq!(lines.last().unwrap()["aside"], 2);
}

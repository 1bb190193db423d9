//! What notes become, and the words of what is wrong with them.

use std::sync::Arc;

use chrono::DateTime;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::model::Dropped;

fn dropped(name: &str, bytes: &[u8]) -> Dropped {
    Dropped { path: name.into(), name: name.to_owned(), modified: DateTime::UNIX_EPOCH, bytes: Arc::from(bytes) }
}

fn read_with(name: &str, text: impl AsRef<[u8]>, company: &[(&str, &str)]) -> Checked<Submission> {
    let company = company.iter().map(|(name, text)| dropped(name, text.as_bytes())).collect();
    read(&Arrival { company, ..Arrival::alone(dropped(name, text.as_ref())) })
}

fn good(text: &str) -> Submission {
    read_with("note.md", text, &[]).unwrap_or_else(|problems| panic!("{text:?}: {problems}"))
}

fn fields(front_matter: &str) -> Value {
    Value::Object(good(&format!("---\n{front_matter}---\nBody\n")).fields.values)
}

fn wrong(name: &str, text: impl AsRef<[u8]>) -> Vec<Problem> {
    read_with(name, text, &[]).expect_err("problems").into_vec()
}

/// Code, line and column of each problem of a Markdown note.
fn places(text: &str) -> Vec<(String, Option<u32>, Option<u32>)> {
    wrong("note.md", text).into_iter().map(|problem| (problem.code, problem.line, problem.column)).collect()
}

fn warnings(text: &str) -> Vec<(String, Option<u32>)> {
    good(text).warnings.into_iter().map(|warning| (warning.code, warning.line)).collect()
}

#[test]
fn a_note_is_fields_and_body() {
    let note = good("---\ntitle: Budget\npeople:\n  - name: Ada\n    role: chair\n---\n\n# Heading\n");
    assert_eq!(note.fields.values["people"], json!([{"name": "Ada", "role": "chair"}]));
    assert_eq!(note.body, Body { text: "\n# Heading\n".to_owned(), first_line: 7 });
    assert_eq!(note.file_line(2), 8);
    assert_eq!((note.fields.lines["title"], note.fields.lines["people.0.role"]), (2, 5));
    assert!(note.warnings.is_empty());
}

#[test]
fn values_stay_as_they_were_written() {
    let read = fields(
        "no: no\nyes: yes\ntime: 09:30\ndate: 2026-11-23\nnumber: 0123\nmoney: 1_000\nprice: 12.50\nslot: 12\nrate: 1.5\ndraft: true\nend: ~\nroom: Room #4\nfirm: &Co KG\nmark: !important read\nempty:\n",
    );
    let expected = json!({"no": "no", "yes": "yes", "time": "09:30", "date": "2026-11-23", "number": "0123", "money": "1_000",
        "price": "12.50", "slot": 12, "rate": 1.5, "draft": true, "end": null, "room": "Room #4", "firm": "&Co KG",
        "mark": "!important read", "empty": null});
    assert_eq!(read, expected);
}

#[test]
fn toml_front_matter_keeps_its_text_too() {
    let note = good("+++\ntitle = \"A\"\ndate = 2026-11-23\nat = 09:30:00\nprice = 1.50\n[place]\nroom = 0x1F\n+++\nBody\n");
    let expected = json!({"title": "A", "date": "2026-11-23", "at": "09:30:00", "price": "1.50", "place": {"room": "0x1F"}});
    assert_eq!(Value::Object(note.fields.values), expected);
    assert_eq!((note.fields.lines["place.room"], note.body.first_line), (7, 9));
}

#[test]
fn slips_that_can_mean_only_one_thing_are_absorbed() {
    let text = "---\nowner: @zhang\n标题：会议纪要\nrate: %5 # half\nowners: [@li, 王]\nlist:\n\t- a\nnote: |\n  @kept：so\n---\nx\n";
    let note = good(text);
    let expected =
        json!({"owner": "@zhang", "标题": "会议纪要", "rate": "%5", "owners": ["@li", "王"], "list": ["a"], "note": "@kept：so\n"});
    assert_eq!(Value::Object(note.fields.values), expected);
    let found = warnings(text);
    let found: Vec<(&str, Option<u32>)> = found.iter().map(|(code, line)| (code.as_str(), *line)).collect();
    let reserved = "reserved-character";
    let expected =
        [(reserved, Some(2)), ("full-width-colon", Some(3)), (reserved, Some(4)), (reserved, Some(5)), ("tab-indentation", Some(7))];
    assert_eq!(found, expected);
    assert_eq!(fields("标题：会议纪要\n日期：2026年11月23日\n"), json!({"标题": "会议纪要", "日期": "2026年11月23日"}));
}

#[test]
fn rules_at_the_top_are_no_front_matter() {
    for text in [
        "---\nJust some words.\n---\nmore\n",
        "---\n- a\n- b\n---\n",
        "---\n\n*Emphasis* and [a link\n\n---\n",
        "---\n各位：明天下午三点开会，请大家准时参加会议。\n地点在三楼\n---\n",
    ] {
        let note = good(text);
        assert_eq!((note.body.text.as_str(), note.body.first_line, note.fields.values.len()), (text, 1, 0));
    }
    let note = good("---\ntitle: A\n\nNever closed\n");
    assert!(note.fields.values.is_empty());
    assert_eq!(note.warnings[0].code, "front-matter-unclosed");
    assert_eq!(warnings("---\ntitle Foo\nplace: here\n---\nx"), [("front-matter-as-text".to_owned(), Some(1))]);
    assert_eq!(good("---\n# nothing yet\n---\nBody").body.text, "Body");
}

#[test]
fn every_problem_of_the_front_matter_is_told_with_its_place() {
    let problems = wrong("note.md", "---\ntitle: Minutes: board\ndate: 1\ndate: 2\nwho: \"open\nplace: here\n---\n\nBody\n");
    let told: Vec<_> = problems.iter().map(|problem| (problem.code.as_str(), problem.line, problem.column)).collect();
    let expected =
        [("front-matter-syntax", Some(2), Some(15)), ("front-matter-syntax", Some(5), Some(6)), ("duplicate-key", Some(4), Some(1))];
    assert!(expected.iter().all(|place| told.contains(place)), "{told:?}");
    assert_eq!(problems[0].excerpt.as_deref(), Some("title: Minutes: board"));
    assert_eq!(problems[0].help, "Put the value into quotation marks: `title: \"Minutes: board\"`.");
    assert_eq!(problems[0].file.as_deref(), Some("note.md"));
    assert_eq!(places("+++\na = 1\na = 2\nb = x\n+++\n").len(), 2);
}

#[test]
fn duplicates_name_both_lines() {
    let problems = wrong("a.yaml", "a: 1\nb:\n  c: 1\n  c: 2\na: 3\n");
    assert_eq!(problems.iter().map(|problem| problem.line).collect::<Vec<_>>(), [Some(4), Some(5)]);
    assert!(problems[1].message.contains("already in line 1"), "{}", problems[1].message);
    assert_eq!(wrong("a.json", "{\"date\": 1,\n \"date\": 2}")[0].line, Some(2));
}

#[test]
fn data_files_have_fields_and_a_body() {
    let note = read_with("n.yaml", "title: A\nbody: |\n  # Head\n  text\nplace: X\n", &[]).expect("a note");
    assert_eq!(note.body, Body { text: "# Head\ntext\n".to_owned(), first_line: 3 });
    assert_eq!(Value::Object(note.fields.values), json!({"title": "A", "place": "X"}));
    let note = read_with("n.toml", "title = \"A\"\nbody = \"\"\"\n# Head\n\"\"\"\n", &[]).expect("a note");
    assert_eq!(note.body, Body { text: "# Head\n".to_owned(), first_line: 3 });
    let note = read_with("n.json", "{\"title\": \"A \\u0000\", \"n\": 1.50,\n\"body\": \"# Head\"}", &[]).expect("a note");
    assert_eq!(note.body, Body { text: "# Head".to_owned(), first_line: 2 });
    assert_eq!(Value::Object(note.fields.values), json!({"title": "A \u{fffd}", "n": "1.50"}));
    for (name, text) in [("a.json", "[1]"), ("a.yaml", "- a\n"), ("a.yaml", "words\n"), ("a.json", "7")] {
        assert_eq!(wrong(name, text)[0].code, "no-fields");
    }
}

#[test]
fn what_cannot_be_read_is_told() {
    assert_eq!(wrong("a.docx", "PK")[0].code, "format-unknown");
    assert_eq!(wrong("a.md", " \n\u{200b}\n")[0].code, "empty");
    assert_eq!(wrong("a.md", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xff\xfe")[0].code, "not-text");
    let large = wrong("a.md", vec![b'x'; limits::NOTE_BYTES + 1]);
    assert!(large[0].message.contains("larger than 16 MiB"), "{}", large[0].message);
    let laughs: String =
        ('b'..='i').map(|c| format!("{c}: &{c} [{}]\n", vec![format!("*{}", (c as u8 - 1) as char); 9].join(","))).collect();
    assert_eq!(wrong("a.yaml", format!("a: &a [x]\n{laughs}"))[0].code, "too-many-values");
    assert_eq!(wrong("a.yaml", format!("a: {}", "[".repeat(100) + &"]".repeat(100)))[0].code, "too-deep");
    assert_eq!(wrong("a.json", format!("{{\"a\": {}}}", "[".repeat(100_000) + &"]".repeat(100_000)))[0].code, "too-deep");
}

#[test]
fn a_note_owns_what_it_names() {
    let text = "---\nrows: guests.csv\nattachments: [plan.pdf, ../x]\n---\n![A](a%20b.png) ![r](https://x.org/y.png)\n`![no](no.png)`\n\n<img src=\"c.png\">\n";
    let glance = glance("inbox/note.md", text.as_bytes());
    let mentions: Vec<_> = glance.mentions.iter().map(|mention| (mention.name.as_str(), mention.used_as, mention.line)).collect();
    let expected = [("guests.csv", Use::Rows, 2), ("plan.pdf", Use::Attachment, 3), ("a b.png", Use::Image, 5), ("c.png", Use::Image, 8)];
    assert_eq!(mentions, expected);
    let problems = read_with("mail/note.md", text, &[("guests.csv", "name\nAda\n")]).expect_err("problems");
    let told: Vec<_> = problems.iter().map(|problem| (problem.code.as_str(), problem.line)).collect();
    assert_eq!(told, [("file-missing", Some(3)), ("file-outside", Some(3))]);
    assert!(problems.first().message.contains("mail/plan.pdf"));
    let note = read_with("note.md", "---\nrows: g.csv\n---\nx", &[("g.csv", "name;age\nAda;36\n")]).expect("a note");
    let rows = note.rows.expect("rows");
    assert_eq!(
        (rows.columns.to_vec(), rows.row(0).line, rows.row(0).cells),
        (vec!["name".to_owned(), "age".to_owned()], 2, vec![json!("Ada"), json!("36")])
    );
    assert_eq!(note.company[0].name, "g.csv");
}

#[test]
fn a_glance_tells_notes_drafts_and_the_rest() {
    assert!(glance("a.md", b"---\ndraft: true\n---\n").is_draft);
    assert!(glance("a.yaml", b"draft: Yes\n").is_draft);
    assert!(!glance("a.md", b"draft: true\n").is_draft);
    assert!(!glance("rows.json", b"[{}]").is_note && !glance("a.csv", b"a,b").is_note);
    assert!(glance("a.md", b"").is_note && glance("a.json", b"{").is_note);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), ending in "md|txt|yaml|toml|json|csv|jsonl") {
        let name = format!("x.{ending}");
        let _ = glance(&name, &bytes);
        let _ = read_with(&name, &bytes, &[]);
        let _ = read_table(&name, &bytes);
    }

    #[test]
    fn no_front_matter_makes_it_panic(text in "[a-c:：@%*&! \\t\\n\\[\\]{}\"'|>#.0-9-]{0,120}", fence in "---|\\+\\+\\+") {
        let _ = read_with("x.md", format!("{fence}\n{text}\n{fence}\nBody"), &[]);
        let _ = read_with("x.yaml", &text, &[]);
        let _ = read_with("x.toml", &text, &[]);
        let _ = read_table("x.csv", text.as_bytes());
    }

    #[test]
    fn a_plain_notes_text_survives(text in "[^\\p{C}-]\\PC{0,200}") {
        prop_assume!(!text.trim().is_empty() && !text.starts_with('+') && !text.chars().all(|c| c == '\u{fffd}' || c.is_whitespace()));
        prop_assume!(format::binary(text.as_bytes()).is_none());
        if let Ok(note) = read_with("x.md", &text, &[]) {
            prop_assert_eq!(note.body.text, text);
        }
    }
}

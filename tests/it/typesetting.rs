//! From a note to its pages, by the real program: what prints, who is blamed for what does not, and the same bytes twice.

use std::path::Path;

use serde_json::Value;

use crate::cli::{chancery, json_lines};

/// An office with nothing but the built-in fonts, so that it is the same on every machine.
fn office() -> tempfile::TempDir {
    let here = tempfile::tempdir().unwrap();
    let settings = "[fonts]\nfolders = []\n\n[organisation]\nname = '#read(\"/etc/passwd\") Ltd'\n\n[people.amelia]\nname = \"Amelia Ford\"\ntitle = \"Director\"\n";
    std::fs::create_dir(here.path().join("inbox")).unwrap();
    std::fs::write(here.path().join("chancery.toml"), settings).unwrap();
    here
}

/// Renders `note.md` and gives its JSON line.
fn render(office: &Path, document_type: &str, note: &str) -> Value {
    std::fs::write(office.join("note.md"), note).unwrap();
    let arguments = ["--json", "--now", "2026-11-23T10:00:00+01:00", "render", "--type", document_type, "note.md", "-o", "note.pdf"];
    let ran = chancery(office).args(arguments).output().unwrap();
    json_lines(&ran.stdout).remove(0)
}

/// The text of a PDF's pages without white space and the soft places to break at; quotation marks made straight.
fn text_of(pdf: &Path) -> String {
    let output = std::process::Command::new("pdftotext").arg(pdf).arg("-").output().expect("pdftotext (poppler-utils) is installed");
    let text = String::from_utf8(output.stdout).unwrap();
    let kept = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '\u{200b}' | '\u{ad}'));
    kept.map(|c| match c {
        '“' | '”' => '"',
        '‘' | '’' => '\'',
        c => c,
    })
    .collect()
}

/// What Typst, Tera or Markdown would make something of.
const HOSTILE: &str = r##"#read("/etc/passwd") #import "x.typ": * {{ 7*7 }} {{ body }} {% raw %} $x$ $5/$10 @x <x> 1. April 2024 = x // /* c */ \u{41} `t` [a](b) _u_ ::: text"##;

#[test]
fn fields_print_letter_for_letter_in_every_type() {
    let fields = [
        ("document", &["title", "subtitle", "reference", "author"][..]),
        ("minutes", &["title", "committee", "place", "chair", "quorum", "distribution"]),
        ("speech", &["title", "speaker", "occasion", "place"]),
        ("notice", &["title", "place", "time", "contact", "recipients", "to"]),
        ("annual-summary", &["title", "unit", "period", "author"]),
    ];
    let here = office();
    for (document_type, names) in fields {
        for name in names {
            // A list part at its commas, and nothing else.
            let note = format!("---\ndate: 2026-01-02\n{name}: ['{HOSTILE}']\n---\n\nThe text.\n");
            let note = if *name == "title" { note.replace(['[', ']'], "").replace("a(b)", "") } else { note };
            let line = render(here.path(), document_type, &note);
            assert_eq!(line["status"], "rendered", "{document_type} {name}: {line}");
            let expected: String = HOSTILE.chars().filter(|c| !c.is_whitespace()).collect();
            let expected = if *name == "title" { expected.replace("[a](b)", "") } else { expected };
            let text = text_of(&here.path().join("note.pdf"));
            assert!(text.contains(&expected), "{document_type} {name}: {text}");
        }
    }
}

#[test]
fn the_text_prints_letter_for_letter_and_the_office_too() {
    let here = office();
    let note = "# T\n\n2026-01-02\n\nbody #read(\"x\") {{ 7\\*7 }} {% raw %} $x$ $5/$10 @x <x> // text\n\n1\\. April\n\n```\n{{ body }} \\u{41}\n```\n\n\
                | #a | $b$ |\n|--|--|\n| @c | `#d` |\n\n![#read(\"alt\") <x>](gone.png)\n";
    for document_type in ["document", "minutes", "notice", "annual-summary", "speech"] {
        let line = render(here.path(), document_type, note);
        assert_eq!(line["status"], "rendered", "{line}");
        let text = text_of(&here.path().join("note.pdf"));
        for part in ["#read(\"x\"){{7*7}}{%raw%}$x$$5/$10@x<x>", "1.April", "{{body}}\\u{41}", "#a", "$b$", "@c", "#d", "#read(\"alt\")<x>"]
        {
            assert!(text.contains(part), "{document_type}: {part} in {text}");
        }
        assert!(text.contains("#read(\"/etc/passwd\")Ltd"), "{text}");
    }
}

#[test]
fn an_action_names_its_owner_as_people_know_them() {
    let here = office();
    let line = render(here.path(), "minutes", "# Minutes\n\n2026-01-02\n\n- [ ] @amelia sends the plan by 2026-02-01\n");
    assert_eq!(line["status"], "rendered", "{line}");
    assert!(text_of(&here.path().join("note.pdf")).contains("AmeliaFord"));
}

#[test]
fn a_glyph_that_no_font_has_is_told_at_its_line_with_the_package() {
    let here = office();
    let line = render(here.path(), "minutes", "---\nplace: 서울\n---\n# T\n\n2026-01-02\n\nText\u{e000}\n");
    assert_eq!(line["status"], "attention");
    let problem = &line["problem"];
    assert_eq!((problem["code"].as_str(), problem["line"].as_u64()), (Some("glyph-missing"), Some(2)), "{problem}");
    assert!(problem["message"].as_str().unwrap().contains("서 (U+C11C)") && problem["help"].as_str().unwrap().contains("fonts-noto-cjk"));
    let line = render(here.path(), "document", "# T\n\n2026-01-02\n\nText \u{e000}\n");
    assert_eq!(line["problem"]["line"], 5);
    assert!(line["problem"]["message"].as_str().unwrap().contains("U+E000"));
}

#[test]
fn invisible_and_broken_characters_stop_nothing() {
    let here = office();
    for odd in [
        "\u{feff}",
        "\u{fffd}",
        "\u{fffe}",
        "\u{200b}",
        "\u{202e}",
        "\u{2066}x\u{2069}",
        "\u{1680}",
        "\u{7f}",
        "\0",
        "e\u{301}",
        "\u{e0041}",
        "👨‍👩‍👧",
    ] {
        let line =
            render(here.path(), "document", &format!("# T {odd}t\n\n2026-01-02\n\nbefore{odd} after\n\n| {odd}c |\n|--|\n| `{odd}d` |\n"));
        assert_eq!(line["status"], "rendered", "{odd:?}: {line}");
        let text = text_of(&here.path().join("note.pdf"));
        assert!(text.contains("before") && text.contains("after"), "{odd:?}: {text}");
    }
}

#[test]
fn images_that_cannot_be_read_are_all_named() {
    let here = office();
    std::fs::write(here.path().join("bad.png"), b"\x89PNG\r\n\x1a\nxxxx").unwrap();
    std::fs::write(here.path().join("empty.jpg"), b"").unwrap();
    std::fs::write(here.path().join("note.md"), "# T\n\n2026-01-02\n\n![a](bad.png)\n\n| x |\n|--|\n| ![b](empty.jpg) |\n").unwrap();
    let ran = chancery(here.path()).args(["render", "--type", "document", "note.md"]).assert().code(1);
    let said = String::from_utf8_lossy(&ran.get_output().stderr).into_owned();
    assert!(said.contains("note.md, line 5: The image `bad.png`") && said.contains("note.md, line 9: The image `empty.jpg`"), "{said}");
}

#[test]
fn a_drawing_that_shows_other_files_is_set_without_them() {
    let here = office();
    let svg = r##"<svg xmlns="http://www.w3.org/2000/svg" width="50" height="50"><script>alert(1)</script><image href="file:///etc/passwd" width="9" height="9"/><rect width="10" height="10" fill="red"/></svg>"##;
    std::fs::write(here.path().join("a.svg"), svg).unwrap();
    let line = render(here.path(), "document", "# T\n\n2026-01-02\n\n![a](a.svg)\n");
    assert_eq!(line["status"], "rendered", "{line}");
    assert!(line["warnings"].to_string().contains("image-linked"), "{line}");
}

#[test]
fn a_template_s_slips_are_told_at_its_own_line_until_it_is_mended() {
    let here = office();
    let folder = here.path().join("templates/document");
    std::fs::create_dir_all(&folder).unwrap();
    let note = "# T\n\n2026-01-02\n\ntext\n";
    let house = "#import \"/_shared/house.typ\": house\n#let layout(data, words) = house(data, {\n  words((:))\n  nosuch(1)\n})\n";
    let slips = [
        ("words.md", "one\n\n{{ body }} {{ nothere }}\n", 3, 15),
        ("words.md", "one\n\n{{ title | shout }}\n", 3, 12),
        ("words.md", "one\n{% include \"no.md\" %}\n", 2, 12),
        ("words.md", "{% if title %}\nnever closed {{ body }}", 2, 24),
        ("layout.typ", house, 4, 3),
        ("layout.typ", "#let layout(data, words) = {\n  words((:)\n}\n", 2, 8),
        ("layout.typ", "#let layout(data, words) = {\n  read(\"/etc/passwd\")\n}\n", 2, 8),
    ];
    for (file, text, line, column) in slips {
        std::fs::write(folder.join(file), text).unwrap();
        let told = render(here.path(), "document", note);
        let problem = &told["problem"];
        assert_eq!(problem["file"], format!("templates/document/{file}"), "{text}: {told}");
        assert_eq!((problem["line"].as_u64(), problem["column"].as_u64()), (Some(line), Some(column)), "{text}: {told}");
        std::fs::remove_file(folder.join(file)).unwrap();
    }
    assert_eq!(render(here.path(), "document", note)["status"], "rendered");
}

#[test]
fn the_same_note_gives_the_same_bytes_in_another_process_and_folder() {
    let (first, second) = (office(), office());
    let note = "---\nauthor: Amelia\n---\n# Plan\n\n2026-01-02\n\nText with 汉字, ☃ and a table.\n\n| a | b |\n|--|--|\n| 1 | 2 |\n";
    render(first.path(), "document", note);
    render(second.path(), "document", note);
    let bytes = |office: &tempfile::TempDir| std::fs::read(office.path().join("note.pdf")).unwrap();
    assert!(bytes(&first) == bytes(&second), "two runs differ");
}

#[test]
fn large_and_deep_notes_are_set_whole() {
    let here = office();
    let head = "# T\n\n2026-01-02\n\n";
    let table = |rows: usize, columns: usize| {
        let row = |prefix: &str| format!("|{}\n", (0..columns).map(|column| format!(" {prefix}x{column} |")).collect::<String>());
        format!("{}|{}\n{}", row("h"), "--|".repeat(columns), (0..rows).map(|index| row(&format!("r{index}"))).collect::<String>())
    };
    let cases = [
        (">".repeat(10_000) + " lastword\n", "lastword"),
        ("- ".repeat(10_000) + "lastword\n", "lastword"),
        ("*a ".repeat(10_000) + "lastword\n", "lastword"),
        (table(3, 40), "r2x39"),
        (table(800, 4), "r799x3"),
        ("## Heading\n\ntext\n\n".repeat(800) + "lastword\n", "lastword"),
        ("word ".repeat(60_000) + "lastword\n", "lastword"),
        ("w".repeat(20_000) + "\n\nlastword\n", "lastword"),
    ];
    for (body, last) in cases {
        let line = render(here.path(), "document", &format!("{head}{body}"));
        assert_eq!(line["status"], "rendered", "{}: {line}", &body[..20]);
        assert!(text_of(&here.path().join("note.pdf")).contains(last), "{}", &body[..20]);
    }
}

/// docs/standards.md says what it is made of.
#[test]
fn a_notice_of_one_page_in_latin_script_stays_small_in_every_house() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| std::fs::read_to_string(repository.join(path)).unwrap();
    let mut notes: Vec<String> = ["en", "de", "fr", "es"].iter().map(|tag| read(&format!("tests/it/languages/{tag}/notice.md"))).collect();
    notes.push(read("templates/notice/examples/year-end-meeting/note.md"));
    for house in chancery::catalog::houses(Path::new("/nowhere")) {
        let here = office();
        let settings = std::fs::read_to_string(here.path().join("chancery.toml")).unwrap();
        std::fs::write(here.path().join("chancery.toml"), format!("{settings}\n[style]\nhouse = \"{house}\"\n")).unwrap();
        for note in &notes {
            let line = render(here.path(), "notice", note);
            // The large type of the official page takes two for the longest of them.
            assert!(line["pages"].as_u64().unwrap() <= if house == "official" { 2 } else { 1 }, "{house}: {line}");
            let size = std::fs::metadata(here.path().join("note.pdf")).unwrap().len();
            assert!(size < 60_000, "{house}: {size} bytes: {note}");
        }
    }
}

#[test]
fn a_type_may_do_without_tags() {
    let here = office();
    let folder = here.path().join("templates/notice");
    std::fs::create_dir_all(&folder).unwrap();
    let built_in = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/notice/manifest.toml")).unwrap();
    let note = "---\ndate: 2026-11-20\n---\n# Drill\n\nLeave the house.\n";
    let mut made = Vec::new();
    for tagged in [true, false] {
        std::fs::write(folder.join("manifest.toml"), format!("tagged = {tagged}\n{built_in}")).unwrap();
        assert_eq!(render(here.path(), "notice", note)["status"], "rendered");
        let path = here.path().join("note.pdf");
        let told = std::process::Command::new("pdfinfo").arg(&path).output().expect("pdfinfo (poppler-utils) is installed");
        assert!(String::from_utf8_lossy(&told.stdout).contains(if tagged { "Tagged:          yes" } else { "Tagged:          no" }));
        made.push((text_of(&path), std::fs::read(&path).unwrap()));
    }
    assert_eq!(made[0].0, made[1].0);
    let conforms = |pdf: &[u8], level: &str| String::from_utf8_lossy(pdf).contains(&format!("<pdfaid:conformance>{level}<"));
    assert!(conforms(&made[0].1, "A") && conforms(&made[1].1, "U") && made[1].1.len() < made[0].1.len());
}

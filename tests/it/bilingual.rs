//! Documents in two languages: labels and dates in both, texts side by side over page ends, and languages told to whoever
//! reads the PDF aloud.

use std::path::Path;
use std::process::Command;

use crate::cli::{chancery, json_lines};

/// Renders a note and gives what the command says of it.
fn render(office: &Path, kind: &str, note: &str) -> serde_json::Value {
    std::fs::create_dir_all(office.join("inbox")).unwrap();
    std::fs::write(office.join("note.md"), note).unwrap();
    let arguments = ["--json", "--now", "2026-11-23T10:00:00+01:00", "render", "--type", kind, "note.md", "-o", "note.pdf"];
    let line = json_lines(&chancery(office).args(arguments).output().unwrap().stdout).remove(0);
    assert_eq!(line["status"], "rendered", "{line}");
    line
}

fn text(office: &Path, arguments: &[&str]) -> String {
    let output = Command::new("pdftotext").args(arguments).args(["note.pdf", "-"]).current_dir(office).output();
    String::from_utf8(output.expect("pdftotext (poppler-utils) is installed").stdout).unwrap()
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

fn tempdir() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// Where a word begins, in points from the left and the top of its page, and the page.
fn place(office: &Path, word: &str) -> (usize, f64, f64) {
    let output = Command::new("pdftotext").args(["-bbox", "note.pdf", "-"]).current_dir(office).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let mut page = 0;
    for line in text.lines() {
        page += usize::from(line.contains("<page "));
        if line.contains(&format!(">{word}")) {
            let value = |name: &str| line.split(&format!("{name}=\"")).nth(1).unwrap().split('"').next().unwrap().parse().unwrap();
            return (page, value("xMin"), value("yMin"));
        }
    }
    panic!("{word} is not in {text}");
}

const HEAD: &str =
    "---\nlang: [en, zh]\ntitle: {en: Notice of closing, zh: 关于关闭的通知}\ndate: 2026-11-23\nevent_date: 2026-12-01\nplace: Hall\n---\n";

#[test]
fn labels_dates_and_title_are_in_both_languages() {
    let here = tempdir();
    let line = render(here.path(), "notice", &format!("{HEAD}Text.\n"));
    assert_eq!(line["warnings"].to_string(), "[]");
    let page = squeezed(&text(here.path(), &["-layout"]));
    for words in ["Noticeofclosing关于关闭的通知", "Date日期Tuesday,1December2026/2026年12月1日（星期二）", "Place地点Hall"]
    {
        assert!(page.contains(words), "{words}: {page}");
    }
    let minutes = "---\nlang: [en, zh]\ndate: 2026-11-23\nchair: Anna\n---\n# Board\n\nResolved: that we go. 5 for, 1 against.\n\n- [ ] @Anna Write by 2026-12-04\n";
    render(here.path(), "minutes", minutes);
    let page = squeezed(&text(here.path(), &["-layout"]));
    let expected = [
        "MINUTES会议纪要",
        "DRAFT草稿",
        "Chair主持人Anna",
        "Resolutions会议决议",
        "5for/赞成5票",
        "Date:日期：",
        "Signedasatruerecordofthemeeting.以上纪要",
    ];
    for words in expected {
        assert!(page.contains(words), "{words}: {page}");
    }
    // What both say in the same way stands there once; languages of the same letters are parted by a stroke.
    render(here.path(), "notice", "---\nlang: de, fr\ndate: 2026-11-23\nplace: Saal\nevent_date: 2026-12-01\n---\n# Titel\n\nText.\n");
    let page = squeezed(&text(here.path(), &["-layout"]));
    assert!(page.contains("Ort/LieuSaal") && page.contains("Dienstag,1.Dezember2026/mardi1erdécembre2026"), "{page}");
    render(here.path(), "notice", "---\nlang: en\nlanguages: [en, fr]\ndate: 2026-11-23\nevent_date: 2026-12-01\n---\n# Title\n\nText.\n");
    assert!(squeezed(&text(here.path(), &["-layout"])).contains("DateTuesday,1December2026/mardi1erdécembre2026"));
}

#[test]
fn paragraphs_stand_against_paragraphs() {
    let here = tempdir();
    let note = format!(
        "{HEAD}<div lang=\"en\">\n\n## Alpha\n\nFirst words.\n\nSecond words.\n\n</div>\n<div lang=\"zh\">\n\n## 甲\n\n第一段话。\n\n第二段话。\n\n</div>\n\nAfterwards.\n"
    );
    render(here.path(), "notice", &note);
    let at = |word: &str| place(here.path(), word);
    for (one, other) in [("Alpha", "甲"), ("First", "第一"), ("Second", "第二")] {
        let ((_, x, y), (_, other_x, other_y)) = (at(one), at(other));
        assert!(other_x > x + 150.0 && (y - other_y).abs() < 6.0, "{one} at {x} {y}, {other} at {other_x} {other_y}");
    }
    assert!(at("Afterwards").1 < 160.0);
    // A heading is read with what follows it, and both languages before the next pair.
    let read = squeezed(&text(here.path(), &["-raw"]));
    let order: Vec<usize> =
        ["Alpha", "First", "甲", "第一", "Second", "第二", "Afterwards"].iter().map(|word| read.find(word).unwrap()).collect();
    assert!(order.is_sorted(), "{order:?} {read}");
}

#[test]
fn the_language_of_each_part_is_told() {
    let here = tempdir();
    let note = format!("{HEAD}A <span lang=\"fr\">bon mot</span>.\n\n<div lang=\"zh\">\n\n文字。\n\n</div>\n");
    render(here.path(), "notice", &note);
    let pdf = lopdf::Document::load(here.path().join("note.pdf")).unwrap();
    let catalog = pdf.catalog().unwrap();
    assert_eq!(catalog.get(b"Lang").and_then(lopdf::Object::as_str).unwrap(), b"en");
    let page = *pdf.get_pages().values().next().unwrap();
    let content = String::from_utf8_lossy(&pdf.get_page_content(page)).into_owned();
    let tree: String = pdf
        .objects
        .values()
        .filter_map(|object| object.as_dict().ok()?.get(b"Lang").ok()?.as_str().ok())
        .map(String::from_utf8_lossy)
        .collect();
    for tag in ["zh-CN", "fr"] {
        assert!(content.contains(&format!("Lang({tag})")) || tree.contains(tag), "{tag}: {content}");
    }
}

#[test]
fn long_texts_of_unequal_length_lose_nothing_over_page_ends() {
    let here = tempdir();
    let sentence =
        |n: usize| format!("Sentence{n} says something about freight and the harbour that fills most of a line or two in a narrow column.");
    let english: Vec<String> = (0..60).map(sentence).collect();
    let chinese: Vec<String> = (0..25).map(|n| format!("第{n}句话说的是货运和港口。")).collect();
    let passage = |tag: &str, blocks: &[String], parted: &str| format!("<div lang=\"{tag}\">\n\n{}\n\n</div>\n", blocks.join(parted));
    // As many paragraphs in one as in the other; fewer; and one paragraph that is longer than a page.
    let matched = passage("en", &english[..25], "\n\n") + &passage("zh", &chinese, "\n\n");
    let unmatched = passage("en", &english, "\n\n") + &passage("zh", &chinese, "\n\n");
    let huge = passage("en", &english, " ") + &passage("zh", &chinese, "");
    for (note, sentences) in [(matched, 25), (unmatched, 60), (huge, 60)] {
        let line =
            render(here.path(), "document", &format!("---\nlang: [en, zh]\ndate: 2026-11-23\n---\n# Title\n\n{note}\nAfterwards.\n"));
        assert!(line["pages"].as_u64().unwrap() > 1, "{line}");
        let read = squeezed(&text(here.path(), &["-raw"])).replace('\u{ad}', "");
        let of = |word: String| read.find(&word).unwrap_or_else(|| panic!("{word} is not in {read}"));
        let order: Vec<usize> = (0..sentences).map(|n| of(format!("Sentence{n}says"))).collect();
        assert!(order.is_sorted(), "{order:?}");
        let order: Vec<usize> = (0..25).map(|n| of(format!("第{n}句"))).collect();
        assert!(order.is_sorted(), "{order:?}");
        let (page, ..) = place(here.path(), "Afterwards");
        assert!(page >= place(here.path(), "Sentence24").0);
    }
}

#[test]
fn headings_that_do_not_match_are_still_in_order() {
    let here = tempdir();
    let note = "---\nlang: [en, zh]\ndate: 2026-11-23\n---\n# Title\n\n<div lang=\"en\">\n\nOne.\n\nTwo.\n\n## Three\n\n### Four\n\n</div>\n<div lang=\"zh\">\n\n#### 一\n\n## 二\n\n三。\n\n四。\n\n</div>\n\n### After\n";
    render(here.path(), "document", note);
    let read = squeezed(&text(here.path(), &["-raw"]));
    for word in ["One.", "Three", "Four", "一", "四。", "After"] {
        assert!(read.contains(word), "{word}: {read}");
    }
}

#[test]
fn right_to_left_stands_beside_left_to_right() {
    let here = tempdir();
    let pair = "<div lang=\"en\">\n\nEnglish words.\n\n- item AAA\n\n</div>\n<div lang=\"ar\">\n\nنص BBB\n\n- بند CCC\n\n</div>\n";
    let note = |tags: &str| format!("---\nlang: {tags}\ndate: 2026-11-23\n---\n# Title\n\n{pair}");
    render(here.path(), "document", &note("[en, ar]"));
    let left = |word: &str| place(here.path(), word).1;
    assert!(left("English") < 120.0 && left("BBB") > 400.0, "{} {}", left("English"), left("BBB"));
    assert!(left("CCC") > 400.0, "an Arabic item begins on the right: {}", left("CCC"));
    // Where the document runs from right to left, so do its columns.
    render(here.path(), "document", &note("[ar, en]"));
    assert!(left("English") < 120.0 && left("BBB") > 400.0, "{} {}", left("English"), left("BBB"));
}

#[test]
fn of_three_languages_two_stand_side_by_side_and_the_writer_is_told() {
    let here = tempdir();
    let passage = |tag: &str, words: &str| format!("<div lang=\"{tag}\">\n\n{words}\n\n</div>\n");
    let note = format!(
        "---\nlang: [en, zh, fr]\ndate: 2026-11-23\n---\n# Title\n\n{}{}{}",
        passage("en", "Words."),
        passage("zh", "文字。"),
        passage("fr", "Paroles.")
    );
    let line = render(here.path(), "document", &note);
    assert!(line["warnings"].to_string().contains("names 3 languages"), "{line}");
    let (words, other, third) = (place(here.path(), "Words."), place(here.path(), "文字"), place(here.path(), "Paroles."));
    assert!(other.1 > words.1 + 150.0 && third.2 > words.2 + 10.0 && third.1 < words.1 + 1.0);
    let line = render(here.path(), "document", "---\nlang: [en, elvish tongue]\ndate: 2026-11-23\n---\n# Title\n\nText.\n");
    assert!(line["warnings"].to_string().contains("no language that is known"), "{line}");
}

#[test]
fn other_languages_may_stand_anywhere() {
    let here = tempdir();
    let note = "---\nlang: en\ndate: 2026-11-23\n---\n# Title\n\n## A <span lang=\"zh\">标题</span>\n\n| <span lang=\"ja\">直</span> | b |\n|---|---|\n| c | <span lang=\"ar\">نص</span> |\n\nWord[^1] <q lang=\"fr\">x</q>.\n\n[^1]: A <span lang=\"de\">Wort</span>.\n\n> <div lang=\"zh\">\n>\n> 引文。\n>\n> </div>\n\n1. item\n\n   <div lang=\"zh\">\n\n   项目。\n\n   </div>\n\n<p lang=\"zh\">段落。</p>\n";
    for kind in ["document", "minutes", "notice", "annual-summary", "speech"] {
        render(here.path(), kind, note);
        let read = squeezed(&text(here.path(), &["-raw"]));
        for word in ["标题", "直", "Wort", "引文。", "项目。", "段落。"] {
            assert!(kind == "speech" || read.contains(word), "{kind} {word}: {read}");
        }
    }
}

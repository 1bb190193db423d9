mod naughty;
mod passages;
mod reference;
mod specs;

use proptest::prelude::*;

use super::*;
use crate::reading::OwnedFile;

/// Markdown as Typst markup, line by line of the note.
fn written(markdown: &str) -> String {
    written_with(markdown, Manner { first_line: Some(1), ..Manner::default() }).0
}

fn written_with(markdown: &str, manner: Manner<'_>) -> (String, Vec<Warning>) {
    let owned = [OwnedFile { name: "a b.png".to_owned(), bytes: Vec::new(), sha256: String::new() }];
    let (mut out, mut warnings) = (Markup::default(), Vec::new());
    write_markdown(&mut out, &mut Images::new(&owned), &mut warnings, markdown, manner);
    (out.finish().0, warnings)
}

/// What prints: every string literal of the markup, read as Typst reads it, and the marks between them.
fn printed(code: &str) -> String {
    let root = typst::syntax::parse(code);
    let mut text = String::new();
    collect(&root, &mut text);
    text.replace('\u{200b}', "")
}

fn collect(node: &typst::syntax::SyntaxNode, text: &mut String) {
    use typst::syntax::ast;
    if let Some(literal) = node.cast::<ast::Str>() {
        text.push_str(&literal.get());
    } else if node.leaf_text() == "smartquote" {
        text.push('\'');
    } else if node.leaf_text() == "parbreak" || node.leaf_text() == "linebreak" {
        text.push('\n');
    }
    node.children().for_each(|child| collect(child, text));
}

#[test]
fn inline_elements() {
    insta::assert_snapshot!(written("One *two* **three** `#f(\"x\")` [four](https://a.b/c) ~~five~~ \"six\"\\\nseven\neight"));
}

#[test]
fn blocks() {
    insta::assert_snapshot!(written("# Title\n\n### Deep\n\n> quoted\n\n3. three\n4. four\n   - inner\n\n```rs\nlet x;\n```\n\n---\n"));
}

#[test]
fn tables_tasks_and_footnotes() {
    insta::assert_snapshot!(written("| a | b |\n|:--|--:|\n| 1 | `2` |\n\n- [x] done\n- [ ] open\n\nWord[^n].\n\n[^n]: The note.\n"));
}

#[test]
fn images() {
    let (code, warnings) = written_with("![A <view>](<a b.png>)\n\n![gone](gone.png) ![far](https://a.b/x.png)", Manner::default());
    insta::assert_snapshot!(code);
    let codes: Vec<&str> = warnings.iter().map(|warning| warning.code.as_str()).collect();
    assert_eq!(codes, ["image-missing", "image-remote"]);
}

#[test]
fn a_speech() {
    let manner = Manner { first_line: Some(1), speech: true, ..Manner::default() };
    insta::assert_snapshot!(written_with("Good evening / friends. // [SLIDE 3] and/or [T]his\n\nNext", manner).0);
    // Chinese has no spaces about a mark; between characters a slash stays one.
    let chinese = written_with("各位，// 大家好！/ 今天，/和/或明天。", manner).0;
    assert_eq!(chinese.matches("\"pause\"").count(), 3, "{chinese}");
    assert!(chinese.contains("和/或"), "{chinese}");
    // Without the marks no space is left between them.
    let spaced = written_with("各位， // 大家好。/ 今天 [SLIDE 2] 是", manner).0;
    for words in ["#\"各位，\"", "#\"大家好。\"", "#\"今天\"", "#\"是\""] {
        assert!(spaced.contains(words), "{words} in {spaced}");
    }
}

#[test]
fn what_looks_like_code_prints_letter_for_letter() {
    let hostile = [
        "#read(\"/etc/passwd\")",
        "#import \"x.typ\": *",
        "{{ 7*7 }}",
        "{% raw %}",
        "$x$",
        "$5/$10",
        "@x",
        "<x>",
        "= x",
        "//",
        "::: text",
        "\u{5c}\u{5c}u{41}",
        "#let x = 1; x",
        "[^none]",
        "<name of member>",
    ];
    for text in hostile {
        let shown = text.replace("\\\\", "\\").replace('"', "'");
        for place in
            [text.to_owned(), format!("- {text}"), format!("> {text}"), format!("## {text}"), format!("| {text} |\n|---|\n| {text} |")]
        {
            let code = written(&place);
            assert!(printed(&code).replace(['“', '”'], "'").contains(&shown), "{place:?} gives {code}");
        }
        let code = written(&format!("`` {text} ``\n\n![{text}](gone.png)"));
        assert!(printed(&code).contains(text), "{code}");
    }
}

#[test]
fn a_number_at_the_start_of_a_line_stays() {
    assert!(printed(&written("Seen on\n1\\. April 2024")).contains("1. April 2024"));
    assert!(written("1999. A year").contains("start: 1999"));
}

#[test]
fn raw_html_keeps_its_words() {
    let text = printed(&written("<details><summary>More &amp; more</summary>inner</details>\n\n<b>bold <name></b>\n\n<p>open\n"));
    for word in ["More & more", "inner", "bold <name>", "open"] {
        assert!(text.contains(word), "{word}: {text}");
    }
}

#[test]
fn characters_that_nobody_sees_are_named() {
    let (code, warnings) = written_with("one\n\na\u{202e}b\u{200b}c", Manner { first_line: Some(5), ..Manner::default() });
    assert_eq!(printed(&code).split_whitespace().last(), Some("abc"));
    assert_eq!(warnings.first().map(|warning| (warning.code.as_str(), warning.line)), Some(("invisible-character", Some(7))));
}

#[test]
fn blanks_between_blocks_of_html_are_no_lines() {
    let code = written("<div>\n <p>one</p>\n </div>\n\n<ul>\n <li>two</li>\n</ul>\n");
    assert!(!code.contains("#\" "), "{code}");
}

#[test]
fn a_comment_that_never_ends_swallows_nothing() {
    let (code, warnings) = written_with("One\n\n<!-- two\n\nthree *four*\n", Manner { first_line: Some(5), ..Manner::default() });
    assert!(printed(&code).contains("three *four*"), "{code}");
    assert_eq!(warnings.first().map(|warning| (warning.code.as_str(), warning.line)), Some(("html-comment-open", Some(7))));
}

#[test]
fn what_is_nested_too_deep_is_set_flat_and_whole() {
    let lists: String = (0..400).map(|depth| format!("{}- item{depth}\n", "  ".repeat(depth))).collect();
    let code = written(&lists);
    assert!(code.matches("#list(").count() <= 10);
    assert!(printed(&code).lines().any(|line| line.trim() == "item399"), "{code}");
    for markdown in [">".repeat(10_000) + " deep", "- ".repeat(10_000) + "deep", "*".repeat(10_000) + "deep" + &"*".repeat(10_000)] {
        let code = written(&markdown);
        assert!(printed(&code).contains("deep"));
        assert!(depth(&typst::syntax::parse(&code)) < 200);
    }
}

fn depth(node: &typst::syntax::SyntaxNode) -> usize {
    1 + node.children().map(depth).max().unwrap_or(0)
}

#[test]
fn footnotes_in_circles_are_printed_once() {
    let text = printed(&written("A[^a]\n\n[^a]: first[^b]\n\n[^b]: second[^a]\n\n[^c]: alone\n"));
    for word in ["first", "second", "alone"] {
        assert_eq!(text.matches(word).count(), 1, "{word}: {text}");
    }
}

#[test]
fn headings_skip_no_level() {
    let code = written("#### Four\n\n###### Six\n\n# One\n\n#\n\n##### Five\n");
    let levels: Vec<&str> = code.match_indices("level: ").map(|(at, _)| &code[at + 7..at + 8]).collect();
    assert_eq!(levels, ["2", "3", "2", "3"]);
}

#[test]
fn an_address_breaks_only_where_a_part_is_longer_than_a_line() {
    assert!(!written("https://example.com/2026/the-minutes-of-the-executive-committee-of-november.html").contains('\u{200b}'));
    assert!(written(&format!("https://example.com/{}", "a".repeat(200))).contains('\u{200b}'));
}

#[test]
fn no_place_to_break_at_stands_in_a_thai_sentence_or_before_a_mark() {
    let thai = "ที่ประชุมมีมติอนุมัติงบประมาณและมอบหมายให้เป็นผู้กำกับดูแลการดำเนินงานทั้งหมดตามแผนที่กำหนดไว้";
    assert!(written(thai).contains(thai));
    let marked = written(&"e\u{301}\u{323}".repeat(60));
    assert!(marked.contains('\u{200b}'));
    assert!(!marked.contains("\u{200b}\u{301}") && !marked.contains("\u{200b}\u{323}"), "{marked}");
}

#[test]
fn what_no_page_can_hold_is_left_out() {
    assert_eq!(printed(&written("a\u{feff}b\u{1680}c\u{fffd}")), "ab c\u{fffd}\n");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_markdown_is_well_formed_typst(text in "([#*_`~<>\\[\\]()!|\\-+=:$@{}\\\\\"'&;/^ \n\t]|[a-z0-9]|你|\u{feff}|\u{1}){0,120}", speech: bool) {
        let manner = Manner { first_line: Some(1), title_line: Some(1), speech, ..Manner::default() };
        let code = written_with(&text, manner).0;
        let root = typst::syntax::parse(&code);
        prop_assert!(root.errors_and_warnings().0.is_empty(), "{:?} gives {}", text, code);
    }

    #[test]
    fn every_word_of_a_paragraph_is_printed(words in prop::collection::vec("[A-Za-z0-9äß你好]{1,60}", 1..60)) {
        let text = printed(&written(&words.join(" ")));
        let found: Vec<&str> = text.split_whitespace().collect();
        prop_assert_eq!(found, words.iter().map(String::as_str).collect::<Vec<_>>());
    }
}

#[test]
fn cells_beyond_the_columns_are_named() {
    let (_, warnings) =
        written_with("| a | b |\n|---|---|\n| 1 | 2 | 3 | four |\n| 1 |\n| 1 | 2 |\n", Manner { first_line: Some(1), ..Manner::default() });
    let told: Vec<_> =
        warnings.iter().map(|warning| (warning.code.as_str(), warning.line, warning.message.contains("`3 | four`"))).collect();
    assert_eq!(told, [("table-surplus", Some(3), true)]);
}

#[test]
fn lines_of_labels_stand_one_below_the_other() {
    for (markdown, stand) in [
        ("Time: 10:00\nPlace: Room 4\n**In the chair:** A. Lee\n", true),
        ("时间：上午九时\n地点：三楼会议室\n", true),
        ("He said this: come.\nAnd they came.\n", false),
        ("Time: 10:00\n", false),
        ("See https://example.org\nNote: it is new\n", false),
    ] {
        let code = written(markdown);
        assert_eq!(code.contains("#linebreak()"), stand, "{markdown}: {code}");
    }
}

/// A table with a head, one row of marks, and rows.
fn table(columns: usize, cell: &str) -> String {
    format!("|{}\n|{}\n|{}\n", " head |".repeat(columns), "--|".repeat(columns), format!(" {cell} |").repeat(columns))
}

#[test]
fn a_table_too_wide_for_the_paper_is_set_in_parts_that_begin_alike() {
    let text = table(40, "1,250").replacen(" 1,250", " ![first](gone.png) key", 1);
    let (code, warnings) = written_with(&text, Manner { first_line: Some(1), ..Manner::default() });
    let parts = code.matches("#table(").count();
    assert!(parts > 1 && code.contains(&format!("\"{parts}/{parts}\"")), "{code}");
    assert_eq!((code.matches("key").count(), code.matches("1,250").count()), (parts, 39));
    // What is said of the first column is said once.
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert_eq!(written(&table(9, "1,250")).matches("#table(").count(), 1);
    let html = format!("<table><tr>{}</tr><tr>{}</tr></table>", "<th>head</th>".repeat(40), "<td>1,250</td>".repeat(40));
    assert!(written(&html).matches("#table(").count() > 1);
}

#[test]
fn figures_stand_right_and_rows_on_one_page() {
    let sides = |text: &str| written(text).split("align: (").nth(1).and_then(|rest| rest.split(",)").next()).unwrap_or_default().to_owned();
    assert_eq!(
        sides("| Item | Cost | Note | Left |\n|--|--|--|:--|\n| 1 | £1,250.50 | 2 of 3 | 5 |\n| 2 | (3 %) | 4 | 6 |\n"),
        "auto, right, auto, left"
    );
    assert_eq!(sides("| a | b |\n|--|--|\n"), "auto, auto");
    assert!(!written(&table(3, "a few words")).contains("breakable"));
    assert!(written(&table(3, &"many words ".repeat(200))).contains("breakable: true"));
}

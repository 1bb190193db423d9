//! What a row makes of a note, and what it is told when it cannot.

use std::sync::Arc;

use chrono::DateTime;
use pulldown_cmark::Event;
use serde_json::json;

use super::*;
use crate::intake::Arrival;
use crate::model::Dropped;
use crate::reading::{Dialect, markdown_events, read, read_table};

const GUESTS: &str = "name,title,姓名,First name\nAda,Dr,张三,A\nBob,,李四,B\n*x* <b>_y_ `#1.`,\"a\nb | c\",x, s\n";

fn dropped(name: &str, text: &str) -> Dropped {
    Dropped { path: name.into(), name: name.to_owned(), modified: DateTime::UNIX_EPOCH, bytes: Arc::from(text.as_bytes()) }
}

fn note(name: &str, text: &str) -> Submission {
    let company = vec![dropped("guests.csv", GUESTS), dropped("plan.txt", "x")];
    read(&Arrival { company, ..Arrival::alone(dropped(name, text)) }).expect("a note")
}

fn with_row(text: &str, row: usize) -> Checked<Submission> {
    let table = read_table("guests.csv", GUESTS.as_bytes()).expect("a table").0;
    merge(&note("n.md", text), &table, &table.row(row))
}

fn body(text: &str, row: usize) -> String {
    with_row(text, row).unwrap_or_else(|problems| panic!("{problems}")).body.text
}

fn problems(text: &str, row: usize) -> Vec<(String, Option<String>, Option<u32>)> {
    let problems = with_row(text, row).expect_err("problems").into_vec();
    problems.into_iter().map(|problem| (problem.code, problem.file, problem.line)).collect()
}

/// The words that Markdown prints.
fn printed(markdown: &str) -> String {
    let texts = markdown_events(markdown, Dialect::default()).into_iter().filter_map(|(event, _)| match event {
        Event::Text(text) | Event::Code(text) | Event::InlineHtml(text) | Event::Html(text) => Some(text.to_string()),
        Event::SoftBreak | Event::HardBreak => Some("<break>".to_owned()),
        _ => None,
    });
    texts.collect()
}

#[test]
fn a_row_fills_fields_and_body() {
    let text = "---\ntitle: Invitation for {{ row.name }}\nrows: guests.csv\nwho:\n  - {name: \"{{ row.姓名 }}\"}\n---\nDear {{ row.title }} {{row.name}} ({{ row[\"First name\"] }})\n";
    let merged = with_row(text, 0).expect("merged");
    assert_eq!(merged.body.text, "Dear Dr Ada (A)\n");
    assert_eq!(Value::Object(merged.fields.values), json!({"title": "Invitation for Ada", "who": [{"name": "张三"}]}));
    let names: Vec<&str> = merged.company.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["plan.txt", "row.json"]);
    let row: Value = serde_json::from_slice(&merged.company[1].bytes).expect("json");
    assert_eq!(row, json!({"name": "Ada", "title": "Dr", "姓名": "张三", "First name": "A"}));
    assert!(merged.rows.is_none() && merged.source == note("n.md", text).source);
}

#[test]
fn cells_print_letter_for_letter_and_break_nothing() {
    let cell = "*x* <b>_y_ `#1.`";
    assert_eq!(printed(&body("{{ row.name }}", 2)), cell);
    assert_eq!(printed(&body("# {{ row.title }}\n", 2)), "a\nb | c");
    assert_eq!(printed(&body("| h |\n|---|\n| {{ row.title }} |\n", 2)), "ha\nb | c");
    assert_eq!(printed(&body("{{ row[\"First name\"] }}x", 2)), " sx");
    let plain = with_row("---\ntitle: \"{{ row.name }}\"\n---\nx", 2).expect("merged");
    assert_eq!(plain.fields.values["title"], json!(cell));
    let table = read_table("guests.csv", GUESTS.as_bytes()).expect("a table").0;
    let text = merge(&note("n.txt", "{{ row.name }}"), &table, &table.row(2)).expect("merged");
    assert_eq!(text.body.text, cell);
}

#[test]
fn every_empty_or_unknown_cell_is_told_by_row_and_column() {
    let table = Some("guests.csv".to_owned());
    let text = "---\nsubject: \"{{ row.titel }}\"\n---\nDear {{ row.title | upper }} {{ row.name }}\n";
    let expected = [("column-unknown".to_owned(), table.clone(), Some(3)), ("cell-empty".to_owned(), table.clone(), Some(3))];
    assert_eq!(problems(text, 1), expected);
    let told = with_row("{{ row.title }}", 1).expect_err("a problem").to_string();
    assert!(told.starts_with("guests.csv, line 3: the column \"title\" is empty\n"), "{told}");
    assert_eq!(problems("{{ row.name ~ row.title }}", 1)[0].0, "cell-empty");
    assert_eq!(body("{{ row.title | default(value=\"Friend\") }}{% if row.title %}, {{ row.title }}{% endif %}", 1), "Friend");
    assert_eq!(body("{{ row.name ~ \"/\" ~ row.title }}", 0), "Ada\\/Dr");
}

#[test]
fn a_slip_in_the_template_is_told_at_the_notes_own_line() {
    let file = Some("n.md".to_owned());
    for (tag, code) in [
        ("{{ row.name", "template-syntax"),
        ("{% if %}", "template-syntax"),
        ("{{ row.name | shout }}", "template-syntax"),
        ("{{ name }}", "template-failed"),
        ("{% include \"x\" %}", "template-refused"),
        ("{% set a = 1 %}", "template-refused"),
        ("{%- component a() %}{% endcomponent a %}", "template-refused"),
        ("{% for a in row.name %}{% for b in row.name %}{% endfor %}{% endfor %}", "template-refused"),
        ("{{ [x for x in row.name] }}", "template-refused"),
        ("{% for i in range(end=10001) %}{% endfor %}", "template-failed"),
        ("{{ get_env(name=\"HOME\") }}", "template-syntax"),
        ("{{ now() }}", "template-syntax"),
        ("{{ row.name | indent(width=1000000000) }}", "template-failed"),
    ] {
        let text = format!("---\ntitle: A\n---\n\nfirst\n{tag}\n");
        assert_eq!(problems(&text, 0), [(code.to_owned(), file.clone(), Some(6))], "{tag}");
    }
}

#[test]
fn what_a_template_makes_is_bounded() {
    let bomb = format!("{{% for i in range(end=10000) %}}{}{{% endfor %}}", "x".repeat(1_000));
    assert_eq!(problems(&bomb, 0)[0].0, "template-too-long");
    let grow = "{{ \"aaaaaaaaaa\"".to_owned() + &" | replace(from=\"a\", to=\"aaaaaaaaaa\")".repeat(12) + " }}";
    assert_eq!(problems(&grow, 0)[0].0, "template-failed");
}

#[test]
fn a_comment_or_raw_stretch_is_no_tag() {
    assert_eq!(body("{# {% set x %} #}{% raw %}{{ row.x }}{% set %}{% endraw %}{{ row.name }}", 0), "{{ row.x }}{% set %}Ada");
    assert_eq!(body("{{ 'a }} b' }}", 0), "a \\}\\} b");
}

#[test]
fn a_rows_key_is_its_id_or_its_content() {
    let table = read_table("t.csv", b"ID,name\n7,A\n,B\n,C\n").expect("a table").0;
    assert_eq!(row_key(&table, &table.row(0)), "7");
    let (b, c) = (row_key(&table, &table.row(1)), row_key(&table, &table.row(2)));
    assert!(b != c && b.len() == 12);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 200, ..proptest::prelude::ProptestConfig::default() })]

    #[test]
    fn no_template_makes_it_panic(text in "([{]{1,2}|[}]{1,2}|[{]%|%[}]|[{]#|row[.]|row\\[\"|\"|'|name|姓名|for|in|if|raw|endraw|~|\n| |[|]|-|x|）){0,40}") {
        let _ = with_row(&format!("Body {text}\n"), 0);
    }

    #[test]
    fn a_cell_prints_letter_for_letter(cell in "[ -~äß张]{1,30}") {
        proptest::prop_assume!(!cell.trim().is_empty());
        let table = Table::of_columns("t.csv", ["name".to_owned()]);
        let row = Row { line: 2, cells: vec![Value::String(cell.clone())] };
        let merged = merge(&note("n.md", "x{{ row.name }}\n"), &table, &row).expect("merged");
        proptest::prop_assert_eq!(printed(&merged.body.text), format!("x{cell}"));
    }
}

#[test]
fn cells_in_code_stand_without_escapes() {
    let body =
        body("Pay `{{ row.title }}` or\n\n```\n{{ row.title }} {{ row.nope | default(value=\"*\") }}\n```\n\nTo {{ row.title }}\n", 2);
    assert!(body.starts_with("Pay `a b | c` or"), "{body}");
    assert!(body.contains("```\na b | c *\n```") && body.contains("To a&#10;b \\| c"), "{body}");
}

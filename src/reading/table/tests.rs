//! What tables are read as, and that a row read by itself is the row that a reader of the whole table gives.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn table(name: &str, text: &str) -> Table {
    read(name, text.as_bytes()).unwrap_or_else(|problems| panic!("{problems}")).0
}

fn wrong(name: &str, text: &str) -> Vec<(String, Option<u32>)> {
    let problems = read(name, text.as_bytes()).expect_err("problems").into_vec();
    problems.into_iter().map(|problem| (problem.code, problem.line)).collect()
}

fn lines(table: &Table) -> Vec<u32> {
    table.rows().map(|row| row.line).collect()
}

#[test]
fn delimiters_are_detected_and_rows_keep_their_lines() {
    for (text, columns) in [
        ("a;b\n1,5;2\n\n3;\"x\ny\"\n5;6\n", 2),
        ("a\tb\n1,5\t2\n\n3\t\"x\ny\"\n5\t6\n", 2),
        ("a|b\n1|2\n\n3|\"x\ny\"\n5|6\n", 2),
        ("name\n1\n\n\"x\ny\"\n5\n", 1),
    ] {
        let table = table("t.csv", text);
        assert_eq!((table.columns.len(), lines(&table)), (columns, vec![2, 4, 6]), "{text:?}");
    }
    let table = table("t.csv", "sep=;\na;b\n1;2,3\n;\n4;5;;\n");
    assert_eq!((table.columns.to_vec(), table.row(0).cells[1].as_str()), (vec!["a".to_owned(), "b".to_owned()], Some("2,3")));
    assert_eq!(lines(&table), [3, 5]);
}

#[test]
fn every_line_that_does_not_fit_is_told() {
    let ragged = "ragged-row".to_owned();
    assert_eq!(wrong("t.csv", "a,b\n1,2\n3\n4,5,6\n7,8\n"), [(ragged.clone(), Some(3)), (ragged.clone(), Some(4))]);
    assert_eq!(wrong("t.csv", "sep=;\na;b\n1\n"), [(ragged.clone(), Some(3))]);
    assert_eq!(wrong("t.csv", "a,,b,a\n1,2,3,4\n"), [("column-unnamed".to_owned(), Some(1)), ("duplicate-column".to_owned(), Some(1))]);
    assert_eq!(wrong("t.csv", "a,b\n1,2\n3,\"open\n4,5\n").last(), Some(&("quote-unclosed".to_owned(), Some(3))));
    assert_eq!(wrong("t.csv", "a,b\n"), [("no-rows".to_owned(), None)]);
    assert_eq!(wrong("t.docx", "PK"), [("format-unknown".to_owned(), None)]);
    assert_eq!(wrong("t.jsonl", "{\"a\": 1}\n[2]\n{\"a\": \n"), [(ragged, Some(2)), ("data-syntax".to_owned(), Some(3))]);
    let all = wrong("t.csv", &format!("a,b\n{}", "1\n".repeat(100_000)));
    assert_eq!((all.len(), all[48].1, all[49].0.as_str()), (50, Some(50), "more-problems"));
    let quoted = read("t.csv", b"a,b\n\n\n1\n").expect_err("a problem").into_vec();
    assert_eq!((quoted[0].line, quoted[0].excerpt.as_deref()), (Some(4), Some("1")));
}

#[test]
fn json_rows_have_the_columns_of_all() {
    for (name, text) in [("t.jsonl", "{\"a\": 1.50}\n\n{\"b\": \"x\"}\n"), ("t.json", "[{\"a\": 1.50},\n\n{\"b\": \"x\"}]")] {
        let table = table(name, text);
        assert_eq!(table.columns.to_vec(), ["a", "b"]);
        assert_eq!(lines(&table), [1, 3]);
        assert_eq!(table.row(0).cells, [Value::String("1.50".to_owned()), Value::Null]);
        assert_eq!(table.row(1).cells, [Value::Null, json!("x")]);
    }
}

#[test]
fn a_json_list_is_told_what_is_wrong_at_its_line() {
    let told = |text: &str| read("t.json", text.as_bytes()).expect_err("problems").into_vec();
    let found = told("[{\"a\": 1},\n 2,\n\n {\"a\": 1, \"a\": 2}]");
    let places: Vec<_> = found.iter().map(|problem| (problem.code.as_str(), problem.line, problem.column)).collect();
    assert_eq!(places, [("ragged-row", Some(2), None), ("duplicate-key", Some(4), Some(11))]);
    assert_eq!(told("[{\"a\": 1},\n {]")[0].line, Some(2));
    assert_eq!(told("[]")[0].code, "no-rows");
}

#[test]
fn a_table_survives_the_way_to_another_process_and_a_forged_one_is_refused() {
    for (name, text) in [("t.csv", "sep=;\nä;b\nö;\"x\n\"\"y\"\n\n;2\n"), ("t.jsonl", "{\"a\": [1, {\"b\": null}]}\n{\"a\": \"ß\"}\n")] {
        let table = table(name, text);
        let sent = serde_json::to_value(&table).expect("serialised");
        let received: Table = serde_json::from_value(sent.clone()).expect("received");
        assert_eq!(received, table);
        assert_eq!(received.rows().collect::<Vec<_>>(), table.rows().collect::<Vec<_>>());
        let places = |bytes: &[u8]| {
            let mut forged = sent.clone();
            forged["records"]["places"] = json!(base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes));
            serde_json::from_value::<Table>(forged)
        };
        assert!(places(&[255; 8]).is_err() && places(&[0; 16]).is_err());
        let mut forged = sent.clone();
        forged["records"]["text"] = json!(text.replace(['{', '\n'], "}"));
        if let Ok(forged) = serde_json::from_value::<Table>(forged) {
            assert!(forged.rows().all(|row| row.cells.len() == table.columns.len()));
        }
    }
}

#[test]
fn a_number_of_rows_or_cells_is_named_with_its_limit() {
    let problem = too_many(limits::ROWS + 1, 1).expect("a problem");
    assert_eq!(problem.message, "The table has more than 1,000,000 rows, which is the limit.");
    let problem = too_many(limits::ROWS, 21).expect("a problem");
    assert_eq!(problem.message, "The table has more than 20,000,000 cells, which is the limit.");
    assert!(too_many(limits::ROWS, 20).is_none());
}

/// Cells as they are written, and as they are read.
fn cell() -> impl Strategy<Value = String> {
    "[a-c0-9äß张 \u{feff}\",;|\t\r\n']{0,6}"
}

fn quoted(cell: &str, always: bool) -> String {
    let plain = !always && !cell.contains(['"', ',', ';', '\t', '|', '\r', '\n']);
    if plain { cell.to_owned() } else { format!("\"{}\"", cell.replace('"', "\"\"")) }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// The rows of a table are those that a CSV reader gives that reads it in one go.
    #[test]
    fn rows_read_alone_are_the_rows_read_together(
        rows in proptest::collection::vec((proptest::collection::vec(cell(), 3), any::<bool>(), 0..3usize), 1..12),
        (crlf, bom, sep) in any::<(bool, bool, bool)>(),
    ) {
        let end = if crlf { "\r\n" } else { "\n" };
        let delimiter = if sep { ";" } else { "," };
        let mut text = String::from(if sep { "sep=;" } else { "" });
        text.push_str(if sep { end } else { "" });
        text.push_str(&["one", "two", "three"].join(delimiter));
        for (cells, always, blank) in &rows {
            text.push_str(&end.repeat(blank + 1));
            text.push_str(&cells.iter().map(|cell| quoted(cell, *always)).collect::<Vec<_>>().join(delimiter));
        }
        let unified = |cell: &str| cell.replace("\r\n", "\n").replace('\r', "\n");
        let expected: Vec<Vec<Value>> = rows
            .iter()
            .map(|(cells, ..)| cells.iter().map(|cell| unified(cell)).collect::<Vec<_>>())
            .filter(|cells| cells.iter().any(|cell| !cell.trim().is_empty()))
            .map(|cells| cells.into_iter().map(Value::String).collect())
            .collect();
        let bytes = [if bom { &b"\xef\xbb\xbf"[..] } else { b"" }, text.as_bytes()].concat();
        match read("t.csv", &bytes) {
            Ok((table, _)) => {
                let found: Vec<_> = table.rows().map(|row| row.cells).collect();
                prop_assert_eq!(found, expected, "{:?}", text);
                let text = unified(&text);
                let all: Vec<&str> = text.split('\n').collect();
                for row in table.rows() {
                    let first = row.cells[0].as_str().unwrap_or_default().split('\n').next().unwrap_or_default().replace('"', "\"\"");
                    prop_assert!(all[row.line as usize - 1].contains(&first), "{} of {:?}", row.line, text);
                }
            }
            Err(problems) => prop_assert!(expected.is_empty(), "{}", problems),
        }
    }

    #[test]
    fn json_rows_read_alone_are_the_rows_read_together(
        values in proptest::collection::vec("[a-c\"\\\\\n\t{}\\[\\], äß]{0,8}", 1..10),
        list in any::<bool>(),
    ) {
        let objects: Vec<Value> = values.iter().enumerate().map(|(index, value)| json!({"a": value, "n": index, "l": [value]})).collect();
        let texts: Vec<String> = objects.iter().map(|object| if list { format!("{object:#}") } else { object.to_string() }).collect();
        let text = if list { format!(" [\n{}\n]\n", texts.join(" ,\n\n")) } else { texts.join("\n\n") };
        let table = table(if list { "t.json" } else { "t.jsonl" }, &text);
        let all: Vec<&str> = text.split('\n').collect();
        prop_assert_eq!(table.len(), objects.len());
        for (row, object) in table.rows().zip(&objects) {
            prop_assert_eq!(&row.cells, &[&object["a"], &object["n"], &object["l"]].map(Clone::clone));
            prop_assert!(all[row.line as usize - 1].starts_with('{'), "{} of {}", row.line, text);
        }
    }

    /// Anything at all: a table that is read has rows of its width, each at a line of its own.
    #[test]
    fn no_table_makes_it_panic(text in "[a{}\\[\\]:,;\"\n\r\t|x1 \u{feff}]{0,80}", ending in "csv|jsonl|json|tsv") {
        if let Ok((table, _)) = read(&format!("t.{ending}"), text.as_bytes()) {
            prop_assert!(table.rows().all(|row| row.cells.len() == table.columns.len()));
            prop_assert!(lines(&table).is_sorted_by(|one, next| one < next || ending.starts_with("json") && one == next));
        }
    }
}

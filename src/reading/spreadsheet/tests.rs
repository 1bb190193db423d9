//! Workbooks made here, sound ones and others.

use std::io::Write as _;

use proptest::prelude::*;
use serde_json::{Value, json};
use zip::write::SimpleFileOptions;

use crate::reading::{Table, read_table};

const MIMETYPE: &str = "application/vnd.oasis.opendocument.spreadsheet";

fn package(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).expect("an entry");
        zip.write_all(text.as_bytes()).expect("written");
    }
    zip.finish().expect("a package").into_inner()
}

/// A workbook of sheets: name, state, rows. Styles 1 to 4 are a date, a date with time, a time, and hours.
fn xlsx_with(sheets: &[(&str, &str, &str)], strings: &str) -> Vec<u8> {
    let numbered = || (1..).zip(sheets);
    let list: String = numbered()
        .map(|(n, (name, state, _))| format!("<sheet name=\"{name}\" sheetId=\"{n}\" state=\"{state}\" r:id=\"r{n}\"/>"))
        .collect();
    let relations: String =
        numbered().map(|(n, _)| format!("<Relationship Id=\"r{n}\" Type=\"x/worksheet\" Target=\"worksheets/sheet{n}.xml\"/>")).collect();
    let formats: String = [0, 14, 22, 20, 46].iter().map(|format| format!("<xf numFmtId=\"{format}\"/>")).collect();
    let mut parts = vec![
        (
            "_rels/.rels".to_owned(),
            "<Relationships><Relationship Type=\"x/relationships/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>".to_owned(),
        ),
        ("xl/workbook.xml".to_owned(), format!("<workbook><sheets>{list}</sheets></workbook>")),
        ("xl/_rels/workbook.xml.rels".to_owned(), format!("<Relationships>{relations}</Relationships>")),
        ("xl/styles.xml".to_owned(), format!("<styleSheet><cellXfs>{formats}</cellXfs></styleSheet>")),
        ("xl/sharedStrings.xml".to_owned(), strings.to_owned()),
    ];
    parts.extend(
        numbered().map(|(n, (_, _, rows))| {
            (format!("xl/worksheets/sheet{n}.xml"), format!("<worksheet><sheetData>{rows}</sheetData></worksheet>"))
        }),
    );
    package(&parts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect::<Vec<_>>())
}

fn xlsx(rows: &str) -> Vec<u8> {
    xlsx_with(&[("Guests", "visible", rows)], "<sst></sst>")
}

fn ods(styles: &str, tables: &str) -> Vec<u8> {
    let content = format!(
        "<office:document-content><office:automatic-styles>{styles}</office:automatic-styles>\
         <office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    );
    package(&[("mimetype", MIMETYPE), ("content.xml", &content), ("META-INF/manifest.xml", "<manifest:manifest/>")])
}

fn text_of(cell: &str) -> String {
    format!("<c t=\"inlineStr\" r=\"{}\"><is><t xml:space=\"preserve\">{}</t></is></c>", &cell[..2], &cell[3..])
}

fn table(name: &str, bytes: &[u8]) -> (Table, Vec<String>) {
    let (table, warnings) = read_table(name, bytes).unwrap_or_else(|problems| panic!("{problems}"));
    (table, warnings.into_iter().map(|warning| warning.message).collect())
}

fn rows(table: &Table) -> Vec<(u32, Vec<Value>)> {
    table.rows().map(|row| (row.line, row.cells)).collect()
}

fn wrong(name: &str, bytes: &[u8]) -> Vec<(String, String)> {
    let problems = read_table(name, bytes).expect_err("problems").into_vec();
    problems.into_iter().map(|problem| (problem.code.clone(), problem.to_string())).collect()
}

#[test]
fn a_workbook_is_read_as_it_is_shown() {
    let names: String = ["A2=name", "B2=born", "C2=met", "D2=at", "E2=hours", "F2=sum", "G2=here"].map(text_of).concat();
    let bytes = xlsx(&format!(
        "<row r=\"2\">{names}</row><row r=\"4\">{}<c r=\"B4\" s=\"1\"><v>46355</v></c><c r=\"C4\" s=\"2\"><v>46355.604166666664</v></c>\
         <c r=\"D4\" s=\"3\"><v>0.375</v></c><c r=\"E4\" s=\"4\"><v>1.5</v></c><c r=\"F4\"><f>A1*2</f><v>1234.50</v></c><c r=\"G4\" t=\"b\"><v>1</v></c></row>\
         <row r=\"7\"><c r=\"F7\"><v>3</v></c></row>",
        text_of("A4=Ada, \"Countess\"_x000D_\nL.")
    ));
    let (table, warnings) = table("guests.xlsx", &bytes);
    assert_eq!(table.columns.to_vec(), ["name", "born", "met", "at", "hours", "sum", "here"]);
    let first = ["Ada, \"Countess\"\nL.", "2026-11-29", "2026-11-29 14:30", "09:00", "36:00", "1234.5", "true"];
    let second = ["", "", "", "", "", "3", ""];
    assert_eq!(rows(&table), [(4, first.map(Value::from).to_vec()), (7, second.map(Value::from).to_vec())]);
    assert!(warnings.is_empty());
    assert_eq!(table.place(&table.row(1)), "row 7");
}

#[test]
fn the_first_shown_sheet_with_content_is_taken_and_named() {
    let (rows_of, empty) =
        (|text: &str| format!("<row>{}</row><row>{}</row>", text_of("A1=name"), text_of(&format!("A2={text}"))), String::new());
    let sheets = [
        ("Secret", "hidden", &*rows_of("no")),
        ("Blank", "visible", &*empty),
        ("Guests", "visible", &*rows_of("Ada")),
        ("Old", "visible", &*rows_of("Bob")),
    ];
    let (taken, warnings) = table("g.xlsx", &xlsx_with(&sheets, "<sst></sst>"));
    assert_eq!(taken.row(0).cells, [json!("Ada")]);
    assert_eq!(warnings, ["g.xlsx: The rows are those of the sheet “Guests”; the other sheets of the file are not looked at."]);
    let (taken, warnings) = table("g.xlsx", &xlsx_with(&sheets[..2], "<sst></sst>"));
    assert_eq!((taken.row(0).cells, warnings.len()), (vec![json!("no")], 0));
    assert_eq!(wrong("g.xlsx", &xlsx_with(&sheets[1..2], "<sst></sst>"))[0].0, "no-rows");
}

#[test]
fn an_open_document_is_read_alike() {
    let cell = |attributes: &str, text: &str| format!("<table:table-cell {attributes}><text:p>{text}</text:p></table:table-cell>");
    let names: String = ["name", "day", "at", "sum", "ok"].map(|name| cell("office:value-type=\"string\"", name)).concat();
    let shown = format!(
        "<table:table table:name=\"Guests\"><table:table-column table:number-columns-repeated=\"5\"/>\
         <table:table-row table:number-rows-repeated=\"2\"><table:table-cell table:number-columns-repeated=\"1024\"/></table:table-row>\
         <table:table-header-rows><table:table-row>{names}</table:table-row></table:table-header-rows>\
         <table:table-row table:visibility=\"filter\" table:number-rows-repeated=\"2\">\
         <table:table-cell office:value-type=\"string\"><office:annotation><text:p>a note</text:p></office:annotation>\
         <text:p>Ada &amp; <text:span>B</text:span><text:s text:c=\"3\"/>&#67;</text:p><text:p>L.</text:p></table:table-cell>{}{}{}{}</table:table-row>\
         <table:table-row table:number-rows-repeated=\"1048000\"><table:table-cell table:number-columns-repeated=\"1024\"/></table:table-row></table:table>",
        cell("office:value-type=\"date\" office:date-value=\"2026-11-29T00:00:00\"", "29.11.26"),
        cell("office:value-type=\"time\" office:time-value=\"PT14H30M00S\"", "14:30"),
        cell("office:value-type=\"currency\" office:value=\"1234.50\"", "1.234,50 €"),
        cell("office:value-type=\"boolean\" office:boolean-value=\"false\"", "FALSCH"),
    );
    let styles = "<style:style style:name=\"h\"><style:table-properties table:display=\"false\"/></style:style>";
    let hidden = "<table:table table:name=\"x\" table:style-name=\"h\"><table:table-row><table:table-cell office:value-type=\"float\" office:value=\"1\"/></table:table-row></table:table>";
    let (taken, warnings) = table("g.ods", &ods(styles, &format!("{hidden}{shown}")));
    assert_eq!(taken.columns.to_vec(), ["name", "day", "at", "sum", "ok"]);
    let cells = ["Ada & B   C\nL.", "2026-11-29", "14:30", "1234.5", "false"].map(Value::from).to_vec();
    assert_eq!(rows(&taken), [(4, cells.clone()), (5, cells)]);
    assert_eq!(warnings, ["g.ods: Rows of the sheet “Guests” that are hidden were taken too."]);
}

#[test]
fn each_cell_that_cannot_be_taken_is_named() {
    let rows = format!(
        "<row r=\"1\">{}</row><row r=\"2\">{}<c r=\"C2\" t=\"e\"><v>#REF!</v></c></row><row r=\"3\">{}<c r=\"C3\" t=\"e\"><v>#SPILL!</v></c></row>",
        ["A1=name", "C1=sum"].map(text_of).concat(),
        text_of("A2=Ada"),
        ["A3=Bob", "B3=stray"].map(text_of).concat()
    );
    let told: Vec<String> =
        wrong("g.xlsx", &xlsx(&rows)).into_iter().map(|(_, told)| told.lines().next().unwrap_or_default().to_owned()).collect();
    let expected = [
        "g.xlsx: sheet “Guests”, row 2: column C: the cell holds the error #REF!.",
        "g.xlsx: sheet “Guests”, row 3: a cell in this row or the next holds the error #SPILL!.",
        "g.xlsx: sheet “Guests”, row 3: column B has a cell here but no name.",
    ];
    assert_eq!(told, expected);
    let failed = "<table:table table:name=\"S\"><table:table-row><table:table-cell office:value-type=\"string\"><text:p>a</text:p></table:table-cell></table:table-row>\
         <table:table-row><table:table-cell table:formula=\"x\" calcext:value-type=\"error\" office:value-type=\"string\" office:string-value=\"\"><text:p>#N/A</text:p></table:table-cell></table:table-row></table:table>";
    assert!(wrong("g.ods", &ods("", failed))[0].1.starts_with("g.ods: sheet “S”, row 2: column A: the cell holds the error #N/A."));
}

#[test]
fn what_is_no_sound_workbook_is_one_clear_problem() {
    let good = xlsx(&format!("<row>{}</row><row>{}</row>", text_of("A1=a"), text_of("A2=b")));
    let compound = |text: &str| {
        [&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1][..], &text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()]
            .concat()
    };
    let one = |name: &str, bytes: &[u8]| {
        let problems = wrong(name, bytes);
        assert_eq!(problems.len(), 1, "{problems:?}");
        problems[0].0.clone()
    };
    assert_eq!(one("g.xlsx", &compound("EncryptedPackage")), "spreadsheet-protected");
    assert_eq!(one("g.xlsx", &compound("Workbook")), "format-unknown");
    assert_eq!(one("g.xls", b"x"), "format-unknown");
    assert_eq!(one("g.numbers", &good), "format-unknown");
    assert_eq!(one("g.xlsx", b"name\nAda\n"), "not-a-spreadsheet");
    assert_eq!(one("g.xlsx", &package(&[("word/document.xml", "<x/>"), ("_rels/.rels", "<x/>")])), "not-a-spreadsheet");
    assert_eq!(one("g.xlsx", &package(&[("Index/Document.iwa", "x")])), "not-a-spreadsheet");
    for end in [2, 10, good.len() / 2, good.len() - 10] {
        assert_eq!(one("g.xlsx", &good[..end]), "spreadsheet-damaged", "{end}");
    }
    let locked = package(&[("mimetype", MIMETYPE), ("content.xml", "x"), ("META-INF/manifest.xml", "<m><manifest:encryption-data/></m>")]);
    assert_eq!(one("g.ods", &locked), "spreadsheet-protected");
    assert_eq!(one("g.ods", &ods("", "<table:table><table:table-row>")), "spreadsheet-damaged");
    assert_eq!(
        one("g.xlsx", &xlsx("<row r=\"9\"><c r=\"A9\"><v>1</v></c></row><row r=\"2\"><c r=\"A2\"><v>1</v></c></row>")),
        "spreadsheet-damaged"
    );
}

#[test]
fn what_would_grow_out_of_bounds_is_refused() {
    let one = |name: &str, bytes: &[u8]| wrong(name, bytes)[0].clone();
    let bomb = package(&[("_rels/.rels", "<x/>"), ("xl/workbook.xml", &" ".repeat(20 << 20))]);
    assert!(bomb.len() < 1 << 20);
    let (code, told) = one("g.xlsx", &bomb);
    assert!(code == "spreadsheet-too-large" && told.contains("200 times"), "{told}");
    let many: Vec<(String, &str)> = (0..10_001).map(|n| (format!("p{n}"), "")).collect();
    let many = package(&many.iter().map(|(name, text)| (name.as_str(), *text)).collect::<Vec<_>>());
    assert!(one("g.xlsx", &many).1.contains("10000 files"));
    let counted = xlsx_with(&[("S", "visible", "")], "<sst uniqueCount=\"99999999999\"></sst>");
    assert_eq!(one("g.xlsx", &counted).0, "spreadsheet-damaged");
    // Cells far out, and cells that stand for millions.
    let far = xlsx("<row r=\"1\"><c r=\"A1\"><v>1</v></c></row><row r=\"1048576\"><c r=\"A1048576\"><v>2</v></c></row>");
    assert_eq!(rows(&table("g.xlsx", &far).0), [(1_048_576, vec![json!("2")])]);
    assert_eq!(
        one("g.xlsx", &xlsx("<row r=\"1\"><c r=\"A1\"><v>1</v></c></row><row r=\"2\"><c r=\"XFD2\"><v>2</v></c></row>")).0,
        "column-unnamed"
    );
    let wide = "<table:table><table:table-row><table:table-cell office:value-type=\"float\" office:value=\"1\" table:number-columns-repeated=\"999999999999\"/></table:table-row></table:table>";
    assert_eq!(one("g.ods", &ods("", wide)).0, "spreadsheet-damaged");
    let long = "<table:table><table:table-row><table:table-cell office:value-type=\"string\"><text:p>a</text:p></table:table-cell></table:table-row>\
         <table:table-row table:number-rows-repeated=\"99999999999\"><table:table-cell office:value-type=\"string\"><text:p>b</text:p></table:table-cell></table:table-row></table:table>";
    assert_eq!(one("g.ods", &ods("", long)).0, "too-many-rows");
    let blanks = long.replace("99999999999", "1").replace("<text:p>b", "<text:p><text:s text:c=\"99999999999\"/>b");
    assert_eq!(rows(&table("g.ods", &ods("", &blanks)).0)[0].1, [json!(" ".repeat(1000) + "b")]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    /// Whatever stands in the cells comes out of them, in both forms.
    #[test]
    fn cells_come_out_as_they_went_in(cells in proptest::collection::vec(proptest::collection::vec("[a-c0-9äß张 ,\"\n;]{0,6}", 3), 1..8)) {
        let escape = |text: &str| text.replace('"', "&quot;");
        let names = ["one", "two", "three"].map(str::to_owned).to_vec();
        let all: Vec<&Vec<String>> = std::iter::once(&names).chain(&cells).collect();
        let in_xlsx = |row: &&Vec<String>| {
            let cells: String = row.iter().map(|text| format!("<c t=\"inlineStr\"><is><t xml:space=\"preserve\">{}</t></is></c>", escape(text))).collect();
            format!("<row>{cells}</row>")
        };
        let in_ods = |row: &&Vec<String>| {
            let cells: String = row.iter().map(|text| {
                let paragraphs: String = text.split('\n').map(|line| format!("<text:p>{}</text:p>", escape(line))).collect();
                format!("<table:table-cell office:value-type=\"string\">{paragraphs}</table:table-cell>")
            }).collect();
            format!("<table:table-row>{cells}</table:table-row>")
        };
        let expected: Vec<(u32, Vec<Value>)> = (2..)
            .zip(&cells)
            .filter(|(_, cells)| cells.iter().any(|cell| !cell.trim().is_empty()))
            .map(|(row, cells)| (row, cells.iter().map(|cell| if cell.trim().is_empty() { json!("") } else { json!(cell) }).collect()))
            .collect();
        let of_ods = format!("<table:table table:name=\"S\">{}</table:table>", all.iter().map(in_ods).collect::<String>());
        for (name, bytes) in [("g.xlsx", xlsx(&all.iter().map(in_xlsx).collect::<String>())), ("g.ods", ods("", &of_ods))] {
            match read_table(name, &bytes) {
                Ok((table, _)) => prop_assert_eq!(rows(&table), expected.clone(), "{}", name),
                Err(problems) => prop_assert!(expected.is_empty(), "{}", problems),
            }
        }
    }

    /// A workbook with bytes that are others, or with tags that are none of it, never makes it panic or run on.
    #[test]
    fn no_workbook_makes_it_panic(
        rows in "(<row r=\"[0-9]{1,3}\">|</row>|<row>|<c( r=\"[A-C][0-9]{1,2}\")?( t=\"(s|b|e|n|d|str)\")?( s=\"[0-9]\")?>|</c>|<v>|</v>|<f/>|[0-9.x#]){0,30}",
        tags in "(<table:table>|</table:table>|<table:table-row( table:number-rows-repeated=\"[0-9]{1,4}\")?>|</table:table-row>|<table:table-cell( office:value-type=\"(float|date|time|string)\" office:(value|date-value|time-value)=\"[0-9PTHMS:-]{0,8}\")?>|</table:table-cell>|<text:p>|</text:p>|<text:s/>|&amp;|&x;|a){0,30}",
        flips in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 0..4),
    ) {
        for (name, mut bytes) in [("g.xlsx", xlsx(&rows)), ("g.ods", ods("", &tags))] {
            for (index, byte) in &flips {
                let at = index.index(bytes.len());
                bytes[at] = *byte;
            }
            if let Ok((table, _)) = read_table(name, &bytes) {
                prop_assert!(table.rows().all(|row| row.cells.len() == table.columns.len()));
            }
        }
    }
}

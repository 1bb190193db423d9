//! Letters stand on their sheets as letters of their country do, and nothing on them covers anything else. Measures are in
//! millimetres from the upper left corner, as pdftotext and pdftoppm see the page.

use std::path::Path;
use std::process::Command;

use crate::cli::{chancery, json_lines};

const ORGANISATION: &str = "[organisation]\nname = \"Harbour Hill Trading\"\naddress = [\"8 Wing Hing Street\", \"Hong Kong\"]\n\
    contact = \"+852 2555 0100\"\nregistration = \"Registered, no. 1\"\n";

/// A word and where it is.
#[derive(Debug)]
struct Word {
    page: usize,
    text: String,
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

fn office(settings: &str) -> tempfile::TempDir {
    let here = tempfile::tempdir().unwrap();
    std::fs::create_dir(here.path().join("inbox")).unwrap();
    std::fs::write(here.path().join("chancery.toml"), settings).unwrap();
    here
}

/// Whether this machine has the fonts of Japanese letters; says so if not.
fn has_japanese_fonts() -> bool {
    let has = Command::new("fc-list").output().is_ok_and(|found| String::from_utf8_lossy(&found.stdout).contains("NotoSerifCJK"));
    if !has {
        println!("skipped: NotoSerifCJK is not installed");
    }
    has
}

fn render(office: &Path, kind: &str, note: &str) -> serde_json::Value {
    std::fs::write(office.join("note.md"), note).unwrap();
    let arguments = ["--json", "--now", "2026-11-23T10:00:00+01:00", "render", "--type", kind, "note.md", "-o", "note.pdf"];
    json_lines(&chancery(office).args(arguments).output().unwrap().stdout).remove(0)
}

/// Sets a note and gives its words.
fn words(office: &Path, kind: &str, note: &str) -> Vec<Word> {
    let line = render(office, kind, note);
    assert_eq!(line["status"], "rendered", "{line}");
    let output = Command::new("pdftotext").args(["-bbox", "note.pdf", "-"]).current_dir(office).output();
    let text = String::from_utf8(output.expect("pdftotext (poppler-utils) is installed").stdout).unwrap();
    let mut page = 0;
    let mut words = Vec::new();
    for line in text.lines() {
        page += usize::from(line.contains("<page "));
        let Some((_, rest)) = line.split_once("<word ") else { continue };
        let at =
            |key: &str| rest.split(&format!("{key}=\"")).nth(1).unwrap().split('"').next().unwrap().parse::<f64>().unwrap() * 25.4 / 72.0;
        let text = rest.split_once('>').unwrap().1.trim_end_matches("</word>").replace("&amp;", "&");
        words.push(Word { page, text, left: at("xMin"), top: at("yMin"), right: at("xMax"), bottom: at("yMax") });
    }
    words
}

#[track_caller]
fn word<'w>(words: &'w [Word], text: &str) -> &'w Word {
    words.iter().find(|word| word.text == text).unwrap_or_else(|| panic!("{text} is not on the page: {words:?}"))
}

#[track_caller]
fn is_near(what: &str, measured: f64, wanted: f64, tolerance: f64) {
    assert!((measured - wanted).abs() <= tolerance, "{what} at {measured:.1} mm, not {wanted}");
}

/// How far down the first page marks stand in its left margin, 7 mm from the edge.
fn marks(office: &Path) -> Vec<f64> {
    let mut program = Command::new("pdftoppm");
    program.args(["-gray", "-r", "254", "-l", "1", "-singlefile", "note.pdf", "page"]).current_dir(office);
    assert!(program.status().expect("pdftoppm (poppler-utils) is installed").success());
    let bytes = std::fs::read(office.join("page.pgm")).unwrap();
    let head = String::from_utf8_lossy(&bytes[..20]).into_owned();
    let head: Vec<&str> = head.split_ascii_whitespace().collect();
    let (width, height): (usize, usize) = (head[1].parse().unwrap(), head[2].parse().unwrap());
    let pixels = &bytes[bytes.len() - width * height..];
    let is_dark = |row: &usize| pixels[row * width + 70] < 220;
    let rows: Vec<usize> = (0..height).filter(is_dark).collect();
    rows.iter().filter(|row| !rows.contains(&(**row).wrapping_sub(1))).map(|row| f64::from(u32::try_from(*row).unwrap()) / 10.0).collect()
}

/// No word lies on another, and each lies on the paper.
#[track_caller]
fn nothing_covers_anything(words: &[Word], width: f64, height: f64) {
    for (at, one) in words.iter().enumerate() {
        let beside = one.left > 3.0 && one.right < width - 3.0 && one.top > 3.0 && one.bottom < height - 3.0;
        assert!(beside, "off the paper: {one:?}");
        for other in words[at + 1..].iter().filter(|other| other.page == one.page) {
            let across = one.right.min(other.right) - one.left.max(other.left);
            // The boxes are those of the faces, higher than the letters in them.
            let middle = ((one.top + one.bottom) - (other.top + other.bottom)).abs() / 2.0;
            let lower = (one.bottom - one.top).min(other.bottom - other.top);
            assert!(across < 0.4 || middle > lower * 0.45, "{one:?} and {other:?}");
        }
    }
}

/// A letter with these lines in its front matter.
fn letter(lines: &str, text: &str) -> String {
    format!("---\ndate: 2026-11-23\n{lines}---\n# Newlease\n\n{text}\n")
}

const TO_FORD: &str = "recipient: {name: Amelia Ford, title: Purchasing}\naddress: [12 Longroad, 20457 Hamburg]\nour_ref: GM/31\n\
    salutation: Dear Ms Ford\nsignatories: {name: Zhang Wei}\nenclosures: [Lease, Plan]\n";

#[test]
fn german_letters_fit_the_window_and_the_folds() {
    let here = office(ORGANISATION);
    for (form, field, folds) in [("din-5008-a", 27.0, [87.0, 148.5, 192.0]), ("din-5008-b", 45.0, [105.0, 148.5, 210.0])] {
        let found = words(here.path(), "letter", &letter(&format!("form: {form}\nlang: de\ndelivery: Einschreiben\n{TO_FORD}"), "Text."));
        let at = |text: &str| word(&found, text);
        is_near("the address", at("Amelia").left, 25.0, 0.3);
        is_near("the address", at("Amelia").top, field + 17.7, 1.5);
        let last = at("20457");
        assert!(last.bottom < field + 45.0 && at("Einschreiben").top > field, "{form}: {last:?}");
        assert!(at("Einschreiben").bottom < at("Amelia").top + 1.0, "{form}");
        is_near("the references", at("Zeichen").top, field + 5.0, 1.5);
        assert!(at("Zeichen").left >= 125.0 && at("GM/31").left > 125.0, "{form}");
        is_near("the subject", at("Newlease").top, field + 53.46, 1.5);
        let marks = marks(here.path());
        assert_eq!(marks.len(), 3, "{form}: {marks:?}");
        for (mark, wanted) in marks.iter().zip(folds) {
            is_near("a mark", *mark, wanted, 0.3);
        }
        let letterhead = found.iter().filter(|word| word.text == "Registered,").map(|word| word.bottom).next().unwrap();
        assert!(letterhead < field, "{form}: the letterhead ends at {letterhead}");
        nothing_covers_anything(&found, 210.0, 297.0);
    }
}

#[test]
fn american_letters_are_in_full_block() {
    let here = office(&format!("{ORGANISATION}country = \"US\"\n"));
    let found = words(here.path(), "letter", &letter(TO_FORD, "Text."));
    let at = |text: &str| word(&found, text);
    for text in ["November", "Amelia", "Dear", "Subject:", "Text.", "Sincerely,", "Enclosures:"] {
        is_near(text, at(text).left, 25.4, 0.3);
    }
    assert!(at("23,").left > at("November").right && at("Ford:").left > at("Dear").right);
    is_near("the date", at("November").top, 52.0, 2.0);
    let order = ["November", "Amelia", "Dear", "Subject:", "Text.", "Sincerely,", "Zhang", "Enclosures:"].map(|text| at(text).top);
    assert!(order.is_sorted(), "{order:?}");
    // Three blank lines, so that the address is the fourth below.
    let line = at("12").top - at("Purchasing").top;
    is_near("the address", (at("Amelia").top - at("GM/31").top) / line, 4.0, 0.7);
    // No country, no marks of another's envelope.
    assert_eq!(marks(here.path()), [] as [f64; 0]);
}

#[test]
fn french_letters_have_their_recipient_on_the_right() {
    let here = office(&format!("{ORGANISATION}country = \"FR\"\n"));
    let found = words(here.path(), "letter", &letter(&format!("lang: fr\nplace: Paris\n{TO_FORD}"), "Texte."));
    let at = |text: &str| word(&found, text);
    is_near("the recipient", at("Amelia").left, 110.0, 0.3);
    is_near("the recipient", at("Amelia").top, 50.0, 1.5);
    is_near("place and date", at("Paris,").left, 110.0, 0.3);
    is_near("references", at("N/réf.").left, 20.0, 0.3);
    is_near("references and date", at("N/réf.").top, at("Paris,").top, 1.0);
    let order = ["Amelia", "Paris,", "Objet", "J.", "Dear", "Texte.", "Zhang"].map(|text| at(text).top);
    assert!(order.is_sorted(), "{order:?}");
}

#[test]
fn british_letters_have_the_subject_under_the_salutation() {
    let here = office(&format!("{ORGANISATION}country = \"gb\"\n"));
    let found = words(here.path(), "letter", &letter(TO_FORD, "Text."));
    let order = ["Amelia", "Dear", "Newlease", "Text.", "sincerely,"].map(|text| word(&found, text).top);
    assert!(order.is_sorted(), "{order:?}");
    assert!(word(&found, "November").left > 130.0 && word(&found, "Ford,").left < 60.0);
    let found = words(here.path(), "letter", &letter("salutation: Dear Sir or Madam\nsignatories: A. Li\n", "Text."));
    word(&found, "faithfully,");
}

#[test]
fn swiss_letters_fit_the_window_on_the_right() {
    let here = office(&format!("{ORGANISATION}country = \"CH\"\n"));
    let found = words(here.path(), "letter", &letter(&format!("lang: de\n{TO_FORD}"), "Text."));
    let (first, last) = (word(&found, "Amelia"), word(&found, "Hamburg"));
    assert!(first.left >= 119.9 && first.top >= 55.0 && last.bottom < 97.0 && last.right < 200.0, "{first:?} {last:?}");
}

#[test]
fn japanese_letters_go_from_number_to_sender_to_title() {
    if !has_japanese_fonts() {
        return;
    }
    let here = office("[organisation]\nname = \"海丘\"\n[fonts]\nfolders = [\"/usr/share/fonts\"]\n");
    let note = "---\nlang: ja\ndate: 2026-11-23\nour_ref: 総発31\nrecipient: {name: 山田太郎, title: 部長, organisation: 横浜海運}\n\
        signatories: {name: 佐藤花子}\nsalutation: 拝啓\n---\n# 契約の更新\n\n下記のとおりです。\n\n記\n\n1. 倉庫\n\n以上\n";
    let found = words(here.path(), "letter", note);
    let at = |text: &str| found.iter().find(|word| word.text.contains(text)).unwrap_or_else(|| panic!("{text}: {found:?}"));
    let order = ["総発", "23", "横浜海運", "佐藤", "契約", "拝啓", "下記", "敬具", "倉庫", "以上"].map(|text| at(text).top);
    assert!(order.is_sorted(), "{order:?}");
    assert!(at("総発").left > 140.0 && at("佐藤").left > 140.0 && at("敬具").left > 150.0 && at("以上").left > 150.0);
    assert!(at("横浜").left < 40.0, "the addressee stands on the left");
    is_near("the title's middle", (at("契約").left + at("更新").right) / 2.0, 105.0, 3.0);
    assert!(found.iter().any(|word| word.text.contains('様')));
    // A body is 御中, an office 殿, and who is honoured already is left alone.
    for (name, respect) in [("横浜海運株式会社", "御中"), ("赤磐市長", "殿"), ("山田様", "様")] {
        let found = words(here.path(), "letter", &format!("---\nlang: ja\ndate: 2026-11-23\nrecipient: {name}\n---\n本文です。\n"));
        let text: String = found.iter().map(|word| word.text.as_str()).collect();
        assert!(text.contains(&format!("{}{respect}", name.trim_end_matches('様'))) && !text.contains("様様"), "{text}");
    }
}

#[test]
fn chinese_letters_greet_at_the_edge_and_end_on_the_right() {
    let here = office("[organisation]\nname = \"海丘公司\"\n[fonts]\nfolders = []\n");
    let note = "---\ndate: 2026-11-23\nrecipient: 王强\nsignatories: 张伟\n---\n# 关于续租的函\n\n来函收悉，我公司同意续租三年，请于月底前寄回合同。\n";
    let found = words(here.path(), "letter", note);
    let at = |text: &str| found.iter().find(|word| word.text.contains(text)).unwrap_or_else(|| panic!("{text}: {found:?}"));
    is_near("the greeting", at("王强：").left, 28.0, 0.5);
    is_near("the text", at("来函").left, 28.0 + 2.0 * 12.0 * 0.3528, 0.6);
    is_near("此致", at("此致").left, at("来函").left, 0.5);
    is_near("敬礼", at("敬礼").left, 28.0, 0.5);
    assert!(at("张伟").left > 130.0 && at("23").top > at("张伟").top);
}

#[test]
fn an_arabic_letter_is_mirrored() {
    let here = office(ORGANISATION);
    let found = words(here.path(), "letter", &letter("lang: ar\nrecipient: AAA\nour_ref: BBB\nsalutation: CCC\nsignatories: DDD\n", "EEE"));
    assert!(word(&found, "AAA").right > 165.0 && word(&found, "EEE").right > 165.0, "{found:?}");
    assert!(word(&found, "BBB").left < 90.0 && word(&found, "DDD").left < 90.0);
}

#[test]
fn whatever_a_letter_holds_nothing_covers_anything_and_nothing_is_lost() {
    let long_name = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft";
    let lines: Vec<String> = (1..=25).map(|n| format!("Line{n} of the address")).collect();
    let enclosures: Vec<String> = (1..=30).map(|n| format!("Enclosure{n} of the lease")).collect();
    let people = "[{name: Zhang Wei, title: General Manager}, {name: Maximilian-Alexander von und zu Hohenlohe-Langenburg, \
        title: Deputy Chair of the Supervisory Board and Head of Legal Affairs}, {name: Chen Jie}]";
    let cases = [
        format!("recipient: Ford\naddress: [{}]\n", lines[..9].join(", ")),
        format!("recipient: Ford\naddress: [{}]\ndelivery: [Registered, Personal, Express]\n", lines.join(", ")),
        format!("recipient: {long_name}\naddress: [{long_name}]\ncontact: [{long_name}@example.org]\nour_ref: {long_name}\n"),
        format!("enclosures: [{}]\ncopies: [{}]\n", enclosures.join(", "), enclosures.join(", ")),
        format!("signatories: {people}\nclosing: Yours\n"),
        "salutation: Dear Sir\n".to_owned(),
        String::new(),
    ];
    for form in ["din-5008-a", "din-5008-b", "swiss", "us", "uk", "france", "plain", "japan", "china", "a5"] {
        let (width, height, style, form) =
            if form == "a5" { (148.0, 210.0, "[style]\npaper = \"a5\"\n", "uk") } else { (210.0, 297.0, "", form) };
        // The word of respect in a Japanese address is in none of the built-in fonts.
        let folders = if form == "japan" { "[\"/usr/share/fonts\"]" } else { "[]" };
        if form == "japan" && !has_japanese_fonts() {
            continue;
        }
        let here = office(&format!("{ORGANISATION}{style}[fonts]\nfolders = {folders}\n"));
        for case in &cases {
            let found = words(here.path(), "letter", &letter(&format!("lang: en\nform: {form}\n{case}"), "Some text."));
            nothing_covers_anything(&found, width, height);
            let text: String = found.iter().map(|word| word.text.as_str()).collect::<String>().replace('\u{200b}', "");
            let named = case.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 4);
            let keys = [
                "recipient",
                "address",
                "delivery",
                "contact",
                "our_ref",
                "enclosures",
                "copies",
                "signatories",
                "title",
                "closing",
                "salutation",
            ];
            for word in named.filter(|word| !keys.contains(word)) {
                assert!(text.contains(word), "{form}: {word} is not in {text}");
            }
        }
    }
}

#[test]
fn a_letter_without_letterhead_or_anything_else_is_a_letter() {
    for form in ["din-5008-b", "us", "uk", "france", "plain", "china"] {
        let here = office("");
        let found = words(
            here.path(),
            "letter",
            &format!("---\ndate: 2026-11-23\nlang: en\nform: {form}\n---\nDear Ms Ford,\n\nText.\n\nYours sincerely,\nLi Na\n"),
        );
        nothing_covers_anything(&found, 210.0, 297.0);
        let count = |text: &str| found.iter().filter(|word| word.text == text).count();
        assert_eq!((count("Dear"), count("sincerely,"), count("note")), (1, 1, 0), "{form}: said twice, or the file's name as the subject");
        assert!(word(&found, "Li").top > word(&found, "sincerely,").top + 2.0, "{form}: last lines stay lines");
    }
}

#[test]
fn a_notice_to_one_has_its_address_in_the_window() {
    let here = office(&format!("{ORGANISATION}country = \"DE\"\n"));
    let note = "---\nlang: de\ndate: 2026-11-23\nrecipients: [{name: Amelia Ford, address: [12 Longroad, 20457 Hamburg]}]\n---\n# Einladung\n\nText.\n";
    let found = words(here.path(), "notice", note);
    let (first, last) = (word(&found, "Amelia"), word(&found, "Hamburg"));
    assert!(first.left >= 20.0 && last.right <= 105.0 && first.top >= 45.0 && last.bottom <= 90.0, "{first:?} {last:?}");
    assert!(word(&found, "Einladung").top > 95.0);
    assert_eq!(marks(here.path()).len(), 3);
    // One that hangs on a board has neither field nor folds.
    let found = words(here.path(), "notice", "---\nlang: de\ndate: 2026-11-23\n---\n# Einladung\n\nText.\n");
    assert!(word(&found, "Einladung").top < 70.0);
    assert_eq!(marks(here.path()).len(), 0);
}

#[test]
fn the_form_is_the_note_s_else_the_house_s_else_the_country_s() {
    let here = office(&format!("{ORGANISATION}country = \"DE\"\n[style]\nletter = {{ en = \"us\" }}\n"));
    let form_of = |lines: &str| {
        let found = words(here.path(), "letter", &letter(&format!("{lines}{TO_FORD}"), "Text."));
        (word(&found, "Amelia").left, marks(here.path()).len())
    };
    assert!((form_of("lang: en\n").0 - 25.4).abs() < 0.2);
    assert_eq!(form_of("lang: de\n").1, 3);
    assert!((form_of("lang: de\nform: france\n").0 - 110.0).abs() < 0.3);
    let line = render(here.path(), "letter", &letter("form: din-5008\n", "Text."));
    let warnings = line["warnings"].to_string();
    assert!(warnings.contains("field-choice") && warnings.contains("din-5008-b"), "{line}");
}

//! The door: type, title, date, language and fields of small notes.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::TimeZone as _;

use super::*;
use crate::failure::Problem;
use crate::intake::Arrival;
use crate::model::Dropped;
use crate::reading;

fn note(name: &str, text: &str) -> Submission {
    let modified = chrono::Utc.with_ymd_and_hms(2026, 11, 22, 20, 0, 0).single().expect("a moment");
    let path = PathBuf::from(name);
    reading::read(&Arrival::alone(Dropped { path, name: name.to_owned(), modified, bytes: Arc::from(text.as_bytes()) })).expect("readable")
}

fn settings(text: &str) -> Settings {
    Settings::parse(text, std::path::Path::new("."), None, chrono_tz::Asia::Shanghai).expect("settings")
}

fn with(name: &str, text: &str, config: &str, hints: &Hints) -> Checked<Classification> {
    classify(&note(name, text), &Catalog::load(None).expect("types"), &settings(config), hints)
}

fn found(name: &str, text: &str) -> Classification {
    with(name, text, "", &Hints::default()).unwrap_or_else(|problems| panic!("{problems}"))
}

fn refused(text: &str) -> Vec<Problem> {
    with("a note.md", text, "", &Hints::default()).expect_err("a problem").into_vec()
}

fn codes(classification: &Classification) -> Vec<&str> {
    classification.warnings.iter().map(|warning| warning.code.as_str()).collect()
}

#[test]
fn the_type_is_what_somebody_said() {
    for written in ["minutes", "Minutes", "会议纪要", "MINUTES "] {
        let said = found("x.md", &format!("---\ntype: {written}\n---\nAnything.\n"));
        assert_eq!((said.document_type.as_str(), said.confidence, said.sure), ("minutes", 1.0, true), "{written}");
    }
    assert_eq!(found("x.md", "---\ntype: speeches\n---\nAnything.\n").document_type.as_str(), "speech");
    let given = Hints { document_type: Some("notice".parse().expect("a name")), ..Hints::default() };
    assert_eq!(with("x.md", "---\ntype: minuts\n---\nAnything.\n", "", &given).expect("given").document_type.as_str(), "notice");
}

#[test]
fn a_slip_in_the_type_is_asked_about_and_another_programs_type_is_not() {
    let problems = refused("---\ntitle: x\ntype: minuts\n---\nAnything.\n");
    assert_eq!((problems[0].code.as_str(), problems[0].line), ("type-unknown", Some(3)));
    assert_eq!(problems[0].excerpt.as_deref(), Some("type: minuts"));
    assert!(problems[0].help.contains("type: minutes"), "{}", problems[0].help);
    let foreign = found("x.md", "---\ntype: docs\n---\n# Minutes of the board\n\nAnything.\n");
    assert_eq!(foreign.document_type.as_str(), "minutes");
    assert!(codes(&foreign).contains(&"type-foreign"));
}

#[test]
fn the_folder_stands_for_a_type_unless_it_only_groups() {
    let mut dropped = note("x.md", "Anything at all.\n");
    let catalog = Catalog::load(None).expect("types");
    let kind = |note: &Submission| classify(note, &catalog, &settings(""), &Hints::default()).expect("found").document_type.to_string();
    for (folder, want) in
        [("minutes", "minutes"), ("Notices", "notice"), ("会议纪要", "minutes"), ("_minutes", "document"), ("board", "document")]
    {
        dropped.folder = Some(folder.to_owned());
        assert_eq!(kind(&dropped), want, "{folder}");
    }
}

#[test]
fn two_types_about_equally_likely_are_asked_about() {
    let text = "Present: Ann Lee, Bob Ray\n\n## Decisions\n- Paint it, moved by Ann, no objections\n";
    let problems = with("report.md", text, "", &Hints::default()).expect_err("a problem").into_vec();
    assert_eq!(problems[0].code, "type-unsure");
    assert!(problems[0].candidates.len() >= 2);
    assert!(
        problems[0].help.contains("chancery answer inbox/report.md --type") && problems[0].help.contains("type: "),
        "{}",
        problems[0].help
    );
    let guessed = with("report.md", text, "", &Hints { guess: true, ..Hints::default() }).expect("a guess");
    assert!(!guessed.sure);
    assert!(codes(&guessed).contains(&"type-unsure"));
}

#[test]
fn nothing_recognised_is_a_document_with_a_warning() {
    let plain = found("x.md", "Bread, milk and eggs.\n");
    assert_eq!((plain.document_type.as_str(), plain.sure), ("document", true));
    assert!(codes(&plain).contains(&"type-not-recognised"));
    let letter = found("x.md", "Dear Ms Ford,\n\nThank you for your note.\n\nYours sincerely,\nT. Becker\n");
    assert_eq!((letter.document_type.as_str(), letter.sure), ("letter", true));
    let rules = found("x.md", "# Travel policy\n\nBook through the desk.\n");
    assert!(rules.document_type.as_str() == "document" && !codes(&rules).contains(&"type-not-recognised"));
}

#[test]
fn titles_come_from_field_heading_or_name() {
    let title = |name: &str, text: &str| {
        let found = found(name, text);
        (found.title, found.title_source)
    };
    let own = |text: &str, source| (text.to_owned(), source);
    assert_eq!(title("x.md", "---\ntitle: The *plan*\n---\n# Other\n"), own("The *plan*", TitleSource::Field));
    assert_eq!(title("x.md", "---\ntitle: The *plan*\n---\n# The *plan*\n"), own("The *plan*", TitleSource::Heading(1)));
    assert_eq!(title("x.md", "# Letter to <name of member><br>\n"), own("Letter to <name of member>", TitleSource::Heading(1)));
    assert_eq!(title("x.md", "---\nsubject: Opening hours\n---\ntext\n"), own("Opening hours", TitleSource::Field));
    assert_eq!(title("x.md", "---\ntitle: The plan\n---\n# The Plan\n"), own("The plan", TitleSource::Heading(1)));
    assert_eq!(
        title("x.md", "\n# **Board** [minutes](http://x.org) `v1` ![logo](a.png) ##\n"),
        own("Board minutes v1 logo", TitleSource::Heading(2))
    );
    assert_eq!(title("x.md", "<!-- a -->\n\nThe plan\n========\n"), own("The plan", TitleSource::Heading(3)));
    assert_eq!(title("x.md", "Some words.\n\n## Later\n"), own("Later", TitleSource::Line(3)));
    assert_eq!(title("x.md", "```\n# no heading\n```\ntext\n"), own("x", TitleSource::FileName));
    assert_eq!(title("x.md", "# 1. April 2024\n"), own("1. April 2024", TitleSource::Heading(1)));
    assert_eq!(title("2024-03-05_board minutes.md", "text\n"), own("board minutes", TitleSource::FileName));
    assert_eq!(title("sub/2024-03-05.md", "text\n"), own("2024-03-05", TitleSource::FileName));
    assert_eq!(title("x.txt", "Opening hours\n\nThe house opens at eight.\n"), own("Opening hours", TitleSource::Heading(1)));
    assert_eq!(title("x.txt", "Ladies and gentlemen,\n\nwelcome.\n"), own("x", TitleSource::FileName));
}

#[test]
fn a_title_has_a_limit() {
    let long = found("x.md", &format!("---\ntitle: {}\n---\ntext\n", "word ".repeat(200)));
    assert!(long.title.chars().count() <= 300 && long.title.ends_with('…'));
    assert!(codes(&long).contains(&"title-shortened"));
}

#[test]
fn dates_come_from_the_best_place() {
    let date = |name: &str, text: &str| found(name, text).date.to_string();
    assert_eq!(date("2020-01-01.md", "---\ndate: 23 November 2026\n---\n# On 1 May 2021\n"), "2026-11-23");
    assert_eq!(date("2020-01-01.md", "# Board, 1 May 2021\n\nDate: 2022-02-02\n"), "2021-05-01");
    assert_eq!(date("2020-01-01.md", "# Board\n\nFounded on 1 June 1998, we met.\n\n日期：2022年2月2日\n"), "2022-02-02");
    assert_eq!(date("2020-01-01.md", "# Board\n\nThe house was founded on 1 June 1998.\n"), "2020-01-01");
    assert_eq!(date("x.md", "# 通知\n\n各部门：\n\n请于2026年12月1日前报名，逾期不予受理。\n\n办公室\n2026年11月20日\n"), "2026-11-20");
    assert_eq!(date("x.md", "# Board\n\nReply by: 2026-12-24\n\nDate: 2026-12-01\n"), "2026-12-01");
    let held = "# Minutes\n\nHeld on 23 November 2026 at 09:30 in the Board Room, 12/F Harbour House, as called.\n\nThe minutes of 26 October were read.\n";
    assert_eq!(date("x.md", held), "2026-11-23");
    assert_eq!(date("2020-01-01.md", "# Board\n\nThe minutes of 26 October 2026 were approved.\n"), "2020-01-01");
    assert_eq!(date("05.03.2024 board.md", "text\n"), "2024-03-05");
    assert_eq!(date("20240305 board.md", "text\n"), "2024-03-05");
}

#[test]
fn without_a_date_it_is_the_files_own_in_the_offices_zone() {
    let own = found("x.md", "# 2023 in short\n\ntext\n");
    // 20:00 UTC is the next morning in Shanghai.
    assert_eq!(own.date.to_string(), "2026-11-23");
    let warning = own.warnings.iter().find(|warning| warning.code == "date-from-file").expect("a warning");
    assert!(warning.message.contains("2023"), "{}", warning.message);
}

#[test]
fn an_ambiguous_date_is_asked_about_unless_the_office_decides() {
    let text = "---\ntype: notice\ndate: 03/04/2026\n---\ntext\n";
    let problems = refused(text);
    assert_eq!((problems[0].code.as_str(), problems[0].line), ("date-ambiguous", Some(3)));
    assert!(problems[0].message.contains("2026-04-03") && problems[0].message.contains("2026-03-04"));
    assert!(problems[0].help.contains("--type notice --date 2026-04-03"), "{}", problems[0].help);
    let order =
        |order: &str| with("x.md", text, &format!("date_order = \"{order}\"\n"), &Hints::default()).expect("decided").date.to_string();
    assert_eq!((order("dmy").as_str(), order("mdy").as_str()), ("2026-04-03", "2026-03-04"));
    let answer = Hints { date: NaiveDate::from_ymd_opt(2026, 3, 4), ..Hints::default() };
    assert_eq!(with("x.md", text, "", &answer).expect("answered").date.to_string(), "2026-03-04");
    let guess = with("x.md", text, "", &Hints { guess: true, ..Hints::default() }).expect("a guess");
    assert!(guess.date.to_string() == "2026-04-03" && codes(&guess).contains(&"date-ambiguous"));
}

#[test]
fn dates_that_cannot_be_are_problems_and_partial_ones_are_not() {
    assert_eq!(refused("---\ndate: 2026-02-30\n---\ntext\n")[0].code, "date-impossible");
    assert_eq!(refused("---\ndate: next tuesday\n---\ntext\n")[0].code, "date-unreadable");
    let year = found("x.md", "---\ndate: 2023\n---\n# Report\n");
    assert!(codes(&year).contains(&"date-incomplete"));
    let weekday = found("x.md", "# Board\n\nDate: Tuesday, 23 November 2026\n");
    let told = weekday.warnings.iter().find(|warning| warning.code == "weekday-disagrees").expect("a warning");
    assert!(told.message.contains("is a Monday, not a Tuesday") && told.line == Some(3), "{}", told.message);
}

#[test]
fn every_problem_is_told_at_once() {
    let problems = refused("---\ntype: minuts\ndate: 2026-02-30\n---\ntext\n");
    assert_eq!(problems.iter().map(|problem| problem.code.as_str()).collect::<Vec<_>>(), ["type-unknown", "date-impossible"]);
}

#[test]
fn languages_are_seen_from_the_script_or_named() {
    let language = |text: &str| found("x.md", text).language.0;
    assert_eq!(language("# Plan\n\nShort words.\n"), "en");
    assert_eq!(language("# 计划\n\n我们与 Acme Limited 于今年签订了合同。\n"), "zh");
    assert_eq!(language("# 議事録\n\n次回の会議は来週です。\n"), "ja");
    assert_eq!(language("# План\n\nНаш отдел работает.\n"), "ru");
    assert_eq!(language("# Πρακτικά\n\nΗ επόμενη συνεδρίαση.\n"), "el");
    assert_eq!(language("# פרוטוקול\n\nהישיבה הבאה ביום שני.\n"), "he");
    assert_eq!(language("# محضر\n\nالاجتماع القادم يوم الاثنين.\n"), "ar");
    assert_eq!(language("# कार्यवृत्त\n\nअगली बैठक सोमवार को।\n"), "hi");
    assert_eq!(language("# รายงาน\n\nการประชุมครั้งต่อไป\n"), "th");
    assert_eq!(language("# 회의록\n\n다음 회의는 월요일이다. 會議\n"), "ko");
    assert_eq!(language("# 會議紀錄\n\n下次會議於星期一召開。\n"), "zh-Hant");
    let persian = format!("# صورت‌جلسه\n\n{}\n", "هیئت مدیره گزارش سال گذشته را بررسی کرد و چند پیشنهاد برای سال آینده پذیرفت. ".repeat(6));
    assert_eq!(language(&persian), "fa");
    let ukrainian =
        format!("# Протокол\n\n{}\n", "Правління розглянуло звіт за минулий рік і ухвалило пропозиції щодо його поліпшення. ".repeat(6));
    assert_eq!(language(&ukrainian), "uk");
    let in_taipei = |text: &str| with("x.md", text, "language = \"zh-TW\"\n", &Hints::default()).expect("found").language.0;
    assert_eq!(in_taipei("# 會議紀錄\n\n下次會議於星期一召開。\n"), "zh-TW");
    assert_eq!(in_taipei("# 会议记录\n\n下次会议于星期一召开。\n"), "zh");
    assert_eq!(in_taipei("# 目的\n\n三月六日上午九\n"), "zh-TW");
    assert_eq!(language("---\nlang: zh-CN\n---\nwords\n"), "zh-CN");
    assert_eq!(language("---\nlang: ไทย\n---\nwords\n"), "th");
    assert_eq!(language("---\nlanguage: 中文\n---\nwords\n"), "zh");
    let german =
        "Der Vorstand hat in seiner letzten Sitzung beschlossen, dass die Beiträge für das kommende Jahr nicht erhöht werden. ".repeat(4);
    assert_eq!(language(&german), "de");
    let english = with("x.md", "# Plan\n\nShort words.\n", "language = \"zh\"\n", &Hints::default()).expect("found");
    assert_eq!(english.language.0, "en");
    assert!(codes(&found("x.md", "---\nlang: elvish tongue\n---\nwords\n")).contains(&"language-unknown"));
}

#[test]
fn fields_go_by_many_names_and_unknown_ones_are_told_once() {
    let text = "---\ntype: minutes\nChair person: Zhang Wei\n列席: [Li Na]\nlayout: page\nqourum: 5\nzebra: 1\n---\ntext\n";
    let found = found("x.md", text);
    assert_eq!(found.fields["chair"], "Zhang Wei");
    assert_eq!(found.fields["in_attendance"][0], "Li Na");
    let unknown: Vec<_> = found.warnings.iter().filter(|warning| warning.code == "field-unknown").collect();
    assert_eq!(unknown.len(), 1);
    assert!(
        unknown[0].message.contains("`qourum` (did you mean `quorum`?)") && unknown[0].message.contains("`zebra`"),
        "{}",
        unknown[0].message
    );
    assert!(!unknown[0].message.contains("layout"));
}

#[test]
fn long_notes_are_searched_in_part_and_say_so() {
    let long = found("x.md", &format!("# Minutes\n\n{}", "x\n".repeat(150_000)));
    assert!(codes(&long).contains(&"searched-in-part"));
}

#[test]
fn a_broken_type_keeps_its_notes_waiting() {
    let templates = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(templates.path().join("minutes")).expect("a folder");
    std::fs::write(templates.path().join("minutes/manifest.toml"), "title = [\n").expect("a file");
    let catalog = Catalog::load(Some(templates.path())).expect("the other types load");
    let minutes = note("x.md", "# Minutes of the board\n\nPresent: Ann Lee, Bob Ray\n");
    let problems = classify(&minutes, &catalog, &settings(""), &Hints::default()).expect_err("the type is broken");
    assert_eq!(problems.first().blame, crate::failure::Blame::Template);
}

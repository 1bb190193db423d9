//! What finders pick out of small texts.

use serde_json::{Value, json};

use super::*;
use crate::model::Language;
use crate::reading::{Body, Format, Submission};

/// What a finder finds in a note of Markdown.
fn found(finder: &str, text: &str) -> Value {
    found_with(finder, text, json!({}))
}

/// A note with this text and no fields.
pub(in crate::classification) fn note(text: &str) -> Submission {
    Submission {
        name: "x.md".to_owned(),
        format: Format::Markdown,
        text: text.to_owned(),
        fields: crate::reading::Fields::default(),
        body: Body { text: text.to_owned(), first_line: 1 },
        rows: None,
        company: Vec::new(),
        source: Vec::new(),
        modified: chrono::DateTime::UNIX_EPOCH,
        folder: None,
        warnings: Vec::new(),
    }
}

fn found_with(finder: &str, text: &str, fields: Value) -> Value {
    found_in("en", finder, text, fields)
}

fn found_in(tag: &str, finder: &str, text: &str, fields: Value) -> Value {
    let note = note(text);
    let outline = Outline::of(&note);
    let config = "[people.zhang]\nname = { en = \"Zhang Wei\", zh = \"张伟\" }\ntitle = \"General Manager\"\n";
    let settings = Settings::parse(config, std::path::Path::new("."), None, chrono_tz::UTC).expect("settings");
    let fields = fields.as_object().cloned().expect("a mapping");
    let language = Language(tag.to_owned());
    let has_decimal_comma = crate::classification::language::has_decimal_comma(&language);
    let source = Source { outline: &outline, fields: &fields, settings: &settings, language: language.primary(), has_decimal_comma };
    run(&[finder.to_owned()], &source, &mut Vec::new())[finder].clone()
}

#[test]
fn key_figures_are_read_as_their_language_writes_numbers() {
    let rate = |tag: &str, plan: &str, actual: &str| {
        let table = format!("| Kennzahl | Soll | Ist |\n|---|---|---|\n| Umsatz | {plan} | {actual} |\n");
        found_in(tag, "kpis", &table, json!({}))[0]["rate"].as_f64()
    };
    assert_eq!(rate("en", "1,000", "1,250"), Some(125.0));
    assert_eq!(rate("de", "1.000", "1.250,5"), Some(125.05));
    assert_eq!(rate("de", "12,5", "10"), Some(80.0));
    assert_eq!(rate("de", "99.0", "99.0"), Some(100.0), "what makes no sense with a comma has a point");
    assert_eq!(rate("fr", "1\u{202f}000", "1\u{a0}250,5"), Some(125.05));
    assert_eq!(rate("es-MX", "1,000", "1,250.5"), Some(125.05));
    assert_eq!(rate("de-CH", "1'000", "1'250.5"), Some(125.05));
    assert_eq!(rate("ar", "١٬٠٠٠", "١٬٢٥٠٫٥"), Some(125.05));
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array().expect("a list").iter().map(|person| person["name"].as_str().expect("a name")).collect()
}

#[test]
fn attendance_from_lists_under_headings() {
    let text = "# Board\n\n## Present\n\n* Jane Doe (@jane) (voting member)\n* [Tom Becker](https://x.org) - Treasurer\n* Li Na, Example Ltd\n\n## Apologies\n\n- **Raj Nair**\n\n## Guests\n- none\n\n## Agenda\n- Budget\n";
    let attendance = found("attendance", text);
    assert_eq!(names(&attendance["present"]), ["Jane Doe", "Tom Becker", "Li Na"]);
    assert_eq!(attendance["present"][0]["note"], "voting member");
    assert_eq!(attendance["present"][1]["note"], "Treasurer");
    assert_eq!(attendance["present"][2]["note"], "Example Ltd");
    assert_eq!(names(&attendance["apologies"]), ["Raj Nair"]);
    assert_eq!(names(&attendance["in_attendance"]), [""; 0]);
}

#[test]
fn attendance_from_lines_boxes_and_tables() {
    let lines = found("attendance", "**Present:** A. Ford (chair), R. Nair and L. Chen\n**Regrets:** T. Becker\n\nScribe: Dan\n");
    assert_eq!(names(&lines["present"]), ["A. Ford", "R. Nair", "L. Chen"]);
    assert_eq!(names(&lines["apologies"]), ["T. Becker"]);
    let chinese = found("attendance", "出席：张伟、李娜（办公室主任）\n列席：王强\n请假：陈杰\n\n一、听取汇报\n");
    assert_eq!((names(&chinese["present"]), names(&chinese["in_attendance"])), (vec!["张伟", "李娜"], vec!["王强"]));
    assert_eq!(names(&chinese["apologies"]), ["陈杰"]);
    let boxes = found("attendance", "## Voting member attendance\n\n* [x] Ann Lee, Acme\n* [ ] Bob Ray, Other\n");
    assert_eq!((names(&boxes["present"]), names(&boxes["apologies"])), (vec!["Ann Lee"], vec!["Bob Ray"]));
    let table = found(
        "attendance",
        "## Attendees\n\n| Name | Abbreviation | Organization |\n|---|---|---|\n| Ann Lee | ALE | Acme |\n| Bob Ray | BRY | Other |\n",
    );
    assert_eq!(names(&table["present"]), ["Ann Lee", "Bob Ray"]);
    assert_eq!(table["present"][1]["note"], "Other");
    let status =
        found("attendance", "| Name | Company | Status |\n|---|---|---|\n| Ann Lee | Acme | Present |\n| Bob Ray | Other | N/A |\n");
    assert_eq!((names(&status["present"]), names(&status["apologies"])), (vec!["Ann Lee"], vec!["Bob Ray"]));
}

#[test]
fn attendance_fields_win_and_know_the_offices_people() {
    let fields = json!({ "present": ["@zhang", "Li Na (Office)", { "name": "Chen Jie", "title": "CFO" }] });
    let attendance = found_with("attendance", "Present: Somebody Else, Another\n", fields);
    assert_eq!(names(&attendance["present"]), ["Zhang Wei", "Li Na", "Chen Jie"]);
    assert_eq!(attendance["present"][0]["note"], "General Manager");
}

#[test]
fn resolutions_with_votes() {
    let text = "RESOLVED: to renew the lease\nfor three years. VOTE: 5-0-1\n\n**DECISION**: we meet in May\n\n> RESOLUTION: adopt it\n\n### Conclusion\n\n- Stage 2 reached\n- none\n\n### Next\n\n- no decision here\n\nPROPOSED RESOLUTION: not this\n";
    let list = found("resolutions", text);
    let texts: Vec<&str> = list.as_array().expect("a list").iter().map(|one| one["text"].as_str().expect("text")).collect();
    assert_eq!(texts, ["to renew the lease for three years. VOTE: 5-0-1", "we meet in May", "adopt it", "Stage 2 reached"]);
    assert_eq!(list[0]["votes"], json!({ "for": 5, "against": 0, "abstain": 1 }));
    assert_eq!((&list[0]["kind"], &list[1]["kind"], &list[0]["line"]), (&json!("resolution"), &json!("decision"), &json!(1)));
    let chinese =
        found("resolutions", "决议：同意采购方案。赞成5票，反对0票，弃权1票\n\n会议决定：\n1. 印发通知。\n2. 由办公室负责。\n\n散会。\n");
    assert_eq!(chinese.as_array().map(Vec::len), Some(3));
    assert_eq!(chinese[0]["votes"], json!({ "for": 5, "against": 0, "abstain": 1 }));
}

#[test]
fn resolutions_in_sentences() {
    let texts = |text: &str| -> Vec<String> {
        found("resolutions", text).as_array().expect("a list").iter().map(|one| one["text"].as_str().expect("text").to_owned()).collect()
    };
    let text = "It was resolved to renew the lease.\n\nIt was unanimously agreed that dues stay.\n\nResolved to adopt the plan.\n\n\
        Resolved that we meet in May.\n\nAgreed to disagree.\n\nIt was decided.\n\nIt was resolved quickly.\n\nThe matter was resolved to all.\n";
    assert_eq!(texts(text), ["renew the lease.", "dues stay.", "adopt the plan.", "we meet in May."]);
    assert_eq!(texts("Acuerdo: se renueva el alquiler.\n"), ["se renueva el alquiler."]);
    assert_eq!(texts("القرار: تجديد العقد.\n"), ["تجديد العقد."]);
}

#[test]
fn due_dates_of_many_languages() {
    let due = |text: &str| found("actions", &format!("- [ ] @Anna {text}\n"))[0].clone();
    for text in [
        "Lettre avant le 2026-12-04",
        "Brief bis zum 2026-12-04",
        "Carta antes del 2026-12-04",
        "整理旧信，2026年12月4日前",
        "手紙、2026年12月4日まで",
    ] {
        assert_eq!(due(text)["due"], "2026-12-04", "{text}");
    }
    assert_eq!(due("整理旧信，2026年12月4日前")["text"], "整理旧信");
    assert_eq!(due("Lettre avant le 2026-12-04")["text"], "Lettre");
}

#[test]
fn votes_in_words() {
    let votes = |text: &str| serde_json::to_value(votes::votes(text)).expect("json");
    assert_eq!(votes("5 for, 1 against, 2 abstentions"), json!({ "for": 5, "against": 1, "abstain": 2 }));
    assert_eq!(votes("7 in favour, 2 opposed"), json!({ "for": 7, "against": 2, "abstain": null }));
    assert_eq!(votes("For: 4, Against: 0"), json!({ "for": 4, "against": 0, "abstain": null }));
    assert_eq!(votes("5票赞成，0票反对，1票弃权"), json!({ "for": 5, "against": 0, "abstain": 1 }));
    assert_eq!(votes("carried unanimously"), Value::Null);
    assert_eq!(votes("3 chairs for the hall"), Value::Null);
}

#[test]
fn actions_in_all_their_forms() {
    let text = "- [ ] @alice send the plan by 2026-05-01\n- [x] @bob book the hall 📅 2026-05-02\n\nACTION: Carol to call the bank (by 3 May 2026)\nACTION_ITEM: Dan to write due:2026-05-04\n\nAction items:\n* PKA will check the figures before Friday\n* think about it\n\nplain text\n- no action\n";
    let list = found("actions", text);
    let row = |at: usize| (list[at]["owner"].as_str(), list[at]["text"].as_str(), list[at]["due"].as_str(), list[at]["done"].as_bool());
    assert_eq!(row(0), (Some("alice"), Some("send the plan"), Some("2026-05-01"), Some(false)));
    assert_eq!(row(1), (Some("bob"), Some("book the hall"), Some("2026-05-02"), Some(true)));
    assert_eq!(row(2), (Some("Carol"), Some("call the bank"), Some("2026-05-03"), Some(false)));
    assert_eq!(row(3), (Some("Dan"), Some("write"), Some("2026-05-04"), Some(false)));
    assert_eq!(row(4), (Some("PKA"), Some("check the figures"), Some("Friday"), Some(false)));
    assert_eq!(row(5), (None, Some("think about it"), None, Some(false)));
    assert_eq!(list.as_array().map(Vec::len), Some(6));
}

#[test]
fn actions_in_tables_and_in_chinese() {
    let table = found(
        "actions",
        "| No. | Action | Owner | Due date | Status |\n|---|---|---|---|---|\n| 1 | Renew lease | @zhang | 1 May 2026 | open |\n| 2 | Paint | | | done |\n",
    );
    assert_eq!(table[0], json!({ "text": "Renew lease", "owner": "zhang", "due": "2026-05-01", "done": false, "line": 3 }));
    assert_eq!((&table[1]["owner"], &table[1]["done"]), (&Value::Null, &json!(true)));
    let chinese = found(
        "actions",
        "## 行动项\n\n- 李娜：2026年5月1日前完成采购\n- 修订制度，责任人：王强\n\n| 事项 | 责任人 | 完成时限 |\n|---|---|---|\n| 培训 | 陈杰 | 2026-06-01 |\n",
    );
    assert_eq!((&chinese[0]["owner"], &chinese[0]["due"]), (&json!("李娜"), &json!("2026-05-01")));
    assert_eq!((&chinese[1]["owner"], &chinese[1]["text"]), (&json!("王强"), &json!("修订制度")));
    assert_eq!(chinese[2]["text"], "培训");
}

#[test]
fn gaps_of_actions_are_told_a_handful_at_most() {
    let action = actions::Action { text: "x".to_owned(), owner: None, due: None, done: false, line: 7 };
    let warnings = actions::gaps(&vec![action; 9]);
    assert_eq!(warnings.len(), 6);
    assert_eq!(warnings[0].line, Some(7));
    assert!(warnings[5].message.starts_with("4 more"), "{}", warnings[5].message);
}

#[test]
fn key_figures_with_rates() {
    let table = found(
        "kpis",
        "| Indicator | Unit | Plan | Actual | Last year |\n|---|---|---|---|---|\n| Visits | no. | 1,000 | 1,250 | 1,000 |\n| Revenue | CNY | ￥3,200万 | ￥3,500万 | |\n| Idle | | 0 | 5 | 0 |\n",
    );
    assert_eq!((&table[0]["rate"], &table[0]["change"]), (&json!(125.0), &json!(25.0)));
    assert_eq!((&table[1]["plan"], &table[1]["plan_value"], &table[1]["rate"]), (&json!("￥3,200万"), &Value::Null, &Value::Null));
    assert_eq!((&table[2]["rate"], &table[2]["change"]), (&Value::Null, &Value::Null));
    let field = found_with("kpis", "", json!({ "kpis": [{ "指标": "接待", "计划": 100, "实际": "90", "上年": "80" }, { "name": "" }] }));
    assert_eq!((&field[0]["name"], &field[0]["rate"], &field[0]["change"]), (&json!("接待"), &json!(90.0), &json!(12.5)));
    assert_eq!(field.as_array().map(Vec::len), Some(1));
}

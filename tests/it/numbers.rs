//! `chancery numbers` by the real program: a house's own numbers, and what is missing.

use std::fs;

use crate::cli::{chancery, json_lines};

/// An office with a type of its own that is numbered as a Chinese authority numbers, and one that the office's code is for.
fn office() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::create_dir_all(root.join("inbox")).unwrap();
    fs::write(root.join("chancery.toml"), "[organisation]\nname = \"某市人民政府\"\ncode = \"某政发\"\n\n[fonts]\nfolders = []\n").unwrap();
    for (name, number) in [
        ("guofa", "{ pattern = \"{{ code }}〔{{ year }}〕{{ n }}号\", code = \"国发\" }"),
        ("order", "{ pattern = \"{{ code }}〔{{ year }}〕{{ seq }}号\" }"),
    ] {
        let home = root.join("templates").join(name);
        fs::create_dir_all(&home).unwrap();
        let title = format!("title = {{ en = \"{name}\" }}\nsummary = {{ en = \"An order\" }}\n");
        let path = "[archive]\npath = \"{{ year }}/{{ type }}/{{ number }} {{ title }}\"\n";
        fs::write(home.join("manifest.toml"), format!("{title}number = {number}\n{path}")).unwrap();
        fs::write(home.join("words.md"), "{{ number }}\n\n{{ body }}\n").unwrap();
        let layout = include_str!("../../templates/document/layout.typ");
        fs::write(home.join("layout.typ"), layout).unwrap();
    }
    folder
}

#[test]
fn a_house_type_is_numbered_and_its_numbers_are_listed() {
    let office = office();
    for (name, document_type) in [("一", "guofa"), ("二", "guofa"), ("三", "guofa"), ("四", "order")] {
        let note = format!("---\ntype: {document_type}\ndate: 2026-11-20\n---\n# 关于{name}的通知\n\n正文{name}。\n");
        fs::write(office.path().join("inbox").join(format!("{name}.md")), note).unwrap();
    }
    chancery(office.path()).args(["-q", "watch", "--once"]).assert().code(0);
    let listed = chancery(office.path()).args(["--json", "numbers"]).assert().code(0);
    let lines = json_lines(&listed.get_output().stdout);
    let numbers: Vec<&str> = lines.iter().filter_map(|line| line["number"].as_str()).collect();
    assert_eq!(numbers, ["国发〔2026〕1号", "国发〔2026〕2号", "国发〔2026〕3号", "某政发〔2026〕001号"]);
    assert!(lines.iter().all(|line| line["state"] == "filed" && line["year"] == 2026));
    let text = chancery(office.path()).args(["numbers", "guofa", "--year", "2026"]).assert().code(0);
    let text = String::from_utf8_lossy(&text.get_output().stdout).into_owned();
    assert!(text.starts_with("guofa 2026\n  国发〔2026〕1号  filed "), "{text}");
    assert_eq!(text.lines().count(), 4);
    chancery(office.path()).args(["show", "国发〔2026〕3号"]).assert().code(0);
    let unknown = chancery(office.path()).args(["numbers", "goufa"]).assert().code(2);
    assert!(String::from_utf8_lossy(&unknown.get_output().stderr).contains("`guofa`"));
}

#[test]
fn a_missing_number_ends_with_one() {
    let office = office();
    for n in 1..=3 {
        let note = format!("---\ntype: order\ndate: 2026-11-20\n---\n# Order {n}\n\nText {n}.\n");
        fs::write(office.path().join(format!("inbox/{n}.md")), note).unwrap();
    }
    chancery(office.path()).args(["-q", "watch", "--once"]).assert().code(0);
    let register = office.path().join("archive/register");
    let file = fs::read_dir(&register).unwrap().next().unwrap().unwrap().path();
    let text = fs::read_to_string(&file).unwrap();
    let kept: String = text.lines().filter(|line| !line.contains("002号")).map(|line| format!("{line}\n")).collect();
    fs::write(&file, kept).unwrap();
    let listed = chancery(office.path()).args(["--json", "numbers", "order"]).assert().code(1);
    let lines = json_lines(&listed.get_output().stdout);
    let states: Vec<&str> = lines.iter().filter_map(|line| line["state"].as_str()).collect();
    assert_eq!(states, ["filed", "missing", "filed"]);
    assert!(String::from_utf8_lossy(&listed.get_output().stderr).contains("does not explain 1 number"));
}

//! The house "official", measured on the page: ink at 300 dots to the inch, text by lines.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cli::{chancery, json_lines};

const SETTINGS: &str = r#"
language = "zh"
[organisation]
name = { en = "Harbour Hill Trading Limited", zh = "海丘贸易有限公司" }
code = "海丘"
[style]
house = "official"
[fonts]
folders = []
"#;

/// An office whose notices and minutes are numbered as such offices do.
fn office() -> tempfile::TempDir {
    let here = tempfile::tempdir().unwrap();
    std::fs::create_dir(here.path().join("inbox")).unwrap();
    std::fs::write(here.path().join("chancery.toml"), SETTINGS).unwrap();
    let notice = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/notice/manifest.toml");
    let manifest = std::fs::read_to_string(notice).unwrap();
    let numbered = manifest.replace("NOT-{{ year }}-{{ seq }}", "{{ code }}〔{{ year }}〕{{ n }}号");
    assert_ne!(manifest, numbered);
    std::fs::create_dir_all(here.path().join("templates/notice")).unwrap();
    std::fs::write(here.path().join("templates/notice/manifest.toml"), numbered).unwrap();
    here
}

/// Files a note; where its PDF is. Nothing is to be warned of.
fn filed(office: &Path, note: &str) -> PathBuf {
    let path = office.join("inbox/note.md");
    std::fs::write(&path, note).unwrap();
    let ran = chancery(office).args(["--json", "--now", "2026-11-24T10:00:00+08:00", "file"]).arg(&path).output().unwrap();
    let line = json_lines(&ran.stdout).remove(0);
    assert_eq!(line["status"], "filed", "{line}");
    assert_eq!(line["warnings"].as_array().map_or(0, Vec::len), 0, "{line}");
    let archive = walk(&office.join("archive"));
    archive.into_iter().find(|path| path.extension().is_some_and(|extension| extension == "pdf")).unwrap()
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

fn text_of(pdf: &Path, arguments: &[&str]) -> String {
    let output = Command::new("pdftotext").args(arguments).arg(pdf).arg("-").output().expect("pdftotext (poppler-utils) is installed");
    String::from_utf8(output.stdout).unwrap()
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// A stretch of ink from edge to edge, in millimetres.
#[derive(Debug)]
struct Ink {
    top: f64,
    bottom: f64,
    left: f64,
    right: f64,
}

const DOTS: f64 = 300.0 / 25.4;

/// A page as dots: width, height, and three bytes for each dot.
fn picture(pdf: &Path, page: usize) -> (usize, usize, Vec<u8>) {
    let page = page.to_string();
    let output =
        Command::new("pdftoppm").args(["-r", "300", "-f", &page, "-l", &page]).arg(pdf).output().expect("pdftoppm (poppler-utils)");
    let bytes = output.stdout;
    let mut lines = bytes.splitn(4, |byte| *byte == b'\n');
    assert_eq!(lines.next(), Some(b"P6".as_slice()));
    let size = std::str::from_utf8(lines.next().unwrap()).unwrap().split(' ').map(|number| number.parse().unwrap()).collect::<Vec<usize>>();
    lines.next();
    (size[0], size[1], lines.next().unwrap().to_vec())
}

/// The rows of ink of a page between two columns (mm), from the top; only red ink if asked.
fn rows(pdf: &Path, page: usize, red: bool, columns: (f64, f64)) -> Vec<Ink> {
    let (width, height, dots) = picture(pdf, page);
    let within = (columns.0 * DOTS) as usize..((columns.1 * DOTS) as usize).min(width);
    let is_ink = |dot: &[u8]| {
        let (r, g, b) = (i32::from(dot[0]), i32::from(dot[1]), i32::from(dot[2]));
        if red { r - g > 60 } else { r + g + b < 600 }
    };
    let (mut found, mut open) = (Vec::<Ink>::new(), false);
    for y in 0..height {
        let line = &dots[y * width * 3..(y + 1) * width * 3];
        let mut inked = within.clone().filter(|x| is_ink(&line[x * 3..x * 3 + 3]));
        let Some(first) = inked.next() else {
            open = false;
            continue;
        };
        let last = inked.next_back().unwrap_or(first);
        let (left, right, bottom) = (first as f64 / DOTS, (last + 1) as f64 / DOTS, (y + 1) as f64 / DOTS);
        match found.last_mut().filter(|_| open) {
            Some(row) => *row = Ink { top: row.top, bottom, left: row.left.min(left), right: row.right.max(right) },
            None => found.push(Ink { top: y as f64 / DOTS, bottom, left, right }),
        }
        open = true;
    }
    found
}

#[track_caller]
fn near(value: f64, wanted: f64, tolerance: f64) {
    assert!((value - wanted).abs() <= tolerance, "{value:.2} mm instead of {wanted:.2} mm");
}

const SHEET: (f64, f64) = (0.0, 210.0);

const NOTICE: &str = "---
type: notice
date: 2026-11-23
份号: \"000012\"
密级: 秘密
保密期限: 1年
紧急程度: 特急
主送: 各部门、各分公司
抄送: 总经理办公室、董事会秘书
印发机关: 海丘贸易有限公司办公室
印发日期: 2026-11-24
附件说明: [年度数据表, 报名表]
附注: 此件公开发布
---
# 关于召开年终总结会议的通知

各部门、各分公司：

为总结本年度工作，部署下年度重点任务，定于下月召开年终总结会议。现将有关事项通知如下：

## 一、参会人员

各部门负责人及副职，各分公司总经理。

### （一）请假

因故不能参加的，请向总经理办公室请假。

## 二、有关要求

参会人员请提前十分钟入场，会议期间请将手机调至静音状态。
";

#[test]
fn head_and_foot_stand_where_the_measures_say() {
    let here = office();
    let pdf = filed(here.path(), NOTICE);
    let red = rows(&pdf, 1, true, SHEET);
    assert_eq!(red.len(), 2, "the name and the rule: {red:?}");
    let (name, rule) = (&red[0], &red[1]);
    near(name.top, 37.0 + 35.0, 0.3);
    near((name.left + name.right) / 2.0, 28.0 + 78.0, 1.0);
    near(rule.left, 28.0, 0.2);
    near(rule.right - rule.left, 156.0, 0.3);

    let all = rows(&pdf, 1, false, SHEET);
    let number = all.iter().rfind(|row| row.bottom < rule.top - 0.5).unwrap();
    near((number.left + number.right) / 2.0, 106.0, 1.0);
    // Its brackets reach a little below its characters.
    near(rule.top - number.bottom, 4.0, 0.6);
    let line = 15.75 * 15.0 / 8.0 * 25.4 / 72.0;
    near(number.top - name.bottom, 2.0 * line, 1.5);
    let title = all.iter().find(|row| row.top > rule.bottom + 0.5).unwrap();
    near(title.top - rule.bottom, 2.0 * line, 1.0);
    near(all[0].left, 28.0, 0.5);
    near(all[1].top - all[0].top, line, 1.5);

    // Page numbers: outside, a character in, the dash 7 mm under the type area.
    let number = all.last().unwrap();
    near(number.right, 184.0 - 14.0 * 25.4 / 72.0, 0.5);
    let dash = rows(&pdf, 1, false, (number.right - 3.0, number.right)).pop().unwrap();
    near(dash.top, 37.0 + 225.0 + 7.0, 0.2);
    let last = rows(&pdf, 2, false, SHEET);
    near(last.last().unwrap().left, 26.0 + 14.0 * 25.4 / 72.0, 0.5);

    let rules: Vec<&Ink> = last.iter().filter(|row| row.right - row.left > 155.0 && row.bottom - row.top < 1.0).collect();
    assert_eq!(rules.len(), 3, "{last:?}");
    near(rules[2].bottom, 37.0 + 225.0, 0.2);
    near(rules[2].right - rules[2].left, 156.0, 0.3);
    near(rules[0].bottom - rules[0].top, 0.35, 0.1);
    near(rules[1].bottom - rules[1].top, 0.25, 0.1);
}

#[test]
fn every_element_stands_in_its_order_and_once() {
    let here = office();
    let text = squeezed(&text_of(&filed(here.path(), NOTICE), &["-layout"]));
    let order = [
        "000012",
        "秘密★1年",
        "特急",
        "海丘贸易有限公司文件",
        "海丘〔2026〕1号",
        "关于召开年终总结会议的通知",
        "各部门、各分公司：",
        "一、参会人员",
        "（一）请假",
        "附件：1.年度数据表2.报名表",
        "海丘贸易有限公司2026年11月23日",
        "（此件公开发布）",
        "抄送：总经理办公室，董事会秘书。",
        "海丘贸易有限公司办公室2026年11月24日印发",
    ];
    let mut from = 0;
    for element in order {
        let at = text[from..].find(element).unwrap_or_else(|| panic!("{element} after {}", &text[..from]));
        from += at + element.len();
    }
    assert_eq!(text.matches("各部门、各分公司：").count(), 1, "{text}");
}

#[test]
fn a_page_has_22_lines_of_28_characters() {
    let here = office();
    let paragraph = "会议认为主要指标完成情况良好应当继续控制仓储成本".repeat(60);
    let pdf = filed(here.path(), &format!("---\ntype: notice\ndate: 2026-11-23\n---\n# 通知\n\n{paragraph}\n"));
    let page = text_of(&pdf, &["-layout", "-f", "2", "-l", "2"]);
    let lines: Vec<usize> = page.lines().map(|line| line.trim().chars().count()).filter(|count| *count > 0).collect();
    let (number, lines) = lines.split_last().unwrap();
    assert!(*number < 8 && lines.len() == 22 && lines.iter().all(|count| *count == 28), "{lines:?}");
    let rows = rows(&pdf, 2, false, SHEET);
    near(rows[0].top, 37.0, 0.5);
    near(rows[21].bottom, 37.0 + 225.0, 1.5);
    // A text of one long paragraph begins under its title, and not on the next page.
    assert!(text_of(&pdf, &["-layout", "-l", "1"]).contains("会议认为"));
}

#[test]
fn a_letter_has_two_double_rules_and_no_number_on_its_first_page() {
    let here = office();
    let note = "---\ntype: notice\n格式: 信函\n密级: 秘密\n主送: 码头管理处\ndate: 2026-11-23\n抄送: 葵涌仓库\n---\n# 关于商请协助的函\n\n请予支持为盼。\n";
    let pdf = filed(here.path(), note);
    let red = rows(&pdf, 1, true, SHEET);
    near(red[0].top, 30.0, 0.3);
    assert_eq!(red.len(), 5, "{red:?}");
    near(red[1].top - red[0].bottom, 4.0, 0.3);
    near(red[4].bottom, 297.0 - 20.0, 0.3);
    for rule in &red[1..] {
        near(rule.left, 20.0, 0.3);
        near(rule.right, 190.0, 0.3);
    }
    let thick = |row: &Ink| row.bottom - row.top > 0.6;
    assert_eq!(red[1..].iter().map(thick).collect::<Vec<_>>(), [true, false, false, true]);
    let text = squeezed(&text_of(&pdf, &[]));
    assert!(text.contains("抄送：葵涌仓库。") && !text.contains("印发") && !text.contains("—1—"), "{text}");
}

#[test]
fn minutes_say_after_their_text_who_was_there() {
    let here = office();
    let note = "---\ntype: minutes\ndate: 2026-11-18\n委员会: 董事会\n主持人: 张伟\n出席: 张伟、陈洁\n请假: 王芳\n列席: 林海\n---\n# 第四次会议纪要\n\n会议听取了汇报。\n";
    let text = squeezed(&text_of(&filed(here.path(), note), &["-layout"]));
    let at = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part}: {text}"));
    assert!(at("海丘贸易有限公司董事会会议纪要") < at("主持人：张伟") && at("主持人：张伟") < at("会议听取了汇报。"));
    assert!(
        at("会议听取了汇报。") < at("出席：张伟、陈洁") && at("出席：张伟、陈洁") < at("请假：王芳") && at("请假：王芳") < at("列席：林海")
    );
}

#[test]
fn a_document_in_english_has_nothing_chinese_on_it() {
    let here = office();
    for (document_type, fields) in [
        (
            "notice",
            "to: All departments\ncopies: The secretary\nsecrecy: Confidential\nsecrecy_term: 1 year\nissuing_office: Registry\nissued: 2026-11-24",
        ),
        (
            "document",
            "author: Amelia Ford\nsigned_off_by: Zhang Wei\nreference: GM/2026/17\ncopies: The secretary\nremark: Not to be passed on",
        ),
        ("minutes", "committee: Executive Committee\nchair: Zhang Wei\npresent: Zhang Wei, Chen Jie\ndistribution: All members"),
        ("annual-summary", "unit: Operations\nsigned_by: Zhang Wei"),
        ("speech", "speaker: Zhang Wei"),
    ] {
        let note = format!("---\nlang: en\ndate: 2026-11-23\n{fields}\n---\n# About the year\n\nThe text of it.\n");
        std::fs::write(here.path().join("note.md"), note).unwrap();
        let arguments = ["--json", "render", "--type", document_type, "note.md", "-o", "note.pdf"];
        let ran = chancery(here.path()).args(arguments).output().unwrap();
        let line = json_lines(&ran.stdout).remove(0);
        assert_eq!(line["status"], "rendered", "{line}");
        let text = text_of(&here.path().join("note.pdf"), &[]);
        assert!(text.contains("Harbour Hill Trading Limited"), "{document_type}: {text}");
        assert!(!text.chars().any(|c| matches!(c, '\u{3000}'..='\u{9fff}' | '\u{ff00}'..='\u{ffef}' | '★')), "{document_type}: {text}");
    }
}

/// What the letter's own layout prints is not printed again by the house.
#[test]
fn a_letter_says_its_number_and_copies_once_and_a_draft_is_stamped_once_a_page() {
    let here = office();
    let letter = "---\ntype: letter\nlang: en\ndate: 2026-11-23\nto: Amelia Ford\ncopies: The Registrar\n---\n# A lease\n\nDear Ms Ford,\n\nWe agree.\n";
    let text = text_of(&filed(here.path(), letter), &["-layout"]);
    assert_eq!((text.matches("2026-001").count(), text.matches("The Registrar").count()), (1, 1), "{text}");
    std::fs::write(here.path().join("note.md"), "---\ndate: 2026-11-23\n---\n# 会议纪要\n\n会议听取了汇报。\n").unwrap();
    let ran = chancery(here.path()).args(["--json", "render", "--type", "minutes", "note.md", "-o", "note.pdf"]).output().unwrap();
    assert_eq!(json_lines(&ran.stdout).remove(0)["status"], "rendered");
    let text = text_of(&here.path().join("note.pdf"), &["-l", "1"]);
    assert_eq!(text.lines().filter(|line| line.trim() == "草案" || line.trim() == "草稿").count(), 1, "{text}");
}

#[test]
fn a_face_that_was_asked_for_and_is_missing_is_told() {
    let here = office();
    let settings =
        SETTINGS.replace("house = \"official\"", "house = \"official\"\nofficial_kai = \"KaiTi\"\nofficial_title = [\"No Such Song\"]");
    std::fs::write(here.path().join("chancery.toml"), settings).unwrap();
    std::fs::write(
        here.path().join("note.md"),
        "---\ndate: 2026-11-23\n---\n# 关于放假的通知\n\n## 一、时间\n\n### （一）放假\n\n明日放假。\n",
    )
    .unwrap();
    let ran = chancery(here.path()).args(["--json", "render", "--type", "notice", "note.md", "-o", "note.pdf"]).output().unwrap();
    let line = json_lines(&ran.stdout).remove(0);
    let told = line["warnings"].to_string().to_lowercase();
    assert!(told.contains("kaiti") && told.contains("no such song") && !told.contains("fangsong"), "{line}");
}

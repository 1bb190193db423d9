//! A register that somebody edited, cut or exchanged.

use std::fs;

use super::*;
use crate::register::tests::finish;

fn lines(archive: &Archive) -> Vec<String> {
    fs::read_to_string(archive.path("register/2026.jsonl")).unwrap().lines().map(str::to_owned).collect()
}

/// Writes the lines, and gives the lines that are found wrong, and what is said of them.
fn broken(archive: &Archive, lines: &[String]) -> Vec<(u64, String)> {
    fs::write(archive.path("register/2026.jsonl"), lines.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
    let chain = archive.verify().into_iter().filter(|finding| finding.wrong == Wrong::Chain);
    chain.map(|finding| (finding.line.unwrap_or_default(), finding.message)).collect()
}

#[test]
fn one_altered_line_is_one_finding() {
    let archive = Archive::new();
    for index in 0..lines(&archive).len() {
        let whole = lines(&archive);
        let mut altered = whole.clone();
        altered[index] = altered[index].replace("note.md", "vote.md");
        let found = broken(&archive, &altered);
        assert_eq!((found.len(), found[0].0), (1, index as u64 + 1), "{found:?}");
        // In its hash.
        altered[index] = whole[index].replace(&whole[index][whole[index].len() - 10..], "01234567\"}");
        let found = broken(&archive, &altered);
        assert_eq!((found.len(), found[0].0), (1, index as u64 + 1), "{found:?}");
        // In its number.
        altered[index] = whole[index].replace(&format!("\"seq\":{}", index + 1), "\"seq\":88");
        let found = broken(&archive, &altered);
        assert_eq!((found.len(), found[0].0), (1, index as u64 + 1), "{found:?}");
        broken(&archive, &whole);
    }
    assert_eq!(archive.verify(), []);
}

#[test]
fn a_dropped_line_is_found_where_it_stood() {
    let archive = Archive::new();
    let whole = lines(&archive);
    for index in 0..whole.len() - 1 {
        let mut shorter = whole.clone();
        shorter.remove(index);
        let found = broken(&archive, &shorter);
        assert_eq!((found.len(), found[0].0), (1, index as u64 + 1), "{found:?}");
        assert!(found[0].1.contains("missing"), "{found:?}");
    }
    let found = broken(&archive, &whole[3..]);
    assert!(found.len() == 1 && found[0].1.contains("3 lines"), "{found:?}");
}

#[test]
fn swapped_and_foreign_lines_are_found() {
    let archive = Archive::new();
    let whole = lines(&archive);
    let mut swapped = whole.clone();
    swapped.swap(2, 3);
    let found = broken(&archive, &swapped);
    assert!(found.iter().any(|(_, message)| message.contains("wrong place")), "{found:?}");
    for foreign in ["", "a remark", "{}", whole[1].as_str(), "\r"] {
        let mut longer = whole.clone();
        longer.insert(4, foreign.to_owned());
        let found = broken(&archive, &longer);
        assert!(found.iter().any(|(line, _)| *line == 5), "{foreign:?}: {found:?}");
    }
}

#[test]
fn lines_that_were_cut_off_are_seen_by_their_files_and_by_a_head() {
    let archive = Archive::new();
    let (_, report) = archive.verify_with(None);
    let whole = lines(&archive);
    assert_eq!(broken(&archive, &whole[..4]), []);
    let (found, _) = archive.verify_with(Some(report.head.clone()));
    let wrongs: Vec<_> = found.iter().map(|finding| finding.wrong).collect();
    assert_eq!(wrongs, [Wrong::Chain, Wrong::Extra]);
    assert!(found[0].message.contains("cut off"), "{}", found[0].message);
    // Written anew to the same length.
    fs::remove_dir_all(archive.path("register")).unwrap();
    let register = Register::open(archive.folder.path()).unwrap();
    for text in ["x", "y", "z"] {
        file_it(&register, &Request { places: vec![Place { role: "document".to_owned(), path: format!("{text}.pdf") }], ..request(text) });
    }
    let (found, _) = archive.verify_with(Some(report.head));
    assert!(found.iter().any(|finding| finding.message.contains("exchanged")), "{found:?}");
}

#[test]
fn a_missing_line_break_is_named_and_its_record_counts() {
    let archive = Archive::new();
    let path = archive.path("register/2026.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.trim_end()).unwrap();
    let (found, report) = archive.verify_with(None);
    assert_eq!((found.len(), found[0].wrong, report.lines), (1, Wrong::Chain, 6));
    assert!(found[0].message.contains("line break"), "{}", found[0].message);
    fs::write(&path, &text[..text.len() - 20]).unwrap();
    assert!(archive.verify().iter().any(|finding| finding.message.contains("no whole line")));
}

#[test]
fn torn_bytes_are_held_to_what_their_line_says() {
    let archive = Archive::new();
    let path = archive.path("register/2026.jsonl");
    fs::write(&path, format!("{}{{\"v\":1,\"se", fs::read_to_string(&path).unwrap())).unwrap();
    let register = Register::open(archive.folder.path()).unwrap();
    finish(&register, &request("four"), &ticket(&register, &request("four")));
    assert_eq!(archive.verify(), []);
    let names = fs::read_dir(archive.path("register")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let torn = names.filter(|name| name.starts_with("torn-")).collect::<Vec<_>>().pop().unwrap();
    let torn = format!("register/{torn}");
    let bytes = fs::read(archive.path(&torn)).unwrap();
    let mut changed = bytes.clone();
    changed[3] ^= 1;
    fs::write(archive.path(&torn), changed).unwrap();
    assert_eq!(archive.wrongs(), [(Wrong::Changed, torn.clone())]);
    fs::remove_file(archive.path(&torn)).unwrap();
    assert_eq!(archive.wrongs(), [(Wrong::Missing, torn.clone())]);
    fs::write(archive.path(&torn), bytes).unwrap();
    fs::write(archive.path("register/torn-19990101T000000Z"), "x").unwrap();
    fs::write(archive.path("register/2026 copy.jsonl"), "x").unwrap();
    let extra = |name: &str| (Wrong::Extra, format!("register/{name}"));
    assert_eq!(archive.wrongs(), [extra("2026 copy.jsonl"), extra("torn-19990101T000000Z")]);
}

#[test]
fn year_files_that_are_gone_or_out_of_order_are_named() {
    let archive = Archive::new();
    let register = Register::open(archive.folder.path()).unwrap();
    for (year, text) in [("2027", "x"), ("2028", "y")] {
        let now = format!("{year}-01-05T09:00:00Z").parse().unwrap();
        file_it(&register, &Request { now, ..with_source(text, text) });
    }
    drop(register);
    assert_eq!(archive.verify(), []);
    let held = archive.path("2027");
    fs::rename(archive.path("register/2027.jsonl"), &held).unwrap();
    let chain = |archive: &Archive| archive.verify().into_iter().find(|finding| finding.wrong == Wrong::Chain).unwrap();
    let found = chain(&archive);
    assert_eq!((found.path.as_str(), found.line), ("register/2028.jsonl", Some(1)));
    assert!(found.message.contains("2 lines between them are missing"), "{}", found.message);
    fs::rename(&held, archive.path("register/2029.jsonl")).unwrap();
    assert!(archive.verify().len() >= 2);
    fs::rename(archive.path("register/2029.jsonl"), archive.path("register/2027.jsonl")).unwrap();
    fs::remove_file(archive.path("register/2026.jsonl")).unwrap();
    assert!(chain(&archive).message.contains("does not begin here"));
    fs::remove_dir_all(archive.path("register")).unwrap();
    assert!(chain(&archive).help.contains("chancery rebuild"));
}

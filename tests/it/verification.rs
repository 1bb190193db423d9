//! `verify` and `head` as scripts and people meet them, over an archive that the program itself filed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use chancery::model::sha256_hex;
use serde_json::Value;

use crate::cli::{chancery, json_lines};

/// An office into which the program filed two notes: a speech with two files, and minutes in Chinese whose source stands beside.
fn office() -> tempfile::TempDir {
    let office = tempfile::tempdir().unwrap();
    fs::create_dir(office.path().join("inbox")).unwrap();
    fs::write(office.path().join("chancery.toml"), "time_zone = \"Asia/Shanghai\"\n[archive]\nattach = \"record\"\n").unwrap();
    let speech = "---\ntype: speech\ndate: 2026-11-20\n---\n# Opening\n\nLadies and gentlemen, welcome.\n";
    let minutes = "---\ntype: minutes\ndate: 2026-11-21\n---\n# 总经理办公会会议纪要\n\n出席：周敏、张伟\n\n会议决定：同意。\n";
    for (name, text) in [("speech.md", speech), ("会议纪要.md", minutes)] {
        fs::write(office.path().join("inbox").join(name), text).unwrap();
    }
    chancery(office.path()).args(["--now", "2026-11-23T09:00:00+08:00", "watch", "--once"]).assert().code(0);
    office
}

fn verify(office: &Path, arguments: &[&str], code: i32) -> Vec<Value> {
    let assert = chancery(office).args(["--json", "verify"]).args(arguments).assert().code(code);
    json_lines(&assert.get_output().stdout)
}

/// Every file below a folder with its hash.
fn everything(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.path().is_dir() {
            found.extend(everything(&entry.path()));
        } else {
            found.insert(entry.path(), sha256_hex(&fs::read(entry.path()).unwrap()));
        }
    }
    found
}

fn pdf(office: &Path, words: &str) -> PathBuf {
    let found = everything(&office.join("archive")).into_keys().find(|path| path.to_string_lossy().ends_with(words));
    found.unwrap_or_else(|| panic!("no {words}"))
}

#[test]
fn a_sound_archive_is_clean_in_words_and_lines_and_nothing_is_written() {
    let office = office();
    let before = everything(office.path());
    let lines = verify(office.path(), &[], 0);
    assert_eq!((lines.len(), lines[0]["status"].as_str(), lines[0]["findings"].as_u64()), (1, Some("summary"), Some(0)));
    // Three PDFs, and the sources of two records.
    assert_eq!(lines[0]["files"], 5);
    let words = chancery(office.path()).arg("verify").assert().code(0);
    assert!(String::from_utf8_lossy(&words.get_output().stdout).contains("everything is as it was filed"));
    let head = chancery(office.path()).arg("head").assert().code(0);
    let head = String::from_utf8(head.get_output().stdout.clone()).unwrap();
    assert_eq!(lines[0]["head"], head.trim_end());
    verify(office.path(), &["--head", head.trim_end()], 0);
    assert_eq!(everything(office.path()), before);
    let json = chancery(office.path()).args(["--json", "head"]).assert().code(0);
    let json = json_lines(&json.get_output().stdout);
    assert_eq!(json[0]["head"], head.trim_end());
    assert!(json[0]["time"].as_str().unwrap().starts_with("2026-11-23T09:00:00"), "{json:?}");
}

#[test]
fn what_is_wrong_is_told_with_the_path_and_what_to_do() {
    let office = office();
    let (press, minutes) = (pdf(office.path(), "(press).pdf"), pdf(office.path(), "总经理办公会会议纪要.pdf"));
    let mut bytes = fs::read(&press).unwrap();
    bytes[100] ^= 4;
    fs::write(&press, bytes).unwrap();
    fs::rename(&minutes, office.path().join("archive/纪要.pdf")).unwrap();
    fs::remove_file(pdf(office.path(), "Opening (source).md")).unwrap();
    fs::write(office.path().join("archive/scan.tif"), "x").unwrap();
    let lines = verify(office.path(), &[], 1);
    let findings: Vec<(&str, &str)> = lines.iter().filter_map(|line| Some((line["finding"].as_str()?, line["path"].as_str()?))).collect();
    let relative = |path: &Path| path.strip_prefix(office.path()).unwrap().to_string_lossy().into_owned();
    let (press, minutes) = (relative(&press), relative(&minutes));
    assert_eq!(findings.len(), 4, "{findings:?}");
    for expected in [("changed", press.as_str()), ("moved", minutes.as_str()), ("extra", "archive/scan.tif")] {
        assert!(findings.contains(&expected), "{expected:?} in {findings:?}");
    }
    assert!(findings.iter().any(|(finding, path)| *finding == "missing" && path.ends_with("Opening (source).md")), "{findings:?}");
    let words = chancery(office.path()).arg("verify").assert().code(1);
    let words = String::from_utf8_lossy(&words.get_output().stdout).into_owned();
    assert!(words.contains("MIN-2026-001") && words.contains("--record-moves") && words.contains("4 findings"), "{words}");
}

#[test]
fn moves_are_recorded_with_a_name() {
    let office = office();
    fs::rename(pdf(office.path(), "总经理办公会会议纪要.pdf"), office.path().join("archive/纪要.pdf")).unwrap();
    chancery(office.path()).args(["verify", "--record-moves"]).assert().code(2);
    let lines = verify(office.path(), &["--record-moves", "--by", "周敏"], 0);
    let recorded: Vec<&Value> = lines.iter().filter(|line| line["status"] == "recorded").collect();
    assert_eq!((recorded.len(), recorded[0]["to"].as_str()), (1, Some("archive/纪要.pdf")));
    assert_eq!(verify(office.path(), &[], 0).len(), 1);
    let show = chancery(office.path()).args(["open", "MIN-2026-001"]).assert().code(0);
    assert_eq!(String::from_utf8_lossy(&show.get_output().stdout), "archive/纪要.pdf\n");
    let register = fs::read_to_string(office.path().join("archive/register/2026.jsonl")).unwrap();
    assert!(register.lines().last().unwrap().contains(r#""event":"moved""#) && register.contains("周敏"));
}

#[test]
fn a_register_that_was_cut_off_is_seen_by_its_pdfs_and_by_a_head() {
    let office = office();
    let head = chancery(office.path()).arg("head").assert().code(0);
    let head = String::from_utf8(head.get_output().stdout.clone()).unwrap();
    let path = office.path().join("archive/register/2026.jsonl");
    let lines: Vec<String> = fs::read_to_string(&path).unwrap().lines().map(str::to_owned).collect();
    let first = lines.iter().position(|line| line.contains(r#""event":"filed""#)).unwrap();
    fs::write(&path, lines[..=first].iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
    let words = |arguments: &[&str]| {
        let assert = chancery(office.path()).arg("verify").args(arguments).assert().code(1);
        String::from_utf8_lossy(&assert.get_output().stdout).into_owned()
    };
    let found = words(&[]);
    assert!(found.contains("which the register does not know: the register's end was cut off"), "{found}");
    assert!(words(&["--head", head.trim_end()]).contains("were cut off or exchanged"));
    fs::remove_file(&path).unwrap();
    assert!(words(&[]).contains("There is no register"));
    chancery(office.path()).args(["verify", "--head", "12:abc"]).assert().code(2);
}

#[test]
fn an_office_without_records_has_nothing_to_verify() {
    let office = tempfile::tempdir().unwrap();
    chancery(office.path()).arg("init").assert().code(0);
    assert_eq!(verify(office.path(), &[], 0)[0]["files"], 0);
    let head = chancery(office.path()).arg("head").assert().code(0);
    assert_eq!(String::from_utf8_lossy(&head.get_output().stdout), "0:\n");
    verify(office.path(), &["--head", "0:"], 0);
    fs::remove_dir_all(office.path().join("archive")).unwrap();
    verify(office.path(), &[], 1);
}

/// Somebody who may only read the archive can verify it: an auditor, or whoever keeps the backup.
#[cfg(unix)]
#[test]
fn an_archive_that_may_only_be_read_is_verified_by_somebody_else() {
    use std::os::unix::fs::PermissionsExt as _;
    use std::os::unix::process::CommandExt as _;

    let office = office();
    let allow = |mode: u32| {
        let mut paths: Vec<PathBuf> = everything(office.path()).into_keys().collect();
        paths.extend(paths.clone().iter().flat_map(|path| path.ancestors().skip(1)).map(Path::to_path_buf));
        for path in paths.iter().filter(|path| path.starts_with(office.path())) {
            let mode = if path.is_dir() { mode } else { mode & 0o666 };
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        }
    };
    allow(0o555);
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_chancery"));
    let output = command.current_dir(office.path()).arg("verify").uid(65_534).gid(65_534).output();
    match output {
        Ok(output) => assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr)),
        Err(_) => eprintln!("skipped: this test needs to run something as another user"),
    }
    // What may not even be read is no finding but a fault of the machine.
    fs::set_permissions(pdf(office.path(), "Opening.pdf"), fs::Permissions::from_mode(0o000)).unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_chancery"));
    if let Ok(output) = command.current_dir(office.path()).args(["--json", "verify"]).uid(65_534).gid(65_534).output() {
        assert_eq!(output.status.code(), Some(3));
        let lines = json_lines(&output.stdout);
        assert!(lines.iter().all(|line| line["finding"].is_null()), "{lines:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("Opening.pdf"));
    }
    allow(0o755);
}

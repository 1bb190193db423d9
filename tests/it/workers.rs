//! Documents that hurt whoever works on them: each has its problem, the others are made, and nothing is left running.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::cli::{chancery, json_lines};

#[cfg(target_os = "linux")]
mod idle;

const GOOD: &str = "---\ntype: notice\ndate: 2026-11-20\n---\n# Drill\n\nLeave the house.\n";
/// Short, so that the tests are; a machine that is busy still sets a page within it.
const LIMITS: &str = "[limits]\ntime = \"4 s\"\nmemory = \"300 MiB\"\n";

/// An office with these limits and a type `trap` whose layout and words are given.
fn office(limits: &str, layout: &str, words: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    chancery(folder.path()).args(["-q", "init"]).assert().code(0);
    fs::write(folder.path().join("chancery.toml"), format!("{limits}[fonts]\nfolders = []\n")).unwrap();
    let folder_of_type = folder.path().join("templates/trap");
    fs::create_dir_all(&folder_of_type).unwrap();
    let manifest = "title = { en = \"Trap\" }\nsummary = { en = \"A trap.\" }\n[archive]\npath = \"{{ year }}/trap/{{ title }}\"\n";
    for (name, text) in [("manifest.toml", manifest), ("layout.typ", layout), ("words.md", words)] {
        fs::write(folder_of_type.join(name), text).unwrap();
    }
    folder
}

const ENDLESS_LAYOUT: &str = "#let layout(data, words) = { for a in range(9000) { for b in range(9000) { for c in range(9000) { } } } }\n";
const PLAIN_LAYOUT: &str = "#let layout(data, words) = words(())\n";

fn lines(folder: &Path, arguments: &[&str]) -> Vec<Value> {
    let output = chancery(folder).arg("--json").args(arguments).output().unwrap();
    json_lines(&output.stdout)
}

/// Drops a note for the trap and good ones before and after it; gives the code of the trap's problem.
fn caught(folder: &Path, trap: &str) -> String {
    let inbox = folder.join("inbox");
    fs::write(inbox.join("a.md"), GOOD).unwrap();
    fs::write(inbox.join("b.md"), trap).unwrap();
    fs::write(inbox.join("c.md"), GOOD.replace("house", "hall")).unwrap();
    let told = lines(folder, &["watch", "--once"]);
    let of = |name: &str| told.iter().find(|line| line["source"] == format!("inbox/{name}")).unwrap_or_else(|| panic!("{told:?}"));
    assert_eq!((of("a.md")["status"].as_str(), of("c.md")["status"].as_str()), (Some("filed"), Some("filed")));
    assert_eq!(of("b.md")["status"], "attention");
    let note = fs::read_to_string(inbox.join("b.md.problem.txt")).unwrap();
    assert!(note.contains("→"), "{note}");
    assert!(inbox.join("b.md").is_file() && !inbox.join("a.md").exists());
    of("b.md")["problem"]["code"].as_str().unwrap().to_owned()
}

const TRAP: &str = "---\ntype: trap\ndate: 2026-11-20\n---\n# It is a trap\n\nSome words.\n";

#[test]
fn a_layout_and_words_without_end_are_stopped() {
    let office = office(LIMITS, ENDLESS_LAYOUT, "{{ body }}");
    assert_eq!(caught(office.path(), TRAP), "over-time");
    let words = "{% for a in range(end=100000) %}{% for b in range(end=100000) %}{% for c in range(end=100000) %}{% endfor %}{% endfor %}{% endfor %}";
    fs::write(office.path().join("templates/trap/layout.typ"), PLAIN_LAYOUT).unwrap();
    fs::write(office.path().join("templates/trap/words.md"), words).unwrap();
    let told = lines(office.path(), &["watch", "--once"]);
    assert_eq!(told[0]["problem"]["code"], "over-time", "{told:?}");
    // Mended, it is filed.
    fs::write(office.path().join("templates/trap/words.md"), "{{ body }}").unwrap();
    let told = lines(office.path(), &["watch", "--once"]);
    assert_eq!(told[0]["status"], "filed", "{told:?}");
    assert!(!office.path().join("inbox/b.md.problem.txt").exists());
}

#[test]
fn a_layout_that_takes_memory_without_end_is_stopped() {
    let layout = "#let layout(data, words) = { let all = (); for i in range(9000) { all.push(\"x\" * 1000000) }; [#all.len()] }\n";
    let office = office("[limits]\nmemory = \"300 MiB\"\n", layout, "{{ body }}");
    assert_eq!(caught(office.path(), TRAP), "over-memory");
}

#[test]
fn too_many_pages_and_too_large_a_file_are_told_with_the_limit() {
    let layout = "#let layout(data, words) = { for i in range(30) { [#i #lorem(400)]; pagebreak() }; [end] }\n";
    let office = office("[limits]\npages = 20\n", layout, "{{ body }}");
    assert_eq!(caught(office.path(), TRAP), "over-pages");
    let manifest = office.path().join("templates/trap/manifest.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, format!("{text}\n[limits]\npages = 40\nsize = \"64 KiB\"\n")).unwrap();
    let problem = &lines(office.path(), &["watch", "--once"])[0]["problem"];
    let is_larger = problem["code"] == "over-size";
    assert!(is_larger && problem["help"].as_str().unwrap().contains("manifest.toml"), "{problem}");
    fs::write(&manifest, format!("{text}\n[limits]\npages = 40\n")).unwrap();
    assert_eq!(lines(office.path(), &["watch", "--once"])[0]["status"], "filed");
}

#[test]
fn what_is_nested_without_end_harms_nobody() {
    let lists: String = (0..20_000).map(|depth| format!("{}- x\n", " ".repeat(2 * (depth % 2_000)))).collect();
    let quotes = ">".repeat(20_000);
    let html = "<b><i>".repeat(20_000);
    let emphasis = "*_".repeat(20_000);
    let office = office(LIMITS, PLAIN_LAYOUT, "{{ body }}");
    for (name, text) in [("lists", lists), ("quotes", quotes), ("html", html), ("emphasis", emphasis)] {
        fs::write(office.path().join(format!("inbox/{name}.md")), format!("{TRAP}\n{text} end\n")).unwrap();
    }
    fs::write(office.path().join("inbox/good.md"), GOOD).unwrap();
    let told = lines(office.path(), &["watch", "--once"]);
    let good = told.iter().find(|line| line["source"] == "inbox/good.md").unwrap();
    assert_eq!(good["status"], "filed");
    for line in told.iter().filter(|line| line["source"].is_string()) {
        assert!(line["status"] == "filed" || line["problem"]["code"].is_string(), "{line}");
    }
}

#[test]
fn a_drawing_that_grows_without_end_is_stopped() {
    let mut drawing = String::from(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"><defs><g id=\"a0\"><rect width=\"1\" height=\"1\"/></g>",
    );
    for level in 1..20 {
        let uses = format!("<use href=\"#a{}\"/>", level - 1).repeat(10);
        drawing += &format!("<g id=\"a{level}\">{uses}</g>");
    }
    drawing += "</defs><use href=\"#a19\"/></svg>";
    let office = office(LIMITS, PLAIN_LAYOUT, "{{ body }}");
    fs::write(office.path().join("inbox/bomb.svg"), drawing).unwrap();
    let code = caught(office.path(), &format!("{TRAP}\n![A drawing](bomb.svg)\n"));
    assert!(["over-time", "over-memory", "image-unreadable", "crashed"].contains(&code.as_str()), "{code}");
}

#[cfg(target_os = "linux")]
#[test]
fn an_office_need_not_be_named_in_utf_8() {
    use std::os::unix::ffi::OsStrExt as _;

    let here = tempfile::tempdir().unwrap();
    let office = here.path().join(std::ffi::OsStr::from_bytes(b"caf\xe9"));
    fs::create_dir(&office).unwrap();
    chancery(&office).args(["-q", "init"]).assert().code(0);
    // The second time there is a folder in which fonts are remembered.
    for text in [GOOD.to_owned(), GOOD.replace("house", "hall")] {
        fs::write(office.join("inbox/a.md"), text).unwrap();
        chancery(&office).args(["-q", "watch", "--once"]).assert().code(0);
        assert!(!office.join("inbox/a.md").exists());
    }
}

/// The processes that a process has started.
#[cfg(target_os = "linux")]
fn children(parent: u32) -> Vec<u32> {
    let Ok(text) = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")) else { return Vec::new() };
    text.split_whitespace().filter_map(|number| number.parse().ok()).collect()
}

#[cfg(target_os = "linux")]
fn signal(process: u32, name: &str) {
    Command::new("kill").args([name, &process.to_string()]).stderr(Stdio::null()).status().unwrap();
}

/// Waits until the program has a worker, and gives it.
#[cfg(target_os = "linux")]
fn worker_of(program: u32) -> u32 {
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(worker) = children(program).first() {
            return *worker;
        }
        assert!(Instant::now() < until, "it starts no worker");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[cfg(target_os = "linux")]
fn is_alive(process: u32) -> bool {
    // A process that has ended and was not waited for is a zombie, and gone.
    fs::read_to_string(format!("/proc/{process}/stat")).is_ok_and(|stat| !stat.rsplit(')').next().unwrap_or("").trim().starts_with('Z'))
}

#[cfg(target_os = "linux")]
fn start(folder: &Path, arguments: &[&str]) -> std::process::Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chancery"));
    command.current_dir(folder).args(arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn workers_that_are_killed_from_outside_are_replaced_and_no_row_is_lost() {
    let office = office("", PLAIN_LAYOUT, "{{ body }}");
    let rows: String = (0..80).map(|row| format!("{row},Guest {row}\n")).collect();
    fs::write(office.path().join("rows.csv"), format!("id,name\n{rows}")).unwrap();
    fs::write(office.path().join("n.md"), GOOD.replace("Drill", "Drill for {{ row.name }}")).unwrap();
    let program = start(office.path(), &["--json", "batch", "n.md", "--rows", "rows.csv", "--file", "--jobs", "2"]);
    let id = program.id();
    let hunter = std::thread::spawn(move || {
        let mut killed = 0;
        while killed < 6 && is_alive(id) {
            std::thread::sleep(Duration::from_millis(120));
            if let Some(worker) = children(id).first() {
                signal(*worker, "-KILL");
                killed += 1;
            }
        }
        killed
    });
    let output = program.wait_with_output().unwrap();
    assert!(hunter.join().unwrap() > 0);
    let told = json_lines(&output.stdout);
    let filed = told.iter().filter(|line| line["part"].is_string() && line["status"] == "filed").count();
    assert_eq!(filed, 80, "{:?}", told.last());
    chancery(office.path()).arg("verify").assert().code(0);
    let numbers: Vec<String> =
        lines(office.path(), &["list", "--all"]).iter().filter_map(|line| Some(line["number"].as_str()?.to_owned())).collect();
    let distinct: std::collections::BTreeSet<_> = numbers.iter().collect();
    assert_eq!((numbers.len(), distinct.len()), (80, 80));
}

#[cfg(target_os = "linux")]
#[test]
fn a_worker_that_stands_still_is_replaced_when_its_time_is_up() {
    let office = office(LIMITS, PLAIN_LAYOUT, "{{ body }}");
    let program = start(office.path(), &["--json", "watch"]);
    fs::write(office.path().join("inbox/a.md"), GOOD).unwrap();
    let until = Instant::now() + Duration::from_secs(90);
    let inbox = office.path().join("inbox");
    while inbox.join("a.md").exists() {
        assert!(Instant::now() < until, "the first one is not made");
        std::thread::sleep(Duration::from_millis(20));
    }
    let worker = worker_of(program.id());
    signal(worker, "-STOP");
    // More than its pipe holds: whoever writes to it waits.
    fs::write(inbox.join("plan.csv"), "a,b\n".repeat(1 << 19)).unwrap();
    fs::write(inbox.join("late.md"), GOOD.replace("house", "yard").replace("---\n#", "attachments: plan.csv\n---\n#")).unwrap();
    while inbox.join("late.md").exists() {
        assert!(Instant::now() < until, "it waits for ever");
        std::thread::sleep(Duration::from_millis(20));
    }
    fs::write(office.path().join("inbox/b.md"), GOOD.replace("house", "hall")).unwrap();
    while office.path().join("inbox/b.md").exists() {
        assert!(Instant::now() < until, "the next one is not made");
        std::thread::sleep(Duration::from_millis(20));
    }
    signal(program.id(), "-TERM");
    program.wait_with_output().unwrap();
    let until = Instant::now() + Duration::from_secs(10);
    while is_alive(worker) {
        assert!(Instant::now() < until, "the worker that stood still is still there");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_worker_ends_with_its_program_also_in_the_middle_of_its_work() {
    let office = office("", ENDLESS_LAYOUT, "{{ body }}");
    fs::write(office.path().join("n.md"), TRAP).unwrap();
    let mut program = start(office.path(), &["--json", "render", "n.md"]);
    let worker = worker_of(program.id());
    std::thread::sleep(Duration::from_millis(1_500));
    program.kill().unwrap();
    program.wait().unwrap();
    let until = Instant::now() + Duration::from_secs(10);
    while is_alive(worker) {
        assert!(Instant::now() < until, "its worker goes on without it");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[cfg(unix)]
#[test]
fn a_worker_that_says_what_is_no_message_is_not_believed() {
    use std::os::unix::fs::PermissionsExt as _;

    use chancery::config::Settings;
    use chancery::intake::Arrival;
    use chancery::model::{Clock, Dropped};
    use chancery::office::Office;
    use chancery::pipeline::{Wishes, preview};
    use chancery::workers::{Size, Staff};

    let folder = tempfile::tempdir().unwrap();
    let zone = chrono_tz::Europe::Berlin;
    let program = folder.path().join("liar");
    for (script, code) in
        [("echo I am a worker", "worker-start"), ("exit 3", "worker-start"), ("printf 'CHW1\\377\\377\\377\\377'", "worker-start")]
    {
        fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let settings = Settings::load(folder.path(), None, zone).unwrap();
        let office = Office::open(folder.path(), settings, Clock::machine(zone))
            .unwrap()
            .staffed(Staff::new(program.clone(), Size::side_by_side(1)));
        let note =
            Dropped { path: "n.md".into(), name: "n.md".to_owned(), modified: chrono::DateTime::UNIX_EPOCH, bytes: GOOD.as_bytes().into() };
        let problems = preview(&Arrival::alone(note), &office, &Wishes::default(), None).unwrap_err();
        assert_eq!(problems.first().code, code, "{script}: {problems}");
        assert_eq!(problems.first().blame, chancery::failure::Blame::Machine, "no note is to blame");
    }
}

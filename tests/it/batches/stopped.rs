//! A batch that is stopped by a signal, killed, or comes upon a full disk goes on: no row is lost, none is doubled, the numbers have no
//! gap and follow the rows.

use std::fs;
use std::os::unix::fs::symlink;

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use super::{assert_complete, assert_filed, batch, cached, cards, guests, lies_in, office, rows, until};
use crate::machine::{SmallDisk, fill_but};

/// More than two groups.
const ROWS: usize = 150;

#[test]
fn a_filed_batch_that_is_killed_again_and_again_goes_on() {
    let office = office();
    guests(office.path(), ROWS);
    let mut random = StdRng::seed_from_u64(5);
    // What was filed is told again at once, so that each run gets further than the one before it.
    for told in [1, 65, 90, 129] {
        until(office.path(), &["--file", "--resume"], told + random.random_range(0..20), "-KILL");
    }
    let (code, lines, _) = batch(office.path(), &["--file", "--resume"]);
    assert_eq!(code, 0);
    assert_filed(office.path(), &lines, ROWS, "killed at random");
    let (_, lines, _) = batch(office.path(), &["--file", "--resume"]);
    assert!(rows(&lines).iter().all(|line| line["status"] == "duplicate"));
    assert_filed(office.path(), &lines, ROWS, "nothing is left to do");
}

#[cfg(feature = "failpoints")]
#[test]
fn a_filed_batch_that_is_killed_at_any_of_its_points_goes_on() {
    use crate::cli::chancery;
    // Each in the second group, or near the second row.
    let points = [
        "register::before-reserve",
        "register::reserve-torn",
        "register::reserve-written",
        "register::reserved",
        "pipeline::admitted",
        "pipeline::set",
        "filing::half-written",
        "filing::synced",
        "filing::renamed",
        "filing::folders-synced",
        "register::filed-torn",
        "register::filed-written",
        "filing::committed",
    ];
    for point in points {
        let office = office();
        guests(office.path(), 80);
        let command = ["batch", "card.md", "--rows", "guests.csv", "--file"];
        let killed = chancery(office.path()).args(command).env("FAILPOINTS", format!("{point}=1*off->return")).output().unwrap();
        assert_eq!(killed.status.code(), None, "{point}: it was to be killed");
        let (code, lines, said) = batch(office.path(), &["--file", "--resume"]);
        assert_eq!(code, 0, "{point}: {said}");
        assert_filed(office.path(), &lines, 80, point);
    }
}

#[test]
fn a_batch_into_a_folder_that_is_killed_goes_on_with_what_is_missing() {
    let office = office();
    guests(office.path(), 60);
    let folder = office.path().join("card-batch");
    let mut stood = 0;
    for told in [7, 31, 44] {
        until(office.path(), &["--resume"], told, "-KILL");
        // As if it had been killed while it wrote.
        fs::write(folder.join(".chancery-batch-xyz"), "half").unwrap();
        let (_, sorted): (Vec<String>, Vec<String>) = lies_in(&folder).into_iter().partition(|name| name.starts_with('.'));
        assert!(sorted.len() >= told.max(stood), "{sorted:?}");
        stood = sorted.len();
    }
    let (code, lines, _) = batch(office.path(), &["--resume"]);
    assert_eq!(code, 0);
    // Of the last document the line may be missing that it had been made.
    assert!(cached(&lines).len() + 1 >= stood, "{} of {stood}", cached(&lines).len());
    assert_eq!(lies_in(&folder), cards(60));
    for line in rows(&lines) {
        let bytes = fs::read(office.path().join(line["pdf"].as_str().unwrap())).unwrap();
        assert_eq!(chancery::model::sha256_hex(&bytes), line["sha256"].as_str().unwrap());
    }
    assert_eq!(cached(&batch(office.path(), &[]).1).len(), 60);
}

/// The command that a stopped batch says goes on, without the program's name.
fn told_command(said: &str) -> Vec<String> {
    let line = said.lines().find_map(|line| line.strip_prefix("Go on with: chancery ")).unwrap_or_else(|| panic!("{said}"));
    line.split(' ').map(str::to_owned).collect()
}

#[test]
fn a_batch_that_is_interrupted_says_how_far_it_came_and_which_command_goes_on() {
    for aim in [&["--file"][..], &["-o", "out"]] {
        let office = office();
        guests(office.path(), 400);
        let mut options = vec!["--report", "report.jsonl", "--jobs", "2"];
        options.extend(aim);
        let (code, said) = until(office.path(), &options, 5, "-INT");
        assert_eq!(code, Some(0), "{said}");
        let stopped = said.lines().find(|line| line.starts_with("Stopped after ")).unwrap_or_else(|| panic!("{said}"));
        let done: usize = stopped.split(' ').nth(2).unwrap().parse().unwrap();
        assert!((5..400).contains(&done) && stopped.ends_with("of 400 rows."), "{stopped}");
        let report = || fs::read_to_string(office.path().join("report.jsonl")).unwrap().lines().count();
        assert_eq!(report(), done, "the report tells of what was done");
        let command = told_command(&said);
        assert_eq!(command.last().unwrap(), "--resume");
        let output = crate::cli::chancery(office.path()).args(&command).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let lines = crate::cli::json_lines(&output.stdout);
        assert_eq!(report(), 400);
        if aim == ["--file"] {
            assert_filed(office.path(), &lines, 400, "interrupted");
            assert_eq!(rows(&lines).iter().filter(|line| line["status"] == "duplicate").count(), done);
        } else {
            assert_eq!(lies_in(&office.path().join("out")), cards(400));
            assert_eq!(cached(&lines), (1..=done).collect::<Vec<_>>());
        }
    }
}

#[test]
fn a_zip_that_is_interrupted_is_not_there() {
    let office = office();
    guests(office.path(), 400);
    let (code, said) = until(office.path(), &["--zip", "cards.zip"], 3, "-INT");
    assert_eq!(code, Some(0));
    assert!(said.contains("cards.zip was not written") && !said.contains("Go on with"), "{said}");
    assert!(!lies_in(office.path()).iter().any(|name| name.contains("zip") || name.starts_with(".chancery-")));
}

#[test]
fn a_full_disk_stops_a_filed_batch_and_it_goes_on_when_there_is_room() {
    let Some(disk) = SmallDisk::mount(24 << 10) else { return };
    let office = office();
    guests(office.path(), 400);
    fs::remove_dir_all(office.path().join("archive")).unwrap();
    symlink(disk.0.path(), office.path().join("archive")).unwrap();
    // Room for the first rows and not for all.
    for pages in [3, 40, 500] {
        fill_but(disk.0.path(), pages);
        let (code, lines, said) = batch(office.path(), &["--file", "--resume"]);
        assert_eq!(code, 3, "{pages} pages: {said}");
        assert!(said.contains("No space left") && said.contains("--file --resume"), "{said}");
        assert!(rows(&lines).len() < 400, "the rows to come are not tried");
        fs::remove_file(disk.0.path().join("filler")).unwrap();
    }
    let (code, lines, said) = batch(office.path(), &["--file", "--resume"]);
    assert_eq!(code, 0, "{said}");
    // A row that found no room may have been followed by one that did.
    assert_complete(office.path(), &lines, 400, "after a full disk");
}

#[test]
fn a_full_disk_stops_a_batch_into_a_folder_and_it_goes_on_when_there_is_room() {
    let Some(disk) = SmallDisk::mount(4 << 10) else { return };
    let office = office();
    guests(office.path(), 90);
    let out = disk.0.path().join("out").to_string_lossy().into_owned();
    fill_but(disk.0.path(), 300);
    let (code, lines, said) = batch(office.path(), &["-o", &out]);
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("No space left") && said.contains("Stopped after "), "{said}");
    let zip = disk.0.path().join("cards.zip").to_string_lossy().into_owned();
    let (code, _, in_zip) = batch(office.path(), &["--zip", &zip]);
    assert!(code == 3 && in_zip.contains("cards.zip was not written") && !in_zip.contains("ZipWriter"), "{in_zip}");
    assert_eq!(lies_in(disk.0.path()), ["filler", "out"]);
    let done = rows(&lines).iter().filter(|line| line["status"] == "rendered").count();
    assert!((1..90).contains(&done) && rows(&lines).len() < 90, "{done}");
    fs::remove_file(disk.0.path().join("filler")).unwrap();
    let (code, lines, said) = batch(office.path(), &["-o", &out, "--resume"]);
    assert_eq!(code, 0, "{said}");
    assert!(!cached(&lines).is_empty());
    assert_eq!(lies_in(disk.0.path().join("out").as_path()), cards(90));
}

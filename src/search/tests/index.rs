//! The index itself: how it follows, goes on, is damaged and made again.

use std::collections::BTreeSet;
use std::fs;
use std::time::{Duration, Instant};

use super::super::*;
use super::{Office, search};
use crate::register::Register;
use crate::register::tests::{dispose, void};

#[test]
fn a_new_version_takes_the_place_of_the_old_one() {
    let office = Office::new();
    let first = office.file_as("# Plan\nold wording", |request| request.id = Some("plan".to_owned()));
    assert_eq!(office.titles("wording"), ["Plan"]);
    let second = office.file_as("# Plan\nnew words", |request| request.id = Some("plan".to_owned()));
    assert_eq!((second.version, second.supersedes), (2, Some(first.seq)));
    assert_eq!(office.titles("old"), [] as [&str; 0]);
    assert_eq!(office.titles("plan"), ["Plan"]);
    let all = office.found(&Search { all: true, ..search("wording") });
    assert_eq!(all.hits.iter().map(|hit| hit.seq).collect::<Vec<_>>(), [first.seq]);
    assert_eq!(office.found(&Search { all: true, ..search("plan") }).hits.len(), 2);
}

#[test]
fn an_index_made_at_once_is_the_same_as_one_that_followed() {
    let office = Office::new();
    for text in ["first one", "second one", "third one"] {
        office.file_as(&format!("# Plan\n{text}"), |request| request.id = Some("plan".to_owned()));
        office.ready();
    }
    office.file("# Other\none");
    let ask = |all| office.found(&Search { all, ..search("one") }).hits.len();
    assert_eq!((ask(false), ask(true)), (2, 4));
    fs::remove_dir_all(office.folder.path().join(".chancery")).unwrap();
    assert_eq!((ask(false), ask(true)), (2, 4));
}

#[test]
fn it_goes_on_where_it_was_stopped() {
    let office = Office::new();
    let notes: Vec<String> = (0..40).map(|number| format!("# Note {number}\nsame word{number}")).collect();
    notes.iter().for_each(|note| drop(office.file(note)));
    let stops = std::cell::Cell::new(0);
    let mut follower = Follower::take(&office.home(), &office.register).unwrap().unwrap();
    // One page has all of them: the first look at whether to stop comes before it.
    let reached = follower.advance(&office.register, &office.archive(), &|| stops.replace(1) == 0).unwrap();
    assert_eq!(reached, Reached::Stopped);
    for (state, text) in office.register.filed_after(0, 15).unwrap().iter().zip(&notes) {
        follower.add(state, text).unwrap();
    }
    follower.commit().unwrap();
    for (state, text) in office.register.filed_after(15, 5).unwrap().iter().zip(&notes) {
        follower.add(state, text).unwrap();
    }
    // As if it were killed here: what is not committed is read again, and nothing twice.
    drop(follower);
    let finder = Finder::open(&office.home()).unwrap();
    let before = finder.find(&search("same")).unwrap().hits.len();
    assert!(before == 15 && finder.missing(&office.register, 1000).unwrap() == Some(25), "{before}");
    assert_eq!(office.titles("same").len(), 40);
    assert_eq!(office.titles("word39"), ["Note 39"]);
}

#[test]
fn an_index_that_is_damaged_or_of_another_version_is_made_again() {
    type Damage = fn(&std::path::Path);
    let damage: [(&str, Damage); 4] = [
        ("meta", |folder| fs::write(folder.join("meta.json"), "{ half").unwrap()),
        ("cut off", |folder| {
            for entry in fs::read_dir(folder).unwrap().flatten() {
                if entry.path().extension().is_some_and(|end| end == "idx" || end == "term") {
                    fs::write(entry.path(), "short").unwrap();
                }
            }
        }),
        ("missing", |folder| {
            for entry in fs::read_dir(folder).unwrap().flatten() {
                if entry.path().extension().is_some_and(|end| end == "fast") {
                    fs::remove_file(entry.path()).unwrap();
                }
            }
        }),
        ("another format", |folder| {
            let meta = fs::read_to_string(folder.join("meta.json")).unwrap();
            assert!(meta.contains("\\\"format\\\":"), "{meta}");
            fs::write(folder.join("meta.json"), meta.replace("\\\"format\\\":", "\\\"format\\\":9")).unwrap();
        }),
    ];
    for (what, damage) in damage {
        let office = Office::with(&["# One\nbudget"]);
        assert_eq!(office.titles("budget"), ["One"]);
        damage(&office.folder.path().join(".chancery/search"));
        let ready = office.ready();
        assert!(ready.remade.is_some(), "{what}");
        assert_eq!(office.titles("budget"), ["One"], "{what}");
        assert!(office.ready().remade.is_none(), "{what}");
    }
}

#[test]
fn an_index_of_another_register_is_made_again() {
    let office = Office::with(&["# One\nbudget", "# Two\nbudget"]);
    assert_eq!(office.titles("budget").len(), 2);
    fs::rename(office.archive(), office.folder.path().join("gone")).unwrap();
    let restored = Office { register: Register::open(&office.archive()).unwrap(), folder: office.folder };
    restored.file("# Three\nharbour");
    assert_eq!(restored.titles("budget"), [] as [&str; 0]);
    assert_eq!(restored.titles("harbour"), ["Three"]);
}

#[test]
fn what_is_missing_or_damaged_in_the_archive_is_found_by_its_register_fields() {
    let office = Office::new();
    let record = office.file_as("# Board\nhidden words", |request| request.places.truncate(1));
    assert_eq!(office.titles("board"), ["Board"], "a PDF that is none");
    let gone = office.file("# Gone\nother words");
    gone.files.iter().for_each(|file| fs::remove_file(office.archive().join(&file.path)).unwrap());
    assert_eq!(office.titles("gone"), ["Gone"]);
    assert_eq!(office.line("gone"), "[Gone]");
    assert_eq!(office.titles(&record.number.unwrap()), ["Board"]);
}

#[test]
fn another_writer_is_not_disturbed_and_what_is_there_is_searched() {
    let office = Office::with(&["# One\nbudget"]);
    assert_eq!(office.titles("budget"), ["One"]);
    let writer = Follower::take(&office.home(), &office.register).unwrap().unwrap();
    assert!(Follower::take(&office.home(), &office.register).unwrap().is_none());
    office.file("# Two\nbudget");
    let ready = ready(&office.home(), &office.register, &office.archive(), Duration::from_millis(60)).unwrap();
    assert_eq!(ready.missing, 1);
    assert_eq!(ready.finder.unwrap().find(&search("budget")).unwrap().hits.len(), 1);
    drop(writer);
    assert_eq!(office.titles("budget").len(), 2);
}

#[test]
fn a_follower_in_the_background_sees_what_others_file_and_a_deleted_index() {
    let office = Office::with(&["# One\nbudget"]);
    let told = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let tell = std::sync::Arc::clone(&told);
    let background =
        Background::start(office.archive(), office.folder.path().join(".chancery"), move |words| tell.lock().unwrap().push(words)).unwrap();
    let wait_for = |hits: usize| {
        let until = Instant::now() + Duration::from_secs(60);
        let found = || Finder::open(&office.home()).and_then(|finder| finder.find(&search("budget"))).map_or(0, |found| found.hits.len());
        while found() != hits {
            assert!(Instant::now() < until, "{} instead of {hits}; {:?}", found(), told.lock().unwrap());
            std::thread::sleep(Duration::from_millis(10));
        }
    };
    wait_for(1);
    office.file("# Two\nbudget");
    background.wake();
    wait_for(2);
    fs::remove_dir_all(office.folder.path().join(".chancery/search")).unwrap();
    wait_for(2);
    drop(background);
    assert!(Follower::take(&office.home(), &office.register).unwrap().is_some(), "the lock is free again");
}

#[test]
fn what_is_void_is_found_only_with_all() {
    let office = Office::new();
    let record = office.file("# Wrong\nbudget");
    assert_eq!(office.titles("budget"), ["Wrong"]);
    void(&office.register, &record);
    assert_eq!(office.titles("budget"), [] as [&str; 0]);
    assert_eq!(office.titles_of(&Search { all: true, ..search("budget") }), ["Wrong"]);
    assert_eq!(office.titles_of(&Search { all: true, status: Some("void".to_owned()), ..search("") }), ["Wrong"]);
}

#[test]
fn what_is_disposed_of_leaves_the_index_and_no_file_of_it_stays() {
    let office = Office::new();
    let record = office.file("# Secret\nzyxwvutsrq and more");
    office.file("# Other\nand more");
    let parts = || {
        let entries = fs::read_dir(office.folder.path().join(".chancery/search")).unwrap().flatten();
        let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        names.filter_map(|name| Some(name.split_once('.').filter(|(stem, _)| stem.len() == 32)?.0.to_owned())).collect::<BTreeSet<_>>()
    };
    assert_eq!(office.titles("zyxwvutsrq"), ["Secret"]);
    let before = parts();
    assert!(!before.is_empty(), "a part has files of its own name");
    dispose(&office.register, &record);
    assert_eq!(office.titles_of(&Search { all: true, ..search("zyxwvutsrq") }), [] as [&str; 0]);
    assert!(parts().is_disjoint(&before), "every part that held it was written anew");
    assert_eq!(office.titles("more"), ["Other"]);
    assert_eq!(office.titles_of(&Search { all: true, ..search("secret") }), ["Secret"], "its line in the register stays");
}

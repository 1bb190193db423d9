//! The lines on the disk: the chain under many writers, damage, torn tails, newer formats.

use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;

use super::super::*;
use super::{file_it, finish, lines, request, sound};

#[test]
fn many_writers_at_once_keep_the_chain_and_the_numbers() {
    let archive = tempfile::tempdir().unwrap();
    let registers = [Register::open(archive.path()).unwrap(), Register::open(archive.path()).unwrap()];
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (register, next) = (&registers[thread % 2], &next);
            scope.spawn(move || {
                for _ in 0..10 {
                    let text = format!("note {}", next.fetch_add(1, Ordering::Relaxed));
                    file_it(register, &request(&text));
                }
            });
        }
    });
    let register = sound(archive.path());
    let mut numbers: Vec<String> = register.records().unwrap().into_iter().filter_map(|record| record.number).collect();
    numbers.sort();
    let expected: Vec<String> = (1..=40).map(|n| format!("MIN-2026-{n:03}")).collect();
    assert_eq!(numbers, expected);
    assert_eq!(register.head().0, 80);
    for mine in &registers {
        mine.refresh().unwrap();
        assert_eq!(mine.head(), register.head());
    }
}

#[test]
fn the_year_of_filing_chooses_the_file_and_never_goes_back() {
    let archive = tempfile::tempdir().unwrap();
    let register = Register::open(archive.path()).unwrap();
    let at = |text: &str, now: &str| Request { now: DateTime::parse_from_rfc3339(now).unwrap(), ..request(text) };
    file_it(&register, &at("1", "2026-12-31T23:00:00+01:00"));
    file_it(&register, &at("2", "2027-01-01T00:00:00+01:00"));
    file_it(&register, &at("3", "2026-12-31T23:59:00+01:00"));
    let count = |year: &str| std::fs::read_to_string(archive.path().join(format!("register/{year}.jsonl"))).unwrap().lines().count();
    assert_eq!((count("2026"), count("2027")), (2, 4));
    assert_eq!(sound(archive.path()).records().unwrap().len(), 3);
}

#[test]
fn a_newer_format_can_be_read_but_not_appended_to() {
    let archive = tempfile::tempdir().unwrap();
    let register = Register::open(archive.path()).unwrap();
    let record = file_it(&register, &request("a"));
    let (seq, head) = register.head();
    let object = format!(r#"{{"v":2,"seq":{},"time":"2027-01-01T00:00:00Z","event":"sealed","by":["x"]}}"#, seq + 1);
    let (line, _) = chain::seal(&head, &object);
    let path = archive.path().join("register/2026.jsonl");
    std::fs::write(&path, lines(archive.path()) + &line + "\n").unwrap();
    let before = std::fs::read(&path).unwrap();
    let register = sound(archive.path());
    assert_eq!(register.find(&record.id).unwrap(), [record]);
    assert_eq!(register.events().unwrap().last().unwrap().event, "sealed");
    let problems = register.admit(&request("b")).unwrap_err();
    assert_eq!(problems.first().code, "register-newer");
    assert!(problems.first().message.contains("register/2026.jsonl"));
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn damage_is_named_and_filing_survives() {
    let archive = tempfile::tempdir().unwrap();
    let register = Register::open(archive.path()).unwrap();
    for text in ["a", "b", "c"] {
        file_it(&register, &request(text));
    }
    let path = archive.path().join("register/2026.jsonl");
    let text = lines(archive.path());
    let mut changed: Vec<String> = text.lines().map(str::to_owned).collect();
    changed[3] = changed[3].replace("Executive", "Execution");
    changed.insert(1, "remember to buy milk".to_owned());
    std::fs::write(&path, changed.join("\n") + "\n").unwrap();
    let damage = Register::open(archive.path()).unwrap().damage().unwrap();
    let lines: Vec<u64> = damage.iter().map(|damage| damage.line).collect();
    assert_eq!(lines, [2, 5], "{damage:?}");
    // The register that was open sees that the file is another one, and goes on after its last line.
    let next = file_it(&register, &request("d"));
    assert_eq!(next.number.as_deref(), Some("MIN-2026-004"));
    let reread = Register::open(archive.path()).unwrap();
    assert_eq!(reread.damage().unwrap(), damage);
    assert_eq!(reread.records().unwrap().len(), 4);
}

#[test]
fn lines_after_foreign_text_at_the_end_are_sound() {
    let archive = tempfile::tempdir().unwrap();
    let register = Register::open(archive.path()).unwrap();
    file_it(&register, &request("a"));
    std::fs::write(archive.path().join("register/2026.jsonl"), lines(archive.path()) + "\n\u{fffd}\nnot ours\n").unwrap();
    file_it(&register, &request("b"));
    let reread = Register::open(archive.path()).unwrap();
    assert_eq!(reread.damage().unwrap().len(), 3);
    assert_eq!(reread.head(), register.head());
    assert_eq!(reread.head().0, 4);
}

/// An archive with two records, and the text of its register.
fn two_records() -> (tempfile::TempDir, String) {
    let archive = tempfile::tempdir().unwrap();
    let register = Register::open(archive.path()).unwrap();
    file_it(&register, &request("a"));
    file_it(&register, &request("b"));
    drop(register);
    let text = lines(archive.path());
    (archive, text)
}

#[test]
fn a_tail_torn_at_any_byte_is_kept_apart_and_the_chain_goes_on() {
    let (archive, text) = two_records();
    let path = archive.path().join("register/2026.jsonl");
    let last = text[..text.len() - 1].rfind('\n').unwrap() + 1;
    for end in last..=text.len() {
        for entry in std::fs::read_dir(archive.path().join("register")).unwrap().flatten() {
            std::fs::remove_file(entry.path()).unwrap();
        }
        std::fs::write(&path, &text[..end]).unwrap();
        // Whoever only reads changes nothing.
        let reader = sound(archive.path());
        let committed = end >= text.len() - 1;
        assert_eq!(reader.records().unwrap().len(), if committed { 2 } else { 1 }, "{end}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text[..end]);
        assert_eq!(std::fs::read_dir(archive.path().join("register")).unwrap().count(), 1);

        reader.answer("abc", "note.md", &Answer::default()).unwrap();
        let now = lines(archive.path());
        let torn: Vec<_> = std::fs::read_dir(archive.path().join("register"))
            .unwrap()
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with("torn-"))
            .collect();
        if committed || end == last {
            assert!(torn.is_empty(), "{end}");
            assert!(now.starts_with(if committed { &text } else { &text[..last] }));
        } else {
            assert_eq!(std::fs::read_to_string(&torn[0]).unwrap(), text[last..end]);
            let name = torn[0].file_name().unwrap().to_str().unwrap();
            assert!(now[last..].contains(&format!(r#""event":"torn","file":"{name}","bytes":{}"#, end - last)), "{now}");
        }
        sound(archive.path());
    }
}

#[test]
fn a_crash_between_the_steps_of_mending_is_mended() {
    let (archive, text) = two_records();
    let folder = archive.path().join("register");
    // The torn bytes were moved and not cut off; or cut off and not yet named by a line.
    std::fs::write(folder.join("torn-19700101T000000Z"), r#"{"v":1,"#).unwrap();
    for tail in [r#"{"v":1,"#, ""] {
        std::fs::write(folder.join("2026.jsonl"), text.clone() + tail).unwrap();
        let register = Register::open(archive.path()).unwrap();
        register.answer("abc", "note.md", &Answer::default()).unwrap();
        assert_eq!(lines(archive.path()).matches(r#""event":"torn""#).count(), 1);
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 2);
        sound(archive.path());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_tail_is_survived(tail in proptest::collection::vec(any::<u8>(), 0..200), cut in 0_usize..400) {
        let (archive, text) = two_records();
        let mut bytes = text.into_bytes();
        bytes.truncate(bytes.len() - cut);
        bytes.extend(tail);
        let path = archive.path().join("register/2026.jsonl");
        std::fs::write(&path, &bytes).unwrap();
        let before = Register::open(archive.path()).unwrap().damage().unwrap();
        let register = Register::open(archive.path()).unwrap();
        file_it(&register, &request("c"));
        file_it(&register, &request("d"));
        let reread = Register::open(archive.path()).unwrap();
        prop_assert_eq!(reread.damage().unwrap(), before);
        prop_assert_eq!(reread.head(), register.head());
    }
}

/// What a writer may do, in any order.
#[derive(Clone, Debug)]
enum Step {
    Admit(u8),
    File(usize),
    Void(usize),
    Reopen,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => any::<u8>().prop_map(Step::Admit),
        2 => any::<usize>().prop_map(Step::File),
        2 => any::<usize>().prop_map(Step::Void),
        1 => Just(Step::Reopen),
    ];
    proptest::collection::vec(step, 1..25)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_number_is_accounted_for_once(steps in steps()) {
        let archive = tempfile::tempdir().unwrap();
        let mut registers = vec![Register::open(archive.path()).unwrap(), Register::open(archive.path()).unwrap()];
        let mut open: Vec<(Request, Ticket)> = Vec::new();
        let mut accounted: Vec<String> = Vec::new();
        for (index, step) in steps.into_iter().enumerate() {
            let register = &registers[index % registers.len()];
            match step {
                Step::Admit(text) => match register.admit(&request(&text.to_string())) {
                    Ok(Admission::Ticket(ticket)) => open.push((request(&text.to_string()), ticket)),
                    Ok(_) => {}
                    Err(problems) => prop_assert_eq!(problems.first().code.as_str(), BEING_FILED),
                },
                Step::File(which) if !open.is_empty() => {
                    let (request, ticket) = open.remove(which % open.len());
                    accounted.extend(finish(register, &request, &ticket).number);
                }
                Step::Void(which) if !open.is_empty() => {
                    let (_, ticket) = open.remove(which % open.len());
                    register.void(&ticket, "no").unwrap();
                    let event = register.events().unwrap().pop().unwrap();
                    if !event.fields.contains_key("reusable") {
                        accounted.extend(ticket.number);
                    }
                }
                // Another process joins in.
                _ => registers.push(Register::open(archive.path()).unwrap()),
            }
        }
        accounted.extend(open.into_iter().filter_map(|(_, ticket)| ticket.number));
        accounted.sort();
        let expected: Vec<String> = (1..=accounted.len()).map(|n| format!("MIN-2026-{n:03}")).collect();
        prop_assert_eq!(accounted, expected);
        let reread = sound(archive.path());
        for register in &registers {
            register.refresh().unwrap();
            prop_assert_eq!(register.records().unwrap(), reread.records().unwrap());
            prop_assert_eq!(register.head(), reread.head());
        }
    }
}

#[test]
fn a_line_of_any_length_is_passed_over() {
    let (archive, text) = two_records();
    let path = archive.path().join("register/2026.jsonl");
    let long = "x".repeat(17 << 20);
    std::fs::write(&path, format!("{text}{long}\n{long}")).unwrap();
    let register = Register::open(archive.path()).unwrap();
    assert_eq!(register.damage().unwrap().len(), 1);
    file_it(&register, &request("c"));
    let reread = Register::open(archive.path()).unwrap();
    assert_eq!((reread.damage().unwrap().len(), reread.records().unwrap().len()), (1, 3));
    assert!(lines(archive.path()).contains(&format!(r#""event":"torn","file":"torn-20261124T080000Z","bytes":{}"#, long.len())));
}

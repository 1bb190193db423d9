//! Workers that end while nobody asks them anything.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::time::Duration;

use super::{GOOD, PLAIN_LAYOUT, children, is_alive, office, signal, start};
use crate::cli::json_lines;

#[test]
fn the_next_document_is_not_blamed_for_workers_that_ended_before_it_came() {
    let office = office("", PLAIN_LAYOUT, "{{ body }}");
    let mut program = start(office.path(), &["--json", "watch"]);
    let mut told = BufReader::new(program.stdout.take().unwrap()).lines();
    let inbox = office.path().join("inbox");
    for round in 0..3 {
        // Several at once, so that there are as many workers as there may be.
        for note in 0..6 {
            fs::write(inbox.join(format!("{round}-{note}.md")), GOOD.replace("house", &format!("house {round} {note}"))).unwrap();
        }
        for _ in 0..6 {
            let line = told.next().unwrap().unwrap();
            assert_eq!(json_lines(line.as_bytes())[0]["status"], "filed", "round {round}: {line}");
        }
        let workers = children(program.id());
        for worker in &workers {
            signal(*worker, "-KILL");
        }
        while workers.iter().any(|worker| is_alive(*worker)) {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
    signal(program.id(), "-TERM");
    program.wait().unwrap();
}

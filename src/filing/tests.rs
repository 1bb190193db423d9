//! Filing, removal and recovery against a real folder.

use super::*;
use crate::register::tests::{file_it, lines, request, sound, ticket};

#[test]
fn a_filed_record_stands_and_leaves_nothing_beside() {
    let archive = tempfile::tempdir().unwrap();
    let register = Register::open(archive.path()).unwrap();
    let record = file_it(&register, &request("a"));
    drop(register);
    assert!(archive.path().join(&record.files[0].path).is_file());
    assert_eq!(lines(archive.path()).lines().count(), 2);
    sound(archive.path());
    let _ = ticket;
}

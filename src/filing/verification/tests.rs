//! Everything that can be wrong with an archive, each found and named; and nothing found where nothing is.

mod flips;
mod register;

use std::fs;
use std::path::PathBuf;

use super::*;
use crate::register::tests::{file_it, request, ticket};
use crate::register::{Move, Place, Record, Register, Request};
use crate::storage::TEMPORARY_PREFIX;

/// An archive with some records, whose register nobody holds open.
struct Archive {
    folder: tempfile::TempDir,
    records: Vec<Record>,
}

/// A record with two files.
fn with_source(text: &str, title: &str) -> Request {
    let place = |role: &str, path: String| Place { role: role.to_owned(), path };
    let pdf = format!("2026/11/minutes/2026-11-23 {title}.pdf");
    let places = vec![place("document", pdf), place("source", format!("2026/11/minutes/2026-11-23 {title} (source).md"))];
    Request { title: title.to_owned(), places, ..request(text) }
}

impl Archive {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let register = Register::open(folder.path()).unwrap();
        let asked = [with_source("one", "Erste Sitzung für Öffentliches"), with_source("two", "执行委员会会议纪要"), request("three")];
        let records = asked.iter().map(|request| file_it(&register, request)).collect();
        drop(register);
        Self { folder, records }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The place of a record's file.
    fn file(&self, record: usize, file: usize) -> String {
        self.records[record].files[file].path.clone()
    }

    fn verify_with(&self, head: Option<Head>) -> (Vec<Finding>, Report) {
        let mut found = Vec::new();
        let wishes = Wishes { head, threads: 2, stop: &AtomicBool::new(false) };
        let report = verify(self.folder.path(), &wishes, &mut |_| {}, &mut |finding| found.push(finding)).unwrap();
        (found, report)
    }

    fn verify(&self) -> Vec<Finding> {
        let (found, report) = self.verify_with(None);
        assert_eq!(report.troubles, []);
        found
    }

    /// What is wrong with which file.
    fn wrongs(&self) -> Vec<(Wrong, String)> {
        self.verify().into_iter().map(|finding| (finding.wrong, finding.path)).collect()
    }

    fn rename(&self, from: &str, to: &str) {
        let to = self.path(to);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::rename(self.path(from), to).unwrap();
    }
}

#[test]
fn what_is_whole_is_clean_and_counted() {
    let archive = Archive::new();
    let (found, report) = archive.verify_with(None);
    assert_eq!(found, []);
    assert_eq!((report.files, report.lines), (5, 6));
    let register = Register::open(archive.folder.path()).unwrap();
    assert_eq!((report.head.seq, report.head.hash.clone()), register.head());
    assert_eq!(archive.verify_with(Some(report.head)).0, []);
}

#[test]
fn changed_missing_and_extra_files_are_named_with_their_record() {
    let archive = Archive::new();
    fs::write(archive.path(&archive.file(0, 0)), "changed").unwrap();
    fs::remove_file(archive.path(&archive.file(1, 1))).unwrap();
    fs::write(archive.path("2026/stray.txt"), "stray").unwrap();
    let found = archive.verify();
    let wrongs: Vec<_> = found.iter().map(|finding| (finding.wrong, finding.path.as_str())).collect();
    let (changed, missing) = (archive.file(0, 0), archive.file(1, 1));
    assert_eq!(wrongs, [(Wrong::Changed, changed.as_str()), (Wrong::Missing, missing.as_str()), (Wrong::Extra, "2026/stray.txt")]);
    assert!(found[0].message.contains("MIN-2026-001") && found[1].message.contains("MIN-2026-002"), "{found:?}");
    assert!(found.iter().all(|finding| finding.help.ends_with('.')));
}

#[test]
fn an_archive_that_is_gone_is_not_clean() {
    let archive = Archive::new();
    fs::remove_dir_all(archive.path("2026")).unwrap();
    assert_eq!(archive.wrongs().iter().filter(|(wrong, _)| *wrong == Wrong::Missing).count(), 5);
    fs::remove_dir_all(archive.folder.path()).unwrap();
    assert_eq!(archive.wrongs(), [(Wrong::Missing, String::new())]);
}

#[test]
fn a_moved_file_is_found_by_its_content_and_recorded() {
    let archive = Archive::new();
    let (pdf, source) = (archive.file(0, 0), archive.file(0, 1));
    archive.rename(&pdf, "2026/elsewhere/renamed.pdf");
    archive.rename(&source, &source.replace("Öffentliches", "O\u{308}ffentliches"));
    let found = archive.verify();
    assert_eq!(found.iter().map(|finding| finding.wrong).collect::<Vec<_>>(), [Wrong::Moved, Wrong::Moved]);
    assert_eq!(found[0].to.as_deref(), Some("2026/elsewhere/renamed.pdf"));
    let moves: Vec<Move> = found.iter().filter_map(Finding::as_move).collect();
    let register = Register::open(archive.folder.path()).unwrap();
    assert_eq!(register.record_moves(&moves, Some("A. Ford")).unwrap(), moves);
    assert_eq!(archive.verify(), []);
    assert_eq!(register.record(archive.records[0].seq).unwrap().unwrap().record.files[0].path, "2026/elsewhere/renamed.pdf");
    // Moved on, and back.
    archive.rename("2026/elsewhere/renamed.pdf", &pdf);
    let found = archive.verify();
    assert_eq!((found.len(), found[0].wrong, found[0].to.as_ref()), (1, Wrong::Moved, Some(&pdf)));
    let back: Vec<Move> = found.iter().filter_map(Finding::as_move).collect();
    assert_eq!(register.record_moves(&back, None).unwrap(), back);
    assert_eq!(archive.verify(), []);
}

#[test]
fn only_what_was_filed_is_recorded_as_moved() {
    let archive = Archive::new();
    let register = Register::open(archive.folder.path()).unwrap();
    let from = archive.file(0, 0);
    archive.rename(&from, "2026/renamed.pdf");
    let moved = Move { of: archive.records[0].seq, from: from.clone(), to: "2026/renamed.pdf".to_owned() };
    let another = Move { of: archive.records[1].seq, ..moved.clone() };
    assert_eq!(register.record_moves(std::slice::from_ref(&another), None).unwrap(), []);
    fs::write(archive.path("2026/renamed.pdf"), "changed").unwrap();
    assert_eq!(register.record_moves(std::slice::from_ref(&moved), None).unwrap(), []);
    let found = archive.verify();
    assert_eq!(found.iter().map(|finding| finding.wrong).collect::<Vec<_>>(), [Wrong::Missing, Wrong::Extra]);
}

#[test]
fn a_file_of_that_name_with_another_content_is_told_of() {
    let archive = Archive::new();
    let from = archive.file(2, 0);
    fs::create_dir(archive.path("2027")).unwrap();
    fs::remove_file(archive.path(&from)).unwrap();
    fs::write(archive.path("2027/2026-11-23 Executive Committee.pdf"), "another").unwrap();
    let found = archive.verify();
    assert_eq!((found[0].wrong, found[1].wrong), (Wrong::Missing, Wrong::Extra));
    assert!(found[0].message.contains("2027/2026-11-23 Executive Committee.pdf"), "{}", found[0].message);
}

#[test]
fn of_two_with_the_same_content_the_one_of_that_name_was_moved() {
    let archive = Archive::new();
    let source = archive.file(0, 1);
    fs::copy(archive.path(&source), archive.path("2026/a copy.md")).unwrap();
    archive.rename(&source, "2027/2026-11-23 Erste Sitzung für Öffentliches (source).md");
    let found = archive.verify();
    assert_eq!(found[0].to.as_deref(), Some("2027/2026-11-23 Erste Sitzung für Öffentliches (source).md"));
    assert_eq!((found[1].wrong, found[1].path.as_str()), (Wrong::Extra, "2026/a copy.md"));
}

#[test]
fn what_a_living_writer_has_in_hand_is_left_alone_and_what_a_dead_one_left_is_named() {
    let archive = Archive::new();
    let register = Register::open(archive.folder.path()).unwrap();
    let ticket = ticket(&register, &request("four"));
    let place = archive.path(&ticket.places[0].path);
    let temporary = place.with_file_name(format!("{TEMPORARY_PREFIX}{}-1-1.tmp", register.writer().unwrap()));
    fs::write(&place, "renamed and not committed").unwrap();
    fs::write(&temporary, "half").unwrap();
    assert_eq!(archive.verify(), []);
    register.die();
    let found = archive.verify();
    assert_eq!(found.iter().map(|finding| finding.wrong).collect::<Vec<_>>(), [Wrong::Extra, Wrong::Extra]);
    assert!(found.iter().all(|finding| finding.help.contains("puts it right")), "{found:?}");
    let inbox = tempfile::tempdir().unwrap();
    crate::filing::recover(inbox.path(), archive.folder.path(), &Register::open(archive.folder.path()).unwrap(), &|_| false).unwrap();
    assert_eq!(archive.verify(), []);
}

#[test]
fn what_is_filed_while_it_reads_is_no_finding() {
    let archive = Archive::new();
    let register = Register::open(archive.folder.path()).unwrap();
    let (mut found, mut filed) = (Vec::new(), 0);
    let stop = AtomicBool::new(false);
    let wishes = Wishes { head: None, threads: 2, stop: &stop };
    // Each file that was read is followed by a filing, some of them into folders that were read already.
    let mut file_another = |_: Progress<'_>| {
        filed += 1;
        if filed < 20 {
            file_it(&register, &with_source(&format!("more {filed}"), &format!("More {filed}")));
        }
    };
    let report = verify(archive.folder.path(), &wishes, &mut file_another, &mut |finding| found.push(finding)).unwrap();
    assert_eq!(found, []);
    assert!(filed > 5 && report.lines > 6, "{report:?}");
}

#[test]
fn what_nobody_wrote_as_a_document_and_links_to_folders() {
    let archive = Archive::new();
    for name in [".DS_Store", "2026/Thumbs.db", "register/.DS_Store"] {
        fs::write(archive.path(name), "").unwrap();
    }
    assert_eq!(archive.verify(), []);
    #[cfg(unix)]
    {
        // A year on another disk; and a link that leads in a circle.
        let other = tempfile::tempdir().unwrap();
        let disk = other.path().join("disk");
        fs::create_dir(&disk).unwrap();
        for entry in fs::read_dir(archive.path("2026")).unwrap().map(Result::unwrap) {
            let to = disk.join(entry.file_name());
            assert!(std::process::Command::new("cp").arg("-r").arg(entry.path()).arg(to).status().unwrap().success());
        }
        fs::remove_dir_all(archive.path("2026")).unwrap();
        std::os::unix::fs::symlink(&disk, archive.path("2026")).unwrap();
        assert_eq!(archive.verify(), []);
        std::os::unix::fs::symlink(archive.folder.path(), archive.path("circle")).unwrap();
        assert_eq!(archive.wrongs(), [(Wrong::Extra, "circle".to_owned())]);
    }
}

#[cfg(unix)]
#[test]
fn a_name_that_is_no_text_is_named() {
    use std::os::unix::ffi::OsStringExt as _;
    let archive = Archive::new();
    let name = std::ffi::OsString::from_vec(b"caf\xe9.pdf".to_vec());
    fs::write(archive.path("2026").join(name), "x").unwrap();
    assert_eq!(archive.wrongs(), [(Wrong::Extra, "2026/caf\u{fffd}.pdf".to_owned())]);
}

#[test]
fn stopped_it_says_nothing_of_what_it_has_not_read() {
    let archive = Archive::new();
    let mut found = Vec::new();
    let wishes = Wishes { head: None, threads: 1, stop: &AtomicBool::new(true) };
    verify(archive.folder.path(), &wishes, &mut |_| {}, &mut |finding| found.push(finding)).unwrap();
    assert_eq!(found, []);
}

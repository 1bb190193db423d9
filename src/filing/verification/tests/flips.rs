//! One byte changed anywhere: in a document, beside it, in any line of the register, its first, its last, its final line break.

use std::fs;
use std::path::Path;

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use super::Archive;

/// Every file of the archive but locks.
fn files(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            files(&path, found);
        } else if entry.file_name() != ".lock" && !path.ancestors().any(|folder| folder.ends_with(".writers")) {
            found.push(path);
        }
    }
}

/// Changes one byte, and asserts that it is found; puts it back.
fn assert_found(archive: &Archive, path: &Path, bytes: &[u8], position: usize, bits: u8) {
    let mut changed = bytes.to_vec();
    changed[position] ^= bits;
    fs::write(path, &changed).unwrap();
    let found = archive.verify();
    assert!(!found.is_empty(), "{} byte {position} ^ {bits:#x}", path.display());
    assert!(found.len() <= 5, "one byte, and {found:#?}");
    fs::write(path, bytes).unwrap();
}

#[test]
fn any_changed_byte_is_found() {
    let archive = Archive::new();
    let mut paths = Vec::new();
    files(archive.folder.path(), &mut paths);
    paths.sort();
    assert_eq!(paths.len(), 6, "{paths:?}");
    let mut random = StdRng::seed_from_u64(20_261_123);
    for path in &paths {
        let bytes = fs::read(path).unwrap();
        for _ in 0..200 {
            let position = random.random_range(0..bytes.len());
            assert_found(&archive, path, &bytes, position, 1 << random.random_range(0..8));
        }
    }
    assert_eq!(archive.verify(), []);
}

#[test]
fn any_changed_byte_of_the_first_and_the_last_line_is_found() {
    let archive = Archive::new();
    let path = archive.path("register/2026.jsonl");
    let bytes = fs::read(&path).unwrap();
    let first = bytes.iter().position(|&byte| byte == b'\n').unwrap();
    let last = bytes[..bytes.len() - 1].iter().rposition(|&byte| byte == b'\n').unwrap();
    // The line break at the very end too.
    for position in (0..=first).chain(last..bytes.len()) {
        assert_found(&archive, &path, &bytes, position, if position % 2 == 0 { 0x01 } else { 0x80 });
    }
    assert_eq!(archive.verify(), []);
}

#[test]
fn any_shortening_is_found_but_for_whole_lines_at_the_end_which_need_a_head() {
    let archive = Archive::new();
    let path = archive.path("register/2026.jsonl");
    let bytes = fs::read(&path).unwrap();
    let (_, report) = archive.verify_with(None);
    let line_breaks = (0..bytes.len()).filter(|&at| bytes[at] == b'\n');
    for length in line_breaks.chain((0..bytes.len()).step_by(5)) {
        fs::write(&path, &bytes[..length]).unwrap();
        let (found, _) = archive.verify_with(Some(report.head.clone()));
        // Without its line break the last line is still in the chain: it is whole.
        assert!(!found.is_empty(), "{length} of {} bytes", bytes.len());
    }
}

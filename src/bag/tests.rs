//! What is written can be read; what was made to harm is refused.

use std::io::{Cursor, Write as _};
use std::path::PathBuf;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::*;
use crate::failure::Checked;
use crate::model::sha256_hex;

const NAMES: [&str; 5] =
    ["archive/2026/A.pdf", "archive/2026/100 % sure.pdf", "archive/2026/%0D.pdf", "archive/2026/two\r\nlines.pdf", "index.csv"];

fn written() -> Vec<u8> {
    let mut bag = BagWriter::new(Cursor::new(Vec::new()), "bag", &std::env::temp_dir()).unwrap();
    for name in NAMES {
        let text = format!("content of {name}");
        let copied = bag.add(name, text.len() as u64, name.ends_with("csv"), &mut text.as_bytes()).unwrap();
        assert_eq!((copied.sha256, copied.octets), (sha256_hex(text.as_bytes()), text.len() as u64));
    }
    bag.finish(&[("Source-Organization", "Riverside\nTrust".to_owned())]).unwrap().into_inner()
}

fn open(bytes: &[u8]) -> Checked<Bag> {
    let (_folder, path) = saved(bytes);
    Bag::open(&path, "bag.zip")
}

fn saved(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bag.zip");
    std::fs::write(&path, bytes).unwrap();
    (folder, path)
}

/// A ZIP of these entries; what makes it a bag is added, unless an entry of the same name is there.
fn zipped(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let payload = entries.iter().filter(|(name, _)| name.starts_with("data/"));
    let manifest: String = payload.map(|(name, bytes)| format!("{}  {}\n", sha256_hex(bytes), encoded(name))).collect();
    for (name, bytes) in [(DECLARATION_FILE, DECLARATION.as_bytes()), (MANIFEST_FILE, manifest.as_bytes())].iter().chain(entries) {
        let replaced = entries.iter().any(|(other, _)| other == name) && !entries.contains(&(name, bytes));
        if !replaced {
            zip.start_file(*name, stored).unwrap();
            zip.write_all(bytes).unwrap();
        }
    }
    zip.finish().unwrap().into_inner()
}

/// Why it is refused, with its structure or with its bytes.
#[track_caller]
fn refused(bytes: &[u8]) -> String {
    match open(bytes).and_then(|mut bag| bag.check(|_| ())) {
        Ok(()) => panic!("it was taken"),
        Err(problems) => {
            assert_eq!(problems.first().file.as_deref(), Some("bag.zip"));
            problems.to_string()
        }
    }
}

#[test]
fn what_was_written_is_read_and_is_the_same_each_time() {
    assert_eq!(written(), written());
    let (_folder, path) = saved(&written());
    let mut bag = Bag::open(&path, "bag.zip").unwrap();
    bag.check(|_| ()).unwrap();
    let mut names = NAMES;
    names.sort_unstable();
    assert_eq!(bag.files().map(|(name, _)| name).collect::<Vec<_>>(), names);
    assert_eq!(bag.info("source-organization"), Some("Riverside Trust"));
    for name in NAMES {
        let mut bytes = Vec::new();
        bag.copy(name, &mut bytes).unwrap();
        assert_eq!(bytes, format!("content of {name}").as_bytes());
        assert_eq!(bag.sha256(name), Some(sha256_hex(&bytes).as_str()));
    }
}

#[test]
fn manifests_encode_line_breaks_and_percent_signs_only() {
    let path = "data/100 % %41 纪要\r\n.pdf";
    assert_eq!(encoded(path), "data/100 %25 %2541 纪要%0D%0A.pdf");
    assert_eq!(decoded(&encoded(path)), path);
    assert_eq!(decoded("100 % sure%"), "100 % sure%");
    // As a program writes that forgets the percent sign.
    let manifest = format!("{}  data/50%0D.pdf\n", sha256_hex(b"x"));
    let literal = zipped(&[("data/50%0D.pdf", b"x"), (MANIFEST_FILE, manifest.as_bytes())]);
    open(&literal).unwrap().check(|_| ()).unwrap();
}

#[test]
fn a_bag_without_a_folder_at_its_top_is_read_too() {
    let mut bag = open(&zipped(&[("data/a", b"a"), (INFO_FILE, b"A: one\n two\nPayload-Oxum: 1.1\n")])).unwrap();
    bag.check(|_| ()).unwrap();
    assert_eq!(bag.info("A"), Some("one two"));
}

#[test]
fn any_changed_byte_is_seen() {
    let whole = written();
    let (mut seen, mut harmless) = (0, Vec::new());
    for index in (0..whole.len()).step_by(5) {
        let mut bytes = whole.clone();
        bytes[index] ^= 0x20;
        match open(&bytes).and_then(|mut bag| bag.check(|_| ()).map(|()| bag)) {
            Err(_) => seen += 1,
            // Times and rights of a ZIP's entries say nothing that anybody relies on.
            Ok(bag) => {
                assert_eq!(bag.files().count(), NAMES.len());
                harmless.push(index);
            }
        }
    }
    assert!(seen > whole.len() / 10, "{seen} of {}: {harmless:?}", whole.len());
    for length in (0..whole.len()).step_by(11) {
        assert!(open(&whole[..length]).is_err(), "cut off after {length} bytes");
    }
}

#[test]
fn what_does_not_fit_together_is_refused() {
    for (entries, reason) in [
        (vec![("data/a", b"a".as_slice()), (DECLARATION_FILE, b"BagIt-Version: 3.0\n")], "does not say that it is a bag"),
        (vec![("data/a", b"a"), (MANIFEST_FILE, b"")], "data/a is in the ZIP but not in the manifest"),
        (vec![("data/a", b"a"), (MANIFEST_FILE, b"nonsense\n")], "is no hash and name"),
        (vec![("data/a", b"a"), (INFO_FILE, b"Payload-Oxum: 2.1\n")], "not as large"),
        (vec![("data/a", b"a"), ("fetch.txt", b"http://x 1 data/b\n")], "fetched from elsewhere"),
        (
            vec![("data/a", b"a"), (TAG_MANIFEST_FILE, format!("{}  bagit.txt\n", sha256_hex(b"")).as_bytes())],
            "bagit.txt is not what it was",
        ),
        (vec![("data/a", b"a"), ("data/A", b"b")], "twice, in capital and small letters"),
    ] {
        let said = refused(&zipped(&entries));
        assert!(said.contains(reason), "{said}");
    }
    let wrong = format!("{}  data/a\n{}  data/b\n", sha256_hex(b"other"), sha256_hex(b"b"));
    let said = refused(&zipped(&[("data/a", b"a"), ("data/b", b"b"), (MANIFEST_FILE, wrong.as_bytes())]));
    assert!(said.contains("data/a is not what it was") && !said.contains("data/b"), "{said}");
    let gone = format!("{}  data/b\n", sha256_hex(b"b"));
    assert!(refused(&zipped(&[(MANIFEST_FILE, gone.as_bytes())])).contains("not in the ZIP"));
    assert!(refused(b"no zip at all").contains("no ZIP"));
    assert!(refused(&ZipWriter::new(Cursor::new(Vec::new())).finish().unwrap().into_inner()).contains("no export"));
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    for name in ["data/../../etc/passwd", "/data/a", "data/archive/.lock", "data/a\\b", "data//a", "data/./a"] {
        assert!(refused(&zipped(&[(name, b"x")])).contains("leads elsewhere"), "{name}");
    }
    assert!(refused(&zipped(&[(&format!("data/{}", "x".repeat(300)), b"x")])).contains("leads elsewhere"));
    let mut zip = ZipWriter::new_append(Cursor::new(zipped(&[("data/a", b"a")]))).unwrap();
    zip.add_symlink("data/link", "/etc/passwd", SimpleFileOptions::default()).unwrap();
    assert!(refused(&zip.finish().unwrap().into_inner()).contains("a link"));
}

#[test]
fn bombs_are_refused_before_they_go_off() {
    let zeros = vec![0; 64 << 20];
    assert!(refused(&zipped(&[("data/a", &zeros)])).contains("no archive of documents"));
    // The same bytes under many names.
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("data/a", SimpleFileOptions::default()).unwrap();
    zip.write_all(&[7; 1000]).unwrap();
    zip.shallow_copy_file("data/a", "data/b").unwrap();
    assert!(refused(&zip.finish().unwrap().into_inner()).contains("share their bytes"));
}

#[test]
#[ignore = "packs and hashes more than 4 GiB; part of ./check --all"]
fn a_file_beyond_four_gibibytes_is_packed_and_found_again() {
    let length = (4 << 30) + 12_345;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.zip");
    let out = std::io::BufWriter::new(std::fs::File::create(&path).unwrap());
    let mut bag = BagWriter::new(out, "bag", folder.path()).unwrap();
    let copied = bag.add("large.bin", length, true, &mut std::io::Read::take(std::io::repeat(7), length)).unwrap();
    bag.add("after.txt", 5, false, &mut b"after".as_slice()).unwrap();
    bag.finish(&[]).unwrap().into_inner().unwrap();
    let mut zip = zip::ZipArchive::new(std::io::BufReader::new(std::fs::File::open(&path).unwrap())).unwrap();
    assert_eq!(zip.by_name("bag/data/large.bin").unwrap().size(), length);
    assert_eq!(std::io::read_to_string(zip.by_name("bag/data/after.txt").unwrap()).unwrap(), "after");
    assert_eq!(copied.octets, length);
    let tested = std::process::Command::new("unzip").args(["-tq"]).arg(&path).status().unwrap();
    assert!(tested.success());
}

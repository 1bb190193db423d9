//! The inventory of a folder that a batch writes to: `.chancery-batch.jsonl` in it, a line for each document, added when the document stands.
//!
//! A batch that was killed finds in it what it had made. Only one batch at a time has a folder's inventory; a second one works without. What
//! is known of each line is its key and its place, so that a hundred thousand lines take little memory.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use sha2::{Digest as _, Sha256};

use super::Entry;
use crate::cli::targets;
use crate::pipeline::{Shelf, Standing};

/// The file's name.
const NAME: &str = ".chancery-batch.jsonl";

/// What the temporary files of whoever has the inventory begin with: those that are there when it is taken are nobody's.
const TEMPORARY: &str = ".chancery-batch-";

/// The first line; another format has another.
const HEAD: &str = "{\"inventory\":\"chancery batch\",\"format\":1}\n";

/// A line of ours is shorter.
const MAX_LINE: u64 = 1 << 20;

/// A larger file is none of ours: a hundred thousand lines are about 40 MB.
const MAX_BYTES: u64 = 1 << 30;

/// The inventory of one folder.
#[derive(Debug)]
pub struct Inventory {
    folder: PathBuf,
    book: Mutex<Option<Book>>,
}

/// The file, which is locked as long as it is open.
#[derive(Debug)]
struct Book {
    file: File,
    /// Where the newest line with a key begins.
    lines: HashMap<u128, u64>,
    end: u64,
}

impl Inventory {
    /// The inventory of a folder that may not be there yet.
    pub fn of(folder: &Path) -> Self {
        let book = if folder.is_dir() { Book::open(folder).unwrap_or_default() } else { None };
        if book.is_some() {
            sweep(folder);
        }
        Self { folder: folder.to_owned(), book: Mutex::new(book) }
    }

    /// What temporary files are to begin with.
    pub fn temporary(&self) -> &'static str {
        if self.book().is_some() { TEMPORARY } else { targets::TEMPORARY }
    }

    /// Notes a document whose files stand.
    pub fn add(&self, entry: Entry) {
        let mut book = self.book();
        if book.is_none() {
            *book = Book::open(&self.folder).unwrap_or_default();
        }
        let failed = book.as_mut().is_some_and(|book| book.add(&entry.named_from(&self.folder)).is_err());
        if failed {
            // Nothing is added behind a line that was cut off.
            *book = None;
        }
    }

    /// Leaves out the lines of files that were written again or are gone. Where that fails all lines stay.
    pub fn compact(&self) {
        if let Some(book) = self.book().take() {
            let _ = compact(&self.folder, book);
        }
    }

    fn book(&self) -> MutexGuard<'_, Option<Book>> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shelf for Inventory {
    fn find(&self, fingerprint: &str) -> Option<Vec<Standing>> {
        let entry = self.book().as_mut()?.find(fingerprint)?;
        entry.standing(&self.folder)
    }
}

impl Book {
    /// Opens and reads it; `None` if another batch has it.
    fn open(folder: &Path) -> io::Result<Option<Self>> {
        if folder.join(NAME).is_symlink() {
            // It would be written to wherever that leads.
            return Ok(None);
        }
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(folder.join(NAME))?;
        if file.try_lock().is_err() {
            return Ok(None);
        }
        let mut lines = HashMap::new();
        let mut end = 0;
        let whole = each_line(&mut file, |at, line| {
            end = at + line.len() as u64;
            if let Ok(entry) = serde_json::from_slice::<Entry>(line) {
                lines.extend(short(&entry.key).map(|key| (key, at)));
            }
        })?;
        if !whole {
            file.set_len(0)?;
            file.write_all(HEAD.as_bytes())?;
            return Ok(Some(Self { file, lines: HashMap::new(), end: HEAD.len() as u64 }));
        }
        // What a killed program had begun to write is no line.
        end = end.max(HEAD.len() as u64);
        file.set_len(end)?;
        Ok(Some(Self { file, lines, end }))
    }

    fn find(&mut self, fingerprint: &str) -> Option<Entry> {
        let at = *self.lines.get(&short(fingerprint)?)?;
        self.file.seek(SeekFrom::Start(at)).ok()?;
        let mut line = Vec::new();
        BufReader::new((&self.file).take(MAX_LINE)).read_until(b'\n', &mut line).ok()?;
        serde_json::from_slice::<Entry>(&line).ok().filter(|entry| entry.key == fingerprint)
    }

    fn add(&mut self, entry: &Entry) -> io::Result<()> {
        let mut line = serde_json::to_vec(entry)?;
        line.push(b'\n');
        self.file.write_all(&line)?;
        self.lines.extend(short(&entry.key).map(|key| (key, self.end)));
        self.end += line.len() as u64;
        Ok(())
    }
}

/// The first half of a fingerprint: enough to find it, and the whole is compared then.
fn short(key: &str) -> Option<u128> {
    u128::from_str_radix(key.get(..32)?, 16).ok()
}

/// Hands on every whole line after the first, with its place. `false` if it is no inventory of this format.
fn each_line(file: &mut File, mut take: impl FnMut(u64, &[u8])) -> io::Result<bool> {
    if file.metadata()?.len() > MAX_BYTES {
        return Ok(false);
    }
    file.seek(SeekFrom::Start(0))?;
    let mut reader = BufReader::new(file);
    let mut line = Vec::new();
    let mut at = 0;
    loop {
        line.clear();
        let length = (&mut reader).take(MAX_LINE).read_until(b'\n', &mut line)? as u64;
        let is_whole = line.ends_with(b"\n");
        match at {
            0 if line != HEAD.as_bytes() => return Ok(false),
            0 => {}
            _ if !is_whole => return Ok(true),
            _ => take(at, &line),
        }
        at += length;
    }
}

/// Writes the inventory anew with the newest line of each file that stands.
fn compact(folder: &Path, mut book: Book) -> io::Result<()> {
    let mut newest: HashMap<u64, u64> = HashMap::new();
    let mut count = 0;
    each_line(&mut book.file, |at, line| {
        count += 1;
        if let Some(name) = name_in(line) {
            newest.insert(hash(&name), at);
        }
    })?;
    let mut out = targets::temporary_in(folder, TEMPORARY)?;
    let mut kept = 0;
    {
        let mut out = BufWriter::new(out.as_file_mut());
        out.write_all(HEAD.as_bytes())?;
        let mut failed = Ok(());
        each_line(&mut book.file, |at, line| {
            let stands = |name: &str| newest.get(&hash(name)) == Some(&at) && folder.join(name).is_file();
            if name_in(line).is_some_and(|name| stands(&name)) && failed.is_ok() {
                kept += 1;
                failed = out.write_all(line);
            }
        })?;
        failed?;
        out.flush()?;
    }
    if kept < count {
        out.persist(folder.join(NAME)).map_err(|error| error.error)?;
    }
    Ok(())
}

/// The name of a line's main file.
fn name_in(line: &[u8]) -> Option<String> {
    let entry: Entry = serde_json::from_slice(line).ok()?;
    entry.files.into_iter().next().map(|file| file.name)
}

fn hash(name: &str) -> u64 {
    Sha256::digest(name.as_bytes()).iter().take(8).fold(0, |hash, byte| (hash << 8) | u64::from(*byte))
}

/// Takes away what a batch left that was killed while it wrote.
fn sweep(folder: &Path) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(TEMPORARY)) {
        let _ = fs::remove_file(entry.path());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::shelf::entry;

    fn written(inventory: &Inventory, key: &str, path: &Path, pdf: &[u8]) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, pdf).unwrap();
        inventory.add(entry(key, path, pdf));
    }

    fn finds(folder: &Path, key: &str) -> bool {
        Inventory::of(folder).find(&key.repeat(32)).is_some()
    }

    #[test]
    fn what_was_written_is_found_as_long_as_it_stands_as_it_was() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("out");
        let inventory = Inventory::of(&folder);
        written(&inventory, "a1", &folder.join("a.pdf"), b"one");
        let found = inventory.find(&"a1".repeat(32)).unwrap();
        assert_eq!((found[0].path.as_path(), found[0].rendition.pdf.as_slice()), (folder.join("a.pdf").as_path(), b"one".as_slice()));
        assert!(inventory.find(&"b1".repeat(32)).is_none());
        assert!(!finds(&folder, "a1"), "another batch has it");
        drop(inventory);
        assert!(finds(&folder, "a1"));
        fs::write(folder.join("a.pdf"), "two").unwrap();
        assert!(!finds(&folder, "a1"));
        fs::remove_file(folder.join("a.pdf")).unwrap();
        assert!(!finds(&folder, "a1"));
    }

    #[test]
    fn an_inventory_that_is_cut_off_damaged_or_of_another_format_costs_time_only() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path();
        let inventory = Inventory::of(folder);
        written(&inventory, "a1", &folder.join("a.pdf"), b"one");
        written(&inventory, "b1", &folder.join("b.pdf"), b"two");
        drop(inventory);
        let text = fs::read_to_string(folder.join(NAME)).unwrap();
        fs::write(folder.join(NAME), &text[..text.len() - 20]).unwrap();
        assert!(finds(folder, "a1") && !finds(folder, "b1"));
        let inventory = Inventory::of(folder);
        inventory.add(entry("b1", &folder.join("b.pdf"), b"two"));
        drop(inventory);
        assert!(finds(folder, "a1") && finds(folder, "b1"), "it goes on where it was cut off");
        fs::write(folder.join(NAME), text.replace("{\"key\":\"a1", "{\"key\":\"\u{0}a1")).unwrap();
        assert!(!finds(folder, "a1") && finds(folder, "b1"));
        for other in [
            "",
            "x",
            "{\"inventory\":\"chancery batch\",\"format\":2}\n",
            &text[1..],
            &text.replace("batch\",\"format\":1", "batch\",\"format\":9"),
        ] {
            fs::write(folder.join(NAME), other).unwrap();
            assert!(!finds(folder, "a1"), "{other}");
            written(&Inventory::of(folder), "c1", &folder.join("c.pdf"), b"three");
            assert!(finds(folder, "c1"), "{other}");
        }
    }

    #[test]
    fn in_the_end_there_is_one_line_for_each_file_that_stands() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path();
        fs::write(folder.join(".chancery-batch-left"), "x").unwrap();
        let inventory = Inventory::of(folder);
        assert!(!folder.join(".chancery-batch-left").exists());
        for (key, name, pdf) in [("a1", "a.pdf", "one"), ("a2", "a.pdf", "two"), ("b1", "b.pdf", "three"), ("c1", "c.pdf", "four")] {
            written(&inventory, key, &folder.join(name), pdf.as_bytes());
        }
        fs::remove_file(folder.join("b.pdf")).unwrap();
        inventory.compact();
        let lines = fs::read_to_string(folder.join(NAME)).unwrap().lines().count();
        assert_eq!(lines, 3, "its head, a.pdf and c.pdf");
        assert!(finds(folder, "a2") && finds(folder, "c1") && !finds(folder, "a1"));
        assert_eq!(fs::read_dir(folder).unwrap().count(), 3);
    }
}

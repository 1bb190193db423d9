//! Reads a bag: first its structure, then every byte, and only then is anything taken from it.
//!
//! Never trusts the ZIP: no links, no encryption, no names that lead elsewhere, no two entries over the same bytes, no
//! more bytes out of an entry than it says, and never many times more than went in.

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::path::Path;

use zip::{CompressionMethod, ZipArchive};

use super::writer::copy;
use super::{Copied, CopyError, DECLARATION_FILE, INFO_FILE, MANIFEST_FILE, PAYLOAD, PIECE, TAG_MANIFEST_FILE, decoded};
use crate::failure::{Checked, Problem, Problems};
use crate::storage::name::fold;

/// A ZIP has at most this many entries.
const MAX_ENTRIES: usize = 4_000_000;

/// Of text that was packed, a ZIP gives back at most this many times its own size: our lists come to twenty times.
const MAX_RATIO: u64 = 200;

/// A short file that is mostly headers is no bomb.
const RATIO_FROM: u64 = 16 << 20;

/// `bagit.txt`, `bag-info.txt` and `tagmanifest-sha256.txt` have at most this many bytes each.
const MAX_TAG_BYTES: u64 = 1 << 20;

/// The manifest has at most this many bytes.
const MAX_MANIFEST_BYTES: u64 = 2 << 30;

/// At most this many problems of a bag are told.
const MAX_TOLD: usize = 50;

/// A part of a name has at most this many bytes, as file systems have it; a name at most that many parts.
const MAX_PART_BYTES: usize = 255;
const MAX_PARTS: usize = 64;

/// A bag whose structure is in order.
pub struct Bag {
    zip: ZipArchive<BufReader<File>>,
    /// What the user calls it.
    name: String,
    /// The payload, by path relative to it.
    files: BTreeMap<String, Entry>,
    info: Vec<(String, String)>,
    buffer: Vec<u8>,
}

#[derive(Clone, Debug)]
struct Entry {
    index: usize,
    sha256: String,
    octets: u64,
}

/// What the ZIP says of its entries, by name without the folder at the top: place and length.
type Listed = BTreeMap<String, (usize, u64)>;

impl Bag {
    /// Opens the bag at `path`, which its user calls `name`, and checks its structure: all but the payload's bytes.
    ///
    /// # Errors
    /// Every reason why it is no bag, or none that can be trusted; the machine's.
    pub fn open(path: &Path, name: &str) -> Checked<Self> {
        let file = File::open(path).map_err(|error| Problem::machine("read", path, &error))?;
        let wrong = |message: String| Problems::from(unfit(message)).in_file(name);
        let mut zip = ZipArchive::new(BufReader::new(file)).map_err(|error| wrong(format!("This is no ZIP that can be read: {error}.")))?;
        let mut listed = list(&mut zip).map_err(|problems| problems.in_file(name))?;
        let mut buffer = vec![0; PIECE];
        let mut tag = |file: &str, most: u64| read_tag(&mut zip, &listed, file, most, &mut buffer).map_err(wrong);
        let declaration = tag(DECLARATION_FILE, MAX_TAG_BYTES)?.unwrap_or_default().0;
        let known = ["BagIt-Version: 1.0", "BagIt-Version: 0.97"].iter().any(|version| declaration.starts_with(version));
        if !known || !declaration.contains("Tag-File-Character-Encoding: UTF-8") {
            return Err(wrong(format!("Its {DECLARATION_FILE} does not say that it is a bag (BagIt 1.0, UTF-8).")));
        }
        let (info, _) = tag(INFO_FILE, MAX_TAG_BYTES)?.unwrap_or_default();
        let Some((manifest, manifest_sha256)) = tag(MANIFEST_FILE, MAX_MANIFEST_BYTES)? else {
            return Err(wrong(format!("It has no {MANIFEST_FILE}.")));
        };
        if let Some((tags, _)) = tag(TAG_MANIFEST_FILE, MAX_TAG_BYTES)? {
            for (sha256, file) in manifest_lines(&tags).map_err(wrong)? {
                let found = if file == MANIFEST_FILE { Some(manifest_sha256.clone()) } else { tag(&file, MAX_TAG_BYTES)?.map(|tag| tag.1) };
                if found.as_ref() != Some(&sha256) {
                    return Err(wrong(format!("{file} is not what it was when the bag was made, or is not there.")));
                }
            }
        }
        let files = payload(&mut listed, &manifest).map_err(|problems| problems.in_file(name))?;
        let bag = Self { zip, name: name.to_owned(), files, info: info_lines(&info), buffer };
        bag.check_size().map_err(wrong)?;
        Ok(bag)
    }

    /// The bytes of every file: `told` is called for each.
    ///
    /// # Errors
    /// Each file that is not what the manifest says; the machine's.
    pub fn check(&mut self, mut told: impl FnMut(&str)) -> Checked<()> {
        let files: Vec<(String, Entry)> = self.files.iter().map(|(path, entry)| (path.clone(), entry.clone())).collect();
        let mut problems = Vec::new();
        for (path, entry) in files {
            told(&path);
            let message = match self.copy(&path, &mut std::io::sink()) {
                Ok(copied) if copied.sha256 == entry.sha256 => continue,
                Ok(_) => format!("{PAYLOAD}{path} is not what it was when the bag was made."),
                Err(error) => format!("{PAYLOAD}{path} cannot be read: {}.", error.into_error()),
            };
            if problems.len() < MAX_TOLD {
                problems.push(unfit(message).in_file(&self.name));
            }
        }
        Problems::none_or(problems, ())
    }

    /// The files of the payload by path relative to it, sorted, each with its SHA-256.
    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(path, entry)| (path.as_str(), entry.sha256.as_str()))
    }

    /// The SHA-256 of a file of the payload.
    pub fn sha256(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(|entry| entry.sha256.as_str())
    }

    /// The first value under a name in `bag-info.txt`.
    pub fn info(&self, name: &str) -> Option<&str> {
        self.info.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Copies a file of the payload.
    ///
    /// # Errors
    /// The system's, and those of a ZIP that is damaged there.
    pub fn copy(&mut self, path: &str, to: &mut dyn Write) -> Result<Copied, CopyError> {
        let Some(entry) = self.files.get(path) else {
            return Err(CopyError::Read(std::io::ErrorKind::NotFound.into()));
        };
        let (index, octets) = (entry.index, entry.octets);
        let file = self.zip.by_index(index).map_err(|error| CopyError::Read(error.into()))?;
        let copied = copy(&mut file.take(octets + 1), to, &mut self.buffer)?;
        let longer = || CopyError::Read(std::io::Error::other("it has not the length that the ZIP says"));
        if copied.octets == octets { Ok(copied) } else { Err(longer()) }
    }

    /// A file of the payload, to be read in pieces.
    ///
    /// # Errors
    /// As [`Bag::copy`].
    pub fn read(&mut self, path: &str) -> Result<impl Read + '_, CopyError> {
        let Some(entry) = self.files.get(path) else {
            return Err(CopyError::Read(std::io::ErrorKind::NotFound.into()));
        };
        let octets = entry.octets;
        Ok(self.zip.by_index(entry.index).map_err(|error| CopyError::Read(error.into()))?.take(octets))
    }

    /// `Payload-Oxum`, where there is one, against what is there.
    fn check_size(&self) -> Result<(), String> {
        let Some(stated) = self.info("Payload-Oxum") else { return Ok(()) };
        let octets: u64 = self.files.values().map(|entry| entry.octets).sum();
        let found = format!("{octets}.{}", self.files.len());
        let message = || format!("Its payload is not as large as {INFO_FILE} says (Payload-Oxum {stated}, found {found}).");
        if stated.trim() == found { Ok(()) } else { Err(message()) }
    }
}

/// Something about a bag that keeps it from being used.
fn unfit(message: impl Into<String>) -> Problem {
    let help = "Make or fetch the ZIP again: one that was cut off or changed on the way cannot be imported.";
    Problem::new("bag", message, help)
}

/// Looks at what the ZIP says of each entry. The folder at the top, if all stand in one, is taken off.
fn list(zip: &mut ZipArchive<BufReader<File>>) -> Checked<Listed> {
    let failed = |error: zip::result::ZipError| Problems::from(unfit(format!("The ZIP cannot be read: {error}.")));
    if zip.len() > MAX_ENTRIES {
        return Err(unfit(format!("The ZIP has {} entries; {MAX_ENTRIES} is the most.", zip.len())).into());
    }
    if zip.has_duplicate_names() || zip.has_overlapping_entries().map_err(failed)? {
        return Err(unfit("The ZIP has the same name twice, or two entries that share their bytes.").into());
    }
    let (mut listed, mut problems, mut packed, mut unpacked) = (Listed::new(), Vec::new(), 0_u64, 0_u64);
    for index in 0..zip.len() {
        let entry = zip.by_index_raw(index).map_err(failed)?;
        let name = entry.name().map_err(failed)?.into_owned();
        packed = packed.saturating_add(entry.compressed_size());
        unpacked = unpacked.saturating_add(entry.size());
        let plain = matches!(entry.compression(), CompressionMethod::Stored | CompressionMethod::Deflated) && !entry.encrypted();
        if entry.is_symlink() || !plain || entry.enclosed_name().is_none() || !is_safe(name.trim_end_matches('/')) {
            if problems.len() < MAX_TOLD {
                problems.push(unfit(format!("The entry {name:?} is a link, is encrypted, or has a name that leads elsewhere.")));
            }
        } else if !entry.is_dir() {
            listed.insert(name, (index, entry.size()));
        }
    }
    if unpacked > RATIO_FROM.max(packed.saturating_mul(MAX_RATIO)) {
        problems.push(unfit(format!("Unpacked, the ZIP would have {unpacked} bytes, out of {packed}: that is no archive of documents.")));
    }
    Problems::none_or(problems, ())?;
    let mut seen = HashSet::new();
    if let Some(twice) = listed.keys().find(|name| !seen.insert(fold(name))) {
        return Err(unfit(format!("{twice:?} stands in the ZIP twice, in capital and small letters.")).into());
    }
    without_top(listed)
}

/// No part of a name leads upward, is hidden, or means something else on another system.
fn is_safe(name: &str) -> bool {
    let part = |part: &str| !part.is_empty() && !part.starts_with('.') && part.len() <= MAX_PART_BYTES && !part.contains(['\\', '\0']);
    name.split('/').count() <= MAX_PARTS && name.split('/').all(part)
}

fn without_top(listed: Listed) -> Checked<Listed> {
    if listed.contains_key(DECLARATION_FILE) {
        return Ok(listed);
    }
    let top = listed.keys().next().and_then(|name| name.split_once('/')).map(|(top, _)| format!("{top}/"));
    let inside: Option<Listed> = top.and_then(|top| {
        let inside = |(name, place): (&String, &(usize, u64))| Some((name.strip_prefix(&top)?.to_owned(), *place));
        listed.iter().map(inside).collect()
    });
    let found = inside.filter(|inside| inside.contains_key(DECLARATION_FILE));
    found.ok_or_else(|| unfit(format!("There is no {DECLARATION_FILE} in it: it is no export of an archive.")).into())
}

/// The text of a file beside the payload, and its hash; `None` if it is not there.
fn read_tag(
    zip: &mut ZipArchive<BufReader<File>>,
    listed: &Listed,
    file: &str,
    most: u64,
    buffer: &mut [u8],
) -> Result<Option<(String, String)>, String> {
    let Some((index, octets)) = listed.get(file).filter(|_| !file.starts_with(PAYLOAD)) else { return Ok(None) };
    if *octets > most {
        return Err(format!("{file} has {octets} bytes; {most} is the most."));
    }
    let mut bytes = Vec::new();
    let copied = zip
        .by_index(*index)
        .map_err(|error| error.to_string())
        .and_then(|entry| copy(&mut entry.take(most), &mut bytes, buffer).map_err(|error| error.into_error().to_string()));
    let copied = copied.map_err(|error| format!("{file} cannot be read: {error}."))?;
    let text = String::from_utf8(bytes).map_err(|_| format!("{file} is not UTF-8 text."))?;
    Ok(Some((text.trim_start_matches('\u{feff}').to_owned(), copied.sha256)))
}

/// Hash and path of each line of a manifest.
fn manifest_lines(text: &str) -> Result<Vec<(String, String)>, String> {
    let line = |(number, line): (usize, &str)| {
        let (sha256, path) = line.split_once([' ', '\t']).unwrap_or_default();
        let path = path.trim_start_matches([' ', '\t']).trim_start_matches('*');
        let whole = sha256.len() == 64 && sha256.bytes().all(|byte| byte.is_ascii_hexdigit()) && !path.is_empty();
        let wrong = || format!("Line {} of a manifest is no hash and name.", number + 1);
        if whole { Ok((sha256.to_ascii_lowercase(), path.to_owned())) } else { Err(wrong()) }
    };
    text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).map(line).collect()
}

/// The payload as manifest and ZIP agree about it.
fn payload(listed: &mut Listed, manifest: &str) -> Checked<BTreeMap<String, Entry>> {
    let (mut files, mut problems) = (BTreeMap::new(), Vec::new());
    if listed.contains_key("fetch.txt") {
        problems.push(unfit("It wants files to be fetched from elsewhere (fetch.txt), which this program never does."));
    }
    for (sha256, path) in manifest_lines(manifest).map_err(unfit)? {
        // A program that forgets to encode `%` wrote the path as it is.
        let found = listed.remove(&decoded(&path)).map(|place| (decoded(&path), place));
        let found = found.or_else(|| listed.remove(&path).map(|place| (path.clone(), place)));
        match found.and_then(|(path, place)| Some((path.strip_prefix(PAYLOAD)?.to_owned(), place))) {
            Some((path, (index, octets))) => drop(files.insert(path, Entry { index, sha256, octets })),
            None if problems.len() >= MAX_TOLD => {}
            None => problems.push(unfit(format!("{path} is in the manifest but not in the ZIP, or not in its payload."))),
        }
    }
    let unlisted = listed.keys().filter(|path| path.starts_with(PAYLOAD)).take(MAX_TOLD);
    problems.extend(unlisted.map(|path| unfit(format!("{path} is in the ZIP but not in the manifest."))));
    problems.truncate(MAX_TOLD);
    Problems::none_or(problems, files)
}

/// Names and values; a line that begins with a space goes on the one before.
fn info_lines(text: &str) -> Vec<(String, String)> {
    let mut info: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        match (line.starts_with([' ', '\t']), info.last_mut(), line.split_once(':')) {
            (true, Some((_, value)), _) => *value = format!("{value} {}", line.trim()),
            (_, _, Some((name, value))) => info.push((name.trim().to_owned(), value.trim().to_owned())),
            _ => {}
        }
    }
    info
}

//! Import: what [`super::export()`] made comes back. Everything is checked before anything is taken.
//!
//! Into an archive without a register a whole export is restored: the files, and then the register's year files byte for
//! byte, so that chain and head are the same. Into any other, and of a part of an archive, each record that is not there
//! yet is adopted: it keeps id, number, version, dates and hashes, and gets lines of its own. Nothing is ever overwritten
//! or changed; killed at any moment, the import can be done again and goes on where it was.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use super::description::{KIND, WHOLE};
use super::export::{ARCHIVE, LINES, PAGE, TABLE};
use super::{adopt, restore};
use crate::bag::{Bag, CopyError};
use crate::failure::{Blame, Checked, Problem, Problems};
use crate::register::{Damage, Foreign, Record, RecordState, Register};
use crate::storage::{FileLock, IMPORT_LOCK, TEMPORARY_PREFIX, crash_point, hash_file, make_folders, parent, rename_new};

/// What an import came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Imported {
    /// Whether the whole archive was restored as it was; else records were adopted one by one.
    pub restored: bool,
    /// Records that stand here now and did not before; of a restored archive their number only.
    pub adopted: Vec<Record>,
    /// How many records came, of a restored archive.
    pub records: usize,
    /// How many stood here already.
    pub same: usize,
    /// Records that were not taken, and why; files that were damaged when they were exported.
    pub skipped: Vec<Problem>,
}

/// Takes back the export in `zip`, which its user calls `name`. `told` is called for each file that is checked or placed.
/// `damaged_too`: also take one that says that its archive was damaged.
///
/// # Errors
/// Everything that is wrong with the ZIP, before anything was taken; the machine's, after which it can be done again.
pub fn import(register: &Register, zip: &Path, name: &str, damaged_too: bool, mut told: impl FnMut(&str)) -> Checked<Imported> {
    let mut bag = Bag::open(zip, name)?;
    bag.check(&mut told)?;
    let whole = bag.info(KIND) == Some(WHOLE);
    let foreign = lines(&mut bag, name, whole)?;
    let (wanted, skipped) = examine(&bag, &foreign, whole, damaged_too).map_err(|problems| problems.in_file(name))?;
    register.refresh()?;
    let staging = Staging::open(register.archive())?;
    crash_point("import::checked");
    let mut work = Work { register, bag, name, staging, wanted, told: &mut told, skipped };
    if whole && register.extent(|_| Ok(()))?.0.files.is_empty() { restore::restore(&mut work, &foreign) } else { adopt::adopt(&mut work) }
}

/// An import in hand.
pub(super) struct Work<'a> {
    pub(super) register: &'a Register,
    pub(super) bag: Bag,
    pub(super) name: &'a str,
    pub(super) staging: Staging,
    /// The versions whose files are all in the bag, in the order in which they were filed.
    pub(super) wanted: Vec<RecordState>,
    pub(super) told: &'a mut dyn FnMut(&str),
    pub(super) skipped: Vec<Problem>,
}

impl Work<'_> {
    /// Copies a file out of the bag, durably, to its place in the archive, where nothing may stand.
    pub(super) fn place(&mut self, path: &str) -> Checked<PathBuf> {
        (self.told)(path);
        let staged = self.stage(&format!("{ARCHIVE}{path}"), "file")?;
        let place = self.register.archive().join(path);
        make_folders(parent(&place))?;
        rename_new(&staged, &place).map_err(|error| Problem::machine("write", &place, &error))?;
        crash_point("import::placed");
        Ok(place)
    }

    /// Copies a file out of the bag, durably, to a file in the staging folder.
    pub(super) fn stage(&mut self, path: &str, name: &str) -> Checked<PathBuf> {
        let staged = self.staging.folder.join(name);
        make_folders(parent(&staged))?;
        let failed = |error: &io::Error| Problems::from(Problem::machine("write", &staged, error));
        let mut file = File::create(&staged).map_err(|error| failed(&error))?;
        match self.bag.copy(path, &mut file) {
            // It was checked a moment ago: a ZIP that changes meanwhile is nothing to build on.
            Ok(copied) if Some(copied.sha256.as_str()) == self.bag.sha256(path) => {}
            Ok(_) => {
                return Err(Problem::new("bag", format!("{path} was changed while it was read."), "Import again.")
                    .in_file(self.name)
                    .into());
            }
            Err(CopyError::Write(error)) => return Err(failed(&error)),
            Err(CopyError::Read(error)) => return Err(Problem::machine("read", Path::new(self.name), &error).into()),
        }
        file.sync_all().map_err(|error| failed(&error))?;
        Ok(staged)
    }
}

/// A folder in the archive, hidden, in which files become whole before they are placed. One import at a time.
pub(super) struct Staging {
    pub(super) folder: PathBuf,
    _held: FileLock,
}

impl Staging {
    fn open(archive: &Path) -> Checked<Self> {
        make_folders(archive)?;
        let folder = archive.join(format!("{TEMPORARY_PREFIX}import"));
        let Some(held) = FileLock::take(&archive.join(IMPORT_LOCK))? else {
            let message = "Another import into this archive is running.";
            return Err(Problem::new("import-running", message, "Wait until it is done.").blaming(Blame::Machine).into());
        };
        // What a killed import left.
        remove(&folder)?;
        make_folders(&folder)?;
        Ok(Self { folder, _held: held })
    }
}

impl Drop for Staging {
    /// What cannot be taken away, the next import takes away. The lock's file stays: if its name went while it is held, the next
    /// two imports could each hold a file of that name.
    fn drop(&mut self) {
        let _ = remove(&self.folder);
    }
}

fn remove(folder: &Path) -> Checked<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Problem::machine("remove", folder, &error).into()),
        _ => Ok(()),
    }
}

/// Whether a file that is to be placed stands already, with the right bytes; an error if something else does.
pub(super) fn stands(archive: &Path, path: &str, sha256: &str) -> Checked<bool> {
    let place = archive.join(path);
    match place.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Ok(found) if found.is_file() && hash_file(&place).is_ok_and(|hash| hash == sha256) => Ok(true),
        Err(error) if error.kind() != io::ErrorKind::NotADirectory => Err(Problem::machine("read", &place, &error).into()),
        _ => {
            let message = format!("Something else stands at archive/{path}, or where its folder is to be.");
            Err(Problem::new("place-taken", message, "Move it out of the archive, and import again.").into())
        }
    }
}

/// What the bag's lines say.
fn lines(bag: &mut Bag, name: &str, whole: bool) -> Checked<Foreign> {
    let files: Vec<String> = bag.files().map(|(path, _)| path.to_owned()).filter(|path| is_register(path, whole)).collect();
    let mut foreign = Foreign::default();
    let unread = |path: &str, error: io::Error| unfit(format!("{path} cannot be read: {error}.")).in_file(name);
    for path in files.iter().filter(|path| path.ends_with(".jsonl")) {
        let reader = bag.read(path).map_err(|error| unread(path, error.into_error()))?;
        foreign.read(path, BufReader::new(reader), whole).map_err(|error| unread(path, error))?;
    }
    Ok(foreign)
}

/// A year file or the lines of a part; of a whole archive also torn bytes.
pub(super) fn is_register(path: &str, whole: bool) -> bool {
    let Some(file) = path.strip_prefix(ARCHIVE).and_then(|path| path.strip_prefix("register/")).filter(|_| whole) else {
        return !whole && path == LINES;
    };
    let year = file.strip_suffix(".jsonl").is_some_and(|year| year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit()));
    year || (file.starts_with("torn-") && !file.contains('/'))
}

/// Looks at lines and files together: every record's files must be there as they were filed, and no others. Gives the
/// records that can be taken, and of a damaged archive what cannot.
fn examine(bag: &Bag, foreign: &Foreign, whole: bool, damaged_too: bool) -> Checked<(Vec<RecordState>, Vec<Problem>)> {
    if let Some(version) = foreign.newer {
        let message = format!("A newer version of the program made this export (its lines are of format {version}).");
        return Err(Problem::new("register-newer", message, "Use that version, or a newer one, to import it.").into());
    }
    let trespass = |damage: &Damage| {
        let help = "No program of ours writes such a line: the ZIP was made to do harm, or by mistake. Nothing of it was taken.";
        Problem::new("import-trespass", format!("{}, line {}: {}", damage.file, damage.line, damage.message), help)
    };
    Problems::none_or(foreign.trespasses.iter().map(trespass).collect(), ())?;
    let mut damaged = Wrong { more: foreign.more_damage, ..Wrong::default() };
    for damage in &foreign.damage {
        damaged.add(|| format!("{}, line {}: {}", damage.file, damage.line, damage.message));
    }
    let mut known: HashSet<&str> = HashSet::new();
    let mut wanted = Vec::new();
    for state in foreign.records.iter().filter(|state| state.void.is_none() && state.disposed.is_none()) {
        let mut complete = true;
        for file in &state.record.files {
            known.insert(&file.path);
            let found = bag.sha256(&format!("{ARCHIVE}{}", file.path));
            if found != Some(file.sha256.as_str()) {
                complete = false;
                damaged.add(|| match found {
                    Some(_) => format!("archive/{} is not what was filed as {}.", file.path, state.record.id),
                    None => format!("archive/{} of {} is not in the ZIP.", file.path, state.record.id),
                });
            }
        }
        if complete {
            wanted.push(state.clone());
        }
    }
    let stray = |path: &str| {
        let filed = path.strip_prefix(ARCHIVE).is_some_and(|path| known.contains(path));
        !filed && !is_register(path, whole) && path != TABLE && path != PAGE
    };
    let mut strays = Wrong::default();
    for (path, _) in bag.files().filter(|(path, _)| stray(path)) {
        strays.add(|| format!("No record names {path}."));
    }
    Problems::none_or(strays.into_problems(), ())?;
    let damaged = damaged.into_problems();
    if damaged_too { Ok((wanted, damaged)) } else { Problems::none_or(damaged, (wanted, Vec::new())) }
}

/// What is wrong with an export: the first of it in words, of the rest how much there is.
#[derive(Default)]
struct Wrong {
    told: Vec<Problem>,
    more: u64,
}

impl Wrong {
    fn add(&mut self, message: impl FnOnce() -> String) {
        if self.told.len() < MAX_TOLD { self.told.push(unfit(message())) } else { self.more += 1 }
    }

    fn into_problems(mut self) -> Vec<Problem> {
        if self.more > 0 {
            self.told.push(unfit(format!("And {} more that are not named here.", self.more)));
        }
        self.told
    }
}

/// At most this much that is wrong is told.
const MAX_TOLD: usize = 50;

fn unfit(message: String) -> Problem {
    let help = "Make the export again from an archive that `chancery verify` finds whole. To take what can be taken, add `--damaged-too`.";
    Problem::new("import-damaged", message, help)
}

/// The versions by the `seq` of their lines there.
pub(super) fn by_seq(wanted: &[RecordState]) -> HashMap<u64, usize> {
    wanted.iter().enumerate().map(|(index, state)| (state.record.seq, index)).collect()
}

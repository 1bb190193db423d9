//! What is said of a place that is empty, and of a file that no line names, once the register was read to its end.

use std::collections::HashMap;
use std::io;
use std::path::{Component, Path};

use crate::failure::{Checked, Problem};
use crate::register::{Audit, Claim, Damage, REBUILDING, Snapshot, Told};
use crate::storage::{TEMPORARY_PREFIX, WriterLock, hash_file};

use super::Found;
use super::extras::Extras;
use super::report::{Finding, Wrong};
use super::table::{State, Table};
use crate::filing::UNDONE;
use crate::filing::fingerprint::{Hash, fingerprint};
use crate::filing::identity::{Identity, identity};
use crate::filing::walk::{hash_one, is_debris, is_temporary};

/// What judges, with everything that was found.
pub(super) struct Judge<'a> {
    pub(super) archive: &'a Path,
    pub(super) table: &'a Table,
    /// Files that are not what their line says.
    pub(super) changed: Vec<(u64, String)>,
    pub(super) extras: Extras,
    pub(super) troubles: Vec<Problem>,
    pub(super) tell: &'a mut dyn FnMut(Finding),
}

impl Judge<'_> {
    /// Goes through the register once more for the words of what is wrong: files that are changed, missing or moved.
    pub(super) fn places(&mut self, snapshot: &Snapshot) -> Checked<()> {
        if self.changed.is_empty() && self.extras.is_empty() && !self.table.lacks_any() {
            return Ok(());
        }
        let mut changed: HashMap<u64, Vec<String>> = HashMap::new();
        for (seq, path) in std::mem::take(&mut self.changed) {
            changed.entry(seq).or_default().push(path);
        }
        read_again(self.archive, snapshot, &mut |told| match told {
            Told::Filed(claim) => {
                let who = claim.number.as_ref().unwrap_or(&claim.id);
                for path in changed.remove(&claim.seq).unwrap_or_default() {
                    self.changed(&path, who);
                }
                claim.files.iter().for_each(|(path, _)| self.place(claim.seq, path, who));
            }
            Told::Moved { of, id, files } => files.iter().for_each(|(_, to)| self.place(of, to, &id)),
            _ => {}
        })
    }

    /// A place that a line names.
    fn place(&mut self, seq: u64, path: &str, who: &str) {
        let table = self.table;
        for entry in table.at(fingerprint(path)).iter().filter(|entry| entry.seq == seq) {
            match entry.state {
                State::Stands if !entry.is_seen() => {
                    entry.see();
                    self.empty_place(seq, path, who, &entry.sha256);
                }
                State::Void => drop(self.extras.take_below(&entry.sha256, UNDONE)),
                _ => {}
            }
        }
    }

    /// A place where nothing was found: by now something may stand there.
    fn empty_place(&mut self, seq: u64, path: &str, who: &str, sha256: &Hash) {
        if !Path::new(path).components().all(|part| matches!(part, Component::Normal(_))) || path.is_empty() {
            let message = format!("A line of the register names a place outside of the archive: {path}");
            return (self.tell)(Finding::new(Wrong::Chain, "register", message, "No filing writes that: somebody else did."));
        }
        let place = self.archive.join(path);
        match hash_one(&place) {
            Ok(found) if found == *sha256 => self.extras.forget_spelling(sha256, path),
            Ok(_) => self.changed(path, who),
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::IsADirectory) => {
                self.missing(seq, path, who, sha256);
            }
            Err(error) => self.troubles.push(Problem::machine("read", &place, &error)),
        }
    }

    fn missing(&mut self, seq: u64, path: &str, who: &str, sha256: &Hash) {
        if let Some(found) = self.extras.take(sha256, path) {
            let message = format!("archive/{path} ({who}) was moved or renamed: it stands at archive/{} now.", found.path);
            let help = "Move it back, or record where it stands: `chancery verify --record-moves --by NAME`.";
            let finding = Finding::new(Wrong::Moved, path, message, help);
            return (self.tell)(Finding { to: Some(found.path), of: Some(seq), ..finding });
        }
        let mut message = format!("archive/{path} ({who}) is not there any more.");
        if let Some(other) = self.extras.namesake(path) {
            message.push_str(&format!(" A file of that name stands at archive/{other}, but it is not what was filed."));
        }
        (self.tell)(Finding::new(Wrong::Missing, path, message, "Bring it back from a backup of the archive."));
    }

    fn changed(&mut self, path: &str, who: &str) {
        let message = format!("archive/{path} ({who}) is not what was filed: its bytes were changed.");
        let help = "Bring the file back from a backup of the archive. What was changed on purpose is filed as a new version.";
        (self.tell)(Finding::new(Wrong::Changed, path, message, help));
    }

    /// What remains of the files that no line names.
    pub(super) fn extras(&mut self, audit: &mut Audit) -> Checked<()> {
        let rest: Vec<Found> = self.extras.rest();
        // Whoever lives may be filing it; then what they wrote until then is read, and then the disk is asked again.
        let is_alive = |writer: &str| WriterLock::lives(self.archive, writer);
        let in_hand = |file: &Found| writer_of(&file.path).or_else(|| self.table.reserved_by(&file.path)).is_some_and(is_alive);
        let rest: Vec<Found> = rest.into_iter().filter(|file| !in_hand(file)).collect();
        if rest.is_empty() {
            return Ok(());
        }
        let snapshot = Audit::snapshot(self.archive)?;
        let mut late = Table::default();
        audit.read_to(&snapshot, &mut |told, _| late.take(told))?;
        late.settle();
        // A name that is no text cannot be asked for again; none of ours is.
        let is_gone = |file: &Found| !file.path.contains('\u{fffd}') && std::fs::symlink_metadata(self.archive.join(&file.path)).is_err();
        let is_settled = |file: &Found| late.is_expected(fingerprint(&file.path)) || is_gone(file);
        let rest: Vec<Found> = rest.into_iter().filter(|file| !is_settled(file)).collect();
        let identities: HashMap<String, Identity> =
            rest.iter().filter_map(|file| Some((file.path.clone(), identity(&self.archive.join(&file.path))?))).collect();
        let known = self.known(&snapshot, &identities)?;
        for file in rest {
            let identity = identities.get(&file.path);
            let finding = self.extra(&file, identity, identity.is_some_and(|identity| known.contains_key(&identity.version_name())));
            (self.tell)(finding);
        }
        Ok(())
    }

    /// Which of the versions that PDFs call themselves the register has.
    fn known(&self, snapshot: &Snapshot, identities: &HashMap<String, Identity>) -> Checked<HashMap<String, u64>> {
        let mut known = HashMap::new();
        if identities.is_empty() {
            return Ok(known);
        }
        let asked: HashMap<String, ()> = identities.values().map(|identity| (identity.version_name(), ())).collect();
        read_again(self.archive, snapshot, &mut |told| {
            if let Told::Filed(Claim { seq, id, version, .. }) = told {
                let name = format!("{id}@{version}");
                if asked.contains_key(&name) {
                    known.insert(name, seq);
                }
            }
        })?;
        Ok(known)
    }

    fn extra(&self, file: &Found, identity: Option<&Identity>, known: bool) -> Finding {
        let path = &file.path;
        let is_disposed = self.table.at(fingerprint(path)).iter().any(|entry| entry.state == State::Disposed);
        let is_left = |writer: Option<&str>| writer.is_some_and(|writer| WriterLock::is_known(self.archive, writer));
        let interrupted = "The program was stopped in the midst of filing; the next `chancery watch` or `chancery file` puts it right.";
        let (message, help) = match identity {
            _ if is_disposed => (
                format!("archive/{path} was disposed of, and yet it stands."),
                "Delete it. To dispose of the record again removes it only if it is still what was filed.",
            ),
            _ if is_left(writer_of(path)) => (format!("archive/{path} is an unfinished file."), interrupted),
            _ if is_temporary(path) => (format!("archive/{path} is an unfinished file."), "Nobody is working on it: delete it."),
            _ if is_left(self.table.reserved_by(path)) => (format!("archive/{path} was being filed and is in no line yet."), interrupted),
            Some(identity) if known => (
                format!("archive/{path} calls itself {}, but the register has that at another place.", identity.words()),
                "Compare the two and take this one out of the archive.",
            ),
            Some(identity) => (
                format!(
                    "archive/{path} was filed as {}, which the register does not know: the register's end was cut off, or the file comes \
                         from another archive.",
                    identity.words()
                ),
                "Bring the register back from a backup; without one, `chancery rebuild` takes the document in again.",
            ),
            None => (
                format!("No line of the register names archive/{path}."),
                "Take it out of the archive. To have it filed, drop it into the inbox.",
            ),
        };
        Finding::new(Wrong::Extra, path, message, help)
    }
}

/// The writer whose unfinished file it is.
fn writer_of(path: &str) -> Option<&str> {
    let name = path.rsplit('/').next()?.strip_prefix(TEMPORARY_PREFIX)?;
    name.get(..WriterLock::NAME_LENGTH).filter(|name| WriterLock::is_name(name))
}

/// The register from its beginning, for what its lines say.
fn read_again(archive: &Path, snapshot: &Snapshot, take: &mut dyn FnMut(Told)) -> Checked<()> {
    let mut audit = Audit::new(archive, None);
    audit.read_to(snapshot, &mut |told, _| take(told))?;
    audit.read_tail(snapshot, &mut |told, _| take(told))
}

/// The finding that the chain does not hold a head that was written down.
pub(super) fn cut_off(damage: Damage) -> Finding {
    let help = "Bring the register back from a backup that is newer than what was written down. If the register was made again by \
                `chancery rebuild`, heads of the old one hold no longer; the old one stands in archive/register/old-….";
    Finding { line: None, ..Finding::new(Wrong::Chain, damage.file, damage.message, help) }
}

/// The finding that there are files and no register.
pub(super) fn no_register() -> Finding {
    let help = "Bring archive/register/ back from a backup; without one, `chancery rebuild` makes a register from the PDFs.";
    Finding::new(Wrong::Chain, "register", "There is no register.", help)
}

/// The register's folder: its lines, the bytes that were torn off, and old registers.
pub(super) fn register_folder(archive: &Path, snapshot: &Snapshot, table: &Table, tell: &mut dyn FnMut(Finding)) {
    if archive.join(REBUILDING).exists() {
        let help = "Run `chancery rebuild` again: it finishes what was begun.";
        tell(Finding::new(Wrong::Extra, REBUILDING, "The register was being made again, and that was interrupted.", help));
    }
    let folder = archive.join("register");
    for (name, bytes, sha256) in &table.torn {
        let path = format!("register/{name}");
        let data = std::fs::metadata(folder.join(name)).ok();
        let whole = || sha256.as_ref().is_none_or(|sha256| hash_file(&folder.join(name)).is_ok_and(|hash| hash == *sha256));
        let help = "Bring it back from a backup. It holds bytes of a write that was cut off, and no document.";
        match data {
            None => tell(Finding::new(Wrong::Missing, &path, format!("archive/{path} is not there any more."), help)),
            Some(data) if data.len() != *bytes || !whole() => {
                tell(Finding::new(Wrong::Changed, &path, format!("archive/{path} is not what was put there."), help));
            }
            Some(_) => {}
        }
    }
    let is_old = |path: &str| table.old.iter().any(|old| old == path);
    for old in table.old.iter().filter(|old| !archive.join(old).is_dir()) {
        let message = format!("archive/{old}, the register as it was before it was made again, is not there any more.");
        tell(Finding::new(Wrong::Missing, old, message, "Bring it back from a backup."));
    }
    for name in &snapshot.others {
        let path = format!("register/{name}");
        let is_torn = table.torn.iter().any(|(torn, ..)| torn == name);
        if is_torn || is_old(&path) || name.starts_with(TEMPORARY_PREFIX) || is_debris(name) {
            continue;
        }
        let (message, help) = if name.starts_with("torn-") {
            (format!("archive/{path} holds bytes of a write that was cut off."), "Nothing needs to be done: the next filing records it.")
        } else {
            (format!("No line of the register names archive/{path}."), "Take it out of the folder, which is the register's own.")
        };
        tell(Finding::new(Wrong::Extra, path, message, help));
    }
}

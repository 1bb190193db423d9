//! A whole archive into an empty one: first all its files, durably, and then its register, in one step.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::export::ARCHIVE;
use super::import::{Imported, Work, is_register, stands};
use crate::failure::{Blame, Checked, Problem, Problems};
use crate::register::{FiledFile, Foreign};
use crate::storage::{crash_point, parent, sync_dir};

/// Restores. Files that stand already with the right bytes, as an interrupted import leaves them, are left as they are.
///
/// # Errors
/// Every place at which something else stands, before anything was placed; the machine's.
pub(super) fn restore(work: &mut Work<'_>, foreign: &Foreign) -> Checked<Imported> {
    let archive = work.register.archive().to_owned();
    let (mut missing, mut taken) = (Vec::new(), Vec::new());
    let mut register = Vec::new();
    for (path, sha256) in work.bag.files().filter_map(|(path, sha256)| Some((path.strip_prefix(ARCHIVE)?, sha256))) {
        // A type may file below `registers/`: only what `examine` took for the register is.
        if is_register(&format!("{ARCHIVE}{path}"), true) {
            register.push(path.to_owned());
            continue;
        }
        match stands(&archive, path, sha256) {
            Ok(true) => {}
            Ok(false) => missing.push(path.to_owned()),
            Err(problems) => taken.extend(problems.into_vec()),
        }
    }
    Problems::none_or(taken, ())?;
    let mut folders: BTreeSet<PathBuf> = BTreeSet::new();
    for path in missing {
        folders.insert(parent(&work.place(&path)?).to_owned());
    }
    folders.iter().try_for_each(|folder| sync_dir(folder))?;
    crash_point("import::files-synced");
    // A register whose files do not stand would be a loss that nobody is told of.
    Problems::none_or(work.wanted.iter().flat_map(|state| &state.record.files).filter_map(|file| absent(&archive, file)).collect(), ())?;
    for path in &register {
        work.stage(&format!("{ARCHIVE}{path}"), path)?;
    }
    let staged = work.staging.folder.join(REGISTER);
    sync_dir(&staged)?;
    crash_point("import::register-staged");
    work.register.restore(&staged)?;
    crash_point("import::restored");
    let (_, head) = work.register.head();
    if head != foreign.head {
        let message = "The register that was restored does not end as the one in the ZIP.";
        return Err(Problem::new("import-damaged", message, "Look at it with `chancery verify`.").into());
    }
    let records = work.wanted.iter().map(|state| state.record.id.as_str()).collect::<BTreeSet<_>>().len();
    Ok(Imported { restored: true, records, skipped: std::mem::take(&mut work.skipped), ..Imported::default() })
}

/// What was to be placed and is not there. Its bytes were checked when it was placed, or found.
fn absent(archive: &Path, file: &FiledFile) -> Option<Problem> {
    if archive.join(&file.path).symlink_metadata().is_ok_and(|found| found.is_file()) {
        return None;
    }
    let message = format!("archive/{} was placed and is not there any more; the register was not restored.", file.path);
    Some(
        Problem::new("import-lost", message, "Let no other program take files out of the archive, and import again.")
            .blaming(Blame::Machine),
    )
}

/// The folder of the register, in the archive and while it is staged.
const REGISTER: &str = "register";

//! A whole archive into an empty one: first all its files, durably, and then its register, in one step.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::export::ARCHIVE;
use super::import::{Imported, Work, stands};
use crate::failure::{Checked, Problem, Problems};
use crate::register::Foreign;
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
        if path.starts_with(REGISTER) {
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

/// The folder of the register, in the archive and while it is staged.
const REGISTER: &str = "register";

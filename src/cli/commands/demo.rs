//! `chancery demo`: an office of its own with sample drops, filed the same way as any, and shown.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use include_dir::{Dir, DirEntry, include_dir};

use super::init;
use crate::cli::ending::{Ending, Stop};
use crate::cli::session::Session;
use crate::cli::{interrupt, watching};

/// See what it does: an office with sample notes, filed before your eyes
///
/// Makes an office of its own, drops English and Chinese sample notes into its inbox, and files them as `watch` would.
/// Running it again drops them again; what is filed already is told as such.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  chancery demo                 in chancery-demo/, here
  chancery demo /tmp/office     in a folder of your choice")]
pub struct DemoArgs {
    /// The folder for the office [default: --office, else chancery-demo]
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

/// The sample drops.
static SAMPLES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/examples/inbox");

/// The sample office; its first line tells it from an office of somebody's own.
const CONFIGURATION: &str = include_str!("../../../examples/chancery.toml");

/// Makes the office, drops the samples and files them.
pub fn run(session: &Session, args: &DemoArgs) -> Result<Ending, Stop> {
    let typed = args.folder.as_deref().or_else(|| session.named_office()).unwrap_or_else(|| Path::new("chancery-demo"));
    let root = session.absolute(typed);
    prepare(session, &root)?;
    let count = drop_all(&SAMPLES, &root.join("inbox"))?;
    let shown = session.shown(&root);
    session.output.remark(&format!("{count} sample files lie in {shown}/inbox/; they are filed now.\n"));
    let stop = interrupt::on_signal();
    let ending = watching::once(session, session.office_in(&root)?, &stop)?;
    session.output.remark(&format!(
        "\nLook at the PDFs in {shown}/archive/.\n\
         Next: `chancery --office {shown} list` shows the register; write a note of your own with\n\
         `chancery new minutes`, and drop it into {shown}/inbox/ while `chancery --office {shown} watch` runs."
    ));
    Ok(ending)
}

/// Makes the office's folders, unless the place belongs to somebody.
fn prepare(session: &Session, root: &Path) -> Result<(), Stop> {
    let configuration = root.join(crate::config::FILE_NAME);
    let marked = |text: &str| text.lines().next() == CONFIGURATION.lines().next();
    let ours = fs::read_to_string(&configuration).is_ok_and(|text| marked(&text));
    let taken = fs::read_dir(root).is_ok_and(|mut entries| entries.next().is_some());
    if taken && !ours {
        let message = format!("{} is not empty and not an office of samples.", session.shown(root));
        return Err(Stop::usage("not-empty", message, "Name a new folder: `chancery demo DIR`."));
    }
    fs::create_dir_all(root).map_err(|error| Stop::machine("make the folder", root, &error))?;
    if !ours {
        fs::write(&configuration, CONFIGURATION).map_err(|error| Stop::machine("write", &configuration, &error))?;
    }
    init::make(root).map(drop)
}

/// Writes the samples beside their names first, so that a watcher never sees half of one. Says how many.
fn drop_all(samples: &Dir<'_>, inbox: &Path) -> Result<usize, Stop> {
    let mut count = 0;
    for entry in samples.entries() {
        let path = inbox.join(entry.path());
        match entry {
            DirEntry::Dir(folder) => {
                fs::create_dir_all(&path).map_err(|error| Stop::machine("make the folder", &path, &error))?;
                count += drop_all(folder, inbox)?;
            }
            DirEntry::File(file) => {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                let hidden = path.with_file_name(format!(".{name}"));
                let dropped = fs::write(&hidden, file.contents()).and_then(|()| fs::rename(&hidden, &path));
                dropped.map_err(|error| Stop::machine("write", &path, &error))?;
                count += 1;
            }
        }
    }
    Ok(count)
}

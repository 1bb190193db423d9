//! `chancery init [DIR]`: a new office. Adds what is missing and never touches what is there.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use crate::cli::ending::{Ending, Stop};
use crate::cli::session::Session;

/// Make a new office
///
/// Makes the folder (and those above it), an inbox/ to drop notes into, an archive/ for what comes out, a
/// chancery.toml whose lines are all explained, and a templates/ folder for document types of your own. What is
/// there already stays as it is.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  chancery init              make this folder an office
  chancery init my-office    make an office in my-office/")]
pub struct InitArgs {
    /// The office's folder [default: --office, else the current folder]
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

/// What an office begins with.
const FOLDERS: [&str; 3] = ["inbox", "archive", "templates"];
const FILES: [(&str, &str); 2] =
    [("chancery.toml", include_str!("new_office/chancery.toml")), ("templates/README.md", include_str!("new_office/templates.md"))];

#[derive(Serialize)]
struct Made<'a> {
    status: &'static str,
    office: &'a Path,
    created: &'a [String],
}

/// Makes the office and says what to do next.
pub fn run(session: &Session, args: &InitArgs) -> Result<Ending, Stop> {
    let typed = args.folder.as_deref().or_else(|| session.named_office()).unwrap_or_else(|| Path::new("."));
    let root = session.absolute(typed);
    let created = make(&root)?;
    session.output.json(&Made { status: "ok", office: &root, created: &created });
    let shown = session.shown(&root);
    session.output.say(&match created.len() {
        0 => format!("{shown} is an office already; nothing was changed."),
        _ => format!("✓ {shown} is an office: {}", created.join(", ")),
    });
    let office = if shown == "." { String::new() } else { format!(" --office {}", quoted(&shown)) };
    session.output.remark(&format!(
        "Next: `chancery{office} new minutes` writes a note to fill in; `chancery{office} watch` files what lies in the inbox."
    ));
    Ok(Ending::Done)
}

/// Makes what is missing of an office; says what that was.
pub fn make(root: &Path) -> Result<Vec<String>, Stop> {
    if root.exists() && !root.is_dir() {
        let message = format!("{} is a file, not a folder.", root.display());
        return Err(Stop::usage("not-a-folder", message, "Name a folder, or one that does not exist yet."));
    }
    let mut created = Vec::new();
    for name in FOLDERS {
        let folder = root.join(name);
        if !folder.is_dir() {
            fs::create_dir_all(&folder).map_err(|error| Stop::machine("make the folder", &folder, &error))?;
            created.push(format!("{name}/"));
        }
    }
    for (name, text) in FILES {
        let file = root.join(name);
        if !file.exists() {
            fs::write(&file, text).map_err(|error| Stop::machine("write", &file, &error))?;
            created.push(name.to_owned());
        }
    }
    Ok(created)
}

/// The path as one word of a shell.
fn quoted(path: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+~".contains(c);
    if path.chars().all(plain) { path.to_owned() } else { format!("'{}'", path.replace('\'', r"'\''")) }
}

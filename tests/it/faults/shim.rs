//! `tests/shim/faults.c`, which stands between the program and the C library: built once, handed to a command.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// What is done to a program's calls below a folder.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fault<'a> {
    /// The calls that count; all without it.
    pub calls: &'a str,
    /// Which of them fails, from 1.
    pub at: u32,
    /// How many fail from there on; 0 for all.
    pub times: u32,
    /// What they fail with; 0 for a write that is cut short.
    pub errno: i32,
}

/// A call that the program made below the folder.
#[derive(Clone, Debug)]
pub struct Call {
    pub number: u32,
    pub name: String,
    pub path: PathBuf,
    pub struck: bool,
}

/// The built library; `None`, with a message, where it cannot be built or loaded.
pub fn library() -> Option<&'static Path> {
    static LIBRARY: OnceLock<Option<PathBuf>> = OnceLock::new();
    LIBRARY.get_or_init(build).as_deref()
}

fn build() -> Option<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/shim/faults.c");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let library = folder.join("faults.so");
    // Each test is a process of its own and builds its own, but one that is as new as the source serves all.
    let time = |path: &Path| std::fs::metadata(path).and_then(|data| data.modified()).ok();
    if time(&library).is_some_and(|built| time(&source).is_some_and(|written| written < built)) {
        return Some(library);
    }
    let own = folder.join(format!("faults-{}.so", std::process::id()));
    let built = Command::new("cc").args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"]).arg(&own).arg(&source).arg("-ldl").output();
    match built {
        Ok(output) if output.status.success() => {}
        Ok(output) => panic!("{}", String::from_utf8_lossy(&output.stderr)),
        Err(error) => {
            eprintln!("skipped: there is no C compiler here: {error}");
            return None;
        }
    }
    let works = Command::new("true").env("LD_PRELOAD", &own).env("SHIM_ROOT", "/nowhere").status();
    if !works.is_ok_and(|status| status.success()) {
        eprintln!("skipped: calls cannot be intercepted here");
        return None;
    }
    std::fs::rename(&own, &library).unwrap();
    Some(library)
}

/// Has a command's calls at or below `root` counted, and the chosen ones fail; each is written to `log`.
pub fn intercept(command: &mut Command, library: &Path, root: &Path, fault: Fault<'_>, log: &Path) {
    let _ = std::fs::remove_file(log);
    command.env("LD_PRELOAD", library).env("SHIM_ROOT", root).env("SHIM_LOG", log);
    command.env("SHIM_AT", fault.at.to_string()).env("SHIM_TIMES", fault.times.to_string()).env("SHIM_ERRNO", fault.errno.to_string());
    if !fault.calls.is_empty() {
        command.env("SHIM_CALLS", fault.calls);
    }
}

/// The calls of a log.
pub fn calls(log: &Path) -> Vec<Call> {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let call = |line: &str| {
        let mut parts = line.split('\t');
        let mut next = || parts.next().unwrap_or_default().to_owned();
        Call { number: next().parse().unwrap(), name: next(), path: next().into(), struck: next() == "struck" }
    };
    text.lines().map(call).collect()
}

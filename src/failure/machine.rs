//! What the machine fails at, and what is said of that to whom.

use std::io::ErrorKind;
use std::path::Path;

use super::{Blame, Problem};

impl Problem {
    /// A fault of the machine: what was tried on which path and what the system answered.
    pub fn machine(action: &str, path: &Path, error: &std::io::Error) -> Self {
        let help = match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "Free some space on the disk; it is tried again by itself.",
            ErrorKind::PermissionDenied if action.starts_with("read") => {
                "Allow the program to read it (owner and permissions); it is tried again by itself."
            }
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                "Allow the program to write there (owner and permissions of the folder); it is tried again by itself."
            }
            _ => "It is tried again by itself; if it stays, ask whoever looks after the machine.",
        };
        Self::new("machine", format!("Could not {action} {}: {error}", path.display()), help).blaming(Blame::Machine)
    }

    /// The same for somebody who typed a command: the watcher tries again what failed, a command does not.
    #[must_use]
    pub(super) fn by_hand(mut self) -> Self {
        for (by_itself, by_hand) in [
            ("Nothing needs to be done: it is tried again by itself in a moment.", "Run the command again in a moment."),
            ("it is tried again by itself", "run the command again"),
            ("It is tried again by itself", "Run the command again"),
        ] {
            self.help = self.help.replace(by_itself, by_hand);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_watcher_tries_again_by_itself() {
        let told = Problem::machine("write", Path::new("/a"), &ErrorKind::StorageFull.into());
        assert_eq!(told.help, "Free some space on the disk; it is tried again by itself.");
        assert_eq!(told.by_hand().help, "Free some space on the disk; run the command again.");
        let told = Problem::machine("write", Path::new("/a"), &ErrorKind::BrokenPipe.into()).by_hand();
        assert_eq!(told.help, "Run the command again; if it stays, ask whoever looks after the machine.");
    }
}

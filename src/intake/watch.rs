//! Watching: turns the system's events into signals. They only wake; what lies in the folder is the truth.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use notify::event::{AccessKind, AccessMode, ModifyKind, RenameMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use super::tracker::Notice;

/// Something may have changed.
#[derive(Debug, PartialEq)]
pub(crate) enum Signal {
    /// This happened to the file or folder at this path, relative to the inbox.
    Inbox(PathBuf, Notice),
    /// A template or the configuration.
    Office,
    /// Events were lost: everything has to be looked at.
    Rescan,
    /// The inbox itself was moved or deleted: what comes in its place is not watched.
    Lost,
    /// The system watches no more folders: some of the inbox gives no events.
    Blind,
}

/// The open watch. Ends when dropped.
#[derive(Debug)]
pub(crate) struct Watch {
    /// `None` where the system cannot watch.
    watcher: Option<RecommendedWatcher>,
    signals: Receiver<Signal>,
    inbox: PathBuf,
}

impl Watch {
    /// Watches the inbox and what lies in it, and beside it `files` and `folders` of the office as far as they are
    /// there. All paths absolute, with no link in them.
    ///
    /// Where the system refuses (too many watches, no events), the watch gives none, which [`Watch::sees`] tells.
    pub fn new(inbox: &Path, folders: &[PathBuf], files: &[PathBuf]) -> Self {
        let (sender, signals) = channel();
        let own = inbox.to_path_buf();
        let files = files.to_vec();
        let watched_files = files.clone();
        let watched_folders = folders.to_vec();
        let mut translator = Translator { inbox: own, folders: watched_folders, files: watched_files, created: HashSet::new(), sender };
        let mut watcher = notify::recommended_watcher(move |event| translator.translate(event)).ok();
        let sees = watcher.as_mut().is_some_and(|watcher| watcher.watch(inbox, RecursiveMode::Recursive).is_ok());
        if !sees {
            watcher = None;
        }
        let mut watch = Self { watcher, signals, inbox: inbox.to_path_buf() };
        for folder in folders.iter().filter(|folder| folder.is_dir()) {
            watch.add(folder, RecursiveMode::Recursive);
        }
        for parent in files.iter().filter_map(|file| file.parent()) {
            watch.add(parent, RecursiveMode::NonRecursive);
        }
        watch
    }

    /// A watch that sees nothing.
    #[cfg(test)]
    pub fn blind(inbox: &Path) -> Self {
        Self { watcher: None, signals: channel().1, inbox: inbox.to_path_buf() }
    }

    /// Whether there will be signals at all.
    pub fn sees(&self) -> bool {
        self.watcher.is_some()
    }

    /// When this returns, a new folder of the inbox is certainly watched: what comes into it later gives a signal.
    pub fn ensure(&mut self, folder: &Path) {
        let folder = self.inbox.join(folder);
        self.add(&folder, RecursiveMode::Recursive);
    }

    /// The next signal, if there is one now.
    pub fn try_next(&self) -> Option<Signal> {
        self.signals.try_recv().ok()
    }

    /// The next signal, waiting for it at most so long.
    pub fn next(&self, timeout: Duration) -> Option<Signal> {
        match self.signals.recv_timeout(timeout) {
            Ok(signal) => Some(signal),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => {
                std::thread::sleep(timeout);
                None
            }
        }
    }

    fn add(&mut self, path: &Path, mode: RecursiveMode) {
        if let Some(watcher) = &mut self.watcher {
            // What cannot be watched is found by the next walk.
            let _ = watcher.watch(path, mode);
        }
    }
}

/// Turns events into signals, on the watcher's thread.
struct Translator {
    inbox: PathBuf,
    folders: Vec<PathBuf>,
    files: Vec<PathBuf>,
    /// Created and not opened since: whoever opens one of these first is its writer. Other openings mean nothing,
    /// and most of them are our own.
    created: HashSet<PathBuf>,
    sender: Sender<Signal>,
}

/// More are not remembered: a file created by a link is never opened.
const MAX_CREATED: usize = 4_096;

impl Translator {
    fn translate(&mut self, event: notify::Result<Event>) {
        let event = match event {
            Ok(event) => event,
            Err(error) if matches!(error.kind, notify::ErrorKind::MaxFilesWatch) => return self.signal(Signal::Blind),
            Err(_) => return self.signal(Signal::Rescan),
        };
        if event.need_rescan() {
            return self.signal(Signal::Rescan);
        }
        let Some(notice) = notice(event.kind) else { return };
        for path in event.paths {
            match path.strip_prefix(&self.inbox) {
                Ok(inside) if inside.as_os_str().is_empty() => self.inbox_itself(event.kind),
                Ok(inside) => self.inside(inside.to_path_buf(), notice),
                Err(_) if notice != Notice::Opened && self.is_of_office(&path) => self.signal(Signal::Office),
                Err(_) => {}
            }
        }
    }

    fn inside(&mut self, path: PathBuf, notice: Notice) {
        if !is_worth_looking(&path) {
            return;
        }
        match notice {
            Notice::Created if self.created.len() < MAX_CREATED => {
                self.created.insert(path.clone());
            }
            Notice::Opened if !self.created.remove(&path) => return,
            Notice::Opened | Notice::Created => {}
            _ => {
                self.created.remove(&path);
            }
        }
        self.signal(Signal::Inbox(path, notice));
    }

    fn inbox_itself(&self, kind: EventKind) {
        if matches!(kind, EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_))) {
            self.signal(Signal::Lost);
        }
    }

    fn is_of_office(&self, path: &Path) -> bool {
        self.files.iter().any(|file| file == path) || self.folders.iter().any(|folder| path.starts_with(folder))
    }

    fn signal(&self, signal: Signal) {
        // Where nobody listens any more, the watch is about to end.
        let _ = self.sender.send(signal);
    }
}

/// What an event means for a file; `None` if nothing.
fn notice(kind: EventKind) -> Option<Notice> {
    Some(match kind {
        EventKind::Create(_) => Notice::Created,
        EventKind::Modify(ModifyKind::Name(RenameMode::To)) => Notice::Renamed,
        // The same rename told once more, after From and To.
        EventKind::Modify(ModifyKind::Name(RenameMode::Both)) if cfg!(target_os = "linux") => return None,
        // Elsewhere no event tells of a writer that closes: what is written must be quiet, and that is all.
        EventKind::Modify(ModifyKind::Data(_)) if cfg!(target_os = "linux") => Notice::Written,
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => Notice::Closed,
        EventKind::Access(AccessKind::Open(_)) => Notice::Opened,
        EventKind::Access(_) => return None,
        EventKind::Remove(_) | EventKind::Modify(_) | EventKind::Any | EventKind::Other => Notice::Touched,
    })
}

/// Whether it can be a drop or a folder of drops: nothing hidden on the way.
fn is_worth_looking(path: &Path) -> bool {
    path.components().all(|part| !part.as_os_str().to_string_lossy().starts_with('.'))
}

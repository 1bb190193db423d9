//! An office that has to bear something, and what is dropped into it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, SystemTime};

use chancery::register::Record;

/// An office in a folder of its own, with the built-in fonts only, so that it starts quickly.
pub struct Office(tempfile::TempDir);

/// Something to be dropped.
pub struct Drop {
    pub kind: Kind,
    pub name: String,
    /// By their names in the inbox, the note first.
    pub files: Vec<(String, Vec<u8>)>,
}

/// What it is, and so what must become of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A numbered document of one file.
    Note,
    /// Any number of these is one document and its duplicates.
    Same,
    /// A note that owns two images, one of them in a folder.
    WithImages,
    /// A notice: a numbered record for each recipient.
    Recipients(usize),
    /// A note with a table: a numbered record for each row.
    Rows(usize),
    /// One record of two files.
    Speech,
    /// It stays, with a note beside it.
    Unprintable,
    /// A note with an id, to be signed.
    Paper,
    /// A scan that joins [`Kind::Paper`]; any number of these is one copy and its duplicates.
    Signed,
}

impl Drop {
    pub fn new(name: &str, kind: Kind) -> Self {
        let front = |type_name: &str, more: &str| format!("---\ntype: {type_name}\ndate: 2026-11-20\n{more}---\n# Matter {name}\n\n");
        let mut files = Vec::new();
        let text = match kind {
            Kind::Note => front("notice", "") + "The gate is shut at eight.\n",
            Kind::Same => "---\ntype: notice\ndate: 2026-11-20\n---\n# The same\n\nAnd again.\n".to_owned(),
            Kind::WithImages => front("minutes", "") + &format!("![One]({name}.jpg)\n\nIt was so.\n\n![Two](img/{name}.jpg)\n"),
            Kind::Recipients(count) => {
                let names: Vec<String> = (1..=count).map(|n| format!("Member {n}")).collect();
                front("notice", &format!("recipients: [{}]\n", names.join(", "))) + "Come at six.\n"
            }
            Kind::Rows(_) => front("notice", &format!("rows: {name}.csv\n")) + "Dear {{ row.name }}, come at six.\n",
            Kind::Speech => front("speech", "") + "Ladies and gentlemen, welcome.\n\nThank you.\n",
            Kind::Paper => front("notice", "id: paper\n") + "Sign here.\n",
            Kind::Signed => String::from_utf8(crate::signed::scan("page")).unwrap(),
            Kind::Unprintable => front("notice", "") + "No font has this: \u{f8ff}\u{10fffd}.\n",
        };
        let ending = if kind == Kind::Signed { "pdf" } else { "md" };
        files.push((format!("{name}.{ending}"), text.into_bytes()));
        if kind == Kind::WithImages {
            let picture = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/document/examples/visit-with-photo/harbour.jpg");
            let picture = fs::read(picture).unwrap();
            files.extend([format!("{name}.jpg"), format!("img/{name}.jpg")].map(|path| (path, picture.clone())));
        }
        if let Kind::Rows(count) = kind {
            let rows: String = (1..=count).map(|n| format!("{n},Member {n}\n")).collect();
            files.push((format!("{name}.csv"), format!("id,name\n{rows}").into_bytes()));
        }
        Self { kind, name: name.to_owned(), files }
    }

    /// A note that is saved again and again under one name, each time with another title.
    pub fn revision(name: &str, count: usize) -> Self {
        let mut drop = Self::new(&format!("{name} r{count}"), Kind::Note);
        drop.files[0].0 = format!("{name}.md");
        drop
    }

    /// How many records and how many files of each it becomes.
    pub fn becomes(&self) -> (usize, usize) {
        match self.kind {
            Kind::Recipients(count) | Kind::Rows(count) => (count, 1),
            Kind::Speech => (1, 2),
            Kind::Unprintable => (0, 0),
            Kind::Note | Kind::Same | Kind::WithImages | Kind::Paper | Kind::Signed => (1, 1),
        }
    }

    pub fn is_source_of(&self, record: &Record) -> bool {
        match self.kind {
            Kind::Same => record.title == "The same",
            Kind::Signed => record.joins.is_some(),
            // One of several that had the same name.
            _ if self.files[0].0 != format!("{}.md", self.name) => record.title == format!("Matter {}", self.name),
            _ => record.source == self.files[0].0,
        }
    }
}

impl Office {
    pub fn new() -> Self {
        Self::below(&memory())
    }

    /// An office in a new folder below `folder`.
    pub fn below(folder: &Path) -> Self {
        let folder = tempfile::tempdir_in(folder).unwrap();
        fs::create_dir_all(folder.path().join("inbox/img")).unwrap();
        fs::create_dir(folder.path().join("outside")).unwrap();
        fs::write(folder.path().join("chancery.toml"), "[fonts]\nfolders = []\n").unwrap();
        Self(folder)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Lays it into the inbox as if it had lain there for a while.
    pub fn put(&self, drop: &Drop) {
        for (name, bytes) in &drop.files {
            let path = self.path("inbox").join(name);
            fs::write(&path, bytes).unwrap();
            let before = SystemTime::now() - Duration::from_secs(60);
            fs::File::open(path).and_then(|file| file.set_modified(before)).unwrap();
        }
    }

    /// Moves it into the inbox, what a note owns first.
    pub fn rename_in(&self, drop: &Drop) {
        for (name, bytes) in drop.files.iter().rev() {
            let outside = self.path("outside/file");
            fs::write(&outside, bytes).unwrap();
            fs::create_dir_all(self.path("inbox/img")).unwrap();
            fs::rename(outside, self.path("inbox").join(name)).unwrap();
        }
    }

    /// The folder of the office.
    pub fn root(&self) -> PathBuf {
        self.0.path().to_owned()
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chancery"));
        command.current_dir(self.0.path()).args(arguments).stdin(Stdio::null());
        command
    }

    pub fn start(&self, arguments: &[&str], failpoints: &str) -> Child {
        let mut command = self.command(arguments);
        command.env("FAILPOINTS", failpoints).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    pub fn run(&self, arguments: &[&str], failpoints: &str) -> ExitStatus {
        self.start(arguments, failpoints).wait().unwrap()
    }
}

/// Where files are kept in memory, if there is such a place: the disk is not what is tested, and waiting for it takes long.
pub fn memory() -> PathBuf {
    let shared = PathBuf::from("/dev/shm");
    let works = tempfile::tempdir_in(&shared).is_ok();
    if works { shared } else { std::env::temp_dir() }
}

//! An office: the folder it works in with its settings, types, register and workers, opened once.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::catalog::{Catalog, Fingerprint};
use crate::config::{FILE_NAME, Settings};
use crate::failure::{Checked, Problem};
use crate::filing;
use crate::model::Clock;
use crate::register::Register;
use crate::workers::{Staff, Workers};

/// The indexes in `.chancery/`: of the register and of the full text.
const INDEXES: [&str; 4] = ["register.sqlite", "register.sqlite-wal", "register.sqlite-shm", "search"];

/// An opened office. Shared by threads; re-read with [`Office::refresh`] while a watcher runs.
#[derive(Debug)]
pub struct Office {
    root: PathBuf,
    settings: Settings,
    catalog: Catalog,
    clock: Clock,
    register: Register,
    surroundings: Surroundings,
    read: State,
    workers: Workers,
    /// What workers are made from when the fonts change; `None` where there are none.
    staff: Option<Staff>,
}

/// What settings are resolved against where they say nothing.
#[derive(Clone, Debug)]
struct Surroundings {
    home: Option<PathBuf>,
    zone: chrono_tz::Tz,
}

/// What the templates, the configuration and the logo looked like.
#[derive(Clone, Debug, PartialEq)]
struct State {
    templates: Fingerprint,
    configuration: Option<(u64, Option<SystemTime>)>,
    logo: Option<(u64, Option<SystemTime>)>,
}

impl State {
    fn of(root: &Path, settings: &Settings) -> Self {
        let stamp = |path: &str| std::fs::metadata(root.join(path)).ok().map(|data| (data.len(), data.modified().ok()));
        Self {
            templates: Catalog::fingerprint(&root.join("templates")),
            configuration: stamp(FILE_NAME),
            logo: settings.organisation.logo.as_deref().and_then(stamp),
        }
    }
}

impl Office {
    /// Opens the office in `root` with its settings, which [`Settings::load`] gives. Makes nothing: a folder that is not
    /// there yet is empty.
    ///
    /// # Errors
    /// The templates' folder as a whole or the register cannot be read. A broken type is none: it stands in the catalog.
    pub fn open(root: &Path, settings: Settings, clock: Clock) -> Checked<Self> {
        let read = State::of(root, &settings);
        let catalog = Catalog::load(Some(&root.join("templates")))?;
        let register = Register::open_in(&root.join("archive"), &root.join(".chancery"))?
            .with_clock(clock.clone())
            .with_sources(filing::text_of_note)
            .with_documents(filing::document_in);
        register.keep_names(settings.names);
        let surroundings = Surroundings { home: None, zone: settings.time_zone };
        let workers = Workers::new(&settings, cache(root), None);
        Ok(Self { root: root.to_owned(), settings, catalog, clock, register, surroundings, read, workers, staff: None })
    }

    /// What [`Settings::load`] was given beside the folder: [`Office::refresh`] gives it again.
    #[must_use]
    pub fn surrounded_by(mut self, home: Option<&Path>, default_zone: chrono_tz::Tz) -> Self {
        self.surroundings = Surroundings { home: home.map(Path::to_path_buf), zone: default_zone };
        self
    }

    /// Tells a staff how to begin for an office that is about to be opened, so that both begin at the same time. Not where that makes the
    /// office's state: its workers would remember no fonts.
    pub(crate) fn announce(root: &Path, settings: &Settings, staff: Staff, leaves_nothing: bool) -> Staff {
        let cache = cache(root);
        if leaves_nothing || cache.is_some() { staff.told(settings, cache) } else { staff }
    }

    /// Has documents read, composed and set in processes of their own.
    #[must_use]
    pub fn staffed(mut self, staff: Staff) -> Self {
        self.staff = Some(staff.alike());
        self.workers = Workers::new(&self.settings, cache(&self.root), Some(staff));
        self
    }

    /// Reads the settings and the types anew if their files have changed, and tells whether.
    ///
    /// # Errors
    /// What is wrong with the configuration or the templates' folder; then all stays as it was, and is read again
    /// the next time.
    pub fn refresh(&mut self) -> Checked<bool> {
        let read = State::of(&self.root, &self.settings);
        if read == self.read {
            return Ok(false);
        }
        let settings = Settings::load(&self.root, self.surroundings.home.as_deref(), self.surroundings.zone)?;
        self.catalog = Catalog::load(Some(&self.templates()))?;
        self.clock = self.clock.in_zone(settings.time_zone);
        if (&settings.font_folders, &settings.fonts) == (&self.settings.font_folders, &self.settings.fonts) {
            self.workers.furnish(&settings);
        } else {
            let staff = self.staff.as_ref().map(Staff::alike);
            self.workers = Workers::new(&settings, cache(&self.root), staff);
        }
        self.register.keep_names(settings.names);
        // The new settings may name another logo.
        self.read = State { logo: State::of(&self.root, &settings).logo, ..read };
        self.settings = settings;
        Ok(true)
    }

    /// The book of records.
    pub fn register(&self) -> &Register {
        &self.register
    }

    /// The folder it works in.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where notes are dropped.
    pub fn inbox(&self) -> PathBuf {
        self.root.join("inbox")
    }

    /// Where finished PDFs stand.
    pub fn archive(&self) -> PathBuf {
        self.root.join("archive")
    }

    /// What replaces and adds to the built-in types.
    pub fn templates(&self) -> PathBuf {
        self.root.join("templates")
    }

    /// Indexes, caches, log: may be deleted while nothing runs.
    pub fn state(&self) -> PathBuf {
        self.root.join(".chancery")
    }

    /// Throws away what is made from the register and the archive: it is made again when it is next needed. Nothing may run meanwhile.
    ///
    /// # Errors
    /// The machine's.
    pub fn forget_indexes(state: &Path) -> Checked<()> {
        for name in INDEXES {
            let path = state.join(name);
            let removed = if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
            match removed {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(Problem::machine("remove", &path, &error).into()),
                _ => {}
            }
        }
        Ok(())
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The document types.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// Those who read, compose and set documents.
    pub fn workers(&self) -> &Workers {
        &self.workers
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }
}

/// Where the properties of fonts are remembered. A preview leaves nothing behind, also where there is no office.
fn cache(root: &Path) -> Option<PathBuf> {
    Some(root.join(".chancery")).filter(|state| state.is_dir()).map(|state| state.join("cache"))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::model::TypeName;

    #[test]
    fn it_is_read_anew_when_its_files_change_and_stays_as_it_was_when_they_are_broken() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let zone = chrono_tz::Europe::Berlin;
        let settings = Settings::load(root, None, zone).unwrap();
        let mut office = Office::open(root, settings, Clock::machine(zone)).unwrap().surrounded_by(None, zone);
        assert!(!office.refresh().unwrap());
        fs::write(root.join(FILE_NAME), "time_zone = [").unwrap();
        office.refresh().unwrap_err();
        office.refresh().unwrap_err();
        assert_eq!(office.settings().time_zone, zone);
        fs::write(root.join(FILE_NAME), "language = \"zh\"\n").unwrap();
        assert!(office.refresh().unwrap());
        assert_eq!(office.settings().language.0, "zh");
        assert!(!office.refresh().unwrap());
        let folder = root.join("templates/sermon");
        fs::create_dir_all(&folder).unwrap();
        for (name, text) in [("manifest.toml", "broken ["), ("words.md", ""), ("layout.typ", "")] {
            fs::write(folder.join(name), text).unwrap();
        }
        assert!(office.refresh().unwrap());
        let sermon: TypeName = "sermon".parse().unwrap();
        assert!(office.catalog().get(&sermon).is_none() && office.catalog().names().any(|name| *name == sermon));
    }
}

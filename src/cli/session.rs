//! The arguments resolved: which office, which clock, where words go. Handed to every command.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use chrono::DateTime;
use chrono_tz::Tz;

use super::args::Global;
use super::ending::{Ending, Stop};
use super::output::Output;
use super::{Outside, log};
use crate::catalog::{Catalog, DocumentType};
use crate::classification::Hints;
use crate::config::Settings;
use crate::model::{Clock, TypeName};
use crate::office::Office;
use crate::workers::{Size, Staff};

/// What a command works with.
#[derive(Debug)]
pub struct Session {
    /// The two streams.
    pub output: Output,
    /// The world outside.
    pub outside: Outside,
    global: Global,
    /// The folder of the office that was opened: where paths in it are shown from.
    opened: OnceLock<PathBuf>,
    /// Who is to work for the office that is opened.
    staff: Mutex<Option<Staff>>,
}

impl Session {
    /// Resolves nothing yet: `init` and `completions` need no office.
    pub fn new(global: Global, outside: Outside, output: Output) -> Self {
        Self { output, outside, global, opened: OnceLock::new(), staff: Mutex::new(None) }
    }

    /// A path as typed, made absolute from the current folder.
    pub fn absolute(&self, typed: &Path) -> PathBuf {
        if typed.is_absolute() { typed.to_path_buf() } else { self.outside.folder.join(typed) }
    }

    /// `--office`, where it was given.
    pub fn named_office(&self) -> Option<&Path> {
        self.global.office.as_deref()
    }

    /// The office's folder: `--office`, else the nearest folder upward with `chancery.toml` or `inbox/`.
    ///
    /// # Errors
    /// Usage: the folder named is none, or there is no office upward.
    pub fn root(&self) -> Result<PathBuf, Stop> {
        self.find_root()?.ok_or_else(|| {
            let here = self.outside.folder.display();
            Stop::usage(
                "no-office",
                format!("There is no office here: neither {here} nor a folder above it has a chancery.toml or an inbox/."),
                "Go to your office's folder, name it with `--office DIR`, or make one with `chancery init DIR`.",
            )
        })
    }

    /// As [`Session::root`], but `None` where there is no office and none was named.
    ///
    /// # Errors
    /// Usage: the folder named is none.
    pub fn find_root(&self) -> Result<Option<PathBuf>, Stop> {
        let Some(typed) = &self.global.office else {
            return Ok(nearest_office(&self.outside.folder));
        };
        let root = self.absolute(typed);
        if root.is_dir() {
            return Ok(Some(root));
        }
        let message = format!("There is no folder {}.", typed.display());
        Err(Stop::usage("no-office", message, "Check the name after `--office`, or make an office with `chancery init DIR`."))
    }

    /// The settings and types of the office; the built-in ones where there is no office and none was named.
    ///
    /// # Errors
    /// Usage: the folder named is none. What is wrong with the configuration or the templates' folder.
    pub fn house(&self) -> Result<House, Stop> {
        let root = self.find_root()?;
        let templates = root.as_ref().map(|root| root.join("templates"));
        let root = root.as_deref().unwrap_or(&self.outside.folder);
        let settings = Settings::load(root, self.outside.home.as_deref(), self.outside.zone)?;
        Ok(House { settings, catalog: Catalog::load(templates.as_deref())? })
    }

    /// The office, for a command that files.
    ///
    /// # Errors
    /// There is none; what is wrong with its configuration; the machine's.
    pub fn office(&self) -> Result<Office, Stop> {
        self.office_in(&self.root()?)
    }

    /// The office in a folder; its log is begun.
    ///
    /// # Errors
    /// What is wrong with its configuration; the machine's.
    pub fn office_in(&self, root: &Path) -> Result<Office, Stop> {
        self.open(root, |zone| Ok(self.clock(zone)), true)
    }

    /// The office for `watch`: under `--now` its clock starts there and runs.
    ///
    /// # Errors
    /// As [`Session::office`].
    pub fn watched_office(&self) -> Result<Office, Stop> {
        let running = |zone| self.global.now.map_or_else(|| Clock::machine(zone), |now| Clock::starting(zone, now));
        self.open(&self.root()?, |zone| Ok(running(zone)), true)
    }

    /// The office for a command that files nothing: the current folder without one will do.
    ///
    /// # Errors
    /// Usage: the folder named is none, `SOURCE_DATE_EPOCH` is no time. What is wrong with the configuration.
    pub fn preview_office(&self) -> Result<Office, Stop> {
        let root = self.find_root()?;
        self.open(root.as_deref().unwrap_or(&self.outside.folder), |zone| self.preview_clock(zone), false)
    }

    /// For a command that sets pages: the first worker is started now, and begins while the office is opened.
    pub fn start_workers(&self, size: Size) {
        let staff = self.outside.program.clone().map(|program| Staff::new(program, size).started());
        *self.staff.lock().unwrap_or_else(PoisonError::into_inner) = staff;
    }

    /// Those who were started, or one who is when there is something to do.
    fn staff(&self) -> Option<Staff> {
        let started = self.staff.lock().unwrap_or_else(PoisonError::into_inner).take();
        started.or_else(|| self.outside.program.clone().map(|program| Staff::new(program, Size::one_by_one())))
    }

    fn open(&self, root: &Path, clock: impl FnOnce(Tz) -> Result<Clock, Stop>, logs: bool) -> Result<Office, Stop> {
        let settings = Settings::load(root, self.outside.home.as_deref(), self.outside.zone)?;
        let clock = clock(settings.time_zone)?;
        let staff = self.staff().map(|staff| Office::announce(root, &settings, staff, !logs));
        let mut office = Office::open(root, settings, clock)?.surrounded_by(self.outside.home.as_deref(), self.outside.zone);
        if let Some(staff) = staff {
            office = office.staffed(staff);
        }
        self.opened.get_or_init(|| root.to_path_buf());
        if logs {
            log::start(&office.state(), office.clock().zone(), self.output.is_verbose());
        }
        Ok(office)
    }

    /// What the command says of its documents beforehand. `guess`: ask nothing.
    ///
    /// # Errors
    /// As [`House::document_type`].
    pub fn hints(&self, office: &Office, document_type: Option<&str>, guess: bool) -> Result<Hints, Stop> {
        let named = document_type.map(|name| named_type(office.catalog(), name)).transpose()?;
        Ok(Hints { document_type: named.map(|kind| kind.name.clone()), date: None, guess })
    }

    /// The clock of a one-shot command: stands at `--now`, else it is the machine's.
    pub fn clock(&self, zone: Tz) -> Clock {
        self.global.now.map_or_else(|| Clock::machine(zone), |now| Clock::standing(zone, now))
    }

    /// The clock of `render` and `-o`: stands at `--now`, else at `SOURCE_DATE_EPOCH`, else it is the machine's.
    ///
    /// # Errors
    /// Usage: `SOURCE_DATE_EPOCH` is set but is no number of seconds.
    pub fn preview_clock(&self, zone: Tz) -> Result<Clock, Stop> {
        let Some(text) = self.outside.source_date_epoch.as_deref().filter(|_| self.global.now.is_none()) else {
            return Ok(self.clock(zone));
        };
        let seconds = text.trim().parse().ok();
        match seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0)) {
            Some(time) => Ok(Clock::standing(zone, time)),
            None => Err(Stop::usage(
                "source-date-epoch",
                format!("SOURCE_DATE_EPOCH is set to `{text}`, which is no number of seconds since 1970."),
                "Unset it, or set it to a whole number such as 1795392000.",
            )),
        }
    }

    /// A path relative to the office, as its user would type it from the current folder. One that is not of the
    /// archive is shown as it is.
    pub fn shown_in_office(&self, path: &str) -> String {
        let root = self.opened.get().cloned().or_else(|| self.find_root().ok().flatten());
        match root {
            Some(root) if path.starts_with("archive/") => self.shown(&root.join(path)),
            _ => path.to_owned(),
        }
    }

    /// A path as its user would type it: relative to the current folder where it lies below.
    pub fn shown(&self, path: &Path) -> String {
        let relative = path.strip_prefix(&self.outside.folder).unwrap_or(path);
        if relative.as_os_str().is_empty() { ".".to_owned() } else { relative.display().to_string() }
    }
}

/// The office's settings and types, for commands that touch no document.
#[derive(Debug)]
pub struct House {
    /// The settings.
    pub settings: Settings,
    /// The document types.
    pub catalog: Catalog,
}

impl House {
    /// A document type that the command names.
    ///
    /// # Errors
    /// Usage: there is none of this name. The template's problems, if it is broken.
    pub fn document_type(&self, name: &str) -> Result<Arc<DocumentType>, Stop> {
        named_type(&self.catalog, name)
    }
}

/// A document type that the command names.
///
/// # Errors
/// As [`House::document_type`].
pub fn named_type(catalog: &Catalog, name: &str) -> Result<Arc<DocumentType>, Stop> {
    let checked =
        name.parse::<TypeName>().map_err(|message| Stop::usage("unknown-type", message, "`chancery types` lists the document types."))?;
    let found =
        catalog.require(&checked).map_err(|problems| Stop { ending: Ending::of(&problems, true).max(Ending::Refused), problems })?;
    Ok(Arc::clone(found))
}

/// How many folders upward an office is looked for: deeper nesting is a loop of mounts, not an office.
const MAX_UPWARD: usize = 256;

/// The nearest office upward from a folder, itself too.
pub fn nearest_office(folder: &Path) -> Option<PathBuf> {
    let is_office = |folder: &&Path| folder.join("chancery.toml").is_file() || folder.join("inbox").is_dir();
    folder.ancestors().take(MAX_UPWARD).find(is_office).map(Path::to_path_buf)
}

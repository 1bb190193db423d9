//! The arguments resolved: which office, which clock, where words go. Handed to every command.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::Outside;
use super::args::Global;
use super::ending::{Ending, Stop};
use super::output::Output;
use crate::catalog::{Catalog, DocumentType};
use crate::config::Settings;
use crate::model::{Clock, TypeName};

/// What a command works with.
#[derive(Debug)]
pub struct Session {
    /// The two streams.
    pub output: Output,
    /// The world outside.
    pub outside: Outside,
    global: Global,
}

impl Session {
    /// Resolves nothing yet: `init` and `completions` need no office.
    pub fn new(global: Global, outside: Outside, output: Output) -> Self {
        Self { output, outside, global }
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
        Ok(House { inbox: root.join("inbox"), settings, catalog: Catalog::load(templates.as_deref())? })
    }

    /// `--now`, where it was given.
    pub fn now(&self) -> Option<DateTime<Utc>> {
        self.global.now
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

    /// A path as its user would type it: relative to the current folder where it lies below.
    pub fn shown(&self, path: &Path) -> String {
        let relative = path.strip_prefix(&self.outside.folder).unwrap_or(path);
        if relative.as_os_str().is_empty() { ".".to_owned() } else { relative.display().to_string() }
    }
}

/// The office's settings and types, for commands that touch no document.
#[derive(Debug)]
pub struct House {
    /// Where notes are dropped, if this is an office.
    pub inbox: PathBuf,
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

fn nearest_office(folder: &Path) -> Option<PathBuf> {
    let is_office = |folder: &&Path| folder.join("chancery.toml").is_file() || folder.join("inbox").is_dir();
    folder.ancestors().take(MAX_UPWARD).find(is_office).map(Path::to_path_buf)
}

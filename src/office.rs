//! An office: the folder it works in with its settings, types, register and typesetter, opened once.

use std::path::{Path, PathBuf};

use crate::catalog::Catalog;
use crate::config::Settings;
use crate::failure::Checked;
use crate::model::Clock;
use crate::register::Register;

/// An opened office. Shared by threads; re-read with [`Office::refresh`] while a watcher runs.
#[derive(Debug)]
pub struct Office {
    root: PathBuf,
    settings: Settings,
    catalog: Catalog,
    clock: Clock,
    register: Register,
}

impl Office {
    /// Opens the office in `root` with its settings, which [`Settings::load`] gives. Makes nothing: a folder that is not
    /// there yet is empty.
    ///
    /// # Errors
    /// The templates' folder as a whole or the register cannot be read. A broken type is none: it stands in the catalog.
    pub fn open(root: &Path, settings: Settings, clock: Clock) -> Checked<Self> {
        let catalog = Catalog::load(Some(&root.join("templates")))?;
        let register = Register::open(&root.join("archive"))?.with_clock(clock.clone());
        Ok(Self { root: root.to_owned(), settings, catalog, clock, register })
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

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The document types.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }
}

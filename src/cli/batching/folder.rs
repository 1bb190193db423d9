//! PDFs in a folder. A document of which nothing has changed, and that stands there as it was written, stays as it is.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Aim, file_name};
use crate::cli::ending::Stop;
use crate::cli::previews::{self, Writing};
use crate::cli::session::Session;
use crate::cli::shelf::Inventory;
use crate::cli::targets::Taken;
use crate::cli::telling::Told;
use crate::cli::view::{Line, Status};
use crate::pipeline::{Preview, Shelf};

/// The folder.
pub struct Folder<'a> {
    session: &'a Session,
    path: PathBuf,
    taken: Taken,
    inventory: Arc<Inventory>,
}

impl<'a> Folder<'a> {
    /// The folder at `path`, which is made with the first document.
    pub fn new(session: &'a Session, path: PathBuf) -> Self {
        Self { session, inventory: Arc::new(Inventory::of(&path)), taken: Taken::default(), path }
    }
}

impl Aim for Folder<'_> {
    fn shelf(&self) -> Option<Arc<dyn Shelf + Send>> {
        Some(Arc::<Inventory>::clone(&self.inventory))
    }

    fn take(&mut self, row: usize, source: &str, made: Vec<Preview>) -> Told {
        let first = self.taken.free(&self.path.join(file_name(row, &made)));
        let line = Line::new(Status::Rendered, Some(source.to_owned()));
        let shown = |path: &Path| self.session.shown(path);
        let writing = Writing { first: &first, shown: &shown, temporary: self.inventory.temporary() };
        previews::written(line, made, &writing, |entry, is_new| {
            if is_new {
                self.inventory.add(entry);
            }
        })
    }

    fn close(self: Box<Self>, is_whole: bool) -> Result<String, Stop> {
        if is_whole {
            self.inventory.compact();
        }
        Ok(format!("They lie in {}/", self.session.shown(&self.path)))
    }
}

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
use crate::cli::writable;
use crate::failure::Checked;
use crate::pipeline::{Preview, Shelf};

/// The folder.
pub struct Folder<'a> {
    session: &'a Session,
    path: PathBuf,
    taken: Taken,
    inventory: Arc<Inventory>,
    /// Whether anything stands there.
    is_empty: bool,
}

impl<'a> Folder<'a> {
    /// The folder at `path`, which is made with the first document. What stands there and is read is not written over.
    ///
    /// # Errors
    /// Usage: no results may lie there.
    pub fn begin(session: &'a Session, path: PathBuf, reads: &[PathBuf]) -> Result<Self, Stop> {
        writable::check(session, &path, &[])?;
        if path.exists() && !path.is_dir() {
            let message = format!("{} is no folder, so that no PDFs can lie in it.", session.shown(&path));
            return Err(Stop::usage("output-place", message, "Name a folder, as in `-o letters/`."));
        }
        let inventory = Arc::new(Inventory::of(&path));
        Ok(Self { session, inventory, taken: Taken::with(&writable::within(&path, reads)), path, is_empty: true })
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
        let told = previews::written(line, made, &writing, &mut self.taken, |entry, is_new| {
            if is_new {
                self.inventory.add(entry);
            }
        });
        self.is_empty &= told.line.files.is_empty();
        told
    }

    fn close(self: Box<Self>, is_whole: bool) -> Checked<String> {
        if is_whole {
            self.inventory.compact();
        }
        let folder = self.session.shown(&self.path);
        Ok(if self.is_empty { format!("Nothing was written to {folder}/") } else { format!("They lie in {folder}/") })
    }
}

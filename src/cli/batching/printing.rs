//! One PDF for a printer, or several where there are very many pages: `OUT.pdf`, or `OUT-1.pdf` and so on. They are there all together
//! or not at all.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::Serialize;
use tempfile::NamedTempFile;

use super::check_name;
use crate::cli::ending::Stop;
use crate::cli::previews;
use crate::cli::session::Session;
use crate::cli::targets;
use crate::cli::telling::Told;
use crate::cli::view::{Line, Status};
use crate::failure::{Blame, Checked, Problem};
use crate::model::sha256_hex;
use crate::pipeline::{Laid, PrintJob, VOLUME_PAGES, Volume};

/// The PDFs in the making.
pub struct Printing<'a> {
    session: &'a Session,
    path: PathBuf,
    job: PrintJob,
    ready: Vec<Ready>,
    /// One is missing, so that none is of use.
    is_broken: bool,
}

/// A PDF that has no name yet.
struct Ready {
    place: (usize, usize),
    documents: usize,
    pages: u32,
    sha256: String,
    bytes: usize,
    export_ms: f64,
    file: NamedTempFile,
}

/// What scripts read of one PDF.
#[derive(Clone, Debug, Serialize)]
struct PrintedView {
    status: Printed,
    pdf: String,
    sha256: String,
    /// How many documents are in it.
    documents: usize,
    pages: u32,
    bytes: usize,
    /// How long it took to write, once all was laid out.
    export_ms: f64,
}

#[derive(Clone, Copy, Debug, Default, Serialize)]
#[serde(rename_all = "lowercase")]
enum Printed {
    #[default]
    Printed,
}

impl<'a> Printing<'a> {
    /// Begins what is to stand at `path`; `fresh_sheets`: each document begins on a sheet of its own.
    ///
    /// # Errors
    /// Usage: no PDF may stand there. The machine's.
    pub fn begin(session: &'a Session, path: PathBuf, fresh_sheets: bool, reads: &[PathBuf]) -> Result<Self, Stop> {
        check_name(session, &path, "pdf", reads)?;
        targets::prepare(&path).map_err(|error| Stop::machine("write", &path, &error))?;
        let title = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self { session, path, job: PrintJob { title, fresh_sheets }, ready: Vec::new(), is_broken: false })
    }

    /// How they are made.
    pub fn job(&self) -> PrintJob {
        self.job.clone()
    }

    /// The line of a row; `source` is the note.
    pub fn told(source: &str, laid: Checked<Box<Laid>>) -> Told {
        match laid {
            Ok(laid) => previews::laid(Line::new(Status::Rendered, Some(source.to_owned())), *laid),
            Err(problems) => Told::troubled(Line::new(Status::Attention, Some(source.to_owned())), problems),
        }
    }

    /// Keeps a PDF until all are there.
    ///
    /// # Errors
    /// Why there is none; the machine's. Then none gets its name.
    pub fn take(&mut self, volume: Volume) -> Checked<()> {
        let (place, documents, export_ms) = (volume.place, volume.documents, volume.export_ms);
        let ready = volume.result.and_then(|made| {
            let failed = |error: io::Error| Problem::machine("write", &self.path, &error);
            let mut file = targets::temporary_in(targets::folder_of(&self.path), targets::TEMPORARY).map_err(failed)?;
            file.write_all(&made.pdf).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
            Ok(Ready { place, documents, pages: made.pages, sha256: sha256_hex(&made.pdf), bytes: made.pdf.len(), export_ms, file })
        });
        self.ready.push(ready.inspect_err(|_| self.is_broken = true)?);
        Ok(())
    }

    /// Gives them their names, tells scripts of each, and says what people are told of it; `is_whole`: every row was seen to.
    ///
    /// # Errors
    /// The machine's. Then none of them stands there.
    pub fn close(mut self, is_whole: bool) -> Checked<String> {
        let mut ready = std::mem::take(&mut self.ready);
        let shown = |path: &Path| self.session.shown(path);
        if !is_whole || self.is_broken {
            return Ok(format!("{} was not written: it is there whole or not at all.", shown(&self.path)));
        }
        ready.sort_by_key(|ready| ready.place);
        let count = ready.len();
        let paths: Vec<PathBuf> = match count {
            1 => vec![self.path.clone()],
            _ => (1..=count).map(|number| in_volume(&self.path, number)).collect(),
        };
        self.name(ready, &paths)?;
        Ok(match count {
            0 => format!("{} was not written: there is nothing to be printed.", shown(&self.path)),
            1 => format!("They are in {}{}", shown(&self.path), self.older(&in_volume(&self.path, 1))),
            _ => format!(
                "They are in {count} files, {} to {}: each has some {VOLUME_PAGES} pages at most, so that little memory is needed.{}{}",
                shown(&paths[0]),
                shown(&paths[count - 1]),
                self.older(&in_volume(&self.path, count + 1)),
                self.older(&self.path),
            ),
        })
    }

    /// Names them all, or none of them.
    fn name(&self, ready: Vec<Ready>, paths: &[PathBuf]) -> Checked<()> {
        // Looked at first: what an earlier run wrote is not to be replaced by half of this one.
        if let Some(path) = paths.iter().find(|path| path.exists() && !path.is_file()) {
            let message = format!("{} is no file, so that no PDF can be put in its place.", self.session.shown(path));
            return Err(Problem::new("merge-name", message, "Move it away, or give another name.").blaming(Blame::Machine).into());
        }
        let mut views = Vec::new();
        for (index, (ready, path)) in ready.into_iter().zip(paths).enumerate() {
            if let Err(error) = ready.file.persist(path) {
                // None is of use without the others.
                paths[..index].iter().for_each(|path| _ = std::fs::remove_file(path));
                return Err(Problem::machine("write", path, &error.error).into());
            }
            views.push(PrintedView {
                status: Printed::default(),
                pdf: self.session.shown(path),
                sha256: ready.sha256,
                documents: ready.documents,
                pages: ready.pages,
                bytes: ready.bytes,
                export_ms: ready.export_ms,
            });
        }
        views.iter().for_each(|view| self.session.output.json(view));
        Ok(())
    }

    /// What is said of a file of an earlier run that lies beside those of this one.
    fn older(&self, path: &Path) -> String {
        if path.exists() { format!(" {} is older.", self.session.shown(path)) } else { String::new() }
    }
}

/// `OUT-2.pdf`.
fn in_volume(path: &Path, number: usize) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let extension = path.extension().map(|extension| format!(".{}", extension.to_string_lossy())).unwrap_or_default();
    path.with_file_name(format!("{stem}-{number}{extension}"))
}

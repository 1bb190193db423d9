//! One PDF for a printer, or several where there are very many pages: `OUT.pdf`, or `OUT-1.pdf` and so on. They are there all together
//! or not at all.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::Serialize;
use tempfile::NamedTempFile;

use crate::cli::ending::Stop;
use crate::cli::previews;
use crate::cli::session::Session;
use crate::cli::targets;
use crate::cli::telling::Told;
use crate::cli::view::{Line, Status};
use crate::failure::{Checked, Problem};
use crate::model::sha256_hex;
use crate::pipeline::{Laid, PrintJob, VOLUME_PAGES, Volume};

/// The PDFs in the making.
pub struct Printing<'a> {
    session: &'a Session,
    path: PathBuf,
    job: PrintJob,
    ready: Vec<Ready>,
    /// Those that have their names.
    named: Vec<PathBuf>,
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
    /// Usage: no file can stand there.
    pub fn begin(session: &'a Session, path: PathBuf, fresh_sheets: bool) -> Result<Self, Stop> {
        if path.exists() && !path.is_file() {
            let message = format!("{} is no file, so that no PDF can be put in its place.", session.shown(&path));
            return Err(Stop::usage("merge-name", message, "Name a file, as in `--merge letters.pdf`."));
        }
        let title = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self { session, path, job: PrintJob { title, fresh_sheets }, ready: Vec::new(), named: Vec::new(), is_broken: false })
    }

    /// How they are made.
    pub fn job(&self) -> PrintJob {
        self.job.clone()
    }

    /// The line of a row; `source` is the note.
    pub fn told(source: &str, laid: Checked<Vec<Laid>>) -> Told {
        match laid {
            Ok(laid) => previews::laid(Line::new(Status::Rendered, Some(source.to_owned())), laid),
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

    /// Gives them their names, and tells scripts of each; `is_whole`: every row was seen to.
    ///
    /// # Errors
    /// The machine's.
    pub fn name_all(&mut self, is_whole: bool) -> Checked<()> {
        let mut ready = std::mem::take(&mut self.ready);
        if !is_whole || self.is_broken {
            self.is_broken = true;
            return Ok(());
        }
        ready.sort_by_key(|ready| ready.place);
        let count = ready.len();
        for (index, ready) in ready.into_iter().enumerate() {
            let path = if count == 1 { self.path.clone() } else { in_volume(&self.path, index + 1) };
            if let Err(error) = ready.file.persist(&path) {
                self.is_broken = true;
                // None is of use without the others.
                self.named.iter().for_each(|path| _ = std::fs::remove_file(path));
                return Err(Problem::machine("write", &path, &error.error).into());
            }
            self.named.push(path.clone());
            self.session.output.json(&PrintedView {
                status: Printed::default(),
                pdf: self.session.shown(&path),
                sha256: ready.sha256,
                documents: ready.documents,
                pages: ready.pages,
                bytes: ready.bytes,
                export_ms: ready.export_ms,
            });
        }
        Ok(())
    }

    /// What people are told of it in the end.
    pub fn in_words(&self) -> String {
        let shown = |path: &Path| self.session.shown(path);
        if self.is_broken {
            return format!("{} was not written: it is there whole or not at all.", shown(&self.path));
        }
        match self.named.len() {
            0 => format!("{} was not written: there is nothing to be printed.", shown(&self.path)),
            1 => format!("They are in {}", shown(&self.path)),
            count => {
                let (first, last, next) = (in_volume(&self.path, 1), in_volume(&self.path, count), in_volume(&self.path, count + 1));
                let older = if next.exists() { format!(" {} is older.", shown(&next)) } else { String::new() };
                format!(
                    "They are in {count} files, {} to {}: each has some {VOLUME_PAGES} pages at most, so that little memory is needed.{older}",
                    shown(&first),
                    shown(&last)
                )
            }
        }
    }
}

/// `OUT-2.pdf`.
fn in_volume(path: &Path, number: usize) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let extension = path.extension().map(|extension| format!(".{}", extension.to_string_lossy())).unwrap_or_default();
    path.with_file_name(format!("{stem}-{number}{extension}"))
}

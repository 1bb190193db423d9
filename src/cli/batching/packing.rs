//! PDFs in one ZIP, in the order of their rows, with a list of them. Written as they come, under another name until it is whole.

use std::path::{Path, PathBuf};

use super::{Aim, check_name, file_name};
use crate::cli::bundle::BundleFile;
use crate::cli::ending::Stop;
use crate::cli::previews;
use crate::cli::session::Session;
use crate::cli::targets::{self, Taken};
use crate::cli::telling::Told;
use crate::cli::view::{Line, Status};
use crate::failure::{Checked, Problem};
use crate::keeping::listing::Entry;
use crate::model::sha256_hex;
use crate::pipeline::Preview;
use crate::typesetting::Rendition;

/// The ZIP.
pub struct Packing<'a> {
    session: &'a Session,
    file: BundleFile,
    taken: Taken,
    /// Something could not be written: what follows in the file is of no use.
    is_broken: bool,
}

impl<'a> Packing<'a> {
    /// Begins the ZIP that is to stand at `path`.
    ///
    /// # Errors
    /// Usage: no ZIP may stand there. The machine's.
    pub fn begin(session: &'a Session, path: &Path, reads: &[PathBuf]) -> Result<Self, Stop> {
        check_name(session, path, "zip", reads)?;
        targets::prepare(path).map_err(|error| Stop::machine("write", path, &error))?;
        let file = BundleFile::begin(path).map_err(|error| Stop::machine("write", path, &error))?;
        Ok(Self { session, file, taken: Taken::default(), is_broken: false })
    }
}

impl Aim for Packing<'_> {
    fn take(&mut self, row: usize, source: &str, made: Vec<Preview>) -> Told {
        let first = self.taken.free(&file_name(row, &made));
        let zip = self.session.shown(self.file.path());
        let line = Line::new(Status::Rendered, Some(source.to_owned()));
        let Self { file, taken, is_broken, .. } = self;
        let shown = |path: &Path| format!("{zip}!{}", path.display());
        previews::packed(line, made, (&first, taken), shown, |path, rendition, line| pack(file, is_broken, path, rendition, line))
    }

    fn close(self: Box<Self>, is_whole: bool) -> Checked<String> {
        let path: PathBuf = self.file.path().to_owned();
        let shown = self.session.shown(&path);
        if !is_whole || self.is_broken {
            return Ok(format!("{shown} was not written: it is there whole or not at all."));
        }
        self.file.finish().map_err(|error| Problem::machine("write", &path, &error))?;
        Ok(format!("They lie in {shown}"))
    }

    fn can_go_on(&self) -> bool {
        false
    }
}

fn pack(file: &mut BundleFile, is_broken: &mut bool, path: &Path, rendition: &Rendition, line: &Line) -> Checked<()> {
    let entry = Entry {
        document_type: line.document_type.clone().unwrap_or_default(),
        date: line.date.map(|date| date.to_string()).unwrap_or_default(),
        title: line.title.clone().unwrap_or_default(),
        pages: rendition.pages,
        role: rendition.role.clone(),
        file: path.to_string_lossy().into_owned(),
        sha256: sha256_hex(&rendition.pdf),
        ..Entry::default()
    };
    let added =
        if *is_broken { Err(std::io::Error::other("an earlier document could not be written")) } else { file.add(&entry, &rendition.pdf) };
    added.map_err(|error| {
        *is_broken = true;
        Problem::machine("write", file.path(), &error).into()
    })
}

//! `chancery render FILE…`: a preview. No number, nothing filed, nothing asked.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

use clap::Args;

use crate::cli::ending::{Ending, Stop};
use crate::cli::given::{self, Given, What};
use crate::cli::interrupt;
use crate::cli::previews::{self, Writing};
use crate::cli::session::Session;
use crate::cli::shelf::Outputs;
use crate::cli::targets::{TEMPORARY, Taken, Target, folder_of};
use crate::cli::telling::Told;
use crate::cli::view::{Line, Status};
use crate::cli::writable;
use crate::failure::guarded;
use crate::intake::Arrival;
use crate::office::Office;
use crate::pipeline::{self, Wishes};
use crate::workers::Size;

/// Set notes as PDFs to look at, without filing them
///
/// A preview has no number and is not registered. Where the type or the date is unclear, the best guess is taken,
/// with a warning. The first result gets the name, further ones stand beside it: `OUT (press).pdf`, `OUT (2).pdf`.
/// In an office, a note of which nothing has changed since is not set again while its PDF stands as it was.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  chancery render minutes.md                  writes minutes.pdf beside it
  chancery render minutes.md -o draft.pdf
  chancery render notes/*.md -o previews/     each into the folder
  chancery render minutes.md --png            its pages as pictures
  chancery render minutes.md -o m.png --ppi 96
  chancery render speech.md --watch           again whenever it is saved, until Ctrl-C")]
pub struct RenderArgs {
    /// The notes
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// A file, or a folder (with `/` at its end) [default: beside each note]
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// Take them for this document type
    #[arg(long = "type", value_name = "T")]
    document_type: Option<String>,
    /// The pages as pictures instead: OUT.png, `OUT (page 2).png`; also meant by `-o OUT.png`
    #[arg(long)]
    png: bool,
    /// Pictures with so many pixels to the inch, 18 to 600 [default: 144]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(18..=600))]
    ppi: Option<u16>,
    /// Again whenever a note, a file it owns, or the office's templates change
    #[arg(long)]
    watch: bool,
}

/// How often `--watch` looks for changes.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Pixels to the inch where nobody says how many: a page of A4 is then 1190 wide, as a screen shows it well.
const PPI: u16 = 144;

impl RenderArgs {
    /// Pixels to the inch, if pictures are wanted: by `--png`, by `--ppi`, or by the name of what is asked for.
    ///
    /// # Errors
    /// Usage: pictures under the name of a PDF.
    fn pictures(&self) -> Result<Option<u16>, Stop> {
        let ending =
            |wanted: &str| self.output.as_ref().and_then(|path| path.extension()).is_some_and(|found| found.eq_ignore_ascii_case(wanted));
        if !self.png && self.ppi.is_none() && !ending("png") {
            return Ok(None);
        }
        match &self.output {
            Some(path) if ending("pdf") && !path.is_dir() => Err(Stop::usage(
                "picture-name",
                format!("Pictures are asked for, and {} is the name of a PDF.", path.display()),
                format!("Write `-o {}`, or leave out `--png` and `--ppi`.", path.with_extension("png").display()),
            )),
            _ => Ok(Some(self.ppi.unwrap_or(PPI))),
        }
    }
}

/// Renders each file and gives it a line.
pub fn run(session: &Session, args: &RenderArgs) -> Result<Ending, Stop> {
    session.start_workers(Size::one_by_one());
    let target = Target::of(session, args.output.as_deref(), args.files.len() > 1)?;
    args.pictures()?;
    let reads: Vec<PathBuf> = args.files.iter().map(|file| session.absolute(file)).collect();
    match &args.output {
        Some(typed) => writable::check(session, &session.absolute(typed), &reads)?,
        // Beside each note, which may lie anywhere.
        None => reads.iter().try_for_each(|note| writable::check(session, folder_of(note), &[]))?,
    }
    if !args.watch {
        return render(session, args, &target).map(|(ending, _)| ending);
    }
    let stop = interrupt::on_signal();
    let mut seen = None;
    let mut sources = Vec::new();
    while !stop.load(Ordering::SeqCst) {
        let state = state_of(&sources);
        if seen.as_ref() != Some(&state) {
            match render(session, args, &target) {
                Ok((_, read)) => sources = read,
                // A template or the configuration that is being edited is wrong for a while.
                Err(stop) if seen.is_some() => session.output.problems(&stop.problems),
                Err(stop) => return Err(stop),
            }
            seen = Some(state_of(&sources));
        }
        std::thread::sleep(LOOK_EVERY);
    }
    Ok(Ending::Done)
}

/// Renders once; also says which files were read.
fn render(session: &Session, args: &RenderArgs, target: &Target) -> Result<(Ending, Vec<PathBuf>), Stop> {
    let office = session.preview_office()?;
    let hints = session.hints(&office, args.document_type.as_deref(), true)?;
    let wishes = Wishes { hints, ppi: args.pictures()?, ..Wishes::default() };
    let extension = if wishes.ppi.is_some() { "png" } else { "pdf" };
    let given = given::gather(session, &office.inbox(), &args.files);
    session.output.begin(given.len());
    let owned = company(&given);
    let mut taken = Taken::with(&match target {
        Target::Folder(folder) => writable::within(folder, &owned),
        Target::File(path) => writable::within(folder_of(path), &owned),
        Target::Beside => owned,
    });
    let mut ending = Ending::Done;
    given::in_order(
        &given,
        |given, owner| match &given.what {
            What::Arrival(arrival) => {
                let first = target.first(&arrival.note.path, extension, &mut taken);
                rendered(session, &given.name, arrival, &office, &wishes, (&first, &mut taken))
            }
            What::Unreadable(problems) => Told::unreadable(&given.name, problems),
            What::Owned(_) => Told::owned(&given.name, owner),
        },
        |told| {
            session.output.advance(told.line.source.as_deref().unwrap_or_default());
            ending.worsen(told.ending(args.document_type.is_some()));
            session.tell(&told.clone().by_hand());
        },
    );
    session.output.end();
    Ok((ending, sources(session, &office, &args.files, &given)))
}

/// The files that the notes own: they may lie where their PDFs go.
fn company(given: &[Given]) -> Vec<PathBuf> {
    let arrivals = given.iter().filter_map(|given| match &given.what {
        What::Arrival(arrival) => Some(arrival),
        _ => None,
    });
    arrivals.flat_map(|arrival| arrival.company.iter().map(|file| file.path.clone())).collect()
}

/// One line for all parts and files of a note. What was rendered before, and stands, is not rendered again.
fn rendered(
    session: &Session,
    name: &str,
    arrival: &Arrival,
    office: &Office,
    wishes: &Wishes,
    (first, taken): (&Path, &mut Taken),
) -> Told {
    let line = Line::new(Status::Rendered, Some(name.to_owned()));
    let shown = |path: &Path| session.shown(path);
    let output = Outputs::in_state(&office.state()).at(first);
    match guarded(|| pipeline::preview(arrival, office, wishes, Some(&output))) {
        Ok(made) if wishes.ppi.is_some() => previews::drawn(line, made, (first, taken), shown),
        Ok(made) => {
            let mut entries = Vec::new();
            let writing = Writing { first, shown: &shown, temporary: TEMPORARY };
            let told = previews::written(line, made, &writing, taken, |entry, _| entries.push(entry));
            output.keep(entries);
            told
        }
        Err(problems) => Told::troubled(line, problems),
    }
}

/// Everything whose change makes another page.
fn sources(session: &Session, office: &Office, typed: &[PathBuf], given: &[Given]) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = typed.iter().map(|path| session.absolute(path)).collect();
    paths.extend(company(given));
    paths.push(office.root().join(crate::config::FILE_NAME));
    paths.push(office.templates());
    paths
}

/// Times and sizes of files and of everything below folders.
fn state_of(paths: &[PathBuf]) -> Vec<(PathBuf, Option<SystemTime>, u64)> {
    let mut state = Vec::new();
    let mut open = paths.to_vec();
    while let Some(path) = open.pop() {
        let Ok(metadata) = fs::metadata(&path) else { continue };
        if metadata.is_dir() && state.len() < MAX_WATCHED {
            open.extend(fs::read_dir(&path).into_iter().flatten().flatten().map(|entry| entry.path()));
        }
        state.push((path, metadata.modified().ok(), metadata.len()));
    }
    state.sort();
    state
}

/// How many files `--watch` looks at.
const MAX_WATCHED: usize = 10_000;

//! `chancery render FILE…`: a preview. No number, nothing filed, nothing asked.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

use clap::Args;

use crate::cli::ending::{Ending, Stop};
use crate::cli::given::{self, Given, What};
use crate::cli::interrupt;
use crate::cli::session::Session;
use crate::cli::targets::{self, Target};
use crate::cli::telling::Told;
use crate::cli::view::{FileView, Line, Status};
use crate::failure::{Problem, Problems};
use crate::intake::Arrival;
use crate::model::sha256_hex;
use crate::office::Office;
use crate::pipeline::{self, Preview, Wishes};

/// Set notes as PDFs to look at, without filing them
///
/// A preview has no number and is not registered. Where the type or the date is unclear, the best guess is taken,
/// with a warning. The first result gets the name, further ones stand beside it: `OUT (press).pdf`, `OUT (2).pdf`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  chancery render minutes.md                  writes minutes.pdf beside it
  chancery render minutes.md -o draft.pdf
  chancery render notes/*.md -o previews/     each into the folder
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
    /// Again whenever a note, a file it owns, or the office's templates change
    #[arg(long)]
    watch: bool,
}

/// How often `--watch` looks for changes.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Renders each file and gives it a line.
pub fn run(session: &Session, args: &RenderArgs) -> Result<Ending, Stop> {
    let target = Target::of(session, args.output.as_deref(), args.files.len() > 1)?;
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
    let wishes = Wishes { hints, ..Wishes::default() };
    let given = given::gather(session, &office.inbox(), &args.files);
    session.output.begin(given.len());
    let mut taken = HashSet::new();
    let mut ending = Ending::Done;
    given::in_order(
        &given,
        |given, owner| match &given.what {
            What::Arrival(arrival) => {
                let first = target.first(&arrival.note.path, &mut taken);
                rendered(session, &given.name, arrival, &office, &wishes, &first)
            }
            What::Unreadable(problems) => Told::unreadable(&given.name, problems),
            What::Owned(_) => Told::owned(&given.name, owner),
        },
        |told| {
            session.output.advance(told.line.source.as_deref().unwrap_or_default());
            ending.worsen(told.ending(args.document_type.is_some()));
            session.tell(told);
        },
    );
    session.output.end();
    Ok((ending, sources(session, &office, &args.files, &given)))
}

/// One line for all parts and files of a note.
fn rendered(session: &Session, name: &str, arrival: &Arrival, office: &Office, wishes: &Wishes, first: &Path) -> Told {
    let line = Line::new(Status::Rendered, Some(name.to_owned()));
    match pipeline::preview(arrival, office, wishes) {
        Ok(previews) => written(line, previews, first, |path| session.shown(path)),
        Err(problems) => Told::troubled(line, problems),
    }
}

/// Writes the results of a document; what failed is told beside what was written.
pub fn written(mut line: Line, previews: Vec<Preview>, first: &Path, shown: impl Fn(&Path) -> String) -> Told {
    let mut problems: Vec<Problem> = Vec::new();
    for (part, preview) in previews.into_iter().enumerate() {
        if part == 0 {
            line = line.understood(Some(&preview.classification)).timed(&preview.stage_ms);
        }
        line.warnings.extend(preview.warnings.into_iter().filter(|_| part == 0));
        for (index, rendition) in preview.result.unwrap_or_else(|found| keep(&mut problems, found)).into_iter().enumerate() {
            let path = targets::numbered(first, part, (index > 0).then_some(rendition.role.as_str()));
            if let Err(problem) = targets::write(&path, &rendition.pdf) {
                keep::<()>(&mut problems, problem.into());
                continue;
            }
            let file = FileView { role: rendition.role, path: shown(&path), sha256: sha256_hex(&rendition.pdf) };
            if line.pdf.is_none() {
                line.pdf = Some(file.path.clone());
                line.sha256 = Some(file.sha256.clone());
                line.pages = Some(rendition.pages);
            }
            line.files.push(file);
        }
    }
    match Problems::of(problems) {
        Some(problems) => Told::troubled(line, problems),
        None => Told::well(line),
    }
}

/// Sets problems aside that were not told yet.
fn keep<T>(problems: &mut Vec<Problem>, more: Problems) -> Vec<T> {
    for problem in more.into_vec() {
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }
    Vec::new()
}

/// Everything whose change makes another page.
fn sources(session: &Session, office: &Office, typed: &[PathBuf], given: &[Given]) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = typed.iter().map(|path| session.absolute(path)).collect();
    for given in given {
        if let What::Arrival(arrival) = &given.what {
            paths.extend(arrival.company.iter().map(|file| file.path.clone()));
        }
    }
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

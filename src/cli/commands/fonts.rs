//! `chancery fonts [NOTE…]`: which font prints which script, what is missing and how to get it; of notes, who prints their
//! characters.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use serde_json::json;

use crate::cli::ending::{Ending, Stop};
use crate::cli::given::{self, What};
use crate::cli::session::Session;
use crate::failure::{Problem, Problems};
use crate::intake::Arrival;
use crate::model::TypeName;
use crate::office::Office;
use crate::pipeline::{self, Wishes};
use crate::typesetting::{FaceUsed, ScriptServed};

/// Say which font prints which script, what is missing and how to get it
///
/// For each script: the faces of running text (serif) and of headings (sans), and where they come from. With notes: the
/// faces that print their characters, and the characters that no font has.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  chancery fonts                     every script
  chancery fonts inbox/letter.md     the faces that print this note")]
pub struct FontsArgs {
    /// Notes to look at
    #[arg(value_name = "NOTE")]
    notes: Vec<PathBuf>,
}

/// From this weight on a face is bold.
const BOLD: u16 = 600;

/// A face as scripts see it.
#[derive(Serialize)]
struct FaceView {
    family: String,
    weight: u16,
    italic: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    builtin: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    characters: Option<String>,
}

/// What one kind of text of a script is printed in.
#[derive(Serialize)]
struct KindView {
    regular: Vec<FaceView>,
    bold: Vec<FaceView>,
    italic: Vec<FaceView>,
}

/// A script as scripts see it.
#[derive(Serialize)]
struct ScriptView {
    script: &'static str,
    serif: KindView,
    sans: KindView,
    missing: String,
    package: Option<&'static str>,
    warnings: Vec<String>,
}

/// Surveys the scripts, or looks at notes.
pub fn run(session: &Session, args: &FontsArgs) -> Result<Ending, Stop> {
    let office = session.preview_office()?;
    if args.notes.is_empty() { survey(session, &office) } else { of_notes(session, &office, &args.notes) }
}

fn survey(session: &Session, office: &Office) -> Result<Ending, Stop> {
    let kind = office.catalog().require(&TypeName::document())?;
    let settings = office.settings();
    let data = json!({ "style": settings.style, "fonts": settings.fonts.scripts });
    let typesetter = office.workers().typesetter()?;
    for served in typesetter.survey(&kind.shared, &data)? {
        session.output.data(&table(&served, |path| session.shown(path)));
        session.output.json(&view(&served));
    }
    let told = typesetter.told_of_choices();
    for warning in &told {
        session.output.data(&format!("! {}", warning.message));
        session.output.json(&json!({ "warning": warning }));
    }
    session.output.remark("`chancery fonts NOTE` says which of them print a note; [fonts.script] in chancery.toml chooses others.");
    Ok(if told.is_empty() { Ending::Done } else { Ending::Attention })
}

/// A script's lines.
fn table(served: &ScriptServed, shown: impl Fn(&Path) -> String) -> String {
    let mut lines = Vec::new();
    for kind in ["serif", "sans"] {
        let name = if kind == "serif" { served.script } else { "" };
        let plain = faces(served, kind, "regular");
        for (index, face) in plain.iter().enumerate() {
            let place = face.file.as_deref().map_or_else(|| "built in".to_owned(), &shown);
            let (name, kind_name) = if index == 0 { (name, kind) } else { ("", "") };
            lines.push(format!("{name:12} {kind_name:5}  {:28} {:22} {place}", face.family, looks(served, kind, &face.family)));
        }
        if plain.is_empty() {
            lines.push(format!("{name:12} {kind:5}  no font"));
        }
    }
    let indent = " ".repeat(20);
    if !served.missing.is_empty() {
        let how = served.package.map(|package| format!("; on Debian and Ubuntu: apt install {package}")).unwrap_or_default();
        lines.push(format!("{indent}! no font has {}{how}", served.missing));
    }
    lines.extend(served.warnings.iter().map(|warning| format!("{indent}! {}", warning.message)));
    lines.join("\n")
}

/// The looks that a family really has here: Han stays upright where Latin slants.
fn looks(served: &ScriptServed, kind: &'static str, family: &str) -> String {
    let has = |look, is_one: fn(&FaceUsed) -> bool| faces(served, kind, look).iter().any(|face| face.family == family && is_one(face));
    let looks = [("regular", true), ("bold", has("bold", |face| face.weight >= BOLD)), ("italic", has("italic", |face| face.italic))];
    looks.iter().filter(|(_, there)| *there).map(|(look, _)| *look).collect::<Vec<_>>().join(", ")
}

fn faces<'s>(served: &'s ScriptServed, kind: &'static str, look: &'static str) -> &'s [FaceUsed] {
    served.faces.get(&(kind, look)).map_or(&[], Vec::as_slice)
}

fn view(served: &ScriptServed) -> ScriptView {
    let looks = |kind, look| faces(served, kind, look).iter().map(|face| FaceView::of(face, false)).collect();
    let kind = |kind| KindView { regular: looks(kind, "regular"), bold: looks(kind, "bold"), italic: looks(kind, "italic") };
    ScriptView {
        script: served.script,
        serif: kind("serif"),
        sans: kind("sans"),
        missing: served.missing.clone(),
        package: served.package,
        warnings: served.warnings.iter().map(|warning| warning.message.clone()).collect(),
    }
}

impl FaceView {
    fn of(face: &FaceUsed, with_characters: bool) -> Self {
        Self {
            family: face.family.clone(),
            weight: face.weight,
            italic: face.italic,
            file: face.file.as_ref().map(|path| path.display().to_string()),
            builtin: face.file.is_none(),
            characters: with_characters.then(|| face.characters.clone()),
        }
    }
}

/// A note as scripts see it.
#[derive(Serialize)]
struct NoteView<'a> {
    source: &'a str,
    faces: Vec<FaceView>,
    problems: &'a [Problem],
}

fn of_notes(session: &Session, office: &Office, notes: &[PathBuf]) -> Result<Ending, Stop> {
    let mut ending = Ending::Done;
    for note in given::gather(session, &office.inbox(), notes) {
        let problems = match &note.what {
            What::Arrival(arrival) => of_note(session, office, &note.name, arrival)?,
            What::Unreadable(problems) => Some(problems.clone()),
            What::Owned(_) => None,
        };
        if let Some(problems) = problems {
            session.output.problems(&problems);
            ending.worsen(Ending::of(&problems, false));
        }
    }
    Ok(ending)
}

/// Tells the faces of a note; gives what no font has.
fn of_note(session: &Session, office: &Office, name: &str, arrival: &Arrival) -> Result<Option<Problems>, Stop> {
    let hints = session.hints(office, None, true)?;
    let manuscripts = match pipeline::compose(arrival, office, &Wishes { hints, ..Wishes::default() }) {
        Ok(manuscripts) => manuscripts,
        Err(problems) => return Ok(Some(problems)),
    };
    let mut problems: Vec<Problem> = Vec::new();
    for manuscript in &manuscripts {
        let served = match office.workers().typesetter()?.faces_of(manuscript) {
            Ok(served) => served,
            Err(found) => return Ok(Some(found)),
        };
        session.output.data(name);
        for face in &served.faces {
            let place = face.file.as_deref().map_or_else(|| "built in".to_owned(), |path| session.shown(path));
            let look = match (face.weight >= BOLD, face.italic) {
                (true, true) => " bold italic",
                (true, false) => " bold",
                (false, true) => " italic",
                (false, false) => "",
            };
            session.output.data(&format!("  {:40} {:12} {}", format!("{}{look}", face.family), place, shortened(&face.characters)));
        }
        let faces = served.faces.iter().map(|face| FaceView::of(face, true)).collect();
        session.output.json(&NoteView { source: name, faces, problems: &served.problems });
        problems.extend(served.problems.into_iter().filter(|problem| !problems.contains(problem)).collect::<Vec<_>>());
    }
    Ok(Problems::of(problems))
}

/// The first characters, and how many more there are.
fn shortened(characters: &str) -> String {
    const SHOWN: usize = 24;
    let count = characters.chars().count();
    let first: String = characters.chars().take(SHOWN).collect();
    if count > SHOWN { format!("{first} … {count} characters") } else { first }
}

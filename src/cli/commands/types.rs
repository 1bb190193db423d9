//! `chancery types [T]`: the document types of the office, and one of them explained or copied out for editing.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use clap::Args;
use serde::Serialize;

use crate::catalog::{DocumentType, Field, FieldKind};
use crate::cli::ending::{Ending, Stop};
use crate::cli::session::{House, Session};
use crate::failure::Problems;
use crate::model::Language;

/// The folder of what all types use.
const SHARED: &str = "_shared";

/// List the document types, explain one, or copy one out to edit
///
/// A type says how a document is recognised, which fields it has, how it looks and where it is filed. With
/// --eject its files are copied to the office's templates/ folder, where they replace the built-in ones.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  chancery types                     all types
  chancery types minutes             the fields of minutes, and an example to start from
  chancery types minutes --eject     copy its files to templates/minutes/ and edit them there
  chancery types _shared --eject     the same with what all types use: page, style, languages")]
pub struct TypesArgs {
    /// A type to explain
    #[arg(value_name = "T")]
    name: Option<String>,
    /// Copy the type's files to the office's templates/ folder; what is there already stays
    #[arg(long, requires = "name")]
    eject: bool,
}

/// A type as scripts see it.
#[derive(Serialize)]
struct TypeView<'a> {
    #[serde(rename = "type")]
    name: &'a str,
    title: &'a str,
    summary: &'a str,
    fields: Vec<FieldView<'a>>,
    builtin: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    example: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ejected: Option<Vec<String>>,
}

/// A field as scripts see it.
#[derive(Serialize)]
struct FieldView<'a> {
    name: &'a str,
    kind: FieldKind,
    aliases: &'a [String],
    required: bool,
    help: &'a str,
    example: Option<&'a str>,
}

/// Lists, explains or ejects.
pub fn run(session: &Session, args: &TypesArgs) -> Result<Ending, Stop> {
    let house = session.house()?;
    let language = &house.settings.language;
    let Some(name) = &args.name else {
        let width = house.catalog.types().map(|kind| kind.name.as_str().len()).max().unwrap_or_default();
        for kind in house.catalog.types() {
            session.output.json(&view(kind, language));
            session.output.data(&format!("{:width$}  {}", kind.name.as_str(), said(&kind.manifest.summary, language)));
        }
        session.output.remark("`chancery types T` explains one, `chancery new T` writes a note to fill in.");
        let broken = Problems::of(house.catalog.problems());
        if let Some(problems) = &broken {
            session.output.problems(problems);
        }
        return Ok(broken.map_or(Ending::Done, |problems| Ending::of(&problems, true)));
    };
    if name == SHARED {
        return run_shared(session, &house, args.eject);
    }
    let kind = house.document_type(name)?;
    let example = example(&kind);
    if args.eject {
        let root = session.root()?;
        let folder = root.join("templates").join(kind.name.as_str());
        let ejected = eject(kind.folder(), &folder)?;
        session.output.say(&told(session, &folder, name, &ejected));
        session.output.json(&TypeView { ejected: Some(ejected), ..view(&kind, language) });
        return Ok(Ending::Done);
    }
    session.output.data(&explained(&kind, language, example.as_deref()));
    session.output.json(&TypeView { example, ..view(&kind, language) });
    Ok(Ending::Done)
}

/// Lists or ejects what all types use: page, languages, houses.
fn run_shared(session: &Session, house: &House, is_eject: bool) -> Result<Ending, Stop> {
    let Some(kind) = house.catalog.types().next() else { return Ok(Ending::Done) };
    let files = kind.shared.iter().map(|(path, bytes)| (path.as_str(), &**bytes));
    if !is_eject {
        files.for_each(|(path, _)| session.output.data(path));
        session.output.remark("These are used by all types; `chancery types _shared --eject` copies them to edit.");
        return Ok(Ending::Done);
    }
    let folder = session.root()?.join("templates").join(SHARED);
    let ejected = eject(files, &folder)?;
    session.output.say(&told(session, &folder, SHARED, &ejected));
    session.output.json(&serde_json::json!({ "type": SHARED, "ejected": ejected }));
    Ok(Ending::Done)
}

fn told(session: &Session, folder: &Path, name: &str, ejected: &[String]) -> String {
    match ejected.len() {
        0 => format!("{} holds all files of `{name}` already; nothing was changed.", session.shown(folder)),
        _ => format!("✓ {} holds {}; edit them, and delete those you do not change.", session.shown(folder), ejected.join(", ")),
    }
}

fn view<'a>(kind: &'a DocumentType, language: &Language) -> TypeView<'a> {
    TypeView {
        name: kind.name.as_str(),
        title: said(&kind.manifest.title, language),
        summary: said(&kind.manifest.summary, language),
        fields: kind.manifest.fields.iter().map(FieldView::of).collect(),
        builtin: kind.builtin,
        example: None,
        ejected: None,
    }
}

impl<'a> FieldView<'a> {
    fn of(field: &'a Field) -> Self {
        Self {
            name: &field.name,
            kind: field.kind,
            aliases: &field.aliases,
            required: field.required,
            help: &field.help,
            example: field.example.as_deref(),
        }
    }
}

fn explained(kind: &DocumentType, language: &Language, example: Option<&str>) -> String {
    let mut text = format!("{} — {}\n{}\n", kind.name, said(&kind.manifest.title, language), said(&kind.manifest.summary, language));
    if !kind.manifest.fields.is_empty() {
        text.push_str("\nFields (all may be left out unless they say otherwise):\n");
    }
    let width = kind.manifest.fields.iter().map(|field| field.name.chars().count()).max().unwrap_or_default();
    for field in &kind.manifest.fields {
        let required = if field.required { " (required)" } else { "" };
        let also = if field.aliases.is_empty() { String::new() } else { format!(" [also: {}]", field.aliases.join(", ")) };
        let _ = writeln!(text, "  {:width$}  {}{required}{also}", field.name, field.help);
    }
    if let Some(example) = example {
        let _ = write!(text, "\nAn example to start from:\n\n{}", indented(example));
    }
    text.trim_end().to_owned()
}

fn indented(text: &str) -> String {
    text.lines().map(|line| if line.is_empty() { "\n".to_owned() } else { format!("    {line}\n") }).collect()
}

/// The note of the first example.
fn example(kind: &DocumentType) -> Option<String> {
    let example = kind.examples().into_iter().next()?;
    example.files.get(example.note).map(|bytes| String::from_utf8_lossy(bytes).into_owned())
}

/// The entry for a language, else the English one, else any.
fn said<'a>(texts: &'a BTreeMap<String, String>, language: &Language) -> &'a str {
    let found = [language.0.as_str(), language.primary(), "en", ""].iter().find_map(|tag| texts.get(*tag));
    found.or_else(|| texts.values().next()).map_or("", String::as_str)
}

/// Writes files into a folder without overwriting any; says which.
fn eject<'a>(files: impl Iterator<Item = (&'a str, &'a [u8])>, folder: &Path) -> Result<Vec<String>, Stop> {
    let mut ejected = Vec::new();
    for (name, bytes) in files {
        let path = folder.join(name);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent).map_err(|error| Stop::machine("make the folder", parent, &error))?;
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut file) => {
                file.write_all(bytes).map_err(|error| Stop::machine("write", &path, &error))?;
                ejected.push(name.to_owned());
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(Stop::machine("write", &path, &error)),
        }
    }
    Ok(ejected)
}

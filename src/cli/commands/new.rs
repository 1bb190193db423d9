//! `chancery new T`: writes a note to fill in. Never overwrites one.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Args;
use serde::Serialize;

use crate::catalog::{DocumentType, Field};
use crate::cli::ending::{Ending, Stop};
use crate::cli::session::Session;

/// Write a note to fill in
///
/// The note names the type and lists every field that it may have, each with a word of explanation. Fields that
/// stay empty print nothing.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  chancery new minutes                                writes minutes.md here
  chancery new notice 'title=Fire drill' date=2026-11-30
  chancery new speech -o inbox/speech.md              writes it where you say
  chancery new notice -o -                            prints it")]
pub struct NewArgs {
    /// The document type, as `chancery types` lists them
    #[arg(value_name = "T")]
    name: String,
    /// Fields that you know already; `body=…` is the text
    #[arg(value_name = "KEY=VALUE", value_parser = pair)]
    fields: Vec<(String, String)>,
    /// Where to write it; `-` prints it [default: T.md in the current folder]
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
}

/// What every note may say, whatever its type.
const COMMON: [(&str, &str); 2] = [("title", "The title; if it is left empty, the first heading"), ("date", "The document's own date")];

/// Also accepted as a key, but not offered.
const MORE: [&str; 3] = ["id", "lang", "draft"];

#[derive(Serialize)]
struct Written<'a> {
    status: &'static str,
    #[serde(rename = "type")]
    name: &'a str,
    path: String,
}

/// Writes the note and says where.
pub fn run(session: &Session, args: &NewArgs) -> Result<Ending, Stop> {
    let house = session.house()?;
    let kind = house.document_type(&args.name)?;
    let known = args.fields.iter().map(|(key, value)| Ok((resolve(&kind, key)?, value.as_str())));
    let known: Vec<(String, &str)> = known.collect::<Result<_, Stop>>()?;
    let today = session.clock(house.settings.time_zone).now().date_naive();
    let text = note(&kind, &known, today);
    if args.output.as_ref().is_some_and(|path| path.as_os_str() == "-") && !session.output.is_json() {
        session.output.bytes(text.as_bytes()).map_err(|error| Stop::machine("write", "standard output".as_ref(), &error))?;
        return Ok(Ending::Done);
    }
    let path = session.absolute(&args.output.clone().unwrap_or_else(|| PathBuf::from(format!("{}.md", kind.name))));
    write_new(session, &path, &text)?;
    let shown = session.shown(&path);
    session.output.say(&format!("✓ {shown} is ready to be filled in."));
    session.output.remark(&format!("Next: `chancery render {shown}` shows it as a page; dropped into inbox/ it is filed."));
    session.output.json(&Written { status: "ok", name: kind.name.as_str(), path: shown });
    Ok(Ending::Done)
}

fn write_new(session: &Session, path: &PathBuf, text: &str) -> Result<(), Stop> {
    match OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(mut file) => file.write_all(text.as_bytes()).map_err(|error| Stop::machine("write", path, &error)),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let message = format!("{} is there already; it was not overwritten.", session.shown(path));
            Err(Stop::usage("already-there", message, "Choose another name with `-o NAME.md`."))
        }
        Err(error) => Err(Stop::machine("write", path, &error)),
    }
}

/// The declared name for a key as typed.
fn resolve(kind: &DocumentType, key: &str) -> Result<String, Stop> {
    let declared = kind.manifest.fields.iter().find(|field| field.name == key || field.aliases.iter().any(|alias| alias == key));
    if let Some(field) = declared {
        return Ok(field.name.clone());
    }
    let common = COMMON.iter().map(|(name, _)| *name).chain(MORE).chain(["body"]);
    if common.clone().any(|name| name == key) {
        return Ok(key.to_owned());
    }
    let names: Vec<&str> = common.chain(kind.manifest.fields.iter().map(|field| field.name.as_str())).collect();
    let help = format!("Its fields are: {}.", names.join(", "));
    Err(Stop::usage("unknown-field", format!("`{}` has no field `{key}`.", kind.name), help))
}

fn note(kind: &DocumentType, known: &[(String, &str)], today: NaiveDate) -> String {
    let value = |name: &str| known.iter().find(|(key, _)| key == name).map(|(_, value)| yaml(value));
    let mut text = format!("---\ntype: {}\n", kind.name);
    for (name, help) in COMMON {
        let declared = kind.manifest.fields.iter().find(|field| field.name == name);
        let _ = writeln!(text, "# {}", declared.map_or(help, |field| &field.help));
        let given = value(name).or_else(|| (name == "date").then(|| today.to_string()));
        let _ = writeln!(text, "{}", entry(name, given));
    }
    for name in MORE {
        if let Some(value) = value(name) {
            let _ = writeln!(text, "{}", entry(name, Some(value)));
        }
    }
    let common = |field: &&Field| !COMMON.iter().any(|(name, _)| *name == field.name) && !MORE.contains(&field.name.as_str());
    for field in kind.manifest.fields.iter().filter(common) {
        text.push_str(&remark(field));
        let _ = writeln!(text, "{}", entry(&field.name, value(&field.name)));
    }
    let body = known.iter().find(|(key, _)| key == "body").map_or("", |(_, body)| body);
    let _ = writeln!(text, "---\n\n{body}");
    text
}

fn entry(name: &str, value: Option<String>) -> String {
    value.map_or_else(|| format!("{name}:"), |value| format!("{name}: {value}"))
}

/// What a field is for, and an example, as comments.
fn remark(field: &Field) -> String {
    let help = field.help.trim_end_matches('.').replace('\n', " ");
    let required = if field.required { " (required)" } else { "" };
    match field.example.as_deref().map(str::trim) {
        None | Some("") => format!("# {help}{required}\n"),
        Some(example) if !example.contains('\n') => format!("# {help}{required}; for example {example}\n"),
        Some(example) => {
            let lines: String = example.lines().map(|line| format!("#   {line}\n")).collect();
            format!("# {help}{required}; for example\n{lines}")
        }
    }
}

/// A text as a YAML scalar: plain where it cannot be taken for anything else, else in quotation marks.
fn yaml(text: &str) -> String {
    let is_word = |c: char| c.is_alphanumeric() || " -.,()/".contains(c);
    let keywords = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"];
    let plain = text.chars().all(is_word)
        && text.starts_with(char::is_alphabetic)
        && !text.ends_with(' ')
        && !keywords.contains(&text.to_lowercase().as_str());
    let flag = text == "true" || text == "false";
    if plain || flag || text.parse::<NaiveDate>().is_ok() { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => Ok((key.trim().to_owned(), value.to_owned())),
        _ => Err("write KEY=VALUE, for example chair='Zhang Wei'".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_survive_yaml() {
        for plain in ["Fire drill", "2026-11-30", "true", "张伟"] {
            assert_eq!(yaml(plain), plain);
        }
        for (text, quoted) in [("no", "\"no\""), ("09:30", "\"09:30\""), ("@zhang", "\"@zhang\""), ("a: b", "\"a: b\""), ("", "\"\"")] {
            assert_eq!(yaml(text), quoted);
        }
    }

    #[test]
    fn a_pair_has_a_key() {
        assert_eq!(pair("title=a=b"), Ok(("title".to_owned(), "a=b".to_owned())));
        assert!(pair("=x").is_err());
        assert!(pair("x").is_err());
    }
}

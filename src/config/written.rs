//! `chancery.toml` as written, and the way from there to [`Settings`]: defaults filled in, every value checked.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::fonts::{self, FontChoices, NamedFont};
use super::limits::{Limits, LimitsRule};
use super::{Attach, DateOrder, FILE_NAME, Organisation, Person, Settings, folded, kinds};
use crate::failure::{Blame, Checked, Problem, Problems};
use crate::model::Language;
use crate::toml_file::{TomlFile, nearest};

/// What the file does not say and the caller knows.
pub(super) struct Surroundings<'a> {
    /// The office's folder.
    pub root: &'a Path,
    /// What `~` stands for.
    pub home: Option<&'a Path>,
    /// The time zone of an office that names none.
    pub default_zone: chrono_tz::Tz,
}

/// The file's keys; what is left out is `None` or empty.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Written {
    language: Option<String>,
    time_zone: Option<String>,
    date_order: Option<DateOrder>,
    organisation: Organisation,
    people: BTreeMap<String, Person>,
    inbox: Inbox,
    archive: Archive,
    register: Register,
    limits: LimitsRule,
    fonts: Fonts,
    style: toml::Table,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Inbox {
    #[serde(deserialize_with = "kinds::duration")]
    settle: Option<Duration>,
    #[serde(deserialize_with = "kinds::duration")]
    wait: Option<Duration>,
    #[serde(deserialize_with = "kinds::duration")]
    rescan: Option<Duration>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Archive {
    attach: Option<Attach>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Register {
    names: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Fonts {
    folders: Option<Vec<String>>,
    script: toml::Table,
}

const DEFAULT_LANGUAGE: &str = "en";
const DEFAULT_SETTLE: Duration = Duration::from_millis(300);
const DEFAULT_WAIT: Duration = Duration::from_secs(5);
const DEFAULT_RESCAN: Duration = Duration::from_secs(180);
const DEFAULT_FONT_FOLDERS: [&str; 3] = ["/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts"];

/// Longer than this nobody wants to wait for a note to be taken, or for a file that it names.
const SETTLE_LIMITS: RangeInclusive<Duration> = Duration::ZERO..=Duration::from_secs(60);
const WAIT_LIMITS: RangeInclusive<Duration> = Duration::ZERO..=Duration::from_secs(3600);
/// Walking the inbox without pause would keep a machine busy for nothing.
const RESCAN_LIMITS: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(86_400);

/// Parses and checks the text of a `chancery.toml`.
pub(super) fn resolve(text: &str, surroundings: &Surroundings<'_>) -> Checked<Settings> {
    let (file, written, problems) = TomlFile::read::<Written>(text);
    let mut check = Check { file, problems };
    check.organisation(&written.organisation);
    check.people(&written.people);
    check.style(&written.style, surroundings);
    check.limits(&written.limits);
    let settings = Settings {
        language: check.language(written.language),
        time_zone: check.time_zone(written.time_zone, surroundings.default_zone),
        date_order: written.date_order,
        settle: check.duration("settle", written.inbox.settle, DEFAULT_SETTLE, SETTLE_LIMITS),
        wait: check.duration("wait", written.inbox.wait, DEFAULT_WAIT, WAIT_LIMITS),
        rescan: check.duration("rescan", written.inbox.rescan, DEFAULT_RESCAN, RESCAN_LIMITS),
        attach: written.archive.attach.unwrap_or(Attach::Full),
        names: written.register.names.unwrap_or(true),
        limits: Limits::default().with(&written.limits),
        font_folders: check.font_folders(written.fonts.folders, surroundings),
        fonts: check.fonts(&written.fonts.script, &written.style),
        style: super::paper::of_country(written.style.into_iter().map(|(key, value)| (key, json(value))).collect(), &written.organisation),
        logo: check.logo(&written.organisation, surroundings),
        organisation: written.organisation,
        people: written.people,
    };
    let mut problems: Vec<Problem> = check.problems.into_iter().map(|problem| problem.blaming(Blame::Configuration)).collect();
    problems.sort_by_key(|problem| (problem.line, problem.column));
    Problems::none_or(problems, settings).map_err(|problems| problems.in_file(FILE_NAME))
}

/// The checks that the file's shape alone cannot make.
pub(super) struct Check<'t> {
    file: TomlFile<'t>,
    problems: Vec<Problem>,
}

impl Check<'_> {
    pub(super) fn tell(&mut self, path: &[&str], code: &str, message: String, help: impl Into<String>) {
        let problem = self.file.at(path, Problem::new(code, message, help));
        self.problems.push(problem);
    }

    fn language(&mut self, written: Option<String>) -> Language {
        let tag = written.unwrap_or_else(|| DEFAULT_LANGUAGE.to_owned());
        self.tag(&["language"], &tag);
        Language(tag)
    }

    pub(super) fn tag(&mut self, path: &[&str], tag: &str) {
        if !Language::is_tag(tag) {
            let message = format!("`{tag}` is no language");
            self.tell(path, "language", message, "Write the short name of a language, such as `en` or `zh`.");
        }
    }

    fn time_zone(&mut self, written: Option<String>, default: chrono_tz::Tz) -> chrono_tz::Tz {
        let Some(name) = written else { return default };
        name.parse().unwrap_or_else(|_| {
            let help = match kinds::nearest_zone(&name) {
                Some(near) => format!("Did you mean `{near}`?"),
                None => "Write continent and city, such as `Europe/London` or `Asia/Shanghai`.".to_owned(),
            };
            self.tell(&["time_zone"], "time-zone", format!("`{name}` is no time zone"), help);
            default
        })
    }

    fn duration(&mut self, key: &str, written: Option<Duration>, default: Duration, limits: RangeInclusive<Duration>) -> Duration {
        let duration = written.unwrap_or(default);
        if !limits.contains(&duration) {
            let (least, most) = (limits.start().as_secs(), limits.end().as_secs());
            let message = format!("`{key}` is {} s; it may be from {least} s to {most} s", duration.as_secs_f64());
            self.tell(&["inbox", key], "out-of-range", message, "Write a time within these limits, or delete the line to get the default.");
        }
        duration
    }

    fn organisation(&mut self, organisation: &Organisation) {
        self.texts(&["organisation", "name"], &organisation.name);
        if organisation.code.as_ref().is_some_and(|code| code.trim().is_empty()) {
            self.tell(&["organisation", "code"], "empty", "This text is empty".to_owned(), "Write the text, or delete the line.");
        }
        let country = organisation.country.as_deref().unwrap_or("DE");
        if country.len() != 2 || !country.bytes().all(|letter| letter.is_ascii_alphabetic()) {
            let help = "Write the two letters of the country, such as `DE`, `CN` or `US`.";
            self.tell(&["organisation", "country"], "country", format!("`{country}` is no country"), help);
        }
    }

    fn texts(&mut self, path: &[&str], texts: &BTreeMap<String, String>) {
        for (tag, text) in texts {
            let path: Vec<&str> = path.iter().copied().chain((!tag.is_empty()).then_some(tag.as_str())).collect();
            if !tag.is_empty() {
                self.tag(&path, tag);
            }
            if text.trim().is_empty() {
                self.tell(&path, "empty", "This text is empty".to_owned(), "Write the text, or delete the line.");
            }
        }
    }

    /// Everybody has a name, and nobody is called like somebody else.
    fn people(&mut self, people: &BTreeMap<String, Person>) {
        let mut called: BTreeMap<String, &str> = BTreeMap::new();
        for key in people.keys() {
            called.insert(folded(key), key);
        }
        for (key, person) in people {
            let path = ["people", key.as_str()];
            if key.is_empty() || key.contains(|c: char| c.is_whitespace() || c == '@') {
                let help = format!("Notes write `@name`: choose one word, such as `[people.{}]`.", suggested_key(key));
                self.tell(&path, "person-key", format!("`{key}` cannot be used in a note"), help);
            }
            if person.name.is_empty() {
                let message = format!("`people.{key}` has no name");
                self.tell(&path, "person-without-name", message, "Add a line `name = \"…\"` below it.");
            }
            self.texts(&["people", key, "name"], &person.name);
            self.texts(&["people", key, "title"], &person.title);
            for alias in &person.aliases {
                if let Some(other) = called.insert(folded(alias), key).filter(|other| *other != key) {
                    let message = format!("`{alias}` already stands for `people.{other}`");
                    let help = "Delete it from one of the two, so that a note means one person by it.";
                    self.tell(&["people", key, "aliases"], "alias-twice", message, help);
                }
            }
        }
    }

    fn fonts(&mut self, by_script: &toml::Table, style: &toml::Table) -> FontChoices {
        let mut choices = FontChoices::default();
        for key in fonts::STYLE_KEYS {
            let families = style.get(key).and_then(fonts::families).unwrap_or_default();
            choices.named.extend(families.into_iter().map(|family| self.named_font(&["style", key], family, false)));
        }
        for (script, value) in by_script {
            let path = ["fonts", "script", script.as_str()];
            if !fonts::SCRIPTS.contains(&script.as_str()) {
                let help = match nearest(script, fonts::SCRIPTS) {
                    _ if script == "latin" => "Latin text has the fonts of `serif` and `sans` under [style].".to_owned(),
                    Some(near) => format!("Did you mean `{near}`?"),
                    None => format!("Write one of {}.", fonts::SCRIPTS.join(", ")),
                };
                self.tell(&path, "font-script", format!("`{script}` is no script that can have fonts of its own"), help);
            } else if let Some(found) = fonts::script_fonts(value) {
                for family in found.serif.iter().chain(found.sans.iter().filter(|family| !found.serif.contains(family))) {
                    choices.named.push(self.named_font(&path, family.clone(), true));
                }
                choices.scripts.insert(script.clone(), found);
            } else {
                let help =
                    format!("Write `{script} = \"NAME\"`, a list of names, or `{script} = {{ serif = \"NAME\", sans = \"NAME\" }}`.");
                self.tell(&path, "font-names", format!("`{script}` does not name fonts"), help);
            }
        }
        choices
    }

    fn named_font(&self, path: &[&str], family: String, is_of_script: bool) -> NamedFont {
        let line = self.file.at(path, Problem::new("", "", "")).line;
        NamedFont { family, key: path.last().copied().unwrap_or_default().to_owned(), is_of_script, line }
    }

    fn font_folders(&mut self, written: Option<Vec<String>>, surroundings: &Surroundings<'_>) -> Vec<PathBuf> {
        let Some(folders) = written else {
            return DEFAULT_FONT_FOLDERS.iter().filter_map(|folder| expanded(folder, surroundings)).collect();
        };
        let mut paths = Vec::new();
        for (index, folder) in folders.iter().enumerate() {
            match expanded(folder, surroundings) {
                Some(path) => paths.push(path),
                None => {
                    let path = ["fonts", "folders", &index.to_string()];
                    self.tell(&path, "font-folder", format!("`{folder}` names no folder"), "Write the folder's full path.");
                }
            }
        }
        paths
    }
}

/// A folder's path: `~` is the home folder, a relative one lies in the office. `None` without home, or if empty.
fn expanded(folder: &str, surroundings: &Surroundings<'_>) -> Option<PathBuf> {
    match folder.strip_prefix('~') {
        Some("") => surroundings.home.map(Path::to_owned),
        Some(rest) => rest.strip_prefix(['/', '\\']).and_then(|rest| Some(surroundings.home?.join(rest))),
        None if folder.trim().is_empty() => None,
        None => Some(surroundings.root.join(folder)),
    }
}

fn suggested_key(key: &str) -> String {
    let word: String = key.chars().filter(|c| c.is_alphanumeric() || *c == '-').collect();
    if word.is_empty() { "zhang".to_owned() } else { word.to_lowercase() }
}

/// A value of the free `[style]` table as layouts get it; dates and numbers that JSON has not become texts.
fn json(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => Value::from(number),
        toml::Value::Float(number) => serde_json::Number::from_f64(number).map_or_else(|| Value::from(number.to_string()), Value::Number),
        toml::Value::Boolean(flag) => Value::Bool(flag),
        toml::Value::Datetime(time) => Value::String(time.to_string()),
        toml::Value::Array(values) => values.into_iter().map(json).collect(),
        toml::Value::Table(table) => Value::Object(table.into_iter().map(|(key, value)| (key, json(value))).collect::<Map<_, _>>()),
    }
}

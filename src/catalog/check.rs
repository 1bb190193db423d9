//! The checks of a manifest that its shape alone cannot make: files that are there, names that exist, patterns
//! that can be filled in. All problems are told, each at its line.

use std::collections::{BTreeMap, BTreeSet};

use super::manifest::RETENTION_STARTS;
use super::pattern::{number_fault, path_fault};
use super::{FINDERS, FieldKind, Files, Manifest};
use crate::classification::SIGNS;
use crate::failure::Problem;
use crate::model::{Language, TypeName};
use crate::toml_file::{TomlFile, did_you_mean, nearest};

/// Records are kept for at most so many years, unless for ever.
const MAX_YEARS: u32 = 1_000;

/// What stands in a type's folder, by path relative to it.
#[derive(Default)]
pub(super) struct TypeFolder {
    /// Its files, without the examples.
    pub files: Files,
    /// The files of its examples.
    pub examples: Files,
    /// Files that are left out, and why.
    pub skipped: BTreeMap<String, String>,
    /// Files that could not be read, and why; blame: machine.
    pub unreadable: BTreeMap<String, Problem>,
    /// Whether it differs from the built-in folder of the same name.
    pub differs: bool,
}

/// A text file that is not UTF-8.
pub(super) fn not_utf8() -> Problem {
    Problem::new("not-utf8", "This file is not UTF-8 text", "Save it as UTF-8 in your editor.")
}

/// Reads and checks a manifest. The problems name neither file nor blame.
pub(super) fn manifest(bytes: &[u8], name: &TypeName, folder: &TypeFolder) -> (Manifest, Vec<Problem>) {
    let Ok(text) = std::str::from_utf8(bytes) else { return (Manifest::default(), vec![not_utf8()]) };
    let (file, manifest, problems) = TomlFile::read::<Manifest>(text.trim_start_matches('\u{feff}'));
    let as_written = problems.is_empty();
    if problems.iter().any(|problem| problem.code.starts_with("toml-")) {
        return (manifest, problems);
    }
    let mut check = Check { file, manifest: &manifest, name, folder, problems };
    if as_written {
        check.what_must_be_there();
    }
    check.texts();
    check.recognise();
    check.field_names();
    check.names();
    check.patterns();
    check.retention();
    check.limits();
    check.files();
    let mut problems = check.problems;
    problems.sort_by_key(|problem| (problem.line, problem.column));
    (manifest, problems)
}

struct Check<'a> {
    file: TomlFile<'a>,
    manifest: &'a Manifest,
    name: &'a TypeName,
    folder: &'a TypeFolder,
    problems: Vec<Problem>,
}

impl<'a> Check<'a> {
    fn tell(&mut self, path: &[&str], code: &str, message: impl Into<String>, help: impl Into<String>) {
        let problem = self.file.at(path, Problem::new(code, message, help));
        self.problems.push(problem);
    }

    /// Tells each entry of a list that is none of the known ones.
    fn known(&mut self, path: &[&str], entries: &[String], known: &[&str], what: &str) {
        for (index, entry) in entries.iter().enumerate() {
            if !known.contains(&entry.as_str()) {
                let index = index.to_string();
                let path: Vec<&str> = path.iter().copied().chain([index.as_str()]).collect();
                self.tell(&path, "unknown-name", format!("There is no {what} `{entry}`"), did_you_mean(entry, known));
            }
        }
    }

    fn what_must_be_there(&mut self) {
        for (key, texts) in [("title", &self.manifest.title), ("summary", &self.manifest.summary)] {
            if !texts.contains_key("en") {
                let help = format!("Write `{key} = {{ en = \"…\" }}`, with more languages if you like.");
                self.tell(&[key], "missing-key", format!("The type has no English {key}"), help);
            }
        }
        if self.manifest.archive.path.is_empty() {
            let help = "Write `[archive]` and below it `path = \"{{ year }}/{{ month }}/{{ type }}/{{ date }} {{ title }}\"`.";
            self.tell(&["archive"], "missing-key", "The type has no place in the archive", help);
        }
        if self.manifest.files.is_empty() {
            self.tell(&["files"], "missing-key", "The type makes no file", "Write a `[[files]]` section, or delete the line.");
        }
    }

    fn texts(&mut self) {
        for (key, texts) in [("title", &self.manifest.title), ("summary", &self.manifest.summary)] {
            for (tag, text) in texts {
                if !Language::is_tag(tag) {
                    let help = "Write the short name of a language, such as `en` or `zh`.";
                    self.tell(&[key, tag], "language", format!("`{tag}` is no language"), help);
                }
                if text.trim().is_empty() {
                    self.tell(&[key, tag], "empty", "This text is empty", "Write the text, or delete it.");
                }
            }
        }
    }

    fn recognise(&mut self) {
        let recognise = &self.manifest.recognise;
        let lists = [
            ("titles", &recognise.titles),
            ("headings", &recognise.headings),
            ("words", &recognise.words),
            ("file_names", &recognise.file_names),
            ("openings", &recognise.openings),
            ("against", &recognise.against),
        ];
        for (key, list) in lists {
            for (index, text) in list.iter().enumerate() {
                if !text.chars().any(char::is_alphanumeric) {
                    let message = format!("`{key}` holds an entry without a letter");
                    let help = "It would fit every document or none: write a word, or delete it.";
                    self.tell(&["recognise", key, &index.to_string()], "empty", message, help);
                }
            }
        }
    }

    /// No field is called like another, and each has a name that front matter can hold.
    fn field_names(&mut self) {
        let mut seen: BTreeMap<String, &str> = BTreeMap::new();
        for (index, field) in self.manifest.fields.iter().enumerate() {
            let index = index.to_string();
            let aliases = field.aliases.iter().map(|alias| ("aliases", alias));
            for (key, name) in std::iter::once(("name", &field.name)).chain(aliases) {
                let path = ["fields", &index, key];
                if name.trim().is_empty() || name.trim() != name || name.contains([':', '\n', '#']) {
                    let help = "Write a word, or several, without `:` and `#`.";
                    self.tell(&path, "field-name", format!("`{name}` cannot be the name of a field"), help);
                } else if let Some(other) = seen.insert(name.to_lowercase(), &field.name) {
                    let message = format!("`{name}` already names the field `{other}`");
                    self.tell(&path, "field-twice", message, "Delete it in one of the two places.");
                }
            }
        }
    }

    /// What names something else: a finder, a sign, a field.
    fn names(&mut self) {
        let manifest: &'a Manifest = self.manifest;
        let declared: Vec<&str> = manifest.fields.iter().map(|field| field.name.as_str()).collect();
        let aliases = manifest.fields.iter().flat_map(|field| &field.aliases).map(String::as_str);
        let with_aliases: Vec<&str> = declared.iter().copied().chain(aliases).collect();
        self.known(&["find"], &manifest.find, &FINDERS, "finder");
        self.known(&["recognise", "signs"], &manifest.recognise.signs, &SIGNS, "sign");
        self.known(&["recognise", "fields"], &manifest.recognise.fields, &with_aliases, "field");
        if let Some(field) = manifest.one_per.as_deref().filter(|field| !declared.contains(field)) {
            let help = did_you_mean(field, &declared);
            self.tell(&["one_per"], "unknown-name", format!("There is no field `{field}`"), help);
        }
    }

    fn patterns(&mut self) {
        let manifest = self.manifest;
        if let Some((message, help)) = manifest.number.as_ref().and_then(|number| number_fault(&number.pattern)) {
            self.tell(&["number", "pattern"], "number-pattern", message, help);
        }
        let number = manifest.number.as_ref();
        if number.and_then(|number| number.series.as_deref()).is_some_and(|series| series.trim().is_empty()) {
            self.tell(&["number", "series"], "empty", "The series has no name", "Write a name, or delete the line.");
        }
        if number.and_then(|number| number.code.as_deref()).is_some_and(|code| code.trim().is_empty()) {
            self.tell(&["number", "code"], "empty", "The code is empty", "Write a code, or delete the line.");
        }
        let path = &manifest.archive.path;
        if let Some((message, help)) =
            Some(path).filter(|path| !path.is_empty()).and_then(|path| path_fault(path, self.name.as_str(), &manifest.fields))
        {
            self.tell(&["archive", "path"], "archive-path", message, help);
        }
    }

    /// Some years or for ever, and from a day that there is.
    fn limits(&mut self) {
        for (key, message) in self.manifest.limits.faults() {
            let help = "Write a value within these limits, or delete the line to get that of the configuration.";
            self.tell(&["limits", key], "out-of-range", message, help);
        }
    }

    fn retention(&mut self) {
        let manifest = self.manifest;
        let Some(rule) = &manifest.retention else { return };
        let say = "Write `years = 7` or `permanent = true`.";
        match (rule.years, rule.permanent) {
            (None, false) => self.tell(&["retention"], "retention", "Nothing says how long records are kept", say),
            (Some(_), true) => {
                self.tell(&["retention", "years"], "retention", "Records are kept for some years or for ever, not both", say)
            }
            (Some(years), false) if !(1..=MAX_YEARS).contains(&years) => {
                let help = format!("Write a number from 1 to {MAX_YEARS}, or `permanent = true`.");
                self.tell(&["retention", "years"], "retention", format!("Records cannot be kept for {years} years"), help);
            }
            _ => {}
        }
        let dates = manifest.fields.iter().filter(|field| field.kind == FieldKind::Date).map(|field| field.name.as_str());
        let known: Vec<&str> = RETENTION_STARTS.into_iter().chain(dates).collect();
        if let Some(from) = rule.from.as_deref().filter(|from| !known.contains(from)) {
            let message = format!("There is no day called `{from}` from which to count");
            self.tell(&["retention", "from"], "unknown-name", message, did_you_mean(from, &known));
        }
    }

    /// Each file of a record has a role of its own, and words and layout that are there.
    fn files(&mut self) {
        let manifest = self.manifest;
        let mut roles = BTreeSet::new();
        for (index, rule) in manifest.files.iter().enumerate() {
            let index = index.to_string();
            let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            if rule.role.is_empty() || !rule.role.chars().all(fits) || rule.role == "source" {
                let help = "Write a word of lower-case letters, such as `document`, `reading` or `press`.";
                self.tell(&["files", &index, "role"], "role", format!("`{}` cannot be a role", rule.role), help);
            } else if !roles.insert(&rule.role) {
                let message = format!("Two files have the role `{}`", rule.role);
                self.tell(&["files", &index, "role"], "role", message, "Give one of them another name.");
            }
            for (key, name) in [("words", &rule.words), ("layout", &rule.layout)] {
                self.file_is_there(&index, key, name);
            }
        }
    }

    fn file_is_there(&mut self, index: &str, key: &str, name: &str) {
        // A file that could not be read is there, and its own problem is told with the type's.
        if self.folder.unreadable.contains_key(name) {
            return;
        }
        let path = ["files", index, key];
        let (message, help) = match self.folder.files.get(name) {
            Some(bytes) if std::str::from_utf8(bytes).is_ok() => return,
            Some(_) => (format!("The file `{name}` is not UTF-8 text"), "Save it as UTF-8 in your editor.".to_owned()),
            None => match self.folder.skipped.get(name) {
                Some(reason) => (format!("The file `{name}` is left out: it {reason}"), "Put a smaller file or a copy there.".to_owned()),
                None => {
                    let near = nearest(name, self.folder.files.keys().map(String::as_str));
                    let mean = near.map(|near| format!("Did you mean `{near}`? ")).unwrap_or_default();
                    (format!("There is no file `{name}` in the type's folder"), format!("{mean}Add the file, or correct its name here."))
                }
            },
        };
        self.tell(&path, "file-missing", message, help);
    }
}

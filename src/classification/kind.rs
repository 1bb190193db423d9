//! The document type: what somebody said (`--type`, `type:`, the inbox sub-folder), else what the rules recognise.

use super::answering;
use super::fields::is_near;
use super::fold::{fold, fold_key};
use super::outline::Outline;
use super::plain::floor;
use super::recognition::{Verdict, recognise};
use super::title::Title;
use super::{Candidate, Hints};
use crate::catalog::Catalog;
use crate::failure::{Problem, Warning};
use crate::model::TypeName;
use crate::reading::Submission;

/// How sure the best type must be to be filed without asking.
const SURE: f64 = 0.6;
/// How long a written type may be.
const MAX_WRITTEN_BYTES: usize = 100;

/// The type of a note, as far as it is known.
pub(super) struct Kind {
    pub document_type: TypeName,
    pub confidence: f64,
    pub sure: bool,
    pub candidates: Vec<Candidate>,
    pub evidence: Vec<String>,
    pub warnings: Vec<Warning>,
    pub problems: Vec<Problem>,
}

impl Kind {
    /// Somebody said so.
    fn stated(document_type: TypeName, evidence: String) -> Self {
        let candidates = vec![Candidate { document_type: document_type.clone(), confidence: 1.0 }];
        Self {
            document_type,
            confidence: 1.0,
            sure: true,
            candidates,
            evidence: vec![evidence],
            warnings: Vec::new(),
            problems: Vec::new(),
        }
    }
}

/// Decides on the type.
pub(super) fn find(note: &Submission, outline: &Outline<'_>, title: &Title, catalog: &Catalog, hints: &Hints) -> Kind {
    if let Some(name) = &hints.document_type {
        return Kind::stated(name.clone(), format!("The type {name} was given."));
    }
    let written = Written::of(note, catalog);
    if let Written::Type { name, key } = &written {
        return Kind::stated(name.clone(), format!("The field `{key}` says {name}."));
    }
    if let Written::Near { name, .. } = &written
        && hints.guess
    {
        let mut kind = Kind::stated(name.clone(), format!("The type was read as {name}."));
        kind.warnings.push(written.near_warning(note));
        return kind;
    }
    let mut kind = match folder_type(note, catalog) {
        Some((name, folder)) => Kind::stated(name.clone(), format!("It lay in the folder {folder}, which stands for {name}.")),
        None => by_rules(note, outline, title, catalog, hints),
    };
    match &written {
        Written::Near { .. } => kind.problems = vec![written.near_problem(note, catalog)],
        Written::Foreign { .. } => kind.warnings.insert(0, written.foreign_warning(note)),
        Written::Type { .. } | Written::Nothing => {}
    }
    kind
}

/// What the field `type` says.
enum Written {
    Nothing,
    Type { name: TypeName, key: String },
    Near { name: TypeName, key: String, text: String },
    Foreign { key: String, text: String },
}

impl Written {
    fn of(note: &Submission, catalog: &Catalog) -> Self {
        let names = ["type", "类型", "documenttype", "doctype", "文种", "文件类型"];
        let Some(key) = note.fields.values.keys().find(|key| names.contains(&fold_key(key).as_str())) else { return Self::Nothing };
        let Some(text) = note.fields.text(key) else { return Self::Nothing };
        let (key, text) = (key.clone(), floor(&text, MAX_WRITTEN_BYTES).to_owned());
        if let Some(name) = named(&text, catalog) {
            return Self::Type { name, key };
        }
        let folded = fold(&text);
        let near = names_of_types(catalog).into_iter().find(|(known, _)| is_near(&folded, known));
        match near {
            Some((_, name)) => Self::Near { name, key, text },
            None => Self::Foreign { key, text },
        }
    }

    fn near_problem(&self, note: &Submission, catalog: &Catalog) -> Problem {
        let Self::Near { name, key, text } = self else { return Problem::new("type-unknown", "", "") };
        let help =
            format!("Write `{key}: {name}`, or take the line out to have the type recognised. The types are {}.", all_types(catalog));
        let mut problem = Problem::new("type-unknown", format!("`{key}: {text}` is no document type; `{name}` may be meant."), help);
        problem.candidates = vec![Candidate { document_type: name.clone(), confidence: 0.5 }];
        match note.fields.lines.get(key) {
            Some(line) => problem.at(&note.text, *line, None),
            None => problem,
        }
    }

    fn near_warning(&self, note: &Submission) -> Warning {
        let Self::Near { name, key, text } = self else { return Warning::new("type-unknown", "") };
        placed(Warning::new("type-unknown", format!("`{key}: {text}` is no document type; it was read as `{name}`.")), note, key)
    }

    fn foreign_warning(&self, note: &Submission) -> Warning {
        let Self::Foreign { key, text } = self else { return Warning::new("type-unknown", "") };
        let message = format!("`{key}: {text}` is no document type of this office; the type was recognised by the text.");
        placed(Warning::new("type-foreign", message), note, key)
    }
}

/// The type that a text names: its name, or what people call it in a language, in the plural too.
fn named(text: &str, catalog: &Catalog) -> Option<TypeName> {
    let folded = fold(text);
    names_of_types(catalog).into_iter().find(|(known, _)| *known == folded).map(|(_, name)| name)
}

/// Folded names, titles and plurals with the type they stand for.
fn names_of_types(catalog: &Catalog) -> Vec<(String, TypeName)> {
    let mut names = Vec::new();
    for kind in catalog.types() {
        let own = [kind.name.as_str()].into_iter().chain(kind.manifest.title.values().map(String::as_str));
        for written in own {
            let name = fold(written);
            for plural in plurals(&name) {
                names.push((plural, kind.name.clone()));
            }
            names.push((name, kind.name.clone()));
        }
    }
    // A type that is broken is still the one that was meant; asking for it tells what is wrong with it.
    names.extend(catalog.broken().map(|(name, _)| (fold(name.as_str()), name.clone())));
    names
}

/// `speech` → `speeches`, `annual summary` → `annual summaries`.
fn plurals(name: &str) -> Vec<String> {
    if !name.is_ascii() || name.ends_with('s') {
        return Vec::new();
    }
    let ends = [name.strip_suffix('y').map(|stem| format!("{stem}ies")), Some(format!("{name}s")), Some(format!("{name}es"))];
    ends.into_iter().flatten().collect()
}

/// The type that the inbox sub-folder stands for.
fn folder_type(note: &Submission, catalog: &Catalog) -> Option<(TypeName, String)> {
    let folder = note.folder.as_deref()?;
    let parts = folder.split(['/', '\\']).filter(|part| !part.starts_with('_') && part.len() <= MAX_WRITTEN_BYTES);
    parts.filter_map(|part| Some((named(part, catalog)?, part.to_owned()))).next_back()
}

/// The type that the manifests' rules recognise, or a question.
fn by_rules(note: &Submission, outline: &Outline<'_>, title: &Title, catalog: &Catalog, hints: &Hints) -> Kind {
    let verdict = recognise(note, outline, title, catalog);
    let Verdict { mut candidates, evidence, recognised } = verdict;
    let best = candidates.first().cloned().unwrap_or(Candidate { document_type: TypeName::document(), confidence: 0.0 });
    let sure = best.confidence >= SURE;
    let mut kind = Kind {
        document_type: best.document_type.clone(),
        confidence: best.confidence,
        sure,
        candidates: Vec::new(),
        evidence,
        warnings: Vec::new(),
        problems: Vec::new(),
    };
    candidates.retain(|candidate| candidate.confidence >= 0.01);
    if sure && !recognised {
        let message =
            "The type was not recognised: it is filed as a plain document. Write `type: …` at the top of the note to say what it is.";
        kind.warnings.push(Warning::new("type-not-recognised", message));
    } else if !sure && hints.guess {
        let message = format!("The type is not certain; the best guess was taken: {}.", listed(&candidates));
        kind.warnings.push(Warning::new("type-unsure", message));
    } else if !sure {
        kind.problems.push(unsure(note, &candidates));
    }
    kind.candidates = candidates;
    kind
}

fn unsure(note: &Submission, candidates: &[Candidate]) -> Problem {
    let open: Vec<Candidate> = candidates.iter().filter(|candidate| candidate.confidence >= 0.1).cloned().collect();
    let first = open.first().map_or("document", |candidate| candidate.document_type.as_str());
    let answer = answering::command(&note.name);
    let help = format!("Answer with `{answer} --type {first}`, or write `type: {first}` in the note between `---` lines at its top.");
    let mut problem = Problem::new("type-unsure", format!("This can be {}; which is it?", listed(&open)), help);
    problem.candidates = open;
    problem
}

/// `minutes (52 %) or document (45 %)`.
fn listed(candidates: &[Candidate]) -> String {
    let named = candidates.iter().take(3).map(|candidate| format!("{} ({:.0} %)", candidate.document_type, candidate.confidence * 100.0));
    named.collect::<Vec<_>>().join(" or ")
}

fn all_types(catalog: &Catalog) -> String {
    catalog.types().map(|kind| kind.name.as_str()).collect::<Vec<_>>().join(", ")
}

fn placed(warning: Warning, note: &Submission, key: &str) -> Warning {
    Warning { line: note.fields.lines.get(key).copied(), ..warning }
}

//! What Typst complains of, told at the note's own line or at the template's, whichever is to blame.

use typst::WorldExt;
use typst::diag::SourceDiagnostic;
use typst::syntax::{DiagSpan, Span};

use super::choices::Choices;
use super::pictures;
use super::world::SealedWorld;
use crate::composition::{Manuscript, Origin};
use crate::failure::{Blame, Problem, Warning};

/// The template-side help for every layout error.
const TEMPLATE_HELP: &str = "Mend the template and save it; waiting notes are tried again by themselves.";

/// The families, in lower case, that `_shared/faces.typ` tries after the built-in ones; a machine may lack them.
const LAST_FACES: [&str; 2] = ["noto sans cjk", "noto serif cjk"];

/// The code of a warning that a font is not there.
pub(super) const FONT_MISSING: &str = "font-missing";

/// What is told where the shapes of a region are wanted and its face is not there: ending of the family, whose shapes.
const SHAPES: [(&str, &str); 4] = [("cjk jp", "Japan"), ("cjk kr", "Korea"), ("cjk tc", "Taiwan"), ("cjk hk", "Hong Kong")];

/// Where a diagnostic points, in the words of people.
struct Spot {
    /// The virtual path.
    path: String,
    /// Bytes in that file.
    start: usize,
    end: usize,
}

/// An error as a problem.
pub(super) fn problem(error: &SourceDiagnostic, world: &SealedWorld<'_>, manuscript: &Manuscript) -> Problem {
    let spots = || std::iter::once(error.span).chain(error.trace.iter().map(|step| DiagSpan::from(step.span)));
    let spots: Vec<Spot> = spots().filter_map(|span| spot(span, world)).collect();
    if let Some(image) = spots.iter().find(|spot| spot.path.starts_with("/asset-")) {
        return pictures::problem(manuscript, &image.path, &with_hints(error));
    }
    let in_note = spots.iter().find_map(|spot| note_line(spot, manuscript));
    if let Some(line) = in_note {
        return in_words(error).in_file(&manuscript.note).at(&manuscript.text, line, None);
    }
    if let Some(problem) = pictures::of_drawing(manuscript, &error.message) {
        return problem;
    }
    if spots.first().is_some_and(|spot| spot.path == "/main.typ") && error.message.contains("unresolved import") {
        let layout = manuscript.shown.get("/layout.typ").cloned().unwrap_or_default();
        let message = "The layout does not define `layout`.";
        let help = "Write `#let layout(data, words) = …` in it; waiting notes are tried again by themselves.";
        return Problem::new("template-layout", message, help).blaming(Blame::Template).in_file(layout);
    }
    let told = Problem::new("template-layout", with_hints(error), TEMPLATE_HELP).blaming(Blame::Template);
    let Some(spot) = spots.first() else {
        return told;
    };
    let shown = manuscript.shown.get(&spot.path).cloned().unwrap_or_else(|| spot.path.clone());
    let text = manuscript.files.get(&spot.path).map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default();
    let (line, column) = line_and_column(&text, spot.start);
    // The words are generated: their lines are no template's lines.
    if spot.path == "/words.typ" { told.in_file(shown) } else { told.in_file(shown).at(&text, line, Some(column)) }
}

/// A warning, as far as it concerns who reads it: that a face is missing which is one of several does not, for every character
/// was found to have another.
pub(super) fn warning(warning: &SourceDiagnostic, choices: &Choices, world: &SealedWorld<'_>, manuscript: &Manuscript) -> Option<Warning> {
    let family = warning.message.strip_prefix("unknown font family: ");
    if let Some((_, place)) = family.and_then(|family| SHAPES.iter().find(|(ending, _)| family.ends_with(ending)))
        && has_han(manuscript)
    {
        let message = format!(
            "no font with the shapes of {place} was found (Noto CJK); those of mainland China were printed. \
             Install it (on Debian and Ubuntu: apt install fonts-noto-cjk)"
        );
        return Some(Warning::new(FONT_MISSING, message));
    }
    // Told by `pictures::notices`, with the drawing's name.
    if warning.message.contains("foreign object") {
        return None;
    }
    // Those that the office chose are told with their line.
    let is_known = |family: &str| {
        choices.name(family) || LAST_FACES.iter().any(|last| family.starts_with(last)) || is_one_of_several(family, manuscript)
    };
    if family.is_some_and(is_known) {
        return None;
    }
    let line = spot(warning.span, world).and_then(|spot| note_line(&spot, manuscript));
    let told = Warning::new("layout", with_hints(warning));
    Some(match line {
        Some(line) => told.at_line(line),
        None => told,
    })
}

/// Whether the document has Han characters, in its text or in the words of its type.
fn has_han(manuscript: &Manuscript) -> bool {
    let texts = ["/words.typ", "/data.json"].into_iter().filter_map(|path| std::str::from_utf8(manuscript.files.get(path)?).ok());
    texts.flat_map(str::chars).any(|c| matches!(c, '\u{3400}'..='\u{9fff}'))
}

/// Whether the shared templates name a family: as the first of several, of which a machine may lack some.
fn is_one_of_several(family: &str, manuscript: &Manuscript) -> bool {
    let name = format!("\"{family}\"");
    let shared = manuscript.files.iter().filter(|(path, _)| path.starts_with("/_shared/"));
    shared.filter_map(|(_, bytes)| std::str::from_utf8(bytes).ok()).any(|code| code.to_lowercase().contains(&name))
}

/// What a note can be blamed for: an image that cannot be read, a character that cannot be set.
fn in_words(error: &SourceDiagnostic) -> Problem {
    let message = error.message.as_str();
    if message.contains("image") || message.contains("decode") || message.contains("SVG") || message.contains("format") {
        let help = "Open the image in a picture program and save it anew as PNG or JPEG, or take the line out of the note.";
        return Problem::new("image-unreadable", format!("This image could not be read: {message}."), help);
    }
    if message.contains("could not be displayed") || message.contains("codepoint") || message.contains("font") {
        let help = "Take the characters out, or install a font that has them.";
        return Problem::new("glyph-missing", format!("A character here cannot be printed: {message}."), help);
    }
    Problem::new(
        "page",
        format!("This place could not be set: {}.", with_hints(error)),
        "Simplify the text here; if it looks harmless, please report it.",
    )
}

/// A message with its hints.
pub(super) fn with_hints(diagnostic: &SourceDiagnostic) -> String {
    let hints = diagnostic.hints.iter().map(|hint| format!(" ({})", hint.v));
    std::iter::once(diagnostic.message.to_string()).chain(hints).collect()
}

fn spot(span: impl Into<DiagSpan>, world: &SealedWorld<'_>) -> Option<Spot> {
    let span = span.into();
    let range = world.range(span)?;
    Some(Spot { path: span.id()?.get().vpath().get_with_slash().to_owned(), start: range.start, end: range.end })
}

fn note_line(spot: &Spot, manuscript: &Manuscript) -> Option<u32> {
    if spot.path != "/words.typ" {
        return None;
    }
    let first = manuscript.origins.partition_point(|origin| origin.end <= spot.start);
    let near = |origin: &&Origin| origin.start < spot.end.max(spot.start + 1);
    manuscript.origins[first..].iter().take_while(near).find_map(|origin| origin.line)
}

/// The note's line that a place in the pages came from.
pub(super) fn line_of(span: Span, world: &SealedWorld<'_>, manuscript: &Manuscript) -> Option<u32> {
    note_line(&spot(span, world)?, manuscript)
}

fn line_and_column(text: &str, offset: usize) -> (u32, u32) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
}

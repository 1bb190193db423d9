//! Every example of the CommonMark and GFM specifications, and of those of the parser: set on a page, and what stands there
//! compared, in order, with the text of the reference HTML.
//!
//! The examples of CommonMark and GFM stand in `tests/it/specs`; the parser's are read from the corpus, where there is
//! one. All are set in few documents, one example to a page, which is as wide as the widest.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate};

use super::reference::reference_text;
use crate::composition::Manuscript;
use crate::composition::writer::{Images, Manner, Markup, write_markdown};
use crate::failure::Warning;
use crate::reading::Dialect;
use crate::typesetting::Typesetter;

/// Files about extensions that notes do not have: their marks print as they were written. They must compile, and every word
/// of the reference must stand on the page, in order.
const OFF: &[(&str, &str)] = &[
    ("container_extensions.txt", "`:::` opens a block of a template, and in a note it is text"),
    ("heading_attrs.txt", "`{…}` behind a heading is text in people's notes"),
    ("highlight.txt", "`==` is not in the version of the parser that is used"),
    ("metadata_blocks.txt", "front matter is taken off before a note's text is read"),
    ("old_footnotes.txt", "notes have GFM's footnotes, which is another syntax"),
    ("math.txt", "formulas are set, not printed as they were written"),
    ("super_sub.txt", "only what is attached to a word is raised or lowered: elsewhere `^` is text, and `~…~` is struck as GFM has it"),
    ("wikilinks.txt", "`[[…]]` is text in people's notes"),
];

/// Examples that print something else, with the reason.
const EXCEPTIONS: &[(&str, usize, &str)] = &[
    ("footnotes.txt", 11, "footnotes are numbered in the order in which readers meet them, those within footnotes too"),
    ("footnotes.txt", 18, OWN_FOOTNOTE),
    ("footnotes.txt", 20, OWN_FOOTNOTE),
    ("old_footnotes.txt", 3, OTHER_SYNTAX),
    ("old_footnotes.txt", 7, OTHER_SYNTAX),
    ("regression.txt", 106, FRONT_MATTER),
    ("regression.txt", 107, FRONT_MATTER),
    ("regression.txt", 108, FRONT_MATTER),
    ("regression.txt", 203, NO_DEFINITION),
    ("regression.txt", 204, NO_DEFINITION),
    ("regression.txt", 206, ATTRIBUTES),
    ("regression.txt", 207, ATTRIBUTES),
    ("regression.txt", 208, WIKILINK),
    ("regression.txt", 212, LATER),
    ("regression.txt", 213, LATER),
    ("regression.txt", 214, LATER),
    ("wikilinks.txt", 5, WIKILINK),
    ("wikilinks.txt", 23, WIKILINK),
];

const OWN_FOOTNOTE: &str = "a footnote that only it itself refers to stands at the end, under the name that the note gives it";
const OTHER_SYNTAX: &str = "notes have GFM's footnotes, which are numbered in the order of their references";
const FRONT_MATTER: &str = "front matter is taken off before a note's text is read";
const NO_DEFINITION: &str = "a colon that no blank follows is text";
const ATTRIBUTES: &str = "`{…}` behind a heading is text in people's notes";
const WIKILINK: &str = "`[[…]]` is text in people's notes";
const LATER: &str = "mended in the parser after the version that is used";

/// Characters that none of the program's own fonts has; a note with them is refused, and told what to install.
const WITHOUT_FONT: [char; 3] = ['ആ', 'ಫ', '\u{1e2ff}'];

/// An example of a specification.
struct Example {
    number: usize,
    markdown: String,
    html: String,
}

fn examples(path: &Path) -> Vec<Example> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let fence = "`".repeat(32);
    let mut examples = Vec::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find(&format!("{fence} example")) {
        let body = &rest[at + rest[at..].find('\n').unwrap_or(0) + 1..];
        let end = if body.starts_with(&fence) { 0 } else { body.find(&format!("\n{fence}")).unwrap_or(body.len()) + 1 };
        let example = &body[..end];
        rest = &body[end..];
        let (markdown, html) = if let Some(html) = example.strip_prefix(".\n") {
            ("", html)
        } else {
            example.split_once("\n.\n").unwrap_or_else(|| panic!("{}: {example}", path.display()))
        };
        let visible = |text: &str| text.replace('→', "\t");
        examples.push(Example { number: examples.len() + 1, markdown: format!("{}\n", visible(markdown)), html: visible(html) });
    }
    examples
}

/// The text of one page for each example.
fn pages(examples: &[Example], math: bool) -> Vec<String> {
    let mut warnings: Vec<Warning> = Vec::new();
    let written = examples.iter().enumerate().map(|(index, example)| {
        let mut written = Markup::new(true);
        let manner = Manner { first_line: Some(index as u32 * 1_000 + 1), dialect: Dialect { math, straight: true }, ..Manner::default() };
        write_markdown(&mut written, &mut Images::new(&[]), &mut warnings, &example.markdown, manner);
        written
    });
    set(written)
}

/// The text of one page for each piece, which is a PDF/A and PDF/UA too.
pub(super) fn set(pieces: impl Iterator<Item = Markup>) -> Vec<String> {
    let mut words = Markup::default();
    words.code("#let words(b) = [\n");
    let mut count = 0;
    for piece in pieces {
        words.code("#pagebreak()#counter(footnote).update(0)\n");
        words.append(piece);
        count += 1;
    }
    words.code("]\n");
    let manuscript = manuscript(words);
    let typesetter = Typesetter::new(&[], None, &Default::default()).expect("typesetter");
    let mut texts = typesetter.page_texts(&manuscript).unwrap_or_else(|problems| panic!("{problems:#?}"));
    typesetter.typeset(&manuscript, &crate::config::Limits::default()).unwrap_or_else(|problems| panic!("{problems:#?}"));
    texts.remove(0);
    assert_eq!(texts.len(), count, "one page for each example");
    texts.into_iter().map(|text| words_of(&text)).collect()
}

/// A text's words, one blank between them; without the places at which lines may break.
pub(super) fn words_of(text: &str) -> String {
    let has_no_shape = |c: char| matches!(c, '\u{200b}' | '\u{2060}') || (c.is_control() && !c.is_whitespace());
    text.replace(has_no_shape, "").split_whitespace().collect::<Vec<_>>().join(" ")
}

const MAIN: &str = r#"
#import "/_shared/style.typ": house-style
#import "/_shared/text.typ": text-rules
#import "/words.typ": words
#set document(title: "Examples")
#let style = house-style((lang: "en"))
#set page(width: 6000mm, height: auto)
#show: text-rules.with((..style, title-size: 20pt))
#set text(hyphenate: false)
#set list(marker: [•])
#heading(level: 1)[Examples]
#words((:))
"#;

fn manuscript(words: Markup) -> Manuscript {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/_shared");
    let (code, origins) = words.finish();
    let mut files = BTreeMap::from([
        ("/words.typ".to_owned(), code.replace(WITHOUT_FONT, "□").into_bytes()),
        ("/main.typ".to_owned(), MAIN.as_bytes().to_vec()),
    ]);
    for folder in [shared.clone(), shared.join("houses")] {
        for file in std::fs::read_dir(&folder)
            .into_iter()
            .flatten()
            .flatten()
            .filter(|file| file.path().extension().is_some_and(|ending| ending == "typ"))
        {
            let path = file.path();
            let name = path.strip_prefix(&shared).expect("a shared file").to_string_lossy().into_owned();
            files.insert(format!("/_shared/{name}"), std::fs::read(&path).expect("a shared file"));
        }
    }
    Manuscript {
        role: "document".to_owned(),
        title: "Examples".to_owned(),
        author: None,
        language: "en".to_owned(),
        tagged: true,
        today: NaiveDate::default(),
        created: DateTime::UNIX_EPOCH.fixed_offset(),
        identity: "examples".to_owned(),
        files: files.into_iter().map(|(path, bytes)| (path, bytes.into())).collect(),
        shown: BTreeMap::new(),
        origins,
        note: "examples.md".to_owned(),
        text: String::new(),
        warnings: Vec::new(),
    }
}

fn judge(path: &Path) {
    let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let all = examples(path);
    assert!(!all.is_empty(), "{file} has no examples");
    let is_off = OFF.iter().any(|(name, _)| *name == file);
    let mut complaints = Vec::new();
    for (example, page) in all.iter().zip(pages(&all, file == "math.txt")) {
        let expected = words_of(&reference_text(&example.html).replace(WITHOUT_FONT, "□"));
        let is_right = if file == "math.txt" {
            true
        } else if is_off {
            stands_in_order(&expected, &page)
        } else {
            expected == page
        };
        let exception = EXCEPTIONS.iter().find(|(name, number, _)| *name == file && *number == example.number);
        match exception {
            None if !is_right => {
                complaints.push(format!("{file} {}:\n{}\n  expected: {expected}\n  page:     {page}", example.number, example.markdown));
            }
            Some(_) if is_right => complaints.push(format!("{file} {}: it needs no exception any more", example.number)),
            _ => {}
        }
    }
    assert!(complaints.is_empty(), "{} of {}\n{}\n", complaints.len(), all.len(), complaints.join("\n"));
}

/// Whether the letters and digits of a text stand in another one, in order.
fn stands_in_order(text: &str, page: &str) -> bool {
    let mut page = page.chars();
    text.chars().filter(|c| c.is_alphanumeric()).all(|wanted| page.any(|c| c == wanted))
}

fn own(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/specs").join(name)
}

/// Notes with raw HTML, and what stands on the page.
const HTML: &[(&str, &str)] = &[
    (
        "a <b>b <i>c</b> d</i> <u>e</u><del>f</del><ins>g</ins> <small>h</small> <kbd>Ctrl</kbd>+<kbd>C</kbd> <mark>i</mark>",
        "a b c d efg h Ctrl+C i",
    ),
    ("x<sup>2</sup> H<sub>2</sub>O <code>a  *b*</code>", "x2 H2O a b"),
    ("<name of member> <a href=\"https://a.b\">link</a> <q>q</q>", "<name of member> link “q”"),
    ("<details><summary>More</summary>\n\n*inner*\n\n</details>\n\nafter", "More inner after"),
    ("<ul>\n<li>one<li>two\n<ol start=3><li>three</ol>\n</ul>\n\nafter", "• one • two 3. three after"),
    // A cell of two rows is laid out when the second one is.
    ("<table><tr><th>A<th>B</tr><tr><td rowspan=2>1<td>2<tr><td>3</table>after", "A B 2 1 3 after"),
    ("<table><caption>C</caption><tr><td colspan=9>1</td></tr>stray<tr></tr><tr><td>2<td>3<td>4</table>", "C 1 stray 2 3 4"),
    ("<table>\n<tr><td>\n\n**Markdown** here\n\n</td><td>\n\n- item\n\n</td></tr>\n</table>\n\nafter", "Markdown here • item after"),
    ("| a | b |\n|---|---|\n| x<br>y | <ul><li>p</li><li>q</li></ul> |", "a b x y • p • q"),
    ("<div align=center>c<div>d</div></div>\n<center>e</center>\n<h3>Head</h3>\n<hr>\n<blockquote>q</blockquote>", "c d e Head q"),
    ("<pre>\n a\n  <b>b</b> &lt;\n</pre>\n<script>alert(1)</script>\n<!-- c -->\nend", "a b < end"),
    ("<b>a<p>b</p><ul><li>c</li></ul><table><tr><td>d</td></tr></table><pre>e</pre></b>", "a b c d e"),
    ("**a <p>b</p> <h2>c</h2>** [d <div>e</div>](https://a.b) # f\n\n# g <p>h</p>", "a b c d e # f g h"),
    ("<table><tr><td>open\n\nafter", "open after"),
    ("</b></td></table></ul><li>x<td>y", "x y"),
    ("H~2~O m^2^ 10~20 and 30~40, a^2", "H2O m2 10~20 and 30~40, a^2"),
    ("[^a] and again[^a]\n\n[^a]: Once.", "1 and again 1 1 Once."),
];

#[test]
fn raw_html_is_honoured() {
    let nested = "<ul><li>".repeat(500) + "deep" + &"<table><tr><td>".repeat(500) + "est" + &"<b><blockquote>".repeat(500) + "end";
    let mut all: Vec<Example> = vec![Example { number: 0, markdown: nested, html: String::new() }];
    all.extend(HTML.iter().map(|(markdown, text)| Example { number: 0, markdown: (*markdown).to_owned(), html: (*text).to_owned() }));
    let pages = pages(&all, false);
    let wrong = all.iter().zip(&pages).skip(1).filter(|(example, page)| **page != example.html);
    let wrong: Vec<String> = wrong.map(|(example, page)| format!("{}\n  page: {page}", example.markdown)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for word in ["deep", "est", "end"] {
        assert!(pages[0].contains(word), "{word}");
    }
}

#[test]
fn commonmark() {
    judge(&own("commonmark.txt"));
}

#[test]
fn gfm() {
    judge(&own("gfm.txt"));
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a test asks for itself where the corpus is")]
fn the_parsers_own() {
    let corpus = std::env::var_os("CHANCERY_CORPUS").map_or_else(|| PathBuf::from("../shared/corpus"), PathBuf::from);
    let folder = corpus.join("formats/pulldown-cmark-specs/pulldown-cmark/specs");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        eprintln!("skipped: no corpus at {}; set CHANCERY_CORPUS", folder.display());
        return;
    };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("entry").path()).collect();
    files.sort();
    let failed: Vec<String> = files
        .iter()
        .filter_map(|path| std::panic::catch_unwind(|| judge(path)).err())
        .map(|panic| panic.downcast_ref::<String>().cloned().unwrap_or_default())
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

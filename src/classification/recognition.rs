//! Recognition: how well a note fits each type's rules, summed up as log-odds and told as evidence.
//!
//! Every kind of evidence has a weight for its first hit, less for each further one, and a cap, so that no list of
//! words, however long, outweighs a title. `document` stands for "none of the others" and begins with no deficit;
//! any other type has to make up for [`DEFICIT`] first. The sums become shares of one by the soft maximum.

use std::borrow::Cow;

use super::dates::file_stem;
use super::fold::{fold, fold_key, has_phrase, is_ideograph};
use super::outline::{Kind, Line, Outline};
use super::plain::floor;
use super::signs;
use super::title::Title;
use super::vocabulary::{Phrase, Vocabulary};
use super::{Candidate, TitleSource};
use crate::catalog::Catalog;
use crate::model::TypeName;
use crate::reading::Submission;

/// What a type other than `document` has to make up for.
const DEFICIT: f64 = 3.0;
/// How much text is searched for words.
const MAX_WORDS_BYTES: usize = 48 << 10;
/// How many headings are compared.
const MAX_HEADINGS: usize = 400;
/// How many lines at the beginning are an opening.
const OPENING_LINES: usize = 6;
/// How much of a line is its opening: a text without line breaks would open with everything.
const OPENING_BYTES: usize = 240;

/// What a kind of evidence weighs: its first hit, each further one, all together at most.
struct Weight {
    first: f64,
    further: f64,
    most: f64,
}

const TITLE: Weight = Weight { first: 4.5, further: 0.5, most: 5.0 };
/// A title's phrase that is likely but its subject: 会议纪要 in 会议纪要管理规定, the minutes in "Policy on minutes"; of
/// `document` wherever the title names another type too, as policies, plans and reports are what others write about.
const SUBJECT: Weight = Weight { first: 1.5, further: 0.5, most: 2.0 };
const FILE_NAME: Weight = Weight { first: 4.0, further: 0.0, most: 4.0 };
const FIELD: Weight = Weight { first: 2.5, further: 1.0, most: 4.5 };
const OPENING: Weight = Weight { first: 3.0, further: 0.5, most: 4.0 };
const HEADING: Weight = Weight { first: 2.0, further: 0.8, most: 4.2 };
const WORD: Weight = Weight { first: 0.9, further: 0.5, most: 3.4 };
const SIGN: Weight = Weight { first: 1.8, further: 1.4, most: 6.0 };
const AGAINST: Weight = Weight { first: -4.0, further: -1.0, most: -6.0 };

/// How a note fits the types.
pub(super) struct Verdict {
    /// All types, best first.
    pub candidates: Vec<Candidate>,
    /// Why, for the best two.
    pub evidence: Vec<String>,
    /// Whether there is evidence for the best, and not just none for the others.
    pub recognised: bool,
}

/// A type that a note is compared with.
struct Rival<'c> {
    name: &'c TypeName,
    vocabulary: Cow<'c, Vocabulary>,
}

/// Compares a note with the rules of every type; of broken types too, so that their notes are not taken for another's.
pub(super) fn recognise(note: &Submission, outline: &Outline<'_>, title: &Title, catalog: &Catalog) -> Verdict {
    let features = Features::of(note, outline, title);
    let whole = catalog.types().map(|kind| Rival { name: &kind.name, vocabulary: Cow::Borrowed(&kind.vocabulary) });
    let broken = catalog.broken().map(|(name, kind)| Rival { name, vocabulary: Cow::Owned(Vocabulary::of_rules(&kind.recognise)) });
    let rivals: Vec<Rival<'_>> = whole.chain(broken).collect();
    let named = Named::of(&features, &rivals);
    let mut scores: Vec<Score> = rivals.iter().map(|rival| features.score(rival, &named)).collect();
    let highest = scores.iter().map(|score| score.sum).fold(f64::MIN, f64::max);
    let total: f64 = scores.iter().map(|score| (score.sum - highest).exp()).sum();
    scores.sort_by(|a, b| b.sum.total_cmp(&a.sum));
    let candidates = scores.iter().map(|score| {
        let confidence = (score.sum - highest).exp() / total;
        Candidate { document_type: score.name.clone(), confidence: (confidence * 1_000.0).round() / 1_000.0 }
    });
    let candidates = candidates.collect();
    let recognised = scores.first().is_some_and(|score| score.positive);
    let evidence = scores.into_iter().filter(|score| !score.evidence.is_empty()).take(2).flat_map(|score| score.evidence).collect();
    Verdict { candidates, evidence, recognised }
}

/// How a note fits one type.
struct Score {
    name: TypeName,
    sum: f64,
    positive: bool,
    evidence: Vec<String>,
}

impl Score {
    /// Adds hits of one kind of evidence.
    fn add(&mut self, weight: &Weight, hits: &[String], what: &str) {
        let Some(first) = hits.first() else { return };
        let further = weight.further * u32::try_from(hits.len() - 1).map_or(f64::MAX, f64::from);
        let sum = if weight.most < 0.0 { (weight.first + further).max(weight.most) } else { (weight.first + further).min(weight.most) };
        self.sum += sum;
        self.positive |= sum > 0.0;
        let others = if hits.len() > 1 {
            format!(" and {}", hits[1..].iter().take(5).cloned().collect::<Vec<_>>().join(", "))
        } else {
            String::new()
        };
        self.evidence.push(format!("{} {sum:+.1}: {what}{first}{others}", self.name));
    }
}

/// What of a note is compared, folded once for all types.
struct Features {
    titles: Vec<String>,
    file_name: String,
    fields: Vec<String>,
    opening: Vec<String>,
    headings: Vec<String>,
    text: String,
    signs: Vec<(&'static str, String)>,
}

impl Features {
    fn of(note: &Submission, outline: &Outline<'_>, title: &Title) -> Self {
        // A title that is the file's name is weighed as such, not twice.
        let stated = if title.source == TitleSource::FileName { "" } else { title.text.as_str() };
        let mut titles = vec![fold(stated)];
        let top = outline.headings().next().filter(|(at, _)| *at < 12).map(|(_, line)| fold(&outline.plain(line)));
        let first = outline
            .lines
            .iter()
            .find(|line| !line.is_blank())
            .filter(|line| line.kind == Kind::Text && line.raw.chars().count() <= 100 && !line.raw.contains("]("));
        titles.extend(top.into_iter().chain(first.map(|line| fold(&outline.plain(line)))));
        titles.sort();
        titles.dedup();
        let readable = |line: &&Line<'_>| matches!(line.kind, Kind::Text | Kind::Heading(_) | Kind::Item);
        Self {
            titles,
            file_name: fold(floor(file_stem(&note.name), 500)),
            fields: note.fields.values.keys().map(|key| fold_key(key)).collect(),
            opening: outline.lines.iter().filter(readable).take(OPENING_LINES).map(|line| fold(floor(line.raw, OPENING_BYTES))).collect(),
            headings: headings(outline),
            text: fold(floor(&note.body.text, MAX_WORDS_BYTES)),
            signs: signs::seen(outline, &title.text),
        }
    }

    fn in_titles(&self, phrase: &str) -> bool {
        self.titles.iter().any(|title| has_phrase(title, phrase))
    }

    fn score(&self, rival: &Rival<'_>, named: &Named) -> Score {
        let rules = rival.vocabulary.as_ref();
        let fallback = *rival.name == TypeName::document();
        let mut score =
            Score { name: rival.name.clone(), sum: if fallback { 0.0 } else { -DEFICIT }, positive: false, evidence: Vec::new() };
        let title_hits = hits(&rules.titles, |phrase| named.has(phrase) && self.in_titles(phrase));
        let is_head = rules.titles.iter().any(|phrase| named.heads.contains(&phrase.folded));
        let is_subject = if named.heads.is_empty() { fallback && named.typed } else { !is_head };
        score.add(if is_subject { &SUBJECT } else { &TITLE }, &title_hits, "the title says ");
        let in_name = |phrase: &str| named.has(phrase) && has_phrase(&self.file_name, phrase);
        score.add(&FILE_NAME, &hits(&rules.file_names, in_name), "the file's name says ");
        score.add(&FIELD, &hits(&rules.fields, |name| self.fields.iter().any(|field| field == name)), "it has the field ");
        score.add(&OPENING, &hits(&rules.openings, |phrase| self.opening.iter().any(|line| has_phrase(line, phrase))), "it opens with ");
        let is_there = |phrase: &str| self.headings.iter().any(|heading| is_heading(heading, phrase));
        score.add(&HEADING, &hits(&rules.headings, is_there), "it has the heading ");
        score.add(&WORD, &hits(&rules.words, |phrase| has_phrase(&self.text, phrase)), "it says ");
        let signs = self.signs.iter().filter(|(name, _)| rules.signs.iter().any(|sign| sign == name));
        score.add(&SIGN, &signs.map(|(_, words)| words.clone()).collect::<Vec<_>>(), "");
        let counts = |phrase: &str| named.has(phrase) && (named.heads.is_empty() || named.heads.iter().any(|head| head == phrase));
        score.add(&AGAINST, &hits(&rules.against, counts), "against it, title or file name says ");
        score
    }
}

/// The phrases of all types that stand in titles or the file's name.
struct Named {
    /// Folded, without those within a longer one: who says "annual report" does not say "report".
    phrases: Vec<String>,
    /// Those that say what the document is, where the grammar tells: 通知 at the end of a title, "minutes" before "of".
    heads: Vec<String>,
    /// Whether the title names a type other than `document`.
    typed: bool,
}

impl Named {
    fn of(features: &Features, rivals: &[Rival<'_>]) -> Self {
        let rules = || rivals.iter().map(|rival| rival.vocabulary.as_ref());
        let phrases = rules().flat_map(|rules| rules.titles.iter().chain(&rules.against).chain(&rules.file_names));
        let stands = |phrase: &&str| has_phrase(&features.file_name, phrase) || features.in_titles(phrase);
        let mut all: Vec<&str> = phrases.map(|phrase| phrase.folded.as_str()).filter(stands).collect();
        all.sort_unstable();
        all.dedup();
        let inner = |phrase: &str| all.iter().any(|other| other.len() > phrase.len() && has_phrase(other, phrase));
        let phrases: Vec<String> = all.iter().filter(|phrase| !inner(phrase)).map(|phrase| (*phrase).to_owned()).collect();
        let titles = |rules: &Vocabulary, phrase: &str| rules.titles.iter().any(|title| title.folded == phrase);
        let titled = |phrase: &&String| features.in_titles(phrase) && rules().any(|rules| titles(rules, phrase));
        let of_head = |phrase: &&String| features.titles.iter().any(|title| is_head(title, phrase));
        let heads = phrases.iter().filter(titled).filter(of_head).cloned().collect();
        let others = || rivals.iter().filter(|rival| *rival.name != TypeName::document());
        let typed = phrases.iter().filter(titled).any(|phrase| others().any(|rival| titles(&rival.vocabulary, phrase)));
        Self { phrases, heads, typed }
    }

    fn has(&self, phrase: &str) -> bool {
        self.phrases.iter().any(|other| other == phrase)
    }
}

/// Whether a title is sure to be one of what the phrase says: at its end in Chinese and Japanese, before "of" in English.
fn is_head(title: &str, phrase: &str) -> bool {
    if phrase.chars().next_back().is_some_and(is_ideograph) {
        return title.ends_with(phrase);
    }
    let begins = title.strip_prefix(phrase).and_then(|rest| rest.strip_prefix(' ')).and_then(|rest| rest.split(' ').next());
    begins.is_some_and(|next| {
        matches!(next, "of" | "for" | "on" | "to" | "about" | "regarding" | "concerning" | "uber" | "der" | "des" | "de" | "du")
    })
}

/// The headings and what stands for headings: bold lines, short lines that end in a colon.
fn headings(outline: &Outline<'_>) -> Vec<String> {
    let texts = outline.lines.iter().filter_map(|line| match line.kind {
        Kind::Heading(_) => Some(outline.plain(line)),
        _ => line.label().or_else(|| leading_label(line)).map(|label| outline.plain_text(label)),
    });
    texts.take(MAX_HEADINGS).map(|text| fold(&text)).filter(|text| !text.is_empty()).collect()
}

/// What stands before the colon of a line: `Present: …`, `与会人：…`.
fn leading_label<'a>(line: &Line<'a>) -> Option<&'a str> {
    let text = floor(line.content(), 200);
    let at = text.find([':', '：']).filter(|at| text[..*at].chars().count() <= 30)?;
    (!text[at..].starts_with("://")).then(|| &text[..at])
}

/// Whether a heading is the phrase, or has it among few other words.
fn is_heading(heading: &str, phrase: &str) -> bool {
    heading == phrase || (has_phrase(heading, phrase) && heading.chars().count() <= phrase.chars().count() + 24)
}

/// The phrases of a list that fit, as written.
fn hits(phrases: &[Phrase], fits: impl Fn(&str) -> bool) -> Vec<String> {
    phrases.iter().filter(|phrase| fits(&phrase.folded)).map(|phrase| format!("“{}”", phrase.written)).collect()
}

//! `chancery search WORDS…`: finds filed documents by what stands in them.

use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::time::Duration;

use chrono::NaiveDate;
use clap::Args;
use serde::Serialize;

use crate::cli::ending::{Ending, Stop};
use crate::cli::records::Archive;
use crate::cli::session::Session;
use crate::cli::view::{Line, Status};
use crate::failure::Problem;
use crate::register::{Record, RecordState, Standing};
use crate::search::{Excerpt, Found, Hit, Ready, Search, TextIndex, ready};

/// Find filed documents by what stands in them
///
/// All of the words must be there; the best come first, among equals the newest. Case and accents do not matter; words
/// in Chinese, Japanese and Korean are found within others. Each record in its newest version.
#[derive(Args, Debug)]
#[command(after_help = "\
What can be typed:
  budget harbour           documents that have both words
  \"annual budget\"          these words, one after the other
  budg*  *sitzung  *sitz*  words that begin so, end so, have it within them
  budget -draft            without this word
  MIN-2026-014             a number, or a part of it

Examples:
  chancery search budget harbour
  chancery search '\"annual budget\"' --type minutes --year 2026
  chancery search '*sitzung' -entwurf
  chancery search 预算 --person 王 --from 2026-07-01")]
pub struct SearchArgs {
    /// What to look for
    #[arg(value_name = "WORDS")]
    words: Vec<String>,
    /// Only documents without this word or phrase; `-WORD` is short for it
    #[arg(long, value_name = "WORD")]
    without: Vec<String>,
    /// Only this document type
    #[arg(long = "type", value_name = "T")]
    document_type: Option<String>,
    /// Only documents of this day or later
    #[arg(long, value_name = "YYYY-MM-DD")]
    from: Option<NaiveDate>,
    /// Only documents of this day or earlier
    #[arg(long, value_name = "YYYY-MM-DD")]
    to: Option<NaiveDate>,
    /// Only documents of this year
    #[arg(long, value_name = "YYYY", conflicts_with_all = ["from", "to"])]
    year: Option<i32>,
    /// Only documents that name somebody so
    #[arg(long, value_name = "NAME")]
    person: Option<String>,
    /// Only drafts, approved, signed or held ones …
    #[arg(long, value_name = "STATUS")]
    status: Option<String>,
    /// Superseded, void and disposed ones too
    #[arg(long)]
    all: bool,
    /// How many at most
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,
}

/// The same fields as everywhere, and why it was found.
#[derive(Serialize)]
struct FoundView {
    #[serde(flatten)]
    line: Line,
    score: f32,
    hit: HitView,
}

/// The line in which the words stand; marks count characters.
#[derive(Serialize)]
struct HitView {
    text: String,
    marks: Vec<[usize; 2]>,
}

/// For so long it catches up with the register before it searches what is there.
const CATCH_UP: Duration = Duration::from_secs(1);

/// Searches.
pub fn run(session: &Session, args: &SearchArgs) -> Result<Ending, Stop> {
    let archive = Archive::open(session)?;
    let folder = archive.root.join("archive");
    let home = TextIndex::in_state(&archive.root.join(".chancery"));
    let search = args.search();
    let mut index = ready(&home, &archive.register, &folder, CATCH_UP)?;
    let mut found = index.finder.as_ref().and_then(|finder| finder.find(&search));
    if found.is_none() {
        index = Ready::again(&home, &archive.register, &folder, CATCH_UP)?;
        found = index.finder.as_ref().and_then(|finder| finder.find(&search));
    }
    if let Some(why) = index.remade {
        session.output.remark(&format!("The index for searching was made anew: {why}."));
    }
    let (Some(finder), Some(found)) = (&index.finder, found) else { return Err(not_yet()) };
    let hits = standing(&archive, &found, &search)?;
    if found.partly && !hits.is_empty() {
        session.output.remark("No document has all of these words; these have some of them.");
    }
    for (hit, state) in &hits {
        let excerpt = finder.excerpt(&folder, &state.record, &found);
        session.output.data(in_words(state, &excerpt).trim_end());
        session.output.json(&view(hit, &state.record, excerpt));
    }
    conclude(session, args, &found, hits.is_empty(), index.missing);
    Ok(Ending::Done)
}

impl SearchArgs {
    fn search(&self) -> Search {
        let day = |month, day| self.year.and_then(|year| NaiveDate::from_ymd_opt(year, month, day));
        Search {
            // A word of the shell with blanks in it was in quotation marks there: it is typed as here.
            words: self.words.join(" "),
            without: self.without.clone(),
            document_type: self.document_type.clone(),
            from: self.from.or(day(1, 1)),
            to: self.to.or(day(12, 31)),
            person: self.person.clone(),
            status: self.status.clone(),
            all: self.all,
            limit: self.limit,
        }
    }

    fn looked_for(&self) -> String {
        if self.words.is_empty() { "that".to_owned() } else { format!("“{}”", self.words.join(" ")) }
    }
}

/// The records of the hits. The index may be a moment behind: what no longer stands is left out.
fn standing(archive: &Archive, found: &Found, search: &Search) -> Result<Vec<(Hit, RecordState)>, Stop> {
    let mut standing = Vec::with_capacity(found.hits.len());
    for hit in &found.hits {
        let state = archive.register.record(hit.seq)?;
        let stands = |state: &RecordState| search.all || !state.standings().into_iter().any(Standing::is_past);
        standing.extend(state.filter(stands).map(|state| (*hit, state)));
    }
    Ok(standing)
}

fn conclude(session: &Session, args: &SearchArgs, found: &Found, is_empty: bool, missing: usize) {
    if is_empty {
        session.output.remark(&format!("Nothing is filed that has {}.", args.looked_for()));
    } else if found.more {
        session.output.remark(&format!("There are more; `--limit {}` shows more of them.", args.limit.saturating_mul(2)));
    }
    if missing > 0 {
        let records = if missing == 1 { "1 record is".to_owned() } else { format!("{missing} records are") };
        session.output.remark(&format!("{records} not searched yet: the index is being made. Search again in a while."));
    }
}

fn not_yet() -> Stop {
    let help = "Search again in a while: a running `chancery watch` makes it, or the next search.";
    Problem::new("search-index", "The index for searching is not ready yet.", help).blaming(crate::failure::Blame::Machine).into()
}

fn in_words(state: &RecordState, excerpt: &Excerpt) -> String {
    let record = &state.record;
    let mut text = format!("{}  {}", record.id, record.date);
    if let Some(number) = &record.number {
        let _ = write!(text, "  {number}");
    }
    let _ = write!(text, "  {}", record.title);
    let past: Vec<&str> = state.standings().into_iter().filter(|standing| standing.is_past()).map(Standing::as_str).collect();
    if !past.is_empty() {
        let _ = write!(text, " (version {}, {})", record.version, past.join(", "));
    }
    text.push('\n');
    if excerpt.text != record.title {
        let _ = writeln!(text, "    {}", marked(excerpt));
    }
    text
}

/// The line with its marks as quotation marks.
fn marked(excerpt: &Excerpt) -> String {
    let mut text = String::with_capacity(excerpt.text.len() + 8 * excerpt.marks.len());
    for (at, c) in excerpt.text.chars().chain([' ']).enumerate() {
        excerpt.marks.iter().filter(|mark| mark.1 == at).for_each(|_| text.push('»'));
        excerpt.marks.iter().filter(|mark| mark.0 == at).for_each(|_| text.push('«'));
        text.push(c);
    }
    text
}

fn view(hit: &Hit, record: &Record, excerpt: Excerpt) -> FoundView {
    let line = Line::of_record(Status::Filed, Some(record.source.clone()), record);
    let marks = excerpt.marks.iter().map(|(from, to)| [*from, *to]).collect();
    FoundView { line, score: hit.score, hit: HitView { text: excerpt.text, marks } }
}

/// Flags of one letter: all other words that begin with one `-` are what a search is not to find.
const LETTERS: &str = "qvhV";

/// The arguments with `-draft` after `search` written as `--without=draft`, so that it is no unknown flag.
pub fn spelled_out(arguments: &[OsString]) -> Vec<OsString> {
    let command = arguments.iter().skip(1).position(|argument| argument == "search").map(|at| at + 1);
    let end = arguments.iter().position(|argument| argument == "--").unwrap_or(arguments.len());
    // `chancery list search` is no search.
    let is_first = |at: &usize| {
        let before = &arguments[1..*at];
        let is_value = |at: usize| before.get(at.wrapping_sub(1)).is_some_and(|flag| flag == "--office" || flag == "--now");
        before.iter().enumerate().all(|(at, argument)| argument.to_string_lossy().starts_with('-') || is_value(at))
    };
    let Some(command) = command.filter(|at| *at < end).filter(is_first) else { return arguments.to_vec() };
    let spelled = |(at, argument): (usize, &OsString)| match excluded(argument).filter(|_| at > command && at < end) {
        Some(word) => OsString::from(format!("--without={word}")),
        None => argument.clone(),
    };
    arguments.iter().enumerate().map(spelled).collect()
}

fn excluded(argument: &OsStr) -> Option<&str> {
    let word = argument.to_str()?.strip_prefix('-')?;
    let is_flag = word.starts_with('-') || word.is_empty() || word.chars().all(|c| LETTERS.contains(c));
    (!is_flag).then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelled(line: &str) -> String {
        let arguments: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        spelled_out(&arguments).iter().map(|argument| argument.to_string_lossy()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_minus_before_a_word_is_no_flag() {
        assert_eq!(spelled("chancery search plan -draft --year 2026"), "chancery search plan --without=draft --year 2026");
        assert_eq!(spelled("chancery --office x search 预算 -草案 -q"), "chancery --office x search 预算 --without=草案 -q");
        for same in ["chancery list -x", "chancery search a -- -b", "chancery file search -x", "chancery -v search -vv -q a-b -"] {
            assert_eq!(spelled(same), same);
        }
    }

    #[test]
    fn the_words_of_a_hit_are_marked() {
        let excerpt = Excerpt { text: "die Sitzung 预算".to_owned(), marks: vec![(4, 11), (12, 14)] };
        assert_eq!(marked(&excerpt).trim_end(), "die «Sitzung» «预算»");
    }
}

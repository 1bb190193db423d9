//! Signs: what a text looks like, whatever its subject: who said what, long paragraphs, dated at its end.
//!
//! Each is a yes or no under a name that manifests use in `signs`; none knows a document type.

use super::dates::{Reading, dates_in, year_alone};
use super::findings::{self, has_speakers};
use super::fold::{fold, has_phrase, is_ideograph, listed};
use super::outline::{Kind, Line, Outline};

/// How many lines are looked at.
const MAX_LINES: usize = 5_000;
/// How many words a spoken text has at least; a Han character is half a word.
const MIN_PROSE_WORDS: usize = 120;
/// How many words a long paragraph has.
const LONG_PARAGRAPH: usize = 25;
/// The share of words that say I, we, you, our, my in a spoken text, in a thousand.
const SPOKEN_PER_MILLE: usize = 25;

/// The share of words that say shall, must, should in a text of rules, in a thousand.
const RULES_PER_MILLE: usize = 12;

/// How many bytes may stand beside the date of a title that is nothing else.
const MAX_BESIDE_DATE: usize = 6;

/// The signs of a text, each by its name with the words of its evidence.
pub(super) fn seen(outline: &Outline<'_>, title: &str) -> Vec<(&'static str, String)> {
    let mut seen: Vec<(&'static str, String)> = Vec::new();
    let mut see = |name: &'static str, words: String| seen.push((name, words));
    let people = findings::attendance_in(outline).len();
    if people >= 2 {
        see("attendance", format!("it lists {people} people who were there"));
    }
    if has_speakers(outline) {
        see("speakers", "it says who said what".to_owned());
    }
    let decisions = findings::resolutions(outline).len();
    if decisions >= 1 {
        see("decisions", format!("it records {decisions} decisions"));
    }
    let actions = findings::actions(outline, None).iter().filter(|action| action.owner.is_some()).count();
    if actions >= 1 {
        see("actions", format!("it gives {actions} tasks with their owners"));
    }
    seen.extend(in_shape(outline));
    seen.extend(in_dates(outline, title));
    seen
}

/// What shows in the paragraphs of a text.
fn in_shape(outline: &Outline<'_>) -> Vec<(&'static str, String)> {
    let measure = Measure::of(outline);
    let spoken = measure.is_prose() && measure.is_spoken();
    let (opens, closes) = (has_salutation(outline), has_valediction(outline));
    let signs = [
        ("prose", measure.is_prose(), "it consists of long paragraphs"),
        // Who greets one person writes to them.
        ("spoken", spoken && !opens, "it speaks to somebody: I, we, you"),
        ("personal", spoken && opens, "it writes to one person: I, we, you"),
        ("addressed", opens || closes, "it begins or ends as a letter does"),
        ("salutation", opens, "it greets somebody in its first lines"),
        ("valediction", closes, "it takes leave in its last lines"),
        ("rules", measure.lays_down_rules() && !spoken, "it lays down rules: shall, must, should"),
        ("timetable", timetable(outline), "its points begin with times of day"),
    ];
    signs.into_iter().filter(|(_, there, _)| *there).map(|(name, _, words)| (name, words.to_owned())).collect()
}

/// What the dates of a text show.
fn in_dates(outline: &Outline<'_>, title: &str) -> Vec<(&'static str, String)> {
    let mut seen = Vec::new();
    let dates = dates_in(title);
    let has_day = dates.iter().any(|stated| stated.reading != Reading::Impossible);
    if let Some(year) = year_alone(title).filter(|_| !has_day && !has_month(title)) {
        seen.push(("year", format!("its title names the year {year}")));
    }
    if dates.first().is_some_and(|stated| title.len() <= stated.end - stated.start + MAX_BESIDE_DATE) {
        seen.push(("dated-title", "its title is a date".to_owned()));
    }
    if dated_end(outline) {
        seen.push(("dated-end", "its last lines are a date".to_owned()));
    }
    seen
}

/// Whether a title names a month or a quarter beside its year.
fn has_month(title: &str) -> bool {
    let folded = fold(title);
    let quarter = folded
        .split(' ')
        .any(|word| matches!(word, "q1" | "q2" | "q3" | "q4" | "h1" | "h2" | "quarter" | "quarterly" | "monthly" | "weekly"));
    let months = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "jan",
        "feb",
        "mar",
        "apr",
        "jun",
        "jul",
        "aug",
        "sep",
        "oct",
        "nov",
        "dec",
    ];
    quarter || folded.split(' ').any(|word| months.contains(&word)) || folded.contains(['月', '季'])
}

/// The amounts of a text that tell prose from notes.
struct Measure {
    words: usize,
    in_long: usize,
    marked: usize,
    personal: usize,
    rules: usize,
}

impl Measure {
    fn of(outline: &Outline<'_>) -> Self {
        let mut measure = Self { words: 0, in_long: 0, marked: 0, personal: 0, rules: 0 };
        let mut paragraph = 0;
        for line in outline.lines.iter().take(MAX_LINES) {
            let count = words(line.raw);
            match line.kind {
                Kind::Text => {
                    paragraph += count;
                    measure.personal += personal(line.raw);
                }
                Kind::Item if !outline.markup => paragraph += count,
                Kind::Item | Kind::Row | Kind::Code => measure.marked += count,
                Kind::Heading(_) | Kind::Blank | Kind::Rule | Kind::Silent => {}
            }
            if matches!(line.kind, Kind::Text | Kind::Item) {
                measure.rules += rules(line.raw);
            }
            measure.words += count;
            if line.kind != Kind::Text {
                measure.in_long += if paragraph >= LONG_PARAGRAPH { paragraph } else { 0 };
                paragraph = 0;
            }
        }
        measure.in_long += if paragraph >= LONG_PARAGRAPH { paragraph } else { 0 };
        measure
    }

    fn is_prose(&self) -> bool {
        self.words >= MIN_PROSE_WORDS && self.in_long * 10 >= self.words * 8
    }

    fn lays_down_rules(&self) -> bool {
        self.words >= MIN_PROSE_WORDS && self.rules * 1_000 >= self.words * RULES_PER_MILLE
    }

    fn is_spoken(&self) -> bool {
        self.personal * 1_000 >= self.words * SPOKEN_PER_MILLE
    }
}

/// Words of a line; two Han characters count as one.
fn words(text: &str) -> usize {
    let han = text.chars().filter(|c| is_ideograph(*c)).count();
    let others = text.split_whitespace().filter(|word| word.starts_with(|c: char| c.is_alphanumeric() && !is_ideograph(c))).count();
    others + han / 2
}

fn personal(text: &str) -> usize {
    let latin = text.split(|c: char| !c.is_alphabetic()).filter(|word| {
        matches!(
            word.to_ascii_lowercase().as_str(),
            "i" | "we"
                | "you"
                | "our"
                | "us"
                | "my"
                | "your"
                | "wir"
                | "sie"
                | "ihnen"
                | "unser"
                | "nous"
                | "vous"
                | "notre"
                | "nosotros"
                | "nuestro"
                | "nuestra"
        )
    });
    latin.count() + ["我们", "大家", "同志们", "各位", "我"].iter().map(|word| text.matches(word).count()).sum::<usize>()
}

fn rules(text: &str) -> usize {
    let latin = text.split(|c: char| !c.is_alphabetic()).filter(|word| {
        matches!(
            word.to_ascii_lowercase().as_str(),
            "shall" | "must" | "should" | "required" | "muss" | "müssen" | "doit" | "doivent" | "debe" | "deben"
        )
    });
    latin.count() + ["应当", "不得", "必须"].iter().map(|word| text.matches(word).count()).sum::<usize>()
}

/// A line that can be a salutation or a valediction: short, and neither an item nor a row of a table.
fn is_short(line: &Line<'_>) -> bool {
    matches!(line.kind, Kind::Text | Kind::Heading(_)) && line.raw.chars().count() <= 80
}

/// Whether one of the first lines is `Dear Sir` or `To Paternus`: to one, not to many.
fn has_salutation(outline: &Outline<'_>) -> bool {
    let first = outline.lines.iter().filter(|line| !line.is_blank()).take(12).filter(|line| is_short(line));
    first.map(|line| line.content()).any(opens_letter)
}

/// Whether one of the last lines is `Yours sincerely`.
fn has_valediction(outline: &Outline<'_>) -> bool {
    let last = outline.lines.iter().rev().filter(|line| !line.is_blank()).take(8).filter(|line| is_short(line));
    last.map(|line| fold(line.content())).any(|line| closes_letter(&line))
}

/// Who is spoken to in a speech or a circular.
const MANY: &str = "friends|colleagues|guests|all|ladies|everyone|kolleginnen|members|team|comrades|students|delegates|freunde|kollegen|gaste|amis|collegues|\
    amigos|各位|们|同志";
const SALUTATIONS: &str =
    "dear |my dear |sehr geehrte|liebe|monsieur|madame|cher |chere |estimado|estimada|muy senor|to whom it may concern";
const HAN_SALUTATIONS: &str = "拝啓|謹啓|前略|拝復|敬启者|敬啟者";
/// How a line ends that greets somebody in Chinese, before its colon.
const HAN_TITLES: &str = "先生|女士|小姐|阁下|閣下|台鉴|台鑒|钧鉴|鈞鑒";

fn opens_letter(text: &str) -> bool {
    let folded = fold(text);
    if listed(SALUTATIONS).any(|words| folded.starts_with(words)) {
        return !listed(MANY).any(|word| has_phrase(&folded, word));
    }
    if listed(HAN_SALUTATIONS).any(|words| folded.starts_with(words)) {
        return true;
    }
    if text.trim_end().ends_with(['：', ':']) && listed(HAN_TITLES).any(|words| folded.ends_with(words)) {
        return !listed(MANY).any(|word| has_phrase(&folded, word));
    }
    // `XV -- To PATERNUS`: behind a number or dash, and then a name in capitals.
    let Some(at) = text.find("To ").filter(|at| !text[..*at].chars().any(char::is_lowercase)) else { return false };
    let named =
        text[at + 3..].split_whitespace().take(4).all(|word| word.chars().next().is_some_and(|c| c.is_uppercase() || !c.is_alphabetic()));
    named && !text.trim_end().ends_with(['.', '?'])
}

/// Lines that are nothing but a valediction.
const VALEDICTIONS: &str = "farewell|sincerely|yours|best regards|kind regards|regards|best wishes|此致|敬礼|此致敬礼|敬禮|此致敬禮|cordialement|\
    atentamente|cordialmente|敬具|謹白|敬白|草々|早々|hochachtungsvoll|respectfully";
/// How short lines begin that are one.
const VALEDICTORY: &str = "yours |sincerely yours|kind regards|best regards|with best wishes|with kind regards|mit freundlichen grussen|\
    mit freundlichem gruss|viele grusse|freundliche grusse|veuillez agreer|respectfully yours|saludos cordiales|顺颂|顺祝|敬颂|敬頌|順頌|وتفضلوا بقبول";

fn closes_letter(folded: &str) -> bool {
    listed(VALEDICTIONS).any(|words| words == folded)
        || folded.ends_with(" farewell")
        || listed(VALEDICTORY).any(|words| folded.starts_with(words) && folded.chars().count() <= 70)
}

/// Whether one of the last lines is a date and nothing else.
fn dated_end(outline: &Outline<'_>) -> bool {
    let last = outline.lines.iter().rev().filter(|line| matches!(line.kind, Kind::Text)).take(3);
    last.filter(|line| line.raw.len() < 100).any(|line| {
        let text = line.content();
        dates_in(text).first().is_some_and(|stated| !stated.weak && text.len() - (stated.end - stated.start) <= 12)
    })
}

/// Whether several points begin with a time of day: `09:30 Opening`.
fn timetable(outline: &Outline<'_>) -> bool {
    let begins = |text: &str| {
        let text = text.trim_start_matches(['|', ' ', '*']);
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        (1..=2).contains(&digits)
            && text[digits..].starts_with([':', '：', '.', 'h'])
            && text[digits..].chars().nth(1).is_some_and(|c| c.is_ascii_digit())
    };
    outline
        .lines
        .iter()
        .take(MAX_LINES)
        .filter(|line| matches!(line.kind, Kind::Item | Kind::Row | Kind::Text) && begins(line.content()))
        .take(3)
        .count()
        >= 3
}

//! The forms in which people write a date, found in any text.
//!
//! ISO, `23 November 2026`, `November 23rd, 2026`, `23.11.2026`, `2026年11月23日`, `二〇二六年十一月二十三日`,
//! `20261123`, with weekday or time around it, in full-width digits too. One linear pass; years alone are no date.

use chrono::{Datelike as _, NaiveDate, Weekday};

use super::tokens::{Token, month_of, tokenise, weekday_of};
use crate::config::DateOrder;

/// A date as it stands in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::classification) struct Stated {
    /// Where it begins, in bytes.
    pub start: usize,
    /// Where it ends, in bytes.
    pub end: usize,
    /// What it says.
    pub reading: Reading,
    /// Two-digit year, or blanks between its numbers: a date only where one is expected.
    pub weak: bool,
    /// The weekday that stands beside it.
    pub weekday: Option<Weekday>,
}

/// What a date says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::classification) enum Reading {
    /// This day.
    Day(NaiveDate),
    /// `03/04/2026`: depends on which part comes first.
    Either {
        /// Day first.
        dmy: NaiveDate,
        /// Month first.
        mdy: NaiveDate,
        /// Year first, where the last number can be a day.
        ymd: Option<NaiveDate>,
    },
    /// `2026-02-30`.
    Impossible,
}

impl Reading {
    /// The day, if it is certain or the office's order decides.
    pub(in crate::classification) fn day(self, order: Option<DateOrder>) -> Option<NaiveDate> {
        match (self, order) {
            (Self::Day(day), _)
            | (Self::Either { dmy: day, .. }, Some(DateOrder::Dmy))
            | (Self::Either { mdy: day, .. }, Some(DateOrder::Mdy)) => Some(day),
            // A year at the end cannot come first; the day does then, as in all countries that put the year first.
            (Self::Either { ymd, mdy, .. }, Some(DateOrder::Ymd)) => Some(ymd.unwrap_or(mdy)),
            _ => None,
        }
    }
}

/// How far back from a date a web address is looked for.
const MAX_ADDRESS_CHARS: usize = 300;

/// How many tokens may stand between a date and its weekday.
const MAX_BETWEEN: usize = 6;

/// Every date in a text, in order.
pub(in crate::classification) fn dates_in(text: &str) -> Vec<Stated> {
    // No date is without a number, and other numbers than ASCII's own are no ASCII.
    let has_none = text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_digit());
    let tokens = if has_none { Vec::new() } else { tokenise(text) };
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let scan = Scan { tokens: &tokens };
        match scan.date(at).filter(|_| !in_address(text, tokens[at].start())) {
            Some(hit) => {
                found.push(Stated {
                    start: tokens[at].start(),
                    end: tokens[hit.end - 1].end(),
                    reading: hit.reading,
                    weak: hit.weak,
                    weekday: scan.weekday_beside(at, hit.end),
                });
                at = hit.end;
            }
            None => at += 1,
        }
    }
    found
}

/// Whether the place is within a web address.
fn in_address(text: &str, at: usize) -> bool {
    let back = text[..at].char_indices().rev().take(MAX_ADDRESS_CHARS).take_while(|(_, c)| !c.is_whitespace()).last();
    let chunk = &text[back.map_or(at, |(start, _)| start)..at];
    chunk.contains("://") || chunk.contains("www.") || chunk.contains("](")
}

struct Hit {
    end: usize,
    reading: Reading,
    weak: bool,
}

struct Scan<'t> {
    tokens: &'t [Token],
}

impl Scan<'_> {
    fn date(&self, at: usize) -> Option<Hit> {
        if let Some(month) = self.month(at) {
            return self.month_first(at, month);
        }
        if !self.tokens[at].is_numeral() || self.inside_number(at) {
            return None;
        }
        self.with_han_marks(at).or_else(|| self.run_of_eight(at)).or_else(|| self.with_month_name(at)).or_else(|| self.all_numbers(at))
    }

    /// `2026年11月23日`, `二〇二六年十一月二十三日`, `2026년 11월 23일`.
    fn with_han_marks(&self, at: usize) -> Option<Hit> {
        let (year, digits, next) = self.number(at)?;
        let next = self.mark(self.blanks(next), &['年', '년'])?;
        let (month, _, next) = self.number(self.blanks(next))?;
        let next = self.mark(self.blanks(next), &['月', '월'])?;
        let (day, _, next) = self.number(self.blanks(next))?;
        let end = self.mark(self.blanks(next), &['日', '号', '號', '일']).unwrap_or(next);
        (digits == 4).then(|| Hit { end, reading: whole(year, month, day), weak: false })
    }

    /// `20261123`.
    fn run_of_eight(&self, at: usize) -> Option<Hit> {
        let (value, 8, end) = self.number(at)? else { return None };
        let day = NaiveDate::from_ymd_opt((value / 10_000).cast_signed(), value / 100 % 100, value % 100)?;
        (1900..2100).contains(&day.year()).then_some(Hit { end, reading: Reading::Day(day), weak: false })
    }

    /// `23 November 2026`, `23rd of November, 2026`, `23. November 2026`, `le 1er mai 2026`, `2026-Nov-23`.
    fn with_month_name(&self, at: usize) -> Option<Hit> {
        let (first, digits, next) = self.number(at)?;
        let next = self.word(next, &["st", "nd", "rd", "th", "er", "o", "ter"]).unwrap_or(next);
        let next = self.filler(next, &["of", "de"]);
        let month = self.month(next)?;
        let next = self.filler(next + 1, &["of", "de", "del"]);
        if digits == 4 {
            let (day, 1..=2, end) = self.number(next)? else { return None };
            return Some(Hit { end, reading: whole(first, month, day), weak: false });
        }
        let (year, year_digits, end) = self.year(next)?;
        (digits <= 2).then(|| Hit { end, reading: whole(year, month, first), weak: year_digits == 2 })
    }

    /// `November 23, 2026`, `Nov. 23rd 2026`.
    fn month_first(&self, at: usize, month: u32) -> Option<Hit> {
        let (day, 1..=2, next) = self.number(self.filler(at + 1, &["the"]))? else { return None };
        let next = self.word(next, &["st", "nd", "rd", "th"]).unwrap_or(next);
        let (year, digits, end) = self.year(self.filler(next, &["of", "in"]))?;
        // "May 2 to 10": a two-digit year is only taken behind a comma or an apostrophe, and those are rare.
        (digits == 4).then(|| Hit { end, reading: whole(year, month, day), weak: false })
    }

    /// `2026-11-23`, `2026/11/23`, `23.11.2026`, `03/04/26`, `2016 02 11`.
    fn all_numbers(&self, at: usize) -> Option<Hit> {
        let (first, first_digits, next) = self.number(at)?;
        let (separator, next) = self.separator(next)?;
        let (second, 1..=2, next) = self.number(next)? else { return None };
        let (again, next) = self.separator(next)?;
        let (third, third_digits, end) = self.number(next)?;
        let goes_on = self.mark(end, &['.', '/']).is_some_and(|next| self.number(next).is_some());
        if separator != again || (goes_on && self.mark(end, &[separator]).is_some()) {
            return None;
        }
        match (first_digits, third_digits) {
            (4, 1..=2) if separator == ' ' => {
                let padded = self.tokens[at + 2].end() - self.tokens[at + 2].start() == 2 && third_digits == 2;
                (padded && (1900..2100).contains(&first)).then(|| Hit { end, reading: whole(first, second, third), weak: true })
            }
            (4, 1..=2) => (1000..=2999).contains(&first).then(|| Hit { end, reading: whole(first, second, third), weak: false }),
            (1..=2, 4) if separator != ' ' => Some(Hit { end, reading: by_order(first, second, third, separator, None), weak: false }),
            (1..=2, 2) if separator != ' ' && separator != '_' => {
                let ymd = day_of(century(first), second, third);
                Some(Hit { end, reading: by_order(first, second, century(third), separator, ymd), weak: true })
            }
            _ => None,
        }
    }

    /// The weekday before or behind a date, with at most a comma, a bracket or an article between.
    fn weekday_beside(&self, start: usize, end: usize) -> Option<Weekday> {
        let mut before = start;
        while before > 0 && start - before < MAX_BETWEEN {
            before -= 1;
            if let Some(day) = weekday_of(self.tokens, before) {
                return Some(day);
            }
            if !self.tokens[before].is_gap() && !self.tokens[before].is_word(&["the", "den", "le", "el", "on"]) {
                break;
            }
        }
        let mut after = end;
        while after < self.tokens.len() && after - end < MAX_BETWEEN {
            if let Some(day) = weekday_of(self.tokens, after) {
                return Some(day);
            }
            if !self.tokens[after].is_gap() {
                break;
            }
            after += 1;
        }
        None
    }

    /// Whether the number goes on to the left: `1.2.2026` in `5.1.2.2026`, `v2.3.2026`.
    fn inside_number(&self, at: usize) -> bool {
        let glued = |index: usize| self.tokens[index].end() == self.tokens[index + 1].start();
        if at == 0 || !glued(at - 1) {
            return false;
        }
        let before = &self.tokens[at - 1];
        if before.is_numeral() {
            return true;
        }
        let joins = matches!(before, Token::Mark { mark: '.' | '/' | ':' | '#', .. });
        joins && at >= 2 && glued(at - 2) && self.tokens[at - 2].is_numeral()
    }

    fn number(&self, at: usize) -> Option<(u32, usize, usize)> {
        match self.tokens.get(at)? {
            Token::Number { value, digits, .. } => Some((*value, *digits, at + 1)),
            _ => None,
        }
    }

    /// A year of four digits, or of two behind an optional apostrophe.
    fn year(&self, at: usize) -> Option<(u32, usize, usize)> {
        let at = self.mark(at, &['\'', '’']).unwrap_or(at);
        match self.number(at)? {
            (value, 4, end) => Some((value, 4, end)),
            (value, 2, end) => Some((century(value), 2, end)),
            _ => None,
        }
    }

    fn month(&self, at: usize) -> Option<u32> {
        match self.tokens.get(at)? {
            Token::Word { word, .. } => month_of(word),
            _ => None,
        }
    }

    fn separator(&self, at: usize) -> Option<(char, usize)> {
        match self.tokens.get(at)? {
            Token::Mark { mark: mark @ ('-' | '/' | '.' | '_'), .. } => Some((*mark, self.blanks(at + 1))),
            Token::Blank { .. } => Some((' ', at + 1)),
            _ => None,
        }
    }

    fn mark(&self, at: usize, marks: &[char]) -> Option<usize> {
        matches!(self.tokens.get(at)?, Token::Mark { mark, .. } if marks.contains(mark)).then_some(at + 1)
    }

    fn word(&self, at: usize, words: &[&str]) -> Option<usize> {
        self.tokens.get(at)?.is_word(words).then_some(at + 1)
    }

    fn blanks(&self, at: usize) -> usize {
        if matches!(self.tokens.get(at), Some(Token::Blank { .. })) { at + 1 } else { at }
    }

    /// Passes over blanks, one dot, comma or hyphen, and one of the words.
    fn filler(&self, at: usize, words: &[&str]) -> usize {
        let at = self.blanks(at);
        let at = self.blanks(self.mark(at, &['.', ',', '-', '_', '、']).unwrap_or(at));
        let at = self.mark(at, &[',']).unwrap_or(at);
        let at = self.blanks(at);
        self.word(at, words).map_or(at, |next| self.blanks(next))
    }
}

/// A day, or that there is none.
fn whole(year: u32, month: u32, day: u32) -> Reading {
    day_of(year, month, day).map_or(Reading::Impossible, Reading::Day)
}

fn day_of(year: u32, month: u32, day: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year.cast_signed(), month, day)
}

/// Day and month by what is possible: with dots the day comes first, as wherever dots are written.
fn by_order(first: u32, second: u32, year: u32, separator: char, ymd: Option<NaiveDate>) -> Reading {
    match (day_of(year, second, first), day_of(year, first, second)) {
        (Some(dmy), Some(mdy)) if dmy != mdy && separator != '.' => Reading::Either { dmy, mdy, ymd },
        (Some(day), _) | (None, Some(day)) => Reading::Day(day),
        (None, None) => ymd.map_or(Reading::Impossible, Reading::Day),
    }
}

fn century(two_digits: u32) -> u32 {
    if two_digits < 70 { 2000 + two_digits } else { 1900 + two_digits }
}

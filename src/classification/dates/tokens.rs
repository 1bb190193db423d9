//! A text as numbers, words and marks, for finding dates: full-width forms and Chinese numerals become numbers.

use chrono::Weekday;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::classification::fold::is_ideograph;

/// A piece of text.
#[derive(Clone, Debug)]
pub(super) enum Token {
    /// Digits; Chinese numerals before 年, 月, 日 too. More than nine digits count as no number.
    Number { value: u32, digits: usize, start: usize, end: usize },
    /// Letters, in lower case and without accents.
    Word { word: String, start: usize, end: usize },
    /// Any other character; Han characters one by one.
    Mark { mark: char, start: usize, end: usize },
    /// A run of blanks.
    Blank { start: usize, end: usize },
}

impl Token {
    pub(super) fn start(&self) -> usize {
        match self {
            Self::Number { start, .. } | Self::Word { start, .. } | Self::Mark { start, .. } | Self::Blank { start, .. } => *start,
        }
    }

    pub(super) fn end(&self) -> usize {
        match self {
            Self::Number { end, .. } | Self::Word { end, .. } | Self::Mark { end, .. } | Self::Blank { end, .. } => *end,
        }
    }

    pub(super) fn is_numeral(&self) -> bool {
        matches!(self, Self::Number { .. })
    }

    pub(super) fn is_word(&self, words: &[&str]) -> bool {
        matches!(self, Self::Word { word, .. } if words.contains(&word.as_str()))
    }

    /// A blank, comma, bracket or the like.
    pub(super) fn is_gap(&self) -> bool {
        matches!(self, Self::Blank { .. } | Self::Mark { mark: ',' | '.' | '(' | ')' | '*' | '_' | '-' | '–' | '、', .. })
    }
}

/// Takes a text apart.
pub(super) fn tokenise(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    for (start, written) in text.char_indices() {
        let end = start + written.len_utf8();
        let c = narrow(written);
        if let Some(digit) = c.to_digit(10) {
            push_digit(&mut tokens, digit, start, end);
        } else if c.is_whitespace() {
            match tokens.last_mut() {
                Some(Token::Blank { end: last, .. }) => *last = end,
                _ => tokens.push(Token::Blank { start, end }),
            }
        } else if c.is_alphabetic() && !is_ideograph(c) && !matches!(c, '년' | '월' | '일') {
            push_letter(&mut tokens, c, start, end);
        } else if !is_combining_mark(c) {
            tokens.push(Token::Mark { mark: c, start, end });
        }
    }
    if text.contains(['年', '月', '日', '号']) { with_chinese_numbers(tokens) } else { tokens }
}

fn push_digit(tokens: &mut Vec<Token>, digit: u32, start: usize, end: usize) {
    match tokens.last_mut() {
        Some(Token::Number { value, digits, end: last, .. }) => {
            *value = if *digits < 9 { *value * 10 + digit } else { *value };
            *digits += 1;
            *last = end;
        }
        _ => tokens.push(Token::Number { value: digit, digits: 1, start, end }),
    }
}

fn push_letter(tokens: &mut Vec<Token>, c: char, start: usize, end: usize) {
    let plain = c.to_lowercase().nfd().filter(|c| !is_combining_mark(*c));
    match tokens.last_mut() {
        Some(Token::Word { word, end: last, .. }) => {
            word.extend(plain);
            *last = end;
        }
        _ => tokens.push(Token::Word { word: plain.collect(), start, end }),
    }
}

/// Full-width forms as their plain ones.
fn narrow(c: char) -> char {
    match c as u32 {
        code @ 0xff01..=0xff5e => char::from_u32(code - 0xfee0).unwrap_or(c),
        _ => c,
    }
}

/// Runs of Chinese numerals before 年, 月, 日 or 号 become numbers.
fn with_chinese_numbers(tokens: Vec<Token>) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut run = 0;
    for token in tokens {
        if let Token::Mark { mark: '年' | '月' | '日' | '号', .. } = token
            && run > 0
        {
            let from = out.len() - run;
            let marks: Vec<char> =
                out[from..].iter().filter_map(|t| if let Token::Mark { mark, .. } = t { Some(*mark) } else { None }).collect();
            if let Some((value, digits)) = chinese_number(&marks) {
                let number = Token::Number { value, digits, start: out[from].start(), end: out[out.len() - 1].end() };
                out.truncate(from);
                out.push(number);
            }
        }
        run = if matches!(token, Token::Mark { mark, .. } if chinese_digit(mark).is_some() || mark == '十') { run + 1 } else { 0 };
        out.push(token);
    }
    out
}

/// `二〇二六` → 2026 with four digits, `二十三` → 23.
fn chinese_number(marks: &[char]) -> Option<(u32, usize)> {
    if marks.len() > 4 {
        return None;
    }
    let Some(ten) = marks.iter().position(|mark| *mark == '十') else {
        let value = marks.iter().try_fold(0, |value, mark| Some(value * 10 + chinese_digit(*mark)?))?;
        return Some((value, marks.len()));
    };
    let tens = match &marks[..ten] {
        [] => 1,
        [digit] => chinese_digit(*digit)?,
        _ => return None,
    };
    let ones = match &marks[ten + 1..] {
        [] => 0,
        [digit] => chinese_digit(*digit)?,
        _ => return None,
    };
    Some((tens * 10 + ones, 2))
}

fn chinese_digit(mark: char) -> Option<u32> {
    let at = "〇一二三四五六七八九".chars().position(|digit| digit == mark).or(matches!(mark, '零' | '○' | '◯').then_some(0))?;
    u32::try_from(at).ok()
}

/// The month that a word names, in English, German, French or Spanish.
pub(super) fn month_of(word: &str) -> Option<u32> {
    Some(match word {
        "january" | "jan" | "januar" | "janner" | "janvier" | "janv" | "enero" | "ene" => 1,
        "february" | "feb" | "februar" | "fevrier" | "fevr" | "febrero" => 2,
        "march" | "mar" | "marz" | "maerz" | "mars" | "marzo" => 3,
        "april" | "apr" | "avril" | "avr" | "abril" | "abr" => 4,
        "may" | "mai" | "mayo" => 5,
        "june" | "jun" | "juni" | "juin" | "junio" => 6,
        "july" | "jul" | "juli" | "juillet" | "juil" | "julio" => 7,
        "august" | "aug" | "aout" | "agosto" => 8,
        "september" | "sep" | "sept" | "septembre" | "septiembre" => 9,
        "october" | "oct" | "oktober" | "okt" | "octobre" | "octubre" => 10,
        "november" | "nov" | "novembre" | "noviembre" => 11,
        "december" | "dec" | "dezember" | "dez" | "decembre" | "diciembre" | "dic" => 12,
        _ => return None,
    })
}

/// The weekday that stands at a token: `Monday`, `Mo.`, `lundi`, `星期一`, `周一`.
pub(super) fn weekday_of(tokens: &[Token], at: usize) -> Option<Weekday> {
    match &tokens[at] {
        Token::Word { word, .. } => weekday_named(word),
        Token::Mark { mark, .. } => {
            let mark_at = |index: usize| if let Some(Token::Mark { mark, .. }) = tokens.get(index) { Some(*mark) } else { None };
            let back = |by: usize| at.checked_sub(by).and_then(mark_at);
            match *mark {
                '星' => mark_at(at + 2).filter(|_| mark_at(at + 1) == Some('期')).and_then(weekday_sign),
                '周' | '週' => mark_at(at + 1).and_then(weekday_sign),
                sign if matches!(back(1), Some('周' | '週' | '期')) => weekday_sign(sign),
                _ => None,
            }
        }
        _ => None,
    }
}

fn weekday_sign(sign: char) -> Option<Weekday> {
    Some(match sign {
        '一' => Weekday::Mon,
        '二' => Weekday::Tue,
        '三' => Weekday::Wed,
        '四' => Weekday::Thu,
        '五' => Weekday::Fri,
        '六' => Weekday::Sat,
        '日' | '天' => Weekday::Sun,
        _ => return None,
    })
}

fn weekday_named(word: &str) -> Option<Weekday> {
    Some(match word {
        "monday" | "mon" | "montag" | "lundi" | "lunes" => Weekday::Mon,
        "tuesday" | "tue" | "tues" | "dienstag" | "mardi" | "martes" => Weekday::Tue,
        "wednesday" | "wed" | "mittwoch" | "mercredi" | "miercoles" => Weekday::Wed,
        "thursday" | "thu" | "thur" | "thurs" | "donnerstag" | "jeudi" | "jueves" => Weekday::Thu,
        "friday" | "fri" | "freitag" | "vendredi" | "viernes" => Weekday::Fri,
        "saturday" | "sat" | "samstag" | "sonnabend" | "samedi" | "sabado" => Weekday::Sat,
        "sunday" | "sun" | "sonntag" | "dimanche" | "domingo" => Weekday::Sun,
        _ => return None,
    })
}

//! Numbers as people write them in a language: `1,234.5`, `1.234,5`, `١٬٢٣٤٫٥`.

use super::language::has_decimal_comma;
use crate::model::{Language, ascii_digit};

/// A plain number in a text of a language; nothing with words that scale it.
pub fn read_number(text: &str, language: &Language) -> Option<f64> {
    number(text, has_decimal_comma(language))
}

/// A plain number: `1,234.5`, `1 234`, `¥3,200`, `98.5 %`, `３２００`; nothing with words that scale it.
/// With a decimal comma it is read as `1.234,5` first.
pub(super) fn number(text: &str, comma: bool) -> Option<f64> {
    let mut plain = String::new();
    for c in text.chars() {
        let c = match c as u32 {
            code @ 0xff01..=0xff5e => char::from_u32(code - 0xfee0).unwrap_or(c),
            _ => ascii_digit(c).unwrap_or(c),
        };
        match c {
            '٫' => plain.push(if comma { ',' } else { '.' }),
            '٬' => plain.push(if comma { '.' } else { ',' }),
            '0'..='9' | '.' | ',' | '-' | '+' | '\'' => plain.push(c),
            '−' => plain.push('-'),
            '%' | '٪' | '\u{61c}' | '\u{200e}' | '\u{200f}' | '¥' | '￥' | '$' | '€' | '£' | '~' | '≈' => {}
            c if c.is_whitespace() => {}
            _ => return None,
        }
    }
    let exchanged = |c| match c {
        ',' => '.',
        '.' => ',',
        c => c,
    };
    let with_comma = comma.then(|| grouped(&plain.chars().map(exchanged).collect::<String>())).flatten();
    let digits = with_comma.or_else(|| grouped(&plain))?;
    digits.parse::<f64>().ok().filter(|value| value.is_finite())
}

/// A number without the marks that group its thousands; `None` if they stand in odd places.
fn grouped(text: &str) -> Option<String> {
    let (sign, rest) = match text.strip_prefix(['-', '+']) {
        Some(rest) => (if text.starts_with('-') { "-" } else { "" }, rest),
        None => ("", text),
    };
    let (whole, fraction) = rest.split_once('.').map_or((rest, None), |(whole, fraction)| (whole, Some(fraction)));
    let groups: Vec<&str> = whole.split([',', '\'']).collect();
    let fits = groups.len() == 1 || (1..=3).contains(&groups[0].len()) && groups[1..].iter().all(|group| group.len() == 3);
    let all_digits = groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_digit()))
        && fraction.is_none_or(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    if !fits || !all_digits || (whole.is_empty() && fraction.is_none_or(str::is_empty)) {
        return None;
    }
    let whole = groups.concat();
    Some(format!("{sign}{}.{}", if whole.is_empty() { "0" } else { &whole }, fraction.filter(|part| !part.is_empty()).unwrap_or("0")))
}

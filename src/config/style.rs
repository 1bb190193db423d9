//! What `[style]` and the letterhead say of the page, checked: a mistake is told with its line, as everywhere in the file.
//!
//! Keys that nobody here knows are no mistakes: they are for the office's own layouts and houses.

use std::ops::RangeInclusive;

use toml::Value;

use super::written::{Check, Surroundings};
use super::{Logo, Organisation};
use crate::catalog;
use crate::toml_file::{did_you_mean, listed, nearest};

/// The house that prints where none is named.
const DEFAULT_HOUSE: &str = "modern";

/// Keys of `[style]` whose values are words, and the words.
const CHOICES: [(&str, &[&str]); 4] = [
    ("paper", &["a4", "a5", "us-letter", "us-legal"]),
    ("access", &["none", "clear", "large"]),
    ("letterhead", &["print", "preprinted", "none"]),
    ("marks", &["none", "din-5008-a", "din-5008-b", "thirds", "punch"]),
];
/// Keys of `[style]` whose values are numbers of points.
const SIZES: [(&str, RangeInclusive<f64>); 2] = [("text_size", 6.0..=40.0), ("speech_size", 12.0..=60.0)];
const SIDES: [&str; 4] = ["top", "bottom", "left", "right"];
/// Printers leave less than this blank, and nothing stands between margins of more.
const MARGINS_MM: RangeInclusive<f64> = 8.0..=80.0;
/// The logo goes into every PDF, so a larger one is no logo.
const MAX_LOGO_BYTES: u64 = 1024 * 1024;
/// The forms of letters that templates/_shared/letter-forms.typ has.
const LETTER_FORMS: [&str; 9] = ["din-5008-a", "din-5008-b", "swiss", "us", "uk", "france", "japan", "china", "plain"];

impl Check<'_> {
    /// Checks the table `[style]`.
    pub(super) fn style(&mut self, style: &toml::Table, surroundings: &Surroundings<'_>) {
        if let Some(house) = style.get("house") {
            self.house(house, surroundings);
        }
        for (key, words) in CHOICES {
            match style.get(key) {
                Some(Value::String(word)) if words.contains(&word.as_str()) => {}
                Some(other) => self.choice(key, other, words),
                None => {}
            }
        }
        for (key, limits) in SIZES {
            let number = |value: &Value| value.as_float().or_else(|| value.as_integer().map(|number| number as f64));
            if style.get(key).is_some_and(|value| !number(value).is_some_and(|number| limits.contains(&number))) {
                let message = format!("`{key}` is a number of points from {} to {}", limits.start(), limits.end());
                self.tell(&["style", key], "out-of-range", message, "Write such a number without quotation marks, or delete the line.");
            }
        }
        if style.get("accent").is_some_and(|value| !value.as_str().is_some_and(is_colour)) {
            let message = "`accent` is a colour such as \"#1F4E79\"".to_owned();
            self.tell(
                &["style", "accent"],
                "colour",
                message,
                "Write `#` and six digits of 0 to 9 and A to F: two each for red, green and blue.",
            );
        }
        if style.get("contents").is_some_and(|value| value.as_bool().is_none() && value.as_str() != Some("auto")) {
            let help = "Write `true` (always), `false` (never), or `\"auto\"` (in long documents).";
            self.tell(&["style", "contents"], "choice", "`contents` is neither true nor false nor \"auto\"".to_owned(), help);
        }
        match style.get("letter") {
            Some(Value::Table(forms)) => forms.iter().for_each(|(tag, form)| self.letter(&["style", "letter", tag], form)),
            Some(form) => self.letter(&["style", "letter"], form),
            None => {}
        }
        self.margins(style.get("margins"));
    }

    /// The form of letters: one for all, or one for each language.
    fn letter(&mut self, path: &[&str], form: &Value) {
        if let Some(tag) = path.get(2) {
            self.tag(path, tag);
        }
        if form.as_str().is_none_or(|name| !LETTER_FORMS.contains(&name)) {
            let written = form.as_str().map_or_else(|| form.to_string(), str::to_owned);
            self.tell(path, "letter-form", format!("There is no form of letter `{written}`"), did_you_mean(&written, &LETTER_FORMS));
        }
    }

    fn choice(&mut self, key: &str, value: &Value, words: &[&str]) {
        let written = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let near = nearest(&written, words.iter().copied()).map(|near| format!("Did you mean `{near}`? ")).unwrap_or_default();
        let help = format!("{near}Possible here: {}.", listed(words));
        self.tell(&["style", key], "choice", format!("`{key}` cannot be `{written}`"), help);
    }

    /// One length for all sides, or some of the sides with a length each.
    fn margins(&mut self, margins: Option<&Value>) {
        let help = "Write a length such as `\"25 mm\"` or `\"1 in\"`; for single sides `{ left = \"25 mm\", right = \"20 mm\" }`.";
        match margins {
            None => {}
            Some(Value::Table(sides)) => {
                for (side, length) in sides {
                    let path = ["style", "margins", side];
                    if !SIDES.contains(&side.as_str()) {
                        let help = format!("Possible here: {}.", listed(&SIDES));
                        self.tell(&path, "margin", format!("A sheet has no side `{side}`"), help);
                    } else if let Some(fault) = margin_fault(length) {
                        self.tell(&path, "margin", fault, help);
                    }
                }
            }
            Some(length) => {
                if let Some(fault) = margin_fault(length) {
                    self.tell(&["style", "margins"], "margin", fault, help);
                }
            }
        }
    }

    /// A house is a file below `templates/_shared/houses/`, built in or the office's own.
    fn house(&mut self, house: &Value, surroundings: &Surroundings<'_>) {
        let names = catalog::houses(&surroundings.root.join("templates"));
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let Some(name) = house.as_str() else {
            let message = format!("`house` is a name in quotation marks, not {}", house.type_str());
            return self.tell(&["style", "house"], "house", message, format!("Possible here: {}.", listed(&names)));
        };
        if names.contains(&name) {
            return;
        }
        let near = nearest(name, names.iter().copied()).unwrap_or(DEFAULT_HOUSE);
        let help = format!("Did you mean `{near}`? There are {}; another is added as templates/_shared/houses/NAME.typ.", listed(&names));
        self.tell(&["style", "house"], "house", format!("There is no house `{name}`"), help);
    }

    /// Reads the logo that the organisation names.
    pub(super) fn logo(&mut self, organisation: &Organisation, surroundings: &Surroundings<'_>) -> Option<Logo> {
        let name = organisation.logo.as_ref()?;
        let path = surroundings.root.join(name);
        let size = std::fs::metadata(&path).map(|data| if data.is_file() { data.len() } else { 0 });
        let read = match size {
            Ok(0) => Err("is empty, or no file".to_owned()),
            Ok(bytes) if bytes > MAX_LOGO_BYTES => {
                Err(format!("has {bytes} bytes; it goes into every PDF and may have at most {MAX_LOGO_BYTES}"))
            }
            Ok(_) => std::fs::read(&path).map_err(|error| format!("could not be read: {error}")),
            Err(error) => Err(format!("could not be read: {error}")),
        };
        let fault = match read {
            Ok(bytes) if is_picture(&bytes) => return Some(Logo { name: name.clone(), bytes }),
            Ok(_) => "is no PNG, JPEG or SVG".to_owned(),
            Err(fault) => fault,
        };
        let help = "Put the picture at that place in the office's folder (PNG, JPEG or SVG), name another, or delete the line.";
        self.tell(&["organisation", "logo"], "logo", format!("The logo `{name}` {fault}"), help);
        None
    }
}

/// What is wrong with a length for a margin.
fn margin_fault(value: &Value) -> Option<String> {
    let written = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let Some(length) = millimetres(value) else { return Some(format!("`{written}` is no length")) };
    let (least, most) = (MARGINS_MM.start(), MARGINS_MM.end());
    (!MARGINS_MM.contains(&length)).then(|| format!("A margin of {written} is not possible: from {least} to {most} mm are"))
}

/// A length: `"25 mm"`, `"2.5 cm"`, `"1 in"`, `"72 pt"`, or a number of millimetres.
fn millimetres(value: &Value) -> Option<f64> {
    let text = match value {
        Value::Integer(number) => return Some(*number as f64),
        Value::Float(number) => return Some(*number),
        Value::String(text) => text.trim(),
        _ => return None,
    };
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit() && c != '.')?);
    let unit = match unit.strip_prefix(' ').unwrap_or(unit) {
        "mm" => 1.0,
        "cm" => 10.0,
        "in" => 25.4,
        "pt" => 25.4 / 72.0,
        _ => return None,
    };
    let whole = number.split('.').all(|part| !part.is_empty());
    number.parse::<f64>().ok().filter(|_| whole).map(|number| number * unit)
}

fn is_colour(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|digits| digits.len() == 6 && digits.chars().all(|c| c.is_ascii_hexdigit()))
}

/// Whether bytes begin as a PNG, a JPEG or an SVG does. Whether they can be drawn is seen when a page is set.
fn is_picture(bytes: &[u8]) -> bool {
    let is_text = || std::str::from_utf8(bytes).is_ok_and(|text| text.contains("<svg"));
    bytes.starts_with(b"\x89PNG\r\n\x1a\n") || bytes.starts_with(b"\xff\xd8\xff") || is_text()
}

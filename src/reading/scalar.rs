//! Values as they were written: the user's text survives, so a number is one only if it prints the same.

use serde_json::{Number, Value};

/// A bare word of YAML, TOML or JSON: `true`, `false`, a number that prints as it was written, else text.
///
/// `0123`, `1_000`, `1.50`, `09:30`, `2026-11-23`, `yes` and `no` stay text.
pub(super) fn bare(written: &str) -> Value {
    match written {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ => number(written).map_or_else(|| Value::String(written.to_owned()), Value::Number),
    }
}

/// The number, if printing it gives the very same text.
fn number(written: &str) -> Option<Number> {
    if !written.starts_with(|c: char| c.is_ascii_digit() || c == '-') || written.len() > 24 {
        return None;
    }
    let number = if let Ok(number) = written.parse::<i64>() {
        Number::from(number)
    } else if let Ok(number) = written.parse::<u64>() {
        Number::from(number)
    } else {
        Number::from_f64(written.parse().ok()?)?
    };
    (number.to_string() == written).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_numbers_only_if_they_print_the_same() {
        for written in ["0", "-7", "42", "1.5", "18446744073709551615", "130.0"] {
            assert!(bare(written).is_number(), "{written}");
            assert_eq!(bare(written).to_string(), written);
        }
        for written in ["0123", "1_000", "1.50", "09:30", "2026-11-23", "yes", "no", "1e3", "+1", "-0", ".5", "0x1F", "-", "NaN", "True"] {
            assert_eq!(bare(written), Value::String(written.to_owned()));
        }
    }
}

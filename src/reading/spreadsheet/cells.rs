//! What is stored in a cell, as the text that it prints.

use calamine::ExcelDateTime;

/// The significant digits of a number that spreadsheets show; what stands behind them is noise of the reckoning.
const DIGITS: usize = 15;
const SECONDS_OF_A_DAY: f64 = 86_400.0;
/// The first day after those that spreadsheets know: 1 January 10000.
const END_OF_DAYS: f64 = 2_958_466.0;

/// A number: whole ones without decimals.
pub(super) fn number(value: f64) -> String {
    let rounded = format!("{value:.*e}", DIGITS - 1).parse().unwrap_or(value);
    // There is no minus nothing.
    if rounded == 0.0 { "0".to_owned() } else { format!("{rounded}") }
}

/// `true` or `false`.
pub(super) fn truth(value: bool) -> String {
    value.to_string()
}

/// A stored date or time: `2026-11-29`, with the time if there is one; a time of day alone as `14:30`.
pub(super) fn excel_date(date: &ExcelDateTime) -> String {
    let value = date.as_f64();
    if !(0.0..END_OF_DAYS).contains(&value) {
        return number(value);
    }
    if date.is_duration() || value < 1.0 {
        return duration(value * SECONDS_OF_A_DAY);
    }
    let (year, month, day, hours, minutes, seconds, _) = date.to_ymd_hms_milli();
    let time = u64::from(hours) * 3600 + u64::from(minutes) * 60 + u64::from(seconds);
    with_time(format!("{year:04}-{month:02}-{day:02}"), (time > 0).then(|| clock(time)))
}

/// A date as ISO 8601 writes it: `2026-11-29T00:00:00`.
pub(super) fn iso_date(written: &str) -> String {
    let Some((date, time)) = written.trim().split_once('T') else { return written.trim().to_owned() };
    // Fractions of a second and time zones are of no use on paper.
    let time = time.get(..8).or(time.get(..5)).unwrap_or(time);
    let (short, seconds) = (time.get(..5).unwrap_or(time), time.get(5..).unwrap_or_default());
    let time = if matches!(seconds, "" | ":00") { short } else { time };
    with_time(date.to_owned(), (time != "00:00").then(|| time.to_owned()))
}

/// A time or length of time as ISO 8601 writes it: `PT14H30M00S`; what is none stays as it is.
pub(super) fn iso_duration(written: &str) -> String {
    seconds_of(written.trim()).map_or_else(|| written.trim().to_owned(), duration)
}

fn seconds_of(written: &str) -> Option<f64> {
    let (mut total, mut is_time) = (0.0, false);
    let mut rest = written.strip_prefix('P')?;
    while !rest.is_empty() {
        if let Some(time) = rest.strip_prefix('T') {
            (is_time, rest) = (true, time);
            continue;
        }
        let end = rest.find(|c: char| c.is_ascii_alphabetic())?;
        let count: f64 = rest[..end].parse().ok().filter(|count: &f64| count.is_finite())?;
        total += count
            * match (&rest[end..=end], is_time) {
                ("D", false) => SECONDS_OF_A_DAY,
                ("H", true) => 3600.0,
                ("M", true) => 60.0,
                ("S", true) => 1.0,
                _ => return None,
            };
        rest = &rest[end + 1..];
    }
    (0.0..END_OF_DAYS * SECONDS_OF_A_DAY).contains(&total).then_some(total)
}

/// Seconds as `14:30`, with seconds if there are any; more than a day is so many hours.
fn duration(seconds: f64) -> String {
    clock(seconds.round() as u64)
}

fn clock(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if seconds == 0 { format!("{hours:02}:{minutes:02}") } else { format!("{hours:02}:{minutes:02}:{seconds:02}") }
}

fn with_time(date: String, time: Option<String>) -> String {
    match time {
        Some(time) => format!("{date} {time}"),
        None => date,
    }
}

/// What people call a column: `C` for the third.
pub(super) fn letters(column: u32) -> String {
    let (mut letters, mut left) = (Vec::new(), column + 1);
    while left > 0 {
        letters.push(char::from(b'A' + ((left - 1) % 26) as u8));
        left = (left - 1) / 26;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use calamine::ExcelDateTimeType;

    use super::*;

    #[test]
    fn numbers_print_as_they_are_shown() {
        for (value, text) in [(3.0, "3"), (-0.0, "0"), (0.1 + 0.2, "0.3"), (1234567.891, "1234567.891"), (-17.5, "-17.5"), (0.19, "0.19")] {
            assert_eq!(number(value), text);
        }
        assert_eq!(number(123_456_789_012_345.0), "123456789012345");
    }

    #[test]
    fn dates_have_a_time_only_if_there_is_one() {
        let excel = |value: f64, kind| excel_date(&ExcelDateTime::new(value, kind, false));
        assert_eq!(excel(46355.0, ExcelDateTimeType::DateTime), "2026-11-29");
        assert_eq!(excel(46355.604166666664, ExcelDateTimeType::DateTime), "2026-11-29 14:30");
        assert_eq!(excel(0.604166666666667, ExcelDateTimeType::DateTime), "14:30");
        assert_eq!(excel(1.5, ExcelDateTimeType::TimeDelta), "36:00");
        assert_eq!(excel(-4.0, ExcelDateTimeType::DateTime), "-4");
        for (written, text) in [
            ("2026-11-29", "2026-11-29"),
            ("2026-11-29T00:00:00", "2026-11-29"),
            ("2026-11-29T14:30:00.000000000", "2026-11-29 14:30"),
            ("2026-11-29T14:30:15Z", "2026-11-29 14:30:15"),
            ("2026-11-29T14:30", "2026-11-29 14:30"),
            ("2026-11-29Tä", "2026-11-29 ä"),
        ] {
            assert_eq!(iso_date(written), text);
        }
        for (written, text) in [("PT14H30M00S", "14:30"), ("P1DT2H", "26:00"), ("PT0H0M5.4S", "00:00:05"), ("PTxH", "PTxH"), ("P", "00:00")]
        {
            assert_eq!(iso_duration(written), text);
        }
    }

    #[test]
    fn columns_have_letters() {
        assert_eq!([0, 2, 25, 26, 701, 702].map(letters), ["A", "C", "Z", "AA", "ZZ", "AAA"]);
    }
}

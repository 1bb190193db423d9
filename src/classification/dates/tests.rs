//! Every form of a date, and what is none.

use chrono::{NaiveDate, Weekday};

use super::*;

fn day(text: &str) -> Option<String> {
    let found = dates_in(text);
    match found.first()?.reading {
        Reading::Day(day) => Some(day.to_string()),
        Reading::Either { dmy, mdy, .. } => Some(format!("{dmy} or {mdy}")),
        Reading::Impossible => Some("impossible".to_owned()),
    }
}

#[test]
fn reads_every_form() {
    let forms = [
        "2026-11-23",
        "2026-11-23T10:30:00+08:00",
        "2026-11-23 10:30",
        "2026/11/23",
        "2026.11.23",
        "2026_11_23 minutes",
        "20261123",
        "20261123_minutes",
        "minutes-2026-11-23-final",
        "2026 11 23 TSC Minutes",
        "23 November 2026",
        "23rd of November, 2026",
        "the 23rd November 2026",
        "Monday, 23 November 2026",
        "November 23, 2026",
        "November 23rd, 2026",
        "Nov. 23 2026",
        "NOVEMBER  23,  2026",
        "23-Nov-2026",
        "23.11.2026",
        "23. 11. 2026",
        "23.11.26",
        "23/11/2026",
        "11/23/2026",
        "23. November 2026",
        "le 23 novembre 2026",
        "23 de noviembre de 2026",
        "2026年11月23日",
        "2026 年 11 月 23 日",
        "２０２６年１１月２３日",
        "二〇二六年十一月二十三日",
        "二○二六年十一月廿三日 2026-11-23",
        "2026年11月23号",
        "2026년 11월 23일",
        "日期：2026-11-23（星期一）",
    ];
    for form in forms {
        assert_eq!(day(form).as_deref(), Some("2026-11-23"), "{form}");
    }
    assert_eq!(day("1er mai 2026").as_deref(), Some("2026-05-01"));
    assert_eq!(day("1. März 2026").as_deref(), Some("2026-03-01"));
    assert_eq!(day("二〇二六年十月十日").as_deref(), Some("2026-10-10"));
    assert_eq!(day("二〇二六年一月二十日").as_deref(), Some("2026-01-20"));
}

#[test]
fn tells_ambiguous_from_certain() {
    assert_eq!(day("03/04/2026").as_deref(), Some("2026-04-03 or 2026-03-04"));
    assert_eq!(day("13/04/2026").as_deref(), Some("2026-04-13"));
    assert_eq!(day("04/04/2026").as_deref(), Some("2026-04-04"));
    assert_eq!(day("03.04.2026").as_deref(), Some("2026-04-03"));
    let reading = dates_in("03/04/05")[0].reading;
    let ymd = |year, month, day| NaiveDate::from_ymd_opt(year, month, day);
    assert_eq!(reading.day(Some(DateOrder::Dmy)), ymd(2005, 4, 3));
    assert_eq!(reading.day(Some(DateOrder::Mdy)), ymd(2005, 3, 4));
    assert_eq!(reading.day(Some(DateOrder::Ymd)), ymd(2003, 4, 5));
    assert_eq!(reading.day(None), None);
}

#[test]
fn impossible_days_are_told_apart() {
    assert_eq!(day("2026-02-30").as_deref(), Some("impossible"));
    assert_eq!(day("31 April 2026").as_deref(), Some("impossible"));
    assert_eq!(day("2024-02-29").as_deref(), Some("2024-02-29"));
}

#[test]
fn what_is_no_date_is_none() {
    let none = [
        "",
        "2026",
        "November 2026",
        "in 2026-27",
        "12345678",
        "99999999",
        "1.2.3.4",
        "version 10.4.2026.1",
        "127.0.0.1",
        "phone 020 7946 0018",
        "10:30:15",
        "https://example.org/2026/11/23/x",
        "see [log](x/2026-11-23.md)",
        "may 2 to 10",
        "#2026-1",
        "5/6",
        "GM/2026/17",
    ];
    for text in none {
        assert_eq!(day(text), None, "{text}");
    }
}

#[test]
fn weekdays_stand_beside_their_date() {
    let weekday = |text: &str| dates_in(text)[0].weekday;
    assert_eq!(weekday("Monday, 23 November 2026"), Some(Weekday::Mon));
    assert_eq!(weekday("23 November 2026 (Mon)"), Some(Weekday::Mon));
    assert_eq!(weekday("2026年11月23日（星期一）"), Some(Weekday::Mon));
    assert_eq!(weekday("2026年11月29日（周日）"), Some(Weekday::Sun));
    assert_eq!(weekday("Montag, den 23. November 2026"), Some(Weekday::Mon));
    assert_eq!(weekday("23 November 2026, see Monday's note"), None);
    assert_eq!(weekday("23 November 2026"), None);
}

#[test]
fn fields_of_dates_are_read_by_the_offices_order() {
    assert_eq!(read_date("14 December 2026", None), NaiveDate::from_ymd_opt(2026, 12, 14));
    assert_eq!(read_date("03/04/2026", None), None);
    assert_eq!(read_date("03/04/2026", Some(DateOrder::Mdy)), NaiveDate::from_ymd_opt(2026, 3, 4));
    assert_eq!(read_date("soon", None), None);
}

//! Key figures: plan, actual, previous year, with the rates computed.
//!
//! From the field `kpis`, else from tables of the text whose header names a plan and an actual. The texts stay as
//! written; a number is read only where it is plain (`1,234.5`, `98 %`, `3200万` is not), and a rate only from those.

use serde::Serialize;
use serde_json::Value;

use super::table::{Table, tables};
use super::{MAX_FINDINGS, Source, limited};
use crate::classification::fold::{fold_key, has_phrase, listed};
use crate::classification::plain::tidy;
use crate::model::ascii_digit;

/// A key figure.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct Kpi {
    /// What is measured.
    pub name: String,
    /// In what.
    pub unit: String,
    /// As written, empty if none.
    pub plan: String,
    /// As written, empty if none.
    pub actual: String,
    /// As written, empty if none.
    pub previous: String,
    pub plan_value: Option<f64>,
    pub actual_value: Option<f64>,
    pub previous_value: Option<f64>,
    /// Actual of plan, in per cent.
    pub rate: Option<f64>,
    /// Against the previous year, in per cent.
    pub change: Option<f64>,
}

/// Columns and keys, folded.
const NAMES: &str = "name|kpi|indicator|measure|metric|target name|goal|item|指标|项目|指标名称|名称|kennzahl|indicateur|indicador|指標|指標名稱|項目|المؤشر";
const UNITS: &str = "unit|单位|einheit|unite|unidad|單位|単位|الوحدة";
const PLANS: &str = "plan|target|planned|budget|goal|计划|目标|年度计划|目标值|计划值|预算|年度目标|soll|objectif|prevu|meta|objetivo|計畫|計劃|目標|計画|المستهدف|الخطة";
const ACTUALS: &str = "actual|result|achieved|actuals|outcome|实际|完成|实际完成|完成值|实际值|实绩|ist|realise|reel|real|resultado|resultat|實際|實績|実績|المحقق|الفعلي";
const PREVIOUS: &str = "previous|previous year|last year|prior year|prior|previous year actual|上年|去年|上年实际|上年同期|上年度|同期|\
    vorjahr|annee precedente|ano anterior|上年度|前年度|前年|العام السابق|السنة السابقة";

/// Finds key figures.
pub(super) fn find(source: &Source<'_>) -> Vec<Kpi> {
    let from_field = source.fields.get("kpis").map(in_field).unwrap_or_default();
    let mut found = if from_field.is_empty() { in_tables(source) } else { from_field };
    found.truncate(MAX_FINDINGS);
    found.into_iter().map(|kpi| computed(kpi, source.has_decimal_comma)).collect()
}

fn in_field(value: &Value) -> Vec<Kpi> {
    let Value::Array(rows) = value else { return Vec::new() };
    rows.iter()
        .filter_map(Value::as_object)
        .map(|row| {
            let text = |names: &'static str| {
                let value = row.iter().find(|(key, _)| listed(names).any(|name| fold_key(name) == fold_key(key))).map(|(_, value)| value);
                match value {
                    Some(Value::String(text)) => tidy(text),
                    Some(Value::Number(number)) => number.to_string(),
                    _ => String::new(),
                }
            };
            Kpi {
                name: limited(&text(NAMES)),
                unit: text(UNITS),
                plan: text(PLANS),
                actual: text(ACTUALS),
                previous: text(PREVIOUS),
                ..Kpi::default()
            }
        })
        .filter(|kpi| !kpi.name.is_empty())
        .collect()
}

fn in_tables(source: &Source<'_>) -> Vec<Kpi> {
    let mut found = Vec::new();
    for table in tables(source.outline) {
        let previous = table.column(PREVIOUS);
        let plan = table.column(PLANS).filter(|column| Some(*column) != previous);
        let actual = (0..table.header.len())
            .find(|column| Some(*column) != previous && Some(*column) != plan && is_one_of(&table.header[*column], ACTUALS));
        let (Some(plan), Some(actual)) = (plan, actual) else { continue };
        let taken = [Some(plan), Some(actual), previous];
        let name = table.column(NAMES).filter(|column| !taken.contains(&Some(*column))).unwrap_or(0);
        if taken.contains(&Some(name)) {
            continue;
        }
        let unit = table.column(UNITS);
        found.extend(
            table
                .rows
                .iter()
                .map(|(_, row)| Kpi {
                    name: limited(Table::cell(row, Some(name))),
                    unit: Table::cell(row, unit).to_owned(),
                    plan: Table::cell(row, Some(plan)).to_owned(),
                    actual: Table::cell(row, Some(actual)).to_owned(),
                    previous: Table::cell(row, previous).to_owned(),
                    ..Kpi::default()
                })
                .filter(|kpi| !kpi.name.is_empty() && (!kpi.plan.is_empty() || !kpi.actual.is_empty())),
        );
    }
    found
}

fn is_one_of(head: &str, names: &'static str) -> bool {
    listed(names).any(|name| has_phrase(head, name))
}

fn computed(mut kpi: Kpi, comma: bool) -> Kpi {
    let number = |text: &str| number(text, comma);
    (kpi.plan_value, kpi.actual_value, kpi.previous_value) = (number(&kpi.plan), number(&kpi.actual), number(&kpi.previous));
    kpi.rate = kpi.actual_value.zip(kpi.plan_value).filter(|(_, plan)| *plan != 0.0).map(|(actual, plan)| percent(actual / plan));
    kpi.change = kpi
        .actual_value
        .zip(kpi.previous_value)
        .filter(|(_, previous)| *previous != 0.0)
        .map(|(actual, previous)| percent((actual - previous) / previous.abs()));
    kpi
}

/// Per cent, to a ten-thousandth: what arithmetic adds behind that is no information.
fn percent(share: f64) -> f64 {
    (share * 100.0 * 10_000.0).round() / 10_000.0
}

/// A plain number: `1,234.5`, `1 234`, `¥3,200`, `98.5 %`, `３２００`; nothing with words that scale it.
/// With a decimal comma it is read as `1.234,5` first.
fn number(text: &str, comma: bool) -> Option<f64> {
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

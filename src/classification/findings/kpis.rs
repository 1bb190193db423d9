//! Key figures: plan, actual, previous year, with the rates computed.
//!
//! From the field `kpis`, else from tables of the text whose header names a plan and an actual. The texts stay as
//! written; a number is read only where it is plain (`1,234.5`, `98 %`, `3200万` is not), and a rate only from those.

use serde::Serialize;
use serde_json::Value;

use super::table::{Table, tables};
use super::{MAX_FINDINGS, Source, limited};
use crate::classification::figures::number;
use crate::classification::fold::{fold_key, has_phrase, listed};
use crate::classification::plain::tidy;

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
    /// Whether what is written was given as numbers, not as text: the page writes them as its language does.
    pub numeric: bool,
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
            let of = |names: &'static str| {
                row.iter().find(|(key, _)| listed(names).any(|name| fold_key(name) == fold_key(key))).map(|(_, value)| value)
            };
            let text = |names: &'static str| match of(names) {
                Some(Value::String(text)) => tidy(text),
                Some(Value::Number(number)) => number.to_string(),
                _ => String::new(),
            };
            Kpi {
                name: limited(&text(NAMES)),
                unit: text(UNITS),
                plan: text(PLANS),
                actual: text(ACTUALS),
                previous: text(PREVIOUS),
                plan_value: of(PLANS).and_then(exact),
                actual_value: of(ACTUALS).and_then(exact),
                previous_value: of(PREVIOUS).and_then(exact),
                numeric: [PLANS, ACTUALS, PREVIOUS].into_iter().any(|names| of(names).is_some_and(Value::is_number)),
                ..Kpi::default()
            }
        })
        .filter(|kpi| !kpi.name.is_empty())
        .collect()
}

/// A number that is one already, and not to be read in the way of a language.
fn exact(value: &Value) -> Option<f64> {
    if value.is_number() { value.as_f64() } else { None }
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
    kpi.plan_value = kpi.plan_value.or_else(|| number(&kpi.plan, comma));
    kpi.actual_value = kpi.actual_value.or_else(|| number(&kpi.actual, comma));
    kpi.previous_value = kpi.previous_value.or_else(|| number(&kpi.previous, comma));
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

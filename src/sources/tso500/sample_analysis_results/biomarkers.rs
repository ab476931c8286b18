//! `biomarkers`: microsatellite instability and tumour mutational burden.

use serde_json::{Map, Value};

use crate::domain::accounting::Account;
use crate::domain::issue::IssueCode;

use super::super::cells::quantity::Quantity;
use super::super::json_text::{Item, JsonFile, Opened, text_of};
use super::super::wire::Held;
use super::{BIOMARKERS, SampleAnalysisResults, list_missing, list_unknown};

const MSI: &str = "microsatelliteInstability";
const TMB: &str = "tumorMutationalBurden";
const METRICS: &str = "additionalMetrics";

/// Reads both.
pub(super) fn read(
    biomarkers: &Map<String, Value>,
    json: &JsonFile,
    results: &mut SampleAnalysisResults,
    account: &mut Account,
) {
    for (key, value) in biomarkers {
        let path = format!("data/{BIOMARKERS}/{key}");
        match (key.as_str(), value) {
            (MSI | TMB, Value::Object(object)) => read_one(key, &path, object, json, results, account),
            (MSI | TMB, Value::Null) => list_missing(BIOMARKERS, &path, json, account),
            _ => list_unknown(BIOMARKERS, &path, key, json, account),
        }
    }
}

fn read_one(
    section: &str,
    path: &str,
    object: &Map<String, Value>,
    json: &JsonFile,
    results: &mut SampleAnalysisResults,
    account: &mut Account,
) {
    for (key, value) in object {
        if let (METRICS, Value::Array(metrics)) = (key.as_str(), value) {
            for (index, metric) in metrics.iter().enumerate() {
                let opened = json.open(section, &format!("{path}/{METRICS}/{index}"), account);
                let name = metric.get("name").and_then(text_of).unwrap_or_default();
                let value = metric.get("value").unwrap_or(&Value::Null);
                take(section, &name, value, opened, results, account);
            }
            continue;
        }
        let opened = json.open(section, &format!("{path}/{key}"), account);
        take(section, key, value, opened, results, account);
    }
}

/// Holds a number under its name. A second one of the name, and one of no known name, is listed.
fn take(
    section: &str,
    name: &str,
    value: &Value,
    opened: Opened,
    results: &mut SampleAnalysisResults,
    account: &mut Account,
) {
    let object = Map::from_iter([(name.to_owned(), value.clone())]);
    let mut item = Item::new(&object, opened.clone());
    let held = |value| Held { value, row: opened.row, line: opened.line };
    let (msi, tmb) = (&mut results.msi, &mut results.tmb);
    let is_free = match (section, name) {
        (MSI, "msiPercentUnstableSites") => msi.percent_unstable.is_none(),
        (MSI, "SumJsd") => msi.sum_jsd.is_none(),
        (TMB, "tumorMutationalBurdenPerMegabase") => tmb.total.is_none(),
        (TMB, "CodingRegionSizeMb") => tmb.coding_region_size.is_none(),
        (TMB, "SomaticCodingVariantsCount") => tmb.eligible_variants.is_none(),
        _ => {
            account.ledger.list(opened.row, IssueCode::ResultNotUsed, IssueCode::ResultNotUsed.meaning());
            return;
        }
    };
    if !is_free {
        account.reject(opened.row, IssueCode::KeyRepeated, opened.place, IssueCode::KeyRepeated.meaning());
        return;
    }
    match (section, name) {
        (MSI, "msiPercentUnstableSites") => {
            msi.percent_unstable = item.number("msiPercentUnstableSites", Quantity::Percent, account).map(held);
        }
        (MSI, _) => msi.sum_jsd = item.number("SumJsd", Quantity::Ratio, account).map(held),
        (_, "tumorMutationalBurdenPerMegabase") => {
            tmb.total = item.number("tumorMutationalBurdenPerMegabase", Quantity::Ratio, account).map(held);
        }
        (_, "CodingRegionSizeMb") => {
            tmb.coding_region_size = item.number("CodingRegionSizeMb", Quantity::Ratio, account).map(held);
        }
        _ => {
            tmb.eligible_variants = item.count("SomaticCodingVariantsCount", account).map(|value| Held {
                value,
                row: opened.row,
                line: opened.line,
            })
        }
    }
    list_unless_held(&item, results, account);
}

/// A value that is missing or cannot be read is no result.
fn list_unless_held(item: &Item<'_>, results: &SampleAnalysisResults, account: &mut Account) {
    let row = item.opened.row;
    let (msi, tmb) = (&results.msi, &results.tmb);
    let decimals = [&msi.percent_unstable, &msi.sum_jsd, &tmb.total, &tmb.coding_region_size];
    let is_held = decimals.iter().any(|held| held.as_ref().is_some_and(|held| held.row == row))
        || tmb.eligible_variants.as_ref().is_some_and(|held| held.row == row);
    if is_held {
        return;
    }
    let code = if item.extra.is_empty() { IssueCode::ValueMissing } else { IssueCode::NumberInvalid };
    account.ledger.list(row, code, code.meaning());
}

//! `tmb.json`, `msi.json` and `microsat_output.json`: one biomarker of one sample.
//!
//! Flat objects. Numbers may be texts (DRAGEN), bare `NaN` (LocalApp) or the text `"NaN"`. `ResultIsValid` false says that the
//! numbers are no result: then none is used.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::domain::accounting::Account;
use crate::domain::issue::{IssueCode, Location};
use crate::domain::limits::Limits;
use crate::redact::quote;

use super::cells::boolean::parse_boolean;
use super::cells::quantity::Quantity;
use super::json_text::{self, Item, JsonFile, text_of};
use super::text::Text;
use super::wire::{Held, Msi, Tmb};

/// Tumour mutational burden of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TmbFile {
    /// File, relative to the folder that was given.
    pub file: Arc<str>,
    /// The numbers.
    pub tmb: Tmb,
}

/// Microsatellite instability of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MsiFile {
    /// File, relative to the folder that was given.
    pub file: Arc<str>,
    /// The numbers; none where the file says that they are not valid.
    pub msi: Msi,
    /// Whether the file says that its result is not valid.
    pub is_invalid: bool,
}

const TMB_VALUE: &str = "TmbPerMb";
const TMB_REGION: &str = "CodingRegionSizeMb";
const TMB_COUNT: &str = "SomaticCodingVariantsCount";
const MSI_ASSESSED: &str = "TotalMicrosatelliteSitesAssessed";
const MSI_UNSTABLE: &str = "TotalMicrosatelliteSitesUnstable";
const MSI_PERCENT: &str = "PercentageUnstableSites";
const MSI_DISTANCE: &str = "SumJsd";
const VALID: &str = "ResultIsValid";

/// Reads `tmb.json`. `TmbPerMb` counts synonymous variants too, as `Total TMB` of the CombinedVariantOutput does; the
/// non-synonymous and the adjusted burden are other quantities and are listed.
///
/// None where the file is not JSON, or an object without `TmbPerMb`; it is then one listed row.
pub fn parse_tmb(text: &Text, limits: &Limits, account: &mut Account) -> Option<TmbFile> {
    let json = json_text::read(text, limits, account)?;
    let object = object_with(&json, TMB_VALUE, account)?;
    let mut tmb = Tmb::default();
    for key in object.keys() {
        let mut item = open(&json, object, key, account);
        let (row, line) = (item.opened.row, item.opened.line);
        match key.as_str() {
            TMB_VALUE => {
                tmb.total = item.number(TMB_VALUE, Quantity::Ratio, account).map(|value| Held { value, row, line });
            }
            TMB_REGION => {
                tmb.coding_region_size =
                    item.number(TMB_REGION, Quantity::Ratio, account).map(|value| Held { value, row, line });
            }
            TMB_COUNT => {
                tmb.eligible_variants = item.count(TMB_COUNT, account).map(|value| Held { value, row, line });
            }
            _ => account.ledger.list(row, IssueCode::ResultNotUsed, IssueCode::ResultNotUsed.meaning()),
        }
        let is_held = tmb.total.iter().chain(&tmb.coding_region_size).any(|held| held.row == row)
            || tmb.eligible_variants.iter().any(|held| held.row == row);
        list_unless(is_held, &item, account);
    }
    Some(TmbFile { file: Arc::clone(&text.file), tmb })
}

/// Reads `msi.json` or `microsat_output.json`.
///
/// None where the file is not JSON, or an object without `PercentageUnstableSites`; it is then one listed row.
pub fn parse_msi(text: &Text, limits: &Limits, account: &mut Account) -> Option<MsiFile> {
    let json = json_text::read(text, limits, account)?;
    let object = object_with(&json, MSI_PERCENT, account)?;
    let is_invalid = is_invalid(object, &text.file, account);
    let mut msi = Msi::default();
    for key in object.keys() {
        let mut item = open(&json, object, key, account);
        let (row, line) = (item.opened.row, item.opened.line);
        match key.as_str() {
            MSI_ASSESSED | MSI_UNSTABLE | MSI_PERCENT | MSI_DISTANCE if is_invalid => {
                account.ledger.list(row, IssueCode::ResultInvalid, IssueCode::ResultInvalid.meaning());
            }
            MSI_ASSESSED => {
                msi.usable_sites = item.count(MSI_ASSESSED, account).map(|value| Held { value, row, line });
            }
            MSI_UNSTABLE => {
                msi.unstable_sites = item.count(MSI_UNSTABLE, account).map(|value| Held { value, row, line });
            }
            MSI_PERCENT => {
                msi.percent_unstable =
                    item.number(MSI_PERCENT, Quantity::Percent, account).map(|value| Held { value, row, line });
            }
            MSI_DISTANCE => {
                msi.sum_jsd =
                    item.number(MSI_DISTANCE, Quantity::Ratio, account).map(|value| Held { value, row, line });
            }
            VALID | "ResultMessage" | "Settings" => {
                account.ledger.list(row, IssueCode::RunNote, IssueCode::RunNote.meaning());
            }
            _ => account.ledger.list(row, IssueCode::ResultNotUsed, IssueCode::ResultNotUsed.meaning()),
        }
        let is_held = msi.usable_sites.iter().chain(&msi.unstable_sites).any(|held| held.row == row)
            || msi.percent_unstable.iter().chain(&msi.sum_jsd).any(|held| held.row == row);
        list_unless(is_held, &item, account);
    }
    Some(MsiFile { file: Arc::clone(&text.file), msi, is_invalid })
}

fn object_with<'a>(json: &'a JsonFile, key: &str, account: &mut Account) -> Option<&'a Map<String, Value>> {
    let object = json.value.as_object().filter(|object| object.contains_key(key));
    if object.is_none() {
        let words = format!("the file is no object with the key `{key}`");
        json_text::refuse(&json.file, IssueCode::JsonShapeUnknown, None, words, account);
    }
    object
}

fn open<'a>(json: &JsonFile, object: &'a Map<String, Value>, key: &str, account: &mut Account) -> Item<'a> {
    let opened = json.open("", key, account);
    Item::new(object, opened)
}

/// Whether the file says that its numbers are no result; a word that is neither true nor false does not vouch for them.
fn is_invalid(object: &Map<String, Value>, file: &Arc<str>, account: &mut Account) -> bool {
    let Some(word) = object.get(VALID).and_then(text_of) else { return false };
    let place = Location::file(file).column(VALID);
    match parse_boolean(&word) {
        Ok(true) => false,
        Ok(false) => {
            let message = object.get("ResultMessage").and_then(text_of);
            let message = message.map_or("no reason is given".to_owned(), |message| quote(&message));
            account.issue(IssueCode::ResultInvalid, place, format!("the result is not valid: {message}"));
            true
        }
        Err(error) => {
            account.issue(IssueCode::BooleanInvalid, place, format!("{}: {error}", quote(&word)));
            true
        }
    }
}

/// A value that is missing or cannot be read is no result; a row that is listed already keeps its reason.
fn list_unless(is_held: bool, item: &Item<'_>, account: &mut Account) {
    if !is_held {
        let code = if item.extra.is_empty() { IssueCode::ValueMissing } else { IssueCode::NumberInvalid };
        account.ledger.list(item.opened.row, code, code.meaning());
    }
}

#[cfg(test)]
mod tests;

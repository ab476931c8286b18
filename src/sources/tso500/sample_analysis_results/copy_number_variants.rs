//! `variants.copyNumberVariants`.

use crate::domain::accounting::Account;
use crate::domain::issue::IssueCode;
use crate::redact::quote;

use super::super::cells::change_kind::{ChangeKind, ChangeKindError, parse_change_kind};
use super::super::cells::quantity::Quantity;
use super::super::json_text::Item;
use super::super::wire::CopyNumberVariant;

const GENE: &str = "gene";
const FOLD_CHANGE: &str = "foldChange";
const TYPE: &str = "copyNumberType";

/// Reads an element. `foldChange` is a ratio, not a copy number.
pub(super) fn read(item: &mut Item<'_>, account: &mut Account) -> Option<CopyNumberVariant> {
    let gene = item.required_symbol(GENE, account)?;
    let reported_type = item.required(TYPE, account)?;
    let kind = match kind_of(&reported_type) {
        Ok(kind) => kind,
        Err(ChangeKindError::Neutral) => {
            account.ledger.list(item.opened.row, IssueCode::RowNeutral, IssueCode::RowNeutral.meaning());
            return None;
        }
        Err(error) => {
            item.reject(TYPE, IssueCode::TypeUnknown, format!("{}: {error}", quote(&reported_type)), account);
            return None;
        }
    };
    let fold_change = item.number(FOLD_CHANGE, Quantity::Ratio, account);
    item.keep_others(&[GENE, FOLD_CHANGE, TYPE]);
    Some(CopyNumberVariant {
        gene,
        fold_change,
        kind,
        reported_type,
        absolute_copy_number: None,
        extra: std::mem::take(&mut item.extra),
        row: item.opened.row,
        line: item.opened.line,
    })
}

/// `AMPLIFICATION` and `DELETION` as this file writes them, or the types of the other files.
fn kind_of(text: &str) -> Result<ChangeKind, ChangeKindError> {
    match text.to_ascii_uppercase().as_str() {
        "AMPLIFICATION" | "DUPLICATION" => Ok(ChangeKind::Gain),
        "DELETION" => Ok(ChangeKind::Loss),
        _ => parse_change_kind(text),
    }
}

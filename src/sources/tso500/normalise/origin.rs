//! Somatic or germline, from the TMB trace: the only place where LocalApp says so.

use std::collections::{BTreeSet, HashMap};

use crate::domain::accounting::Account;
use crate::domain::finding::{Note, SmallVariant};
use crate::domain::ids::Identity;
use crate::domain::issue::{IssueCode, Location};
use crate::domain::variant_key::VariantKey;

use super::super::folder;
use super::super::tmb_trace::{Origin, TmbTrace, TraceRow};
use super::findings::Part;
use super::small_variants;

/// Gives each variant of the sample the origin that the trace states and lets it hold the trace's row.
pub(super) fn apply(variants: &mut [SmallVariant], trace: &TmbTrace, part: &Part<'_>, account: &mut Account) {
    let mut by_identity: HashMap<Identity, Vec<&TraceRow>> = HashMap::new();
    for row in &trace.rows {
        let key = VariantKey::new(&row.chromosome, row.position, &row.reference, &row.alternative);
        by_identity.entry(small_variants::identity(part, &key)).or_default().push(row);
    }
    for variant in variants {
        for row in by_identity.get(&variant.identity).into_iter().flatten() {
            apply_row(variant, row, trace, account);
        }
    }
}

fn apply_row(variant: &mut SmallVariant, row: &TraceRow, trace: &TmbTrace, account: &mut Account) {
    let place = || Location::file(&trace.file).line(row.line);
    let trace_name = folder::name_of(&trace.file);
    variant.rows.push(row.row);
    let said = row.origin.map(Origin::as_str);
    match (said, variant.origin.as_deref()) {
        (Some(said), None) => {
            variant.origin = Some(said.to_owned());
            variant.origin_method = row.origin.and_then(Origin::method).map(str::to_owned);
        }
        (Some(said), Some(earlier)) if said != earlier => {
            let text = format!("the files say both {earlier} and {said}; the origin is left open");
            account.issue(IssueCode::Conflict, place(), text);
            // An empty text is no origin, and stops a third line from deciding.
            variant.origin = Some(String::new());
            variant.origin_method = None;
        }
        _ => {}
    }
    let differs = |ours: Option<f64>, theirs: Option<f64>| matches!((ours, theirs), (Some(a), Some(b)) if (a - b).abs() > f64::EPSILON);
    let frequency = |value: &Option<crate::domain::decimal::Decimal>| value.as_ref().map(|value| value.to_f64());
    if differs(frequency(&variant.allele_frequency), frequency(&row.allele_frequency)) {
        let text = match (&variant.allele_frequency, &row.allele_frequency) {
            (Some(ours), Some(theirs)) => {
                format!("allele frequency {ours} in {}, {theirs} in {trace_name}", source_of(variant, trace, account))
            }
            _ => "allele frequencies differ".to_owned(),
        };
        variant.notes.push(Note { text: text.clone() });
        account.issue(IssueCode::Conflict, place().column("VAF"), text);
    }
    if let (Some(ours), Some(theirs)) = (variant.total_depth, row.depth)
        && ours != theirs
    {
        let text = format!("depth {ours} in {}, {theirs} in {trace_name}", source_of(variant, trace, account));
        variant.notes.push(Note { text: text.clone() });
        account.issue(IssueCode::Conflict, place().column("Depth"), text);
    }
}

/// The file beside the trace that a value of the variant is from, where only one tells the variant.
fn source_of(variant: &SmallVariant, trace: &TmbTrace, account: &Account) -> String {
    let rows = variant.rows.iter().filter_map(|row| account.ledger.row(*row)).filter(|row| row.file != trace.file);
    let files: BTreeSet<&str> = rows.map(|row| folder::name_of(&row.file)).collect();
    match (files.first(), files.len()) {
        (Some(file), 1) => (*file).to_owned(),
        _ => "the other files".to_owned(),
    }
}

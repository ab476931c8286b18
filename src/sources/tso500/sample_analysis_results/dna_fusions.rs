//! `variants.dnaFusions` (ctDNA).

use serde_json::Value;

use crate::domain::accounting::Account;
use crate::domain::issue::IssueCode;

use super::super::json_text::Item;
use super::super::wire::Fusion;

const PARTNERS: [&str; 2] = ["partner1", "partner2"];
const SUPPORTING_READS: &str = "fusionSupportingReads";
const DIRECTION_KNOWN: &str = "fusionDirectionalityKnownAndIndicatedByGeneOrder";

/// Reads an element.
pub(super) fn read(item: &mut Item<'_>, account: &mut Account) -> Option<Fusion> {
    let mut partners = Vec::new();
    for key in PARTNERS {
        let Some(object) = item.object.get(key).and_then(Value::as_object) else {
            item.reject(key, IssueCode::ValueRequired, "the value is missing", account);
            return None;
        };
        let mut partner = Item::new(object, item.opened.clone());
        let gene = partner.required_symbol("gene", account)?;
        let breakpoint = partner.breakpoint(key, account);
        let reads = partner.count("referenceReads", account);
        partner.keep_others(&["gene", "chromosome", "position", "referenceReads"]);
        item.extra.extend(partner.extra.into_iter().map(|(name, text)| (format!("{key} {name}"), text)));
        partners.push((gene, breakpoint, reads));
    }
    let direction_known = item.boolean(DIRECTION_KNOWN, account);
    let supporting_reads = item.count(SUPPORTING_READS, account);
    item.keep_others(&[PARTNERS[0], PARTNERS[1], SUPPORTING_READS, DIRECTION_KNOWN, "filter", "filters"]);
    let mut partners = partners.into_iter();
    let (first, second) = (partners.next()?, partners.next()?);
    let mark = if direction_known == Some(true) { '-' } else { '/' };
    Some(Fusion {
        gene_pair: format!("{}{mark}{}", first.0, second.0),
        gene_1: Some(first.0),
        gene_2: Some(second.0),
        direction_known,
        breakpoint_1: first.1,
        breakpoint_2: second.1,
        supporting_reads,
        gene_1_reference_reads: first.2,
        gene_2_reference_reads: second.2,
        allele_frequency: None,
        extra: std::mem::take(&mut item.extra),
        row: item.opened.row,
        line: item.opened.line,
    })
}

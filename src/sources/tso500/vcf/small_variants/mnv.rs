//! Multi-nucleotide variants, which DRAGEN writes three times: the first base, the whole, the last base.
//!
//! All three name the whole in MNVTAG. The whole is the finding; the parts would count it again. PS, which only the parts
//! carry, says that they lie on one copy.

use std::collections::{HashMap, HashSet};

use super::super::book::Book;
use super::super::record::Refusal;
use super::super::wire::{MnvComponent, SmallVariant};
use crate::domain::accounting::RowId;
use crate::domain::issue::IssueCode;
use crate::domain::variant_key::VariantKey;
use crate::redact::quote;
use crate::sources::tso500::cells::alleles::parse_allele;
use crate::sources::tso500::cells::breakpoint::parse_locus;

/// Reads `chr1:36936791_TGCCCGC->GGTGGGG`.
pub(super) fn parse_tag(text: &str) -> Result<VariantKey, Refusal> {
    let parts = text.split_once('_').and_then(|(place, change)| {
        let (reference, alternative) = change.split_once("->")?;
        let locus = parse_locus(place).ok()?;
        Some((locus, parse_allele(reference).ok()?, parse_allele(alternative).ok()?))
    });
    let Some((locus, reference, alternative)) = parts else {
        return Err(Refusal::new(IssueCode::VcfInfoInvalid, "MNVTAG", format!("{} is not a variant", quote(text))));
    };
    Ok(VariantKey { chromosome: locus.chromosome.to_owned(), position: locus.position, reference, alternative })
}

/// Takes the parts of multi-nucleotide variants away from the variants and lists their rows. A part whose whole did not
/// pass stays a finding.
pub(super) fn resolve(variants: Vec<SmallVariant>, book: &mut Book<'_>) -> (Vec<SmallVariant>, Vec<MnvComponent>) {
    let wholes: HashSet<VariantKey> = variants
        .iter()
        .filter_map(|variant| variant.mnv.as_ref().filter(|tag| key(variant) == trimmed(tag)))
        .map(trimmed)
        .collect();
    let phases = phases(&variants, &wholes);
    let (mut kept, mut components) = (Vec::new(), Vec::new());
    for variant in variants {
        let Some(tag) = variant.mnv.as_ref().filter(|tag| wholes.contains(&trimmed(tag))) else {
            kept.push(variant);
            continue;
        };
        let mnv = trimmed(tag);
        if key(&variant) == mnv {
            kept.push(variant);
        } else if is_part(&variant, tag) && phases.get(&mnv).is_none_or(|phases| phases.len() <= 1) {
            components.push(MnvComponent {
                key: key(&variant),
                mnv,
                allele_frequency: variant.allele_frequency,
                row: variant.row,
            });
        } else {
            let text = format!("not a part of {}", name(tag));
            book.issue(variant.line, &Refusal::new(IssueCode::VcfMnvInconsistent, "MNVTAG", text));
            kept.push(variant);
        }
    }
    list_rows(&kept, &components, book);
    (kept, components)
}

/// The phase sets that the parts of each whole carry: parts of several are not on one copy.
fn phases(variants: &[SmallVariant], wholes: &HashSet<VariantKey>) -> HashMap<VariantKey, HashSet<u64>> {
    let mut phases: HashMap<VariantKey, HashSet<u64>> = HashMap::new();
    for variant in variants {
        if let (Some(tag), Some(phase_set)) = (variant.mnv.as_ref().map(trimmed), variant.phase_set)
            && wholes.contains(&tag)
        {
            phases.entry(tag).or_default().insert(phase_set);
        }
    }
    phases
}

/// Lists the rows of parts; a row that another allele of its line still holds stays with that.
fn list_rows(kept: &[SmallVariant], components: &[MnvComponent], book: &mut Book<'_>) {
    let held: HashSet<RowId> = kept.iter().map(|variant| variant.row).collect();
    for component in components.iter().filter(|component| !held.contains(&component.row)) {
        let text = format!("part of the multi-nucleotide variant {}", name(&component.mnv));
        book.list(component.row, IssueCode::VcfMnvComponent, text);
    }
}

/// Whether an allele says nothing that the whole does not say: it lies in it, with the same bases before and after.
fn is_part(variant: &SmallVariant, mnv: &VariantKey) -> bool {
    let part = key(variant);
    let Some(offset) = part.position.checked_sub(mnv.position).and_then(|offset| usize::try_from(offset).ok()) else {
        return false;
    };
    let agrees = |part: &str, whole: &str| whole.get(offset..).is_some_and(|rest| rest.starts_with(part));
    let is_same_length = mnv.reference.len() == mnv.alternative.len() && part.reference.len() == part.alternative.len();
    part.chromosome == mnv.chromosome
        && agrees(&part.reference, &mnv.reference)
        && (!is_same_length || agrees(&part.alternative, &mnv.alternative))
}

fn key(variant: &SmallVariant) -> VariantKey {
    VariantKey::new(variant.chromosome, variant.position, &variant.reference, &variant.alternative)
}

fn trimmed(key: &VariantKey) -> VariantKey {
    VariantKey::new(&key.chromosome, key.position, &key.reference, &key.alternative)
}

/// `chr1:36936791 TGCCCGC>GGTGGGG`, long alleles cut.
fn name(key: &VariantKey) -> String {
    let bases = |text: &str| match text.get(..MAX_NAMED_BASES) {
        Some(start) if text.len() > MAX_NAMED_BASES => format!("{start}…"),
        _ => text.to_owned(),
    };
    format!("chr{}:{} {}>{}", key.chromosome, key.position, bases(&key.reference), bases(&key.alternative))
}

const MAX_NAMED_BASES: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_a_variant() {
        let key = parse_tag("chr1:36936791_TGCCCGC->GGTGGGG").unwrap();
        assert_eq!((key.chromosome.as_str(), key.position), ("1", 36_936_791));
        assert_eq!((key.reference.as_str(), key.alternative.as_str()), ("TGCCCGC", "GGTGGGG"));
        for text in
            ["", "chr1:36936791", "chr1:36936791_T", "chr1_T->G", "chr99:5_T->G", "chr1:5_T->", "chr1:5_T->G->C"]
        {
            assert_eq!(parse_tag(text).unwrap_err().code, IssueCode::VcfInfoInvalid, "{text}");
        }
    }
}

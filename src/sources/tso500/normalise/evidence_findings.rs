//! The findings of the files beside the CombinedVariantOutput.

use std::collections::HashMap;

use crate::domain::accounting::Account;
use crate::domain::finding::{Note, PipelineLink, SmallVariant};
use crate::domain::ids::Identity;

use super::Knowledge;
use super::evidence::Evidence;
use super::findings::{Found, part_of};
use super::merge::{All, Rank, add};
use super::sample::{Case, Sample};
use super::vcf;

/// Adds the findings of a case's files to those of its CombinedVariantOutput.
pub(super) fn add_evidence(
    found: &mut Found,
    case: &Case,
    evidence: &Evidence,
    pipeline: &PipelineLink,
    knowledge: Knowledge<'_>,
    account: &mut Account,
) {
    if let Some(dna) = case.dna.as_ref().or(case.rna.as_ref()) {
        add_dna(found, case, dna, evidence, pipeline, knowledge, account);
    }
    let Some(rna) = case.rna.as_ref().or(case.dna.as_ref()) else { return };
    for content in &evidence.splice_variants {
        let part = part_of(case, &content.head.file, rna, pipeline, knowledge);
        let known: Vec<_> = found.splice_variants.iter().map(|told| told.finding.clone()).collect();
        add(&mut found.splice_variants, Rank::Vcf, vcf::splice_variants(content, &known, &part, account));
    }
}

fn add_dna(
    found: &mut Found,
    case: &Case,
    sample: &Sample,
    evidence: &Evidence,
    pipeline: &PipelineLink,
    knowledge: Knowledge<'_>,
    account: &mut Account,
) {
    for content in &evidence.small_variants {
        let part = part_of(case, &content.head.file, sample, pipeline, knowledge);
        add(&mut found.small_variants, Rank::Vcf, vcf::small_variants(content, &part));
        absorb_parts(&mut found.small_variants, &vcf::mnv_components(content, &part));
    }
    for content in &evidence.copy_numbers {
        let part = part_of(case, &content.head.file, sample, pipeline, knowledge);
        add(&mut found.copy_numbers, Rank::Vcf, vcf::copy_numbers(content, &part, account));
    }
    for content in &evidence.exon_copy_numbers {
        let part = part_of(case, &content.head.file, sample, pipeline, knowledge);
        let known: Vec<_> = found.exon_copy_numbers.iter().map(|told| told.finding.clone()).collect();
        add(&mut found.exon_copy_numbers, Rank::Vcf, vcf::exon_changes(content, &known, &part, account));
    }
}

/// A multi-nucleotide variant is one event. Where another file tells only its parts, their rows are those of the whole; what
/// that file says about a part is a note, since it does not hold for the whole.
fn absorb_parts(all: &mut All<SmallVariant>, components: &[(Identity, Identity)]) {
    let wholes: HashMap<&Identity, &Identity> = components.iter().map(|(part, whole)| (part, whole)).collect();
    let (parts, rest): (All<SmallVariant>, All<SmallVariant>) =
        std::mem::take(all).into_iter().partition(|told| wholes.contains_key(&told.finding.identity));
    *all = rest;
    for told in parts {
        let whole = wholes.get(&told.finding.identity).copied();
        let target = all.iter_mut().find(|other| Some(&other.finding.identity) == whole && other.rank == Rank::Vcf);
        match target {
            Some(target) => {
                target.finding.notes.push(Note { text: describe(&told.finding) });
                target.finding.rows.extend(&told.finding.rows);
            }
            None => all.push(told),
        }
    }
}

fn describe(part: &SmallVariant) -> String {
    let SmallVariant { chromosome, position, ref_allele, alt_allele, .. } = part;
    let mut text = format!("The result file tells the part chr{chromosome}:{position} {ref_allele}>{alt_allele}");
    let frequency = part.allele_frequency.as_ref().map(|frequency| format!("allele frequency {frequency}"));
    let depth = part.total_depth.map(|depth| format!("depth {depth}"));
    for said in [&frequency, &depth, &part.coding_hgvs, &part.protein_hgvs].into_iter().flatten() {
        text.push_str(", ");
        text.push_str(said);
    }
    text
}

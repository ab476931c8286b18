//! `variants.smallVariants`.

use crate::domain::accounting::Account;
use crate::domain::issue::IssueCode;
use crate::redact::quote;

use super::super::cells::alleles::{AllelesError, parse_allele};
use super::super::cells::chromosome::parse_chromosome;
use super::super::cells::position::parse_position;
use super::super::cells::quantity::Quantity;
use super::super::combined_variant_output::row::number_code;
use super::super::json_text::Item;
use super::super::wire::SmallVariant;
use super::CountedVariant;
use super::transcript::Annotation;

const CHROMOSOME: &str = "vcfChromosome";
const POSITION: &str = "vcfPosition";
const REFERENCE: &str = "vcfRefAllele";
const ALTERNATIVE: &str = "vcfAltAllele";
const FREQUENCY: &str = "vcfVariantFrequency";
const DEPTH: &str = "totalDepth";
const ALLELE_DEPTH: &str = "altAlleleDepth";
const ANNOTATION: &str = "nirvana";

const KNOWN: &[&str] =
    &[CHROMOSOME, POSITION, REFERENCE, ALTERNATIVE, FREQUENCY, DEPTH, ALLELE_DEPTH, ANNOTATION, "filter", "filters"];

/// Reads an element; reference calls are counted.
pub(super) fn read(item: &mut Item<'_>, account: &mut Account) -> Option<CountedVariant> {
    let (reference, alternative) =
        (item.text(REFERENCE), item.object.get(ALTERNATIVE).and_then(|value| value.as_str()));
    let same =
        alternative.zip(reference.as_deref()).is_some_and(|(alt, reference)| alt.eq_ignore_ascii_case(reference));
    if alternative == Some(".") || same {
        account.ledger.count(item.opened.row, IssueCode::RowReference);
        return None;
    }
    let chromosome = item.required_with(CHROMOSOME, parse_chromosome, |_| IssueCode::ChromosomeInvalid, account)?;
    let position = item.required_with(POSITION, parse_position, number_code, account)?;
    let allele_code = |error: &AllelesError| match error {
        AllelesError::Empty | AllelesError::Missing => IssueCode::ValueRequired,
        AllelesError::Invalid => IssueCode::AlleleInvalid,
    };
    let reference = item.required_with(REFERENCE, parse_allele, allele_code, account)?;
    let alternative = item.required_with(ALTERNATIVE, parse_allele, allele_code, account)?;
    let allele_frequency = item.number(FREQUENCY, Quantity::Fraction, account);
    if allele_frequency.as_ref().is_some_and(|frequency| frequency.to_f64() == 0.0) {
        item.reject(FREQUENCY, IssueCode::ValueContradictory, "the call has an allele frequency of zero", account);
        return None;
    }
    let depth = item.count(DEPTH, account);
    let frequency = allele_frequency.as_ref().map(|frequency| frequency.to_f64());
    let allele_depth = allele_depth(item, depth, frequency, account);
    item.keep_others(KNOWN);
    let annotation = Annotation::of(item.object.get(ANNOTATION));
    item.extra.extend(annotation.notes.iter().map(|note| (ANNOTATION.to_owned(), note.clone())));
    let variant = SmallVariant {
        gene: annotation.gene,
        chromosome: chromosome.to_owned(),
        position,
        reference,
        alternative,
        allele_frequency,
        depth,
        p_dot: annotation.protein,
        c_dot: annotation.coding,
        consequences: annotation.consequences,
        exon: annotation.exon,
        extra: std::mem::take(&mut item.extra),
        row: item.opened.row,
        line: item.opened.line,
    };
    Some(CountedVariant { variant, allele_depth })
}

/// Reads that show the allele; none where the other values of the element make them impossible.
fn allele_depth(item: &mut Item<'_>, depth: Option<u64>, frequency: Option<f64>, account: &mut Account) -> Option<u64> {
    let reads = item.count(ALLELE_DEPTH, account)?;
    let is_minority = frequency.is_some_and(|frequency| frequency < 0.5);
    if depth.is_some_and(|depth| reads > depth || (reads == depth && is_minority)) {
        let text = format!("{reads} reads of the allele contradict {} reads at all", depth.unwrap_or_default());
        let place = item.opened.place.clone().column(ALLELE_DEPTH);
        account.issue(IssueCode::Conflict, place, format!("{text}: {}", quote(&reads.to_string())));
        item.extra.push((ALLELE_DEPTH.to_owned(), reads.to_string()));
        return None;
    }
    Some(reads)
}

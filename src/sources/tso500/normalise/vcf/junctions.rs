//! Splice variants of a VCF, which names no genes.

use std::collections::HashMap;

use crate::domain::accounting::Account;
use crate::domain::finding::{Note, SpliceVariant};
use crate::domain::issue::IssueCode;
use crate::sources::tso500::cells::breakpoint::{Breakpoint, Locus, parse_locus};
use crate::sources::tso500::normalise::findings::Part;
use crate::sources::tso500::normalise::rearrangements::splice_variant;
use crate::sources::tso500::vcf::wire::{Junction, SpliceVcf};
use crate::sources::tso500::wire;

use super::place;

/// The genes whose splice variants the panel reports (Illumina, TruSight Oncology 500: splice variants of AR, EGFR and MET),
/// with their first and last base on GRCh37 (Ensembl 75: ENSG00000169083, ENSG00000146648, ENSG00000105976).
const GENES: [(&str, &str, u64, u64); 3] = [
    ("AR", "X", 66_763_874, 66_950_461),
    ("EGFR", "7", 55_086_714, 55_324_313),
    ("MET", "7", 116_312_444, 116_438_440),
];

/// The splice variants of a file, each with the identity that a row of the CombinedVariantOutput for it has. `known` are those
/// of the CombinedVariantOutput: the gene of the same junction is the gene. A junction of no gene is listed.
pub(in crate::sources::tso500::normalise) fn splice_variants(
    content: &SpliceVcf,
    known: &[SpliceVariant],
    part: &Part<'_>,
    account: &mut Account,
) -> Vec<SpliceVariant> {
    let known: HashMap<Ends, &str> =
        known.iter().filter(|variant| variant.specimen.sample_id == part.specimen.sample_id).filter_map(ends).collect();
    let mut variants = Vec::new();
    for junction in &content.junctions {
        let place = place(&content.head.file, junction.line);
        let Some(gene) = gene(junction, &known) else {
            let (start, end) = (junction.start, junction.end);
            let text = format!("chr{}:{start} to {end} lies in none of the genes AR, EGFR, MET", junction.chromosome);
            account.reject(junction.row, IssueCode::VcfJunctionGeneUnknown, place, text);
            continue;
        };
        let mut variant = splice_variant(&wire_row(junction, gene), &place, part, account);
        if junction.is_intergenic {
            variant.notes.push(Note { text: "Perhaps a fusion of two genes (INTERGENIC)".to_owned() });
        }
        variants.push(variant);
    }
    variants
}

/// Chromosome and position of both ends.
type Ends = [(&'static str, u64); 2];

/// The ends of a splice variant that is known, and its gene as the file writes it.
fn ends(variant: &SpliceVariant) -> Option<(Ends, &str)> {
    let end = |breakpoint: &Option<String>| {
        let locus = parse_locus(breakpoint.as_deref()?).ok()?;
        Some((locus.chromosome, locus.position))
    };
    let gene = variant.gene.reported_symbol.as_ref().unwrap_or(&variant.gene.symbol);
    Some(([end(&variant.breakpoint_1)?, end(&variant.breakpoint_2)?], gene))
}

fn gene(junction: &Junction, known: &HashMap<Ends, &str>) -> Option<String> {
    let ends = [(junction.chromosome, junction.start), (junction.chromosome, junction.end)];
    if let Some(gene) = known.get(&ends) {
        return Some((*gene).to_owned());
    }
    let holds = |first: u64, last: u64| first <= junction.start && junction.end <= last;
    GENES
        .iter()
        .find(|(_, chromosome, first, last)| *chromosome == junction.chromosome && holds(*first, *last))
        .map(|(gene, ..)| (*gene).to_owned())
}

/// The junction as a row of the CombinedVariantOutput.
fn wire_row(junction: &Junction, gene: String) -> wire::SpliceVariant {
    let breakpoint = |position: u64| {
        let chromosome = junction.chromosome;
        Some(Breakpoint { text: format!("chr{chromosome}:{position}"), locus: Some(Locus { chromosome, position }) })
    };
    wire::SpliceVariant {
        gene,
        exons: None,
        breakpoint_1: breakpoint(junction.start),
        breakpoint_2: breakpoint(junction.end),
        supporting_reads: junction.supporting_reads,
        reference_reads: junction.reference_reads,
        extra: junction.extra.clone(),
        row: junction.row,
        line: junction.line,
    }
}

//! Fusions and splice variants.

use crate::domain::accounting::Account;
use crate::domain::finding::{Fusion, Gene, SpliceVariant};
use crate::domain::gene::pair::{self, Direction, Resolution};
use crate::domain::issue::{IssueCode, Location};
use crate::redact::quote;

use super::super::cells::breakpoint::Breakpoint;
use super::super::wire;
use super::copy_numbers::{gene_key, identity};
use super::findings::Part;
use super::small_variants::{extra_notes, gene};

pub(super) fn fusions(rows: &[wire::Fusion], section: &str, part: &Part<'_>, account: &mut Account) -> Vec<Fusion> {
    rows.iter().map(|row| fusion(row, section, part, account)).collect()
}

fn fusion(row: &wire::Fusion, section: &str, part: &Part<'_>, account: &mut Account) -> Fusion {
    let place = part.place(section, row.line);
    let pair = pair::parse(&row.gene_pair, part.genes);
    let problem = match pair.resolution() {
        Resolution::Resolved => None,
        Resolution::Ambiguous => Some(IssueCode::GenePairAmbiguous),
        Resolution::Unresolved => Some(IssueCode::GenePairUnresolved),
    };
    if let Some(code) = problem {
        account.issue(
            code,
            place.clone().column("Gene Pair"),
            format!("{}: {}", quote(&row.gene_pair), code.meaning()),
        );
    }
    let mut resolve = |symbols: &[String]| -> Vec<Gene> {
        symbols.iter().map(|symbol| gene(symbol, part.genes, &place, account)).collect()
    };
    let genes = resolve(&pair.genes().into_iter().map(str::to_owned).collect::<Vec<_>>());
    let direction_known = pair.direction() == Direction::Known && row.direction_known != Some(false);
    let side = |symbols: &[String]| -> Vec<Gene> {
        let named = |gene: &&Gene| {
            symbols.iter().any(|symbol| gene.symbol == *symbol || gene.reported_symbol.as_ref() == Some(symbol))
        };
        genes.iter().filter(named).cloned().collect()
    };
    let (five_prime_genes, three_prime_genes) =
        if direction_known { (side(pair.five_prime()), side(pair.three_prime())) } else { (Vec::new(), Vec::new()) };
    let designation = designation(&five_prime_genes, &three_prime_genes);
    // Partners that cannot be told apart in a designation are not claimed either.
    let direction_known = designation.is_some();
    let (five_prime_genes, three_prime_genes) =
        if direction_known { (five_prime_genes, three_prime_genes) } else { (Vec::new(), Vec::new()) };
    let [breakpoint_1, breakpoint_2] = [text(&row.breakpoint_1), text(&row.breakpoint_2)];
    let key_text = |breakpoint: &Option<String>| breakpoint.clone().unwrap_or_default();
    Fusion {
        identity: identity(part, "fusion", &[&row.gene_pair, &key_text(&breakpoint_1), &key_text(&breakpoint_2)]),
        specimen: part.specimen.clone(),
        designation,
        genes,
        five_prime_genes,
        three_prime_genes,
        reported_pair: row.gene_pair.clone(),
        direction_known,
        breakpoint_1,
        breakpoint_2,
        supporting_reads: row.supporting_reads,
        gene_1_reference_reads: row.gene_1_reference_reads,
        gene_2_reference_reads: row.gene_2_reference_reads,
        allele_frequency: row.allele_frequency.clone(),
        notes: extra_notes(&row.extra),
        rows: vec![row.row],
    }
}

/// `GENE5::GENE3` (HGNC 2021, VICC); genes that share a breakpoint are joined by `;` as the caller does.
fn designation(five_prime: &[Gene], three_prime: &[Gene]) -> Option<String> {
    let side = |genes: &[Gene]| genes.iter().map(|gene| gene.symbol.as_str()).collect::<Vec<_>>().join(";");
    let is_name = |text: &String| !text.is_empty() && !text.contains(':');
    let sides = [side(five_prime), side(three_prime)];
    sides.iter().all(is_name).then(|| sides.join("::"))
}

pub(super) fn splice_variants(
    rows: &[wire::SpliceVariant],
    part: &Part<'_>,
    account: &mut Account,
) -> Vec<SpliceVariant> {
    rows.iter().map(|row| splice_variant(row, &part.place("Splice Variants", row.line), part, account)).collect()
}

/// A splice variant that a line at `place` tells.
pub(super) fn splice_variant(
    row: &wire::SpliceVariant,
    place: &Location,
    part: &Part<'_>,
    account: &mut Account,
) -> SpliceVariant {
    let gene = gene(&row.gene, part.genes, place, account);
    let [breakpoint_1, breakpoint_2] = [text(&row.breakpoint_1), text(&row.breakpoint_2)];
    let key_text = |breakpoint: &Option<String>| breakpoint.clone().unwrap_or_default();
    SpliceVariant {
        identity: identity(
            part,
            "splice-variant",
            &[gene_key(&gene), &key_text(&breakpoint_1), &key_text(&breakpoint_2)],
        ),
        specimen: part.specimen.clone(),
        gene,
        exons: row.exons.clone(),
        chromosome: common_chromosome(&row.breakpoint_1, &row.breakpoint_2),
        breakpoint_1,
        breakpoint_2,
        supporting_reads: row.supporting_reads,
        reference_reads: row.reference_reads,
        notes: extra_notes(&row.extra),
        rows: vec![row.row],
    }
}

fn text(breakpoint: &Option<Breakpoint>) -> Option<String> {
    breakpoint.as_ref().map(|breakpoint| breakpoint.text.clone())
}

fn common_chromosome(first: &Option<Breakpoint>, second: &Option<Breakpoint>) -> Option<String> {
    let chromosome = |breakpoint: &Option<Breakpoint>| Some(breakpoint.as_ref()?.locus.as_ref()?.chromosome);
    let first = chromosome(first)?;
    (chromosome(second) == Some(first)).then(|| first.to_owned())
}

//! Small variants: genes, HGVS, key.

use std::sync::Arc;

use crate::domain::accounting::Account;
use crate::domain::finding::{Consequence, Gene, Note, SmallVariant};
use crate::domain::gene::{GeneTable, PanelGene};
use crate::domain::hgvs::{parse_coding_cell, parse_protein_cell};
use crate::domain::ids::Identity;
use crate::domain::issue::{IssueCode, Location};
use crate::domain::variant_key::VariantKey;
use crate::redact::quote;

use super::super::wire;
use super::findings::Part;

pub(super) fn normalise(rows: &[wire::SmallVariant], part: &Part<'_>, account: &mut Account) -> Vec<SmallVariant> {
    rows.iter().map(|row| one(row, part.place("Small Variants", row.line), part, account)).collect()
}

/// A variant that a row at `place` tells.
pub(super) fn one(row: &wire::SmallVariant, place: Location, part: &Part<'_>, account: &mut Account) -> SmallVariant {
    let key = VariantKey::new(&row.chromosome, row.position, &row.reference, &row.alternative);
    let mut variant = SmallVariant {
        identity: identity(part, &key),
        specimen: part.specimen.clone(),
        genes: main_gene(row.gene.as_deref(), part.genes, &place, account).into_iter().collect(),
        chromosome: row.chromosome.clone(),
        position: row.position,
        ref_allele: row.reference.clone(),
        alt_allele: row.alternative.clone(),
        change_type: key.change_type().to_owned(),
        allele_frequency: row.allele_frequency.clone(),
        total_depth: row.depth,
        consequences: row.consequences.iter().map(|term| Consequence { term: term.clone() }).collect(),
        has_consequence: (!row.consequences.is_empty()).then_some(true),
        exon: row.exon.clone(),
        notes: extra_notes(&row.extra),
        rows: vec![row.row],
        ..SmallVariant::default()
    };
    if let Some(cell) = row.gene.as_deref().filter(|cell| cell.contains([';', ','])) {
        variant.notes.push(Note { text: format!("Genes: {cell}") });
    }
    describe(row, &mut variant, &place, account);
    for term in row.consequences.iter().filter(|term| !(part.is_known_consequence)(term)) {
        let text = format!("{} is not in the table of consequences", quote(term));
        account.issue(IssueCode::ConsequenceUnknown, place.clone().column("Consequence(s)"), text);
    }
    variant
}

/// The identity by which the TMB trace and other files find the variant again.
pub(super) fn identity(part: &Part<'_>, key: &VariantKey) -> Identity {
    let fields = key.fields();
    let fields = std::iter::once(part.specimen.sample_id.as_str()).chain(fields.iter().map(String::as_str));
    Identity::new(part.owner, "small-variant", &fields.collect::<Vec<_>>())
}

/// HGVS where it is HGVS, otherwise a note: 48004-6 and 48005-3 are required-bound to HGVS.
fn describe(row: &wire::SmallVariant, variant: &mut SmallVariant, place: &Location, account: &mut Account) {
    if let Some(cell) = &row.c_dot {
        match parse_coding_cell(cell) {
            Ok(description) => {
                variant.transcript_source = source_of(description.accession()).map(str::to_owned);
                variant.transcript = Some(description.accession().to_owned());
                variant.coding_hgvs = Some(description.as_str().to_owned());
            }
            Err(error) => not_hgvs("C-Dot Notation", cell, &error.to_string(), variant, place, account),
        }
    }
    let Some(cell) = &row.p_dot else { return };
    match parse_protein_cell(cell) {
        // HGVS wants a reference sequence; the transcript beside it is one, nothing is not.
        Ok(description) if description.accession().is_none() && variant.transcript.is_none() => {
            not_hgvs("P-Dot Notation", cell, "no reference sequence is given", variant, place, account);
        }
        Ok(description) => {
            variant.protein_source = description.accession().and_then(source_of).map(str::to_owned);
            variant.protein = description.accession().map(str::to_owned);
            variant.protein_hgvs = Some(description.as_str().to_owned());
        }
        Err(error) => not_hgvs("P-Dot Notation", cell, &error.to_string(), variant, place, account),
    }
}

/// The database that gives out accessions of this form.
fn source_of(accession: &str) -> Option<&'static str> {
    match accession.get(..3)? {
        "ENS" => Some("ensembl"),
        "LRG" => Some("lrg"),
        "NM_" | "NR_" | "XM_" | "XR_" | "NP_" | "XP_" | "NC_" | "NG_" => Some("refseq"),
        _ => None,
    }
}

fn not_hgvs(
    column: &str,
    cell: &str,
    error: &str,
    variant: &mut SmallVariant,
    place: &Location,
    account: &mut Account,
) {
    let text = format!("{} is not HGVS: {error}", quote(cell));
    account.issue(IssueCode::HgvsInvalid, place.clone().column(column), text);
    variant.notes.push(Note { text: format!("{column}: {cell}") });
}

/// The gene of a variant (at most one: profile ImpressVariant): of several in one cell the first that is on the
/// panel, otherwise the first.
fn main_gene(cell: Option<&str>, table: &GeneTable, place: &Location, account: &mut Account) -> Option<Gene> {
    let symbols: Vec<&str> =
        cell.unwrap_or_default().split([';', ',']).map(str::trim).filter(|symbol| !symbol.is_empty()).collect();
    let on_panel = |symbol: &&&str| {
        let is_panel = |gene: &&PanelGene| gene.tso500_symbol == ***symbol || gene.current_symbol == ***symbol;
        table.panel_genes().iter().any(|gene| is_panel(&gene))
    };
    let symbol = symbols.iter().find(on_panel).or(symbols.first())?;
    Some(gene(symbol, table, place, account))
}

pub(super) fn gene(symbol: &str, table: &GeneTable, place: &Location, account: &mut Account) -> Gene {
    let (gene, code) = table.to_gene(symbol);
    if let Some(code) = code {
        let text = match code {
            IssueCode::GeneAlias => format!("{} is now {}", quote(symbol), gene.symbol),
            _ => format!("{}: {}", quote(symbol), code.meaning()),
        };
        account.issue(code, place.clone().column("Gene"), text);
    }
    gene
}

/// Cells that no field holds, as notes; ordered so that the order of columns does not matter.
pub(super) fn extra_notes(extra: &[(String, String)]) -> Vec<Note> {
    let mut notes: Vec<Note> = extra.iter().map(|(column, cell)| Note { text: format!("{column}: {cell}") }).collect();
    notes.sort_by(|a, b| a.text.cmp(&b.text));
    notes
}

/// A place in a section of a file; the section is empty where the file has none.
pub(super) fn place(file: &Arc<str>, section: &str, line: u32) -> Location {
    let place = Location::file(file).line(line);
    if section.is_empty() { place } else { place.section(&Arc::from(section)) }
}

//! Short variants: alleles, HGVS, key.

use crate::domain::accounting::Account;
use crate::domain::finding::{Consequence, Gene, Note, SmallVariant};
use crate::domain::hgvs::{parse_coding_cell, parse_protein_cell, three_letter};
use crate::domain::issue::{IssueCode, Location};
use crate::domain::report::GenomicReport;
use crate::domain::variant_key::VariantKey;
use crate::redact::{self, quote};

use super::super::wire::ShortVariant;
use super::{Part, hold_again, notes_of};

const SECTION: &str = "short-variants";

/// Adds the variants. One that nothing defines is no resource: its row is listed, and the report says what the vendor wrote.
pub(super) fn add(report: &mut GenomicReport, part: &Part<'_>, account: &mut Account) {
    for row in &part.content.short_variants {
        let place = part.place(SECTION, row.line);
        let variant = short_variant(row, place.clone(), part, account);
        let is_placed = !variant.ref_allele.is_empty();
        if !is_placed && variant.coding_hgvs.is_none() && variant.protein_hgvs.is_none() {
            let words = words_of(row);
            let text = format!("{}: {}", quote(&words), IssueCode::FoundationVariantUndefined.meaning());
            account.reject(row.row, IssueCode::FoundationVariantUndefined, place, text);
            report.notes.push(Note { text: format!("Variant without exact description: {words}") });
            continue;
        }
        match report.small_variants.iter_mut().find(|other| other.identity == variant.identity) {
            Some(first) => hold_again(&mut first.rows, &mut first.notes, variant.notes, row.row, place, account),
            None => report.small_variants.push(variant),
        }
    }
    report.small_variants.sort_by(|a, b| a.identity.cmp(&b.identity));
}

fn short_variant(row: &ShortVariant, place: Location, part: &Part<'_>, account: &mut Account) -> SmallVariant {
    let gene = gene(&row.gene, part, &place, account);
    let mut variant = SmallVariant {
        specimen: part.specimen.clone(),
        allele_frequency: row.allele_fraction.clone(),
        total_depth: row.depth,
        notes: notes_of(&row.extra),
        rows: vec![row.row],
        genes: vec![gene],
        ..SmallVariant::default()
    };
    match substitution(row) {
        Some(key) => {
            variant.identity = identity_by_place(part, &key);
            variant.change_type = key.change_type().to_owned();
            variant.notes.push(Note {
                text: "The genomic alleles are those of cds-effect on the strand of the transcript".to_owned(),
            });
            variant.chromosome = key.chromosome;
            variant.position = key.position;
            variant.ref_allele = key.reference;
            variant.alt_allele = key.alternative;
        }
        None => {
            let text = |value: &Option<String>| value.clone().unwrap_or_default();
            let fields = [row.gene.clone(), text(&row.cds_effect), text(&row.protein_effect), text(&row.position)];
            variant.identity = part.identity("small-variant", &fields.each_ref().map(String::as_str));
            variant
                .notes
                .extend(row.position.iter().map(|text| Note { text: format!("position: {}", redact::name(text)) }));
        }
    }
    describe(row, &mut variant, &place, account);
    add_consequence(row, &mut variant, part);
    variant.notes.sort_by(|a, b| a.text.cmp(&b.text));
    variant
}

/// The identity that a variant caller's files would give the variant.
fn identity_by_place(part: &Part<'_>, key: &VariantKey) -> crate::domain::ids::Identity {
    part.identity("small-variant", &key.fields().each_ref().map(String::as_str))
}

/// Place and alleles of the exchange of one base: the bases of `cds-effect` are those of the transcript's strand. The place
/// of longer changes needs the reference sequence.
fn substitution(row: &ShortVariant) -> Option<VariantKey> {
    let (locus, effect) = (row.locus.as_ref()?, row.cds_effect.as_deref()?);
    let (before, alternative) = effect.split_once('>')?;
    let reference = before.get(before.len().checked_sub(1)?..)?;
    let place = before.strip_suffix(reference)?;
    let is_place = !place.is_empty() && place.bytes().all(|byte| byte.is_ascii_digit() || b"+-*".contains(&byte));
    let [reference, alternative] = [reference, alternative].map(|base| on_strand(base, row.strand.as_deref()?));
    let (reference, alternative) = (reference?, alternative?);
    (is_place && reference != alternative)
        .then(|| VariantKey::new(locus.chromosome, locus.position, reference, alternative))
}

/// A base of the plus strand; none where the strand is not said.
fn on_strand(base: &str, strand: &str) -> Option<&'static str> {
    match (base, strand) {
        ("A", "+") | ("T", "-") => Some("A"),
        ("C", "+") | ("G", "-") => Some("C"),
        ("G", "+") | ("C", "-") => Some("G"),
        ("T", "+") | ("A", "-") => Some("T"),
        _ => None,
    }
}

/// HGVS needs a reference sequence: the coding description one with version, the protein description the transcript beside
/// it. Everything else is a note.
fn describe(row: &ShortVariant, variant: &mut SmallVariant, place: &Location, account: &mut Account) {
    let transcript = row.transcript.as_deref();
    if let Some(effect) = &row.cds_effect {
        let written = format!("{}:c.{effect}", transcript.unwrap_or_default());
        match parse_coding_cell(&written) {
            Ok(description) => {
                variant.transcript = Some(description.accession().to_owned());
                variant.coding_hgvs = Some(description.as_str().to_owned());
            }
            Err(error) => {
                if transcript.is_some_and(|transcript| transcript.contains('.')) {
                    let text = format!("{} is not HGVS: {error}", quote(effect));
                    account.issue(IssueCode::HgvsInvalid, place.clone().column("cds-effect"), text);
                }
                let text = format!("cds-effect: {} {}", transcript.unwrap_or_default(), redact::name(effect));
                variant.notes.push(Note { text: text.replace(":  ", ": ") });
            }
        }
    }
    if let (None, Some(transcript)) = (&variant.transcript, transcript) {
        variant.transcript = Some(transcript.to_owned());
    }
    variant.transcript_source = variant.transcript.as_deref().and_then(source_of).map(str::to_owned);
    if variant.transcript_source.is_none() {
        variant.transcript = None;
    }
    let Some(effect) = &row.protein_effect else { return };
    match parse_protein_cell(&format!("p.({})", in_three_letters(effect))) {
        Ok(description) if variant.transcript.is_some() => {
            variant.protein_hgvs = Some(description.as_str().to_owned());
        }
        Err(error) if !is_no_protein_change(effect) => {
            let text = format!("{} is not HGVS: {error}", quote(effect));
            account.issue(IssueCode::HgvsInvalid, place.clone().column("protein-effect"), text);
            variant.notes.push(Note { text: format!("protein-effect: {}", redact::name(effect)) });
        }
        _ => variant.notes.push(Note { text: format!("protein-effect: {}", redact::name(effect)) }),
    }
}

/// The vendor writes one letter for a residue, every other source three. A text that is no change then stays as it is.
fn in_three_letters(effect: &str) -> String {
    let is_hgvs = |change: &String| parse_protein_cell(&format!("p.({change})")).is_ok();
    three_letter(&effect.replace('*', "X")).filter(is_hgvs).unwrap_or_else(|| effect.to_owned())
}

/// Words that the vendor writes where no protein changes in a way that can be told.
fn is_no_protein_change(effect: &str) -> bool {
    ["splice", "promoter", "intron", "utr"].iter().any(|word| effect.to_ascii_lowercase().starts_with(word))
}

fn source_of(accession: &str) -> Option<&'static str> {
    let is = |prefixes: &[&str]| prefixes.iter().any(|prefix| accession.starts_with(prefix));
    if is(&["NM_", "NR_", "XM_", "XR_"]) {
        return Some("refseq");
    }
    is(&["ENST"]).then_some("ensembl")
}

/// Words of the vendor that mean one Sequence Ontology term; the others (`nonframeshift`, `splice`) mean several.
fn add_consequence(row: &ShortVariant, variant: &mut SmallVariant, part: &Part<'_>) {
    let Some(effect) = &row.functional_effect else { return };
    let term = match effect.to_ascii_lowercase().as_str() {
        "missense" => Some("missense_variant"),
        "nonsense" => Some("stop_gained"),
        "frameshift" => Some("frameshift_variant"),
        "synonymous" => Some("synonymous_variant"),
        _ => None,
    };
    if let Some(term) = term.filter(|term| (part.knowledge.is_known_consequence)(term)) {
        variant.consequences.push(Consequence { term: term.to_owned() });
        variant.has_consequence = Some(true);
    }
    variant.notes.push(Note { text: format!("functional-effect: {}", redact::name(effect)) });
}

fn words_of(row: &ShortVariant) -> String {
    let values = [
        Some(&row.gene),
        row.transcript.as_ref(),
        row.cds_effect.as_ref(),
        row.protein_effect.as_ref(),
        row.position.as_ref(),
    ];
    let mut words: Vec<String> = values.into_iter().flatten().map(|value| redact::name(value)).collect();
    words.extend(row.allele_fraction.as_ref().map(|fraction| format!("allele fraction {fraction}")));
    words.join(" ")
}

/// The gene of a symbol, with what a reader must be told about it.
pub(super) fn gene(symbol: &str, part: &Part<'_>, place: &Location, account: &mut Account) -> Gene {
    let (gene, code) = part.knowledge.genes.to_gene(symbol);
    if let Some(code) = code {
        let text = match code {
            IssueCode::GeneAlias => format!("{} is now {}", quote(symbol), gene.symbol),
            _ => format!("{}: {}", quote(symbol), code.meaning()),
        };
        account.issue(code, place.clone().column("gene"), text);
    }
    gene
}

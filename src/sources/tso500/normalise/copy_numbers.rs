//! Gene amplifications, copy number variants, loss of heterozygosity, exon-level changes.

use std::collections::{BTreeSet, HashMap};

use crate::domain::accounting::Account;
use crate::domain::decimal::Decimal;
use crate::domain::finding::{CopyNumber, ExonCopyNumber, Gene, LossOfHeterozygosity, Note};
use crate::domain::ids::Identity;
use crate::domain::issue::{IssueCode, Location};

use super::super::cells::change_kind::ChangeKind;
use super::super::wire;
use super::findings::Part;
use super::small_variants::{extra_notes, gene};

pub(super) fn amplifications(
    rows: &[wire::GeneAmplification],
    part: &Part<'_>,
    account: &mut Account,
) -> Vec<CopyNumber> {
    rows.iter()
        .map(|row| {
            let gene = gene(&row.gene, part.genes, &part.place("Gene Amplifications", row.line), account);
            CopyNumber {
                identity: copy_number_identity(part, &gene, "gain"),
                specimen: part.specimen.clone(),
                gene,
                kind: "gain".to_owned(),
                fold_change: row.fold_change.clone(),
                notes: extra_notes(&row.extra),
                rows: vec![row.row],
                ..CopyNumber::default()
            }
        })
        .collect()
}

pub(super) fn copy_numbers(
    rows: &[wire::CopyNumberVariant],
    part: &Part<'_>,
    account: &mut Account,
) -> Vec<CopyNumber> {
    rows.iter().map(|row| copy_number(row, part.place("Copy Number Variants", row.line), part, account)).collect()
}

/// A gain or loss of a gene that a line at `place` tells.
pub(super) fn copy_number(
    row: &wire::CopyNumberVariant,
    place: Location,
    part: &Part<'_>,
    account: &mut Account,
) -> CopyNumber {
    let gene = gene(&row.gene, part.genes, &place, account);
    let kind = kind_word(row.kind);
    let copies = row.absolute_copy_number.as_ref().map(Decimal::to_f64);
    let contradicts = match row.kind {
        ChangeKind::Gain => copies.is_some_and(|copies| copies < 2.0),
        ChangeKind::Loss => copies.is_some_and(|copies| copies > 2.0),
    };
    let mut notes = extra_notes(&row.extra);
    let at = |column| place.clone().column(column);
    notes.extend(contradiction(contradicts, kind, "the absolute copy number", at("Absolute Copy Number"), account));
    let contradicts = is_against(row.kind, row.fold_change.as_ref());
    notes.extend(contradiction(contradicts, kind, "the fold change", at("Fold Change"), account));
    CopyNumber {
        identity: copy_number_identity(part, &gene, kind),
        specimen: part.specimen.clone(),
        gene,
        kind: kind.to_owned(),
        reported_type: Some(row.reported_type.clone()),
        fold_change: row.fold_change.clone(),
        absolute_copy_number: row.absolute_copy_number.clone(),
        notes,
        rows: vec![row.row],
    }
}

/// A gene of one sample cannot be both gained and lost as a whole: both stay, as files tell them, and say so.
pub(super) fn warn_both(copy_numbers: &mut [CopyNumber], account: &mut Account) {
    let key = |of: &CopyNumber| (of.specimen.sample_id.clone(), gene_key(&of.gene).to_owned());
    let mut kinds: HashMap<_, BTreeSet<String>> = HashMap::new();
    for of in copy_numbers.iter() {
        kinds.entry(key(of)).or_default().insert(of.kind.clone());
    }
    for of in copy_numbers.iter_mut() {
        if kinds.get(&key(of)).is_some_and(|kinds| kinds.len() > 1) {
            let text = format!("{} is told both as gained and as lost", of.gene.symbol);
            let place = of.rows.first().and_then(|row| account.ledger.row(*row));
            let place = place.map(|row| Location::file(&row.file).line(row.line)).unwrap_or_default();
            account.issue(IssueCode::Conflict, place, text.clone());
            of.notes.push(Note { text });
        }
    }
}

/// Whether a fold change is that of the opposite change.
fn is_against(kind: ChangeKind, fold_change: Option<&Decimal>) -> bool {
    let ratio = fold_change.map(Decimal::to_f64);
    match kind {
        ChangeKind::Gain => ratio.is_some_and(|ratio| ratio < 1.0),
        ChangeKind::Loss => ratio.is_some_and(|ratio| ratio > 1.0),
    }
}

/// A number that speaks against the type of change: both stay, and say so.
fn contradiction(contradicts: bool, kind: &str, number: &str, place: Location, account: &mut Account) -> Option<Note> {
    contradicts.then(|| {
        let text = format!("the type says {kind}, {number} speaks against it");
        account.issue(IssueCode::Conflict, place, text.clone());
        Note { text }
    })
}

pub(super) fn losses(
    rows: &[wire::LossOfHeterozygosity],
    part: &Part<'_>,
    account: &mut Account,
) -> Vec<LossOfHeterozygosity> {
    rows.iter()
        .map(|row| {
            let gene = gene(&row.gene, part.genes, &part.place("Loss of Heterozygosity", row.line), account);
            LossOfHeterozygosity {
                identity: identity(part, "loss-of-heterozygosity", &[gene_key(&gene)]),
                specimen: part.specimen.clone(),
                gene,
                absolute_copy_number: row.absolute_copy_number.clone(),
                minor_copy_number: Some(row.minor_copy_number.clone()),
                notes: extra_notes(&row.extra),
                rows: vec![row.row],
            }
        })
        .collect()
}

pub(super) fn exon_changes(
    rows: &[wire::ExonCopyNumber],
    part: &Part<'_>,
    account: &mut Account,
) -> Vec<ExonCopyNumber> {
    rows.iter()
        .map(|row| {
            let section = account.ledger.row(row.row).and_then(|row| row.section.clone()).unwrap_or_default();
            exon_change(row, part.place(&section, row.line), part, account)
        })
        .collect()
}

/// A gain or loss of exons that a line at `place` tells.
pub(super) fn exon_change(
    row: &wire::ExonCopyNumber,
    place: Location,
    part: &Part<'_>,
    account: &mut Account,
) -> ExonCopyNumber {
    let gene = gene(&row.gene, part.genes, &place, account);
    let kind = kind_word(row.kind);
    let contradicts = is_against(row.kind, row.fold_change.as_ref());
    let mut notes = extra_notes(&row.extra);
    notes.extend(contradiction(contradicts, kind, "the fold change", place.column("Fold Change"), account));
    let position = |value: Option<u64>| value.map(|value| value.to_string()).unwrap_or_default();
    let (start, stop) = (position(row.start), position(row.stop));
    ExonCopyNumber {
        identity: identity(part, "exon-copy-number", &[gene_key(&gene), &row.chromosome, &start, &stop, kind]),
        specimen: part.specimen.clone(),
        gene,
        chromosome: row.chromosome.clone(),
        start: row.start,
        stop: row.stop,
        exons: row.exons.clone(),
        kind: kind.to_owned(),
        reported_type: Some(row.reported_type.clone()),
        fold_change: row.fold_change.clone(),
        notes,
        rows: vec![row.row],
    }
}

fn copy_number_identity(part: &Part<'_>, gene: &Gene, kind: &str) -> Identity {
    identity(part, "copy-number", &[gene_key(gene), kind])
}

pub(super) fn identity(part: &Part<'_>, kind: &'static str, fields: &[&str]) -> Identity {
    let mut key = vec![part.specimen.sample_id.as_str()];
    key.extend(fields);
    Identity::new(part.owner, kind, &key)
}

/// A gene's key is its HGNC id, so that an alias and the current symbol are one gene.
pub(super) fn gene_key(gene: &Gene) -> &str {
    gene.hgnc_id.as_deref().unwrap_or(&gene.symbol)
}

pub(super) fn kind_word(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Gain => "gain",
        ChangeKind::Loss => "loss",
    }
}

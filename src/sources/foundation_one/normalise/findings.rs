//! Copy number alterations, rearrangements, biomarkers.

use crate::domain::accounting::Account;
use crate::domain::finding::{CopyNumber, Fusion, Gene, MicrosatelliteInstability, Note, TumorMutationalBurden};
use crate::domain::issue::IssueCode;
use crate::domain::report::GenomicReport;
use crate::redact::{self, quote};

use super::super::wire::Rearrangement;
use super::short_variants::gene;
use super::{Part, TITLE, VENDOR, hold_again, notes_of};

/// Adds gains and losses. `copy-number` is an absolute number; `ratio` is none and stays a note.
pub(super) fn add_copy_numbers(report: &mut GenomicReport, part: &Part<'_>, account: &mut Account) {
    for row in &part.content.copy_number_alterations {
        let place = part.place("copy-number-alterations", row.line);
        let gene = gene(&row.gene, part, &place, account);
        let kind = if row.is_gain { "gain" } else { "loss" };
        let finding = CopyNumber {
            identity: part.identity("copy-number", &[gene_key(&gene), kind]),
            specimen: part.specimen.clone(),
            gene,
            kind: kind.to_owned(),
            reported_type: Some(row.reported_type.clone()),
            fold_change: None,
            absolute_copy_number: row.copy_number.clone(),
            notes: notes_of(&row.extra),
            rows: vec![row.row],
        };
        match report.copy_numbers.iter_mut().find(|other| other.identity == finding.identity) {
            Some(first) => {
                let numbers = [&first.absolute_copy_number, &finding.absolute_copy_number];
                let mut notes = finding.notes.clone();
                if numbers[0] != numbers[1] {
                    notes.extend(row.copy_number.iter().map(|number| Note { text: format!("copy-number: {number}") }));
                }
                hold_again(&mut first.rows, &mut first.notes, notes, row.row, place, account);
            }
            None => report.copy_numbers.push(finding),
        }
    }
    report.copy_numbers.sort_by(|a, b| a.identity.cmp(&b.identity));
}

/// Adds fusions. Which gene is the 5' partner is not said: `targeted-gene` is the one that the test looks at. A rearrangement
/// that is no fusion of two genes is listed, and the report says what the vendor wrote.
pub(super) fn add_rearrangements(report: &mut GenomicReport, part: &Part<'_>, account: &mut Account) {
    for row in &part.content.rearrangements {
        let place = part.place("rearrangements", row.line);
        let other = row.other_gene.as_deref().filter(|other| *other != row.targeted_gene && row.is_fusion);
        let Some(other) = other else {
            let words = words_of(row);
            let code = IssueCode::FoundationNotFusion;
            account.reject(row.row, code, place, format!("{}: {}", quote(&words), code.meaning()));
            report.notes.push(Note { text: format!("Rearrangement: {words}") });
            continue;
        };
        let genes = vec![gene(&row.targeted_gene, part, &place, account), gene(other, part, &place, account)];
        let reported_pair = format!("{}/{other}", row.targeted_gene);
        let text = |position: &Option<String>| position.clone().unwrap_or_default();
        let (first, second) = (text(&row.position_1), text(&row.position_2));
        let mut notes = notes_of(&row.extra);
        notes.push(Note { text: "The supporting reads are read pairs".to_owned() });
        let fusion = Fusion {
            identity: part.identity("fusion", &[&reported_pair, &first, &second]),
            specimen: part.specimen.clone(),
            genes,
            reported_pair,
            direction_known: false,
            breakpoint_1: row.position_1.clone(),
            breakpoint_2: row.position_2.clone(),
            supporting_reads: row.supporting_read_pairs,
            allele_frequency: row.allele_fraction.clone(),
            notes,
            rows: vec![row.row],
            ..Fusion::default()
        };
        match report.fusions.iter_mut().find(|other| other.identity == fusion.identity) {
            Some(first) => hold_again(&mut first.rows, &mut first.notes, fusion.notes, row.row, place, account),
            None => report.fusions.push(fusion),
        }
    }
    report.fusions.sort_by(|a, b| a.identity.cmp(&b.identity));
}

/// Adds both biomarkers. The vendor's status of each is a note: a category comes from a configured policy only.
pub(super) fn add_biomarkers(report: &mut GenomicReport, part: &Part<'_>) {
    let version = part.content.variant_report.pipeline_version.as_deref();
    let method = [Some(VENDOR), Some(TITLE), version].into_iter().flatten().collect::<Vec<_>>().join(" ");
    if let Some(held) = &part.content.microsatellite_instability {
        report.microsatellite_instabilities.push(MicrosatelliteInstability {
            identity: part.identity("microsatellite-instability", &[]),
            specimen: part.specimen.clone(),
            method: method.clone(),
            notes: vec![Note { text: format!("{VENDOR} says: {}", redact::name(&held.value)) }],
            rows: vec![held.row],
            ..MicrosatelliteInstability::default()
        });
    }
    if let Some(burden) = &part.content.tumor_mutation_burden {
        report.tumor_mutational_burdens.push(TumorMutationalBurden {
            identity: part.identity("tumor-mutational-burden", &[]),
            specimen: part.specimen.clone(),
            value: burden.score.clone(),
            method: format!("{method}, blood"),
            notes: notes_of(&burden.extra),
            rows: vec![burden.row],
            ..TumorMutationalBurden::default()
        });
    }
}

fn words_of(row: &Rearrangement) -> String {
    let values = [Some(&row.targeted_gene), row.other_gene.as_ref(), row.position_1.as_ref(), row.position_2.as_ref()];
    let mut words: Vec<String> = values.into_iter().flatten().map(|value| redact::name(value)).collect();
    words.extend(notes_of(&row.extra).into_iter().map(|note| note.text));
    words.extend(row.supporting_read_pairs.map(|pairs| format!("supporting read pairs {pairs}")));
    words.join(", ")
}

fn gene_key(gene: &Gene) -> &str {
    gene.hgnc_id.as_deref().unwrap_or(&gene.symbol)
}

//! The small variant table of TSOPPI: which of its variants count, and what the laboratory says about them.
//!
//! The table holds every variant that the curators looked at. What they excluded, what the pipeline has on its blacklist and
//! what was seen in the normal sample only is no finding; it is listed, and [`withhold`] carries the laboratory's exclusion
//! over to the same variant of another file.

mod protein;
mod reason;
mod statements;
mod variant;

use std::collections::BTreeMap;
use std::collections::HashMap;

use crate::domain::accounting::{Account, RowId};
use crate::domain::finding::{Note, SmallVariant};
use crate::domain::ids::Identity;
use crate::domain::issue::{IssueCode, Location};
use crate::domain::report::{Specimen, Study};
use crate::domain::sample_id::PatientKey;
use crate::domain::variant_key::VariantKey;
use crate::redact::quote;

use super::super::small_variant_table::{LocalAppClass, SmallVariantTable, TableVariant};
use super::super::tmb_trace::Origin;
use super::findings::Part;
use super::small_variants::identity;
pub use reason::Reason;
use reason::{in_words, is_reportable};
use statements::Scales;

/// The variants of a table.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Curated {
    /// Variants that count, one per key, ordered by key; with their implications.
    pub variants: Vec<SmallVariant>,
    /// Variants that do not count. Their rows are listed.
    pub withheld: Vec<Withheld>,
    /// What a reader of the report must know: variants that are withheld although the laboratory's own report shows them.
    pub notes: Vec<Note>,
}

/// A variant that the table does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withheld {
    /// Business key of the variant.
    pub identity: Identity,
    /// Why.
    pub reason: Reason,
    /// The same in words.
    pub text: String,
}

/// Turns a table into the variants of the sample of `part`. Every row that the table carries ends held by a variant or
/// listed; the comments that it carries stay open ([`describe`] holds them).
pub fn normalise(table: &SmallVariantTable, part: &Part<'_>, account: &mut Account) -> Curated {
    let mut curated = Curated::default();
    if let Some(version) = table.version.as_ref().filter(|version| !version.value.is_grch37()) {
        let code = IssueCode::GenomeUnsupported;
        let place = Location::file(&table.file).line(version.line);
        account.issue(code, place, format!("the genome is {}", quote(&version.value.genome)));
        account.ledger.list_file(&table.file, code, code.meaning());
        return curated;
    }
    let scales = Scales::of(table, account);
    let mut groups: BTreeMap<Identity, Vec<&TableVariant>> = BTreeMap::new();
    let mut differs = false;
    for row in &table.rows {
        match belongs(&row.sample_id, &part.specimen.sample_id) {
            Belongs::No => {
                let words = "the line is about another sample than the table";
                account.reject(row.row, IssueCode::IdMismatch, place(table, row, "Sample_ID"), words);
                continue;
            }
            Belongs::Perhaps if !differs => {
                differs = true;
                let words = format!("the line says {}, the report another id", quote(&row.sample_id));
                account.issue(IssueCode::IdDiffers, place(table, row, "Sample_ID"), words);
            }
            _ => {}
        }
        let key = VariantKey::new(&row.chromosome, row.position, &row.reference, &row.alternative);
        groups.entry(identity(part, &key)).or_default().push(row);
    }
    let context = Context { table, part, scales: &scales };
    for (identity, rows) in groups {
        context.decide(identity, &rows, &mut curated, account);
    }
    curated
}

/// What every row needs to know.
struct Context<'a> {
    table: &'a SmallVariantTable,
    part: &'a Part<'a>,
    scales: &'a Scales,
}

fn place(table: &SmallVariantTable, row: &TableVariant, column: &str) -> Location {
    Location::file(&table.file).line(row.line).column(column)
}

enum Belongs {
    Yes,
    /// The ids have not the same form, so that nothing can be said.
    Perhaps,
    No,
}

/// Rows can lack the end of the id (`CL-AcroMetrix` in a file of `CL-AcroMetrix-D01`). Two InPreD ids that differ are two
/// samples.
fn belongs(row_id: &str, sample_id: &str) -> Belongs {
    let is_start = |short: &str, long: &str| {
        long.strip_prefix(short).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
    };
    if is_start(row_id, sample_id) || is_start(sample_id, row_id) {
        return Belongs::Yes;
    }
    let is_inpred = |id: &str| id.get(..7).and_then(PatientKey::parse).is_some();
    if is_inpred(row_id) && is_inpred(sample_id) { Belongs::No } else { Belongs::Perhaps }
}

impl Context<'_> {
    /// Decides about the rows of one variant.
    fn decide(&self, identity: Identity, rows: &[&TableVariant], curated: &mut Curated, account: &mut Account) {
        let mut merged: Option<SmallVariant> = None;
        for row in rows.iter().filter(|row| Reason::of(row).is_none()) {
            let next = self.variant(identity.clone(), row, account);
            match &mut merged {
                None => merged = Some(next),
                Some(first) => self.merge(first, next, row, account),
            }
        }
        for row in rows {
            let Some(reason) = Reason::of(row) else { continue };
            let words = in_words(row, reason);
            match &mut merged {
                Some(variant) if reason != Reason::QcContradictory => {
                    let text = format!("another line of the table counts the variant, this one does not: {words}");
                    account.issue(IssueCode::Conflict, place(self.table, row, reason.column()), text.clone());
                    variant.rows.push(row.row);
                    variant.notes.push(Note { text: format!("The small variant table contradicts itself: {text}") });
                }
                _ => {
                    self.list(row, reason, &words, account);
                    curated.notes.extend(self.warn_if_reportable(row, reason, &words, account));
                    curated.withheld.push(Withheld { identity: identity.clone(), reason, text: words });
                }
            }
        }
        curated.variants.extend(merged);
    }

    fn list(&self, row: &TableVariant, reason: Reason, words: &str, account: &mut Account) {
        match reason {
            Reason::QcContradictory | Reason::NotSeen => {
                account.reject(row.row, reason.code(), place(self.table, row, reason.column()), words);
            }
            _ => account.ledger.list(row.row, reason.code(), words.to_owned()),
        }
    }

    fn warn_if_reportable(
        &self,
        row: &TableVariant,
        reason: Reason,
        words: &str,
        account: &mut Account,
    ) -> Option<Note> {
        is_reportable(row, reason).then(|| {
            let text = format!(
                "{} is no finding, since {words}; the rules of the laboratory's own report would show it",
                name(row)
            );
            account.issue(IssueCode::VariantWithheldReportable, place(self.table, row, reason.column()), text.clone());
            Note { text }
        })
    }

    /// A second row of the same variant.
    fn merge(&self, first: &mut SmallVariant, next: SmallVariant, row: &TableVariant, account: &mut Account) {
        let at = |column| place(self.table, row, column);
        let mut differences = Vec::new();
        let frequencies =
            [&first.allele_frequency, &next.allele_frequency].map(|value| value.as_ref().map(ToString::to_string));
        if let [Some(ours), Some(theirs)] = frequencies
            && ours != theirs
        {
            differences.push((at("AF_tumor_DNA"), format!("allele frequency: {ours} and {theirs}")));
        }
        if let (Some(ours), Some(theirs)) = (first.total_depth, next.total_depth)
            && ours != theirs
        {
            differences.push((at("Depth_tumor_DNA"), format!("depth: {ours} and {theirs}")));
        }
        for (scale, ours, theirs) in first.take_statements(&next) {
            differences.push((at(statements::column_of(&scale)), format!("{scale}: {ours} and {theirs}")));
        }
        for (place, text) in differences {
            first.notes.push(Note { text: format!("Stated differently: {text}") });
            account.issue(IssueCode::Conflict, place, text);
        }
        first.rows.extend(next.rows);
        let new: Vec<Note> = next.notes.into_iter().filter(|note| !first.notes.contains(note)).collect();
        first.notes.extend(new);
        first.notes.sort_by(|a, b| a.text.cmp(&b.text));
    }
}

/// The variant for a reader.
fn name(row: &TableVariant) -> String {
    let gene = row.gene.as_deref().map(|gene| format!("{} ", quote(gene))).unwrap_or_default();
    format!("{gene}{}:{} {}>{}", row.chromosome, row.position, row.reference, row.alternative)
}

/// Takes the findings away that the laboratory excluded: their rows are listed with `tsoppi.variant-excluded`. A variant that
/// the table withholds for another reason stays, with an issue and a note: another file calls it.
pub fn withhold(variants: Vec<SmallVariant>, withheld: &[Withheld], account: &mut Account) -> Vec<SmallVariant> {
    let mut by_identity: HashMap<&Identity, &Withheld> = HashMap::new();
    for one in withheld {
        let excluded = one.reason == Reason::Excluded;
        by_identity.entry(&one.identity).and_modify(|held| *held = if excluded { one } else { held }).or_insert(one);
    }
    let mut kept = Vec::with_capacity(variants.len());
    for mut variant in variants {
        match by_identity.get(&variant.identity) {
            None => kept.push(variant),
            Some(withheld) if withheld.reason == Reason::Excluded => {
                for row in &variant.rows {
                    account.ledger.list(*row, withheld.reason.code(), withheld.text.clone());
                }
            }
            Some(withheld) => {
                let text = format!("the laboratory's table does not count the variant: {}", withheld.text);
                account.issue(IssueCode::Conflict, place_of(variant.rows.first(), account), text.clone());
                variant.notes.push(Note { text });
                kept.push(variant);
            }
        }
    }
    kept
}

fn place_of(row: Option<&RowId>, account: &Account) -> Location {
    let row = row.and_then(|row| account.ledger.row(*row));
    row.map(|row| Location::file(&row.file).line(row.line)).unwrap_or_default()
}

/// Lets sample and study hold the comments of the table.
pub fn describe(table: &SmallVariantTable, specimen: &mut Specimen, study: &mut Study) {
    if let Some(version) = &table.version {
        let v = &version.value;
        let text = format!(
            "Small variant table: pipeline {}, TSOPPI {}, PCGR {}, CPSR {}, genome {}, samples {}",
            v.pipeline, v.tsoppi, v.pcgr, v.cpsr, v.genome, v.samples
        );
        study.notes.push(Note { text });
        study.rows.push(version.row);
    }
    if let Some(size) = &table.coding_region_size {
        let text = format!("Small variant table: size of the target coding region {} megabases", size.value);
        study.notes.push(Note { text });
        study.rows.push(size.row);
    }
    if let Some(purity) = &table.tumor_purity {
        let text = match &purity.value.value {
            Some(value) => format!("Tumour purity specified for TSOPPI: {value} (fraction of 1)"),
            None => "Tumour purity was not specified for TSOPPI, which used its default".to_owned(),
        };
        specimen.notes.push(Note { text });
        specimen.rows.push(purity.row);
    }
    for (held, name) in [(&table.matched_normal, "normal DNA"), (&table.matched_rna, "tumour RNA")] {
        if let Some(held) = held {
            let id = crate::redact::name(&held.value);
            specimen.notes.push(Note { text: format!("Matched {name} sample: {id}") });
            specimen.rows.push(held.row);
        }
    }
}

/// The origin that the pipeline's class gives.
fn origin_of(row: &TableVariant) -> Option<Origin> {
    match row.local_app_class {
        Some(LocalAppClass::Origin(origin)) => Some(origin),
        _ => None,
    }
}

#[cfg(test)]
mod tests;

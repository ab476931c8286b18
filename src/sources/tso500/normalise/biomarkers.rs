//! Tumour mutational burden, microsatellite instability, genomic instability: numbers with their counts, never merged.

use crate::domain::accounting::{Account, RowId};
use crate::domain::decimal::Decimal;
use crate::domain::finding::{GenomicInstability, MicrosatelliteInstability, Note, TumorMutationalBurden};
use crate::domain::issue::IssueCode;
use crate::domain::policy::Policies;

use super::super::wire::{Gis, Held, Msi, Tmb};
use super::copy_numbers::identity;
use super::findings::Part;

pub(super) fn tmb(section: &Tmb, part: &Part<'_>, method: &str, policies: &Policies) -> Option<TumorMutationalBurden> {
    let rows = rows([row(&section.total), row(&section.coding_region_size), row(&section.eligible_variants)]);
    let value = value(&section.total);
    let category = policies.tmb.as_ref().zip(value.as_ref()).and_then(|(policy, value)| policy.category(value));
    (!rows.is_empty()).then(|| TumorMutationalBurden {
        identity: identity(part, "tumor-mutational-burden", &[]),
        specimen: part.specimen.clone(),
        value,
        region_size: self::value(&section.coding_region_size),
        eligible_variants: section.eligible_variants.as_ref().map(|held| held.value),
        category,
        method: method.to_owned(),
        notes: Vec::new(),
        rows,
    })
}

pub(super) fn msi(
    section: &Msi,
    part: &Part<'_>,
    method: &str,
    policies: &Policies,
    account: &mut Account,
) -> Option<MicrosatelliteInstability> {
    let rows = rows([
        row(&section.usable_sites),
        row(&section.unstable_sites),
        row(&section.percent_unstable),
        row(&section.sum_jsd),
    ]);
    let usable_sites = section.usable_sites.as_ref().map(|held| held.value);
    let percent_unstable = value(&section.percent_unstable);
    let mut notes = Vec::new();
    let category = policies.msi.as_ref().zip(percent_unstable.as_ref()).and_then(|(policy, percent)| {
        let minimum = policy.min_usable_sites;
        if usable_sites.is_none_or(|sites| sites < minimum) {
            let sites = usable_sites.map_or("no".to_owned(), |sites| sites.to_string());
            let text =
                format!("Not reliable: {sites} usable sites, at least {minimum} by policy {}", policy.bands.name);
            notes.push(Note { text });
            return None;
        }
        policy.bands.category(percent)
    });
    let unstable_sites = section.unstable_sites.as_ref().map(|held| held.value);
    if let (Some(usable), Some(unstable), Some(held)) = (usable_sites, unstable_sites, &section.unstable_sites)
        && unstable > usable
    {
        let text = format!("{unstable} unstable sites of {usable} usable ones");
        account.issue(
            IssueCode::Conflict,
            part.place("MSI", held.line).column("Total MSI Sites Unstable"),
            text.clone(),
        );
        notes.push(Note { text: format!("The counts contradict each other: {text}") });
    }
    (!rows.is_empty()).then(|| MicrosatelliteInstability {
        identity: identity(part, "microsatellite-instability", &[]),
        specimen: part.specimen.clone(),
        usable_sites,
        unstable_sites,
        percent_unstable,
        sum_jsd: value(&section.sum_jsd),
        category,
        method: method.to_owned(),
        notes,
        rows,
    })
}

pub(super) fn gis(section: &Gis, part: &Part<'_>, method: &str, account: &mut Account) -> Option<GenomicInstability> {
    let rows = rows([row(&section.score), row(&section.tumor_fraction), row(&section.ploidy)]);
    let tumor_fraction = value(&section.tumor_fraction);
    let unit = tumor_fraction.as_ref().map(|fraction| if fraction.to_f64() > 1.0 { "percent" } else { "fraction" });
    let mut notes = Vec::new();
    if let (Some(held), Some(unit)) = (&section.tumor_fraction, unit) {
        let text = format!("tumour fraction {} was taken as {unit}", held.value);
        account.issue(
            IssueCode::TumorFractionUnitInferred,
            part.place("GIS", held.line).column("Tumor Fraction"),
            text.clone(),
        );
        notes.push(Note { text: format!("The unit of the tumour fraction is inferred: {text}") });
    }
    (!rows.is_empty()).then(|| GenomicInstability {
        identity: identity(part, "genomic-instability", &[]),
        specimen: part.specimen.clone(),
        score: value(&section.score),
        tumor_fraction,
        tumor_fraction_unit: unit.map(str::to_owned),
        ploidy: value(&section.ploidy),
        method: method.to_owned(),
        notes,
        rows,
    })
}

fn value(held: &Option<Held<Decimal>>) -> Option<Decimal> {
    held.as_ref().map(|held| held.value.clone())
}

fn row<T>(held: &Option<Held<T>>) -> Option<RowId> {
    held.as_ref().map(|held| held.row)
}

fn rows<const N: usize>(rows: [Option<RowId>; N]) -> Vec<RowId> {
    rows.into_iter().flatten().collect()
}

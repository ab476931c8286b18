//! Small variants of a VCF. It names no genes and no HGVS; it counts the reads that show the allele.

use std::collections::HashMap;

use crate::domain::finding::{Note, SmallVariant};
use crate::domain::ids::Identity;
use crate::domain::variant_key::VariantKey;
use crate::sources::tso500::normalise::findings::Part;
use crate::sources::tso500::normalise::small_variants::{extra_notes, identity};
use crate::sources::tso500::vcf::wire::{self, GermlineStatus, MnvComponent, SmallVariantVcf};

/// The variants of a file, each with the identity that a row of the CombinedVariantOutput for it has.
pub(in crate::sources::tso500::normalise) fn small_variants(
    content: &SmallVariantVcf,
    part: &Part<'_>,
) -> Vec<SmallVariant> {
    let mut parts: HashMap<&VariantKey, Vec<&MnvComponent>> = HashMap::new();
    for component in &content.components {
        parts.entry(&component.mnv).or_default().push(component);
    }
    content.variants.iter().map(|row| variant(row, &parts, part)).collect()
}

/// The identities of parts of multi-nucleotide variants, each with that of its whole: a file that tells only the parts
/// (CombinedVariantOutput) tells the whole.
pub(in crate::sources::tso500::normalise) fn mnv_components(
    content: &SmallVariantVcf,
    part: &Part<'_>,
) -> Vec<(Identity, Identity)> {
    let pair = |component: &MnvComponent| (identity(part, &component.key), identity(part, &component.mnv));
    content.components.iter().map(pair).collect()
}

fn variant(
    row: &wire::SmallVariant,
    parts: &HashMap<&VariantKey, Vec<&MnvComponent>>,
    part: &Part<'_>,
) -> SmallVariant {
    let key = VariantKey::new(row.chromosome, row.position, &row.reference, &row.alternative);
    let (origin, origin_method) = row.germline_status.map_or((None, None), origin);
    SmallVariant {
        identity: identity(part, &key),
        specimen: part.specimen.clone(),
        chromosome: row.chromosome.to_owned(),
        position: row.position,
        ref_allele: row.reference.clone(),
        alt_allele: row.alternative.clone(),
        change_type: key.change_type().to_owned(),
        allele_frequency: row.allele_frequency.clone(),
        total_depth: row.total_depth,
        allele_depth: row.allele_depth,
        origin: origin.map(str::to_owned),
        origin_method: origin_method.map(str::to_owned),
        putative_clonal_haematopoiesis: (row.germline_status == Some(GermlineStatus::SomaticPutativeCh))
            .then_some(true),
        notes: notes(row, parts.get(&key).map(Vec::as_slice).unwrap_or_default()),
        rows: vec![row.row],
        ..SmallVariant::default()
    }
}

/// Origin and what it rests on.
fn origin(status: GermlineStatus) -> (Option<&'static str>, Option<&'static str>) {
    match status {
        GermlineStatus::GermlineDatabase => (Some("germline"), Some("database")),
        GermlineStatus::GermlineProximity => (Some("germline"), Some("proximity")),
        GermlineStatus::Somatic | GermlineStatus::SomaticPutativeCh => (Some("somatic"), None),
    }
}

fn notes(row: &wire::SmallVariant, parts: &[&MnvComponent]) -> Vec<Note> {
    let mut notes = extra_notes(&row.extra);
    let mut add = |text: String| notes.push(Note { text });
    if row.germline_status == Some(GermlineStatus::SomaticPutativeCh) {
        add("Perhaps of blood cells and not of the tumour (GermlineStatus Somatic_Putative_CH)".to_owned());
    }
    if row.is_genotype_missing {
        add("The caller gives no genotype (GT)".to_owned());
    }
    if row.is_hotspot {
        add("A known somatic site of the caller (hotspot)".to_owned());
    }
    if let Some(phase_set) = row.phase_set {
        add(format!("Phase set {phase_set}: variants of one phase set lie on one copy"));
    }
    for component in parts {
        let part = &component.key;
        let frequency = component.allele_frequency.as_ref();
        let frequency = frequency.map(|frequency| format!(", allele frequency {frequency}")).unwrap_or_default();
        let change = format!("chr{}:{} {}>{}", part.chromosome, part.position, part.reference, part.alternative);
        add(format!("The caller also writes the part {change} by itself{frequency}"));
    }
    notes
}

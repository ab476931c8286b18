//! What each class of finding takes from a second file, and what counts as a difference.
//!
//! Numbers differ when rounding does not explain it. Descriptions on another transcript are no contradiction: those of the
//! first file stay together.

use super::{Difference, Finding};
use crate::domain::accounting::RowId;
use crate::domain::decimal::Decimal;
use crate::domain::finding::{
    CopyNumber, ExonCopyNumber, Fusion, GenomicInstability, LossOfHeterozygosity, MicrosatelliteInstability, Note,
    SmallVariant, SpliceVariant, TumorMutationalBurden,
};
use crate::domain::ids::Identity;

/// Collects differences while values are filled in.
#[derive(Default)]
struct Differences(Vec<Difference>);

impl Differences {
    fn add(&mut self, name: &'static str, kept: &impl ToString, other: &impl ToString) {
        self.0.push(Difference { name, kept: kept.to_string(), other: other.to_string() });
    }

    /// A measured number.
    fn number(&mut self, name: &'static str, ours: &mut Option<Decimal>, theirs: &Option<Decimal>) {
        match (&*ours, theirs) {
            (None, Some(_)) => ours.clone_from(theirs),
            (Some(kept), Some(other)) if !kept.agrees(other) => self.add(name, kept, other),
            _ => {}
        }
    }

    /// A count or a text: equal or different.
    fn exact<T: Clone + PartialEq + ToString>(&mut self, name: &'static str, ours: &mut Option<T>, theirs: &Option<T>) {
        match (&*ours, theirs) {
            (None, Some(_)) => ours.clone_from(theirs),
            (Some(kept), Some(other)) if kept != other => self.add(name, kept, other),
            _ => {}
        }
    }
}

/// Takes `theirs` where there is nothing.
fn fill<T: Clone>(ours: &mut Option<T>, theirs: &Option<T>) {
    if ours.is_none() {
        ours.clone_from(theirs);
    }
}

/// Accession without its version.
fn unversioned(accession: &Option<String>) -> Option<&str> {
    accession.as_deref().map(|accession| accession.split('.').next().unwrap_or(accession))
}

/// Change of an HGVS description, without its reference sequence.
fn change(description: &str) -> &str {
    description.rsplit(':').next().unwrap_or(description)
}

impl SmallVariant {
    /// Coding and protein description belong to their transcript and are taken together.
    fn complete_description(&mut self, other: &Self, differences: &mut Differences) {
        match (&self.coding_hgvs, &other.coding_hgvs) {
            (None, _) => {
                self.coding_hgvs.clone_from(&other.coding_hgvs);
                self.transcript.clone_from(&other.transcript);
                self.transcript_source.clone_from(&other.transcript_source);
            }
            (Some(kept), Some(told)) => {
                let same_transcript = unversioned(&self.transcript) == unversioned(&other.transcript);
                if same_transcript && change(kept) != change(told) {
                    differences.add("coding", kept, told);
                }
            }
            _ => {}
        }
        match (&self.protein_hgvs, &other.protein_hgvs) {
            (None, _) => {
                self.protein_hgvs.clone_from(&other.protein_hgvs);
                self.protein.clone_from(&other.protein);
                self.protein_source.clone_from(&other.protein_source);
            }
            (Some(kept), Some(told)) => {
                let same_protein = unversioned(&self.protein) == unversioned(&other.protein);
                if same_protein && change(kept) != change(told) {
                    differences.add("protein", kept, told);
                }
            }
            _ => {}
        }
        if self.consequences.is_empty() {
            self.consequences.clone_from(&other.consequences);
            self.has_consequence = other.has_consequence;
        }
        fill(&mut self.exon, &other.exon);
        fill(&mut self.putative_clonal_haematopoiesis, &other.putative_clonal_haematopoiesis);
    }

    /// Two files that disagree about the origin leave it open: an empty text is no origin, and stops a third from deciding.
    fn complete_origin(&mut self, other: &Self, differences: &mut Differences) {
        match (&self.origin, &other.origin) {
            (None, _) => {
                self.origin.clone_from(&other.origin);
                self.origin_method.clone_from(&other.origin_method);
            }
            (Some(kept), Some(told)) if kept != told => {
                if !kept.is_empty() && !told.is_empty() {
                    differences.add("origin", kept, told);
                }
                self.origin = Some(String::new());
                self.origin_method = None;
            }
            _ => {}
        }
    }
}

macro_rules! finding {
    ($type:ty, $it:ident => $values:expr, $ours:ident, $theirs:ident, $differences:ident => $complete:block) => {
        impl Finding for $type {
            fn identity(&self) -> &Identity {
                &self.identity
            }
            fn rows(&self) -> &Vec<RowId> {
                &self.rows
            }
            fn rows_mut(&mut self) -> &mut Vec<RowId> {
                &mut self.rows
            }
            fn notes(&mut self) -> &mut Vec<Note> {
                &mut self.notes
            }
            fn filled(&self) -> usize {
                let $it = self;
                $values.iter().filter(|(_, value)| !value.is_empty()).count()
            }
            fn values(&self) -> String {
                let $it = self;
                $values
                    .iter()
                    .filter(|(_, value)| !value.is_empty())
                    .map(|(name, value)| format!("{name} {value}"))
                    .collect::<Vec<_>>()
                    .join(", ")
            }
            fn complete(&mut self, other: &Self) -> Vec<Difference> {
                let ($ours, $theirs, mut $differences) = (self, other, Differences::default());
                $complete
                $differences.0
            }
        }
    };
}

/// The text of an optional value, empty where there is none.
fn text<T: ToString>(value: &Option<T>) -> String {
    value.as_ref().map(T::to_string).unwrap_or_default()
}

finding!(SmallVariant, it => [
    ("at", format!("{}:{} {}>{}", it.chromosome, it.position, it.ref_allele, it.alt_allele)),
    ("gene", it.genes.iter().map(|gene| gene.symbol.as_str()).collect::<Vec<_>>().join(";")),
    ("frequency", text(&it.allele_frequency)),
    ("depth", text(&it.total_depth)),
    ("coding", text(&it.coding_hgvs)),
    ("protein", text(&it.protein_hgvs)),
    ("consequence", it.consequences.iter().map(|c| c.term.as_str()).collect::<Vec<_>>().join(";")),
    ("exon", text(&it.exon)),
], ours, theirs, differences => {
    differences.number("frequency", &mut ours.allele_frequency, &theirs.allele_frequency);
    differences.exact("depth", &mut ours.total_depth, &theirs.total_depth);
    // The reads of the allele belong to the depth and frequency that they were counted with.
    match (differences.0.last_mut(), theirs.allele_depth) {
        (Some(told), Some(reads)) if ours.allele_depth.is_none() => {
            told.other.push_str(&format!(", reads of the allele {reads}"));
        }
        _ => differences.exact("reads of the allele", &mut ours.allele_depth, &theirs.allele_depth),
    }
    if ours.genes.is_empty() {
        ours.genes.clone_from(&theirs.genes);
    } else if let (Some(kept), Some(told)) = (ours.genes.first(), theirs.genes.first())
        && super::super::copy_numbers::gene_key(kept) != super::super::copy_numbers::gene_key(told)
    {
        differences.add("gene", &kept.symbol, &told.symbol);
    }
    ours.complete_description(theirs, &mut differences);
    ours.complete_origin(theirs, &mut differences);
    for (scale, kept, told) in ours.take_statements(theirs) {
        differences.add("tier or class", &format!("{scale} {kept}"), &format!("{scale} {told}"));
    }
});
finding!(CopyNumber, it => [
    ("fold change", text(&it.fold_change)),
    ("copy number", text(&it.absolute_copy_number)),
    ("type", text(&it.reported_type)),
], ours, theirs, differences => {
    differences.number("fold change", &mut ours.fold_change, &theirs.fold_change);
    differences.number("copy number", &mut ours.absolute_copy_number, &theirs.absolute_copy_number);
    fill(&mut ours.reported_type, &theirs.reported_type);
});
finding!(LossOfHeterozygosity, it => [
    ("copy number", text(&it.absolute_copy_number)),
    ("minor copy number", text(&it.minor_copy_number)),
], ours, theirs, differences => {
    differences.number("copy number", &mut ours.absolute_copy_number, &theirs.absolute_copy_number);
    differences.number("minor copy number", &mut ours.minor_copy_number, &theirs.minor_copy_number);
});
finding!(ExonCopyNumber, it => [
    ("exons", text(&it.exons)),
    ("fold change", text(&it.fold_change)),
    ("type", text(&it.reported_type)),
], ours, theirs, differences => {
    differences.exact("exons", &mut ours.exons, &theirs.exons);
    differences.number("fold change", &mut ours.fold_change, &theirs.fold_change);
    fill(&mut ours.reported_type, &theirs.reported_type);
});
finding!(Fusion, it => [
    ("supporting reads", text(&it.supporting_reads)),
    ("reference reads 1", text(&it.gene_1_reference_reads)),
    ("reference reads 2", text(&it.gene_2_reference_reads)),
    ("frequency", text(&it.allele_frequency)),
], ours, theirs, differences => {
    differences.exact("supporting reads", &mut ours.supporting_reads, &theirs.supporting_reads);
    differences.exact("reference reads 1", &mut ours.gene_1_reference_reads, &theirs.gene_1_reference_reads);
    differences.exact("reference reads 2", &mut ours.gene_2_reference_reads, &theirs.gene_2_reference_reads);
    differences.number("frequency", &mut ours.allele_frequency, &theirs.allele_frequency);
});
finding!(SpliceVariant, it => [
    ("exons", text(&it.exons)),
    ("supporting reads", text(&it.supporting_reads)),
    ("reference reads", text(&it.reference_reads)),
], ours, theirs, differences => {
    differences.exact("exons", &mut ours.exons, &theirs.exons);
    differences.exact("supporting reads", &mut ours.supporting_reads, &theirs.supporting_reads);
    differences.exact("reference reads", &mut ours.reference_reads, &theirs.reference_reads);
});
finding!(TumorMutationalBurden, it => [
    ("value", text(&it.value)),
    ("region size", text(&it.region_size)),
    ("eligible variants", text(&it.eligible_variants)),
], ours, theirs, differences => {
    differences.number("value", &mut ours.value, &theirs.value);
    differences.number("region size", &mut ours.region_size, &theirs.region_size);
    differences.exact("eligible variants", &mut ours.eligible_variants, &theirs.eligible_variants);
    fill(&mut ours.category, &theirs.category);
});
finding!(MicrosatelliteInstability, it => [
    ("usable sites", text(&it.usable_sites)),
    ("unstable sites", text(&it.unstable_sites)),
    ("percent unstable", text(&it.percent_unstable)),
    ("sum of distances", text(&it.sum_jsd)),
], ours, theirs, differences => {
    differences.exact("usable sites", &mut ours.usable_sites, &theirs.usable_sites);
    differences.exact("unstable sites", &mut ours.unstable_sites, &theirs.unstable_sites);
    differences.number("percent unstable", &mut ours.percent_unstable, &theirs.percent_unstable);
    differences.number("sum of distances", &mut ours.sum_jsd, &theirs.sum_jsd);
    fill(&mut ours.category, &theirs.category);
});
finding!(GenomicInstability, it => [
    ("score", text(&it.score)),
    ("tumour fraction", text(&it.tumor_fraction)),
    ("ploidy", text(&it.ploidy)),
], ours, theirs, differences => {
    differences.number("score", &mut ours.score, &theirs.score);
    differences.number("tumour fraction", &mut ours.tumor_fraction, &theirs.tumor_fraction);
    differences.number("ploidy", &mut ours.ploidy, &theirs.ploidy);
});

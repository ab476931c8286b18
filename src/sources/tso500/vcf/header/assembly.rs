//! Which genome build the positions of a file belong to.

use super::meta::attribute;
use crate::redact::quote;
use crate::sources::tso500::cells::chromosome::parse_chromosome;
use crate::sources::tso500::vcf::grch37::{HG19_MITOCHONDRION, length};

/// What the header says about the genome build.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::sources::tso500::vcf) struct Assembly {
    /// Something says GRCh37 or hg19, whose chromosomes 1 to 22, X and Y are the same.
    is_37: bool,
    /// What says another build.
    other: Option<String>,
    /// The mitochondrial sequence is not that of GRCh37.
    is_mitochondrion_other: bool,
}

/// Names of GRCh37 as they stand in paths and attributes, lower case.
const GRCH37: [&str; 5] = ["grch37", "hg19", "hs37", "human_g1k_v37", "b37"];
/// Names of other builds.
const OTHERS: [&str; 9] = ["grch38", "hg38", "hs38", "grch36", "ncbi36", "hg18", "hg17", "chm13", "t2t"];

impl Assembly {
    /// Looks at a `##reference=` or `##assembly=` line.
    pub(super) fn read_name(&mut self, name: &str) {
        let lower = name.to_ascii_lowercase();
        if let Some(other) = OTHERS.iter().find(|other| lower.contains(*other)) {
            self.other.get_or_insert_with(|| format!("the header names {other}"));
        } else if GRCH37.iter().any(|known| lower.contains(known)) {
            self.is_37 = true;
        }
    }

    /// Looks at a `##contig=<...>` line. A chromosome of another length is one of another build.
    pub(super) fn read_contig(&mut self, value: &str) {
        if let Some(assembly) = attribute(value, "assembly") {
            self.read_name(assembly);
        }
        let Some(chromosome) = attribute(value, "ID").and_then(|id| parse_chromosome(id).ok()) else { return };
        let Some(bases) = attribute(value, "length").and_then(|length| length.parse::<u64>().ok()) else { return };
        match length(chromosome) {
            Some(expected) if expected == bases => self.is_37 = true,
            _ if chromosome == "M" && bases == HG19_MITOCHONDRION => self.is_mitochondrion_other = true,
            _ => {
                let says = || format!("chromosome {chromosome} has {} bases", quote(&bases.to_string()));
                self.other.get_or_insert_with(says);
            }
        }
    }

    /// What says that the file is of another build.
    pub(in crate::sources::tso500::vcf) fn other(&self) -> Option<&str> {
        self.other.as_deref()
    }

    /// Whether something says GRCh37.
    pub(in crate::sources::tso500::vcf) fn is_37(&self) -> bool {
        self.is_37
    }

    /// Whether a chromosome of the file is the one of GRCh37: the genome hg19 of UCSC has another mitochondrial sequence.
    pub(in crate::sources::tso500::vcf) fn has(&self, chromosome: &str) -> bool {
        chromosome != "M" || !self.is_mitochondrion_other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_lengths_tell_the_build() {
        for (names, contigs, is_37, is_other) in [
            (vec!["/opt/illumina/resources/genomes/hg19_hardPAR"], vec![], true, false),
            (vec!["file:resource_bundle/hg19_decoy/"], vec![], true, false),
            (vec!["file://hashtable/reference.bin"], vec!["<ID=chr1,length=249250621>"], true, false),
            (vec!["file://hashtable"], vec![], false, false),
            (vec!["file:///ref/hg38.fa"], vec![], false, true),
            (vec!["GRCh38_full_analysis_set.fna"], vec!["<ID=chr1,length=249250621>"], true, true),
            // The length of chromosome 1 in GRCh38 (GenBank GCA_000001405.15) and in NCBI36 (GCF_000001405.12).
            (vec![], vec!["<ID=chr1,length=248956422>"], false, true),
            (vec![], vec!["<ID=1,length=247249719>"], false, true),
            (vec![], vec!["<ID=chr1,assembly=hg38>"], false, true),
            (vec![], vec!["<ID=20,length=63025520,assembly=B37>"], true, false),
            (vec![], vec!["<ID=GL000207.1,length=4262>", "<ID=hs37d5,length=35477943>"], false, false),
            (vec![], vec!["<ID=chr7>", "<length=1>", "<ID=chr7,length=long>"], false, false),
            (vec![], vec!["<ID=chrM,length=16569>"], true, false),
        ] {
            let mut assembly = Assembly::default();
            names.iter().for_each(|name| assembly.read_name(name));
            contigs.iter().for_each(|contig| assembly.read_contig(contig));
            assert_eq!((assembly.is_37(), assembly.other().is_some()), (is_37, is_other), "{names:?} {contigs:?}");
        }
    }

    #[test]
    fn the_mitochondrial_sequence_of_hg19_is_another_one() {
        let mut assembly = Assembly::default();
        assembly.read_contig("<ID=chrM,length=16571>");
        assert_eq!((assembly.other(), assembly.has("M"), assembly.has("7")), (None, false, true));
        let mut assembly = Assembly::default();
        assembly.read_contig("<ID=chrM,length=16569>");
        assert!(assembly.has("M"));
    }
}

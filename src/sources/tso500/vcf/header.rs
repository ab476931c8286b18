//! The header: meta lines and the line of column names.

mod assembly;
mod meta;
mod program;
pub(super) mod samples;

use std::collections::HashSet;

use super::wire::Number;
use crate::sources::tso500::cells::chromosome::parse_chromosome;
use crate::sources::tso500::wire::Dialect;

use assembly::Assembly;
pub use program::Program;

/// What the meta lines say.
#[derive(Debug, Default)]
pub(super) struct Header {
    /// Value of `##fileformat`, of the first one.
    pub(super) version: Option<String>,
    /// The program that called the variants: the first one that is known, otherwise the first one.
    pub(super) program: Option<Program>,
    /// The pipeline, where the header says so.
    pub(super) dialect: Option<Dialect>,
    /// Value of `##reference`, of the first one.
    pub(super) reference: Option<String>,
    pub(super) assembly: Assembly,
    /// Sequences that are no chromosomes.
    contigs: HashSet<String>,
    /// Declared number of values of the first declaration of FORMAT AD.
    allele_depths: Option<Number>,
}

/// Programs of the LocalApp that have a line of their own.
const LOCAL_APP: [&str; 2] = ["VariantPhaser", "filteringProgram"];
/// Longest text that is kept of a header line.
const MAX_KEPT: usize = 200;

impl Header {
    /// Reads a meta line. A line that is not understood says nothing.
    pub(super) fn read(&mut self, line: &str) {
        let Some((key, value)) = meta::split(line) else { return };
        match key {
            "fileformat" if self.version.is_none() => self.version = Some(kept(value)),
            "reference" => {
                self.assembly.read_name(value);
                self.reference.get_or_insert_with(|| kept(value));
            }
            "assembly" => self.assembly.read_name(value),
            "contig" => self.read_contig(value),
            "FORMAT" if meta::attribute(value, "ID") == Some("AD") => {
                let number = meta::attribute(value, "Number").map(Number::parse);
                self.allele_depths = self.allele_depths.or(number);
            }
            _ if LOCAL_APP.contains(&key) => self.dialect = self.dialect.or(Some(Dialect::LocalApp)),
            _ => {}
        }
        if let Some(program) = program::read(key, value) {
            self.dialect = self.dialect.or(program.dialect());
            let is_better = self.program.as_ref().is_none_or(|known| !known.is_known() && program.is_known());
            if is_better {
                self.program = Some(program);
            }
        }
    }

    fn read_contig(&mut self, value: &str) {
        self.assembly.read_contig(value);
        if let Some(id) = meta::attribute(value, "ID").filter(|id| id.len() <= MAX_KEPT)
            && parse_chromosome(id).is_err()
        {
            self.contigs.insert(id.to_owned());
        }
    }

    /// Whether the header names a sequence that is no chromosome.
    pub(super) fn has_contig(&self, name: &str) -> bool {
        self.contigs.contains(name)
    }

    /// How many values FORMAT AD has.
    pub(super) fn allele_depths(&self) -> Number {
        self.allele_depths.unwrap_or(Number::Unknown)
    }
}

/// A text of the header as it is kept: cut where it is long.
pub(super) fn kept(value: &str) -> String {
    value.trim().chars().take(MAX_KEPT).collect()
}

/// What a version of VCF means to the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    /// 4.0 to 4.4.
    Known,
    /// Missing, or a later 4.
    Unknown,
    /// Another format.
    Unsupported,
}

/// Reads `VCFv4.2`.
pub(super) fn version(text: Option<&str>) -> Version {
    match text.map(|text| text.strip_prefix("VCFv").unwrap_or("")) {
        None => Version::Unknown,
        Some("4.0" | "4.1" | "4.2" | "4.3" | "4.4") => Version::Known,
        Some(text) => match text.strip_prefix("4.") {
            Some(minor) if !minor.is_empty() && minor.bytes().all(|byte| byte.is_ascii_digit()) => Version::Unknown,
            _ => Version::Unsupported,
        },
    }
}

/// The columns that a data line has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Columns {
    /// How many.
    pub(super) count: usize,
    /// Which one is the sample's, from 0.
    pub(super) sample: usize,
}

/// The columns before those of the samples.
const FIXED: [&str; 9] = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT"];

/// The names of the sample columns; `None` where the line is not that of a VCF.
pub(super) fn sample_names(line: &str) -> Option<impl Iterator<Item = &str> + Clone> {
    let mut names = line.split('\t');
    let fixed_without_format = FIXED.len() - 1;
    for name in FIXED.iter().take(fixed_without_format) {
        if names.next() != Some(*name) {
            return None;
        }
    }
    match names.next() {
        None | Some("FORMAT") => Some(names),
        Some(_) => None,
    }
}

impl Columns {
    /// The columns where the sample is the `sample`th of `samples`.
    pub(super) fn new(samples: usize, sample: usize) -> Self {
        Self { count: FIXED.len() + samples, sample: FIXED.len() + sample }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(lines: &[&str]) -> Header {
        let mut header = Header::default();
        lines.iter().for_each(|line| header.read(line));
        header
    }

    #[test]
    fn versions_of_vcf() {
        for (text, expected) in [
            (Some("VCFv4.0"), Version::Known),
            (Some("VCFv4.4"), Version::Known),
            (Some("VCFv4.5"), Version::Unknown),
            (None, Version::Unknown),
            (Some("VCFv3.3"), Version::Unsupported),
            (Some("VCFv4."), Version::Unsupported),
            (Some("VCFv4.x"), Version::Unsupported),
            (Some("GFF3"), Version::Unsupported),
            (Some(""), Version::Unsupported),
        ] {
            assert_eq!(version(text), expected, "{text:?}");
        }
    }

    #[test]
    fn the_caller_that_is_known_wins() {
        let local_app = header(&["##source=Other 1", "##source=Craft 1.0.0.52", "##source=Pisces 5"]);
        assert_eq!(local_app.program.map(|program| program.name).as_deref(), Some("Craft"));
        assert_eq!(local_app.dialect, Some(Dialect::LocalApp));
        let other = header(&["##source=Other 1", "##source=More 2"]);
        assert_eq!((other.program.map(|program| program.name).as_deref(), other.dialect), (Some("Other"), None));
        assert_eq!(header(&["##filteringProgram=Pepe 2.0.0.23"]).dialect, Some(Dialect::LocalApp));
    }

    #[test]
    fn the_first_declaration_counts() {
        let twice = header(&[
            "##fileformat=VCFv4.1",
            "##FORMAT=<ID=AD,Number=.,Type=Integer,Description=\"Allele Depth\">",
            "##FORMAT=<ID=AD,Number=R,Type=Integer,Description=\"Allele Depth\">",
            "##fileformat=VCFv4.2",
            "##reference=/genomes/hg19_hardPAR",
            "##reference=other",
        ]);
        assert_eq!(twice.version.as_deref(), Some("VCFv4.1"));
        assert_eq!(twice.allele_depths(), Number::Unknown);
        assert_eq!(twice.reference.as_deref(), Some("/genomes/hg19_hardPAR"));
        assert_eq!(header(&["##FORMAT=<ID=AD,Number=R>"]).allele_depths(), Number::EachAllele);
        let contigs = header(&["##contig=<ID=chr7,length=159138663>", "##contig=<ID=hs37d5,length=35477943>"]);
        assert!(contigs.has_contig("hs37d5") && !contigs.has_contig("chr7") && !contigs.has_contig("GL1"));
    }

    #[test]
    fn the_column_names_are_those_of_a_vcf() {
        let names = |line: &str| sample_names(line).map(|names| names.map(str::to_owned).collect::<Vec<_>>());
        let fixed = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO";
        assert_eq!(names(fixed), Some(vec![]));
        assert_eq!(names(&format!("{fixed}\tFORMAT")), Some(vec![]));
        assert_eq!(names(&format!("{fixed}\tFORMAT\tS1\tS2")), Some(vec!["S1".to_owned(), "S2".to_owned()]));
        for line in [
            "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER".to_owned(),
            "#CHROM POS ID REF ALT QUAL FILTER INFO".to_owned(),
            "#POS\tCHROM\tID\tREF\tALT\tQUAL\tFILTER\tINFO".to_owned(),
            format!("{fixed}\tS1"),
            "#chrom\tpos".to_owned(),
        ] {
            assert_eq!(names(&line), None, "{line}");
        }
        assert_eq!(Columns::new(2, 1), Columns { count: 11, sample: 10 });
    }
}
